//! Somebody in the library.

use quire_protocol::command::{BookShelve, CommandFrame, LibraryJoin, LibraryOpen, LibraryShare};
use quire_protocol::frame::Answer;
use quire_protocol::library::{Grant, LibraryView};
use quire_protocol::{Command, LibraryCommand};

use super::{Person, Said};
use crate::harness::Town;

impl Person {
    /// Sends a command of the library and waits for the answer.
    pub async fn asks_library(&mut self, command: impl Into<LibraryCommand>) -> Said {
        let reference = self.next_reference();
        let command = Command::Library(command.into());
        self.sends(&CommandFrame { reference, id: None, retry: false, book: None, command }).await;
        self.answer_to(reference).await
    }

    /// Opens the library and returns what the answer says.
    pub async fn sees_library(&mut self) -> LibraryView {
        match self.asks_library(LibraryOpen {}).await.accepted() {
            Answer::Library(view) => *view,
            other => panic!("no library: {other:?}"),
        }
    }

    /// Whoever owns the library gives somebody these permissions.
    pub async fn shares_library(&mut self, name: &str, grants: &[Grant]) {
        let share = LibraryShare { emails: vec![format!("{name}@example.com")], grants: grants.to_vec() };
        match self.asks_library(share).await.accepted() {
            Answer::Shared { shared } => assert!(shared[0].done.is_some(), "{shared:?}"),
            other => panic!("not shared: {other:?}"),
        }
    }

    /// The owner of the library and of Moby-Dick brings the book in.
    pub async fn shelves_moby(&mut self) {
        self.sees_library().await;
        self.does(BookShelve {}).await.accepted();
    }
}

impl Town {
    /// Ann, who owns the library, gives somebody these permissions; they come, and join.
    pub async fn user(&self, ann: &mut Person, name: &str, grants: &[Grant]) -> Person {
        ann.shares_library(name, grants).await;
        let mut person = self.arrives(name).await;
        person.asks_library(LibraryJoin {}).await.accepted();
        person
    }
}
