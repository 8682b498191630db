//! The port over real TCP, with a stand-in for the hub behind it.

mod api;
mod assets;
mod audit;
mod connections;
mod harness;
mod report;
mod upgrade;
