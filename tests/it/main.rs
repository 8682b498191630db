//! The one integration test binary.
#![expect(unreachable_pub, reason = "helpers are public within this binary")]

mod harness;
mod simulation;
mod store_contract;
mod stories;
