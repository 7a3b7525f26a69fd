//! Rows of sign-ins that are half-way: the password was right, the second factor is awaited.
//!
//! Invariant: such a row opens nothing but the second step, for as many attempts and as long as it
//! says; the session begins in the transaction that spends the code and the row.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::open::millis;
use crate::persons::read_uid;
use crate::second_factors::spend;
use crate::sessions::{hex, insert_session_row};
use crate::sql::{self, Tx};
use crate::{AuditRecord, FactorUse, Ledger, LedgerError, PasswordPhc, SessionRow};

/// A sign-in that waits for the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignInRow {
    /// The digest of the token that the person's browser holds.
    pub digest: SecretDigest,
    /// Whose password was right.
    pub uid: Uid,
    /// When it counts no more.
    pub expires_at: Timestamp,
}

impl Ledger {
    /// Begins a sign-in of an active person whose password still is `password`. `false`: it is not, and
    /// nothing began.
    pub async fn begin_sign_in(
        &self,
        pending: &PendingSignInRow,
        password: &PasswordPhc,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT 1 FROM persons
                   WHERE uid = $1 AND status = 'active' AND password_phc = $2";
        let may = sql::query(sql).bind(pending.uid.as_str()).bind(password.as_str());
        if may.fetch_optional(&mut tx).await?.is_none() {
            return Ok(false);
        }
        insert_pending(&mut tx, pending).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Whose sign-in this is, if it still counts.
    pub async fn pending_sign_in(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        attempts_max: u32,
    ) -> Result<Option<Uid>, LedgerError> {
        let sql = "SELECT uid FROM pending_sign_ins
                   WHERE digest = $1 AND expires_at > $2 AND attempts < $3";
        let row = sql::query(sql)
            .bind(hex(digest))
            .bind(millis(now))
            .bind(i64::from(attempts_max))
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| read_uid(row.try_get("uid")?)).transpose()
    }

    /// Counts an attempt before it is judged. `false`: there may be none any more.
    pub async fn count_sign_in_attempt(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        attempts_max: u32,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE pending_sign_ins SET attempts = attempts + 1
                   WHERE digest = $1 AND expires_at > $2 AND attempts < $3";
        let done = sql::query(sql)
            .bind(hex(digest))
            .bind(millis(now))
            .bind(i64::from(attempts_max))
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Spends a code of the second factor on a session of the person whose sign-in it is. `false`: the
    /// code was spent before, or the sign-in does not count any more, and no session began.
    pub async fn finish_sign_in(
        &self,
        digest: &SecretDigest,
        used: &FactorUse,
        session: &SessionRow,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM pending_sign_ins WHERE digest = $1 AND uid = $2 AND expires_at > $3";
        let pending = sql::query(sql)
            .bind(hex(digest))
            .bind(session.uid.as_str())
            .bind(millis(record.at))
            .execute(&mut tx)
            .await?;
        let sql = "SELECT 1 FROM persons WHERE uid = $1 AND status = 'active'";
        let may = sql::query(sql).bind(session.uid.as_str()).fetch_optional(&mut tx).await?;
        if pending.rows_affected() == 0 || may.is_none() {
            return Ok(false);
        }
        if !spend(&mut tx, &session.uid, used).await? {
            return Ok(false);
        }
        insert_session_row(&mut tx, session).await?;
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets sign-ins, challenges and offered second factors whose time is over.
    pub async fn sweep_sign_ins(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM second_factor_offers WHERE expires_at <= $1";
        sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        let sql = "DELETE FROM ceremonies WHERE expires_at <= $1";
        sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        let sql = "DELETE FROM pending_sign_ins WHERE expires_at <= $1";
        let done = sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

pub(crate) async fn insert_pending(
    tx: &mut Tx,
    pending: &PendingSignInRow,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO pending_sign_ins (digest, uid, expires_at, attempts)
               VALUES ($1, $2, $3, 0)";
    sql::query(sql)
        .bind(hex(&pending.digest))
        .bind(pending.uid.as_str())
        .bind(millis(pending.expires_at))
        .execute(&mut *tx)
        .await?;
    Ok(())
}
