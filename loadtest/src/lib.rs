//! Simulates many tabs on quire over real sockets, checks every answer while it loads, and measures.

mod arguments;
mod caller;
mod cast;
mod clock;
mod conductor;
mod decoder;
mod desk;
mod files;
mod http;
mod judged;
mod link;
mod machine;
pub mod measure;
pub mod observation;
pub mod oracle;
pub mod plan;
mod prepare;
mod probe;
mod program;
mod progress;
pub mod projection;
mod quick;
mod random;
pub mod report;
mod scenario;
mod schedule;
mod site;
mod stamp;
mod start;
mod tab;
pub mod typist;
mod wire;
mod worker;

pub use judged::run_in_process;
pub use program::run;
