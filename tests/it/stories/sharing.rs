//! Inviting, joining, changing and leaving, as those who are connected live through it.

use std::time::Duration;

use quire::store::Card;
use quire_protocol::command::{
    After, BooksList, InvitationAccept, InvitationDecline, InvitationResend, InvitationRevoke, InvitationsList,
    MemberLeave, MetadataPatch, MetadataSet,
};
use quire_protocol::event::Event;
use quire_protocol::frame::{Answer, ClosedReason, Hello, Notice};
use quire_protocol::view::{BookRow, InvitationRow};
use quire_protocol::{Action, BookId, Encoding, Role, Seq};

use crate::harness::facts::book_closed;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, invitation, moby, user};

const DAY: Duration = Duration::from_hours(24);

async fn invitations(person: &mut Person) -> Vec<InvitationRow> {
    match person.asks_hub(InvitationsList { limit: None, cursor: None }).await.accepted() {
        Answer::Invitations { invitations, cursor: None } => invitations,
        other => panic!("not a list of invitations: {other:?}"),
    }
}

async fn books(person: &mut Person, limit: Option<u32>, cursor: Option<String>) -> (Vec<BookRow>, Option<String>) {
    match person.asks_hub(BooksList { limit, cursor, trashed: false }).await.accepted() {
        Answer::Books { books, cursor } => (books, cursor),
        other => panic!("not a list of books: {other:?}"),
    }
}

fn accept(name: &str) -> InvitationAccept {
    InvitationAccept { invitation: invitation(&format!("for-{name}")) }
}

fn retitle(title: &str) -> MetadataSet {
    MetadataSet { title: Some(title.into()), metadata: MetadataPatch::default(), base_seq: None }
}

fn access(notice: &Notice) -> Option<(Option<Role>, Vec<Action>)> {
    match notice {
        Notice::AccessChanged { role, can, .. } => Some((*role, can.clone())),
        _ => None,
    }
}

// === The index ===

#[tokio::test(start_paused = true)]
async fn r17_a_list_that_could_not_be_corrected_is_corrected_later() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let titles = async |person: &mut Person| -> Vec<String> {
        books(person, None, None).await.0.into_iter().map(|row| row.title).collect()
    };
    town.line.index_fails();
    ann.does(retitle("The Whale")).await.accepted();
    assert_eq!(titles(&mut ben).await, ["Moby-Dick"]);
    ben.forgets_what_was_said();

    // Nothing that the list shows changes any more, and yet it is put right.
    town.line.index_recovers();
    ann.does(add_chapter(4)).await.accepted();
    assert_eq!(ben.hears_all().await, ["chapter.added", "books_changed"]);
    assert_eq!(titles(&mut ben).await, ["The Whale"]);

    // A write that failed may have been done: the old title is written again, too.
    town.line.index_fails();
    ann.does(retitle("Ahab")).await.accepted();
    let stored = town.store.cards_of(user("ben"), None, 1).await.unwrap().remove(0);
    town.store.put_card(Card { title: "Ahab".into(), seq: stored.seq.next(), ..stored }).await.unwrap();
    ann.does(retitle("The Whale")).await.accepted();
    assert_eq!(titles(&mut ben).await, ["Ahab"]);
    town.line.index_recovers();
    ann.does(add_chapter(5)).await.accepted();
    assert_eq!(titles(&mut ben).await, ["The Whale"]);
}

// === Invitations ===

