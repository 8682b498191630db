//! Files that become books, and books that become files.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use quire::export::{FileKind, Manuscript, Pictures, Section, from_html as tree_of, write};
use quire::import::{CHAPTERS_MAX, ImportedBook, TEXT_BYTES_MAX, read, read_epub};
use quire::scribe::tree::{Node, Value, is_shallow, normal};
use quire_protocol::command::{ChapterKind, Metadata};
use quire_protocol::{ChapterId, Format, Timestamp};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Before each part of an archive in the making, with the digit of its name behind it.
const MARK: &[u8] = b"%%";

const EPUB: [(&str, &[u8]); 8] = [
    ("META-INF/container.xml", br#"<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>"#),
    (
        "O/b.opf",
        br#"<package><metadata xmlns:dc="d"><dc:title>T</dc:title></metadata><manifest>
        <item id="n" href="n.xhtml" properties="nav"/><item id="x" href="t.ncx" media-type="application/x-dtbncx+xml"/>
        <item id="a" href="a.xhtml"/><item id="b" href="b.xhtml"/></manifest>
        <spine><itemref idref="a"/><itemref idref="b"/></spine></package>"#,
    ),
    (
        "O/n.xhtml",
        br#"<html xmlns:epub="e"><nav epub:type="toc"><ol><li><a href="a.xhtml">One</a></li></ol></nav></html>"#,
    ),
    ("O/t.ncx", b"<ncx><navMap/></ncx>"),
    ("O/a.xhtml", b"<html><body><h1>One</h1><p>Call me.</p></body></html>"),
    ("O/b.xhtml", br#"<html><body><h1>Two</h1><p>Ishmael<img src="p.png" alt="A whale"/></p></body></html>"#),
    ("O/p.png", b""),
    ("META-INF/encryption.xml", b"<encryption/>"),
];

const DOCX: [(&str, &[u8]); 8] = [
    (
        "word/document.xml",
        br#"<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Call me.</w:t></w:r></w:p></w:body></w:document>"#,
    ),
    (
        "word/_rels/document.xml.rels",
        br#"<Relationships><Relationship Id="1" Type="x/styles" Target="styles.xml"/>
        <Relationship Id="2" Type="x/numbering" Target="numbering.xml"/>
        <Relationship Id="3" Type="x/footnotes" Target="footnotes.xml"/>
        <Relationship Id="4" Type="x/image" Target="p.png"/>
        <Relationship Id="5" Type="x/hyperlink" Target="https://a.example/" TargetMode="External"/></Relationships>"#,
    ),
    ("word/styles.xml", b"<w:styles/>"),
    ("word/numbering.xml", b"<w:numbering/>"),
    ("word/footnotes.xml", b"<w:footnotes/>"),
    ("docProps/core.xml", b"<cp:coreProperties/>"),
    ("word/p.png", b""),
    ("[Content_Types].xml", b"<Types/>"),
];

/// A file of the kind that its name says.
pub(super) fn file(bytes: &[u8], name: &str) {
    if let Ok(book) = read(bytes, Some(name)) {
        check(&book);
    }
}

/// An EPUB some parts of which are the input's.
pub(super) fn epub(bytes: &[u8]) {
    if let Ok(book) = read_epub(&archive_of(bytes, &EPUB)) {
        check(&book);
    }
}

/// A DOCX some parts of which are the input's.
pub(super) fn docx(bytes: &[u8]) {
    if let Ok(book) = read(&archive_of(bytes, &DOCX), None) {
        check(&book);
    }
}

/// The bytes of an archive, or what claims to be one.
pub(super) fn archive(bytes: &[u8]) {
    for book in [read(bytes, None), read_epub(bytes)].into_iter().flatten() {
        check(&book);
    }
}

/// Any HTML becomes a tree that an editor takes, and the tree a file of each kind.
pub(super) fn from_html(bytes: &[u8]) {
    let tree = tree_of(&String::from_utf8_lossy(bytes));
    assert!(is_shallow(&tree));
    assert_eq!(normal(tree.clone()), tree, "not in the normal form");
    let section = Section {
        id: ChapterId::new("c1").expect("an id"),
        kind: ChapterKind::Chapter,
        title: "One".to_owned(),
        parent: None,
        tree,
    };
    let manuscript = Manuscript {
        identifier: uuid::Uuid::nil(),
        title: "Ebb".to_owned(),
        metadata: Metadata::default(),
        rights: None,
        modified: Timestamp(0),
        sections: vec![section],
        pictures: Pictures::default(),
        format: Format::default(),
    };
    for kind in FileKind::ALL {
        if let Err(error) = write(kind, &manuscript) {
            assert!(!error.to_string().is_empty());
        }
    }
}

/// What is true of every book, whatever it was made of.
fn check(book: &ImportedBook) {
    assert!(book.chapters.len() <= CHAPTERS_MAX);
    for chapter in &book.chapters {
        assert!(chapter.html.len() <= TEXT_BYTES_MAX);
        let html = chapter.html.to_ascii_lowercase();
        for banned in ["<script", "<style", "<iframe", "<object", "<svg", "<math", "<base", "<meta", "<form"] {
            assert!(!html.contains(banned), "{banned} in {html}");
        }
        let tree = tree_of(&chapter.html);
        assert!(is_shallow(&tree));
        assert_eq!(normal(tree.clone()), tree, "not in the normal form");
        tree.iter().for_each(check_links);
    }
}

/// Links lead to pages and people.
fn check_links(node: &Node) {
    match node {
        Node::Element { children, .. } => children.iter().for_each(check_links),
        Node::Text { runs } => {
            for mark in runs.iter().flat_map(|run| &run.marks).filter(|mark| mark.name == "link") {
                let Value::Map(value) = &mark.value else { continue };
                let href = value.get("href").map(|value| format!("{value:?}").to_ascii_lowercase());
                let leads =
                    ["http:", "https:", "mailto:"].iter().any(|scheme| href.iter().any(|href| href.contains(scheme)));
                assert!(href.is_none() || leads, "a link to {href:?}");
            }
        }
    }
}

/// An archive of these parts, each replaced by what stands behind its mark.
fn archive_of(bytes: &[u8], usual: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: BTreeMap<usize, &[u8]> = usual.iter().map(|(_, part)| *part).enumerate().collect();
    let mut rest = bytes;
    let mut into = 4;
    while !rest.is_empty() {
        let end = rest.windows(MARK.len()).position(|window| window == MARK).unwrap_or(rest.len());
        if end > 0 {
            parts.insert(into, &rest[..end]);
        }
        rest = &rest[(end + MARK.len()).min(rest.len())..];
        if let Some((digit, behind)) = rest.split_first() {
            into = usize::from(*digit) % usual.len();
            rest = behind;
        }
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (index, part) in parts {
        zip.start_file(usual[index].0, stored).expect("a name");
        zip.write_all(part).expect("memory takes everything");
    }
    zip.finish().expect("memory takes everything").into_inner()
}
