//! Every log line and every metric.
//!
//! Text from people is a field of a log line, never part of its message, and is [`cut`]. Metrics are never labelled by
//! book, user or anything else that a client chooses: every label value is a constant of this program.

use std::fmt::{self, Write as _};
use std::io;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;

pub mod metric;

/// Longest text from outside in a log field, in characters.
const FIELD_CHARS_MAX: usize = 200;

/// Starts logging to standard error, once in a process. A panic is logged by its place alone: its message may contain
/// what somebody wrote.
pub fn start_logs(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let subscriber = subscriber(filter.parse()?, format, io::stderr);
    // A subscriber that is there already belongs to a test that wants to see the lines itself.
    drop(subscriber.try_init());
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let thread = std::thread::current().name().map(ToOwned::to_owned);
        tracing::error!(place, thread, "panicked");
    }));
    Ok(())
}

fn subscriber<W>(filter: EnvFilter, format: LogFormat, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false);
    match format {
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish()),
        LogFormat::Text => Box::new(lines.finish()),
    }
}

/// Text from outside for a log field: at most 200 characters of it, and none that a terminal obeys (the text format
/// writes fields as they are).
pub fn cut(text: &str) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        for (index, char) in text.chars().enumerate() {
            match char {
                _ if index == FIELD_CHARS_MAX => return f.write_str("…"),
                char if char.is_control() => write!(f, "{}", char.escape_unicode())?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
