//! A mail server of the test's own: aiosmtpd on a free port, ended with the test.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Longest wait for a letter that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// How the server's line is encrypted, and with which files.
pub enum Line<'a> {
    Plain,
    StartTls { certificate: &'a str, key: &'a str },
    Tls { certificate: &'a str, key: &'a str },
}

/// A letter as it arrived.
#[derive(Debug, Deserialize)]
pub struct Arrived {
    pub envelope_from: String,
    pub envelope_to: Vec<String>,
    pub headers: std::collections::BTreeMap<String, String>,
    pub text: String,
    pub html: String,
    pub encrypted: bool,
    pub authenticated: bool,
}

impl Arrived {
    /// The address that the letter wants to be followed.
    pub fn link(&self) -> &str {
        let link = self.text.lines().find(|line| line.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link: {}", self.text))
    }

    /// What its link holds.
    pub fn token(&self) -> &str {
        self.link().split_once("#token=").unwrap_or_else(|| panic!("no token: {}", self.text)).1
    }
}

/// A server that takes mail.
pub struct SmtpServer {
    port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _running: Child,
}

#[derive(Deserialize)]
struct Started {
    port: u16,
}

impl SmtpServer {
    /// A server; `account` is the user and the password that it wants.
    pub async fn start(line: Line<'_>, account: Option<(&str, &str)>) -> Self {
        let (security, certificate, key) = match line {
            Line::Plain => ("plain", "-", "-"),
            Line::StartTls { certificate, key } => ("starttls", certificate, key),
            Line::Tls { certificate, key } => ("tls", certificate, key),
        };
        let (user, password) = account.unwrap_or(("-", "-"));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("python3");
        command.arg(here.join("tests/it/smtp_server/server.py")).args([security, certificate, key, user, password]);
        // tests/run installs it there.
        command.env("PYTHONPATH", here.join("target/python"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().expect("python3 is installed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the server starts").unwrap();
        let first = first.expect("tests/run has put aiosmtpd into target/python");
        let Started { port } = serde_json::from_str(&first).unwrap();
        Self { port, lines, _running: child }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next letter.
    pub async fn letter(&mut self) -> Arrived {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a letter comes").unwrap();
        serde_json::from_str(&line.expect("the server runs")).unwrap()
    }
}
