//! Comment threads. They never need a lock: anybody who may comment does so on a chapter that somebody else holds.

mod rules;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet, Vector};
use quire_protocol::command::Anchor;
use quire_protocol::event::{self, Person};
use quire_protocol::view::{self, Resolved, ThreadHead};
use quire_protocol::{ChapterId, CommentId, Seq, ThreadId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::Committed;
use super::fact::{Origin, fingerprint};

/// A comment, or what is left of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Comment {
    id: CommentId,
    author: Person,
    body: String,
    mentions: Vec<UserId>,
    at: Timestamp,
    edited_at: Option<Timestamp>,
    deleted: bool,
    origin: Origin,
}

/// A thread about a chapter. While the chapter is removed, nobody sees it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thread {
    id: ThreadId,
    pub(super) chapter: ChapterId,
    anchor: Option<Anchor>,
    /// What it is about is not in the text any more.
    detached: bool,
    resolved: Option<Resolved>,
    comments: Vector<Arc<Comment>>,
    origin: Origin,
}

/// [`Thread`] as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedThread {
    id: ThreadId,
    chapter: ChapterId,
    anchor: Option<Anchor>,
    #[serde(default)]
    detached: bool,
    resolved: Option<Resolved>,
    comments: Vec<Comment>,
    origin: Origin,
}

impl Thread {
    fn comment(&self, id: &CommentId) -> Option<&Comment> {
        self.comments.iter().map(Arc::as_ref).find(|comment| comment.id == *id)
    }

    pub(super) fn head(&self) -> ThreadHead {
        ThreadHead {
            id: self.id.clone(),
            chapter: self.chapter.clone(),
            anchor: self.anchor.clone(),
            detached: self.detached,
            resolved: self.resolved.clone(),
            count: u32::try_from(self.comments.len()).unwrap_or(u32::MAX),
            last_at: self.comments.last().map(|comment| comment.at).unwrap_or_default(),
        }
    }

    pub(super) fn view(&self) -> view::Thread {
        let comments = self.comments.iter().map(|comment| view::Comment {
            id: comment.id.clone(),
            author: comment.author.clone(),
            body: comment.body.clone(),
            mentions: comment.mentions.clone(),
            at: comment.at,
            edited_at: comment.edited_at,
            deleted: comment.deleted,
        });
        view::Thread {
            id: self.id.clone(),
            chapter: self.chapter.clone(),
            anchor: self.anchor.clone(),
            detached: self.detached,
            resolved: self.resolved.clone(),
            comments: comments.collect(),
        }
    }

    pub(super) fn is_resolved(&self) -> bool {
        self.resolved.is_some()
    }

    /// It is not settled, and about some words of the text that may go or come.
    fn is_open_about_words(&self) -> bool {
        !self.is_resolved() && self.anchor.as_ref().is_some_and(|anchor| !anchor.quote.is_empty())
    }

    /// The size of its texts, bytes.
    pub(super) fn weight(&self) -> usize {
        self.comments.iter().map(|comment| comment.body.len()).sum()
    }
}

/// All threads, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Threads {
    /// By the event that began them.
    by_start: OrdMap<Seq, Arc<Thread>>,
    ids: OrdMap<ThreadId, Seq>,
    by_chapter: OrdMap<ChapterId, OrdSet<Seq>>,
    /// The thread of every comment: comment ids are unique in the book.
    comments: OrdMap<CommentId, Seq>,
}

impl Threads {
    pub(super) fn len(&self) -> usize {
        self.by_start.len()
    }

    pub(super) fn get(&self, id: &ThreadId) -> Option<&Thread> {
        self.ids.get(id).map(|seq| self.by_start[seq].as_ref())
    }

    /// Threads that began after `after`, with the event that began them.
    pub(super) fn after(&self, after: Seq) -> impl Iterator<Item = (Seq, &Thread)> {
        self.by_start.range(after.next()..).map(|(seq, thread)| (*seq, thread.as_ref()))
    }

    /// The same of one chapter.
    pub(super) fn of_chapter(&self, chapter: &ChapterId, after: Seq) -> impl Iterator<Item = (Seq, &Thread)> {
        let seqs = self.by_chapter.get(chapter).into_iter().flat_map(move |seqs| seqs.range(after.next()..));
        seqs.map(|seq| (*seq, self.by_start[seq].as_ref()))
    }

    /// The chapter that a thread is about.
    pub(super) fn chapter(&self, id: &ThreadId) -> Option<&ChapterId> {
        self.get(id).map(|thread| &thread.chapter)
    }

    /// Whoever wrote in a thread, once for each comment that is left.
    pub(super) fn authors(&self, id: &ThreadId) -> impl Iterator<Item = &UserId> {
        let comments = self.get(id).into_iter().flat_map(|thread| &thread.comments);
        comments.filter(|comment| !comment.deleted).map(|comment| &comment.author.user)
    }

    /// What a comment says; `None`: it is gone.
    pub(super) fn body(&self, thread: &ThreadId, id: &CommentId) -> Option<&str> {
        let comment = self.get(thread)?.comment(id)?;
        (!comment.deleted).then_some(comment.body.as_str())
    }

    /// Who is mentioned in a comment.
    pub(super) fn mentions(&self, thread: &ThreadId, id: &CommentId) -> &[UserId] {
        self.get(thread).and_then(|thread| thread.comment(id)).map_or(&[], |comment| &comment.mentions)
    }

    fn has_comment(&self, id: &CommentId) -> bool {
        self.comments.contains_key(id)
    }

