//! Telling everybody: what was committed is applied, encoded once, and written to all outboxes by the actor itself.

use std::sync::Arc;

use bytes::Bytes;
use quire_protocol::event::{By, Cause, Event, ReleaseReason, Withheld};
use quire_protocol::frame::{ClosedReason, Notice};
use quire_protocol::{Encoding, EventFrame, Seq, SessionId, UserId};

use super::Actor;
use super::roster::Listener;
use super::visitors::Listed;
use crate::book::{Committed, Hearing, Standing};
use crate::hub::replicas::signal::Says;
use crate::hub::seat::Seat;
use crate::outbox;
use crate::store::Card;
use crate::telemetry::metric;

/// Other tasks get their turn after this many sockets.
const SOCKETS_PER_YIELD: usize = 64;
/// In the place of the index card's seq: nobody knows what the index holds.
const UNCERTAIN: Seq = Seq(u64::MAX);

/// What one kind of subscriber hears of a run of events: shared bytes.
struct Slice {
    standing: Standing,
    encoding: Encoding,
    frames: Vec<Bytes>,
}

impl Actor {
    /// Applies committed events and sends each to everybody who may hear it, by the rights at that event (R7).
    pub(super) async fn publish(&mut self, committed: &[Committed]) {
        let mut run = 0;
        for (index, fact) in committed.iter().enumerate() {
            let rights = self.changes_rights(&fact.fact.event);
            let mut before = if rights { self.standings() } else { Vec::new() };
            // They are told in any case.
            match &fact.fact.event {
                Event::MemberRoleChanged(event) => before.retain(|(user, _)| *user != event.user),
                Event::OwnershipTransferred(event) => {
                    before.retain(|(user, _)| *user != event.from && *user != event.to);
                }
                _ => {}
            }
            if rights {
                // Everything before is heard by the rights that held then.
                self.send_run(&committed[run..index]).await;
                run = index;
            }
            self.owe(fact);
            self.book.apply(fact);
            if let Some(by) = self.book.relists(&fact.fact, |user| self.hub.known_to_library(user)) {
                self.listed.by = by;
            }
            if rights {
                self.roster.forget_roles();
                self.send_run(&committed[run..=index]).await;
                run = index + 1;
                self.react_to_rights(fact);
                self.settle_visitors(before);
            }
        }
        self.send_run(&committed[run..]).await;
        self.since_snapshot += committed.len() as u64;
        if committed.iter().any(|fact| fact.fact.event.kind().starts_with("lock.")) {
            self.adopt_orphans();
            self.keep_versions_of_ended_holds();
            self.sweep_at = tokio::time::Instant::now();
        }
        self.watch_lapses();
        self.compact_if_long();
    }

    /// One vectored write for each subscriber, with everything the run brought; then what it means for single sessions.
    async fn send_run(&mut self, run: &[Committed]) {
        if run.is_empty() {
            return;
        }
        let mut slices: Vec<Slice> = Vec::new();
        let audience = self.roster.audience(|user| self.book.standing(user));
        metric::deliveries(audience.len() * run.len());
        for (index, Listener { seat, standing }) in audience.iter().enumerate() {
            let found = slices.iter().position(|slice| slice.standing == *standing && slice.encoding == seat.encoding);
            let slice = found.unwrap_or_else(|| {
                let frames = run.iter().flat_map(|fact| self.encode_for(&seat.user, seat.encoding, fact)).collect();
                slices.push(Slice { standing: *standing, encoding: seat.encoding, frames });
                slices.len() - 1
            });
            seat.outbox.push(&slices[slice].frames);
            if index % SOCKETS_PER_YIELD == SOCKETS_PER_YIELD - 1 {
                tokio::task::yield_now().await;
            }
        }
        for fact in run {
            self.react(fact);
        }
    }

    fn encode_for(&self, user: &UserId, encoding: Encoding, fact: &Committed) -> Vec<Bytes> {
        match self.frame_for(user, fact) {
            Some(frame) => outbox::encode(&frame, encoding, &self.hub.limits),
            None => Vec::new(),
        }
    }

