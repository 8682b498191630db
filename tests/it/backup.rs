//! A backup holds everything of one moment, also of a hub that runs, and is loaded whole or not at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use quire::backup::control::{ControlServer, dump_running};
use quire::backup::{Counts, DumpError, Epochs, LoadError, dump, load};
use quire::store::embedded::{Embedded, OpenError};
use quire::store::{Append, Card, Compacted, FenceChange, LogId, Position, Read, Record, Store};
use quire_protocol::event::Claim;
use quire_protocol::{BookId, Role, Seq, Token, UserId};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::store_contract::bench::{Hands, book, chapter, draft};

/// Everything that the store says about a log.
type Told = (Read, Option<Position>, Vec<Record>);

async fn told(store: &Embedded, log: &LogId) -> Told {
    let tail = store.tail(log.clone()).await.unwrap();
    let archive = store.read_archive(log.clone(), Seq(1), usize::MAX, usize::MAX).await.unwrap();
    (store.read(log.clone(), None).await.unwrap(), tail, archive)
}

fn logs() -> [LogId; 3] {
    [book("b1"), book("b2"), chapter("b1", "c1")]
}

/// A store with a compacted log, a short one, a fenced chapter and two cards; and the token that passes.
async fn filled(directory: &Path) -> (Embedded, Token) {
    let store = open(directory).unwrap();
    let [long, short, text] = logs();
    let mut tail = None;
    for _ in 0..12 {
        tail = Some(store.append(draft(&long, tail, &["x"; 100])).await.unwrap().position);
    }
    assert_eq!(store.compact(long.clone(), tail.unwrap(), "state \0 \u{ff}".into()).await, Ok(Compacted::Done));
    let grant = Append { fences: vec![(text.clone(), FenceChange::Grant(0))], ..draft(&long, tail, &["grant"]) };
    let token = store.append(grant).await.unwrap().first_stamp;
    store.append(draft(&short, None, &["", "é"])).await.unwrap();
    let guard = Some((text.clone(), token));
    store.append(Append { guard, ..draft(&text, None, &["text"]) }).await.unwrap();
    store.put_card(card("b1", "ann", None)).await.unwrap();
    store.put_card(card("b2", "bob", Some(Claim::Anyone))).await.unwrap();
    (store, token)
}

const COUNTS: Counts = Counts { logs: 3, records: 1_201 + 2 + 1, fences: 1, cards: 2 };

fn card(book: &str, user: &str, claim: Option<Claim>) -> Card {
    let members = vec![(UserId::new(user).unwrap(), Role::Owner)];
    let book = BookId::new(book).unwrap();
    Card {
        book,
        seq: Seq(2),
        title: "Moby-Dick; or, \"The Whale\"".into(),
        members,
        invitations: vec![],
        claim,
        ends: Vec::new(),
        trashed_until: None,
        deleted: false,
    }
}

fn open(directory: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(directory, Hands::new().clock())
}

fn dumped(store: &Embedded) -> Vec<u8> {
    let mut bytes = vec![];
    assert_eq!(dump(store, &Hands::new().clock(), &mut bytes).unwrap(), COUNTS);
    bytes
}

#[tokio::test]
async fn what_is_loaded_is_what_was_dumped() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, token) = filled(here.path()).await;
    let bytes = dumped(&store);
    assert_eq!(load(there.path(), &*bytes, Epochs::Kept).unwrap(), COUNTS);

    let restored = open(there.path()).unwrap();
    for log in logs() {
        assert_eq!(told(&restored, &log).await, told(&store, &log).await, "{log}");
    }
    let long_ago = store.read_archive(book("b1"), Seq(150), 1, usize::MAX).await.unwrap().remove(0);
    let position = Position { seq: long_ago.seq, tag: long_ago.tag, ..store.tail(book("b1")).await.unwrap().unwrap() };
    let read = restored.read(book("b1"), Some(position)).await.unwrap();
    assert!(matches!(read, Read::Snapshot { snapshot: Some(_), .. }), "trimmed records lie in the archive again");
    let ann = restored.cards_of(UserId::new("ann").unwrap(), None, 9).await.unwrap();
    assert_eq!(ann, [card("b1", "ann", None)]);
    assert_eq!(restored.cards_claimable(None, None, 9).await.unwrap(), [card("b2", "bob", Some(Claim::Anyone))]);
    let text = chapter("b1", "c1");
    let guarded = Append {
        guard: Some((text.clone(), token)),
        ..draft(&text, restored.tail(text.clone()).await.unwrap(), &["more"])
    };
    restored.append(guarded).await.expect("the fence is there");
    // The text of a backup is the same each time, so that two can be compared.
    assert_eq!(dumped(&store), bytes);
}

