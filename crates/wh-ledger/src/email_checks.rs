//! Rows of links that check a mail address, and of the devices that persons signed in by.
//!
//! Invariant: an address counts as checked by the transaction that spends the link sent there, and of
//! two persons with one address at most one has checked it.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::grants::insert_grants;
use crate::open::{millis, timestamp};
use crate::persons::{read_person, read_uid};
use crate::sessions::hex;
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, GrantRow, Ledger, LedgerError, PersonRow};

/// What following a link is worth to somebody who registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// The address counts as checked, and nothing else changes.
    Nothing,
    /// An administrator may approve from then on.
    Approval,
    /// The person may sign in.
    Entry,
}

impl Admits {
    fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Approval => "approval",
            Self::Entry => "entry",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        [Self::Nothing, Self::Approval, Self::Entry]
            .into_iter()
            .find(|admits| admits.as_str() == text)
            .ok_or(LedgerError::Corrupt { column: "admits" })
    }
}

/// A link that checks an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailCheckRow {
    /// The digest of its token.
    pub digest: SecretDigest,
    /// The address that it was sent to.
    pub email: String,
    /// The address folded.
    pub email_key: String,
    /// What following it is worth.
    pub admits: Admits,
    /// Until when it may be followed.
    pub expires_at: Timestamp,
}

/// What waits to be checked, as its person may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailWanted {
    /// The address.
    pub email: String,
    /// Its key.
    pub email_key: String,
    /// What following the link is worth.
    pub admits: Admits,
    /// Until when the link may be followed.
    pub expires_at: Timestamp,
}

