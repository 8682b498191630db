//! Holding a chapter for a while, as a person does.

use std::time::Duration;

use quire_protocol::command::{LockAcquire, LockCancelWait, LockHandOver, LockKeep, LockRelease};
use quire_protocol::frame::Answer;
use quire_protocol::{BookId, ChapterId, Rejection};
use tokio::time::{sleep, timeout};

use crate::clock;
use crate::observation::Micros;
use crate::stamp;
use crate::tab::{Outcome, Tab};

/// Attempts to give a lock back whose token changes while the tab reconnects.
const RELEASES_MAX: u32 = 5;

/// How somebody uses a lock.
pub(super) struct Habit {
    /// Queues up if somebody else holds it.
    pub(super) waits: bool,
    /// Longest time in the queue.
    pub(super) patience: Duration,
    /// How long the chapter is held.
    pub(super) holds: Duration,
    pub(super) manners: Manners,
}

/// What a holder does when it is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// Gives it back.
    Releases,
    /// Gives it to somebody who waits, if there is anybody.
    HandsOver,
    /// Sends somebody away who waits, and gives it back.
    Declines,
}

/// Asks for a chapter, holds it if it gets it, and gives it back.
pub(super) async fn uses(tab: &Tab, book: &BookId, chapter: &ChapterId, habit: &Habit, at: Micros) {
    let acquire = LockAcquire { chapter: chapter.clone(), wait: habit.waits, note: Some(stamp::write(at)) };
    match tab.does(book, acquire, at).await {
        Outcome::Accepted(Answer::Position { .. }) => {
            let granted = tab.until(|tab| !tab.waits_for(book, chapter));
            if timeout(habit.patience, granted).await.is_err() {
                tab.does(book, LockCancelWait { chapter: chapter.clone() }, clock::now()).await;
            }
        }
        Outcome::Accepted(_) => {}
        Outcome::Refused(_) | Outcome::Ended => return,
    }
    if tab.token(book, chapter).is_some() {
        sleep(habit.holds).await;
    }
    gives_back(tab, book, chapter, habit.manners).await;
}

/// Gives a chapter back if the tab holds it.
pub(super) async fn gives_back(tab: &Tab, book: &BookId, chapter: &ChapterId, manners: Manners) {
    let waiter = if manners == Manners::Releases { None } else { tab.waiter(book, chapter) };
    if let (Some(to), Some(token)) = (waiter, tab.token(book, chapter)) {
        let chapter = chapter.clone();
        // Whoever waited may have gone by now: then it is released as usual.
        match manners {
            Manners::HandsOver => {
                tab.does(book, LockHandOver { chapter, token, to, after_n: None }, clock::now()).await
            }
            Manners::Declines | Manners::Releases => {
                tab.does(book, LockKeep { chapter, token, to }, clock::now()).await
            }
        };
    }
    for _ in 0..RELEASES_MAX {
        let Some(token) = tab.token(book, chapter) else { return };
        let release = LockRelease { chapter: chapter.clone(), token, after_n: None };
        match tab.does(book, release, clock::now()).await {
            // It came back on another connection meanwhile, under a new token.
            Outcome::Refused(Rejection::StaleToken) => {}
            Outcome::Refused(Rejection::Unavailable { retry_after_ms } | Rejection::RateLimited { retry_after_ms }) => {
                sleep(Duration::from_millis(retry_after_ms)).await;
            }
            _ => return,
        }
    }
}
