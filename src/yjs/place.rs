//! Where somebody's selection is: a presence cursor of the page on one side, relative positions as Yjs writes them as JSON
//! on the other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, BytesMut};
use serde_json::{Value, json};

use super::varint::{put_bytes, put_number, take_bytes, take_number};

/// Between the two ends of a selection.
const SEPARATOR: char = '.';

const ITEM: u64 = 0;
const ROOT: u64 = 1;
const TYPE: u64 = 2;
/// Of a signed number's first byte.
const SIGN: u8 = 0x40;

/// A presence cursor as `{anchor, head}`; `None`: it says no place in a text.
pub(super) fn to_json(cursor: &str) -> Option<Value> {
    let (anchor, head) = cursor.split_once(SEPARATOR).unwrap_or((cursor, cursor));
    let read = |end: &str| position_to_json(&STANDARD.decode(end).ok()?);
    Some(json!({"anchor": read(anchor)?, "head": read(head)?}))
}

/// `{anchor, head}` as a presence cursor; `None`: it is no place in a text.
pub(super) fn to_cursor(place: &Value) -> Option<String> {
    let write = |end: &Value| Some(STANDARD.encode(position_of_json(end)?));
    let (anchor, head) = (write(place.get("anchor")?)?, write(place.get("head")?)?);
    Some(if anchor == head { head } else { format!("{anchor}{SEPARATOR}{head}") })
}

fn position_to_json(mut bytes: &[u8]) -> Option<Value> {
    let bytes = &mut bytes;
    let mut position = json!({"type": null, "tname": null, "item": null});
    match take_number(bytes)? {
        ITEM => position["item"] = take_id(bytes)?,
        ROOT => position["tname"] = std::str::from_utf8(take_bytes(bytes)?).ok()?.into(),
        TYPE => position["type"] = take_id(bytes)?,
        _ => return None,
    }
    // Older editors do not say to which side it clings.
    position["assoc"] = match bytes {
        [] => 0.into(),
        [byte] if *byte & 0x80 == 0 => {
            i64::from(*byte & 0x3f).wrapping_mul(if byte & SIGN == 0 { 1 } else { -1 }).into()
        }
        _ => return None,
    };
    Some(position)
}

fn take_id(bytes: &mut &[u8]) -> Option<Value> {
    let (client, clock) = (take_number(bytes)?, take_number(bytes)?);
    Some(json!({"client": client, "clock": clock}))
}

fn position_of_json(position: &Value) -> Option<BytesMut> {
    let mut out = BytesMut::new();
    let there = |name: &str| position.get(name).filter(|value| !value.is_null());
    if let Some(item) = there("item") {
        put_number(&mut out, ITEM);
        put_id(&mut out, item)?;
    } else if let Some(root) = there("tname") {
        put_number(&mut out, ROOT);
        put_bytes(&mut out, root.as_str()?.as_bytes());
    } else {
        put_number(&mut out, TYPE);
        put_id(&mut out, there("type")?)?;
    }
    let clings = there("assoc").map_or(Some(0), Value::as_i64)?;
    let amount = u8::try_from(clings.unsigned_abs()).ok().filter(|amount| *amount < SIGN)?;
    out.put_u8(if clings < 0 { SIGN | amount } else { amount });
    Some(out)
}

fn put_id(out: &mut BytesMut, id: &Value) -> Option<()> {
    put_number(out, id.get("client")?.as_u64()?);
    put_number(out, id.get("clock")?.as_u64()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_as_they_were() {
        let item = json!({"type": null, "tname": null, "item": {"client": 1_763_800_000_000_042_u64, "clock": 7}, "assoc": -1});
        let root = json!({"type": null, "tname": "default", "item": null, "assoc": 0});
        let inside = json!({"type": {"client": 7, "clock": 300}, "tname": null, "item": null, "assoc": 0});
        for (anchor, head) in [(&item, &item), (&item, &root), (&root, &inside)] {
            let place = json!({"anchor": anchor, "head": head});
            let cursor = to_cursor(&place).unwrap();
            assert_eq!(cursor.contains(SEPARATOR), anchor != head);
            assert_eq!(to_json(&cursor).unwrap(), place);
        }
    }

    #[test]
    fn what_is_no_place_is_none() {
        for cursor in ["", "x", "AwAA", "AA.", "AA.BB.CC", "////"] {
            assert_eq!(to_json(cursor), None, "{cursor}");
        }
        for place in [json!(null), json!({"anchor": null, "head": null}), json!({"anchor": {"item": 7}, "head": {}})] {
            assert_eq!(to_cursor(&place), None, "{place}");
        }
    }
}
