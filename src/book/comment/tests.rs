use quire_protocol::command::ThreadsList;
use quire_protocol::frame::Answer;
use serde_json::{Value, json};

use crate::book::Act;
use crate::book::given::*;

fn edit(thread: &str, id: &str, body: &str) -> Value {
    json!({"t": "comment.edit", "thread": thread, "comment": id, "body": body})
}

fn delete(thread: &str, id: &str) -> Value {
    json!({"t": "comment.delete", "thread": thread, "comment": id})
}

fn with(mut command: Value, field: &str, value: Value) -> Value {
    command[field] = value;
    command
}

/// The page that `name` gets: the threads and the next cursor.
fn list(scene: &Scene, name: &str, query: Value) -> (Vec<quire_protocol::view::Thread>, Option<String>) {
    let query: ThreadsList = serde_json::from_value(query).unwrap();
    match scene.book.threads(&user(name), &query, &scene.limits).unwrap() {
        Answer::Threads { threads, cursor } => (threads, cursor),
        other => panic!("not a list of threads: {other:?}"),
    }
}

fn refusal(scene: &Scene, name: &str, query: Value) -> Value {
    let query: ThreadsList = serde_json::from_value(query).unwrap();
    serde_json::to_value(scene.book.threads(&user(name), &query, &scene.limits).unwrap_err()).unwrap()
}

fn ids(threads: &[quire_protocol::view::Thread]) -> Vec<&str> {
    threads.iter().map(|thread| thread.id.as_str()).collect()
}

#[test]
fn anybody_who_may_comment_does_so_on_a_chapter_that_somebody_else_holds() {
    let mut scene = Scene::new();
    scene.when(&tab("bob"), acquire("c1")).done();
    let anchor = json!({"quote": " Call me\u{a0}Ishmael", "prefix": "", "suffix": ".", "offset": 0, "base": 7});
    let began = with(comment("t1", "k1", "  Really?\r\nWho? "), "anchor", anchor.clone());
    let author = json!({"user": "vic", "name": "vic"});
    let facts =
        json!({"t": "comment.added", "chapter": "c1", "anchor": anchor, "author": author, "body": "Really?\nWho?"});
    scene.when(&tab("vic"), began).then([facts]).done();
    scene.when(&tab("eve"), reply("t1", "k2", "Ishmael")).then([json!({"t": "comment.replied"})]).done();
    let head = scene.seen_by("vic").threads.unwrap().remove(0);
    assert_eq!((head.id.as_str(), head.count, head.last_at), ("t1", 2, scene.now));
}

#[test]
fn a_comment_has_a_body_of_limited_length() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    let max = scene.limits.comment_chars;
    let large = json!({"code": "too_large", "limit": "comment_chars", "max": max});
    scene.when(&vic, comment("t1", "k1", " \n ")).refused(json!({"code": "invalid", "field": "body"}));
    scene.when(&vic, comment("t1", "k1", &"ö".repeat(max + 1))).refused(large.clone());
    scene.when(&vic, comment("t1", "k1", &"ö".repeat(max))).done();
    scene.when(&vic, reply("t1", "k2", "")).refused(json!({"code": "invalid", "field": "body"}));
    scene.when(&vic, reply("t1", "k2", &"ö".repeat(max + 1))).refused(large.clone());
    scene.when(&vic, edit("t1", "k1", "\u{feff}")).refused(json!({"code": "invalid", "field": "body"}));
    scene.when(&vic, edit("t1", "k1", &"ö".repeat(max + 1))).refused(large);
}

#[test]
fn an_anchor_is_measured_and_kept_as_it_came() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    let (quote, context) = (scene.limits.quote_chars, scene.limits.context_chars);
    let anchored = |id: &str, sizes: [usize; 3]| {
        let [quote, prefix, suffix] = sizes.map(|size| "ß".repeat(size));
        let anchor = json!({"quote": quote, "prefix": prefix, "suffix": suffix, "offset": 1});
        with(comment(id, &format!("k-{id}"), "Hm"), "anchor", anchor)
    };
    scene.when(&vic, anchored("t1", [quote, context, context])).done();
    let large = |limit: &str| json!({"code": "too_large", "limit": limit});
    scene.when(&vic, anchored("t2", [quote + 1, 0, 0])).refused(large("quote_chars"));
    scene.when(&vic, anchored("t2", [0, context + 1, 0])).refused(large("context_chars"));
    scene.when(&vic, anchored("t2", [0, 0, context + 1])).refused(large("context_chars"));
}

