//! People whom the library is shared with are asked by mail, and those who were removed meanwhile are not.

use quire_protocol::command::{LibraryJoin, LibraryOpen, LibraryShare, UserRemove, UsersList};
use quire_protocol::frame::Answer;
use quire_protocol::library::{Grant, Permission, Shared, SharedAs, UserRow};
use quire_protocol::view::MailState;
use quire_protocol::{Command, LibraryCommand};
use serde_json::json;

use super::mailing::{enters, mailing_with, opens};
use super::program::{Hub, Place};
use super::tab::Tab;
use crate::harness::{Said, moby};
use crate::smtp_server::{Line, SmtpServer};

const OWNED: [&str; 2] = ["--library-owner", "ann@example.com"];

async fn asks(tab: &mut Tab, command: impl Into<LibraryCommand>) -> Said {
    tab.asks(&moby(), Command::Library(command.into())).await
}

/// Ann, whose the library is.
async fn owner(hub: &Hub, server: &mut SmtpServer) -> Tab {
    hub.posts("/v1/signin", &json!({"email": "ann@example.com"}));
    let mut ann = enters(hub, server.letter().await.token(), "Ann").await;
    asks(&mut ann, LibraryOpen {}).await.accepted();
    ann
}

async fn shares(ann: &mut Tab, emails: &[&str]) -> Vec<Shared> {
    let emails = emails.iter().map(|email| (*email).to_owned()).collect();
    match asks(ann, LibraryShare { emails, grants: vec![Grant::all(Permission::List)] }).await.accepted() {
        Answer::Shared { shared } => shared,
        other => panic!("not shared: {other:?}"),
    }
}

/// A user as Ann sees them once their letter is out of the way.
async fn sees(ann: &mut Tab, email: &str) -> UserRow {
    let list = || UsersList { search: None, countries: vec![], roles: vec![], state: None, limit: None, cursor: None };
    loop {
        let Answer::Users { users, .. } = asks(ann, list()).await.accepted() else { panic!("no list") };
        let row = users.into_iter().find(|row| row.email == email).expect("they are a user");
        if row.mail.as_ref().is_none_or(|mail| mail.state != MailState::Waiting) {
            return row;
        }
        ann.notices_library().await;
    }
}

#[tokio::test]
async fn each_of_those_who_are_asked_gets_a_letter_whose_link_leads_there() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing_with(&place, &server, &OWNED).await;
    let mut ann = owner(&hub, &mut server).await;
    let shared = shares(&mut ann, &["ben@example.com", "gone@example.com", "nobody"]).await;
    assert_eq!(
        shared.iter().map(|one| one.done).collect::<Vec<_>>(),
        [Some(SharedAs::Asked), Some(SharedAs::Asked), None]
    );
    let letter = server.letter().await;
    assert_eq!(letter.envelope_to, ["ben@example.com"]);
    assert_eq!(letter.headers["subject"], "Ann asks you to join the library at books.example");
    assert!(letter.text.contains("lapses in 7 days") && letter.html.contains("Ann asks you"), "{}", letter.text);
    assert_eq!(sees(&mut ann, "ben@example.com").await.mail.unwrap().state, MailState::Sent);
    let failed = sees(&mut ann, "gone@example.com").await.mail.unwrap();
    assert!(failed.state == MailState::Failed && failed.reason.unwrap().contains("no such mailbox"));
    let mut ben = enters(&hub, letter.token(), "Ben").await;
    asks(&mut ben, LibraryJoin {}).await.accepted();
    assert_eq!(sees(&mut ann, "ben@example.com").await.mail, None, "he joined");
    assert_eq!(opens(&hub, letter.token(), "Ben").0, 401);
}

#[tokio::test]
async fn a_letter_outlives_the_hub_that_owes_it_and_a_link_ends_with_what_it_is_about() {
    let place = Place::new();
    let mut nowhere = SmtpServer::start(Line::Plain, None).await;
    let hub = mailing_with(&place, &nowhere, &OWNED).await;
    let mut ann = owner(&hub, &mut nowhere).await;
    drop(nowhere);
    shares(&mut ann, &["ben@example.com", "eve@example.com"]).await;
    hub.is_counted("quire_letters_total{outcome=\"postponed\"} 2").await;
    asks(&mut ann, UserRemove { email: "eve@example.com".into() }).await.accepted();
    hub.dies().await;
    let mut server = SmtpServer::start(Line::Plain, None).await;
    let hub = mailing_with(&place, &server, &OWNED).await;
    let letter = server.letter().await;
    assert_eq!(letter.envelope_to, ["ben@example.com"], "who was removed is asked nothing");
    let mut ann = owner(&hub, &mut server).await;
    asks(&mut ann, UserRemove { email: "ben@example.com".into() }).await.accepted();
    let (status, refused) = opens(&hub, letter.token(), "Ben");
    assert_eq!(status, 401);
    assert_eq!(refused["detail"], "This invitation is over: it was answered, taken back, or has lapsed.");
}

#[tokio::test]
async fn whoever_asks_too_many_people_waits_and_what_is_refused_counts_nothing() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let flags = [&OWNED[..], &["--limit", "invitations_per_hour=3"]].concat();
    let hub = mailing_with(&place, &server, &flags).await;
    let mut ann = owner(&hub, &mut server).await;
    for _ in 0..5 {
        assert!(shares(&mut ann, &["nobody", "nothing"]).await.iter().all(|one| one.done.is_none()));
    }
    shares(&mut ann, &["a@example.com", "b@example.com"]).await;
    let more = LibraryShare { emails: vec!["c@example.com".into(), "d@example.com".into()], grants: vec![] };
    asks(&mut ann, more).await.refused("rate_limited");
    shares(&mut ann, &["c@example.com"]).await;
    let list = UsersList { search: None, countries: vec![], roles: vec![], state: None, limit: None, cursor: None };
    let Answer::Users { total, .. } = asks(&mut ann, list).await.accepted() else { panic!() };
    assert_eq!(total, 3, "of those that were refused nobody was asked");
}
