//! How often something may be asked for by each of many, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many are remembered. Beyond it whoever is next to be allowed everything again is forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Lets everybody pass so often in a while, and again as time goes by.
pub(crate) struct Gate<K> {
    /// How often in a row.
    burst: f64,
    /// After so long one more may pass.
    each: Duration,
    visitors: Mutex<HashMap<K, Visitor>>,
}

struct Visitor {
    /// How often they may still pass, as of `seen`.
    left: f64,
    seen: Instant,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    /// `count` times in each `window`.
    pub(crate) fn new(count: usize, window: Duration) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Self { burst: f64::from(count), each: window / count, visitors: Mutex::default() }
    }

    /// Passes, or says how long to wait.
    pub(crate) fn pass(&self, who: &K) -> Result<(), Duration> {
        self.pass_often(who, 1)
    }

    /// Passes so often at once, or not at all. What is more than ever may passes after the longest wait.
    pub(crate) fn pass_often(&self, who: &K, often: usize) -> Result<(), Duration> {
        let wanted = f64::from(u32::try_from(often).unwrap_or(u32::MAX)).min(self.burst);
        let now = Instant::now();
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        if visitors.len() >= REMEMBERED_MAX && !visitors.contains_key(who) {
            self.forget_some(&mut visitors, now);
        }
        let visitor = visitors.entry(who.clone()).or_insert(Visitor { left: self.burst, seen: now });
        (visitor.left, visitor.seen) = (self.left(visitor, now), now);
        if visitor.left < wanted {
            return Err(self.each.mul_f64(wanted - visitor.left));
        }
        visitor.left -= wanted;
        Ok(())
    }

    fn left(&self, visitor: &Visitor, now: Instant) -> f64 {
        let gained = now.duration_since(visitor.seen).as_secs_f64() / self.each.as_secs_f64().max(1e-9);
        (visitor.left + gained).min(self.burst)
    }

    /// Forgets who could pass as often as a stranger, or else whoever is nearest to that.
    fn forget_some(&self, visitors: &mut HashMap<K, Visitor>, now: Instant) {
        visitors.retain(|_, visitor| self.left(visitor, now) < self.burst);
        if visitors.len() < REMEMBERED_MAX {
            return;
        }
        let nearest = visitors.values().map(|visitor| self.left(visitor, now)).fold(0.0, f64::max);
        visitors.retain(|_, visitor| self.left(visitor, now) < nearest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_pass_more_do_not_and_time_lets_them_again() {
        let gate = Gate::new(3, Duration::from_secs(30));
        assert!((0..3).all(|_| gate.pass(&"ann").is_ok()));
        let wait = gate.pass(&"ann").unwrap_err();
        assert!(wait <= Duration::from_secs(10), "{wait:?}");
        assert!(gate.pass(&"ben").is_ok(), "each for themselves");
        tokio::time::advance(wait + Duration::from_millis(1)).await;
        assert!(gate.pass(&"ann").is_ok());
        assert!(gate.pass(&"ann").is_err());
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!((0..9).filter(|_| gate.pass(&"ann").is_ok()).count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn several_pass_together_or_not_at_all() {
        let gate = Gate::new(10, Duration::from_secs(100));
        assert!(gate.pass_often(&"ann", 8).is_ok());
        assert_eq!(gate.pass_often(&"ann", 3), Err(Duration::from_secs(10)));
        assert!(gate.pass_often(&"ann", 2).is_ok(), "what was refused took nothing");
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(gate.pass_often(&"ann", 1_000).is_ok(), "as much as ever may");
        assert_eq!(gate.pass(&"ann"), Err(Duration::from_secs(10)));
        assert!(gate.pass_often(&"ann", 0).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_takes_no_more_memory_and_does_not_free_whoever_asked_too_often() {
        let gate = Gate::new(2, Duration::from_mins(1));
        assert!((0..2).all(|_| gate.pass(&0).is_ok()));
        for stranger in 1..3 * REMEMBERED_MAX {
            assert!(gate.pass(&stranger).is_ok());
            assert!(gate.visitors.lock().unwrap().len() <= REMEMBERED_MAX);
        }
        assert!(gate.pass(&0).is_err(), "still remembered");
    }
}
