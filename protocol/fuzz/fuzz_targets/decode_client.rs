//! Whatever arrives from a client is a frame or a reason; a frame survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use quire_protocol::{Encoding, ClientFrame};

fuzz_target!(|bytes: &[u8]| {
    for encoding in Encoding::ALL {
        if let Ok(frame) = ClientFrame::decode(bytes, encoding) {
            assert_eq!(ClientFrame::decode(&encoding.encode(&frame), encoding), Ok(frame));
        }
    }
});
