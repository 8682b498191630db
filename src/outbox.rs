//! A connection's bounded output: whoever has something to say writes it at once, without waking a task.
//!
//! A server's frames are unmasked, so the bytes of an event, WebSocket header included, are the same for everybody
//! who hears it in one encoding: they are made once and shared. [`Outbox::push`] makes one vectored, non-blocking
//! write; only what the socket does not take is kept, and the session's task drains that ([`Outbox::poll_drain`]).
//! The queue is bounded in bytes and frames (I5). Beyond that the connection is closed with 4008: a slow reader
//! resumes, nothing is skipped in silence (I6).
//!
//! This file knows framing and sockets, and nothing of what frames mean.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Read as _};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use futures::task::AtomicWaker;
use quire_protocol::codec::Blob;
use quire_protocol::frame::Part;
use quire_protocol::{CloseCode, Encoding, Limits};
use serde::Serialize;
use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::telemetry::metric;

/// Slices in one vectored write. The kernel takes 1,024; a stack array of 64 already shares the call's cost.
const SLICES_MAX: usize = 64;
/// Longest reason in a WebSocket close frame, bytes (RFC 6455, 5.5).
const CLOSE_REASON_MAX: usize = 123;

/// Answers of the largest size that may wait for a slow reader; it asked for them.
const LARGE_ANSWERS_MAX: usize = 8;

const OPCODE_TEXT: u8 = 0x1;
const OPCODE_BINARY: u8 = 0x2;
const OPCODE_CLOSE: u8 = 0x8;
const OPCODE_PING: u8 = 0x9;

/// A byte stream that is read by one task and written by anybody, without blocking.
pub trait Wire: Send + Sync + 'static {
    /// Reads what is there. One task at a time.
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>>;
    /// Writes what fits now; `WouldBlock` if nothing does.
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Ready when a write may succeed. One task at a time.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
    /// Nothing more will be written.
    fn finish(&self);
}

