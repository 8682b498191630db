//! Commands in a word, so that stories read as such.

use quire_protocol::command::{
    At, ChapterAdd, ChapterKind, ChapterRemove, ChapterRename, ChapterRestore, ChapterSetMode, CommentAdd,
    CommentReply, LockAcquire, LockCancelWait, LockForceRelease, LockHandOver, LockKeep, LockMoveHere, LockRelease,
    MemberInvite, MemberRemove, MemberSetRole, Mode, RoyaltiesSet,
};
use quire_protocol::royalty::Share;
use quire_protocol::{Role, SessionId, Token};

use super::{chapter, comment, invitation, thread, user};

pub fn acquire(number: u32) -> LockAcquire {
    LockAcquire { chapter: chapter(number), wait: false, note: None }
}

pub fn queue_for(number: u32) -> LockAcquire {
    LockAcquire { chapter: chapter(number), wait: true, note: None }
}

pub fn ask_for(number: u32, note: &str) -> LockAcquire {
    LockAcquire { chapter: chapter(number), wait: true, note: Some(note.into()) }
}

pub fn release(number: u32, token: Token) -> LockRelease {
    LockRelease { chapter: chapter(number), token, after_n: None }
}

pub fn hand_over(number: u32, token: Token, to: SessionId) -> LockHandOver {
    LockHandOver { chapter: chapter(number), token, to, after_n: None }
}

pub fn keep(number: u32, token: Token, to: SessionId) -> LockKeep {
    LockKeep { chapter: chapter(number), token, to }
}

pub fn cancel_wait(number: u32) -> LockCancelWait {
    LockCancelWait { chapter: chapter(number) }
}

pub fn move_here(number: u32) -> LockMoveHere {
    LockMoveHere { chapter: chapter(number) }
}

pub fn force_release(number: u32, reason: &str) -> LockForceRelease {
    LockForceRelease { chapter: chapter(number), reason: reason.into(), take: false }
}

pub fn take_over(number: u32, reason: &str) -> LockForceRelease {
    LockForceRelease { chapter: chapter(number), reason: reason.into(), take: true }
}

pub fn add_chapter(number: u32) -> ChapterAdd {
    add_named(number, ChapterKind::Chapter, &format!("Chapter {number}"))
}

pub fn add_part(number: u32) -> ChapterAdd {
    add_named(number, ChapterKind::Part, &format!("Part {number}"))
}

pub fn add_named(number: u32, kind: ChapterKind, title: &str) -> ChapterAdd {
    ChapterAdd { chapter: chapter(number), title: title.into(), kind, at: At::Last, parent: None }
}

pub fn remove_chapter(number: u32) -> ChapterRemove {
    ChapterRemove { chapter: chapter(number) }
}

pub fn restore_chapter(number: u32) -> ChapterRestore {
    ChapterRestore { chapter: chapter(number) }
}

pub fn set_mode(number: u32, mode: Mode) -> ChapterSetMode {
    ChapterSetMode { chapter: chapter(number), mode }
}

pub fn rename_chapter(number: u32, title: &str) -> ChapterRename {
    ChapterRename { chapter: chapter(number), title: title.into() }
}

/// A thread on a chapter; its first comment has the id of the thread.
pub fn remark(number: u32, name: &str) -> CommentAdd {
    CommentAdd {
        thread: thread(name),
        comment: comment(name),
        chapter: chapter(number),
        anchor: None,
        body: format!("About {name}"),
        mentions: Vec::new(),
    }
}

pub fn reply_to(thread_name: &str, name: &str) -> CommentReply {
    CommentReply {
        thread: thread(thread_name),
        comment: comment(name),
        body: format!("On {thread_name}: {name}"),
        mentions: Vec::new(),
    }
}

/// An invitation to somebody's own address.
pub fn invite(name: &str, role: Role) -> MemberInvite {
    MemberInvite { invitation: invitation(&format!("for-{name}")), email: format!("{name}@example.com"), role }
}

pub fn set_role(name: &str, role: Role) -> MemberSetRole {
    MemberSetRole { user: user(name), role }
}

/// From now on.
pub fn royalties(shares: &[(&str, u32)]) -> RoyaltiesSet {
    let share = |(name, basis_points): &(&str, u32)| Share { user: user(name), basis_points: *basis_points };
    RoyaltiesSet { shares: shares.iter().map(share).collect(), effective_at: None }
}

pub fn remove_member(name: &str) -> MemberRemove {
    MemberRemove { user: user(name) }
}
