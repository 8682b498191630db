//! Pictures of a book: who may bring and see them, what a book holds, and that they are in its files.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use bytes::Bytes;
use futures::StreamExt as _;
use quire::auth::Identity;
use quire::chapter::asset::{AssetPiece, AssetsChange, PIECE_BYTES};
use quire::chapter::journal;
use quire::export::FileKind;
use quire::picture::PictureKind;
use quire::store::{Append, LogId, Tag};
use quire_protocol::codec::decode_record;
use quire_protocol::command::ChapterUpdate;
use quire_protocol::{AssetId, BookId, Limits, Rejection, Role, Seq, Timers, Timestamp, Token, UserId, What};

use crate::harness::typist::Typist;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, moby};

const PNG: &[u8] = include_bytes!("../../../src/picture/tests/turned.png");
const JPEG: &[u8] = include_bytes!("../../../src/picture/tests/plain.jpg");

impl Town {
    async fn adds_to(&self, name: &str, book: &BookId, bytes: &[u8]) -> Result<AssetId, Rejection> {
        self.hub.add_asset(&identity(name), book, bytes.to_vec()).await.map(|asset| asset.id)
    }

    async fn adds(&self, name: &str, bytes: &[u8]) -> Result<AssetId, Rejection> {
        self.adds_to(name, &moby(), bytes).await
    }

    /// All bytes of a picture as they come.
    async fn sees(&self, name: &str, book: &BookId, id: &AssetId) -> Result<Vec<u8>, Rejection> {
        let shown = self.hub.asset(&identity(name), book, id).await?;
        let pieces: Vec<Bytes> = shown.bytes().collect().await;
        Ok(pieces.concat())
    }

    async fn exported(&self, kind: FileKind) -> Vec<u8> {
        self.hub.export(&identity("ann"), &moby(), kind, None).await.unwrap().file.unwrap().to_vec()
    }
}

impl Person {
    /// Holds chapter 1 and puts a picture behind its text.
    async fn places(&mut self, id: &str, alt: &str) {
        let token = self.does(acquire(1)).await.granted();
        let mut typist = Typist::begins(token, &self.reads_text(1).await);
        let (n, update) = typist.places_picture(id, alt);
        self.writes(ChapterUpdate { chapter: chapter(1), token, n, client: None, update }).await.revised();
        self.does(release(1, token)).await.accepted();
    }
}

fn identity(name: &str) -> Identity {
    Identity {
        user: UserId::new(name).unwrap(),
        email: None,
        name: name.to_owned(),
        expires_at: Timestamp(u64::MAX),
        country: None,
        role: None,
    }
}

/// A grey PNG that weighs at least so many bytes: what it says of its colours is long.
fn heavy(bytes: usize) -> Vec<u8> {
    let end = JPEG.len() - 2;
    let colours = [b"ICC_PROFILE\0".to_vec(), vec![7; 60_000]].concat();
    let length = u16::try_from(colours.len() + 2).unwrap().to_be_bytes();
    let segment = [&[0xff, 0xe2][..], &length, &colours].concat();
    let count = bytes.saturating_sub(JPEG.len()).div_ceil(segment.len());
    [&JPEG[..2], &segment.repeat(count), &JPEG[2..end], &JPEG[end..]].concat()
}

