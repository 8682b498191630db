mod script;

use super::{Expectations, judge};
use crate::observation::ViolationKind::{self, *};
use script::{NOTHING, play};

/// ann holds `c1` under token 100 since event 3.
const HELD: &str = "send ann a1 acquire c1; log ann acquired c1 ann 100; hear * 3; yes ann a1 3 100;";

/// For each kind of violation: a right history, and nearly the same one with something wrong.
#[rustfmt::skip]
const DELIVERIES: &[(ViolationKind, &str, &str)] = &[
    (Gap, "log cy added c2; log cy added c3; hear ann 3; hear ann 4",
        "log cy added c2; log cy added c3; hear ann 4"),
    (Gap, "log cy added c2; log cy added c3; hear ann 3; hang ann theirs; open ann after 3",
        "log cy added c2; log cy added c3; hear ann 4; hang ann theirs; open ann after 4"),
    (Duplicate, "log cy added c2; hear ann 3; hang ann theirs; open ann after 2",
        "log cy added c2; hear ann 3; hear ann 3"),
    (Reordered, "log cy added c2; log cy added c3; hear ann 3; hear ann 4",
        "log cy added c2; log cy added c3; hear ann 4; hear ann 3"),
    (Unasked, "log cy added c2; leave ann; hear ann 3; left ann",
        "log cy added c2; leave ann; left ann; hear ann 3"),
    (Unasked, "hang ann theirs; log cy added c2; snapshot ann; log cy added c3; hear ann 4",
        "hang ann theirs; log cy added c2; hear ann 3"),
    (BadOpening, "log cy added c2; hang ann theirs; open ann after 2",
        "log cy added c2; hang ann theirs; open ann after 2 without 1"),
    (Disagreement, "log cy added c2; hear ann 3; hear bob 3", "log cy added c2; hear ann 3; hear bob 3 other"),
    (Disagreement, "log cy comment m1; hear ann 3; hear bob 3 withheld", "log cy comment m1; hear bob 3 other"),
    (EpochChanged, "log cy added c2; hear * 3", "epoch 2 keeps 2; hang ann theirs; open ann"),
    (UnreadLog, "log cy comment m1; unread 3; hear ann 3; hear bob 3 withheld",
        "log cy comment m1; unread 3; hear ann 3 withheld; hear bob 3 withheld"),
];