#[tokio::test(start_paused = true)]
async fn an_invitation_appears_at_once_and_lets_its_addressee_in() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let mut ivy = town.arrives("ivy").await;
    assert_eq!(invitations(&mut ivy).await, []);
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    assert_eq!(ivy.hears_all().await, ["books_changed"]);
    let rows = invitations(&mut ivy).await;
    let row = &rows[0];
    assert_eq!(
        (&row.book, row.title.as_str(), row.role, row.by.name.as_str()),
        (&moby(), "Moby-Dick", Role::Editor, "Ann")
    );
    assert_eq!(books(&mut ivy, None, None).await, (vec![], None));

    ivy.does(accept("ivy")).await.accepted();
    assert_eq!(ivy.hears_all().await, ["books_changed"]);
    assert_eq!(invitations(&mut ivy).await, []);
    let row = BookRow { id: moby(), title: "Moby-Dick".into(), role: Some(Role::Editor), trashed_until: None };
    assert_eq!(books(&mut ivy, None, None).await, (vec![row], None));
    assert_eq!(ann.hears_all().await, ["member.invited", "member.joined"]);
    assert_eq!(ivy.sees().await.role, Some(Role::Editor));
    ivy.does(accept("ivy")).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_is_for_its_address_alone_and_only_if_that_is_verified() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    let mut sam = town.arrives("sam").await;
    assert_eq!(invitations(&mut sam).await, []);
    sam.does(accept("ivy")).await.refused("not_found");

    let hello = Hello { token: Some(town.unverified_token("ivy")), client: None, resume: None };
    let mut claims_to_be_ivy = Person::says_hello(&town, "ivy", Encoding::MessagePack, hello).await.unwrap();
    assert_eq!(invitations(&mut claims_to_be_ivy).await, []);
    claims_to_be_ivy.does(accept("ivy")).await.refused("not_found");
    let decline = InvitationDecline { invitation: invitation("for-ivy") };
    claims_to_be_ivy.does(decline).await.refused("not_found");
    claims_to_be_ivy.opens(&moby()).await.refused("not_found");

    let mut ivy = town.arrives("ivy").await;
    ivy.does(accept("ivy")).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn a_declined_or_revoked_invitation_is_gone_for_both_sides() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let (mut ivy, mut jon) = (town.arrives("ivy").await, town.arrives("jon").await);
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    ann.does(invite("jon", Role::Editor)).await.accepted();
    ivy.does(InvitationDecline { invitation: invitation("for-ivy") }).await.accepted();
    ann.does(InvitationRevoke { invitation: invitation("for-jon") }).await.accepted();
    assert_eq!(jon.hears_all().await, ["books_changed", "books_changed"]);
    for (person, name) in [(&mut ivy, "ivy"), (&mut jon, "jon")] {
        assert_eq!(invitations(person).await, []);
        person.does(accept(name)).await.refused("not_found");
    }
    assert_eq!(ann.snapshot().await.invitations.unwrap(), []);
    let kinds = ann.hears_all().await;
    assert_eq!(kinds, ["member.invited", "member.invited", "invitation.declined", "invitation.revoked"]);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_lapses_after_seven_days_and_can_be_sent_again() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    let ann = ann.drops_connection();
    town.passes((DAY * 7).checked_sub(Duration::from_mins(1)).unwrap()).await;
    let mut ivy = town.arrives("ivy").await;
    assert_eq!(invitations(&mut ivy).await.len(), 1);
    town.passes_for(Duration::from_secs(61), [&mut ivy]).await;
    assert_eq!(invitations(&mut ivy).await, []);
    ivy.does(accept("ivy")).await.refused("conflict");

    let mut ann = ann.comes_back(&town).await.unwrap();
    assert_eq!(ann.snapshot().await.invitations.unwrap(), []);
    ann.does(InvitationResend { invitation: invitation("for-ivy") }).await.accepted();
    let row = &invitations(&mut ivy).await[0];
    assert!(row.expires_at.ms_since(town.clock.now()) > 6 * 24 * 3_600_000);
    ivy.does(accept("ivy")).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn what_becomes_of_invitations_is_the_owners_business() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Author)]).await;
    ann.does(invite("ivy", Role::Editor)).await.accepted();
    ann.does(InvitationRevoke { invitation: invitation("for-ivy") }).await.accepted();
    assert_eq!(ann.hears_all().await, ["member.invited", "invitation.revoked"]);
    assert_eq!(ben.hears_all().await, ["withheld", "withheld"]);
    assert!(ben.snapshot().await.invitations.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_list_of_books_comes_in_pages() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    let ids: Vec<_> = (1..=5).map(|number| BookId::new(&format!("book-{number}")).unwrap()).collect();
    for id in &ids {
        ann.creates(id, "A book").await;
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let (rows, next) = books(&mut ann, Some(2), cursor).await;
        assert!(rows.len() <= 2);
        seen.extend(rows.into_iter().map(|row| row.id));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    ann.asks_hub(BooksList { limit: None, cursor: Some("not a cursor".into()), trashed: false })
        .await
        .refused("invalid");
}

// === Roles and removal on open connections ===

#[tokio::test(start_paused = true)]
async fn a_new_role_is_in_force_before_the_owner_hears_yes() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    assert_eq!(ben.has_heard(), ["member.role_changed", "access_changed", "books_changed"]);
    let (role, can) = ben.is_told(access).await;
    assert_eq!(role, Some(Role::Viewer));
    assert!(can.contains(&Action::Comment) && !can.contains(&Action::EditText));
    ben.does(acquire(1)).await.refused("forbidden");
    ben.does(remark(1, "whale")).await.accepted();

    ann.does(set_role("ben", Role::Reader)).await.accepted();
    ben.does(remark(1, "spout")).await.refused("forbidden");
    ann.does(set_role("ben", Role::Author)).await.accepted();
    ben.does(acquire(1)).await.granted();
}

