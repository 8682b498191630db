//! What people see and hear of a book, masked by their rights.

use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::event::{Event, Home, Member};
use quire_protocol::view::{
    ChapterView, HolderView, InvitationRow, InvitationView, LockView, PointChapter, RemovedView, Snapshot, WaiterView,
};
use quire_protocol::{Action, ChapterId, Format, Rejection, Role, SessionId, Timestamp, Token, UserId};

use super::access::allows;
use super::lock::{Holding, Lock};
use super::{Book, Stage};
use crate::store::Card;

/// What a user may do in a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Their role; `None`: no member.
    pub role: Option<Role>,
    /// What they may do, in the order of the table.
    pub can: Vec<Action>,
}

/// What somebody is in a book, and all that they may do: two people of whom it is the same hear the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    role: Option<Role>,
    /// One bit for each action, in the order of the table.
    can: u32,
}

impl Standing {
    /// Whether they may do this.
    pub fn may(self, action: Action) -> bool {
        let bits = Action::ALL.into_iter().zip(0_u32..);
        bits.into_iter().any(|(other, bit)| other == action && self.can & 1 << bit != 0)
    }
}

impl Standing {
    /// Whether they may know of this event, also when they look back.
    pub fn hears(self, event: &Event) -> bool {
        needed_to_hear(event).is_some_and(|action| self.may(action))
    }
}

/// How much of an event a user may hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hearing {
    /// All of it.
    Whole,
    /// Only that something happened.
    Withheld,
    /// Nothing: the book does not exist for them.
    Nothing,
}

/// A held chapter, for the hub's timers.
#[derive(Clone, Debug, PartialEq)]
pub struct Held<'a> {
    /// Which chapter.
    pub chapter: &'a ChapterId,
    /// Who.
    pub user: &'a UserId,
    /// In which tab.
    pub session: &'a SessionId,
    /// Where the tab is served.
    pub home: &'a Home,
    /// The current token.
    pub token: Token,
    /// The last activity that the log knows: the grant, or a later `lock.active`.
    pub active_at: Timestamp,
}

/// A place in the queue for a chapter, for the hub's timers.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits<'a> {
    /// Which chapter.
    pub chapter: &'a ChapterId,
    /// Who.
    pub user: &'a UserId,
    /// In which tab.
    pub session: &'a SessionId,
    /// Where the tab is served.
    pub home: &'a Home,
}

/// What a book is called and which chapters it has, in reading order, without their texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlined {
    /// Its title.
    pub title: String,
    /// What is said of it.
    pub metadata: Metadata,
    /// What it looks like.
    pub format: Format,
    /// Its chapters, as if nobody had written into them.
    pub chapters: Vec<PointChapter>,
}

impl Book {
    /// What `user` is here; `None`: no member.
    pub fn role(&self, user: &UserId) -> Option<Role> {
        self.members.role(user).filter(|_| self.exists())
    }

    /// What `user` is here and may do.
    pub fn access(&self, user: &UserId) -> Access {
        Access {
            role: self.role(user),
            can: Action::ALL.into_iter().filter(|action| self.may(user, *action)).collect(),
        }
    }

    /// What `user` is here and may do, for comparisons.
    pub fn standing(&self, user: &UserId) -> Standing {
        let bits = Action::ALL.into_iter().zip(0_u32..);
        let can = bits.filter(|(action, _)| self.may(user, *action)).fold(0, |can, (_, bit)| can | 1 << bit);
        Standing { role: self.role(user), can }
    }

    /// Whether `user` may do this now.
    pub fn may(&self, user: &UserId, action: Action) -> bool {
        // Whether a book that readers had is deleted is the library's matter.
        let is_librarys = action == Action::DeleteBook && self.publishing.was_out();
        let by_role = || !is_librarys && self.members.role(user).is_some_and(|role| allows(role, action));
        let is_there = self.exists() || self.trashed_until().is_some() && action == Action::DeleteBook;
        is_there && (by_role() || self.library_allows(user, action))
    }

    /// How much of an event `user` may hear, by their rights after it (I8, R7).
    pub fn hearing(&self, user: &UserId, event: &Event) -> Hearing {
        // Of a book's end hears whoever was there; nobody has a right to anything any more.
        if let Event::BookDeleted(_) | Event::BookTrashed(_) = event {
            return if self.members.get(user).is_some() { Hearing::Whole } else { Hearing::Nothing };
        }
        if !self.may(user, Action::View) {
            return Hearing::Nothing;
        }
        match needed_to_hear(event) {
            Some(action) if self.may(user, action) => Hearing::Whole,
            _ => Hearing::Withheld,
        }
    }