impl Wire for TcpStream {
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            std::task::ready!(self.poll_read_ready(cx))?;
            let room = buf.initialize_unfilled();
            let mut short = None;
            let result = self.try_io(Interest::READABLE, || match (&*socket2::SockRef::from(self)).read(room) {
                // Nothing more is there: as good as a read that would block, without the call that says so.
                Ok(count) if 0 < count && count < room.len() => {
                    short = Some(count);
                    Err(io::ErrorKind::WouldBlock.into())
                }
                result => result,
            });
            match (short, result) {
                (Some(count), _) | (None, Ok(count)) => {
                    buf.advance(count);
                    return Poll::Ready(Ok(()));
                }
                (None, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                (None, Err(error)) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_write_vectored(slices)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_ready(cx)
    }

    fn finish(&self) {
        // A socket that is gone already needs no goodbye.
        drop(socket2::SockRef::from(self).shutdown(std::net::Shutdown::Write));
    }
}

/// Encodes a frame of the protocol as it goes on the wire: one WebSocket message, or several parts if it is larger
/// than one message may be.
pub fn encode(frame: &impl Serialize, encoding: Encoding, limits: &Limits) -> Vec<Bytes> {
    let payload = encoding.encode(frame);
    if payload.len() <= limits.message_bytes {
        return vec![message(&payload, encoding)];
    }
    let count = payload.len().div_ceil(limits.part_bytes);
    let parts = payload.chunks(limits.part_bytes).enumerate();
    parts
        .map(|(index, chunk)| {
            let part = Part { last: index + 1 == count, data: Blob(chunk.to_vec()) };
            message(&encoding.encode(&part), encoding)
        })
        .collect()
}

fn message(payload: &[u8], encoding: Encoding) -> Bytes {
    let opcode = match encoding {
        Encoding::MessagePack => OPCODE_BINARY,
        Encoding::Json => OPCODE_TEXT,
    };
    websocket_frame(opcode, payload)
}

/// One unfragmented, unmasked WebSocket frame (RFC 6455, 5.2).
fn websocket_frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(0x80 | opcode);
    match payload.len() {
        length @ 0..=125 => frame.put_u8(u8::try_from(length).expect("at most 125")),
        length @ 126..=0xffff => {
            frame.put_u8(126);
            frame.put_u16(u16::try_from(length).expect("at most 65,535"));
        }
        length => {
            frame.put_u8(127);
            frame.put_u64(length as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

fn close_frame(code: CloseCode, reason: &str) -> Bytes {
    let mut end = reason.len().min(CLOSE_REASON_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = code.number().to_be_bytes().to_vec();
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    websocket_frame(OPCODE_CLOSE, &payload)
}

/// A connection's output. Shared by its session and the actors of the books it has open.
pub struct Outbox {
    wire: Arc<dyn Wire>,
    bytes_max: usize,
    frames_max: usize,
    exempt_max: usize,
    queue: Mutex<Queue>,
    /// Wakes the session's task: there is something to drain, or the connection ended.
    waker: AtomicWaker,
}

/// What the wire did not take yet.
#[derive(Default)]
struct Queue {
    frames: VecDeque<Queued>,
    /// Bytes of the first frame that are written already.
    written: usize,
    /// Bytes that count against the limit.
    counted_bytes: usize,
    /// Frames that count against the limit.
    counted_frames: usize,
    /// Bytes of large answers.
    exempt_bytes: usize,
    end: Option<End>,
}

struct Queued {
    bytes: Bytes,
    /// Part of an answer that is larger than the limit: the client asked for it, so it does not count.
    exempt: bool,
}

/// How a connection ended, or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The hub closed it with this code.
    Closed(CloseCode),
    /// The socket broke.
    Broken,
}

impl Outbox {
    /// An empty outbox on `wire`.
    pub fn new(wire: Arc<dyn Wire>, limits: &Limits) -> Self {
        Self {
            wire,
            bytes_max: limits.outbox_bytes,
            frames_max: limits.outbox_frames,
            exempt_max: limits.frame_bytes.saturating_mul(LARGE_ANSWERS_MAX),
            queue: Mutex::default(),
            waker: AtomicWaker::new(),
        }
    }

    /// Sends frames, in order and with nothing between them. Does nothing once the connection is closing.
    pub fn push(&self, frames: &[Bytes]) {
        self.offer(frames, false);
    }

    /// Sends the answer to a command. Large ones do not count against the limit, up to a bound of their own.
    pub fn push_answer(&self, frames: &[Bytes]) {
        let large = frames.iter().map(Bytes::len).sum::<usize>() > self.bytes_max / 2;
        self.offer(frames, large);
    }

    /// Sends a WebSocket ping.
    pub fn ping(&self) {
        self.offer(&[websocket_frame(OPCODE_PING, &[])], false);
    }

    /// Sends bytes that are whole WebSocket frames already (the library's pong and close).
    pub fn push_raw(&self, bytes: &[u8]) {
        self.offer(&[Bytes::copy_from_slice(bytes)], false);
    }

    /// Ends the connection: everything queued is sent first, unless the reader is too slow for it.
    pub fn close(&self, code: CloseCode, reason: &str) {
        let mut queue = self.lock();
        queue.close(code, reason);
        drop(queue);
        self.waker.wake();
    }

    /// How the connection ended, if it did.
    pub fn end(&self) -> Option<End> {
        self.lock().end
    }

    /// Writes what is queued. Ready as soon as the connection has ended: nothing more is done for it.
    pub fn poll_drain(&self, cx: &mut Context<'_>) -> Poll<End> {
        self.poll_write(cx, false)
    }

    /// Writes what is queued of a connection that has ended. Ready when all of it is written, or the wire broke.
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<End> {
        self.poll_write(cx, true)
    }

    fn poll_write(&self, cx: &mut Context<'_>, to_the_last: bool) -> Poll<End> {
        self.waker.register(cx.waker());
        loop {
            {
                let mut queue = self.lock();
                let written = queue.write(self.wire.as_ref());
                if let Some(end) = if to_the_last { written } else { queue.end } {
                    return Poll::Ready(end);
                }
                if queue.frames.is_empty() {
                    return Poll::Pending;
                }
            }
            if std::task::ready!(self.wire.poll_writable(cx)).is_err() {
                self.lock().fail();
            }
        }
    }

    /// Nothing more will be written.
    pub fn finish(&self) {
        self.wire.finish();
    }

    /// Bytes that wait for the reader.
    pub fn queued_bytes(&self) -> usize {
        self.lock().frames.iter().map(|queued| queued.bytes.len()).sum()
    }

    fn offer(&self, frames: &[Bytes], large: bool) {
        let mut queue = self.lock();
        if queue.end.is_some() {
            return;
        }
        // Nothing waits: what the wire takes now never touches the queue.
        let rest = if queue.frames.is_empty() { queue.write_through(self.wire.as_ref(), frames) } else { 0 };
        if queue.end.is_none() {
            let size: usize = frames[rest..].iter().map(Bytes::len).sum();
            let exempt = large && queue.exempt_bytes + size <= self.exempt_max;
            queue.keep(&frames[rest..], exempt);
            if queue.counted_bytes > self.bytes_max || queue.counted_frames > self.frames_max {
                queue.close(CloseCode::TooSlow, "the outbox is over its limit: resume");
            }
        }
        let wake = queue.end.is_some() || !queue.frames.is_empty();
        drop(queue);
        if wake {
            self.waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no code panics while it holds an outbox")
    }
}

impl Queue {
    /// Writes straight from `frames`; returns how many are written whole. A partial one is noted in `written`.
    fn write_through(&mut self, wire: &dyn Wire, frames: &[Bytes]) -> usize {
        let mut done = 0;
        while done < frames.len() {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let some = &frames[done..frames.len().min(done + SLICES_MAX)];
            slices.iter_mut().zip(some).for_each(|(slice, frame)| *slice = IoSlice::new(frame));
            let Some(mut taken) = self.try_write(wire, &slices[..some.len()]) else { return done };
            for frame in some {
                if taken < frame.len() {
                    self.written = taken;
                    return done;
                }
                taken -= frame.len();
                done += 1;
            }
        }
        done
    }

    /// Writes the queue until it is empty or the wire is full; says so if that was the end.
    fn write(&mut self, wire: &dyn Wire) -> Option<End> {
        while !self.frames.is_empty() && self.end != Some(End::Broken) {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let count = self.frames.len().min(SLICES_MAX);
            slices.iter_mut().zip(&self.frames).for_each(|(slice, queued)| *slice = IoSlice::new(&queued.bytes));
            slices[0] = IoSlice::new(&self.frames[0].bytes[self.written..]);
            let result = wire.try_write(&slices[..count]);
            let Some(taken) = self.outcome(result) else { break };
            self.forget(taken);
        }
        if self.frames.is_empty() || self.end == Some(End::Broken) { self.end } else { None }
    }

    fn try_write(&mut self, wire: &dyn Wire, slices: &[IoSlice<'_>]) -> Option<usize> {
        self.outcome(wire.try_write(slices))
    }

    fn outcome(&mut self, result: io::Result<usize>) -> Option<usize> {
        match result {
            Ok(0) => self.fail(),
            Ok(taken) => return Some(taken),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.fail(),
        }
        None
    }

    /// Drops `taken` bytes from the front.
    fn forget(&mut self, taken: usize) {
        let mut taken = taken + self.written;
        while let Some(first) = self.frames.front() {
            if taken < first.bytes.len() {
                break;
            }
            taken -= first.bytes.len();
            let first = self.frames.pop_front().expect("it was there");
            if first.exempt {
                self.exempt_bytes -= first.bytes.len();
            } else {
                self.counted_bytes -= first.bytes.len();
                self.counted_frames -= 1;
            }
        }
        self.written = taken;
        if self.frames.is_empty() {
            // An idle connection holds no write buffer.
            self.frames = VecDeque::new();
        }
    }

    fn keep(&mut self, frames: &[Bytes], exempt: bool) {
        let size: usize = frames.iter().map(Bytes::len).sum();
        if exempt {
            self.exempt_bytes += size;
        } else {
            self.counted_bytes += size;
            self.counted_frames += frames.len();
        }
        self.frames.extend(frames.iter().map(|bytes| Queued { bytes: bytes.clone(), exempt }));
    }

    fn close(&mut self, code: CloseCode, reason: &str) {
        if self.end.is_some() {
            return;
        }
        if code == CloseCode::TooSlow {
            metric::outbox_overflow();
            // I6: the reader resumes and misses nothing. The rest of a frame that is half written must stay first.
            self.frames.truncate(usize::from(self.written > 0));
            (self.counted_bytes, self.counted_frames) = (0, 0);
            self.exempt_bytes = self.frames.iter().map(|queued| queued.bytes.len()).sum();
            for queued in &mut self.frames {
                queued.exempt = true;
            }
        }
        metric::closed(code);
        self.keep(&[close_frame(code, reason)], true);
        self.end = Some(End::Closed(code));
    }

    fn fail(&mut self) {
        *self = Self { end: Some(End::Broken), ..Self::default() };
    }
}

#[cfg(test)]
mod tests;
