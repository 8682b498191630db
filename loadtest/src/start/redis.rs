//! A throwaway Redis server.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest wait for it to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis server. It ends when this is dropped.
pub(crate) struct Redis {
    port: u16,
    _child: Child,
}

impl Redis {
    /// Starts one on a free port of loopback. It writes an append-only file, as one in production does.
    pub(super) async fn start(folder: &Path) -> Result<Self, String> {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no free port: {error}"))?.port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
        command.args(["--appendonly", "yes", "--appendfsync", "everysec"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("redis-server does not start: {error}"))?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("the output of redis-server is not piped")?);
        let ready = async {
            let mut line = String::new();
            while stdout.read_line(&mut line).await.is_ok_and(|count| count > 0) {
                if line.contains("Ready to accept connections") {
                    return true;
                }
                line.clear();
            }
            false
        };
        if !timeout(PATIENCE, ready).await.unwrap_or(false) {
            return Err("redis-server is not ready".to_owned());
        }
        // What it says later is read, so that it never waits for a full pipe.
        tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await });
        Ok(Self { port, _child: child })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}