    /// The event as this user hears it; `None`: not at all.
    pub(super) fn frame_for(&self, user: &UserId, committed: &Committed) -> Option<EventFrame> {
        let Committed { seq, stamp, at, fact } = committed;
        let (by, event) = match self.book.hearing(user, &fact.event) {
            Hearing::Whole => (fact.by.clone(), fact.event.clone().on_wire(*stamp)),
            Hearing::Withheld => (By::System { system: Cause::Withheld }, Withheld {}.into()),
            Hearing::Nothing => return None,
        };
        let epoch = self.position.expect("an event was committed, so the log exists").epoch;
        Some(EventFrame { book: self.book.id().clone(), epoch, seq: *seq, at: *at, by, event })
    }

    /// Tells those whose rights changed, and ends the views of those who have none left.
    fn react_to_rights(&mut self, committed: &Committed) {
        match &committed.fact.event {
            Event::MemberRoleChanged(event) => self.tell_access(&event.user),
            Event::OwnershipTransferred(event) => {
                self.tell_access(&event.from);
                self.tell_access(&event.to);
            }
            Event::MemberRemoved(event) => self.evict(&self.roster.of_user(&event.user), ClosedReason::Removed),
            Event::MemberLeft(event) => self.evict(&self.roster.of_user(&event.user), ClosedReason::Removed),
            Event::BookDeleted(_) | Event::BookTrashed(_) => {
                let everybody: Vec<SessionId> = self.roster.sessions().cloned().collect();
                self.evict(&everybody, ClosedReason::Deleted);
            }
            _ => {}
        }
    }

    pub(super) fn tell_access(&self, user: &UserId) {
        let access = self.book.access(user);
        for seat in self.roster.of_user(user).iter().filter_map(|session| self.seat(session)) {
            let (book, role, can) = (self.book.id().clone(), access.role, access.can.clone());
            seat.notify(Notice::AccessChanged { book, role, can }, &self.hub.limits);
        }
    }

    pub(super) fn evict(&mut self, sessions: &[SessionId], reason: ClosedReason) {
        for session in sessions {
            self.leave_texts(session);
            let Some(sitter) = self.roster.leave(session, &self.hub.timers) else { continue };
            if let Some(seat) = sitter.at.seat() {
                seat.drop_book(self.book.id());
                seat.notify(Notice::BookClosed { book: self.book.id().clone(), reason }, &self.hub.limits);
            }
        }
    }

    /// Tells single sessions what an event means for them.
    fn react(&self, committed: &Committed) {
        let book = self.book.id().clone();
        match &committed.fact.event {
            Event::LockReleased(event) if !own_wish(&committed.fact.by, &event.session, event.reason) => {
                if let Some(seat) = self.seat(&event.session) {
                    let (chapter, reason) = (event.chapter.clone(), event.reason);
                    let (by, note) = (committed.fact.by.clone(), event.note.clone());
                    seat.notify(Notice::LockLost { book, chapter, reason, by, note }, &self.hub.limits);
                }
            }
            Event::LockQueued(event) => {
                let holder = self.book.held().find(|held| *held.chapter == event.chapter);
                if let Some(seat) = holder.and_then(|held| self.seat(held.session)) {
                    let (chapter, by, note) = (event.chapter.clone(), event.waiter.clone(), event.note.clone());
                    seat.notify(Notice::LockWanted { book, chapter, by, note }, &self.hub.limits);
                }
            }
            _ => {}
        }
    }

    /// The connection of a session, on this replica.
    pub(super) fn seat(&self, session: &SessionId) -> Option<Arc<Seat>> {
        let here = self.roster.get(session).and_then(|sitter| sitter.at.seat()).cloned();
        here.or_else(|| self.hub.directory.session(session))
    }

    /// The index as it will be, together with what it is now: a superset until the events are durable (R17).
    pub(super) fn hint(&self, mut card: Card) -> Card {
        card.seq = self.book.seq();
        for member in &self.card.members {
            if !card.members.iter().any(|(user, _)| *user == member.0) {
                card.members.push(member.clone());
            }
        }
        for invitation in &self.card.invitations {
            if !card.invitations.iter().any(|(_, row)| row.id == invitation.1.id) {
                card.invitations.push(invitation.clone());
            }
        }
        card
    }

    /// Brings the indexes up to date, and tells those for whom a list changed. No: one lags; call again later.
    pub(super) async fn reproject(&mut self) -> bool {
        // Both are tried, whatever becomes of the other.
        let (listed, indexed) = (self.reshelve().await, self.reindex().await);
        listed && indexed
    }

