//! A program of somebody else's is called by a real hub: signed, again after the hub died, and nowhere it must not be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use quire_protocol::command::{BookShelve, LibraryOpen, WebhookSend, WebhookSet};
use quire_protocol::frame::Answer;
use quire_protocol::inbox::Topic;
use quire_protocol::{Command, LibraryCommand, WebhookId};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::program::{Place, soon};
use super::tab::Tab;
use crate::harness::{Said, moby};

/// A program that waits to be called.
struct Program(TcpListener);

/// One call.
struct Called {
    id: String,
    timestamp: u64,
    signature: String,
    body: String,
    stream: TcpStream,
}

impl Program {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/quire", listener.local_addr().unwrap());
        (Self(listener), url)
    }

    /// The next call, which waits for its answer.
    async fn is_called(&self) -> Called {
        soon("a call", async {
            let (stream, _) = self.0.accept().await.unwrap();
            let mut reader = BufReader::new(stream);
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).await.unwrap();
                if line == "\r\n" {
                    break;
                }
                head.push(line.trim_end().to_owned());
            }
            assert_eq!(head[0], "POST /quire HTTP/1.1");
            let header = |name: &str| {
                let found = head.iter().filter_map(|line| line.split_once(": ")).find(|(known, _)| known == &name);
                found.unwrap_or_else(|| panic!("no {name} in {head:?}")).1.to_owned()
            };
            let mut body = vec![0; header("content-length").parse().unwrap()];
            reader.read_exact(&mut body).await.unwrap();
            Called {
                id: header("webhook-id"),
                timestamp: header("webhook-timestamp").parse().unwrap(),
                signature: header("webhook-signature"),
                body: String::from_utf8(body).unwrap(),
                stream: reader.into_inner(),
            }
        })
        .await
    }
}

impl Called {
    async fn answer(mut self, status: u16) {
        let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n");
        self.stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// What it says, if it was signed with this secret.
    fn verified(&self, secret: &str) -> Value {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.body).as_bytes());
        let signature = STANDARD.decode(self.signature.strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&signature).expect("the hub signed it");
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn asks(tab: &mut Tab, command: impl Into<LibraryCommand>) -> Said {
    tab.asks(&moby(), Command::Library(command.into())).await
}

fn set(url: &str) -> WebhookSet {
    let webhook = WebhookId::new("w1").unwrap();
    WebhookSet { webhook, url: url.into(), topics: vec![Topic::BookShelved], on: true, renew: false }
}

fn test() -> WebhookSend {
    WebhookSend { webhook: WebhookId::new("w1").unwrap(), delivery: None }
}

#[tokio::test]
async fn a_program_is_called_signed_and_once_more_by_the_next_hub_and_no_log_line_has_the_secret() {
    let (place, (program, url)) = (Place::new(), Program::start().await);
    let flags = ["--webhook-allow-private", "--log", "debug"];
    let hub = place.hub(&flags).await;
    let (mut ann, []) = Tab::team(&hub, []).await;
    asks(&mut ann, LibraryOpen {}).await.accepted();
    let Answer::Webhook { secret: Some(secret), .. } = asks(&mut ann, set(&url)).await.accepted() else { panic!() };
    asks(&mut ann, test()).await.accepted();
    let call = program.is_called().await;
    assert_eq!(call.verified(&secret)["type"], "test");
    call.answer(204).await;

    ann.does(BookShelve {}).await.accepted();
    let call = program.is_called().await;
    let (first, said) = (call.id.clone(), call.verified(&secret));
    assert_eq!(
        (said["type"].as_str(), said["data"]["told"]["title"].as_str()),
        (Some("book_shelved"), Some("Moby-Dick"))
    );
    call.answer(503).await;
    hub.is_counted("quire_webhooks_total{outcome=\"postponed\"} 1").await;
    hub.dies().await;

    let hub = place.hub(&flags).await;
    let call = program.is_called().await;
    assert_eq!((&call.id, call.verified(&secret)), (&first, said));
    call.answer(200).await;
    hub.is_counted("quire_webhooks_total{outcome=\"delivered\"} 1").await;
    hub.is_asked_to_end();
    let ended = hub.ends().await.well();
    assert!(!ended.stderr.contains(&secret[6..]), "{}", ended.stderr);
}

#[tokio::test]
async fn a_hub_that_was_not_told_to_calls_nobody_on_its_own_networks() {
    let (place, (program, url)) = (Place::new(), Program::start().await);
    let hub = place.hub(&[]).await;
    let (mut ann, []) = Tab::team(&hub, []).await;
    asks(&mut ann, LibraryOpen {}).await.accepted();
    asks(&mut ann, set(&url)).await.refused("invalid");
    let port = program.0.local_addr().unwrap().port();
    asks(&mut ann, set(&format!("https://127.0.0.1:{port}/quire"))).await.refused("invalid");
    // What a name leads to is known when it is called.
    asks(&mut ann, set(&format!("https://localhost:{port}/quire"))).await.accepted();
    asks(&mut ann, test()).await.accepted();
    hub.is_counted("quire_webhooks_total{outcome=\"postponed\"} 1").await;
    let came = std::pin::pin!(program.0.accept());
    assert!(futures::FutureExt::now_or_never(came).is_none(), "nobody came");
}
