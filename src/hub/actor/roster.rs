//! Who is in the book: entries, and the difference since the last frame. Never in the log (I7).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quire_protocol::event::{Home, ReleaseReason};
use quire_protocol::frame::{Presence, PresenceSet};
use quire_protocol::person;
use quire_protocol::view::{PresenceState, RosterEntry, RosterMove};
use quire_protocol::{BookId, Limits, ReplicaId, SessionId, Timers, UserId};
use tokio::time::Instant;

use crate::book::Standing;
use crate::hub::replicas::signal::{Changes, Seated};
use crate::hub::seat::Seat;
use crate::outbox;

/// The presence tick grows by its own length for every this many sessions, so that movement in a full book does not
/// cost the square of its sessions.
const SESSIONS_PER_TICK: u32 = 200;

/// A session whose connection is gone while its grace runs.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    /// The connection that ended.
    pub(super) home: Home,
    /// When the session ends.
    pub(super) until: Instant,
    /// What its locks are released with.
    pub(super) reason: ReleaseReason,
}

/// Where a session's connection is.
pub(super) enum Place {
    /// On this replica.
    Here(Arc<Seat>),
    /// It was on this replica, and is still awaited.
    Gone(Gone),
    /// On another replica, as that one says.
    Elsewhere(Home),
}

impl Place {
    /// The connection, if it is on this replica.
    pub(super) fn seat(&self) -> Option<&Arc<Seat>> {
        match self {
            Self::Here(seat) => Some(seat),
            Self::Gone(_) | Self::Elsewhere(_) => None,
        }
    }

    /// Which connection of the session this is, or was last.
    pub(super) fn home(&self) -> &Home {
        match self {
            Self::Here(seat) => &seat.home,
            Self::Gone(gone) => &gone.home,
            Self::Elsewhere(home) => home,
        }
    }

    fn is_ours(&self) -> bool {
        !matches!(self, Self::Elsewhere(_))
    }
}

/// One session in the book.
pub(super) struct Sitter {
    /// Its connection, or how long it is still awaited.
    pub(super) at: Place,
    entry: RosterEntry,
    /// When the person last did something.
    pub(super) active: Instant,
}

impl Sitter {
    fn seated(&self) -> Seated {
        Seated { entry: self.entry.clone(), incarnation: self.at.home().incarnation }
    }

    /// The connection is gone, as far as is known.
    pub(super) fn is_away(&self) -> bool {
        match &self.at {
            Place::Here(_) => false,
            Place::Gone(_) => true,
            Place::Elsewhere(_) => self.entry.state == PresenceState::Away,
        }
    }
}

/// A connection that hears the book, with what decides what it hears.
pub(super) struct Listener {
    pub(super) seat: Arc<Seat>,
    pub(super) standing: Standing,
}

/// Everybody in the book.
#[derive(Default)]
pub(super) struct Roster {
    /// Who hears events; none: it has to be drawn up anew.
    audience: Option<Arc<[Listener]>>,
    sitters: BTreeMap<SessionId, Sitter>,
    joined: BTreeSet<SessionId>,
    moved: BTreeMap<SessionId, RosterMove>,
    /// With the connection that ended, if other replicas know it from us.
    left: BTreeMap<SessionId, Option<Home>>,
    due: Option<Instant>,
    /// The presence tick when it was last set.
    tick: Duration,
}

impl Roster {
    /// Adds a connection, or puts a session's new connection in the place of its old one. `latest`: the person cannot
    /// have been active after this, whatever their client says.
    pub(super) fn join(&mut self, seat: Arc<Seat>, latest: Option<Instant>, timers: &Timers) {
        let session = seat.session.clone();
        let before = self.sitters.remove(&session);
        let same_connection = |sitter: &Sitter| sitter.at.seat().is_some_and(|there| there.home == seat.home);
        let active = match &before {
            Some(sitter) if same_connection(sitter) => sitter.active,
            // A resume is no activity: what the client says and what is known, whichever is longer ago.
            _ => [before.as_ref().map(|sitter| sitter.active), latest]
                .into_iter()
                .flatten()
                .fold(seat.active_at(), Instant::min),
        };
        let state = state(active, timers);
        let (chapter, cursor) = before.map(|sitter| (sitter.entry.chapter, sitter.entry.cursor)).unwrap_or_default();
        let entry = RosterEntry {
            session: session.clone(),
            user: seat.user.clone(),
            name: seat.name.clone(),
            initials: person::initials(&seat.name),
            colour: person::colour(&seat.user).into(),
            chapter,
            state,
            cursor,
        };
        self.seat(Sitter { at: Place::Here(seat), entry, active }, timers);
    }

