use quire_protocol::inbox::Topic;
use quire_protocol::library::{Grant, Permission};
use serde_json::json;

use super::{Notice, To};
use crate::book::given::*;
use crate::book::{Act, Book};

/// Whom everything that happened concerns.
fn all(scene: &Scene) -> Vec<Notice> {
    let mut book = Book::new(scene.book.id().clone());
    let tells = |committed| {
        let notices = book.notices(committed);
        book.apply(committed);
        notices
    };
    scene.log.iter().flat_map(tells).collect()
}

/// The topic of the last of it, and whom it concerns by the book as it is now.
fn last(scene: &Scene) -> (Topic, Vec<String>) {
    let notice = all(scene).pop().expect("somebody is told");
    let people = scene.book.audience(&notice, 100);
    (notice.told.topic, people.iter().map(ToString::to_string).collect())
}

fn to(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn mentioned_people_are_told_but_not_who_wrote_it() {
    let mut scene = Scene::new();
    let mut began = comment("t1", "k1", "@bob @vic");
    began["mentions"] = json!(["bob", "vic"]);
    scene.when(&tab("bob"), began).done();
    assert_eq!(last(&scene), (Topic::Mentioned, to(&["vic"])));
    let before = all(&scene).len();
    let edit = json!({"t": "comment.edit", "thread": "t1", "comment": "k1", "body": "x", "mentions": ["vic", "eve"]});
    scene.when(&tab("bob"), edit).done();
    assert_eq!((last(&scene), all(&scene).len()), ((Topic::Mentioned, to(&["eve"])), before + 1));
}

#[test]
fn whoever_wrote_in_a_thread_is_told_of_answers_unless_their_comment_is_gone() {
    let mut scene = Scene::new();
    scene.when(&tab("vic"), comment("t1", "k1", "One")).done();
    scene.when(&tab("eve"), reply("t1", "k2", "Two")).done();
    assert_eq!(last(&scene), (Topic::Replied, to(&["vic"])));
    scene.when(&tab("vic"), json!({"t": "comment.delete", "thread": "t1", "comment": "k1"})).done();
    scene.when(&tab("bob"), reply("t1", "k3", "Three")).done();
    assert_eq!(last(&scene), (Topic::Replied, to(&["eve"])));
    scene.when(&tab("ann"), json!({"t": "member.set_role", "user": "eve", "role": "reader"})).done();
    scene.when(&tab("bob"), reply("t1", "k4", "Four")).done();
    assert_eq!(last(&scene).1, to(&[]), "a reader knows no comments");
}

#[test]
fn locks_are_told_to_those_who_did_not_move_them() {
    let mut scene = Scene::new();
    scene.when(&tab("bob"), acquire("c1")).done();
    let before = all(&scene).len();
    let token = scene.token("c1");
    scene.when(&tab("bob"), json!({"t": "lock.release", "chapter": "c1", "token": token})).done();
    assert_eq!(all(&scene).len(), before, "nobody asked, nobody lost");
    scene.when(&tab("bob"), acquire("c1")).done();
    scene.when(&tab("eve"), json!({"t": "lock.acquire", "chapter": "c1", "wait": true})).done();
    assert_eq!(last(&scene), (Topic::LockAsked, to(&["bob"])));
    let (chapter_id, token) = (chapter("c1"), scene.token("c1"));
    scene.noticed(&Act::LockIdle { chapter: chapter_id, token }).done();
    let told: Vec<_> = all(&scene).into_iter().skip(before + 1).map(|notice| (notice.told.topic, notice.to)).collect();
    let person = |name| To::People(std::iter::once(user(name)).collect());
    assert_eq!(told, [(Topic::LockIdle, person("bob")), (Topic::LockReceived, person("eve"))]);
    scene.when(&tab("ann"), json!({"t": "lock.force_release", "chapter": "c1", "reason": "now", "take": true})).done();
    assert_eq!(last(&scene), (Topic::LockTaken, to(&["eve"])), "ann knows that she took it");
}

#[test]
fn the_same_is_told_under_the_same_name() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "bob"})).done();
    let (once, again) = (all(&scene), all(&scene));
    assert_eq!(once, again);
    let mut ids: Vec<_> = once.iter().map(|notice| &notice.told.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), once.len());
    assert_eq!(last(&scene), (Topic::Removed, to(&["bob"])));
}

#[test]
fn a_book_that_comes_into_the_library_is_told_to_those_who_may_list_it_and_are_told() {
    let mut scene = Scene::new();
    let (told, lists) = (Grant::all(Permission::Notifications), Grant::all(Permission::List));
    let allowed = [
        ("una", told.clone()),
        ("una", lists.clone()),
        ("kim", told.clone()),
        ("lee", lists),
        ("ann", Grant::all(Permission::Settings)),
    ];
    scene.library_allows(&allowed);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    assert_eq!(last(&scene), (Topic::BookShelved, to(&["una"])));
    scene.library_allows(&[("una", told)]);
    assert_eq!(last(&scene).1, to(&[]), "it is asked when it is delivered");
}

#[test]
fn what_is_told_of_a_comment_is_its_beginning() {
    let mut scene = Scene::new();
    let mut began = comment("t1", "k1", &"é".repeat(500));
    began["mentions"] = json!(["bob"]);
    scene.when(&tab("ann"), began).done();
    let text = all(&scene).pop().unwrap().told.text.unwrap();
    assert_eq!((text.chars().count(), text.chars().last()), (201, Some('…')));
}

