//! Simulates many tabs on quire over real sockets, checks every answer while it loads, and measures.

pub mod measure;
pub mod observation;
pub mod oracle;
pub mod projection;
pub mod report;
