//! What people wish.

use quire_protocol::command::{At, ChapterMove, CommentDelete, ThreadReopen, ThreadResolve};
use quire_protocol::{BookCommand, Role, SessionId, Token};

use super::Dice;
use crate::harness::wishes::*;
use crate::harness::{chapter, comment, thread};

/// What a wish may refer to.
pub struct Known<'a> {
    /// A number that no wish had before.
    pub fresh: usize,
    /// Threads that somebody wished for.
    pub threads: &'a [String],
    pub sessions: &'a [SessionId],
    /// Names of those whose role may change.
    pub people: &'a [String],
    /// A token that the person once had.
    pub token: Token,
}

/// Any command.
pub fn wish(dice: &mut Dice, known: &Known<'_>) -> BookCommand {
    let number = dice.chapter();
    let some_thread = dice.pick(known.threads);
    match dice.roll(24) {
        0..=3 => acquire(number).into(),
        4..=6 => queue_for(number).into(),
        7..=8 => release(number, known.token).into(),
        9 => hand_over(number, known.token, dice.pick(known.sessions).clone()).into(),
        10 => keep(number, known.token, dice.pick(known.sessions).clone()).into(),
        11 => cancel_wait(number).into(),
        12 => take_over(number, "now").into(),
        13 => force_release(number, "enough").into(),
        14 => rename_chapter(number, &format!("Title {}", known.fresh)).into(),
        15 => ChapterMove { chapter: chapter(number), at: At::After(chapter(dice.chapter())), parent: None }.into(),
        16 => remove_chapter(number).into(),
        17 => restore_chapter(number).into(),
        18..=19 => remark(number, &format!("t{}", known.fresh)).into(),
        20 => reply_to(some_thread, &format!("c{}", known.fresh)).into(),
        21 => CommentDelete { thread: thread(some_thread), comment: comment(some_thread) }.into(),
        22 if dice.roll(2) == 0 => ThreadResolve { thread: thread(some_thread) }.into(),
        22 => ThreadReopen { thread: thread(some_thread) }.into(),
        _ => {
            let somebody: &String = dice.pick(known.people);
            set_role(somebody, *dice.pick(&Role::ALL[..4])).into()
        }
    }
}

/// Done once, it cannot be so already: a yes stands for an event.
pub fn always_leaves_an_event(command: &BookCommand) -> bool {
    matches!(command, BookCommand::CommentAdd(_) | BookCommand::CommentReply(_))
}
