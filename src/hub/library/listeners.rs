//! Connections that opened the library.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quire_protocol::frame::Notice;
use quire_protocol::{Limits, SessionId};

use super::visitor;
use crate::hub::seat::Seat;
use crate::library::{Event, Library, Noticed};

/// Who is told when what they may list changes. Bounded by the connections there are (I5).
#[derive(Default)]
pub(super) struct Listeners(Mutex<BTreeMap<SessionId, Arc<Seat>>>);

impl Listeners {
    pub(super) fn join(&self, seat: &Arc<Seat>) {
        self.seats().insert(seat.session.clone(), Arc::clone(seat));
    }

    /// A later connection of the same session stays.
    pub(super) fn leave(&self, seat: &Seat) {
        let mut seats = self.seats();
        if seats.get(&seat.session).is_some_and(|there| there.home == seat.home) {
            seats.remove(&seat.session);
        }
    }

    /// Tells those who notice anything of what happened, and those besides. Who belongs to the library no more is told so, and nothing after it.
    pub(super) fn tell(
        &self,
        (before, after): (&Library, &Library),
        events: &[Event],
        besides: Vec<Arc<Seat>>,
        limits: &Limits,
    ) {
        let mut seats = self.seats().clone();
        seats.extend(besides.into_iter().map(|seat| (seat.session.clone(), seat)));
        for seat in seats.into_values() {
            let noticed = after.noticed(before, events, &visitor(&seat));
            if noticed.is_something() {
                let Noticed { access, users, books, notices, webhooks } = noticed;
                seat.notify(Notice::LibraryChanged { access, users, books, notices, webhooks }, limits);
            }
        }
    }

    fn seats(&self) -> MutexGuard<'_, BTreeMap<SessionId, Arc<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
