//! What is said about the Redis.

use super::args::RedisArguments;
use super::{Problems, read_file};
use crate::store::redis::RedisSettings;

/// Most replicas that a write can be asked to reach.
const REPLICAS_MAX: u32 = 32;

/// The Redis, if there is one.
pub(super) fn read(raw: &RedisArguments, problems: &mut Problems) -> Option<RedisSettings> {
    if raw.is_pointless() {
        problems
            .add("--redis-password-file, --redis-ca, --redis-prefix and --redis-wait-replicas belong to --redis-url");
    }
    let url = raw.url.as_deref().map(RedisSettings::from_url);
    let settings = url.and_then(|parsed| problems.take("redis-url", parsed));
    let password = read_file(raw.password_file.as_ref(), "redis-password-file", problems);
    let password = password.and_then(|bytes| problems.take("redis-password-file", parse_password(&bytes)));
    let ca = read_file(raw.ca.as_ref(), "redis-ca", problems);
    let prefix = raw.prefix.as_deref().map(RedisSettings::parse_prefix);
    let prefix = prefix.and_then(|parsed| problems.take("redis-prefix", parsed));
    let wait_replicas = raw.wait_replicas.as_deref().map(parse_replicas);
    let wait_replicas = wait_replicas.and_then(|parsed| problems.take("redis-wait-replicas", parsed));
    let mut settings = settings?;
    if password.is_some() && settings.password.is_some() {
        problems.add("--redis-password-file: --redis-url holds a password already");
    }
    settings.password = password.or(settings.password);
    if settings.user.is_some() && settings.password.is_none() {
        problems.add("--redis-url: names a user without a password: give USER:PASSWORD or --redis-password-file");
    }
    if ca.is_some() && !settings.tls {
        problems.add("--redis-ca: belongs to a rediss:// address");
    }
    settings.ca = ca;
    settings.prefix = prefix.unwrap_or(settings.prefix);
    settings.wait_replicas = wait_replicas.unwrap_or(0);
    Some(settings)
}

pub(super) fn parse_password(bytes: &[u8]) -> Result<String, &'static str> {
    // Editors and `echo` end a file with a line feed that is no part of the password.
    let text = std::str::from_utf8(bytes.trim_ascii_end()).map_err(|_| "is not UTF-8")?;
    (!text.is_empty()).then(|| text.to_owned()).ok_or("is empty")
}

fn parse_replicas(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|number| *number <= REPLICAS_MAX);
    number.ok_or("is a whole number from 0 to 32")
}
