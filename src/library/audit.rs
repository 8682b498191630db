//! What whoever manages a library can look up later: who changed its users, what they may do, its settings and its list of
//! books, when and why.
//!
//! Read from the log, in its order, as a book's audit log is; nothing is kept for it. All events of a library are in it.

#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use quire_protocol::event::{Cause, Person};
use quire_protocol::inbox::{Topic, TopicSwitch};
use quire_protocol::library::{Grant, UserDetails};
use quire_protocol::{BookId, Seq, Timestamp, UserId};

use super::webhook::{Webhook, host};
use super::{Event, Fact, Shelved};
use crate::audit::{Detail, Doer, LOST, Named, RoleChange, Row, Stage, StageChange, Titled, changed};

/// The log as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    users: BTreeMap<String, Known>,
    books: BTreeMap<BookId, Shelved>,
    /// The last event that was read.
    seq: Seq,
}

/// A user as the log speaks of them. No more of them are remembered than the library has.
#[derive(Clone, Debug, Default)]
struct Known {
    account: Option<Person>,
    /// What was said of them; `None`: the log has lost it.
    details: Option<UserDetails>,
    active: bool,
    grants: Vec<Grant>,
}

/// What a row says besides when and who.
struct Matter {
    what: &'static str,
    user: Option<String>,
    member: Option<Named>,
    book: Option<Titled<BookId>>,
    state: Option<StageChange>,
    detail: Option<Detail>,
}

impl Matter {
    fn of(what: &'static str) -> Self {
        Self { what, user: None, member: None, book: None, state: None, detail: None }
    }
}

impl Audit {
    /// Takes in the next event, and says what is to be looked up of it. What is missing before it is a row of its own.
    pub fn read(&mut self, (seq, at): (Seq, Timestamp), fact: &Fact) -> Vec<Row> {
        let missing = seq.0.saturating_sub(self.seq.next().0);
        let mut rows = Vec::new();
        if missing > 0 {
            (self.users, self.books) = (BTreeMap::new(), BTreeMap::new());
            let lost = Matter { detail: Some(Detail::Lost(missing)), ..Matter::of(LOST) };
            rows.push(row((self.seq.next(), at), None, None, lost));
        }
        self.seq = seq;
        let who = match &fact.by {
            Some(person) => Some(Doer::Person(named(person))),
            None if fact.host => Some(Doer::Hub { system: Cause::Host }),
            None => None,
        };
        let matter = self.matter(&fact.event);
        self.learn(&fact.event);
        rows.push(row((seq, at), who, fact.note.clone(), matter));
        rows
    }

    fn matter(&self, event: &Event) -> Matter {
        match event {
            Event::Claimed { owner } => Matter {
                member: Some(named(&owner.person)),
                user: owner.email.clone(),
                ..Matter::of("library.claimed")
            },
            Event::UserAdded { email, details, .. } => {
                let fields = told(details);
                self.of_user("user.added", email, (!fields.is_empty()).then_some(Detail::Fields(fields)))
            }
            Event::UserUpdated { email, details, active } => self.updated(email, details, *active),
            Event::UserGranted { email, grants } => {
                let before = self.users.get(email).map_or(&[][..], |user| &user.grants);
                self.of_user("user.granted", email, Some(difference(before, grants)))
            }
            Event::UserAsked { email, .. } => self.of_user("user.asked", email, None),
            Event::UserMailed { email, .. } => self.of_user("user.mailed", email, None),
            Event::UserJoined { email, user } => {
                Matter { member: Some(named(user)), ..self.of_user("user.joined", email, None) }
            }
            Event::UserRemoved { email } => self.gone("user.removed", email),
            Event::UserLeft { email } => self.gone("user.left", email),
            Event::UserDeclined { email } => self.gone("user.declined", email),
            Event::Muted { topics } => {
                let off = |topic: &Topic| TopicSwitch { topic: *topic, inbox: false, mail: false };
                switched(topics.iter().map(off).collect())
            }
            Event::Allowed { switches } => switched(switches.clone()),
            Event::WebhookSet { webhook } => {
                let Webhook { id, url, topics, on, .. } = &**webhook;
                let (webhook, host) = (id.clone(), host(url));
                let detail = Detail::Webhook { webhook, host, topics: topics.iter().copied().collect(), on: *on };
                Matter { detail: Some(detail), ..Matter::of("webhook.set") }
            }
            Event::WebhookRemoved { webhook } => {
                Matter { detail: Some(Detail::WebhookRemoved(webhook.clone())), ..Matter::of("webhook.removed") }
            }
            Event::BookShelved { book } => self.shelved(book),
            Event::BookUnshelved { book, .. } => {
                let title = self.books.get(book).map(|known| known.title.clone());
                Matter { book: Some(Titled { id: book.clone(), title }), ..Matter::of("book.unshelved") }
            }
        }
    }

    fn of_user(&self, what: &'static str, email: &str, detail: Option<Detail>) -> Matter {
        let member = self.users.get(email).and_then(|user| user.account.as_ref()).map(named);
        Matter { user: Some(email.to_owned()), member, detail, ..Matter::of(what) }
    }

