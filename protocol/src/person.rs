//! How people are shown: initials and colour, the same in every hub and client.

#[cfg(test)]
mod tests;

use unicode_segmentation::UnicodeSegmentation;

use crate::id::UserId;

/// Colours for people, each readable under white text (contrast of at least 4.5 to 1).
pub const COLOURS: [&str; 12] = [
    "#b3261e", "#a3420a", "#7a5900", "#4f6700", "#2a6b2f", "#00695c", "#00658f", "#2557b0", "#5145cd", "#7b3fb5",
    "#9c2f87", "#8c3a52",
];

/// First letters of the first and the last word of a name, in capitals; `?` for a name without letters.
///
/// Two people may have the same: initials are for display, the user id tells people apart.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.graphemes(true).find(|grapheme| grapheme.chars().any(char::is_alphanumeric)));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first.into_iter().chain(last).flat_map(str::chars).flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "?".into() } else { letters }
}

/// A person's colour, from their id alone (FNV-1a, so that any client can compute it).
pub fn colour(user: &UserId) -> &'static str {
    let hash =
        user.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    COLOURS[hash as usize % COLOURS.len()]
}
