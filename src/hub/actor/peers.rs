//! The same book on other replicas: who is there, and what they must hear before a change of rights is answered.
//!
//! Presence signals of a replica are numbered, so that a lost one shows as a gap, at the latest with the next digest;
//! the answer is to ask for the whole. What a replica said is forgotten when its lease is gone, or when no digest of
//! its has named the book for a lease.

use std::collections::BTreeMap;
use std::time::Duration;

use quire_protocol::event::Home;
use quire_protocol::{CloseCode, ReplicaId, Seq};
use tokio::time::Instant;

use super::{Actor, Lost};
use crate::hub::mail::News;
use crate::hub::replicas::Standing;
use crate::hub::replicas::signal::{Changes, Mark, Says, Seated, Signal};
use crate::hub::{RESUMED, random};
use crate::store::shared::Wake;
use crate::store::{LogId, Read};

/// A replica is asked for the whole at most this often.
const ASK_AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// The answer to a change of rights waits this long for other replicas (R7).
const RIGHTS_PATIENCE: Duration = Duration::from_secs(1);

/// Replicas that have the book open, and our own signals to them.
pub(super) struct Peers {
    /// Our last presence signal.
    mark: Mark,
    known: BTreeMap<ReplicaId, Peer>,
}

/// Another replica that has the book open.
struct Peer {
    /// Its last presence signal that was heard, and all before it.
    mark: Mark,
    /// Something else was heard since: it is asked for the whole.
    in_doubt: bool,
    /// When it last said anything about the book.
    heard: Instant,
    asked: Option<Instant>,
}

impl Peers {
    pub(super) fn new() -> Self {
        Self { mark: Mark { life: random(), number: 0 }, known: BTreeMap::new() }
    }

    fn next_mark(&mut self) -> Mark {
        self.mark.number += 1;
        self.mark
    }

    fn heard(&mut self, replica: &ReplicaId) -> &mut Peer {
        let now = Instant::now();
        let peer = self.known.entry(replica.clone()).or_insert(Peer {
            mark: Mark::default(),
            in_doubt: false,
            heard: now,
            asked: None,
        });
        peer.heard = now;
        peer
    }
}

/// What a presence signal is to one who has heard everything up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The next one.
    Next,
    /// It was heard.
    Back,
    /// Something between was not heard, or it is of another life of the sending actor.
    Leap,
}

impl Step {
    fn between(heard: Mark, said: Mark) -> Self {
        let begins = heard == Mark::default() && said.number == 1;
        if begins || said.life == heard.life && said.number == heard.number + 1 {
            Self::Next
        } else if said.life == heard.life && said.number <= heard.number {
            Self::Back
        } else {
            Self::Leap
        }
    }
}

impl Actor {
    /// What other replicas did, said, or became.
    pub(super) async fn news(&mut self, news: News) -> Result<(), Lost> {
        match news {
            News::Appended(wake) => match wake.log.clone() {
                LogId::Book(_) => self.woken(*wake).await,
                LogId::Chapter(_, chapter) => {
                    self.text_woken(&chapter, *wake).await;
                    Ok(())
                }
                // Read whenever somebody asks: nothing of them is kept here.
                LogId::Drafts(..)
                | LogId::Versions(..)
                | LogId::Version(..)
                | LogId::Assets(_)
                | LogId::Asset(..)
                | LogId::Points(_)
                | LogId::Told(_)
                | LogId::Inbox(_)
                | LogId::Telling(_)
                | LogId::Mailing(_)
                | LogId::Webhook(_)
                | LogId::Library(_)
                | LogId::Installation
                | LogId::SignIn(_)
                | LogId::Letters => Ok(()),
            },
            News::Behind => {
                self.catch_up().await?;
                self.catch_up_texts().await;
                Ok(())
            }
            News::Said(signal) => self.said(signal).await,
            News::Digest { from, mark } => {
                self.compare(&from, mark);
                Ok(())
            }
            News::Packed(packed) => {
                self.text_packed(*packed);
                Ok(())
            }
            News::Replicas => {
                self.forget_peers();
                self.adopt_orphans();
                self.sweep_at = Instant::now();
                Ok(())
            }
        }
    }

