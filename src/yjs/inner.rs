//! A visit's own session of the hub, spoken to in the hub's protocol.

use futures::{SinkExt as _, StreamExt as _};
use quire_protocol::{Encoding, Limits, ServerFrame};
use serde::Serialize;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use crate::pipe::ClientEnd;

/// What the session says.
pub(super) enum Heard {
    Frame(ServerFrame),
    /// It is over.
    Closed(Option<CloseFrame>),
}

pub(super) struct Inner {
    stream: WebSocketStream<ClientEnd>,
    /// The beginning of a frame that comes in parts.
    parts: Vec<u8>,
    frame_bytes: usize,
}

impl Inner {
    pub(super) async fn new(end: ClientEnd, limits: &Limits) -> Self {
        let config = WebSocketConfig::default().write_buffer_size(0);
        let stream = WebSocketStream::from_raw_socket(end, Role::Client, Some(config)).await;
        Self { stream, parts: Vec::new(), frame_bytes: limits.frame_bytes }
    }

    /// The next frame. Cancel-safe.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            let bytes = match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Heard::Closed(None),
            };
            match ServerFrame::decode(&bytes, Encoding::MessagePack) {
                Ok(ServerFrame::Part(part)) => {
                    self.parts.extend_from_slice(&part.data.0);
                    if self.parts.len() > self.frame_bytes {
                        return Heard::Closed(None);
                    }
                    if part.last {
                        let whole = std::mem::take(&mut self.parts);
                        if let Ok(frame) = ServerFrame::decode(&whole, Encoding::MessagePack) {
                            return Heard::Frame(frame);
                        }
                    }
                }
                Ok(frame) => return Heard::Frame(frame),
                Err(error) => tracing::error!(?error, "the hub does not understand itself"),
            }
        }
    }

    /// Says something. No: the session is over.
    pub(super) async fn send(&mut self, frame: &impl Serialize) -> bool {
        self.stream.send(Message::Binary(Encoding::MessagePack.encode(frame).into())).await.is_ok()
    }

    /// Takes leave, so that what was held is free at once.
    pub(super) async fn leave(&mut self) {
        let normal = CloseFrame { code: 1000.into(), reason: "".into() };
        // A session that is over needs no goodbye.
        drop(self.stream.close(Some(normal)).await);
        while !matches!(self.next().await, Heard::Closed(_)) {}
    }
}
