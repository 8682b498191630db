//! `quire dump` and `quire load`, by hand and while people write.

use quire_protocol::event::Event;
use tokio::sync::mpsc;

use super::program::{Hub, Place, text};
use super::tab::Tab;
use crate::harness::wishes::remark;

/// Remarks that are made before the backup begins.
const BEFORE: usize = 20;

/// Makes remarks until nobody counts them any more.
async fn remarks_on(mut tab: Tab, made: mpsc::Sender<String>) {
    for number in 0.. {
        let name = format!("remark-{number}");
        let reference = tab.wishes(&name, false, remark(1, &name)).await;
        tab.answer_to(reference).await.expect("an answer").accepted();
        if made.send(name).await.is_err() {
            return;
        }
    }
}

async fn remarks(tab: &mut Tab) -> Vec<String> {
    let history = tab.history().await;
    let name = |event: Event| match event {
        Event::CommentAdded(event) => Some(event.thread.to_string()),
        _ => None,
    };
    history.into_iter().filter_map(|frame| name(frame.event)).collect()
}

/// The titles of ann's books.
async fn titles(hub: &Hub) -> Vec<String> {
    let mut titles: Vec<_> = Tab::arrives(hub, "ann").await.books().await.into_iter().map(|book| book.title).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn a_backup_of_a_hub_under_load_becomes_another_hub() {
    let place = Place::new();
    let hub = place.hub(&["--limit", "commands_per_second=100000", "--limit", "command_burst=100000"]).await;
    let (ann, []) = Tab::team(&hub, []).await;
    let (made, mut count) = mpsc::channel(1);
    let writing = tokio::spawn(remarks_on(ann, made));
    let mut acknowledged = Vec::new();
    while acknowledged.len() < BEFORE {
        acknowledged.push(count.recv().await.expect("ann goes on"));
    }
    let file = place.path("backup");
    let dump = ["dump", text(&file)];
    let mut dumping = Box::pin(place.runs_here(&dump));
    let dumped = loop {
        tokio::select! {
            ended = &mut dumping => break ended,
            more = count.recv() => assert!(more.is_some(), "ann goes on"),
        }
    };
    dumped.well();
    drop(count);
    writing.await.unwrap();

    let copy = place.path("copy");
    place.runs(&["load", text(&file), "--data-dir", text(&copy)]).await.well();
    let other = place.hub_on(&copy, &[]).await;
    assert_eq!(titles(&other).await, titles(&hub).await);
    let there = remarks(&mut Tab::arrives(&other, "ann").await).await;
    assert!(there.len() >= acknowledged.len());
    // They rise by one, so a backup of one moment holds a beginning of them.
    assert!(there.iter().enumerate().all(|(number, name)| *name == format!("remark-{number}")), "{there:?}");
}

#[tokio::test]
async fn a_backup_of_a_stopped_hub_holds_the_same() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (mut ann, []) = Tab::team(&hub, []).await;
    ann.does(remark(1, "remark-0")).await.accepted();
    let before = titles(&hub).await;
    hub.dies().await;

    let to_stdout = place.runs_here(&["dump"]).await.well();
    assert!(to_stdout.stdout.starts_with("{\"backup\":"), "{}", to_stdout.stdout);
    let file = place.path("backup");
    place.runs_here(&["dump", text(&file)]).await.well();
    place.runs_here(&["dump", text(&file)]).await.refused(1, &["cannot write", text(&file), "exists"]);

    let copy = place.path("copy");
    let load = ["load", text(&file), "--data-dir", text(&copy)];
    place.runs(&load).await.well();
    place.runs(&load).await.refused(1, &["holds a store already", text(&copy)]);
    let other = place.hub_on(&copy, &[]).await;
    assert_eq!(titles(&other).await, before);
    assert_eq!(remarks(&mut Tab::arrives(&other, "ann").await).await, ["remark-0"]);
}

#[tokio::test]
async fn a_damaged_backup_makes_no_store() {
    let place = Place::new();
    place.hub(&[]).await.dies().await;
    let whole = place.runs_here(&["dump"]).await.well().stdout;
    let file = place.path("backup");
    let half = whole.lines().count() / 2;
    std::fs::write(&file, whole.lines().take(half).collect::<Vec<_>>().join("\n")).unwrap();
    let copy = place.path("copy");
    place.runs(&["load", text(&file), "--data-dir", text(&copy)]).await.refused(1, &["the backup is damaged in line"]);
    std::fs::write(&file, whole).unwrap();
    place.runs(&["load", text(&file), "--data-dir", text(&copy)]).await.well();
}
