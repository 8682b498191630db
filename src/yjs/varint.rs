//! Numbers and texts as lib0 writes them: seven bits to a byte, the lowest first.

use bytes::{BufMut, BytesMut};

/// Bytes of the longest number that is read: 53 bits.
const NUMBER_BYTES_MAX: usize = 8;

/// Takes a number off the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for index in 0..NUMBER_BYTES_MAX {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Takes bytes with their length before them.
pub(super) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

pub(super) fn put_number(out: &mut BytesMut, mut number: u64) {
    while number >= 0x80 {
        out.put_u8(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    out.put_u8(u8::try_from(number).expect("seven bits"));
}

pub(super) fn put_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.put_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_what_is_cut_or_too_long_is_none() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), (1 << 53) - 1] {
            let mut out = BytesMut::new();
            put_number(&mut out, number);
            let mut bytes = &out[..];
            assert_eq!((take_number(&mut bytes), bytes.len()), (Some(number), 0));
            assert_eq!(take_number(&mut &out[..out.len() - 1]), None);
        }
        assert_eq!(take_number(&mut &[0xff; 20][..]), None);
        assert_eq!(take_bytes(&mut &[3, b'a', b'b'][..]), None);
        assert_eq!(take_bytes(&mut &[2, b'a', b'b'][..]), Some(&b"ab"[..]));
    }
}
