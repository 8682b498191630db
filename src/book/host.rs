//! What a host application does to a book, and sees of it. It vouches for whoever it names, so nobody has to be invited and
//! to accept; but for that, its wishes mean what an owner's would, and the log says that they were the host's.

use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::event::{self, Cause, Member};
use quire_protocol::frame::Answer;
use quire_protocol::{Action, ChapterId, Rejection, Role, UserId, What, text};

use super::access::not_found;
use super::fact::fingerprint;
use super::member::check_role;
use super::{Actor, Book, Context, Decision, measure};

/// A person for whom the host vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who: the `sub` of their tokens.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
}

/// What a host application wishes of a book.
#[derive(Clone, Debug)]
pub enum Hosted {
    /// This book is there. Sent again, nothing happens.
    Create {
        /// Its title.
        title: String,
        /// Its metadata.
        metadata: Box<Metadata>,
        /// Who owns it.
        owner: Vouched,
    },
    /// It is in the trash; or, out of the trash, deleted.
    Delete {
        /// The latter.
        forever: bool,
    },
    /// It is out of the trash.
    Restore,
    /// It is in the library.
    Shelve,
    /// It is not.
    Unshelve,
    /// This person is a member, and has this role.
    SetRole {
        /// Who.
        person: Vouched,
        /// What they are: never the owner.
        role: Role,
    },
    /// This person is no member.
    Remove {
        /// Who.
        user: UserId,
    },
}

/// What a host application sees of a book.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Its title.
    pub title: String,
    /// Its metadata.
    pub metadata: Metadata,
    /// It is in the library.
    pub shelved: bool,
    /// Its chapters in reading order.
    pub chapters: Vec<DescribedChapter>,
    /// Who belongs to it.
    pub members: Vec<Member>,
}

/// A chapter, without its text.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedChapter {
    /// Which.
    pub id: ChapterId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: ChapterKind,
    /// The part it belongs to.
    pub parent: Option<ChapterId>,
}

impl Book {
    /// Nobody else may send these.
    pub(super) fn decide_hosted(&self, context: &Context<'_>, wish: &Hosted) -> Result<Decision, Rejection> {
        if !matches!(context.actor, Actor::Hub(Cause::Host)) {
            return Err(Rejection::Forbidden);
        }
        if let Hosted::Create { title, metadata, owner } = wish {
            return self.decide_hosted_creation(context, (title, metadata), owner);
        }
        match wish {
            Hosted::Delete { forever } => return self.decide_delete(context, None, *forever),
            Hosted::Restore => return self.decide_book_restore(context),
            _ if !self.exists() => return Err(not_found(What::Book)),
            _ => {}
        }
        match wish {
            Hosted::Create { .. } | Hosted::Delete { .. } | Hosted::Restore => unreachable!("it was decided above"),
            Hosted::Shelve if self.is_shelved() => Ok(Decision::nothing()),
            Hosted::Shelve => Ok(Decision::one(event::BookShelved {})),
            Hosted::Unshelve if !self.is_shelved() => Ok(Decision::nothing()),
            Hosted::Unshelve => self.check_not_out().map(|()| self.unshelved(context)),
            Hosted::SetRole { person, role } if self.members.get(&person.user).is_some() => {
                self.set_role(context, &person.user, *role)
            }
            Hosted::SetRole { person, role } => self.decide_joining(context, person, *role),
            Hosted::Remove { user } => self.remove_member(context, user),
        }
    }

    fn decide_hosted_creation(
        &self,
        context: &Context<'_>,
        (title, metadata): (&str, &Metadata),
        owner: &Vouched,
    ) -> Result<Decision, Rejection> {
        let title = measure::title(title, context.limits)?;
        let metadata = measure::metadata(metadata.clone(), context.limits)?;
        let owner = vouched(context, owner, Role::Owner)?;
        if let Some(origin) = &self.origin {
            let owned = self.members.role(&owner.user) == Some(Role::Owner);
            let again = self.exists() && owned && origin.is_hubs(fingerprint(&(&title, &metadata)));
            return origin.repeat(again, Answer::Done {});
        }
        Ok(Decision::one(event::BookCreated { title, metadata, owner: Some(owner), claim: None }))
    }

    /// Somebody becomes a member at once. An invitation to their address is over with it.
    pub(super) fn decide_joining(
        &self,
        context: &Context<'_>,
        person: &Vouched,
        role: Role,
    ) -> Result<Decision, Rejection> {
        check_role(role)?;
        let member = vouched(context, person, role)?;
        let has_address = |other: &Member| !member.email.is_empty() && other.email == member.email;
        if self.members.iter().any(has_address) {
            return Err(Rejection::conflict("a member has this address"));
        }
        let invitation = self.members.pending(context.now).find(|(_, invitation)| invitation.email == member.email);
        let invitation = invitation.map(|(id, _)| id.clone());
        let others = self.members.count(context.now) - usize::from(invitation.is_some());
        measure::room_for_one(others, "members_per_book", context.limits.members_per_book)?;
        Ok(Decision::one(event::MemberJoined { member, invitation }))
    }

    /// The book as a host application sees it.
    pub fn described(&self) -> Result<Described, Rejection> {
        if !self.exists() {
            return Err(not_found(What::Book));
        }
        let chapters = self.outline.reading_order().map(|(id, chapter)| DescribedChapter {
            id: id.clone(),
            title: chapter.title.clone(),
            kind: chapter.kind,
            parent: chapter.parent.clone(),
        });
        Ok(Described {
            title: self.title.clone(),
            metadata: Metadata::clone(&self.metadata),
            shelved: self.is_shelved(),
            chapters: chapters.collect(),
            members: self.members.iter().cloned().collect(),
        })
    }

    /// For each question whether that user may do that; an error if there is no such book.
    pub fn answers(&self, questions: &[(UserId, Action)]) -> Result<Vec<bool>, Rejection> {
        if !self.exists() {
            return Err(not_found(What::Book));
        }
        Ok(questions.iter().map(|(user, action)| self.may(user, *action)).collect())
    }
}

/// The person as a member.
fn vouched(context: &Context<'_>, person: &Vouched, role: Role) -> Result<Member, Rejection> {
    let Vouched { user, name, email } = person;
    let name: String = text::clean_line(name).chars().take(context.limits.name_chars).collect();
    if name.is_empty() {
        return Err(Rejection::invalid("name", "it is empty"));
    }
    let normal = |email: &String| text::normal_email(email).ok_or(Rejection::invalid("email", "it is no address"));
    let email = email.as_ref().map(normal).transpose()?.unwrap_or_default();
    Ok(Member { user: user.clone(), name, email, role, until: None })
}

#[cfg(test)]
mod tests;