    fn insert(&mut self, thread: Thread) {
        let seq = thread.origin.seq;
        self.ids.insert(thread.id.clone(), seq);
        self.by_chapter.entry(thread.chapter.clone()).or_default().insert(seq);
        for comment in &thread.comments {
            self.comments.insert(comment.id.clone(), seq);
        }
        self.by_start.insert(seq, Arc::new(thread));
    }

    fn change(&mut self, id: &ThreadId, change: impl FnOnce(&mut Thread)) {
        let thread = self.ids.get(id).and_then(|seq| self.by_start.get_mut(seq));
        change(Arc::make_mut(thread.expect("decide names a thread that is there")));
    }

    fn change_comment(&mut self, thread: &ThreadId, id: &CommentId, change: impl FnOnce(&mut Comment)) {
        self.change(thread, |thread| {
            let index = thread.comments.iter().position(|comment| comment.id == *id);
            let comment = index.and_then(|index| thread.comments.get_mut(index));
            change(Arc::make_mut(comment.expect("decide names a comment that is there")));
        });
    }

    pub(super) fn added(&mut self, event: &event::CommentAdded, committed: &Committed) {
        let began = (&event.comment, &event.chapter, &event.anchor, &event.body, &event.mentions);
        let origin = Origin::new(committed, fingerprint(&began));
        let text = (&event.body, &event.mentions);
        let comment = Comment::new(&event.comment, &event.author, text, (committed.at, origin.clone()));
        self.insert(Thread {
            id: event.thread.clone(),
            chapter: event.chapter.clone(),
            anchor: event.anchor.clone(),
            detached: false,
            resolved: None,
            comments: Vector::unit(Arc::new(comment)),
            origin,
        });
    }

    pub(super) fn replied(&mut self, event: &event::CommentReplied, committed: &Committed) {
        let text = (&event.body, &event.mentions);
        let origin = Origin::new(committed, fingerprint(&text));
        let comment = Comment::new(&event.comment, &event.author, text, (committed.at, origin));
        let began = *self.ids.get(&event.thread).expect("decide names a thread that is there");
        self.comments.insert(event.comment.clone(), began);
        self.change(&event.thread, |thread| thread.comments.push_back(Arc::new(comment)));
    }

    pub(super) fn edited(&mut self, event: &event::CommentEdited, at: Timestamp) {
        self.change_comment(&event.thread, &event.comment, |comment| {
            comment.body.clone_from(&event.body);
            comment.mentions.clone_from(&event.mentions);
            comment.edited_at = Some(at);
        });
    }

    pub(super) fn deleted(&mut self, event: &event::CommentDeleted) {
        self.change_comment(&event.thread, &event.comment, |comment| {
            comment.deleted = true;
            comment.body.clear();
            comment.mentions.clear();
        });
    }

    pub(super) fn resolved(&mut self, event: &event::ThreadResolved, at: Timestamp) {
        self.change(&event.thread, |thread| thread.resolved = Some(Resolved { by: event.person.clone(), at }));
    }

    pub(super) fn reopened(&mut self, event: &event::ThreadReopened) {
        self.change(&event.thread, |thread| thread.resolved = None);
    }

    pub(super) fn anchored(&mut self, event: &event::ThreadAnchored) {
        self.change(&event.thread, |thread| thread.detached = event.detached);
    }

    pub(super) fn save(&self) -> Vec<SavedThread> {
        let saved = self.by_start.values().map(|thread| {
            let Thread { id, chapter, anchor, detached, resolved, comments, origin } = Thread::clone(thread);
            let comments = comments.iter().map(|comment| Comment::clone(comment)).collect();
            SavedThread { id, chapter, anchor, detached, resolved, comments, origin }
        });
        saved.collect()
    }

    pub(super) fn restore(saved: Vec<SavedThread>) -> Self {
        let mut threads = Self::default();
        for SavedThread { id, chapter, anchor, detached, resolved, comments, origin } in saved {
            let comments = comments.into_iter().map(Arc::new).collect();
            threads.insert(Thread { id, chapter, anchor, detached, resolved, comments, origin });
        }
        threads
    }

    pub(super) fn check_invariants(&self, has_chapter: impl Fn(&ChapterId) -> bool) {
        assert_eq!(self.by_start.len(), self.ids.len(), "every thread has one id");
        let indexed: usize = self.by_chapter.values().map(OrdSet::len).sum();
        assert_eq!(self.by_start.len(), indexed, "every thread is about one chapter");
        let mut comments = 0;
        for (seq, thread) in &self.by_start {
            comments += thread.comments.len();
            assert!(has_chapter(&thread.chapter), "{:?} is about a chapter of the book", thread.id);
            assert!(self.by_chapter[&thread.chapter].contains(seq), "{:?} is found by its chapter", thread.id);
            assert_eq!(self.ids.get(&thread.id), Some(seq), "{:?} is found by its id", thread.id);
            assert!(!thread.comments.is_empty(), "{:?} began with a comment", thread.id);
            assert!(thread.anchor.is_some() || !thread.detached, "{:?} is about no words that could go", thread.id);
            for comment in &thread.comments {
                assert_eq!(self.comments.get(&comment.id), Some(seq), "{:?} is found by its id", comment.id);
                assert_eq!(comment.deleted, comment.body.is_empty(), "only tombstones are empty");
            }
        }
        assert_eq!(comments, self.comments.len(), "comment ids are unique in the book");
    }
}

impl Comment {
    fn new(id: &CommentId, author: &Person, text: (&String, &Vec<UserId>), made: (Timestamp, Origin)) -> Self {
        let ((body, mentions), (at, origin)) = (text, made);
        Self {
            id: id.clone(),
            author: author.clone(),
            body: body.clone(),
            mentions: mentions.clone(),
            at,
            edited_at: None,
            deleted: false,
            origin,
        }
    }
}

#[cfg(test)]
mod tests;
