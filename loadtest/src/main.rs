//! The load harness.

use std::process::ExitCode;

fn main() -> ExitCode {
    quire_loadtest::run()
}
