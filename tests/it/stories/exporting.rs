//! A book as a file: what is written is in it, and who may have it.

use std::io::{Cursor, Read as _};

use quire::auth::Identity;
use quire::export::FileKind;
use quire::hub::manuscript::Exported;
use quire::store::{Append, LogId, Tag};
use quire_protocol::{BookId, Rejection, Role, Timestamp, Token, UserId, What};

use crate::harness::typist::Typist;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, moby};

impl Town {
    async fn exports(&self, name: &str, kind: FileKind, known: Option<&str>) -> Result<Exported, Rejection> {
        self.exports_book(name, &moby(), kind, known).await
    }

    async fn exports_book(
        &self,
        name: &str,
        book: &BookId,
        kind: FileKind,
        known: Option<&str>,
    ) -> Result<Exported, Rejection> {
        let identity = Identity {
            user: UserId::new(name).unwrap(),
            email: None,
            name: name.to_owned(),
            expires_at: Timestamp(u64::MAX),
            country: None,
            role: None,
        };
        self.hub.export(&identity, book, kind, known).await
    }

    async fn exports_text(&self, kind: FileKind) -> String {
        let file = self.exports("ann", kind, None).await.unwrap().file.unwrap();
        String::from_utf8(file.to_vec()).unwrap()
    }
}

async fn writes(person: &mut Person, number: u32, words: &str) {
    let token = person.does(acquire(number)).await.granted();
    let mut typist = Typist::begins(token, &person.reads_text(number).await);
    person.types(&mut typist, (number, token), words).await;
    person.does(release(number, token)).await.accepted();
}

#[tokio::test(start_paused = true)]
async fn what_was_written_and_what_was_imported_come_out_in_reading_order() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    let import = Append {
        log: LogId::Chapter(moby(), chapter(2)),
        after: None,
        tag: Tag(1),
        payloads: vec![quire::chapter::imported("<p>The <em>Spouter</em>-Inn</p>".to_owned())],
        guard: None,
        fences: Vec::new(),
        stamp_floor: Token(0),
        by: town.hub.replica.clone(),
        misses: 0,
    };
    town.store.append(import).await.unwrap();
    writes(&mut ann, 1, "Call me <Ishmael>.").await;
    let markdown = town.exports_text(FileKind::Markdown).await;
    let (first, second) = (markdown.find("Call me").unwrap(), markdown.find("*Spouter*-Inn").unwrap());
    assert!(first < second, "{markdown}");
    let html = town.exports_text(FileKind::Html).await;
    assert!(html.contains("Call me &lt;Ishmael&gt;.") && html.contains("<em>Spouter</em>-Inn"), "{html}");
    assert!(town.exports_text(FileKind::Text).await.contains("Call me <Ishmael>."));
    let pdf = town.exports("ann", FileKind::Pdf, None).await.unwrap().file.unwrap();
    assert!(String::from_utf8_lossy(&pdf).contains("Call me <Ishmael>."), "it is data for the press, not markup");
    for (kind, name) in [(FileKind::Epub, "EPUB/section-0001.xhtml"), (FileKind::Docx, "word/document.xml")] {
        let file = town.exports("ann", kind, None).await.unwrap().file.unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("Call me &lt;Ishmael&gt;."), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_state_of_a_book_is_put_together_once() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    writes(&mut ann, 1, "Call me Ishmael.").await;
    let first = town.exports("ann", FileKind::Epub, None).await.unwrap();
    let again = town.exports("ann", FileKind::Epub, None).await.unwrap();
    assert_eq!((&first.tag, &first.file), (&again.tag, &again.file));
    assert!(town.exports("ann", FileKind::Epub, Some(&first.tag)).await.unwrap().file.is_none());
    assert_ne!(town.exports("ann", FileKind::Docx, None).await.unwrap().tag, first.tag);
    writes(&mut ann, 1, " Some years ago").await;
    let later = town.exports("ann", FileKind::Epub, Some(&first.tag)).await.unwrap();
    assert!(later.file.is_some() && later.tag != first.tag);
    ann.does(rename_chapter(2, "The Carpet-Bag")).await.accepted();
    assert_ne!(town.exports("ann", FileKind::Epub, None).await.unwrap().tag, later.tag);
}

#[tokio::test(start_paused = true)]
async fn everybody_in_the_book_looks_at_it_and_those_who_work_on_it_take_it_away() {
    let town = Town::new();
    let people = [("aut", Role::Author), ("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, _people) = town.team(people).await;
    for name in ["ann", "aut", "edi", "vic", "rae"] {
        assert!(town.exports(name, FileKind::Preview, None).await.is_ok(), "{name}");
        for kind in FileKind::ALL {
            let taken = town.exports(name, kind, None).await.map(|_| ());
            let may = !["vic", "rae"].contains(&name);
            assert_eq!(taken, if may { Ok(()) } else { Err(Rejection::Forbidden) }, "{name} {kind:?}");
        }
    }
    let stranger = town.exports("eve", FileKind::Preview, None).await.map(|_| ());
    assert_eq!(stranger, Err(Rejection::NotFound { what: What::Book }));
    // Removed, they know no more than a stranger, whatever they had before.
    let before = town.exports("edi", FileKind::Epub, None).await.unwrap();
    ann.does(remove_member("edi")).await.accepted();
    let after = town.exports("edi", FileKind::Epub, Some(&before.tag)).await.map(|_| ());
    assert_eq!(after, Err(Rejection::NotFound { what: What::Book }));
}

#[tokio::test(start_paused = true)]
async fn two_books_of_the_same_shape_are_two_files() {
    let town = Town::new();
    let (mut ann, mut eve) = (town.arrives("ann").await, town.arrives("eve").await);
    let (hers, mine) = (BookId::new("emma").unwrap(), BookId::new("persuasion").unwrap());
    ann.creates(&hers, "Emma").await;
    eve.creates(&mine, "Persuasion").await;
    let of_ann = town.exports_book("ann", &hers, FileKind::Text, None).await.unwrap();
    let of_eve = town.exports_book("eve", &mine, FileKind::Text, Some(&of_ann.tag)).await.unwrap();
    assert_ne!(of_ann.tag, of_eve.tag);
    assert!(of_eve.file.unwrap().starts_with(b"Persuasion"));
    let stranger = town.exports_book("eve", &hers, FileKind::Text, Some(&of_ann.tag)).await.map(|_| ());
    assert_eq!(stranger, Err(Rejection::NotFound { what: What::Book }));
}
