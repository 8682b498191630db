//! Hubs, a Redis, and the lines between them, each a real process or socket that is killed, stopped, slowed or cut.
//!
//! Whatever happens, nothing that was acknowledged is lost, nothing that was denied is there, nothing is there twice,
//! and for each chapter the answers that people got fit one order of events in which it had one holder at a time.
#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up fails")]

mod hub_crash;
mod hub_pause;
mod line;
mod linearizable;
mod rolling;
mod store_crash;
mod worker;
mod world;
