//! The real program over real TCP: killed, cut off, asked to end, started on what another one left.
//!
//! Each hub is a process of its own on a free port and a directory of its own. Waits end by what is heard; deadlines
//! only bound failures.
#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up fails")]

mod asking;
mod backups;
mod calling;
mod crashes;
mod ending;
mod hosting;
mod importing;
mod inviting;
mod keys;
mod looking_back;
mod mailing;
mod noticing;
mod pictures;
mod pressure;
mod printing;
pub mod program;
mod redis;
mod starting;
pub mod tab;
mod vanishing;
mod writing;
