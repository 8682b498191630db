//! Waits until replicas of the Redis have what was answered.
//!
//! `WAIT` speaks of the asking connection's own writes only (R9). So one connection makes a small write of its own and
//! then waits: replicas that have this write have everything that was written before it. Many callers share one wait.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Value};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Callers that may wait; beyond it nothing is confirmed.
pub(super) const CALLERS_MAX: usize = 16_384;
/// How long one `WAIT` lasts if too few replicas answer, milliseconds.
const WAIT_MS: u64 = 400;
/// Longest silence of the server beyond that.
const ANSWER: Duration = Duration::from_millis(WAIT_MS + 600);
/// The small write is forgotten after this time, milliseconds.
const WRITE_MS: u64 = 60_000;

/// The connection of one master that waits.
pub(super) struct Confirming {
    pub(super) connection: MultiplexedConnection,
    /// A key that this master holds.
    pub(super) key: String,
    pub(super) replicas: u32,
}

impl Confirming {
    /// Answers callers when enough replicas have everything that was written before they asked; drops them if not.
    pub(super) async fn run(mut self, mut callers: mpsc::Receiver<oneshot::Sender<()>>, lost: CancellationToken) {
        let mut batch = Vec::new();
        while callers.recv_many(&mut batch, CALLERS_MAX).await > 0 {
            let Some(reached) = self.wait().await else { break };
            for caller in batch.drain(..).filter(|_| reached >= i64::from(self.replicas)) {
                // Whoever asked may have stopped waiting.
                caller.send(()).unwrap_or_default();
            }
        }
        lost.cancel();
    }

    /// How many replicas have everything; `None`: the master does not take the write, or does not answer.
    async fn wait(&mut self) -> Option<i64> {
        let mut wait = redis::pipe();
        wait.add_command(Cmd::new().arg("SET").arg(&self.key).arg("").arg("PX").arg(WRITE_MS).to_owned());
        wait.add_command(Cmd::new().arg("WAIT").arg(self.replicas).arg(WAIT_MS).to_owned());
        let answers = tokio::time::timeout(ANSWER, self.connection.send_packed_commands(&wait, 0, 2)).await;
        match answers.ok()?.ok()?.as_slice() {
            [Value::Okay, Value::Int(reached)] => Some(*reached),
            // Out of memory, a full disk: the write before it is not covered, and nothing is wrong with the line.
            [Value::ServerError(error), _] if !super::lost_master(error.code()) => Some(0),
            _ => None,
        }
    }
}
