//! Messages of y-protocols, as y-websocket sends them.

use bytes::{Bytes, BytesMut};

use super::varint::{put_bytes, put_number, take_bytes, take_number};

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const AUTH: u64 = 2;
const QUERY_AWARENESS: u64 = 3;

const STEP_1: u64 = 0;
const STEP_2: u64 = 1;
const UPDATE: u64 = 2;
const PERMISSION_DENIED: u64 = 0;

/// The update that says nothing: no structs, no deletes.
const NOTHING: [u8; 2] = [0, 0];

/// What a provider says.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'a> {
    /// "This is what I know": everything else is to be sent.
    Asks,
    /// An update; `answers`: it is all that the hub was said to lack.
    Writes { update: &'a [u8], answers: bool },
    /// Who is where, in the form of awareness.
    Shows(&'a [u8]),
    /// "Who is where?"
    AsksWho,
    /// A kind that is not known here.
    Other,
}

/// Reads a message; `None`: it is none.
pub(super) fn read(mut bytes: &[u8]) -> Option<Said<'_>> {
    let bytes = &mut bytes;
    Some(match take_number(bytes)? {
        SYNC => match take_number(bytes)? {
            STEP_1 => Said::Asks,
            STEP_2 => Said::Writes { update: take_bytes(bytes)?, answers: true },
            UPDATE => Said::Writes { update: take_bytes(bytes)?, answers: false },
            _ => return None,
        },
        AWARENESS => Said::Shows(take_bytes(bytes)?),
        QUERY_AWARENESS => Said::AsksWho,
        _ => Said::Other,
    })
}

/// "This is what I know": the state vector, each client with its units.
pub(super) fn asks(clocks: &[(u64, u32)]) -> Bytes {
    let mut vector = BytesMut::new();
    put_number(&mut vector, clocks.len() as u64);
    for (client, units) in clocks {
        put_number(&mut vector, *client);
        put_number(&mut vector, u64::from(*units));
    }
    sync(STEP_1, &vector)
}

/// An update.
pub(super) fn update(update: &[u8]) -> Bytes {
    sync(UPDATE, update)
}

/// "You have everything now."
pub(super) fn synced() -> Bytes {
    sync(STEP_2, &NOTHING)
}

/// Who is where.
pub(super) fn shows(awareness: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    put_number(&mut out, AWARENESS);
    put_bytes(&mut out, awareness);
    out.freeze()
}

/// What was written was not taken.
pub(super) fn denied(reason: &str) -> Bytes {
    let mut out = BytesMut::new();
    put_number(&mut out, AUTH);
    put_number(&mut out, PERMISSION_DENIED);
    put_bytes(&mut out, reason.as_bytes());
    out.freeze()
}

fn sync(kind: u64, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 12);
    put_number(&mut out, SYNC);
    put_number(&mut out, kind);
    put_bytes(&mut out, payload);
    out.freeze()
}

/// Who writes in an update (v1), by its beginning alone: the guard looks at all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
    /// It changes nothing.
    Nobody,
    /// It only deletes.
    Anybody,
    /// This client.
    Client(u64),
    /// Several clients.
    Several,
}

/// Who writes in an update; `None`: it is none.
pub(super) fn hand(mut update: &[u8]) -> Option<Hand> {
    let bytes = &mut update;
    Some(match take_number(bytes)? {
        0 if take_number(bytes)? == 0 => Hand::Nobody,
        0 => Hand::Anybody,
        1 => {
            take_number(bytes)?;
            Hand::Client(take_number(bytes)?)
        }
        _ => Hand::Several,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_and_what_is_cut_is_none() {
        assert_eq!(read(&[0, 0, 1, 0]), Some(Said::Asks));
        assert_eq!(read(&update(b"abc")), Some(Said::Writes { update: b"abc", answers: false }));
        assert_eq!(read(&synced()), Some(Said::Writes { update: &NOTHING, answers: true }));
        assert_eq!(read(&shows(b"x")), Some(Said::Shows(b"x")));
        assert_eq!(read(&[3]), Some(Said::AsksWho));
        assert_eq!(read(&[9, 1]), Some(Said::Other));
        for message in [update(b"abc"), shows(b"abc")] {
            for end in 0..message.len() {
                assert_eq!(read(&message[..end]), None, "{end}");
            }
        }
        assert_eq!(read(&[0, 7, 0]), None);
    }

    #[test]
    fn an_update_tells_who_writes() {
        assert_eq!(hand(&NOTHING), Some(Hand::Nobody));
        assert_eq!(hand(&[0, 1, 7, 1, 0, 1]), Some(Hand::Anybody));
        assert_eq!(hand(&[1, 1, 7, 0, 4, 1, 7, b'd', b'e', b'f', b'a', 1, b'H', 0]), Some(Hand::Client(7)));
        assert_eq!(hand(&[2, 1, 7, 0]), Some(Hand::Several));
        assert_eq!((hand(&[]), hand(&[1, 1]), hand(&[0])), (None, None, None));
    }

    #[test]
    fn a_state_vector_is_written_as_yjs_reads_it() {
        assert_eq!(asks(&[(7, 300)])[..], [0, 0, 4, 1, 7, 0xac, 2]);
    }
}
