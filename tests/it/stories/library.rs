//! The library: who belongs to it, and what they may do with its books and with each other.

use quire_protocol::command::{
    BookDelete, BookUnshelve, LibraryBooks, LibraryClose, LibraryDecline, LibraryJoin, LibraryLeave, LibraryOpen,
    LibraryShare, MemberLeave, MetadataPatch, MetadataSet, PublishPublish, UserAdd, UserRemove, UserUpdate, UsersList,
};
use quire_protocol::event::ReleaseReason;
use quire_protocol::frame::{Answer, ClosedReason, Notice};
use quire_protocol::library::{BookScope, Grant, Permission, SharedAs, UserDetails, UserFilter, UserPatch};
use quire_protocol::{Action, Encoding, LibraryCommand, Role};

use crate::harness::facts::book_closed;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

fn one(word: &str) -> std::collections::BTreeSet<String> {
    std::iter::once(word.to_owned()).collect()
}

fn about(permission: Permission, books: BookScope) -> Grant {
    Grant { permission, books: Some(books), users: None }
}

fn every_book() -> LibraryBooks {
    LibraryBooks { search: None, category: None, state: None, limit: None, cursor: None }
}

fn everybody() -> UsersList {
    UsersList { search: None, countries: vec![], roles: vec![], state: None, limit: None, cursor: None }
}

fn retitled(title: &str) -> MetadataSet {
    MetadataSet { title: Some(title.into()), metadata: MetadataPatch::default(), base_seq: None }
}

fn put_into(category: &str) -> MetadataSet {
    let categories = Some(Some(vec![category.to_owned()]));
    MetadataSet { title: None, metadata: MetadataPatch { categories, ..MetadataPatch::default() }, base_seq: None }
}

/// What a notice says of the library: access, users, books.
fn library_changed(notice: &Notice) -> Option<(bool, bool, bool)> {
    match notice {
        Notice::LibraryChanged { access, users, books, .. } => Some((*access, *users, *books)),
        _ => None,
    }
}

