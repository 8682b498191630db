//! The inbox: what concerns somebody is told them, once, wherever they are, and nothing that they may not know.

use std::time::Duration;

use quire_protocol::command::{
    CommentEdit, InboxChoose, InboxClose, InboxList, InboxOpen, InboxRead, InvitationRevoke, LibraryAllow, MemberInvite,
};
use quire_protocol::frame::Notice;
use quire_protocol::inbox::{ByMail, Topic, TopicChoice, TopicSwitch};
use quire_protocol::library::{Grant, Permission};
use quire_protocol::{Encoding, Limits, Role, Seq, Timers};

use crate::harness::person::inbox::{noticed, read};
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, comment, invitation, moby, thread, user};

/// Ann's town with Moby-Dick; ben edits it, and hears of his inbox.
async fn with_ben() -> (Town, Person, Person) {
    let town = Town::new();
    let (ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let page = ben.opens_inbox().await;
    if let Some(newest) = page.entries.first() {
        ben.has_read(newest.n).await;
    }
    ben.forgets_what_was_said();
    (town, ann, ben)
}

#[tokio::test(start_paused = true)]
async fn who_is_mentioned_is_told_at_once_and_in_all_tabs_and_reads_it_in_all_of_them() {
    let (town, mut ann, mut ben) = with_ben().await;
    let mut other = Person::arrives(&town, "ben", Encoding::Json).await;
    other.opens_inbox().await;
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben"), user("ann")];
    ann.does(remark).await.accepted();
    let (entry, unread) = ben.is_told(noticed).await;
    assert_eq!((entry.told.topic, unread, entry.read), (Topic::Mentioned, 1, false));
    assert_eq!((entry.told.book, entry.told.title.as_str()), (moby(), "Moby-Dick"));
    assert_eq!((entry.told.thread, entry.told.chapter), (Some(thread("whale")), Some(chapter(1))));
    assert_eq!(entry.told.text.as_deref(), Some("About whale"));
    assert_eq!(entry.told.by.map(|by| by.user), Some(user("ann")));
    assert_eq!(other.is_told(noticed).await.0.n, entry.n);
    other.has_read(entry.n).await;
    assert_eq!((other.is_told(read).await, ben.is_told(read).await), (0, 0));
    other.asks_hub(InboxRead { up_to: Some(entry.n), entries: vec![] }).await.accepted();
    assert!(!other.has_heard().contains(&"inbox_changed"), "it was read already");
    assert_eq!(ann.opens_inbox().await.topics(), [], "nobody is told what they did themselves");
    ben.asks_hub(InboxClose {}).await.accepted();
    ann.does(CommentEdit {
        thread: thread("whale"),
        comment: comment("whale"),
        body: "Again".into(),
        mentions: vec![user("ben")],
    })
    .await
    .accepted();
    town.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert_eq!(ben.looks_into_inbox().await.unread, 0, "he is mentioned as before");
}

#[tokio::test(start_paused = true)]
async fn everybody_who_wrote_in_a_thread_is_told_of_an_answer() {
    let (town, mut ann, mut ben) = with_ben().await;
    ben.does(remark(1, "whale")).await.accepted();
    ann.opens_inbox().await;
    ann.does(reply_to("whale", "spout")).await.accepted();
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::Replied);
    ben.does(reply_to("whale", "fluke")).await.accepted();
    let (entry, _) = ann.is_told(noticed).await;
    assert_eq!((entry.told.topic, entry.told.chapter_title.as_deref()), (Topic::Replied, Some("Chapter 1")));
    let mut both = reply_to("whale", "fin");
    both.mentions = vec![user("ann")];
    ben.does(both).await.accepted();
    assert_eq!(ann.is_told(noticed).await.0.told.topic, Topic::Mentioned);
    town.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert!(!ann.has_heard().contains(&"noticed"), "one comment is told once");
}

