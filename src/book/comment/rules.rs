//! What may happen to comments and threads.

use quire_protocol::command::{
    Anchor, CommentAdd, CommentDelete, CommentEdit, CommentReply, ThreadReopen, ThreadResolve, ThreadsList,
};
use quire_protocol::event;
use quire_protocol::frame::Answer;
use quire_protocol::view::Thread as ThreadView;
use quire_protocol::{Action, ChapterId, CommentId, Limits, Rejection, Seq, ThreadId, UserId, What};

use super::{Comment, Thread};
use crate::book::access::not_found;
use crate::book::act::{Actor, Caller, Context};
use crate::book::fact::fingerprint;
use crate::book::{Book, Decision, measure};

/// A page of threads ends when its texts are larger than this, so that one answer stays in proportion.
const PAGE_BYTES: usize = 1024 * 1024;

impl Book {
    pub(in crate::book) fn decide_comment_add(
        &self,
        caller: &Caller<'_>,
        command: &CommentAdd,
    ) -> Result<Decision, Rejection> {
        let CommentAdd { thread, comment, chapter, anchor, .. } = command;
        let limits = caller.context.limits;
        self.outline.find(chapter)?;
        let body = measure::body(&command.body, limits)?;
        let mentions = distinct(&command.mentions, limits)?;
        if let Some(anchor) = anchor {
            measure::anchor(anchor, limits)?;
        }
        if let Some(existing) = self.threads.get(thread) {
            let print = fingerprint(&(comment, chapter, anchor, &body, &mentions));
            return existing.origin.repeat(existing.origin.is(caller.user, print), Answer::Done {});
        }
        if self.threads.has_comment(comment) {
            return Err(Rejection::IdTaken);
        }
        measure::room_for_one(self.threads.len(), "threads_per_book", limits.threads_per_book)?;
        self.check_mentions(&mentions, &[])?;
        Ok(Decision::one(event::CommentAdded {
            thread: thread.clone(),
            comment: comment.clone(),
            chapter: chapter.clone(),
            anchor: anchor.clone(),
            author: caller.person(),
            body,
            mentions,
        }))
    }

    pub(in crate::book) fn decide_comment_reply(
        &self,
        caller: &Caller<'_>,
        command: &CommentReply,
    ) -> Result<Decision, Rejection> {
        let CommentReply { thread: id, comment, .. } = command;
        let limits = caller.context.limits;
        let thread = self.thread(id)?;
        let body = measure::body(&command.body, limits)?;
        let mentions = distinct(&command.mentions, limits)?;
        if let Some(existing) = thread.comment(comment) {
            let again = existing.origin.is(caller.user, fingerprint(&(&body, &mentions)));
            return existing.origin.repeat(again, Answer::Done {});
        }
        if self.threads.has_comment(comment) {
            return Err(Rejection::IdTaken);
        }
        measure::room_for_one(thread.comments.len(), "comments_per_thread", limits.comments_per_thread)?;
        self.check_mentions(&mentions, &[])?;
        let (thread, comment) = (id.clone(), comment.clone());
        Ok(Decision::one(event::CommentReplied { thread, comment, author: caller.person(), body, mentions }))
    }

    pub(in crate::book) fn decide_comment_edit(
        &self,
        caller: &Caller<'_>,
        command: &CommentEdit,
    ) -> Result<Decision, Rejection> {
        let CommentEdit { thread, comment: id, .. } = command;
        let comment = self.comment(thread, id)?;
        if comment.author.user != *caller.user {
            return Err(Rejection::Forbidden);
        }
        if comment.deleted {
            return Err(not_found(What::Comment));
        }
        let body = measure::body(&command.body, caller.context.limits)?;
        let mentions = distinct(&command.mentions, caller.context.limits)?;
        if body == comment.body && mentions == comment.mentions {
            return Ok(Decision::nothing());
        }
        self.check_mentions(&mentions, &comment.mentions)?;
        let (thread, comment) = (thread.clone(), id.clone());
        Ok(Decision::one(event::CommentEdited { thread, comment, body, mentions }))
    }

