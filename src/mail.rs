//! Mail to people: what a letter is, and how it leaves. It knows no book and no store.
//!
//! Whoever writes a letter gives plain sentences and one link; how they look as text and as HTML is decided in
//! [`Letter::of`] alone. Everything from elsewhere is made one clean line there, so nobody's name begins a header.

mod kept;
mod letter;
mod settings;
mod smtp;

use std::fmt;

use futures::future::BoxFuture;

pub use kept::{KEPT_MAX, Kept, KeptLetter};
pub(crate) use letter::escaped;
pub use letter::{Item, Letter, Words};
pub use settings::{Security, Sender, SmtpSettings};
pub use smtp::{Smtp, Unusable};

/// The way out. Object-safe, so that tests can stand in for it.
pub trait Post: Send + Sync + 'static {
    /// Hands a letter over. Yes means that somebody else is answerable for it now.
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), PostError>>;
}

/// Why a letter did not leave. The text is for operators and for whoever caused the letter; it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostError {
    /// It may leave later: the server is away, or asks to wait.
    Later(String),
    /// It never will: the server refuses this letter or its address.
    Never(String),
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(why) => write!(f, "not now: {why}"),
            Self::Never(why) => write!(f, "refused: {why}"),
        }
    }
}

impl std::error::Error for PostError {}

#[cfg(test)]
mod tests;
