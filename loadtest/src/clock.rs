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

/// The time of day for people: `2026-11-22 06:31 UTC`.
pub(crate) fn date() -> String {
    let seconds = clock_gettime(ClockId::Realtime).tv_sec;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", second / 3_600, second / 60 % 60)
}

/// Year, month and day of a day that is counted from 1970-01-01. Years begin in March here, so that the day that
/// some years lack is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_779), (2026, 11, 22));
    }
}