#[tokio::test(start_paused = true)]
async fn whoever_holds_a_chapter_is_asked_for_it_and_whoever_gets_or_loses_it_is_told() {
    let (_town, mut ann, mut ben) = with_ben().await;
    ann.opens_inbox().await;
    let token = ben.does(acquire(1)).await.granted();
    ann.does(ask_for(1, "one typo")).await.queued();
    let (asked, _) = ben.is_told(noticed).await;
    assert_eq!((asked.told.topic, asked.told.text.as_deref()), (Topic::LockAsked, Some("one typo")));
    ben.does(hand_over(1, token, ann.session())).await.accepted();
    let (got, _) = ann.is_told(noticed).await;
    assert_eq!((got.told.topic, got.told.by.map(|by| by.user)), (Topic::LockReceived, Some(user("ben"))));
    ben.does(acquire(2)).await.granted();
    ann.does(force_release(2, "printing")).await.accepted();
    let (taken, _) = ben.is_told(noticed).await;
    assert_eq!((taken.told.topic, taken.told.text.as_deref()), (Topic::LockTaken, Some("printing")));
    assert_eq!(ann.looks_into_inbox().await.topics(), [Topic::LockReceived]);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_fell_idle_is_told_to_whoever_held_it() {
    let timers = Timers { lock_idle_ms: 60_000, lock_idle_notice_ms: 10_000, ..Timers::default() };
    let town = Town::with(Limits::default(), timers);
    let (mut ann, []) = town.team([]).await;
    ann.opens_inbox().await;
    ann.does(acquire(1)).await.granted();
    town.passes_for(Duration::from_secs(61), [&mut ann]).await;
    let (idle, _) = ann.is_told(noticed).await;
    assert_eq!((idle.told.topic, idle.told.by, idle.told.chapter), (Topic::LockIdle, None, Some(chapter(1))));
}

#[tokio::test(start_paused = true)]
async fn membership_is_told_to_whom_it_concerns() {
    let (_town, mut ann, mut ben) = with_ben().await;
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    let (changed, _) = ben.is_told(noticed).await;
    assert_eq!((changed.told.topic, changed.told.role), (Topic::RoleChanged, Some(Role::Viewer)));
    ann.does(remove_member("ben")).await.accepted();
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::Removed);
    ann.does(MemberInvite { invitation: invitation("again"), ..invite("ben", Role::Author) }).await.accepted();
    let (invited, _) = ben.is_told(noticed).await;
    assert_eq!((invited.told.topic, invited.told.invitation), (Topic::Invited, Some(invitation("again"))));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_to_an_address_waits_until_somebody_proves_it() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(invite("eve", Role::Viewer)).await.accepted();
    ann.does(MemberInvite { invitation: invitation("gone"), ..invite("kim", Role::Viewer) }).await.accepted();
    ann.does(InvitationRevoke { invitation: invitation("gone") }).await.accepted();
    town.settles().await;
    let mut eve = town.arrives("eve").await;
    let page = eve.opens_inbox().await;
    assert_eq!((page.topics(), page.unread), (vec![Topic::Invited], 1));
    let entry = &page.entries[0].told;
    assert_eq!((entry.role, entry.by.as_ref().map(|by| &by.user)), (Some(Role::Viewer), Some(&user("ann"))));
    assert_eq!(eve.opens_inbox().await.entries.len(), 1, "it is told once");
    let mut kim = town.arrives("kim").await;
    assert_eq!(kim.opens_inbox().await.topics(), [], "it was taken back");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_what_they_may_not_know_when_it_is_delivered() {
    let (town, mut ann, mut ben) = with_ben().await;
    town.line.inboxes_fail();
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben")];
    ann.does(remark).await.accepted();
    ann.does(set_role("ben", Role::Reader)).await.accepted();
    town.line.inboxes_recover();
    town.passes_for(Duration::from_secs(5), [&mut ann, &mut ben]).await;
    let (told, _) = ben.is_told(noticed).await;
    assert_eq!(told.told.topic, Topic::RoleChanged, "readers know no comments");
    assert!(!ben.has_heard().contains(&"noticed"));
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_hub_left_untold_is_told_though_nobody_opens_the_book() {
    let (town, mut ann, _ben) = with_ben().await;
    town.line.inboxes_fail();
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben")];
    ann.does(remark).await.accepted();
    let town = town.restarted();
    town.passes(Duration::from_secs(5)).await;
    let mut ben = town.arrives("ben").await;
    let page = ben.opens_inbox().await;
    let mentioned = page.topics().into_iter().filter(|topic| *topic == Topic::Mentioned).count();
    assert_eq!(mentioned, 1);
    let town = town.restarted();
    town.passes(Duration::from_secs(5)).await;
    let mut ben = town.arrives("ben").await;
    assert_eq!(ben.opens_inbox().await.entries, page.entries, "and not again");
}

#[tokio::test(start_paused = true)]
async fn those_whom_the_library_tells_of_its_books_are_told_of_those_that_they_may_list() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    let both = [Grant::all(Permission::Notifications), Grant::all(Permission::List)];
    let mut una = town.user(&mut ann, "una", &both).await;
    let mut kim = town.user(&mut ann, "kim", &both[..1]).await;
    let mut lee = town.user(&mut ann, "lee", &both[1..]).await;
    una.opens_inbox().await;
    ann.shelves_moby().await;
    let (entry, _) = una.is_told(noticed).await;
    assert_eq!((entry.told.topic, entry.told.title.as_str()), (Topic::BookShelved, "Moby-Dick"));
    for person in [&mut kim, &mut lee, &mut ann] {
        assert_eq!(person.opens_inbox().await.topics(), [], "{}", person.name());
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_is_paged_and_the_oldest_entries_go() {
    let limits = Limits { inbox_entries: 5, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    for number in 0..7 {
        let mut remark = remark(1, &format!("whale{number}"));
        remark.mentions = vec![user("ben")];
        ann.does(remark).await.accepted();
        town.settles().await;
    }
    let list = |before, limit| InboxList { before, limit: Some(limit) };
    let page = ben.asks_hub(list(None, 3)).await.inbox();
    assert_eq!((page.entries.len(), page.unread, page.before), (3, 5, Some(page.entries[2].n)));
    let rest = ben.asks_hub(list(page.before, 3)).await.inbox();
    assert_eq!((rest.entries.len(), rest.before), (2, None));
    let one = rest.entries[0].n;
    ben.asks_hub(InboxRead { up_to: None, entries: vec![one, Seq(9_999)] }).await.accepted();
    let page = ben.asks_hub(InboxOpen {}).await.inbox();
    let read: Vec<Seq> = page.entries.iter().filter(|entry| entry.read).map(|entry| entry.n).collect();
    assert_eq!((read, page.unread), (vec![one], 4));
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_hear_nothing_of_a_topic_does_not_and_the_library_silences_one_for_everybody() {
    let (town, mut ann, mut ben) = with_ben().await;
    ben.asks_hub(InboxChoose { choices: vec![choice(Topic::LockTaken, false)] }).await.accepted();
    assert_eq!(ben.is_told(read).await, 0, "his other tabs look again");
    ben.does(acquire(1)).await.granted();
    ann.does(force_release(1, "mine")).await.accepted();
    town.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert!(!ben.has_heard().contains(&"noticed"));

    ben.asks_library(LibraryAllow { switches: vec![switch(Topic::Mentioned, false)] }).await.refused("not_found");
    ann.sees_library().await;
    ann.asks_library(LibraryAllow { switches: vec![switch(Topic::Mentioned, false)] }).await.accepted();
    let mut remark = remark(1, "whale");
    remark.mentions = vec![user("ben")];
    ann.does(remark).await.accepted();
    town.passes_for(Duration::from_secs(1), [&mut ann, &mut ben]).await;
    assert!(!ben.has_heard().contains(&"noticed"));
    ann.asks_library(LibraryAllow { switches: vec![switch(Topic::Mentioned, true)] }).await.accepted();
    ben.asks_hub(InboxChoose { choices: vec![choice(Topic::LockTaken, true)] }).await.accepted();
    let mut reply = reply_to("whale", "spout");
    reply.mentions = vec![user("ben")];
    ann.does(reply).await.accepted();
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::Mentioned);
    assert_eq!(ben.looks_into_inbox().await.unread, 1, "what was not told then is not told now");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_the_library_open_hears_which_notices_it_allows_and_nobody_else() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    let mut una = town.user(&mut ann, "una", &[]).await;
    una.sees_library().await;
    let mut eve = town.arrives("eve").await;
    eve.opens_inbox().await;
    una.rest().await;
    eve.rest().await;
    let off = LibraryAllow { switches: vec![switch(Topic::Mentioned, true), switch(Topic::Mentioned, false)] };
    ann.asks_library(off.clone()).await.accepted();
    assert_eq!(una.is_told(notices_changed).await, (false, true));
    ann.asks_library(off).await.accepted();
    assert!(!una.has_heard().contains(&"library_changed"), "it was so already");
    assert!(!eve.has_heard().contains(&"library_changed"));
    una.asks_library(LibraryAllow { switches: vec![] }).await.refused("forbidden");
    eve.asks_library(LibraryAllow { switches: vec![] }).await.refused("not_found");
}

fn choice(topic: Topic, inbox: bool) -> TopicChoice {
    TopicChoice { topic, inbox, mail: ByMail::Off }
}

fn switch(topic: Topic, inbox: bool) -> TopicSwitch {
    TopicSwitch { topic, inbox, mail: true }
}

/// What else would be answered otherwise, and whether the switches would.
fn notices_changed(notice: &Notice) -> Option<(bool, bool)> {
    match notice {
        Notice::LibraryChanged { access, users, books, notices, .. } => Some((*access || *users || *books, *notices)),
        _ => None,
    }
}
