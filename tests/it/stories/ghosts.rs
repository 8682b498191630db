//! Nobody stays who is gone: no roster entry and no lock outlives everybody who could end it (R5).

use std::time::Duration;

use quire_protocol::command::{BookClose, BookOpen, TokenRefresh};
use quire_protocol::{Role, ViewCommand};

use crate::harness::wishes::*;
use crate::harness::{Town, moby};

fn open() -> ViewCommand {
    BookOpen { after: None }.into()
}

fn close() -> ViewCommand {
    BookClose {}.into()
}

#[tokio::test(start_paused = true)]
async fn however_hastily_a_book_was_opened_and_closed_its_tab_leaves_when_it_goes() {
    for commands in [
        vec![open(), close(), open()],
        vec![open(), open(), close(), open()],
        vec![open(), open()],
        vec![open(), close(), open(), close()],
    ] {
        let town = Town::new();
        let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
        ben.closes_tab().await;
        let mut ben = town.arrives("ben").await;
        ben.hastily(commands.clone()).await;
        ben.closes_tab().await;
        assert_eq!(ann.sees().await.roster.len(), 1, "only ann is here after {commands:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clean_goodbye_that_the_store_could_not_write_down_still_frees_the_chapter() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    town.line.goes_away();
    ben.closes_tab().await;
    town.line.comes_back();
    town.passes(Duration::from_secs(11)).await;
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn a_book_closed_while_the_store_was_away_frees_its_chapter_too() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    town.line.goes_away();
    ben.closes(&moby()).await;
    town.line.comes_back();
    town.passes(Duration::from_secs(11)).await;
    ann.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn what_was_granted_is_said_again_even_before_the_book_is_open_again() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let first = ann.does_as("mine", false, acquire(1)).await;
    let mut ann = ann.drops_connection().comes_back(&town).await.unwrap();
    let again = ann.does_as("mine", true, acquire(1)).await;
    assert_eq!((first.seq, first.result), (again.seq, again.result));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_does_not_carry_an_address_that_the_new_token_does_not_prove() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    ann.asks_hub(TokenRefresh { token: town.unverified_token("ann") }).await.refused("unauthenticated");
}