    /// A replica in step reads nothing: the wake-up brings the records.
    async fn woken(&mut self, wake: Wake) -> Result<(), Lost> {
        let Wake { after, tail, records, .. } = wake;
        let knows = |position: crate::store::Position| position.epoch == tail.epoch && position.seq >= tail.seq;
        if self.position.is_some_and(knows) {
            return Ok(());
        }
        if self.position == after && !records.is_empty() {
            return self.take_in(Read::Records { records, tail }).await;
        }
        self.catch_up().await
    }

    /// Looks whether others wrote. If the store cannot be asked, the next comparison finds out.
    async fn catch_up(&mut self) -> Result<(), Lost> {
        self.fresh = false;
        self.refresh().await.map(|_| ())
    }

    /// Says who is here to whoever has the book open, and asks them the same.
    pub(super) fn introduce(&mut self) {
        if let Some(replicas) = self.hub.replicas() {
            replicas.say(self.book.id(), Says::Ask { to: None, mark: self.peers.mark });
        }
    }

    /// Says what changed in a tick.
    pub(super) fn tell_peers(&mut self, changes: Changes) {
        let Some(replicas) = self.hub.replicas() else { return };
        let mark = self.peers.next_mark();
        replicas.say(self.book.id(), Says::Presence { seq: self.book.seq(), mark, changes });
        self.shown.set_mark(mark);
    }

    async fn said(&mut self, signal: Signal) -> Result<(), Lost> {
        let Signal { from, says } = signal;
        if let Says::Presence { seq, .. } | Says::Whole { seq, .. } = &says
            && *seq > self.book.seq()
        {
            // Who hears it is judged by the rights that its sender knew (R7).
            self.catch_up().await?;
            if *seq > self.book.seq() {
                // The store cannot be asked; the next digest shows that this was not taken in.
                return Ok(());
            }
        }
        match says {
            Says::Presence { mark, changes, .. } => {
                let peer = self.peers.heard(&from);
                match Step::between(peer.mark, mark) {
                    // It comes twice, or late: what followed it is known.
                    Step::Back => {}
                    Step::Next => {
                        peer.mark = mark;
                        self.change(&from, changes);
                    }
                    Step::Leap => {
                        peer.in_doubt = true;
                        self.change(&from, changes);
                        self.ask(&from);
                    }
                }
            }
            Says::Whole { mark, seated, .. } => {
                let peer = self.peers.heard(&from);
                let is_old = peer.mark != mark && Step::between(peer.mark, mark) == Step::Back;
                if !is_old || peer.in_doubt {
                    (peer.mark, peer.in_doubt) = (mark, false);
                    self.replace(&from, seated);
                }
            }
            Says::Ask { to, mark } => {
                if to.is_none_or(|to| to == self.hub.replica) {
                    self.answer_whole();
                }
                self.compare(&from, mark);
            }
            Says::Reached { .. }
            | Says::Digest { .. }
            | Says::BooksChanged { .. }
            | Says::LibraryGrew { .. }
            | Says::LibraryReached { .. }
            | Says::Noticed { .. }
            | Says::Imported { .. } => {}
        }
        Ok(())
    }

    fn answer_whole(&mut self) {
        let Some(replicas) = self.hub.replicas() else { return };
        let (seq, mark, seated) = (self.book.seq(), self.peers.mark, self.roster.ours());
        replicas.say(self.book.id(), Says::Whole { seq, mark, seated });
    }

    /// Asks for the whole if the last signal of a replica is not the last one that was heard.
    fn compare(&mut self, from: &ReplicaId, mark: Mark) {
        let peer = self.peers.heard(from);
        if peer.in_doubt || peer.mark != mark {
            self.ask(from);
        }
    }

