//! What a tab hears: answers, events, notices, presence, and that nothing more comes.

use std::collections::VecDeque;
use std::time::Duration;

use futures::FutureExt as _;
use quire_protocol::ServerFrame;
use quire_protocol::command::After;
use quire_protocol::event::{Event, EventFrame};
use quire_protocol::frame::{Answer, Notice, Presence, Reply};

use super::{Person, Said, TabEnd, next_frame};

/// Longest wait for something that must come. Virtual time: it passes only when nobody has anything to do.
const PATIENCE: Duration = Duration::from_secs(1);

impl Person {
    /// Waits for the reply to a command; remembers what else is heard.
    pub async fn answer_to(&mut self, reference: u64) -> Said {
        let answer = self.answer_or_end(reference).await;
        answer.unwrap_or_else(|end| panic!("{} was sent away instead of answered: {end:?}", self.name))
    }

    /// Waits for the reply to a command, or for the end of the connection.
    pub async fn answer_or_end(&mut self, reference: u64) -> Result<Said, TabEnd> {
        loop {
            match self.listens().await {
                Ok(ServerFrame::Reply(reply)) => {
                    let Reply { reference: to, seq, ok, err } = *reply;
                    assert_eq!(to, reference, "replies come in the order of the commands");
                    let result = ok.ok_or_else(|| err.expect("a reply says ok or err").rejection);
                    return Ok(Said { seq, result });
                }
                Ok(frame) => self.heard.push_back(frame),
                Err(end) => return Err(end),
            }
        }
    }

    /// Waits for an event that fits; what else was heard stays.
    pub async fn hears<T>(&mut self, fits: impl Fn(&Event) -> Option<T>) -> T {
        self.hears_frame(|frame| fits(&frame.event)).await
    }

    /// Waits for an event frame that fits; what else was heard stays.
    pub async fn hears_frame<T>(&mut self, fits: impl Fn(&EventFrame) -> Option<T>) -> T {
        self.waits_for("an event", |frame| match frame {
            ServerFrame::Event(event) => fits(event),
            _ => None,
        })
        .await
    }

    /// Waits for a notice that fits.
    pub async fn is_told<T>(&mut self, fits: impl Fn(&Notice) -> Option<T>) -> T {
        self.waits_for("a notice", |frame| match frame {
            ServerFrame::Notice(notice) => fits(notice),
            _ => None,
        })
        .await
    }

    /// Waits for a presence frame that fits.
    pub async fn notices<T>(&mut self, fits: impl Fn(&Presence) -> Option<T>) -> T {
        self.waits_for("presence", |frame| match frame {
            ServerFrame::Presence(presence) => fits(presence),
            _ => None,
        })
        .await
    }

    /// Waits for a frame of one kind that fits. Frames of other kinds stay; earlier ones of its kind too.
    pub async fn waits_for<T>(&mut self, what: &str, fits: impl Fn(&ServerFrame) -> Option<T>) -> T {
        let found = self.heard.iter().enumerate().find_map(|(index, frame)| Some((index, fits(frame)?)));
        if let Some((index, found)) = found {
            self.heard.remove(index);
            return found;
        }
        loop {
            let Ok(next) = tokio::time::timeout(PATIENCE, self.listens()).await else {
                panic!("{} waited for {what} and heard only {:#?}", self.name, self.heard);
            };
            let frame = next.unwrap_or_else(|end| panic!("{} waited for {what} and was sent away: {end:?}", self.name));
            match fits(&frame) {
                Some(found) => return found,
                None => self.heard.push_back(frame),
            }
        }
    }