#[test]
fn the_positions_of_an_anchor_are_some_and_kept_as_they_came() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    let anchored = |id: &str, start: &str, end: &str| {
        let relative = json!({"lineage": 12, "start": start, "end": end});
        let anchor =
            json!({"quote": "whale", "prefix": "", "suffix": "", "offset": 1, "base": 0, "relative": relative});
        with(comment(id, &format!("k-{id}"), "Hm"), "anchor", anchor)
    };
    // In base64: the unit 3 of client 7 and what follows it, its unit 9 and what goes before; the same and one byte more.
    let (start, end, long) = ("AAcDAA==", "AAcJQQ==", "AAcDAAA=");
    let good = anchored("t1", start, end);
    scene.when(&vic, good.clone()).then([json!({"anchor": good["anchor"]})]).done();
    scene.when(&vic, good).repeats(scene.book.seq()).done();
    let invalid = |field: &str| json!({"code": "invalid", "field": field});
    scene.when(&vic, anchored("t2", long, end)).refused(invalid("anchor.relative.start"));
    scene.when(&vic, anchored("t2", start, "")).refused(invalid("anchor.relative.end"));
    scene.when(&vic, anchored("t1", end, end)).refused(json!("id_taken"));
}

fn about(thread: &str, chapter: &str) -> Value {
    let anchor = json!({"quote": "whale", "offset": 3});
    with(with(comment(thread, &format!("k-{thread}"), "Hm"), "anchor", anchor), "chapter", json!(chapter))
}

fn looked(id: &str, found: &[(&str, bool)]) -> Act {
    let found = found.iter().map(|(thread, found)| (thread.parse().unwrap(), *found)).collect();
    Act::Anchored { chapter: chapter(id), found }
}

fn anchored(thread: &str, detached: bool) -> Value {
    json!({"t": "thread.anchored", "thread": thread, "detached": detached})
}

#[test]
fn that_words_are_gone_is_told_once_and_that_they_are_back_once() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    for thread in ["t1", "t2"] {
        scene.when(&vic, about(thread, "c1")).done();
    }
    let ids = |scene: &Scene| -> Vec<String> {
        scene.book.anchors(&chapter("c1")).into_iter().map(|(thread, _)| thread.to_string()).collect()
    };
    assert_eq!(ids(&scene), ["t1", "t2"]);
    let gone = looked("c1", &[("t1", false), ("t2", true)]);
    scene.noticed(&gone).then([anchored("t1", true)]).done();
    scene.noticed(&gone).changes_nothing().done();
    let heads = scene.seen_by("vic").threads.unwrap();
    assert_eq!(heads.iter().map(|head| head.detached).collect::<Vec<_>>(), [true, false]);
    assert!(list(&scene, "vic", json!({"thread": "t1"})).0[0].detached);
    scene.noticed(&looked("c1", &[("t1", true), ("t2", true)])).then([anchored("t1", false)]).done();
    assert!(!scene.seen_by("vic").threads.unwrap()[0].detached);
}

#[test]
fn what_became_of_a_thread_meanwhile_goes_before_what_was_found_of_it() {
    let mut scene = Scene::new();
    let (vic, eve) = (tab("vic"), tab("eve"));
    for thread in ["t1", "t2"] {
        scene.when(&vic, about(thread, "c1")).done();
    }
    scene.when(&vic, comment("t3", "k3", "On the whole chapter")).done();
    scene.when(&eve, json!({"t": "thread.resolve", "thread": "t1"})).done();
    let gone = [("t1", false), ("t2", false), ("t3", false), ("t9", false)];
    assert_eq!(scene.book.anchors(&chapter("c1")).len(), 1);
    scene.noticed(&looked("c2", &gone)).changes_nothing().done();
    scene.noticed(&looked("c9", &gone)).changes_nothing().done();
    scene.when(&eve, remove("c1")).done();
    assert_eq!(scene.book.anchors(&chapter("c1")), []);
    scene.noticed(&looked("c1", &gone)).changes_nothing().done();
    scene.when(&eve, restore("c1")).done();
    scene.noticed(&looked("c1", &gone)).then([anchored("t2", true)]).done();
    scene.when(&tab("ann"), json!({"t": "book.delete"})).done();
    scene.noticed(&looked("c1", &[("t2", true)])).changes_nothing().done();
}

