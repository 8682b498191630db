//! What people are told leaves through a real mail server, at once and day by day.

use quire_protocol::Role;
use quire_protocol::command::{
    BookCreate, Command, CommentAdd, InboxChoose, InboxOpen, InvitationAccept, MemberInvite, MetadataPatch,
};
use quire_protocol::inbox::{ByMail, Topic, TopicChoice};
use quire_protocol::{HubCommand, UserId};
use serde_json::json;

use super::mailing::{enters, mailing_with};
use super::program::{Hub, Place};
use super::tab::Tab;
use crate::harness::wishes::{add_chapter, remark};
use crate::harness::{invitation, moby};
use crate::smtp_server::{Line, SmtpServer};

async fn arrives(hub: &Hub, server: &mut SmtpServer, name: &str) -> Tab {
    hub.posts("/v1/signin", &json!({"email": format!("{name}@example.com")}));
    enters(hub, server.letter().await.token(), name).await
}

fn mention(name: &str, user: &UserId) -> CommentAdd {
    CommentAdd { body: format!("<i>About</i> {name}"), mentions: vec![user.clone()], ..remark(1, name) }
}

async fn asks(tab: &mut Tab, command: impl Into<HubCommand>) {
    tab.asks(&moby(), Command::Hub(command.into())).await.accepted();
}

#[tokio::test]
async fn a_mention_is_mailed_at_once_or_with_the_next_daily_letter_also_by_the_next_hub() {
    let (place, mut server) = (Place::new(), SmtpServer::start(Line::Plain, None).await);
    // A day of letters takes two seconds.
    let hub = mailing_with(&place, &server, &["--timer", "digest_ms=2s"]).await;
    let mut ann = arrives(&hub, &mut server, "Ann").await;
    ann.does(BookCreate { title: "Moby-Dick & Sons".into(), metadata: MetadataPatch::default() }).await.accepted();
    ann.does(add_chapter(1)).await.accepted();
    let id = invitation("i1");
    let invite = MemberInvite { invitation: id.clone(), email: "ben@example.com".into(), role: Role::Editor };
    ann.does(invite).await.accepted();
    let mut ben = enters(&hub, server.letter().await.token(), "Ben").await;
    asks(&mut ben, InboxOpen {}).await;
    ben.does(InvitationAccept { invitation: id }).await.accepted();
    let user = ben.user().id.clone();

    ann.does(mention("whale", &user)).await.accepted();
    let letter = server.letter().await;
    assert_eq!(letter.envelope_to, ["ben@example.com"]);
    let said = "Ann mentions you in \u{201c}Chapter 1\u{201d} of \u{201c}Moby-Dick & Sons\u{201d}.";
    assert_eq!(
        (letter.headers["subject"].as_str(), letter.headers["auto-submitted"].as_str()),
        (said, "auto-generated")
    );
    assert!(
        letter.text.contains(said) && letter.text.contains("\u{201c}<i>About</i> whale\u{201d}"),
        "{}",
        letter.text
    );
    assert!(letter.html.contains("&lt;i&gt;About") && !letter.html.contains("<i>"), "{}", letter.html);
    assert_eq!(letter.link(), "https://books.example/#/book/moby-dick/c1");

    let daily = TopicChoice { topic: Topic::Mentioned, inbox: true, mail: ByMail::Daily };
    asks(&mut ben, InboxChoose { choices: vec![daily] }).await;
    ann.does(mention("spout", &user)).await.accepted();
    hub.dies().await;
    let _hub = mailing_with(&place, &server, &["--timer", "digest_ms=2s"]).await;
    let first = letter.headers["message-id"].clone();
    let mut letter = server.letter().await;
    while letter.headers["message-id"] == first {
        // The hub died before it had noted that this one left: the same letter, by its id, comes again.
        letter = server.letter().await;
    }
    assert_eq!(letter.headers["subject"], "What happened in your books: one thing");
    assert!(
        letter.text.contains("\u{201c}<i>About</i> spout\u{201d}") && !letter.text.contains("whale"),
        "{}",
        letter.text
    );
    assert_eq!(letter.link(), "https://books.example/#/notices");
}
