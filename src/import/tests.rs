use std::io::Write as _;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use ChapterKind::{Back, Chapter, Front, Part};

const CONTAINER: (&str, &str) =
    ("META-INF/container.xml", r#"<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>"#);

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn page(body: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><!DOCTYPE html><html xmlns:epub="x"><head><title>no</title></head><body>{body}</body></html>"#
    )
}

/// A package whose spine is `texts`, in order.
fn package(metadata: &str, more_items: &str, texts: &[(&str, String)]) -> String {
    let items: Vec<String> = texts
        .iter()
        .map(|(name, _)| format!(r#"<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>"#))
        .collect();
    let spine: Vec<String> = texts.iter().map(|(name, _)| format!(r#"<itemref idref="{name}"/>"#)).collect();
    let (items, spine) = (items.concat(), spine.concat());
    format!(
        r#"<package><metadata xmlns:dc="d"><dc:title>T</dc:title>{metadata}</metadata>
        <manifest>{items}{more_items}</manifest><spine>{spine}</spine></package>"#
    )
}

/// A book of these texts, with this list as its table of contents.
fn epub(toc: &str, texts: &[(&str, String)]) -> Vec<u8> {
    let opf = package("", r#"<item id="nav" href="nav.xhtml" properties="nav"/>"#, texts);
    let nav = page(&format!(r#"<nav epub:type="toc"><ol>{toc}</ol></nav>"#));
    let named: Vec<(String, &str)> = texts.iter().map(|(name, text)| (format!("OPS/{name}"), text.as_str())).collect();
    let mut files = vec![CONTAINER, ("OPS/book.opf", &opf), ("OPS/nav.xhtml", &nav)];
    files.extend(named.iter().map(|(name, text)| (name.as_str(), *text)));
    archive(&files)
}

fn outline(book: &ImportedBook) -> Vec<(&str, ChapterKind, Option<&str>)> {
    let row = |text: &'_ ImportedText| text.parent.as_ref().map(ToString::to_string);
    let parents: Vec<_> = book.chapters.iter().map(row).collect();
    let title_of = |id: &str| book.chapters.iter().find(|text| text.id.as_str() == id).map(|text| text.title.as_str());
    book.chapters
        .iter()
        .zip(&parents)
        .map(|(text, parent)| (text.title.as_str(), text.kind, parent.as_deref().and_then(title_of)))
        .collect()
}

fn only_html(body: &str) -> String {
    let book = read_epub(&epub("", &[("a.xhtml", page(body))])).unwrap();
    let [chapter] = book.chapters.as_slice() else { panic!("one chapter: {book:?}") };
    chapter.html.clone()
}

#[test]
fn parts_chapters_front_and_back_matter() {
    let texts = [
        ("cover.xhtml", page("<p>A cover</p>")),
        ("preface.xhtml", page("<h1>Preface</h1><p>Why.</p>")),
        ("p1.xhtml", page("<h1>Part One</h1>")),
        ("c1.xhtml", page("<h2>The Start</h2><p>1</p>")),
        ("c1b.xhtml", page("<p>continued</p>")),
        ("c2.xhtml", page("<h2>The Middle</h2><p>2</p>")),
        ("app.xhtml", page("<h1>A</h1><p>extra</p>")),
    ];
    let toc = r#"<li><a href="preface.xhtml">Preface</a></li>
        <li><a href="p1.xhtml">Part One</a><ol>
          <li><a href="c1.xhtml">1. The Start</a><ol><li><a href="c1.xhtml#s">Section</a></li></ol></li>
          <li><a href="./c2.xhtml#top">2. The Middle</a></li></ol></li>
        <li><a href="app.xhtml">Appendix A</a></li>"#;
    let book = read_epub(&epub(toc, &texts)).unwrap();
    let expected = [
        ("Front matter", Front, None),
        ("Preface", Front, None),
        ("Part One", Part, None),
        ("1. The Start", Chapter, Some("Part One")),
        ("2. The Middle", Chapter, Some("Part One")),
        ("Appendix A", Back, None),
    ];
    assert_eq!(outline(&book), expected);
    assert_eq!(book.chapters[3].html, "<h2>The Start</h2><p>1</p><p>continued</p>");
    assert_eq!(book.chapters[2].html, "");
    assert_eq!(book.without_text(Whose::Claim(quire_protocol::event::Claim::Anyone)).chapters.len(), 6);
}

#[test]
fn a_file_is_cut_at_its_targets_if_they_follow_each_other() {
    let body = r#"<div><h1>Book</h1><h2 id="one">One</h2><p>1</p><div><h2 id="two">Two</h2><p>2</p></div></div>"#;
    let toc = r#"<li><a href="a.xhtml#one">One</a></li><li><a href="a.xhtml#two">Two</a></li>"#;
    let book = read_epub(&epub(toc, &[("a.xhtml", page(body))])).unwrap();
    let texts: Vec<_> = book.chapters.iter().map(|text| (text.title.as_str(), text.html.as_str())).collect();
    assert_eq!(texts, [("One", "<h1>Book</h1><h2>One</h2><p>1</p>"), ("Two", "<h2>Two</h2><p>2</p>")]);

    let nested = r#"<div><h2 id="one">One</h2><p id="two">1 and 2</p></div><p>end</p>"#;
    let book = read_epub(&epub(toc, &[("a.xhtml", page(nested))])).unwrap();
    assert_eq!(outline(&book), [("One", ChapterKind::Chapter, None)]);
}

#[test]
fn without_a_table_of_contents_headings_and_numbers_are_titles() {
    let texts = [("a", page("<h1>One  <br/>&amp; only</h1><p>x</p>")), ("b", page("<p>y</p>"))];
    let book = read_epub(&epub("", &texts)).unwrap();
    assert_eq!(outline(&book), [("One & only", ChapterKind::Chapter, None), ("Chapter 2", ChapterKind::Chapter, None)]);
}

#[test]
fn the_old_table_of_contents_and_guide_serve_too() {
    let texts = [("a.html", page("<p>for Mum</p>")), ("b.html", page("<p>text</p>"))];
    let opf = package("", r#"<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>"#, &texts)
        .replace("</package>", r#"<guide><reference type="dedication" href="a.html"/></guide></package>"#);
    let point = |title, file| {
        format!(r#"<navPoint><navLabel><text>{title}</text></navLabel><content src="{file}"/></navPoint>"#)
    };
    let ncx = format!("<ncx><navMap>{}{}</navMap></ncx>", point("To", "a.html"), point("Real", "b.html"));
    let files = [
        CONTAINER,
        ("OPS/book.opf", &opf),
        ("OPS/toc.ncx", &ncx),
        ("OPS/a.html", &texts[0].1),
        ("OPS/b.html", &texts[1].1),
    ];
    let book = read_epub(&archive(&files)).unwrap();
    assert_eq!(outline(&book), [("To", ChapterKind::Front, None), ("Real", ChapterKind::Chapter, None)]);
}

#[test]
fn metadata_is_read_and_cleaned() {
    let metadata = r##"<dc:title id="s">Sub</dc:title><meta refines="#s" property="title-type">subtitle</meta>
        <dc:creator>Jane&#x202e; Austen</dc:creator><dc:creator> </dc:creator><dc:language>en-GB</dc:language>
        <dc:description>&lt;p&gt;Fish &amp;amp; &lt;b&gt;chips&lt;/b&gt;&lt;/p&gt;</dc:description>
        <dc:publisher>Egerton</dc:publisher><dc:identifier>uuid:1</dc:identifier>
        <dc:identifier>urn:isbn:9780141439518</dc:identifier><dc:subject>Love</dc:subject><dc:subject>Money</dc:subject>"##;
    let texts = [("a", page("<p>x</p>"))];
    let opf = package(metadata, "", &texts);
    let book = read_epub(&archive(&[CONTAINER, ("OPS/book.opf", &opf), ("OPS/a", &texts[0].1)])).unwrap();
    let expected = Metadata {
        subtitle: Some("Sub".into()),
        authors: vec!["Jane Austen".into()],
        language: Some("en-GB".into()),
        description: Some("Fish & chips".into()),
        publisher: Some("Egerton".into()),
        isbn: Some("9780141439518".into()),
        keywords: vec!["Love".into(), "Money".into()],
        categories: Vec::new(),
    };
    assert_eq!((book.title.as_str(), book.metadata), ("T", expected));
}

#[test]
fn text_is_reduced_to_harmless_elements() {
    let cases = [
        (r#"<p onclick="x()" style="y">a<script>alert(1)</script></p>"#, "<p>a</p>"),
        (r"<div>one <i>two</i></div><div><p>three</p></div>", "<p>one <em>two</em></p><p>three</p>"),
        (r#"<p><img src="x" onerror="y" alt="a &lt;b&gt;"/></p>"#, "<p>a &lt;b&gt;</p>"),
        (r"<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        (
            r#"<p><a href="javascript:x">a</a><a href="b.xhtml#c">b</a><a href="data:text/html,x">c</a></p>"#,
            r#"<p><a rel="noopener noreferrer">a</a><a rel="noopener noreferrer">b</a><a rel="noopener noreferrer">c</a></p>"#,
        ),
        (
            r#"<p><a href="https://a.example/?b&amp;c">a</a></p>"#,
            r#"<p><a href="https://a.example/?b&amp;c" rel="noopener noreferrer">a</a></p>"#,
        ),
        (r"<p>caf&eacute;&nbsp;&mdash;&#33;&unknown;</p>", "<p>café&nbsp;—!</p>"),
        (r"<title/><style/><p>kept</p>", "<p>kept</p>"),
        (
            r#"<table><tr><td colspan="2" bgcolor="red">x</td></tr></table>"#,
            r#"<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>"#,
        ),
        ("<svg><text>no</text></svg><math><mi>x</mi></math><iframe>no</iframe><p>yes</p>", "<p>yes</p>"),
    ];
    for (body, html) in cases {
        assert_eq!(only_html(body), html, "{body}");
    }
}

#[test]
fn untidy_pages_are_forgiven() {
    let cases = [
        ("<p>one<br><p onclick=x>two<script>alert(1)</script></i>", "<p>one<br></p><p>two</p>"),
        ("<P>one & <B>two</P><p>three", "<p>one &amp; <strong>two</strong></p><p>three</p>"),
        ("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c"),
    ];
    for (body, html) in cases {
        assert_eq!(only_html(body), html, "{body}");
    }
}

#[test]
fn entities_of_a_document_type_are_never_expanded() {
    let text = r#"<!DOCTYPE html [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <html><body><p>[&a;&b;&x;]</p></body></html>"#;
    let book = read_epub(&epub("", &[("a", text.to_owned())])).unwrap();
    assert_eq!(book.chapters[0].html, "<p>[]</p>");
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = |levels: usize| page(&format!("{}x{}", "<blockquote>".repeat(levels), "</blockquote>".repeat(levels)));
    // `html` and `body` are two levels.
    assert!(read_epub(&epub("", &[("a", deep(98))])).is_ok());
    for levels in [99, 100_000] {
        assert_eq!(read_epub(&epub("", &[("a", deep(levels))])), Err(ImportError::Malformed("OPS/a".into())));
    }
    let too_large = page(&format!("<p>{}</p>", "x".repeat(TEXT_BYTES_MAX)));
    let refused = Err(ImportError::ChapterTooLarge("Chapter 1".into()));
    assert_eq!(read_epub(&epub("", &[("a", too_large)])), refused);
    assert_eq!(assemble::check_size("Chapter 1", TEXT_BYTES_MAX, TEXT_BYTES_MAX), Ok(()));
}

#[test]
fn bombs_and_garbage_are_refused() {
    let blank = |bytes: u64| {
        let text = "<html><body/></html>";
        epub("", &[("a", text.to_owned() + &" ".repeat(usize::try_from(bytes).unwrap() - text.len()))])
    };
    assert_eq!(read_epub(&blank(archive::ENTRY_BYTES_MAX)), Err(ImportError::Empty));
    assert_eq!(read_epub(&blank(archive::ENTRY_BYTES_MAX + 1)), Err(ImportError::TooMuchInside("OPS/a".into())));
    let many = vec![0; FILE_BYTES_MAX + 1];
    assert_eq!(read_epub(&many), Err(ImportError::TooLarge));
    let entries = b"PK\x01\x02".repeat(archive::ENTRIES_MAX + 1);
    assert_eq!(read_epub(&entries), Err(ImportError::TooManyEntries(archive::ENTRIES_MAX)));
    for garbage in [&b""[..], b"no zip", b"PK\x05\x06", &entries[4..]] {
        assert_eq!(read_epub(garbage), Err(ImportError::NotAnArchive));
    }
    assert_eq!(read_epub(&archive(&[("a", "b")])), Err(ImportError::Missing("META-INF/container.xml".into())));
    assert_eq!(read_epub(&archive(&[(CONTAINER.0, "<a>")])), Err(ImportError::Malformed(CONTAINER.0.into())));
    assert_eq!(read_epub(&archive(&[CONTAINER])), Err(ImportError::Missing("OPS/book.opf".into())));
    assert_eq!(read_epub(&epub("", &[])), Err(ImportError::Empty));
}

#[test]
fn a_cut_or_changed_file_never_panics() {
    let file = epub(r#"<li><a href="a">A</a></li>"#, &[("a", page("<h1>A</h1><p>x</p>"))]);
    for end in (0..file.len()).step_by(7) {
        let mut changed = file.clone();
        changed[end] ^= 0xff;
        // What comes of it does not matter; that something comes does.
        drop((read_epub(&file[..end]), read_epub(&changed)));
    }
}

#[test]
fn encrypted_text_is_refused_and_encrypted_fonts_are_not() {
    let encrypted = |file: &str| {
        let encryption = format!(r#"<encryption><x:CipherReference xmlns:x="y" URI="{file}"/></encryption>"#);
        let texts = [("a", page("<p>x</p>"))];
        let opf = package("", "", &texts);
        read_epub(&archive(&[
            CONTAINER,
            ("META-INF/encryption.xml", &encryption),
            ("OPS/book.opf", &opf),
            ("OPS/a", &texts[0].1),
        ]))
    };
    assert_eq!(encrypted("OPS/a"), Err(ImportError::Encrypted));
    assert!(encrypted("OPS/font.otf").is_ok());
}

#[test]
fn chapters_have_a_limit() {
    let names: Vec<String> = (0..=CHAPTERS_MAX).map(|number| format!("t{number}")).collect();
    let texts: Vec<_> = names.iter().map(|name| (name.as_str(), page("<p>x</p>"))).collect();
    assert_eq!(read_epub(&epub("", &texts[1..])).unwrap().chapters.len(), CHAPTERS_MAX);
    assert_eq!(read_epub(&epub("", &texts)), Err(ImportError::TooManyChapters));
}

#[test]
fn links_inside_the_archive_are_resolved() {
    let resolve =
        |from, link| archive::resolve(from, link).map(|(path, fragment)| (path, fragment.unwrap_or_default()));
    let cases = [
        ("OPS/nav.xhtml", "a%20b.xhtml#c%2Fd", ("OPS/a b.xhtml", "c/d")),
        ("OPS/nav.xhtml", "../x/./y", ("x/y", "")),
        ("OPS/nav.xhtml", "../../../etc/passwd", ("etc/passwd", "")),
        ("OPS/nav.xhtml", "/a", ("a", "")),
        ("OPS/nav.xhtml", "#f", ("OPS/nav.xhtml", "f")),
        ("nav.xhtml", "a#", ("a", "")),
    ];
    for (from, link, (path, fragment)) in cases {
        assert_eq!(resolve(from, link), Some((path.to_owned(), fragment.to_owned())), "{link}");
    }
    assert_eq!(resolve("a", "https://example.org/"), None);
}

/// A book from a Debian package that the tests need.
fn installed(path: &str, package: &str) -> ImportedBook {
    let file = std::fs::read(Path::new(path));
    let file = file.unwrap_or_else(|error| panic!("{path}: {error}; install the Debian package {package}"));
    let book = read_epub(&file).unwrap();
    let ids: std::collections::HashSet<_> = book.chapters.iter().map(|text| &text.id).collect();
    assert_eq!(ids.len(), book.chapters.len());
    for text in &book.chapters {
        assert!(text.html.len() <= TEXT_BYTES_MAX && !text.html.contains("<script"));
        assert_eq!(text.html.is_empty(), text.kind == ChapterKind::Part, "{}", text.title);
    }
    book
}

#[test]
fn the_developers_reference_is_a_book() {
    let book = installed("/usr/share/developers-reference/developers-reference.epub", "developers-reference");
    assert_eq!((book.title.as_str(), book.metadata.language.as_deref()), ("developers-reference", Some("en")));
    assert_eq!(book.metadata.authors, ["Developer's Reference Team"]);
    let [first, .., index] = &*outline(&book) else { panic!("chapters") };
    assert_eq!(*first, ("Scope of This Document", ChapterKind::Chapter, None));
    assert_eq!(*index, ("Index", ChapterKind::Back, None));
    let duties = book.chapters.iter().find(|text| text.title == "Debian Developer's Duties").unwrap();
    assert!(duties.html.contains("<h2>") && duties.html.contains("<li>") && duties.html.contains("<p>"));
}

#[test]
fn the_debian_policy_is_a_book() {
    let book = installed("/usr/share/doc/debian-policy/policy.epub", "debian-policy");
    assert_eq!(book.title, "Debian Policy Manual");
    assert!(book.metadata.description.unwrap().starts_with("This manual describes the policy requirements"));
    let titles: Vec<_> = book.chapters.iter().map(|text| text.title.as_str()).collect();
    assert_eq!(titles[..3], ["About this manual", "The Debian Archive", "Binary packages"]);
    assert!(titles.len() > 20, "{titles:?}");
    let archive = &book.chapters[1].html;
    assert!(archive.contains("<code>") && archive.contains("href=\"https://"), "{archive}");
}

mod documents;
mod pictures;
