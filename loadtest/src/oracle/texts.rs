//! Nothing typed is lost, and nothing is there that nobody typed.
//!
//! The log of a text is a total order, too: every answer and every change names its place in it. What was stored must
//! be there and nowhere else, what is there must be what its writer sent, and whoever was told that somebody's time was
//! over must not see that somebody write. Texts are compared as rendered documents and by their state vectors: those of
//! all tabs, those of the writers' editors, and those that each hub answers to somebody new.

use std::collections::{BTreeMap, BTreeSet};

use quire_protocol::{ChapterId, Seq, SessionId, Token};

use super::{Case, Expectations, FinalText, Judgement};
use crate::observation::{Instead, Micros, TextNotes, TextView, ViolationKind, Wrote};

/// An update by its hold and number.
type Name = (u64, u64);

/// Everything about one text.
struct TextCase<'a> {
    case: &'a Case<'a>,
    chapter: &'a ChapterId,
    notes: &'a TextNotes,
    last: &'a FinalText,
    /// When each token was over, as somebody heard.
    over: BTreeMap<Token, Micros>,
    is_live: bool,
    /// What stands where, as far as it is known.
    placed: BTreeMap<u64, Name>,
}

impl Case<'_> {
    pub(super) fn check_texts(&self, expectations: Expectations, judgement: &mut Judgement) {
        for (chapter, notes) in &self.texts {
            let read: Vec<&FinalText> = self.log.texts.iter().filter(|text| text.chapter == *chapter).collect();
            let Some(last) = read.first() else {
                self.complain(&mut judgement.violations, ViolationKind::UnreadLog, || {
                    format!("nobody read the text of {chapter}")
                });
                continue;
            };
            for other in &read {
                if (other.view, &other.clocks, other.epoch) != (last.view, &last.clocks, last.epoch) {
                    self.complain(&mut judgement.violations, ViolationKind::Divergence, || {
                        let what = differs(&other.view, &last.view);
                        format!("{chapter} has {what} at hub {} than at hub {}", other.hub, last.hub)
                    });
                }
            }
            let lives: BTreeSet<u64> = notes.epochs.iter().copied().chain(last.epoch.map(|epoch| epoch.0)).collect();
            if lives.len() > 1 && !expectations.epoch_changes {
                self.complain(&mut judgement.violations, ViolationKind::EpochChanged, || {
                    format!("the text of {chapter} has had {} lives", lives.len())
                });
            }
            let (over, is_live) = self.tokens_over(chapter);
            let mut text = TextCase { case: self, chapter, notes, last, over, is_live, placed: BTreeMap::new() };
            text.check(judgement);
        }
    }

    /// When each token of a chapter was over, by the first who heard of it; and whether the chapter was ever live.
    fn tokens_over(&self, chapter: &ChapterId) -> (BTreeMap<Token, Micros>, bool) {
        let (mut over, mut current, mut is_live) = (BTreeMap::new(), BTreeMap::<SessionId, Token>::new(), false);
        for history in &self.histories {
            for fact in history.events.values().filter(|fact| fact.about.chapter.as_ref() == Some(chapter)) {
                is_live |= fact.live == Some(true);
                let Some(session) = &fact.session else { continue };
                let before = match (fact.kind.as_ref(), fact.token) {
                    ("lock.acquired" | "lock.rehomed", Some(token)) => current.insert(session.clone(), token),
                    ("lock.released", _) => current.remove(session),
                    _ => None,
                };
                if let Some(before) = before {
                    over.entry(before).or_insert(fact.heard_at);
                }
            }
        }
        (over, is_live)
    }
}

