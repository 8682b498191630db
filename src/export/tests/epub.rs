use quire_protocol::command::ChapterKind;
use quire_protocol::format::{Numbering, Opening};

use super::check::{epubcheck, file, files, letters, text_of_xml};
use super::sample::{
    HOSTILE, blocks, chapter, empty_book, full_book, hostile_book, link, manuscript, of, paragraph, plain_book, section,
};
use crate::export::epub;
use crate::scribe::tree::{Node, Run};

fn first_section(book: &[u8]) -> String {
    file(book, "EPUB/section-0001.xhtml")
}

#[test]
fn epubcheck_accepts_a_plain_book() {
    epubcheck(&epub(&plain_book()).unwrap());
}

#[test]
fn epubcheck_accepts_parts_and_all_that_a_chapter_may_hold() {
    epubcheck(&epub(&full_book()).unwrap());
}

#[test]
fn epubcheck_accepts_a_book_in_which_nothing_is_written() {
    epubcheck(&epub(&empty_book()).unwrap());
}

#[test]
fn epubcheck_accepts_what_was_written_to_break_it() {
    epubcheck(&epub(&hostile_book()).unwrap());
}

#[test]
fn the_kind_of_file_is_told_at_its_beginning() {
    let book = epub(&plain_book()).unwrap();
    assert_eq!(&book[..4], b"PK\x03\x04");
    // Name and content directly behind the header of thirty bytes: neither compressed nor with anything between.
    assert_eq!(&book[30..58], b"mimetypeapplication/epub+zip");
}

#[test]
fn the_same_manuscript_makes_the_same_bytes() {
    assert_eq!(epub(&full_book()).unwrap(), epub(&full_book()).unwrap());
    assert_eq!(epub(&hostile_book()).unwrap(), epub(&hostile_book()).unwrap());
    let mut later = full_book();
    later.modified = later.modified.plus_ms(1000);
    assert_ne!(epub(&full_book()).unwrap(), epub(&later).unwrap());
}

#[test]
fn every_file_of_a_hostile_book_is_well_formed_and_keeps_the_text() {
    let book = epub(&hostile_book()).unwrap();
    for (name, text) in files(&book) {
        if name.ends_with("xhtml") || name.ends_with("opf") || name.ends_with("ncx") || name.ends_with("xml") {
            assert!(!text.contains("<script"), "{name}");
            let text = letters(&text_of_xml(&text));
            let is_text = name.starts_with("EPUB/section-0001") || name == "EPUB/nav.xhtml";
            assert!(!is_text || text.contains("<script>alert(1)</script>]]>&&amp;\"quoted\"'single'<!--"), "{name}");
        }
    }
    assert!(HOSTILE.contains('\u{0}'), "the sample has what must be dropped");
}

#[test]
fn chapters_stand_behind_their_part_in_the_text_and_under_it_in_the_contents() {
    let book = epub(&full_book()).unwrap();
    let nav = file(&book, "EPUB/nav.xhtml");
    let low = "<li><a href=\"section-0002.xhtml\">Low water</a><ol>\n<li><a href=\"section-0003.xhtml\">One. Ebb</a></li>\n\
               <li><a href=\"section-0004.xhtml\">Two</a></li>\n</ol></li>";
    assert!(nav.contains(low), "{nav}");
    assert!(
        nav.contains("High water</a><ol>\n<li><a href=\"section-0006.xhtml\">Three. Flood</a></li>\n</ol></li>"),
        "{nav}"
    );
    // Its part is not in the book.
    assert!(nav.contains("\n<li><a href=\"section-0007.xhtml\">Four. Nowhere</a></li>"), "{nav}");
    assert!(nav.contains("<a epub:type=\"bodymatter\" href=\"section-0002.xhtml\">"), "{nav}");
    let ncx = file(&book, "EPUB/toc.ncx");
    assert!(ncx.contains("<meta name=\"dtb:depth\" content=\"2\"/>"), "{ncx}");
    assert!(
        ncx.contains("<meta name=\"dtb:uid\" content=\"urn:uuid:0192f0c4-8b1e-7abc-9def-0123456789ab\"/>"),
        "{ncx}"
    );
}

#[test]
fn the_package_says_what_the_book_says_about_itself() {
    let package = file(&epub(&plain_book()).unwrap(), "EPUB/package.opf");
    for line in [
        "<dc:identifier id=\"identifier\">urn:uuid:0192f0c4-8b1e-7abc-9def-0123456789ab</dc:identifier>",
        "<dc:identifier>urn:isbn:9783161484100</dc:identifier>",
        "<dc:title id=\"title\">The Tide Tables</dc:title>",
        "<dc:title id=\"subtitle\">A Novel</dc:title>",
        "<dc:language>en-GB</dc:language>",
        "<dc:creator id=\"author-2\">Bob Lindqvist</dc:creator>",
        "<dc:publisher>Quire Press</dc:publisher>",
        "<dc:description>Two lines of a blurb.</dc:description>",
        "<dc:rights>© 2026 Ann Okafor</dc:rights>",
        "<dc:subject>time</dc:subject>",
        "<meta property=\"dcterms:modified\">2026-01-01T00:00:00Z</meta>",
        "<meta property=\"schema:accessMode\">textual</meta>",
    ] {
        assert!(package.contains(line), "{line} in {package}");
    }
}

