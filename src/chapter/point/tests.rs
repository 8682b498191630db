use quire_protocol::{ChapterId, Token, UserId};

use super::*;
use crate::store::Tag;

fn chapter(number: u64, kind: ChapterKind) -> PointChapter {
    let rev = (kind != ChapterKind::Part && number != 3).then_some(Seq(number));
    PointChapter {
        chapter: ChapterId::new(&format!("c{number}")).unwrap(),
        title: format!("Chapter {number}"),
        kind,
        parent: (number == 2).then(|| ChapterId::new("c1").unwrap()),
        rev,
        words: rev.map_or(0, |_| 10),
    }
}

fn point(label: &str) -> Point {
    let by = Person { user: UserId::new("ann").unwrap(), name: "Ann".into() };
    let kinds = [ChapterKind::Part, ChapterKind::Chapter, ChapterKind::Back, ChapterKind::Front];
    let chapters = (1..).zip(kinds).map(|(number, kind)| chapter(number, kind)).collect();
    Point { label: label.into(), by, title: "Moby-Dick".into(), metadata: None, format: None, chapters }
}

fn record(payload: Bytes) -> Record {
    Record { seq: Seq(4), stamp: Token(4), at: Timestamp(1), tag: Tag(4), payload }
}

#[test]
fn a_point_is_told_with_what_it_counts_and_reads_as_it_was_kept() {
    let kept = point("First");
    let payload = kept.keep_after(0, None, &Limits::default()).unwrap().unwrap();
    let read = Point::of(&record(payload)).unwrap();
    assert_eq!(read, kept);
    let row = read.clone().row(Seq(4), Timestamp(9));
    assert_eq!((row.point, row.kept_at, row.chapter_count, row.words), (Seq(4), Timestamp(9), 3, 20));
    let view = read.view(Seq(4), Timestamp(9));
    assert_eq!((view.words, view.chapters), (20, kept.chapters));
    assert!(Point::of(&record(Bytes::from_static(b"nonsense"))).unwrap_err().contains("record 4"));
}

#[test]
fn the_same_point_asked_for_again_is_there_already_and_any_other_is_one_more() {
    let (limits, first) = (Limits::default(), point("First"));
    assert_eq!(first.keep_after(1, Some(&first), &limits), Ok(None));
    assert!(matches!(point("Second").keep_after(1, Some(&first), &limits), Ok(Some(_))));
    let mut renamed = first.clone();
    renamed.chapters[1].title = "Loomings".into();
    assert!(matches!(renamed.keep_after(1, Some(&first), &limits), Ok(Some(_))));
    let mut moved = first.clone();
    moved.chapters.swap(2, 3);
    assert!(matches!(moved.keep_after(1, Some(&first), &limits), Ok(Some(_))));
}

#[test]
fn there_are_so_many_points_and_none_is_larger_than_an_answer() {
    let limits = Limits { points_per_book: 2, ..Limits::default() };
    let last = point("Last");
    assert!(matches!(point("Next").keep_after(1, Some(&last), &limits), Ok(Some(_))));
    let refused = Rejection::LimitReached { limit: "points_per_book".into(), max: 2, used: 2 };
    assert_eq!(point("Next").keep_after(2, Some(&last), &limits), Err(refused));
    assert_eq!(last.keep_after(2, Some(&last), &limits), Ok(None), "what is there needs no room");
    let bytes = last.keep_after(0, None, &Limits::default()).unwrap().unwrap().len();
    let fits = |frame_bytes| last.keep_after(0, None, &Limits { frame_bytes, ..Limits::default() });
    assert!(matches!(fits(2 * bytes), Ok(Some(_))));
    let max = (bytes - 1) as u64;
    assert_eq!(fits(2 * (bytes - 1)), Err(Rejection::TooLarge { limit: "frame_bytes".into(), max }));
}

#[test]
fn words_beyond_all_counting_are_as_many_as_can_be_told() {
    let mut huge = point("Huge");
    huge.chapters[1].words = u32::MAX;
    assert_eq!(huge.row(Seq(1), Timestamp(1)).words, u32::MAX);
}
