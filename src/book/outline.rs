//! The chapters of a book and their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::{OrdMap, Vector};
use quire_protocol::command::{
    At, ChapterAdd, ChapterKind, ChapterMove, ChapterRemove, ChapterRename, ChapterRestore, Mode,
};
use quire_protocol::event::{self, By, Event, Person};
use quire_protocol::frame::Answer;
use quire_protocol::view::Assignment;
use quire_protocol::{ChapterId, Limits, Rejection, Seq, Timestamp, UserId, What};
use serde::{Deserialize, Serialize};

use super::access::not_found;
use super::act::Caller;
use super::fact::{Origin, fingerprint};
use super::{Book, Committed, Decision, ImportedChapter, measure};

/// A chapter or part, removed ones included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Chapter {
    pub(super) title: String,
    pub(super) kind: ChapterKind,
    /// The part it belongs to, or belonged to when it was removed.
    pub(super) parent: Option<ChapterId>,
    pub(super) removed: Option<Removed>,
    /// How many may write in it at a time.
    #[serde(default, skip_serializing_if = "Mode::is_exclusive")]
    pub(super) mode: Mode,
    /// Whose task it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assignment: Option<Assignment>,
    origin: Origin,
    /// The sibling it was added after.
    added_after: Option<ChapterId>,
    /// It was added after all siblings.
    added_last: bool,
}

/// What is known of a removal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Removed {
    pub(super) at: Timestamp,
    pub(super) by: Person,
    /// The sibling it stood after.
    after: Option<ChapterId>,
}

/// All chapters, and the order of those that are not removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outline {
    chapters: OrdMap<ChapterId, Arc<Chapter>>,
    /// Children of each part in order; `None`: the top level.
    siblings: OrdMap<Option<ChapterId>, Vector<ChapterId>>,
}

/// [`Outline`] as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedOutline {
    chapters: Vec<(ChapterId, Chapter)>,
    siblings: Vec<(Option<ChapterId>, Vec<ChapterId>)>,
}

impl Outline {
    /// A chapter that is not removed.
    pub(super) fn get(&self, id: &ChapterId) -> Option<&Chapter> {
        self.chapters.get(id).map(Arc::as_ref).filter(|chapter| chapter.removed.is_none())
    }

    /// A chapter that the caller named.
    pub(super) fn find(&self, id: &ChapterId) -> Result<&Chapter, Rejection> {
        self.get(id).ok_or(not_found(What::Chapter))
    }

    /// A chapter, even if it is removed.
    pub(super) fn ever(&self, id: &ChapterId) -> Option<&Chapter> {
        self.chapters.get(id).map(Arc::as_ref)
    }

    /// How many there are, removed ones included.
    pub(super) fn len(&self) -> usize {
        self.chapters.len()
    }

    fn children(&self, parent: Option<&ChapterId>) -> impl DoubleEndedIterator<Item = &ChapterId> {
        self.siblings.get(&parent.cloned()).into_iter().flatten()
    }

    /// Chapters that are not removed, each part before its children.
    pub(super) fn reading_order(&self) -> impl Iterator<Item = (&ChapterId, &Chapter)> {
        let ids = self.children(None).flat_map(|id| std::iter::once(id).chain(self.children(Some(id))));
        ids.filter_map(|id| Some((id, self.get(id)?)))
    }

    /// Chapters that can be restored.
    pub(super) fn removed(&self) -> impl Iterator<Item = (&ChapterId, &Chapter, &Removed)> {
        self.chapters.iter().filter_map(|(id, chapter)| Some((id, chapter.as_ref(), chapter.removed.as_ref()?)))
    }

    /// The sibling directly before this chapter.
    fn before(&self, id: &ChapterId, parent: Option<&ChapterId>) -> Option<ChapterId> {
        self.children(parent).rev().skip_while(|sibling| *sibling != id).nth(1).cloned()
    }