    /// The whole book, as far as `viewer` may know it.
    pub fn snapshot(&self, viewer: &UserId, now: Timestamp, is_away: &dyn Fn(&SessionId) -> bool) -> Snapshot {
        let may = |action| self.may(viewer, action);
        let (view, people) = (may(Action::View), may(Action::SeePeople));
        let chapters = self.outline.reading_order().filter(|_| view).map(|(id, chapter)| {
            let lock = self.locks.get(id).filter(|_| people);
            ChapterView {
                id: id.clone(),
                title: chapter.title.clone(),
                kind: chapter.kind,
                parent: chapter.parent.clone(),
                mode: chapter.mode,
                assignment: chapter.assignment.clone().filter(|_| people),
                lock: lock.and_then(|lock| lock_view(lock, is_away)),
                beside: lock.map(|lock| beside_view(lock, is_away)).unwrap_or_default(),
            }
        });
        let removed =
            self.outline.removed().filter(|_| may(Action::Organise)).map(|(id, chapter, removed)| RemovedView {
                id: id.clone(),
                title: chapter.title.clone(),
                kind: chapter.kind,
                removed_at: removed.at,
                by: removed.by.clone(),
            });
        let threads = self.threads.after(quire_protocol::Seq(0)).map(|(_, thread)| thread);
        let heads = threads.filter(|thread| self.has_chapter(&thread.chapter)).map(super::comment::Thread::head);
        let invitations = self.members.pending(now).map(|(id, invitation)| InvitationView {
            id: id.clone(),
            email: invitation.email.clone(),
            role: invitation.role,
            expires_at: invitation.expires_at,
            mail: invitation.mail(),
        });
        Snapshot {
            id: self.id.clone(),
            title: if view { self.title.clone() } else { String::new() },
            metadata: if view { (*self.metadata).clone() } else { Metadata::default() },
            metadata_seq: self.metadata_seq,
            shelved: view && self.is_shelved(),
            publishing: self.publishing(viewer),
            format: if view { (*self.format).clone() } else { Format::default() },
            format_seq: self.format_seq,
            chapters: chapters.collect(),
            removed: removed.collect(),
            threads: may(Action::Comment).then(|| heads.collect()),
            members: self.members.iter().filter(|_| people).cloned().collect(),
            invitations: may(Action::ManageMembers).then(|| invitations.collect()),
            requests: may(Action::ManageMembers).then(|| self.members.requests.view()),
            offer: self.offered(now).filter(|_| people),
        }
    }

    /// All held chapters; a live one once for each of its holders.
    pub fn held(&self) -> impl Iterator<Item = Held<'_>> {
        self.locks.iter().flat_map(|(chapter, lock)| {
            lock.holders.iter().map(move |holding| {
                let Holding { holder, home, token, active_at, .. } = holding;
                let (user, session) = (&holder.user, &holder.session);
                Held { chapter, user, session, home, token: *token, active_at: *active_at }
            })
        })
    }

    /// All places in the queues for chapters.
    pub fn waiting(&self) -> impl Iterator<Item = Waits<'_>> {
        self.locks.iter().flat_map(|(chapter, lock)| {
            lock.waiting.iter().map(move |waiter| Waits {
                chapter,
                user: &waiter.person.user,
                session: &waiter.session,
                home: &waiter.home,
            })
        })
    }

    /// Whether the session holds or waits for something.
    pub fn stake_of(&self, session: &SessionId) -> bool {
        self.locks.stakes(session).len() > 0
    }

    /// Whether the chapter is there and not removed.
    pub fn has_chapter(&self, chapter: &ChapterId) -> bool {
        self.exists() && self.outline.get(chapter).is_some()
    }

    /// What a point of the book's history says, but for the texts.
    pub fn outlined(&self) -> Outlined {
        let chapters = self.outline.reading_order().map(|(id, chapter)| PointChapter {
            chapter: id.clone(),
            title: chapter.title.clone(),
            kind: chapter.kind,
            parent: chapter.parent.clone(),
            rev: None,
            words: 0,
        });
        Outlined {
            title: self.title.clone(),
            metadata: (*self.metadata).clone(),
            format: (*self.format).clone(),
            chapters: chapters.collect(),
        }
    }

    /// All chapters with text, in reading order.
    pub fn texts(&self) -> impl Iterator<Item = &ChapterId> {
        self.outline.reading_order().filter(|(_, chapter)| chapter.kind != ChapterKind::Part).map(|(id, _)| id)
    }

    /// There is such a chapter with text, or was one before it was removed.
    pub fn ever_had_text(&self, chapter: &ChapterId) -> Result<(), Rejection> {
        let known = self.outline.ever(chapter).is_some_and(|chapter| chapter.kind != ChapterKind::Part);
        if known { Ok(()) } else { Err(Rejection::NotFound { what: quire_protocol::What::Chapter }) }
    }

    /// The chapter is there, and no part.
    pub fn has_text(&self, chapter: &ChapterId) -> Result<(), Rejection> {
        match self.outline.find(chapter)?.kind {
            ChapterKind::Part => Err(Rejection::invalid("chapter", "a part has no text")),
            ChapterKind::Front | ChapterKind::Chapter | ChapterKind::Back => Ok(()),
        }
    }

    /// The book in the index of books (R17).
    pub fn card(&self, now: Timestamp) -> Card {
        let pending = self.members.pending(now).filter(|_| self.exists());
        let invitations = pending.map(|(id, invitation)| {
            let row = InvitationRow {
                id: id.clone(),
                book: self.id.clone(),
                title: self.title.clone(),
                role: invitation.role,
                by: invitation.inviter.clone(),
                expires_at: invitation.expires_at,
            };
            (invitation.email.clone(), row)
        });
        // Out of the trash it is restored by those alone whom its card names.
        let knows = |user: &UserId| self.exists() || self.is_restorable_by(user);
        let members: Vec<&Member> = self.members.iter().filter(|member| knows(&member.user)).collect();
        let ends = members.iter().filter_map(|member| Some((member.user.clone(), member.until?))).collect();
        Card {
            book: self.id.clone(),
            seq: self.seq,
            title: self.title.clone(),
            members: members.iter().map(|member| (member.user.clone(), member.role)).collect(),
            ends,
            invitations: invitations.collect(),
            claim: self.members.claim().filter(|_| self.exists()).cloned(),
            trashed_until: self.trashed_until(),
            deleted: self.stage == Stage::Deleted,
        }
    }
}

