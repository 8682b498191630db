//! How long a tab waits before it connects again.

use std::time::Duration;

use crate::random::Random;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Growing, random delays (X-2 of the specification).
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The delay before the next attempt, at most `cap`.
    pub(super) fn next(&mut self, random: &mut Random, cap: Duration) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST).min(cap);
        self.failures += 1;
        random.up_to(ceiling)
    }

    /// The connection works again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The longest delay of a session that may have to be quick: half the grace if it holds or waits for a chapter (S-7).
pub(super) fn cap(holding: bool, grace: Duration) -> Duration {
    if holding { grace / 2 } else { LONGEST }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_the_cap_and_begin_anew() {
        let mut random = Random::new(3, 3);
        let mut backoff = Backoff::default();
        let longest = |backoff: &mut Backoff, random: &mut Random| {
            (0..200).map(|_| Backoff { failures: backoff.failures }.next(random, LONGEST)).max().unwrap()
        };
        let first = longest(&mut backoff, &mut random);
        assert!(first <= FIRST);
        for _ in 0..40 {
            assert!(backoff.next(&mut random, Duration::from_secs(3)) <= Duration::from_secs(3));
        }
        assert!(longest(&mut backoff, &mut random) > Duration::from_secs(3));
        backoff.reset();
        assert!(longest(&mut backoff, &mut random) <= FIRST);
    }

    #[test]
    fn who_holds_a_chapter_is_back_within_half_the_grace() {
        assert_eq!(cap(true, Duration::from_secs(10)), Duration::from_secs(5));
        assert_eq!(cap(false, Duration::from_secs(10)), LONGEST);
    }
}
