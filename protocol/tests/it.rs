//! The wire as others see it: golden bytes, hostile bytes, and a specification that cannot go stale.

#[path = "it/golden.rs"]
mod golden;
#[path = "it/hostile.rs"]
mod hostile;
#[path = "it/samples.rs"]
mod samples;
#[path = "it/specification.rs"]
mod specification;
