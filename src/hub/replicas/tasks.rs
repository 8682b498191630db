//! What a hub does all the time about other replicas: renew the lease, hear, compare positions.

use std::sync::{Arc, Weak};
use std::time::Duration;

use quire_protocol::event::Claim;
use quire_protocol::{BookId, CloseCode, ReplicaId};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Replicas;
use super::signal::{Says, Signal};
use crate::book::Act;
use crate::hub::mail::{AnswerTo, Mail, News, Wish};
use crate::hub::{Hub, random};
use crate::store::shared::{Channel, Heard};
use crate::telemetry::metric;

/// Longest wait for a renewal.
pub(super) const RENEWAL_PATIENCE: Duration = Duration::from_millis(500);
/// A renewal that failed is tried again after this time.
const RENEWAL_RETRY: Duration = Duration::from_millis(300);
/// Signals that may wait to be handed to actors; more are lost, as on any line.
const SIGNALS_WAITING: usize = 4_096;
/// Positions of open books are compared with the store's this often, give or take a tenth (R13).
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Logs in one comparison.
const POLL_LOGS: usize = 500;
/// Every replica says this often which presence signals it sent last.
const DIGEST_EVERY: Duration = Duration::from_secs(3);
/// Books in one digest.
const DIGEST_BOOKS: usize = 500;
/// Sessions of a replica whose lease had lapsed are sent to resume over this time.
const SPREAD: Duration = Duration::from_secs(2);

/// Begins to live among the others; the tasks end with the hub.
pub(crate) fn start(hub: &Arc<Hub>, replicas: &Arc<Replicas>) {
    let (queue, heard) = mpsc::channel(SIGNALS_WAITING);
    replicas.shared.listen(&replicas.me, queue);
    let tasks = [
        tokio::spawn(keep_lease(Arc::downgrade(hub), Arc::clone(replicas))),
        tokio::spawn(hear(Arc::downgrade(hub), Arc::clone(replicas), heard)),
        tokio::spawn(compare(Arc::downgrade(hub), Arc::clone(replicas))),
        tokio::spawn(digest(Arc::downgrade(hub), Arc::clone(replicas))),
    ];
    replicas.run(tasks.map(|task| task.abort_handle()));
}

async fn keep_lease(hub: Weak<Hub>, replicas: Arc<Replicas>) {
    loop {
        let begun = Instant::now();
        let renewed = replicas.renew().await;
        let Some(hub) = hub.upgrade() else { return };
        let pause = if let Ok(renewal) = renewed {
            let meaning = replicas.renewed(begun, renewal, Duration::from_millis(hub.timers.grace_ms));
            if meaning.lapsed {
                tracing::warn!("this replica's lease had lapsed: its sessions are sent to resume");
                tokio::spawn(send_away(Arc::clone(&hub)));
            }
            if meaning.changed {
                hub.tell_actors(|| News::Replicas);
            }
            for dead in meaning.left_behind {
                tokio::spawn(inherit(Arc::clone(&replicas), dead));
            }
            Duration::from_millis(hub.timers.lease_renew_ms)
        } else {
            replicas.no_contact();
            RENEWAL_RETRY
        };
        metric::leased(replicas.may_act(), replicas.others().len());
        drop(hub);
        // Either way it is time to renew.
        drop(tokio::time::timeout_at(begun + pause, replicas.renew_now.notified()).await);
    }
}

/// Every connection resumes, each at a time of its own: others may have ended what it held (R12).
async fn send_away(hub: Arc<Hub>) {
    let seats = hub.directory.all();
    let pause = SPREAD / u32::try_from(seats.len()).unwrap_or(u32::MAX).max(1);
    for seat in seats {
        seat.close(CloseCode::StoreLost, "this replica was out of touch: resume");
        tokio::time::sleep(pause).await;
    }
}

/// Looks after the books that a dead replica served and nobody has opened since: an actor frees what is held there.
async fn inherit(replicas: Arc<Replicas>, dead: ReplicaId) {
    match replicas.shared.inherit(&dead).await {
        Ok(books) => {
            tracing::info!(replica = %dead, books = books.len(), "a replica is gone; what it held is freed");
            replicas.need_actors(books);
        }
        Err(error) => tracing::warn!(replica = %dead, %error, "what a replica left behind waits for the next renewal"),
    }
}

