use proptest::prelude::*;
use quire_protocol::inbox::{Told, Topic};
use quire_protocol::{BookId, Seq, Timestamp};

use super::{Inbox, InboxChange};
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

#[test]
fn what_is_told_twice_is_there_once_and_stays_read() {
    let mut inbox = Inbox::default();
    let changes = inbox.tell(&[told(1), told(2)], 10);
    apply(&mut inbox, changes);
    let changes = inbox.read(Some(Seq(1)), &[]);
    apply(&mut inbox, changes);
    assert_eq!(inbox.tell(&[told(1), told(2)], 10), []);
    assert_eq!(inbox.read(Some(Seq(1)), &[Seq(77)]), []);
    assert_eq!((inbox.unread(), inbox.entry("b1:2:mentioned").map(|entry| entry.n)), (1, Some(Seq(2))));
}

#[test]
fn what_is_muted_is_not_told_until_it_is_wanted_again() {
    let mut inbox = Inbox::default();
    let changes = inbox.mute(&[Topic::Mentioned, Topic::Mentioned]);
    apply(&mut inbox, changes);
    assert_eq!((inbox.tell(&[told(1)], 10), inbox.mute(&[Topic::Mentioned])), (vec![], vec![]));
    assert_eq!(Inbox::restore(&inbox.snapshot()).as_ref(), Ok(&inbox));
    let changes = inbox.mute(&[]);
    apply(&mut inbox, changes);
    assert_eq!(inbox.tell(&[told(2)], 10).len(), 1);
}

proptest! {
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
                let changes = inbox.tell(&[told(number)], keep);
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
