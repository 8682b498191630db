//! Whom an event concerns, and what they are told of it. Which events are told is one closed table: a new event fails the
//! build until somebody has decided.
//!
//! What is told is worked out when the event is applied, because only then it is known who held what. Who of them may
//! know it is asked when it is delivered, of the book as it is then (I8).

#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeSet;

use quire_protocol::event::{
    By, ChapterAssigned, CommentReplied, Event, LockAcquired, LockReleased, Person, ReleaseReason,
};
use quire_protocol::inbox::{Told, Topic};
use quire_protocol::library::Permission;
use quire_protocol::{Action, BookId, ChapterId, CommentId, InvitationId, Role, ThreadId, Timestamp, UserId};

use super::{Book, Committed};

/// Characters of what was written that are told.
const TEXT_CHARS: usize = 200;

/// Who is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// These, as far as they may know.
    People(BTreeSet<UserId>),
    /// Whoever has this address, in normal form.
    Address(String),
    /// Everybody in the book who may know.
    Members,
    /// Those whom the library tells of its books.
    Library,
    /// Those who may publish the book.
    Moderators,
}

/// Something that somebody is to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Who.
    pub to: To,
    /// What.
    pub told: Told,
    /// Who did it: they are not told of it.
    pub by: Option<UserId>,
}

/// What is told besides the topic.
#[derive(Clone, Copy, Default)]
struct About<'a> {
    chapter: Option<&'a ChapterId>,
    thread: Option<&'a ThreadId>,
    comment: Option<&'a CommentId>,
    invitation: Option<&'a InvitationId>,
    role: Option<Role>,
    text: Option<&'a str>,
}

/// Whether somebody may be told of this event: what owes nothing needs no care before it is written.
pub fn may_be_told(by: &By, event: &Event) -> bool {
    match event {
        Event::LockAcquired(event) => gets_from_another(by, event),
        Event::LockReleased(event) => loss(event).is_some(),
        Event::ChapterAssigned(event) => event.assignment.is_some(),
        // Whoever comes by an invitation of their own knows.
        Event::MemberJoined(event) => matches!(by, By::Person { user, .. } if *user != event.member.user),
        Event::VersionRestored(_)
        | Event::LockQueued(_)
        | Event::CommentAdded(_)
        | Event::CommentReplied(_)
        | Event::CommentEdited(_)
        | Event::MemberInvited(_)
        | Event::MemberRoleChanged(_)
        | Event::MemberRemoved(_)
        | Event::AccessRequested(_)
        | Event::OwnershipOffered(_)
        | Event::OwnershipTransferred(_)
        | Event::BookShelved(_)
        | Event::PublishSubmitted(_)
        | Event::PublishChangesRequested(_)
        | Event::PublishApproved(_)
        | Event::PublishPublished(_)
        | Event::PublishUnpublished(_) => true,
        Event::BookCreated(_)
        | Event::BookDeleted(_)
        | Event::BookTrashed(_)
        | Event::BookRestored(_)
        | Event::BookUnshelved(_)
        | Event::MetadataChanged(_)
        | Event::FormatChanged(_)
        | Event::RoyaltiesChanged(_)
        | Event::PublishWithdrawn(_)
        | Event::ChapterAdded(_)
        | Event::ChapterMoved(_)
        | Event::ChapterRenamed(_)
        | Event::ChapterRemoved(_)
        | Event::ChapterRestored(_)
        | Event::ChapterModeSet(_)
        | Event::LockWaitEnded(_)
        | Event::LockRehomed(_)
        | Event::LockWaitRehomed(_)
        | Event::LockActive(_)
        | Event::CommentDeleted(_)
        | Event::ThreadResolved(_)
        | Event::ThreadReopened(_)
        | Event::ThreadAnchored(_)
        | Event::AccessRefused(_)
        | Event::OwnershipOfferEnded(_)
        | Event::MemberEndSet(_)
        | Event::MemberLeft(_)
        | Event::InvitationRevoked(_)
        | Event::InvitationResent(_)
        | Event::InvitationDeclined(_)
        | Event::InvitationMailed(_)
        | Event::Withheld(_) => false,
    }
}

