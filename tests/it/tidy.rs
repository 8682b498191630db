//! The shape of the code: who may know whom, how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, lines. Beyond it two things share one room.
const LINES_MAX: usize = 450;

/// Each part of the crate and the parts it may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("auth", &["auth"]),
    ("clock", &[]),
    ("audit", &["audit"]),
    // The core names the store's `Card` and `Record`: plain data that it fills and reads.
    // What an anchor's positions are, the content of a chapter knows.
    // What a library allows, a book is told by the library's own words.
    ("book", &["book", "audit", "chapter", "library", "store"]),
    ("library", &["library", "audit"]),
    // An inbox is the sum of a log, as what a chapter keeps is.
    ("inbox", &["inbox", "chapter"]),
    ("chapter", &["chapter", "pack", "picture", "store"]),
    ("picture", &["picture"]),
    ("store", &["store", "clock", "telemetry"]),
    ("backup", &["backup", "store", "clock"]),
    ("outbox", &["outbox", "telemetry"]),
    ("pack", &["pack"]),
    ("pipe", &["pipe", "outbox"]),
    // A visit of y-websocket is one more session, spoken to over a pipe.
    ("yjs", &["yjs", "auth", "hub", "pack", "pipe", "session"]),
    ("press", &["press"]),
    (
        "hub",
        &[
            "hub",
            "audit",
            "auth",
            "book",
            "chapter",
            "clock",
            "export",
            "gate",
            "inbox",
            "library",
            "outbox",
            "pack",
            "picture",
            "press",
            "scribe",
            "store",
            "telemetry",
            "webhook",
        ],
    ),
    // The tree of a text is the scribe's.
    ("export", &["export", "picture", "scribe"]),
    ("scribe", &["scribe", "pack"]),
    ("session", &["session", "auth", "hub", "outbox", "telemetry"]),
    ("telemetry", &["telemetry", "config"]),
    // How a server's address is read, the settings know.
    ("mail", &["mail", "clock", "config"]),
    ("gate", &[]),
    ("webhook", &["webhook"]),
    ("signin", &["signin", "gate", "auth", "book", "chapter", "hub", "inbox", "library", "mail", "store", "telemetry"]),
    // The settings of the shared store and of the mail server are types of theirs, which parse their own addresses.
    ("config", &["config", "auth", "mail", "store"]),
    ("import", &["import", "book", "config", "picture"]),
    ("sample", &["sample", "import"]),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 10, "{folder} has sources");
    found
}

/// `src/book/lock.rs` belongs to `book`.
fn part(path: &Path) -> String {
    let relative = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn is_test(path: &Path) -> bool {
    path.to_str().unwrap().contains("test") || path.ends_with("properties.rs") || path.ends_with("given.rs")
}

#[test]
fn dependencies_point_one_way() {
    for (path, text) in sources("src") {
        let part = part(&path);
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else { continue };
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                let named = rest.split(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap();
                let names = if rest.starts_with('{') {
                    rest.trim_start_matches('{')
                        .split(',')
                        .map(|name| name.trim().split("::").next().unwrap())
                        .collect()
                } else {
                    vec![named]
                };
                for name in names.into_iter().filter(|name| MAY_NAME.iter().any(|(part, _)| part == name)) {
                    assert!(
                        allowed.contains(&name) || is_test(&path),
                        "{}: {part} must not know {name}",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn the_core_has_no_clock_no_randomness_and_no_io() {
    let banned = ["tokio", "std::time", "std::io", "std::fs", "std::net", "getrandom", "dashmap", "uuid"];
    for (path, text) in sources("src") {
        if ["audit", "book", "library", "chapter", "inbox"].contains(&part(&path).as_str()) && !is_test(&path) {
            for word in banned {
                let uses =
                    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| line.contains(word));
                assert!(!uses, "{} names {word} (I10)", path.display());
            }
        }
    }
}

#[test]
fn only_the_registry_and_the_directory_know_dashmap() {
    for (path, text) in sources("src") {
        if text.contains("use dashmap") {
            assert!(path.ends_with("hub/registry.rs") || path.ends_with("hub/directory.rs"), "{}", path.display());
        }
    }
}

#[test]
fn files_stay_short_and_no_mod_rs_hides_a_name() {
    for folder in ["src", "protocol/src", "tests/it"] {
        for (path, text) in sources(folder) {
            assert!(!path.ends_with("mod.rs"), "{}: name the file after the module", path.display());
            let lines = text.lines().count();
            assert!(lines <= LINES_MAX || is_test(&path), "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn nothing_is_left_undone() {
    let left = ["todo", "unimplemented"].map(|word| format!("{word}!("));
    for folder in ["src", "protocol/src", "tests/it"] {
        for (path, text) in sources(folder) {
            assert!(left.iter().all(|word| !text.contains(word)), "{}", path.display());
        }
    }
}