async fn titles(person: &mut Person) -> Vec<String> {
    match person.asks_library(every_book()).await.accepted() {
        Answer::LibraryBooks { shelf, total, .. } => {
            assert_eq!(shelf.len(), total as usize);
            shelf.into_iter().map(|row| row.title).collect()
        }
        other => panic!("no list: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_library_is_shared_with_several_people_who_join_it_and_are_told_live() {
    let town = Town::new();
    let (mut ann, mut ben) = (town.arrives("ann").await, town.arrives("ben").await);
    ben.asks_library(LibraryOpen {}).await.refused("not_found");
    assert_eq!(ann.sees_library().await.can, Permission::ALL);
    let emails = ["ben@example.com", "nonsense", "eve@example.com"].map(ToOwned::to_owned).to_vec();
    let share = LibraryShare { emails, grants: vec![Grant::all(Permission::ListUsers)] };
    let Answer::Shared { shared } = ann.asks_library(share).await.accepted() else { panic!() };
    let done: Vec<_> = shared.iter().map(|shared| shared.done).collect();
    assert_eq!(done, [Some(SharedAs::Asked), None, Some(SharedAs::Asked)]);
    assert_eq!(ann.is_told(library_changed).await, (true, true, false));
    assert_eq!(ben.is_told(library_changed).await, (true, false, false), "he is asked");
    assert_eq!(ben.sees_library().await.can, [], "what waits for him allows nothing");
    ben.asks_library(everybody()).await.refused("not_found");
    ben.asks_library(LibraryJoin {}).await.accepted();
    assert_eq!(ben.is_told(library_changed).await, (true, true, true));
    assert_eq!(ben.sees_library().await.users, 2);
    ann.is_told(library_changed).await;
    ben.asks_library(LibraryClose {}).await.accepted();
    ann.shares_library("kim", &[]).await;
    ben.hears_nothing_more().await;
    let mut eve = town.arrives("eve").await;
    eve.asks_library(LibraryDecline {}).await.accepted();
    eve.asks_library(LibraryJoin {}).await.refused("not_found");
    let town = town.restarted();
    let mut ben = town.arrives("ben").await;
    assert_eq!(ben.sees_library().await.users, 2, "ben and kim; what was said is remembered");
    ben.asks_library(LibraryLeave {}).await.accepted();
    ben.asks_library(LibraryOpen {}).await.refused("not_found");
}

/// The deeds of the table below, in its order.
const DEEDS: [&str; 15] = [
    "list books",
    "read",
    "write",
    "describe",
    "delete",
    "force a lock",
    "bring a book in",
    "list users",
    "add a user",
    "edit a user",
    "delete a user",
    "share",
    "invite",
    "leave the book",
    "publish",
];

/// The seed's fifteen rows: what somebody may do who has nothing but this permission, unlimited.
#[rustfmt::skip]
const TABLE: [(Permission, [bool; 15]); 15] = {
    const X: bool = true;
    const O: bool = false;
    [
        //                            books read write descr delete force upload | users add edit delete | share invite leave publish
        (Permission::Upload,        [O,    O,   O,    O,    O,     O,    X,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::List,          [X,    O,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Download,      [X,    X,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Edit,          [X,    X,   X,    X,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Delete,        [X,    O,   O,    O,    X,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Publish,       [X,    O,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     X]),
        (Permission::ListUsers,     [O,    O,   O,    O,    O,     O,    O,       X,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::AddUsers,      [O,    O,   O,    O,    O,     O,    O,       O,    X,  O,   O,       O,    O,     O,     O]),
        (Permission::EditUsers,     [O,    O,   O,    O,    O,     O,    O,       O,    O,  X,   O,       O,    O,     O,     O]),
        (Permission::DeleteUsers,   [O,    O,   O,    O,    O,     O,    O,       O,    O,  O,   X,       O,    O,     O,     O]),
        (Permission::ManageUsers,   [O,    O,   O,    O,    O,     O,    O,       X,    X,  X,   X,       O,    O,     O,     O]),
        (Permission::Notifications, [O,    O,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Settings,      [X,    X,   X,    X,    X,     X,    X,       X,    X,  X,   X,       X,    O,     O,     X]),
        (Permission::Reports,       [O,    O,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
        (Permission::Analytics,     [O,    O,   O,    O,    O,     O,    O,       O,    O,  O,   O,       O,    O,     O,     O]),
    ]
};

/// Tries a deed; says whether it was allowed.
async fn tries(ben: &mut Person, deed: &str) -> bool {
    let said = match deed {
        "list books" => return !titles(ben).await.is_empty(),
        "read" => {
            let said = ben.opens(&moby()).await;
            if said.result.is_ok() {
                ben.closes(&moby()).await;
            }
            return said.result.is_ok();
        }
        "write" => {
            if ben.opens(&moby()).await.result.is_err() {
                return false;
            }
            let held = ben.does(acquire(1)).await.result.is_ok();
            ben.closes(&moby()).await;
            return held;
        }
        "describe" => ben.does(put_into("Sea")).await,
        "force a lock" => ben.does(force_release(2, "because")).await,
        "bring a book in" => {
            let own = quire_protocol::BookId::new("bens-own").unwrap();
            ben.asks(&own, quire_protocol::Command::Book(quire_protocol::command::BookShelve {}.into())).await
        }
        "list users" => ben.asks_library(everybody()).await,
        "add a user" => {
            let user = UserAdd { email: "new@example.com".into(), details: UserDetails::default() };
            ben.asks_library(user).await
        }
        "edit a user" => {
            let patch = UserPatch { organisation: Some(Some("Harper".into())), ..UserPatch::default() };
            ben.asks_library(UserUpdate { email: "kim@example.com".into(), patch, active: None }).await
        }
        "delete a user" => ben.asks_library(UserRemove { email: "kim@example.com".into() }).await,
        "share" => ben.asks_library(LibraryShare { emails: vec!["kim@example.com".into()], grants: vec![] }).await,
        "invite" => ben.does(invite("zoe", Role::Viewer)).await,
        "leave the book" => ben.does(MemberLeave {}).await,
        "publish" => ben.does(PublishPublish { point: None, note: None }).await,
        "delete" => ben.does(BookDelete { forever: false }).await,
        other => panic!("no deed {other}"),
    };
    match said.result {
        Ok(_) => true,
        Err(rejection) => {
            assert!(matches!(rejection.code(), "forbidden" | "not_found"), "{deed}: {rejection:?}");
            false
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_the_fifteen_permissions_allows_what_the_table_says_and_nothing_else() {
    for (permission, cells) in TABLE {
        let town = Town::new();
        let (mut ann, []) = town.team([]).await;
        ann.shelves_moby().await;
        ann.shares_library("kim", &[]).await;
        let mut ben = town.user(&mut ann, "ben", &[Grant::all(permission)]).await;
        ben.creates(&quire_protocol::BookId::new("bens-own").unwrap(), "Ben's own").await;
        ann.does(acquire(2)).await.granted();
        // What ends the book, or leaves nobody to try it with, comes last.
        let (last, first): (Vec<_>, Vec<_>) =
            DEEDS.into_iter().zip(cells).partition(|(deed, _)| deed.starts_with("delete"));
        for (deed, allowed) in first.into_iter().chain(last.into_iter().rev()) {
            assert_eq!(tries(&mut ben, deed).await, allowed, "to {deed} with {permission:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn b8_what_is_taken_bites_on_an_open_socket_before_that_is_answered() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.shelves_moby().await;
    let mut ben = town.user(&mut ann, "ben", &[Grant::all(Permission::Edit)]).await;
    let opened = ben.sees().await;
    assert_eq!(opened.role, None);
    assert!(opened.can.contains(&Action::EditText) && !opened.can.contains(&Action::ManageMembers));
    ben.does(acquire(1)).await.granted();
    ann.shares_library("ben", &[Grant::all(Permission::Download)]).await;
    let told = ben.has_heard();
    assert!(told.contains(&"access_changed") && told.contains(&"lock.released"), "{told:?}");
    let lost = |notice: &Notice| match notice {
        Notice::LockLost { reason, .. } => Some(*reason),
        _ => None,
    };
    assert_eq!(ben.is_told(lost).await, ReleaseReason::PermissionChanged);
    ann.does(acquire(1)).await.granted();
    ben.does(acquire(2)).await.refused("forbidden");
    ann.shares_library("ben", &[Grant::all(Permission::List)]).await;
    assert!(ben.has_heard().contains(&"book_closed"));
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    ben.rest().await;
    ann.does(rename_chapter(1, "Loomings")).await.accepted();
    ben.hears_nothing_more().await;
    ben.opens(&moby()).await.refused("not_found");
}

#[tokio::test(start_paused = true)]
async fn b4_nobody_moves_a_book_out_of_their_reach_and_who_loses_it_by_another_hand_is_shown_out() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.shelves_moby().await;
    ann.does(put_into("Sea")).await.accepted();
    let mut ben = town.user(&mut ann, "ben", &[about(Permission::Edit, BookScope::Categories(one("sea")))]).await;
    let mut eve = town.user(&mut ann, "eve", &[about(Permission::Edit, BookScope::Titles(one("moby-dick")))]).await;
    assert_eq!(titles(&mut ben).await, ["Moby-Dick"]);
    ben.sees().await;
    eve.sees().await;
    ben.does(put_into("Woods")).await.refused("forbidden");
    eve.does(retitled("Walden")).await.refused("forbidden");
    // Each may change what does not limit them.
    eve.does(put_into("Whales")).await.accepted();
    assert_eq!(ben.is_told(book_closed).await, ClosedReason::Removed);
    assert_eq!(titles(&mut ben).await, Vec::<String>::new());
    ann.does(retitled("The Whale")).await.accepted();
    assert_eq!(eve.is_told(book_closed).await, ClosedReason::Removed);
    assert_eq!(titles(&mut ann).await, ["The Whale"]);
}

#[tokio::test(start_paused = true)]
async fn b3_a_book_outside_the_library_knows_no_permissions() {
    let town = Town::new();
    let (mut ann, [mut eli]) = town.team([("eli", Role::Editor)]).await;
    ann.sees_library().await;
    let mut sue = town.user(&mut ann, "sue", &[Grant::all(Permission::Settings)]).await;
    sue.opens(&moby()).await.refused("not_found");
    sue.does(BookDelete { forever: false }).await.refused("not_found");
    assert_eq!(titles(&mut sue).await, Vec::<String>::new());
    ann.shelves_moby().await;
    sue.sees().await;
    eli.does(BookUnshelve {}).await.refused("forbidden");
    ann.does(BookUnshelve {}).await.accepted();
    assert_eq!(sue.is_told(book_closed).await, ClosedReason::Removed);
    assert_eq!(titles(&mut sue).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_member_may_what_the_role_or_the_library_allows() {
    let town = Town::new();
    let (mut ann, [mut vic]) = town.team([("vic", Role::Viewer)]).await;
    ann.shelves_moby().await;
    vic.does(acquire(1)).await.refused("forbidden");
    ann.shares_library("vic", &[Grant::all(Permission::Edit)]).await;
    vic.asks_library(LibraryJoin {}).await.accepted();
    vic.does(acquire(1)).await.granted();
    ann.does(set_role("vic", Role::Reader)).await.accepted();
    assert!(ann.sees_lock(1).await.is_some(), "the library still allows it");
    ann.shares_library("vic", &[]).await;
    assert!(ann.sees_lock(1).await.is_none());
    assert_eq!(vic.sees().await.role, Some(Role::Reader));
}

#[tokio::test(start_paused = true)]
async fn b6_the_inactive_are_sent_away_and_let_in_again_once_they_are_active() {
    let town = Town::new();
    let mut ann = town.arrives("ann").await;
    ann.sees_library().await;
    let mut ben = town.user(&mut ann, "ben", &[]).await;
    let rest =
        |active| UserUpdate { email: "ben@example.com".into(), patch: UserPatch::default(), active: Some(active) };
    ann.asks_library(rest(false)).await.accepted();
    ben.is_sent_away_over(4003, "disabled").await;
    let hello = quire_protocol::frame::Hello { token: Some(town.token("ben")), client: None, resume: None };
    let refused = Person::says_hello(&town, "ben", Encoding::Json, hello).await;
    assert_eq!(refused.err(), Some(crate::harness::TabEnd(Some(4003))));
    ann.asks_library(rest(true)).await.accepted();
    town.arrives("ben").await;
}

#[tokio::test(start_paused = true)]
async fn b7_who_may_not_list_it_hears_nothing_of_it() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    let kenya = UserFilter { countries: Some(one("KE")), roles: None };
    let grants = [
        about(Permission::List, BookScope::Titles(one("Walden"))),
        Grant { permission: Permission::ListUsers, books: None, users: Some(kenya) },
    ];
    let mut ben = town.user(&mut ann, "ben", &grants).await;
    ben.sees_library().await;
    ben.rest().await;
    ann.shelves_moby().await;
    ann.does(put_into("Sea")).await.accepted();
    ann.shares_library("eve", &[Grant::all(Permission::List)]).await;
    ben.hears_nothing_more().await;
    ann.does(retitled("Walden")).await.accepted();
    assert_eq!(ben.is_told(library_changed).await, (true, false, true));
    let details = UserDetails { country: Some("KE".into()), ..UserDetails::default() };
    ann.asks_library(UserAdd { email: "una@example.com".into(), details }).await.accepted();
    assert_eq!(ben.is_told(library_changed).await, (true, true, false));
    let unknown: [LibraryCommand; 2] = [
        UserRemove { email: "eve@example.com".into() }.into(),
        UserRemove { email: "nobody@example.com".into() }.into(),
    ];
    let mut answers = Vec::new();
    for command in unknown {
        answers.push(ben.asks_library(command).await.result);
    }
    assert_eq!(answers[0], answers[1]);
}
