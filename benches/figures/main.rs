//! The figures of `ARCHITECTURE.md`: what a command, a delivery, a connection and a lock cost.
//!
//! `cargo bench --bench figures` runs everything; names after `--` choose parts (`floor`, `core`, `memory`,
//! `connections`, `delivery`, `locks`, `typing`, `files`, `library`). Costs are processor time, not time on the wall: the machine may be shared. A part counts what
//! arrives and fails if anything is missing, so a fast wrong run is no figure.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod connections;
mod core;
mod delivery;
mod files;
mod floor;
mod library;
mod locks;
mod memory;
mod people;
mod process;
mod tab;
mod typing;

use tokio::runtime::{Builder, Runtime};

/// One line of the table.
struct Figure {
    what: String,
    value: String,
}

impl Figure {
    fn new(what: impl Into<String>, value: impl Into<String>) -> Self {
        Self { what: what.into(), value: value.into() }
    }
}

fn main() {
    type Part = (&'static str, fn() -> Vec<Figure>);
    const PARTS: [Part; 9] = [
        ("floor", floor::figures),
        ("core", core::figures),
        ("memory", || runtime().block_on(memory::figures())),
        ("connections", || runtime().block_on(connections::figures())),
        ("delivery", || runtime().block_on(delivery::figures())),
        ("locks", || runtime().block_on(locks::figures())),
        ("typing", || runtime().block_on(typing::figures())),
        ("files", files::figures),
        ("library", library::figures),
    ];
    // Cargo itself passes `--bench`.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if runtime().block_on(floor::listens_if_asked(&chosen)) || library::holds_if_asked(&chosen) {
        return;
    }
    println!("| what | figure |\n|---|---|");
    for (name, figures) in PARTS {
        if chosen.is_empty() || chosen.iter().any(|choice| choice == name) {
            for Figure { what, value } in figures() {
                println!("| {what} | {value} |");
            }
        }
    }
}

/// One thread: what the clients cost stays off the hub's processors, and what an in-memory hub costs is this thread's.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the operating system gives a runtime what it needs")
}
