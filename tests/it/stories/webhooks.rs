//! Programs of others are told what happens in the library's books: signed, once and again until they hear, and nothing that
//! whoever set the webhook may not know.

use std::time::Duration;

use quire_protocol::command::{
    BookUnshelve, CommentAdd, CommentDelete, MemberSetRole, PublishStart, UserUpdate, WebhookDeliveries, WebhookRemove,
    WebhookSend, WebhookSet, WebhooksList,
};
use quire_protocol::frame::{Answer, Notice};
use quire_protocol::inbox::Topic;
use quire_protocol::library::{Grant, Permission, UserPatch};
use quire_protocol::webhook::{Delivery, DeliveryState, Webhook};
use quire_protocol::{Limits, Role, Timers, WebhookId};

use crate::harness::receiver::Receiver;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, comment, thread, user};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const HOOK: &str = "https://hooks.example/quire";

fn id() -> WebhookId {
    WebhookId::new("w1").unwrap()
}

fn set(topics: &[Topic]) -> WebhookSet {
    WebhookSet { webhook: id(), url: HOOK.into(), topics: topics.to_vec(), on: true, renew: false }
}

fn mention(name: &str) -> CommentAdd {
    CommentAdd { mentions: vec![user("ben")], ..remark(1, name) }
}

impl Person {
    /// Sets a webhook; the secret, if it has a new one.
    async fn sets(&mut self, set: WebhookSet) -> Option<String> {
        match self.asks_library(set).await.accepted() {
            Answer::Webhook { secret, .. } => secret,
            other => panic!("not set: {other:?}"),
        }
    }

    async fn sees_webhooks(&mut self) -> Vec<Webhook> {
        match self.asks_library(WebhooksList {}).await.accepted() {
            Answer::Webhooks { webhooks } => webhooks,
            other => panic!("no list: {other:?}"),
        }
    }

    async fn sees_deliveries(&mut self) -> Vec<Delivery> {
        match self.asks_library(WebhookDeliveries { webhook: id() }).await.accepted() {
            Answer::Deliveries { deliveries, waiting } => {
                let waits = deliveries.iter().filter(|row| row.state == DeliveryState::Waiting).count();
                assert_eq!(waits, waiting as usize);
                deliveries
            }
            other => panic!("no list: {other:?}"),
        }
    }

    async fn sees_states(&mut self) -> Vec<DeliveryState> {
        self.sees_deliveries().await.iter().map(|row| row.state).collect()
    }
}

/// Ann's library has her Moby-Dick, which ben edits, and calls webhooks.
async fn with_ben(limits: Limits) -> (Town, Receiver, Person, Person) {
    let town = Town::with(limits, Timers::default());
    let receiver = Receiver::is_called_by(&town);
    let (mut ann, [ben]) = town.team([("ben", Role::Editor)]).await;
    ann.shelves_moby().await;
    (town, receiver, ann, ben)
}