    /// The sibling that `at` means for `chapter` under `parent`.
    fn place(&self, chapter: &ChapterId, parent: Option<&ChapterId>, at: &At) -> Result<Option<ChapterId>, Rejection> {
        match at {
            At::First => Ok(None),
            At::Last => Ok(self.children(parent).rev().find(|sibling| *sibling != chapter).cloned()),
            At::After(sibling) if sibling == chapter => Err(Rejection::invalid("at", "a chapter cannot follow itself")),
            At::After(sibling) if self.children(parent).any(|other| other == sibling) => Ok(Some(sibling.clone())),
            At::After(_) => Err(Rejection::invalid("at", "the chapter to follow is not there")),
        }
    }

    /// Only parts hold chapters, and parts hold no parts.
    fn check_parent(&self, kind: ChapterKind, parent: Option<&ChapterId>) -> Result<(), Rejection> {
        match parent.map(|id| self.get(id)) {
            None => Ok(()),
            Some(_) if kind == ChapterKind::Part => Err(Rejection::invalid("parent", "a part stands in no part")),
            Some(Some(chapter)) if chapter.kind == ChapterKind::Part => Ok(()),
            Some(_) => Err(Rejection::invalid("parent", "there is no such part")),
        }
    }

    fn insert(&mut self, id: &ChapterId, parent: Option<&ChapterId>, after: Option<&ChapterId>) {
        let siblings = self.siblings.entry(parent.cloned()).or_default();
        let index =
            after.map_or(0, |after| siblings.index_of(after).expect("decide names a sibling that is there") + 1);
        siblings.insert(index, id.clone());
        self.change(id, |chapter| chapter.parent = parent.cloned());
    }

    fn take_out(&mut self, id: &ChapterId) {
        let parent = self.chapters[id].parent.clone();
        let siblings = self.siblings.entry(parent.clone()).or_default();
        siblings.retain(|sibling| sibling != id);
        if siblings.is_empty() {
            self.siblings.remove(&parent);
        }
    }

    fn change(&mut self, id: &ChapterId, change: impl FnOnce(&mut Chapter)) {
        change(Arc::make_mut(self.chapters.get_mut(id).expect("decide names a chapter that is there")));
    }

    pub(super) fn added(&mut self, event: &event::ChapterAdded, committed: &Committed) {
        let last = self.children(event.parent.as_ref()).next_back();
        let chapter = Chapter {
            title: event.title.clone(),
            kind: event.kind,
            parent: event.parent.clone(),
            removed: None,
            mode: Mode::default(),
            assignment: None,
            origin: Origin::new(committed, fingerprint(&(&event.title, event.kind, &event.parent))),
            added_after: event.after.clone(),
            added_last: last == event.after.as_ref(),
        };
        self.chapters.insert(event.chapter.clone(), Arc::new(chapter));
        self.insert(&event.chapter, event.parent.as_ref(), event.after.as_ref());
    }

    pub(super) fn moved(&mut self, event: &event::ChapterMoved) {
        self.take_out(&event.chapter);
        self.insert(&event.chapter, event.parent.as_ref(), event.after.as_ref());
    }

    pub(super) fn renamed(&mut self, event: &event::ChapterRenamed) {
        self.change(&event.chapter, |chapter| chapter.title.clone_from(&event.title));
    }

    pub(super) fn remove(&mut self, id: &ChapterId, at: Timestamp, by: Person) {
        let after = self.before(id, self.chapters[id].parent.as_ref());
        self.take_out(id);
        self.change(id, |chapter| {
            chapter.removed = Some(Removed { at, by, after });
            chapter.mode = Mode::default();
            chapter.assignment = None;
        });
    }

    pub(super) fn mode_set(&mut self, event: &event::ChapterModeSet) {
        self.change(&event.chapter, |chapter| chapter.mode = event.mode);
    }

    pub(super) fn assigned(&mut self, event: &event::ChapterAssigned) {
        self.change(&event.chapter, |chapter| chapter.assignment.clone_from(&event.assignment));
    }

    /// Nothing is the task of who is no member any more.
    pub(super) fn relieve(&mut self, user: &UserId) {
        let theirs = |chapter: &Chapter| chapter.assignment.as_ref().is_some_and(|task| task.person.user == *user);
        let ids: Vec<_> =
            self.chapters.iter().filter(|(_, chapter)| theirs(chapter)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            self.change(&id, |chapter| chapter.assignment = None);
        }
    }

