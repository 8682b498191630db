//! The press as the hub starts it: a job in, a PDF or a sentence out.
#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up fails")]
#![expect(clippy::needless_pass_by_value, reason = "books are written where they are printed")]

mod books;
mod hostile;
mod pages;
mod press;
mod speed;