fn lock_view(lock: &Lock, is_away: &dyn Fn(&SessionId) -> bool) -> Option<LockView> {
    let Holding { holder, token, since_at, .. } = lock.holders.first()?;
    let waiting = lock.waiting.iter().map(|waiter| WaiterView {
        user: waiter.person.user.clone(),
        name: waiter.person.name.clone(),
        session: waiter.session.clone(),
        note: waiter.note.clone(),
        asked_at: waiter.asked_at,
    });
    let (holder, away) = (holder.clone(), is_away(&holder.session));
    Some(LockView { holder, token: *token, since_at: *since_at, away, waiting: waiting.collect() })
}

fn beside_view(lock: &Lock, is_away: &dyn Fn(&SessionId) -> bool) -> Vec<HolderView> {
    let view = |Holding { holder, token, since_at, .. }: &Holding| {
        let (holder, away) = (holder.clone(), is_away(&holder.session));
        HolderView { holder, token: *token, since_at: *since_at, away }
    };
    lock.holders.iter().skip(1).map(view).collect()
}

/// The right without which an event is withheld. Closed: a new kind of event fails the build.
#[deny(clippy::wildcard_enum_match_arm)]
const fn needed_to_hear(event: &Event) -> Option<Action> {
    match event {
        Event::BookCreated(_)
        | Event::BookDeleted(_)
        | Event::BookTrashed(_)
        | Event::BookRestored(_)
        | Event::BookShelved(_)
        | Event::BookUnshelved(_)
        | Event::MetadataChanged(_)
        | Event::FormatChanged(_)
        | Event::ChapterAdded(_)
        | Event::ChapterMoved(_)
        | Event::ChapterRenamed(_)
        | Event::ChapterRemoved(_)
        | Event::ChapterRestored(_)
        | Event::ChapterModeSet(_)
        | Event::PublishPublished(_)
        | Event::PublishUnpublished(_) => Some(Action::View),
        Event::ChapterAssigned(_)
        | Event::LockAcquired(_)
        | Event::LockReleased(_)
        | Event::LockQueued(_)
        | Event::LockWaitEnded(_)
        | Event::LockRehomed(_)
        | Event::LockWaitRehomed(_)
        | Event::LockActive(_)
        | Event::MemberJoined(_)
        | Event::MemberRoleChanged(_)
        | Event::MemberEndSet(_)
        | Event::OwnershipOffered(_)
        | Event::OwnershipOfferEnded(_)
        | Event::OwnershipTransferred(_)
        | Event::MemberRemoved(_)
        | Event::MemberLeft(_) => Some(Action::SeePeople),
        Event::VersionRestored(_) => Some(Action::History),
        Event::CommentAdded(_)
        | Event::CommentReplied(_)
        | Event::CommentEdited(_)
        | Event::CommentDeleted(_)
        | Event::ThreadResolved(_)
        | Event::ThreadReopened(_)
        | Event::ThreadAnchored(_) => Some(Action::Comment),
        Event::MemberInvited(_)
        | Event::InvitationRevoked(_)
        | Event::InvitationResent(_)
        | Event::InvitationDeclined(_)
        | Event::InvitationMailed(_)
        | Event::AccessRequested(_)
        | Event::AccessRefused(_) => Some(Action::ManageMembers),
        // What is said about a text is for those who get the whole of it.
        Event::PublishSubmitted(_)
        | Event::PublishWithdrawn(_)
        | Event::PublishChangesRequested(_)
        | Event::PublishApproved(_) => Some(Action::Download),
        Event::RoyaltiesChanged(_) => Some(Action::Royalties),
        Event::Withheld(_) => None,
    }
}

#[cfg(test)]
mod tests;
