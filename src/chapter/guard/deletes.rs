//! What an update deletes: per client, ranges of clocks.

use std::collections::BTreeSet;

use super::{CLOCK_MAX, Fault, Reader, Rules};

/// Reads the delete set of an update that has written its own units up to `own`. Units in its ranges.
///
/// A client comes once and its ranges ascend, as Yjs writes them: where they do not, readers differ in what they keep.
pub(super) fn check(reader: &mut Reader<'_>, rules: &Rules<'_>, own: u32) -> Result<u64, Fault> {
    let mut left = rules.limits.delete_ranges;
    let mut seen = BTreeSet::new();
    let mut deleted = 0;
    for _ in 0..reader.number()? {
        let client = reader.client()?;
        if !seen.insert(client) {
            return Err(Fault::Malformed("a client that deletes twice"));
        }
        let ranges = reader.count()?;
        if ranges == 0 {
            return Err(Fault::Malformed("a client of which nothing is deleted"));
        }
        let max = rules.limits.delete_ranges;
        left = left.checked_sub(ranges).ok_or(Fault::TooLarge { what: "delete ranges", max })?;
        deleted += check_ranges(reader, ranges, rules.units(client, own))?;
    }
    Ok(deleted)
}

/// Reads so many ranges of a client that has so many units. Units in them.
fn check_ranges(reader: &mut Reader<'_>, ranges: usize, units: u32) -> Result<u64, Fault> {
    let mut end = 0;
    let mut deleted = 0;
    for _ in 0..ranges {
        let (start, length) = (reader.clock()?, reader.length()?);
        if start < end {
            return Err(Fault::Malformed("delete ranges that do not ascend"));
        }
        // Both are below 2^31: the sum fits.
        end = start + length;
        if end > CLOCK_MAX {
            return Err(Fault::Malformed("a delete range beyond 31 bits"));
        }
        if end > units {
            return Err(Fault::Unknown("a delete range"));
        }
        deleted += u64::from(length);
    }
    Ok(deleted)
}