/// The right without which nobody is told of it by the book. What ends a right, or comes before one, needs none.
const fn needed_to_know(topic: Topic) -> Option<Action> {
    match topic {
        Topic::Invited | Topic::Removed | Topic::BookShelved => None,
        Topic::RoleChanged
        | Topic::Assigned
        | Topic::Published
        | Topic::Unpublished
        | Topic::AccessGranted
        | Topic::OwnershipOffered
        | Topic::OwnershipTransferred => Some(Action::View),
        Topic::AccessRequested => Some(Action::ManageMembers),
        Topic::Submitted => Some(Action::Moderate),
        Topic::ChangesRequested | Topic::Approved => Some(Action::Publish),
        Topic::Mentioned | Topic::Replied => Some(Action::Comment),
        Topic::LockAsked | Topic::LockReceived | Topic::LockTaken | Topic::LockIdle => Some(Action::SeePeople),
        Topic::VersionRestored => Some(Action::History),
    }
}

impl Book {
    /// Whom this event concerns, and what they are to be told. Asked right before the event is applied.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`may_be_told` is the closed table")]
    pub fn notices(&self, committed: &Committed) -> Vec<Notice> {
        let Committed { fact, .. } = committed;
        if !may_be_told(&fact.by, &fact.event) {
            return Vec::new();
        }
        let tells = Tells { book: self, committed };
        match &fact.event {
            Event::MemberInvited(event) => {
                let about = About { invitation: Some(&event.invitation), role: Some(event.role), ..About::default() };
                let mut notice = tells.of(Topic::Invited, To::Address(event.email.clone()), about);
                notice.told.id = invited_id(&self.id, &event.invitation);
                notice.told.by = Some(event.inviter.clone());
                vec![notice]
            }
            Event::MemberRoleChanged(event) => {
                let about = About { role: Some(event.role), ..About::default() };
                vec![tells.of(Topic::RoleChanged, one(&event.user), about)]
            }
            Event::MemberRemoved(event) => vec![tells.of(Topic::Removed, one(&event.user), About::default())],
            Event::CommentAdded(event) => {
                let about =
                    About { chapter: Some(&event.chapter), ..written(&event.thread, &event.comment, &event.body) };
                tells.mentioned(event.mentions.iter(), about).into_iter().collect()
            }
            Event::CommentReplied(event) => tells.replied(event),
            Event::CommentEdited(event) => {
                let before = self.threads.mentions(&event.thread, &event.comment);
                let new = event.mentions.iter().filter(|user| !before.contains(user));
                let about = About {
                    chapter: self.threads.chapter(&event.thread),
                    ..written(&event.thread, &event.comment, &event.body)
                };
                tells.mentioned(new, about).into_iter().collect()
            }
            Event::LockQueued(event) => {
                let about = About { chapter: Some(&event.chapter), text: event.note.as_deref(), ..About::default() };
                let holders = self.held().filter(|held| *held.chapter == event.chapter).map(|held| held.user.clone());
                let mut notice = tells.of(Topic::LockAsked, To::People(holders.collect()), about);
                notice.told.by = Some(event.waiter.clone());
                vec![notice]
            }
            Event::LockAcquired(event) => {
                let about = About { chapter: Some(&event.chapter), ..About::default() };
                vec![tells.of(Topic::LockReceived, one(&event.holder.user), about)]
            }
            Event::LockReleased(event) => {
                let held = self.held().find(|held| *held.chapter == event.chapter && *held.session == event.session);
                let about = About { chapter: Some(&event.chapter), text: event.note.as_deref(), ..About::default() };
                let lost = loss(event).zip(held).map(|(topic, held)| tells.of(topic, one(held.user), about));
                lost.into_iter().collect()
            }
            Event::VersionRestored(event) => {
                let about = About { chapter: Some(&event.chapter), ..About::default() };
                let mut notice = tells.of(Topic::VersionRestored, To::Members, about);
                notice.told.by = Some(event.person.clone());
                vec![notice]
            }
            Event::BookShelved(_) => vec![tells.of(Topic::BookShelved, To::Library, About::default())],
            Event::ChapterAssigned(event) => tells.assigned(event).into_iter().collect(),
            event => tells.newcomer(event).or_else(|| tells.published(event)).into_iter().collect(),
        }
    }

    /// Those who may be told of it now (I8), `max` at most, and not who did it. Whoever an address belongs to is for the hub to say.
    pub fn audience(&self, notice: &Notice, max: usize) -> Vec<UserId> {
        let may = |user: &UserId| needed_to_know(notice.told.topic).is_none_or(|action| self.may(user, action));
        let people: BTreeSet<&UserId> = match &notice.to {
            To::People(people) => people.iter().filter(|user| may(user)).collect(),
            To::Members => self.members.iter().map(|member| &member.user).filter(|user| may(user)).collect(),
            To::Library => self.told_by_library().collect(),
            To::Moderators => self.granted().having(Permission::Publish).filter(|user| may(user)).collect(),
            To::Address(_) => BTreeSet::new(),
        };
        people.into_iter().filter(|user| notice.by.as_ref() != Some(*user)).take(max).cloned().collect()
    }