#[test]
fn footnotes_are_numbered_in_each_chapter_and_lead_back() {
    let note = |text| of("footnote", text);
    let tree = |a, b| vec![Node::element("paragraph", vec![note(a), Node::text(vec![Run::plain("x")]), note(b)])];
    let book = manuscript(vec![
        section("c1", ChapterKind::Chapter, "A", None, tree("first", "second")),
        section("c2", ChapterKind::Chapter, "B", None, tree("third", "fourth")),
    ]);
    let page = file(&epub(&book).unwrap(), "EPUB/section-0002.xhtml");
    let reference = "<a epub:type=\"noteref\" id=\"reference-2-1\" href=\"#note-2-1\" role=\"doc-noteref\">1</a>";
    assert!(page.contains(reference), "{page}");
    let note = "<aside epub:type=\"footnote\" id=\"note-2-2\" class=\"note\" role=\"doc-footnote\"><p><a href=\"#reference-2-2\" \
                role=\"doc-backlink\" title=\"Back to the text\">2.</a> fourth</p></aside>";
    assert!(page.contains(note), "{page}");
    assert!(!page.contains("first"), "{page}");
}

#[test]
fn each_block_and_mark_has_its_element() {
    let page = first_section(&epub(&chapter(blocks())).unwrap());
    for element in [
        "<h2>Heading 1</h2>",
        "<h6>Heading 6</h6>",
        "<p class=\"align-center\">center</p>",
        "<strong>bold </strong><em>italic </em><u>underline </u><s>strike </s><code>code </code><sup>superscript </sup>\
         <sub>subscript </sub><span class=\"small-caps\">smallCaps </span>textStyle unheard-of ",
        "<a href=\"https://example.org/a?b=c&amp;d=e\"><strong><em><u>",
        "<p>before<br/><sup",
        "<p class=\"blank\">\u{a0}</p>",
        "<ol type=\"a\" start=\"4\">\n<li><p>inner</p>\n</li>",
        "<blockquote>\n<p>quoted</p>\n<blockquote>\n<p>twice</p>",
        "<hr class=\"rule\"/>",
        "<p class=\"scene-break\" role=\"separator\">* * *</p>",
        "<pre><code class=\"language-rust\">fn main() {\n    let a = b &lt; c &amp;&amp; d &gt; e;\n}</code></pre>",
        "<th scope=\"col\"><p>A</p>\n</th>",
        "<td rowspan=\"2\"><p>high</p>\n</td><td colspan=\"2\">",
        "<p class=\"picture\">A boat</p>",
        "<p>text of the unknown</p>",
        "<a href=\"http://exa%20mple/",
    ] {
        let is_there = page.contains(element);
        // A host must not have a blank: that address leads nowhere.
        assert_eq!(is_there, !element.contains("exa%20mple"), "{element} in {page}");
    }
}

#[test]
fn a_link_leads_out_or_nowhere() {
    let page = first_section(&epub(&chapter(blocks())).unwrap());
    assert!(page.contains(">relative") || page.contains("<p>relative"), "{page}");
    assert!(!page.contains("other.xhtml") && !page.contains("javascript"), "{page}");
    assert!(page.contains("<a href=\"https://[::1]:80/%5Ba%5D#b%23c\">six</a>"), "{page}");
    assert!(page.contains("<a href=\"mailto:ann@example.org\">a link</a>"), "{page}");
}

#[test]
fn a_text_that_begins_with_its_title_says_it_once() {
    let tree = vec![of("heading", "  EBB "), paragraph("Text."), of("heading", "Ebb")];
    let page = first_section(&epub(&chapter(tree)).unwrap());
    assert_eq!(page.matches("EBB").count(), 0, "{page}");
    assert!(page.contains("<span class=\"name\">Ebb</span>") && page.contains("<h2>Ebb</h2>"), "{page}");
}

#[test]
fn chapters_are_numbered_as_the_format_says() {
    for (numbering, language, number) in [
        (Numbering::None, "en", None),
        (Numbering::Arabic, "en", Some("3")),
        (Numbering::Roman, "en", Some("III")),
        (Numbering::Words, "en", Some("Three")),
        (Numbering::Words, "de", Some("3")),
    ] {
        let mut book = plain_book();
        book.format.numbering = numbering;
        book.metadata.language = Some(language.to_owned());
        let page = file(&epub(&book).unwrap(), "EPUB/section-0003.xhtml");
        let expected = number
            .map(|number| format!("<span class=\"number\">{number}</span> <span class=\"name\">Slack water</span>"));
        assert!(page.contains(&expected.unwrap_or("class=\"title\"><span class=\"name\">".to_owned())), "{page}");
    }
}

#[test]
fn a_book_is_read_in_the_direction_of_its_language() {
    let mut book =
        chapter(vec![Node::element("paragraph", vec![Node::text(vec![link("עברית", "https://example.org")])])]);
    book.metadata.language = Some("he".to_owned());
    let bytes = epub(&book).unwrap();
    assert!(first_section(&bytes).contains("lang=\"he\" xml:lang=\"he\" dir=\"rtl\""));
    assert!(file(&bytes, "EPUB/package.opf").contains("page-progression-direction=\"rtl\""));
}

#[test]
fn the_style_sheet_follows_the_format() {
    let sheet = |change: fn(&mut crate::export::Format)| {
        let mut book = empty_book();
        change(&mut book.format);
        file(&epub(&book).unwrap(), "EPUB/style.css")
    };
    let usual = sheet(|_| {});
    assert!(usual.contains("text-align: justify; hyphens: auto") && usual.contains("line-height: 1.4;"), "{usual}");
    assert!(usual.contains("p + p { text-indent: 1.4em; }"), "{usual}");
    let other = sheet(|format| {
        (format.justify, format.hyphenation) = (false, false);
        format.opening = Opening::RightPage;
        format.paragraphs = quire_protocol::format::ParagraphStyle::Spaced;
        format.font = quire_protocol::format::Font::Sans;
    });
    assert!(other.contains("text-align: left; hyphens: manual") && other.contains("Arial, sans-serif"), "{other}");
    assert!(other.contains("p + p { margin-top") && other.contains(".chapter { break-before: right"), "{other}");
}