    /// The kinds of all events and notices that were heard and not waited for.
    pub async fn hears_all(&mut self) -> Vec<&'static str> {
        let kind = |frame: &ServerFrame| match frame {
            ServerFrame::Event(frame) => frame.event.kind(),
            ServerFrame::Notice(notice) => notice.kind(),
            ServerFrame::Draining(_) => "draining",
            other => panic!("unexpected: {other:?}"),
        };
        self.rest().await.iter().map(kind).collect()
    }

    /// The kinds of all events and notices that are here at this moment, without waiting for any.
    pub fn has_heard(&mut self) -> Vec<&'static str> {
        while let Some(Ok(frame)) = self.listens().now_or_never() {
            self.heard.push_back(frame);
        }
        let kind = |frame: &ServerFrame| match frame {
            ServerFrame::Event(frame) => Some(frame.event.kind()),
            ServerFrame::Notice(notice) => Some(notice.kind()),
            _ => None,
        };
        self.heard.iter().filter_map(kind).collect()
    }

    /// Nothing was heard that a story did not wait for: no event, no notice. Presence comes and goes.
    pub async fn hears_nothing_more(&mut self) {
        let rest = self.rest().await;
        assert!(rest.is_empty(), "{} heard more: {rest:#?}", self.name);
    }

    /// Everything that was heard and not waited for, but presence.
    pub async fn rest(&mut self) -> Vec<ServerFrame> {
        while let Ok(Ok(frame)) = tokio::time::timeout(Duration::from_millis(1), self.listens()).await {
            self.heard.push_back(frame);
        }
        self.heard.drain(..).filter(|frame| !matches!(frame, ServerFrame::Presence(_))).collect()
    }

    /// All presence frames that were heard, oldest first.
    pub async fn presence(&mut self) -> Vec<Presence> {
        while let Ok(Ok(frame)) = tokio::time::timeout(Duration::from_millis(1), self.listens()).await {
            self.heard.push_back(frame);
        }
        let (presence, rest) = self.heard.drain(..).partition(|frame| matches!(frame, ServerFrame::Presence(_)));
        self.heard = rest;
        let frame = |frame| match frame {
            ServerFrame::Presence(frame) => Some(frame),
            _ => None,
        };
        VecDeque::into_iter(presence).filter_map(frame).collect()
    }

    /// The tab stays open for this time.
    pub async fn stays(&mut self, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        while let Ok(next) = tokio::time::timeout_at(until, self.listens()).await {
            match next {
                Ok(frame) => self.heard.push_back(frame),
                Err(end) => panic!("{} was sent away: {end:?}", self.name),
            }
        }
    }

    /// Everything heard so far and not waited for, without waiting for more.
    pub fn takes_what_was_said(&mut self) -> Vec<ServerFrame> {
        while let Some(Ok(frame)) = self.listens().now_or_never() {
            self.heard.push_back(frame);
        }
        self.heard.drain(..).collect()
    }

    /// Forgets everything heard so far.
    pub fn forgets_what_was_said(&mut self) {
        while let Some(Ok(_)) = self.listens().now_or_never() {}
        self.heard.clear();
    }

    /// The next frame; cancel-safe.
    pub(super) async fn listens(&mut self) -> Result<ServerFrame, TabEnd> {
        let next = next_frame(&mut self.tab, self.encoding, &mut self.assembling, &mut self.reason).await;
        self.ended = next.is_err();
        let frame = next?;
        self.checks(&frame);
        Ok(frame)
    }

    /// I2: events of a book are contiguous, and nothing is heard of a book that is not open.
    fn checks(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Event(frame) => {
                let last = self.open.get_mut(&frame.book);
                let last = last.unwrap_or_else(|| panic!("{} hears of a book that is not open: {frame:?}", self.name));
                assert_eq!((frame.epoch, frame.seq), (last.epoch, last.seq.next()), "{} misses nothing", self.name);
                last.seq = frame.seq;
            }
            ServerFrame::Presence(frame) => {
                assert!(self.open.contains_key(&frame.book), "{} hears of a book that is not open", self.name);
            }
            ServerFrame::Notice(Notice::BookClosed { book, .. }) => drop(self.open.remove(book)),
            ServerFrame::Reply(reply) => {
                if let Some(Answer::Opened(opened)) = &reply.ok {
                    let book = self.opening.pop_front().expect("an answer to book.open answers one");
                    self.open.insert(book, After { epoch: opened.epoch, seq: opened.seq });
                }
            }
            _ => {}
        }
    }
}