#[test]
fn nobody_but_the_hub_says_what_is_in_a_text() {
    let mut scene = Scene::new();
    scene.when(&tab("vic"), about("t1", "c1")).done();
    for name in CAST.map(|(name, _)| name) {
        scene.act(tab(name).actor(), &looked("c1", &[("t1", false)]), None).refused(json!("forbidden"));
    }
}

#[test]
fn only_members_who_may_read_comments_are_mentioned() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    let mentions = |command: Value, names: &[&str]| with(command, "mentions", json!(names));
    let refused = json!({"code": "invalid", "field": "mentions"});
    let began = comment("t1", "k1", "Look");
    scene.when(&vic, mentions(began.clone(), &["bob", "rae"])).refused(refused.clone());
    scene.when(&vic, mentions(began.clone(), &["nobody"])).refused(refused.clone());
    let facts = json!({"mentions": ["bob", "vic"]});
    scene.when(&vic, mentions(began, &["bob", "vic", "bob"])).then([facts]).done();
    scene.when(&vic, mentions(reply("t1", "k2", "You"), &["rae"])).refused(refused.clone());
    scene.when(&vic, mentions(edit("t1", "k1", "You"), &["rae"])).refused(refused.clone());
    // Who was mentioned once stays so, whatever became of them.
    scene.when(&tab("ann"), json!({"t": "member.remove", "user": "bob"})).done();
    scene.when(&vic, mentions(edit("t1", "k1", "You"), &["bob"])).done();
    scene.when(&vic, mentions(reply("t1", "k3", "You"), &["bob"])).refused(refused);
}

#[test]
fn so_many_are_mentioned_and_no_more() {
    let mut scene = Scene::new();
    scene.limits.mentions = 2;
    let mentions = |names: &[&str]| with(comment("t1", "k1", "Look"), "mentions", json!(names));
    let large = json!({"code": "too_large", "limit": "mentions", "max": 2});
    scene.when(&tab("vic"), mentions(&["ann", "bob", "eve"])).refused(large);
    scene.when(&tab("vic"), mentions(&["ann", "bob"])).done();
}

#[test]
fn one_edits_what_one_wrote() {
    let mut scene = Scene::new();
    scene.when(&tab("vic"), comment("t1", "k1", "Teh")).done();
    scene.when(&tab("ann"), edit("t1", "k1", "The")).refused(json!("forbidden"));
    scene.passes(9);
    scene.when(&tab("vic"), edit("t1", "k1", "The")).then([json!({"t": "comment.edited", "body": "The"})]).done();
    scene.when(&tab("vic"), edit("t1", "k1", "The ")).changes_nothing().done();
    scene.when(&tab("vic"), edit("t1", "k9", "The")).refused(json!({"code": "not_found", "what": "comment"}));
    scene.when(&tab("vic"), edit("t9", "k1", "The")).refused(json!({"code": "not_found", "what": "thread"}));
    let (threads, _) = list(&scene, "vic", json!({}));
    let first = &threads[0].comments[0];
    assert_eq!((first.body.as_str(), first.edited_at), ("The", Some(scene.now)));
    assert!(first.at < scene.now);
}

