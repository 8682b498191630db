//! Keeps one connection subscribed to what is wanted, in the order it was wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, PushInfo, PushKind, Value};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::signals::{self, Signals};

/// Changes that go to the server together.
const BATCH: usize = 256;
/// Changes that may wait; beyond it subscriptions are refused.
pub(super) const CHANGES_MAX: usize = 4_096;
/// Longest wait for confirmations.
const CONFIRMATION: Duration = Duration::from_secs(1);

/// One change of what a connection is subscribed to.
pub(super) enum Change {
    /// Hear this channel; answered once the server confirmed it.
    Subscribe(String, oneshot::Sender<bool>),
    /// Hear no more of it.
    Unsubscribe(String),
}

/// What comes in on the connection that subscribes.
pub(super) struct Hearing {
    pub(super) signals: Arc<Signals>,
    pub(super) changes: mpsc::Sender<Change>,
    /// Confirmations of own unsubscriptions to come.
    pub(super) leaving: Arc<AtomicUsize>,
    pub(super) lost: CancellationToken,
}

impl Hearing {
    /// Takes what the server said unasked.
    pub(super) fn take(&self, push: PushInfo) {
        match push.kind {
            PushKind::Message | PushKind::SMessage => {
                let Some((channel, words)) = signals::message(push) else { return };
                if !self.signals.heard(channel.clone(), words) {
                    // Left over from a subscription whose confirmation came too late. A full queue is no harm: the
                    // next message says it again.
                    drop(self.changes.try_send(Change::Unsubscribe(channel)));
                }
            }
            PushKind::Unsubscribe | PushKind::SUnsubscribe => {
                let asked =
                    self.leaving.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
                if asked.is_err() {
                    // The slot moved. The answers on this connection are out of step from here on.
                    self.lost.cancel();
                }
            }
            PushKind::Disconnection => self.lost.cancel(),
            _ => {}
        }
    }
}

/// Carries out changes on one connection.
pub(super) struct Ears {
    pub(super) connection: MultiplexedConnection,
    /// Whether channels are those of shards.
    pub(super) sharded: bool,
    pub(super) leaving: Arc<AtomicUsize>,
}

impl Ears {
    /// Subscribes to all of these. False: the connection is of no use.
    pub(super) async fn subscribe_all(&self, channels: &[String]) -> bool {
        for some in channels.chunks(BATCH) {
            let commands = some.iter().map(|channel| self.command("SUBSCRIBE", channel)).collect();
            match self.send(commands).await {
                Some(answers) if answers.iter().all(|answer| !matches!(answer, Value::ServerError(_))) => {}
                _ => return false,
            }
        }
        true
    }

    /// Carries out what is asked for until nobody asks any more, or the connection is lost.
    pub(super) async fn run(self, mut asked: mpsc::Receiver<Change>, lost: CancellationToken) {
        let mut batch = Vec::new();
        while asked.recv_many(&mut batch, BATCH).await > 0 {
            let commands = batch.iter().map(|change| match change {
                Change::Subscribe(channel, _) => self.command("SUBSCRIBE", channel),
                Change::Unsubscribe(channel) => {
                    self.leaving.fetch_add(1, Ordering::Relaxed);
                    self.command("UNSUBSCRIBE", channel)
                }
            });
            let Some(answers) = self.send(commands.collect()).await else { break };
            if answers.iter().any(|answer| matches!(answer, Value::ServerError(error) if error.code() == "MOVED")) {
                // The next session begins with another map.
                break;
            }
            for (change, answer) in batch.drain(..).zip(answers) {
                if let Change::Subscribe(_, confirmed) = change {
                    // Whoever asked may have stopped waiting.
                    confirmed.send(!matches!(answer, Value::ServerError(_))).unwrap_or_default();
                }
            }
        }
        lost.cancel();
    }

    /// One command for each channel: those of a cluster must not name several slots at once.
    fn command(&self, name: &str, channel: &str) -> Cmd {
        let mut command = redis::cmd(&if self.sharded { format!("S{name}") } else { name.to_owned() });
        command.arg(channel);
        command
    }

    async fn send(&self, commands: Vec<Cmd>) -> Option<Vec<Value>> {
        let count = commands.len();
        let mut pipeline = redis::Pipeline::with_capacity(count);
        for command in commands {
            pipeline.add_command(command);
        }
        let mut connection = self.connection.clone();
        let answers = connection.send_packed_commands(&pipeline, 0, count);
        tokio::time::timeout(CONFIRMATION, answers).await.ok()?.ok()
    }
}