#[test]
fn whose_task_a_chapter_becomes_is_told_and_nobody_when_it_is_nobodys() {
    let mut scene = Scene::new();
    let assign = |user: Option<&str>| json!({"t": "chapter.assign", "chapter": "c1", "user": user});
    scene.when(&tab("ann"), assign(Some("bob"))).done();
    assert_eq!(last(&scene), (Topic::Assigned, to(&["bob"])));
    let before = all(&scene).len();
    scene.when(&tab("ann"), assign(None)).done();
    assert_eq!(all(&scene).len(), before);
    scene.when(&tab("bob"), assign(Some("bob"))).done();
    assert_eq!(last(&scene).1, to(&[]), "he knows");
}

#[test]
fn each_step_of_a_book_to_its_readers_is_told_to_those_whom_it_waits_for() {
    let mut scene = Scene::new();
    let publish = Grant::all(Permission::Publish);
    let allowed = [("ann", Grant::all(Permission::Upload)), ("mia", publish.clone()), ("max", publish)];
    scene.library_allows(&allowed);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    let point = scene.book.seq().next().0;
    scene.when(&tab("ann"), json!({"t": "publish.start", "note": "For autumn."})).done();
    assert_eq!(last(&scene), (Topic::Submitted, to(&["max", "mia"])));
    assert_eq!(all(&scene).pop().unwrap().told.text.as_deref(), Some("For autumn."));
    let of_point = |kind: &str| json!({"t": format!("publish.{kind}"), "point": point, "note": "It drags."});
    scene.when(&tab("mia"), of_point("approve")).done();
    assert_eq!(last(&scene), (Topic::Approved, to(&["ann"])));
    scene.when(&tab("mia"), of_point("publish")).done();
    assert_eq!(last(&scene), (Topic::Published, to(&["ann", "bob", "eve", "rae", "vic"])));
    assert_eq!(all(&scene).pop().unwrap().told.by.unwrap().name, "mia", "who is no member of the book");
    scene.when(&tab("mia"), json!({"t": "publish.unpublish"})).done();
    assert_eq!(last(&scene).0, Topic::Unpublished);
    let point = scene.book.seq().next().0;
    scene.when(&tab("ann"), json!({"t": "publish.start"})).done();
    let asked = json!({"t": "publish.request_changes", "point": point, "note": "It drags."});
    scene.when(&tab("max"), asked).done();
    assert_eq!(last(&scene), (Topic::ChangesRequested, to(&["ann"])));
    let before = all(&scene).len();
    scene.when(&tab("ann"), json!({"t": "publish.withdraw"})).done();
    assert_eq!(all(&scene).len(), before, "nobody has to do anything");
}

#[test]
fn a_webhook_is_told_what_whoever_set_it_may_know_of_a_book_of_the_library_and_of_no_other() {
    let mut scene = Scene::new();
    let settings = [("ann", Grant::all(Permission::Settings)), ("sue", Grant::all(Permission::Settings))];
    scene.library_allows(&settings);
    let mut began = comment("t1", "k1", "@vic");
    began["mentions"] = json!(["vic"]);
    scene.when(&tab("bob"), began).done();
    scene.when(&tab("ann"), json!({"t": "member.set_role", "user": "eve", "role": "reader"})).done();
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "eve"})).done();
    let told = |scene: &Scene, name: &str| -> Vec<Topic> {
        let still = |notice: Notice| scene.book.still_told_to_library(&user(name), notice.told, scene.now);
        all(scene).into_iter().filter_map(still).map(|told| told.topic).collect()
    };
    assert_eq!(told(&scene, "sue"), [], "it is in no library");
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    let everything = [Topic::Mentioned, Topic::RoleChanged, Topic::Removed, Topic::BookShelved];
    assert_eq!((told(&scene, "sue"), told(&scene, "ann")), (everything.to_vec(), everything.to_vec()));
    scene.library_allows(&[("ann", Grant::all(Permission::Settings)), ("sue", Grant::all(Permission::List))]);
    assert_eq!(told(&scene, "sue"), [], "who may only list books knows nothing of what is in them");
    assert_eq!(told(&scene, "kim"), []);
    scene.library_allows(&settings);
    scene.when(&tab("bob"), json!({"t": "comment.delete", "thread": "t1", "comment": "k1"})).done();
    assert_eq!(told(&scene, "sue"), everything[1..], "a comment that is gone is not quoted");
}

#[test]
fn a_webhook_is_told_of_reviews_and_not_of_wishes_that_its_keeper_cannot_answer() {
    let mut scene = Scene::new();
    scene.library_allows(&[("ann", Grant::all(Permission::Settings)), ("sue", Grant::all(Permission::Settings))]);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    scene.when(&tab("ann"), json!({"t": "publish.start", "note": null})).done();
    scene.when(&tab("kim"), json!({"t": "access.request", "note": "I drew the maps."})).done();
    let told = |scene: &Scene, name: &str| -> Vec<Topic> {
        let still = |notice: Notice| scene.book.still_told_to_library(&user(name), notice.told, scene.now);
        all(scene).into_iter().filter_map(still).map(|told| told.topic).collect()
    };
    assert_eq!(told(&scene, "sue"), [Topic::BookShelved, Topic::Submitted]);
    assert_eq!(told(&scene, "ann"), [Topic::BookShelved, Topic::Submitted, Topic::AccessRequested]);
}
