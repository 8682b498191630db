//! Whether what people were told about a chapter's lock fits one order of events: the search of Wing and Gong.
//!
//! A step takes effect at one moment between its call and its answer. A step whose outcome is unknown, and an end that
//! a hub may have brought about, take effect in that time or never. The search tries all orders, and remembers which
//! set of steps led to which state, so that no situation is judged twice.

use std::collections::HashSet;

use quire_protocol::Token;

/// A session, by the number of its worker.
pub type Who = usize;

/// What somebody did, and was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// They hold the chapter under this token.
    Acquired(Token),
    /// They asked for the chapter, and heard nothing.
    PerhapsAcquired,
    /// Somebody else holds the chapter.
    FoundLocked(Who),
    /// They gave the chapter back that they held under this token.
    Released(Token),
    /// They tried to, and heard nothing.
    PerhapsReleased(Token),
    /// They do not hold the chapter.
    FoundNotHolder,
    /// They hold the chapter, and not under this token.
    FoundStale(Token),
    /// Opening the book, which moves their own lock to their new connection, showed this.
    Saw(Option<(Who, Token)>),
    /// They opened the book, and heard nothing.
    PerhapsMoved,
    /// The hub took the chapter from them because they were gone.
    PerhapsEnded,
}

impl Act {
    /// It took effect for sure.
    fn is_certain(self) -> bool {
        !matches!(self, Self::PerhapsAcquired | Self::PerhapsReleased(_) | Self::PerhapsMoved | Self::PerhapsEnded)
    }
}

/// One step of one session, with the moments between which it took effect, if it did.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub who: Who,
    pub called: u64,
    /// `u64::MAX`: at any time.
    pub answered: u64,
    pub act: Act,
}

/// Who holds a chapter, as far as the steps until now tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lock {
    /// The token is `None` if nobody has seen it yet: then it is above `last`.
    holder: Option<(Who, Option<Token>)>,
    /// The highest token that was seen.
    last: Token,
}

impl Lock {
    /// The states that the step may lead to.
    fn after(self, who: Who, act: Act) -> Option<Self> {
        let own = self.holder.filter(|(holder, _)| *holder == who).map(|(_, token)| token);
        let unseen = Self { holder: Some((who, None)), ..self };
        match act {
            Act::Acquired(token) if self.holder.is_none() => self.granted(who, token),
            Act::Acquired(token) => own.and_then(|_| self.shows(who, token).or_else(|| self.granted(who, token))),
            Act::PerhapsAcquired => (self.holder.is_none() || own.is_some()).then_some(unseen),
            Act::FoundLocked(by) => self.holder.is_some_and(|(holder, _)| holder == by && by != who).then_some(self),
            Act::Released(token) | Act::PerhapsReleased(token) => {
                own.and_then(|_| self.shows(who, token)).map(|shown| Self { holder: None, ..shown })
            }
            Act::FoundNotHolder => own.is_none().then_some(self),
            Act::FoundStale(token) => own.is_some_and(|own| own != Some(token)).then_some(self),
            Act::Saw(None) => self.holder.is_none().then_some(self),
            Act::Saw(Some((holder, token))) if holder == who => {
                own.and_then(|_| self.shows(who, token).or_else(|| self.granted(who, token)))
            }
            Act::Saw(Some((holder, token))) => self.shows(holder, token),
            Act::PerhapsMoved => own.map(|_| unseen),
            Act::PerhapsEnded => own.map(|_| Self { holder: None, ..self }),
        }
    }

    /// A grant: tokens only rise.
    fn granted(self, who: Who, token: Token) -> Option<Self> {
        (token > self.last).then_some(Self { holder: Some((who, Some(token))), last: token })
    }

    /// The chapter is held by this session under this token.
    fn shows(self, who: Who, token: Token) -> Option<Self> {
        let (holder, known) = self.holder?;
        let fits = holder == who && known.map_or(token > self.last, |known| known == token);
        fits.then(|| Self { holder: Some((who, Some(token))), last: self.last.max(token) })
    }
}

/// Steps that took effect, one bit each.
type Done = Vec<u64>;

fn is_done(done: &Done, index: usize) -> bool {
    done[index / 64] & (1 << (index % 64)) != 0
}

