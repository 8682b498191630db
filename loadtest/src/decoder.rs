//! Frames of hubs. Everybody who hears an event hears the same bytes: they are read once for all tabs of a process.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use bytes::Bytes;
use quire_protocol::{DecodeError, Encoding, EventFrame, ServerFrame};

use crate::observation::Micros;
use crate::stamp;

/// How frames are written: the encoding that clients get who do not choose.
pub(crate) const ENCODING: Encoding = Encoding::MessagePack;
/// Events that are remembered.
const EVENTS_MAX: usize = 4_096;
/// Larger ones are read each time.
const EVENT_BYTES_MAX: usize = 4_096;
/// How an event begins: a map whose first entry is `t`.
const EVENT: &[u8] = b"\xa1t\xa5event";

/// A frame of a hub.
pub(crate) enum Heard {
    /// Something happened to a book.
    Event(Rc<HeardEvent>),
    /// Everything else.
    Other(ServerFrame),
}

/// An event as all tabs hear it.
pub(crate) struct HeardEvent {
    pub(crate) frame: EventFrame,
    /// When its command was meant to be sent, if it says so.
    pub(crate) intended_at: Option<Micros>,
}

/// Reads frames.
#[derive(Default)]
pub(crate) struct Decoder {
    events: RefCell<Remembered>,
    received_bytes: Cell<u64>,
}

#[derive(Default)]
struct Remembered {
    by_bytes: HashMap<Bytes, Rc<HeardEvent>>,
    order: VecDeque<Bytes>,
}

impl Decoder {
    /// Reads one frame.
    pub(crate) fn decode(&self, bytes: &Bytes) -> Result<Heard, DecodeError> {
        self.received_bytes.set(self.received_bytes.get() + bytes.len() as u64);
        let is_event = bytes.get(1..).is_some_and(|rest| rest.starts_with(EVENT));
        if !is_event || bytes.len() > EVENT_BYTES_MAX {
            return ServerFrame::decode(bytes, ENCODING).map(|frame| match frame {
                ServerFrame::Event(frame) => Heard::Event(Rc::new(HeardEvent::new(*frame))),
                frame => Heard::Other(frame),
            });
        }
        if let Some(known) = self.events.borrow().by_bytes.get(bytes) {
            return Ok(Heard::Event(Rc::clone(known)));
        }
        match ServerFrame::decode(bytes, ENCODING)? {
            ServerFrame::Event(frame) => {
                let event = Rc::new(HeardEvent::new(*frame));
                self.events.borrow_mut().insert(bytes, &event);
                Ok(Heard::Event(event))
            }
            frame => Ok(Heard::Other(frame)),
        }
    }
}

impl Decoder {
    /// Payload that was read so far, bytes.
    pub(crate) fn received_bytes(&self) -> u64 {
        self.received_bytes.get()
    }
}

impl HeardEvent {
    pub(crate) fn new(frame: EventFrame) -> Self {
        let intended_at = stamp::read(&frame.event);
        Self { frame, intended_at }
    }
}

impl Remembered {
    fn insert(&mut self, bytes: &Bytes, event: &Rc<HeardEvent>) {
        // The bytes may be a part of a large buffer that must not stay for their sake.
        let bytes = Bytes::copy_from_slice(bytes);
        self.by_bytes.insert(bytes.clone(), Rc::clone(event));
        self.order.push_back(bytes);
        if self.order.len() > EVENTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_bytes.remove(&oldest);
        }
    }
}