    fn seat(&mut self, sitter: Sitter, timers: &Timers) {
        self.audience = None;
        let session = sitter.entry.session.clone();
        self.sitters.insert(session.clone(), sitter);
        self.left.remove(&session);
        self.moved.remove(&session);
        self.joined.insert(session);
        self.touch(timers);
    }

    /// Takes a session out.
    pub(super) fn leave(&mut self, session: &SessionId, timers: &Timers) -> Option<Sitter> {
        let sitter = self.sitters.remove(session)?;
        self.audience = None;
        self.joined.remove(session);
        self.moved.remove(session);
        self.left.insert(session.clone(), sitter.at.is_ours().then(|| sitter.at.home().clone()));
        self.touch(timers);
        Some(sitter)
    }

    /// The session's connection is gone; its entry stays while the grace runs.
    pub(super) fn vanish(&mut self, session: &SessionId, gone: Gone, timers: &Timers) {
        if let Some(sitter) = self.sitters.get_mut(session) {
            sitter.at = Place::Gone(gone);
            self.audience = None;
            self.set_state(session, PresenceState::Away, timers);
        }
    }

    /// The person did something.
    pub(super) fn active(&mut self, session: &SessionId, timers: &Timers) {
        if let Some(sitter) = self.sitters.get_mut(session) {
            sitter.active = Instant::now();
            if sitter.at.seat().is_some() {
                self.set_state(session, PresenceState::Active, timers);
            }
        }
    }

    /// Where the person is; the latest of a tick wins.
    pub(super) fn place(&mut self, session: &SessionId, set: PresenceSet, timers: &Timers) {
        let Some(sitter) = self.sitters.get_mut(session).filter(|sitter| sitter.at.is_ours()) else { return };
        let chapter = set.chapter.filter(|chapter| *chapter != sitter.entry.chapter);
        let cursor = set.cursor.filter(|cursor| *cursor != sitter.entry.cursor);
        if let Some(chapter) = &chapter {
            sitter.entry.chapter.clone_from(chapter);
        }
        if let Some(cursor) = &cursor {
            sitter.entry.cursor.clone_from(cursor);
        }
        self.note(session, RosterMove { session: session.clone(), chapter, state: None, cursor }, timers);
    }

    /// Marks those as idle who have not done anything for long; says when to look again.
    pub(super) fn age(&mut self, timers: &Timers) -> Option<Instant> {
        let long = Duration::from_millis(timers.roster_idle_ms);
        let now = Instant::now();
        let awake = |sitter: &Sitter| sitter.at.seat().is_some() && sitter.entry.state == PresenceState::Active;
        let tired: Vec<SessionId> = self
            .sitters
            .iter()
            .filter(|(_, sitter)| awake(sitter) && now.duration_since(sitter.active) >= long)
            .map(|(session, _)| session.clone())
            .collect();
        for session in tired {
            self.set_state(&session, PresenceState::Idle, timers);
        }
        self.sitters.values().filter(|sitter| awake(sitter)).map(|sitter| sitter.active + long).min()
    }

    /// When the person will have done nothing for so long that they are idle.
    pub(super) fn idle_at(&self, session: &SessionId, timers: &Timers) -> Option<Instant> {
        let sitter = self.sitters.get(session).filter(|sitter| sitter.entry.state == PresenceState::Active)?;
        Some(sitter.active + Duration::from_millis(timers.roster_idle_ms))
    }

    /// Sessions whose grace is over, and when the next one's will be.
    pub(super) fn overdue(&self) -> (Vec<(SessionId, Gone)>, Option<Instant>) {
        let now = Instant::now();
        let gone = || {
            self.sitters.iter().filter_map(|(id, sitter)| match &sitter.at {
                Place::Gone(gone) => Some((id, gone)),
                Place::Here(_) | Place::Elsewhere(_) => None,
            })
        };
        let over = gone().filter(|(_, gone)| gone.until <= now).map(|(id, gone)| (id.clone(), gone.clone())).collect();
        (over, gone().map(|(_, gone)| gone.until).filter(|until| *until > now).min())
    }