#[test]
fn one_deletes_what_one_wrote_and_editors_anything_and_a_tombstone_stays() {
    let mut scene = Scene::new();
    scene.when(&tab("eve"), comment("t1", "k1", "One")).done();
    scene.when(&tab("vic"), reply("t1", "k2", "Two")).done();
    scene.when(&tab("vic"), delete("t1", "k1")).refused(json!("forbidden"));
    scene.when(&tab("vic"), delete("t1", "k2")).then([json!({"t": "comment.deleted"})]).done();
    scene.when(&tab("bob"), delete("t1", "k1")).then([json!({"t": "comment.deleted"})]).done();
    scene.when(&tab("bob"), delete("t1", "k1")).changes_nothing().done();
    scene.when(&tab("vic"), edit("t1", "k2", "Back")).refused(json!({"code": "not_found", "what": "comment"}));
    let (threads, _) = list(&scene, "vic", json!({}));
    let comments = &threads[0].comments;
    assert_eq!(comments.len(), 2);
    assert!(comments.iter().all(|comment| comment.deleted && comment.body.is_empty()));
    assert_eq!(comments[1].author.name, "vic");
}

#[test]
fn threads_are_settled_and_opened_again() {
    let mut scene = Scene::new();
    let (vic, eve) = (tab("vic"), tab("eve"));
    let resolve = json!({"t": "thread.resolve", "thread": "t1"});
    let reopen = json!({"t": "thread.reopen", "thread": "t1"});
    scene.when(&eve, resolve.clone()).refused(json!({"code": "not_found", "what": "thread"}));
    scene.when(&vic, comment("t1", "k1", "Settle this")).done();
    scene.when(&eve, reopen.clone()).changes_nothing().done();
    scene.when(&vic, resolve.clone()).refused(json!("forbidden"));
    let facts = json!({"t": "thread.resolved", "person": {"user": "eve"}});
    scene.when(&eve, resolve.clone()).then([facts]).done();
    scene.when(&eve, resolve).changes_nothing().done();
    let resolved = scene.seen_by("vic").threads.unwrap()[0].resolved.clone().unwrap();
    assert_eq!((resolved.by.name.as_str(), resolved.at), ("eve", scene.now));
    scene.when(&eve, reopen).then([json!({"t": "thread.reopened"})]).done();
    assert_eq!(scene.seen_by("vic").threads.unwrap()[0].resolved, None);
}

#[test]
fn a_removed_chapter_hides_its_threads_and_brings_them_back() {
    let mut scene = Scene::new();
    let (vic, eve) = (tab("vic"), tab("eve"));
    scene.when(&vic, comment("t1", "k1", "Here")).done();
    scene.when(&eve, remove("c1")).done();
    assert_eq!(scene.seen_by("vic").threads.unwrap(), []);
    assert_eq!(list(&scene, "vic", json!({})), (vec![], None));
    assert_eq!(refusal(&scene, "vic", json!({"chapter": "c1"}))["what"], "chapter");
    assert_eq!(refusal(&scene, "vic", json!({"thread": "t1"}))["what"], "thread");
    let hidden = json!({"code": "not_found", "what": "thread"});
    let settle = |t: &str| json!({"t": t, "thread": "t1"});
    let commands = [reply("t1", "k2", "Gone?"), edit("t1", "k1", "Gone"), delete("t1", "k1")];
    for command in commands.into_iter().chain([settle("thread.resolve"), settle("thread.reopen")]) {
        scene.when(&eve, command).refused(hidden.clone());
    }
    scene.when(&vic, comment("t2", "k2", "Here")).refused(json!({"code": "not_found", "what": "chapter"}));
    scene.when(&eve, restore("c1")).done();
    assert_eq!(ids(&list(&scene, "vic", json!({"chapter": "c1"})).0), ["t1"]);
}

#[test]
fn saying_the_same_again_answers_the_first_seq() {
    let mut scene = Scene::new();
    let (vic, eve) = (tab("vic"), tab("eve"));
    scene.when(&vic, comment("t1", "k1", "One")).done();
    let first = scene.book.seq();
    scene.when(&vic, reply("t1", "k2", "Two")).done();
    let second = scene.book.seq();
    scene.when(&vic, edit("t1", "k1", "Changed")).done();
    scene.when(&vic, comment("t1", "k1", " One ")).repeats(first).done();
    scene.when(&vic, reply("t1", "k2", "Two")).repeats(second).done();
    let taken = [
        (&eve, comment("t1", "k1", "One")),
        (&vic, comment("t1", "k1", "Other")),
        (&vic, comment("t1", "k9", "One")),
        (&vic, comment("t9", "k1", "One")),
        (&eve, reply("t1", "k2", "Two")),
        (&vic, reply("t1", "k2", "Other")),
        (&vic, reply("t1", "k1", "Two")),
    ];
    for (who, command) in taken {
        scene.when(who, command).refused(json!("id_taken"));
    }
    scene.when(&vic, comment("t2", "k3", "Elsewhere")).done();
    scene.when(&vic, reply("t2", "k2", "Two")).refused(json!("id_taken"));
}

