//! `GET /v1/yjs/{book}/{chapter}`: the protocol of y-websocket, so that an editor's own provider can watch a chapter, and
//! write where it may.
//!
//! A visit is a session of the hub like any other: it says hello, opens the book and the chapter, and takes the chapter
//! up when its editor writes. Here one protocol is told in terms of the other ([`visit`]): sync messages are updates of
//! the text, awareness is presence. No right is decided here, and nothing is stored but what the hub stores.

mod awareness;
mod inner;
mod message;
mod place;
#[cfg(test)]
mod tests;
mod varint;
mod visit;

use std::sync::Arc;

use bytes::Bytes;
use quire_protocol::{BookId, ChapterId, Encoding};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::auth::Identity;
use crate::hub::Hub;
use crate::pipe::pipe;
use crate::session::{self, Arrival};
use inner::Inner;
use visit::Visit;

/// Bytes that may be under way between a visit and its session, in each direction.
const PIPE_BYTES: usize = 64 * 1024;
/// What surrounds an update in a message, bytes.
const ENVELOPE_BYTES: usize = 64;

/// A connection after its handshake.
pub struct Call {
    /// The connection.
    pub stream: TcpStream,
    /// What the client sent behind its handshake.
    pub read: Bytes,
    /// Who.
    pub identity: Identity,
    /// Which book.
    pub book: BookId,
    /// Which of its chapters.
    pub chapter: ChapterId,
}

/// Serves one connection until it ends. `on_join` is called once its session was accepted; what it returns is kept until then.
pub async fn serve<Kept: Send>(hub: Arc<Hub>, call: Call, on_join: impl FnOnce() -> Kept + Send) {
    let Call { stream, read, identity, book, chapter } = call;
    let config = WebSocketConfig::default()
        .max_message_size(Some(hub.limits.frame_bytes / 2 + ENVELOPE_BYTES))
        .max_frame_size(Some(hub.limits.frame_bytes / 2 + ENVELOPE_BYTES))
        .write_buffer_size(0);
    let outer = WebSocketStream::from_partially_read(stream, read.to_vec(), Role::Server, Some(config)).await;
    let (wire, end) = pipe(PIPE_BYTES);
    let arrival =
        Arrival { wire: Arc::new(wire), read: Bytes::new(), encoding: Encoding::MessagePack, bearer: Some(identity) };
    let visiting = async {
        let inner = Inner::new(end, &hub.limits).await;
        Visit::new(outer, inner, book, chapter, &hub.timers).run().await;
    };
    tokio::join!(session::serve(Arc::clone(&hub), arrival, on_join), visiting);
}

/// Reads a message of a provider as a visit does, as deep as it goes; for fuzzing. Whether it is one.
#[cfg(any(test, feature = "fuzz"))]
pub fn read_message(bytes: &[u8]) -> bool {
    match message::read(bytes) {
        Some(message::Said::Writes { update, .. }) => message::hand(update).is_some(),
        Some(message::Said::Shows(states)) => {
            let shown = awareness::read(states);
            for cursor in shown.iter().flatten().filter_map(|shown| shown.cursor.as_deref()) {
                let place = place::to_json(cursor).expect("what is shown is a place");
                assert_eq!(place::to_cursor(&place).as_deref(), Some(cursor));
            }
            shown.is_some()
        }
        Some(message::Said::Asks | message::Said::AsksWho | message::Said::Other) => true,
        None => false,
    }
}
