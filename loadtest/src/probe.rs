//! What processes and the Redis server use, as the system and the server tell it.

use std::fs;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::clock;
use crate::measure::RedisSample;

/// Longest answer of the Redis server, bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Processor time of a process so far, user and system, seconds; none, if there is no such process.
pub(crate) fn cpu_s(pid: u32) -> Option<f64> {
    /// `USER_HZ` on every processor that Linux knows but one.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks: u32 = ticks(&stat)?;
    Some(f64::from(ticks) / TICKS_PER_SECOND)
}

/// Fields 14 and 15, user and system time, together. The name, in parentheses, may contain anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

/// Resident memory of a process, bytes; none, if there is no such process.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    resident(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}

/// Asks a Redis server what it did.
pub(crate) struct RedisProbe {
    stream: BufReader<TcpStream>,
}

impl RedisProbe {
    /// Connects to `redis://host:port`.
    pub(crate) async fn connect(url: &str) -> Result<Self, String> {
        let address = url.strip_prefix("redis://").ok_or("the URL of a Redis server begins with redis://")?;
        let address = address.split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{url}: {error}"))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// What it did so far.
    pub(crate) async fn sample(&mut self) -> Result<RedisSample, String> {
        let calls = calls(&self.info("commandstats").await?);
        let used_bytes = used_bytes(&self.info("memory").await?);
        Ok(RedisSample { at: clock::now(), calls, used_bytes })
    }

    async fn info(&mut self, section: &str) -> Result<String, String> {
        let request = format!("*2\r\n$4\r\nINFO\r\n${}\r\n{section}\r\n", section.len());
        self.stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut head = String::new();
        self.stream.read_line(&mut head).await.map_err(|error| error.to_string())?;
        let length = head.strip_prefix('$').and_then(|length| length.trim().parse::<usize>().ok());
        let length = length.filter(|length| *length <= ANSWER_BYTES_MAX);
        let length = length.ok_or_else(|| format!("the Redis server answers {:?}", head.trim()))?;
        let mut body = vec![0; length + 2];
        self.stream.read_exact(&mut body).await.map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

/// All calls but those of this probe.
fn calls(stats: &str) -> u64 {
    let lines = stats.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="));
    let others = lines.filter(|(name, _)| *name != "info");
    others.filter_map(|(_, rest)| rest.split(',').next()?.parse::<u64>().ok()).sum()
}

fn used_bytes(memory: &str) -> u64 {
    let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:"));
    used.and_then(|used| used.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_is() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 0 0";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("nonsense"), None);
        assert_eq!(resident("Name:\tquire\nVmRSS:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(resident("Name:\tquire\n"), None);
    }

    #[test]
    fn the_probe_does_not_count_itself() {
        let stats = "# Commandstats\r\ncmdstat_get:calls=3,usec=1\r\ncmdstat_info:calls=9,usec=1\r\n\
                     cmdstat_client|setinfo:calls=2,usec=3\r\n";
        assert_eq!(calls(stats), 5);
        assert_eq!(used_bytes("# Memory\r\nused_memory:1234\r\n"), 1234);
    }
}
