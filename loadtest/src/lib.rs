//! Simulates many tabs on quire over real sockets, checks every answer while it loads, and measures.

mod arguments;
mod caller;
mod cast;
mod clock;
mod conductor;
mod decoder;
mod desk;
mod link;
pub mod measure;
pub mod observation;
pub mod oracle;
pub mod plan;
mod prepare;
mod probe;
mod program;
mod progress;
pub mod projection;
mod random;
mod scenario;
mod schedule;
mod site;
mod stamp;
mod start;
mod tab;
mod wire;
mod worker;

pub use program::run;
