//! Points in time as packages write them.

use quire_protocol::id::Timestamp;

const DAY_S: u64 = 24 * 60 * 60;
/// The last second of the year 9999: later ones have no four-digit year.
const LAST_S: u64 = 253_402_300_799;

/// `2026-03-01T12:30:00Z`
pub(super) fn utc(at: Timestamp) -> String {
    let [year, month, day, hour, minute, second] = parts(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month, day, hour, minute and second.
pub(super) fn parts(at: Timestamp) -> [u64; 6] {
    let seconds = (at.0 / 1000).min(LAST_S);
    let (year, month, day) = civil(seconds / DAY_S);
    [year, month, day, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
}

/// Year, month and day of the `days`th day after the first of January 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    let (mut year, mut rest) = (1970, days);
    while rest >= year_days(year) {
        rest -= year_days(year);
        year += 1;
    }
    let february = year_days(year) - 337;
    let mut month = 1;
    for month_days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if rest < month_days {
            break;
        }
        rest -= month_days;
        month += 1;
    }
    (year, month, rest + 1)
}

fn year_days(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(is_leap)
}
