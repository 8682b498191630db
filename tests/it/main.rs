//! The one integration test binary.

mod backup;
mod store_contract;
