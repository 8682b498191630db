use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use quire_protocol::AssetId;

use super::super::loss::{Loss, LossKind};
use super::super::{read, read_within, tell_nobody};
use super::*;
use crate::picture::samples::{PLAIN_JPEG, STILL_GIF, TURNED_JPEG, chunk, png};
use crate::picture::{self, PictureKind};

/// A book of one page with these files beside it.
fn epub_with(body: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let texts = [("text/a.xhtml", page(body))];
    let opf = package("", "", &texts);
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let own: [(&str, &[u8]); 3] = [
        (CONTAINER.0, CONTAINER.1.as_bytes()),
        ("OPS/book.opf", opf.as_bytes()),
        ("OPS/text/a.xhtml", texts[0].1.as_bytes()),
    ];
    for (name, bytes) in own.iter().chain(files) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn id(bytes: &[u8]) -> AssetId {
    picture::read(bytes, u64::MAX).unwrap().id()
}

/// The text of the only chapter, with the id of this picture as `ID`.
fn html(book: &ImportedBook, picture: &[u8]) -> String {
    let [chapter] = book.chapters.as_slice() else { panic!("one chapter: {book:?}") };
    chapter.html.replace(id(picture).as_str(), "ID")
}

fn losses(book: &ImportedBook) -> Vec<(LossKind, usize)> {
    book.report.iter().map(|Loss { what, count }| (*what, *count)).collect()
}

#[test]
fn a_picture_of_an_epub_becomes_one_of_the_book_and_stands_between_the_lines() {
    let files: [(&str, &[u8]); 1] = [("OPS/images/a b.jpg", PLAIN_JPEG)];
    let picture = r#"<img src="../images/a%20b.jpg" alt="A &lt;boat&gt;" onload="x()"/>"#;
    let shown = r#"<img data-asset="ID" alt="A &lt;boat&gt;">"#;
    for (body, expected) in [
        (format!("<p>{picture}</p>"), shown.to_owned()),
        (format!("<p>one {picture} two</p>"), format!("<p>one </p>{shown}<p> two</p>")),
        (
            format!("<p>one <b>bold {picture}</b> two</p>"),
            format!("<p>one <strong>bold </strong></p>{shown}<p> two</p>"),
        ),
        (format!("<div><a href='https://a.example'>{picture}</a></div>"), shown.to_owned()),
        (format!("<figure>{picture}<figcaption>Said</figcaption></figure>"), format!("{shown}<p>Said</p>")),
        (format!("<ul><li>one {picture}</li></ul>"), format!("<ul><li>one {shown}</li></ul>")),
        (format!("<h2>One {picture}</h2><p>x</p>"), format!("<h2>One </h2>{shown}<p>x</p>")),
        (format!("<h2>{picture}</h2><p>x</p>"), format!("<h2>A &lt;boat&gt;</h2>{shown}<p>x</p>")),
        (
            r#"<svg xmlns:xlink="x"><image xlink:href="../images/a%20b.jpg"/></svg>"#.to_owned(),
            r#"<img data-asset="ID">"#.to_owned(),
        ),
        (
            r#"<img src="../images/a%20b.jpg" alt="" style="color: red; width: 50%"/>"#.to_owned(),
            r#"<img data-asset="ID" width="50%">"#.to_owned(),
        ),
    ] {
        let book = read_epub(&epub_with(&body, &files)).unwrap();
        assert_eq!(html(&book, PLAIN_JPEG), expected, "{body}");
        assert_eq!((book.pictures.len(), losses(&book)), (1, vec![]), "{body}");
        let (name, picture) = &book.pictures[0];
        assert_eq!((name, picture.kind, &picture.bytes[..]), (&id(PLAIN_JPEG), PictureKind::Jpeg, PLAIN_JPEG));
    }
}

#[test]
fn a_picture_is_taken_once_however_often_it_is_there() {
    let files: [(&str, &[u8]); 2] = [("OPS/text/a.jpg", PLAIN_JPEG), ("OPS/text/again.png", PLAIN_JPEG)];
    let body = r#"<p><img src="a.jpg"/></p><p><img src="./a.jpg"/><img src="again.png"/></p>"#;
    let book = read_epub(&epub_with(body, &files)).unwrap();
    assert_eq!(html(&book, PLAIN_JPEG), r#"<img data-asset="ID">"#.repeat(3));
    assert_eq!(book.pictures.len(), 1, "the same bytes under another name are the same picture");
}

#[test]
fn what_a_camera_says_stays_out_of_the_book() {
    let files: [(&str, &[u8]); 1] = [("OPS/text/a.jpg", TURNED_JPEG)];
    let book = read_epub(&epub_with(r#"<img src="a.jpg"/>"#, &files)).unwrap();
    let bytes = &book.pictures[0].1.bytes;
    assert!(memchr::memmem::find(bytes, b"Secret Camera").is_none());
}

#[test]
fn what_is_not_taken_is_its_description_and_is_said() {
    let header = |side: u32| [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let bomb =
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IHDR", &header(60_000)), chunk(*b"IDAT", b"x"), chunk(*b"IEND", b"")]
            .concat();
    let large = vec![0; Limits::default().asset_bytes + 1];
    let files: [(&str, &[u8]); 5] = [
        ("OPS/text/a.svg", b"<svg/>"),
        ("OPS/text/bomb.png", &bomb),
        ("OPS/text/large.png", &large),
        ("OPS/text/a.txt", b"no picture"),
        ("etc/passwd", b"root"),
    ];
    for (src, loss) in [
        ("a.svg", LossKind::Images),
        ("a.txt", LossKind::Images),
        ("missing.png", LossKind::Images),
        ("", LossKind::Images),
        ("../../../../etc/passwd", LossKind::Images),
        ("/etc/passwd", LossKind::Images),
        ("file:///etc/passwd", LossKind::Images),
        ("data:image/png,x", LossKind::Images),
        ("data:image/svg+xml;base64,PHN2Zy8+", LossKind::Images),
        ("bomb.png", LossKind::LargeImages),
        ("large.png", LossKind::LargeImages),
        ("https://a.example/a.png", LossKind::RemoteImages),
        ("//a.example/a.png", LossKind::RemoteImages),
    ] {
        let book = read_epub(&epub_with(&format!(r#"<p>x <img src="{src}" alt="A boat"/></p>"#), &files)).unwrap();
        assert_eq!((losses(&book), book.pictures.len()), (vec![(loss, 1)], 0), "{src}");
        assert_eq!(book.chapters[0].html, "<p>x A boat</p>", "{src}");
    }
    let drawing = read_epub(&epub_with("<p>x</p><svg><path/></svg>", &[])).unwrap();
    assert_eq!(losses(&drawing), [(LossKind::Images, 1)]);
}

#[test]
fn a_file_cannot_name_pictures_of_the_book_itself() {
    let forged = format!(r#"<p>x <img data-asset="{0}" alt="y"/></p>"#, id(PLAIN_JPEG));
    let book = read_epub(&epub_with(&forged, &[])).unwrap();
    assert_eq!(book.chapters[0].html, "<p>x y</p>");
    let page = format!(r#"<html><p>x <img #asset="{0}" data-asset="{0}" alt="y"></p></html>"#, id(PLAIN_JPEG));
    assert_eq!(read(page.as_bytes(), Some("a.html")).unwrap().chapters[0].html, "<p>x y</p>");
}

#[test]
fn a_chapter_that_is_a_picture_is_a_chapter() {
    let texts = [("cover.xhtml", page(r#"<img src="c.gif" alt=""/>"#)), ("a.xhtml", page("<h1>A</h1><p>x</p>"))];
    let opf = package("", "", &texts);
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let files: [(&str, &[u8]); 5] = [
        (CONTAINER.0, CONTAINER.1.as_bytes()),
        ("OPS/book.opf", opf.as_bytes()),
        ("OPS/cover.xhtml", texts[0].1.as_bytes()),
        ("OPS/a.xhtml", texts[1].1.as_bytes()),
        ("OPS/c.gif", STILL_GIF),
    ];
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let book = read_epub(&zip.finish().unwrap().into_inner()).unwrap();
    assert_eq!(book.chapters.len(), 2);
    assert!(book.chapters[0].html.starts_with("<img data-asset="));
}

#[test]
fn a_page_brings_the_pictures_that_it_holds_itself() {
    let data = BASE64_STANDARD.encode(PLAIN_JPEG);
    let (first, rest) = data.split_at(40);
    // Lines in the middle, a lying type, no padding: as it is found.
    let src = format!("DATA:image/png;charset=x;base64,{first}\n  {}", rest.trim_end_matches('='));
    let text = format!("<!DOCTYPE html><html><h1>A</h1><p>x <img alt='A boat' width='30%' src='{src}'> y</p></html>");
    let book = read(text.as_bytes(), Some("a.html")).unwrap();
    assert_eq!(html(&book, PLAIN_JPEG), r#"<p>x </p><img data-asset="ID" alt="A boat" width="30%"><p> y</p>"#);
    assert_eq!((losses(&book), book.pictures.len()), (vec![], 1));
}

#[test]
fn a_book_takes_as_many_pictures_as_it_holds() {
    let sizes = [(1, 2), (2, 3), (3, 4)];
    let pictures = sizes.map(|(width, height)| png(width, height));
    let shown = |number: usize| format!(r#"<p><img src="{number}.png" alt="no {number}"/></p>"#);
    let body = [shown(0), shown(1), shown(2)].concat();
    let names = ["OPS/text/0.png", "OPS/text/1.png", "OPS/text/2.png"];
    let files: Vec<(&str, &[u8])> = names.iter().zip(&pictures).map(|(name, bytes)| (*name, &bytes[..])).collect();
    let file = epub_with(&body, &files);
    let bytes = pictures[0].len() + pictures[1].len();
    for limits in
        [Limits { assets_per_book: 2, ..Limits::default() }, Limits { book_asset_bytes: bytes, ..Limits::default() }]
    {
        let book = read_within(&file, None, &limits, &tell_nobody()).unwrap();
        assert_eq!((book.pictures.len(), losses(&book)), (2, vec![(LossKind::SurplusImages, 1)]));
        assert!(book.chapters[0].html.ends_with("<p>no 2</p>"), "{}", book.chapters[0].html);
    }
    let small = Limits { asset_pixels: 6, ..Limits::default() };
    assert_eq!(losses(&read_within(&file, None, &small, &tell_nobody()).unwrap()), [(LossKind::LargeImages, 1)]);
}
