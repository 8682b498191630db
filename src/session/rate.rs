//! A token bucket: so many per second on average, so many at once after a pause.

use tokio::time::Instant;

/// Counts what one connection, or one host application, sends.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let (per_second, burst) = (f64::from(per_second), f64::from(burst));
        Self { per_second, burst, tokens: burst, filled: Instant::now() }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self) -> bool {
        let now = Instant::now();
        let gained = now.duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.filled = now;
        let there = self.tokens >= 1.0;
        if there {
            self.tokens -= 1.0;
        }
        there
    }

    /// When there will be one again, milliseconds from now.
    pub(crate) fn wait_ms(&self) -> u64 {
        let seconds = ((1.0 - self.tokens) / self.per_second).clamp(0.001, 60.0);
        std::time::Duration::from_secs_f64(seconds).as_millis().try_into().unwrap_or(60_000)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_burst_passes_one_more_does_not_and_time_refills() {
        let mut bucket = Bucket::new(10, 20);
        assert!((0..20).all(|_| bucket.take()));
        assert!(!bucket.take());
        tokio::time::advance(Duration::from_millis(bucket.wait_ms() + 1)).await;
        assert!(bucket.take());
        assert!(!bucket.take());
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!((0..100).filter(|_| bucket.take()).count(), 20);
    }
}