    /// The session's sitter.
    pub(super) fn get(&self, session: &SessionId) -> Option<&Sitter> {
        self.sitters.get(session)
    }

    /// All live connections, in the order of their sessions.
    pub(super) fn seats(&self) -> impl Iterator<Item = &Arc<Seat>> {
        self.sitters.values().filter_map(|sitter| sitter.at.seat())
    }

    /// All live connections with what they are. Drawn up when somebody came or went, not for each event.
    pub(super) fn audience(&mut self, standing: impl Fn(&UserId) -> Standing) -> Arc<[Listener]> {
        if let Some(audience) = &self.audience {
            return Arc::clone(audience);
        }
        let listener = |seat: &Arc<Seat>| Listener { seat: Arc::clone(seat), standing: standing(&seat.user) };
        let audience: Arc<[Listener]> = self.seats().map(listener).collect();
        self.audience = Some(Arc::clone(&audience));
        audience
    }

    /// Somebody's role changed.
    pub(super) fn forget_roles(&mut self) {
        self.audience = None;
    }

    /// All sessions, live or away.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &SessionId> {
        self.sitters.keys()
    }

    /// Sessions of this user, live or away.
    pub(super) fn of_user(&self, user: &UserId) -> Vec<SessionId> {
        let theirs = self.sitters.iter().filter(|(_, sitter)| sitter.entry.user == *user);
        theirs.map(|(session, _)| session.clone()).collect()
    }

    /// How many sessions are here.
    pub(super) fn len(&self) -> usize {
        self.sitters.len()
    }

    /// How many sessions have a connection, on whichever replica.
    pub(super) fn live(&self) -> usize {
        self.sitters.values().filter(|sitter| !sitter.is_away()).count()
    }

    /// Nobody is here, nor awaited here.
    pub(super) fn has_none_of_ours(&self) -> bool {
        !self.sitters.values().any(|sitter| sitter.at.is_ours())
    }

    /// The first `max` entries.
    pub(super) fn entries(&self, max: usize) -> Vec<RosterEntry> {
        self.sitters.values().take(max).map(|sitter| sitter.entry.clone()).collect()
    }

    /// When the next presence frame is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Sends what changed, once a tick: one frame whatever the number of people who moved, and of bounded size; what
    /// does not fit comes with the next. Returns what other replicas must hear of it.
    pub(super) fn flush_if_due(&mut self, book: &BookId, limits: &Limits) -> Option<Changes> {
        if self.due.is_none_or(|due| due > Instant::now()) {
            return None;
        }
        let max = limits.roster_entries;
        let sessions: Vec<SessionId> = (0..max).map_while(|_| self.joined.pop_first()).collect();
        // In a full book clients know of the first page only, as in the answer to an open: telling everybody of everybody
        // would cost the square of their number.
        let first_beyond = self.sitters.keys().nth(max);
        let told = sessions.iter().filter(|session| first_beyond.is_none_or(|beyond| *session < beyond));
        let joined: Vec<RosterEntry> =
            told.filter_map(|session| self.sitters.get(session)).map(|sitter| sitter.entry.clone()).collect();
        let moved: Vec<RosterMove> = (0..max).map_while(|_| self.moved.pop_first()).map(|(_, change)| change).collect();
        let left = std::mem::take(&mut self.left);
        let more = !self.joined.is_empty() || !self.moved.is_empty();
        self.due = more.then(|| Instant::now() + self.tick);
        let ours = |session: &SessionId| self.sitters.get(session).filter(|sitter| sitter.at.is_ours());
        let changes = Changes {
            joined: sessions.iter().filter_map(ours).map(Sitter::seated).collect(),
            moved: moved.iter().filter(|change| ours(&change.session).is_some()).cloned().collect(),
            left: left.iter().filter_map(|(id, home)| Some((id.clone(), home.as_ref()?.incarnation))).collect(),
        };
        let count = u32::try_from(self.sitters.len()).unwrap_or(u32::MAX);
        let frame = Presence { book: book.clone(), joined, moved, left: left.into_keys().collect(), count };
        let mut encoded: BTreeMap<&'static str, Vec<Bytes>> = BTreeMap::new();
        for seat in self.seats() {
            let frames = encoded
                .entry(seat.encoding.subprotocol())
                .or_insert_with(|| outbox::encode(&frame, seat.encoding, limits));
            seat.outbox.push(frames);
        }
        (changes != Changes::default()).then_some(changes)
    }

    // === Sessions of other replicas ===

    /// Sessions of this replica, as the others know them.
    pub(super) fn ours(&self) -> Vec<Seated> {
        self.sitters.values().filter(|sitter| sitter.at.is_ours()).map(Sitter::seated).collect()
    }

    /// Another replica says that a session is there. The higher incarnation wins; returns our connection of that
    /// session, if it lost.
    pub(super) fn join_elsewhere(&mut self, replica: &ReplicaId, seated: Seated, timers: &Timers) -> Option<Arc<Seat>> {
        let Seated { entry, incarnation } = seated;
        let before = self.sitters.get(&entry.session);
        let is_newer = before.is_none_or(|sitter| match &sitter.at {
            Place::Elsewhere(home) => incarnation >= home.incarnation,
            ours => incarnation > ours.home().incarnation,
        });
        let at = Place::Elsewhere(Home { replica: replica.clone(), incarnation });
        if !is_newer || before.is_some_and(|sitter| sitter.entry == entry && sitter.at.home() == at.home()) {
            return None;
        }
        let loser = before.and_then(|sitter| sitter.at.seat()).cloned();
        self.seat(Sitter { at, entry, active: Instant::now() }, timers);
        loser
    }

    /// Another replica says what changed about one of its sessions.
    pub(super) fn move_elsewhere(&mut self, replica: &ReplicaId, change: RosterMove, timers: &Timers) {
        let session = change.session.clone();
        let Some(sitter) = self.sitters.get_mut(&session) else { return };
        if !matches!(&sitter.at, Place::Elsewhere(home) if home.replica == *replica) {
            return;
        }
        let entry = &mut sitter.entry;
        if let Some(chapter) = &change.chapter {
            entry.chapter.clone_from(chapter);
        }
        if let Some(cursor) = &change.cursor {
            entry.cursor.clone_from(cursor);
        }
        entry.state = change.state.unwrap_or(entry.state);
        self.note(&session, change, timers);
    }

    /// Another replica says that a connection of its own ended. Only that connection leaves.
    pub(super) fn leave_elsewhere(&mut self, session: &SessionId, home: &Home, timers: &Timers) {
        let is_that = |sitter: &Sitter| matches!(&sitter.at, Place::Elsewhere(there) if there == home);
        if self.sitters.get(session).is_some_and(is_that) {
            self.leave(session, timers);
        }
    }

    /// Sessions that are on this replica, as far as is known here.
    pub(super) fn on(&self, replica: &ReplicaId) -> Vec<(SessionId, Home)> {
        let there = |(session, sitter): (&SessionId, &Sitter)| match &sitter.at {
            Place::Elsewhere(home) if home.replica == *replica => Some((session.clone(), home.clone())),
            _ => None,
        };
        self.sitters.iter().filter_map(there).collect()
    }

    fn set_state(&mut self, session: &SessionId, state: PresenceState, timers: &Timers) {
        let Some(sitter) = self.sitters.get_mut(session) else { return };
        if sitter.entry.state != state {
            sitter.entry.state = state;
            let change = RosterMove { session: session.clone(), chapter: None, state: Some(state), cursor: None };
            self.note(session, change, timers);
        }
    }

    fn note(&mut self, session: &SessionId, change: RosterMove, timers: &Timers) {
        let changes = change.chapter.is_some() || change.state.is_some() || change.cursor.is_some();
        // A new entry goes out whole.
        if !changes || self.joined.contains(session) {
            return;
        }
        let noted = self.moved.entry(session.clone()).or_insert_with(|| RosterMove {
            session: session.clone(),
            chapter: None,
            state: None,
            cursor: None,
        });
        noted.chapter = change.chapter.or(noted.chapter.take());
        noted.state = change.state.or(noted.state);
        noted.cursor = change.cursor.or(noted.cursor.take());
        self.touch(timers);
    }

    fn touch(&mut self, timers: &Timers) {
        let ticks = 1 + u32::try_from(self.sitters.len()).unwrap_or(u32::MAX) / SESSIONS_PER_TICK;
        self.tick = Duration::from_millis(timers.presence_tick_ms) * ticks;
        self.due.get_or_insert_with(|| Instant::now() + self.tick);
    }
}

fn state(active: Instant, timers: &Timers) -> PresenceState {
    if active.elapsed() >= Duration::from_millis(timers.roster_idle_ms) {
        PresenceState::Idle
    } else {
        PresenceState::Active
    }
}
