use quire_protocol::library::{Grant, Permission};
use quire_protocol::publishing::{PublishState, RevisionState};
use quire_protocol::{Action, Seq};
use serde_json::{Value, json};

use super::keeps_point;
use crate::book::given::*;
use crate::library::Shelved;

/// Ann's book in a library in which Yan may publish, Pip may publish and read, and Ann may bring books in.
fn in_library() -> Scene {
    let mut scene = Scene::new();
    scene.library_allows(&[
        ("ann", Grant::all(Permission::Upload)),
        ("yan", Grant::all(Permission::Publish)),
        ("pip", Grant::all(Permission::Publish)),
        ("pip", Grant::all(Permission::Download)),
        ("del", Grant::all(Permission::Delete)),
    ]);
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    scene
}

fn start() -> Value {
    json!({"t": "publish.start", "note": " For autumn. "})
}

fn withdraw() -> Value {
    json!({"t": "publish.withdraw"})
}

fn about(kind: &str, point: u64) -> Value {
    json!({"t": format!("publish.{kind}"), "point": point, "note": "Chapter 1 drags."})
}

fn publish() -> Value {
    json!({"t": "publish.publish"})
}

fn unpublish() -> Value {
    json!({"t": "publish.unpublish", "note": "rights"})
}

/// The state in the library's list, and how far the submission is.
fn listed(scene: &Scene) -> (PublishState, Option<RevisionState>) {
    let Shelved { state, revision, .. } = scene.book.shelved().unwrap();
    (state, revision.map(|revision| revision.state))
}

/// What was submitted; in a scene a point is the number of the event that it becomes.
fn submits(scene: &mut Scene) -> u64 {
    let point = scene.book.seq().next().0;
    scene.when(&tab("ann"), start()).done();
    point
}

#[test]
fn a_book_is_submitted_reviewed_submitted_again_approved_and_published() {
    let mut scene = in_library();
    let (ann, yan) = (tab("ann"), tab("yan"));
    let first = scene.book.seq().next().0;
    let submitted = json!({"t": "publish.submitted", "point": first, "person": {"user": "ann"}, "note": "For autumn."});
    scene.when(&ann, start()).then([submitted]).done();
    assert_eq!(listed(&scene), (PublishState::Submitted, Some(RevisionState::Submitted)));
    scene.when(&ann, start()).refused(json!("conflict"));
    let no_word = json!({"t": "publish.request_changes", "point": first, "note": "  "});
    scene.when(&yan, no_word).refused(json!({"code": "invalid", "field": "note"}));
    let asked = json!({"t": "publish.changes_requested", "point": first, "note": "Chapter 1 drags."});
    scene.when(&yan, about("request_changes", first)).then([asked]).done();
    scene.when(&yan, about("request_changes", first)).changes_nothing().done();
    assert_eq!(listed(&scene).0, PublishState::ChangesRequested);
    for kind in ["approve", "publish"] {
        scene.when(&yan, about(kind, first)).refused(json!("conflict"));
    }
    let second = submits(&mut scene);
    // Whoever still looks at the first says nothing about the second.
    for kind in ["approve", "publish", "request_changes"] {
        let reason = json!({"code": "conflict", "reason": "something else was submitted since"});
        scene.when(&yan, about(kind, first)).refused(reason);
    }
    scene.when(&yan, about("approve", second)).then([json!({"t": "publish.approved", "point": second})]).done();
    scene.when(&yan, about("approve", second)).changes_nothing().done();
    assert_eq!(listed(&scene).0, PublishState::Approved);
    let out = json!({"t": "publish.published", "point": second, "person": {"user": "yan"}});
    scene.when(&yan, about("publish", second)).then([out]).done();
    scene.when(&yan, about("publish", second)).changes_nothing().done();
    assert_eq!(listed(&scene), (PublishState::Published, None));
    scene.when(&yan, unpublish()).then([json!({"t": "publish.unpublished", "note": "rights"})]).done();
    scene.when(&yan, unpublish()).changes_nothing().done();
    assert_eq!(listed(&scene).0, PublishState::Unpublished);
    scene.when(&yan, about("publish", second)).refused(json!({"code": "conflict", "reason": "nothing is submitted"}));
}

#[test]
fn who_owns_a_book_submits_it_and_publishes_it_only_by_the_librarys_permission() {
    let mut scene = in_library();
    let point = submits(&mut scene);
    for command in [about("approve", point), about("publish", point), publish(), unpublish()] {
        scene.when(&tab("ann"), command.clone()).refused(json!("forbidden"));
        scene.when(&tab("bob"), command).refused(json!("forbidden"));
    }
    for name in ["yan", "bob", "vic"] {
        scene.when(&tab(name), start()).refused(json!("forbidden"));
        scene.when(&tab(name), withdraw()).refused(json!("forbidden"));
    }
    scene.library_allows(&[("ann", Grant::all(Permission::Publish))]);
    scene.when(&tab("ann"), publish()).done();
    assert_eq!(listed(&scene), (PublishState::Published, None), "what waited to be reviewed is superseded");
}

#[test]
fn only_books_of_the_library_and_with_chapters_are_submitted() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), start()).refused(json!("conflict"));
    let mut scene = in_library();
    for chapter in scene.order().split(' ').map(ToOwned::to_owned).collect::<Vec<_>>() {
        scene.when(&tab("ann"), remove(&chapter)).done();
    }
    let nothing = json!({"code": "conflict", "reason": "a book without chapters cannot be published"});
    scene.when(&tab("ann"), start()).refused(nothing.clone());
    scene.when(&tab("yan"), publish()).refused(nothing);
}

