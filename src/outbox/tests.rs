use std::sync::atomic::{AtomicUsize, Ordering};

use futures::task::noop_waker_ref;

use super::*;

/// A wire that takes `room` bytes and then blocks.
#[derive(Default)]
struct Narrow {
    room: AtomicUsize,
    taken: Mutex<Vec<u8>>,
    calls: AtomicUsize,
}

impl Narrow {
    fn with_room(room: usize) -> Arc<Self> {
        Arc::new(Self { room: AtomicUsize::new(room), ..Self::default() })
    }

    fn taken(&self) -> Vec<u8> {
        self.taken.lock().unwrap().clone()
    }
}

impl Wire for Narrow {
    fn poll_read(&self, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let room = self.room.load(Ordering::Relaxed);
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(room).collect();
        if bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.room.fetch_sub(bytes.len(), Ordering::Relaxed);
        self.taken.lock().unwrap().extend_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.room.load(Ordering::Relaxed) > 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn finish(&self) {}
}

fn outbox(wire: &Arc<Narrow>, limits: &Limits) -> Outbox {
    Outbox::new(Arc::clone(wire) as Arc<dyn Wire>, limits)
}

fn frames(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect()
}

fn drain(outbox: &Outbox) -> Poll<End> {
    outbox.poll_flush(&mut Context::from_waker(noop_waker_ref()))
}

#[test]
fn a_batch_is_one_write_and_leaves_nothing_behind() {
    let wire = Narrow::with_room(1_000);
    let outbox = outbox(&wire, &Limits::default());
    outbox.push(&frames(&["one", "two", "three"]));
    assert_eq!(wire.taken(), b"onetwothree");
    assert_eq!(wire.calls.load(Ordering::Relaxed), 1);
    assert_eq!(outbox.queued_bytes(), 0);
}

#[test]
fn what_the_wire_does_not_take_keeps_its_order_wherever_it_was_cut() {
    let whole = b"onetwothreefourfive";
    for room in 0..whole.len() {
        let wire = Narrow::with_room(room);
        let outbox = outbox(&wire, &Limits::default());
        outbox.push(&frames(&["one", "two", "three"]));
        outbox.push(&frames(&["four"]));
        assert!(drain(&outbox).is_pending());
        for _ in 0..whole.len() {
            wire.room.fetch_add(1, Ordering::Relaxed);
            assert!(drain(&outbox).is_pending());
        }
        outbox.push(&frames(&["five"]));
        wire.room.fetch_add(whole.len(), Ordering::Relaxed);
        assert!(drain(&outbox).is_pending());
        assert_eq!(wire.taken(), whole, "cut at {room}");
    }
}

#[test]
fn more_frames_than_one_call_takes_arrive_whole() {
    let wire = Narrow::with_room(100_000);
    let outbox = outbox(&wire, &Limits::default());
    let many: Vec<Bytes> = (0..=(SLICES_MAX * 2)).map(|n| Bytes::from(format!("[{n}]"))).collect();
    outbox.push(&many);
    assert_eq!(wire.taken(), many.concat());
}

#[test]
fn a_reader_at_the_byte_limit_stays_and_one_past_it_is_closed_with_4008() {
    let limits = Limits { outbox_bytes: 10, ..Limits::default() };
    let wire = Narrow::with_room(0);
    let outbox = outbox(&wire, &limits);
    outbox.push(&frames(&["0123456789"]));
    assert_eq!(outbox.end(), None);
    outbox.push(&frames(&["x"]));
    assert_eq!(outbox.end(), Some(End::Closed(CloseCode::TooSlow)));
    wire.room.store(1_000, Ordering::Relaxed);
    assert_eq!(drain(&outbox), Poll::Ready(End::Closed(CloseCode::TooSlow)));
    let taken = wire.taken();
    assert_eq!(&taken[2..4], &4008_u16.to_be_bytes(), "only the close frame is sent");
}

#[test]
fn a_reader_at_the_frame_limit_stays_and_one_past_it_is_closed() {
    let limits = Limits { outbox_frames: 2, ..Limits::default() };
    let wire = Narrow::with_room(0);
    let outbox = outbox(&wire, &limits);
    outbox.push(&frames(&["a", "b"]));
    assert_eq!(outbox.end(), None);
    outbox.push(&frames(&["c"]));
    assert_eq!(outbox.end(), Some(End::Closed(CloseCode::TooSlow)));
}

#[test]
fn the_rest_of_a_half_written_frame_comes_before_the_close() {
    let limits = Limits { outbox_bytes: 10, ..Limits::default() };
    let wire = Narrow::with_room(4);
    let outbox = outbox(&wire, &limits);
    outbox.push(&frames(&["0123456789"]));
    outbox.push(&frames(&["x"]));
    wire.room.store(1_000, Ordering::Relaxed);
    assert!(drain(&outbox).is_ready());
    assert!(wire.taken().starts_with(b"0123456789\x88"));
}

#[test]
fn large_answers_are_streamed_up_to_a_bound_and_one_past_it_counts() {
    let limits = Limits { outbox_bytes: 10, frame_bytes: 5, ..Limits::default() };
    let wire = Narrow::with_room(0);
    let outbox = outbox(&wire, &limits);
    for _ in 0..LARGE_ANSWERS_MAX / 4 {
        outbox.push_answer(&frames(&["0123456789", "0123456789"]));
        assert_eq!(outbox.end(), None);
    }
    outbox.push_answer(&frames(&["0123456789", "0123456789"]));
    assert_eq!(outbox.end(), Some(End::Closed(CloseCode::TooSlow)));
}

#[test]
fn nothing_follows_a_close() {
    let wire = Narrow::with_room(1_000);
    let outbox = outbox(&wire, &Limits::default());
    outbox.close(CloseCode::Draining, "");
    outbox.push(&frames(&["late"]));
    assert_eq!(drain(&outbox), Poll::Ready(End::Closed(CloseCode::Draining)));
    assert!(!wire.taken().ends_with(b"late"));
}

#[test]
fn frame_lengths_are_written_in_their_three_forms() {
    for (length, header) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
        assert_eq!(websocket_frame(OPCODE_BINARY, &vec![0; length]).len(), length + header);
    }
}

