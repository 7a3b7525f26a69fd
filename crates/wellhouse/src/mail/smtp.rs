//! To a mail server, by `lettre`: with TLS, or on this machine alone.

use std::error::Error;
use std::time::Duration;

use anyhow::{Context, Result};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::SendError;
use crate::config::{SmtpConfig, SmtpTls};
use crate::secret_file;

/// How long one answer of the server is waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What says that we are not let in, and not that the mail is refused. Source: RFC 4954, 6.
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// A way to the server; nothing is sent yet.
pub(super) fn connect(
    config: &SmtpConfig,
    own_host: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let host = config.host.as_deref().unwrap_or_default();
    let tls = match config.tls {
        SmtpTls::Implicit => Tls::Wrapper(parameters(config, host)?),
        SmtpTls::Starttls => Tls::Required(parameters(config, host)?),
        SmtpTls::NoneLoopbackOnly => Tls::None,
    };
    // "Dangerous" is its default, which is no TLS: what is set here is what holds.
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(config.port())
        .tls(tls)
        .timeout(Some(ANSWER_WITHIN))
        .hello_name(ClientId::Domain(own_host.to_owned()));
    if let (Some(user), Some(file)) = (&config.user, &config.password_file) {
        let password = secret_file::read("mail.smtp.password_file", file)?;
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        builder = builder.credentials(credentials);
    }
    Ok(builder.build())
}

fn parameters(config: &SmtpConfig, host: &str) -> Result<TlsParameters> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = &config.ca_file {
        let shown = || format!("mail.smtp.ca_file: {}", file.display());
        let pem = std::fs::read(file).with_context(shown)?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).with_context(shown)?);
    }
    builder.build_rustls().context("mail.smtp: TLS")
}

pub(super) async fn send(
    server: &AsyncSmtpTransport<Tokio1Executor>,
    message: Message,
) -> Result<(), SendError> {
    let Err(error) = server.send(message).await else { return Ok(()) };
    let code = error.status().map(u16::from);
    let told = in_words(&error);
    let last_word = error.is_permanent() && !code.is_some_and(|code| NOT_LET_IN.contains(&code));
    Err(if last_word { SendError::Never(told) } else { SendError::Later(told) })
}

/// The error with its causes, on one line.
fn in_words(error: &lettre::transport::smtp::Error) -> String {
    let mut told = error.to_string();
    let mut cause = Error::source(error);
    while let Some(next) = cause {
        let more = next.to_string();
        if !told.contains(&more) {
            told = format!("{told}: {more}");
        }
        cause = next.source();
    }
    told.replace(['\r', '\n'], " ")
}
