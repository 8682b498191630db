use quire_protocol::{BookId, Seq, UserId};

use super::*;
use crate::book::report::Counts;

fn book(state: PublishState, categories: &[&str]) -> Shelved {
    Shelved {
        book: BookId::new("b1").unwrap(),
        seq: Seq(1),
        title: "Moby-Dick".into(),
        categories: categories.iter().map(|name| (*name).to_owned()).collect(),
        state,
        revision: None,
        owner: None,
    }
}

fn entry(day: u64, user: Option<&str>, words: u64) -> Entry {
    let counts = Counts { tabs: 1, words_added: words, words_removed: 2, comments: 3, ..Counts::default() };
    Entry { day, user: user.map(|user| UserId::new(user).unwrap()), name: Some("A name".into()), counts }
}

fn of_days() -> Analytics {
    Analytics::new(Period::new(10, 12).unwrap())
}

#[test]
fn what_is_done_in_several_books_is_summed_and_each_person_is_counted_once() {
    let mut analytics = of_days();
    let sea = book(PublishState::Published, &["Sea", "Whales"]);
    analytics.add(&sea, &[entry(10, Some("ann"), 5), entry(10, Some("ben"), 7), entry(12, Some("ann"), 1)]).unwrap();
    analytics.add(&book(PublishState::Draft, &["sea "]), &[entry(10, Some("ann"), 100), entry(10, None, 9)]).unwrap();
    analytics.add(&book(PublishState::Draft, &[]), &[]).unwrap();
    let Summary { books, people, states, categories, days } = analytics.end();
    assert_eq!((books, people), (3, 2));
    assert_eq!(states.iter().filter(|(_, books)| *books > 0).count(), 2);
    assert!(states.contains(&(PublishState::Draft, 2)) && states.contains(&(PublishState::Published, 1)));
    let told: Vec<_> = categories.iter().map(|of| (of.name.as_deref(), of.books, of.words_added)).collect();
    assert_eq!(told, [(Some("Sea"), 2, 122), (None, 1, 0), (Some("Whales"), 1, 13)]);
    let first = Day { day: 10, people: 2, tabs: 4, words_added: 121, words_removed: 8, comments: 12 };
    let last = Day { day: 12, people: 1, tabs: 1, words_added: 1, words_removed: 2, comments: 3 };
    assert_eq!(days, [first, Day { day: 11, ..Day::default() }, last]);
}

#[test]
fn without_books_there_are_days_and_nothing_else() {
    let summary = of_days().end();
    assert_eq!((summary.books, summary.people, summary.categories.len(), summary.days.len()), (0, 0, 0, 3));
}

#[test]
fn people_and_categories_have_an_end() {
    let mut analytics = of_days();
    let everybody: Vec<Entry> = (0..=PEOPLE_MAX).map(|number| entry(10, Some(&format!("u{number}")), 0)).collect();
    let most = analytics.clone().add(&book(PublishState::Draft, &[]), &everybody[1..]);
    assert_eq!(most, Ok(()));
    let refused = analytics.add(&book(PublishState::Draft, &[]), &everybody);
    assert_eq!(refused, Err(Rejection::TooLarge { limit: "analytics_rows".into(), max: PEOPLE_MAX as u64 }));
    let names: Vec<String> = (0..=CATEGORIES_MAX).map(|number| format!("c{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let refused = of_days().add(&book(PublishState::Draft, &names), &[]);
    assert_eq!(refused, Err(Rejection::TooLarge { limit: "analytics_categories".into(), max: CATEGORIES_MAX as u64 }));
}