#[test]
fn what_was_submitted_is_taken_back() {
    let mut scene = in_library();
    scene.when(&tab("ann"), withdraw()).changes_nothing().done();
    let point = submits(&mut scene);
    scene.when(&tab("ann"), withdraw()).then([json!({"t": "publish.withdrawn"})]).done();
    assert_eq!(listed(&scene), (PublishState::Draft, None));
    scene.when(&tab("yan"), about("approve", point)).refused(json!("conflict"));
}

#[test]
fn a_new_edition_waits_while_the_old_one_is_out() {
    let mut scene = in_library();
    let old = scene.book.seq().next().0;
    scene.when(&tab("yan"), publish()).done();
    let new = submits(&mut scene);
    assert_eq!(listed(&scene), (PublishState::Published, Some(RevisionState::Submitted)));
    let seen = scene.seen_by("bob").publishing;
    assert_eq!((seen.edition.unwrap().point, seen.revision.unwrap().point), (Seq(old), Seq(new)));
    scene.when(&tab("yan"), about("request_changes", new)).done();
    assert_eq!(listed(&scene), (PublishState::Published, Some(RevisionState::ChangesRequested)));
    scene.when(&tab("yan"), unpublish()).done();
    assert_eq!(listed(&scene).0, PublishState::ChangesRequested, "what was submitted stays");
}

#[test]
fn of_a_book_that_was_out_the_library_decides_whether_it_is_deleted_and_leaves() {
    let mut scene = in_library();
    assert!(scene.may("ann", Action::DeleteBook));
    scene.when(&tab("yan"), publish()).done();
    assert!(!scene.may("ann", Action::DeleteBook) && scene.may("del", Action::DeleteBook));
    scene.when(&tab("ann"), json!({"t": "book.delete"})).refused(json!("forbidden"));
    scene.when(&tab("ann"), json!({"t": "book.unshelve"})).refused(json!("conflict"));
    scene.when(&tab("yan"), unpublish()).done();
    assert!(!scene.may("ann", Action::DeleteBook), "readers had it");
    scene.when(&tab("ann"), json!({"t": "book.unshelve"})).refused(json!("forbidden"));
    scene.library_allows(&[("ann", Grant::all(Permission::Publish)), ("ann", Grant::all(Permission::Upload))]);
    scene.when(&tab("ann"), json!({"t": "book.unshelve"})).done();
    assert!(scene.may("ann", Action::DeleteBook), "it is hers alone again");
    scene.when(&tab("ann"), json!({"t": "book.shelve"})).done();
    assert_eq!(listed(&scene), (PublishState::Draft, None));
}

#[test]
fn who_gets_the_whole_text_reads_what_is_out_or_submitted_and_who_reads_alone_learns_of_no_review() {
    let mut scene = in_library();
    let point = submits(&mut scene);
    let reads = |scene: &Scene, name: &str| scene.book.may_read_point(&user(name), Seq(point));
    assert!(reads(&scene, "pip") && reads(&scene, "bob"));
    assert!(!reads(&scene, "yan") && !reads(&scene, "vic") && !reads(&scene, "rae"));
    assert!(!scene.book.may_read_point(&user("pip"), Seq(point + 1)), "the history is not the library's");
    for name in ["vic", "rae"] {
        assert_eq!(scene.seen_by(name).publishing, quire_protocol::publishing::Publishing::default(), "{name}");
        assert!(!scene.book.may_check(&user(name)));
    }
    assert_eq!(scene.seen_by("pip").publishing.state, PublishState::Submitted);
    assert!(scene.book.may_check(&user("yan")) && scene.book.may_check(&user("ann")));
    scene.when(&tab("yan"), about("publish", point)).done();
    assert_eq!(scene.seen_by("rae").publishing.state, PublishState::Published);
    scene.when(&tab("yan"), unpublish()).done();
    assert!(!reads(&scene, "pip"), "what is not offered is history");
    submits(&mut scene);
    assert_eq!(scene.seen_by("rae").publishing.state, PublishState::Unpublished);
}

#[test]
fn a_submission_that_is_sent_again_is_one() {
    let mut scene = in_library();
    let ann = tab("ann");
    scene.when_with("one", &ann, start()).done();
    let seq = scene.book.seq();
    scene.when_again("one", &ann, start()).done();
    assert_eq!(scene.book.seq(), seq);
}

#[test]
fn open_threads_are_those_of_chapters_that_are_there() {
    let mut scene = in_library();
    scene.when(&tab("bob"), comment("t1", "k1", "Hm")).done();
    scene.when(&tab("bob"), comment("t2", "k2", "Hm")).done();
    assert_eq!(scene.book.open_threads(), 2);
    scene.when(&tab("bob"), json!({"t": "thread.resolve", "thread": "t1"})).done();
    assert_eq!(scene.book.open_threads(), 1);
    scene.when(&tab("ann"), remove("c1")).done();
    assert_eq!(scene.book.open_threads(), 0);
}

#[test]
fn a_point_is_kept_for_what_is_about_the_book_as_it_is() {
    let kept = [start(), publish()];
    let not = [withdraw(), about("publish", 3), about("approve", 3), unpublish()];
    assert!(kept.into_iter().all(|command| keeps_point(&parse(command))));
    assert!(!not.into_iter().any(|command| keeps_point(&parse(command))));
}