    pub(super) fn restored(&mut self, event: &event::ChapterRestored) {
        self.change(&event.chapter, |chapter| chapter.removed = None);
        self.insert(&event.chapter, event.parent.as_ref(), event.after.as_ref());
    }

    pub(super) fn save(&self) -> SavedOutline {
        let chapters = self.chapters.iter().map(|(id, chapter)| (id.clone(), Chapter::clone(chapter)));
        let siblings = self.siblings.iter().map(|(part, ids)| (part.clone(), ids.iter().cloned().collect()));
        SavedOutline { chapters: chapters.collect(), siblings: siblings.collect() }
    }

    pub(super) fn restore(saved: SavedOutline) -> Self {
        Self {
            chapters: saved.chapters.into_iter().map(|(id, chapter)| (id, Arc::new(chapter))).collect(),
            siblings: saved.siblings.into_iter().map(|(part, ids)| (part, Vector::from(ids))).collect(),
        }
    }

    pub(super) fn check_invariants(&self) {
        let mut placed = 0;
        for (parent, siblings) in &self.siblings {
            assert!(!siblings.is_empty(), "no entry for an empty part");
            placed += siblings.len();
            let part = parent.as_ref().map(|part| self.get(part).expect("chapters stand in a part that is there"));
            assert!(part.is_none_or(|part| part.kind == ChapterKind::Part), "only parts hold chapters");
            for id in siblings {
                let chapter = self.get(id).expect("removed chapters have no place");
                assert_eq!(&chapter.parent, parent, "{id} stands where it belongs");
                assert!(parent.is_none() || chapter.kind != ChapterKind::Part, "parts hold no parts");
                assert_eq!(siblings.iter().filter(|other| *other == id).count(), 1, "{id} stands once");
            }
        }
        let present = self.chapters.values().filter(|chapter| chapter.removed.is_none()).count();
        assert_eq!(placed, present, "every chapter that is not removed has a place");
    }
}

impl Chapter {
    /// The same person added it with the same arguments.
    fn is_added_by(&self, caller: &Caller<'_>, wish: (&str, ChapterKind, Option<&ChapterId>), at: &At) -> bool {
        let same_place = match at {
            At::First => self.added_after.is_none(),
            At::Last => self.added_last,
            At::After(sibling) => self.added_after.as_ref() == Some(sibling),
        };
        same_place && self.origin.is(caller.user, fingerprint(&wish))
    }
}

impl Book {
    pub(super) fn decide_add(&self, caller: &Caller<'_>, command: &ChapterAdd) -> Result<Decision, Rejection> {
        let ChapterAdd { chapter, kind, at, parent, .. } = command;
        let limits = caller.context.limits;
        let title = measure::title(&command.title, limits)?;
        if let Some(existing) = self.outline.ever(chapter) {
            let again = existing.is_added_by(caller, (&title, *kind, parent.as_ref()), at);
            return existing.origin.repeat(again, Answer::Done {});
        }
        measure::room_for_one(self.outline.len(), "chapters_per_book", limits.chapters_per_book)?;
        self.outline.check_parent(*kind, parent.as_ref())?;
        let after = self.outline.place(chapter, parent.as_ref(), at)?;
        let (chapter, parent) = (chapter.clone(), parent.clone());
        Ok(Decision::one(event::ChapterAdded { chapter, title, kind: *kind, parent, after }))
    }

