//! What people wait to hear, in a word.

use quire_protocol::event::{By, Event, EventFrame, ReleaseReason, WaitEndReason};
use quire_protocol::frame::{ClosedReason, Notice};
use quire_protocol::{SessionId, Token};

use super::{Person, user};

/// An event that this person caused.
pub fn by(person: &Person) -> By {
    By::Person { user: user(person.name()), session: person.session() }
}

/// The session holds a chapter from now on; the token.
pub fn acquired_by(session: SessionId) -> impl Fn(&Event) -> Option<Token> {
    move |event| match event {
        Event::LockAcquired(event) if event.holder.session == session => event.token,
        _ => None,
    }
}

/// The session holds its chapter on another connection; the new token.
pub fn rehomed_to(session: SessionId) -> impl Fn(&Event) -> Option<Token> {
    move |event| match event {
        Event::LockRehomed(event) if event.session == session => event.token,
        _ => None,
    }
}

/// A release for this reason; who caused it.
pub fn released(because: ReleaseReason) -> impl Fn(&EventFrame) -> Option<By> {
    move |frame| match &frame.event {
        Event::LockReleased(event) if event.reason == because => Some(frame.by.clone()),
        _ => None,
    }
}

/// An end of waiting for this reason; whose.
pub fn wait_ended(because: WaitEndReason) -> impl Fn(&Event) -> Option<SessionId> {
    move |event| match event {
        Event::LockWaitEnded(event) if event.reason == because => Some(event.session.clone()),
        _ => None,
    }
}

/// The notice that a lock was lost for this reason; who caused it, and what they said.
pub fn lost(because: ReleaseReason) -> impl Fn(&Notice) -> Option<(By, Option<String>)> {
    move |notice| match notice {
        Notice::LockLost { reason, by, note, .. } if *reason == because => Some((by.clone(), note.clone())),
        _ => None,
    }
}

/// The notice that a book was closed.
pub fn book_closed(notice: &Notice) -> Option<ClosedReason> {
    match notice {
        Notice::BookClosed { reason, .. } => Some(*reason),
        _ => None,
    }
}
