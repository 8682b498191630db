//! What this process may use.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Bounds, where there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Address space, bytes.
    pub(crate) memory_bytes: Option<u64>,
    /// Processor time, seconds.
    pub(crate) processor_seconds: Option<u64>,
}

/// Sets them for good, before anything from outside is read.
pub(crate) fn set(limits: Limits) -> io::Result<()> {
    let wanted = [(Resource::As, limits.memory_bytes), (Resource::Cpu, limits.processor_seconds)];
    for (resource, wanted) in wanted {
        wanted.map_or(Ok(()), |wanted| lower(resource, wanted))?;
    }
    // What is in memory is somebody's text, and nobody looks for it on a disk.
    lower(Resource::Core, 0)
}

/// Limits a resource; or less, if less is allowed already.
fn lower(resource: Resource, wanted: u64) -> io::Result<()> {
    let allowed = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Some(wanted.min(allowed));
    Ok(setrlimit(resource, Rlimit { current: limit, maximum: limit })?)
}
