//! What somebody typed and could not store is kept as a draft, for them alone.

use quire_protocol::codec::Blob;
use quire_protocol::command::{
    ChapterUpdate, DraftDiscard, DraftRead, DraftSave, DraftsList, InvitationAccept, MemberInvite,
};
use quire_protocol::frame::{Answer, OpenedText};
use quire_protocol::view::DraftRow;
use quire_protocol::{Command, DraftCommand, DraftId, Limits, Rejection, Role, Seq, Timers, Token, What};

use crate::harness::typist::{Typist, reads};
use crate::harness::wishes::*;
use crate::harness::{Person, Town, chapter, invitation, moby};

/// A document of its own that says this.
fn document(text: &str) -> Blob {
    let nothing = OpenedText { epoch: None, rev: Seq(0), updates: Vec::new(), clocks: None, lineage: None };
    Typist::begins(Token(1), &nothing).types(text).1
}

fn draft(id: &str) -> DraftId {
    DraftId::new(id).unwrap()
}

fn save(id: &str, text: &str) -> DraftSave {
    DraftSave { draft: draft(id), chapter: chapter(1), excerpt: text.into(), update: document(text) }
}

impl Person {
    async fn keeps(&mut self, command: impl Into<DraftCommand>) -> crate::harness::Said {
        self.asks(&moby(), Command::Draft(command.into())).await
    }

    async fn lists_drafts(&mut self) -> Vec<DraftRow> {
        match self.keeps(DraftsList {}).await.accepted() {
            Answer::Drafts { drafts } => drafts,
            other => panic!("no list: {other:?}"),
        }
    }

    async fn excerpts(&mut self) -> Vec<String> {
        self.lists_drafts().await.into_iter().map(|row| row.excerpt).collect()
    }

    async fn reads_draft(&mut self, id: &str) -> String {
        match self.keeps(DraftRead { draft: draft(id) }).await.accepted() {
            Answer::Draft { update } => reads(&OpenedText {
                epoch: None,
                rev: Seq(0),
                updates: vec![update],
                clocks: None,
                lineage: None,
            }),
            other => panic!("no draft: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_writer_who_lost_the_chapter_keeps_the_last_words_and_nobody_elses_text_is_touched() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    let token = ben.does(acquire(1)).await.granted();
    let opened = ben.reads_text(1).await;
    let mut typist = Typist::begins(token, &opened);
    ben.types(&mut typist, (1, token), "Call me ").await;
    let taken = ann.does(take_over(1, "the printer waits")).await.granted();
    let mut hers = Typist::begins(taken, &ann.reads_text(1).await);
    ann.types(&mut hers, (1, taken), "Ahab.").await;
    // What he goes on typing is refused, and kept.
    let (n, update) = typist.types("Ishmael.");
    let late = ChapterUpdate { chapter: chapter(1), token, n, client: None, update };
    ben.writes(late).await.refused("not_holder");
    ben.keeps(save("d1", "Ishmael.")).await.accepted();
    assert_eq!(ben.excerpts().await, ["Ishmael."]);
    assert_eq!(ben.reads_draft("d1").await, "Ishmael.");
    assert_eq!(reads(&ben.reads_text(1).await), "Call me Ahab.");
    // It is there in his next tab, and after the hub has forgotten everything.
    town.settles().await;
    let mut again = town.arrives("ben").await;
    again.opens(&moby()).await.accepted();
    assert_eq!(again.reads_draft("d1").await, "Ishmael.");
    again.keeps(DraftDiscard { draft: draft("d1") }).await.accepted();
    again.keeps(DraftDiscard { draft: draft("d1") }).await.accepted();
    assert_eq!(ben.excerpts().await, Vec::<String>::new());
    let gone = ben.keeps(DraftRead { draft: draft("d1") }).await.refused("not_found");
    assert_eq!(gone, Rejection::NotFound { what: What::Draft });
}

#[tokio::test(start_paused = true)]
async fn drafts_are_nobody_elses_business() {
    let town = Town::new();
    let (mut ann, [mut ben, mut cat]) = town.team([("ben", Role::Editor), ("cat", Role::Reader)]).await;
    ben.keeps(save("d1", "secret")).await.accepted();
    for other in [&mut ann, &mut cat] {
        assert_eq!(other.lists_drafts().await, []);
        other.keeps(DraftRead { draft: draft("d1") }).await.refused("not_found");
        other.keeps(DraftDiscard { draft: draft("d1") }).await.accepted();
        assert_eq!(other.hears_all().await, Vec::<String>::new());
        // Their own may have the same name.
        other.keeps(save("d1", "mine")).await.accepted();
    }
    assert_eq!(ben.reads_draft("d1").await, "secret");
    // A stranger learns nothing of the book.
    let mut eve = town.arrives("eve").await;
    for command in [DraftCommand::from(save("d2", "x")), DraftsList {}.into(), DraftRead { draft: draft("d1") }.into()]
    {
        let refused = eve.keeps(command).await.refused("not_found");
        assert_eq!(refused, Rejection::NotFound { what: What::Book });
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_may_only_read_from_now_on_keeps_what_was_typed_before() {
    let town = Town::new();
    let (mut ann, [mut ben]) = town.team([("ben", Role::Editor)]).await;
    ben.does(acquire(1)).await.granted();
    ann.does(set_role("ben", Role::Reader)).await.accepted();
    ben.keeps(save("d1", "too late")).await.accepted();
    assert_eq!(ben.excerpts().await, ["too late"]);
    // Removed, he sees nothing; back again, it is there.
    ann.does(remove_member("ben")).await.accepted();
    ben.keeps(DraftsList {}).await.refused("not_found");
    let again = MemberInvite { invitation: invitation("again"), ..invite("ben", Role::Reader) };
    ann.does(again).await.accepted();
    ben.does(InvitationAccept { invitation: invitation("again") }).await.accepted();
    assert_eq!(ben.excerpts().await, ["too late"]);
}

#[tokio::test(start_paused = true)]
async fn a_draft_has_limits_and_a_chapter() {
    let limits = Limits { drafts_per_person: 2, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, []) = town.team([]).await;
    ann.keeps(save("d1", "one")).await.accepted();
    ann.keeps(save("d1", "one")).await.accepted();
    ann.keeps(save("d1", "another")).await.refused("id_taken");
    let mut nonsense = save("d2", "x");
    nonsense.update = Blob(b"nonsense".to_vec());
    ann.keeps(nonsense).await.refused("invalid");
    let elsewhere = DraftSave { chapter: chapter(99), ..save("d2", "x") };
    let refused = ann.keeps(elsewhere).await.refused("not_found");
    assert_eq!(refused, Rejection::NotFound { what: What::Chapter });
    // A chapter that was removed meanwhile will do.
    ann.does(remove_chapter(1)).await.accepted();
    ann.keeps(save("d2", "two")).await.accepted();
    ann.keeps(save("d3", "three")).await.refused("limit_reached");
    ann.keeps(DraftDiscard { draft: draft("d1") }).await.accepted();
    ann.keeps(save("d3", "three")).await.accepted();
    assert_eq!(ann.excerpts().await, ["two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn many_drafts_come_and_go_and_the_log_stays_short() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.keeps(save("stays", "stays")).await.accepted();
    for round in 0..80 {
        let id = format!("d{round}");
        ann.keeps(save(&id, &id)).await.accepted();
        ann.keeps(DraftDiscard { draft: draft(&id) }).await.accepted();
    }
    town.settles().await;
    assert_eq!(ann.excerpts().await, ["stays"]);
    assert_eq!(ann.reads_draft("stays").await, "stays");
}
