//! One WebSocket: frames out, frames in, parts put together.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use quire_protocol::frame::{Hello, Part, Welcome};
use quire_protocol::{ClientFrame, DecodeError, Limits, ServerFrame};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::decoder::{Decoder, ENCODING, Heard};
use crate::site::{Url, is_loopback};

/// Longest wait for a connection, its upgrade and its welcome.
const PATIENCE: Duration = Duration::from_secs(15);
/// Ten thousand tabs of one process have a buffer each.
const BUFFER_BYTES: usize = 4 * 1024;
/// Longest message of a hub: the limit of the specification, with room for what surrounds it.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a close frame.
    Closed {
        /// The code, if there was one.
        code: Option<u16>,
        /// What the other side said.
        reason: String,
    },
    /// Without one.
    Broken(String),
    /// The other side said what it must not say.
    Nonsense(String),
}

/// A connection.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    assembling: Vec<u8>,
    /// The largest frame that comes in parts, bytes.
    frame_bytes_max: usize,
}

impl Socket {
    /// Connects, upgrades, says hello and is welcomed.
    pub(crate) async fn joins(url: &Url, source: Ipv4Addr, hello: Hello) -> Result<(Self, Box<Welcome>), End> {
        match timeout(PATIENCE, Self::joins_at_leisure(url, source, hello)).await {
            Ok(joined) => joined,
            Err(_) => Err(End::Broken(format!("{} did not answer in {} s", url.authority, PATIENCE.as_secs()))),
        }
    }

    async fn joins_at_leisure(url: &Url, source: Ipv4Addr, hello: Hello) -> Result<(Self, Box<Welcome>), End> {
        let broken = |error: String| End::Broken(format!("{}: {error}", url.authority));
        let address = url.address().await.map_err(End::Broken)?;
        let stream = connect(address, source).await.map_err(|error| broken(error.to_string()))?;
        let target = format!("ws://{}{}", url.authority, url.path);
        let mut request = target.into_client_request().map_err(|error| broken(error.to_string()))?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(ENCODING.subprotocol()));
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let upgraded = client_async_with_config(request, stream, Some(config)).await;
        let (stream, _) = upgraded.map_err(|error| broken(error.to_string()))?;
        let frame_bytes_max = Limits::default().frame_bytes;
        let mut socket = Self { stream, assembling: Vec::new(), frame_bytes_max };
        socket.send(&ClientFrame::Hello(hello)).await?;
        match socket.next(&Decoder::default()).await? {
            Heard::Other(ServerFrame::Welcome(welcome)) => {
                socket.frame_bytes_max = welcome.limits.frame_bytes;
                Ok((socket, welcome))
            }
            _ => Err(End::Nonsense("the first frame is no welcome".to_owned())),
        }
    }

    /// Sends one frame. None that is sent here is so large that it must go in parts.
    pub(crate) async fn send(&mut self, frame: &ClientFrame) -> Result<(), End> {
        let message = Message::Binary(ENCODING.encode(frame).into());
        self.stream.send(message).await.map_err(|error| End::Broken(error.to_string()))
    }

    /// The next frame. Nothing is lost if this is dropped while it waits.
    pub(crate) async fn next(&mut self, decoder: &Decoder) -> Result<Heard, End> {
        loop {
            let bytes = match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(close))) => {
                    let code = close.as_ref().map(|close| close.code.into());
                    let reason = close.map(|close| close.reason.as_str().to_owned()).unwrap_or_default();
                    return Err(End::Closed { code, reason });
                }
                Some(Ok(Message::Text(_))) => return Err(End::Nonsense("a text message".to_owned())),
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Err(End::Broken(error.to_string())),
                None => return Err(End::Broken("the connection is over".to_owned())),
            };
            match decoder.decode(&bytes) {
                Ok(Heard::Other(ServerFrame::Part(part))) => {
                    if let Some(whole) = self.assemble(&part)? {
                        return decoder.decode(&whole).map_err(|error| End::Nonsense(error.to_string()));
                    }
                }
                Ok(_) if !self.assembling.is_empty() => {
                    return Err(End::Nonsense("another frame between the parts of one (F-10)".to_owned()));
                }
                // F-11: a frame that came after this client was written.
                Err(DecodeError::UnknownKind(_)) => {}
                decoded => return decoded.map_err(|error| End::Nonsense(error.to_string())),
            }
        }
    }

    /// The whole frame, with its last part.
    fn assemble(&mut self, part: &Part) -> Result<Option<Bytes>, End> {
        if self.assembling.len() + part.data.0.len() > self.frame_bytes_max {
            return Err(End::Nonsense("a frame in parts is larger than frame_bytes".to_owned()));
        }
        self.assembling.extend_from_slice(&part.data.0);
        Ok(part.last.then(|| std::mem::take(&mut self.assembling).into()))
    }

    /// Says goodbye (1000) and reads on until the other side has answered.
    pub(crate) async fn close(mut self) {
        let goodbye = CloseFrame { code: 1000.into(), reason: "".into() };
        if self.stream.send(Message::Close(Some(goodbye))).await.is_ok() {
            let end = async { while let Some(Ok(_)) = self.stream.next().await {} };
            // Whoever does not answer is left alone.
            drop(timeout(PATIENCE, end).await);
        }
    }
}

async fn connect(address: SocketAddr, source: Ipv4Addr) -> std::io::Result<TcpStream> {
    let stream = if is_loopback(address) {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        socket.connect(address).await?
    } else {
        TcpStream::connect(address).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One of the addresses of this machine that a worker process connects from: each has ports of its own, and a port is
/// free again only a minute after it was used. `number` counts the connections of the worker.
pub(crate) fn source(worker: u32, number: u32) -> Ipv4Addr {
    /// Addresses of one worker.
    const ADDRESSES: u32 = 16;
    let third = u8::try_from(worker % 250 + 1).expect("it is at most 250");
    let fourth = u8::try_from(number % ADDRESSES + 1).expect("it is at most 16");
    Ipv4Addr::new(127, 0, third, fourth)
}