    pub(super) fn decide_move(&self, command: &ChapterMove) -> Result<Decision, Rejection> {
        let ChapterMove { chapter: id, at, parent } = command;
        let chapter = self.outline.find(id)?;
        self.outline.check_parent(chapter.kind, parent.as_ref())?;
        let after = self.outline.place(id, parent.as_ref(), at)?;
        if chapter.parent == *parent && self.outline.before(id, parent.as_ref()) == after {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::ChapterMoved { chapter: id.clone(), parent: parent.clone(), after }))
    }

    pub(super) fn decide_rename(&self, caller: &Caller<'_>, command: &ChapterRename) -> Result<Decision, Rejection> {
        let chapter = self.outline.find(&command.chapter)?;
        // K8: the lock covers the chapter's text and its title.
        self.check_not_locked_elsewhere(caller, &command.chapter)?;
        let title = measure::title(&command.title, caller.context.limits)?;
        if title == chapter.title {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::ChapterRenamed { chapter: command.chapter.clone(), title }))
    }

    /// It has happened, so nobody is asked whether they may; where there never was a text, nothing can.
    pub(super) fn decide_version_restored(
        &self,
        caller: &Caller<'_>,
        chapter: &ChapterId,
        (version, rev): (Seq, Seq),
    ) -> Result<Decision, Rejection> {
        self.ever_had_text(chapter)?;
        let person = caller.person();
        Ok(Decision::one(event::VersionRestored { chapter: chapter.clone(), version, rev, person }))
    }

    pub(super) fn decide_remove(&self, caller: &Caller<'_>, command: &ChapterRemove) -> Result<Decision, Rejection> {
        let chapter = &command.chapter;
        self.outline.find(chapter)?;
        self.check_alone(caller.user, caller.session, chapter)?;
        let children: Vec<_> = self.outline.children(Some(chapter)).cloned().collect();
        if !children.is_empty() {
            return Err(Rejection::Conflict { reason: "the part still has chapters".into(), children });
        }
        let mut events =
            self.clear_lock(chapter, event::ReleaseReason::ChapterRemoved, event::WaitEndReason::ChapterRemoved);
        events.push(event::ChapterRemoved { chapter: chapter.clone(), person: Some(caller.person()) }.into());
        Ok(Decision::done(events))
    }

    pub(super) fn decide_restore(&self, command: &ChapterRestore) -> Result<Decision, Rejection> {
        let id = &command.chapter;
        let chapter = self.outline.ever(id).ok_or(not_found(What::Chapter))?;
        let Some(removed) = &chapter.removed else { return Ok(Decision::nothing()) };
        let parent = chapter.parent.clone().filter(|part| self.outline.get(part).is_some());
        let old_place = removed.after.clone().map_or(At::First, At::After);
        // A place in a part that is gone is no place any more, nor is one behind a sibling that is gone.
        let at = if parent == chapter.parent { old_place } else { At::Last };
        let after = self
            .outline
            .place(id, parent.as_ref(), &at)
            .or_else(|_| self.outline.place(id, parent.as_ref(), &At::Last))?;
        Ok(Decision::one(event::ChapterRestored { chapter: id.clone(), parent, after }))
    }

    /// The outline's part of [`Book::apply`].
    pub(super) fn apply_removal(&mut self, event: &event::ChapterRemoved, committed: &Committed) {
        // Older events do not tell the name; whoever came by a permission of the library is no member.
        let by = event.person.clone().unwrap_or_else(|| match &committed.fact.by {
            By::Person { user, .. } => {
                let unnamed = || Person { user: user.clone(), name: user.to_string() };
                self.members.person(user).unwrap_or_else(unnamed)
            }
            By::System { .. } => unreachable!("the hub removes no chapters"),
        });
        self.outline.remove(&event.chapter, committed.at, by);
    }
}

/// The events that add these chapters in reading order.
pub(super) fn import(chapters: &[ImportedChapter], limits: &Limits) -> Result<Vec<Event>, Rejection> {
    measure::room_for_one(chapters.len().saturating_sub(1), "chapters_per_book", limits.chapters_per_book)?;
    let mut kinds = BTreeMap::new();
    let mut last = BTreeMap::new();
    let mut events = Vec::with_capacity(chapters.len());
    for chapter in chapters {
        let title = measure::title(&chapter.title, limits)?;
        let in_part = chapter.parent.as_ref().map(|parent| kinds.get(parent) == Some(&ChapterKind::Part));
        if in_part == Some(false) || (in_part.is_some() && chapter.kind == ChapterKind::Part) {
            return Err(Rejection::invalid("parent", "a chapter stands in a part that comes before it, or in none"));
        }
        if kinds.insert(&chapter.id, chapter.kind).is_some() {
            return Err(Rejection::IdTaken);
        }
        let after = last.insert(&chapter.parent, &chapter.id).cloned();
        let (id, parent) = (chapter.id.clone(), chapter.parent.clone());
        events.push(event::ChapterAdded { chapter: id, title, kind: chapter.kind, parent, after }.into());
    }
    Ok(events)
}

#[cfg(test)]
mod tests;
