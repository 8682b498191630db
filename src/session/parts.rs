//! Frames that came in parts, put together again.

use std::time::Duration;

use quire_protocol::frame::Part;
use quire_protocol::{CloseCode, Limits, Timers};
use tokio::time::Instant;

/// The parts of the frame that is under way, if one is.
#[derive(Debug, Default)]
pub(super) struct Parts {
    data: Vec<u8>,
    deadline: Option<Instant>,
}

impl Parts {
    /// A frame is under way.
    pub(super) fn is_open(&self) -> bool {
        self.deadline.is_some()
    }

    /// When the frame that is under way must be whole.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Adds a part; the whole frame if it was the last.
    pub(super) fn add(
        &mut self,
        part: &Part,
        limits: &Limits,
        timers: &Timers,
    ) -> Result<Option<Vec<u8>>, (CloseCode, &'static str)> {
        if part.data.0.len() > limits.part_bytes {
            return Err((CloseCode::ProtocolError, "a part is larger than part_bytes"));
        }
        if self.data.len() + part.data.0.len() > limits.frame_bytes {
            return Err((CloseCode::TooLarge, "the parts are larger than frame_bytes"));
        }
        // Empty parts would keep a frame under way at no cost.
        if part.data.0.is_empty() && !part.last {
            return Err((CloseCode::ProtocolError, "a part is empty"));
        }
        self.deadline.get_or_insert_with(|| Instant::now() + Duration::from_millis(timers.parts_ms));
        self.data.extend_from_slice(&part.data.0);
        if part.last {
            self.deadline = None;
            return Ok(Some(std::mem::take(&mut self.data)));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use quire_protocol::codec::Blob;

    use super::*;

    fn part(length: usize, last: bool) -> Part {
        Part { last, data: Blob(vec![b'x'; length]) }
    }

    #[tokio::test(start_paused = true)]
    async fn parts_make_a_frame_at_the_limit_and_one_past_it_is_too_large() {
        let limits = Limits { part_bytes: 4, frame_bytes: 8, ..Limits::default() };
        let timers = Timers::default();
        let mut parts = Parts::default();
        assert_eq!(parts.add(&part(4, false), &limits, &timers), Ok(None));
        assert!(parts.is_open());
        assert_eq!(parts.add(&part(4, true), &limits, &timers), Ok(Some(vec![b'x'; 8])));
        assert!(!parts.is_open());
        assert_eq!(parts.add(&part(4, false), &limits, &timers), Ok(None));
        assert_eq!(parts.add(&part(4, false), &limits, &timers), Ok(None));
        assert_eq!(parts.add(&part(1, true), &limits, &timers).unwrap_err().0, CloseCode::TooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_over_its_limit_and_an_empty_one_break_the_protocol() {
        let limits = Limits { part_bytes: 4, ..Limits::default() };
        for bad in [part(5, true), part(0, false)] {
            let refused = Parts::default().add(&bad, &limits, &Timers::default()).unwrap_err();
            assert_eq!(refused.0, CloseCode::ProtocolError);
        }
    }
}
