//! Rows of mail: what is to be sent, and what became of it.
//!
//! Invariant: a mail is written in the transaction of the change that it tells of, and whoever sends it
//! has taken it first, so that one node does. Its body is gone once it was sent or given up.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// The longest reason that is kept, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// How many mails a listing has.
const LISTED_MAX: i64 = 200;

/// To whom a mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTo {
    /// To the checked address of a person who is not shut out, as it is when it is written; to nobody,
    /// where there is none.
    Person(Uid),
    /// To an address, checked or not.
    Address {
        /// The address.
        email: String,
        /// The address folded.
        key: String,
        /// Whom it concerns, if a person: deleting them takes it away.
        of: Option<Uid>,
    },
}

/// How many of a kind one address gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailLimit {
    /// So many.
    pub most: u32,
    /// Since then; one more is not written.
    pub since: Timestamp,
}

/// A mail to be sent. `Debug` does not show its text, which may hold a link.
#[derive(Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Which one it is.
    pub id: RowId,
    /// What it is about, in a word.
    pub kind: &'static str,
    /// To whom.
    pub to: MailTo,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// From when on it is not sent any more.
    pub ends_at: Timestamp,
    /// How many of its kind the address gets.
    pub limit: Option<MailLimit>,
}

impl fmt::Debug for MailRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("MailRow");
        debug.field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A mail that somebody has taken to send it. `Debug` does not show its text.
#[derive(Clone, PartialEq, Eq)]
pub struct TakenMail {
    /// Which one it is.
    pub id: RowId,
    /// What it is about.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// From when on it is not sent any more.
    pub ends_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

impl fmt::Debug for TakenMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TakenMail");
        debug.field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailState {
    /// It is to be sent.
    Waiting,
    /// It was sent.
    Sent,
    /// It was given up.
    Failed,
}

impl MailState {
    /// The state in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        [Self::Waiting, Self::Sent, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(LedgerError::Corrupt { column: "state" })
    }
}

/// What is told of a mail: never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecord {
    /// Which one it is.
    pub id: RowId,
    /// What it is about.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// Where it stands.
    pub state: MailState,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next, where it waits.
    pub next_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was not sent the last time.
    pub error: Option<String>,
}

impl Ledger {
    /// The same ledger, for one change that these mails tell of: they are written with what changes, or
    /// not at all.
    #[must_use = "the mails go with what is changed by the ledger that comes back"]
    pub fn with_mails(&self, mails: Vec<MailRow>) -> Self {
        self.carrying(Arc::from(mails))
    }

    /// Writes mails that tell of no change here.
    pub async fn post_mails(&self, mails: Vec<MailRow>) -> Result<(), LedgerError> {
        let posting = self.with_mails(mails);
        Ok(posting.begin().await?.commit().await?)
    }

