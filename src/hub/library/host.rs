//! What host applications ask of the library and of books: decided, appended and heeded as everybody's wishes are.

use std::collections::BTreeMap;
use std::sync::Arc;

use quire_protocol::command::{LibraryBooks, UsersList};
use quire_protocol::frame::Answer;
use quire_protocol::library::UserRow;
use quire_protocol::{Action, BookId, Rejection, UserId};
use tokio::sync::oneshot;

use crate::book::{Act, Described, Hosted as BookWish};
use crate::hub::mail::{HostQuestion, Mail, Wish};
use crate::hub::{Hub, unavailable};
use crate::library::{Doer, HostContext, Hosted, Library};

/// A question of a host application: may this user do this in this book?
#[derive(Clone, Debug)]
pub struct Question {
    /// Who.
    pub user: UserId,
    /// What.
    pub action: Action,
    /// Where.
    pub book: BookId,
}

impl Hub {
    /// Does what a host application wishes of the library. Whoever loses something by it has lost it when this returns.
    pub async fn host_library(self: &Arc<Self>, wish: &Hosted) -> Result<(), Rejection> {
        let decide = |library: &Library| library.decide_hosted(&self.host_context(), wish).map(|events| (events, ()));
        let ((), steps) = self.change_library(&Doer::Host.into(), decide).await?;
        self.heed(steps).await;
        Ok(())
    }

    /// Does what a host application wishes of a book. Whoever loses something by it has lost it when this returns.
    pub async fn host_book(self: &Arc<Self>, book: &BookId, wish: BookWish) -> Result<(), Rejection> {
        let (answer, done) = oneshot::channel();
        let wish = Box::new(Wish::found(Act::Hosted(wish), answer));
        self.send(book, Mail::Wish(wish)).map_err(|_| unavailable())?;
        done.await.map_err(|_| unavailable())?
    }

    /// A user of the library.
    pub async fn host_user(self: &Arc<Self>, email: &str) -> Result<UserRow, Rejection> {
        let now = self.clock.now();
        self.fresh_library().await?.user_for_host(now, email)
    }

    /// The library's users, page by page.
    pub async fn host_users(self: &Arc<Self>, query: &UsersList) -> Result<Answer, Rejection> {
        self.fresh_library().await?.users_for_host(&self.host_context(), query)
    }

    /// The library's books, page by page.
    pub async fn host_books(self: &Arc<Self>, query: &LibraryBooks) -> Result<Answer, Rejection> {
        Ok(self.fresh_library().await?.books_for_host(&self.host_context(), query))
    }

    /// What a book is.
    pub async fn host_described(self: &Arc<Self>, book: &BookId) -> Result<Described, Rejection> {
        let (answer, described) = oneshot::channel();
        let mail = Mail::Hosted(HostQuestion::Book(answer));
        self.send(book, mail).map_err(|_| unavailable())?;
        described.await.map_err(|_| unavailable())?.map(|described| *described)
    }

    /// The name and the address of somebody who joined the library.
    pub async fn host_known(self: &Arc<Self>, user: &UserId) -> Result<Option<(String, Option<String>)>, Rejection> {
        Ok(self.fresh_library().await?.known(user))
    }

    /// For each question yes or no; an error for those about a book that does not exist, or that cannot be asked now.
    pub async fn host_can(self: &Arc<Self>, questions: &[Question]) -> Vec<Result<bool, Rejection>> {
        let mut by_book: BTreeMap<&BookId, Vec<usize>> = BTreeMap::new();
        for (index, question) in questions.iter().enumerate() {
            by_book.entry(&question.book).or_default().push(index);
        }
        let mut answers: Vec<Result<bool, Rejection>> = questions.iter().map(|_| Err(unavailable())).collect();
        let asked = by_book.into_iter().map(|(book, indexes)| async move {
            let these = indexes.iter().map(|index| (questions[*index].user.clone(), questions[*index].action));
            (self.ask_rights(book, these.collect()).await, indexes)
        });
        for (said, indexes) in futures::future::join_all(asked).await {
            for (place, index) in indexes.into_iter().enumerate() {
                answers[index] = said.as_ref().map(|allowed| allowed[place]).map_err(Clone::clone);
            }
        }
        answers
    }

    async fn ask_rights(
        self: &Arc<Self>,
        book: &BookId,
        questions: Vec<(UserId, Action)>,
    ) -> Result<Vec<bool>, Rejection> {
        let library = self.fresh_library().await?;
        let rests: Vec<bool> = questions.iter().map(|(user, _)| library.is_disabled(user)).collect();
        let (answer, allowed) = oneshot::channel();
        let mail = Mail::Hosted(HostQuestion::Can(questions, answer));
        self.send(book, mail).map_err(|_| unavailable())?;
        let allowed = allowed.await.map_err(|_| unavailable())??;
        // Whoever is not let in may do nothing, whatever their role.
        Ok(allowed.into_iter().zip(rests).map(|(allowed, rests)| allowed && !rests).collect())
    }

    /// The library as of a second ago at most.
    pub(in crate::hub) async fn fresh_library(self: &Arc<Self>) -> Result<Library, Rejection> {
        self.granted(true).await?;
        Ok(self.library.library())
    }

    fn host_context(&self) -> HostContext<'_> {
        HostContext { now: self.clock.now(), limits: &self.limits, timers: &self.timers }
    }
}
