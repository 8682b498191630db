//! What is done with bytes from outside, and what must be true of it. Shared by the fuzzer and by the test that replays
//! what it found.

use quire::chapter::guard::{Profile, check_position};
use quire::picture;
use quire_protocol::{ClientFrame, Encoding, ServerFrame};

mod books;
mod updates;

/// Pixels of the largest picture here: as many as a hub takes.
const PIXELS_MAX: u64 = 40_000_000;

/// A target by its name.
type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const ALL: [Target; 12] = [
    ("update", updates::update),
    ("position", position),
    ("picture", picture),
    ("client_frame", client_frame),
    ("server_frame", server_frame),
    ("markdown", |bytes| books::file(bytes, "book.md")),
    ("html", |bytes| books::file(bytes, "book.html")),
    ("plain", |bytes| books::file(bytes, "book.txt")),
    ("epub", books::epub),
    ("docx", books::docx),
    ("archive", books::archive),
    ("from_html", books::from_html),
];

/// A relative position, or the bytes of one.
fn position(bytes: &[u8]) {
    if let Err(fault) = check_position(bytes, &Profile::prosemirror_xml()) {
        assert!(!fault.to_string().is_empty());
    }
}

/// What is taken of a picture is a picture of that size, and nothing can be taken away any more.
fn picture(bytes: &[u8]) {
    let Ok(first) = picture::read(bytes, PIXELS_MAX) else { return };
    assert!(u64::from(first.width) * u64::from(first.height) <= PIXELS_MAX);
    let again = picture::read(&first.bytes, PIXELS_MAX).expect("what was taken once is taken again");
    assert_eq!(again, first);
}

/// A frame from a client survives being written and read again.
fn client_frame(bytes: &[u8]) {
    for encoding in Encoding::ALL {
        if let Ok(frame) = ClientFrame::decode(bytes, encoding) {
            assert_eq!(ClientFrame::decode(&encoding.encode(&frame), encoding), Ok(frame));
        }
    }
}

/// A frame from the hub survives being written and read again.
fn server_frame(bytes: &[u8]) {
    for encoding in Encoding::ALL {
        if let Ok(frame) = ServerFrame::decode(bytes, encoding) {
            assert_eq!(ServerFrame::decode(&encoding.encode(&frame), encoding), Ok(frame));
        }
    }
}
