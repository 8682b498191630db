//! Text to values. Messages never repeat the text: it may be a misplaced secret.

use std::net::SocketAddr;
use std::path::PathBuf;

use quire_protocol::id::INTEGER_MAX;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest duration: deadlines far beyond it would overflow clocks.
const DURATION_MS_MAX: u64 = 10 * 366 * 24 * 60 * 60 * 1000;

pub(super) fn listen(text: &str) -> Result<SocketAddr, &'static str> {
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "is an address with a port, such as 127.0.0.1:7400 or [::1]:7400")
}

pub(super) fn data_dir(text: Option<&str>) -> PathBuf {
    PathBuf::from(text.filter(|text| !text.is_empty()).unwrap_or("./quire-data"))
}

/// A number above 0.
pub(super) fn count(text: &str) -> Result<u64, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=INTEGER_MAX).contains(number));
    number.ok_or("is a whole number above 0")
}

/// A duration: a whole number with a unit (ms, s, m, h, d), or 0.
pub(super) fn duration_ms(text: &str) -> Result<u64, &'static str> {
    const PROBLEM: &str = "is a duration such as 500ms, 10s, 15m, 24h, 7d or 0, at most ten years";
    if text == "0" {
        return Ok(0);
    }
    let digits = text.find(|char: char| !char.is_ascii_digit()).ok_or(PROBLEM)?;
    let unit_ms: u64 = match &text[digits..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        _ => return Err(PROBLEM),
    };
    let number: u64 = text[..digits].parse().map_err(|_| PROBLEM)?;
    number.checked_mul(unit_ms).filter(|ms| *ms <= DURATION_MS_MAX).ok_or(PROBLEM)
}

/// `numbers` (limits or timers) with the one changed that `text` names: `name=value`.
pub(super) fn with_number<T: Serialize + DeserializeOwned>(
    numbers: &T,
    table: &[(&'static str, u64)],
    text: &str,
    parse: fn(&str) -> Result<u64, &'static str>,
) -> Result<T, String> {
    let (name, value) = text.split_once('=').ok_or("is a name, =, and a value")?;
    let Some((name, _)) = table.iter().find(|(known, _)| *known == name.trim()) else {
        let known: Vec<_> = table.iter().map(|(known, _)| *known).collect();
        return Err(format!("has no such name; there are {}", known.join(", ")));
    };
    let value = parse(value.trim()).map_err(|problem| format!("{name} {problem}"))?;
    let mut fields = serde_json::to_value(numbers).expect("limits and timers are plain numbers");
    fields[*name] = value.into();
    serde_json::from_value(fields).map_err(|_| format!("{name} is too large"))
}
