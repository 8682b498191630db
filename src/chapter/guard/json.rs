//! Values of marks, which are JSON: null where the mark ends, an object where it begins.
//!
//! Stricter than either reader that follows: what one takes and the other refuses (half of a surrogate pair, a number
//! beyond every float) is refused here, for it would make a document that only some can open.

use super::fault::at_most;
use super::value::Slot;
use super::{Fault, Rules};

const MALFORMED: Fault = Fault::Malformed("a mark's value that is not JSON");

/// Checks the value of a mark.
pub(super) fn check_mark_value(text: &str, rules: &Rules<'_>) -> Result<(), Fault> {
    at_most("bytes of a value", text.len(), rules.limits.value_bytes)?;
    let mut json = Json { text, at: 0 };
    json.skip_blanks();
    if !matches!(json.peek(), Some(b'{' | b'n')) {
        return Err(Fault::Forbidden("a mark's value that is neither null nor an object"));
    }
    json.check_value(rules)?;
    if json.at == text.len() { Ok(()) } else { Err(MALFORMED) }
}

/// An object or list that is being read.
struct Open {
    /// What ends it.
    close: u8,
    /// Where it stands.
    slot: Slot,
}

/// What is left of a JSON text. `at` is always between two characters: only ASCII is stepped over by byte.
struct Json<'a> {
    text: &'a str,
    at: usize,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads one value with the blanks around it, and what is within it without recursion.
    fn check_value(&mut self, rules: &Rules<'_>) -> Result<(), Fault> {
        let mut open: Vec<Open> = Vec::new();
        let mut slot = Slot::Plain;
        loop {
            let mut ended = true;
            if let Some(container) = self.read_one(slot)? {
                at_most("levels of a value", open.len() + 1, rules.limits.value_depth)?;
                ended = self.take(container.close);
                if !ended {
                    open.push(container);
                }
            }
            self.skip_blanks();
            while ended && open.pop_if(|container| self.take(container.close)).is_some() {
                self.skip_blanks();
            }
            let Some(container) = open.last() else { return Ok(()) };
            if ended && !self.take(b',') {
                return Err(MALFORMED);
            }
            slot = if container.close == b'}' { self.read_key(rules)? } else { container.slot };
        }
    }

    /// Reads a scalar, or how a container begins up to its first value or end.
    fn read_one(&mut self, slot: Slot) -> Result<Option<Open>, Fault> {
        self.skip_blanks();
        match self.peek() {
            Some(b'n') => return self.read_word("null").map(|()| None),
            Some(b'"') => {
                slot.check_text(&self.read_text()?)?;
                return Ok(None);
            }
            Some(b't') => self.read_word("true")?,
            Some(b'f') => self.read_word("false")?,
            Some(b'-' | b'0'..=b'9') => self.read_number()?,
            Some(start @ (b'{' | b'[')) => {
                slot.check_not_text()?;
                self.at += 1;
                self.skip_blanks();
                return Ok(Some(Open { close: if start == b'{' { b'}' } else { b']' }, slot }));
            }
            _ => return Err(MALFORMED),
        }
        slot.check_not_text()?;
        Ok(None)
    }

    fn read_key(&mut self, rules: &Rules<'_>) -> Result<Slot, Fault> {
        self.skip_blanks();
        let key = self.read_text()?;
        rules.profile.check_attribute(&key)?;
        self.skip_blanks();
        if self.take(b':') { Ok(Slot::of(&key)) } else { Err(MALFORMED) }
    }

    fn read_word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(MALFORMED);
        }
        self.at += word.len();
        Ok(())
    }

    fn read_number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.read_digits()?;
        }
        if self.take(b'.') {
            self.read_digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.read_digits()?;
        }
        let number: f64 = self.text[start..self.at].parse().map_err(|_| MALFORMED)?;
        if number.is_finite() { Ok(()) } else { Err(Fault::Forbidden("a number that is not finite")) }
    }

    /// At least one digit.
    fn read_digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(MALFORMED) }
    }

    /// Reads a text in quotes. What it says, without escapes.
    fn read_text(&mut self) -> Result<String, Fault> {
        if !self.take(b'"') {
            return Err(MALFORMED);
        }
        let mut said = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|character| matches!(character, '"' | '\\' | '\0'..='\x1f')).ok_or(MALFORMED)?;
            said.push_str(&rest[..plain]);
            self.at += plain;
            if self.take(b'"') {
                return Ok(said);
            }
            if !self.take(b'\\') {
                return Err(MALFORMED);
            }
            said.push(self.read_escape()?);
        }
    }

    /// Reads an escape after its backslash.
    fn read_escape(&mut self) -> Result<char, Fault> {
        let escape = self.peek().ok_or(MALFORMED)?;
        let said = match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.read_utf16(),
            _ => return Err(MALFORMED),
        };
        self.at += 1;
        Ok(said)
    }

    /// Reads `uXXXX`, or two of them that are a surrogate pair.
    fn read_utf16(&mut self) -> Result<char, Fault> {
        let high = self.read_unit()?;
        if let Some(character) = char::from_u32(high.into()) {
            return Ok(character);
        }
        if !self.take(b'\\') {
            return Err(MALFORMED);
        }
        let low = self.read_unit()?;
        let mut pair = char::decode_utf16([high, low]);
        pair.next().and_then(Result::ok).ok_or(MALFORMED)
    }

    fn read_unit(&mut self) -> Result<u16, Fault> {
        if !self.take(b'u') {
            return Err(MALFORMED);
        }
        let digits = self.text.get(self.at..self.at + 4).ok_or(MALFORMED)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(MALFORMED);
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|_| MALFORMED)
    }
}
