//! Who lives, by the store's clock (R11).

use quire::store::shared::Renewal;
use quire_protocol::BookId;

use super::replicas::{LONG_MS, Replicas, lease, replica};

on_shared_stores! {
    a_lease_is_kept_by_renewing_it,
    r11_a_lease_that_ran_out_was_not_kept,
    a_replica_that_ended_its_lease_left_nothing,
    the_books_of_the_dead_go_to_one_heir,
    the_living_leave_nothing,
    the_books_of_one_who_came_back_stay,
    r6_the_mark_changes_after_a_loss,
}

/// Shorter than a test.
const SHORT_MS: u64 = 20;

async fn a_lease_is_kept_by_renewing_it(replicas: Replicas) {
    let first = replicas.renew("north", LONG_MS, &[], &[]).await;
    assert_eq!((first.kept, &first.alive, &first.dead), (false, &vec![lease("north")], &vec![]));
    let other = replicas.renew("south", LONG_MS, &[], &[]).await;
    let both = vec![lease("north"), lease("south")];
    assert_eq!(other, Renewal { kept: false, alive: both.clone(), dead: vec![], mark: first.mark });
    let again = replicas.renew("north", LONG_MS, &[], &[]).await;
    assert_eq!(again, Renewal { kept: true, alive: both, dead: vec![], mark: first.mark });
}

async fn r11_a_lease_that_ran_out_was_not_kept(replicas: Replicas) {
    replicas.renew("north", SHORT_MS, &["b1"], &[]).await;
    north_dies(&replicas).await;
    let back = replicas.renew("north", LONG_MS, &[], &[]).await;
    assert_eq!((back.kept, back.alive, back.dead), (false, vec![lease("north"), lease("south")], vec![]));
    assert!(replicas.renew("north", LONG_MS, &[], &[]).await.kept);
}

async fn a_replica_that_ended_its_lease_left_nothing(replicas: Replicas) {
    replicas.renew("north", LONG_MS, &["b1"], &[]).await;
    replicas.north.end_lease(&replica("north")).await.unwrap();
    let seen = replicas.renew("south", LONG_MS, &[], &[]).await;
    assert_eq!((seen.alive, seen.dead), (vec![lease("south")], vec![]));
    assert_eq!(replicas.south.inherit(&replica("north")).await.unwrap(), []);
    assert!(!replicas.renew("north", LONG_MS, &[], &[]).await.kept);
}

async fn the_books_of_the_dead_go_to_one_heir(replicas: Replicas) {
    replicas.renew("north", LONG_MS, &["b1", "b2", "b3"], &[]).await;
    replicas.renew("north", SHORT_MS, &["b4"], &["b2"]).await;
    north_dies(&replicas).await;
    let mut books = replicas.south.inherit(&replica("north")).await.unwrap();
    books.sort();
    assert_eq!(books, ["b1", "b3", "b4"].map(|id| BookId::new(id).unwrap()));
    assert_eq!(replicas.north.inherit(&replica("north")).await.unwrap(), [], "only the first who asks gets them");
    assert_eq!(replicas.renew("south", LONG_MS, &[], &[]).await.dead, []);
}

async fn the_living_leave_nothing(replicas: Replicas) {
    replicas.renew("north", LONG_MS, &["b1"], &[]).await;
    assert_eq!(replicas.south.inherit(&replica("north")).await.unwrap(), []);
    assert_eq!(replicas.south.inherit(&replica("nobody")).await.unwrap(), []);
    assert!(replicas.renew("north", LONG_MS, &[], &[]).await.kept);
}

async fn the_books_of_one_who_came_back_stay(replicas: Replicas) {
    replicas.renew("north", SHORT_MS, &["b1"], &[]).await;
    north_dies(&replicas).await;
    replicas.renew("north", SHORT_MS, &["b2"], &[]).await;
    north_dies(&replicas).await;
    let mut books = replicas.south.inherit(&replica("north")).await.unwrap();
    books.sort();
    assert_eq!(books, ["b1", "b2"].map(|id| BookId::new(id).unwrap()));
}

async fn r6_the_mark_changes_after_a_loss(replicas: Replicas) {
    let before = replicas.renew("north", LONG_MS, &[], &[]).await;
    assert_eq!(replicas.renew("south", LONG_MS, &[], &[]).await.mark, before.mark);
    replicas.lose_everything().await;
    let after = replicas.renew("north", LONG_MS, &[], &[]).await;
    assert!(!after.kept, "whoever had a lease begins anew");
    assert_ne!(after.mark, before.mark);
    assert_eq!(replicas.renew("south", LONG_MS, &[], &[]).await.mark, after.mark);
}

async fn north_dies(replicas: &Replicas) {
    replicas
        .until(async || {
            let seen = replicas.renew("south", LONG_MS, &[], &[]).await;
            (seen.dead == [replica("north")]).then(|| assert_eq!(seen.alive, [lease("south")]))
        })
        .await;
}