    fn owner(&self) -> To {
        let owners = self.members.iter().filter(|member| member.role == Role::Owner);
        To::People(owners.map(|owner| owner.user.clone()).collect())
    }

    /// What somebody was told, as it is now (I8): nothing if they may not know it any more, or if it is so no more.
    pub fn still_told(&self, user: &UserId, told: Told, now: Timestamp) -> Option<Told> {
        let may_know = match (told.topic, needed_to_know(told.topic)) {
            (Topic::BookShelved, _) => self.told_by_library().any(|other| other == user),
            (Topic::OwnershipOffered, _) => self.offered(now).is_some_and(|offer| offer.to.user == *user),
            (_, Some(action)) => self.may(user, action),
            // What ended a right, or comes before one.
            (_, None) => true,
        };
        may_know.then(|| self.still_so(told, now)).flatten()
    }

    /// What a webhook of the library is told, as it is now (I8): of a book that is in the library, what whoever set it may know.
    pub fn still_told_to_library(&self, by: &UserId, told: Told, now: Timestamp) -> Option<Told> {
        let needed = match (told.topic, needed_to_know(told.topic)) {
            (Topic::ChangesRequested | Topic::Approved, _) => Action::Moderate,
            (Topic::BookShelved, _) => Action::View,
            (_, needed) => needed.unwrap_or(Action::SeePeople),
        };
        let may_know = self.is_shelved() && self.may(by, needed);
        may_know.then(|| self.still_so(told, now)).flatten()
    }

    /// What was told, in its present words; nothing if the comment is gone, or if nobody waits for an answer.
    fn still_so(&self, mut told: Told, now: Timestamp) -> Option<Told> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other topics are of what happened, not of what waits")]
        let is_so = match told.topic {
            Topic::Invited => told.invitation.as_ref().is_some_and(|id| self.awaits(id, now)),
            Topic::OwnershipOffered => self.offered(now).is_some(),
            Topic::AccessRequested => told.by.as_ref().is_some_and(|by| self.members.requests.asks(&by.user)),
            _ => true,
        };
        if let (Some(thread), Some(comment)) = (&told.thread, &told.comment) {
            told.text = Some(beginning(self.threads.body(thread, comment)?));
        }
        is_so.then_some(told)
    }

    /// Whether this invitation still waits for an answer.
    pub fn awaits(&self, invitation: &InvitationId, now: Timestamp) -> bool {
        self.exists() && self.members.pending(now).any(|(id, _)| id == invitation)
    }

    /// T12: whoever is told of the library's books and may list this one.
    fn told_by_library(&self) -> impl Iterator<Item = &UserId> {
        let told = self.granted().having(Permission::Notifications);
        told.filter(|user| self.library_lists(user))
    }

    fn told(&self, topic: Topic, (id, at): (String, Timestamp), by: Option<Person>, about: About<'_>) -> Told {
        let About { chapter, thread, comment, invitation, role, text } = about;
        let title_of = |id: &ChapterId| self.outline.ever(id).map(|chapter| chapter.title.clone());
        Told {
            id,
            topic,
            at,
            book: self.id.clone(),
            title: self.title.clone(),
            by,
            chapter: chapter.cloned(),
            chapter_title: chapter.and_then(title_of),
            thread: thread.cloned(),
            comment: comment.cloned(),
            invitation: invitation.cloned(),
            role,
            text: text.map(beginning),
        }
    }
}

/// The same for the same invitation, wherever it is found.
pub fn invited_id(book: &BookId, invitation: &InvitationId) -> String {
    format!("{book}:{invitation}:{}", Topic::Invited.as_str())
}

/// One event, and the book before it.
struct Tells<'a> {
    book: &'a Book,
    committed: &'a Committed,
}