#[tokio::test(start_paused = true)]
async fn whoever_is_removed_is_told_before_the_owner_hears_yes_and_nothing_after() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Viewer)]).await;
    let mut other_tab = town.arrives("ben").await;
    other_tab.opens(&moby()).await.accepted();
    town.passes(Duration::from_millis(100)).await;
    ann.does(remove_member("ben")).await.accepted();
    for tab in [&mut ben, &mut other_tab] {
        assert_eq!(tab.has_heard(), ["book_closed", "books_changed"]);
        assert_eq!(tab.is_told(book_closed).await, ClosedReason::Removed);
        tab.rest().await;
    }
    ann.does(remark(1, "whale")).await.accepted();
    cat.does(remark(1, "spout")).await.accepted();
    town.passes(Duration::from_millis(100)).await;
    for tab in [&mut ben, &mut other_tab] {
        tab.hears_nothing_more().await;
        tab.does(remark(1, "still-here")).await.refused("not_found");
        tab.opens(&moby()).await.refused("not_found");
        assert_eq!(books(tab, None, None).await.0, []);
    }
    assert_eq!(cat.hears_all().await, ["member.removed", "comment.added", "comment.added"]);
    assert_eq!(ann.sees().await.roster.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_removed_returns_only_by_a_new_invitation() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(remove_member("ben")).await.accepted();
    ben.does(accept("ben")).await.refused("not_found");
    let mut again = invite("ben", Role::Viewer);
    again.invitation = invitation("ben-again");
    ann.does(again).await.accepted();
    ben.does(InvitationAccept { invitation: invitation("ben-again") }).await.accepted();
    assert_eq!(ben.sees().await.role, Some(Role::Viewer));
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_is_out_and_their_words_stay() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(remark(1, "whale")).await.accepted();
    ben.does(MemberLeave {}).await.accepted();
    ben.opens(&moby()).await.refused("not_found");
    ann.does(MemberLeave {}).await.refused("forbidden");
    assert_eq!(ann.hears_all().await, ["comment.added", "member.left"]);
    assert_eq!(ann.snapshot().await.threads.unwrap().len(), 1);
}

// === What is withheld ===

#[tokio::test(start_paused = true)]
async fn a_reader_hears_that_something_happened_but_no_comment_live_or_later() {
    let town = Town::new();
    let (mut ann, [mut rex]) = town.team([("rex", Role::Reader)]).await;
    let opened = rex.sees().await;
    ann.does(remark(1, "whale")).await.accepted();
    ann.does(rename_chapter(1, "Loomings")).await.accepted();
    ann.does(reply_to("whale", "spout")).await.accepted();
    assert_eq!(rex.hears_all().await, ["withheld", "chapter.renamed", "withheld"]);

    let after = After { epoch: opened.epoch, seq: opened.seq };
    let events = rex.catches_up(after).await.events.unwrap();
    let heard: Vec<_> = events.iter().map(|frame| (frame.seq.0 - after.seq.0, frame.event.kind())).collect();
    assert_eq!(heard, [(1, "withheld"), (2, "chapter.renamed"), (3, "withheld")]);
    assert!(events.iter().filter(|frame| matches!(frame.event, Event::Withheld(_))).all(|frame| {
        let by = format!("{:?}", frame.by);
        !by.contains("ann")
    }));
    assert_ne!(opened.seq, Seq(0));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_role_cuts_what_is_heard_at_that_very_event() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(remark(1, "one")).await.accepted();
    ann.does(set_role("ben", Role::Reader)).await.accepted();
    ann.does(remark(1, "two")).await.accepted();
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    ann.does(remark(1, "three")).await.accepted();
    let heard = ben.hears_all().await;
    let events: Vec<_> = heard.into_iter().filter(|kind| *kind != "access_changed").collect();
    let changed = "member.role_changed";
    let hints = |kind: &&&str| **kind != "books_changed";
    let expected = ["comment.added", changed, "withheld", changed, "comment.added"];
    assert_eq!(events.iter().filter(hints).copied().collect::<Vec<_>>(), expected);
}
