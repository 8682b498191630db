//! A `redis-server` of the test's own: on a free port, in a directory of its own, ended with the test.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use quire::store::redis::RedisSettings;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The user of the hub, as owners of a Redis are told to make it.
const ACL: &str = include_str!("../../deploy/redis.acl");
/// That user's password here.
pub const PASSWORD: &str = "correct-horse-battery";

/// Longest wait for a server that starts.
const PATIENCE: Duration = Duration::from_mins(1);

/// The same Redis for the user of the hub.
pub fn as_hub(settings: RedisSettings) -> RedisSettings {
    RedisSettings { user: Some("quire".to_owned()), password: Some(PASSWORD.to_owned()), ..settings }
}

/// The words of the user's line, with the password.
pub fn hub_user() -> impl Iterator<Item = String> {
    let line = ACL.lines().find(|line| line.starts_with("user quire on ")).expect("the file has the user");
    let words = line.split(' ').skip(1).map(str::to_owned);
    words.chain([format!(">{PASSWORD}")])
}

/// A server, running or not. Its data lies in memory unless the options say otherwise.
pub struct RedisServer {
    directory: TempDir,
    options: Vec<(String, String)>,
    port: u16,
    running: Option<Child>,
}

impl RedisServer {
    /// A server that keeps nothing.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with these directives of its configuration.
    pub async fn with(options: &[(&str, &str)]) -> Self {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let directory = tempfile::tempdir().unwrap();
        let mut server = Self { directory, options, port: 0, running: None };
        // Between looking for a free port and taking it, somebody else may take it.
        while server.running.is_none() {
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            server.running = server.launch().await;
        }
        server
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a hub needs to know of it.
    pub fn settings(&self) -> RedisSettings {
        as_hub(RedisSettings::at("127.0.0.1", self.port))
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().and_then(Child::id).expect("the server runs")
    }

    /// Ends it at once, as a crash does.
    pub async fn kill(&mut self) {
        let mut child = self.running.take().expect("the server runs");
        child.kill().await.unwrap();
    }

    /// Starts it again where it was.
    pub async fn start_again(&mut self) {
        assert!(self.running.is_none(), "the server was ended");
        self.running = self.launch().await;
        assert!(self.running.is_some(), "the port is still free");
    }

    /// A connection to it, for what the tests ask themselves.
    pub async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(("127.0.0.1", self.port)).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// Asks it something; the command's words are parted by spaces.
    pub async fn ask<T: redis::FromRedisValue>(&self, command: &str) -> T {
        let mut words = command.split(' ');
        let mut asked = redis::cmd(words.next().unwrap());
        asked.arg(words.collect::<Vec<_>>());
        asked.query_async(&mut self.connection().await).await.unwrap()
    }

    /// Starts it; `None`: it ended at once, as it does when its port is taken.
    async fn launch(&self) -> Option<Child> {
        let mut command = Command::new("redis-server");
        command.arg("--port").arg(self.port.to_string()).args(["--bind", "127.0.0.1", "--save", ""]);
        command.arg("--dir").arg(self.directory.path());
        command.arg("--user").args(hub_user());
        for (name, value) in &self.options {
            command.arg(format!("--{name}")).args(value.split(' '));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().expect("redis-server is installed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("Ready to accept connections") || line.contains("Running mode=sentinel") {
                    return true;
                }
            }
            false
        };
        if tokio::time::timeout(PATIENCE, ready).await.expect("the server starts") {
            // Nobody may wait for a reader of what it says later.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            Some(child)
        } else {
            child.wait().await.unwrap();
            None
        }
    }
}
