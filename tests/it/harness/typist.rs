//! An editor of a chapter, and the work of the scribe without a process.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use quire::press::{Pdf, Sets};
use quire::scribe::{Done, Failed, Job, Works, perform};

pub use quire_loadtest::typist::{Typist, reads};

/// Does the work of the scribe and of the press without a process: the clock of a story stands still while a process
/// works. A PDF is what the press was given, so that a story can look into it.
pub struct InProcess;

impl Works for InProcess {
    fn ask(&self, job: Job) -> BoxFuture<'_, Result<Done, Failed>> {
        async move { perform(job) }.boxed()
    }
}

impl Sets for InProcess {
    fn is_there(&self) -> bool {
        true
    }

    fn set(&self, job: Vec<u8>) -> BoxFuture<'_, Result<Pdf, quire::press::Failed>> {
        let file = [b"%PDF-", &job[..]].concat().into();
        async move { Ok(Pdf { file, warnings: Vec::new() }) }.boxed()
    }
}