impl Ledger {
    /// The active or pending person who has checked the address of this key.
    pub async fn person_by_checked_email(
        &self,
        key: &str,
    ) -> Result<Option<PersonRow>, LedgerError> {
        let sql = "SELECT * FROM persons WHERE email_key = $1 AND email_checked_at IS NOT NULL";
        let row = sql::query(sql).bind(key).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_person).transpose()
    }

    /// Keeps a person's link, in the place of the one that they had.
    pub async fn put_email_check(
        &self,
        uid: &Uid,
        check: &EmailCheckRow,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        put_check(&mut tx, uid, check).await?;
        Ok(tx.commit().await?)
    }

    /// The address of a person that waits to be checked.
    pub async fn email_wanted(&self, uid: &Uid) -> Result<Option<EmailWanted>, LedgerError> {
        let sql = "SELECT * FROM email_checks WHERE uid = $1";
        let row = sql::query(sql).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_wanted).transpose()
    }

    /// Whose link this is and what it says, if it could be followed now. Only
    /// [`Ledger::spend_email_check`] decides.
    pub async fn email_check_of(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<(PersonRow, EmailWanted)>, LedgerError> {
        let sql = "SELECT * FROM email_checks WHERE digest = $1 AND expires_at > $2";
        let query = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let Some(row) = query.fetch_optional(self.reader()).await? else { return Ok(None) };
        let person = self.person(&read_uid(row.try_get("uid")?)?).await?;
        person.map(|person| Ok((person, read_wanted(&row)?))).transpose()
    }

    /// Follows a link: its person has this address from now on, checked, and is let in with these grants
    /// where `entry` says so and they wait. `None`: it is not one, was followed or replaced, has expired,
    /// or its person is shut out; nothing was changed. An address that somebody else has checked is a
    /// conflict.
    pub async fn spend_email_check(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        entry: Option<&[GrantRow]>,
    ) -> Result<Option<Uid>, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM email_checks WHERE digest = $1 AND expires_at > $2 RETURNING *";
        let spent = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let Some(row) = spent.fetch_optional(&mut tx).await? else { return Ok(None) };
        let (uid, wanted) = (read_uid(row.try_get("uid")?)?, read_wanted(&row)?);
        // What was sent to another mailbox counts no more.
        let sql = "DELETE FROM password_links WHERE uid = $1 AND by_mail = 1 AND uid IN
                   (SELECT uid FROM persons WHERE email_key IS DISTINCT FROM $2)";
        let void = sql::query(sql).bind(uid.as_str()).bind(&wanted.email_key);
        void.execute(&mut tx).await?;
        let sql = "UPDATE persons SET email = $2, email_key = $3, email_checked_at = $4
                   WHERE uid = $1 AND status <> 'disabled'";
        let set = sql::query(sql)
            .bind(uid.as_str())
            .bind(&wanted.email)
            .bind(&wanted.email_key)
            .bind(millis(now))
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("email", e))?;
        if set.rows_affected() == 0 {
            return Ok(None);
        }
        if let (Admits::Entry, Some(grants)) = (wanted.admits, entry) {
            let sql = "UPDATE persons SET status = 'active', approved_at = $2
                       WHERE uid = $1 AND status = 'pending'";
            let let_in = sql::query(sql).bind(uid.as_str()).bind(millis(now));
            if let_in.execute(&mut tx).await?.rows_affected() == 1 {
                insert_grants(&mut tx, grants).await?;
            }
        }
        tx.commit().await?;
        Ok(Some(uid))
    }

    /// Takes a person's address away, checked or not, and what waits to be checked. `false`: they had
    /// none.
    pub async fn remove_email(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        // What tells of it goes to the address as it was.
        tx.post().await?;
        let mut removed = 0;
        for sql in [
            "DELETE FROM email_checks WHERE uid = $1",
            "DELETE FROM password_links WHERE uid = $1 AND by_mail = 1",
            "UPDATE persons SET email = NULL, email_key = NULL, email_checked_at = NULL
             WHERE uid = $1 AND email IS NOT NULL",
        ] {
            removed = sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?.rows_affected();
        }
        tx.commit().await?;
        Ok(removed == 1)
    }

    /// Persons who registered, were to follow a link, and did not in its time.
    pub async fn registrations_unchecked(&self, now: Timestamp) -> Result<Vec<Uid>, LedgerError> {
        let sql = "SELECT c.uid FROM email_checks c JOIN persons p ON p.uid = c.uid
                   WHERE c.expires_at <= $1 AND c.admits <> 'nothing'
                   AND p.status = 'pending' AND p.approved_at IS NULL ORDER BY c.uid LIMIT 1000";
        let rows = sql::query(sql).bind(millis(now)).fetch_all(self.reader()).await?;
        rows.iter().map(|row| read_uid(row.try_get("uid")?)).collect()
    }

    /// Forgets one of those, whose name is free then. `false`: they were let in meanwhile.
    pub async fn forget_registration(
        &self,
        uid: &Uid,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM persons WHERE uid = $1 AND status = 'pending'
                   AND approved_at IS NULL AND uid IN
                   (SELECT uid FROM email_checks WHERE expires_at <= $2 AND admits <> 'nothing')";
        let gone = sql::query(sql).bind(uid.as_str()).bind(millis(record.at));
        if gone.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO deleted_persons (uid, deleted_at) VALUES ($1, $2)";
        sql::query(sql).bind(uid.as_str()).bind(millis(record.at)).execute(&mut tx).await?;
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets links of either kind whose time is over, and devices that were not seen since `unseen`.
    pub async fn sweep_links(&self, now: Timestamp, unseen: Timestamp) -> Result<(), LedgerError> {
        let (now, unseen) = (millis(now), millis(unseen));
        let sql = "DELETE FROM password_links WHERE expires_at <= $1";
        sql::query(sql).bind(now).execute(self.writer()).await?;
        let sql = "DELETE FROM email_checks WHERE expires_at <= $1 AND admits = 'nothing'";
        sql::query(sql).bind(now).execute(self.writer()).await?;
        let sql = "DELETE FROM seen_devices WHERE seen_at <= $1";
        sql::query(sql).bind(unseen).execute(self.writer()).await?;
        Ok(())
    }

    /// Notes that a person signed in by this device. What this ledger [carries](Ledger::with_mails) is
    /// written where they have signed in before, and never by this one.
    pub async fn note_device(
        &self,
        uid: &Uid,
        device: &str,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT count(*) AS others,
                   count(CASE WHEN device = $2 THEN 1 END) AS known
                   FROM seen_devices WHERE uid = $1";
        let counted = sql::query(sql).bind(uid.as_str()).bind(device).fetch_one(&mut tx).await?;
        let (others, known): (i64, i64) = (counted.try_get("others")?, counted.try_get("known")?);
        let new = others > 0 && known == 0;
        if !new {
            tx.silence();
        }
        let sql = "INSERT INTO seen_devices (uid, device, seen_at) VALUES ($1, $2, $3)
                   ON CONFLICT (uid, device) DO UPDATE SET seen_at = excluded.seen_at";
        let put = sql::query(sql).bind(uid.as_str()).bind(device).bind(millis(at));
        put.execute(&mut tx).await?;
        tx.commit().await?;
        Ok(new)
    }
}

pub(crate) async fn put_check(
    tx: &mut Tx,
    uid: &Uid,
    check: &EmailCheckRow,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO email_checks (uid, digest, email, email_key, admits, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (uid) DO UPDATE
               SET digest = excluded.digest, email = excluded.email,
                   email_key = excluded.email_key, admits = excluded.admits,
                   expires_at = excluded.expires_at";
    sql::query(sql)
        .bind(uid.as_str())
        .bind(hex(&check.digest))
        .bind(&check.email)
        .bind(&check.email_key)
        .bind(check.admits.as_str())
        .bind(millis(check.expires_at))
        .execute(tx)
        .await
        .map_err(|e| LedgerError::of_write("person", e))?;
    Ok(())
}

fn read_wanted(row: &Row) -> Result<EmailWanted, LedgerError> {
    Ok(EmailWanted {
        email: row.try_get("email")?,
        email_key: row.try_get("email_key")?,
        admits: Admits::read(row.try_get("admits")?)?,
        expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
    })
}
