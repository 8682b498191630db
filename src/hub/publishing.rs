//! Before a book is submitted or published: what there is to be done, and the point of its history that it is about. Both read
//! all of its texts, beside the book's actor.

use std::collections::BTreeSet;
use std::sync::Arc;

use quire_protocol::frame::Answer;
use quire_protocol::publishing::{Checklist, Waiting};
use quire_protocol::view::PointChapter;
use quire_protocol::{BookCommand, BookId, ChapterId, Rejection, Seq};

use super::history::History;
use super::mail::{AnswerTo, Mail, Wish};
use super::points::{Keeping, Points};
use super::seat::Seat;
use super::{Hub, unavailable};
use crate::book::Outlined;
use crate::chapter::point::Point;

/// A book about which somebody asks what is to be done.
pub(crate) struct Checking {
    pub(crate) points: Points,
    pub(crate) open_threads: u32,
    /// Chapters that somebody holds.
    pub(crate) held: BTreeSet<ChapterId>,
    pub(crate) outlined: Outlined,
    /// Its chapters with text, in reading order.
    pub(crate) histories: Vec<History>,
    /// The point that is out.
    pub(crate) edition: Option<Seq>,
}

impl Checking {
    /// Reads what has to be read. Chapters come one after the other: nobody waits for this.
    pub(crate) async fn answer(self) -> Result<Answer, Rejection> {
        let Self { points, open_threads, held, mut outlined, histories, edition } = self;
        let mut empty = Vec::new();
        for history in histories {
            let glance = history.glance().await?;
            if !glance.is_some_and(|(_, says_something)| says_something) {
                empty.push(history.chapter.clone());
            }
            if let Some(chapter) = outlined.chapters.iter_mut().find(|entry| entry.chapter == history.chapter) {
                chapter.rev = glance.map(|(rev, _)| rev);
            }
        }
        let waiting = match edition {
            Some(number) => Some(waiting(&points.find(number).await?.1, &outlined)),
            None => None,
        };
        let order = outlined.chapters.iter().map(|chapter| &chapter.chapter);
        let held = order.filter(|chapter| held.contains(chapter)).cloned().collect();
        Ok(Answer::Checklist(Checklist { open_threads, empty, held, waiting }))
    }
}

/// How a book differs from what it was.
fn waiting(then: &Point, now: &Outlined) -> Waiting {
    let like = |chapter: &PointChapter| (chapter.title.clone(), chapter.kind, chapter.parent.clone(), chapter.rev);
    let of_then = |id: &ChapterId| then.chapters.iter().find(|chapter| chapter.chapter == *id);
    let differs = |chapter: &&PointChapter| of_then(&chapter.chapter).map(like) != Some(like(chapter));
    let chapters = now.chapters.iter().filter(differs).map(|chapter| chapter.chapter.clone()).collect();
    let stayed = now.chapters.iter().map(|chapter| &chapter.chapter).filter(|id| of_then(id).is_some());
    let order = !stayed.eq(then.chapters.iter().map(|chapter| &chapter.chapter));
    let details = then.title != now.title
        || then.metadata.as_ref().is_some_and(|metadata| *metadata != now.metadata)
        || then.format.as_ref().is_some_and(|format| *format != now.format);
    Waiting { chapters, order, details }
}

/// What is to be decided once a point of the history is kept for it.
pub(crate) struct Offer {
    pub(crate) hub: Arc<Hub>,
    pub(crate) book: BookId,
    pub(crate) seat: Arc<Seat>,
    pub(crate) wish: Wish,
    pub(crate) points: Points,
    pub(crate) keeping: Keeping,
}

impl Offer {
    /// Keeps the point and has the book decide. Should it say no by then, a point more is all there is.
    pub(crate) async fn make(self) {
        let Self { hub, book, seat, wish, points, keeping } = self;
        let reference = match wish.answer {
            AnswerTo::Reference(reference) => Some(reference),
            AnswerTo::Task(_) | AnswerTo::Nobody => None,
        };
        let sent = match points.keep(&seat, keeping).await {
            Ok(point) => {
                let wish = Wish { point: Some(point), ..wish };
                hub.send(&book, Mail::Wish(Box::new(wish))).map_err(|_| unavailable())
            }
            Err(rejection) => Err(rejection),
        };
        if let (Err(rejection), Some(reference)) = (sent, reference) {
            seat.reply(reference, None, Err(rejection), &hub.limits);
        }
    }
}

/// The name of the point that is kept for a command.
pub(crate) fn label(command: &BookCommand) -> String {
    match command {
        BookCommand::PublishStart(_) => "Submitted".into(),
        _ => "Published".into(),
    }
}

#[cfg(test)]
mod tests {
    use quire_protocol::command::{ChapterKind, Metadata};
    use quire_protocol::event::Person;
    use quire_protocol::{Format, UserId};

    use super::*;

    fn chapter(id: &str, rev: u64) -> PointChapter {
        PointChapter {
            chapter: ChapterId::new(id).unwrap(),
            title: id.to_uppercase(),
            kind: ChapterKind::Chapter,
            parent: None,
            rev: (rev > 0).then_some(Seq(rev)),
            words: 0,
        }
    }

    fn then(chapters: Vec<PointChapter>) -> Point {
        let by = Person { user: UserId::new("ann").unwrap(), name: "Ann".into() };
        let (metadata, format) = (Some(Metadata::default()), Some(Format::default()));
        Point { label: "Published".into(), by, title: "Moby".into(), metadata, format, chapters }
    }

    fn now(chapters: Vec<PointChapter>) -> Outlined {
        Outlined { title: "Moby".into(), metadata: Metadata::default(), format: Format::default(), chapters }
    }

    fn names(waiting: &Waiting) -> Vec<&str> {
        waiting.chapters.iter().map(ChapterId::as_str).collect()
    }

    #[test]
    fn what_was_written_added_renamed_or_moved_waits() {
        let out = then(vec![chapter("c1", 4), chapter("c2", 0), chapter("c3", 2)]);
        let same = waiting(&out, &now(out.chapters.clone()));
        assert_eq!(same, Waiting { chapters: Vec::new(), order: false, details: false });

        let written = waiting(&out, &now(vec![chapter("c1", 5), chapter("c2", 1), chapter("c3", 2)]));
        assert_eq!((names(&written), written.order), (vec!["c1", "c2"], false));
        let renamed = PointChapter { title: "Loomings".into(), ..chapter("c3", 2) };
        let added = waiting(&out, &now(vec![chapter("c1", 4), chapter("c4", 0), chapter("c2", 0), renamed]));
        assert_eq!((names(&added), added.order), (vec!["c4", "c3"], false));
        let moved = waiting(&out, &now(vec![chapter("c2", 0), chapter("c1", 4), chapter("c3", 2)]));
        assert_eq!((names(&moved), moved.order), (vec![], true));
        let removed = waiting(&out, &now(vec![chapter("c1", 4), chapter("c3", 2)]));
        assert_eq!((names(&removed), removed.order), (vec![], true));
    }

    #[test]
    fn title_and_metadata_wait_unless_the_point_is_older_than_that() {
        let mut out = then(vec![chapter("c1", 4)]);
        let mut book = now(out.chapters.clone());
        book.metadata.subtitle = Some("or, The Whale".into());
        assert!(waiting(&out, &book).details);
        out.metadata = None;
        assert!(!waiting(&out, &book).details);
        book.title = "Moby-Dick".into();
        assert!(waiting(&out, &book).details);
    }
}
