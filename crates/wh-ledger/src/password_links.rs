//! Rows of links by which a person sets their own password.
//!
//! Invariant: a link is spent in the transaction that sets the password and ends every session.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::api_tokens::revoke_tokens_of;
use crate::open::millis;
use crate::person_keys::revoke_keys_of;
use crate::persons::{read_person, read_uid};
use crate::sessions::{close_sessions, hex};
use crate::sql;
use crate::{Ledger, LedgerError, PasswordPhc, PersonRow};

impl Ledger {
    /// Keeps a person's link, in the place of the one that they had.
    pub async fn put_password_link(
        &self,
        uid: &Uid,
        digest: &SecretDigest,
        expires_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "INSERT INTO password_links (uid, digest, expires_at) VALUES ($1, $2, $3)
                   ON CONFLICT (uid) DO UPDATE
                   SET digest = excluded.digest, expires_at = excluded.expires_at";
        let put = sql::query(sql).bind(uid.as_str()).bind(hex(digest)).bind(millis(expires_at));
        let put = put.execute(&mut tx).await;
        put.map_err(|e| LedgerError::of_write("password link", e))?;
        Ok(tx.commit().await?)
    }

    /// Whose link this is, if it could be spent now. Only [`Ledger::spend_password_link`] decides.
    pub async fn password_link_of(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<PersonRow>, LedgerError> {
        let sql = "SELECT p.* FROM persons p JOIN password_links l ON l.uid = p.uid
                   WHERE l.digest = $1 AND l.expires_at > $2 AND p.status <> 'disabled'";
        let row = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let row = row.fetch_optional(self.reader()).await?;
        row.as_ref().map(read_person).transpose()
    }

    /// Spends a link: sets the password and ends every session of its person, with what was issued for
    /// them, access keys and API tokens too; the person comes back. `None`: it
    /// is not one, was spent or replaced, has expired, or its person is shut out; nothing was changed.
    pub async fn spend_password_link(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        password: &PasswordPhc,
    ) -> Result<Option<Uid>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM password_links WHERE digest = $1 AND expires_at > $2 RETURNING uid";
        let spent = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let Some(row) = spent.fetch_optional(&mut tx).await? else { return Ok(None) };
        let uid = read_uid(row.try_get("uid")?)?;
        let sql = "UPDATE persons SET password_phc = $2 WHERE uid = $1 AND status <> 'disabled'";
        let set = sql::query(sql).bind(uid.as_str()).bind(password.as_str());
        if set.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let mut ended = close_sessions(&mut tx, &uid, now).await?;
        revoke_keys_of(&mut tx, &uid, now).await?;
        ended.extend(revoke_tokens_of(&mut tx, &uid, now).await?);
        self.revocations().end(&uid, now, &ended);
        tx.commit().await?;
        Ok(Some(uid))
    }
}
