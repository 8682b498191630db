//! quire: a real-time collaboration hub for books.
//!
//! Reading order: [`book`] (the rules), [`store`] (what is durable), [`hub`] (one actor for each active book),
//! [`outbox`] and [`session`] (one connection), [`server`] (the port), [`serve`] (how they are put together),
//! [`config`], and `main.rs`, which chooses and runs.

pub mod audit;
pub mod auth;
pub mod backup;
pub mod book;
pub mod chapter;
pub mod clock;
pub mod config;
pub mod export;
mod gate;
pub mod hub;
pub mod import;
pub mod inbox;
pub mod library;
pub mod mail;
pub mod outbox;
pub(crate) mod pack;
pub mod picture;
pub mod pipe;
pub mod press;
pub mod probe;
pub mod sample;
pub mod scribe;
pub mod serve;
pub mod server;
pub mod session;
pub mod signin;
pub mod store;
pub mod telemetry;
pub mod webhook;
pub mod yjs;
