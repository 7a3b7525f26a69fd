//! Sending mail: what the ledger holds is taken, made into a message and handed to a transport.
//!
//! Invariant: a mail is taken by one node at a time; a link is written into no log unless the transport
//! is the log. See `docs/adr/0025-mail.md`.

mod command;
mod folder;
mod message;
mod smtp;
mod worker;

pub(crate) use command::{Mail, run};

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use jiff::Timestamp;
use lettre::{AsyncSmtpTransport, Message, Tokio1Executor};
use tokio::task::JoinHandle;
use wh_people::Mailing;

use crate::config::{Config, MailTransport};
use crate::embedded::Parameters;
use message::Sender;
use worker::Worker;

/// The folder in the data folder.
const FOLDER: &str = "mail";

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum SendError {
    /// It may be another time.
    #[error("{0}")]
    Later(String),
    /// It will never be.
    #[error("{0}")]
    Never(String),
}

/// By which way mail goes.
#[derive(Debug)]
enum Transport {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
    Log,
}

impl Transport {
    fn open(config: &Config) -> Result<Self> {
        Ok(match config.mail.transport {
            Some(MailTransport::Smtp) => {
                Self::Smtp(Box::new(smtp::connect(&config.mail.smtp, &host(config))?))
            }
            Some(MailTransport::Log) => Self::Log,
            Some(MailTransport::File) | None => Self::Folder(folder(config)),
        })
    }

    async fn send(&self, name: &str, message: Message) -> Result<(), SendError> {
        match self {
            Self::Smtp(server) => smtp::send(server, message).await,
            Self::Folder(folder) => folder::put(folder, name, &message.formatted()),
            Self::Log => {
                let text = String::from_utf8_lossy(&message.formatted()).into_owned();
                tracing::info!(target: "wellhouse::mail", text, "a mail");
                Ok(())
            }
        }
    }
}

/// The host name of the portal.
fn host(config: &Config) -> String {
    let uri = config.portal_url().parse::<http::Uri>().ok();
    uri.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

fn folder(config: &Config) -> PathBuf {
    config.mail.folder.clone().unwrap_or_else(|| config.data.join(FOLDER))
}

/// A time as files and messages have it.
fn system_time(at: Timestamp) -> SystemTime {
    let since = u64::try_from(at.as_second()).map(Duration::from_secs).unwrap_or_default();
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

/// Whether mail reaches people.
pub(crate) fn mailing(config: &Config) -> Mailing {
    if config.mail.transport.is_some() { Mailing::Sent } else { Mailing::NotSetUp }
}

/// Where mail goes, in words.
pub(crate) fn in_words(config: &Config) -> String {
    let smtp = &config.mail.smtp;
    match config.mail.transport {
        Some(MailTransport::Smtp) => {
            format!("sent to {}:{}", smtp.host.as_deref().unwrap_or_default(), smtp.port())
        }
        Some(MailTransport::File) => format!("put into {}", folder(config).display()),
        Some(MailTransport::Log) => "written into the log".to_owned(),
        None => format!("not set up; what is written lies in {}", folder(config).display()),
    }
}

/// Begins to send what the ledger holds.
pub(crate) fn start(config: &Config, parameters: &Parameters) -> Result<JoinHandle<()>> {
    match config.mail.transport {
        Some(MailTransport::Log) => tracing::warn!(
            "mail.transport is \"log\": links that set passwords are written into this log"
        ),
        Some(MailTransport::Smtp | MailTransport::File) | None => {
            tracing::info!("mail is {}", in_words(config));
        }
    }
    let worker = Worker {
        transport: Transport::open(config)?,
        sender: Sender::of(config)?,
        ledger: parameters.ledger.clone(),
        clock: parameters.clock.clone(),
    };
    Ok(tokio::spawn(worker.run()))
}
