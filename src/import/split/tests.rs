use ChapterKind::{Back, Chapter, Front, Part};
use proptest::prelude::*;

use super::pieces::WEIGHT_MAX;
use super::*;
use crate::import::{CHAPTERS_MAX, ImportedBook, TEXT_BYTES_MAX, read};

fn markdown(text: &str) -> ImportedBook {
    read(text.as_bytes(), Some("folder/the book.md")).unwrap()
}

fn plain(text: &str) -> ImportedBook {
    read(text.as_bytes(), Some("a.txt")).unwrap()
}

fn outline(book: &ImportedBook) -> Vec<(&str, ChapterKind, Option<&str>)> {
    let title_of = |id: &ChapterId| book.chapters.iter().find(|text| text.id == *id).map(|text| text.title.as_str());
    let row = |text: &'_ ImportedText| text.parent.as_ref().and_then(title_of);
    book.chapters.iter().map(|text| (text.title.as_str(), text.kind, row(text))).collect()
}

#[test]
fn several_first_headings_are_chapters() {
    let book = markdown("before\n\n# One\n\na\n\n## Inside\n\nb\n\n#\n\nc\n\n# Index\n\nd");
    let expected =
        [("Front matter", Front, None), ("One", Chapter, None), ("Chapter 2", Chapter, None), ("Index", Back, None)];
    assert_eq!((book.title.as_str(), outline(&book)), ("the book", expected.to_vec()));
    assert_eq!(book.chapters[1].html, "<p>a</p><h2>Inside</h2><p>b</p>");
}

#[test]
fn a_single_first_heading_is_the_title() {
    let book = markdown("# The Whale\n\nfor Ann\n\n## One\n\na\n\n## Two\n\nb");
    let expected = [("Front matter", Front, None), ("One", Chapter, None), ("Two", Chapter, None)];
    assert_eq!((book.title.as_str(), outline(&book)), ("The Whale", expected.to_vec()));
    let story = markdown("# The Whale\n\ntext");
    assert_eq!((story.title.as_str(), outline(&story)), ("The Whale", vec![("The Whale", Chapter, None)]));
    let none = markdown("text");
    assert_eq!((none.title.as_str(), outline(&none)), ("the book", vec![("Chapter 1", Chapter, None)]));
    let told = markdown("---\ntitle: \"A: B\"\nauthor: [Ann, Bob]\nlang: en\n---\n# One\n\na\n\n## Inside\n\nb");
    assert_eq!((told.title.as_str(), outline(&told)), ("A: B", vec![("One", Chapter, None)]));
    assert_eq!((told.metadata.authors.len(), told.metadata.language.as_deref()), (2, Some("en")));
}

#[test]
fn parts_hold_the_headings_below_them_or_those_that_follow() {
    let nested =
        markdown("# T\n\n# Part One\n\nmotto\n\n## A\n\na\n\n## B\n\nb\n\n# Part II: Sea\n\n## C\n\nc\n\n# After\n\nd");
    let expected = [
        ("Part One", Part, None),
        ("Part One", Chapter, Some("Part One")),
        ("A", Chapter, Some("Part One")),
        ("B", Chapter, Some("Part One")),
        ("Part II: Sea", Part, None),
        ("C", Chapter, Some("Part II: Sea")),
        ("After", Chapter, None),
    ];
    assert_eq!((nested.title.as_str(), outline(&nested)), ("T", expected.to_vec()));
    let beside = plain("Prologue\n\np\n\nPART I\n\nChapter 1\n\na\n\nChapter Two: Sea\n\nb\n\nEpilogue\n\ne");
    let expected = [
        ("Prologue", Chapter, None),
        ("PART I", Part, None),
        ("Chapter 1", Chapter, Some("PART I")),
        ("Chapter Two: Sea", Chapter, Some("PART I")),
        ("Epilogue", Chapter, None),
    ];
    assert_eq!(outline(&beside), expected);
    assert_eq!(outline(&markdown("# Part of the Plan\n\na\n\n# B\n\nb"))[0], ("Part of the Plan", Chapter, None));
}

