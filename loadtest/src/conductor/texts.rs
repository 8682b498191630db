//! The texts of a run's books, read by somebody new, at every hub.

use std::collections::BTreeMap;

use quire_protocol::command::ChapterOpen;
use quire_protocol::frame::{Answer, OpenedText};
use quire_protocol::{BookId, ChapterId, Command};

use crate::caller::Caller;
use crate::cast::chapter;
use crate::oracle::FinalText;
use crate::plan::Plan;
use crate::site::Site;
use crate::tab::seen;
use crate::typist::{Page, updates_of};

/// The texts of a book as each hub answers them now. What a hub answers it has just read from the store.
pub(super) async fn read(plan: &Plan, site: &Site, number: u32) -> Result<Vec<FinalText>, String> {
    let mut texts = Vec::new();
    for hub in (0..).take(site.urls.len()) {
        let book = plan.book(number);
        let mut reader = Caller::arrives(site, &plan.name(number, 0), hub).await?;
        reader.opens(&book, None).await?;
        for number in 0..plan.chapters {
            let chapter = chapter(number);
            let opened = open(&mut reader, &book, &chapter).await?;
            texts.push(read_text(hub, chapter, &opened)?);
        }
        reader.leaves().await;
    }
    Ok(texts)
}

async fn open(reader: &mut Caller, book: &BookId, chapter: &ChapterId) -> Result<OpenedText, String> {
    let open = ChapterOpen { chapter: chapter.clone(), have: None, clocks: true };
    match reader.asks(book, Command::Text(open.into())).await? {
        Answer::Text(opened) => Ok(*opened),
        other => Err(format!("chapter.open is answered {other:?}")),
    }
}

fn read_text(hub: u32, chapter: ChapterId, opened: &OpenedText) -> Result<FinalText, String> {
    let updates = updates_of(opened).map_err(|why| format!("{chapter} cannot be unpacked: {why}"))?;
    let page = Page::of(updates.iter().map(Vec::as_slice));
    let page = page.map_err(|why| format!("{chapter} cannot be read: {why}"))?;
    let clocks = page.clocks();
    let told: BTreeMap<u64, u32> = opened.clocks.iter().flatten().copied().collect();
    if told != clocks {
        return Err(format!("{chapter}: the hub tells another state vector than its text has: {told:?}, {clocks:?}"));
    }
    Ok(FinalText { chapter, hub, epoch: opened.epoch, view: seen(opened.rev, &page), clocks })
}
