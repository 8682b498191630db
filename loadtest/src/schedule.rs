//! When things are meant to be sent. Latency counts from here: a slow hub must not slow down what measures it.

use std::time::Duration;

use crate::observation::Micros;

/// Intended times at a fixed rate.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    start: Micros,
    period_us: f64,
    next: u32,
}

impl Schedule {
    /// `per_second` times a second from `start` on. A rate of 0 or below gives one time only.
    pub(crate) fn at_rate(start: Micros, per_second: f64) -> Self {
        let period_us = if per_second > 0.0 { 1e6 / per_second } else { 1e15 };
        Self { start, period_us, next: 0 }
    }

    /// Once in `period` from `start` on.
    pub(crate) fn every(start: Micros, period: Duration) -> Self {
        Self { start, period_us: period.as_secs_f64() * 1e6, next: 0 }
    }

    /// The next intended time; it may be past.
    pub(crate) fn next(&mut self) -> Micros {
        let delay = Duration::from_secs_f64(f64::from(self.next) * self.period_us / 1e6);
        self.next += 1;
        crate::clock::after(self.start, delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_do_not_drift() {
        let mut schedule = Schedule::at_rate(Micros(1_000_000), 3.0);
        let times: Vec<u64> = (0..4).map(|_| schedule.next().0).collect();
        assert_eq!(times, [1_000_000, 1_333_333, 1_666_666, 2_000_000]);
    }

    #[test]
    fn a_period_is_kept_however_late_it_is_asked_for() {
        let mut schedule = Schedule::every(Micros(0), Duration::from_millis(50));
        assert_eq!((0..3).map(|_| schedule.next().0).collect::<Vec<_>>(), [0, 50_000, 100_000]);
    }

    #[test]
    fn no_rate_is_one_time_alone() {
        let mut schedule = Schedule::at_rate(Micros(5), 0.0);
        assert_eq!(schedule.next(), Micros(5));
        assert!(schedule.next() > Micros(1_000_000_000_000));
    }
}