    /// Whoever is no user any more may not do what they might.
    fn gone(&self, what: &'static str, email: &str) -> Matter {
        let grants = self.users.get(email).map_or(&[][..], |user| &user.grants);
        self.of_user(what, email, (!grants.is_empty()).then(|| difference(grants, &[])))
    }

    fn updated(&self, email: &str, details: &UserDetails, active: bool) -> Matter {
        let known = self.users.get(email);
        let what = match (known.is_none_or(|known| known.active), active) {
            (true, false) => "user.deactivated",
            (false, true) => "user.activated",
            (true, true) | (false, false) => "user.updated",
        };
        let fields = match known.and_then(|known| known.details.as_ref()) {
            Some(before) => differences(before, details),
            None => Vec::new(),
        };
        self.of_user(what, email, (!fields.is_empty()).then_some(Detail::Fields(fields)))
    }

    fn shelved(&self, book: &Shelved) -> Matter {
        let known = self.books.get(&book.book);
        let (from, to) = (known.map(stage), stage(book));
        let what = match from {
            None => "book.shelved",
            Some(from) if from != to => "book.state_changed",
            Some(_) => "book.changed",
        };
        let state = (from != Some(to)).then_some(StageChange { from, to });
        let fields = known.map_or_else(Vec::new, |known| {
            changed(&[
                ("title", known.title != book.title),
                ("categories", known.categories != book.categories),
                ("owner", known.owner != book.owner),
            ])
        });
        let detail = (!fields.is_empty()).then_some(Detail::Fields(fields));
        let titled = Titled { id: book.book.clone(), title: Some(book.title.clone()) };
        Matter { book: Some(titled), state, detail, ..Matter::of(what) }
    }

    fn learn(&mut self, event: &Event) {
        match event {
            Event::Claimed { .. }
            | Event::UserAsked { .. }
            | Event::UserMailed { .. }
            | Event::Muted { .. }
            | Event::Allowed { .. }
            | Event::WebhookSet { .. }
            | Event::WebhookRemoved { .. } => {}
            Event::UserAdded { email, details, .. } => {
                let user = Known { details: Some(details.clone()), active: true, ..Known::default() };
                self.users.insert(email.clone(), user);
            }
            Event::UserUpdated { email, details, active } => {
                let user = self.users.entry(email.clone()).or_default();
                (user.details, user.active) = (Some(details.clone()), *active);
            }
            Event::UserGranted { email, grants } => {
                let user = self.users.entry(email.clone()).or_insert(Known { active: true, ..Known::default() });
                user.grants.clone_from(grants);
            }
            Event::UserJoined { email, user } => {
                let known = self.users.entry(email.clone()).or_insert(Known { active: true, ..Known::default() });
                known.account = Some(user.clone());
                if let Some(details) = known.details.as_mut().filter(|details| details.name.is_none()) {
                    details.name = Some(user.name.clone());
                }
            }
            Event::UserRemoved { email } | Event::UserLeft { email } | Event::UserDeclined { email } => {
                self.users.remove(email);
            }
            Event::BookShelved { book } => {
                self.books.insert(book.book.clone(), book.clone());
            }
            Event::BookUnshelved { book, .. } => {
                self.books.remove(book);
            }
        }
    }
}

fn row((seq, at): (Seq, Timestamp), who: Option<Doer>, note: Option<String>, matter: Matter) -> Row {
    let Matter { what, user: address, member, book, state, detail } = matter;
    let none: (Option<RoleChange>, _, _) = (None, None, None);
    let (role, reason, chapter) = none;
    Row { seq, at, who, what, book, chapter, member, address, role, state, reason, note, detail }
}

fn named(person: &Person) -> Named {
    let Person { user, name } = person;
    Named { id: UserId::clone(user), name: Some(name.clone()) }
}

fn stage(book: &Shelved) -> Stage {
    Stage { state: book.state, revision: book.revision.map(|revision| revision.state) }
}

fn difference(before: &[Grant], after: &[Grant]) -> Detail {
    let without = |grants: &[Grant], others: &[Grant]| -> Vec<Grant> {
        grants.iter().filter(|grant| !others.contains(grant)).cloned().collect()
    };
    Detail::Grants { given: without(after, before), taken: without(before, after) }
}

/// Which of these are said at all.
fn told(details: &UserDetails) -> Vec<&'static str> {
    differences(&UserDetails::default(), details)
}

fn differences(before: &UserDetails, after: &UserDetails) -> Vec<&'static str> {
    let UserDetails { name, organisation, department, country, role } = before;
    changed(&[
        ("name", *name != after.name),
        ("organisation", *organisation != after.organisation),
        ("department", *department != after.department),
        ("country", *country != after.country),
        ("role", *role != after.role),
    ])
}

fn switched(switches: Vec<TopicSwitch>) -> Matter {
    Matter { detail: Some(Detail::Switches(switches)), ..Matter::of("settings.switched") }
}

#[cfg(test)]
mod tests;
