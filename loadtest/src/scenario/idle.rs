//! Tabs that say nothing; at the end one of each book shows that all of them still listen.

use quire_protocol::command::ChapterRename;

use crate::cast::chapter;
use crate::clock;
use crate::stamp;
use crate::tab::Tab;

use super::Stage;

pub(super) async fn lives(stage: Stage, tab: Tab) -> Tab {
    clock::sleep_until(stage.end).await;
    if tab.part().place == 0 {
        let (book, at) = (stage.desk.plan.book(tab.part().book), clock::now());
        tab.does(&book, ChapterRename { chapter: chapter(0), title: stamp::write(at) }, at).await;
    }
    tab
}
