//! Section `mail`: by which way mail goes, and from whom.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

/// Mail to people: links, and notices of what changed in their accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MailConfig {
    /// `smtp`, `file` or `log`. Without it mail is not set up: it lies in the data folder, and nobody is
    /// offered a link by mail.
    pub(crate) transport: Option<MailTransport>,
    /// From whom: `files@example.org` or `Wellhouse <files@example.org>`.
    pub(crate) from: Option<String>,
    /// `file` only: the folder; `mail` in the data folder where it is missing.
    pub(crate) folder: Option<PathBuf>,
    /// `smtp` only.
    pub(crate) smtp: SmtpConfig,
}

/// By which way mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailTransport {
    /// To a mail server
    Smtp,
    /// Into a folder, a file each
    File,
    /// Into the log, links and all: for trying things out
    Log,
}

/// The mail server that takes what is sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SmtpConfig {
    /// Its name, as its certificate has it.
    pub(crate) host: Option<String>,
    /// 465 with `implicit`, 587 with `starttls` and 25 without TLS, where it is missing.
    pub(crate) port: Option<u16>,
    /// `implicit`, `starttls` or `none-loopback-only`.
    pub(crate) tls: SmtpTls,
    /// Who signs in there; nobody, without it.
    pub(crate) user: Option<String>,
    /// The file that holds the password.
    pub(crate) password_file: Option<PathBuf>,
    /// A file of certificates (PEM) that are trusted besides the machine's own.
    pub(crate) ca_file: Option<PathBuf>,
}

/// How the mail server is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SmtpTls {
    /// TLS from the first byte
    #[default]
    Implicit,
    /// TLS after `STARTTLS`, without which nothing is sent
    Starttls,
    /// No TLS, to this machine alone
    NoneLoopbackOnly,
}

impl SmtpConfig {
    /// The port, configured or usual.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            SmtpTls::Implicit => 465,
            SmtpTls::Starttls => 587,
            SmtpTls::NoneLoopbackOnly => 25,
        })
    }

    fn check(&self) -> Result<()> {
        let Some(host) = self.host.as_deref().filter(|host| !host.trim().is_empty()) else {
            bail!("mail.smtp.host is missing: name the server that takes mail");
        };
        let loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if self.tls == SmtpTls::NoneLoopbackOnly && !loopback {
            bail!(
                "mail.smtp.tls = \"none-loopback-only\" takes 127.0.0.1 or ::1 as mail.smtp.host, not \
                 `{host}`: for another machine choose \"implicit\" or \"starttls\""
            );
        }
        match (&self.user, &self.password_file) {
            (Some(_), None) => bail!(
                "mail.smtp.user needs mail.smtp.password_file: a file with mode 0600 that holds the \
                 password"
            ),
            (None, Some(_)) => bail!("mail.smtp.password_file needs mail.smtp.user"),
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
    }
}

impl MailConfig {
    /// The sender, if one is configured.
    pub(crate) fn from(&self) -> Result<Option<Mailbox>> {
        let mailbox = self.from.as_deref().map(|from| {
            let fix = || {
                format!("mail.from = `{from}` is no address: write `Wellhouse <files@example.org>`")
            };
            if from.chars().any(char::is_control) {
                bail!(fix());
            }
            from.parse::<Mailbox>().with_context(fix)
        });
        mailbox.transpose()
    }

    pub(super) fn check(&self, public_url: Option<&str>) -> Result<()> {
        let from = self.from()?;
        match self.transport {
            Some(MailTransport::Smtp) => {
                if from.is_none() {
                    bail!("mail.from is missing: say from whom mail comes, `files@example.org`");
                }
                if public_url.is_none() {
                    bail!(
                        "mail.transport = \"smtp\" needs portal.public_url: links in mails begin with \
                         it"
                    );
                }
                self.smtp.check()
            }
            Some(MailTransport::File | MailTransport::Log) | None => {
                if self.smtp.host.is_some() {
                    bail!("mail.smtp.host is named and not used: set mail.transport = \"smtp\"");
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MailConfig, MailTransport, SmtpConfig, SmtpTls};

    #[test]
    fn what_is_wrong_names_the_key_and_the_fix() {
        let smtp = |tls, host: &str| MailConfig {
            transport: Some(MailTransport::Smtp),
            from: Some("Wellhouse <files@example.org>".to_owned()),
            smtp: SmtpConfig { host: Some(host.to_owned()), tls, ..SmtpConfig::default() },
            ..MailConfig::default()
        };
        let public = Some("https://files.example.org");
        let well = smtp(SmtpTls::Implicit, "mail.example.org");
        well.check(public).expect("well");
        assert_eq!(well.smtp.port(), 465);
        smtp(SmtpTls::NoneLoopbackOnly, "127.0.0.1").check(public).expect("this machine");
        MailConfig::default().check(None).expect("nothing configured");
        let without_from = MailConfig { from: None, ..well.clone() };
        let named = MailConfig { from: Some("a\r\nBcc: b@c.org".to_owned()), ..well.clone() };
        let user = SmtpConfig { user: Some("u".to_owned()), ..well.smtp.clone() };
        let user = MailConfig { smtp: user, ..well.clone() };
        let unused = MailConfig { transport: None, ..well.clone() };
        for (config, public, words) in [
            (smtp(SmtpTls::NoneLoopbackOnly, "localhost"), public, "127.0.0.1"),
            (smtp(SmtpTls::NoneLoopbackOnly, "192.0.2.1"), public, "starttls"),
            (smtp(SmtpTls::Starttls, " "), public, "mail.smtp.host is missing"),
            (well, None, "portal.public_url"),
            (without_from, public, "mail.from is missing"),
            (named, public, "is no address"),
            (user, public, "mail.smtp.password_file"),
            (unused, public, "mail.transport"),
        ] {
            let error = format!("{:#}", config.check(public).expect_err(words));
            assert!(error.contains(words), "{error}");
        }
    }
}
