//! Signing in by a mailed link: whoever reads an address's mail is whose address it is. No account is made, and none is
//! looked up, so nobody can learn whether an address is known here.
//!
//! A link holds 256 random bits in its fragment, which no server log sees; the store has their hash. A link works once,
//! for `signin_ms`, on any replica, and after a restart too.

mod invitations;
mod key;
mod links;
mod notices;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quire_protocol::text::normal_email;
use quire_protocol::{Refusal, Rejection, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::auth::OwnKey;
use crate::gate::Gate;
use crate::hub::{Hub, ledger, unavailable};
use crate::mail::{Letter, Post, PostError, Words};
use crate::signin::links::{LinkChange, Links, Opening};
use crate::store::{LogId, Shelf, StoreError};
use crate::telemetry::metric::{self, LetterOutcome};

/// Letters that are being sent or wait for another try, over all.
const LETTERS_MAX: usize = 64;
/// Pause before the second try of a letter; each further one is four times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest link secret that is looked at, bytes. Ours have 43.
const SECRET_BYTES_MAX: usize = 64;

/// How people sign in by mail here.
pub struct SignIn {
    hub: Arc<Hub>,
    /// The key of the installation, once the store told it.
    key: OnceLock<OwnKey>,
    post: Arc<dyn Post>,
    /// Where the page is, as people reach it: known once the port is bound, at the latest.
    site: OnceLock<String>,
    addresses: Gate<String>,
    peers: Gate<IpAddr>,
    letters: Arc<Semaphore>,
}

/// The secret of a link, and the name under which the store knows it.
struct Secret {
    text: String,
    hash: [u8; 32],
}

impl Secret {
    fn new() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        Self::of(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn of(text: String) -> Self {
        let hash = Sha256::digest(&text).into();
        Self { text, hash }
    }

    fn log(&self) -> LogId {
        LogId::SignIn(Shelf::of(&self.hash))
    }

    fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.hash)
    }
}

impl SignIn {
    /// Signing in by mail that leaves through `post`. Invitations are mailed from now on.
    pub fn new(hub: Arc<Hub>, post: Arc<dyn Post>) -> Self {
        let window = Duration::from_millis(hub.timers.signin_ms);
        let addresses = Gate::new(hub.limits.signins_per_address, window);
        let peers = Gate::new(hub.limits.signins_per_peer, window);
        let letters = Arc::new(Semaphore::new(LETTERS_MAX));
        hub.begin_letters();
        Self { hub, key: OnceLock::new(), post, site: OnceLock::new(), addresses, peers, letters }
    }

    /// Learns the key of the installation, or makes it. Until then nobody is signed in by mail.
    pub async fn learn_key(&self) -> Result<(), StoreError> {
        if self.key.get().is_none() {
            let key = key::load_or_create(&*self.hub.store).await?;
            self.hub.verifier.trust_own(key.key());
            // Whoever was faster learned the same.
            drop(self.key.set(key));
        }
        Ok(())
    }

    /// Says where the page is, such as `https://books.example`. The first word counts.
    pub fn is_at(&self, site: &str) {
        self.site.get_or_init(|| site.to_owned());
    }

    /// Sends a link to an address. Yes means that a letter is under way, whoever's address it is.
    pub async fn ask(&self, email: &str, peer: IpAddr) -> Result<(), Refusal> {
        let email = normal_email(email).ok_or_else(|| Rejection::invalid("email", "not an e-mail address"))?;
        self.peers.pass(&network(peer)).map_err(too_often)?;
        self.addresses.pass(&email).map_err(too_often)?;
        let place = Arc::clone(&self.letters).try_acquire_owned().map_err(|_| unavailable())?;
        let site = self.site.get().ok_or_else(unavailable)?;
        let (secret, now) = (Secret::new(), self.hub.clock.now());
        let until = now.plus_ms(self.hub.timers.signin_ms);
        let made =
            LinkChange::Made { link: secret.name(), email: email.clone(), until, invitation: None, library: false };
        self.keeps(&secret, &made, now).await?;
        let letter = letter(&email, &secret, site, self.hub.timers.signin_ms);
        let (post, patience) = (Arc::clone(&self.post), Duration::from_millis(self.hub.timers.signin_ms));
        tokio::spawn(async move {
            delivers(&*post, &letter, Instant::now() + patience).await;
            drop(place);
        });
        Ok(())
    }

    /// A link is durable before anybody has it, so that one that was read works.
    async fn keeps(&self, secret: &Secret, made: &LinkChange, now: Timestamp) -> Result<(), Rejection> {
        ledger::change(&self.hub, &secret.log(), |links: &Links| links.add(made, now)).await.map(drop)
    }