impl TextCase<'_> {
    fn check(&mut self, judgement: &mut Judgement) {
        judgement.checked.texts += 1;
        self.place_stored(judgement);
        self.place_told(judgement);
        self.check_whole(judgement);
        self.check_order(judgement);
        self.check_clocks(judgement);
        self.check_fates(judgement);
        self.check_views(judgement);
    }

    fn wrote(&self) -> impl Iterator<Item = (Name, &Wrote)> {
        self.notes.wrote.iter().flat_map(|(client, hold)| hold.iter().map(move |(n, wrote)| ((*client, *n), wrote)))
    }

    fn complain(&self, judgement: &mut Judgement, kind: ViolationKind, what: impl FnOnce() -> String) {
        self.case.complain(&mut judgement.violations, kind, || format!("text of {}: {}", self.chapter, what()));
    }

    /// What was acknowledged stands where the answer said, once.
    fn place_stored(&mut self, judgement: &mut Judgement) {
        let mut placed: BTreeMap<u64, Name> = BTreeMap::new();
        for (name, wrote) in self.wrote() {
            let revs: BTreeSet<Seq> = wrote.stored().collect();
            let Some(rev) = revs.first() else { continue };
            judgement.checked.updates_stored += 1;
            if revs.len() > 1 {
                self.complain(judgement, ViolationKind::UnsteadyReply, || format!("{name:?} was stored at {revs:?}"));
            }
            if *rev > self.last.view.rev {
                let end = self.last.view.rev;
                self.complain(judgement, ViolationKind::Missing, || {
                    format!("{name:?} was stored at {rev}, beyond {end}")
                });
            }
            if let Some(other) = placed.insert(rev.0, name) {
                self.complain(judgement, ViolationKind::Missing, || {
                    format!("{name:?} and {other:?} were stored at {rev}")
                });
            }
            let told = self.notes.told.get(&rev.0);
            let is_it = told.is_none_or(|told| told.digest == wrote.digest && self.case.is_of(&told.by, wrote.tab));
            if !is_it {
                self.complain(judgement, ViolationKind::Missing, || {
                    format!("{name:?} was stored at {rev}, where others were told of something else")
                });
            }
        }
        self.placed = placed;
    }

    /// What was told is what somebody sent who was not refused it.
    fn place_told(&mut self, judgement: &mut Judgement) {
        let mut by_digest: BTreeMap<u64, Vec<(Name, &Wrote)>> = BTreeMap::new();
        for (name, wrote) in self.wrote() {
            by_digest.entry(wrote.digest).or_default().push((name, wrote));
        }
        let mut placed = BTreeMap::new();
        for (rev, told) in &self.notes.told {
            let candidates = by_digest.get(&told.digest).map_or(&[][..], Vec::as_slice);
            let own = candidates.iter().find(|(_, wrote)| self.case.is_of(&told.by, wrote.tab));
            let Some((name, wrote)) = own else {
                self.complain(judgement, ViolationKind::FromNowhere, || {
                    format!("{} never wrote what was told at {rev}", told.by)
                });
                continue;
            };
            if wrote.open().next().is_none() {
                self.complain(judgement, ViolationKind::RefusedYetDone, || {
                    format!("{name:?} was refused, and told at {rev}")
                });
            }
            if Seq(*rev) > self.last.view.rev {
                let end = self.last.view.rev;
                self.complain(judgement, ViolationKind::Missing, || {
                    format!("{name:?} was told at {rev}, beyond {end}")
                });
            }
            placed.insert(*rev, *name);
        }
        placed.append(&mut self.placed);
        let mut known: BTreeMap<Name, u64> = BTreeMap::new();
        for (rev, name) in &placed {
            if let Some(first) = known.insert(*name, *rev) {
                self.complain(judgement, ViolationKind::Twice, || format!("{name:?} is at {first} and at {rev}"));
            }
        }
        self.placed = placed;
    }

    /// Every place in the log is known, but for those of updates whose answer was lost and that nobody was told of.
    fn check_whole(&self, judgement: &mut Judgement) {
        let unknown = (1..=self.last.view.rev.0).filter(|rev| !self.placed.contains_key(rev)).count();
        let here: BTreeSet<Name> = self.placed.values().copied().collect();
        let open = self.wrote().filter(|(name, wrote)| !here.contains(name) && wrote.open().next().is_some()).count();
        judgement.checked.unjudged += unknown as u64;
        if unknown > open {
            self.complain(judgement, ViolationKind::FromNowhere, || {
                format!("of {} updates nobody wrote {}", self.last.view.rev, unknown - open)
            });
        }
    }

    /// Nobody writes whose time is over: not behind somebody who holds the chapter later, and not after it was heard.
    fn check_order(&self, judgement: &mut Judgement) {
        let mut latest: Option<(u64, Name)> = None;
        for (rev, name) in &self.placed {
            let before = latest.filter(|(_, (client, _))| *client > name.0 && !self.is_live);
            if let Some((earlier, other)) = before {
                self.complain(judgement, ViolationKind::StaleWrite, || {
                    format!("{name:?} is at {rev}, behind {other:?} at {earlier} of a later hold")
                });
            }
            latest = latest.filter(|(_, (client, _))| *client > name.0).or(Some((*rev, *name)));
            let Some(wrote) = self.notes.wrote.get(&name.0).and_then(|hold| hold.get(&name.1)) else { continue };
            let was_over = |token: Token, at: Micros| self.over.get(&token).is_some_and(|over| *over < at);
            if wrote.open().all(|sending| was_over(sending.token, sending.sent_at)) {
                self.complain(judgement, ViolationKind::StaleWrite, || {
                    format!("{name:?} is at {rev}, and was sent after everybody could know that its token was over")
                });
            }
        }
    }

    /// The document has every clock unit that was acknowledged, and none that nobody wrote.
    fn check_clocks(&self, judgement: &mut Judgement) {
        for (client, units) in &self.last.clocks {
            let hold = self.notes.wrote.get(client);
            let most = hold.into_iter().flat_map(BTreeMap::values).filter(|wrote| wrote.open().next().is_some());
            let most = most.map(|wrote| wrote.units).max().unwrap_or(0);
            if *units > most {
                self.complain(judgement, ViolationKind::FromNowhere, || {
                    format!("{units} units are from {client}, which wrote {most}")
                });
            }
        }
        for (client, hold) in &self.notes.wrote {
            let stored = hold.values().filter(|wrote| wrote.stored().next().is_some());
            let least = stored.map(|wrote| wrote.units).max().unwrap_or(0);
            let units = self.last.clocks.get(client).copied().unwrap_or(0);
            if units < least {
                self.complain(judgement, ViolationKind::Missing, || {
                    format!("{least} units of {client} were stored, and {units} are there")
                });
            }
        }
    }

    /// Whatever was typed is stored, or its writer has it in a draft.
    fn check_fates(&self, judgement: &mut Judgement) {
        for (name, wrote) in self.wrote() {
            judgement.checked.updates += 1;
            let is_stored = wrote.stored().next().is_some();
            match wrote.instead {
                _ if wrote.sendings.iter().any(|sending| sending.said.is_none()) => {
                    self.complain(judgement, ViolationKind::Unanswered, || format!("nobody answered {name:?}"));
                }
                Some(Instead::Draft) => judgement.checked.updates_drafted += 1,
                Some(Instead::Probe) if !is_stored => judgement.checked.updates_stale += 1,
                _ if is_stored => {}
                _ => self.complain(judgement, ViolationKind::Missing, || {
                    let said: Vec<_> = wrote.sendings.iter().filter_map(|sending| sending.said.as_ref()).collect();
                    format!("{name:?} is neither stored nor in a draft: {said:?}")
                }),
            }
        }
    }

    fn check_views(&self, judgement: &mut Judgement) {
        for (tab, view) in &self.notes.views {
            judgement.checked.text_views += 1;
            let last = &self.last.view;
            let kind = if view.rev < last.rev { ViolationKind::Behind } else { ViolationKind::Divergence };
            if view != last {
                self.complain(judgement, kind, || {
                    let what = differs(view, last);
                    format!("tab {} has {what} at {} than a new one at {}", tab.0, view.rev, last.rev)
                });
            }
        }
    }
}

/// What of two texts is not the same.
fn differs(one: &TextView, other: &TextView) -> &'static str {
    match () {
        () if one.rev != other.rev => "another position",
        () if one.clocks != other.clocks => "another state vector",
        () if one.words != other.words => "other words",
        () => "other marks or elements",
    }
}
