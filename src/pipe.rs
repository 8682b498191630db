//! A connection within the process: one end is a session's [`Wire`], the other a byte stream for a client.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::outbox::Wire;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const INTACT: &str = "nobody panics while moving bytes";

/// One direction.
struct Flow {
    bytes: VecDeque<u8>,
    capacity: usize,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Flow {
    fn new(capacity: usize) -> Arc<Mutex<Self>> {
        let flow = Self { bytes: VecDeque::new(), capacity, closed: false, reader: None, writer: None };
        Arc::new(Mutex::new(flow))
    }

    fn read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.bytes.is_empty() && !self.closed {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = buf.remaining().min(self.bytes.len());
        let bytes: Vec<u8> = self.bytes.drain(..count).collect();
        buf.put_slice(&bytes);
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(self.capacity - self.bytes.len());
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.bytes.extend(&bytes[..count]);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Ok(count)
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closed || self.bytes.len() < self.capacity {
            return Poll::Ready(Ok(()));
        }
        self.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn close(&mut self) {
        self.closed = true;
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }
}

/// The hub's end.
pub struct HubEnd {
    inbound: Arc<Mutex<Flow>>,
    outbound: Arc<Mutex<Flow>>,
}

/// The client's end. Dropping it breaks the connection without a word.
pub struct ClientEnd {
    inbound: Arc<Mutex<Flow>>,
    outbound: Arc<Mutex<Flow>>,
}

/// A connection that holds `capacity` bytes in each direction.
pub fn pipe(capacity: usize) -> (HubEnd, ClientEnd) {
    let (up, down) = (Flow::new(capacity), Flow::new(capacity));
    let hub = HubEnd { inbound: Arc::clone(&up), outbound: Arc::clone(&down) };
    (hub, ClientEnd { inbound: down, outbound: up })
}

impl Wire for HubEnd {
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.inbound.lock().expect(INTACT).read(cx, buf)
    }

    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut flow = self.outbound.lock().expect(INTACT);
        let mut written = 0;
        for slice in slices.iter().filter(|slice| !slice.is_empty()) {
            match flow.write(slice) {
                Ok(count) if count == slice.len() => written += count,
                Ok(count) => return Ok(written + count),
                Err(_) if written > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outbound.lock().expect(INTACT).poll_room(cx)
    }

    fn finish(&self) {
        self.outbound.lock().expect(INTACT).close();
    }
}

impl Drop for HubEnd {
    fn drop(&mut self) {
        self.inbound.lock().expect(INTACT).close();
        self.outbound.lock().expect(INTACT).close();
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        self.inbound.lock().expect(INTACT).close();
        self.outbound.lock().expect(INTACT).close();
    }
}

impl AsyncRead for ClientEnd {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.inbound.lock().expect(INTACT).read(cx, buf)
    }
}

impl AsyncWrite for ClientEnd {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut flow = self.outbound.lock().expect(INTACT);
        std::task::ready!(flow.poll_room(cx))?;
        Poll::Ready(flow.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outbound.lock().expect(INTACT).close();
        Poll::Ready(Ok(()))
    }
}
