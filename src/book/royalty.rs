//! Who gets which part of what a book earns. The book keeps it and tells it; nobody is paid here.

use std::collections::BTreeSet;
use std::sync::Arc;

use quire_protocol::command::RoyaltiesSet;
use quire_protocol::event::RoyaltiesChanged;
use quire_protocol::frame::Answer;
use quire_protocol::royalty::{Share, Split, WHOLE};
use quire_protocol::{Action, Rejection, Timestamp, UserId, What, event};
use serde::{Deserialize, Serialize};

use super::access::not_found;
use super::act::Caller;
use super::{Book, Decision};

/// Splits that are kept: who was to get what in the past is asked for years later, and nobody changes it every day.
const SPLITS_MAX: usize = 100;

/// The splits of a book, by the time from which they are in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Royalties(Arc<Vec<Split>>);

impl Royalties {
    /// The one in force and those to come.
    fn current(&self, now: Timestamp) -> &[Split] {
        let past = self.0.iter().rposition(|split| split.effective_at <= now).unwrap_or(0);
        &self.0[past..]
    }

    pub(super) fn changed(&mut self, event: &RoyaltiesChanged) {
        let splits = Arc::make_mut(&mut self.0);
        // What was to come later was decided without this.
        splits.retain(|split| split.effective_at < event.split.effective_at);
        splits.push(event.split.clone());
        let over = splits.len().saturating_sub(SPLITS_MAX);
        splits.drain(..over);
    }

    pub(super) fn check_invariants(&self, is_member: impl Fn(&UserId) -> bool) {
        assert!(self.0.len() <= SPLITS_MAX, "old splits are forgotten");
        assert!(self.0.is_sorted_by(|left, right| left.effective_at < right.effective_at), "splits are in order");
        for split in self.0.iter() {
            assert_eq!(check_shares(&split.shares), Ok(()), "a split gives away the whole, and no more");
        }
        for share in self.0.last().into_iter().flat_map(|split| &split.shares) {
            assert!(is_member(&share.user), "{} has a share and is a member", share.user);
        }
    }
}

/// P11: whole basis points, something for each, the whole in all.
fn check_shares(shares: &[Share]) -> Result<(), Rejection> {
    let invalid = |reason: String| Err(Rejection::invalid("shares", reason));
    if shares.iter().any(|share| share.basis_points == 0) {
        return invalid("whoever has a share gets something".into());
    }
    let people: BTreeSet<&UserId> = shares.iter().map(|share| &share.user).collect();
    if people.len() < shares.len() {
        return invalid("somebody is named twice".into());
    }
    let sum: u64 = shares.iter().map(|share| u64::from(share.basis_points)).sum();
    if sum == u64::from(WHOLE) { Ok(()) } else { invalid(format!("they add up to {sum} basis points, not to {WHOLE}")) }
}

impl Book {
    pub(super) fn decide_royalties(&self, caller: &Caller<'_>, command: &RoyaltiesSet) -> Result<Decision, Rejection> {
        let now = caller.context.now;
        check_shares(&command.shares)?;
        if command.shares.iter().any(|share| self.members.get(&share.user).is_none()) {
            return Err(not_found(What::Member));
        }
        let ends = |share: &Share| self.members.get(&share.user).is_some_and(|member| member.until.is_some());
        if command.shares.iter().any(ends) {
            return Err(Rejection::conflict("whoever has a share of the royalties is a member without an end"));
        }
        // What was paid is not decided anew.
        let effective_at = command.effective_at.map_or(now, |at| at.max(now));
        let split = Split { effective_at, shares: command.shares.clone() };
        let is_so = |last: &Split| last.shares == split.shares && last.effective_at <= effective_at;
        if self.royalties.0.last().is_some_and(is_so) {
            return Ok(Decision::nothing());
        }
        Ok(Decision::one(event::RoyaltiesChanged { split }))
    }

    /// P11: nobody goes who has a share, or is to have one: first the split is changed.
    pub(super) fn check_no_payee(&self, user: &UserId, now: Timestamp) -> Result<(), Rejection> {
        let mut shares = self.royalties.current(now).iter().flat_map(|split| &split.shares);
        if shares.any(|share| share.user == *user) {
            return Err(Rejection::conflict("whoever has a share of the royalties stays until the split is changed"));
        }
        Ok(())
    }

    /// The splits: all of them for whoever decides about them. Others read their own share alone, in those splits that
    /// give them one, or end it.
    pub fn royalties(&self, viewer: &UserId) -> Result<Answer, Rejection> {
        if !self.may(viewer, Action::View) {
            return Err(not_found(What::Book));
        }
        let mut splits = Vec::clone(&self.royalties.0);
        if !self.may(viewer, Action::Royalties) {
            let mut had_one = false;
            splits.retain_mut(|split| {
                split.shares.retain(|share| share.user == *viewer);
                let has_one = !split.shares.is_empty();
                std::mem::replace(&mut had_one, has_one) || has_one
            });
        }
        Ok(Answer::Royalties { splits })
    }
}

#[cfg(test)]
mod tests;
