#![expect(clippy::needless_pass_by_value, reason = "commands are written where they are sent")]

use quire_protocol::Format;
use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::event::{Cause, Claim};
use quire_protocol::format::{Font, Trim};
use serde_json::{Value, json};

use crate::book::given::*;
use crate::book::{Act, Actor, Import, ImportedChapter, Whose};

fn create(title: &str) -> Value {
    json!({"t": "book.create", "title": title, "metadata": {"language": "en"}})
}

fn set(metadata: Value) -> Value {
    json!({"t": "metadata.set", "metadata": metadata})
}

#[test]
fn whoever_creates_a_book_owns_it() {
    let mut scene = Scene::blank();
    let ann = tab("ann");
    scene.when(&ann, json!({"t": "book.delete"})).refused(json!({"code": "not_found", "what": "book"}));
    let owner = json!({"user": "ann", "name": "ann", "email": "ann@example.org", "role": "owner"});
    let facts = json!({"t": "book.created", "title": "A Book", "metadata": {"language": "en"}, "owner": owner});
    scene.when(&ann, create(" A  Book")).then([facts]).says(json!({})).done();
    assert!(scene.book.exists() && !scene.book.is_deleted());
    assert_eq!((scene.book.title(), scene.book.seq().0), ("A Book", 1));
}

#[test]
fn the_id_of_a_book_is_taken_for_everybody_else_and_for_ever() {
    let mut scene = Scene::blank();
    let ann = tab("ann");
    scene.when(&ann, create("One")).done();
    let first = scene.book.seq();
    scene.when(&ann, json!({"t": "metadata.set", "title": "Two"})).done();
    scene.when(&ann, create("One")).repeats(first).done();
    scene.when(&ann, create("Two")).refused(json!("id_taken"));
    scene.when(&tab("bob"), create("One")).refused(json!("id_taken"));
    scene.joins("bob", "editor");
    scene.when(&tab("bob"), create("One")).refused(json!("id_taken"));
    scene.when(&ann, json!({"t": "book.delete"})).done();
    scene.when(&ann, create("One")).refused(json!("id_taken"));
    scene.when(&ann, json!({"t": "book.delete", "forever": true})).done();
    scene.when(&ann, create("One")).refused(json!("id_taken"));
}

#[test]
fn a_deleted_book_is_not_found_by_anybody() {
    let mut scene = Scene::new();
    scene.when(&tab("ann"), comment("t1", "k1", "Last words")).done();
    scene.when(&tab("ann"), json!({"t": "book.delete"})).done();
    scene.when(&tab("ann"), json!({"t": "book.delete", "forever": true})).then([json!({"t": "book.deleted"})]).done();
    assert!(scene.book.is_deleted() && !scene.book.exists());
    let gone = json!({"code": "not_found", "what": "book"});
    for (name, _) in CAST {
        scene.when(&tab(name), acquire("c1")).refused(gone.clone());
        assert_eq!(scene.book.access(&user(name)).role, None);
    }
    scene.when(&tab("ann"), json!({"t": "book.delete"})).refused(gone.clone());
    scene.act(tab("ann").actor(), &Act::Rehome, None).refused(gone);
    let card = scene.book.card(scene.now);
    assert!(card.deleted && card.members.is_empty() && card.invitations.is_empty());
}

