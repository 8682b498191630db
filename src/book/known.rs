//! What a log has told so far, for those who read it from its beginning: what people and chapters are called, who may
//! what, who holds what. It decides nothing, and forgets whom nobody can name any more.

use std::collections::BTreeMap;

use quire_protocol::event::{Event, Person};
use quire_protocol::{ChapterId, InvitationId, Role, SessionId, Timestamp, UserId};

/// People that are remembered. Beyond it those who are no members are forgotten, so their names are not known any more.
const PEOPLE_MAX: usize = 4_096;
/// Invitations that are remembered. Beyond it those that lapsed are forgotten.
const INVITATIONS_MAX: usize = 4_096;

/// What is known at a place of the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    people: BTreeMap<UserId, Somebody>,
    chapters: BTreeMap<ChapterId, String>,
    invitations: BTreeMap<InvitationId, Invited>,
    held: BTreeMap<(ChapterId, SessionId), UserId>,
}

/// A person as the log speaks of them.
#[derive(Clone, Debug)]
struct Somebody {
    name: String,
    /// `None`: no member, or not any more.
    role: Option<Role>,
}

/// An invitation that nobody answered.
#[derive(Clone, Debug)]
pub(super) struct Invited {
    pub(super) email: String,
    pub(super) role: Role,
    expires_at: Timestamp,
}

impl Known {
    pub(super) fn name(&self, user: &UserId) -> Option<&str> {
        self.people.get(user).map(|somebody| somebody.name.as_str())
    }

    pub(super) fn role(&self, user: &UserId) -> Option<Role> {
        self.people.get(user)?.role
    }

    pub(super) fn title(&self, chapter: &ChapterId) -> Option<&str> {
        self.chapters.get(chapter).map(String::as_str)
    }

    /// Chapters and parts that were ever there.
    pub(super) fn chapters(&self) -> impl Iterator<Item = &ChapterId> {
        self.chapters.keys()
    }

    pub(super) fn invitation(&self, id: &InvitationId) -> Option<&Invited> {
        self.invitations.get(id)
    }

    /// Who holds a chapter in this session.
    pub(super) fn holder(&self, chapter: &ChapterId, session: &SessionId) -> Option<&UserId> {
        self.held.get(&(chapter.clone(), session.clone()))
    }

    /// Takes in the next event.
    pub(super) fn learn(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::BookCreated(event) => {
                if let Some(owner) = &event.owner {
                    self.joins(&owner.user, &owner.name, owner.role);
                }
            }
            Event::ChapterAdded(event) => drop(self.chapters.insert(event.chapter.clone(), event.title.clone())),
            Event::ChapterRenamed(event) => drop(self.chapters.insert(event.chapter.clone(), event.title.clone())),
            Event::LockAcquired(event) => {
                self.is_called(&event.holder.user, &event.holder.name);
                let place = (event.chapter.clone(), event.holder.session.clone());
                self.held.insert(place, event.holder.user.clone());
            }
            Event::LockReleased(event) => {
                self.held.remove(&(event.chapter.clone(), event.session.clone()));
            }
            Event::LockQueued(event) => self.meets(&event.waiter),
            Event::CommentAdded(event) => self.meets(&event.author),
            Event::CommentReplied(event) => self.meets(&event.author),
            Event::ThreadResolved(event) => self.meets(&event.person),
            Event::ChapterAssigned(event) => self.meets(&event.person),
            Event::PublishSubmitted(event) => self.meets(&event.person),
            Event::PublishWithdrawn(event) => self.meets(&event.person),
            Event::PublishChangesRequested(event) => self.meets(&event.person),
            Event::PublishApproved(event) => self.meets(&event.person),
            Event::PublishPublished(event) => self.meets(&event.person),
            Event::PublishUnpublished(event) => self.meets(&event.person),
            Event::MemberInvited(event) => {
                self.meets(&event.inviter);
                let Self { invitations, .. } = self;
                let (email, role, expires_at) = (event.email.clone(), event.role, event.expires_at);
                invitations.insert(event.invitation.clone(), Invited { email, role, expires_at });
                if invitations.len() > INVITATIONS_MAX {
                    invitations.retain(|_, invited| invited.expires_at > at);
                }
            }
            Event::InvitationResent(event) => {
                if let Some(invited) = self.invitations.get_mut(&event.invitation) {
                    invited.expires_at = event.expires_at;
                }
            }
            Event::MemberJoined(event) => {
                self.joins(&event.member.user, &event.member.name, event.member.role);
                if let Some(invitation) = &event.invitation {
                    self.invitations.remove(invitation);
                }
            }
            Event::MemberRoleChanged(event) => self.has_role(&event.user, Some(event.role)),
            Event::AccessRequested(event) => self.meets(&event.person),
            Event::OwnershipTransferred(event) => {
                self.has_role(&event.from, Some(Role::Author));
                self.has_role(&event.to, Some(Role::Owner));
            }
            Event::MemberRemoved(event) => self.has_role(&event.user, None),
            Event::MemberLeft(event) => self.has_role(&event.user, None),
            Event::InvitationRevoked(event) => drop(self.invitations.remove(&event.invitation)),
            Event::InvitationDeclined(event) => drop(self.invitations.remove(&event.invitation)),
            _ => {}
        }
    }

    /// What was between here and the next event is lost: nobody knows who holds what.
    pub(super) fn loses_sight(&mut self) {
        self.held.clear();
    }

    fn meets(&mut self, person: &Person) {
        self.is_called(&person.user, &person.name);
    }

    pub(super) fn is_called(&mut self, user: &UserId, name: &str) {
        if let Some(somebody) = self.people.get_mut(user) {
            if somebody.name != name {
                name.clone_into(&mut somebody.name);
            }
            return;
        }
        self.people.insert(user.clone(), Somebody { name: name.to_owned(), role: None });
        if self.people.len() > PEOPLE_MAX {
            self.people.retain(|other, somebody| somebody.role.is_some() || other == user);
        }
    }

    fn joins(&mut self, user: &UserId, name: &str, role: Role) {
        self.is_called(user, name);
        self.has_role(user, Some(role));
    }

    fn has_role(&mut self, user: &UserId, role: Option<Role>) {
        if let Some(somebody) = self.people.get_mut(user) {
            somebody.role = role;
        }
    }
}
