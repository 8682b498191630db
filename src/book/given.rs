//! Given a book, when somebody wishes something, then this happens: the words in which the tests of the book are told.
//!
//! Commands and events are written as they are on the wire. An expected event or refusal names the fields that matter.

#![expect(clippy::needless_pass_by_value, reason = "a sentence is read once: `when(&bob, acquire(\"c1\"))`")]

use std::collections::BTreeSet;

use quire_protocol::event::{By, Cause, Event, Home, ReleaseReason};
use quire_protocol::frame::Answer;
use quire_protocol::view::Snapshot;
use quire_protocol::{
    Action, BookCommand, BookId, ChapterId, CommandId, Encoding, Limits, Rejection, ReplicaId, Role, Seq, SessionId,
    Timers, Timestamp, Token, UserId,
};
use serde_json::{Value, json};

use crate::library::Granted;
use quire_protocol::library::Grant;

use super::{Act, Actor, Book, Committed, Context, Decision, Fact, Outcome};

/// A person in one of their tabs.
#[derive(Clone, Debug)]
pub(super) struct Tab {
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) session: SessionId,
    pub(super) home: Home,
}

/// A person's first tab. Their address is verified.
pub(super) fn tab(name: &str) -> Tab {
    Tab {
        user: user(name),
        name: name.into(),
        email: Some(format!("{name}@example.org")),
        session: SessionId::new(&format!("{name}-1")).unwrap(),
        home: Home { replica: ReplicaId::new("north").unwrap(), incarnation: 0 },
    }
}

impl Tab {
    /// The same person in another tab.
    pub(super) fn second(&self) -> Self {
        Self { session: SessionId::new(&format!("{}-2", self.user)).unwrap(), ..self.clone() }
    }

    /// The same tab on its next connection.
    pub(super) fn resumed(&self) -> Self {
        let home = Home { incarnation: self.home.incarnation + 1, ..self.home.clone() };
        Self { home, ..self.clone() }
    }

    /// The same tab served by another replica.
    pub(super) fn at(&self, replica: &str) -> Self {
        Self { home: Home { replica: ReplicaId::new(replica).unwrap(), ..self.home.clone() }, ..self.clone() }
    }

    /// The same person, whose address is another one, or none.
    pub(super) fn with_email(&self, email: Option<&str>) -> Self {
        Self { email: email.map(Into::into), ..self.clone() }
    }

    pub(super) fn actor(&self) -> Actor<'_> {
        Actor::Person {
            user: &self.user,
            name: &self.name,
            email: self.email.as_deref(),
            session: &self.session,
            home: &self.home,
        }
    }
}

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(super) fn chapter(id: &str) -> ChapterId {
    ChapterId::new(id).unwrap()
}