#[rustfmt::skip]
const COMMANDS: &[(ViolationKind, &str, &str)] = &[
    (Missing, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3",
        "send ann a comment m1; yes ann a 2"),
    (Missing, "send ann a comment m1; log ann comment m1; log bob comment m2; send bob b comment m2; \
        hear * 3; hear * 4; yes ann a 3; yes bob b 4",
        "send ann a comment m1; log ann comment m2; hear * 3; yes ann a 3"),
    (Missing, "send ann a rename c1; send ann b rename c1; log ann renamed c1; hear * 3; yes ann a 3; yes ann b 3",
        "send ann a comment m1; log cy comment m1; hear * 3; yes ann a 3"),
    (Missing, "send ann a acquire c1; log ann acquired c1 ann 100; hear * 3; yes ann a 3 100; \
        send ann b acquire c1; yes ann b 3 100",
        "send ann a acquire c1; yes ann a 2 100"),
    (Missing, "send ann a acquire c1; log ann queued c1 ann; hear * 3; yes ann a 3",
        "send ann a acquire c1; log ann acquired c1 ann 100; hear * 3; yes ann a 3 101"),
    (Missing, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3; log cy renamed c1; hear * 4; \
        forget after 3",
        "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3; forget after 2"),
    (Missing, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3; log cy comment m2",
        "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3; forget after 2; log cy comment m2"),
    (RefusedYetDone, "send ann a comment m1; no ann a unavailable 2; log bob comment m2; send bob b comment m2; \
        hear * 3; yes bob b 3",
        "send ann a comment m1; no ann a unavailable 2; log ann comment m1; hear * 3"),
    (RefusedYetDone, "send ann a comment m1; hang ann theirs; log ann comment m1; open ann; \
        send ann a comment m1; no ann a unavailable 3",
        "send ann a acquire c1; no ann a rate_limited 2; log ann acquired c1 ann 100; hear * 3"),
    (Twice, "send ann a comment m1; hang ann theirs; log ann comment m1; hear bob 3; open ann; \
        send ann a comment m1; yes ann a 3",
        "send ann a comment m1; log ann comment m1; log ann comment m1; hear * 3; hear * 4; yes ann a 3"),
    (Twice, "send ann a rename c1; no ann a outcome_unknown 2; log ann renamed c1; hear * 3",
        "send ann a rename c1; no ann a outcome_unknown 2; log ann renamed c1; log ann renamed c1; hear * 3; hear * 4"),
    (Twice, "send ann a rename c1; no ann a outcome_unknown 2", "log ann renamed c1; hear * 3"),
    (Twice, "log cy added c2; log cy added c3; hear * 3; hear * 4", "log cy added c2; log cy added c2; hear * 3; hear * 4"),
    (UnsteadyReply, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3; send ann a comment m1; yes ann a 3",
        "send ann a rename c1; log ann renamed c1; hear * 3; yes ann a 3; send ann a rename c1; \
        log cy renamed c1; hear * 4; yes ann a 4"),
    (ReplyBeforeEvent, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3",
        "send ann a comment m1; log ann comment m1; yes ann a 3; hear * 3"),
    (Unanswered, "send ann a comment m1; hang ann ours", "send ann a comment m1"),
    (OutOfRealTime, "send ann a comment m1; log ann comment m1; hear * 3; yes ann a 3",
        "log ann comment m1; hear bob 3; send ann a comment m1; hear ann 3; yes ann a 3"),
    (OutOfRealTime, "log ann comment m1; log bob comment m2; send ann a comment m1; send bob b comment m2; \
        hear * 3; hear * 4; yes bob b 4; yes ann a 3",
        "send bob b comment m2; log ann comment m1; log bob comment m2; hear bob 3; hear bob 4; yes bob b 4; \
        send ann a comment m1; hear ann 3; hear ann 4; yes ann a 3"),
];

#[rustfmt::skip]
const LOCKS: &[(ViolationKind, &str, &str)] = &[
    (TwoHolders, "HELD send ann a2 release c1 100; log ann released c1 ann released; hear * 4; yes ann a2 4; \
        send bob b1 acquire c1; log bob acquired c1 bob 200; hear * 5; yes bob b1 5 200",
        "HELD send bob b1 acquire c1; log bob acquired c1 bob 200; hear * 4; yes bob b1 4 200"),
    (TwoHolders, "HELD log hub released c1 ann chapter_removed; log cy removed c1; hear * 4; hear * 5",
        "HELD log cy removed c1; hear * 4"),
    (TokenFell, "HELD log hub released c1 ann idle; log bob acquired c1 bob 101; send bob b acquire c1; \
        hear * 4; hear * 5; yes bob b 5 101",
        "HELD log hub released c1 ann idle; log bob acquired c1 bob 100; send bob b acquire c1; \
        hear * 4; hear * 5; yes bob b 5 100"),
    (TokenFell, "HELD hang ann theirs; log ann rehomed c1 ann 101; open ann after 3; hear bob 4",
        "HELD hang ann theirs; log ann rehomed c1 ann 99; open ann after 3; hear bob 4"),
    (StrayRelease, "HELD log hub released c1 ann idle; hear * 4",
        "HELD log hub released c1 bob idle; hear * 4"),
    (StrayRelease, "HELD hang ann theirs; log ann rehomed c1 ann 101; open ann after 3; hear bob 4",
        "hang ann theirs; log ann rehomed c1 ann 101; open ann after 2; hear bob 3"),
    (StrayRelease, "HELD leave ann; log ann released c1 ann released; hear * 4; left ann",
        "HELD log ann released c1 ann released; hear * 4"),
    (Overlap, "send bob b1 acquire c1; log bob queued c1 bob; hear * 3; yes bob b1 3; send ann a1 acquire c1; \
        log ann acquired c1 ann 100; hear * 4; yes ann a1 4 100; send ann a2 release c1 100; \
        log ann released c1 ann released; log ann acquired c1 bob 200; hear * 5; hear * 6; yes ann a2 6",
        "send bob b1 acquire c1; log bob queued c1 bob; hear * 3; yes bob b1 3; send ann a1 acquire c1; \
        log ann acquired c1 ann 100; hear * 4; yes ann a1 4 100; log ann released c1 ann released; \
        log ann acquired c1 bob 200; hear bob 5; hear bob 6; send ann a2 release c1 100; hear ann 5; hear ann 6; \
        yes ann a2 6"),
    (Twice, "HELD send bob b1 acquire c1; log bob queued c1 bob; hear * 4; yes bob b1 4; send ann a2 mode c1; \
        log ann mode c1; log ann acquired c1 bob 200; hear * 5; hear * 6; yes ann a2 6",
        "HELD log ann mode c1; hear * 4"),
    (FalseBelief, "HELD hang ann theirs; snapshot ann", "send ann a1 acquire c1; yes ann a1 2 100"),
    (FalseRefusal, "HELD send bob b acquire c1; no bob b locked 3", "send bob b acquire c1; no bob b locked 2"),
    (FalseRefusal, "HELD log hub released c1 ann forced; hear * 4; send ann a2 release c1 100; no ann a2 not_holder 4",
        "HELD send ann a2 release c1 100; no ann a2 not_holder 3"),
    (FalseRefusal, "HELD hang ann theirs; log ann rehomed c1 ann 101; hear bob 4; snapshot ann; \
        send ann a2 release c1 100; no ann a2 stale_token 4",
        "HELD send ann a2 release c1 100; no ann a2 stale_token 3"),
    // A refusal on a state that was over before it was asked for.
    (OutOfRealTime, "HELD send bob b acquire c1; log hub released c1 ann idle; hear * 4; no bob b locked 3",
        "HELD send ann a2 release c1 100; log ann released c1 ann released; hear * 4; yes ann a2 4; \
        send bob b acquire c1; no bob b locked 3"),
];

