//! Looks whether the words that comments are about are still in a text, whenever a version of it is kept.
//!
//! Pages look for themselves as the text changes; what the hub finds is for those who do not have the chapter in view, and
//! stays. A look that fails is made up for by the next one.

use bytes::Bytes;
use quire_protocol::command::Anchor;
use quire_protocol::{Rejection, ThreadId, Token};
use tokio::sync::oneshot;

use super::history::{History, document};
use super::mail::{Mail, Wish};
use super::unavailable;
use crate::book::Act;
use crate::chapter::Whole;
use crate::scribe::{self, Found};

impl History {
    /// Tells everybody for which of the chapter's open threads that is otherwise in this text than it was.
    pub(super) async fn look_for_anchors(&self, whole: &Whole) {
        // One after another, so that what is told last was found last.
        let _turn = self.turn.lock().await;
        if let Err(rejection) = self.finds_anchors(whole).await {
            let (book, chapter) = (&self.book, &self.chapter);
            tracing::warn!(%book, %chapter, %rejection, "the places of comments were not looked for");
        }
    }

    async fn finds_anchors(&self, whole: &Whole) -> Result<(), Rejection> {
        let threads = self.anchors().await?;
        if threads.is_empty() {
            return Ok(());
        }
        let lineage = whole.text.lineage();
        let anchors = threads.iter().map(|(_, anchor)| wanted(anchor, lineage)).collect();
        let found = self.works(self.scribe.resolve(document(whole), anchors).await)?;
        let threads = threads.into_iter().map(|(thread, _)| thread);
        let found = threads.zip(found.iter().map(|found| *found != Found::Nowhere)).collect();
        let (answer, done) = oneshot::channel();
        let wish = Wish::found(Act::Anchored { chapter: self.chapter.clone(), found }, answer);
        self.hub.deliver(&self.book, Mail::Wish(Box::new(wish))).await;
        done.await.map_err(|_| unavailable())?
    }

    async fn anchors(&self) -> Result<Vec<(ThreadId, Anchor)>, Rejection> {
        let (answer, threads) = oneshot::channel();
        let mail = Mail::Anchors { chapter: self.chapter.clone(), answer };
        self.hub.deliver(&self.book, mail).await;
        threads.await.map_err(|_| unavailable())
    }
}

/// What to look for in a document of this lineage.
fn wanted(anchor: &Anchor, lineage: Option<Token>) -> scribe::Anchor {
    let relative = anchor.relative.as_ref().filter(|relative| Some(relative.lineage) == lineage);
    let bytes = |position: &quire_protocol::codec::Blob| Bytes::copy_from_slice(&position.0);
    let relative = relative.map(|relative| (bytes(&relative.start), bytes(&relative.end)));
    scribe::Anchor { relative, quote: anchor.quote.clone() }
}
