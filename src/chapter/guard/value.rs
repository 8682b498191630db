//! Values of attributes, in lib0's "any" encoding: a tag, then what it needs.

use super::fault::at_most;
use super::{Fault, Reader, Rules, profile};

const UNDEFINED: u8 = 127;
const NULL: u8 = 126;
const INTEGER: u8 = 125;
const FLOAT_32: u8 = 124;
const FLOAT_64: u8 = 123;
const BIG_INTEGER: u8 = 122;
const FALSE: u8 = 121;
const TRUE: u8 = 120;
const TEXT: u8 = 119;
const OBJECT: u8 = 118;
const LIST: u8 = 117;
const BYTES: u8 = 116;

/// What a value stands for, as far as it can be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// An address: nothing but a text or nothing, and it may not lead anywhere.
    Address,
    /// Anything else.
    Plain,
    /// The attribute's name is not in this update, so it may be an address.
    Unseen,
}

impl Slot {
    /// The slot of this name.
    pub(super) fn of(attribute: &str) -> Self {
        if profile::is_address(attribute) { Self::Address } else { Self::Plain }
    }

    pub(super) fn check_text(self, text: &str) -> Result<(), Fault> {
        match self {
            Self::Address if !profile::is_allowed_address(text) => Err(Fault::Forbidden("the scheme of an address")),
            Self::Unseen if profile::would_run(text) => Err(Fault::Forbidden("a value that may be a script's address")),
            _ => Ok(()),
        }
    }

    /// A list in an address's place would become a text again when it is written out.
    pub(super) fn check_not_text(self) -> Result<(), Fault> {
        if self == Self::Address { Err(Fault::Forbidden("an address that is not a text")) } else { Ok(()) }
    }
}

/// An object or list that is being read.
struct Open {
    /// Keys come before its values.
    is_object: bool,
    /// Values to come.
    left: u64,
    /// Where it stands.
    slot: Slot,
}

/// Reads one value, and what is within it without recursion.
pub(super) fn check(reader: &mut Reader<'_>, rules: &Rules<'_>, slot: Slot) -> Result<(), Fault> {
    let before = reader.left();
    let mut open: Vec<Open> = Vec::new();
    let mut slot = slot;
    loop {
        if let Some(container) = read_one(reader, slot)? {
            open.push(container);
            at_most("levels of a value", open.len(), rules.limits.value_depth)?;
        }
        while open.pop_if(|container| container.left == 0).is_some() {}
        at_most("bytes of a value", before - reader.left(), rules.limits.value_bytes)?;
        let Some(container) = open.last_mut() else { return Ok(()) };
        container.left -= 1;
        slot = container.slot;
        if container.is_object {
            let key = reader.text()?;
            rules.profile.check_attribute(key)?;
            slot = Slot::of(key);
        }
    }
}

/// Reads a value, or the head of one that has others in it.
fn read_one(reader: &mut Reader<'_>, slot: Slot) -> Result<Option<Open>, Fault> {
    match reader.byte()? {
        UNDEFINED | NULL => return Ok(None),
        TEXT => {
            slot.check_text(reader.text()?)?;
            return Ok(None);
        }
        FALSE | TRUE => {}
        INTEGER => drop(reader.signed()?),
        FLOAT_32 => check_finite(f32::from_be_bytes(reader.bytes()?).into())?,
        FLOAT_64 => check_finite(f64::from_be_bytes(reader.bytes()?))?,
        tag @ (OBJECT | LIST) => {
            slot.check_not_text()?;
            return Ok(Some(Open { is_object: tag == OBJECT, left: reader.number()?, slot }));
        }
        BIG_INTEGER => return Err(Fault::Forbidden("a big integer")),
        BYTES => return Err(Fault::Forbidden("binary content")),
        _ => return Err(Fault::Malformed("an unknown kind of value")),
    }
    slot.check_not_text()?;
    Ok(None)
}

/// JSON has no other numbers, and values end there.
fn check_finite(number: f64) -> Result<(), Fault> {
    if number.is_finite() { Ok(()) } else { Err(Fault::Forbidden("a number that is not finite")) }
}
