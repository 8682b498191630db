//! What the library tells those who manage it afterwards: its audit log, complete, and for nobody else.

use futures::StreamExt as _;
use quire::audit::{Doer, Row, Wanted};
use quire::auth::Identity;
use quire::hub::audit::{Asked, Of, Rows};
use quire::library::Hosted;
use quire_protocol::command::{
    BookUnshelve, LibraryJoin, LibraryOpen, MetadataPatch, MetadataSet, PublishPublish, UserRemove, UserUpdate,
};
use quire_protocol::library::{Grant, Permission, UserDetails, UserPatch};
use quire_protocol::publishing::PublishState;
use quire_protocol::{Rejection, Seq, What};

use super::audit::identity;
use crate::harness::Town;

/// Somebody whose address is known to be theirs.
pub(super) fn verified(name: &str) -> Identity {
    Identity { email: Some(format!("{name}@example.com")), ..identity(name) }
}

impl Town {
    async fn begins_library_audit(&self, name: &str, asked: Asked) -> Result<Rows, Rejection> {
        self.hub.audit(&verified(name), Of::Library, asked).await.map(|told| told.rows)
    }

    async fn audits_library(&self, name: &str, asked: Asked) -> Result<Vec<Row>, Rejection> {
        let pages: Vec<_> = self.begins_library_audit(name, asked).await?.collect().await;
        pages.into_iter().collect::<Result<Vec<_>, _>>().map(|pages| pages.concat())
    }
}

fn kinds(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().map(|row| row.what).collect()
}

fn who(row: &Row) -> String {
    match &row.who {
        Some(Doer::Person(named)) => named.name.clone().unwrap_or_default(),
        Some(Doer::Hub { system }) => format!("{system:?}"),
        None => "hub".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_manages_the_library_looks_up_who_did_what_and_why() {
    let north = Town::shared().await;
    let south = north.beside();
    let (mut ann, []) = north.team([]).await;
    ann.shelves_moby().await;
    let _ben = north.user(&mut ann, "ben", &[Grant::all(Permission::Settings)]).await;
    let details = UserDetails { name: Some("Zoe".into()), ..UserDetails::default() };
    let put = Hosted::Put { email: "zoe@example.com".into(), details, active: true, user: None };
    north.hub.host_library(&put).await.unwrap();
    let title = MetadataSet { title: Some("The Whale".into()), metadata: MetadataPatch::default(), base_seq: None };
    ann.does(title).await.accepted();
    ann.does(PublishPublish { point: None, note: Some("It is ready".into()) }).await.accepted();
    ann.asks_library(UserRemove { email: "zoe@example.com".into() }).await.accepted();
    ann.does(BookUnshelve {}).await.refused("conflict");
    for town in [&north, &south] {
        let rows = town.audits_library("ben", Asked::default()).await.unwrap();
        let told: Vec<(String, &str)> = rows.iter().map(|row| (who(row), row.what)).collect();
        let expected = [
            ("ann", "library.claimed"),
            ("ann", "book.shelved"),
            ("ann", "user.added"),
            ("ann", "user.granted"),
            ("ben", "user.joined"),
            ("Host", "user.added"),
            ("ann", "book.changed"),
            ("ann", "book.state_changed"),
            ("ann", "user.removed"),
        ];
        let lower = |(who, what): (String, &'static str)| (who.to_lowercase(), what);
        let told: Vec<_> = told.into_iter().map(lower).collect();
        assert_eq!(told, expected.map(|(who, what)| (who.to_lowercase(), what)));
        let published = &rows[7];
        let change = published.state.unwrap();
        assert_eq!((change.from.unwrap().state, change.to.state), (PublishState::Draft, PublishState::Published));
        assert_eq!(published.note.as_deref(), Some("It is ready"));
        assert_eq!(published.book.as_ref().unwrap().title.as_deref(), Some("The Whale"));
        assert_eq!(published.at, town.clock.now(), "the same moment");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_looks_it_up_who_does_not_manage_settings() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    let no_such_library = Err(Rejection::NotFound { what: What::Library });
    for permission in Permission::ALL.into_iter().filter(|permission| *permission != Permission::Settings) {
        let _joined = town.user(&mut ann, "ben", &[Grant::all(permission)]).await;
        let told = town.audits_library("ben", Asked::default()).await.map(|_| ());
        assert_eq!(told, Err(Rejection::Forbidden), "{permission:?}");
    }
    ann.shares_library("kim", &[Grant::all(Permission::Settings)]).await;
    assert_eq!(town.audits_library("kim", Asked::default()).await.map(|_| ()), no_such_library, "asked, not joined");
    assert_eq!(town.audits_library("eve", Asked::default()).await.map(|_| ()), no_such_library, "a stranger");
    let mut kim = town.arrives("kim").await;
    kim.asks_library(LibraryJoin {}).await.accepted();
    assert!(town.audits_library("kim", Asked::default()).await.is_ok());
    let rests = UserUpdate { email: "kim@example.com".into(), patch: UserPatch::default(), active: Some(false) };
    ann.asks_library(rests).await.accepted();
    assert_eq!(town.audits_library("kim", Asked::default()).await.map(|_| ()), Err(Rejection::Forbidden), "rests");
    ann.asks_library(UserRemove { email: "kim@example.com".into() }).await.accepted();
    assert_eq!(town.audits_library("kim", Asked::default()).await.map(|_| ()), no_such_library, "removed");
}

#[tokio::test(start_paused = true)]
async fn the_newest_rows_come_first_page_by_page_and_end_with_the_right() {
    let town = Town::new();
    let (mut ann, []) = town.team([]).await;
    ann.sees_library().await;
    let mut ben = town.user(&mut ann, "ben", &[Grant::all(Permission::Settings)]).await;
    ben.asks_library(LibraryOpen {}).await.accepted();
    for time in 0..700 {
        let details = UserDetails { name: Some(format!("Zoe {time}")), ..UserDetails::default() };
        let put = Hosted::Put { email: "zoe@example.com".into(), details, active: true, user: None };
        town.hub.host_library(&put).await.unwrap();
    }
    let newest = |before| {
        let wanted = Wanted { before, kind: Some("user".into()), ..Wanted::default() };
        Asked { wanted, limit: Some(3), newest_first: true }
    };
    let first = town.audits_library("ben", newest(None)).await.unwrap();
    let rest = town.audits_library("ben", newest(Some(first[2].seq))).await.unwrap();
    assert_eq!(kinds(&first), ["user.updated"; 3]);
    let numbers: Vec<Seq> = first.iter().chain(&rest).map(|row| row.seq).collect();
    assert!(numbers.is_sorted_by(|left, right| left.0 == right.0 + 1), "{numbers:?}");

    let mut rows = town.begins_library_audit("ben", Asked::default()).await.unwrap();
    assert!(rows.next().await.unwrap().unwrap().len() < 700, "there is more");
    ann.asks_library(UserRemove { email: "ben@example.com".into() }).await.accepted();
    assert_eq!(rows.next().await, Some(Err(Rejection::NotFound { what: What::Library })));
    assert_eq!(rows.next().await, None);
}