/// The owner, and one person in each other role.
pub(super) const CAST: [(&str, Role); 5] =
    [("ann", Role::Owner), ("bob", Role::Author), ("eve", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];

/// A book and everything around it that a decision may depend on.
pub(super) struct Scene {
    pub(super) book: Book,
    pub(super) now: Timestamp,
    pub(super) away: BTreeSet<SessionId>,
    pub(super) limits: Limits,
    pub(super) timers: Timers,
    /// The hub sends mail.
    pub(super) mails: bool,
    /// Everything that was committed.
    pub(super) log: Vec<Committed>,
}

/// What came of a wish.
#[must_use]
#[derive(Debug)]
pub(super) struct Said {
    result: Result<Decision, Rejection>,
    /// The stamp of the last event.
    stamp: Token,
}

impl Scene {
    /// Nothing exists yet.
    pub(super) fn blank() -> Self {
        Self {
            book: Book::new(BookId::new("moby-dick").unwrap()),
            now: Timestamp(1_000_000),
            away: BTreeSet::new(),
            limits: Limits::default(),
            timers: Timers::default(),
            mails: false,
            log: Vec::new(),
        }
    }

    /// Ann's book with chapters `c1`, `c2` and `c3`; bob is author, eve editor, vic viewer and rae reader.
    pub(super) fn new() -> Self {
        let mut scene = Self::blank();
        let ann = tab("ann");
        scene.when(&ann, json!({"t": "book.create", "title": "Moby Dick"})).done();
        for id in ["c1", "c2", "c3"] {
            scene.when(&ann, add(id)).done();
        }
        for (name, role) in &CAST[1..] {
            scene.joins(name, role.as_str());
        }
        scene
    }

    /// Ann invites somebody, who accepts.
    pub(super) fn joins(&mut self, name: &str, role: &str) {
        let id = format!("i-{name}-{}", self.book.seq());
        self.when(&tab("ann"), invite(&id, &format!("{name}@example.org"), role)).done();
        self.when(&tab(name), json!({"t": "invitation.accept", "invitation": id})).done();
    }

    /// The answer to a command without an id.
    pub(super) fn when(&mut self, tab: &Tab, command: Value) -> Said {
        self.act(tab.actor(), &Act::Command(parse(command)), None)
    }

    /// The answer to a command with an id.
    pub(super) fn when_with(&mut self, id: &str, tab: &Tab, command: Value) -> Said {
        self.act(tab.actor(), &Act::Command(parse(command)), Some((&CommandId::new(id).unwrap(), false)))
    }

    /// The answer to a command that its client sends again.
    pub(super) fn when_again(&mut self, id: &str, tab: &Tab, command: Value) -> Said {
        self.act(tab.actor(), &Act::Command(parse(command)), Some((&CommandId::new(id).unwrap(), true)))
    }

    /// What comes of something that the hub noticed.
    pub(super) fn noticed(&mut self, act: &Act) -> Said {
        self.act(Actor::Hub(Cause::Disconnected), act, None)
    }

    /// This connection of the tab is over.
    pub(super) fn ended(&mut self, tab: &Tab) -> Said {
        let (session, home) = (tab.session.clone(), tab.home.clone());
        self.noticed(&Act::SessionEnded { session, home, reason: ReleaseReason::Disconnected })
    }

    /// The tab opens the book again.
    pub(super) fn reopened(&mut self, tab: &Tab) -> Said {
        self.away.remove(&tab.session);
        self.act(tab.actor(), &Act::Rehome, None)
    }

    pub(super) fn goes_away(&mut self, tab: &Tab) {
        self.away.insert(tab.session.clone());
    }

    /// The library allows this from now on, and nothing else.
    pub(super) fn library_allows(&mut self, grants: &[(&str, Grant)]) {
        self.book.heed(Granted::of(grants.iter().map(|(name, grant)| (user(name), grant.clone()))));
    }

    pub(super) fn passes(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    /// Decides; what was decided is committed and applied.
    pub(super) fn act(&mut self, actor: Actor<'_>, act: &Act, command: Option<(&CommandId, bool)>) -> Said {
        let result = self.decide(actor, act, command);
        if let Ok(decision) = &result {
            self.commit(actor, decision, command.map(|(id, _)| id));
        }
        Said { result, stamp: self.book.last_stamp() }
    }

    pub(super) fn decide(
        &self,
        actor: Actor<'_>,
        act: &Act,
        command: Option<(&CommandId, bool)>,
    ) -> Result<Decision, Rejection> {
        let context = Context {
            actor,
            now: self.now,
            command: command.map(|(id, _)| id),
            retry: command.is_some_and(|(_, retry)| retry),
            is_away: &|session| self.away.contains(session),
            limits: &self.limits,
            timers: &self.timers,
            mails: self.mails,
            point: Some(self.book.seq().next()),
        };
        self.book.decide(&context, act)
    }

    fn commit(&mut self, actor: Actor<'_>, decision: &Decision, command: Option<&CommandId>) {
        let by = match actor {
            Actor::Person { user, session, .. } => By::Person { user: user.clone(), session: session.clone() },
            Actor::Hub(system) => By::System { system },
        };
        for (index, event) in decision.events.iter().enumerate() {
            let is_last = index + 1 == decision.events.len();
            let command = match (&by, command.filter(|_| is_last)) {
                (By::Person { user, .. }, Some(id)) => Some((user.clone(), id.clone(), decision.outcome.clone())),
                _ => None,
            };
            let stamp = Token((self.now.0 * 1_000).max(self.book.last_stamp().0 + 1));
            let fact = Fact { by: by.clone(), command, event: event.clone() };
            let committed = Committed { seq: self.book.seq().next(), stamp, at: self.now, fact };
            self.book.apply(&committed);
            self.book.check_invariants();
            self.log.push(committed);
        }
    }

    pub(super) fn token(&self, id: &str) -> Token {
        self.book.held().find(|held| held.chapter.as_str() == id).expect("the chapter is held").token
    }

    /// Who holds a chapter.
    pub(super) fn holder(&self, id: &str) -> Option<String> {
        self.book.held().find(|held| held.chapter.as_str() == id).map(|held| held.session.to_string())
    }

    pub(super) fn seen_by(&self, name: &str) -> Snapshot {
        self.book.snapshot(&user(name), self.now, &|session| self.away.contains(session))
    }

    pub(super) fn may(&self, name: &str, action: Action) -> bool {
        self.book.may(&user(name), action)
    }

    /// Ids of the chapters in reading order.
    pub(super) fn order(&self) -> String {
        let ids: Vec<_> = self.seen_by("ann").chapters.into_iter().map(|chapter| chapter.id.to_string()).collect();
        ids.join(" ")
    }
}

impl Said {
    fn decision(&self) -> &Decision {
        self.result.as_ref().expect("the wish is fulfilled")
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.decision().events
    }

    /// If it is fulfilled: how many events that took, and what the reply says.
    pub(super) fn outcome(&self) -> Option<(usize, Answer)> {
        let decision = self.result.as_ref().ok()?;
        Some((decision.events.len(), decision.outcome.answer(self.stamp)))
    }

    /// Exactly these events, as far as the expected ones name fields.
    pub(super) fn then<const N: usize>(self, expected: [Value; N]) -> Self {
        let events: Vec<Value> = self.events().iter().map(|event| serde_json::to_value(event).unwrap()).collect();
        let agree = events.len() == N && events.iter().zip(&expected).all(|(event, expected)| has(event, expected));
        assert!(agree, "expected {:#}\nbut there came {:#}", Value::from(expected.to_vec()), Value::from(events));
        self
    }

    /// Fulfilled, whatever that took.
    pub(super) fn done(self) {
        self.decision();
    }

    /// Fulfilled without any event: it is so already.
    pub(super) fn changes_nothing(self) -> Self {
        self.then([])
    }

    /// What the reply says.
    pub(super) fn says(self, expected: Value) -> Self {
        let answer = self.decision().outcome.answer(self.stamp);
        assert_eq!(serde_json::to_value(answer).unwrap(), expected);
        self
    }

    pub(super) fn token(self) -> Token {
        match self.decision().outcome.answer(self.stamp) {
            Answer::Token { token } => token,
            other => panic!("no token in {other:?}"),
        }
    }

    /// Fulfilled before: the first reply's seq.
    pub(super) fn repeats(self, first: Seq) -> Self {
        match &self.decision().outcome {
            Outcome::Repeated { seq, .. } => assert_eq!(*seq, first),
            other => panic!("not a repetition: {other:?}"),
        }
        self.changes_nothing()
    }

    /// Refused for want of a right.
    pub(super) fn is_forbidden(&self) -> bool {
        self.result == Err(Rejection::Forbidden)
    }

    /// Refused with this code and, as far as they are named, these facts.
    pub(super) fn refused(self, expected: Value) {
        let rejection = serde_json::to_value(self.result.expect_err("the wish is refused")).unwrap();
        let expected = if expected.is_string() { json!({"code": expected}) } else { expected };
        assert!(has(&rejection, &expected), "expected the refusal {expected}\nbut it was {rejection}");
    }
}

/// Whether `value` has all fields of `expected`.
fn has(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| value.get(key).is_some_and(|value| has(value, expected)))
        }
        _ => value == expected,
    }
}

