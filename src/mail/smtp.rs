//! Letters by SMTP. Each has a connection of its own: they are rare, and nothing is left open that may be dead.

use std::fmt;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport as _, Tokio1Executor};
use quire_protocol::text::clean_line;

use super::{Letter, Post, PostError, Security, Sender, SmtpSettings};

/// One word of the server takes no longer.
const WORD_PATIENCE: Duration = Duration::from_secs(20);
/// A whole letter takes no longer.
const LETTER_PATIENCE: Duration = Duration::from_mins(1);
/// Of what a server said, so many characters are kept.
const SAID_CHARS_MAX: usize = 300;

/// A server that takes mail.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
}

/// Why mail cannot be sent by these settings.
#[derive(Debug)]
pub struct Unusable(String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail cannot be sent with these settings: {}", self.0)
    }
}

impl std::error::Error for Unusable {}

impl Smtp {
    /// A way to this server for mail of `sender`; `greeting` is the host name that it hears. Nothing is sent yet.
    pub fn new(settings: &SmtpSettings, sender: Sender, greeting: &str) -> Result<Self, Unusable> {
        let tls = match settings.security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(parameters(settings)?),
            Security::Tls => Tls::Wrapper(parameters(settings)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(WORD_PATIENCE))
            .hello_name(ClientId::Domain(greeting.to_owned()));
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), sender: sender.0 })
    }

    async fn sends(&self, letter: &Letter) -> Result<(), PostError> {
        let message = self.message(letter)?;
        match tokio::time::timeout(LETTER_PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(PostError::Later("the mail server takes too long".to_owned())),
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, PostError> {
        let address = letter.to.parse().map_err(|_| PostError::Never("mail cannot be sent to this address".into()))?;
        let domain = self.sender.email.domain();
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|error| PostError::Never(error.to_string()))
    }
}

/// Tells programs that answer mail for somebody who is away to leave these letters alone (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, Unusable> {
    let wrong = |error: smtp::Error| Unusable(error.to_string());
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca {
        let ca = Certificate::from_pem(pem).map_err(wrong)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(ca);
    }
    builder.build().map_err(wrong)
}

/// What a server says is its own words: a line of it, no longer than a person reads.
fn refusal(error: &smtp::Error) -> PostError {
    let said = clean_line(&error.to_string()).chars().take(SAID_CHARS_MAX).collect();
    // 53x is about the hub's own name and password: an operator mends that, and the letter is as good as before.
    let about_us = error.status().is_some_and(|code| code.to_string().starts_with("53"));
    if error.is_permanent() && !about_us { PostError::Never(said) } else { PostError::Later(said) }
}

impl Post for Smtp {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), PostError>> {
        self.sends(letter).boxed()
    }
}