#[rustfmt::skip]
const VIEWS: &[(ViolationKind, &str, &str)] = &[
    (Divergence, "log cy added c2; hear * 3; view ann; view bob", "log cy added c2; hear * 3; view ann; view bob odd"),
    (Divergence, "log cy added c2; hear * 3; view ann; view bob unsure", "log cy added c2; hear * 3; view ann odd"),
    (Behind, "log cy added c2; hear * 3; view ann", "log cy added c2; view ann early"),
];

fn check(cases: &[(ViolationKind, &str, &str)]) {
    for (kind, right, wrong) in cases {
        // The verdict is the same whether the tabs share a worker or not.
        for workers in [1, 3] {
            let verdict = play(&right.replace("HELD", HELD), workers, NOTHING).violations;
            assert!(verdict.is_empty(), "false alarm, {workers} workers: {right}\n{verdict:#?}");
            let verdict = play(&wrong.replace("HELD", HELD), workers, NOTHING).violations;
            assert!(
                verdict.counts.contains_key(kind),
                "{kind:?} is not seen, {workers} workers: {wrong}\n{verdict:#?}"
            );
        }
    }
}

#[test]
fn wrong_deliveries_are_told_and_right_ones_are_not() {
    check(DELIVERIES);
}

#[test]
fn wrong_outcomes_are_told_and_right_ones_are_not() {
    check(COMMANDS);
}

#[test]
fn wrong_locks_are_told_and_right_ones_are_not() {
    check(LOCKS);
}

#[test]
fn wrong_views_are_told_and_right_ones_are_not() {
    check(VIEWS);
}

#[test]
fn a_loser_may_believe_a_little_longer() {
    let forced = "HELD log bob released c1 ann forced; log bob acquired c1 bob 200; send bob b acquire c1; \
        hear bob 4; hear bob 5; yes bob b 5 200; hear ann 4; hear ann 5";
    let graced = "HELD log hub released c1 ann disconnected; log bob acquired c1 bob 200; send bob b acquire c1; \
        hear bob 4; hear bob 5; yes bob b 5 200; hang ann theirs; open ann after 3";
    for script in [forced, graced] {
        let verdict = play(&script.replace("HELD", HELD), 1, NOTHING);
        assert!(verdict.violations.is_empty(), "{script}\n{verdict:#?}");
        assert_eq!(verdict.checked.grants, 2);
    }
}

