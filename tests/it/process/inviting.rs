//! Invitations reach people by mail: once for each that was committed, and not lost with the hub.

use quire_protocol::command::{
    BookCreate, InvitationAccept, InvitationResend, InvitationRevoke, MemberInvite, MetadataPatch,
};
use quire_protocol::event::Event;
use quire_protocol::view::{InvitationMail, MailState};
use quire_protocol::{InvitationId, Role};
use serde_json::{Value, json};

use super::mailing::{enters, mailing, opens};
use super::program::{Hub, Place};
use super::tab::Tab;
use crate::smtp_server::{Arrived, Line, SmtpServer};

fn invitation(id: &str) -> InvitationId {
    InvitationId::new(id).unwrap()
}

fn invite(id: &str, email: &str) -> MemberInvite {
    MemberInvite { invitation: invitation(id), email: email.into(), role: Role::Editor }
}

/// Somebody who signed in by mail.
async fn arrives(hub: &Hub, server: &mut SmtpServer, name: &str) -> Tab {
    hub.posts("/v1/signin", &json!({"email": format!("{name}@example.com")}));
    enters(hub, server.letter().await.token(), name).await
}

/// Ann, who has Moby-Dick open, which is hers.
async fn with_moby(hub: &Hub, server: &mut SmtpServer) -> Tab {
    let mut ann = arrives(hub, server, "Ann").await;
    let create = BookCreate { title: "Moby-\u{202e}Dick & Sons".into(), metadata: MetadataPatch::default() };
    ann.does(create).await.accepted();
    ann.opens().await;
    ann
}

/// What the owner hears of a letter.
async fn hears_of(ann: &mut Tab, id: &str) -> Option<String> {
    let id = invitation(id);
    ann.hears(|event| match event {
        Event::InvitationMailed(event) if event.invitation == id => Some(event.reason.clone()),
        _ => None,
    })
    .await
}

/// What the owner who opens the book sees of a letter.
async fn sees_mail(ann: &mut Tab, id: &str) -> InvitationMail {
    let snapshot = ann.opens().await.snapshot.expect("no position was named");
    let mut invitations = snapshot.invitations.expect("she is the owner").into_iter();
    invitations.find(|row| row.id == invitation(id)).and_then(|row| row.mail).expect("it is pending, and mailed")
}

fn message((status, body): &(u16, Value)) -> (u16, String) {
    (*status, body["detail"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_invitation_is_mailed_and_its_link_leads_to_it() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    let mut ann = with_moby(&hub, &mut server).await;
    ann.does(invite("i1", "ben@example.com")).await.accepted();
    let letter = server.letter().await;
    assert_eq!(letter.envelope_to, ["ben@example.com"]);
    assert_eq!(letter.headers["subject"], "Ann invites you to \u{201c}Moby-Dick & Sons\u{201d}");
    assert!(letter.text.contains("as an editor") && letter.text.contains("lapses in 7 days"), "{}", letter.text);
    assert!(letter.html.contains("Moby-Dick &amp; Sons"), "{}", letter.html);
    assert_eq!(hears_of(&mut ann, "i1").await, None, "it was sent");
    let mail = sees_mail(&mut ann, "i1").await;
    assert_eq!((mail.state, mail.reason), (MailState::Sent, None));
    let mut ben = enters(&hub, letter.token(), "Ben").await;
    ben.does(InvitationAccept { invitation: invitation("i1") }).await.accepted();
    assert_eq!(ben.books().await.len(), 1);
    assert_eq!(message(&opens(&hub, letter.token(), "Ben")).1, "This link was used already. Ask for a new one.");
}

#[tokio::test]
async fn a_link_ends_with_its_invitation() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    let mut ann = with_moby(&hub, &mut server).await;
    ann.does(invite("i1", "ben@example.com")).await.accepted();
    let letter = server.letter().await;
    ann.does(InvitationRevoke { invitation: invitation("i1") }).await.accepted();
    let over = "This invitation is over: it was answered, taken back, or has lapsed.";
    assert_eq!(message(&opens(&hub, letter.token(), "Ben")), (401, over.to_owned()));
}

#[tokio::test]
async fn one_address_is_mailed_now_and_then_only() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    let mut ann = with_moby(&hub, &mut server).await;
    ann.does(invite("i1", "ben@example.com")).await.accepted();
    server.letter().await;
    let resend = || InvitationResend { invitation: invitation("i1") };
    ann.does(resend()).await.refused("conflict");
    ann.does(InvitationRevoke { invitation: invitation("i1") }).await.accepted();
    ann.does(invite("i2", "ben@example.com")).await.refused("conflict");
    ann.does(invite("i3", "eve@example.com")).await.accepted();
    assert_eq!(server.letter().await.envelope_to, ["eve@example.com"], "nobody else waits");
}

#[tokio::test]
async fn a_letter_that_was_resent_is_another_one() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = super::mailing::mailing_with(&place, &server, &["--timer", "invitation_mail_ms=1ms"]).await;
    let mut ann = with_moby(&hub, &mut server).await;
    ann.does(invite("i1", "ben@example.com")).await.accepted();
    let first = server.letter().await;
    hears_of(&mut ann, "i1").await;
    ann.does(InvitationResend { invitation: invitation("i1") }).await.accepted();
    let second = server.letter().await;
    hears_of(&mut ann, "i1").await;
    assert_ne!(first.headers["message-id"], second.headers["message-id"]);
    // Either link is good, until the invitation is answered.
    enters(&hub, first.token(), "Ben").await;
    enters(&hub, second.token(), "Ben").await;
}

#[tokio::test]
async fn what_a_server_puts_off_comes_later_and_what_it_refuses_is_told() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    let hub = mailing(&place, &server).await;
    let mut ann = with_moby(&hub, &mut server).await;
    ann.does(invite("i1", "later@example.com")).await.accepted();
    ann.does(invite("i2", "gone@example.com")).await.accepted();
    let why = hears_of(&mut ann, "i2").await.expect("it was refused");
    assert!(why.contains("no such mailbox"), "{why}");
    assert_eq!(server.letter().await.envelope_to, ["later@example.com"]);
    assert_eq!(hears_of(&mut ann, "i1").await, None, "it was sent");
    let mail = sees_mail(&mut ann, "i2").await;
    assert_eq!((mail.state, mail.reason.as_deref()), (MailState::Failed, Some(why.as_str())));
}

#[tokio::test]
async fn a_letter_outlives_the_hub_that_owes_it() {
    let place = Place::new();
    // Nothing listens there, so the letter cannot leave before the hub dies.
    let mut nowhere = SmtpServer::start(Line::Plain, None).await;
    let hub = mailing(&place, &nowhere).await;
    let mut ann = with_moby(&hub, &mut nowhere).await;
    drop(nowhere);
    ann.does(invite("i1", "ben@example.com")).await.accepted();
    hub.is_counted("quire_letters_total{outcome=\"postponed\"} 1").await;
    hub.dies().await;
    let mut server = SmtpServer::start(Line::Plain, None).await;
    let hub = mailing(&place, &server).await;
    let letter: Arrived = server.letter().await;
    assert_eq!(letter.envelope_to, ["ben@example.com"]);
    enters(&hub, letter.token(), "Ben").await;
    let mut ann = arrives(&hub, &mut server, "Ann").await;
    while sees_mail(&mut ann, "i1").await.state == MailState::Waiting {}
    assert_eq!(sees_mail(&mut ann, "i1").await.state, MailState::Sent);
}
