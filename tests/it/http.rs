//! The port over real TCP, with a stand-in for the hub behind it.

mod api;
mod assets;
mod audit;
mod connections;
mod harness;
mod host;
mod openapi;
mod report;
mod survey;
mod upgrade;
