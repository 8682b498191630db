//! The log's order does not contradict the clock.
//!
//! Who was answered before another asked stands before them in the log. That holds for a refusal, too: it is judged on
//! a state that includes everything that anybody was told before.

use quire_protocol::{Epoch, Seq};

use super::outcome::{Fate, Outcome};
use super::{Case, Judgement};
use crate::observation::{Answered, History, Micros, TabId, ViolationKind};

/// Refusals that only the book itself gives, after it made sure that it is at the end of its log.
const JUDGED: [&str; 6] = ["locked", "not_holder", "stale_token", "stale_base", "id_taken", "not_found"];

/// An answer with its place in the log and in time.
struct Placed<'a> {
    seq: u64,
    sent_at: Micros,
    answered_at: Micros,
    tab: TabId,
    kind: &'a str,
    /// It made the event at `seq`, or was answered with it.
    is_done: bool,
}

impl Case<'_> {
    pub(super) fn check_order(&self, outcomes: &[Outcome<'_>], judgement: &mut Judgement) {
        for history in &self.histories {
            let placed = outcomes.iter().flat_map(|outcome| places(outcome, history.epoch));
            let mut placed: Vec<Placed<'_>> = placed.collect();
            judgement.checked.ordered += placed.len() as u64;
            placed.sort_by_key(|placed| (placed.seq, placed.sent_at));
            self.check_not_before(&placed, history, judgement);
            self.check_placed(&placed, judgement);
        }
    }

    /// Nobody hears of an event before it was wished for.
    fn check_not_before(&self, placed: &[Placed<'_>], history: &History, judgement: &mut Judgement) {
        for run in placed.chunk_by(|one, other| one.seq == other.seq) {
            let wish = run.iter().find(|placed| placed.is_done);
            let heard_at = history.events.get(&run[0].seq).map(|fact| fact.heard_at);
            let Some((wish, heard_at)) = wish.zip(heard_at).filter(|(wish, heard_at)| *heard_at < wish.sent_at) else {
                continue;
            };
            self.complain(&mut judgement.violations, ViolationKind::OutOfRealTime, || {
                let early = wish.sent_at.0 - heard_at.0;
                format!("{} was heard {early} µs before tab {} sent its {}", wish.seq, wish.tab.0, wish.kind)
            });
        }
    }

    fn check_placed(&self, placed: &[Placed<'_>], judgement: &mut Judgement) {
        // Of all that stand before: whoever asked last.
        let mut latest: Option<&Placed<'_>> = None;
        for run in placed.chunk_by(|one, other| one.seq == other.seq) {
            for (late, early) in run.iter().filter_map(|one| Some((one, latest?))) {
                if late.answered_at < early.sent_at {
                    self.complain(&mut judgement.violations, ViolationKind::OutOfRealTime, || {
                        format!(
                            "tab {} was answered {} ({}) before tab {} asked, and that was judged on {} ({})",
                            late.tab.0, late.seq, late.kind, early.tab.0, early.seq, early.kind
                        )
                    });
                }
            }
            // Making the same thing again names the first time: only the first asking belongs there.
            let asked = run.iter().enumerate().filter(|(index, one)| *index == 0 || !is_repeatable(one.kind));
            let last_asked = asked.map(|(_, one)| one).max_by_key(|one| one.sent_at);
            latest = latest.into_iter().chain(last_asked).max_by_key(|one| one.sent_at);
        }
    }
}

/// Where in one life of a log a command was judged, each time that it was.
fn places<'o>(outcome: &Outcome<'o>, epoch: Epoch) -> Vec<Placed<'o>> {
    let (tab, kind) = (outcome.tab, outcome.tried.kind.as_str());
    let is_done = matches!(outcome.fate, Fate::Done(..));
    let mut placed = Vec::new();
    if let (Fate::Done(at, Seq(seq)) | Fate::Idle(at, Seq(seq)), Some((sent_at, answered_at))) =
        (outcome.fate, outcome.took)
        && at == epoch
    {
        placed.push(Placed { seq, sent_at, answered_at, tab, kind, is_done });
    }
    for attempt in outcome.tried.attempts.iter().filter(|attempt| attempt.epoch == Some(epoch)) {
        if let Some((Answered::Refused { code, seq: Some(Seq(seq)) }, answered_at)) = &attempt.answered
            && JUDGED.contains(&code.as_str())
        {
            let (seq, sent_at, answered_at) = (*seq, attempt.sent_at, *answered_at);
            placed.push(Placed { seq, sent_at, answered_at, tab, kind, is_done: false });
        }
    }
    placed
}

/// Doing it again under the same id is answered with the first time.
fn is_repeatable(kind: &str) -> bool {
    matches!(kind, "book.create" | "chapter.add" | "comment.add" | "comment.reply")
}
