//! Bytes to text: UTF-8, UTF-16, Windows-1252.

use super::ImportError;

/// What Windows-1252 has where Latin-1 has control characters; what it leaves open stays one.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// Names under which pages declare Windows-1252 (browsers take Latin-1 for it, too).
const WINDOWS_NAMES: [&str; 6] = ["windows-1252", "cp1252", "iso-8859-1", "latin1", "us-ascii", "ascii"];
/// A page declares its encoding within its first bytes.
const DECLARATION_BYTES: usize = 1024;

/// The text of a file that is not an archive.
///
/// What is no UTF is only taken for Windows-1252 if `is_text`: the file's name, or its beginning, says that it is text.
pub(super) fn text(file: &[u8], is_text: bool) -> Result<String, ImportError> {
    let text = match file {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(file) {
            Ok(text) => text.to_owned(),
            // Cut in the middle of a character, as a copy that broke off is.
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
                String::from_utf8_lossy(&file[..error.valid_up_to()]).into_owned()
            }
            Err(_) => match declared(file).filter(|name| name != "utf-8") {
                Some(name) if !WINDOWS_NAMES.contains(&name.as_str()) => return Err(ImportError::Encoding(name)),
                Some(_) => windows(file),
                None if is_text => windows(file),
                None => return Err(ImportError::Unknown),
            },
        },
    };
    if text.chars().any(is_binary) { Err(ImportError::Unknown) } else { Ok(text) }
}

/// Characters that no text has, whatever its encoding. (Form feeds and the old end of a file are no such.)
fn is_binary(char: char) -> bool {
    matches!(char, '\0'..='\u{8}' | '\u{e}'..='\u{19}' | '\u{1c}'..='\u{1f}')
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn windows(bytes: &[u8]) -> String {
    let char = |byte: &u8| match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    bytes.iter().map(char).collect()
}

/// The encoding that a page declares (`charset=`), in small letters.
fn declared(file: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&file[..file.len().min(DECLARATION_BYTES)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=").filter(|(before, _)| before.contains("<meta"))?;
    let name = after.trim_start_matches(['"', '\'', ' ']);
    let name: String = name.chars().take_while(|char| char.is_ascii_alphanumeric() || "-_".contains(*char)).collect();
    (!name.is_empty()).then_some(name)
}
