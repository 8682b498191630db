//! quire: a real-time collaboration hub for books.
//!
//! Reading order: [`book`] (the rules), [`store`] (what is durable), `hub` (one actor for each active book), `outbox`
//! and `session` (one connection), `server` (the port), `config`, and `main.rs`, which chooses and runs.

pub mod auth;
pub mod book;
pub mod clock;
pub mod config;
pub mod import;
pub mod sample;
pub mod server;
pub mod store;
pub mod telemetry;
