//! Where a line's master is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::Notify;

use super::endpoint::{Access, Address, Refusal};

/// Longest wait for a sentinel.
const SENTINEL: Duration = Duration::from_millis(500);

/// Finds the master of a line.
pub(super) enum Finder {
    /// It stays where it is.
    Fixed(Address),
    /// Sentinels know.
    Sentinels(Sentinels),
    /// It is a node of a cluster; whoever watches the cluster is told of doubts.
    Node(Address, Arc<Notify>),
}

impl fmt::Display for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(address) | Self::Node(address, _) => address.fmt(f),
            Self::Sentinels(sentinels) => f.write_str(&sentinels.service),
        }
    }
}

impl Finder {
    /// Where to try next.
    pub(super) async fn find(&self, access: &Access) -> Result<Address, Refusal> {
        match self {
            Self::Fixed(address) | Self::Node(address, _) => Ok(address.clone()),
            Self::Sentinels(sentinels) => sentinels.find(access).await,
        }
    }

    /// Whether the master is known to be somewhere else meanwhile.
    pub(super) async fn moved(&self, access: &Access) -> bool {
        match self {
            Self::Fixed(_) | Self::Node(..) => false,
            Self::Sentinels(sentinels) => sentinels.moved(access).await,
        }
    }

    /// Something suggests that the master is somewhere else.
    pub(super) fn doubt(&self) {
        if let Self::Node(_, doubts) = self {
            doubts.notify_one();
        }
    }
}

/// The sentinels of one service.
pub(super) struct Sentinels {
    addresses: Vec<Address>,
    service: String,
    found: Mutex<Option<Address>>,
}

impl Sentinels {
    /// Will ask these.
    pub(super) fn new(addresses: Vec<Address>, service: String) -> Self {
        Self { addresses, service, found: Mutex::new(None) }
    }

    async fn find(&self, access: &Access) -> Result<Address, Refusal> {
        let found = self.ask(access).await?;
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(found)
    }

    /// A master that was cut off from its sentinels still takes writes, which will be lost.
    async fn moved(&self, access: &Access) -> bool {
        let Ok(now) = self.ask(access).await else { return false };
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref().is_some_and(|found| *found != now)
    }

    /// The master that most sentinels name.
    async fn ask(&self, access: &Access) -> Result<Address, Refusal> {
        let answers = join_all(self.addresses.iter().map(|sentinel| self.ask_one(access, sentinel))).await;
        let mut votes: BTreeMap<Address, usize> = BTreeMap::new();
        let mut refusal = None;
        for answer in answers {
            match answer {
                Ok(address) => *votes.entry(address).or_default() += 1,
                Err(Refusal::NotYet(why)) => refusal = refusal.or(Some(Refusal::NotYet(why))),
                Err(never) => refusal = Some(never),
            }
        }
        let most = votes.into_iter().max_by_key(|(_, count)| *count).map(|(address, _)| address);
        most.ok_or_else(|| refusal.unwrap_or_else(|| Refusal::NotYet("there is no sentinel".to_owned())))
    }

    async fn ask_one(&self, access: &Access, sentinel: &Address) -> Result<Address, Refusal> {
        let asked = async {
            match self.ask_as(access, sentinel).await {
                // Sentinels have users of their own, and mostly none.
                Err(Refusal::Never(_)) => self.ask_as(&access.anonymous(), sentinel).await,
                answer => answer,
            }
        };
        let silent = || Refusal::NotYet(format!("the sentinel {sentinel} does not answer"));
        tokio::time::timeout(SENTINEL, asked).await.unwrap_or_else(|_| Err(silent()))
    }

    async fn ask_as(&self, access: &Access, sentinel: &Address) -> Result<Address, Refusal> {
        let mut connection = access.connect(sentinel, drop).await?;
        let question = redis::cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service).to_owned();
        let answer = question.query_async::<Option<(String, u16)>>(&mut connection).await;
        match answer.map_err(|error| Refusal::of(sentinel, &error))? {
            Some((host, port)) => Ok(Address { host, port }),
            None => Err(Refusal::Never(format!("the sentinel {sentinel} knows no service {:?}", self.service))),
        }
    }
}
