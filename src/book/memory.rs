//! Which commands were executed, so that a repeat takes effect once (I9).
//!
//! The last [`REMEMBERED_MAX`] are remembered, however old they are. What "older than remembered" means must not
//! depend on clocks: for each user the book keeps the greatest id (in text order) that it ever forgot. A retry with a
//! greater id cannot be one of the forgotten, so it never was executed here and is executed now; any other retry may
//! have been, and is answered `outcome_unknown`. Clients whose ids rise with time (version 7 UUIDs) therefore never see
//! a fresh retry refused, and no client whatever its ids sees a command executed twice.

use imbl::{OrdMap, Vector};
use quire_protocol::frame::Answer;
use quire_protocol::{CommandId, Rejection, Seq, Token, UserId};
use serde::{Deserialize, Serialize};

use super::act::Caller;
use super::{Committed, Decision, Outcome};

/// How many executed commands a book remembers; few in unit tests, so that forgetting happens there.
pub(super) const REMEMBERED_MAX: usize = if cfg!(test) { 64 } else { 4_096 };

/// An executed command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Executed {
    /// Its last event.
    seq: Seq,
    /// The stamp of that event.
    stamp: Token,
    outcome: Outcome,
}

/// What is remembered of one user.
#[derive(Clone, Debug, Default, PartialEq)]
struct Recollection {
    executed: OrdMap<CommandId, Executed>,
    /// The greatest id that was forgotten.
    forgotten: Option<CommandId>,
}

/// The executed commands of a book.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memory {
    users: OrdMap<UserId, Recollection>,
    /// All that are remembered, oldest first.
    order: Vector<(UserId, CommandId)>,
}

/// [`Memory`] as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedMemory {
    executed: Vec<(UserId, CommandId, Executed)>,
    forgotten: Vec<(UserId, CommandId)>,
}

impl Memory {
    /// The first reply, if the caller sent this command before.
    pub(super) fn first_reply(&self, caller: &Caller<'_>) -> Option<Decision> {
        let executed = self.users.get(caller.user)?.executed.get(caller.context.command?)?;
        Some(match executed.outcome {
            // Asking again is answered as asking is where there is no book.
            Outcome::Asked => Decision { events: Vec::new(), outcome: Outcome::Asked },
            _ => Decision::repeated(executed.seq, executed.answer()),
        })
    }

    /// Refuses a retry that may have been executed and forgotten.
    pub(super) fn check_retry(&self, caller: &Caller<'_>) -> Result<(), Rejection> {
        let forgotten = self.users.get(caller.user).and_then(|user| user.forgotten.as_ref());
        match (caller.context.command, forgotten) {
            (Some(id), Some(forgotten)) if caller.context.retry && id <= forgotten => Err(Rejection::OutcomeUnknown),
            _ => Ok(()),
        }
    }

    pub(super) fn apply(&mut self, committed: &Committed) {
        let Some((user, id, outcome)) = &committed.fact.command else { return };
        let executed = Executed { seq: committed.seq, stamp: committed.stamp, outcome: outcome.clone() };
        let known = self.users.entry(user.clone()).or_default().executed.insert(id.clone(), executed);
        assert!(known.is_none(), "I9: command {id} of {user} takes effect once");
        self.order.push_back((user.clone(), id.clone()));
        if self.order.len() > REMEMBERED_MAX {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((user, id)) = self.order.pop_front() else { return };
        let recollection = self.users.entry(user).or_default();
        recollection.executed.remove(&id);
        recollection.forgotten = recollection.forgotten.take().max(Some(id));
    }

    pub(super) fn save(&self) -> SavedMemory {
        let executed = self.order.iter().map(|(user, id)| {
            let executed = &self.users[user].executed[id];
            (user.clone(), id.clone(), executed.clone())
        });
        let forgotten =
            self.users.iter().filter_map(|(user, known)| Some((user.clone(), known.forgotten.clone()?))).collect();
        SavedMemory { executed: executed.collect(), forgotten }
    }

    pub(super) fn restore(saved: SavedMemory) -> Self {
        let mut memory = Self::default();
        for (user, id, executed) in saved.executed {
            memory.users.entry(user.clone()).or_default().executed.insert(id.clone(), executed);
            memory.order.push_back((user, id));
        }
        for (user, id) in saved.forgotten {
            memory.users.entry(user).or_default().forgotten = Some(id);
        }
        memory
    }

    pub(super) fn check_invariants(&self) {
        let remembered: usize = self.users.values().map(|user| user.executed.len()).sum();
        assert_eq!(remembered, self.order.len(), "every remembered command is in the order exactly once");
        assert!(remembered <= REMEMBERED_MAX, "the memory is bounded (I5)");
        for (user, id) in &self.order {
            assert!(self.users[user].executed.contains_key(id), "{id} of {user} is remembered");
        }
    }
}

impl Executed {
    fn answer(&self) -> Answer {
        self.outcome.answer(self.stamp)
    }
}

#[cfg(test)]
mod tests;
