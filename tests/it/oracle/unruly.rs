//! A line between tabs and a hub on which frames are lost, come twice or change places.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to an event now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    Lost,
    Twice,
    /// Comes after the frame that follows it.
    Late,
    /// What happens to a change of a text, not to an event: it does not come.
    TextLost,
    /// It says something else.
    TextAltered,
}

impl Mischief {
    fn meets(self, frame: &[u8]) -> bool {
        match self {
            Self::Lost | Self::Twice | Self::Late => begins(frame, b"\xa1t\xa5event"),
            Self::TextLost | Self::TextAltered => begins(frame, b"\xa1t\xa4text"),
        }
    }
}

/// One of so many events meets it.
const ONE_OF: u32 = 8;

/// A line to one port. Dropping it takes no more connections.
pub struct Unruly {
    pub port: u16,
    accepts: JoinHandle<()>,
}

impl Unruly {
    pub async fn to(port: u16, mischief: Mischief) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let events = Arc::new(AtomicU32::new(0));
        let accepts = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let events = Arc::clone(&events);
                tokio::spawn(async move {
                    let server = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
                    server.set_nodelay(true).unwrap();
                    client.set_nodelay(true).unwrap();
                    let ((mut from_client, to_client), (from_server, mut to_server)) =
                        (client.into_split(), server.into_split());
                    // Either end may go at any time: then the line is over.
                    tokio::select! {
                        _ = copy(&mut from_client, &mut to_server) => {}
                        _ = carry(from_server, to_client, mischief, &events) => {}
                    }
                });
            }
        });
        Self { port: own, accepts }
    }
}

impl Drop for Unruly {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mischief: Mischief,
    events: &AtomicU32,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await?);
    }
    to.write_all(&head).await?;
    let mut late = Vec::new();
    loop {
        let frame = frame(&mut from).await?;
        let is_met =
            mischief.meets(&frame) && late.is_empty() && events.fetch_add(1, Ordering::Relaxed) % ONE_OF == ONE_OF - 1;
        match mischief {
            Mischief::Lost | Mischief::TextLost if is_met => {}
            Mischief::TextAltered if is_met => to.write_all(&altered(frame)).await?,
            Mischief::Twice if is_met => to.write_all(&[&frame[..], &frame].concat()).await?,
            Mischief::Late if is_met => late = frame,
            _ => {
                to.write_all(&frame).await?;
                to.write_all(&std::mem::take(&mut late)).await?;
            }
        }
    }
}

/// One WebSocket frame of a server, whole.
async fn frame(from: &mut OwnedReadHalf) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; 2];
    from.read_exact(&mut frame).await?;
    let wide = match frame[1] {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mut length = [0; 8];
    from.read_exact(&mut length[8 - wide..]).await?;
    frame.extend_from_slice(&length[8 - wide..]);
    let length = if wide == 0 { u64::from(frame[1]) } else { u64::from_be_bytes(length) };
    let head = frame.len();
    frame.resize(head + usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut frame[head..]).await?;
    Ok(frame)
}

/// The frame with another letter in the last word of its update, if it has any.
fn altered(mut frame: Vec<u8>) -> Vec<u8> {
    // Words of a text are in lower case, and stand behind everything else but what is deleted.
    let letters = frame.iter_mut().rev().take(24).filter(|byte| byte.is_ascii_lowercase());
    letters.take(1).for_each(|byte| *byte = if *byte == b'z' { b'a' } else { *byte + 1 });
    frame
}

/// Its payload is a map whose first entry is this.
fn begins(frame: &[u8], entry: &[u8]) -> bool {
    let head = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    frame.get(head + 1..).is_some_and(|rest| rest.starts_with(entry))
}