#[test]
fn metadata_are_changed_field_by_field_and_cleaned() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let all = json!({"subtitle": " or,\tThe Whale ", "authors": ["Herman  Melville", " "], "language": "en",
        "description": " A whale.\r\n\r\nA man. ", "publisher": "Harper", "isbn": "978-1", "keywords": ["sea"]});
    let clean = json!({"subtitle": "or, The Whale", "authors": ["Herman Melville"], "language": "en",
        "description": "A whale.\n\nA man.", "publisher": "Harper", "isbn": "978-1", "keywords": ["sea"]});
    let facts = json!({"t": "metadata.changed", "title": "Moby Dick", "metadata": clean});
    scene.when(&bob, set(all.clone())).then([facts]).done();
    scene.when(&bob, set(all)).changes_nothing().done();
    let cleared = json!({"subtitle": null, "authors": [], "description": null, "publisher": "Harper"});
    scene
        .when(&bob, set(json!({"subtitle": null, "authors": null, "description": ""})))
        .then([json!({"metadata": cleared})])
        .done();
    let titled = json!({"t": "metadata.set", "title": "Moby-Dick"});
    scene.when(&bob, titled).then([json!({"title": "Moby-Dick", "metadata": cleared})]).done();
    let untitled = json!({"t": "metadata.set", "title": " "});
    scene.when(&bob, untitled).refused(json!({"code": "invalid", "field": "title"}));
}

#[test]
fn metadata_that_changed_after_the_base_are_not_overwritten() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let based = |base: u64, publisher: &str| json!({"t": "metadata.set", "metadata": {"publisher": publisher}, "base_seq": base});
    let base = scene.book.seq().0;
    scene.when(&bob, based(base, "One")).done();
    let current = scene.book.seq();
    scene.when(&bob, based(base, "Two")).refused(json!({"code": "stale_base", "current": current}));
    scene.when(&bob, add("c4")).done();
    scene.when(&bob, based(current.0, "Two")).done();
    scene.when(&bob, set(json!({"publisher": "Last writer"}))).done();
    assert_eq!(scene.seen_by("rae").metadata_seq, scene.book.seq());
}

#[test]
fn metadata_are_measured() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let limits = scene.limits.clone();
    let large = |limit: &str, max: usize| json!({"code": "too_large", "limit": limit, "max": max});
    let text = |size: usize| "ø".repeat(size);
    for field in ["subtitle", "language", "publisher", "isbn"] {
        let max = limits.metadata_chars;
        scene.when(&bob, set(json!({field: text(max)}))).done();
        scene.when(&bob, set(json!({field: text(max + 1)}))).refused(large("metadata_chars", max));
    }
    for field in ["authors", "keywords"] {
        let (max, entries) = (limits.metadata_chars, limits.metadata_entries);
        scene.when(&bob, set(json!({field: [text(max)]}))).done();
        scene.when(&bob, set(json!({field: [text(max + 1)]}))).refused(large("metadata_chars", max));
        scene.when(&bob, set(json!({field: vec!["x"; entries]}))).done();
        scene.when(&bob, set(json!({field: vec!["x"; entries + 1]}))).refused(large("metadata_entries", entries));
    }
    let max = limits.description_chars;
    scene.when(&bob, set(json!({"description": text(max)}))).done();
    scene.when(&bob, set(json!({"description": text(max + 1)}))).refused(large("description_chars", max));
    let mut blank = Scene::blank();
    blank.when(&bob, create(&text(limits.title_chars))).done();
    let mut blank = Scene::blank();
    blank.when(&bob, create(&text(limits.title_chars + 1))).refused(large("title_chars", limits.title_chars));
    blank.when(&bob, create("")).refused(json!({"code": "invalid", "field": "title"}));
}

fn imported(id: &str, kind: ChapterKind, parent: Option<&str>) -> ImportedChapter {
    ImportedChapter { id: chapter(id), title: format!("Title of {id}"), kind, parent: parent.map(chapter) }
}

fn import_of(whose: Whose, chapters: Vec<ImportedChapter>) -> Act {
    Act::Import(Import { title: "Imported".into(), metadata: Metadata::default(), chapters, whose })
}

/// Brought in by ann.
fn import(chapters: Vec<ImportedChapter>) -> Act {
    let (user, name) = (quire_protocol::UserId::new("ann").unwrap(), "Ann Lee".to_owned());
    import_of(Whose::Owner { user, name, email: None }, chapters)
}