    async fn reindex(&mut self) -> bool {
        let card = self.book.card(self.hub.clock.now());
        let unchanged = Card { seq: card.seq, ..self.card.clone() } == card;
        if unchanged && self.trusts_index() {
            return true;
        }
        if !self.put_card(&card).await {
            return false;
        }
        let before = std::mem::replace(&mut self.card, card);
        self.announce(&before);
        true
    }

    /// Puts right what an earlier actor could not write; for nobody's list anything changes by that.
    pub(super) async fn project_loaded(&mut self) {
        self.card = self.book.card(self.hub.clock.now());
        self.put_card(&self.card.clone()).await;
        self.listed.says = Listed::Unknown;
        if !self.reshelve().await {
            self.sweep_at = tokio::time::Instant::now();
        }
    }

    /// The index may hold something else than `self.card` (a hint, or a write whose outcome is unknown): the next
    /// [`Self::reproject`] writes whatever the card says then.
    pub(super) fn distrust_index(&mut self) {
        self.card.seq = UNCERTAIN;
    }

    /// The index holds what `self.card` says.
    pub(super) fn trusts_index(&self) -> bool {
        self.card.seq != UNCERTAIN
    }

    async fn put_card(&mut self, card: &Card) -> bool {
        let put = self.hub.store.put_card(card.clone()).await;
        if let Err(error) = &put {
            tracing::warn!(book = %self.book.id(), %error, "the index of books lags");
            self.distrust_index();
        }
        put.is_ok()
    }

    /// Tells those whose lists differ between an earlier card and this one, here and on other replicas.
    fn announce(&self, before: &Card) {
        let after = &self.card;
        let is_there = |card: &Card| (card.deleted, card.trashed_until);
        let retitled = before.title != after.title || is_there(before) != is_there(after);
        let users: Vec<_> =
            difference(&before.members, &after.members, retitled).into_iter().map(|row| row.0).collect();
        let emails = difference(&before.invitations, &after.invitations, retitled);
        let emails: Vec<_> = emails.into_iter().map(|row| row.0).collect();
        self.hub.announce_books_changed(&users, &emails);
        if let Some(replicas) = self.hub.replicas().filter(|_| !users.is_empty() || !emails.is_empty()) {
            replicas.say_to_all(Says::BooksChanged { users, emails });
        }
    }

    /// The replica that appended brings the index up to date, and tells everybody.
    pub(super) fn follow_index(&mut self) {
        if self.trusts_index() {
            self.card = self.book.card(self.hub.clock.now());
        }
    }
}

/// Rows that are in one list only, or in any if `all`.
fn difference<T: Clone + PartialEq>(before: &[T], after: &[T], all: bool) -> Vec<T> {
    let gone = before.iter().filter(|row| all || !after.contains(row));
    let new = after.iter().filter(|row| all || !before.contains(row));
    gone.chain(new).cloned().collect()
}

/// What the index holds of the book is the same after this event. A kind that is not named here may change it.
pub(super) fn leaves_index(event: &Event) -> bool {
    ["lock.", "chapter.", "comment.", "thread."].iter().any(|group| event.kind().starts_with(group))
}

impl Actor {
    /// After this event somebody may hear more or less than before.
    pub(super) fn changes_rights(&self, event: &Event) -> bool {
        // Whom the library lets in depends on the title and the categories.
        let in_library = self.book.is_shelved() && matches!(event, Event::MetadataChanged(_));
        // The first time, what happens to the book becomes the library's matter.
        in_library || matches!(event, Event::PublishPublished(_)) || changes_members(event)
    }
}

fn changes_members(event: &Event) -> bool {
    matches!(
        event,
        Event::MemberJoined(_)
            | Event::MemberRoleChanged(_)
            | Event::OwnershipTransferred(_)
            | Event::MemberRemoved(_)
            | Event::MemberLeft(_)
            | Event::BookDeleted(_)
            | Event::BookTrashed(_)
            | Event::BookRestored(_)
            | Event::BookShelved(_)
            | Event::BookUnshelved(_)
    )
}

/// The holder's own session gave the lock up.
fn own_wish(by: &By, holder: &SessionId, reason: ReleaseReason) -> bool {
    let own = matches!(by, By::Person { session, .. } if session == holder);
    own || reason == ReleaseReason::Disconnected
}
