//! Fuzzes the target that the environment names (`QUIRE_FUZZ`); `run` starts it as it must be started.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

// As the test that replays finds it, whose neighbours are others.
#[path = "targets.rs"]
mod targets;

/// What only this crate may reach, behind a feature of the hub.
const ALSO: (&str, fn(&[u8])) = ("provider", |bytes| {
    quire::yjs::read_message(bytes);
});

static CHOSEN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("QUIRE_FUZZ").unwrap_or_default();
    let found = targets::ALL.iter().chain([&ALSO]).find(|(name, _)| *name == wanted);
    let names: Vec<&str> = targets::ALL.iter().chain([&ALSO]).map(|(name, _)| *name).collect();
    found.unwrap_or_else(|| panic!("QUIRE_FUZZ is {wanted:?}, not one of {}", names.join(", "))).1
});

fuzz_target!(|bytes: &[u8]| CHOSEN(bytes));
