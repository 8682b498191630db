use std::io::{Cursor, Read as _};

use quire_protocol::AssetId;
use quire_protocol::command::ChapterKind;

use super::check::{epubcheck, text_of_xml};
use super::sample::{chapter, manuscript, number, of, paragraph, section, string};
use crate::export::{FileKind, Manuscript, Section, docx, epub, from_html, html, markdown, plain, preview, write};
use crate::import;
use crate::picture::samples::{LOSSY_WEBP, PLAIN_JPEG, STILL_GIF, png};
use crate::picture::{self, Picture};
use crate::scribe::tree::Node;

fn taken(bytes: &[u8]) -> (AssetId, Picture) {
    let picture = picture::read(bytes, u64::MAX).unwrap();
    (picture.id(), picture)
}

fn shown(id: &AssetId, alt: &str) -> Node {
    let node = Node::element("image", vec![]).with("asset", string(id.as_str()));
    if alt.is_empty() { node } else { node.with("alt", string(alt)) }
}

/// A book with a picture of each kind, one twice, one that nothing names, and names of what it does not have.
fn illustrated() -> Manuscript {
    let pictures = [taken(&png(300, 200)), taken(PLAIN_JPEG), taken(STILL_GIF), taken(LOSSY_WEBP), taken(&png(9, 9))];
    let [a, b, c, d, _] = pictures.each_ref().map(|(id, _)| id.clone());
    let nothing = AssetId::new("00000000000000000000000000000000").unwrap();
    let tree = vec![
        paragraph("Before."),
        shown(&a, "A <boat> & \"sea\"").with("width", number(50)),
        shown(&b, ""),
        Node::element("bulletList", vec![Node::element("listItem", vec![paragraph("item"), shown(&c, "C")])]),
        Node::element("blockquote", vec![shown(&d, "D")]),
        shown(&a, "Again").with("width", string("100%")),
        shown(&nothing, "Not here"),
        shown(&nothing, ""),
        Node::element("image", vec![]).with("asset", string("../../etc/passwd")).with("alt", string("Forged")),
        Node::element("image", vec![]).with("src", string("https://a.example/a.png")).with("alt", string("Remote")),
        paragraph("Behind."),
    ];
    let mut book = manuscript(vec![
        section("c1", ChapterKind::Chapter, "Ebb", None, tree),
        section("c2", ChapterKind::Chapter, "Flood", None, vec![of("heading", "Only a picture"), shown(&b, "B")]),
    ]);
    book.pictures = pictures.into_iter().collect();
    book
}

/// The names in an archive with what they hold.
fn unpacked(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let count = archive.len();
    let entry = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().to_string(), bytes)
    };
    (0..count).map(entry).collect()
}

/// A picture of the book, not what stands in the place of one.
fn is_picture(name: &str) -> bool {
    name.starts_with("EPUB/images/") && !name.ends_with("/nothing.png")
}

fn text_in(files: &[(String, Vec<u8>)], name: &str) -> String {
    let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.clone()).unwrap()
}

#[test]
fn an_epub_with_pictures_of_every_kind_is_in_order() {
    let book = epub(&illustrated()).unwrap();
    epubcheck(&book);
    let files = unpacked(&book);
    let pictures: Vec<_> = files.iter().filter(|(name, _)| is_picture(name)).collect();
    assert_eq!(pictures.len(), 4, "each once, and none that nothing names");
    let manuscript = illustrated();
    for (name, bytes) in pictures {
        let (id, extension) = name["EPUB/images/".len()..].split_once('.').unwrap();
        let picture = &manuscript.pictures[&AssetId::new(id).unwrap()];
        assert_eq!((&picture.bytes[..], picture.kind.extension()), (&bytes[..], extension));
    }
    let page = text_in(&files, "EPUB/section-0001.xhtml");
    for expected in [
        ".png\" alt=\"A &lt;boat&gt; &amp; &quot;sea&quot;\" style=\"width: 50%\"/></figure>",
        ".jpg\" alt=\"\"/></figure>",
        "<p class=\"picture\">Not here</p>",
        "<p class=\"picture\">Forged</p>",
        "<p class=\"picture\">Remote</p>",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!page.contains("a.example") && !page.contains("passwd"), "{page}");
    let package = text_in(&files, "EPUB/package.opf");
    assert!(package.contains("<meta property=\"schema:accessMode\">visual</meta>"), "{package}");
    assert!(package.contains("media-type=\"image/webp\" fallback=\"nothing\"/>"), "{package}");
}