pub(super) fn parse(command: Value) -> BookCommand {
    let kind = command["t"].as_str().expect("a command says what it is").to_owned();
    let bytes = serde_json::to_vec(&command).unwrap();
    BookCommand::decode(&kind, &bytes, Encoding::Json).expect("a book knows this command").unwrap()
}

// The commands and events that the tests speak of most.

pub(super) fn add(id: &str) -> Value {
    json!({"t": "chapter.add", "chapter": id, "title": id, "kind": "chapter"})
}

pub(super) fn remove(id: &str) -> Value {
    json!({"t": "chapter.remove", "chapter": id})
}

pub(super) fn restore(id: &str) -> Value {
    json!({"t": "chapter.restore", "chapter": id})
}

pub(super) fn invite(id: &str, email: &str, role: &str) -> Value {
    json!({"t": "member.invite", "invitation": id, "email": email, "role": role})
}

pub(super) fn set_role(name: &str, role: &str) -> Value {
    json!({"t": "member.set_role", "user": name, "role": role})
}

pub(super) fn acquire(id: &str) -> Value {
    json!({"t": "lock.acquire", "chapter": id})
}

pub(super) fn wait(id: &str) -> Value {
    json!({"t": "lock.acquire", "chapter": id, "wait": true})
}

pub(super) fn release(id: &str, token: Token) -> Value {
    json!({"t": "lock.release", "chapter": id, "token": token})
}

pub(super) fn comment(thread: &str, id: &str, body: &str) -> Value {
    json!({"t": "comment.add", "thread": thread, "comment": id, "chapter": "c1", "body": body})
}

pub(super) fn reply(thread: &str, id: &str, body: &str) -> Value {
    json!({"t": "comment.reply", "thread": thread, "comment": id, "body": body})
}

pub(super) fn acquired(id: &str, tab: &Tab) -> Value {
    let holder = json!({"user": tab.user, "session": tab.session});
    json!({"t": "lock.acquired", "chapter": id, "holder": holder, "home": tab.home})
}

pub(super) fn released(id: &str, tab: &Tab, reason: &str) -> Value {
    json!({"t": "lock.released", "chapter": id, "session": tab.session, "reason": reason})
}

pub(super) fn wait_ended(id: &str, tab: &Tab, reason: &str) -> Value {
    json!({"t": "lock.wait_ended", "chapter": id, "session": tab.session, "reason": reason})
}