#[tokio::test(start_paused = true)]
async fn what_happens_in_a_book_of_the_library_is_told_once_signed_and_to_whom() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    let secret = ann.sets(set(&[Topic::Mentioned, Topic::RoleChanged])).await.expect("it is new");
    assert!(secret.starts_with("whsec_"), "{secret}");
    ann.does(mention("whale")).await.accepted();
    ann.does(MemberSetRole { user: user("ben"), role: Role::Viewer }).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let heard = receiver.heard();
    let [mentioned, changed] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((mentioned.kind.as_str(), changed.kind.as_str()), ("mentioned", "role_changed"));
    assert_eq!(mentioned.url, HOOK);
    assert!(mentioned.id.starts_with("msg_") && mentioned.id != changed.id);
    assert!(mentioned.signature.starts_with("v1,") && mentioned.signature != changed.signature);
    let told = &mentioned.data["told"];
    assert_eq!((told["title"].as_str(), told["by"]["name"].as_str()), (Some("Moby-Dick"), Some("Ann")));
    assert_eq!(mentioned.data["to"], serde_json::json!(["ben"]));
    let rows = ann.sees_deliveries().await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.state == DeliveryState::Delivered && row.attempts.len() == 1), "{rows:?}");
    let town = town.restarted();
    let receiver = Receiver::is_called_by(&town);
    town.passes(HOUR).await;
    assert!(receiver.heard().is_empty(), "and not again");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_of_other_topics_or_of_books_outside_the_library() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    ann.sets(set(&[Topic::Replied])).await;
    ann.does(mention("whale")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert!(receiver.heard().is_empty());
    ann.sets(set(&Topic::ALL)).await;
    ann.does(BookUnshelve {}).await.accepted();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert!(receiver.heard().is_empty() && ann.sees_deliveries().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_book_that_comes_into_the_library_is_told_although_nobody_has_an_inbox_for_it() {
    let town = Town::new();
    let receiver = Receiver::is_called_by(&town);
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    ann.sets(set(&[Topic::BookShelved, Topic::Submitted])).await;
    ann.shelves_moby().await;
    ann.does(PublishStart { note: None }).await.accepted();
    town.passes_for(MINUTE, [&mut ann]).await;
    assert_eq!(receiver.kinds(), ["book_shelved", "submitted"]);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_is_called_again_in_order_with_the_same_id_and_after_a_restart() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    ann.sets(set(&[Topic::Mentioned])).await;
    receiver.always_answers(Some(503));
    ann.does(mention("whale")).await.accepted();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let tried = receiver.heard();
    assert!(tried.len() >= 3 && tried.iter().all(|heard| heard.id == tried[0].id), "{tried:?}");
    let row = ann.sees_deliveries().await.pop().unwrap();
    let last = row.attempts.last().expect("the older one was tried");
    assert_eq!((row.state, last.status), (DeliveryState::Waiting, Some(503)));
    assert_eq!(last.problem.as_deref(), Some("it answered with status 503"));
    let town = town.restarted();
    let receiver = Receiver::is_called_by(&town);
    receiver.always_answers(Some(200));
    town.passes(HOUR).await;
    let ids: Vec<String> = receiver.heard().into_iter().map(|heard| heard.id).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &tried[0].id), "the older one first, each once");
}

#[tokio::test(start_paused = true)]
async fn what_one_refuses_is_no_reason_to_wait_with_the_next_and_is_given_up_in_the_end() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    ann.sets(set(&[Topic::Mentioned])).await;
    receiver.answers(&[Some(404), Some(200)]);
    receiver.always_answers(Some(404));
    ann.does(mention("whale")).await.accepted();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_states().await, [DeliveryState::Delivered, DeliveryState::Waiting]);
    town.passes_for(25 * HOUR, [&mut ann, &mut ben]).await;
    assert_eq!(ann.sees_states().await, [DeliveryState::Delivered, DeliveryState::GivenUp]);
    let given_up = ann.sees_deliveries().await.pop().unwrap();
    receiver.always_answers(Some(204));
    receiver.heard();
    ann.asks_library(WebhookSend { webhook: id(), delivery: Some(given_up.id.clone()) }).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(receiver.heard().iter().map(|heard| &heard.id).collect::<Vec<_>>(), [&given_up.id], "once more");
    let nothing = WebhookSend { webhook: id(), delivery: Some("msg_nothing".into()) };
    ann.asks_library(nothing).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn who_says_that_nobody_is_there_any_more_is_turned_off_and_managers_hear_of_it() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    ann.sets(set(&[Topic::Mentioned])).await;
    ann.forgets_what_was_said();
    receiver.answers(&[Some(410)]);
    ann.does(mention("whale")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!((receiver.heard().len(), ann.sees_webhooks().await[0].on), (1, false));
    let changed = |notice: &Notice| matches!(notice, Notice::LibraryChanged { webhooks: true, .. }).then_some(());
    ann.is_told(changed).await;
    ann.sets(set(&[Topic::Mentioned])).await;
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(receiver.kinds(), ["mentioned"], "on again, it hears what waited");
}

