//! From an open socket to a joined session, or to a reason why not.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::event::Home;
use quire_protocol::frame::{Hello, UserView, Welcome};
use quire_protocol::{ClientFrame, CloseCode, Encoding, Timestamp};

use super::id;
use super::reader::{Incoming, Reader};
use crate::auth::Identity;
use crate::hub::Hub;
use crate::hub::directory::Refused;
use crate::hub::seat::{Person, Seat};
use crate::outbox::{self, Outbox};

/// A connection that proved who it is.
pub(super) struct Joined {
    pub(super) seat: Arc<Seat>,
    pub(super) expires_at: Timestamp,
}

type Refusal = (CloseCode, String);

/// Waits for `hello`, checks it, and welcomes the session.
pub(super) async fn handshake(
    hub: &Arc<Hub>,
    reader: &mut Reader,
    outbox: &Arc<Outbox>,
    encoding: Encoding,
    bearer: Option<Identity>,
) -> Result<Joined, Refusal> {
    let within = Duration::from_millis(hub.timers.hello_ms);
    let hello = tokio::time::timeout(within, first_frame(hub, reader, encoding))
        .await
        .map_err(|_| (CloseCode::ProtocolError, "hello did not come within hello_ms".to_owned()))??;
    let identity = identify(hub, &hello, bearer)?;
    if hub.is_disabled(&identity.user).await {
        return Err((CloseCode::Disabled, "the library's managers have disabled this account".to_owned()));
    }
    let resume = hello.resume.filter(|resume| id::is_of(&resume.session, &identity.user));
    let resumed = resume.is_some();
    let (session, incarnation, idle_ms) = match resume {
        Some(resume) => (resume.session, resume.incarnation, resume.idle_ms),
        None => (id::new(&identity.user), 0, 0),
    };
    let home = Home { replica: hub.replica.clone(), incarnation };
    let expires_at = identity.expires_at;
    let user = UserView {
        id: identity.user.clone(),
        name: identity.name.clone(),
        email: identity.email.clone().unwrap_or_default(),
    };
    let person = Person { user: identity.user, name: identity.name, email: identity.email, idle_ms };
    let seat = Arc::new(Seat::new(person, session.clone(), home, encoding, Arc::clone(outbox)));
    // The welcome is written before anybody can find the seat and say something to it.
    let welcome = Welcome {
        session,
        incarnation,
        user,
        replica: hub.replica.clone(),
        resumed,
        expires_at,
        limits: hub.limits.clone(),
        timers: hub.timers.clone(),
    };
    hub.directory
        .join(&seat, hub.limits.sessions_per_user, || {
            outbox.push(&outbox::encode(&welcome, encoding, &hub.limits));
        })
        .map_err(|refused| match refused {
            Refused::TooMany => (CloseCode::Limits, "more than sessions_per_user".to_owned()),
            Refused::ResumedElsewhere => {
                (CloseCode::ResumedElsewhere, "this session was resumed on another connection".to_owned())
            }
        })?;
    if hub.is_draining() {
        // It joined too late to be on the drain's list.
        seat.close(CloseCode::Draining, "this replica is going away: reconnect and resume");
    }
    Ok(Joined { seat, expires_at })
}

async fn first_frame(hub: &Hub, reader: &mut Reader, encoding: Encoding) -> Result<Hello, Refusal> {
    let bad = |reason: String| (CloseCode::ProtocolError, reason);
    loop {
        match reader.next().await {
            Incoming::Frame(bytes) if bytes.len() > hub.limits.hello_bytes => {
                return Err((CloseCode::TooLarge, "hello is larger than hello_bytes".into()));
            }
            Incoming::Frame(bytes) => {
                return match ClientFrame::decode(&bytes, encoding) {
                    Ok(ClientFrame::Hello(hello)) => Ok(hello),
                    Ok(_) => Err(bad("hello comes first".into())),
                    Err(error) => Err(bad(format!("hello comes first: {error:?}"))),
                };
            }
            Incoming::Signal => {}
            Incoming::Refused(code, reason) => return Err((code, reason)),
            Incoming::Closed { .. } | Incoming::Broken => return Err((CloseCode::Normal, String::new())),
        }
    }
}

fn identify(hub: &Hub, hello: &Hello, bearer: Option<Identity>) -> Result<Identity, Refusal> {
    match (&hello.token, bearer) {
        (Some(token), _) => {
            let verified = hub.verifier.verify(token, hub.clock.now());
            verified.map_err(|error| (CloseCode::Unauthenticated, error.to_string()))
        }
        (None, Some(identity)) => Ok(identity),
        (None, None) => Err((CloseCode::Unauthenticated, "hello carries no token".into())),
    }
}