#[test]
fn what_an_epoch_took_with_it_is_not_missing_where_that_was_expected() {
    let script = "HELD send ann a comment m1; log ann comment m1; hear * 4; yes ann a 4; epoch 2 keeps 3; \
        hang ann theirs; hang bob theirs; open ann; snapshot bob; send ann a comment m1; log ann comment m1; \
        hear * 4; yes ann a 4; log hub released c1 ann idle; log bob acquired c1 bob 101; send bob b acquire c1; \
        hear * 5; hear * 6; yes bob b 6 101; view ann; view bob unsure";
    let script = script.replace("HELD", HELD);
    let verdict = play(&script, 1, Expectations { epoch_changes: true, ..NOTHING });
    assert!(verdict.violations.is_empty(), "{verdict:#?}");
    assert_eq!(verdict.checked.epochs, 2);

    let verdict = play(
        &script.replace("bob 101", "bob 99").replace("6 101", "6 99"),
        1,
        Expectations { epoch_changes: true, ..NOTHING },
    );
    assert!(verdict.violations.counts.contains_key(&TokenFell), "tokens rise over epochs: {verdict:#?}");
    let verdict = play(&script, 1, NOTHING);
    assert!(verdict.violations.counts.contains_key(&EpochChanged), "nobody expected an epoch to end: {verdict:#?}");
}

#[test]
fn a_session_that_is_not_resumed_still_gets_its_first_answer() {
    let script = "send ann a acquire c1; hang ann theirs; log ann acquired c1 ann 100; hear bob 3; \
        log hub released c1 ann disconnected; hear bob 4; welcome ann ann2; open ann after 2; \
        send ann a acquire c1; yes ann a 3 100";
    let verdict = play(script, 1, NOTHING);
    assert!(verdict.violations.is_empty(), "{verdict:#?}");
    assert_eq!(verdict.checked.accepted, 1);
}

#[test]
fn refused_and_unknown_are_told_apart() {
    let script = "send ann a comment m1; no ann a unavailable 2; send ann b comment m2; no ann b outcome_unknown 2; \
        send bob c comment m3; hang bob theirs";
    let checked = play(script, 1, NOTHING).checked;
    assert_eq!((checked.commands, checked.refused, checked.open, checked.accepted), (3, 1, 2, 0));
}

#[test]
fn a_run_that_checked_nothing_does_not_pass() {
    let verdict = judge(Vec::new(), &[], Expectations::default());
    assert_eq!(verdict.violations.counts.get(&NothingChecked), Some(&5), "{verdict:#?}");
    let script = "HELD view ann; view bob".replace("HELD", HELD);
    let verdict = play(&script, 1, Expectations::default());
    assert!(verdict.violations.is_empty(), "{verdict:#?}");
    let idle = play("view ann; view bob", 1, Expectations::default());
    assert_eq!(idle.violations.counts.get(&NothingChecked), Some(&3), "{idle:#?}");
}

#[test]
fn what_was_checked_is_counted() {
    let script = "HELD send bob b acquire c1; no bob b locked 3; send ann a2 release c1 100; \
        log ann released c1 ann released; hear * 4; yes ann a2 4; send bob c acquire c1; log bob acquired c1 bob 200; \
        hear * 5; yes bob c 5 200; view ann; view bob";
    let checked = play(&script.replace("HELD", HELD), 3, NOTHING).checked;
    assert_eq!((checked.tally.deliveries, checked.tally.caught_up), (6, 4));
    assert_eq!((checked.commands, checked.accepted, checked.refused), (4, 3, 1));
    assert_eq!((checked.grants, checked.beliefs, checked.handovers, checked.refusals_compared), (2, 2, 1, 1));
    assert_eq!((checked.ordered, checked.views, checked.replayed, checked.unjudged), (4, 2, 1, 0));
}
