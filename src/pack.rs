//! How states travel and are stored: packed with gzip, which browsers unpack by themselves.

use std::io::{self, Read as _, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// A state that was stored is never larger when it is unpacked.
pub(crate) const STATE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The state, smaller.
pub(crate) fn packed(state: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(state).and_then(|()| gzip.finish()).expect("memory takes everything").into()
}

/// The state that was packed. More than 64 MiB is refused, whatever it was packed into.
pub(crate) fn unpacked(gzip: &[u8]) -> io::Result<Bytes> {
    let mut state = Vec::new();
    GzDecoder::new(gzip).take(STATE_BYTES_MAX + 1).read_to_end(&mut state)?;
    if state.len() as u64 > STATE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the state is larger than a state may be"));
    }
    Ok(state.into())
}

/// How large a packed state will be, as the last four bytes of gzip tell.
pub(crate) fn unpacked_bytes(gzip: &[u8]) -> usize {
    gzip.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        for state in [&b""[..], b"the whale", &vec![7; 100_000]] {
            let packed = packed(state);
            assert_eq!(unpacked(&packed).unwrap(), state);
            assert_eq!(unpacked_bytes(&packed), state.len());
        }
        assert!(unpacked(b"no gzip").is_err());
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = packed(&vec![0; usize::try_from(STATE_BYTES_MAX).unwrap() + 1]);
        assert!(bomb.len() < 100_000);
        assert!(unpacked(&bomb).is_err());
    }
}
