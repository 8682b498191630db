//! Pictures through the real program: brought in with a book, over HTTP, kept over a crash and a backup.

use std::io::Write as _;
use std::path::PathBuf;

use quire_protocol::command::InvitationAccept;
use quire_protocol::{BookId, Role};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::program::{Hub, Place, text};
use super::tab::Tab;
use crate::harness::wishes::invite;

const PNG: &[u8] = include_bytes!("../../../src/picture/tests/turned.png");
const JPEG: &[u8] = include_bytes!("../../../src/picture/tests/plain.jpg");

/// An EPUB of one chapter with a picture in it, and one that is nowhere.
fn illustrated(place: &Place) -> PathBuf {
    let package = r#"<package><metadata><title>The Tides</title></metadata><manifest>
        <item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>"#;
    let page = r#"<html><body><h1>Ebb</h1><p>Before <img src="img/a.jpg" alt="A boat"/> behind.</p>
        <p><img src="https://a.example/b.png" alt="A gull"/></p></body></html>"#;
    let container = r#"<container><rootfiles><rootfile full-path="O/book.opf"/></rootfiles></container>"#;
    let files: [(&str, &[u8]); 4] = [
        ("META-INF/container.xml", container.as_bytes()),
        ("O/book.opf", package.as_bytes()),
        ("O/a.xhtml", page.as_bytes()),
        ("O/img/a.jpg", JPEG),
    ];
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let path = place.path("tides.epub");
    std::fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
    path
}

/// Brings a picture as this person; status and body of the answer.
fn brings(hub: &Hub, name: &str, book: &str, bytes: &[u8]) -> (u16, serde_json::Value) {
    let (status, body) = hub.sends(&format!("/v1/books/{book}/assets"), &hub.token(name), bytes);
    (status, serde_json::from_str(&body).unwrap())
}

/// A picture as this person gets it.
fn sees(hub: &Hub, name: &str, book: &str, asset: &str) -> (u16, Vec<u8>) {
    hub.fetches(&format!("/v1/books/{book}/assets/{asset}"), Some(&hub.token(name)))
}

async fn joins(owner: &mut Tab, hub: &Hub, name: &str, role: Role) {
    let invitation = invite(name, role);
    let accept = InvitationAccept { invitation: invitation.invitation.clone() };
    owner.does(invitation).await.accepted();
    Tab::arrives(hub, name).await.does(accept).await.accepted();
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_hold_over_http_and_pictures_over_a_crash() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (mut ann, []) = Tab::team(&hub, []).await;
    joins(&mut ann, &hub, "edi", Role::Editor).await;
    joins(&mut ann, &hub, "vic", Role::Viewer).await;
    joins(&mut ann, &hub, "rae", Role::Reader).await;
    let (status, added) = brings(&hub, "ann", "moby-dick", PNG);
    assert_eq!((status, added["type"].as_str(), added["width"].as_u64()), (200, Some("image/png"), Some(4)));
    let id = added["asset"].as_str().unwrap();
    assert_eq!(brings(&hub, "edi", "moby-dick", PNG), (200, added.clone()), "the same again");
    for (name, brought, seen) in [("edi", 200, 200), ("vic", 403, 200), ("rae", 403, 200), ("eve", 404, 404)] {
        assert_eq!(brings(&hub, name, "moby-dick", JPEG).0, brought, "{name}");
        assert_eq!(sees(&hub, name, "moby-dick", id).0, seen, "{name}");
    }
    assert_eq!(hub.fetches(&format!("/v1/books/moby-dick/assets/{id}"), None).0, 401);
    let (status, refused) = brings(&hub, "ann", "moby-dick", b"<svg/>");
    assert_eq!((status, refused["code"].as_str()), (400, Some("invalid")));
    hub.dies().await;
    let hub = place.hub(&[]).await;
    let (status, bytes) = sees(&hub, "rae", "moby-dick", id);
    assert_eq!((status, bytes.len() as u64), (200, added["bytes"].as_u64().unwrap()));
    assert_eq!(quire::picture::id(&bytes).as_str(), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_in_with_a_book_and_go_out_with_a_backup() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let file = illustrated(&place);
    let ended = place.runs_here(&["import", text(&file), "--owner", "ann@example.com"]).await.well();
    assert!(ended.stderr.contains("1 image is not in the file"), "{}", ended.stderr);
    let book = ended.stdout.trim().to_owned();
    let backup = place.path("backup");
    place.runs_here(&["dump", text(&backup)]).await.well();
    elsewhere.runs_here(&["load", text(&backup)]).await.well();
    let id = quire::picture::id(JPEG);
    for at in [&place, &elsewhere] {
        let hub = at.hub(&[]).await;
        // Whoever comes with the address owns the book.
        let mut ann = Tab::arrives(&hub, "ann").await;
        assert_eq!(ann.books().await.len(), 1);
        let chapters = ann.opens_book(&BookId::new(&book).unwrap(), None).await.snapshot.unwrap().chapters;
        assert_eq!(chapters.len(), 1);
        let (_, html) = hub.asks(&format!("/v1/books/{book}/preview"), Some(&hub.token("ann")));
        assert!(
            html.contains(&format!(r#"<img data-asset="{id}" alt="A boat"/>"#)) && html.contains("A gull"),
            "{html}"
        );
        assert_eq!(sees(&hub, "ann", &book, id.as_str()), (200, JPEG.to_vec()));
        assert_eq!(sees(&hub, "eve", &book, id.as_str()).0, 404);
        let (status, epub) = hub.fetches(&format!("/v1/books/{book}/export/epub"), Some(&hub.token("ann")));
        assert_eq!(status, 200);
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(epub)).unwrap();
        let mut inside = Vec::new();
        let name = format!("EPUB/images/{id}.jpg");
        std::io::Read::read_to_end(&mut archive.by_name(&name).unwrap(), &mut inside).unwrap();
        assert_eq!(inside, JPEG);
        hub.is_asked_to_end();
        hub.ends().await.well();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_picture_goes_through_a_redis_and_is_seen_at_the_other_replica() {
    let (place, server) = (Place::new(), crate::redis_server::RedisServer::start().await);
    let url = format!("redis://quire:{}@127.0.0.1:{}", crate::redis_server::PASSWORD, server.port());
    let flags = ["--redis-url", &url];
    let (east, west) = (place.hub(&flags).await, place.hub(&flags).await);
    let (_ann, []) = Tab::team(&east, []).await;
    // As many colours as make it as large as a picture may be.
    let colours = [b"ICC_PROFILE\0".to_vec(), vec![7; 60_000]].concat();
    let length = u16::try_from(colours.len() + 2).unwrap().to_be_bytes();
    let segment = [&[0xff, 0xe2][..], &length, &colours].concat();
    let large = [&JPEG[..2], &segment.repeat(139), &JPEG[2..]].concat();
    assert!(large.len() > 8_300_000, "{}", large.len());
    let (status, added) = brings(&east, "ann", "moby-dick", &large);
    assert_eq!((status, added["bytes"].as_u64()), (200, Some(large.len() as u64)), "{added}");
    let (status, bytes) = sees(&west, "ann", "moby-dick", added["asset"].as_str().unwrap());
    assert!(status == 200 && bytes == large, "the other replica has all of it");
    for hub in [east, west] {
        hub.is_asked_to_end();
        hub.ends().await.well();
    }
}
