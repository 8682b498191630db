//! What people are told reaches them by mail, too, as they chose: once, and nothing that they may not know.

use std::time::Duration;

use quire_protocol::command::{CommentAdd, CommentDelete, CommentEdit, InboxChoose, LibraryAllow, UserUpdate};
use quire_protocol::frame::{Answer, Hello};
use quire_protocol::inbox::{ByMail, Topic, TopicChoice, TopicSwitch};
use quire_protocol::library::UserPatch;
use quire_protocol::{Encoding, Limits, Role, Timers};

use crate::harness::person::inbox::noticed;
use crate::harness::postbox::Postbox;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, comment, thread, user};

const MINUTE: Duration = Duration::from_mins(1);
/// Stories begin at midnight: a day of letters begins then.
const SIX_HOURS: Duration = Duration::from_hours(6);
const DAY: Duration = Duration::from_hours(24);

/// Ann's town with Moby-Dick, and a post; ben edits it, and was here.
async fn with_ben() -> (Town, Postbox, Person, Person) {
    with_ben_and(Limits::default()).await
}

async fn with_ben_and(limits: Limits) -> (Town, Postbox, Person, Person) {
    let (town, post) = (Town::with(limits, Timers::default()), Postbox::default());
    post.opens_in(&town);
    let (ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.opens_inbox().await;
    ben.forgets_what_was_said();
    (town, post, ann, ben)
}

fn mention(name: &str) -> CommentAdd {
    CommentAdd { mentions: vec![user("ben")], ..remark(1, name) }
}

fn choice(topic: Topic, inbox: bool, mail: ByMail) -> InboxChoose {
    InboxChoose { choices: vec![TopicChoice { topic, inbox, mail }] }
}

async fn daily(ben: &mut Person) {
    ben.asks_hub(choice(Topic::Mentioned, true, ByMail::Daily)).await.accepted();
}

const MENTION: &str = "Ann mentions you in \u{201c}Chapter 1\u{201d} of \u{201c}Moby-Dick\u{201d}.";

fn to_ben(subject: &str) -> Vec<(String, String)> {
    vec![("ben@example.com".into(), subject.into())]
}

#[tokio::test(start_paused = true)]
async fn who_is_mentioned_is_mailed_once_with_the_beginning_of_it_and_the_way_there() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    let body = format!("<b>{}", "long ".repeat(100));
    ann.does(CommentAdd { body, ..mention("whale") }).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let letters = post.letters();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ben@example.com", MENTION));
    assert!(letter.text.contains("https://books.example/#/book/moby-dick/c1"), "{}", letter.text);
    assert!(letter.text.contains("Choose what you are mailed:\nhttps://books.example/#/notices"), "{}", letter.text);
    assert!(letter.text.contains("\u{201c}<b>long long") && letter.text.matches("long").count() < 50);
    assert!(letter.html.contains("&lt;b&gt;long") && !letter.html.contains("<b>"), "{}", letter.html);
    let town = town.restarted();
    post.opens_in(&town);
    town.passes(DAY).await;
    assert_eq!(post.subjects(), [], "and not again");
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_not_lost_with_the_post_or_the_hub() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    post.closes();
    ann.does(mention("whale")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let town = town.restarted();
    assert!(post.reopens() >= 2, "it was tried again");
    post.opens_in(&town);
    town.passes(Duration::from_hours(1)).await;
    assert_eq!(post.subjects(), to_ben(MENTION));
}

#[tokio::test(start_paused = true)]
async fn somebody_chooses_by_which_channels_they_are_told() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    ben.asks_hub(choice(Topic::Mentioned, true, ByMail::Off)).await.accepted();
    ann.does(mention("whale")).await.accepted();
    assert_eq!(ben.is_told(noticed).await.1, ben.looks_into_inbox().await.unread);
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), []);
    ben.asks_hub(choice(Topic::Mentioned, false, ByMail::AtOnce)).await.accepted();
    ben.forgets_what_was_said();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), to_ben(MENTION));
    let heard = ben.has_heard();
    assert!(!heard.contains(&"noticed") && !heard.contains(&"inbox_changed"), "it is in no inbox: {heard:?}");
}

/// A letter that waits for the morning does not tell what was taken back in the night.
#[tokio::test(start_paused = true)]
async fn what_was_deleted_or_changed_before_the_letter_leaves_is_not_in_it() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    daily(&mut ben).await;
    for name in ["whale", "spout"] {
        ann.does(mention(name)).await.accepted();
    }
    ann.does(CommentDelete { thread: thread("whale"), comment: comment("whale") }).await.accepted();
    let mentions = vec![user("ben")];
    let edit =
        CommentEdit { thread: thread("spout"), comment: comment("spout"), body: "There she blows".into(), mentions };
    ann.does(edit).await.accepted();
    town.passes_for(DAY, [&mut ann, &mut ben]).await;
    let letters = post.letters();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert!(letter.text.contains("There she blows"), "{}", letter.text);
    assert!(!letter.text.contains("About whale") && !letter.text.contains("About spout"), "{}", letter.text);
}

