//! The set-up token: one at a time, spent once, and with it the first person is written.

use jiff::Timestamp;
use wh_names::SecretDigest;

use crate::grants::{insert_grants, is_held};
use crate::open::millis;
use crate::persons::insert_person_row;
use crate::sessions::{hex, insert_session_row};
use crate::settings::write_settings;
use crate::sql;
use crate::{GrantRow, Holding, Ledger, LedgerError, PersonRow, SessionRow};

/// What set-up writes, all of it or none.
#[derive(Debug)]
pub struct FirstPerson<'a> {
    /// The first administrator.
    pub person: &'a PersonRow,
    /// Their grants, `holding` among them.
    pub grants: &'a [GrantRow],
    /// Their first session.
    pub session: &'a SessionRow,
    /// What they chose.
    pub settings: &'a [(&'a str, &'a str)],
    /// The grant that makes them administrator.
    pub holding: &'a Holding,
}

/// What came of spending a set-up token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupOutcome {
    /// The token was spent and the person written.
    Done,
    /// The token is not the one, was spent, or has expired. Nothing was written.
    TokenRefused,
    /// Somebody already is administrator. Nothing was written.
    AlreadyDone,
}

impl Ledger {
    /// Replaces whatever set-up token there was.
    pub async fn replace_setup_token(
        &self,
        digest: &SecretDigest,
        expires_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO setup_tokens (slot, digest, expires_at) VALUES (1, $1, $2)
                   ON CONFLICT (slot) DO UPDATE
                   SET digest = excluded.digest, expires_at = excluded.expires_at";
        sql::query(sql).bind(hex(digest)).bind(millis(expires_at)).execute(self.writer()).await?;
        Ok(())
    }

    /// Whether this token could be spent now. Only [`Ledger::spend_setup_token`] decides.
    pub async fn setup_token_stands(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM setup_tokens WHERE digest = $1 AND expires_at > $2";
        let row = sql::query(sql)
            .bind(hex(digest))
            .bind(millis(now))
            .fetch_optional(self.reader())
            .await?;
        Ok(row.is_some())
    }

    /// Spends a set-up token on the first administrator, in one transaction.
    pub async fn spend_setup_token(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        first: FirstPerson<'_>,
    ) -> Result<SetupOutcome, LedgerError> {
        let mut tx = self.writer().begin().await?;
        if is_held(&mut tx, first.holding).await? {
            return Ok(SetupOutcome::AlreadyDone);
        }
        let sql = "DELETE FROM setup_tokens WHERE digest = $1 AND expires_at > $2";
        let spent = sql::query(sql).bind(hex(digest)).bind(millis(now)).execute(&mut tx).await?;
        if spent.rows_affected() == 0 {
            return Ok(SetupOutcome::TokenRefused);
        }
        insert_person_row(&mut tx, first.person).await?;
        insert_grants(&mut tx, first.grants).await?;
        insert_session_row(&mut tx, first.session).await?;
        write_settings(&mut tx, first.settings).await?;
        tx.commit().await?;
        Ok(SetupOutcome::Done)
    }
}
