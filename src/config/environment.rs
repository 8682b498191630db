//! `QUIRE_*` variables: one for each flag, with the same text. A flag wins over its variable.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::{Command, CommandFactory as _};

use super::Problems;
use super::args::{Arguments, RedisArguments, ServeArguments};

const PREFIX: &str = "QUIRE_";
/// The only variable of a subcommand besides those of the hub: a token does not belong on a command line.
const TOKEN: &str = "QUIRE_TOKEN";

/// The variables that are settings.
pub(super) struct Environment(BTreeMap<String, String>);

fn variable(flag: &str) -> String {
    format!("{PREFIX}{}", flag.to_uppercase().replace('-', "_"))
}

/// Adds the variable to the help of each flag.
pub(super) fn mention_variables(command: Command) -> Command {
    command.mut_args(|arg| match arg.get_long() {
        Some(flag) if flag != "help" && flag != "version" => {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let variable = variable(flag);
            arg.help(format!("{help} [env: {variable}]"))
        }
        _ => arg,
    })
}

impl Environment {
    /// Keeps the variables that are settings; an unknown one is likely a misspelt one, so it is a problem.
    pub(super) fn read(variables: impl IntoIterator<Item = (OsString, OsString)>, problems: &mut Problems) -> Self {
        let command = Arguments::command();
        let known: Vec<String> = command.get_arguments().filter_map(|arg| arg.get_long()).map(variable).collect();
        let mut settings = BTreeMap::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
            match value.into_string() {
                _ if name != TOKEN && !known.iter().any(|known| known == name) => {
                    problems.add(format!("{name}: there is no such setting"));
                }
                Ok(value) => drop(settings.insert(name.to_owned(), value)),
                Err(_) => problems.add(format!("{name}: is not UTF-8")),
            }
        }
        Self(settings)
    }

    /// The variable of a flag.
    pub(super) fn text(&self, flag: &str) -> Option<String> {
        self.0.get(&variable(flag)).cloned()
    }

    /// Fills in what the command line left open about the Redis.
    pub(super) fn fill_redis(&self, raw: &mut RedisArguments) {
        let fields = [
            (&mut raw.url, "redis-url"),
            (&mut raw.password_file, "redis-password-file"),
            (&mut raw.ca, "redis-ca"),
            (&mut raw.prefix, "redis-prefix"),
            (&mut raw.wait_replicas, "redis-wait-replicas"),
        ];
        for (field, flag) in fields {
            // An empty variable is one that a deployment leaves open.
            *field = field.take().or_else(|| self.text(flag).filter(|text| !text.is_empty()));
        }
    }

    /// Fills in what the command line left open. Lists are separated by commas.
    pub(super) fn fill(&self, raw: &mut ServeArguments) {
        let one = |field: &mut Option<String>, flag| {
            if field.is_none() {
                *field = self.text(flag);
            }
        };
        one(&mut raw.listen, "listen");
        one(&mut raw.data_dir, "data-dir");
        self.fill_redis(&mut raw.redis);
        one(&mut raw.lock_idle, "lock-idle");
        one(&mut raw.lock_grace, "lock-grace");
        one(&mut raw.jwt_secret, "jwt-secret");
        one(&mut raw.jwt_secret_file, "jwt-secret-file");
        one(&mut raw.jwt_public_key, "jwt-public-key");
        one(&mut raw.jwks, "jwks");
        one(&mut raw.jwt_issuer, "jwt-issuer");
        one(&mut raw.jwt_audience, "jwt-audience");
        one(&mut raw.service_token_file, "service-token-file");
        one(&mut raw.dev, "dev");
        one(&mut raw.mail.smtp_url, "smtp-url");
        one(&mut raw.mail.password_file, "smtp-password-file");
        one(&mut raw.mail.ca, "smtp-ca");
        one(&mut raw.mail.from, "mail-from");
        one(&mut raw.mail.public_url, "public-url");
        one(&mut raw.press, "press");
        one(&mut raw.press_fonts, "press-fonts");
        one(&mut raw.library_owner, "library-owner");
        one(&mut raw.webhook_allow_private, "webhook-allow-private");
        one(&mut raw.log, "log");
        one(&mut raw.log_format, "log-format");
        let many = |field: &mut Vec<String>, flag| {
            if let Some(text) = self.text(flag).filter(|_| field.is_empty()) {
                *field = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Into::into).collect();
            }
        };
        many(&mut raw.allow_origin, "allow-origin");
        many(&mut raw.limit, "limit");
        many(&mut raw.timer, "timer");
    }
}