    /// Takes the mail that has waited longest, so that nobody else does until `until`.
    pub async fn take_mail(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<TakenMail>, LedgerError> {
        let sql = "SELECT id FROM mails WHERE state = 'waiting' AND next_at <= $1 LIMIT 1";
        if sql::query(sql).bind(millis(now)).fetch_optional(self.reader()).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE mails SET next_at = $2, attempts = attempts + 1 WHERE id =
                   (SELECT id FROM mails
                    WHERE state = 'waiting' AND next_at <= $1 AND ends_at > $1
                    ORDER BY next_at, id LIMIT 1) RETURNING *";
        let taken = sql::query(sql).bind(millis(now)).bind(millis(until));
        let row = taken.fetch_optional(&mut tx).await?;
        tx.commit().await?;
        row.as_ref().map(read_taken).transpose()
    }

    /// Notes that a mail was sent by whoever took it.
    pub async fn mail_sent(&self, mail: &TakenMail, at: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE mails SET state = 'sent', body = '', error = NULL, settled_at = $2
                   WHERE id = $1 AND state = 'waiting'";
        let query = sql::query(sql).bind(mail.id.as_str()).bind(millis(at));
        query.execute(self.writer()).await?;
        Ok(())
    }

    /// Notes that a mail was not sent, and when it is to be tried again.
    pub async fn mail_put_off(
        &self,
        mail: &TakenMail,
        next_at: Timestamp,
        error: &str,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE mails SET next_at = $3, error = $4
                   WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        let query = sql::query(sql).bind(mail.id.as_str()).bind(i64::from(mail.attempts));
        query.bind(millis(next_at)).bind(shortened(error)).execute(self.writer()).await?;
        Ok(())
    }

    /// Notes that a mail will not be sent.
    pub async fn mail_given_up(
        &self,
        mail: &TakenMail,
        at: Timestamp,
        error: &str,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE mails SET state = 'failed', body = '', error = $3, settled_at = $4
                   WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        let query = sql::query(sql).bind(mail.id.as_str()).bind(i64::from(mail.attempts));
        query.bind(shortened(error)).bind(millis(at)).execute(self.writer()).await?;
        Ok(())
    }

    /// Gives up what has waited to its end. How many those were comes back.
    pub async fn end_mails(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let sql = "SELECT id FROM mails WHERE state = 'waiting' AND ends_at <= $1 LIMIT 1";
        if sql::query(sql).bind(millis(now)).fetch_optional(self.reader()).await?.is_none() {
            return Ok(0);
        }
        let sql = "UPDATE mails SET state = 'failed', body = '', settled_at = $1,
                   error = coalesce(error, 'nobody sent it in its time')
                   WHERE state = 'waiting' AND ends_at <= $1";
        let done = sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }

    /// What waits and what was given up, the newest first.
    pub async fn mails_unsent(&self) -> Result<Vec<MailRecord>, LedgerError> {
        let sql = "SELECT * FROM mails WHERE state <> 'sent' ORDER BY created_at DESC, id LIMIT $1";
        let rows = sql::query(sql).bind(LISTED_MAX).fetch_all(self.reader()).await?;
        rows.iter().map(read_record).collect()
    }

    /// How many mails wait, and how many were given up.
    pub async fn mails_counted(&self) -> Result<(u64, u64), LedgerError> {
        let sql = "SELECT (SELECT count(*) FROM mails WHERE state = 'waiting') AS waiting,
                   (SELECT count(*) FROM mails WHERE state = 'failed') AS failed";
        let row = sql::query(sql).fetch_one(self.reader()).await?;
        let (waiting, failed): (i64, i64) = (row.try_get("waiting")?, row.try_get("failed")?);
        Ok((u64::try_from(waiting).unwrap_or_default(), u64::try_from(failed).unwrap_or_default()))
    }

    /// Forgets mails that were sent or given up before `before`.
    pub async fn sweep_mails(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM mails WHERE state <> 'waiting' AND settled_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

/// Writes mails with what a transaction changes.
pub(crate) async fn post(tx: &mut Tx, mails: &[MailRow]) -> Result<(), sqlx::Error> {
    for mail in mails {
        let (uid, email, key) = match &mail.to {
            MailTo::Address { email, key, of } => {
                (of.as_ref().map(Uid::as_str), email.clone(), key.clone())
            }
            MailTo::Person(uid) => {
                let sql = "SELECT email, email_key FROM persons WHERE uid = $1
                           AND email IS NOT NULL AND email_key IS NOT NULL
                           AND email_checked_at IS NOT NULL AND status <> 'disabled'";
                let row = sql::query(sql).bind(uid.as_str()).fetch_optional(&mut *tx).await?;
                let Some(row) = row else { continue };
                (Some(uid.as_str()), row.try_get("email")?, row.try_get("email_key")?)
            }
        };
        if !is_over(tx, mail, &key).await? {
            insert(tx, mail, (uid, &email, &key)).await?;
        }
    }
    Ok(())
}

/// Whether an address has got as many of this kind as it may.
async fn is_over(tx: &mut Tx, mail: &MailRow, key: &str) -> Result<bool, sqlx::Error> {
    let Some(limit) = mail.limit else { return Ok(false) };
    let sql = "SELECT count(*) AS written FROM mails
               WHERE recipient_key = $1 AND kind = $2 AND created_at > $3";
    let counted = sql::query(sql).bind(key).bind(mail.kind).bind(millis(limit.since));
    let written: i64 = counted.fetch_one(&mut *tx).await?.try_get("written")?;
    Ok(written >= i64::from(limit.most))
}

async fn insert(
    tx: &mut Tx,
    mail: &MailRow,
    (uid, email, key): (Option<&str>, &str, &str),
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO mails (id, kind, uid, recipient, recipient_key, subject, body, state,
               created_at, ends_at, next_at, attempts)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $8, 0)
               ON CONFLICT (id) DO NOTHING";
    sql::query(sql)
        .bind(mail.id.as_str())
        .bind(mail.kind)
        .bind(uid)
        .bind(email)
        .bind(key)
        .bind(&mail.subject)
        .bind(&mail.body)
        .bind(millis(mail.created_at))
        .bind(millis(mail.ends_at))
        .execute(tx)
        .await?;
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ERROR_CHARS_MAX).collect()
}

fn id_of(row: &Row) -> Result<RowId, LedgerError> {
    RowId::parse(row.try_get("id")?).map_err(|_| LedgerError::Corrupt { column: "id" })
}

fn attempts_of(row: &Row) -> Result<u32, LedgerError> {
    let attempts: i64 = row.try_get("attempts")?;
    u32::try_from(attempts).map_err(|_| LedgerError::Corrupt { column: "attempts" })
}

fn read_taken(row: &Row) -> Result<TakenMail, LedgerError> {
    Ok(TakenMail {
        id: id_of(row)?,
        kind: row.try_get("kind")?,
        recipient: row.try_get("recipient")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        ends_at: timestamp("ends_at", row.try_get("ends_at")?)?,
        attempts: attempts_of(row)?,
    })
}

fn read_record(row: &Row) -> Result<MailRecord, LedgerError> {
    Ok(MailRecord {
        id: id_of(row)?,
        kind: row.try_get("kind")?,
        recipient: row.try_get("recipient")?,
        state: MailState::read(row.try_get("state")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        next_at: timestamp("next_at", row.try_get("next_at")?)?,
        attempts: attempts_of(row)?,
        error: row.try_get("error")?,
    })
}
