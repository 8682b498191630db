//! The program: started with flags, killed, asked to end, or run to its end.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use quire::auth::DevKeys;
use quire::clock::Clock;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// The result, unless it takes longer than anything here may.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// A place on disk for one hub after the other.
pub struct Place(TempDir);

/// What a program said that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None`: a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// It did what it should.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// It ended with this code and said all of this.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "says {word:?}: {}", self.stderr);
        }
    }
}

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A file or directory beside the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// Starts a hub on the data directory, on a free port of loopback.
    pub async fn hub(&self, flags: &[&str]) -> Hub {
        self.hub_on(&self.data_dir(), flags).await
    }

    /// Starts a hub on this directory.
    pub async fn hub_on(&self, data_dir: &Path, flags: &[&str]) -> Hub {
        let mut command = program(&["--listen", "127.0.0.1:0", "--data-dir", text(data_dir)]);
        let mut child = command.args(flags).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = heard(child.stderr.take().unwrap());
        let mut line = String::new();
        soon("the address of the hub", stdout.read_line(&mut line)).await.unwrap();
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            panic!("the hub did not start: {line:?} {}", stderr.await.unwrap());
        };
        let door = Door { address: address.parse().unwrap(), data_dir: data_dir.to_owned() };
        Hub { child, door, stdout, stderr }
    }

    /// Runs the program with these arguments to its end. The data directory is not among them by itself.
    pub async fn runs(&self, arguments: &[&str]) -> Ended {
        let mut child = program(arguments).spawn().unwrap();
        let (stdout, stderr) = (heard(child.stdout.take().unwrap()), heard(child.stderr.take().unwrap()));
        let status = soon("the end of the program", child.wait()).await.unwrap();
        Ended { code: status.code(), stdout: stdout.await.unwrap(), stderr: stderr.await.unwrap() }
    }

    /// Runs one of the program's tasks on the data directory.
    pub async fn runs_here(&self, arguments: &[&str]) -> Ended {
        self.runs(&[arguments, &["--data-dir", text(&self.data_dir())]].concat()).await
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quire"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads on, so that the program never waits for a full pipe.
fn heard(mut pipe: impl AsyncRead + Send + Unpin + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Where a hub is, and who it believes.
#[derive(Clone, Debug)]
pub struct Door {
    address: SocketAddr,
    data_dir: PathBuf,
}

impl Door {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What development mode would give to this person.
    pub fn token(&self, name: &str) -> String {
        let keys = DevKeys::load_or_create(&self.data_dir).unwrap();
        keys.mint(&format!("{name}@example.com"), name, Clock::system().now()).unwrap()
    }
}

/// A hub that runs.
pub struct Hub {
    child: Child,
    door: Door,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
}

impl Deref for Hub {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Hub {
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `kill -9`.
    pub async fn dies(mut self) {
        self.child.kill().await.unwrap();
        assert_eq!(self.ends().await.code, None, "it was killed, and did not end before");
    }

    /// SIGTERM.
    pub fn is_asked_to_end(&self) {
        self.gets(Signal::TERM);
    }

    /// SIGSTOP: it does nothing at all, and does not know. Returns once all of it stands still.
    pub async fn is_stopped(&self) {
        self.gets(Signal::STOP);
        let id = self.id();
        let stopped = tokio::task::spawn_blocking(move || waitid(WaitId::Pid(id), WaitIdOptions::STOPPED).unwrap());
        soon("the stop of the hub", stopped).await.unwrap();
    }

    /// SIGCONT.
    pub fn goes_on(&self) {
        self.gets(Signal::CONT);
    }

    fn gets(&self, signal: Signal) {
        kill_process(self.id(), signal).unwrap();
    }

    fn id(&self) -> Pid {
        let id = i32::try_from(self.child.id().expect("it runs")).unwrap();
        Pid::from_raw(id).unwrap()
    }

    /// Waits for its end.
    pub async fn ends(mut self) -> Ended {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).await.unwrap();
        let status = soon("the end of the hub", self.child.wait()).await.unwrap();
        Ended { code: status.code(), stdout, stderr: self.stderr.await.unwrap() }
    }

    /// Gets a page; status and body of the answer.
    pub fn asks(&self, path: &str, token: Option<&str>) -> (u16, String) {
        let (status, body) = self.takes(path, token);
        (status, String::from_utf8(body).unwrap())
    }

    /// Asks for a page and does not wait for the answer. Dropped, the connection is closed.
    pub fn calls(&self, path: &str, token: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Gets a file; status and bytes of the answer.
    pub fn takes(&self, path: &str, token: Option<&str>) -> (u16, Vec<u8>) {
        let mut request = agent().get(format!("{}{path}", self.url()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    /// The same for what is no text.
    pub fn fetches(&self, path: &str, token: Option<&str>) -> (u16, Vec<u8>) {
        let mut request = agent().get(format!("{}{path}", self.url()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    /// Sends bytes; status and body of the answer.
    pub fn sends(&self, path: &str, token: &str, bytes: &[u8]) -> (u16, String) {
        let request = agent().post(format!("{}{path}", self.url()));
        let request = request.header("authorization", format!("Bearer {token}"));
        answer(request.content_type("application/octet-stream").send(bytes).unwrap())
    }

    /// Sends JSON; status and body of the answer.
    pub fn posts(&self, path: &str, body: &serde_json::Value) -> (u16, String) {
        answer(agent().post(format!("{}{path}", self.url())).send_json(body).unwrap())
    }

    /// Puts JSON; status and body of the answer.
    pub fn puts(&self, path: &str, token: &str, body: &serde_json::Value) -> (u16, String) {
        let request = agent().put(format!("{}{path}", self.url()));
        answer(request.header("authorization", format!("Bearer {token}")).send_json(body).unwrap())
    }

    /// Waits until the metrics have this line.
    pub async fn is_counted(&self, line: &str) {
        let counted = async {
            while !self.asks("/metrics", None).1.lines().any(|counted| counted == line) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        soon(line, counted).await;
    }

    /// Asks development mode for a token; status and body of the answer.
    pub fn dev_token(&self, name: &str) -> (u16, String) {
        let person = serde_json::json!({"email": format!("{name}@example.com"), "name": name});
        answer(agent().post(format!("{}/v1/dev/token", self.url())).send_json(person).unwrap())
    }
}

/// Each request has a connection of its own.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> (u16, String) {
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}