    /// A token for whoever opened a link, under the name they gave. The link is used up.
    pub async fn open(&self, secret: String, name: &str, peer: IpAddr) -> Result<String, Refusal> {
        self.peers.pass(&network(peer)).map_err(too_often)?;
        if secret.len() > SECRET_BYTES_MAX {
            return Err(refusal(Opening::Unknown));
        }
        let (secret, now) = (Secret::of(secret), self.hub.clock.now());
        let key = self.key.get().ok_or_else(unavailable)?;
        let email = self.uses(&secret, now).await?;
        let minted = key.mint(&email, name, now, self.hub.timers.signed_in_ms);
        // Only normal addresses are stored.
        minted.map_err(|error| Rejection::invalid("email", error.to_string()).into())
    }

    /// Uses a link up; answers whose address it proves.
    async fn uses(&self, secret: &Secret, now: Timestamp) -> Result<String, Refusal> {
        let name = secret.name();
        let (links, _, _) = ledger::read::<Links>(&self.hub, &secret.log()).await?;
        let link = links.open(&name, now).map_err(refusal)?;
        if let Some((book, id)) = &link.invitation {
            let invited = self.hub.invitation(book, id).await?;
            invited.filter(|invited| invited.email == link.email).ok_or_else(|| refusal(Opening::Over))?;
        }
        if link.library {
            self.hub.asked_to_library(&link.email).await?.ok_or_else(|| refusal(Opening::Over))?;
        }
        // Of two that open it at once, one finds it used.
        let opens = |links: &Links| match links.open(&name, now) {
            Ok(_) => Ok(vec![LinkChange::Used { link: name.clone() }]),
            Err(_) => Ok(Vec::new()),
        };
        let used = ledger::change(&self.hub, &secret.log(), opens).await?;
        if used.is_empty() { Err(refusal(Opening::Used)) } else { Ok(link.email.clone()) }
    }
}

/// Whose limit counts: an address of IPv6 is one of many that the same person has.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

fn too_often(wait: Duration) -> Refusal {
    let retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    let minutes = retry_after_ms.div_ceil(60_000);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    Refusal {
        message: format!("That was asked for too often. Try again in {minutes} {unit}."),
        rejection: Rejection::RateLimited { retry_after_ms },
    }
}

fn refusal(opening: Opening) -> Refusal {
    let (reason, message) = match opening {
        Opening::Used => ("the link was used", "This link was used already. Ask for a new one."),
        Opening::Expired => ("the link has expired", "This link has expired. Ask for a new one."),
        Opening::Over => {
            ("the invitation is over", "This invitation is over: it was answered, taken back, or has lapsed.")
        }
        Opening::Unknown => {
            ("there is no such link", "This link is not known here, or is long over. Ask for a new one.")
        }
    };
    Refusal { message: message.to_owned(), rejection: Rejection::Unauthenticated { reason: reason.to_owned() } }
}

fn letter(email: &str, secret: &Secret, site: &str, life_ms: u64) -> Letter {
    let minutes = life_ms.div_ceil(60_000);
    let host = site.split_once("://").map_or(site, |(_, host)| host);
    let words = Words {
        subject: format!("Sign in to {host}"),
        before: vec![format!("Somebody, likely you, wants to sign in to {host} with this address.")],
        link_says: "Sign in".to_owned(),
        link: format!("{site}/signin#token={}", secret.text),
        after: vec![
            format!("The link works once, for {minutes} minutes."),
            "If it was not you, nothing happens unless you open it.".to_owned(),
        ],
        ..Words::default()
    };
    Letter::of(email, &format!("signin-{}", &secret.name()[..24]), &words)
}

/// Tries until the letter has left, can never leave, or `deadline` makes it pointless.
async fn delivers(post: &dyn Post, letter: &Letter, deadline: Instant) {
    let mut pause = FIRST_PAUSE;
    loop {
        match post.send(letter).await {
            Ok(()) => return metric::letter(LetterOutcome::Sent),
            Err(error @ PostError::Never(_)) => {
                metric::letter(LetterOutcome::GivenUp);
                return tracing::warn!(%error, "a link to sign in with was not mailed");
            }
            Err(error) if Instant::now() + pause >= deadline => {
                metric::letter(LetterOutcome::GivenUp);
                return tracing::warn!(%error, "a link to sign in with was not mailed in time");
            }
            Err(error) => {
                metric::letter(LetterOutcome::Postponed);
                tracing::warn!(%error, "a link to sign in with will be mailed later");
            }
        }
        tokio::time::sleep(pause).await;
        pause *= 4;
    }
}
