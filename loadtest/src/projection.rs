//! A tab's own small model of one book: fed by a snapshot and by events, compared by digest.
//!
//! Whatever way a tab took to a position, snapshot or events from the beginning, its model must be the same there, and
//! so must everybody else's. The model holds what all members see: titles, chapters and their order, who holds and
//! waits for what, members; and, for those who may read comments, the heads of the threads. It is written apart from
//! the hub's own book on purpose. A wrong event does not make it panic; it makes it differ.
//!
//! Who waits for a chapter is left out: a snapshot does not tell it of free chapters. What a tab cannot know, because a
//! chapter came back that was removed before its snapshot, it does not claim to know.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use quire_protocol::event::Event;
use quire_protocol::frame::Opened;
use quire_protocol::view::{ChapterView, Snapshot, ThreadHead};
use quire_protocol::{Action, ChapterId, Epoch, EventFrame, Role, Seq, SessionId, ThreadId, Timestamp, Token, UserId};

use crate::observation::View;

#[derive(Clone, Debug, Hash)]
struct Chapter {
    title: String,
    /// The discriminant of its kind, which has no order of its own.
    kind: u8,
    parent: Option<ChapterId>,
}

#[derive(Clone, Debug, Hash)]
struct Head {
    chapter: ChapterId,
    detached: bool,
    resolved: Option<(UserId, Timestamp)>,
    count: u32,
    last_at: Timestamp,
}

/// A model of one book at one position.
#[derive(Clone, Debug)]
pub struct Projection {
    epoch: Epoch,
    seq: Seq,
    title: String,
    metadata_seq: Seq,
    chapters: BTreeMap<ChapterId, Chapter>,
    /// Children of each part in order; `None`: the top level.
    order: BTreeMap<Option<ChapterId>, Vec<ChapterId>>,
    /// Held chapters.
    /// Who holds which chapter, who came first in front.
    locks: BTreeMap<ChapterId, Vec<(SessionId, Token)>>,
    members: BTreeMap<UserId, Role>,
    threads: BTreeMap<ThreadId, Head>,
    /// Removed chapters, as far as they are known.
    removed: BTreeMap<ChapterId, Chapter>,
    /// Those whose removal came as an event: their threads are known, too.
    saw_removed: BTreeSet<ChapterId>,
    /// All chapters are known.
    knows_outline: bool,
    /// All threads are known.
    knows_threads: bool,
}

impl Projection {
    /// The model of a book before its first event.
    pub fn empty(epoch: Epoch) -> Self {
        Self {
            epoch,
            seq: Seq(0),
            title: String::new(),
            metadata_seq: Seq(0),
            chapters: BTreeMap::new(),
            order: BTreeMap::new(),
            locks: BTreeMap::new(),
            members: BTreeMap::new(),
            threads: BTreeMap::new(),
            removed: BTreeMap::new(),
            saw_removed: BTreeSet::new(),
            knows_outline: true,
            knows_threads: true,
        }
    }

    /// The model after the answer to a `book.open`; `known` is the one that the tab had before.
    ///
    /// `None` if the answer is neither a snapshot nor events that follow what was known.
    pub fn opened(known: Option<Self>, opened: &Opened) -> Option<Self> {
        let mut projection = match (&opened.snapshot, &opened.events) {
            (Some(snapshot), None) => Self::of_snapshot(opened, snapshot),
            (None, Some(_)) => known.filter(|known| known.epoch == opened.epoch)?,
            _ => return None,
        };
        for frame in opened.events.iter().flatten() {
            projection.hear(frame);
        }
        projection.access_changed(&opened.can);
        Some(projection)
    }

    /// The tab may do this from now on: what it may not read it will not know.
    pub fn access_changed(&mut self, can: &[Action]) {
        self.knows_threads &= can.contains(&Action::Comment);
    }

