use quire_protocol::Action;
use quire_protocol::library::{BookScope, Grant, Permission};
use serde_json::json;

use crate::book::Act;
use crate::book::given::*;

fn in_library() -> Scene {
    let mut scene = Scene::new();
    scene.library_allows(&[("ann", Grant::all(Permission::Upload))]);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).then([json!({"t": "book.shelved"})]).done();
    scene
}

fn by_title(permission: Permission, title: &str) -> Grant {
    let titles = std::iter::once(title.to_owned()).collect();
    Grant { permission, books: Some(BookScope::Titles(titles)), users: None }
}

#[test]
fn only_who_may_upload_brings_a_book_in_and_only_the_owner_does() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).refused(json!("forbidden"));
    scene.library_allows(&[("ann", Grant::all(Permission::Upload)), ("bob", Grant::all(Permission::Upload))]);
    scene.when(&tab("bob"), json!({"t": "book.shelve"})).refused(json!("forbidden"));
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).changes_nothing().done();
    assert_eq!(scene.book.shelved().unwrap().title, "Moby Dick");
}

#[test]
fn the_library_allows_nothing_in_a_book_that_is_not_in_it() {
    let mut scene = Scene::new();
    scene.library_allows(&[("yan", Grant::all(Permission::Settings))]);
    assert!(!scene.may("yan", Action::View) && !scene.book.is_known_to(&user("yan")));
    scene.when(&tab("yan"), json!({"t": "book.delete"})).refused(json!({"code": "not_found", "what": "book"}));
}

#[test]
fn who_may_list_knows_of_the_book_and_who_may_delete_need_not_see_into_it() {
    let mut scene = in_library();
    scene.library_allows(&[("yan", Grant::all(Permission::List)), ("zoe", Grant::all(Permission::Delete))]);
    assert!(!scene.may("yan", Action::View));
    scene.when(&tab("yan"), add("c9")).refused(json!("forbidden"));
    scene.when(&tab("zoe"), json!({"t": "book.delete"})).done();
}

#[test]
fn a_change_of_the_title_stays_within_reach_of_who_edits_by_a_permission_alone() {
    let mut scene = in_library();
    scene
        .library_allows(&[("yan", by_title(Permission::Edit, "moby dick")), ("bob", by_title(Permission::Edit, "no"))]);
    let retitled = json!({"t": "metadata.set", "title": "Emma"});
    scene.when(&tab("yan"), retitled.clone()).refused(json!("forbidden"));
    scene.when(&tab("yan"), json!({"t": "metadata.set", "title": "MOBY  DICK"})).done();
    // An author's role reaches any title.
    scene.when(&tab("bob"), retitled).done();
    assert!(!scene.may("yan", Action::View), "it is another book for the library now");
}

#[test]
fn what_is_held_by_permissions_alone_ends_when_the_book_leaves_the_library() {
    let mut scene = in_library();
    scene.library_allows(&[
        ("ann", Grant::all(Permission::Upload)),
        ("yan", Grant::all(Permission::Edit)),
        ("zoe", Grant::all(Permission::Edit)),
    ]);
    let (yan, zoe, bob) = (tab("yan"), tab("zoe"), tab("bob"));
    scene.when(&yan, acquire("c1")).done();
    scene.when(&zoe, wait("c1")).done();
    scene.when(&bob, wait("c1")).done();
    scene.when(&tab("ann"), json!({"t": "book.unshelve"})).done();
    assert_eq!(scene.holder("c1").as_deref(), Some("bob-1"), "whose role allows it");
    assert_eq!(scene.book.waiting().count(), 0);
}

#[test]
fn rights_that_ended_end_what_was_held_and_nobody_elses() {
    let mut scene = in_library();
    scene.library_allows(&[("yan", Grant::all(Permission::Edit))]);
    scene.when(&tab("yan"), acquire("c1")).done();
    scene.when(&tab("bob"), acquire("c2")).done();
    let ended = |name: &str| Act::RightsEnded { user: user(name) };
    scene.noticed(&ended("yan")).changes_nothing().done();
    scene.library_allows(&[]);
    scene.noticed(&ended("yan")).then([released("c1", &tab("yan"), "permission_changed")]).done();
    scene.noticed(&ended("bob")).changes_nothing().done();
    assert_eq!(scene.holder("c2").as_deref(), Some("bob-1"));
}

#[test]
fn who_edits_by_a_permission_alone_removes_chapters_under_their_id() {
    let mut scene = in_library();
    scene.library_allows(&[("yan", Grant::all(Permission::Edit))]);
    scene.when(&tab("yan"), json!({"t": "chapter.remove", "chapter": "c1"})).done();
    let by = scene.seen_by("ann").removed[0].by.clone();
    assert_eq!((by.user, by.name.as_str()), (user("yan"), "yan"));
}
