//! How a connection ended, and what that means for what it held.

use quire_protocol::CloseCode;

use super::LINGER;
use super::reader::{Incoming, Reader};
use crate::outbox::End;

/// What is read of a broken connection in search of its goodbye, messages.
const LAST_WORDS_MAX: usize = 64;

/// How a connection ended, for what it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The tab was closed, or broke the protocol: everything is freed at once.
    Clean,
    /// It vanished, or was sent away: the grace runs.
    Vanished,
}

/// How a connection ended whose output ended. A tab that was closed may be seen as a socket that takes nothing more
/// before its goodbye is read; what it sent is still there, and then the socket's end.
pub(super) async fn last_word(end: End, reader: &mut Reader) -> Ending {
    if end != End::Broken {
        return ending(end);
    }
    let goodbye = async {
        for _ in 0..LAST_WORDS_MAX {
            match reader.next().await {
                Incoming::Closed { clean: true } => return Ending::Clean,
                Incoming::Frame(_) | Incoming::Signal => {}
                Incoming::Closed { clean: false } | Incoming::Refused(..) | Incoming::Broken => break,
            }
        }
        Ending::Vanished
    };
    tokio::time::timeout(LINGER, goodbye).await.unwrap_or(Ending::Vanished)
}

/// What a connection's end means for what it held.
pub(super) fn ending(end: End) -> Ending {
    match end {
        End::Closed(CloseCode::ProtocolError | CloseCode::Disabled) => Ending::Clean,
        End::Closed(_) | End::Broken => Ending::Vanished,
    }
}
