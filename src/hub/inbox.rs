//! Inboxes: read whenever somebody asks, written when something concerns them, and told to all their tabs that listen.
//!
//! An inbox belongs to the user of the connection; no command names anybody else's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quire_protocol::command::{InboxChoose, InboxList, InboxRead};
use quire_protocol::frame::{Answer, Notice};
use quire_protocol::inbox::{InboxEntry, Told, Topic};
use quire_protocol::view::InvitationRow;
use quire_protocol::{Rejection, SessionId, UserId};
use tokio::sync::Mutex as Turn;

use super::replicas::signal::Says;
use super::seat::Seat;
use super::{Hub, ledger, unavailable};
use crate::book::notice::invited_id;
use crate::inbox::{Inbox, InboxChange};
use crate::store::{Drawer, LogId};

/// Inboxes that are written at a time.
const TURNS: usize = 16;

/// Who listens to their inbox here. Bounded by the connections there are (I5).
#[derive(Default)]
pub(super) struct Inboxes {
    listeners: Mutex<BTreeMap<UserId, BTreeMap<SessionId, Arc<Seat>>>>,
    /// Whoever writes an inbox and tells of it has its turn: what is told last is true.
    turns: [Turn<()>; TURNS],
}

impl Inboxes {
    fn join(&self, seat: &Arc<Seat>) {
        let mut listeners = self.listeners();
        listeners.entry(seat.user.clone()).or_default().insert(seat.session.clone(), Arc::clone(seat));
    }

    /// A later connection of the same session stays.
    pub(super) fn forget(&self, seat: &Seat) {
        let mut listeners = self.listeners();
        let Some(tabs) = listeners.get_mut(&seat.user) else { return };
        if tabs.get(&seat.session).is_some_and(|there| there.home == seat.home) {
            tabs.remove(&seat.session);
        }
        if tabs.is_empty() {
            listeners.remove(&seat.user);
        }
    }

    fn of(&self, user: &UserId) -> Vec<Arc<Seat>> {
        self.listeners().get(user).map(|tabs| tabs.values().cloned().collect()).unwrap_or_default()
    }

    fn listeners(&self) -> MutexGuard<'_, BTreeMap<UserId, BTreeMap<SessionId, Arc<Seat>>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, user: &UserId) -> &Turn<()> {
        let sum = user.as_str().bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        &self.turns[sum % TURNS]
    }
}

pub(super) fn log_of(user: &UserId) -> LogId {
    LogId::Inbox(Drawer::of(user))
}

impl Hub {
    /// Answers `inbox.open`.
    pub(crate) async fn open_inbox(&self, seat: &Arc<Seat>) -> Result<Answer, Rejection> {
        self.pick_up_invitations(seat).await?;
        if let Some(email) = &seat.email {
            let _turn = self.inboxes.turn(&seat.user).lock().await;
            ledger::change::<Inbox>(self, &log_of(&seat.user), |inbox| Ok(inbox.reach(email))).await?;
        }
        // Before the answer is worked out, so that nothing falls between.
        self.inboxes.join(seat);
        self.list_inbox(seat, &InboxList { before: None, limit: None }).await
    }

    /// Answers `inbox.list`.
    pub(crate) async fn list_inbox(&self, seat: &Seat, query: &InboxList) -> Result<Answer, Rejection> {
        let max = self.limits.list_rows;
        let limit = query.limit.map_or(max, |limit| usize::try_from(limit).unwrap_or(usize::MAX).clamp(1, max));
        let (inbox, _, _) = ledger::read::<Inbox>(self, &log_of(&seat.user)).await?;
        let (page, before) = inbox.page(query.before, limit);
        let choices = Topic::ALL.map(|topic| inbox.choice(topic)).to_vec();
        let switches = Topic::ALL.map(|topic| self.library.switch(topic)).to_vec();
        let mail_to = self.mails_to(&seat.user, &inbox);
        Ok(Answer::Inbox { inbox: page, unread: inbox.unread(), before, choices, switches, mail_to })
    }

    /// Answers `inbox.read`.
    pub(crate) async fn read_inbox(&self, seat: &Seat, read: &InboxRead) -> Result<Answer, Rejection> {
        self.change_inbox(&seat.user, |inbox| inbox.read(read.up_to, &read.entries)).await
    }

    /// Answers `inbox.choose`.
    pub(crate) async fn choose_inbox(&self, seat: &Seat, choose: &InboxChoose) -> Result<Answer, Rejection> {
        self.change_inbox(&seat.user, |inbox| inbox.choose(&choose.choices)).await
    }