fn archive(file: Vec<u8>) -> HashMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut files = HashMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.name().unwrap().to_string(), bytes);
    }
    files
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_brings_pictures_and_whoever_reads_sees_them() {
    let town = Town::new();
    let people = [("aut", Role::Author), ("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, _people) = town.team(people).await;
    let id = town.adds("ann", PNG).await.unwrap();
    let no_such_book = Err(Rejection::NotFound { what: What::Book });
    for (name, brings, sees) in [
        ("ann", Ok(()), true),
        ("aut", Ok(()), true),
        ("edi", Ok(()), true),
        ("vic", Err(Rejection::Forbidden), true),
        ("rae", Err(Rejection::Forbidden), true),
        ("eve", no_such_book.clone(), false),
    ] {
        assert_eq!(town.adds(name, JPEG).await.map(|_| ()), brings, "{name}");
        let seen = town.sees(name, &moby(), &id).await.map(|_| ());
        assert_eq!(seen, if sees { Ok(()) } else { no_such_book.clone() }, "{name}");
    }
    // Removed, they know no more than a stranger.
    ann.does(remove_member("edi")).await.accepted();
    assert_eq!(town.adds("edi", JPEG).await.map(|_| ()), no_such_book);
    assert_eq!(town.sees("edi", &moby(), &id).await.map(|_| ()), no_such_book);
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_named_by_its_content_and_belongs_to_its_book() {
    let town = Town::new();
    let (_ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let asset = town.hub.add_asset(&identity("ann"), &moby(), PNG.to_vec()).await.unwrap();
    assert_eq!((asset.kind, asset.width, asset.height), (PictureKind::Png, 4, 6));
    assert_eq!(asset.by.as_ref().unwrap().user.as_str(), "ann");
    // Whoever brings it again gets the same answer: it is ann's picture.
    assert_eq!(town.hub.add_asset(&identity("ben"), &moby(), PNG.to_vec()).await.unwrap(), asset);
    let bytes = town.sees("ben", &moby(), &asset.id).await.unwrap();
    assert_eq!((bytes.len() as u64, quire::picture::id(&bytes)), (asset.bytes, asset.id.clone()));
    assert!(bytes.len() < PNG.len(), "what shows nothing is left out");
    assert_eq!(town.adds("ann", &bytes).await, Ok(asset.id.clone()), "what was served is what was meant");
    // The same name in another book, by somebody who may see both.
    let other = BookId::new("emma").unwrap();
    ben.creates(&other, "Emma").await;
    let nothing = Err(Rejection::NotFound { what: What::Asset });
    assert_eq!(town.sees("ben", &other, &asset.id).await.map(|_| ()), nothing);
    town.adds_to("ben", &other, PNG).await.unwrap();
    assert_eq!(town.sees("ben", &other, &asset.id).await, Ok(bytes));
}

#[tokio::test(start_paused = true)]
async fn a_large_picture_is_kept_in_pieces_and_comes_out_whole() {
    let town = Town::new();
    let (_ann, []) = town.team([]).await;
    let large = heavy(3 * PIECE_BYTES + 1);
    let id = town.adds("ann", &large).await.unwrap();
    assert_eq!(town.sees("ann", &moby(), &id).await.unwrap(), large);
    let log = LogId::Asset(moby(), id.clone());
    assert_eq!(town.store.tail(log.clone()).await.unwrap().unwrap().seq, Seq(4));
    // Brought again by two at once, nothing is written again.
    let (one, two) = tokio::join!(town.adds("ann", &large), town.adds("ann", &large));
    assert_eq!((one, two), (Ok(id.clone()), Ok(id)));
    assert_eq!(town.store.tail(log).await.unwrap().unwrap().seq, Seq(4));
}

#[tokio::test(start_paused = true)]
async fn two_who_bring_the_same_at_once_write_it_once() {
    let town = Town::shared().await;
    let (_ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let other = town.beside();
    other.hub.may_begin().await;
    let large = heavy(5 * PIECE_BYTES);
    let (one, two) = tokio::join!(town.adds("ann", &large), other.adds("ben", &large));
    assert_eq!(one, two);
    assert_eq!(town.sees("ben", &moby(), &one.unwrap()).await.unwrap(), large);
}

#[tokio::test(start_paused = true)]
async fn what_a_hub_began_to_store_before_it_died_is_no_picture_and_is_finished_by_the_next() {
    let limits = Limits { assets_per_book: 1, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (_ann, []) = town.team([]).await;
    let large = heavy(2 * PIECE_BYTES);
    let log = LogId::Asset(moby(), quire::picture::id(&large));
    let begun = Append {
        log: log.clone(),
        after: None,
        tag: Tag(1),
        payloads: vec![journal::encode(&AssetPiece::Piece { data: Bytes::copy_from_slice(&large[..PIECE_BYTES]) })],
        guard: None,
        fences: Vec::new(),
        stamp_floor: Token(0),
        by: town.hub.replica.clone(),
        misses: 0,
    };
    town.store.append(begun.clone()).await.unwrap();
    let counted = AssetsChange::Begun { id: quire::picture::id(&large), bytes: large.len() as u64 };
    let list = Append { log: LogId::Assets(moby()), payloads: vec![journal::encode(&counted)], ..begun };
    town.store.append(list).await.unwrap();
    let id = quire::picture::id(&large);
    assert_eq!(town.sees("ann", &moby(), &id).await.map(|_| ()), Err(Rejection::NotFound { what: What::Asset }));
    // Its bytes are in the store, so they count.
    let full = Rejection::LimitReached { limit: "assets_per_book".into(), max: 1, used: 1 };
    assert_eq!(town.adds("ann", JPEG).await, Err(full));
    assert_eq!(town.adds("ann", &large).await, Ok(id.clone()));
    assert_eq!(town.sees("ann", &moby(), &id).await.unwrap(), large);
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_counted_before_its_bytes_are_stored() {
    let town = Town::new();
    let (_ann, []) = town.team([]).await;
    let id = town.adds("ann", JPEG).await.unwrap();
    let records = town.store.read_archive(LogId::Assets(moby()), Seq(1), 10, 1 << 20).await.unwrap();
    let changes: Vec<AssetsChange> = records.iter().map(|record| decode_record(&record.payload).unwrap()).collect();
    let [AssetsChange::Begun { id: begun, bytes }, AssetsChange::Added(added)] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((begun, &added.id, *bytes), (&id, &id, added.bytes));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_picture_or_too_much_is_refused_with_its_reason() {
    let limits = Limits { asset_pixels: 24, assets_per_book: 2, asset_bytes: 100_000, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (_ann, []) = town.team([]).await;
    let svg = town.adds("ann", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await.unwrap_err();
    assert!(matches!(&svg, Rejection::Invalid { reason, .. } if reason.contains("SVG")), "{svg:?}");
    assert!(matches!(town.adds("ann", b"GIF89a").await, Err(Rejection::Invalid { .. })));
    assert!(matches!(town.adds("ann", b"").await, Err(Rejection::Invalid { .. })));
    let too_large = |limit: &str, max| Rejection::TooLarge { limit: limit.into(), max };
    assert_eq!(town.adds("ann", &heavy(100_001)).await, Err(too_large("asset_bytes", 100_000)));
    // One pixel more than may be.
    let mut wide = JPEG.to_vec();
    let frame = wide.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    wide[frame + 8] = 7;
    assert_eq!(town.adds("ann", &wide).await, Err(too_large("asset_pixels", 24)));
    town.adds("ann", JPEG).await.unwrap();
    town.adds("ann", PNG).await.unwrap();
    let full = Rejection::LimitReached { limit: "assets_per_book".into(), max: 2, used: 2 };
    assert_eq!(town.adds("ann", &heavy(50_000)).await, Err(full));
    assert!(town.adds("ann", PNG).await.is_ok(), "what is there takes no room");
}

#[tokio::test(start_paused = true)]
async fn pictures_are_in_the_files_of_a_book_and_named_in_its_preview() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let (png, jpeg) = (town.adds("ann", PNG).await.unwrap(), town.adds("ann", JPEG).await.unwrap());
    ann.places(png.as_str(), "A <whale>").await;
    let bytes = town.sees("ann", &moby(), &png).await.unwrap();
    let epub = archive(town.exported(FileKind::Epub).await);
    assert_eq!(epub[&format!("EPUB/images/{png}.png")], bytes);
    assert!(!epub.keys().any(|name| name.contains(jpeg.as_str())), "what nothing names is left out");
    let docx = archive(town.exported(FileKind::Docx).await);
    assert_eq!(docx[&format!("word/media/{png}.png")], bytes);
    let text = async |kind| String::from_utf8(town.exported(kind).await).unwrap();
    let html = text(FileKind::Html).await;
    assert!(html.contains("<img src=\"data:image/png;base64,") && html.contains("alt=\"A &lt;whale&gt;\""), "{html}");
    let preview = text(FileKind::Preview).await;
    assert!(preview.contains(&format!("<img data-asset=\"{png}\" alt=\"A &lt;whale&gt;\"/>")), "{preview}");
    let markdown = text(FileKind::Markdown).await;
    assert!(markdown.contains(&format!("]({png}.png)")) && markdown.contains("![A"), "{markdown}");
    assert!(text(FileKind::Text).await.contains("[A <whale>]"));
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_comes_after_it_was_named_is_in_the_next_file() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let id = quire::picture::read(PNG, u64::MAX).unwrap().id();
    ann.places(id.as_str(), "A whale").await;
    let without = town.hub.export(&identity("ann"), &moby(), FileKind::Preview, None).await.unwrap();
    assert!(String::from_utf8_lossy(&without.file.unwrap()).contains("<p class=\"picture\">A whale</p>"));
    town.adds("ann", PNG).await.unwrap();
    let with = town.hub.export(&identity("ann"), &moby(), FileKind::Preview, Some(&without.tag)).await.unwrap();
    assert!(String::from_utf8_lossy(&with.file.unwrap()).contains(id.as_str()));
}
