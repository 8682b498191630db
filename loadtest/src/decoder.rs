//! Frames of hubs. Everybody who hears an event hears the same bytes: they are read once for all tabs of a process.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hasher as _};
use std::rc::Rc;

use bytes::Bytes;
use quire_protocol::frame::Text;
use quire_protocol::{BookId, ChapterId, DecodeError, Encoding, EventFrame, Seq, ServerFrame, SessionId};

use crate::observation::Micros;
use crate::stamp;

/// How frames are written: the encoding that clients get who do not choose.
pub(crate) const ENCODING: Encoding = Encoding::MessagePack;
/// Frames of a kind that are remembered; together with the next number they bound the memory.
const REMEMBERED_MAX: usize = 1_024;
/// Larger frames are read each time.
const REMEMBERED_BYTES_MAX: usize = 32 * 1_024;
/// How an event begins: a map whose first entry is `t`.
const EVENT: &[u8] = b"\xa1t\xa5event";
const PRESENCE: &[u8] = b"\xa1t\xa8presence";
const TEXT: &[u8] = b"\xa1t\xa4text";

/// A frame of a hub.
pub(crate) enum Heard {
    /// Something happened to a book.
    Event(Rc<HeardEvent>),
    /// A chapter's text has changed.
    Text(Rc<HeardText>),
    /// Who came, moved and left: well formed, and of no interest here.
    Presence,
    /// Everything else.
    Other(ServerFrame),
}

/// An event as all tabs hear it.
pub(crate) struct HeardEvent {
    pub(crate) frame: EventFrame,
    /// When its command was meant to be sent, if it says so.
    pub(crate) intended_at: Option<Micros>,
}

/// A change of a text as all tabs hear it.
pub(crate) struct HeardText {
    pub(crate) book: BookId,
    pub(crate) chapter: ChapterId,
    pub(crate) rev: Seq,
    pub(crate) by: SessionId,
    pub(crate) update: Rc<[u8]>,
    /// Equal for equal updates.
    pub(crate) digest: u64,
}

/// Equal for equal bytes.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Reads frames.
#[derive(Default)]
pub(crate) struct Decoder {
    events: RefCell<Remembered<Rc<HeardEvent>>>,
    texts: RefCell<Remembered<Rc<HeardText>>>,
    presence: RefCell<Remembered<()>>,
    received_bytes: Cell<u64>,
}

/// What the last frames say.
struct Remembered<T> {
    by_bytes: HashMap<Bytes, T>,
    order: VecDeque<Bytes>,
}

impl Decoder {
    /// Reads one frame.
    pub(crate) fn decode(&self, bytes: &Bytes) -> Result<Heard, DecodeError> {
        self.received_bytes.set(self.received_bytes.get() + bytes.len() as u64);
        let begins = |with: &[u8]| bytes.get(1..).is_some_and(|rest| rest.starts_with(with));
        if begins(EVENT)
            && let Some(event) = self.events.borrow().get(bytes)
        {
            return Ok(Heard::Event(event));
        }
        if begins(TEXT)
            && let Some(text) = self.texts.borrow().get(bytes)
        {
            return Ok(Heard::Text(text));
        }
        if begins(PRESENCE) && self.presence.borrow().get(bytes).is_some() {
            return Ok(Heard::Presence);
        }
        Ok(match ServerFrame::decode(bytes, ENCODING)? {
            ServerFrame::Event(frame) => {
                let intended_at = stamp::read(&frame.event);
                let event = Rc::new(HeardEvent { frame: *frame, intended_at });
                self.events.borrow_mut().insert(bytes, Rc::clone(&event));
                Heard::Event(event)
            }
            ServerFrame::Text(frame) => {
                let Text { book, chapter, rev, by, update } = frame;
                let digest = digest(&update.0);
                let text = Rc::new(HeardText { book, chapter, rev, by, update: update.0.into(), digest });
                self.texts.borrow_mut().insert(bytes, Rc::clone(&text));
                Heard::Text(text)
            }
            ServerFrame::Presence(_) => {
                self.presence.borrow_mut().insert(bytes, ());
                Heard::Presence
            }
            frame => Heard::Other(frame),
        })
    }

    /// Payload that was read so far, bytes.
    pub(crate) fn received_bytes(&self) -> u64 {
        self.received_bytes.get()
    }
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { by_bytes: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T: Clone> Remembered<T> {
    fn get(&self, bytes: &Bytes) -> Option<T> {
        self.by_bytes.get(bytes).cloned()
    }

    fn insert(&mut self, bytes: &Bytes, value: T) {
        if bytes.len() > REMEMBERED_BYTES_MAX {
            return;
        }
        // The bytes may be a part of a large buffer that must not stay for their sake.
        let bytes = Bytes::copy_from_slice(bytes);
        self.by_bytes.insert(bytes.clone(), value);
        self.order.push_back(bytes);
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_bytes.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_protocol::event::{By, Cause, ChapterRemoved};
    use quire_protocol::frame::Presence;
    use quire_protocol::{BookId, ChapterId, Epoch, Seq, Timestamp};

    use super::*;

    fn event(seq: u64) -> Bytes {
        let frame = EventFrame {
            book: BookId::new("b").unwrap(),
            epoch: Epoch(1),
            seq: Seq(seq),
            at: Timestamp(1),
            by: By::System { system: Cause::Idle },
            event: ChapterRemoved { chapter: ChapterId::new("c").unwrap(), person: None }.into(),
        };
        ENCODING.encode(&frame).into()
    }

    #[test]
    fn equal_bytes_are_read_once_and_others_are_told_apart() {
        let decoder = Decoder::default();
        let read = |bytes: &Bytes| match decoder.decode(bytes).unwrap() {
            Heard::Event(event) => event,
            _ => panic!("an event"),
        };
        let (first, again, second) = (read(&event(1)), read(&event(1)), read(&event(2)));
        assert!(Rc::ptr_eq(&first, &again));
        assert_eq!(second.frame.seq, Seq(2));
        let presence =
            Presence { book: BookId::new("b").unwrap(), joined: vec![], moved: vec![], left: vec![], count: 0 };
        for _ in 0..2 {
            assert!(matches!(decoder.decode(&ENCODING.encode(&presence).into()), Ok(Heard::Presence)));
        }
        assert_eq!(decoder.presence.borrow().order.len(), 1);
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let decoder = Decoder::default();
        for seq in 0..2 * REMEMBERED_MAX as u64 {
            assert!(decoder.decode(&event(seq)).is_ok());
        }
        let events = decoder.events.borrow();
        assert_eq!((events.by_bytes.len(), events.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }
}
