//! A hub, its store and its clock, and the people who come to it.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire::auth::{Expected, Key, Secret, Verifier};
use quire::book::{Import, ImportedChapter, Whose};
use quire::clock::Clock;
use quire::hub::import::NewBook;
use quire::hub::{Hub, Parts};
use quire::pipe::{ClientEnd, pipe};
use quire::session::{self, Arrival};
use quire::store::Store;
use quire::store::memory::Memory;
use quire::store::shared::Shared;
use quire_protocol::command::{ChapterKind, InvitationAccept, Metadata};
use quire_protocol::event::Claim;
use quire_protocol::{Encoding, Limits, Role, Timers, Timestamp};

use super::faults::Line;
use super::person::Person;
use super::receiver::Receiver;
use super::typist::InProcess;
use super::{chapter, moby, wishes};

const SECRET: &[u8] = b"a secret that only these tests know";
/// Midnight, 1 January 2026, milliseconds.
const START: u64 = 1_767_225_600_000;
/// Room in a pipe, bytes: about what a kernel keeps for a socket.
const PIPE_BYTES: usize = 128 * 1024;

/// Longer than any story.
const TOKEN_LIFE_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// One hub and everything around it.
pub struct Town {
    pub hub: Arc<Hub>,
    /// What is durable, whichever hub asks.
    pub store: Arc<dyn Store>,
    /// The same, if several hubs share it.
    shared: Option<Arc<Memory>>,
    /// This hub's way to it.
    pub line: Arc<Line>,
    pub clock: Clock,
    /// Whoever webhooks lead to.
    pub receiver: Receiver,
    limits: Limits,
    timers: Timers,
}

/// What a hub that is started beside another one has like it.
struct Alike {
    clock: Clock,
    receiver: Receiver,
    limits: Limits,
    timers: Timers,
}

impl Town {
    /// A hub with default limits and timers on an empty store.
    pub fn new() -> Self {
        Self::with(Limits::default(), Timers::default())
    }

    /// A hub with these limits and timers on an empty store.
    pub fn with(limits: Limits, timers: Timers) -> Self {
        let clock = Clock::starting_at(Timestamp(START));
        let store: Arc<dyn Store> = Arc::new(Memory::seeded(clock.clone(), 7));
        Self::on(store, clock, limits, timers)
    }

    /// A hub that shares its store with those that are started beside it.
    pub async fn shared() -> Self {
        Self::shared_with(Limits::default(), Timers::default()).await
    }

    /// The same, with these limits and timers.
    pub async fn shared_with(limits: Limits, timers: Timers) -> Self {
        let clock = Clock::starting_at(Timestamp(START));
        let store = Arc::new(Memory::seeded(clock.clone(), 7));
        let receiver = Receiver::default();
        let town = Self::on_shared(store, Alike { clock, receiver, limits, timers });
        town.hub.may_begin().await;
        town
    }

    fn on_shared(store: Arc<Memory>, alike: Alike) -> Self {
        let line = Line::to_shared(Arc::clone(&store) as Arc<dyn Shared>);
        let mut town = Self::begin(store.clone(), Arc::clone(&line), Some(line), alike);
        town.shared = Some(store);
        town
    }

    /// What the hubs share.
    pub fn memory(&self) -> &Memory {
        self.shared.as_ref().expect("the hub shares its store")
    }

    /// A hub on this store.
    pub fn on(store: Arc<dyn Store>, clock: Clock, limits: Limits, timers: Timers) -> Self {
        Self::on_alike(store, Alike { clock, receiver: Receiver::default(), limits, timers })
    }

    fn on_alike(store: Arc<dyn Store>, alike: Alike) -> Self {
        let line = Line::to(Arc::clone(&store));
        Self::begin(store, line, None, alike)
    }

    fn begin(store: Arc<dyn Store>, line: Arc<Line>, shared: Option<Arc<Line>>, alike: Alike) -> Self {
        let Alike { clock, receiver, limits, timers } = alike;
        let key = Key::secret(&Secret::new(SECRET), Expected::default()).ok().unwrap();
        let verifier = Verifier::new(vec![key], limits.name_chars);
        let parts = Parts {
            store: Arc::clone(&line) as Arc<dyn Store>,
            shared: shared.map(|line| line as Arc<dyn Shared>),
            clock: clock.clone(),
            limits: limits.clone(),
            timers: timers.clone(),
            verifier: Arc::new(verifier),
            scribe: Some(Arc::new(InProcess)),
            press: Some(Arc::new(InProcess)),
            calls: Some(Arc::new(receiver.clone())),
            library: Some(Claim::Address("ann@example.com".into())),
        };
        Self { hub: Hub::new(parts), store, shared: None, line, clock, receiver, limits, timers }
    }

    /// The same store and clock under a hub that was started anew; the old one was killed without a word.
    pub fn restarted(&self) -> Self {
        self.line.is_cut();
        self.beside()
    }

