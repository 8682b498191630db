//! How often one person may turn to people who did not ask for it: by invitations, which are mailed, and by asking owners to be
//! let in. It is counted by each hub for itself, and forgotten when it ends.

use std::time::Duration;

use quire_protocol::{BookCommand, Limits, Rejection, UserId};

use super::Hub;
use crate::gate::Gate;

/// So often in this time.
const WINDOW: Duration = Duration::from_hours(1);

/// What is counted.
pub(super) struct Manners {
    invitations: Gate<UserId>,
    requests: Gate<UserId>,
}

impl Manners {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            invitations: Gate::new(limits.invitations_per_hour, WINDOW),
            requests: Gate::new(limits.requests_per_hour, WINDOW),
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
        let wait = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        gate.pass(user).map_err(|left| Rejection::RateLimited { retry_after_ms: wait(left) })
    }
}
