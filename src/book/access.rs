//! Who may do what: one closed table. What it does not say is denied, and a new role, action or command fails the build.

#![deny(clippy::wildcard_enum_match_arm)]

use quire_protocol::command::BookCommand;
use quire_protocol::library::Permission;
use quire_protocol::{Action, Rejection, Role, What};

use super::Book;
use super::act::Caller;

const YES: bool = true;
const NO: bool = false;

/// What each role may do. The permission table of the product.
#[rustfmt::skip]
#[expect(clippy::match_same_arms, reason = "one line for each row of the table")]
const fn row(action: Action) -> [bool; 5] {
    match action {
        //                        Owner Author Editor Viewer Reader
        Action::View           => [YES,  YES,   YES,   YES,   YES],
        Action::Preview        => [YES,  YES,   YES,   YES,   YES],
        Action::SeePeople      => [YES,  YES,   YES,   YES,   YES],
        Action::Download       => [YES,  YES,   YES,   NO,    NO ],
        Action::EditText       => [YES,  YES,   YES,   NO,    NO ],
        Action::EditMetadata   => [YES,  YES,   YES,   NO,    NO ],
        Action::Organise       => [YES,  YES,   YES,   NO,    NO ],
        Action::Format         => [YES,  YES,   YES,   NO,    NO ],
        Action::Comment        => [YES,  YES,   YES,   YES,   NO ],
        Action::Resolve        => [YES,  YES,   YES,   NO,    NO ],
        Action::History        => [YES,  YES,   YES,   NO,    NO ],
        Action::RestoreVersion => [YES,  NO,    NO,    NO,    NO ],
        Action::ManageMembers  => [YES,  NO,    NO,    NO,    NO ],
        Action::Royalties      => [YES,  NO,    NO,    NO,    NO ],
        Action::Publish        => [YES,  NO,    NO,    NO,    NO ],
        // Only by a permission of the library: nobody reviews their own book because it is theirs.
        Action::Moderate       => [NO,   NO,    NO,    NO,    NO ],
        Action::Shelve         => [YES,  NO,    NO,    NO,    NO ],
        Action::DeleteBook     => [YES,  NO,    NO,    NO,    NO ],
        Action::ForceRelease   => [YES,  NO,    NO,    NO,    NO ],
        Action::Audit          => [YES,  NO,    NO,    NO,    NO ],
        Action::Leave          => [NO,   YES,   YES,   YES,   YES],
    }
}

const fn column(role: Role) -> usize {
    match role {
        Role::Owner => 0,
        Role::Author => 1,
        Role::Editor => 2,
        Role::Viewer => 3,
        Role::Reader => 4,
    }
}

/// Whether the table allows `action` to `role`.
pub const fn allows(role: Role, action: Action) -> bool {
    row(action)[column(role)]
}

/// The permission of the library that allows this with the books that it reaches. What somebody owns stays theirs: members,
/// royalties, the book's history and whether it is in the library at all are no library's business.
pub const fn granted_by(action: Action) -> Option<Permission> {
    match action {
        Action::View | Action::Preview | Action::SeePeople | Action::Download => Some(Permission::Download),
        Action::EditText
        | Action::EditMetadata
        | Action::Organise
        | Action::Format
        | Action::Comment
        | Action::Resolve => Some(Permission::Edit),
        Action::DeleteBook => Some(Permission::Delete),
        Action::Moderate => Some(Permission::Publish),
        Action::ForceRelease | Action::Audit => Some(Permission::Settings),
        Action::History
        | Action::RestoreVersion
        | Action::ManageMembers
        | Action::Royalties
        | Action::Publish
        | Action::Shelve
        | Action::Leave => None,
    }
}

/// What lets somebody send a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing: the book is yet to be made.
    Creation,
    /// An invitation to the caller's address.
    Invitation,
    /// Nothing: whoever asks to be let in learns nothing.
    Knock,
    /// A role that allows this.
    Right(Action),
}

