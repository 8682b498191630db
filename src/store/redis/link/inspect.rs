//! Judges a server by what its `INFO` says, before anything is entrusted to it.

use std::collections::BTreeMap;

use super::endpoint::{Address, Refusal};

/// The oldest version whose scripts and sharded channels do what the store needs.
const MAJOR_VERSION_MIN: u32 = 7;

/// What a server is to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The only one.
    One,
    /// The one that sentinels name.
    Followed,
    /// A node of a cluster.
    Cluster,
}

/// What a server says about itself.
pub(super) struct Report(BTreeMap<String, String>);

impl Report {
    /// Parses the answer to `INFO`.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        Self(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn says(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Names this life of this process.
    pub(super) fn run_id(&self) -> &str {
        self.says("run_id")
    }

    /// Whether the store may use this server.
    pub(super) fn judge(&self, address: &Address, kind: Kind) -> Result<(), Refusal> {
        let never = |what: &str| Err(Refusal::Never(format!("{address} {what}")));
        let not_yet = |what: &str| Err(Refusal::NotYet(format!("{address} {what}")));
        let version = self.says("redis_version");
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < MAJOR_VERSION_MIN) {
            return never(&format!("is not a Redis {MAJOR_VERSION_MIN} or newer (it says version {version:?})"));
        }
        match (self.says("redis_mode"), kind == Kind::Cluster) {
            ("sentinel", _) => return never("is a sentinel: give redis-sentinel://…/SERVICE"),
            ("cluster", false) => return never("is a node of a cluster: give redis-cluster://…"),
            ("standalone", true) => return never("is not a node of a cluster: give redis://…"),
            _ => {}
        }
        if self.says("loading") == "1" {
            return not_yet("still loads its data");
        }
        let policy = self.says("maxmemory_policy");
        if policy != "noeviction" {
            return never(&format!(
                "would evict books when its memory is full: its maxmemory-policy is {policy:?}, and must be noeviction"
            ));
        }
        match (self.says("role"), kind) {
            ("master", _) => Ok(()),
            // The one that others name may become their master at any moment.
            (_, Kind::Followed | Kind::Cluster) => not_yet("is a read-only replica"),
            (_, Kind::One) => never("is a read-only replica: give its master, or redis-sentinel://…/SERVICE"),
        }
    }

    /// What the owner should know although the store works.
    pub(super) fn warnings(&self, address: &Address, wait_replicas: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.says("aof_enabled") != "1" {
            warnings.push(format!(
                "{address} has no append-only file: when it stops, what was acknowledged since its last snapshot is \
                 lost; set appendonly yes"
            ));
        }
        if self.says("connected_slaves").parse::<u32>().unwrap_or(0) < wait_replicas {
            warnings.push(format!(
                "{address} has fewer replicas than the {wait_replicas} that must have a write: nothing can be \
                 acknowledged"
            ));
        }
        warnings
    }
}

#[cfg(test)]
mod tests;
