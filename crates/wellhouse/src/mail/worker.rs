//! What takes mails from the ledger, one after the other, and sends them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Ledger, LedgerError, TakenMail};
use wh_names::Clock;

use super::message::{Sender, Text};
use super::{SendError, Transport, folder, system_time};

/// How often it is looked for mail.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Nobody else takes a mail for so long: longer than the server may take to answer at every step.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How long is waited after the first failure; each further one doubles it.
const WAIT_FIRST: SignedDuration = SignedDuration::from_secs(5);

/// The longest wait between two attempts.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Files of the folder are kept for so long.
const FILES_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often old files are looked for, in looks for mail.
const PRUNE_AFTER: u32 = 3_600;

/// What sends.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) transport: Transport,
    pub(super) sender: Sender,
    pub(super) ledger: Ledger,
    pub(super) clock: Clock,
}

impl Worker {
    /// Sends what there is, for ever.
    pub(super) async fn run(self) {
        let (mut failing, mut looks) = (false, 0_u32);
        loop {
            match self.round().await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    tracing::error!(%error, "mail cannot be read from the ledger");
                    failing = true;
                }
                Err(_again) => {}
            }
            if looks.is_multiple_of(PRUNE_AFTER) {
                self.prune();
            }
            looks = looks.wrapping_add(1);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn round(&self) -> Result<(), LedgerError> {
        let ended = self.ledger.end_mails(self.clock.now()).await?;
        if ended > 0 {
            tracing::warn!(count = ended, "mails were given up: nobody took them in their time");
        }
        loop {
            let now = self.clock.now();
            let until = later(now, TAKEN_FOR);
            let Some(mail) = self.ledger.take_mail(now, until).await? else { return Ok(()) };
            let sent = self.send(&mail).await;
            self.settle(&mail, sent).await?;
        }
    }

    async fn send(&self, mail: &TakenMail) -> Result<(), SendError> {
        let id = mail.id.as_str();
        let message = self.sender.message(&Text {
            id,
            to: &mail.recipient,
            subject: &mail.subject,
            body: &mail.body,
            at: mail.created_at,
        })?;
        self.transport.send(id, message).await
    }

    async fn settle(
        &self,
        mail: &TakenMail,
        sent: Result<(), SendError>,
    ) -> Result<(), LedgerError> {
        let (id, kind, attempts, now) = (&mail.id, &mail.kind, mail.attempts, self.clock.now());
        match sent {
            Ok(()) => {
                tracing::info!(%id, kind, attempts, "a mail was sent");
                self.ledger.mail_sent(mail, now).await
            }
            Err(SendError::Later(why)) => {
                tracing::warn!(%id, kind, attempts, why, "a mail was not sent; it is tried again");
                let next = later(now, wait(attempts));
                self.ledger.mail_put_off(mail, next, &why).await
            }
            Err(SendError::Never(why)) => {
                tracing::error!(%id, kind, attempts, why, "a mail was given up");
                self.ledger.mail_given_up(mail, now, &why).await
            }
        }
    }

    fn prune(&self) {
        let Transport::Folder(folder) = &self.transport else { return };
        let before = self.clock.now().checked_sub(FILES_KEPT).unwrap_or(Timestamp::MIN);
        if let Err(error) = folder::prune(folder, system_time(before)) {
            tracing::warn!(%error, "old mails were not removed from {}", folder.display());
        }
    }
}

fn later(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// Doubles with each attempt.
fn wait(attempts: u32) -> SignedDuration {
    let factor = 1_i32.checked_shl(attempts.saturating_sub(1).min(20)).unwrap_or(i32::MAX);
    WAIT_FIRST.checked_mul(factor).map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn each_failure_doubles_the_wait_up_to_an_hour() {
        let waits = [1, 2, 3, 9, 10, 11, 30, u32::MAX].map(|attempts| wait(attempts).as_secs());
        assert_eq!(waits, [5, 10, 20, 1280, 2560, 3600, 3600, 3600]);
        // A link that counts for twenty minutes is tried several times.
        let within: i64 = (1..8).map(|attempts| wait(attempts).as_secs()).sum();
        assert!(within < 20 * 60, "{within}");
    }
}
