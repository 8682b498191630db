//! A dozen people, up to three hubs on one store, random commands and random faults: dropped connections, hubs that are
//! killed, drained or paused, lost answers, signals that are lost, late or doubled, a store that is away or loses data.
//! Whatever happens, there is one history that everybody agrees on; and when the faults stop, everything heals.
//!
//! One seed decides the whole plan. Session ids and the order of tasks are not part of it, so a replay meets the same
//! people with the same commands and faults, and nearly always the same interleaving.

mod faults;
mod oracle;
mod record;
mod texts;
mod town;
mod workload;

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use town::Simulation;

const SEEDS: std::ops::Range<u64> = 0..6;
const STEPS: usize = 250;
/// Texts that are read, and updates that are stored, in a run of all seeds; or nothing was tried.
const READS_MIN: usize = 100;
const STORED_MIN: usize = 150;

/// Random numbers from a seed (`SplitMix64`).
pub struct Dice(u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    /// A number of a chapter, from 1.
    pub fn chapter(&mut self) -> u32 {
        u32::try_from(self.roll(5)).unwrap() + 1
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.roll(among.len())]
    }
}

#[test]
fn whatever_fails_there_is_one_history_and_everything_heals() {
    #[expect(clippy::disallowed_methods, reason = "a failure says how to replay its seed")]
    let replayed = std::env::var("QUIRE_SEED").ok().map(|seeds| seeds_of(&seeds));
    let is_whole = replayed.is_none();
    let (mut reads, mut stored) = (0, 0);
    for seed in replayed.unwrap_or(SEEDS) {
        let of_seed = live_through(seed);
        (reads, stored) = (reads + of_seed.0, stored + of_seed.1);
    }
    assert!(
        !is_whole || (reads > READS_MIN && stored > STORED_MIN),
        "{reads} texts were read, {stored} updates stored"
    );
}

/// One seed, or some: `7`, `0..300`.
fn seeds_of(text: &str) -> std::ops::Range<u64> {
    let number = |text: &str| text.parse::<u64>().expect("a seed is a number");
    match text.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(text)..number(text) + 1,
    }
}

/// How many texts were read, and how many updates stored.
fn live_through(seed: u64) -> (usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut simulation = Box::pin(Simulation::begin(Dice(seed), usize::try_from(seed % 3).unwrap() + 1)).await;
        let run = async {
            for _ in 0..STEPS {
                simulation.step().await;
            }
            simulation.heals().await;
        };
        if AssertUnwindSafe(run).catch_unwind().await.is_err() {
            let steps = simulation.last_steps().join("\n  ");
            let replay = format!("QUIRE_SEED={seed} cargo nextest run --test it simulation");
            panic!("seed {seed} failed after\n  {steps}\nreplay it with: {replay}");
        }
        simulation.reads()
    })
}