#[tokio::test(start_paused = true)]
async fn it_hears_what_whoever_set_it_may_know_when_it_is_sent() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    let mut sue = town.user(&mut ann, "sue", &[Grant::all(Permission::Settings)]).await;
    sue.sets(set(&Topic::ALL)).await;
    receiver.always_answers(None);
    ann.does(mention("whale")).await.accepted();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben, &mut sue]).await;
    let gone = CommentDelete { thread: thread("whale"), comment: comment("whale") };
    ann.does(gone).await.accepted();
    let rests =
        |active| UserUpdate { email: "sue@example.com".into(), patch: UserPatch::default(), active: Some(active) };
    ann.asks_library(rests(false)).await.accepted();
    receiver.always_answers(Some(200));
    receiver.heard();
    town.passes_for(HOUR, [&mut ann, &mut ben]).await;
    assert!(receiver.heard().is_empty() && ann.sees_webhooks().await[0].rests);
    ann.asks_library(rests(true)).await.accepted();
    town.passes_for(HOUR, [&mut ann, &mut ben]).await;
    let bodies: Vec<_> = receiver.heard().into_iter().map(|heard| heard.data["told"]["comment"].clone()).collect();
    assert_eq!(bodies, ["spout"], "the other one was deleted meanwhile");
    assert_eq!(ann.sees_states().await, [DeliveryState::Delivered, DeliveryState::Withheld]);
}

#[tokio::test(start_paused = true)]
async fn its_secret_is_told_once_and_again_only_if_it_is_new() {
    let (town, receiver, mut ann, mut ben) = with_ben(Limits::default()).await;
    let first = ann.sets(set(&[])).await.unwrap();
    assert_eq!(ann.sets(set(&[])).await, None);
    let renewed = ann.sets(WebhookSet { renew: true, ..set(&[]) }).await.unwrap();
    assert_ne!(first, renewed);
    ann.asks_library(WebhookSend { webhook: id(), delivery: None }).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(receiver.kinds(), ["test"]);
    ann.asks_library(WebhookRemove { webhook: id() }).await.accepted();
    ann.asks_library(WebhookDeliveries { webhook: id() }).await.refused("not_found");
    ann.asks_library(WebhookRemove { webhook: id() }).await.accepted();
    let again = ann.sets(set(&[])).await.expect("it is another one");
    assert!(again != first && again != renewed);
    assert!(ann.sees_deliveries().await.is_empty(), "what the other one was told is none of its");
    let private = WebhookSet { url: "https://db.internal/".into(), ..set(&[]) };
    ann.asks_library(private).await.refused("invalid");
    ben.asks_library(set(&[])).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn of_too_much_the_oldest_is_dropped() {
    let limits = Limits { webhook_deliveries: 3, command_burst: 1_000, ..Limits::default() };
    let (town, receiver, mut ann, mut ben) = with_ben(limits).await;
    ann.sets(set(&[Topic::Mentioned])).await;
    receiver.always_answers(None);
    for number in 0..5 {
        ann.does(mention(&format!("whale-{number}"))).await.accepted();
    }
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let states = ann.sees_states().await;
    assert_eq!(states.iter().filter(|state| **state == DeliveryState::Dropped).count(), 2, "{states:?}");
    receiver.heard();
    receiver.always_answers(Some(200));
    town.passes_for(HOUR, [&mut ann, &mut ben]).await;
    let told: Vec<_> = receiver.heard().into_iter().map(|heard| heard.data["told"]["thread"].clone()).collect();
    assert_eq!(told, ["whale-2", "whale-3", "whale-4"]);
}

#[tokio::test(start_paused = true)]
async fn one_replica_calls_and_another_one_goes_on_when_it_is_gone() {
    let north = Town::shared().await;
    let south = north.beside();
    south.hub.may_begin().await;
    let receiver = Receiver::is_called_by(&north);
    Receiver::is_called_by(&south);
    let (mut ann, [mut ben]) = north.team([("ben", Role::Editor)]).await;
    ann.shelves_moby().await;
    ann.sets(set(&[Topic::Mentioned])).await;
    ann.does(mention("whale")).await.accepted();
    north.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(receiver.kinds(), ["mentioned"], "once, though both look");
    receiver.always_answers(None);
    ann.does(mention("spout")).await.accepted();
    north.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    receiver.heard();
    north.line.is_cut();
    receiver.always_answers(Some(200));
    south.passes(HOUR).await;
    assert_eq!(receiver.kinds(), ["mentioned"]);
}