#[tokio::test]
async fn renewed_epochs_make_every_client_start_over() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, _) = filled(here.path()).await;
    load(there.path(), &*dumped(&store), Epochs::Renewed).unwrap();
    let restored = open(there.path()).unwrap();
    for log in logs() {
        let (was, is) = (store.tail(log.clone()).await.unwrap().unwrap(), restored.tail(log.clone()).await.unwrap());
        let is = is.unwrap();
        assert_eq!((is.seq, is.tag), (was.seq, was.tag));
        assert_ne!(is.epoch, was.epoch);
        let Read::Snapshot { snapshot, tail, .. } = restored.read(log, Some(was)).await.unwrap() else {
            panic!("the old position is unknown")
        };
        assert_eq!(tail, is);
        assert!(snapshot.is_none_or(|(position, _)| position.epoch == is.epoch));
    }
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_others_write_on() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = Arc::new(open(here.path()).unwrap());
    // Each append to the first log is followed by one to the second, so the second is never ahead.
    let (one, two) = (book("b1"), book("b2"));
    let (first, second) = (draft(&one, None, &["a"]), draft(&two, None, &["a"]));
    let mut tails = [store.append(first).await.unwrap().position, store.append(second).await.unwrap().position];
    let (writer, stop) = (Arc::clone(&store), tokio_util::sync::CancellationToken::new());
    let stopped = stop.clone();
    let writing = tokio::spawn(async move {
        while !stopped.is_cancelled() {
            for (log, tail) in [book("b1"), book("b2")].iter().zip(&mut tails) {
                *tail = writer.append(draft(log, Some(*tail), &["a"])).await.unwrap().position;
            }
        }
    });
    for round in 0..5 {
        let source = Arc::clone(&store);
        let bytes = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![];
            dump(&source, &Hands::new().clock(), &mut bytes).map(|_| bytes)
        });
        let bytes = bytes.await.unwrap().unwrap();
        let directory = there.path().join(round.to_string());
        load(&directory, &*bytes, Epochs::Kept).unwrap();
        let restored = open(&directory).unwrap();
        let seqs = [restored.tail(one.clone()).await, restored.tail(two.clone()).await];
        let [ahead, behind] = seqs.map(|tail| tail.unwrap().unwrap().seq.0);
        assert!(ahead == behind || ahead == behind + 1, "{ahead} and {behind}");
    }
    stop.cancel();
    writing.await.unwrap();
}

#[tokio::test]
async fn a_backup_that_is_cut_off_leaves_the_directory_without_a_store() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, _) = filled(here.path()).await;
    let bytes = dumped(&store);
    let ends: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == b'\n').map(|at| at + 1).collect();
    let whole_lines = [0, 1, 2, 3, ends.len() / 2, ends.len() - 2, ends.len() - 1];
    let cuts = whole_lines.map(|lines| if lines == 0 { 0 } else { ends[lines - 1] });
    for cut in cuts.into_iter().chain([1, 40, bytes.len() / 3, bytes.len() - 2, bytes.len() - 1]) {
        let refused = load(there.path(), &bytes[..cut], Epochs::Kept).unwrap_err();
        assert!(matches!(refused, LoadError::Malformed { .. }), "cut at {cut}: {refused}");
        assert_no_store(there.path());
    }
    load(there.path(), &*bytes, Epochs::Kept).expect("the directory is still empty");
}

#[tokio::test]
async fn a_backup_with_a_changed_line_is_refused() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, _) = filled(here.path()).await;
    let text = String::from_utf8(dumped(&store)).unwrap();
    for (from, to) in
        [("Moby-Dick", "Moby-Duck"), ("\"owner\"", "\"reader\""), ("\"records\":1204", "\"records\":1203")]
    {
        assert!(text.contains(from), "{from}");
        let refused = load(there.path(), text.replacen(from, to, 1).as_bytes(), Epochs::Kept).unwrap_err();
        assert!(matches!(refused, LoadError::Malformed { .. }), "{from}: {refused}");
        assert_no_store(there.path());
    }
}

