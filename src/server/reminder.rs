//! Those who stop taking what they asked for.

use std::time::Duration;

use tokio::task::AbortHandle;

use super::accept::Cut;

/// Cuts a connection after a time, unless it is dropped before.
pub(super) struct Reminder(AbortHandle);

impl Reminder {
    pub(super) fn new(within: Duration, cut: Cut) -> Self {
        let waiting = async move {
            tokio::time::sleep(within).await;
            cut.0.cancel();
        };
        Self(tokio::spawn(waiting).abort_handle())
    }
}

impl Drop for Reminder {
    fn drop(&mut self) {
        self.0.abort();
    }
}