impl Tells<'_> {
    fn of(&self, topic: Topic, to: To, about: About<'_>) -> Notice {
        let by = match &self.committed.fact.by {
            By::Person { user, .. } => Some(user.clone()),
            By::System { .. } => None,
        };
        let id = format!("{}:{}:{}", self.book.id, self.committed.seq, topic.as_str());
        let person = by.as_ref().and_then(|user| self.book.members.person(user));
        let told = self.book.told(topic, (id, self.committed.at), person, about);
        Notice { to, told, by }
    }

    fn mentioned<'a>(&self, users: impl Iterator<Item = &'a UserId>, about: About<'_>) -> Option<Notice> {
        let users: BTreeSet<UserId> = users.cloned().collect();
        (!users.is_empty()).then(|| self.of(Topic::Mentioned, To::People(users), about))
    }

    fn assigned(&self, event: &ChapterAssigned) -> Option<Notice> {
        let task = event.assignment.as_ref()?;
        let about = About { chapter: Some(&event.chapter), ..About::default() };
        let mut notice = self.of(Topic::Assigned, one(&task.person.user), about);
        notice.told.by = Some(event.person.clone());
        Some(notice)
    }

    /// Somebody comes in who asked, or becomes the owner.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`may_be_told` is the closed table")]
    fn newcomer(&self, event: &Event) -> Option<Notice> {
        Some(match event {
            Event::MemberJoined(event) => {
                let about = About { role: Some(event.member.role), ..About::default() };
                self.of(Topic::AccessGranted, one(&event.member.user), about)
            }
            Event::AccessRequested(event) => {
                let about = About { text: event.note.as_deref(), ..About::default() };
                let mut notice = self.of(Topic::AccessRequested, self.book.owner(), about);
                notice.told.by = Some(event.person.clone());
                notice
            }
            Event::OwnershipOffered(event) => self.of(Topic::OwnershipOffered, one(&event.to.user), About::default()),
            Event::OwnershipTransferred(_) => self.of(Topic::OwnershipTransferred, To::Members, About::default()),
            _ => return None,
        })
    }

    /// A step of a book to its readers: those who have to do something are told, or whose book it is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`may_be_told` is the closed table")]
    fn published(&self, event: &Event) -> Option<Notice> {
        let owners = || self.book.owner();
        let (topic, to, person, note) = match event {
            Event::PublishSubmitted(event) => (Topic::Submitted, To::Moderators, &event.person, event.note.as_deref()),
            Event::PublishChangesRequested(event) => {
                (Topic::ChangesRequested, owners(), &event.person, Some(event.note.as_str()))
            }
            Event::PublishApproved(event) => (Topic::Approved, owners(), &event.person, event.note.as_deref()),
            Event::PublishPublished(event) => (Topic::Published, To::Members, &event.person, event.note.as_deref()),
            Event::PublishUnpublished(event) => (Topic::Unpublished, To::Members, &event.person, event.note.as_deref()),
            _ => return None,
        };
        let mut notice = self.of(topic, to, About { text: note, ..About::default() });
        notice.told.by = Some(person.clone());
        Some(notice)
    }

    /// Whoever is mentioned is told so, and not besides that the thread goes on.
    fn replied(&self, event: &CommentReplied) -> Vec<Notice> {
        let CommentReplied { thread, comment, body, mentions, .. } = event;
        let about = || About { chapter: self.book.threads.chapter(thread), ..written(thread, comment, body) };
        let authors = self.book.threads.authors(thread);
        let others: BTreeSet<UserId> = authors.filter(|user| !mentions.contains(user)).cloned().collect();
        let replied = (!others.is_empty()).then(|| self.of(Topic::Replied, To::People(others), about()));
        self.mentioned(mentions.iter(), about()).into_iter().chain(replied).collect()
    }
}

fn one(user: &UserId) -> To {
    To::People(std::iter::once(user.clone()).collect())
}

fn written<'a>(thread: &'a ThreadId, comment: &'a CommentId, body: &'a str) -> About<'a> {
    About { thread: Some(thread), comment: Some(comment), text: Some(body), ..About::default() }
}

/// Somebody else, or the hub, gave it to them.
fn gets_from_another(by: &By, event: &LockAcquired) -> bool {
    match by {
        By::Person { user, .. } => *user != event.holder.user,
        By::System { .. } => true,
    }
}

/// What a holder is told who did not let go; `None`: they did, or they cannot be helped.
const fn loss(event: &LockReleased) -> Option<Topic> {
    match event.reason {
        ReleaseReason::Forced => Some(Topic::LockTaken),
        ReleaseReason::Idle => Some(Topic::LockIdle),
        ReleaseReason::Released
        | ReleaseReason::Disconnected
        | ReleaseReason::HandedOver
        | ReleaseReason::Moved
        | ReleaseReason::PermissionChanged
        | ReleaseReason::ChapterRemoved
        | ReleaseReason::BookDeleted
        | ReleaseReason::ReplicaLost
        | ReleaseReason::Restored
        | ReleaseReason::ModeChanged => None,
    }
}

fn beginning(text: &str) -> String {
    let mut cut: String = text.chars().take(TEXT_CHARS).collect();
    if cut.len() < text.len() {
        cut.push('\u{2026}');
    }
    cut
}

#[cfg(test)]
mod tests;
