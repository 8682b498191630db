use super::check::{file, files, letters, text_of_xml};
use super::sample::{blocks, chapter, empty_book, full_book, hostile_book, plain_book};
use quire_protocol::format::Opening;

use crate::export::docx;

fn document(book: &crate::export::Manuscript) -> String {
    file(&docx(book).unwrap(), "word/document.xml")
}

#[test]
fn every_part_of_every_book_is_well_formed() {
    for book in [plain_book(), full_book(), empty_book(), hostile_book()] {
        for (_, text) in files(&docx(&book).unwrap()) {
            text_of_xml(&text);
        }
    }
}

#[test]
fn what_was_written_to_break_it_is_text() {
    let text = letters(&text_of_xml(&document(&hostile_book())));
    assert!(text.matches("<script>alert(1)</script>]]>&&amp;\"quoted\"'single'<!---->").count() > 100);
    assert!(text.contains("word漢字word漢字"));
}

#[test]
fn the_same_manuscript_makes_the_same_document() {
    assert_eq!(docx(&full_book()).unwrap(), docx(&full_book()).unwrap());
}

#[test]
fn all_parts_that_are_named_are_there() {
    let archive = docx(&full_book()).unwrap();
    let names: Vec<String> = files(&archive).into_iter().map(|(name, _)| name).collect();
    let types = file(&archive, "[Content_Types].xml");
    for part in types.split("PartName=\"/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(names.iter().any(|name| name == part), "{part}");
    }
    let text = file(&archive, "word/document.xml");
    let relations = file(&archive, "word/_rels/document.xml.rels");
    for id in text.split("r:id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
    }
    let styles = file(&archive, "word/styles.xml");
    for (kind, _) in [("w:pStyle", 0), ("w:rStyle", 0), ("w:tblStyle", 0)] {
        for id in text.split(&format!("<{kind} w:val=\"")).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(styles.contains(&format!("w:styleId=\"{id}\"")), "{id}");
        }
    }
    let numbering = file(&archive, "word/numbering.xml");
    for id in text.split("<w:numId w:val=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(numbering.contains(&format!("<w:num w:numId=\"{id}\">")), "{id}");
    }
}

#[test]
fn each_block_has_its_style_and_each_mark_its_property() {
    let text = document(&chapter(blocks()));
    for part in [
        "<w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t xml:space=\"preserve\">Ebb</w:t>",
        "<w:pStyle w:val=\"Heading2\"/></w:pPr><w:r><w:t xml:space=\"preserve\">Heading 1</w:t>",
        "<w:jc w:val=\"both\"/></w:pPr><w:r><w:t xml:space=\"preserve\">justify</w:t>",
        "<w:rPr><w:b/></w:rPr>",
        "<w:rPr><w:smallCaps/></w:rPr>",
        "<w:rPr><w:vertAlign w:val=\"subscript\"/></w:rPr>",
        "<w:footnoteReference w:id=\"2\"/>",
        "<w:hyperlink r:id=\"link1\">",
        "<w:pStyle w:val=\"Quote\"/><w:ind w:left=\"720\"/></w:pPr><w:r><w:t xml:space=\"preserve\">twice",
        "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"2\"/></w:numPr></w:pPr><w:r><w:t xml:space=\"preserve\">other",
        "<w:t xml:space=\"preserve\">fn main() {</w:t><w:br/>",
        "<w:trPr><w:tblHeader/></w:trPr>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_cell_that_is_two_rows_high_stands_in_both() {
    let text = document(&chapter(blocks()));
    let rows: Vec<&str> = text.split("<w:tr>").skip(1).collect();
    assert!(rows[1].contains("<w:vMerge w:val=\"restart\"/>") && rows[1].contains("<w:gridSpan w:val=\"2\"/>"));
    assert!(rows[2].starts_with("<w:tc><w:tcPr><w:tcW w:w=\"0\" w:type=\"auto\"/><w:vMerge/></w:tcPr>"), "{}", rows[2]);
    assert_eq!(text.matches("<w:gridCol/>").count(), 3);
}

#[test]
fn each_section_begins_where_the_format_says() {
    let mut book = full_book();
    let count = |book: &_, kind: &str| document(book).matches(&format!("<w:type w:val=\"{kind}\"/>")).count();
    assert_eq!(count(&book, "nextPage"), 10, "the title and nine sections");
    book.format.opening = Opening::RightPage;
    assert_eq!((count(&book, "oddPage"), count(&book, "nextPage")), (6, 4), "four chapters and two parts");
    book.format.opening = Opening::SamePage;
    assert_eq!((count(&book, "continuous"), count(&book, "nextPage")), (4, 6));
}
