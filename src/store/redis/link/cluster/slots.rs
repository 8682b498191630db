//! Which master has which slot.

use redis::Value;

use crate::store::redis::link::endpoint::Address;

/// Slots of a cluster.
pub(super) const COUNT: u16 = 16_384;

/// Ranges of slots, in order, each with its master.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Map(Vec<(u16, u16, Address)>);

impl Map {
    /// Parses the answer of `CLUSTER SLOTS` by `node`, which leaves out a host that it does not know.
    pub(super) fn parse(answer: Value, node: &Address) -> Option<Self> {
        let Value::Array(ranges) = answer else { return None };
        let mut map = ranges.into_iter().map(|range| parse_range(range, node)).collect::<Option<Vec<_>>>()?;
        map.sort();
        (!map.is_empty()).then_some(Self(map))
    }

    /// Who has a slot.
    pub(super) fn owner(&self, slot: u16) -> Option<&Address> {
        let after = self.0.partition_point(|(first, _, _)| *first <= slot);
        let (_, last, address) = self.0.get(after.checked_sub(1)?)?;
        (slot <= *last).then_some(address)
    }

    /// All who have slots.
    pub(super) fn masters(&self) -> Vec<Address> {
        let mut masters: Vec<_> = self.0.iter().map(|(_, _, address)| address.clone()).collect();
        masters.sort();
        masters.dedup();
        masters
    }
}

fn parse_range(range: Value, node: &Address) -> Option<(u16, u16, Address)> {
    let Value::Array(parts) = range else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(master), ..] = parts.as_slice() else { return None };
    let [host, Value::Int(port), ..] = master.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) if !host.is_empty() && host != b"?" => String::from_utf8(host.clone()).ok()?,
        _ => node.host.clone(),
    };
    let slot = |number: &i64| u16::try_from(*number).ok().filter(|slot| *slot < COUNT);
    Some((slot(first)?, slot(last)?, Address { host, port: u16::try_from(*port).ok()? }))
}

/// The slot of a key or a channel: that of its tag, if it has one.
pub(super) fn slot(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    let hashed = tag.filter(|tag| !tag.is_empty()).unwrap_or(key);
    crc16(hashed.as_bytes()) % COUNT
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(port: u16) -> Address {
        Address { host: "10.0.0.1".to_owned(), port }
    }

    fn range(first: i64, last: i64, host: &str, port: i64) -> Value {
        let master = vec![Value::BulkString(host.into()), Value::Int(port), Value::BulkString(b"id".to_vec())];
        Value::Array(vec![Value::Int(first), Value::Int(last), Value::Array(master)])
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot("foo"), 12_182);
        assert_eq!(slot("{foo}:bar"), 12_182);
        assert_eq!(slot("x{foo}{bar}"), 12_182);
        assert_eq!(slot("{}foo"), crc16(b"{}foo") % COUNT);
    }

    #[test]
    fn a_map_knows_the_master_of_every_slot_it_names() {
        let answer = Value::Array(vec![range(8_000, 16_383, "", 2), range(0, 7_000, "10.0.0.1", 1)]);
        let map = Map::parse(answer, &node(9)).unwrap();
        assert_eq!(map.owner(0), Some(&node(1)));
        assert_eq!(map.owner(7_000), Some(&node(1)));
        assert_eq!(map.owner(7_500), None);
        assert_eq!(map.owner(8_000), Some(&node(2)));
        assert_eq!(map.owner(16_383), Some(&node(2)));
        assert_eq!(map.masters(), [node(1), node(2)]);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for answer in [Value::Nil, Value::Array(vec![]), Value::Array(vec![range(0, 16_384, "", 1)])] {
            assert_eq!(Map::parse(answer, &node(1)), None);
        }
        assert_eq!(Map::parse(Value::Array(vec![range(0, 1, "", 70_000)]), &node(1)), None);
    }
}
