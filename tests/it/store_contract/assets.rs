//! Logs of pictures: large records, read some at a time, and names that are no other log's.

use bytes::Bytes;
use quire::store::{Append, Compacted, LogId, Shelf};
use quire_protocol::{AssetId, BookId, LibraryId, Seq};

use super::bench::{Bench, chapter, draft};

on_every_store! {
    a_picture_is_read_piece_by_piece_as_it_was_written,
    a_log_of_a_picture_is_no_other_log,
    a_log_of_no_book_is_no_other_log,
}

/// As large as pieces of pictures are.
const PIECE_BYTES: usize = 256 * 1024;
const ID: &str = "0123456789abcdef0123456789abcdef";

fn picture(book: &str) -> LogId {
    LogId::Asset(BookId::new(book).unwrap(), AssetId::new(ID).unwrap())
}

fn piece(number: u8) -> Bytes {
    (0..PIECE_BYTES).map(|at| number.wrapping_add(u8::try_from(at % 251).unwrap())).collect()
}

async fn a_picture_is_read_piece_by_piece_as_it_was_written(bench: Bench) {
    let log = picture("b1");
    let mut tail = None;
    for number in 0..9 {
        let append = Append { payloads: vec![piece(number)], ..draft(&log, tail, &["x"]) };
        tail = Some(bench.append(&append).await.expect("the append fits").position);
    }
    let (mut next, mut number) = (Seq(1), 0);
    loop {
        let records = bench.store.read_archive(log.clone(), next, 2, 2 * PIECE_BYTES).await.unwrap();
        assert!(records.len() <= 2);
        let Some(last) = records.last() else { break };
        next = last.seq.next();
        for record in records {
            assert_eq!(record.payload, piece(number), "piece {number}");
            number += 1;
        }
    }
    assert_eq!((number, bench.tail(&log).await), (9, tail));
}

async fn a_log_of_a_picture_is_no_other_log(bench: Bench) {
    let list = LogId::Assets(BookId::new("b1").unwrap());
    let points = LogId::Points(BookId::new("b1").unwrap());
    // Chapters may be called as anything.
    let logs = [
        picture("b1"),
        picture("b2"),
        list,
        chapter("b1", "assets"),
        chapter("b1", ID),
        points,
        chapter("b1", "points"),
        LogId::Library(LibraryId::new("b1").unwrap()),
        LogId::Book(BookId::new("library").unwrap()),
    ];
    let all = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    for (log, said) in logs.iter().zip(all) {
        bench.write(log, None, &[said]).await;
    }
    for (log, said) in logs.iter().zip(all) {
        let records = bench.archive(log, 1, 10).await;
        assert_eq!(records.iter().map(|record| &record.payload[..]).collect::<Vec<_>>(), [said.as_bytes()], "{log}");
    }
}

async fn a_log_of_no_book_is_no_other_log(bench: Bench) {
    let shelf = |byte: u8| LogId::SignIn(Shelf::of(&[byte; 32]));
    let book = |id: &str| LogId::Book(BookId::new(id).unwrap());
    // Books may be called as anything.
    let logs = [
        LogId::Installation,
        LogId::Letters,
        shelf(0),
        shelf(15),
        LogId::Mailing(Shelf::of(&[15; 32])),
        book("installation"),
        book("letters"),
        book("hub"),
    ];
    let all = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    for (log, said) in logs.iter().zip(all) {
        assert_eq!(LogId::parse(&log.to_string()).as_ref(), Some(log));
        let tail = bench.write(log, None, &[said]).await;
        assert_eq!(bench.compact(log, tail, "state").await, Compacted::Done, "{log}");
    }
    for (log, said) in logs.iter().zip(all) {
        let records = bench.archive(log, 1, 10).await;
        assert_eq!(records.iter().map(|record| &record.payload[..]).collect::<Vec<_>>(), [said.as_bytes()], "{log}");
    }
    bench.forget(&shelf(0)).await;
    assert_eq!(bench.tail(&shelf(0)).await, None);
    assert!(bench.tail(&shelf(15)).await.is_some() && bench.tail(&LogId::Installation).await.is_some());
    for name in
        ["", "signin", "signin/", "signin/g", "signin/00", "signin/F", "installation/1", "installations", "book"]
    {
        assert_eq!(LogId::parse(name), None, "{name:?}");
    }
}
