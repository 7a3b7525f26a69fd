//! Rows of attempts to sign in that failed, and of browsers that somebody has signed in with.
//!
//! Invariant: an attempt is counted before it is judged, in one statement with the question whether there
//! may be another, so that many at once and on many nodes gain nothing.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::open::millis;
use crate::sessions::hex;
use crate::sql::{self, Tx};
use crate::{Ledger, LedgerError};

/// What an attempt to sign in is counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountedBy {
    /// The folded name that was typed: somebody in a browser that is not known, or anybody at all.
    Name(String),
    /// A browser in which the person of this folded name has signed in.
    Device {
        /// The digest of the browser's token.
        digest: SecretDigest,
        /// Whose name was typed.
        name: String,
    },
}

impl Ledger {
    /// Whether the person of this folded name has signed in with this browser since `since`, and fewer
    /// than `max` attempts with it have failed since. Costs the same where nobody has the name.
    pub async fn knows_device(
        &self,
        (digest, name): (&SecretDigest, &str),
        (since, max): (Timestamp, i64),
    ) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM known_devices d JOIN persons p ON p.uid = d.uid
                   WHERE d.digest = $1 AND p.name_key = $2 AND d.used_at > $3 AND d.failures < $4";
        let row = sql::query(sql).bind(hex(digest)).bind(name).bind(millis(since)).bind(max);
        Ok(row.fetch_optional(self.reader()).await?.is_some())
    }

    /// Counts an attempt before it is judged. `false`: `max` have failed already, or the browser is not
    /// known any more, and there may be none.
    pub async fn count_failure(
        &self,
        by: &CountedBy,
        now: Timestamp,
        max: i64,
    ) -> Result<bool, LedgerError> {
        let query = match by {
            CountedBy::Name(name) => {
                let sql =
                    "INSERT INTO sign_in_failures (name, failures, last_at) VALUES ($1, 1, $2)
                           ON CONFLICT (name) DO UPDATE
                           SET failures = sign_in_failures.failures + 1, last_at = excluded.last_at
                           WHERE sign_in_failures.failures < $3";
                sql::query(sql).bind(name).bind(millis(now)).bind(max)
            }
            CountedBy::Device { digest, name } => {
                let sql = "UPDATE known_devices SET failures = failures + 1
                           WHERE digest = $1 AND failures < $3
                           AND uid = (SELECT uid FROM persons WHERE name_key = $2)";
                sql::query(sql).bind(hex(digest)).bind(name).bind(max)
            }
        };
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }

    /// How many attempts under a folded name have failed, one after the other.
    pub async fn failures(&self, name: &str) -> Result<i64, LedgerError> {
        let sql = "SELECT failures FROM sign_in_failures WHERE name = $1";
        let row = sql::query(sql).bind(name).fetch_optional(self.reader()).await?;
        Ok(row.map(|row| row.try_get("failures")).transpose()?.unwrap_or_default())
    }

    /// Takes back an attempt that was counted: it was right, or never judged.
    pub async fn take_back_failure(&self, by: &CountedBy) -> Result<(), LedgerError> {
        let query = match by {
            CountedBy::Name(name) => {
                let sql = "UPDATE sign_in_failures SET failures = failures - 1
                           WHERE name = $1 AND failures > 0";
                sql::query(sql).bind(name)
            }
            CountedBy::Device { digest, name } => {
                let sql = "UPDATE known_devices SET failures = failures - 1
                           WHERE digest = $1 AND failures > 0
                           AND uid = (SELECT uid FROM persons WHERE name_key = $2)";
                sql::query(sql).bind(hex(digest)).bind(name)
            }
        };
        query.execute(self.writer()).await?;
        Ok(())
    }

    /// Forgets all attempts that are counted by this: a sign-in went all the way.
    pub async fn forget_failures(&self, by: &CountedBy) -> Result<(), LedgerError> {
        let query = match by {
            CountedBy::Name(name) => {
                sql::query("DELETE FROM sign_in_failures WHERE name = $1").bind(name)
            }
            CountedBy::Device { digest, name } => {
                let sql = "UPDATE known_devices SET failures = 0 WHERE digest = $1
                           AND uid = (SELECT uid FROM persons WHERE name_key = $2)";
                sql::query(sql).bind(hex(digest)).bind(name)
            }
        };
        query.execute(self.writer()).await?;
        Ok(())
    }

    /// Knows a browser in which a person has just signed in by the token of digest `new`, and all whom it
    /// was known of under `old`. Of a person's browsers the `max` that were used last are known.
    pub async fn know_device(
        &self,
        uid: &Uid,
        (old, new): (Option<&SecretDigest>, &SecretDigest),
        (now, max): (Timestamp, i64),
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        if let Some(old) = old {
            let sql = "UPDATE known_devices SET digest = $2 WHERE digest = $1";
            sql::query(sql).bind(hex(old)).bind(hex(new)).execute(&mut tx).await?;
        }
        let sql =
            "INSERT INTO known_devices (digest, uid, used_at, failures) VALUES ($1, $2, $3, 0)
                   ON CONFLICT (digest, uid) DO UPDATE
                   SET used_at = excluded.used_at, failures = 0";
        let put = sql::query(sql).bind(hex(new)).bind(uid.as_str()).bind(millis(now));
        put.execute(&mut tx).await.map_err(|e| LedgerError::of_write("known device", e))?;
        let sql = "DELETE FROM known_devices WHERE uid = $1 AND digest NOT IN
                   (SELECT digest FROM known_devices WHERE uid = $1
                    ORDER BY used_at DESC, digest LIMIT $2)";
        sql::query(sql).bind(uid.as_str()).bind(max).execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets browsers that were last signed in with before `unused_since`, and failures under names
    /// that nobody has where the last is from before `failed_before`.
    pub async fn sweep_devices(
        &self,
        unused_since: Timestamp,
        failed_before: Timestamp,
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM known_devices WHERE used_at <= $1";
        sql::query(sql).bind(millis(unused_since)).execute(self.writer()).await?;
        let sql = "DELETE FROM sign_in_failures WHERE last_at <= $1 AND NOT EXISTS
                   (SELECT 1 FROM persons p WHERE p.name_key = sign_in_failures.name)";
        sql::query(sql).bind(millis(failed_before)).execute(self.writer()).await?;
        Ok(())
    }
}

/// Forgets a person's browsers: whoever has one may be who is to be kept out.
pub(crate) async fn forget_devices(tx: &mut Tx, uid: &Uid) -> Result<(), LedgerError> {
    let sql = "DELETE FROM known_devices WHERE uid = $1";
    sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?;
    Ok(())
}

/// Forgets a person's failures: there is another password to guess.
pub(crate) async fn forget_failures_of(tx: &mut Tx, uid: &Uid) -> Result<(), LedgerError> {
    let sql = "DELETE FROM sign_in_failures
               WHERE name = (SELECT name_key FROM persons WHERE uid = $1)";
    sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?;
    Ok(())
}