    pub(in crate::book) fn decide_comment_delete(
        &self,
        caller: &Caller<'_>,
        command: &CommentDelete,
    ) -> Result<Decision, Rejection> {
        let CommentDelete { thread, comment: id } = command;
        let comment = self.comment(thread, id)?;
        if comment.author.user != *caller.user && !self.may(caller.user, Action::Resolve) {
            return Err(Rejection::Forbidden);
        }
        if comment.deleted {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::CommentDeleted { thread: thread.clone(), comment: id.clone() }))
    }

    pub(in crate::book) fn decide_resolve(
        &self,
        caller: &Caller<'_>,
        command: &ThreadResolve,
    ) -> Result<Decision, Rejection> {
        if self.thread(&command.thread)?.resolved.is_some() {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::ThreadResolved { thread: command.thread.clone(), person: caller.person() }))
    }

    pub(in crate::book) fn decide_reopen(&self, command: &ThreadReopen) -> Result<Decision, Rejection> {
        if self.thread(&command.thread)?.resolved.is_none() {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::ThreadReopened { thread: command.thread.clone() }))
    }

    /// What was found of the words that threads of a chapter are about. Whatever became of a thread meanwhile goes before it,
    /// and what is known already changes nothing.
    pub(in crate::book) fn decide_anchored(
        &self,
        context: &Context<'_>,
        chapter: &ChapterId,
        found: &[(ThreadId, bool)],
    ) -> Result<Decision, Rejection> {
        if !matches!(context.actor, Actor::Hub(_)) {
            return Err(Rejection::Forbidden);
        }
        let changes = found.iter().filter(|(id, is_found)| {
            let thread = self.threads.get(id).filter(|thread| thread.chapter == *chapter && self.has_chapter(chapter));
            thread.is_some_and(|thread| thread.is_open_about_words() && thread.detached == *is_found)
        });
        let told = |(id, is_found): &(ThreadId, bool)| {
            event::ThreadAnchored { thread: id.clone(), detached: !is_found }.into()
        };
        Ok(Decision::done(changes.map(told).collect()))
    }

    /// The open threads of a chapter that are about some of its words, each with these words.
    pub fn anchors(&self, chapter: &ChapterId) -> Vec<(ThreadId, Anchor)> {
        let threads = self.threads.of_chapter(chapter, Seq(0)).map(|(_, thread)| thread);
        let open = threads.filter(|thread| thread.is_open_about_words() && self.has_chapter(chapter));
        open.filter_map(|thread| Some((thread.id.clone(), thread.anchor.clone()?))).collect()
    }

    /// A page of threads with their comments, in the order in which they began. The cursor is where a page ended.
    pub fn threads(&self, viewer: &UserId, query: &ThreadsList, limits: &Limits) -> Result<Answer, Rejection> {
        if !self.may(viewer, Action::View) {
            return Err(not_found(What::Book));
        }
        if !self.may(viewer, Action::Comment) {
            return Err(Rejection::Forbidden);
        }
        let after = match query.cursor.as_deref().map(str::parse) {
            None => Seq(0),
            Some(Ok(after @ 0..=quire_protocol::id::INTEGER_MAX)) => Seq(after),
            Some(_) => return Err(Rejection::invalid("cursor", "it is not one that this list gave")),
        };
        let rows = query.limit.map_or(limits.list_rows, |limit| limits.list_rows.min(limit.max(1) as usize));
        let in_view = |thread: &Thread| self.has_chapter(&thread.chapter);
        Ok(match (&query.thread, &query.chapter) {
            (Some(thread), chapter) => {
                let thread = self.thread(thread)?;
                if chapter.as_ref().is_some_and(|chapter| *chapter != thread.chapter) {
                    return Err(not_found(What::Thread));
                }
                Answer::Threads { threads: vec![thread.view()], cursor: None }
            }
            (None, Some(chapter)) => {
                self.outline.find(chapter)?;
                page(self.threads.of_chapter(chapter, after), rows)
            }
            (None, None) => page(self.threads.after(after).filter(|(_, thread)| in_view(thread)), rows),
        })
    }

    /// A thread that the caller named; those of removed chapters are hidden.
    fn thread(&self, id: &ThreadId) -> Result<&Thread, Rejection> {
        let thread = self.threads.get(id).filter(|thread| self.has_chapter(&thread.chapter));
        thread.ok_or(not_found(What::Thread))
    }

    fn comment(&self, thread: &ThreadId, id: &CommentId) -> Result<&Comment, Rejection> {
        self.thread(thread)?.comment(id).ok_or(not_found(What::Comment))
    }

    /// K22: only people who may read the comment can be told of it. Whom it mentioned before, it may go on mentioning.
    fn check_mentions(&self, mentions: &[UserId], before: &[UserId]) -> Result<(), Rejection> {
        let may_read = |user: &UserId| before.contains(user) || self.may(user, Action::Comment);
        if mentions.iter().all(may_read) {
            Ok(())
        } else {
            Err(Rejection::invalid("mentions", "somebody in it may not read comments here"))
        }
    }
}

/// Mentions without repetitions.
fn distinct(mentions: &[UserId], limits: &Limits) -> Result<Vec<UserId>, Rejection> {
    measure::at_most(mentions.len(), "mentions", limits.mentions)?;
    let mut distinct: Vec<UserId> = Vec::with_capacity(mentions.len());
    for user in mentions {
        if !distinct.contains(user) {
            distinct.push(user.clone());
        }
    }
    Ok(distinct)
}

/// As many as fit on a page, at least one if there is one.
fn page<'a>(threads: impl Iterator<Item = (Seq, &'a Thread)>, rows: usize) -> Answer {
    let mut threads = threads.peekable();
    let mut page: Vec<ThreadView> = Vec::new();
    let (mut last, mut bytes) = (Seq(0), 0);
    while let Some((seq, thread)) = threads.next_if(|_| page.len() < rows && bytes < PAGE_BYTES) {
        page.push(thread.view());
        (last, bytes) = (seq, bytes + thread.weight());
    }
    Answer::Threads { threads: page, cursor: threads.peek().map(|_| last.to_string()) }
}
