//! What happened to a book, for its owner: complete, also of what was compacted, and for nobody else.

use futures::StreamExt as _;
use quire::audit::{Detail, Doer, Row, Wanted};
use quire::auth::Identity;
use quire::hub::audit::{Asked, Of, Rows};
use quire::store::{LogId, Read};
use quire_protocol::command::{BookDelete, CommentAdd};
use quire_protocol::event::ReleaseReason;
use quire_protocol::{Limits, Rejection, Role, Seq, Timers, Timestamp, UserId, What};

use crate::harness::wishes::*;
use crate::harness::{Person, Town, moby};

pub(super) fn identity(name: &str) -> Identity {
    Identity {
        user: UserId::new(name).unwrap(),
        email: None,
        name: name.to_owned(),
        expires_at: Timestamp(u64::MAX),
        country: None,
        role: None,
    }
}

impl Town {
    async fn begins_audit(&self, name: &str, asked: Asked) -> Result<Rows, Rejection> {
        self.hub.audit(&identity(name), Of::Book(moby()), asked).await.map(|told| told.rows)
    }

    pub(super) async fn audits(&self, name: &str, asked: Asked) -> Result<Vec<Row>, Rejection> {
        let pages: Vec<_> = self.begins_audit(name, asked).await?.collect().await;
        pages.into_iter().collect::<Result<Vec<_>, _>>().map(|pages| pages.concat())
    }
}

impl Town {
    async fn reads_activity(&self, name: &str) -> Result<Vec<Row>, Rejection> {
        let told = self.hub.audit(&identity(name), Of::Feed(moby()), newest(50, None)).await?;
        let pages: Vec<_> = told.rows.collect().await;
        pages.into_iter().collect::<Result<Vec<_>, _>>().map(|pages| pages.concat())
    }
}

/// Everybody who may look into the book reads what happened in it, and each what they may hear.
#[tokio::test(start_paused = true)]
async fn what_happened_is_told_to_everybody_in_the_book_as_far_as_they_may_hear_it() {
    let town = Town::new();
    let (mut ann, [mut ben, _rex]) = town.team([("ben", Role::Editor), ("rex", Role::Reader)]).await;
    ben.does(rename_chapter(1, "Loomings")).await.accepted();
    ben.does(remark(1, "whale")).await.accepted();
    ann.does(invite("ivy", Role::Viewer)).await.accepted();
    ann.does(remove_chapter(3)).await.accepted();
    let of = async |name: &str| {
        let rows = town.reads_activity(name).await.unwrap();
        let mut told = kinds(&rows);
        told.truncate(4);
        told
    };
    assert_eq!(of("ann").await, ["chapter.removed", "member.invited", "comment.added", "chapter.renamed"]);
    assert_eq!(of("ben").await, ["chapter.removed", "comment.added", "chapter.renamed", "member.joined"]);
    assert_eq!(of("rex").await, ["chapter.removed", "chapter.renamed", "member.joined", "member.joined"]);
    let rows = town.reads_activity("rex").await.unwrap();
    assert_eq!(rows[1].chapter.as_ref().unwrap().title.as_deref(), Some("Loomings"));
    assert!(matches!(&rows[1].who, Some(Doer::Person(named)) if named.name.as_deref() == Some("Ben")));
    assert_eq!(town.reads_activity("sam").await, Err(Rejection::NotFound { what: What::Book }));
    ann.does(remove_member("rex")).await.accepted();
    assert_eq!(town.reads_activity("rex").await, Err(Rejection::NotFound { what: What::Book }));
}

fn kinds(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().map(|row| row.what).collect()
}

fn newest(limit: usize, before: Option<Seq>) -> Asked {
    Asked { wanted: Wanted { before, ..Wanted::default() }, limit: Some(limit), newest_first: true }
}

/// A town in which nobody is told to be slower.
fn hasty_town() -> Town {
    let limits = Limits { commands_per_second: 1_000_000, command_burst: 1_000_000, ..Limits::default() };
    Town::with(limits, Timers::default())
}

