//! People who ask to be let in, and owners who give their book away.

use quire_protocol::command::{
    AccessGrant, AccessRefuse, AccessRequest, MemberLookup, OwnershipAccept, OwnershipDecline, OwnershipOffer,
    OwnershipWithdraw,
};
use quire_protocol::frame::{Answer, Notice};
use quire_protocol::inbox::Topic;
use quire_protocol::{BookId, Command, Limits, Role, Timers};

use crate::harness::person::inbox::noticed;
use crate::harness::wishes::*;
use crate::harness::{Person, Said, Town, moby, user};

fn ask(note: &str) -> AccessRequest {
    AccessRequest { note: Some(note.into()) }
}

fn new_role(notice: &Notice) -> Option<Role> {
    match notice {
        Notice::AccessChanged { role, .. } => *role,
        _ => None,
    }
}

/// Who waits to be let in, as ann sees it.
async fn waiting(ann: &mut Person) -> Vec<String> {
    let requests = ann.snapshot().await.requests.expect("she is the owner");
    requests.into_iter().map(|request| request.person.user.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_stranger_asks_the_owner_decides_and_both_are_told() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ann.opens_inbox().await;
    ben.opens_inbox().await;
    let mut kit = town.arrives("kit").await;
    kit.opens_inbox().await;
    ben.forgets_what_was_said();
    kit.does(ask("I drew the maps.")).await.accepted();
    let (entry, _) = ann.is_told(noticed).await;
    assert_eq!((entry.told.topic, entry.told.text.as_deref()), (Topic::AccessRequested, Some("I drew the maps.")));
    assert_eq!(entry.told.by.map(|by| by.user), Some(user("kit")));
    assert_eq!(ben.hears_all().await, ["withheld"], "who asks is the owner's matter");
    kit.opens(&moby()).await.refused("not_found");
    assert_eq!(waiting(&mut ann).await, ["kit"]);
    ben.does(AccessGrant { user: user("kit"), role: Role::Viewer }).await.refused("forbidden");

    ann.does(AccessGrant { user: user("kit"), role: Role::Viewer }).await.accepted();
    let (entry, _) = kit.is_told(noticed).await;
    assert_eq!((entry.told.topic, entry.told.role), (Topic::AccessGranted, Some(Role::Viewer)));
    assert_eq!(kit.sees().await.role, Some(Role::Viewer));
    assert!(waiting(&mut ann).await.is_empty());
}

/// A reply that names a seq would tell that there is a book.
#[tokio::test(start_paused = true)]
async fn whoever_asks_cannot_tell_a_book_from_one_that_is_not_there() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let mut kit = town.arrives("kit").await;
    let never = BookId::new("never").unwrap();
    for _ in 0..2 {
        let there = kit.does(ask("Please")).await;
        let nowhere = kit.asks(&never, Command::Book(ask("Please").into())).await;
        assert_eq!((there.seq, nowhere.seq), (None, None));
        assert_eq!(there.accepted(), nowhere.accepted());
    }
    ann.does(AccessRefuse { user: user("kit") }).await.accepted();
    let refused = kit.does(ask("Please")).await;
    assert_eq!(refused.seq, None);
    refused.accepted();
    assert!(waiting(&mut ann).await.is_empty());
    assert_eq!(kit.opens_inbox().await.topics(), [], "nobody tells them that they were refused");
}

#[tokio::test(start_paused = true)]
async fn a_book_changes_hands_before_everybodys_eyes() {
    let town = Town::with(Limits::default(), Timers { ownership_offer_ms: 3_600_000, ..Timers::default() });
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Viewer)]).await;
    ben.opens_inbox().await;
    cat.opens_inbox().await;
    ann.does(OwnershipOffer { user: user("ben") }).await.accepted();
    assert_eq!(ben.is_told(noticed).await.0.told.topic, Topic::OwnershipOffered);
    cat.does(OwnershipAccept {}).await.refused("conflict");
    ben.does(OwnershipDecline {}).await.accepted();
    ben.does(OwnershipAccept {}).await.refused("conflict");
    ann.does(OwnershipOffer { user: user("ben") }).await.accepted();
    ben.does(OwnershipAccept {}).await.accepted();
    assert_eq!((ann.is_told(new_role).await, ben.is_told(new_role).await), (Role::Author, Role::Owner));
    assert_eq!(cat.is_told(noticed).await.0.told.topic, Topic::OwnershipTransferred);
    assert_eq!((ann.sees().await.role, ben.sees().await.role), (Some(Role::Author), Some(Role::Owner)));
    ann.does(OwnershipWithdraw {}).await.refused("forbidden");
    ben.does(remove_member("ann")).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn where_the_operator_does_not_say_so_no_book_changes_hands() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(OwnershipOffer { user: user("ben") }).await.refused("conflict");
}

#[tokio::test(start_paused = true)]
async fn nobody_writes_to_people_without_end() {
    let limits = Limits { invitations_per_hour: 3, requests_per_hour: 2, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, []) = town.team([]).await;
    for name in ["ivy", "joy", "kay"] {
        ann.does(invite(name, Role::Viewer)).await.accepted();
    }
    ann.does(invite("lee", Role::Viewer)).await.refused("rate_limited");
    ann.does(add_chapter(4)).await.accepted();
    let mut kit = town.arrives("kit").await;
    for _ in 0..2 {
        kit.does(ask("Please")).await.accepted();
    }
    kit.does(ask("Please")).await.refused("rate_limited");
    town.passes_for(std::time::Duration::from_mins(31), [&mut ann, &mut kit]).await;
    ann.does(invite("lee", Role::Viewer)).await.accepted();
    kit.does(ask("Please")).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn whoever_may_invite_learns_whether_an_address_is_known_and_nobody_else_and_not_without_end() {
    let limits = Limits { lookups_per_hour: 6, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, [mut ben]) = town.team([("ben", Role::Author)]).await;
    ann.sees_library().await;
    town.user(&mut ann, "una", &[]).await;
    ann.shares_library("kim", &[]).await;
    town.arrives("sam").await;
    for (email, known) in [
        ("una@example.com", true),
        (" UNA@Example.com", true),
        ("ann@example.com", true),
        ("ben@example.com", true),
        ("kim@example.com", false),
        ("sam@example.com", false),
    ] {
        assert_eq!(ann.looks_up(email).await.result, Ok(Answer::Known { known }), "{email}");
    }
    ann.looks_up("una").await.refused("invalid");
    ann.looks_up("una@example.com").await.refused("rate_limited");
    for _ in 0..10 {
        ben.looks_up("una@example.com").await.refused("forbidden");
    }
    let mut eve = town.arrives("eve").await;
    eve.looks_up("una@example.com").await.refused("not_found");
}

impl Person {
    async fn looks_up(&mut self, email: &str) -> Said {
        let lookup = MemberLookup { email: email.into() };
        self.asks(&moby(), Command::View(lookup.into())).await
    }
}
