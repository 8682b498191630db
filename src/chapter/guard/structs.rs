//! What an update writes: structs, each an item that stands between two others or in an attribute.
//!
//! A struct begins with a byte: three flags, and in the lowest five bits the kind of its content. Ids of the
//! neighbours follow where flagged. Without any neighbour, its parent and, if flagged, its attribute are named; with
//! one they are the neighbour's, and not said again.

use std::ops::Range;

use super::content::{self, Kind, Place};
use super::fault::at_most;
use super::{CLOCK_MAX, ClientId, Fault, Reader, Rules};

/// The left neighbour's id follows.
const HAS_ORIGIN: u8 = 0x80;
/// The right neighbour's id follows.
const HAS_RIGHT_ORIGIN: u8 = 0x40;
/// The item is in an attribute, not in the sequence.
const HAS_PARENT_SUB: u8 = 0x20;
/// The kind of the content.
const KIND: u8 = 0x1f;
/// A struct whose content was collected as garbage. It has no flags and no neighbours.
const COLLECTED: u8 = 0;

/// Reads all structs. The clocks they take, or none if nobody writes.
pub(super) fn check(reader: &mut Reader<'_>, rules: &Rules<'_>) -> Result<Option<Range<u32>>, Fault> {
    match reader.number()? {
        0 => return Ok(None),
        1 => {}
        _ => return Err(Fault::Forbidden("more than one client writes")),
    }
    let count = reader.count()?;
    let client = reader.client()?;
    if client != rules.client {
        return Err(Fault::NotYourClient { client });
    }
    let from = reader.clock()?;
    let known = rules.known.get(client);
    if from > known {
        return Err(Fault::Gap { known, from });
    }
    if count == 0 {
        return Err(Fault::Malformed("a client that writes no structs"));
    }
    at_most("structs", count, rules.limits.structs)?;
    let mut own = Own { from, to: from, nodes: Vec::new() };
    for _ in 0..count {
        let length = read(reader, rules, &mut own)?;
        let to = own.to.checked_add(length).filter(|to| *to <= CLOCK_MAX);
        own.to = to.ok_or(Fault::Malformed("lengths that sum up beyond 31 bits"))?;
    }
    Ok(Some(from..own.to))
}

/// What was read so far.
struct Own {
    /// Clock of the first unit.
    from: u32,
    /// Clock of the next unit.
    to: u32,
    /// Clocks of nodes, ascending.
    nodes: Vec<u32>,
}

/// Reads the struct after these. Its length, clock units.
fn read(reader: &mut Reader<'_>, rules: &Rules<'_>, own: &mut Own) -> Result<u32, Fault> {
    let info = reader.byte()?;
    if info == COLLECTED {
        return if rules.profile.collected { reader.length() } else { Err(Fault::Forbidden("a collected struct")) };
    }
    let kind = Kind::of(info & KIND)?;
    let origins = info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN);
    if origins & HAS_ORIGIN != 0 {
        read_id(reader, rules, own, "a left neighbour")?;
    }
    if origins & HAS_RIGHT_ORIGIN != 0 {
        read_id(reader, rules, own, "a right neighbour")?;
    }
    let in_attribute = info & HAS_PARENT_SUB != 0;
    let place = if origins == 0 {
        read_parent(reader, rules, own, in_attribute)?
    } else if in_attribute {
        Place::SameAttribute
    } else {
        Place::Sequence
    };
    if kind == Kind::Node {
        own.nodes.push(own.to);
    }
    content::read(reader, rules, kind, place)
}

/// Reads an id, which must be of a unit that is known or was read before.
fn read_id(
    reader: &mut Reader<'_>,
    rules: &Rules<'_>,
    own: &Own,
    what: &'static str,
) -> Result<(ClientId, u32), Fault> {
    let (client, clock) = (reader.client()?, reader.clock()?);
    if clock < rules.units(client, own.to) { Ok((client, clock)) } else { Err(Fault::Unknown(what)) }
}

/// Reads what an item without neighbours stands in.
fn read_parent<'a>(
    reader: &mut Reader<'a>,
    rules: &Rules<'_>,
    own: &Own,
    in_attribute: bool,
) -> Result<Place<'a>, Fault> {
    match reader.byte()? {
        0 => {
            let (client, clock) = read_id(reader, rules, own, "a parent")?;
            let is_own = client == rules.client && clock >= own.from;
            // Of what was known before, nobody here knows what it is.
            if is_own && own.nodes.binary_search(&clock).is_err() {
                return Err(Fault::Malformed("a parent that is not a node"));
            }
        }
        1 if in_attribute => return Err(Fault::Forbidden("an attribute of a root")),
        1 => rules.profile.check_root(reader.text()?)?,
        _ => return Err(Fault::Malformed("a parent that is neither a root nor an item")),
    }
    if !in_attribute {
        return Ok(Place::Sequence);
    }
    let name = reader.text()?;
    rules.profile.check_attribute(name)?;
    Ok(Place::Attribute(name))
}
