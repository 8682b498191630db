//! Tags and text of HTML, in one pass whatever the input.

use quick_xml::escape::resolve_html5_entity;

use super::builder::Builder;
use crate::import::tree::NotATree;

/// Elements in which nothing is a tag but their own end.
const RAW: [&str; 7] = ["script", "style", "title", "textarea", "iframe", "noframes", "xmp"];
/// Longest name of an entity.
const ENTITY_BYTES_MAX: usize = 32;

/// Hands every tag and text to the builder.
pub(super) fn scan(text: &str, builder: &mut Builder) -> Result<(), NotATree> {
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find('<').unwrap_or(rest.len());
        let (before, from_tag) = rest.split_at(start);
        builder.text(&unescaped(before))?;
        rest = match from_tag.as_bytes() {
            [] => from_tag,
            [b'<', b'!', b'-', b'-', ..] => after(&from_tag[4..], "-->"),
            [b'<', b'!' | b'?', ..] => after(from_tag, ">"),
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                builder.end(&name_at(&from_tag[2..]).to_ascii_lowercase());
                after(from_tag, ">")
            }
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => tag(&from_tag[1..], builder)?,
            _ => {
                builder.text("<")?;
                &from_tag[1..]
            }
        };
    }
    Ok(())
}

/// Reads a start tag behind its `<`, with its raw text if it has such; returns what follows.
fn tag<'a>(text: &'a str, builder: &mut Builder) -> Result<&'a str, NotATree> {
    let name = name_at(text).to_ascii_lowercase();
    let mut attributes = Vec::new();
    let mut rest = &text[name.len()..];
    loop {
        rest = rest.trim_start_matches(|char: char| char.is_whitespace() || char == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let (name, value, after) = attribute(rest);
        if Builder::reads(name) {
            attributes.push((name.to_ascii_lowercase(), unescaped(value)));
        }
        rest = after;
    }
    rest = rest.get(1..).unwrap_or_default();
    builder.start(&name, attributes)?;
    if !RAW.contains(&name.as_str()) {
        return Ok(rest);
    }
    let end = end_of_raw(rest, &name);
    builder.text(&unescaped(&rest[..end]))?;
    Ok(&rest[end..])
}

/// An attribute's name and value, and what follows. The text does not begin with a blank.
fn attribute(text: &str) -> (&str, &str, &str) {
    let is_end = |char: char| char.is_whitespace() || char == '>' || char == '/' || char == '=';
    // A name may begin with `=`, so that every attribute takes at least one character.
    let first = text.chars().next().map_or(0, char::len_utf8);
    let end = text[first..].find(is_end).map_or(text.len(), |end| first + end);
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else { return (name, "", rest) };
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).map_or((name, quoted, ""), |(value, rest)| (name, value, rest));
        }
    }
    let end = value.find(|char: char| char.is_whitespace() || char == '>').unwrap_or(value.len());
    (name, &value[..end], &value[end..])
}

fn name_at(text: &str) -> &str {
    let end = text.find(|char: char| char.is_whitespace() || char == '>' || char == '/').unwrap_or(text.len());
    &text[..end]
}

/// Where `</name` begins; all of the text, if it does not.
fn end_of_raw(text: &str, name: &str) -> usize {
    let is_end = |at: &usize| {
        let tail = text.get(at + 2..at + 2 + name.len());
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name))
    };
    text.match_indices("</").map(|(at, _)| at).find(is_end).unwrap_or(text.len())
}

/// What comes behind the next `end`; nothing, if there is none.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, after)| after)
}

/// Text with its references resolved; what is none stays as it is.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        let end = rest.bytes().take(ENTITY_BYTES_MAX).position(|byte| byte == b';');
        match end.and_then(|end| Some((resolved(&rest[..end])?, end))) {
            Some((text, end)) => {
                plain.push_str(&text);
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    plain
}

fn resolved(reference: &str) -> Option<String> {
    let Some(number) = reference.strip_prefix('#') else {
        return resolve_html5_entity(reference).map(ToOwned::to_owned);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|char| *char != '\0').map(String::from)
}
