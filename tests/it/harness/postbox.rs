//! The post of a town: it keeps every letter as it was handed over, and can be closed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use quire::mail::{Letter, Post, PostError};
use quire::signin::SignIn;

use super::Town;

/// A post of which hubs know one way in.
#[derive(Clone, Default)]
pub struct Postbox(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    letters: Vec<Letter>,
    refused: usize,
    closed: bool,
}

impl Postbox {
    /// From now on this town mails people what they are told.
    pub fn opens_in(&self, town: &Town) {
        let signin = SignIn::new(Arc::clone(&town.hub), Arc::new(self.clone()));
        signin.is_at("https://books.example");
        tokio::spawn(async move { signin.mail_notices().await });
    }

    /// Takes out everything that came, the oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        std::mem::take(&mut self.inside().letters)
    }

    /// Whom and of what, of everything that came.
    pub fn subjects(&self) -> Vec<(String, String)> {
        self.letters().into_iter().map(|letter| (letter.to, letter.subject)).collect()
    }

    /// No letter is taken, for now.
    pub fn closes(&self) {
        self.inside().closed = true;
    }

    /// Letters are taken again; answers how many were not.
    pub fn reopens(&self) -> usize {
        let mut inside = self.inside();
        inside.closed = false;
        inside.refused
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post for Postbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), PostError>> {
        let mut inside = self.inside();
        let taken = if inside.closed {
            inside.refused += 1;
            Err(PostError::Later("the post is closed".into()))
        } else {
            inside.letters.push(letter.clone());
            Ok(())
        };
        ready(taken).boxed()
    }
}