#[test]
fn a_docx_holds_what_word_processors_show() {
    let files = unpacked(&docx(&illustrated()).unwrap());
    let mut media: Vec<_> = files.iter().filter_map(|(name, _)| name.strip_prefix("word/media/")).collect();
    media.sort_unstable();
    assert_eq!(media.len(), 3, "no WebP: {media:?}");
    let (document, relations) = (text_in(&files, "word/document.xml"), text_in(&files, "word/_rels/document.xml.rels"));
    text_of_xml(&document);
    assert_eq!(document.matches("<w:drawing>").count(), 5);
    assert!(document.contains("descr=\"A &lt;boat&gt; &amp; &quot;sea&quot;\""), "{document}");
    for name in media {
        assert!(relations.contains(&format!("Target=\"media/{name}\"")), "{relations}");
    }
    for (embedded, _) in document.match_indices("r:embed=\"") {
        let id = document[embedded + 9..].split('"').next().unwrap();
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id} leads somewhere");
    }
    // Half of the text's width (148 mm less two margins of 19), and two thirds of that high.
    assert!(document.contains("<wp:extent cx=\"1980000\" cy=\"1320000\"/>"), "{document}");
    // Six pixels of 96 to the inch.
    assert!(document.contains("<wp:extent cx=\"57150\" cy=\"38100\"/>"), "{document}");
    for said in ["D", "Not here", "Remote"] {
        let caption = format!("<w:pStyle w:val=\"Caption\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{said}</w:t>");
        let plain = format!("<w:pStyle w:val=\"Caption\"/></w:pPr><w:r><w:t>{said}</w:t>");
        assert!(document.contains(&caption) || document.contains(&plain), "{said} in {document}");
    }
}

#[test]
fn a_picture_that_word_processors_do_not_show_leaves_a_word() {
    let (id, picture) = taken(LOSSY_WEBP);
    for (language, description, said) in
        [(None, "", "[picture]"), (Some("de"), "", "[Bild]"), (None, "A boat", "A boat")]
    {
        let mut book = chapter(vec![shown(&id, description)]);
        book.metadata.language = language.map(str::to_owned);
        book.pictures = [(id.clone(), picture.clone())].into();
        let document = text_in(&unpacked(&docx(&book).unwrap()), "word/document.xml");
        assert!(document.contains(&format!(">{said}</w:t>")), "{said} in {document}");
    }
}

#[test]
fn a_picture_is_never_larger_than_the_page() {
    let (id, picture) = taken(&png(1, 4000));
    let mut book = chapter(vec![shown(&id, "")]);
    book.pictures = [(id, picture)].into();
    let document = text_in(&unpacked(&docx(&book).unwrap()), "word/document.xml");
    // 210 mm less two margins of 19.
    assert!(document.contains("cy=\"6192000\""), "{document}");
}

#[test]
fn pages_and_texts_name_pictures_each_in_its_way() {
    let book = illustrated();
    let page = html(&book);
    assert_eq!(page.matches("src=\"data:image/").count(), 6);
    assert!(page.contains("src=\"data:image/webp;base64,") && !page.contains("a.example"), "{page}");
    let preview = preview(&book);
    assert_eq!((preview.matches("data-asset=").count(), preview.matches("src=").count()), (6, 0));
    assert!(preview.contains("width=\"50%\"/></figure>") && !preview.contains("style="), "{preview}");
    let markdown = markdown(&book);
    let (id, _) = taken(PLAIN_JPEG);
    assert!(markdown.contains(&format!("![]({id}.jpg)")), "{markdown}");
    assert!(markdown.contains("*Not here*"), "{markdown}");
    let plain = plain(&book);
    assert!(plain.contains("[C]") && plain.contains("[Not here]") && !plain.contains("[]"), "{plain}");
}

#[test]
fn a_picture_that_is_written_out_too_often_is_refused_before_it_is_written() {
    let (id, mut picture) = taken(&png(3, 2));
    picture.bytes = vec![0; 8 * 1024 * 1024].into();
    let mut book = chapter(vec![shown(&id, ""); 60]);
    book.pictures = [(id, picture)].into();
    assert!(write(FileKind::Html, &book).is_err());
    assert!(write(FileKind::Epub, &book).is_ok(), "it is in the file once");
}

#[test]
fn a_book_with_pictures_goes_out_and_comes_in_again_as_it_was() {
    let first = illustrated();
    let brought = import::read(&epub(&first).unwrap(), Some("book.epub")).unwrap();
    assert_eq!(brought.report, []);
    let named: Vec<&AssetId> = brought.pictures.iter().map(|(id, _)| id).collect();
    assert_eq!(named.len(), 4);
    for (id, picture) in &brought.pictures {
        assert_eq!(first.pictures[id], *picture, "the same bytes under the same name");
    }
    let again = |text: &import::ImportedText| Section {
        id: text.id.clone(),
        kind: text.kind,
        title: text.title.clone(),
        parent: text.parent.clone(),
        tree: from_html(&text.html),
    };
    let mut second = manuscript(brought.chapters.iter().map(again).collect());
    second.pictures = brought.pictures.iter().cloned().collect();
    let file = epub(&second).unwrap();
    epubcheck(&file);
    let pictures = |file: &[u8]| -> Vec<(String, Vec<u8>)> {
        unpacked(file).into_iter().filter(|(name, _)| is_picture(name)).collect()
    };
    assert_eq!(pictures(&file), pictures(&epub(&first).unwrap()));
    let text = html(&second);
    for kept in ["alt=\"A &lt;boat&gt; &amp; &quot;sea&quot;\" style=\"width: 50%\"", "alt=\"C\"", "Behind."] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    // Through a word processor's file, too.
    let brought = import::read(&docx(&first).unwrap(), Some("book.docx")).unwrap();
    assert_eq!(brought.pictures.len(), 3);
    let all: String = brought.chapters.iter().map(|text| text.html.as_str()).collect();
    assert_eq!(all.matches("<img data-asset=").count(), 5);
}