#[test]
fn an_import_creates_the_book_with_its_chapters() {
    use ChapterKind::{Chapter, Front, Part};
    let chapters = vec![
        imported("f1", Front, None),
        imported("p1", Part, None),
        imported("c1", Chapter, Some("p1")),
        imported("c2", Chapter, Some("p1")),
        imported("c3", Chapter, None),
    ];
    let hub = Actor::Hub(Cause::Import);
    let mut scene = Scene::blank();
    let added = |id: &str, parent: Option<&str>, after: Option<&str>| json!({"t": "chapter.added", "chapter": id, "title": format!("Title of {id}"), "parent": parent, "after": after});
    let events = [
        json!({"t": "book.created", "title": "Imported", "owner": {"user": "ann", "name": "Ann Lee", "email": "", "role": "owner"}}),
        added("f1", None, None),
        added("p1", None, Some("f1")),
        added("c1", Some("p1"), None),
        added("c2", Some("p1"), Some("c1")),
        added("c3", None, Some("p1")),
    ];
    scene.act(hub, &import(chapters), None).then(events).done();
    assert_eq!(scene.order(), "f1 p1 c1 c2 c3");
    scene.act(hub, &import(vec![]), None).refused(json!("id_taken"));
}

#[test]
fn an_import_is_judged_like_everything_else() {
    use ChapterKind::{Chapter, Part};
    let mut scene = Scene::blank();
    scene.limits.chapters_per_book = 2;
    let hub = Actor::Hub(Cause::Import);
    let one = |id: &str| imported(id, Chapter, None);
    let full = json!({"code": "limit_reached", "limit": "chapters_per_book", "max": 2});
    scene.act(hub, &import(vec![one("a"), one("b"), one("c")]), None).refused(full);
    scene.act(hub, &import(vec![one("a"), one("a")]), None).refused(json!("id_taken"));
    let parent = json!({"code": "invalid", "field": "parent"});
    scene.act(hub, &import(vec![one("a"), imported("b", Chapter, Some("a"))]), None).refused(parent.clone());
    scene.act(hub, &import(vec![imported("b", Chapter, Some("a"))]), None).refused(parent.clone());
    let parts = vec![imported("p", Part, None), imported("q", Part, Some("p"))];
    scene.act(hub, &import(parts), None).refused(parent);
    let nobody = Whose::Claim(Claim::Address("nobody".into()));
    scene.act(hub, &import_of(nobody, vec![]), None).refused(json!({"code": "invalid", "field": "claim"}));
    scene.act(hub, &import(vec![one("a"), one("b")]), None).done();
}

#[test]
fn the_format_is_set_as_a_whole_and_kept_within_its_bounds() {
    let mut scene = Scene::new();
    let bob = tab("bob");
    let set = |format: Value| json!({"t": "format.set", "format": format});
    scene.when(&bob, set(json!({"trim": "six_by_nine", "font_size_tenths_pt": 105}))).done();
    let format = scene.seen_by("rae").format;
    assert_eq!((format.trim, format.font_size_tenths_pt), (Trim::SixByNine, 105));
    scene.when(&bob, set(json!({"font": "sans"}))).then([json!({"t": "format.changed"})]).done();
    assert_eq!(
        scene.seen_by("bob").format,
        Format { font: Font::Sans, ..Format::default() },
        "what is not said is as in a new book"
    );
    assert_eq!(scene.seen_by("bob").format_seq, scene.book.seq());
    let seq = scene.book.seq();
    scene.when(&bob, set(json!({"font": "sans"}))).changes_nothing().done();
    for (field, value) in [
        ("font_size_tenths_pt", 59),
        ("font_size_tenths_pt", 241),
        ("line_height_percent", 99),
        ("line_height_percent", 301),
    ] {
        let refusal = json!({"code": "invalid", "field": format!("format.{field}")});
        scene.when(&bob, set(json!({field: value}))).refused(refusal);
    }
    let based = |base: u64| json!({"t": "format.set", "format": {}, "base_seq": base});
    scene.when(&bob, based(seq.0 - 1)).refused(json!({"code": "stale_base", "current": seq}));
    scene.when(&bob, based(seq.0)).done();
}
