//! Which actor serves a book. The only place that knows dashmap entries of actors; guards never cross an await.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::DashMap;
use futures::FutureExt as _;
use quire_protocol::{BookId, CloseCode};
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::hub::Hub;
use crate::hub::actor::Actor;
use crate::hub::mail::{Letter, Mail, News};
use crate::hub::shown::Shown;
use crate::telemetry::metric;

/// The mailboxes of all running actors.
#[derive(Default)]
pub(crate) struct Registry {
    mailboxes: DashMap<BookId, Running>,
    /// No actor is started any more.
    stopped: AtomicBool,
}

/// An actor as others see it.
struct Running {
    mailbox: mpsc::Sender<Letter>,
    shown: Arc<Shown>,
}

impl Registry {
    /// Hands mail to the book's actor, starting it if need be; gives it back if the mailbox is full or the hub stops.
    pub(crate) fn send(&self, hub: &Arc<Hub>, book: &BookId, mail: Mail) -> Result<(), Mail> {
        let mut letter = Box::new(mail);
        loop {
            let Some(mailbox) = self.mailbox(hub, book) else { return Err(*letter) };
            match mailbox.try_send(letter) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(back)) => return Err(*back),
                // The actor stopped between look-up and sending: the next look-up starts another.
                Err(TrySendError::Closed(back)) => letter = back,
            }
        }
    }

    /// Hands mail to the book's actor, waiting for room. Dropped once the hub stops: who held something is an orphan
    /// for the next hub (R5).
    pub(crate) async fn deliver(&self, hub: &Arc<Hub>, book: &BookId, mail: Mail) {
        let mut letter = Box::new(mail);
        loop {
            let Some(mailbox) = self.mailbox(hub, book) else { return };
            match mailbox.send(letter).await {
                Ok(()) => return,
                Err(mpsc::error::SendError(back)) => letter = back,
            }
        }
    }

    /// Hands news to the book's actor, if one runs and its mailbox has room. Who misses news finds out by itself.
    pub(crate) fn tell(&self, book: &BookId, news: News) {
        if let Some(running) = self.mailboxes.get(book)
            && running.mailbox.try_send(Box::new(Mail::News(Box::new(news)))).is_err()
        {
            tracing::debug!(%book, "news was dropped: the mailbox is full");
        }
    }

    /// Every running actor, and what it shows.
    pub(crate) fn shown(&self) -> Vec<(BookId, Arc<Shown>)> {
        self.mailboxes.iter().map(|entry| (entry.key().clone(), Arc::clone(&entry.shown))).collect()
    }

    /// What the book's actor shows, if one runs.
    pub(crate) fn shown_by(&self, book: &BookId) -> Option<Arc<Shown>> {
        self.mailboxes.get(book).map(|running| Arc::clone(&running.shown))
    }

    /// How many actors run.
    pub(crate) fn len(&self) -> usize {
        self.mailboxes.len()
    }

    /// Lets every actor finish what it has and stop. None is started from now on.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.mailboxes.clear();
    }

    fn mailbox(&self, hub: &Arc<Hub>, book: &BookId) -> Option<mpsc::Sender<Letter>> {
        let entry = self.mailboxes.entry(book.clone());
        // Looked at under the entry's guard: whoever came before `stop` is cleared by it.
        if self.stopped.load(Ordering::SeqCst) {
            return None;
        }
        let mut entry = entry.or_insert_with(|| start(hub, book));
        if entry.mailbox.is_closed() {
            *entry = start(hub, book);
        }
        Some(entry.mailbox.clone())
    }

    /// Takes an actor out that wants to stop; no if mail is there or under way. Senders are cloned under the same
    /// guard, so what is sent later goes to another actor, and nothing overtakes.
    pub(crate) fn retire(
        &self,
        book: &BookId,
        address: &mpsc::WeakSender<Letter>,
        mailbox: &mpsc::Receiver<Letter>,
    ) -> bool {
        self.mailboxes.remove_if(book, |_, _| address.strong_count() == 1 && mailbox.is_empty()).is_some()
    }

    /// Takes an actor out that cannot go on, unless another one runs for its book.
    pub(crate) fn remove(&self, book: &BookId, address: &mpsc::WeakSender<Letter>) {
        if let Some(address) = address.upgrade() {
            self.mailboxes.remove_if(book, |_, there| there.mailbox.same_channel(&address));
        }
    }
}

fn start(hub: &Arc<Hub>, book: &BookId) -> Running {
    let (sender, receiver) = mpsc::channel(hub.limits.mailbox_commands);
    let (hub, book, weak) = (Arc::clone(hub), book.clone(), sender.downgrade());
    let shown = Arc::new(Shown::default());
    let tasks = hub.tasks.clone();
    let running = Running { mailbox: sender, shown: Arc::clone(&shown) };
    tasks.spawn(async move {
        let _counted = metric::active_book();
        let actor = Box::new(Actor::new(Arc::clone(&hub), book.clone(), receiver, weak, shown));
        if AssertUnwindSafe(actor.run()).catch_unwind().await.is_err() {
            // The book's memory may be wrong, its log is not: those who have it open come back and load it anew.
            tracing::error!(%book, "the actor of a book failed; its sessions resume");
            if let Some(replicas) = hub.replicas() {
                replicas.need_actors([book.clone()]);
            }
            for seat in hub.directory.all() {
                if seat.open_books().contains(&book) {
                    seat.close(CloseCode::StoreLost, "the book had to be loaded again: resume");
                }
            }
        }
    });
    running
}
