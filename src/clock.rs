//! The time of day, for the shell: stores stamp with it, the core gets it as an argument (I10).

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use quire_protocol::Timestamp;

/// A source of the time of day, shared by everything in one process.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
        let now = || std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Arc::new(now))
    }

    /// A clock that shows what `read` returns: the time since the Unix epoch.
    pub fn reading(read: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// A clock that starts at `start` and runs with tokio's, which tests can pause and advance.
    pub fn starting_at(start: Timestamp) -> Self {
        let origin = tokio::time::Instant::now();
        Self(Arc::new(move || Duration::from_millis(start.0) + origin.elapsed()))
    }

    /// Now, in milliseconds.
    pub fn now(&self) -> Timestamp {
        Timestamp(u64::try_from((self.0)().as_millis()).unwrap_or(u64::MAX))
    }

    /// Now, in microseconds since the Unix epoch: what stamps are made from.
    pub fn now_micros(&self) -> u64 {
        u64::try_from((self.0)().as_micros()).unwrap_or(u64::MAX)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
