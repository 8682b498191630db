//! Awareness: who is where, each under a client id with a clock of its own.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use quire_protocol::view::{RosterEntry, RosterMove};
use quire_protocol::{ChapterId, SessionId};
use serde_json::{Value, json};

use super::place;
use super::varint::{put_bytes, put_number, take_bytes, take_number};

/// States that are read in one message: a provider tells of itself.
const STATES_MAX: u64 = 16;
/// What somebody who is gone shows.
const GONE: &str = "null";

/// What a provider shows of one client.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) client: u64,
    /// Where the selection is, as a presence cursor; `None`: nowhere.
    pub(super) cursor: Option<String>,
}

/// Reads what a provider shows; `None`: it is no awareness.
pub(super) fn read(mut bytes: &[u8]) -> Option<Vec<Shown>> {
    let bytes = &mut bytes;
    let count = take_number(bytes).filter(|count| *count <= STATES_MAX)?;
    let mut shown = Vec::new();
    for _ in 0..count {
        let (client, _clock) = (take_number(bytes)?, take_number(bytes)?);
        let state: Value = serde_json::from_slice(take_bytes(bytes)?).ok()?;
        shown.push(Shown { client, cursor: state.get("cursor").and_then(place::to_cursor) });
    }
    Some(shown)
}

/// Somebody in the chapter.
struct Other {
    name: String,
    colour: String,
    is_here: bool,
    cursor: Option<String>,
}

/// Everybody else in the book, as far as a provider is told.
pub(super) struct Others {
    chapter: ChapterId,
    /// The last clock that was told: whoever comes again is told with a later one.
    clock: u64,
    sessions: BTreeMap<SessionId, Other>,
}

impl Others {
    pub(super) fn new(chapter: ChapterId) -> Self {
        Self { chapter, clock: 0, sessions: BTreeMap::new() }
    }

    /// Somebody came, or is told of again.
    pub(super) fn joined(&mut self, entry: RosterEntry) -> SessionId {
        let is_here = entry.chapter.as_ref() == Some(&self.chapter);
        let RosterEntry { session, name, colour, cursor, .. } = entry;
        self.sessions.insert(session.clone(), Other { name, colour, is_here, cursor });
        session
    }

    /// Somebody moved. Of those who are not known nothing is told.
    pub(super) fn moved(&mut self, moved: RosterMove) -> Option<SessionId> {
        let RosterMove { session, chapter, cursor, .. } = moved;
        let other = self.sessions.get_mut(&session)?;
        if let Some(chapter) = chapter {
            other.is_here = chapter.as_ref() == Some(&self.chapter);
        }
        if let Some(cursor) = cursor {
            other.cursor = cursor;
        }
        Some(session)
    }

    /// Somebody went: what a provider is told of it.
    pub(super) fn left(&mut self, sessions: &[SessionId]) -> Option<Bytes> {
        self.clock += 1;
        let known = sessions.iter().filter(|session| self.sessions.remove(*session).is_some());
        let gone: Vec<_> = known.map(|session| (client_of(session), self.clock, GONE.to_owned())).collect();
        encode(&gone)
    }

    /// What a provider is told of these.
    pub(super) fn tell(&mut self, sessions: &[SessionId]) -> Option<Bytes> {
        self.clock += 1;
        let known = sessions.iter().filter_map(|session| Some((session, self.sessions.get(session)?)));
        let states: Vec<_> = known.map(|(session, other)| (client_of(session), self.clock, other.state())).collect();
        encode(&states)
    }

    /// A provider was told of somebody under this client id.
    pub(super) fn are_shown_as(&self, client: u64) -> bool {
        self.sessions.keys().any(|session| u64::from(client_of(session)) == client)
    }