    fn of_snapshot(opened: &Opened, snapshot: &Snapshot) -> Self {
        let mut projection = Self { seq: opened.seq, ..Self::empty(opened.epoch) };
        projection.title.clone_from(&snapshot.title);
        projection.metadata_seq = snapshot.metadata_seq;
        for view in &snapshot.chapters {
            projection.see_chapter(view);
        }
        for view in &snapshot.removed {
            let chapter = Chapter { title: view.title.clone(), kind: view.kind as u8, parent: None };
            projection.removed.insert(view.id.clone(), chapter);
        }
        projection.members = snapshot.members.iter().map(|member| (member.user.clone(), member.role)).collect();
        projection.knows_threads = snapshot.threads.is_some();
        projection.threads = snapshot.threads.iter().flatten().map(|head| (head.id.clone(), Head::of(head))).collect();
        projection
    }

    fn see_chapter(&mut self, view: &ChapterView) {
        let ChapterView { id, title, kind, parent, mode: _, assignment: _, lock, beside } = view;
        let chapter = Chapter { title: title.clone(), kind: *kind as u8, parent: parent.clone() };
        self.order.entry(parent.clone()).or_default().push(id.clone());
        self.chapters.insert(id.clone(), chapter);
        if let Some(lock) = lock {
            let beside = beside.iter().map(|other| (other.holder.session.clone(), other.token));
            let first = (lock.holder.session.clone(), lock.token);
            self.locks.insert(id.clone(), std::iter::once(first).chain(beside).collect());
        }
    }

    /// Where the model is.
    pub fn position(&self) -> (Epoch, Seq) {
        (self.epoch, self.seq)
    }

    /// Which session holds this chapter, of several the first, and under which token.
    pub fn held(&self, chapter: &ChapterId) -> Option<&(SessionId, Token)> {
        self.locks.get(chapter)?.first()
    }

    /// The chapters, each part before its children.
    pub fn reading_order(&self) -> impl Iterator<Item = &ChapterId> {
        let children = |parent: Option<ChapterId>| self.order.get(&parent).into_iter().flatten();
        children(None).flat_map(move |id| std::iter::once(id).chain(children(Some(id.clone()))))
    }

    /// The model, for the oracle.
    pub fn view(&self) -> View {
        let mut outline = DefaultHasher::new();
        (&self.title, self.metadata_seq.0).hash(&mut outline);
        for id in self.reading_order() {
            (id, self.chapters.get(id)).hash(&mut outline);
        }
        self.locks.hash(&mut outline);
        for (user, role) in &self.members {
            (user, *role as u8).hash(&mut outline);
        }
        let threads = self.knows_threads.then(|| {
            let mut threads = DefaultHasher::new();
            for head in self.threads.iter().filter(|(_, head)| self.chapters.contains_key(&head.chapter)) {
                head.hash(&mut threads);
            }
            threads.finish()
        });
        let outline = self.knows_outline.then(|| outline.finish());
        View { epoch: self.epoch, seq: self.seq, outline, threads }
    }

    /// Takes in the next event.
    pub fn hear(&mut self, frame: &EventFrame) {
        self.seq = frame.seq;
        match &frame.event {
            Event::BookCreated(event) => {
                self.title.clone_from(&event.title);
                self.metadata_seq = frame.seq;
                self.members.extend(event.owner.iter().map(|owner| (owner.user.clone(), owner.role)));
            }
            Event::BookDeleted(_) => *self = Self { seq: frame.seq, ..Self::empty(self.epoch) },
            Event::MetadataChanged(event) => {
                self.title.clone_from(&event.title);
                self.metadata_seq = frame.seq;
            }
            Event::MemberJoined(event) => {
                self.members.insert(event.member.user.clone(), event.member.role);
            }
            Event::MemberRoleChanged(event) => {
                self.members.insert(event.user.clone(), event.role);
            }
            Event::MemberRemoved(event) => drop(self.members.remove(&event.user)),
            Event::MemberLeft(event) => drop(self.members.remove(&event.user)),
            event if event.kind().starts_with("chapter.") => self.hear_of_chapter(event),
            event if event.kind().starts_with("lock.") => self.hear_of_lock(event),
            event => self.hear_of_thread(event, frame.at),
        }
    }

