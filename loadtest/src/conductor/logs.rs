//! The logs of a run's books, read by somebody new.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::command::After;
use quire_protocol::{EventFrame, Seq};

use super::texts;
use crate::caller::Caller;
use crate::oracle::FinalLog;
use crate::plan::Plan;
use crate::site::Site;

/// Books that are read at the same time.
const BOOKS_AT_ONCE: usize = 16;

/// The logs of all books as they are now. An answer holds so many events and no more: for what came in between, the
/// oracle has what the tabs heard, and `earlier` is what these logs were before the first tab came.
pub(super) async fn read(plan: &Plan, site: &Site, earlier: Vec<FinalLog>) -> Result<Vec<FinalLog>, String> {
    let mut earlier: std::collections::BTreeMap<_, _> =
        earlier.into_iter().map(|log| (log.book.clone(), log)).collect();
    let books: Vec<_> = (0..plan.books.max(1)).map(|number| (number, earlier.remove(&plan.book(number)))).collect();
    let books = books.into_iter().map(|(number, earlier)| read_book(plan, site, number, earlier));
    stream::iter(books).buffer_unordered(BOOKS_AT_ONCE).try_collect().await
}

async fn read_book(plan: &Plan, site: &Site, number: u32, earlier: Option<FinalLog>) -> Result<FinalLog, String> {
    let book = plan.book(number);
    let mut owner = Caller::arrives(site, &plan.name(number, 0), number).await?;
    let now = owner.opens(&book, None).await?;
    let whole = owner.opens(&book, Some(After { epoch: now.epoch, seq: Seq(0) })).await?;
    owner.leaves().await;
    let known = || earlier.filter(|earlier| earlier.epoch == whole.epoch).map(|earlier| earlier.events);
    let events: Vec<EventFrame> = whole.events.or_else(known).unwrap_or_default();
    let texts = if plan.scenario.writes() { texts::read(plan, site, number).await? } else { Vec::new() };
    Ok(FinalLog { book, epoch: whole.epoch, seq: whole.seq, events, texts })
}
