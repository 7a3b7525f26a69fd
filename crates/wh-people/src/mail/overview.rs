//! What administrators see of mail: never its text.

use jiff::Timestamp;
use wh_ledger::{LedgerError, MailState};

use super::Mailing;
use crate::{Administrator, People};

/// A mail that waits or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentMail {
    /// What it is about, in a word.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// Whether it was given up; else it waits.
    pub given_up: bool,
    /// When it was written.
    pub created: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was not sent the last time.
    pub error: Option<String>,
}

/// How mail stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailOverview {
    /// Whether it reaches people.
    pub mailing: Mailing,
    /// What waits and what was given up within a week, the newest first.
    pub unsent: Vec<UnsentMail>,
}

impl People {
    /// Whether mail reaches people here.
    pub fn mailing(&self) -> Mailing {
        self.mailing_rule()
    }

    /// What waits to be sent and what could not be.
    pub async fn mail_overview(
        &self,
        _administrator: &Administrator,
    ) -> Result<MailOverview, LedgerError> {
        let unsent = self.ledger().mails_unsent().await?.into_iter().map(|mail| UnsentMail {
            kind: mail.kind,
            recipient: mail.recipient,
            given_up: mail.state == MailState::Failed,
            created: mail.created_at,
            attempts: mail.attempts,
            error: mail.error,
        });
        Ok(MailOverview { mailing: self.mailing(), unsent: unsent.collect() })
    }
}
