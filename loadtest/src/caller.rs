//! Somebody who does one thing after the other: prepares books, and reads their logs at the end.

use std::net::Ipv4Addr;
use std::time::Duration;

use quire_protocol::command::{After, BookOpen, CommandFrame};
use quire_protocol::frame::{Answer, Hello, Opened, Reply};
use quire_protocol::{BookCommand, BookId, ClientFrame, Command, Rejection, ServerFrame, ViewCommand};
use tokio::time::timeout;

use crate::decoder::{Decoder, Heard};
use crate::site::Site;
use crate::wire::Socket;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Attempts to connect: a hub may be busy with thousands of tabs, or be restarted.
const ARRIVALS_MIN: u32 = 4;
/// Attempts at a command that the hub is too busy for.
const ATTEMPTS_MAX: u32 = 100;

/// A connection that is used by one person at a time.
pub(crate) struct Caller {
    socket: Socket,
    decoder: Decoder,
    reference: u64,
}

impl Caller {
    /// Somebody connects to one of the hubs, whichever takes connections, beginning with this one.
    pub(crate) async fn arrives(site: &Site, name: &str, hub: u32) -> Result<Self, String> {
        let mut problem = String::new();
        for attempt in 0..u32::try_from(site.urls.len()).unwrap_or(u32::MAX).max(ARRIVALS_MIN) {
            let hello = Hello { token: Some(site.token(name).await?), client: None, resume: None };
            match Socket::joins(site.url(hub + attempt), callers_source(), hello).await {
                Ok((socket, _)) => {
                    return Ok(Self { socket, decoder: Decoder::default(), reference: 0 });
                }
                Err(end) => problem = format!("{name} is not welcomed: {end:?}"),
            }
        }
        Err(problem)
    }

    /// Does what must succeed.
    pub(crate) async fn does(&mut self, book: &BookId, command: BookCommand) -> Result<Answer, String> {
        self.asks(book, Command::Book(command)).await
    }

    /// Opens the book, and hears the events after `after`, or a snapshot.
    pub(crate) async fn opens(&mut self, book: &BookId, after: Option<After>) -> Result<Opened, String> {
        match self.asks(book, Command::View(ViewCommand::BookOpen(BookOpen { after }))).await? {
            Answer::Opened(opened) => Ok(*opened),
            other => Err(format!("book.open is answered {other:?}")),
        }
    }

    /// Says goodbye.
    pub(crate) async fn leaves(self) {
        self.socket.close().await;
    }

    /// Asks what must be answered, until the hub has time for it.
    pub(crate) async fn asks(&mut self, book: &BookId, command: Command) -> Result<Answer, String> {
        let kind = command.kind();
        for _ in 0..ATTEMPTS_MAX {
            let reply = timeout(PATIENCE, self.exchanges(book, command.clone())).await;
            let reply =
                reply.map_err(|_| format!("{kind} is not answered"))?.map_err(|end| format!("{kind}: {end}"))?;
            match (reply.ok, reply.err.map(|refusal| refusal.rejection)) {
                (Some(answer), _) => return Ok(answer),
                (None, Some(Rejection::RateLimited { retry_after_ms } | Rejection::Unavailable { retry_after_ms })) => {
                    tokio::time::sleep(Duration::from_millis(retry_after_ms)).await;
                }
                (None, refusal) => return Err(format!("{kind} is refused: {refusal:?}")),
            }
        }
        Err(format!("{kind} is refused {ATTEMPTS_MAX} times as the hub is too busy"))
    }

    async fn exchanges(&mut self, book: &BookId, command: Command) -> Result<Reply, String> {
        self.reference += 1;
        let (reference, book) = (self.reference, Some(book.clone()));
        let frame = CommandFrame { reference, id: None, retry: false, book, command };
        self.socket.send(&ClientFrame::Command(frame)).await.map_err(|end| format!("{end:?}"))?;
        loop {
            match self.socket.next(&self.decoder).await {
                Ok(Heard::Other(ServerFrame::Reply(reply))) if reply.reference == reference => return Ok(*reply),
                Ok(_) => {}
                Err(end) => return Err(format!("{end:?}")),
            }
        }
    }
}

/// No worker's tabs connect from here.
fn callers_source() -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 252, 1)
}
