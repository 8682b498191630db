//! What a start refuses, and how it says so.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use super::program::{Ended, Place, text};
use super::tab::Tab;

/// Exit codes: the program cannot do it; it was asked for something wrong.
const FAILED: i32 = 1;
const WRONG: i32 = 2;

#[tokio::test]
async fn a_second_hub_on_a_data_directory_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let second = place.runs_here(&["--listen", "127.0.0.1:0"]).await;
    second.refused(FAILED, &["another process uses the data directory", text(&place.data_dir())]);
    Tab::arrives(&hub, "ann").await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (place, other) = (Place::new(), Place::new());
    let hub = place.hub(&[]).await;
    let address = hub.address().to_string();
    other.runs_here(&["--listen", &address]).await.refused(FAILED, &["cannot listen", &address]);
}

#[tokio::test]
async fn a_probe_says_by_its_exit_code_whether_a_hub_is_well() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (ready, missing) = (format!("{}/readyz", hub.url()), format!("{}/missing", hub.url()));
    place.runs(&["probe", &ready]).await.well();
    place.runs(&["probe", &missing]).await.refused(FAILED, &["status 404"]);
    hub.dies().await;
    place.runs(&["probe", &ready]).await.refused(FAILED, &["cannot be asked"]);
}

#[tokio::test]
async fn all_wrong_settings_are_named_in_one_message() {
    let place = Place::new();
    let flags = [
        "--listen=nowhere",
        "--lock-grace=soon",
        "--lock-idle=1 day",
        "--jwt-secret=short",
        "--jwt-public-key=/nonexistent.pem",
        "--allow-origin=example.org/path",
        "--limit=chapters=5",
        "--timer=ping_ms=0",
        "--log-format=xml",
    ];
    let ended = place.runs_here(&flags).await;
    let names =
        ["listen", "lock-grace", "lock-idle", "jwt-secret", "jwt-public-key", "allow-origin", "limit", "log-format"];
    ended.refused(WRONG, &names.map(|name| ["--", name, ":"].concat()).each_ref().map(String::as_str));
    ended.refused(WRONG, &["ping_ms", "/nonexistent.pem"]);
    assert!(!ended.stderr.contains("short"), "no secret is repeated: {ended:?}");
    assert!(!place.data_dir().exists(), "nothing was begun");
}

#[tokio::test]
async fn an_open_address_without_a_key_is_refused_with_a_way_out() {
    let place = Place::new();
    for flags in [&["--listen", "0.0.0.0:0"][..], &["--listen", "0.0.0.0:0", "--dev"]] {
        place.runs_here(flags).await.refused(WRONG, &["not a loopback address", "give --jwt-secret-file"]);
    }
}

/// A data directory that holds a store, and no process on it.
async fn used() -> Place {
    let place = Place::new();
    place.hub(&[]).await.dies().await;
    place
}

#[tokio::test]
async fn a_damaged_store_is_not_opened_and_not_changed() {
    let zeros = |file: &mut fs::File| file.write_all(&[0; 512]);
    let cut = |file: &mut fs::File| file.set_len(1_000);
    let text = |file: &mut fs::File| file.set_len(0).and_then(|()| file.write_all(b"Call me Ishmael."));
    let empty = |file: &mut fs::File| file.set_len(0);
    let damages: [fn(&mut fs::File) -> std::io::Result<()>; 4] = [zeros, cut, text, empty];
    for damage in damages {
        let place = used().await;
        let path = place.data_dir().join("quire.redb");
        let mut file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        damage(&mut file).unwrap();
        let mut before = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut before).unwrap();
        for arguments in [&["--listen", "127.0.0.1:0"][..], &["dump"]] {
            let ended = place.runs_here(arguments).await;
            ended.refused(FAILED, &["quire.redb is damaged (and left as it is): "]);
            assert_no_panic(&ended);
        }
        assert!(fs::read(&path).unwrap() == before, "the file is as it was");
    }
}

#[tokio::test]
async fn a_lost_store_is_not_an_empty_one() {
    let place = used().await;
    fs::remove_file(place.data_dir().join("quire.redb")).unwrap();
    place.runs_here(&["--listen", "127.0.0.1:0"]).await.refused(FAILED, &["quire.redb is damaged", "no such file"]);
}

#[tokio::test]
async fn a_damaged_development_key_is_named() {
    let place = used().await;
    fs::write(place.data_dir().join("dev-key"), "half").unwrap();
    place.runs_here(&["--listen", "127.0.0.1:0"]).await.refused(FAILED, &["dev-key", "remove it"]);
}

fn assert_no_panic(ended: &Ended) {
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}
