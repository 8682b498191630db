use serde_json::{Value, json};

use crate::book::given::*;

fn assign(chapter: &str, user: Option<&str>, due_at: Option<u64>) -> Value {
    json!({"t": "chapter.assign", "chapter": chapter, "user": user, "due_at": due_at})
}

/// Whose task each chapter is, as Ann sees it.
fn tasks(scene: &Scene) -> Vec<(String, Option<u64>)> {
    let chapters = scene.seen_by("ann").chapters.into_iter();
    chapters
        .filter_map(|chapter| chapter.assignment)
        .map(|task| (task.person.user.to_string(), task.due_at.map(|at| at.0)))
        .collect()
}

#[test]
fn a_chapter_becomes_the_task_of_a_member_who_writes_until_a_day_and_of_nobody_again() {
    let mut scene = Scene::new();
    let assigned = json!({
        "t": "chapter.assigned", "chapter": "c1", "person": {"user": "eve"},
        "assignment": {"person": {"user": "bob"}, "due_at": 9_000},
    });
    scene.when(&tab("eve"), assign("c1", Some("bob"), Some(9_000))).then([assigned]).done();
    scene.when(&tab("ann"), assign("c1", Some("bob"), Some(9_000))).changes_nothing().done();
    assert_eq!(tasks(&scene), [("bob".into(), Some(9_000))]);
    scene.when(&tab("ann"), assign("c1", Some("ann"), None)).done();
    assert_eq!(tasks(&scene), [("ann".into(), None)]);
    let nobodys = json!({"t": "chapter.assigned", "chapter": "c1", "assignment": null});
    scene.when(&tab("ann"), assign("c1", None, None)).then([nobodys]).done();
    assert_eq!(tasks(&scene), []);
}

#[test]
fn only_chapters_with_text_are_tasks_and_only_of_members_who_may_write() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    scene.when(&ann, json!({"t": "chapter.add", "chapter": "p", "title": "Part", "kind": "part"})).done();
    scene.when(&ann, assign("p", Some("bob"), None)).refused(json!({"code": "invalid", "field": "chapter"}));
    scene.when(&ann, assign("c1", Some("vic"), None)).refused(json!({"code": "invalid", "field": "user"}));
    scene.when(&ann, assign("c1", Some("stranger"), None)).refused(json!({"code": "not_found", "what": "member"}));
    scene.when(&ann, assign("c1", None, Some(1))).refused(json!({"code": "invalid", "field": "due_at"}));
    scene.when(&ann, assign("c99", Some("bob"), None)).refused(json!({"code": "not_found", "what": "chapter"}));
}

#[test]
fn a_task_ends_with_the_chapter_and_with_the_membership() {
    let mut scene = Scene::new();
    let ann = tab("ann");
    for chapter in ["c1", "c2"] {
        scene.when(&ann, assign(chapter, Some("bob"), None)).done();
    }
    scene.when(&ann, remove("c1")).done();
    scene.when(&ann, restore("c1")).done();
    assert_eq!(tasks(&scene).len(), 1, "it comes back as nobody's");
    scene.when(&tab("bob"), json!({"t": "member.leave"})).done();
    assert_eq!(tasks(&scene), []);
}

#[test]
fn a_task_allows_nothing() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), assign("c1", Some("bob"), None)).done();
    scene.when(&tab("eve"), acquire("c1")).done();
    scene.when(&tab("ann"), set_role("bob", "viewer")).done();
    scene.when(&tab("bob"), acquire("c1")).refused(json!("forbidden"));
    assert_eq!(tasks(&scene).len(), 1, "whoever organises sees that it has to be somebody else's");
}
