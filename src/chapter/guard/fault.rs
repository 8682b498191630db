//! Why an update is refused.

use std::error::Error;
use std::fmt;

use super::ClientId;

/// Why an update is refused. Nothing of it may be stored or passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// These bytes are no v1 update as Yjs writes it.
    Malformed(&'static str),
    /// More than the limits allow.
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
        /// How much is allowed.
        max: usize,
    },
    /// Another client id than the leased one writes.
    NotYourClient {
        /// The id in the update.
        client: ClientId,
    },
    /// Units between the known ones and these are missing.
    Gap {
        /// Units of the client that are known.
        known: u32,
        /// Clock of the first unit in the update.
        from: u32,
    },
    /// Some of the units are known, some not.
    Overlap {
        /// Units of the client that are known.
        known: u32,
        /// Clock of the first unit in the update.
        from: u32,
        /// One more than the clock of the last.
        to: u32,
    },
    /// Refers to units that nobody wrote.
    Unknown(&'static str),
    /// Well-formed, but not what the profile allows.
    Forbidden(&'static str),
    /// Neither writes nor deletes.
    Empty,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::TooLarge { what, max } => write!(f, "too large: more than {max} {what}"),
            Self::NotYourClient { client } => write!(f, "client id {client} is not the leased one"),
            Self::Gap { known, from } => write!(f, "begins at clock {from}, but only {known} units are known"),
            Self::Overlap { known, from, to } => {
                write!(f, "clocks {from}..{to} are partly known: {known} units are")
            }
            Self::Unknown(what) => write!(f, "refers to what nobody wrote: {what}"),
            Self::Forbidden(what) => write!(f, "not allowed here: {what}"),
            Self::Empty => f.write_str("neither writes nor deletes"),
        }
    }
}

impl Error for Fault {}

/// Refuses more than `max`.
pub(super) fn at_most(what: &'static str, count: usize, max: usize) -> Result<(), Fault> {
    if count > max { Err(Fault::TooLarge { what, max }) } else { Ok(()) }
}