/// Says why there is no order of the steps in which a chapter that was free at first had one holder at a time.
pub fn judge(steps: &[Step]) -> Result<(), String> {
    let start = (vec![0; steps.len().div_ceil(64)], Lock { holder: None, last: Token(0) });
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    let mut furthest = (0, String::from("nothing fits"));
    while let Some((done, lock)) = open.pop() {
        let pending = || (0..steps.len()).filter(|index| !is_done(&done, *index));
        let certain = || pending().filter(|index| steps[*index].act.is_certain());
        // A step that was answered before another was called comes before it.
        let Some(first_answer) = certain().map(|index| steps[index].answered).min() else { return Ok(()) };
        let taken = (0..steps.len()).filter(|index| is_done(&done, *index));
        let last_call = taken.clone().map(|index| steps[index].called).max().unwrap_or(0);
        // What the hub did while somebody was gone comes before what they saw when they were back.
        let is_over = |step: &Step| {
            let back =
                |other: &Step| other.who == step.who && other.act.is_certain() && other.answered >= step.answered;
            !step.act.is_certain() && taken.clone().any(|index| back(&steps[index]))
        };
        let in_time = |step: &Step| step.called <= first_answer && step.answered >= last_call;
        let may_be_next = |index: &usize| in_time(&steps[*index]) && !is_over(&steps[*index]);
        let count = taken.clone().count();
        if count >= furthest.0 {
            let next: Vec<_> = pending().filter(may_be_next).map(|index| steps[index]).collect();
            furthest = (count, format!("after {count} steps {lock:?}, and none of these may be next: {next:#?}"));
        }
        for index in pending().filter(may_be_next) {
            let Some(next) = lock.after(steps[index].who, steps[index].act) else { continue };
            let mut then = done.clone();
            then[index / 64] |= 1 << (index % 64);
            if seen.insert((then.clone(), next)) {
                open.push((then, next));
            }
        }
    }
    Err(furthest.1)
}

const ANN: Who = 0;
const BEN: Who = 1;

fn step(who: Who, called: u64, answered: u64, act: Act) -> Step {
    Step { who, called, answered, act }
}

/// Told at any later time, or never.
fn unheard(who: Who, called: u64, act: Act) -> Step {
    step(who, called, u64::MAX, act)
}

#[track_caller]
fn fits(steps: &[Step]) {
    assert_eq!(judge(steps), Ok(()));
}

#[track_caller]
fn contradicts(steps: &[Step]) {
    assert!(judge(steps).is_err(), "there is no such order: {steps:?}");
}

#[test]
fn one_after_the_other() {
    let ann = [step(ANN, 1, 2, Act::Acquired(Token(5))), step(ANN, 5, 6, Act::Released(Token(5)))];
    fits(&[ann[0], step(BEN, 3, 4, Act::FoundLocked(ANN)), ann[1], step(BEN, 7, 8, Act::Acquired(Token(6)))]);
    contradicts(&[ann[0], step(BEN, 3, 4, Act::Acquired(Token(6))), ann[1]]);
    contradicts(&[ann[0], ann[1], step(BEN, 7, 8, Act::FoundLocked(ANN))]);
    contradicts(&[ann[0], ann[1], step(BEN, 7, 8, Act::Acquired(Token(5)))]);
    contradicts(&[ann[0], ann[1], step(ANN, 7, 8, Act::Released(Token(5)))]);
    contradicts(&[ann[0], step(BEN, 3, 4, Act::FoundLocked(BEN)), ann[1]]);
}

#[test]
fn what_overlaps_may_have_happened_either_way_round() {
    let release = step(ANN, 3, 9, Act::Released(Token(5)));
    let history = |ben: Act| [step(ANN, 1, 2, Act::Acquired(Token(5))), release, step(BEN, 4, 5, ben)];
    fits(&history(Act::Acquired(Token(6))));
    fits(&history(Act::FoundLocked(ANN)));
    fits(&history(Act::Saw(None)));
    fits(&history(Act::Saw(Some((ANN, Token(5))))));
    contradicts(&history(Act::Acquired(Token(4))));
    contradicts(&history(Act::Saw(Some((ANN, Token(6))))));
}

