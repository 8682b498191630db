//! Hubs as processes of their own, and what the system says that processes use.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::people::SECRET;

/// Limits that would stop the measuring instead of what is measured.
const LIMITS: [&str; 4] =
    ["sessions_per_user=5000", "pending_connections=5000", "commands_per_second=1000000", "command_burst=1000000"];

/// A running hub with a store of its own. It ends when this is dropped.
pub(crate) struct HubProcess {
    child: Child,
    pub(crate) address: SocketAddr,
    data_dir: TempDir,
}

impl HubProcess {
    /// With an empty store on disk.
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("there is a place for temporary files"), &[])
    }

    /// With an empty store in this Redis.
    pub(crate) fn start_with(redis: &RedisProcess) -> Self {
        let data_dir = tempfile::tempdir().expect("there is a place for temporary files");
        Self::start_in(data_dir, &["--redis-url", &redis.url])
    }

    /// Another one, with what this one stored on disk.
    pub(crate) fn restarted(mut self) -> Self {
        let data_dir = std::mem::replace(&mut self.data_dir, tempfile::tempdir().expect("there is a place for it"));
        drop(self);
        Self::start_in(data_dir, &[])
    }

    fn start_in(data_dir: TempDir, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quire"))
            .args(["--listen", "127.0.0.1:0", "--log", "warn", "--jwt-secret", SECRET, "--data-dir"])
            .arg(data_dir.path())
            .args(more)
            .args(LIMITS.iter().flat_map(|limit| ["--limit", limit]))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the hub was built along with this program");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("the hub says where it listens");
        let address = line.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address: {line:?}"));
        Self { child, address, data_dir }
    }

    /// Processor time it used so far, in user and kernel mode.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        /// `USER_HZ` on every processor that Linux knows but one.
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = self.read("stat");
        // The name, in parentheses, may contain spaces; utime and stime are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
        let ticks: u32 = fields.split_whitespace().skip(11).take(2).map(number).sum();
        f64::from(ticks) / TICKS_PER_SECOND
    }

    /// Resident memory, KiB.
    pub(crate) fn resident_kib(&self) -> u32 {
        resident_kib_of(&self.read("status"))
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the hub runs")
    }
}

fn resident_kib_of(status: &str) -> u32 {
    kib_of(status, "VmRSS:")
}

/// What the kernel says of this process's memory: `VmRSS:` now, `VmHWM:` at most so far. KiB.
pub(crate) fn own_kib(field: &str) -> u32 {
    kib_of(&fs::read_to_string("/proc/self/status").expect("this process runs"), field)
}

fn kib_of(status: &str, field: &str) -> u32 {
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a process has memory");
    number(line.trim().trim_end_matches(" kB"))
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        self.child.kill().expect("it is our child and was not awaited");
        self.child.wait().expect("it is our child");
    }
}

/// A Redis server that writes an append-only file, as one in production does. It ends when this is dropped.
pub(crate) struct RedisProcess {
    child: Child,
    url: String,
    _dir: TempDir,
}

impl RedisProcess {
    /// One on a free port; `None`: there is none on this machine.
    pub(crate) fn start() -> Option<Self> {
        let dir = tempfile::tempdir().expect("there is a place for temporary files");
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("there are ports left").port().to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir"]);
        let mut child = command.arg(dir.path()).stdout(Stdio::piped()).spawn().ok()?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("Ready to accept connections")));
        ready.expect("it says so").expect("its output is text");
        Some(Self { child, url: format!("redis://127.0.0.1:{port}"), _dir: dir })
    }
}

impl Drop for RedisProcess {
    fn drop(&mut self) {
        self.child.kill().expect("it is our child and was not awaited");
        self.child.wait().expect("it is our child");
    }
}

/// Processor time that this thread used so far.
pub(crate) fn thread_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel counts what threads use");
    let nanoseconds = stat.split(' ').next().and_then(|text| text.parse().ok());
    let cpu = Duration::from_nanos(nanoseconds.expect("the first field is a number of nanoseconds"));
    cpu.as_secs_f64()
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_else(|_| panic!("no number: {text:?}"))
}
