//! The lines to the masters of a cluster, and which of them has which slot.
//!
//! Nothing is sent twice and nothing follows a redirection: a call to the wrong master did not happen, and its caller
//! tries again once the new map is there.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use redis::Value;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

mod slots;

use self::slots::{Map, slot};
use super::ears::Change;
use super::endpoint::{Address, Refusal};
use super::find::Finder;
use super::line::{Line, Shares};
use super::session::{Plan, Share};
use super::{Call, ConnectError, Health, Trouble};

/// How often the map is looked at, milliseconds, shortest and longest.
const LOOK_MS: (u64, u64) = (4_000, 6_000);
/// Shortest and longest pause between looks when there are doubts, milliseconds. Each asks every node.
const PAUSE_MS: (u64, u64) = (200, 600);
/// Longest wait for one node's map.
const ANSWER: Duration = Duration::from_millis(500);
/// Longest wait for subscriptions that moved.
const RESUBSCRIPTION: Duration = Duration::from_secs(1);

/// A cluster. Dropping it ends its lines.
pub(super) struct Cluster {
    core: Arc<Core>,
    _watch: AbortOnDropHandle<()>,
}

struct Core {
    plan: Arc<Plan>,
    seeds: Vec<Address>,
    prefix: String,
    health: Arc<Health>,
    doubts: Arc<Notify>,
    map: Arc<RwLock<Map>>,
    lines: RwLock<BTreeMap<Address, Arc<Line>>>,
}

impl Cluster {
    /// Begins to watch the cluster, and to keep lines to its masters up.
    pub(super) async fn start(
        plan: Arc<Plan>,
        seeds: Vec<Address>,
        prefix: String,
        deadline: Instant,
    ) -> Result<Self, ConnectError> {
        let core = Arc::new(Core {
            plan,
            seeds,
            prefix,
            health: Arc::default(),
            doubts: Arc::default(),
            map: Arc::default(),
            lines: RwLock::default(),
        });
        loop {
            match core.ask().await {
                Ok(map) => {
                    let firsts = core.adopt(map).await;
                    if let Ok(Err(wrong)) = tokio::time::timeout_at(deadline, try_join_all(firsts)).await {
                        return Err(wrong);
                    }
                    break;
                }
                Err(Refusal::Never(why)) => return Err(ConnectError(why)),
                Err(Refusal::NotYet(why)) if Instant::now() > deadline => {
                    tracing::warn!(why, "the cluster is away");
                    break;
                }
                Err(Refusal::NotYet(_)) => tokio::time::sleep(super::between(PAUSE_MS)).await,
            }
        }
        let watch = AbortOnDropHandle::new(tokio::spawn(Arc::clone(&core).watch()));
        Ok(Self { core, _watch: watch })
    }

    /// Runs scripts, those of one master in one go.
    pub(super) async fn call(&self, calls: Vec<Call>, deadline: Instant) -> Result<Vec<Value>, Trouble> {
        let mut groups: BTreeMap<Address, (Vec<usize>, Vec<Call>)> = BTreeMap::new();
        let count = calls.len();
        for (index, call) in calls.into_iter().enumerate() {
            let address = self.core.owner(call.keys.first().map_or("", String::as_str)).ok_or(Trouble::Away)?;
            let group = groups.entry(address).or_default();
            group.0.push(index);
            group.1.push(call);
        }
        let answers = groups.into_iter().map(|(address, (indices, calls))| async move {
            let line = self.core.line(&address).ok_or(Trouble::Away)?;
            Ok((indices, line.call(&calls, deadline).await?))
        });
        let mut values = vec![Value::Nil; count];
        for (indices, found) in try_join_all(answers).await? {
            for (index, value) in indices.into_iter().zip(found) {
                values[index] = value;
            }
        }
        Ok(values)
    }

    /// The line to the master that has a channel's slot.
    pub(super) fn line_of(&self, channel: &str) -> Option<Arc<Line>> {
        self.core.line(&self.core.owner(channel)?)
    }
}

impl Core {
    fn owner(&self, key: &str) -> Option<Address> {
        self.map.read().unwrap_or_else(PoisonError::into_inner).owner(slot(key)).cloned()
    }