#[test]
fn plain_text_has_paragraphs_headings_and_scenes() {
    let book =
        plain("CHAPTER 12\r\n\r\nfirst\r\nline\r\n\r\n* * *\r\n\r\n<b> & c\r\n\r\n2.\r\n\r\nChapter two was dull.\r\n");
    assert_eq!(outline(&book), [("CHAPTER 12", Chapter, None), ("2.", Chapter, None)]);
    assert_eq!(book.chapters[0].html, "<p>first line</p><hr><p>&lt;b&gt; &amp; c</p>");
    assert_eq!(book.chapters[1].html, "<p>Chapter two was dull.</p>");
    assert_eq!(plain("a\nb\n").chapters[0].html, "<p>a</p><p>b</p>");
}

#[test]
fn a_large_chapter_is_cut_between_blocks() {
    let paragraph = "x".repeat(WEIGHT_MAX / 2 - 200);
    let book = plain(&format!("Chapter 1\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}"));
    assert_eq!(outline(&book), [("Chapter 1", Chapter, None), ("Chapter 1 (2)", Chapter, None)]);
    assert!(book.chapters.iter().all(|text| text.html.len() <= WEIGHT_MAX));
    // Short lines weigh more than they say.
    let poem = plain(&"x\n\n".repeat(WEIGHT_MAX / 48));
    assert_eq!(outline(&poem).len(), 2);
    let refused = read("x".repeat(TEXT_BYTES_MAX).as_bytes(), Some("a.txt"));
    assert_eq!(refused, Err(ImportError::ChapterTooLarge("Chapter 1".into())));
}

#[test]
fn chapters_have_a_limit() {
    let many = |count: usize| read("# a\n\nb\n\n".repeat(count).as_bytes(), Some("a.md"));
    assert_eq!(many(CHAPTERS_MAX).unwrap().chapters.len(), CHAPTERS_MAX);
    assert_eq!(many(CHAPTERS_MAX + 1), Err(ImportError::TooManyChapters));
}

#[test]
fn the_kind_of_a_file_is_found_out() {
    let html = |file: &[u8], name| read(file, name).unwrap().chapters[0].html.clone();
    assert_eq!(html(b"<!-- c --><!DOCTYPE HTML><p>x*y*</p>", Some("a.txt")), "<p>x*y*</p>");
    assert_eq!(html(b"x *y*", Some("A.MD")), "<p>x <em>y</em></p>");
    assert_eq!(html(b"x *y*", None), "<p>x *y*</p>");
    assert_eq!(html(b"<p>x</p>", None), "<p>x</p>");
    assert_eq!(html(b"\xff\xfex\0\xe4\0", None), "<p>xä</p>");
    assert_eq!(html(b"\xef\xbb\xbfx", None), "<p>x</p>");
    assert_eq!(html(b"caf\xe9 \x93x\x94", Some("a.txt")), "<p>café “x”</p>");
    assert_eq!(html("xä".as_bytes().split_last().unwrap().1, None), "<p>x</p>");
    assert_eq!(read(b"caf\xe9 x", None), Err(ImportError::Unknown));
    assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0\r", Some("a.png")), Err(ImportError::Unknown));
    assert_eq!(read(b"<html><meta charset=shift_jis>\x83", None), Err(ImportError::Encoding("shift_jis".into())));
    assert_eq!(read(b" \n", Some("a.txt")), Err(ImportError::Empty));
    assert_eq!(read(b"PK\x03\x04broken", None), Err(ImportError::Damaged));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0_usize..4) {
        let name = ["a.md", "a.html", "a.txt", "a"][kind];
        if let Ok(book) = read(&bytes, Some(name)) {
            prop_assert!(!book.chapters.is_empty());
        }
    }

    #[test]
    fn no_marks_panic(text in "[#<>a-c/ =\"'&;!*_`\\[\\]()|\\n-]{0,200}", kind in 0_usize..3) {
        let name = ["a.md", "a.html", "a.txt"][kind];
        if let Ok(book) = read(text.as_bytes(), Some(name)) {
            prop_assert!(book.chapters.iter().all(|text| !text.html.contains("<script")));
        }
    }
}