#[tokio::test(start_paused = true)]
async fn the_library_switches_a_channel_off_for_everybody() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    ann.sees_library().await;
    let switch = |mail| LibraryAllow { switches: vec![TopicSwitch { topic: Topic::Mentioned, inbox: true, mail }] };
    ann.asks_library(switch(false)).await.accepted();
    ann.does(mention("whale")).await.accepted();
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::Mentioned);
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), []);
    ann.asks_library(switch(true)).await.accepted();
    post.closes();
    ann.does(mention("spout")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    ann.asks_library(switch(false)).await.accepted();
    post.reopens();
    town.passes_for(Duration::from_mins(10), [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), [], "nor what was still to be mailed");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_mailed_what_they_may_not_know_when_the_letter_leaves() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    post.closes();
    ann.does(mention("whale")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    ann.does(remove_member("ben")).await.accepted();
    assert!(post.reopens() > 0, "it was tried");
    town.passes_for(Duration::from_mins(10), [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), to_ben("You are no longer a member of \u{201c}Moby-Dick\u{201d}."));
}

#[tokio::test(start_paused = true)]
async fn who_is_disabled_in_the_library_is_not_mailed() {
    let (town, post, mut ann, _ben) = with_ben().await;
    ann.sees_library().await;
    let una = town.user(&mut ann, "una", &[]).await;
    let mut una = una;
    una.opens_inbox().await;
    town.joins(&mut ann, &mut una, Role::Editor).await;
    post.closes();
    ann.does(CommentAdd { mentions: vec![user("una")], ..remark(1, "whale") }).await.accepted();
    town.passes_for(MINUTE, [&mut ann]).await;
    let rest = UserUpdate { email: "una@example.com".into(), patch: UserPatch::default(), active: Some(false) };
    ann.asks_library(rest).await.accepted();
    ann.does(CommentAdd { mentions: vec![user("una")], ..remark(1, "spout") }).await.accepted();
    assert!(post.reopens() > 0, "it was tried");
    town.passes_for(Duration::from_mins(10), [&mut ann]).await;
    assert_eq!(post.subjects(), []);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_nobody_verified_is_not_mailed() {
    let (town, post) = (Town::new(), Postbox::default());
    post.opens_in(&town);
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let hello = Hello { token: Some(town.unverified_token("ben")), client: None, resume: None };
    let mut tab = Person::says_hello(&town, "ben", Encoding::Json, hello).await.unwrap();
    assert_eq!(mail_to(&mut tab).await, None);
    ann.does(mention("whale")).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben, &mut tab]).await;
    assert_eq!(post.subjects(), []);
    assert_eq!(mail_to(&mut ben).await.as_deref(), Some("ben@example.com"), "once he proved it");
}

async fn mail_to(person: &mut Person) -> Option<String> {
    match person.asks_hub(quire_protocol::command::InboxOpen {}).await.accepted() {
        Answer::Inbox { mail_to, .. } => mail_to,
        other => panic!("no inbox: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_mailed_as_one_daily_letter() {
    let (town, post, mut ann, mut ben) = with_ben_and(Limits { mails_at_once: 2, ..Limits::default() }).await;
    for number in 0..5 {
        ann.does(mention(&format!("whale{number}"))).await.accepted();
    }
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects().len(), 2);
    town.passes_for(SIX_HOURS, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), to_ben("What happened in your books: 3 things"));
}

#[tokio::test(start_paused = true)]
async fn a_daily_letter_has_what_is_unread_and_comes_once_whatever_becomes_of_hubs() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    daily(&mut ben).await;
    for name in ["whale", "spout", "fluke"] {
        ann.does(mention(name)).await.accepted();
    }
    let (first, _) = ben.is_told(noticed).await;
    ben.has_read(first.n).await;
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    let town = town.restarted();
    post.opens_in(&town);
    town.passes(Duration::from_mins(6 * 60 - 3)).await;
    assert_eq!(post.subjects(), [], "not yet");
    town.passes(3 * MINUTE).await;
    let letters = post.letters();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("ben@example.com", "What happened in your books: 2 things")
    );
    assert!(letter.text.contains("About spout") && !letter.text.contains("About whale"), "{}", letter.text);
    assert!(letter.text.contains("  https://books.example/#/book/moby-dick/c1"), "{}", letter.text);
    let town = town.restarted();
    post.opens_in(&town);
    town.passes(3 * DAY).await;
    assert_eq!(post.subjects(), [], "there is nothing more to say");
}

#[tokio::test(start_paused = true)]
async fn no_daily_letter_is_empty() {
    let (town, post, mut ann, mut ben) = with_ben().await;
    daily(&mut ben).await;
    ann.does(mention("whale")).await.accepted();
    let (entry, _) = ben.is_told(noticed).await;
    ben.has_read(entry.n).await;
    town.passes_for(DAY, [&mut ann, &mut ben]).await;
    ann.does(mention("spout")).await.accepted();
    ann.does(set_role("ben", Role::Reader)).await.accepted();
    town.passes_for(MINUTE, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), to_ben("You are now reader of \u{201c}Moby-Dick\u{201d}."));
    town.passes_for(DAY, [&mut ann, &mut ben]).await;
    assert_eq!(post.subjects(), [], "readers know no comments");
}
