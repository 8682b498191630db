//! The smallest client: what it says and what it understands, without a network.
//!
//! Put a WebSocket between the two (`GET /v1/socket`, subprotocol `quire.v1.json`) and it writes in a chapter.

use quire_protocol::answer::Answer;
use quire_protocol::command::{BookOpen, LockAcquire};
use quire_protocol::frame::Hello;
use quire_protocol::{
    BookId, ChapterId, ClientFrame, Command, CommandFrame, DecodeError, Encoding, Event, ServerFrame, Token,
};

const ENCODING: Encoding = Encoding::Json;

/// What the client knows so far.
#[derive(Debug, Default, PartialEq)]
struct Client {
    /// The last event it heard of.
    seq: u64,
    /// Its lock, once it has one: every write names this token.
    token: Option<Token>,
}

/// The frames that the client sends, in this order: who it is, which book, which chapter it wants.
fn frames(token: &str, book: &BookId, chapter: ChapterId) -> Vec<Vec<u8>> {
    let hello = Hello { token: Some(token.into()), client: Some("minimal/1".into()), resume: None };
    let command = |reference, command| {
        let frame = CommandFrame { reference, id: None, retry: false, book: Some(book.clone()), command };
        ClientFrame::Command(frame)
    };
    let open = command(1, Command::View(BookOpen { after: None }.into()));
    let acquire = command(2, Command::Book(LockAcquire { chapter, wait: true, note: None }.into()));
    [ClientFrame::Hello(hello), open, acquire].iter().map(|frame| ENCODING.encode(frame)).collect()
}

impl Client {
    /// Takes one message from the hub and says what it means.
    fn hear(&mut self, message: &[u8]) -> String {
        match ServerFrame::decode(message, ENCODING) {
            Ok(ServerFrame::Welcome(welcome)) => format!("I am {}", welcome.user.name),
            Ok(ServerFrame::Reply(reply)) => match (reply.ok, reply.err) {
                (Some(Answer::Token { token }), _) => {
                    self.token = Some(token);
                    "I may write".into()
                }
                (Some(Answer::Position { position }), _) => format!("I am number {position} in the queue"),
                (_, Some(refusal)) => refusal.message,
                _ => "done".into(),
            },
            Ok(ServerFrame::Event(frame)) => {
                // Events come without gaps, also those that this client may not read or does not know.
                self.seq = frame.seq.0;
                match frame.event {
                    Event::LockAcquired(event) => format!("{} writes in {}", event.holder.name, event.chapter),
                    other => other.kind().into(),
                }
            }
            Ok(other) => format!("{other:?}"),
            Err(DecodeError::UnknownKind(kind)) => format!("ignored: {kind}"),
            Err(error) => format!("the hub makes no sense: {error}"),
        }
    }
}

fn main() {
    let (book, chapter) = (BookId::new("b1").expect("a good id"), ChapterId::new("c3").expect("a good id"));
    for frame in frames("<JWT>", &book, chapter) {
        say("->", &String::from_utf8_lossy(&frame));
    }
    let mut client = Client::default();
    for message in [
        r#"{"t":"event","book":"b1","epoch":"0123456789abcdef","seq":42,"at":1763800000123,
            "by":{"user":"u1","session":"s1"},"event":{"t":"lock.acquired","chapter":"c3","token":1763800000000042,
            "holder":{"user":"u1","name":"Ann Lee","initials":"AL","session":"s1"}}}"#,
        r#"{"t":"reply","ref":2,"seq":42,"ok":{"token":1763800000000042}}"#,
        r#"{"t":"reply","ref":3,"seq":42,"err":{"code":"forbidden","message":"Your role in this book does not allow that."}}"#,
        r#"{"t":"weather","sunny":true}"#,
    ] {
        let meaning = client.hear(message.as_bytes());
        say("<-", &meaning);
    }
    assert_eq!(client, Client { seq: 42, token: Some(Token(1_763_800_000_000_042)) });
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn say(direction: &str, what: &str) {
    println!("{direction} {what}");
}

#[test]
fn the_example_runs() {
    main();
}