/// So many events that are in no audit log.
async fn renames(person: &mut Person, times: usize) {
    for time in 0..times {
        person.does(rename_chapter(1, &format!("Title {time}"))).await.accepted();
        person.forgets_what_was_said();
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_looks_up_who_did_what_and_why() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, [mut ben]) = north.team([("ben", Role::Editor)]).await;
    ben.does(acquire(2)).await.granted();
    ann.does(force_release(2, "It goes to print")).await.accepted();
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    ann.does(remove_chapter(3)).await.accepted();
    for town in [&north, &south] {
        let rows = town.audits("ann", Asked::default()).await.unwrap();
        let told = kinds(&rows);
        let expected = ["book.created", "member.invited", "member.joined", "lock.released"];
        assert_eq!(told, [&expected[..], &["member.role_changed", "chapter.removed"]].concat());
        let taken = &rows[3];
        assert_eq!((taken.reason, taken.note.as_deref()), (Some(ReleaseReason::Forced), Some("It goes to print")));
        assert_eq!(taken.member.as_ref().unwrap().name.as_deref(), Some("Ben"));
        assert_eq!(taken.chapter.as_ref().unwrap().title.as_deref(), Some("Chapter 2"));
        assert!(matches!(&taken.who, Some(Doer::Person(named)) if named.id.as_str() == "ann"));
        let role = rows[4].role.unwrap();
        assert_eq!((role.from, role.to), (Some(Role::Editor), Some(Role::Viewer)));
        assert_eq!(rows[4].at, town.clock.now(), "the same moment");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_owner_looks_it_up() {
    let town = Town::new();
    let people = [("aut", Role::Author), ("edi", Role::Editor), ("vic", Role::Viewer), ("rae", Role::Reader)];
    let (mut ann, _people) = town.team(people).await;
    let no_such_book = Err(Rejection::NotFound { what: What::Book });
    ann.does(invite("ivy", Role::Author)).await.accepted();
    for (name, expected) in [
        ("ann", Ok(())),
        ("aut", Err(Rejection::Forbidden)),
        ("edi", Err(Rejection::Forbidden)),
        ("vic", Err(Rejection::Forbidden)),
        ("rae", Err(Rejection::Forbidden)),
        ("ivy", no_such_book.clone()),
        ("eve", no_such_book.clone()),
    ] {
        assert_eq!(town.audits(name, Asked::default()).await.map(|_| ()), expected, "{name}");
    }
    ann.does(remove_member("edi")).await.accepted();
    assert_eq!(town.audits("edi", Asked::default()).await.map(|_| ()), no_such_book);
    assert_eq!(town.audits("ann", Asked::default()).await.unwrap().last().unwrap().what, "member.removed");
}

#[tokio::test(start_paused = true)]
async fn what_was_compacted_is_told_and_read_in_pages() {
    let town = hasty_town();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    renames(&mut ann, 2_600).await;
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    town.settles().await;
    let read = town.store.read(LogId::Book(moby()), None).await.unwrap();
    assert!(matches!(read, Read::Snapshot { snapshot: Some(_), .. }), "the log was compacted");
    drop(ann);
    let town = town.restarted();
    let rows = town.audits("ann", Asked::default()).await.unwrap();
    assert_eq!(kinds(&rows), ["book.created", "member.invited", "member.joined", "member.role_changed"]);
    assert_eq!(rows[0].detail, Some(Detail::Title("Moby-Dick".into())));
    assert_eq!(rows[3].member.as_ref().unwrap().name.as_deref(), Some("Ben"), "told 2,600 events ago");
}

#[tokio::test(start_paused = true)]
async fn whoever_loses_the_book_while_they_read_is_told_no_more() {
    let town = hasty_town();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    for _ in 0..300 {
        for role in [Role::Viewer, Role::Editor] {
            ann.does(set_role("ben", role)).await.accepted();
        }
        ann.forgets_what_was_said();
    }
    let mut rows = town.begins_audit("ann", Asked::default()).await.unwrap();
    let first = rows.next().await.unwrap().unwrap();
    assert!(first.len() < 600, "there is more");
    ann.does(BookDelete { forever: false }).await.accepted();
    assert_eq!(rows.next().await, Some(Err(Rejection::NotFound { what: What::Book })));
    assert_eq!(rows.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_heavier_than_a_page_stops_nothing() {
    let limits = Limits { message_bytes: 1 << 20, comment_chars: 600_000, ..Limits::default() };
    let town = Town::with(limits, Timers::default());
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    ann.does(CommentAdd { body: "w".repeat(600_000), ..remark(1, "t1") }).await.accepted();
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    let told = kinds(&town.audits("ann", Asked::default()).await.unwrap());
    assert_eq!(told, ["book.created", "member.invited", "member.joined", "member.role_changed"]);
}

#[tokio::test(start_paused = true)]
async fn the_newest_rows_come_first_and_older_ones_when_asked_for() {
    let town = hasty_town();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    for role in [Role::Viewer, Role::Author, Role::Reader] {
        renames(&mut ann, 300).await;
        ann.does(set_role("ben", role)).await.accepted();
    }
    let all = town.audits("ann", Asked::default()).await.unwrap();
    let first = town.audits("ann", newest(4, None)).await.unwrap();
    let rest = town.audits("ann", newest(4, Some(first[3].seq))).await.unwrap();
    let together: Vec<Row> = rest.iter().rev().chain(first.iter().rev()).cloned().collect();
    assert_eq!((first.len(), rest.len(), together), (4, 2, all.clone()));
    let some = Asked { limit: Some(2), ..Asked::default() };
    assert_eq!(town.audits("ann", some).await.unwrap(), all[..2]);
    let after = Wanted { after: Some(all[1].seq), ..Wanted::default() };
    assert_eq!(town.audits("ann", Asked { wanted: after, ..Asked::default() }).await.unwrap(), all[2..]);
}

#[tokio::test(start_paused = true)]
async fn a_list_ends_where_the_log_ended_when_it_was_asked_for() {
    let town = Town::new();
    let (mut ann, [_ben]) = town.team([("ben", Role::Editor)]).await;
    let rows = town.begins_audit("ann", Asked::default()).await.unwrap();
    ann.does(set_role("ben", Role::Viewer)).await.accepted();
    let told: Vec<Row> = rows.map(Result::unwrap).collect::<Vec<_>>().await.concat();
    assert_eq!(kinds(&told), ["book.created", "member.invited", "member.joined"]);
}

#[tokio::test(start_paused = true)]
async fn one_person_reads_two_logs_at_a_time() {
    let town = Town::new();
    let (_ann, []) = town.team([]).await;
    let first = town.begins_audit("ann", Asked::default()).await.unwrap();
    let second = town.begins_audit("ann", newest(1, None)).await.unwrap();
    let refused = town.begins_audit("ann", Asked::default()).await.map(|_| ());
    assert!(matches!(refused, Err(Rejection::Unavailable { .. })), "{refused:?}");
    drop(first);
    assert!(town.begins_audit("ann", Asked::default()).await.is_ok());
    drop(second);
}
