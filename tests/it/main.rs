//! The one integration test binary.
#![expect(unreachable_pub, reason = "helpers are public within this binary")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;
mod simulation;
mod store_contract;
mod stories;