#[test]
fn a_frame_over_the_message_limit_travels_in_parts_that_make_it_whole_again() {
    let limits = Limits::default();
    for encoding in Encoding::ALL {
        let text = "x".repeat(limits.message_bytes);
        let parts = encode(&text, encoding, &limits);
        assert!(parts.len() > 4);
        let mut whole = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let payload = &part[if part[1] == 126 { 4 } else { 2 }..];
            let quire_protocol::ServerFrame::Part(part) =
                quire_protocol::ServerFrame::decode(payload, encoding).unwrap()
            else {
                panic!("not a part")
            };
            assert!(part.data.0.len() <= limits.part_bytes);
            assert_eq!(part.last, index + 1 == parts.len());
            whole.extend(part.data.0);
        }
        assert_eq!(whole, encoding.encode(&text));
    }
}

#[test]
fn a_long_close_reason_is_cut_between_characters() {
    let frame = close_frame(CloseCode::Normal, &"é".repeat(100));
    assert!(frame.len() <= 2 + 125);
    assert!(std::str::from_utf8(&frame[4..]).is_ok());
}

#[test]
fn a_connection_that_was_closed_is_over_at_once_however_much_its_reader_leaves() {
    let wire = Narrow::with_room(0);
    let outbox = outbox(&wire, &Limits::default());
    outbox.push(&frames(&["waits"]));
    outbox.close(CloseCode::ResumedElsewhere, "");
    let ended = outbox.poll_drain(&mut Context::from_waker(noop_waker_ref()));
    assert_eq!(ended, Poll::Ready(End::Closed(CloseCode::ResumedElsewhere)));
    assert!(drain(&outbox).is_pending());
}
