//! Inboxes, across replicas.

use std::time::Duration;

use quire_protocol::inbox::Topic;

use super::two_replicas;
use crate::harness::person::inbox::{noticed, read};
use crate::harness::user;
use crate::harness::wishes::*;

#[tokio::test(start_paused = true)]
async fn what_happens_on_one_replica_is_told_once_on_all() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    let before = ben.opens_inbox().await.entries.len();
    let mut other = east.arrives("ben").await;
    other.opens_inbox().await;
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben")];
    ann.does(remark).await.accepted();
    let (entry, _) = ben.is_told(noticed).await;
    assert_eq!(entry.told.topic, Topic::Mentioned);
    assert_eq!(other.is_told(noticed).await.0, entry);
    ben.has_read(entry.n).await;
    let unread = ben.is_told(read).await;
    assert_eq!(other.is_told(read).await, unread);
    west.passes_for(Duration::from_secs(10), [&mut ann, &mut ben, &mut other]).await;
    assert_eq!(ben.opens_inbox().await.entries.len(), before + 1, "both replicas know of it, one tells");
    assert!(!ben.has_heard().contains(&"noticed") && !other.has_heard().contains(&"noticed"));
}

#[tokio::test(start_paused = true)]
async fn what_a_replica_left_untold_is_told_by_another() {
    let (east, west, mut ann, mut ben) = two_replicas().await;
    ben.opens_inbox().await;
    ben.forgets_what_was_said();
    east.line.inboxes_fail();
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben")];
    ann.does(remark).await.accepted();
    east.line.is_cut();
    west.passes_for(Duration::from_secs(5), [&mut ben]).await;
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::Mentioned);
}