#[test]
fn lines_that_make_no_sense_are_refused_though_their_sum_is_right() {
    let tag = "\"tag\":\"0000000000000007\"";
    let log = |name: &str, seq: u64| {
        format!(
            r#"{{"log":{{"name":"{name}","epoch":"00000000000000aa","seq":{seq},{tag},"stamp":9,"trimmed":0,"snapshot":null}}}}"#
        )
    };
    let record = |name: &str, seq: u64, stamp: u64| {
        format!(r#"{{"record":{{"log":"{name}","seq":{seq},"stamp":{stamp},"at":1,{tag},"payload":"eA=="}}}}"#)
    };
    let good = vec![log("book/b1", 2), record("book/b1", 1, 8), record("book/b1", 2, 9)];
    let counts = (1, 2);
    assert!(try_lines(&good, counts).is_ok());

    let bad = [
        ("a record is missing", vec![log("book/b1", 2), record("book/b1", 2, 9)], (1, 1)),
        ("the last record is missing", vec![log("book/b1", 2), record("book/b1", 1, 8)], (1, 1)),
        ("a stamp falls", vec![log("book/b1", 2), record("book/b1", 1, 9), record("book/b1", 2, 9)], (1, 2)),
        ("a record of another log", vec![log("book/b1", 1), record("book/b2", 1, 9)], (1, 1)),
        ("a record before any log", vec![record("book/b1", 1, 9)], (0, 1)),
        ("a log without records", vec![log("book/b1", 0)], (1, 0)),
        ("a name of no log", vec![log("book/../b", 1), record("book/../b", 1, 9)], (1, 1)),
        ("a log twice", [good.clone(), good.clone()].concat(), (2, 4)),
        ("other counts", good.clone(), (1, 3)),
        ("no JSON", vec!["{".to_owned()], (0, 0)),
        ("an unknown line", vec![r#"{"what":{}}"#.to_owned()], (0, 0)),
        ("a hub that failed", vec![r#"{"failed":{"why":"the store is damaged"}}"#.to_owned()], (0, 0)),
        ("a payload that is no base64", vec![log("book/b1", 1), record("book/b1", 1, 9).replace("eA==", "e")], (1, 1)),
    ];
    for (what, lines, counts) in bad {
        let refused = try_lines(&lines, counts);
        assert!(matches!(refused, Err(LoadError::Malformed { .. })), "{what}: {refused:?}");
    }
}

/// Loads these lines between a right beginning and a right end.
fn try_lines(lines: &[String], (logs, records): (u64, u64)) -> Result<Counts, LoadError> {
    let mut text = "{\"backup\":{\"format\":1,\"made_at\":0}}\n".to_owned();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    let sum: String = Sha256::digest(&text).iter().fold(String::new(), |sum, byte| sum + &format!("{byte:02x}"));
    let end = format!(r#"{{"end":{{"logs":{logs},"records":{records},"fences":0,"cards":0,"sha256":"{sum}"}}}}"#);
    let directory = TempDir::new().unwrap();
    load(directory.path(), format!("{text}{end}\n").as_bytes(), Epochs::Kept)
}

#[tokio::test]
async fn a_directory_with_a_store_is_not_loaded_into() {
    let here = TempDir::new().unwrap();
    let (store, _) = filled(here.path()).await;
    let bytes = dumped(&store);
    let refused = load(here.path(), &*bytes, Epochs::Kept).unwrap_err();
    assert!(matches!(refused, LoadError::Open(OpenError::InUse(_))), "{refused}");
    drop(store);
    let refused = load(here.path(), &*bytes, Epochs::Kept).unwrap_err();
    assert!(matches!(&refused, LoadError::NotEmpty(directory) if directory == here.path()), "{refused}");
    fs::remove_file(here.path().join("quire.redb")).unwrap();
    let refused = load(here.path(), &*bytes, Epochs::Kept).unwrap_err();
    assert!(matches!(refused, LoadError::NotEmpty(_)), "a lost store is not an empty directory: {refused}");
}

#[tokio::test]
async fn a_running_hub_gives_a_backup() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, _) = filled(here.path()).await;
    let store = Arc::new(store);
    // A dead hub left its socket behind.
    drop(std::os::unix::net::UnixListener::bind(here.path().join("control.sock")).unwrap());
    assert!(matches!(dump_from(here.path()).await, Err(DumpError::NoHub(_))));

    let server = ControlServer::bind(here.path(), Arc::clone(&store), Hands::new().clock()).unwrap();
    let socket = here.path().join("control.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let serving = tokio::spawn(server.run());
    for _ in 0..2 {
        assert_eq!(dump_from(here.path()).await.unwrap(), dumped(&store));
    }
    load(there.path(), &*dump_from(here.path()).await.unwrap(), Epochs::Kept).unwrap();

    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    assert!(!socket.exists());
    assert!(matches!(dump_from(here.path()).await, Err(DumpError::NoHub(_))));
}

#[tokio::test]
async fn a_hub_that_ends_in_the_middle_gives_no_backup() {
    let here = TempDir::new().unwrap();
    for last in
        ["", "{\"backup\":{\"format\":1,\"made_at\":0}}\n", "{\"failed\":{\"why\":\"no more\"}}\n", "{\"end\":{}}\n"]
    {
        let socket = here.path().join("control.sock");
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let hub = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = listener.accept().unwrap();
            std::io::Write::write_all(&mut stream, last.as_bytes()).unwrap();
        });
        let refused = dump_from(here.path()).await;
        assert!(matches!(refused, Err(DumpError::Incomplete(_))), "{last:?}: {refused:?}");
        hub.await.unwrap();
        fs::remove_file(socket).unwrap();
    }
}

async fn dump_from(directory: &Path) -> Result<Vec<u8>, DumpError> {
    let directory = directory.to_owned();
    let dumping = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![];
        dump_running(&directory, &mut bytes).map(|_| bytes)
    });
    dumping.await.unwrap()
}

#[track_caller]
fn assert_no_store(directory: &Path) {
    let left: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["quire.lock"]);
}