#[test]
fn an_unknown_outcome_may_come_about_late_or_never() {
    let perhaps = unheard(ANN, 1, Act::PerhapsAcquired);
    let ben = [step(BEN, 2, 3, Act::Acquired(Token(5))), step(BEN, 4, 5, Act::Released(Token(5)))];
    fits(&[perhaps, ben[0], ben[1], step(BEN, 6, 7, Act::FoundLocked(ANN))]);
    fits(&[perhaps, ben[0], ben[1], step(BEN, 6, 7, Act::Saw(None))]);
    fits(&[perhaps, ben[0], ben[1], step(BEN, 6, 7, Act::Saw(Some((ANN, Token(6)))))]);
    contradicts(&[perhaps, ben[0], ben[1], step(BEN, 6, 7, Act::Saw(Some((ANN, Token(5)))))]);
    contradicts(&[perhaps, step(BEN, 2, 3, Act::FoundLocked(ANN)), step(BEN, 4, 5, Act::Acquired(Token(5)))]);
    contradicts(&[ben[0], ben[1], step(BEN, 6, 7, Act::FoundLocked(ANN)), unheard(ANN, 8, Act::PerhapsAcquired)]);

    let held = step(ANN, 1, 2, Act::Acquired(Token(5)));
    let perhaps = unheard(ANN, 3, Act::PerhapsReleased(Token(5)));
    fits(&[held, perhaps, step(BEN, 4, 5, Act::FoundLocked(ANN)), step(BEN, 6, 7, Act::Acquired(Token(6)))]);
    contradicts(&[held, perhaps, step(BEN, 4, 5, Act::Acquired(Token(6))), step(ANN, 6, 7, Act::FoundStale(Token(5)))]);
}

#[test]
fn whoever_was_gone_may_lose_the_chapter_until_they_are_back() {
    let held = step(ANN, 1, 2, Act::Acquired(Token(5)));
    let ended = step(ANN, 3, 6, Act::PerhapsEnded);
    let back = |saw| step(ANN, 5, 6, Act::Saw(saw));
    fits(&[held, ended, back(Some((ANN, Token(6))))]);
    fits(&[held, ended, back(None)]);
    fits(&[held, ended, step(BEN, 4, 5, Act::Acquired(Token(6))), back(Some((BEN, Token(6))))]);
    contradicts(&[held, back(None)]);
    contradicts(&[held, ended, back(Some((ANN, Token(6)))), step(BEN, 7, 8, Act::Acquired(Token(7)))]);
    contradicts(&[held, ended, back(Some((ANN, Token(4))))]);
}

#[test]
fn a_lock_that_moved_has_a_higher_token() {
    let held = step(ANN, 1, 2, Act::Acquired(Token(5)));
    let moved = step(ANN, 3, 4, Act::Saw(Some((ANN, Token(7)))));
    fits(&[held, moved, step(ANN, 5, 6, Act::FoundStale(Token(5))), step(ANN, 7, 8, Act::Released(Token(7)))]);
    contradicts(&[held, moved, step(ANN, 5, 6, Act::Released(Token(5)))]);
    let perhaps = unheard(ANN, 3, Act::PerhapsMoved);
    fits(&[held, perhaps, step(BEN, 4, 5, Act::Saw(Some((ANN, Token(5))))), step(ANN, 6, 7, Act::Released(Token(9)))]);
    contradicts(&[held, perhaps, step(ANN, 6, 7, Act::FoundNotHolder)]);
}

#[test]
fn many_at_once_are_judged_in_time() {
    let mut steps: Vec<_> = (0..20).map(|number| unheard(ANN, number, Act::PerhapsAcquired)).collect();
    for round in 0..200 {
        let at = 100 + round * 4;
        steps.push(step(BEN, at, at + 1, Act::Acquired(Token(round + 1))));
        steps.push(step(2, at, at + 3, Act::FoundNotHolder));
        steps.push(step(BEN, at + 2, at + 3, Act::Released(Token(round + 1))));
    }
    fits(&steps);
    steps.push(step(2, 2_000, 2_001, Act::FoundLocked(3)));
    contradicts(&steps[180..]);
}
