//! One clock for every process of a run: the kernel's monotonic one has the same origin in all of them.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

use crate::observation::Micros;

/// Microseconds since the machine started.
pub(crate) fn now() -> Micros {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).expect("the monotonic clock starts at zero");
    let nanoseconds = u64::try_from(time.tv_nsec).expect("a part of a second is not negative");
    Micros(seconds * 1_000_000 + nanoseconds / 1_000)
}

/// The time that lies this much after `start`.
pub(crate) fn after(start: Micros, delay: Duration) -> Micros {
    Micros(start.0 + micros(delay))
}

/// How long it is from now until `at`; zero if that is past.
pub(crate) fn until(at: Micros) -> Duration {
    Duration::from_micros(at.0.saturating_sub(now().0))
}

/// How long it is since `at`; zero if that lies ahead.
pub(crate) fn since(at: Micros) -> Duration {
    Duration::from_micros(now().0.saturating_sub(at.0))
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Waits until `at`; does not wait if that is past.
pub(crate) async fn sleep_until(at: Micros) {
    let delay = until(at);
    if !delay.is_zero() {
        tokio::time::sleep_until(Instant::now() + delay).await;
    }
}
