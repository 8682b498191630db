//! Which connections there are, by session, user and address. Holds handles only; guards never leave this file.

use std::sync::Arc;

use dashmap::DashMap;
use quire_protocol::{CloseCode, SessionId, UserId};

use crate::hub::seat::Seat;

/// All joined connections of this replica.
#[derive(Default)]
pub struct Directory {
    seats: DashMap<SessionId, Arc<Seat>>,
    by_user: DashMap<UserId, Tabs>,
    by_email: DashMap<String, Tabs>,
}

/// Somebody's connections, in order of their sessions. Most people have one tab, for which a tree's node is large.
#[derive(Default)]
struct Tabs(Vec<Arc<Seat>>);

impl Tabs {
    /// Where the session's connection is, or where it belongs.
    fn place(&self, session: &SessionId) -> Result<usize, usize> {
        self.0.binary_search_by(|there| there.session.cmp(session))
    }

    fn get(&self, session: &SessionId) -> Option<&Arc<Seat>> {
        self.place(session).ok().map(|index| &self.0[index])
    }

    /// Adds a connection; returns the one of the same session that it replaces.
    fn insert(&mut self, seat: Arc<Seat>) -> Option<Arc<Seat>> {
        match self.place(&seat.session) {
            Ok(index) => Some(std::mem::replace(&mut self.0[index], seat)),
            Err(index) => {
                self.0.insert(index, seat);
                None
            }
        }
    }

    /// Removes this very connection.
    fn remove(&mut self, seat: &Arc<Seat>) {
        self.0.retain(|there| !Arc::ptr_eq(there, seat));
    }
}

/// Why somebody could not sit down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The user has as many sessions as they may have.
    TooMany,
    /// The session has a connection with this or a higher incarnation.
    ResumedElsewhere,
}

impl Directory {
    /// All connections of which this is so.
    pub fn all_if(&self, so: impl Fn(&Seat) -> bool) -> Vec<Arc<Seat>> {
        self.seats.iter().filter(|seat| so(seat.value())).map(|seat| Arc::clone(seat.value())).collect()
    }

    /// Adds a connection, after `welcome` has spoken to it: nobody finds it before. An older connection of the same
    /// session is closed with 4009: the newer incarnation wins.
    pub fn join(&self, seat: &Arc<Seat>, sessions_per_user: usize, welcome: impl FnOnce()) -> Result<(), Refused> {
        let mut mine = self.by_user.entry(seat.user.clone()).or_default();
        let older = mine.get(&seat.session);
        if older.is_some_and(|older| older.home.incarnation >= seat.home.incarnation) {
            return Err(Refused::ResumedElsewhere);
        }
        if older.is_none() && mine.0.len() >= sessions_per_user {
            return Err(Refused::TooMany);
        }
        welcome();
        if let Some(older) = mine.insert(Arc::clone(seat)) {
            older.close(CloseCode::ResumedElsewhere, "this session was resumed on another connection");
        }
        // Under the guard, so that of two connections of one session the newer is found everywhere.
        if let Some(email) = &seat.email {
            self.by_email.entry(email.clone()).or_default().insert(Arc::clone(seat));
        }
        self.seats.insert(seat.session.clone(), Arc::clone(seat));
        drop(mine);
        Ok(())
    }

    /// Removes a connection; a newer one of the same session stays.
    pub fn leave(&self, seat: &Arc<Seat>) {
        self.seats.remove_if(&seat.session, |_, there| Arc::ptr_eq(there, seat));
        remove(&self.by_user, &seat.user, seat);
        if let Some(email) = &seat.email {
            remove(&self.by_email, email, seat);
        }
    }

    /// The session's connection.
    pub fn session(&self, session: &SessionId) -> Option<Arc<Seat>> {
        self.seats.get(session).map(|seat| Arc::clone(&seat))
    }

    /// The user's connections.
    pub fn of_user(&self, user: &UserId) -> Vec<Arc<Seat>> {
        self.by_user.get(user).map(|seats| seats.0.clone()).unwrap_or_default()
    }

    /// Connections of everybody who proved this address.
    pub fn of_email(&self, email: &str) -> Vec<Arc<Seat>> {
        self.by_email.get(email).map(|seats| seats.0.clone()).unwrap_or_default()
    }

    /// Every connection.
    pub fn all(&self) -> Vec<Arc<Seat>> {
        self.seats.iter().map(|seat| Arc::clone(&seat)).collect()
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }
}

fn remove<K: std::hash::Hash + Eq>(map: &DashMap<K, Tabs>, key: &K, seat: &Arc<Seat>) {
    if let Some(mut tabs) = map.get_mut(key) {
        tabs.remove(seat);
    }
    map.remove_if(key, |_, tabs| tabs.0.is_empty());
}
