//! People who ask to be let in. Whoever asks learns nothing by it: not even whether there is such a book.

use std::sync::Arc;

use quire_protocol::command::{AccessGrant, AccessRefuse, AccessRequest};
use quire_protocol::event::{self, Person};
use quire_protocol::view::RequestView;
use quire_protocol::{Limits, Rejection, Timers, Timestamp, UserId, What};
use serde::{Deserialize, Serialize};

use crate::book::access::not_found;
use crate::book::act::Caller;
use crate::book::{Book, Context, Decision, Outcome, Vouched, measure};

/// Refusals that are remembered, so that whoever was refused does not ask again at once.
const REFUSED_MAX: usize = 200;

/// Somebody asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Request {
    person: Person,
    email: String,
    note: Option<String>,
    at: Timestamp,
    refused_at: Option<Timestamp>,
}

/// Who asked, in the order in which they did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::book) struct Requests(Arc<Vec<Request>>);

impl Requests {
    fn waiting(&self) -> impl Iterator<Item = &Request> {
        self.0.iter().filter(|request| request.refused_at.is_none())
    }

    fn of(&self, user: &UserId) -> Option<&Request> {
        self.waiting().find(|request| request.person.user == *user)
    }

    /// Whether they ask now.
    pub(in crate::book) fn asks(&self, user: &UserId) -> bool {
        self.of(user).is_some()
    }

    /// There is room, and they neither ask already nor were refused lately.
    fn takes(&self, user: &UserId, now: Timestamp, (limits, timers): (&Limits, &Timers)) -> bool {
        let lasts = |request: &Request| request.refused_at.is_none_or(|at| now < at.plus_ms(timers.invitation_ms));
        let known = self.0.iter().any(|request| request.person.user == *user && lasts(request));
        !known && self.waiting().count() < limits.requests_per_book
    }

    pub(in crate::book) fn asked(&mut self, event: &event::AccessRequested, at: Timestamp) {
        let event::AccessRequested { person, email, note } = event.clone();
        self.gone(&person.user);
        Arc::make_mut(&mut self.0).push(Request { person, email, note, at, refused_at: None });
    }

    pub(in crate::book) fn refused(&mut self, user: &UserId, at: Timestamp) {
        let requests = Arc::make_mut(&mut self.0);
        if let Some(request) = requests.iter_mut().find(|request| request.person.user == *user) {
            request.refused_at = Some(at);
        }
        let over = requests.iter().filter(|request| request.refused_at.is_some()).count().saturating_sub(REFUSED_MAX);
        let mut forgotten = 0;
        requests.retain(|request| {
            let forget = request.refused_at.is_some() && forgotten < over;
            forgotten += usize::from(forget);
            !forget
        });
    }

    /// They are in, or ask anew.
    pub(in crate::book) fn gone(&mut self, user: &UserId) {
        if self.0.iter().any(|request| request.person.user == *user) {
            Arc::make_mut(&mut self.0).retain(|request| request.person.user != *user);
        }
    }

    pub(in crate::book) fn view(&self) -> Vec<RequestView> {
        let view = |request: &Request| {
            let Request { person, email, note, at, .. } = request.clone();
            RequestView { person, email, note, at }
        };
        self.waiting().map(view).collect()
    }

    pub(in crate::book) fn check_invariants(&self, is_member: impl Fn(&UserId) -> bool) {
        assert!(self.0.len() - self.waiting().count() <= REFUSED_MAX, "old refusals are forgotten");
        for (index, request) in self.0.iter().enumerate() {
            let user = &request.person.user;
            assert!(!is_member(user), "{user} is in and asks no more");
            assert!(self.0[..index].iter().all(|other| other.person.user != *user), "{user} asked once");
        }
    }
}

impl Book {
    pub(in crate::book) fn decide_request(
        &self,
        caller: &Caller<'_>,
        command: &AccessRequest,
    ) -> Result<Decision, Rejection> {
        let Context { limits, timers, now, .. } = *caller.context;
        // What is refused here does not depend on the book.
        let note = measure::note(command.note.as_deref(), limits)?;
        if self.role(caller.user).is_some() {
            return Err(Rejection::conflict("you are a member already"));
        }
        let heard = self.exists() && self.members.requests.takes(caller.user, now, (limits, timers));
        let email = caller.email.unwrap_or_default().to_owned();
        let event = event::AccessRequested { person: caller.person(), email, note };
        let events = if heard { vec![event.into()] } else { Vec::new() };
        Ok(Decision { events, outcome: Outcome::Asked })
    }

    pub(in crate::book) fn decide_grant(
        &self,
        caller: &Caller<'_>,
        command: &AccessGrant,
    ) -> Result<Decision, Rejection> {
        let Request { person: Person { user, name }, email, .. } = self.request_of(&command.user)?.clone();
        let person = Vouched { user, name, email: Some(email).filter(|email| !email.is_empty()) };
        self.decide_joining(caller.context, &person, command.role)
    }

    pub(in crate::book) fn decide_access_refusal(&self, command: &AccessRefuse) -> Result<Decision, Rejection> {
        let user = self.request_of(&command.user)?.person.user.clone();
        Ok(Decision::one(event::AccessRefused { user }))
    }

    fn request_of(&self, user: &UserId) -> Result<&Request, Rejection> {
        self.members.requests.of(user).ok_or(not_found(What::Request))
    }
}

#[cfg(test)]
mod tests;