async fn hear(hub: Weak<Hub>, replicas: Arc<Replicas>, mut heard: mpsc::Receiver<Heard>) {
    while let Some(heard) = heard.recv().await {
        let Some(hub) = hub.upgrade() else { return };
        metric::signal_heard(match &heard {
            Heard::Appended(_) => "appended",
            Heard::Said { .. } => "said",
            Heard::Interrupted => "interrupted",
        });
        match heard {
            Heard::Appended(wake) => {
                if let Some(book) = wake.log.book().cloned() {
                    hub.tell_actor(&book, News::Appended(wake));
                }
            }
            Heard::Said { channel, words } => {
                let Some(signal) = Signal::decode(&words) else { continue };
                match channel {
                    Channel::Book(book) => hear_of_book(&hub, &book, signal),
                    Channel::Replicas => hear_all(&hub, signal),
                }
            }
            // Lost presence is noticed by the next digest.
            Heard::Interrupted => replicas.look.notify_one(),
        }
    }
}

fn hear_of_book(hub: &Arc<Hub>, book: &BookId, signal: Signal) {
    match signal.says {
        Says::Reached { seq } => hub.replica_reached(book, signal.from, seq),
        _ => hub.tell_actor(book, News::Said(signal)),
    }
}

fn hear_all(hub: &Arc<Hub>, signal: Signal) {
    match signal.says {
        Says::Digest { books } => {
            for (book, mark) in books {
                hub.tell_actor(&book, News::Digest { from: signal.from.clone(), mark });
            }
        }
        Says::BooksChanged { users, emails } => hub.announce_books_changed(&users, &emails),
        // On its own: a full mailbox does not keep other signals waiting.
        Says::Imported { book, claim } => {
            let hub = Arc::clone(hub);
            tokio::spawn(async move { offer(&hub, &book, &claim).await });
        }
        Says::LibraryGrew { seq } => {
            let hub = Arc::clone(hub);
            tokio::spawn(async move { hub.library_grew(seq).await });
        }
        Says::LibraryReached { seq } => hub.library_reached(signal.from, seq),
        Says::Noticed { user, entries, unread } => hub.show_noticed(&user, &entries, unread),
        Says::Presence { .. } | Says::Whole { .. } | Says::Ask { .. } | Says::Reached { .. } => {}
    }
}

/// Lets those who are connected here claim a book.
pub(crate) async fn offer(hub: &Arc<Hub>, book: &BookId, claim: &Claim) {
    let here = match claim {
        Claim::Address(email) => hub.directory.of_email(email),
        Claim::Anyone => hub.directory.all(),
    };
    for seat in here {
        hub.deliver(book, Mail::Wish(Box::new(Wish::on_behalf(seat, Act::Claim, AnswerTo::Nobody)))).await;
    }
}

/// A wake-up may be lost, so positions are compared now and then, many at a time (R13). Books that nobody looks after
/// get an actor.
async fn compare(hub: Weak<Hub>, replicas: Arc<Replicas>) {
    loop {
        let pause = POLL_EVERY * (90 + u32::try_from(random() % 21).unwrap_or_default()) / 100;
        // Either way it is time to look.
        drop(tokio::time::timeout(pause, replicas.look.notified()).await);
        let Some(hub) = hub.upgrade() else { return };
        for book in replicas.unattended() {
            // One whose mailbox is full is at work.
            drop(hub.send(&book, Mail::News(Box::new(News::Behind))));
        }
        // Whoever is judged by it waits for nobody else's look then.
        if let Ok(steps) = hub.look_into_library(true).await {
            hub.heed_soon(steps);
        }
        let positions = hub.positions();
        for some in positions.chunks(POLL_LOGS) {
            let logs = some.iter().map(|(log, _)| log.clone()).collect();
            let Ok(tails) = replicas.shared.tails(logs).await else { break };
            for ((log, known), tail) in some.iter().zip(tails) {
                // An actor that went on meanwhile finds nothing new.
                if let Some(book) = log.book().filter(|_| *known != tail) {
                    hub.tell_actor(book, News::Behind);
                }
            }
        }
    }
}

/// Says which presence signals were sent last.
async fn digest(hub: Weak<Hub>, replicas: Arc<Replicas>) {
    loop {
        tokio::time::sleep(DIGEST_EVERY).await;
        let Some(hub) = hub.upgrade() else { return };
        for books in hub.marks().chunks(DIGEST_BOOKS) {
            replicas.say_to_all(Says::Digest { books: books.to_vec() });
        }
    }
}
