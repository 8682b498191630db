//! How often one person may turn to people who did not ask for it: by invitations, which are mailed, and by asking owners to be
//! let in; and how often one may ask whether an address is known. It is counted by each hub for itself, and forgotten when it ends.

use std::sync::Arc;
use std::time::Duration;

use quire_protocol::{BookCommand, LibraryCommand, Limits, Rejection, UserId};

use super::Hub;
use crate::gate::Gate;
use crate::library::Visitor;

/// So often in this time.
const WINDOW: Duration = Duration::from_hours(1);

/// What is counted.
pub(super) struct Manners {
    invitations: Gate<UserId>,
    requests: Gate<UserId>,
    lookups: Gate<UserId>,
}

impl Manners {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            invitations: Gate::new(limits.invitations_per_hour, WINDOW),
            requests: Gate::new(limits.requests_per_hour, WINDOW),
            lookups: Gate::new(limits.lookups_per_hour, WINDOW),
        }
    }
}

impl Hub {
    /// Whether this person may send this command now, or when.
    pub(crate) fn check_manners(&self, user: &UserId, command: &BookCommand) -> Result<(), Rejection> {
        let gate = match command {
            BookCommand::MemberInvite(_) | BookCommand::InvitationResend(_) => &self.manners.invitations,
            BookCommand::AccessRequest(_) => &self.manners.requests,
            _ => return Ok(()),
        };
        gate.pass(user).map_err(too_often)
    }

    /// Whether this person may look an address up now, or when.
    pub(super) fn check_lookup(&self, user: &UserId) -> Result<(), Rejection> {
        self.manners.lookups.pass(user).map_err(too_often)
    }

    /// The same for a command of the library: each person whom it asks to join counts like an invitation, and what is
    /// refused does not.
    pub(super) async fn check_library_manners(
        self: &Arc<Self>,
        visitor: Visitor<'_>,
        command: &LibraryCommand,
    ) -> Result<(), Rejection> {
        if !matches!(command, LibraryCommand::LibraryShare(_) | LibraryCommand::UserAdd(_)) {
            return Ok(());
        }
        let decision = self.fresh_library().await?.decide(&self.context(visitor), command)?;
        let people = decision.events.iter().filter(|event| event.asks().is_some()).count();
        self.manners.invitations.pass_often(visitor.user, people).map_err(too_often)
    }
}

fn too_often(left: Duration) -> Rejection {
    let retry_after_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    Rejection::RateLimited { retry_after_ms }
}
