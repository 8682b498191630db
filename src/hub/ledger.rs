//! Small logs that are read whenever somebody asks, and of which nothing is kept in memory: drafts, versions.

use tokio::time::Instant;

use super::actor::{Ended, PATIENCE, surely};
use super::{Hub, random, unavailable};
use crate::chapter::journal::{Journal, encode, replay};
use crate::store::{Append, Appended, LogId, Position, Tag};
use quire_protocol::{Rejection, Token};

/// Others may write at the same time; more than so often is nobody's fault.
const ROUNDS_MAX: usize = 8;

/// Reads a log: what it adds up to, how many records that took, and where it ends.
pub(crate) async fn read<J: Journal>(hub: &Hub, log: &LogId) -> Result<(J, usize, Option<Position>), Rejection> {
    let read = hub.store.read(log.clone(), None).await.map_err(|_| unavailable())?;
    let Some((snapshot, records, tail)) = read.whole() else {
        return if is_surely_absent(hub) { Ok((J::default(), 0, None)) } else { Err(unavailable()) };
    };
    let journal = replay(snapshot.as_ref().map(|(_, bytes)| &bytes[..]), &records);
    let journal = journal.inspect_err(|error| tracing::error!(%log, error, "a log cannot be read"));
    Ok((journal.map_err(|_| unavailable())?, records.len(), Some(tail)))
}

/// After a loss nobody knows for a while whether what is absent never was (R6).
pub(crate) fn is_surely_absent(hub: &Hub) -> bool {
    hub.replicas().is_none_or(|replicas| replicas.may_create())
}

/// Decides on what a log says, and appends that; decides again if somebody else was faster. Nothing to append is fine.
/// Answers what was appended.
pub(crate) async fn change<J: Journal>(
    hub: &Hub,
    log: &LogId,
    decide: impl Fn(&J) -> Result<Vec<J::Change>, Rejection>,
) -> Result<Vec<J::Change>, Rejection> {
    let deadline = Instant::now() + PATIENCE;
    for _ in 0..ROUNDS_MAX {
        let (mut journal, records, after) = read::<J>(hub, log).await?;
        let changes = decide(&journal)?;
        if changes.is_empty() {
            return Ok(changes);
        }
        let append = append(hub, log, after, changes.iter().map(encode).collect());
        // If somebody else was faster, what it says now decides.
        let Some(appended) = tries(hub, append, deadline).await? else { continue };
        if records + changes.len() >= J::RECORDS_MAX {
            for change in changes.iter().cloned() {
                journal.apply(change, appended.at);
            }
            compact(hub, log, appended.position, journal.snapshot());
        }
        return Ok(changes);
    }
    Err(unavailable())
}

/// Appends to a log. `None`: it ends elsewhere, so nothing was stored.
pub(crate) async fn tries(hub: &Hub, append: Append, deadline: Instant) -> Result<Option<Appended>, Rejection> {
    match surely(hub, append, deadline).await {
        Ended::Done(appended) => Ok(Some(appended)),
        Ended::Conflict(_) | Ended::EpochChanged => Ok(None),
        Ended::Fenced => Err(unavailable()),
        Ended::Refused(rejection) => Err(rejection),
    }
}

/// Stores something that is written once. It may be there already.
pub(crate) async fn put(hub: &Hub, log: &LogId, payload: bytes::Bytes) -> Result<(), Rejection> {
    match surely(hub, append(hub, log, None, vec![payload]), Instant::now() + PATIENCE).await {
        Ended::Done(_) | Ended::Conflict(_) | Ended::EpochChanged => Ok(()),
        Ended::Fenced => Err(unavailable()),
        Ended::Refused(rejection) => Err(rejection),
    }
}

pub(super) fn append(hub: &Hub, log: &LogId, after: Option<Position>, payloads: Vec<bytes::Bytes>) -> Append {
    Append {
        log: log.clone(),
        after,
        tag: Tag(random()),
        payloads,
        guard: None,
        fences: Vec::new(),
        stamp_floor: Token(0),
        by: hub.replica.clone(),
        misses: 0,
    }
}

fn compact(hub: &Hub, log: &LogId, position: Position, snapshot: bytes::Bytes) {
    let (store, log) = (hub.store.clone(), log.clone());
    hub.tasks.spawn(async move {
        if let Err(error) = store.compact(log.clone(), position, snapshot).await {
            tracing::warn!(%log, %error, "a log was not compacted; it stays longer");
        }
    });
}
