//! A hub, its store and its clock, and the people who come to it.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use quire::auth::{Expected, Key, Secret, Verifier};
use quire::clock::Clock;
use quire::hub::{Hub, Parts};
use quire::session::{self, Arrival};
use quire::store::Store;
use quire::store::memory::Memory;
use quire_protocol::command::{ChapterAdd, ChapterKind, InvitationAccept, MemberInvite};
use quire_protocol::{Encoding, Limits, Role, Timers, Timestamp};

use super::person::Person;
use super::pipe::{ClientEnd, pipe};
use super::{chapter, invitation, moby};

const SECRET: &[u8] = b"a secret that only these tests know";
/// Midnight, 1 January 2026, milliseconds.
const START: u64 = 1_767_225_600_000;
/// Room in a pipe, bytes: about what a kernel keeps for a socket.
const PIPE_BYTES: usize = 128 * 1024;

/// One hub and everything around it.
pub struct Town {
    pub hub: Arc<Hub>,
    pub store: Arc<dyn Store>,
    pub clock: Clock,
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

    /// A hub on this store.
    pub fn on(store: Arc<dyn Store>, clock: Clock, limits: Limits, timers: Timers) -> Self {
        let key = Key::secret(&Secret::new(SECRET), Expected::default()).ok().unwrap();
        let verifier = Verifier::new(vec![key], limits.name_chars);
        let parts = Parts {
            store: Arc::clone(&store),
            clock: clock.clone(),
            limits: limits.clone(),
            timers: timers.clone(),
            verifier: Arc::new(verifier),
        };
        Self { hub: Hub::new(parts), store, clock, limits, timers }
    }

    /// The same store and clock under a hub that was started anew; the old one is gone without a word.
    pub fn restarted(self) -> Self {
        Self::on(self.store, self.clock, self.limits, self.timers)
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

    /// A token for this person that is good for 12 hours from now.
    pub fn token(&self, name: &str) -> String {
        self.token_until(name, self.clock.now().plus_ms(12 * 60 * 60 * 1000))
    }

    /// A token for this person that expires at `until`.
    pub fn token_until(&self, name: &str, until: Timestamp) -> String {
        let claims = serde_json::json!({
            "sub": name,
            "email": format!("{name}@example.com"),
            "email_verified": true,
            "name": capitalised(name),
            // The verifier allows a little more than `exp` for clocks that differ.
            "exp": (until.0 - quire::auth::LEEWAY_MS) / 1000,
        });
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET)).unwrap()
    }

    /// Moby-Dick: ann owns it, it has three chapters, and the others are members with these roles.
    /// Everybody has it open.
    pub async fn team<const N: usize>(&self, others: [(&str, Role); N]) -> (Person, [Person; N]) {
        let mut ann = self.arrives("ann").await;
        ann.creates(&moby(), "Moby-Dick").await;
        for number in 1..=3 {
            let add = ChapterAdd {
                chapter: chapter(number),
                title: format!("Chapter {number}"),
                kind: ChapterKind::Chapter,
                at: quire_protocol::command::At::Last,
                parent: None,
            };
            ann.does(add).await.accepted();
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
        let id = invitation(&format!("for-{}", person.name()));
        let email = format!("{}@example.com", person.name());
        owner.does(MemberInvite { invitation: id.clone(), email, role }).await.accepted();
        person.does(InvitationAccept { invitation: id }).await.accepted();
    }

    /// Lets everything happen that needs no time: the paused clock moves only when nobody has anything to do.
    pub async fn settles(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// Time passes.
    pub async fn passes(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