    fn hear_of_chapter(&mut self, event: &Event) {
        match event {
            Event::ChapterAdded(event) => {
                let chapter = Chapter { title: event.title.clone(), kind: event.kind as u8, parent: None };
                self.chapters.insert(event.chapter.clone(), chapter);
                self.place(&event.chapter, event.parent.as_ref(), event.after.as_ref());
            }
            Event::ChapterMoved(event) => self.place(&event.chapter, event.parent.as_ref(), event.after.as_ref()),
            Event::ChapterRenamed(event) => {
                if let Some(chapter) = self.chapters.get_mut(&event.chapter) {
                    chapter.title.clone_from(&event.title);
                }
            }
            Event::ChapterRemoved(event) => {
                self.take_out(&event.chapter);
                if let Some(chapter) = self.chapters.remove(&event.chapter) {
                    self.removed.insert(event.chapter.clone(), chapter);
                    self.saw_removed.insert(event.chapter.clone());
                }
            }
            Event::ChapterRestored(event) => {
                let chapter = self.removed.remove(&event.chapter);
                self.knows_outline &= chapter.is_some();
                self.knows_threads &= self.saw_removed.remove(&event.chapter);
                let unknown = Chapter { title: String::new(), kind: 0, parent: None };
                self.chapters.insert(event.chapter.clone(), chapter.unwrap_or(unknown));
                self.place(&event.chapter, event.parent.as_ref(), event.after.as_ref());
            }
            _ => {}
        }
    }

    fn take_out(&mut self, id: &ChapterId) {
        let parent = self.chapters.get(id).and_then(|chapter| chapter.parent.clone());
        if let Some(siblings) = self.order.get_mut(&parent) {
            siblings.retain(|sibling| sibling != id);
        }
    }

    fn place(&mut self, id: &ChapterId, parent: Option<&ChapterId>, after: Option<&ChapterId>) {
        self.take_out(id);
        let siblings = self.order.entry(parent.cloned()).or_default();
        let index = after.and_then(|after| siblings.iter().position(|sibling| sibling == after));
        siblings.insert(index.map_or(0, |index| index + 1), id.clone());
        if let Some(chapter) = self.chapters.get_mut(id) {
            chapter.parent = parent.cloned();
        }
    }

    fn hear_of_lock(&mut self, event: &Event) {
        let (chapter, session, token) = match event {
            Event::LockAcquired(event) => (&event.chapter, &event.holder.session, event.token),
            Event::LockRehomed(event) => (&event.chapter, &event.session, event.token),
            Event::LockReleased(event) => (&event.chapter, &event.session, None),
            _ => return,
        };
        let mut holders = self.locks.remove(chapter).unwrap_or_default();
        let place = holders.iter().position(|(holder, _)| holder == session);
        match (place, token) {
            (Some(place), Some(token)) => holders[place].1 = token,
            (None, Some(token)) => holders.push((session.clone(), token)),
            (Some(place), None) => drop(holders.remove(place)),
            (None, None) => {}
        }
        if !holders.is_empty() {
            self.locks.insert(chapter.clone(), holders);
        }
    }

    fn hear_of_thread(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::CommentAdded(event) => {
                let chapter = event.chapter.clone();
                let head = Head { chapter, detached: false, resolved: None, count: 1, last_at: at };
                self.threads.insert(event.thread.clone(), head);
            }
            Event::CommentReplied(event) => {
                if let Some(head) = self.threads.get_mut(&event.thread) {
                    (head.count, head.last_at) = (head.count + 1, at);
                }
            }
            Event::ThreadResolved(event) => {
                if let Some(head) = self.threads.get_mut(&event.thread) {
                    head.resolved = Some((event.person.user.clone(), at));
                }
            }
            Event::ThreadReopened(event) => {
                if let Some(head) = self.threads.get_mut(&event.thread) {
                    head.resolved = None;
                }
            }
            Event::ThreadAnchored(event) => {
                if let Some(head) = self.threads.get_mut(&event.thread) {
                    head.detached = event.detached;
                }
            }
            _ => {}
        }
    }
}

impl Head {
    fn of(head: &ThreadHead) -> Self {
        Self {
            chapter: head.chapter.clone(),
            detached: head.detached,
            resolved: head.resolved.as_ref().map(|resolved| (resolved.by.user.clone(), resolved.at)),
            count: head.count,
            last_at: head.last_at,
        }
    }
}
