//! What is said about mail.

use super::args::MailArguments;
use super::{Origin, Problems, read_file};
use crate::mail::{Security, Sender, SmtpSettings};

/// Through whom mail leaves, and in whose name. It has no `Debug`, as it may hold a password.
#[derive(Clone)]
pub struct MailSettings {
    /// The server.
    pub smtp: SmtpSettings,
    /// The sender.
    pub from: Sender,
}

impl MailArguments {
    /// Whether a server is named, be it well or not.
    pub(super) fn has_server(&self) -> bool {
        given(self.smtp_url.as_ref()).is_some()
    }
}

/// An empty variable is one that a deployment leaves open.
fn given(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}

/// How mail is sent, and where its links lead.
pub(super) fn read(
    raw: &MailArguments,
    development: bool,
    problems: &mut Problems,
) -> (Option<MailSettings>, Option<Origin>) {
    let public_url = given(raw.public_url.as_ref());
    let public_url =
        public_url.and_then(|text| problems.take("public-url", Origin::parse(text.strip_suffix('/').unwrap_or(text))));
    let from = given(raw.from.as_ref()).and_then(|text| problems.take("mail-from", Sender::parse(text)));
    let smtp = given(raw.smtp_url.as_ref()).and_then(|text| problems.take("smtp-url", SmtpSettings::from_url(text)));
    let password = read_file(given(raw.password_file.as_ref()), "smtp-password-file", problems);
    let password = password.and_then(|bytes| problems.take("smtp-password-file", super::redis::parse_password(&bytes)));
    let ca = read_file(given(raw.ca.as_ref()), "smtp-ca", problems);
    if !raw.has_server() && (given(raw.from.as_ref()).or(given(raw.password_file.as_ref()))).is_some() {
        problems.add("--mail-from and --smtp-password-file belong to --smtp-url");
    }
    if raw.has_server() && given(raw.from.as_ref()).is_none() {
        problems.add("--mail-from: says in whose name mail is sent; --smtp-url needs it");
    }
    if raw.has_server() && given(raw.public_url.as_ref()).is_none() && !development {
        problems.add("--public-url: says where links in mails lead; --smtp-url needs it");
    }
    let mail = smtp.map(|smtp| judged(smtp, password, ca, problems)).zip(from);
    (mail.map(|(smtp, from)| MailSettings { smtp, from }), public_url)
}

/// The server with all that belongs to it.
fn judged(
    mut smtp: SmtpSettings,
    password: Option<String>,
    ca: Option<Vec<u8>>,
    problems: &mut Problems,
) -> SmtpSettings {
    if password.is_some() && smtp.password.is_some() {
        problems.add("--smtp-password-file: --smtp-url holds a password already");
    }
    smtp.password = password.or(smtp.password);
    if smtp.user.is_some() != smtp.password.is_some() {
        problems.add("--smtp-url: a user and a password belong together: give USER:PASSWORD or --smtp-password-file");
    }
    let plain = smtp.security == Security::Plain;
    if plain && smtp.password.is_some() && !smtp.is_here() {
        problems.add("--smtp-url: would send a password in the clear: use smtps://, or put ?tls=required behind it");
    }
    if plain && ca.is_some() {
        problems.add("--smtp-ca: belongs to smtps:// or ?tls=required");
    }
    smtp.ca = ca;
    smtp
}
