//! Text from people, made harmless and comparable.

#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization;

/// Longest address (RFC 5321), in bytes.
pub const EMAIL_BYTES_MAX: usize = 254;

/// One line of text (a title, a name): NFC, without control characters and bidirectional overrides, blanks
/// collapsed and trimmed.
pub fn clean_line(text: &str) -> String {
    // Composed last: what stood on both sides of a removed character may belong together.
    let visible: String = text
        .chars()
        .map(|char| if char.is_whitespace() { ' ' } else { char })
        .filter(|char| !is_unsafe(*char))
        .nfc()
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Several lines of text (a comment): NFC, line feeds kept, otherwise as [`clean_line`], trimmed at both ends.
pub fn clean_body(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let text: String = lines.chars().filter(|char| matches!(char, '\n' | '\t') || !is_unsafe(*char)).nfc().collect();
    text.trim().to_owned()
}

/// Control characters, and the characters that make text read in another order than it is written.
fn is_unsafe(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text in the form in which it is compared: trimmed, case-folded, NFC.
pub fn folded(text: &str) -> String {
    let folded = unicase::UniCase::new(text.trim().nfc().collect::<String>()).to_folded_case();
    folded.nfc().collect()
}

/// An address in the form in which addresses are compared: trimmed, case-folded, NFC. `None` if it is none.
pub fn normal_email(text: &str) -> Option<String> {
    let email = folded(text);
    let (local, domain) = email.rsplit_once('@')?;
    let well_formed = email.len() <= EMAIL_BYTES_MAX
        && !local.is_empty()
        && !domain.is_empty()
        && !local.contains('@')
        && !email.chars().any(|char| char.is_whitespace() || is_unsafe(char));
    well_formed.then_some(email)
}