    /// A second hub on the same store and clock.
    pub fn beside(&self) -> Self {
        let (clock, receiver) = (self.clock.clone(), self.receiver.clone());
        let alike = Alike { clock, receiver, limits: self.limits.clone(), timers: self.timers.clone() };
        match &self.shared {
            Some(store) => Self::on_shared(Arc::clone(store), alike),
            None => Self::on_alike(Arc::clone(&self.store), alike),
        }
    }

    /// Somebody opens a tab and says hello.
    pub async fn arrives(&self, name: &str) -> Person {
        Person::arrives(self, name, Encoding::MessagePack).await
    }

    /// A new connection to the hub.
    pub fn connects(&self, encoding: Encoding) -> ClientEnd {
        let (hub_end, client_end) = pipe(PIPE_BYTES);
        let arrival = Arrival { wire: Arc::new(hub_end), read: bytes::Bytes::new(), encoding, bearer: None };
        self.hub.tasks.spawn(session::serve(Arc::clone(&self.hub), arrival, || {}));
        client_end
    }

    /// A token for this person that is good for 30 days from now.
    pub fn token(&self, name: &str) -> String {
        self.token_until(name, self.clock.now().plus_ms(TOKEN_LIFE_MS))
    }

    /// A token for this person that expires at `until`.
    #[expect(clippy::unused_self, reason = "tokens are the town's")]
    pub fn token_until(&self, name: &str, until: Timestamp) -> String {
        signed(&claims(name, until))
    }

    /// A token whose issuer did not verify the address.
    pub fn unverified_token(&self, name: &str) -> String {
        let mut claims = claims(name, self.clock.now().plus_ms(TOKEN_LIFE_MS));
        claims["email_verified"] = false.into();
        signed(&claims)
    }

    /// Moby-Dick: ann owns it, it has three chapters, and the others are members with these roles.
    /// Everybody has it open.
    pub async fn team<const N: usize>(&self, others: [(&str, Role); N]) -> (Person, [Person; N]) {
        let mut ann = self.arrives("ann").await;
        ann.creates(&moby(), "Moby-Dick").await;
        for number in 1..=3 {
            ann.does(wishes::add_chapter(number)).await.accepted();
        }
        ann.opens(&moby()).await.accepted();
        let mut people = Vec::new();
        for (name, role) in others {
            let mut person = self.arrives(name).await;
            self.joins(&mut ann, &mut person, role).await;
            person.opens(&moby()).await.accepted();
            people.push(person);
        }
        self.settles().await;
        ann.forgets_what_was_said();
        people.iter_mut().for_each(Person::forgets_what_was_said);
        (ann, people.try_into().ok().expect("one person for each name"))
    }

    /// The owner invites somebody, who accepts.
    pub async fn joins(&self, owner: &mut Person, person: &mut Person, role: Role) {
        let invite = wishes::invite(person.name(), role);
        let accept = InvitationAccept { invitation: invite.invitation.clone() };
        owner.does(invite).await.accepted();
        person.does(accept).await.accepted();
    }

    /// Moby-Dick comes from outside with these texts, clean HTML, and is ann's, who has it open.
    pub async fn imports(&self, texts: &[&str]) -> Person {
        let mut ann = self.arrives("ann").await;
        self.hub.import(&moby(), new_book(texts), &|_, _, _| {}).await.expect("it can be imported");
        ann.opens(&moby()).await.accepted();
        ann
    }

    /// Lets everything happen that needs no time: the paused clock moves only when nobody has anything to do.
    pub async fn settles(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// Time passes. Connections whose tabs nobody keeps alive die of it.
    pub async fn passes(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Time passes for these tabs: they answer pings, and hear what is said.
    pub async fn passes_for<const N: usize>(&self, time: Duration, people: [&mut Person; N]) {
        futures::future::join_all(people.into_iter().map(|person| person.stays(time))).await;
    }
}

/// Moby-Dick as it comes from outside, for ann.
pub fn new_book(texts: &[&str]) -> NewBook {
    let numbered = || texts.iter().zip(1..);
    let chapter_of = |number| ImportedChapter {
        id: chapter(number),
        title: format!("Chapter {number}"),
        kind: ChapterKind::Chapter,
        parent: None,
    };
    let import = Import {
        title: "Moby-Dick".into(),
        metadata: Metadata::default(),
        chapters: numbered().map(|(_, number)| chapter_of(number)).collect(),
        whose: Whose::Claim(Claim::Address("ann@example.com".into())),
    };
    let texts = numbered().map(|(html, number)| (chapter(number), (*html).to_owned())).collect();
    NewBook { import, texts, pictures: Vec::new() }
}

fn claims(name: &str, until: Timestamp) -> serde_json::Value {
    serde_json::json!({
        "sub": name,
        "email": format!("{name}@example.com"),
        "email_verified": true,
        "name": capitalised(name),
        // The verifier allows a little more than `exp` for clocks that differ.
        "exp": (until.0 - quire::auth::LEEWAY_MS) / 1000,
    })
}

fn signed(claims: &serde_json::Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
