use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::import::{ImportError, ImportedBook, LossKind, archive, read};

/// A DOCX of these parts, with the links that a main document needs.
fn docx(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let document = format!(
        r#"<?xml version="1.0"?><w:document xmlns:w="w" xmlns:r="r" xmlns:m="m"><w:body>{body}</w:body></w:document>"#
    );
    let kinds = ["styles", "numbering", "footnotes", "endnotes", "comments"];
    let links = kinds.map(|kind| format!(r#"<Relationship Id="r{kind}" Type="x/{kind}" Target="{kind}.xml"/>"#));
    let links = links.concat()
        + r#"<Relationship Id="web" Type="x/hyperlink" Target="https://a.example/?b&amp;c" TargetMode="External"/>
        <Relationship Id="mail" Type="x/hyperlink" Target="mailto:ann@a.example" TargetMode="External"/>
        <Relationship Id="bad" Type="x/hyperlink" Target="javascript:alert(1)" TargetMode="External"/>
        <Relationship Id="out" Type="x/header" Target="../../../etc/passwd"/>"#;
    let links = format!("<Relationships>{links}</Relationships>");
    let mut files = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", document.as_str()),
        ("word/_rels/document.xml.rels", &links),
    ];
    files.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    files.extend(more);
    zipped(&files)
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn p(style: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#)
}

fn r(properties: &str, text: &str) -> String {
    format!(r#"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

fn html(body: &str, more: &[(&str, &str)]) -> String {
    let book = read(&docx(body, more), None).unwrap();
    let [chapter] = book.chapters.as_slice() else { panic!("one chapter: {book:?}") };
    chapter.html.clone()
}

fn line(content: &str) -> String {
    html(&format!("<w:p>{content}</w:p>"), &[])
}

fn titles(book: &ImportedBook) -> Vec<&str> {
    book.chapters.iter().map(|text| text.title.as_str()).collect()
}

fn losses(book: &ImportedBook) -> Vec<(LossKind, usize)> {
    book.report.iter().map(|loss| (loss.what, loss.count)).collect()
}

#[test]
fn headings_are_known_by_id_name_outline_and_base() {
    let styles = r#"<w:styles>
        <w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift1"/></w:style>
        <w:style w:styleId="Titre9"><w:name w:val="Titre"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
        <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
        <w:style w:styleId="Inhalt"><w:name w:val="toc 1"/></w:style></w:styles>"#;
    let body = [
        p("Title", "The Book"),
        p("Subtitle", "A Story"),
        p("Inhalt", "One .... 1"),
        p("Heading1", "One"),
        p("Loop", "a"),
        p("berschrift1", "Two"),
        p("", "b"),
        p("Kapitel", "Three"),
        p("", "c"),
        p("Titre9", "Four"),
        r#"<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Five</w:t></w:r></w:p>"#.to_owned(),
    ];
    let book = read(&docx(&body.concat(), &[("word/styles.xml", styles)]), None).unwrap();
    assert_eq!((book.title.as_str(), book.metadata.subtitle.as_deref()), ("The Book", Some("A Story")));
    assert_eq!(titles(&book), ["One", "Two", "Three", "Four", "Five"]);
    let texts: Vec<_> = book.chapters.iter().map(|text| text.html.as_str()).collect();
    assert_eq!(texts, ["<p>a</p>", "<p>b</p>", "<p>c</p>", "<p></p>", "<p></p>"]);
    assert_eq!(book.report, []);
}

#[test]
fn runs_keep_their_marks() {
    let cases = [
        (r("<w:b/><w:i/>", "x") + &r("<w:b/>", "y"), "<p><strong><em>x</em>y</strong></p>"),
        (r(r#"<w:b w:val="0"/><w:u w:val="none"/>"#, "x"), "<p>x</p>"),
        (r(r#"<w:u w:val="single"/>"#, "x") + &r("<w:strike/>", "y"), "<p><u>x</u><s>y</s></p>"),
        (r(r#"<w:vertAlign w:val="superscript"/>"#, "2"), "<p><sup>2</sup></p>"),
        (r("<w:smallCaps/>", "x"), r#"<p><span class="smallcaps">x</span></p>"#),
        (r("<w:vanish/>", "no") + &r("", "&lt;b&gt;"), "<p>&lt;b&gt;</p>"),
        (
            "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:br w:type=\"page\"/><w:t>c</w:t></w:r>".into(),
            "<p>a b<br>c</p>",
        ),
    ];
    for (content, html) in cases {
        assert_eq!(line(&content), html, "{content}");
    }
}

#[test]
fn links_lead_to_pages_and_mail_only() {
    let link = |id: &str| format!(r#"<w:hyperlink r:id="{id}">{}</w:hyperlink>"#, r("", id));
    let body = format!("<w:p>{}{}{}</w:p>", link("web"), link("mail"), link("bad"));
    let book = read(&docx(&body, &[]), None).unwrap();
    let rel = r#"rel="noopener noreferrer""#;
    let expected = format!(
        r#"<p><a href="https://a.example/?b&amp;c" {rel}>web</a><a href="mailto:ann@a.example" {rel}>mail</a>bad</p>"#
    );
    assert_eq!(book.chapters[0].html, expected);
    assert_eq!(losses(&book), [(LossKind::Links, 1)]);
}

#[test]
fn the_look_of_a_link_is_no_emphasis() {
    let link = format!(r#"<w:hyperlink r:id="web" w:anchor="x">{}</w:hyperlink>"#, r(r#"<w:u w:val="single"/>"#, "a"));
    let expected = r#"<p><a href="https://a.example/?b&amp;c#x" rel="noopener noreferrer">a</a></p>"#;
    assert_eq!(line(&link), expected);
}

#[test]
fn other_archives_are_told_apart() {
    let container = r#"<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>"#;
    let package =
        r#"<package><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>"#;
    let page = r#"<html><body><p>x</p><img alt="A whale"/><img/></body></html>"#;
    let epub = zipped(&[("META-INF/container.xml", container), ("a.opf", package), ("a.xhtml", page)]);
    let book = read(&epub, Some("a.docx")).unwrap();
    assert_eq!((book.title.as_str(), losses(&book)), ("Untitled", vec![(LossKind::Images, 2)]));
    let other = zipped(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<a/>")]);
    assert_eq!(read(&other, Some("a.docx")), Err(ImportError::Unknown));
    let sheet = zipped(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<a/>")]);
    assert_eq!(read(&sheet, None), Err(ImportError::Unknown));
}

#[test]
fn lists_are_nested_and_go_on() {
    let numbering = r#"<w:numbering><w:abstractNum w:abstractNumId="7">
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/></w:lvl>
        <w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
        <w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"#;
    let item = |level: u8, text: &str| {
        format!(
            r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr>{}</w:p>"#,
            r("", text)
        )
    };
    let body = item(0, "a") + &item(1, "b") + &item(0, "c") + &p("", "between") + &item(0, "d");
    let expected = "<ol><li><p>a</p><ul><li><p>b</p></li></ul></li><li><p>c</p></li></ol><p>between</p>\
        <ol start=\"3\"><li><p>d</p></li></ol>";
    assert_eq!(html(&body, &[("word/numbering.xml", numbering)]), expected);
}

#[test]
fn tables_keep_cells_over_columns_and_rows() {
    let cell = |properties: &str, text: &str| format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", p("", text));
    let rows = [
        cell(r#"<w:gridSpan w:val="2"/>"#, "wide"),
        cell(r#"<w:vMerge w:val="restart"/>"#, "tall") + &cell("", "x"),
        cell("<w:vMerge/>", "") + &cell("", "y"),
    ];
    let body = format!("<w:tbl>{}</w:tbl>", rows.map(|row| format!("<w:tr>{row}</w:tr>")).concat());
    let expected = r#"<table><tbody><tr><td colspan="2"><p>wide</p></td></tr><tr><td rowspan="2"><p>tall</p></td><td><p>x</p></td></tr><tr><td><p>y</p></td></tr></tbody></table>"#;
    assert_eq!(html(&body, &[]), expected);
}

#[test]
fn notes_stand_at_the_end_of_their_chapter() {
    let notes = format!(
        r#"<w:footnotes><w:footnote w:id="0" w:type="separator"/><w:footnote w:id="5">{}</w:footnote></w:footnotes>"#,
        p("", "First note")
    );
    let ends = format!(r#"<w:endnotes><w:endnote w:id="5">{}</w:endnote></w:endnotes>"#, p("", "Last note"));
    let reference = |name: &str, id: u8| format!(r#"<w:r><w:{name}Reference w:id="{id}"/></w:r>"#);
    let with = |text: &str, name: &str| format!("<w:p>{}{}</w:p>", r("", text), reference(name, 5));
    let body = p("Heading1", "One") + &with("a", "footnote") + &with("b", "endnote") + &with("c", "footnote");
    let body =
        body + &p("Heading1", "Two") + &with("d", "endnote") + &format!("<w:p>{}</w:p>", reference("footnote", 9));
    let book = read(&docx(&body, &[("word/footnotes.xml", &notes), ("word/endnotes.xml", &ends)]), None).unwrap();
    let one = "<p>a<sup>1</sup></p><p>b<sup>2</sup></p><p>c<sup>1</sup></p><hr>\
        <ol start=\"1\"><li><p>First note</p></li><li><p>Last note</p></li></ol>";
    assert_eq!(book.chapters[0].html, one);
    assert!(book.chapters[1].html.starts_with("<p>d<sup>1</sup></p>"), "{}", book.chapters[1].html);
}

#[test]
fn what_cannot_be_kept_is_counted() {
    let body = r#"<w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del>
        <w:r><w:commentReference w:id="0"/></w:r>
        <w:r><w:drawing><wp:inline><wp:docPr descr="A whale"/><pic:pic/></wp:inline></w:drawing></w:r>
        <w:r><w:object/></w:r><m:oMath><m:r><m:t>E=m</m:t></m:r></m:oMath>
        <w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>
        </w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>
        </w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"#;
    let book = read(&docx(body, &[]), None).unwrap();
    assert_eq!(book.chapters[0].html, "<p>inA whaleE=m</p><p>boxed</p>");
    let sentences: Vec<String> = book.report.iter().map(ToString::to_string).collect();
    let expected = [
        "1 image was replaced by its description",
        "1 comment was left out",
        "1 tracked deletion was left out",
        "1 embedded object was left out",
        "1 equation was replaced by its letters",
        "1 text box became paragraphs",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn a_deleted_end_of_a_paragraph_joins_two() {
    let body = format!("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{}</w:p><w:p>{}</w:p>", r("", "a "), r("", "b"));
    assert_eq!(html(&body, &[]), "<p>a b</p>");
}

#[test]
fn properties_are_metadata() {
    let core = r#"<cp:coreProperties xmlns:dc="d"><dc:title>Draft 7</dc:title><dc:creator>Ann; Bob</dc:creator>
        <dc:language>en</dc:language><cp:keywords>sea, whale</cp:keywords><dc:description>About.</dc:description>
        </cp:coreProperties>"#;
    let book = read(&docx(&p("", "x"), &[("docProps/core.xml", core)]), Some("a.docx")).unwrap();
    assert_eq!((book.title.as_str(), titles(&book)), ("Draft 7", vec!["Chapter 1"]));
    assert_eq!(book.metadata.authors, ["Ann", "Bob"]);
    assert_eq!(book.metadata.keywords, ["sea", "whale"]);
    assert_eq!((book.metadata.language.as_deref(), book.metadata.description.as_deref()), (Some("en"), Some("About.")));
}

#[test]
fn hostile_documents_are_refused() {
    let document = "word/document.xml";
    let refused = |text: &str| read(&docx("", &[(document, text)]), None);
    let entities = r#"<!DOCTYPE d [<!ENTITY a "boom"><!ENTITY b SYSTEM "file:///etc/passwd">]>
        <w:document><w:body><w:p><w:r><w:t>[&a;&b;]</w:t></w:r></w:p></w:body></w:document>"#;
    assert_eq!(refused(entities).unwrap().chapters[0].html, "<p>[]</p>");
    let malformed = || Err(ImportError::Malformed(document.into()));
    assert_eq!(refused(&"<w:sdt>".repeat(100_000)), malformed());
    assert_eq!(refused("<w:document/>"), malformed());
    let runs = "<w:r><w:t>x</w:t></w:r>".repeat(super::DOCUMENT_NODES_MAX / 5);
    assert_eq!(refused(&format!("<w:document><w:body><w:p>{runs}</w:p></w:body></w:document>")), malformed());
    let bomb = " ".repeat(usize::try_from(archive::ENTRY_BYTES_MAX).unwrap() + 1);
    assert_eq!(refused(&bomb), Err(ImportError::TooMuchInside(document.into())));
    assert_eq!(read(&docx("<w:p/>", &[]), None), Err(ImportError::Empty));
    let outside =
        r#"<Relationships><Relationship Id="a" Type="x/styles" Target="../../../etc/passwd"/></Relationships>"#;
    assert!(read(&docx(&p("", "x"), &[("word/_rels/document.xml.rels", outside)]), None).is_ok());
}

#[test]
fn a_cut_or_changed_file_never_panics() {
    let file = docx(&(p("Heading1", "A") + &p("", "x")), &[]);
    assert_eq!(read(&file[..file.len() / 2], None), Err(ImportError::Damaged));
    for end in (0..file.len()).step_by(5) {
        let mut changed = file.clone();
        changed[end] ^= 0xff;
        // What comes of it does not matter; that something comes does.
        drop((read(&file[..end], Some("a.docx")), read(&changed, None)));
    }
}

/// A drawing that shows what this relation leads to.
fn drawing(relation: &str) -> String {
    format!(
        r#"<w:r><w:drawing><wp:docPr descr="A boat"/><pic:pic><a:blip r:embed="{relation}"/></pic:pic></w:drawing></w:r>"#
    )
}

#[test]
fn a_picture_becomes_one_of_the_book_and_stands_between_the_lines() {
    let png = crate::picture::samples::png(3, 2);
    let links = r#"<Relationships>
        <Relationship Id="in" Type="x/image" Target="media/a.png"/>
        <Relationship Id="again" Type="x/image" Target="/word/media/a.png"/>
        <Relationship Id="gone" Type="x/image" Target="media/none.png"/>
        <Relationship Id="out" Type="x/image" Target="../../../etc/passwd"/>
        <Relationship Id="web" Type="x/image" Target="https://a.example/a.png" TargetMode="External"/>
        </Relationships>"#;
    let old = r#"<w:r><w:pict><v:shape alt="Old"><v:imagedata r:id="again"/></v:shape></w:pict></w:r>"#;
    let body = [
        format!("<w:p>{}{}{}</w:p>", r("", "one"), drawing("in"), r("", "two")),
        format!("<w:p>{old}</w:p>"),
        format!("<w:p>{}{}{}</w:p>", drawing("gone"), drawing("out"), drawing("web")),
    ]
    .concat();
    let text = r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>"#.to_owned() + &body + "</w:body></w:document>";
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let files: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", text.as_bytes()),
        ("word/_rels/document.xml.rels", links.as_bytes()),
        ("word/media/a.png", &png),
        ("etc/passwd", b"root"),
    ];
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let book = read(&zip.finish().unwrap().into_inner(), None).unwrap();
    let id = crate::picture::id(&png);
    let shown = |alt: &str| format!(r#"<img data-asset="{id}" alt="{alt}">"#);
    let expected = format!("<p>one</p>{}<p>two</p>{}<p>A boatA boatA boat</p>", shown("A boat"), shown("Old"));
    assert_eq!(book.chapters[0].html, expected);
    assert_eq!(book.pictures.iter().map(|(name, _)| name).collect::<Vec<_>>(), [&id]);
    assert_eq!(losses(&book), [(LossKind::Images, 2), (LossKind::RemoteImages, 1)]);
}
