//! SIGTERM: everybody is told, nobody new comes in, the process ends by itself, and everything is there afterwards.

use quire_protocol::ServerFrame;

use super::program::Place;
use super::tab::{Tab, connect, upgrade};
use crate::harness::TabEnd;
use crate::harness::wishes::{acquire, remark};

#[tokio::test]
async fn a_hub_that_is_asked_to_end_drains_and_leaves_everything_in_order() {
    let place = Place::new();
    let flags = ["--lock-grace", "1h"];
    // Two sessions: one goes at once, one after half of this.
    let hub = place.hub(&[&flags[..], &["--timer", "drain_ms=10s"]].concat()).await;
    let (mut ann, [mut ben]) = Tab::team(&hub, ["ben"]).await;
    assert_eq!(hub.asks("/readyz", None), (200, "ready\n".into()));
    let token = ann.does(acquire(1)).await.granted();
    hub.is_asked_to_end();

    let draining = |frame: &ServerFrame| match frame {
        ServerFrame::Draining(draining) => Some(draining.reconnect_after_ms),
        _ => None,
    };
    let mut delays = [ann.waits_for("draining", draining).await, ben.waits_for("draining", draining).await];
    let last = if delays[0] > delays[1] { &mut ann } else { &mut ben };
    delays.sort_unstable();
    assert_eq!(delays, [0, 5_000]);
    assert_eq!(hub.asks("/readyz", None), (503, "draining\n".into()));
    assert_eq!(hub.asks("/healthz", None).0, 200);
    assert_eq!(upgrade(&hub, connect(&hub).await, None).await.err(), Some(503));
    // Whoever stays until its own time is served until then.
    last.does(remark(1, "last")).await.accepted();
    assert_eq!(ann.is_sent_away().await, TabEnd(Some(4013)));
    assert_eq!(ben.is_sent_away().await, TabEnd(Some(4013)));
    hub.ends().await.well();

    let hub = place.hub(&flags).await;
    let mut other = Tab::arrives(&hub, "ann").await;
    assert_eq!(other.history().await.last().expect("a history").event.kind(), "comment.added");
    let lock = other.sees_lock(1).await.expect("still held: the grace runs");
    assert_eq!((lock.holder.session, lock.token, lock.away), (ann.session(), token, true));
}

#[tokio::test]
async fn a_hub_without_anybody_ends_at_once() {
    let place = Place::new();
    let hub = place.hub(&["--timer", "drain_ms=1h"]).await;
    hub.is_asked_to_end();
    hub.ends().await.well();
    assert!(!place.data_dir().join("control.sock").exists());
}
