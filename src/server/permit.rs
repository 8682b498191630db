//! Places among the connections.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::telemetry::metric::{self, Counted};

/// The place of one connection. It is free again when the last copy is gone.
#[derive(Clone)]
pub(super) struct Place {
    _place: Arc<(OwnedSemaphorePermit, Counted)>,
}

impl Place {
    /// A place, if there is one.
    pub(super) fn take(connections: &Arc<Semaphore>) -> Option<Self> {
        let permit = Arc::clone(connections).try_acquire_owned().ok()?;
        Some(Self { _place: Arc::new((permit, metric::connection())) })
    }
}

/// The place of a WebSocket among the connections, and among those that have not said hello.
pub struct ConnectionPermit {
    _place: Place,
    pending: Option<OwnedSemaphorePermit>,
}

impl ConnectionPermit {
    /// Permits a socket, if there is room among those that have not said hello.
    pub(super) fn take(place: Place, pending: &Arc<Semaphore>) -> Option<Self> {
        let pending = Arc::clone(pending).try_acquire_owned().ok()?;
        Some(Self { _place: place, pending: Some(pending) })
    }

    /// The client said hello: makes room for another that has not.
    pub fn greeted(&mut self) {
        self.pending = None;
    }
}