    fn line(&self, address: &Address) -> Option<Arc<Line>> {
        self.lines.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Keeps the map true for ever.
    async fn watch(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.doubts.notified() => {}
                () = tokio::time::sleep(super::between(LOOK_MS)) => {}
            }
            match self.ask().await {
                Ok(map) => drop(self.adopt(map).await),
                Err(why) => {
                    tracing::debug!(%why, "no node tells the cluster's map");
                    self.doubts.notify_one();
                }
            }
            tokio::time::sleep(super::between(PAUSE_MS)).await;
        }
    }

    /// The map as most of the known nodes see it: one that was cut off knows an old one.
    async fn ask(&self) -> Result<Map, Refusal> {
        let mut nodes = self.seeds.clone();
        nodes.extend(self.lines.read().unwrap_or_else(PoisonError::into_inner).keys().cloned());
        nodes.sort();
        nodes.dedup();
        let mut votes: BTreeMap<Map, usize> = BTreeMap::new();
        let mut refusal = Refusal::NotYet("no node of the cluster answers".to_owned());
        for answer in join_all(nodes.iter().map(|node| self.ask_one(node))).await {
            match answer {
                Ok(map) => *votes.entry(map).or_default() += 1,
                Err(never @ Refusal::Never(_)) => refusal = never,
                Err(_) => {}
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(map, _)| map).ok_or(refusal)
    }

    async fn ask_one(&self, node: &Address) -> Result<Map, Refusal> {
        let asked = async {
            let mut connection = self.plan.access.connect(node, drop).await?;
            let question = redis::cmd("CLUSTER").arg("SLOTS").to_owned();
            let answer = connection.send_packed_command(&question).await.and_then(Value::extract_error);
            match answer {
                Ok(answer) => {
                    Map::parse(answer, node).ok_or_else(|| Refusal::NotYet(format!("{node} tells no map of slots")))
                }
                Err(error) if error.code() == Some("ERR") => {
                    Err(Refusal::Never(format!("{node} is not a node of a cluster: give redis://…")))
                }
                Err(error) => Err(Refusal::of(node, &error)),
            }
        };
        let silent = || Refusal::NotYet(format!("{node} does not answer"));
        tokio::time::timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Goes by this map from now on. Returns what comes of new lines.
    async fn adopt(&self, map: Map) -> Vec<impl Future<Output = Result<(), ConnectError>> + use<>> {
        let old = self.map.read().unwrap_or_else(PoisonError::into_inner).clone();
        if old == map {
            return Vec::new();
        }
        let masters = map.masters();
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = map.clone();
        let mut firsts = Vec::new();
        {
            let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
            lines.retain(|address, _| masters.contains(address));
            for address in masters {
                lines.entry(address.clone()).or_insert_with(|| {
                    let (first, opened) = oneshot::channel();
                    firsts.push(async move { opened.await.unwrap_or(Ok(())) });
                    Arc::new(self.begin(address, first))
                });
            }
        }
        self.resubscribe(&old, &map).await;
        firsts
    }

    fn begin(&self, address: Address, first: oneshot::Sender<Result<(), ConnectError>>) -> Line {
        let (map, signals) = (Arc::clone(&self.map), Arc::clone(&self.plan.signals));
        let (prefix, owner) = (self.prefix.clone(), address.clone());
        let shares: Shares = Box::new(move || {
            let wanted: Vec<String> = signals.wanted().iter().cloned().collect();
            let map = map.read().unwrap_or_else(PoisonError::into_inner);
            let owns = |key: &String| map.owner(slot(key)) == Some(&owner);
            let mut keys = (0..slots::COUNT).map(|number| format!("{{{prefix}:wait:{number}}}"));
            Share {
                // Some key of so many falls to every master that has a slot worth speaking of.
                key: keys.find(owns).unwrap_or_else(|| format!("{{{prefix}:wait}}")),
                channels: wanted.into_iter().filter(owns).collect(),
            }
        });
        let finder = Finder::Node(address, Arc::clone(&self.doubts));
        Line::start(Arc::clone(&self.plan), finder, shares, Arc::clone(&self.health), first)
    }

    /// Channels whose slot went from one line to another that is up. A line that comes up subscribes by itself.
    async fn resubscribe(&self, old: &Map, new: &Map) {
        let wanted: Vec<String> = self.plan.signals.wanted().iter().cloned().collect();
        let moved = wanted.into_iter().filter(|channel| old.owner(slot(channel)) != new.owner(slot(channel)));
        let confirmations: Vec<_> = moved
            .filter_map(|channel| {
                let line = self.line(new.owner(slot(&channel))?)?;
                let (confirmed, answer) = oneshot::channel();
                line.change(Change::Subscribe(channel, confirmed)).then_some(answer)
            })
            .collect();
        if !confirmations.is_empty() {
            // A line that does not confirm is lost, and says so when it is back.
            drop(tokio::time::timeout(RESUBSCRIPTION, join_all(confirmations)).await);
            self.plan.signals.interrupted();
        }
    }
}
