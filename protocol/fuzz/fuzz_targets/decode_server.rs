//! Whatever arrives from the hub is a frame or a reason; a frame survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use quire_protocol::{Encoding, ServerFrame};

fuzz_target!(|bytes: &[u8]| {
    for encoding in Encoding::ALL {
        if let Ok(frame) = ServerFrame::decode(bytes, encoding) {
            assert_eq!(ServerFrame::decode(&encoding.encode(&frame), encoding), Ok(frame));
        }
    }
});
