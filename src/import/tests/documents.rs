//! DOCX files that Word made: what two readers of such files are tested with. `tests/run` fetches them.

use super::*;

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/documents").join(name)
}

fn document(path: &str) -> Result<ImportedBook, ImportError> {
    let path = folder(path);
    let file = std::fs::read(&path);
    let file = file.unwrap_or_else(|error| panic!("{}: {error}; tests/run fetches it", path.display()));
    read(&file, path.file_name().and_then(|name| name.to_str()))
}

/// Its only chapter, and what was lost.
fn text(path: &str) -> (String, Vec<String>) {
    let book = document(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let [chapter] = &book.chapters[..] else { panic!("{path} is one chapter: {book:?}") };
    (chapter.html.clone(), book.report.iter().map(ToString::to_string).collect())
}

#[test]
fn every_document_is_a_book_or_has_no_text() {
    let without_text = [
        "default.docx",
        "doc-coreprops.docx",
        "doc-default.docx",
        "doc-no-coreprops.docx",
        "doc-word-default-blank.docx",
        "empty.docx",
        // A picture that is elsewhere, and has no description.
        "external-picture.docx",
        "set-no-settings-part.docx",
        "sty-behav-props.docx",
        "sty-having-no-styles-part.docx",
        "sty-having-styles-part.docx",
    ];
    let (mut books, mut empty) = (0, Vec::new());
    for maker in ["mammoth", "python-docx"] {
        for entry in std::fs::read_dir(folder(maker)).expect("tests/run fetches it") {
            let path = entry.unwrap().path();
            assert!(path.extension().is_some_and(|extension| extension == "docx"), "{}", path.display());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            match document(&format!("{maker}/{name}")) {
                Ok(book) => {
                    books += 1;
                    assert!(book.chapters.iter().all(|text| !text.title.trim().is_empty()), "{name}: {book:?}");
                    assert!(!book.chapters.is_empty() && !book.title.is_empty(), "{name}");
                }
                Err(ImportError::Empty) => empty.push(name),
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
    empty.sort();
    assert_eq!(empty, without_text);
    assert_eq!(books, 52);
}

#[test]
fn what_a_document_says_is_kept_as_it_stands() {
    for (path, html) in [
        (
            "mammoth/footnotes.docx",
            "<p>Ouch<sup>1</sup>.<sup>2</sup></p><hr><ol start=\"1\"><li><p> A tachyon walks into a bar.</p></li>\
             <li><p> Fin.</p></li></ol>",
        ),
        (
            "mammoth/footnote-hyperlink.docx",
            "<p><sup>1</sup></p><hr><ol start=\"1\"><li><p> \
             <a href=\"http://www.example.com\" rel=\"noopener noreferrer\">Example</a></p></li></ol>",
        ),
        ("mammoth/simple-list.docx", "<ul><li><p>Apple</p></li><li><p>Banana</p></li></ul>"),
        ("mammoth/strict-format.docx", "<p>Test</p>"),
        ("mammoth/utf8-bom.docx", "<p>This XML has a byte order mark.</p>"),
        ("mammoth/strikethrough.docx", "<p><s>Today's Special: Salmon</s> Sold out</p>"),
        ("mammoth/underline.docx", "<p><strong>The <u>Sunset</u> Tree</strong></p>"),
        (
            "mammoth/tables.docx",
            "<p>Above</p><table><tbody><tr><td><p>Top left</p></td><td><p>Top right</p></td></tr>\
             <tr><td><p>Bottom left</p></td><td><p>Bottom right</p></td></tr></tbody></table><p>Below</p>",
        ),
        ("python-docx/num-having-numbering-part.docx", "<ol><li><p>Paragraph having List Number style.</p></li></ol>"),
        (
            "python-docx/run-char-style.docx",
            "<p>First run having no directly-applied character style. <em>Next run having Emphasis character style. \
             </em><strong>Last run having Strong style.</strong></p>",
        ),
        (
            "python-docx/par-hyperlinks.docx",
            "<p>No hyperlinks</p><p>One <a href=\"http://yahoo.com/\" rel=\"noopener noreferrer\">awesome hyperlink</a>.\
             </p><p>Three hyperlinks: <a href=\"http://google.com/\" rel=\"noopener noreferrer\">the first one</a> here, \
             the <a href=\"http://python.org/\" rel=\"noopener noreferrer\">second one</a>, and the \
             <a href=\"http://yahoo.com/\" rel=\"noopener noreferrer\">third</a>.</p>",
        ),
    ] {
        assert_eq!(text(path), (html.to_owned(), vec![]), "{path}");
    }
    // Merged cells, and tables in cells.
    let (html, _) = text("python-docx/tbl-cell-access.docx");
    assert!(html.contains("<td colspan=\"2\" rowspan=\"2\"><p>4</p></td><td><p>6</p></td>"), "{html}");
    let (html, _) = text("python-docx/blk-paras-and-tables.docx");
    assert!(html.contains("<td><p>Text before</p><table><tbody><tr><td><p>Table</p></td></tr>"), "{html}");
}

#[test]
fn what_is_lost_of_a_document_is_told() {
    for (path, report) in [
        ("mammoth/comments.docx", &["2 comments were left out"][..]),
        ("mammoth/text-box.docx", &["1 text box became paragraphs"]),
        ("python-docx/par-hlink-frags.docx", &["1 link was replaced by its text"]),
        (
            "python-docx/shp-inline-shape-access.docx",
            &["1 image was replaced by its description", "2 embedded objects were left out"],
        ),
    ] {
        assert_eq!(text(path).1, report, "{path}");
    }
}

#[test]
fn headings_titles_and_pictures_of_documents_are_found() {
    let book = document("python-docx/par-known-styles.docx").unwrap();
    assert_eq!(outline(&book), [("Front matter", Front, None), ("Heading 1", Chapter, None)]);
    let book = document("python-docx/test.docx").unwrap();
    assert_eq!(
        (book.title.as_str(), &book.metadata.authors[..]),
        ("python-docx was here!", &["Cisco Employee".into()][..])
    );
    let book = document("python-docx/having-images.docx").unwrap();
    assert_eq!((book.pictures.len(), book.chapters[0].html.matches("<img data-asset=").count()), (3, 5));
    assert_eq!(document("mammoth/tiny-picture.docx").unwrap().pictures.len(), 1);
    // Its address is written from the root of the archive.
    assert_eq!(document("mammoth/tiny-picture-target-base-relative.docx").unwrap().pictures.len(), 1);
}
