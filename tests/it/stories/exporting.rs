//! A book as a file: what is written is in it, and who may have it.

use std::io::{Cursor, Read as _};

use quire::auth::Identity;
use quire::export::FileKind;
use quire::hub::edition::Edition;
use quire::hub::manuscript::Exported;
use quire_protocol::command::FormatSet;
use quire_protocol::format::{Font, Format, Numbering, ParagraphStyle, Trim};
use quire_protocol::{BookId, Event, Rejection, Role, Timestamp, UserId, What};

use crate::harness::typist::Typist;
use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

impl Town {
    pub(super) async fn exports(
        &self,
        name: &str,
        edition: impl Into<Edition>,
        known: Option<&str>,
    ) -> Result<Exported, Rejection> {
        self.exports_book(name, &moby(), edition, known).await
    }

    async fn exports_book(
        &self,
        name: &str,
        book: &BookId,
        edition: impl Into<Edition>,
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
        self.hub.export(&identity, book, edition, known).await
    }

    pub(super) async fn exports_text(&self, edition: impl Into<Edition>) -> String {
        let file = self.exports("ann", edition, None).await.unwrap().file.unwrap();
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
    let mut ann = town.imports(&["", "<p>The <em>Spouter</em>-Inn</p>"]).await;
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

fn looks(format: Format) -> FormatSet {
    FormatSet { format, base_seq: None }
}

#[tokio::test(start_paused = true)]
async fn a_book_looks_as_it_was_told_to_in_every_file_and_in_the_preview() {
    let town = Town::new();
    let (mut ann, [mut edi, mut rae]) = town.team([("edi", Role::Editor), ("rae", Role::Reader)]).await;
    writes(&mut ann, 1, "Call me Ishmael.").await;
    let mut before = Vec::new();
    for kind in FileKind::ALL.into_iter().chain([FileKind::Preview]) {
        before.push((kind, town.exports("ann", kind, None).await.unwrap()));
    }
    let format = Format { numbering: Numbering::Roman, trim: Trim::SixByNine, font: Font::Sans, ..Format::default() };
    edi.does(looks(format.clone())).await.accepted();
    let heard =
        rae.hears(|event| if let Event::FormatChanged(event) = event { Some(event.format.clone()) } else { None });
    assert_eq!(heard.await, format, "everybody who reads the book hears of it");
    for (kind, old) in before {
        let new = town.exports("ann", kind, Some(&old.tag)).await.unwrap();
        assert_ne!(new.tag, old.tag, "{kind:?}");
        assert_ne!(new.file, old.file, "{kind:?}");
    }
    let preview = town.exports("rae", FileKind::Preview, None).await.unwrap().file.unwrap();
    assert!(String::from_utf8_lossy(&preview).contains("<span class=\"number\">I</span>"));
    assert!(town.exports_text(FileKind::Html).await.contains("152.4mm 228.6mm"));
    assert_eq!(edi.snapshot().await.format, format);
}

#[tokio::test(start_paused = true)]
async fn a_format_that_cannot_be_or_is_not_ones_to_set_changes_nothing() {
    let town = Town::new();
    let people = [("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, [mut edi, mut vic, mut rae]) = town.team(people).await;
    let base = ann.snapshot().await.format_seq;
    for size in [59, 241] {
        let refused =
            edi.does(looks(Format { font_size_tenths_pt: size, ..Format::default() })).await.refused("invalid");
        let field = "format.font_size_tenths_pt".to_owned();
        assert_eq!(refused, Rejection::Invalid { field, reason: "letters are 6 to 24 points large".into() });
    }
    let spaced = Format { paragraphs: ParagraphStyle::Spaced, ..Format::default() };
    for person in [&mut vic, &mut rae] {
        person.does(looks(spaced.clone())).await.refused("forbidden");
    }
    assert_eq!(ann.snapshot().await.format, Format::default());
    ann.does(looks(spaced.clone())).await.accepted();
    let late = FormatSet { format: Format::default(), base_seq: Some(base) };
    edi.does(late).await.refused("stale_base");
    assert_eq!(edi.snapshot().await.format, spaced);
}
