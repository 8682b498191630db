use proptest::prelude::*;
use quire_protocol::inbox::{ByMail, Told, Topic, TopicChoice, TopicSwitch};
use quire_protocol::{BookId, Seq, Timestamp};

use super::{Inbox, InboxChange, Mailed, Rules};
use crate::chapter::journal::Journal as _;

fn told(number: u8) -> Told {
    Told {
        id: format!("b1:{number}:mentioned"),
        topic: Topic::Mentioned,
        at: Timestamp(u64::from(number)),
        book: BookId::new("b1").unwrap(),
        title: "Emma".into(),
        by: None,
        chapter: None,
        chapter_title: None,
        thread: None,
        comment: None,
        invitation: None,
        role: None,
        text: None,
    }
}

fn apply(inbox: &mut Inbox, changes: Vec<InboxChange>) {
    for change in changes {
        inbox.apply(change, Timestamp(0));
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// 06:00 of some day.
const MORNING: Timestamp = Timestamp(20_000 * DAY_MS + DAY_MS / 4);

fn all(topic: Topic) -> TopicSwitch {
    TopicSwitch { topic, inbox: true, mail: true }
}

/// Keeps `keep` entries, and mails so many at once.
fn rules(keep: usize, mails: Option<usize>, now: Timestamp) -> Rules<'static> {
    Rules { keep, allowed: &all, mails, now }
}

fn choice(inbox: bool, mail: ByMail) -> TopicChoice {
    TopicChoice { topic: Topic::Mentioned, inbox, mail }
}

fn chooses(inbox: &mut Inbox, choice: TopicChoice) {
    let changes = inbox.choose(&[choice]);
    apply(inbox, changes);
}

fn tells(inbox: &mut Inbox, numbers: impl IntoIterator<Item = u8>, rules: &Rules<'_>) {
    let changes = inbox.tell(&numbers.into_iter().map(told).collect::<Vec<_>>(), rules);
    for change in changes {
        inbox.apply(change, rules.now);
    }
}

fn leaves(inbox: &mut Inbox, now: Timestamp) -> Vec<String> {
    let due = inbox.due(now, DAY_MS).expect("a letter is due");
    inbox.apply(InboxChange::Mailed { ids: due.ids }, now);
    due.told.into_iter().map(|told| told.id).collect()
}

#[test]
fn what_is_told_twice_is_there_once_and_stays_read() {
    let mut inbox = Inbox::default();
    let changes = inbox.tell(&[told(1), told(2)], &rules(10, None, MORNING));
    apply(&mut inbox, changes);
    let changes = inbox.read(Some(Seq(1)), &[]);
    apply(&mut inbox, changes);
    assert_eq!(inbox.tell(&[told(1), told(2)], &rules(10, None, MORNING)), []);
    assert_eq!(inbox.read(Some(Seq(1)), &[Seq(77)]), []);
    assert_eq!((inbox.unread(), inbox.entry("b1:2:mentioned").map(|entry| entry.n)), (1, Some(Seq(2))));
}

#[test]
fn of_what_somebody_wants_nothing_they_are_told_nothing_until_they_want_it_again() {
    let mut inbox = Inbox::default();
    let nothing = choice(false, ByMail::Off);
    let changes = inbox.choose(&[choice(true, ByMail::Daily), nothing.clone()]);
    assert_eq!(changes, [InboxChange::Chosen { choices: vec![nothing.clone()] }], "the later one counts");
    apply(&mut inbox, changes);
    let rules = rules(10, Some(9), MORNING);
    assert_eq!((inbox.tell(&[told(1)], &rules), inbox.choose(&[nothing])), (vec![], vec![]));
    assert_eq!(Inbox::restore(&inbox.snapshot()).as_ref(), Ok(&inbox));
    chooses(&mut inbox, choice(true, ByMail::Off));
    assert_eq!(inbox.tell(&[told(2)], &rules).len(), 1);
}

#[test]
fn what_was_muted_before_there_were_channels_is_silent_in_both() {
    let mut inbox = Inbox::default();
    inbox.apply(InboxChange::Muted { topics: [Topic::Mentioned].into() }, MORNING);
    assert_eq!(inbox.choice(Topic::Mentioned), choice(false, ByMail::Off));
    assert_eq!(inbox.choice(Topic::Replied), TopicChoice { topic: Topic::Replied, inbox: true, mail: ByMail::AtOnce });
    let old = serde_json::json!({"version": "1", "last": 0, "entries": [], "muted": ["mentioned"]});
    let old = crate::chapter::journal::encode(&old);
    assert_eq!(Inbox::restore(&old), Ok(inbox), "and in a state");
    let old = serde_json::json!({"t": "told", "told": told(1), "keep": 5});
    let told = InboxChange::Told { told: Box::new(told(1)), keep: 5, shown: true, mail: Mailed::No };
    assert_eq!(serde_json::from_value::<InboxChange>(old).unwrap(), told);
}

#[test]
fn an_invitation_has_a_letter_of_its_own() {
    let mut inbox = Inbox::default();
    for change in inbox.choose(&[TopicChoice { topic: Topic::Invited, inbox: true, mail: ByMail::AtOnce }]) {
        inbox.apply(change, MORNING);
    }
    let invited = Told { topic: Topic::Invited, ..told(1) };
    let changes = inbox.tell(&[invited], &rules(5, Some(9), MORNING));
    assert!(matches!(&changes[..], [InboxChange::Told { shown: true, mail: Mailed::No, .. }]), "{changes:?}");
}

#[test]
fn the_library_narrows_what_somebody_chose_and_widens_nothing() {
    let only_mail = |topic| TopicSwitch { topic, inbox: false, mail: true };
    let nothing = |topic| TopicSwitch { topic, inbox: false, mail: false };
    let mut inbox = Inbox::default();
    let tell = |inbox: &Inbox, allowed: &dyn Fn(Topic) -> TopicSwitch| {
        let changes = inbox.tell(&[told(1)], &Rules { allowed, ..rules(5, Some(9), MORNING) });
        changes.into_iter().next().map(|change| match change {
            InboxChange::Told { shown, mail, .. } => (shown, mail),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(tell(&inbox, &all), Some((true, Mailed::AtOnce)));
    assert_eq!(tell(&inbox, &only_mail), Some((false, Mailed::AtOnce)));
    assert_eq!(tell(&inbox, &nothing), None);
    chooses(&mut inbox, choice(true, ByMail::Off));
    assert_eq!(tell(&inbox, &only_mail), None);
}

#[test]
fn a_letter_at_once_is_due_once_and_so_is_what_is_in_no_inbox() {
    let mut inbox = Inbox::default();
    chooses(&mut inbox, choice(false, ByMail::AtOnce));
    let rules = rules(5, Some(9), MORNING);
    tells(&mut inbox, [1, 2, 1], &rules);
    assert_eq!((inbox.unread(), inbox.due_at(MORNING, DAY_MS)), (0, Some(MORNING)));
    assert_eq!(leaves(&mut inbox, MORNING), ["b1:1:mentioned"]);
    assert_eq!(leaves(&mut inbox, MORNING), ["b1:2:mentioned"]);
    assert_eq!(inbox.due_at(MORNING, DAY_MS), None);
    tells(&mut inbox, [1, 2], &rules);
    assert_eq!(inbox.due(MORNING, DAY_MS), None, "it was mailed");
    chooses(&mut inbox, choice(true, ByMail::AtOnce));
    tells(&mut inbox, [3], &rules);
    chooses(&mut inbox, choice(true, ByMail::Off));
    assert_eq!(leaves(&mut inbox, MORNING), [""; 0], "they want none now");
}

#[test]
fn what_was_read_before_its_letter_left_is_not_mailed() {
    let mut inbox = Inbox::default();
    chooses(&mut inbox, choice(true, ByMail::AtOnce));
    tells(&mut inbox, [1, 2], &rules(10, Some(3), MORNING));
    let changes = inbox.read(None, &[Seq(1)]);
    apply(&mut inbox, changes);
    assert_eq!(leaves(&mut inbox, MORNING), [""; 0]);
    assert_eq!(leaves(&mut inbox, MORNING), ["b1:2:mentioned"]);
    assert_eq!(inbox.due(MORNING, DAY_MS), None);
}

#[test]
fn a_flood_comes_with_the_daily_letter() {
    let mut inbox = Inbox::default();
    tells(&mut inbox, 0..5, &rules(10, Some(3), MORNING));
    let at_once: Vec<_> = (0..3).flat_map(|_| leaves(&mut inbox, MORNING)).collect();
    assert_eq!((at_once.len(), inbox.due(MORNING, DAY_MS)), (3, None));
    let tomorrow = MORNING.plus_ms(DAY_MS);
    assert_eq!(inbox.due_at(MORNING, DAY_MS), Some(tomorrow));
    assert_eq!(leaves(&mut inbox, tomorrow), ["b1:3:mentioned", "b1:4:mentioned"]);
    tells(&mut inbox, [9], &rules(10, Some(3), tomorrow));
    assert_eq!(leaves(&mut inbox, tomorrow), ["b1:9:mentioned"], "another day");
}

#[test]
fn a_daily_letter_has_what_is_unread_of_the_days_before_it_and_is_the_same_when_it_is_made_again() {
    let mut inbox = Inbox::default();
    chooses(&mut inbox, choice(true, ByMail::Daily));
    let noon = MORNING.plus_ms(DAY_MS / 4);
    tells(&mut inbox, [1, 2], &rules(10, Some(3), noon));
    let tomorrow = MORNING.plus_ms(DAY_MS);
    assert_eq!((inbox.due(Timestamp(tomorrow.0 - 1), DAY_MS), inbox.due_at(noon, DAY_MS)), (None, Some(tomorrow)));
    let changes = inbox.read(None, &[Seq(1)]);
    apply(&mut inbox, changes);
    let due = inbox.due(tomorrow, DAY_MS).unwrap();
    assert_eq!((due.day, due.told.clone(), due.ids.len()), (Some(tomorrow), vec![told(2)], 2));
    tells(&mut inbox, [3], &rules(10, Some(3), tomorrow));
    let restored = Inbox::restore(&inbox.snapshot()).unwrap();
    assert_eq!(restored.due(tomorrow.plus_ms(DAY_MS - 1), DAY_MS), Some(due), "what came since is another day's");
    assert_eq!(leaves(&mut inbox, tomorrow), ["b1:2:mentioned"]);
    assert_eq!(inbox.due(tomorrow, DAY_MS), None);
    let later = tomorrow.plus_ms(5 * DAY_MS);
    let changes = inbox.read(Some(Seq(3)), &[]);
    apply(&mut inbox, changes);
    assert_eq!(leaves(&mut inbox, later), [""; 0], "all was read");
}

#[test]
fn what_is_owed_is_bounded() {
    let mut inbox = Inbox::default();
    chooses(&mut inbox, choice(false, ByMail::Daily));
    tells(&mut inbox, 0..=255, &rules(4, Some(3), MORNING));
    let due = inbox.due(MORNING.plus_ms(DAY_MS), DAY_MS).unwrap();
    assert_eq!((due.told.len(), due.told.first(), due.told.last()), (200, Some(&told(56)), Some(&told(255))));
}

/// What happens to an inbox that is mailed.
#[derive(Clone, Debug)]
enum Step {
    Told(u8),
    Chosen(bool, ByMail),
    Read(u64),
    Passes(u64),
    Leaves,
    Restored,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mail = prop_oneof![Just(ByMail::Off), Just(ByMail::AtOnce), Just(ByMail::Daily)];
    let step = prop_oneof![
        4 => (0..20_u8).prop_map(Step::Told),
        1 => (any::<bool>(), mail).prop_map(|(inbox, mail)| Step::Chosen(inbox, mail)),
        1 => (1..20_u64).prop_map(Step::Read),
        2 => (1..DAY_MS).prop_map(Step::Passes),
        2 => Just(Step::Leaves),
        1 => Just(Step::Restored),
    ];
    prop::collection::vec(step, 0..80)
}

proptest! {
    #[test]
    fn nothing_is_mailed_twice_and_no_letter_stays_once_its_time_has_come(steps in steps()) {
        let (mut inbox, mut now) = (Inbox::default(), MORNING);
        let (mut mailed, mut days) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for step in steps {
            match step {
                Step::Told(number) => tells(&mut inbox, [number], &rules(100, Some(3), now)),
                Step::Chosen(shown, mail) => chooses(&mut inbox, choice(shown, mail)),
                Step::Read(n) => {
                    let changes = inbox.read(None, &[Seq(n)]);
                    apply(&mut inbox, changes);
                }
                Step::Passes(ms) => now = now.plus_ms(ms),
                Step::Leaves => {
                    while let Some(due) = inbox.due(now, DAY_MS) {
                        prop_assert!(due.day.is_none_or(|day| day <= now && days.insert(day)), "one letter a day");
                        prop_assert!(due.told.iter().all(|told| mailed.insert(told.id.clone())), "once");
                        inbox.apply(InboxChange::Mailed { ids: due.ids }, now);
                    }
                    prop_assert!(inbox.due_at(now, DAY_MS).is_none_or(|due| due > now && due.0 - now.0 <= DAY_MS));
                }
                Step::Restored => inbox = Inbox::restore(&inbox.snapshot()).unwrap(),
            }
        }
    }

    #[test]
    fn an_inbox_is_bounded_in_order_and_the_same_from_a_snapshot(
        steps in prop::collection::vec((any::<u8>(), any::<bool>()), 0..60),
        keep in 1_usize..8,
    ) {
        let mut inbox = Inbox::default();
        for (number, reads) in steps {
            let before = inbox.unread();
            if reads {
                let up_to = inbox.page(None, 100).0.get(usize::from(number) % keep).map(|entry| entry.n);
                let changes = inbox.read(up_to, &[]);
                apply(&mut inbox, changes);
                prop_assert!(inbox.unread() <= before);
            } else {
                let changes = inbox.tell(&[told(number)], &rules(keep, None, MORNING));
                apply(&mut inbox, changes);
                prop_assert!(inbox.entry(&told(number).id).is_some());
            }
            let (all, older) = inbox.page(None, 100);
            prop_assert!(all.len() <= keep && older.is_none());
            prop_assert!(all.windows(2).all(|pair| pair[0].n > pair[1].n));
            let mut paged = Vec::new();
            let mut before = None;
            loop {
                let (page, next) = inbox.page(before, 3);
                paged.extend(page);
                let Some(next) = next else { break };
                before = Some(next);
            }
            prop_assert_eq!(paged, all);
        }
        prop_assert_eq!(Inbox::restore(&inbox.snapshot()), Ok(inbox));
    }
}
