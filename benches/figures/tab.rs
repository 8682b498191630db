//! A tab without a page: the least of a WebSocket client, so that clients cost little.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut};
use quire_protocol::frame::{Answer, Reply};
use quire_protocol::{BookId, ClientFrame, Command, CommandFrame, ServerFrame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;

use crate::people::{ENCODING, hello};

/// The opcode of a binary message (RFC 6455, 5.2).
pub(crate) const BINARY: u8 = 0x2;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
const MASKED: u8 = 0x80;
/// In place of a length: it follows in two bytes.
const LENGTH_FOLLOWS: u8 = 0x7e;
/// How an event begins: a map whose first entry is `t`.
const EVENT: &[u8] = b"\xa1t\xa5event";
/// How a change of a text begins.
const TEXT: &[u8] = b"\xa1t\xa4text";
const REPLY: &[u8] = b"\xa1t\xa5reply";
/// Connections from one address; a port is free again only minutes after it was used.
const TABS_PER_SOURCE: u32 = 500;

/// A WebSocket frame from a client. The mask is zero, so that the payload stays as it is.
pub(crate) fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u16::try_from(payload.len()).expect("clients send little") {
        length @ 0..=125 => frame.push(MASKED | u8::try_from(length).expect("at most 125")),
        length => {
            frame.push(MASKED | LENGTH_FOLLOWS);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// A joined tab.
pub(crate) struct Tab {
    stream: TcpStream,
    unread: BytesMut,
    reference: u64,
}

impl Tab {
    /// The tab with this number connects, says hello and is welcomed.
    pub(crate) async fn joins(hub: SocketAddr, number: u32, hello: &[u8]) -> Self {
        let source = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + number / TABS_PER_SOURCE);
        let socket = TcpSocket::new_v4().expect("there are sockets left");
        socket.bind((source, 0).into()).expect("there are ports left");
        let mut stream = socket.connect(hub).await.expect("the hub listens");
        stream.set_nodelay(true).expect("it is a TCP socket");
        let request = format!(
            "GET /v1/socket HTTP/1.1\r\nHost: {hub}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: {}\r\n\r\n",
            ENCODING.subprotocol()
        );
        stream.write_all(request.as_bytes()).await.expect("the hub reads");
        let mut unread = BytesMut::new();
        let end = loop {
            if let Some(end) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            assert_ne!(stream.read_buf(&mut unread).await.expect("the hub answers"), 0, "the hub hung up");
        };
        assert!(unread.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&unread));
        unread.advance(end);
        let mut tab = Self { stream, unread, reference: 0 };
        tab.send(BINARY, hello).await;
        tab.next().await;
        // A silent tab keeps no more than it must.
        tab.unread = BytesMut::new();
        tab
    }

    /// As [`Tab::joins`], by name.
    pub(crate) async fn of(hub: SocketAddr, number: u32, name: &str) -> Self {
        Self::joins(hub, number, &hello(name)).await
    }

    /// Sends a command and waits for the answer, which is yes.
    pub(crate) async fn does(&mut self, book: &BookId, command: Command) -> Answer {
        self.sends(book, command).await;
        loop {
            let message = self.next().await;
            if message[1..].starts_with(REPLY) {
                return yes(&message, self.reference);
            }
        }
    }

    /// Sends commands one after the other and waits for all answers, which are yes.
    pub(crate) async fn does_all(&mut self, book: &BookId, commands: Vec<Command>) {
        let mut missing = commands.len();
        for command in commands {
            self.sends(book, command).await;
        }
        while missing > 0 {
            let message = self.next().await;
            if message[1..].starts_with(REPLY) {
                let reply = ServerFrame::decode(&message, ENCODING);
                assert!(matches!(reply, Ok(ServerFrame::Reply(reply)) if reply.ok.is_some()), "it is no yes");
                missing -= 1;
            }
        }
    }

    /// Sends a command and waits until the whole answer is there, in one message or in parts; how many bytes it has.
    pub(crate) async fn weighs(&mut self, book: &BookId, command: Command) -> usize {
        self.sends(book, command).await;
        let mut bytes = 0;
        loop {
            let message = self.next().await;
            match ServerFrame::decode(&message, ENCODING) {
                Ok(ServerFrame::Part(part)) => {
                    bytes += message.len();
                    if part.last {
                        return bytes;
                    }
                }
                Ok(ServerFrame::Reply(reply)) if reply.ok.is_some() => return message.len(),
                Ok(_) => {}
                Err(error) => panic!("no frame: {error:?}"),
            }
        }
    }

    async fn sends(&mut self, book: &BookId, command: Command) {
        self.reference += 1;
        self.send(BINARY, &encoded(self.reference, book, command)).await;
    }

    /// Only sends from now on; answers are read and dropped.
    pub(crate) fn speaks(self) -> Speaker {
        let (mut read, write) = self.stream.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut read, &mut tokio::io::sink()).await });
        Speaker { write, reference: self.reference }
    }

    /// Counts every event and every change of a text from now on; answers pings.
    pub(crate) async fn listens(mut self, heard: Arc<Semaphore>) {
        loop {
            let message = self.next().await;
            let counts =
                |message: &[u8]| usize::from(message[1..].starts_with(EVENT) || message[1..].starts_with(TEXT));
            let mut events = counts(&message);
            // What came along with it is counted at once.
            while let Some((BINARY, message)) = self.parse_if(BINARY) {
                events += counts(&message);
            }
            heard.add_permits(events);
        }
    }

    /// The next message.
    async fn next(&mut self) -> Bytes {
        loop {
            match self.parse() {
                Some((BINARY, message)) => return message,
                Some((PING, payload)) => self.send(PONG, &payload).await,
                Some((opcode, payload)) => panic!("opcode {opcode}: {}", String::from_utf8_lossy(&payload)),
                None => {
                    let count = self.stream.read_buf(&mut self.unread).await.expect("the hub is there");
                    assert_ne!(count, 0, "the hub hung up");
                }
            }
        }
    }

    /// The next frame, if it is whole and has this opcode.
    fn parse_if(&mut self, opcode: u8) -> Option<(u8, Bytes)> {
        if self.unread.first() == Some(&(0x80 | opcode)) { self.parse() } else { None }
    }

    /// The next frame, if it is whole: opcode and payload.
    fn parse(&mut self) -> Option<(u8, Bytes)> {
        let (first, length) = (*self.unread.first()?, *self.unread.get(1)?);
        let (head, length) = match length {
            0..=125 => (2, usize::from(length)),
            LENGTH_FOLLOWS => {
                (4, usize::from(u16::from_be_bytes(self.unread.get(2..4)?.try_into().expect("two bytes"))))
            }
            _ => panic!("a message of the hub is at most 64 KiB"),
        };
        if self.unread.len() < head + length {
            return None;
        }
        self.unread.advance(head);
        Some((first & 0xf, self.unread.split_to(length).freeze()))
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.stream.write_all(&masked(opcode, payload)).await.expect("the hub reads");
    }
}

/// A tab that sends commands without waiting for answers.
pub(crate) struct Speaker {
    write: OwnedWriteHalf,
    reference: u64,
}

impl Speaker {
    /// Sends a command.
    pub(crate) async fn says(&mut self, book: &BookId, command: Command) {
        self.reference += 1;
        let frame = masked(BINARY, &encoded(self.reference, book, command));
        self.write.write_all(&frame).await.expect("the hub reads");
    }
}

fn encoded(reference: u64, book: &BookId, command: Command) -> Vec<u8> {
    let frame = CommandFrame { reference, id: None, retry: false, book: Some(book.clone()), command };
    ENCODING.encode(&ClientFrame::Command(frame))
}

fn yes(message: &[u8], reference: u64) -> Answer {
    match ServerFrame::decode(message, ENCODING) {
        Ok(ServerFrame::Reply(reply)) => match *reply {
            Reply { reference: to, ok: Some(answer), .. } if to == reference => answer,
            reply => panic!("no yes to {reference}: {reply:?}"),
        },
        other => panic!("no reply: {other:?}"),
    }
}
