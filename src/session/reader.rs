//! What comes in: WebSocket messages, read by the library. What the library wants to write goes to the outbox.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::StreamExt as _;
use quire_protocol::{CloseCode, Encoding, Limits};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as LibraryCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::outbox::{Outbox, Wire};

/// Read buffer of an idle connection, bytes. It grows to the largest message that was sent.
const READ_BUFFER: usize = 512;

/// One thing that came in.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// A frame in this connection's encoding.
    Frame(Bytes),
    /// A WebSocket ping or pong.
    Signal,
    /// Something that ends the connection.
    Refused(CloseCode, String),
    /// The other side said goodbye; `clean` if it meant to (1000, 1001).
    Closed {
        /// The tab was closed.
        clean: bool,
    },
    /// The socket ended without a word.
    Broken,
}

/// The reading side of a connection.
pub(super) struct Reader {
    stream: WebSocketStream<WireIo>,
    encoding: Encoding,
}

impl Reader {
    pub(super) async fn new(
        wire: Arc<dyn Wire>,
        outbox: Arc<Outbox>,
        read: Bytes,
        encoding: Encoding,
        limits: &Limits,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(READ_BUFFER)
            .max_message_size(Some(limits.message_bytes))
            .max_frame_size(Some(limits.message_bytes));
        let io = WireIo { wire, outbox, silent: 0, silent_max: limits.message_bytes * 2 };
        let stream = WebSocketStream::from_partially_read(io, read.to_vec(), Role::Server, Some(config)).await;
        Self { stream, encoding }
    }

    /// The next thing that comes in. Cancel-safe.
    pub(super) async fn next(&mut self) -> Incoming {
        let message = self.stream.next().await;
        self.stream.get_mut().silent = 0;
        match message {
            Some(Ok(Message::Binary(bytes))) if self.encoding == Encoding::MessagePack => Incoming::Frame(bytes),
            Some(Ok(Message::Text(text))) if self.encoding == Encoding::Json => Incoming::Frame(text.into()),
            Some(Ok(Message::Binary(_) | Message::Text(_))) => {
                Incoming::Refused(CloseCode::ProtocolError, "the message is not in the negotiated encoding".into())
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Incoming::Signal,
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map(|frame| frame.code);
                Incoming::Closed { clean: matches!(code, Some(LibraryCode::Normal | LibraryCode::Away)) }
            }
            Some(Err(error)) => refused(error),
            None => Incoming::Broken,
        }
    }
}

fn refused(error: Error) -> Incoming {
    match error {
        Error::Capacity(_) => Incoming::Refused(CloseCode::TooLarge, "a message is larger than message_bytes".into()),
        Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
            Incoming::Refused(CloseCode::Limits, error.to_string())
        }
        Error::Protocol(error) if error.to_string().contains("without closing handshake") => Incoming::Broken,
        Error::Protocol(error) => Incoming::Refused(CloseCode::ProtocolError, error.to_string()),
        Error::Utf8(_) => Incoming::Refused(CloseCode::ProtocolError, "text that is not UTF-8".into()),
        _ => Incoming::Broken,
    }
}

/// The stream as the library sees it: reads come from the wire, writes (pong, close) go through the outbox.
struct WireIo {
    wire: Arc<dyn Wire>,
    outbox: Arc<Outbox>,
    /// Bytes since the last message. Empty fragments make no message, and would cost nothing to send for ever.
    silent: usize,
    silent_max: usize,
}

impl AsyncRead for WireIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        std::task::ready!(self.wire.poll_read(cx, buf))?;
        self.silent += buf.filled().len() - before;
        if self.silent > self.silent_max {
            let error = io::Error::new(io::ErrorKind::QuotaExceeded, "too many bytes without a message");
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WireIo {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.outbox.push_raw(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
