//! A tab with the text of a chapter.

use quire_protocol::command::{ChapterClose, ChapterOpen, ChapterUpdate, Have};
use quire_protocol::frame::{Answer, OpenedText, Text};
use quire_protocol::{Command, Seq, ServerFrame, Token};

use super::{Person, Said};
use crate::harness::typist::Typist;
use crate::harness::wishes::{acquire, release};
use crate::harness::{chapter, moby};

impl Person {
    /// Opens the text of a chapter of Moby-Dick.
    pub async fn opens_text(&mut self, number: u32) -> Said {
        self.asks(&moby(), Command::Text(ChapterOpen { chapter: chapter(number), have: None, clocks: false }.into()))
            .await
    }

    /// Opens the text of a chapter and returns it.
    pub async fn reads_text(&mut self, number: u32) -> OpenedText {
        match self.opens_text(number).await.accepted() {
            Answer::Text(opened) => *opened,
            other => panic!("no text: {other:?}"),
        }
    }

    /// Opens the text of a chapter of which something is there already.
    pub async fn reads_text_since(&mut self, number: u32, have: Have) -> OpenedText {
        let open = ChapterOpen { chapter: chapter(number), have: Some(have), clocks: false };
        match self.asks(&moby(), Command::Text(open.into())).await.accepted() {
            Answer::Text(opened) => *opened,
            other => panic!("no text: {other:?}"),
        }
    }

    /// Closes the text of a chapter.
    pub async fn closes_text(&mut self, number: u32) {
        self.asks(&moby(), Command::Text(ChapterClose { chapter: chapter(number) }.into())).await.accepted();
    }

    /// Types into a chapter and waits until that is stored.
    pub async fn types(&mut self, typist: &mut Typist, (number, token): (u32, Token), typed: &str) -> Seq {
        let (n, update) = typist.types(typed);
        let update = ChapterUpdate { chapter: chapter(number), token, n, client: None, update };
        self.writes(update).await.revised()
    }

    /// Sends an update as it is.
    pub async fn writes(&mut self, update: ChapterUpdate) -> Said {
        self.asks(&moby(), Command::Text(update.into())).await
    }

    /// Holds a chapter, writes these words at its end, and gives it back.
    pub async fn writes_in(&mut self, number: u32, words: &str) {
        let token = self.does(acquire(number)).await.granted();
        let mut typist = Typist::begins(token, &self.reads_text(number).await);
        self.types(&mut typist, (number, token), words).await;
        self.does(release(number, token)).await.accepted();
        self.closes_text(number).await;
    }

    /// Waits for the next change of a text.
    pub async fn sees_text(&mut self) -> Text {
        self.waits_for("a text", |frame| match frame {
            ServerFrame::Text(text) => Some(text.clone()),
            _ => None,
        })
        .await
    }
}

impl Said {
    /// It was a yes to an update.
    #[track_caller]
    pub fn revised(self) -> Seq {
        match self.accepted() {
            Answer::Revised { rev } => rev,
            other => panic!("not written: {other:?}"),
        }
    }
}
