//! The one integration test binary.
#![expect(unreachable_pub, reason = "helpers are public within this binary")]

mod backup;
mod harness;
mod http;
mod process;
mod store_contract;
mod stories;
mod tidy;
