//! Points in time and days, in UTC, as files write them.

use quire_protocol::id::Timestamp;

const DAY_S: u64 = 24 * 60 * 60;
/// The last second of the year 9999: later ones have no four-digit year.
const LAST_S: u64 = 253_402_300_799;

/// `2026-03-01T12:30:00Z`
pub(super) fn utc(at: Timestamp) -> String {
    let [year, month, day, hour, minute, second] = parts(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2026-03-01T12:30:00.123Z`
pub(crate) fn utc_ms(at: Timestamp) -> String {
    format!("{}.{:03}Z", utc(at).trim_end_matches('Z'), at.0 % 1000)
}

/// `2026-03-01`, of a day that is counted from the first of January 1970.
pub(crate) fn day(days: u64) -> String {
    utc(Timestamp(days.saturating_mul(DAY_S * 1000)))[..10].to_owned()
}

/// The day that is written like this, counted from the first of January 1970.
pub(crate) fn day_of(text: &str) -> Option<u64> {
    let year: u64 = text.get(..4)?.parse().ok()?;
    let before = (1970..year).map(year_days).sum::<u64>();
    // What is written back as it was is a day of the calendar.
    (before..before + year_days(year)).find(|days| day(*days) == text).filter(|_| (1970..10_000).contains(&year))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_it_is_written() {
        for (days, text) in [(0, "1970-01-01"), (58, "1970-02-28"), (20_454, "2026-01-01"), (11_016, "2000-02-29")] {
            assert_eq!((day(days).as_str(), day_of(text)), (text, Some(days)));
        }
        assert_eq!(day_of(&day(2_932_896)), Some(2_932_896));
        for text in [
            "",
            "2026",
            "2026-02-29",
            "2026-1-1",
            "2026-13-01",
            "+026-01-01",
            "1969-12-31",
            "10000-01-01",
            "２026-01-01",
        ] {
            assert_eq!(day_of(text), None, "{text}");
        }
        assert_eq!(utc_ms(Timestamp(1_767_225_600_007)), "2026-01-01T00:00:00.007Z");
    }
}
