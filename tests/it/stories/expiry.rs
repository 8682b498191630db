//! A token ends, and what that means for a live connection.

use std::time::Duration;

use quire_protocol::command::TokenRefresh;
use quire_protocol::frame::{Answer, Hello};
use quire_protocol::{Encoding, Role};

use crate::harness::wishes::*;
use crate::harness::{Gone, Person, TabEnd, Town, moby};

const MINUTE: Duration = Duration::from_mins(1);

/// Ann, whose token is good for ten minutes.
async fn ann_for_ten_minutes(town: &Town) -> Person {
    let token = town.token_until("ann", town.clock.now().plus_ms(600_000));
    let hello = Hello { token: Some(token), client: None, resume: None };
    Person::says_hello(town, "ann", Encoding::MessagePack, hello).await.unwrap()
}

fn refresh(token: String) -> TokenRefresh {
    TokenRefresh { token }
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_with_its_token_and_the_chapter_is_kept_for_the_grace() {
    let town = Town::new();
    let (_ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let mut ann = ann_for_ten_minutes(&town).await;
    ann.opens(&moby()).await.accepted();
    ann.does(acquire(1)).await.granted();
    town.passes_for(MINUTE * 9, [&mut ann, &mut ben]).await;
    let gone: Gone = ann.duplicates();
    let (end, ()) = tokio::join!(ann.is_sent_away(), ben.stays(MINUTE + Duration::from_secs(1)));
    assert_eq!(end, TabEnd(Some(4001)));
    ben.does(acquire(1)).await.refused("locked");
    let mut ann = gone.comes_back(&town).await.unwrap();
    assert_eq!(ann.sees_lock(1).await.unwrap().holder.session, ann.session());
}

#[tokio::test(start_paused = true)]
async fn a_later_token_keeps_the_connection() {
    let town = Town::new();
    let mut ann = ann_for_ten_minutes(&town).await;
    let until = town.clock.now().plus_ms(1_800_000);
    let answer = ann.asks_hub(refresh(town.token_until("ann", until))).await.accepted();
    assert_eq!(answer, Answer::Refreshed { expires_at: until });
    town.passes_for(MINUTE * 29, [&mut ann]).await;
    ann.hears_nothing_more().await;
    assert_eq!(ann.is_sent_away().await, TabEnd(Some(4001)));
}

#[tokio::test(start_paused = true)]
async fn neither_somebody_elses_token_nor_a_shorter_nor_a_bad_one_replaces_ones_own() {
    let town = Town::new();
    let mut ann = ann_for_ten_minutes(&town).await;
    let sooner = town.token_until("ann", town.clock.now().plus_ms(60_000));
    for token in [town.token("ben"), sooner, "nonsense".into(), String::new()] {
        ann.asks_hub(refresh(token)).await.refused("unauthenticated");
    }
    town.passes_for(MINUTE * 9, [&mut ann]).await;
    assert_eq!(ann.is_sent_away().await, TabEnd(Some(4001)));
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_without_a_token_that_is_good_now() {
    let town = Town::new();
    let expired = town.token_until("ann", town.clock.now().plus_ms(60_000));
    town.passes(MINUTE).await;
    for token in [None, Some(String::new()), Some("a.b.c".into()), Some(expired)] {
        let hello = Hello { token, client: None, resume: None };
        let end = Person::says_hello(&town, "ann", Encoding::MessagePack, hello).await.map(drop);
        assert_eq!(end.err(), Some(TabEnd(Some(4001))));
    }
}
