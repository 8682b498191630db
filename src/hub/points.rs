//! The history of a whole book, worked on by tasks of the hub beside the book's actor: a point is kept when every chapter has a
//! version, and read whenever somebody asks. Points are never merged into one state: there are few, and each may be large.

use std::sync::Arc;

use quire_protocol::event::Person;
use quire_protocol::frame::Answer;
use quire_protocol::view::PointRow;
use quire_protocol::{Action, BookId, Rejection, Seq, Timestamp, UserId};
use tokio::time::Instant;

use super::actor::PATIENCE;
use super::history::{History, Kept};
use super::seat::Seat;
use super::{Hub, ledger, unavailable};
use crate::book::Outlined;
use crate::chapter::point::{Point, has_room, no_such_point};
use crate::chapter::version::label;
use crate::store::{LogId, Position};

/// Points that are read at a time: each is in memory as a whole.
const POINTS_READ: usize = 4;
/// Others may keep points at the same time; more than so often is nobody's fault.
const ROUNDS_MAX: usize = 8;

/// A book, and what its history needs.
#[derive(Clone)]
pub(crate) struct Points {
    pub(crate) hub: Arc<Hub>,
    pub(crate) book: BookId,
    /// The right by which they are asked for.
    pub(crate) right: Action,
}

/// A book that is about to be kept.
pub(crate) struct Keeping {
    /// The name.
    pub(crate) label: String,
    /// The book as it is, without its texts.
    pub(crate) outlined: Outlined,
    /// Its chapters with text, in reading order.
    pub(crate) histories: Vec<History>,
}

impl Points {
    /// All points, the newest first.
    pub(crate) async fn list(&self, seat: &Seat) -> Result<Answer, Rejection> {
        let mut points: Vec<PointRow> = Vec::new();
        if let Some(tail) = self.tail().await? {
            let mut next = Seq(1);
            while next <= tail.seq {
                for (seq, at, point) in self.some(next).await? {
                    points.push(point.row(seq, at));
                    next = seq.next();
                }
            }
        }
        points.reverse();
        self.still_may(&seat.user).await?;
        Ok(Answer::Points { points })
    }

    /// One with its chapters.
    pub(crate) async fn read(&self, seat: &Seat, number: Seq) -> Result<Answer, Rejection> {
        let (at, point) = self.find(number).await?;
        self.still_may(&seat.user).await?;
        Ok(Answer::Point(Box::new(point.view(number, at))))
    }

    /// Keeps a version of every chapter, and then the point that names them. What fails between leaves versions and no
    /// point: asked again, it goes on with them. Answers its number.
    pub(crate) async fn keep(&self, seat: &Seat, keeping: Keeping) -> Result<Seq, Rejection> {
        let Keeping { label: name, outlined, histories } = keeping;
        let label = label(&name, &self.hub.limits)?;
        let by = Person { user: seat.user.clone(), name: seat.name.clone() };
        let (tail, last) = self.end().await?;
        // What could only be refused in the end pins no versions. Who asks again may have filled the last place.
        if !last.is_some_and(|last| last.label == label && last.by == by) {
            has_room(count(tail), &self.hub.limits)?;
        }
        let Outlined { title, metadata, format, mut chapters } = outlined;
        for history in histories {
            let Some(Kept { rev, words }) = history.save_for_point(seat, &label).await? else { continue };
            if let Some(chapter) = chapters.iter_mut().find(|entry| entry.chapter == history.chapter) {
                (chapter.rev, chapter.words) = (Some(rev), words);
            }
        }
        self.still_may(&seat.user).await?;
        let (metadata, format) = (Some(metadata), Some(format));
        self.append(&Point { label, by, title, metadata, format, chapters }).await
    }

    /// A point by its number.
    pub(crate) async fn find(&self, number: Seq) -> Result<(Timestamp, Point), Rejection> {
        // What no number of a point can be needs no look.
        let tail = self.tail().await?.filter(|tail| (1..=tail.seq.0).contains(&number.0));
        if tail.is_none() {
            return Err(no_such_point());
        }
        let first = self.some(number).await?.into_iter().next();
        first.map(|(_, at, point)| (at, point)).ok_or_else(unavailable)
    }

    async fn append(&self, point: &Point) -> Result<Seq, Rejection> {
        let deadline = Instant::now() + PATIENCE;
        for _ in 0..ROUNDS_MAX {
            let (tail, last) = self.end().await?;
            let Some(payload) = point.keep_after(count(tail), last.as_ref(), &self.hub.limits)? else {
                return Ok(Seq(count(tail)));
            };
            let append = ledger::append(&self.hub, &self.log(), tail, vec![payload]);
            if let Some(appended) = ledger::tries(&self.hub, append, deadline).await? {
                return Ok(appended.position.seq);
            }
        }
        Err(unavailable())
    }

    /// The last point, and where it lies.
    async fn end(&self) -> Result<(Option<Position>, Option<Point>), Rejection> {
        let Some(tail) = self.tail().await? else { return Ok((None, None)) };
        let last = self.some(tail.seq).await?.into_iter().next().map(|(_, _, point)| point);
        Ok((Some(tail), last))
    }

    async fn tail(&self) -> Result<Option<Position>, Rejection> {
        let tail = self.hub.store.tail(self.log()).await.map_err(|_| unavailable())?;
        if tail.is_some() || ledger::is_surely_absent(&self.hub) { Ok(tail) } else { Err(unavailable()) }
    }

    /// Some points from one on that is there.
    async fn some(&self, from: Seq) -> Result<Vec<(Seq, Timestamp, Point)>, Rejection> {
        // Each was bounded when it was kept; a limit that was lowered since hides none.
        let records = self.hub.store.read_archive(self.log(), from, POINTS_READ, usize::MAX).await;
        let records = records.map_err(|_| unavailable())?;
        let points: Result<Vec<_>, String> =
            records.iter().map(|record| Ok((record.seq, record.at, Point::of(record)?))).collect();
        let points = match points {
            Ok(points) if points.first().is_none_or(|(seq, ..)| *seq != from) => {
                Err(format!("record {from} is missing"))
            }
            points => points,
        };
        points.map_err(|error| {
            tracing::error!(log = %self.log(), error, "the points of a book cannot be read");
            unavailable()
        })
    }

    /// Whoever asked may have lost the right while this was worked on.
    pub(crate) async fn still_may(&self, user: &UserId) -> Result<(), Rejection> {
        self.hub.may(&self.book, user, self.right).await
    }

    fn log(&self) -> LogId {
        LogId::Points(self.book.clone())
    }
}

/// How many points there are.
fn count(tail: Option<Position>) -> u64 {
    tail.map_or(0, |tail| tail.seq.0)
}
