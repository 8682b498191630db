//! Chooses and runs.

fn main() {}