    fn ask(&mut self, replica: &ReplicaId) {
        let mark = self.peers.mark;
        let peer = self.peers.heard(replica);
        let recently = peer.asked.is_some_and(|asked| asked.elapsed() < ASK_AT_MOST_EVERY);
        if let Some(replicas) = self.hub.replicas().filter(|_| !recently) {
            peer.asked = Some(Instant::now());
            replicas.say(self.book.id(), Says::Ask { to: Some(replica.clone()), mark });
        }
    }

    fn change(&mut self, from: &ReplicaId, changes: Changes) {
        let Changes { joined, moved, left } = changes;
        for seated in joined {
            self.seat_elsewhere(from, seated);
        }
        for change in moved {
            self.roster.move_elsewhere(from, change, &self.hub.timers);
        }
        for (session, incarnation) in left {
            let home = Home { replica: from.clone(), incarnation };
            self.roster.leave_elsewhere(&session, &home, &self.hub.timers);
        }
    }

    fn replace(&mut self, from: &ReplicaId, seated: Vec<Seated>) {
        for (session, home) in self.roster.on(from) {
            if !seated.iter().any(|seated| seated.entry.session == session) {
                self.roster.leave_elsewhere(&session, &home, &self.hub.timers);
            }
        }
        for seated in seated {
            self.seat_elsewhere(from, seated);
        }
    }

    fn seat_elsewhere(&mut self, from: &ReplicaId, seated: Seated) {
        self.orphans.remove(&seated.entry.session);
        if let Some(loser) = self.roster.join_elsewhere(from, seated, &self.hub.timers) {
            loser.drop_book(self.book.id());
            loser.close(CloseCode::ResumedElsewhere, RESUMED);
        }
    }

    /// Drops what a replica said that is gone, or that does not have the book open any more.
    pub(super) fn forget_peers(&mut self) {
        let Some(replicas) = self.hub.replicas() else { return };
        let silent = Duration::from_millis(self.hub.timers.lease_ms);
        let over = |(replica, peer): (&ReplicaId, &Peer)| {
            let gone = replicas.standing(replica) == Standing::Gone || peer.heard.elapsed() >= silent;
            gone.then(|| replica.clone())
        };
        let gone: Vec<ReplicaId> = self.peers.known.iter().filter_map(over).collect();
        for replica in gone {
            self.peers.known.remove(&replica);
            self.replace(&replica, Vec::new());
        }
        if !self.peers.known.is_empty() {
            self.sweep_at = self.sweep_at.min(Instant::now() + silent);
        }
    }

    /// Somebody's rights shrank: the answer waits until the other replicas that have the book open cut what they send,
    /// for a second at most (R7).
    pub(super) async fn await_peers(&self, seq: Seq) {
        let Some(replicas) = self.hub.replicas() else { return };
        let lives = |replica: &&ReplicaId| replicas.standing(replica) == Standing::Lives;
        let peers: Vec<ReplicaId> = self.peers.known.keys().filter(lives).cloned().collect();
        self.shown.all_reach(&peers, seq, RIGHTS_PATIENCE).await;
    }

    /// Tells the others that people's rights are judged by this event from now on.
    pub(super) fn confirm_rights(&self) {
        if let Some(replicas) = self.hub.replicas() {
            replicas.say(self.book.id(), Says::Reached { seq: self.book.seq() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Step};

    #[test]
    fn the_next_signal_is_told_from_one_that_was_heard_and_from_a_leap() {
        let mark = |life, number| Mark { life, number };
        let nothing = Mark::default();
        for (heard, said, step) in [
            (nothing, mark(1, 1), Step::Next),
            (nothing, mark(1, 2), Step::Leap),
            (mark(1, 0), mark(1, 1), Step::Next),
            (mark(1, 4), mark(1, 5), Step::Next),
            (mark(1, 4), mark(1, 4), Step::Back),
            (mark(1, 4), mark(1, 1), Step::Back),
            (mark(1, 4), mark(1, 6), Step::Leap),
            // Which life came first is not known.
            (mark(1, 4), mark(2, 5), Step::Leap),
            (mark(2, 0), mark(1, 1), Step::Leap),
        ] {
            assert_eq!(Step::between(heard, said), step, "{heard:?} {said:?}");
        }
    }
}