/// What each command needs. Holding a lock, waiting for it and having written a comment come on top.
pub const fn gate(command: &BookCommand) -> Gate {
    Gate::Right(match command {
        BookCommand::BookCreate(_) => return Gate::Creation,
        BookCommand::InvitationAccept(_) | BookCommand::InvitationDecline(_) => return Gate::Invitation,
        BookCommand::AccessRequest(_) => return Gate::Knock,
        BookCommand::BookDelete(_) | BookCommand::BookRestore(_) => Action::DeleteBook,
        BookCommand::BookShelve(_) | BookCommand::BookUnshelve(_) => Action::Shelve,
        BookCommand::MetadataSet(_) => Action::EditMetadata,
        BookCommand::FormatSet(_) => Action::Format,
        BookCommand::RoyaltiesSet(_) => Action::Royalties,
        BookCommand::PublishStart(_) | BookCommand::PublishWithdraw(_) => Action::Publish,
        BookCommand::PublishRequestChanges(_)
        | BookCommand::PublishApprove(_)
        | BookCommand::PublishPublish(_)
        | BookCommand::PublishUnpublish(_) => Action::Moderate,
        BookCommand::ChapterAdd(_)
        | BookCommand::ChapterMove(_)
        | BookCommand::ChapterRename(_)
        | BookCommand::ChapterRemove(_)
        | BookCommand::ChapterRestore(_)
        | BookCommand::ChapterSetMode(_)
        | BookCommand::ChapterAssign(_) => Action::Organise,
        BookCommand::LockAcquire(_)
        | BookCommand::LockRelease(_)
        | BookCommand::LockMoveHere(_)
        | BookCommand::LockHandOver(_)
        | BookCommand::LockKeep(_)
        | BookCommand::LockCancelWait(_) => Action::EditText,
        BookCommand::LockForceRelease(_) => Action::ForceRelease,
        BookCommand::CommentAdd(_)
        | BookCommand::CommentReply(_)
        | BookCommand::CommentEdit(_)
        | BookCommand::CommentDelete(_) => Action::Comment,
        BookCommand::ThreadResolve(_) | BookCommand::ThreadReopen(_) => Action::Resolve,
        BookCommand::MemberInvite(_)
        | BookCommand::MemberSetRole(_)
        | BookCommand::MemberSetEnd(_)
        | BookCommand::MemberRemove(_)
        | BookCommand::InvitationRevoke(_)
        | BookCommand::InvitationResend(_)
        | BookCommand::AccessGrant(_)
        | BookCommand::AccessRefuse(_)
        | BookCommand::OwnershipOffer(_)
        | BookCommand::OwnershipWithdraw(_) => Action::ManageMembers,
        // To whom the book is offered is a member.
        BookCommand::OwnershipAccept(_) | BookCommand::OwnershipDecline(_) => Action::View,
        BookCommand::MemberLeave(_) => Action::Leave,
    })
}

/// There is no such thing, or the caller may not know of it.
pub(super) const fn not_found(what: What) -> Rejection {
    Rejection::NotFound { what }
}

impl Book {
    /// Lets the caller in or turns them away (I8). Somebody who may not know of the book learns nothing of it.
    pub(super) fn admit(&self, caller: &Caller<'_>, command: &BookCommand) -> Result<(), Rejection> {
        match gate(command) {
            Gate::Creation => {
                // That the id is taken shows in any case; whose book it is does not.
                let hidden = self.exists() && !self.is_known_to(caller.user);
                if hidden || self.is_deleted() || self.trashed_until().is_some() {
                    Err(Rejection::IdTaken)
                } else {
                    Ok(())
                }
            }
            Gate::Invitation => {
                let known = self.is_known_to(caller.user) || self.members.knows_address(caller.email);
                if self.exists() && known { Ok(()) } else { Err(not_found(What::Book)) }
            }
            Gate::Right(_) if !self.is_known_to(caller.user) => Err(not_found(What::Book)),
            Gate::Right(_) if self.is_over_for(caller.user, caller.context.now) => Err(not_found(What::Book)),
            // Out of the trash a book is taken, or deleted for good; otherwise it is not there.
            Gate::Right(action) if !self.exists() && action != Action::DeleteBook => Err(not_found(What::Book)),
            Gate::Right(action) if !self.may(caller.user, action) => Err(Rejection::Forbidden),
            Gate::Knock | Gate::Right(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