    async fn change_inbox(
        &self,
        user: &UserId,
        decide: impl Fn(&Inbox) -> Vec<InboxChange>,
    ) -> Result<Answer, Rejection> {
        let log = log_of(user);
        let _turn = self.inboxes.turn(user).lock().await;
        let changes = ledger::change::<Inbox>(self, &log, |inbox| Ok(decide(inbox))).await?;
        if !changes.is_empty() {
            let (inbox, _, _) = ledger::read::<Inbox>(self, &log).await?;
            self.spread(user, &[], inbox.unread());
        }
        Ok(Answer::Done {})
    }

    /// Answers `inbox.close`.
    pub(crate) fn close_inbox(&self, seat: &Seat) -> Answer {
        self.inboxes.forget(seat);
        Answer::Done {}
    }

    /// Puts this into somebody's inbox, once however often it is asked for, and tells their tabs.
    pub(super) async fn tell(&self, user: &UserId, told: &[Told]) -> Result<(), Rejection> {
        let log = log_of(user);
        let _turn = self.inboxes.turn(user).lock().await;
        let mails = self.owes_mail(user, told).await?;
        let allowed = |topic| self.library.switch(topic);
        let tell = |inbox: &Inbox| inbox.tell(told, &self.rules(mails, &allowed));
        let new = ledger::change::<Inbox>(self, &log, |inbox| Ok(tell(inbox))).await?;
        if mails {
            self.send_notices();
        }
        let shown = new.iter().any(|change| matches!(change, InboxChange::Told { shown: true, .. }));
        let anybody = self.replicas().is_some() || !self.inboxes.of(user).is_empty();
        if !shown || !anybody {
            return Ok(());
        }
        // What is kept is told; that it could not be read at once takes nothing back.
        let Ok((inbox, _, _)) = ledger::read::<Inbox>(self, &log).await else { return Ok(()) };
        let new = new.iter().filter_map(|change| match change {
            InboxChange::Told { told, .. } => inbox.entry(&told.id).cloned(),
            _ => None,
        });
        self.spread(user, &new.collect::<Vec<_>>(), inbox.unread());
        Ok(())
    }

    /// Tells the tabs of somebody, here and on other replicas.
    fn spread(&self, user: &UserId, entries: &[InboxEntry], unread: u32) {
        if let Some(replicas) = self.replicas() {
            replicas.say_to_all(Says::Noticed { user: user.clone(), entries: entries.to_vec(), unread });
        }
        self.show_noticed(user, entries, unread);
    }

    /// Tells the tabs of somebody on this replica. Without entries: something was read.
    pub(crate) fn show_noticed(&self, user: &UserId, entries: &[InboxEntry], unread: u32) {
        for seat in self.inboxes.of(user) {
            if entries.is_empty() {
                seat.notify(Notice::InboxChanged { unread }, &self.limits);
            }
            for entry in entries {
                seat.notify(Notice::Noticed { entry: Box::new(entry.clone()), unread }, &self.limits);
            }
        }
    }

    /// Whose address it is, as far as the hub knows: who joined the library by it, and who is here and proved it.
    pub(super) fn users_of(&self, email: &str) -> Vec<UserId> {
        let joined = self.library.account(email);
        let here = self.directory.of_email(email).into_iter().map(|seat| seat.user.clone());
        let mut users: Vec<UserId> = joined.into_iter().chain(here).collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    /// Invitations to an address whose owner nobody knew then are told once somebody proves it.
    async fn pick_up_invitations(&self, seat: &Seat) -> Result<(), Rejection> {
        let Some(email) = &seat.email else { return Ok(()) };
        let cards = self.store.cards_inviting(email.clone(), None, self.limits.list_rows).await;
        let now = self.clock.now();
        let rows = cards.map_err(|_| unavailable())?.into_iter().flat_map(|card| card.invitations);
        let mine = rows.filter(|(to, row)| to == email && row.expires_at > now);
        let told: Vec<Told> = mine.map(|(_, row)| invited(row, now)).collect();
        if told.is_empty() { Ok(()) } else { self.tell(&seat.user, &told).await }
    }
}

fn invited(row: InvitationRow, at: quire_protocol::Timestamp) -> Told {
    let InvitationRow { id, book, title, role, by, .. } = row;
    Told {
        id: invited_id(&book, &id),
        topic: Topic::Invited,
        at,
        book,
        title,
        by: Some(by),
        chapter: None,
        chapter_title: None,
        thread: None,
        comment: None,
        invitation: Some(id),
        role: Some(role),
        text: None,
    }
}
