//! The store on a Redis that replicas share.

mod link;
mod settings;

pub use link::ConnectError;
pub use settings::{Place, RedisSettings};