    /// What a provider is told of everybody who is here. Never nothing: a provider that hears nothing connects anew.
    pub(super) fn tell_all(&mut self) -> Bytes {
        let here: Vec<SessionId> =
            self.sessions.iter().filter(|(_, other)| other.is_here).map(|(session, _)| session.clone()).collect();
        self.tell(&here).unwrap_or_else(|| Bytes::from_static(&[0]))
    }
}

impl Other {
    fn state(&self) -> String {
        if !self.is_here {
            return GONE.to_owned();
        }
        let cursor = self.cursor.as_deref().and_then(place::to_json);
        json!({"user": {"name": self.name, "color": self.colour}, "cursor": cursor}).to_string()
    }
}

fn encode(states: &[(u32, u64, String)]) -> Option<Bytes> {
    let mut out = BytesMut::new();
    put_number(&mut out, states.len() as u64);
    for (client, clock, state) in states {
        put_number(&mut out, u64::from(*client));
        put_number(&mut out, *clock);
        put_bytes(&mut out, state.as_bytes());
    }
    (!states.is_empty()).then(|| out.freeze())
}

/// A client id for somebody who has none here (FNV-1a). Two who share one by accident are shown as one.
fn client_of(session: &SessionId) -> u32 {
    session.as_str().bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use quire_protocol::UserId;
    use quire_protocol::view::PresenceState;

    use super::*;

    fn entry(session: &str, chapter: &str, cursor: Option<&str>) -> RosterEntry {
        RosterEntry {
            session: SessionId::new(session).unwrap(),
            user: UserId::new("ann").unwrap(),
            name: "Ann".into(),
            initials: "A".into(),
            colour: "#123456".into(),
            chapter: Some(ChapterId::new(chapter).unwrap()),
            state: PresenceState::Active,
            cursor: cursor.map(Into::into),
        }
    }

    /// The states in a message: client, clock, JSON.
    fn states(mut bytes: &[u8]) -> Vec<(u64, u64, Value)> {
        let bytes = &mut bytes;
        let count = take_number(bytes).unwrap();
        let state = |_| {
            let (client, clock) = (take_number(bytes).unwrap(), take_number(bytes).unwrap());
            (client, clock, serde_json::from_slice(take_bytes(bytes).unwrap()).unwrap())
        };
        (0..count).map(state).collect()
    }

    #[test]
    fn a_provider_is_told_of_those_in_its_chapter_with_clocks_that_rise() {
        let mut others = Others::new(ChapterId::new("c1").unwrap());
        let here = others.joined(entry("s1", "c1", Some("AQdkZWZhdWx0AA==")));
        others.joined(entry("s2", "c2", None));
        let first = states(&others.tell_all());
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].2["user"], json!({"name": "Ann", "color": "#123456"}));
        assert_eq!(first[0].2["cursor"]["head"]["tname"], "default");
        let again = states(&others.tell_all());
        assert_eq!((again[0].0, again[0].1), (first[0].0, first[0].1 + 1));
        let away = RosterMove { session: here.clone(), chapter: Some(None), state: None, cursor: None };
        let moved = others.moved(away).unwrap();
        assert_eq!(states(&others.tell(&[moved]).unwrap())[0].2, Value::Null);
        assert_eq!(states(&others.left(std::slice::from_ref(&here)).unwrap())[0].2, Value::Null);
        assert_eq!((others.left(&[here]), states(&others.tell_all())), (None, vec![]));
    }

    #[test]
    fn what_a_provider_shows_is_read_and_garbage_is_none() {
        let place = place::to_json("AQdkZWZhdWx0AA==").unwrap();
        let state = json!({"user": {"name": "Eve"}, "cursor": place}).to_string();
        let bytes = encode(&[(7, 3, state), (8, 1, GONE.to_owned())]).unwrap();
        let cursor = Some("AQdkZWZhdWx0AA==".to_owned());
        assert_eq!(read(&bytes).unwrap(), [Shown { client: 7, cursor }, Shown { client: 8, cursor: None }]);
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None);
        }
        assert_eq!(read(&[17]), None);
    }
}
