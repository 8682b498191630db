//! The models that a tab has of its books: what its page would show.

use std::collections::BTreeMap;

use quire_protocol::frame::Opened;
use quire_protocol::{Action, BookId, EventFrame};

use crate::observation::View;
use crate::projection::Projection;

/// The models that a tab has of its books; none, if it is one of the many that only listen.
#[derive(Default)]
pub(super) struct Models {
    keeps: bool,
    books: BTreeMap<BookId, Projection>,
}

impl Models {
    pub(super) fn new(keeps: bool) -> Self {
        Self { keeps, books: BTreeMap::new() }
    }

    pub(super) fn opened(&mut self, book: &BookId, opened: &Opened) {
        if !self.keeps {
            return;
        }
        let known = self.books.remove(book);
        if let Some(model) = Projection::opened(known, opened) {
            self.books.insert(book.clone(), model);
        }
    }

    pub(super) fn heard(&mut self, frame: &EventFrame) {
        if let Some(model) = self.books.get_mut(&frame.book) {
            model.hear(frame);
        }
    }

    pub(super) fn access_changed(&mut self, book: &BookId, can: &[Action]) {
        if let Some(model) = self.books.get_mut(book) {
            model.access_changed(can);
        }
    }

    pub(super) fn closed(&mut self, book: &BookId) {
        self.books.remove(book);
    }

    /// What each model says.
    pub(super) fn views(&self) -> impl Iterator<Item = (&BookId, View)> {
        self.books.iter().map(|(book, model)| (book, model.view()))
    }
}
