//! The one integration test binary.
#![expect(unreachable_pub, reason = "helpers are public within this binary")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod backup;
mod chaos;
mod corpus;
mod deploy;
mod harness;
mod http;
mod oracle;
mod process;
mod proxy;
mod redis_link;
mod redis_server;
mod scribe;
mod simulation;
mod smtp_server;
mod store_contract;
mod stories;
mod tidy;
