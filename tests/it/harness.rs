//! People, tabs and a hub, over in-memory pipes and a paused clock: 24 hours pass in milliseconds.

pub mod facts;
mod faults;
pub mod person;
pub mod postbox;
pub mod receiver;
mod town;
pub mod typist;
pub mod wishes;

pub use faults::LostAnswer;
pub use person::{Gone, Person, Said, TabEnd, message, next_frame};
pub use town::{Town, new_book};

use quire_protocol::{BookId, ChapterId, CommentId, InvitationId, ThreadId, UserId};

/// The book that most stories play in.
pub fn moby() -> BookId {
    BookId::new("moby-dick").unwrap()
}

/// A chapter by its number.
pub fn chapter(number: u32) -> ChapterId {
    ChapterId::new(&format!("c{number}")).unwrap()
}

/// A thread by its name.
pub fn thread(name: &str) -> ThreadId {
    ThreadId::new(name).unwrap()
}

/// A comment by its name.
pub fn comment(name: &str) -> CommentId {
    CommentId::new(name).unwrap()
}

/// An invitation by its name.
pub fn invitation(name: &str) -> InvitationId {
    InvitationId::new(name).unwrap()
}

/// Somebody's user id: their name.
pub fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}