#[test]
fn a_book_has_so_many_threads_and_a_thread_so_many_comments() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    (scene.limits.threads_per_book, scene.limits.comments_per_thread) = (2, 2);
    scene.when(&vic, comment("t1", "k1", "One")).done();
    scene.when(&vic, comment("t2", "k2", "Two")).done();
    let full = |limit: &str| json!({"code": "limit_reached", "limit": limit, "max": 2, "used": 2});
    scene.when(&vic, comment("t3", "k3", "Three")).refused(full("threads_per_book"));
    scene.when(&vic, reply("t1", "k3", "More")).done();
    scene.when(&vic, delete("t1", "k3")).done();
    scene.when(&vic, reply("t1", "k4", "Too many")).refused(full("comments_per_thread"));
}

#[test]
fn threads_are_listed_in_pages() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    for index in 1..=5 {
        let began = comment(&format!("t{index}"), &format!("k{index}"), "Hm");
        let chapter = if index % 2 == 0 { "c2" } else { "c1" };
        scene.when(&vic, with(began, "chapter", json!(chapter))).done();
    }
    let (page, cursor) = list(&scene, "vic", json!({"limit": 2}));
    assert_eq!(ids(&page), ["t1", "t2"]);
    let (page, cursor) = list(&scene, "vic", json!({"limit": 2, "cursor": cursor}));
    assert_eq!(ids(&page), ["t3", "t4"]);
    let (page, cursor) = list(&scene, "vic", json!({"limit": 2, "cursor": cursor}));
    assert_eq!((ids(&page), cursor), (vec!["t5"], None));
    let (page, cursor) = list(&scene, "vic", json!({"chapter": "c1", "limit": 2}));
    assert_eq!(ids(&page), ["t1", "t3"]);
    let (page, cursor) = list(&scene, "vic", json!({"chapter": "c1", "limit": 2, "cursor": cursor}));
    assert_eq!((ids(&page), cursor), (vec!["t5"], None));
    assert_eq!(ids(&list(&scene, "vic", json!({"thread": "t4"})).0), ["t4"]);
    assert_eq!(ids(&list(&scene, "vic", json!({"limit": 0})).0), ["t1"]);
    scene.limits.list_rows = 3;
    assert_eq!(list(&scene, "vic", json!({"limit": 9})).0.len(), 3);
    assert_eq!(list(&scene, "vic", json!({})).0.len(), 3);
}

#[test]
fn a_page_of_large_threads_ends_early() {
    let mut scene = Scene::new();
    let vic = tab("vic");
    let body = "🐋".repeat(scene.limits.comment_chars);
    scene.when(&vic, comment("t1", "k0", "Long")).done();
    scene.when(&vic, comment("t2", "k-last", "Short")).done();
    for index in 1..=27 {
        scene.when(&vic, reply("t1", &format!("k{index}"), &body)).done();
    }
    let (page, cursor) = list(&scene, "vic", json!({}));
    assert_eq!(ids(&page), ["t1"]);
    assert_eq!(ids(&list(&scene, "vic", json!({"cursor": cursor})).0), ["t2"]);
}

#[test]
fn a_list_of_threads_is_for_those_who_may_read_them() {
    let scene = Scene::new();
    assert_eq!(refusal(&scene, "rae", json!({}))["code"], "forbidden");
    assert_eq!(refusal(&scene, "stranger", json!({}))["what"], "book");
    for cursor in ["x", "-1", "18446744073709551615"] {
        assert_eq!(refusal(&scene, "vic", json!({"cursor": cursor}))["field"], "cursor");
    }
}
