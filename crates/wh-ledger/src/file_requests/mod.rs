//! Rows of file requests: folders into which people without an account send files, by the rights of the person who
//! asked for them.
//!
//! Invariant: what is promised to senders is counted by the statement that asks whether there is room for it, in the
//! transaction that writes the upload down, and given back in the one that gives the upload up. With a request
//! ends what was issued for it.

mod rows;
mod sent;
mod telling;

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::open::millis;
use crate::revocations::write_session;
use crate::sessions::hex;
use crate::share_links::ended;
use crate::sql::{self, Tx};
use crate::{Ledger, LedgerError, PasswordPhc, RowId};

pub use rows::{FileRequestFilter, FileRequestRow, SenderRow, SentRow};
use rows::{insert_row, read};
pub use sent::{Promised, Room};
pub(crate) use sent::{arrived, given_back, is_completing};
pub use telling::Untold;

// One statement for each way to ask, so that each finds its rows by an index.
const ALL: &str = "SELECT r.*, (SELECT count(*) FROM file_request_senders s
                                WHERE s.request_id = r.id AND s.arrived > 0) AS senders
                   FROM file_requests r WHERE r.id < $1 ORDER BY r.id DESC LIMIT $2";
const OF_PERSON: &str = "SELECT r.*, (SELECT count(*) FROM file_request_senders s
                                      WHERE s.request_id = r.id AND s.arrived > 0) AS senders
                         FROM file_requests r WHERE r.id < $1 AND r.uid = $2
                         ORDER BY r.id DESC LIMIT $3";
const ONE: &str = "SELECT r.*, (SELECT count(*) FROM file_request_senders s
                                WHERE s.request_id = r.id AND s.arrived > 0) AS senders
                   FROM file_requests r WHERE r.id = $1";
const BY_DIGEST: &str = "SELECT r.*, (SELECT count(*) FROM file_request_senders s
                                      WHERE s.request_id = r.id AND s.arrived > 0) AS senders
                         FROM file_requests r WHERE r.digest = $1";
const STANDING: &str = "SELECT r.*, (SELECT count(*) FROM file_request_senders s
                                     WHERE s.request_id = r.id AND s.arrived > 0) AS senders
                        FROM file_requests r
                        WHERE r.revoked_at IS NULL AND (r.expires_at IS NULL OR r.expires_at > $1)";

impl Ledger {
    /// Keeps a new request, unless its person has `max` that count: then `false`. Of those that ended the newest
    /// `max` are remembered. A person who is not active is a conflict.
    pub async fn insert_file_request(
        &self,
        request: &FileRequestRow,
        max: u32,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT 1 FROM persons WHERE uid = $1 AND status = 'active'";
        if sql::query(sql).bind(request.uid.as_str()).fetch_optional(&mut tx).await?.is_none() {
            return Err(LedgerError::Conflict { what: "person" });
        }
        let sql = "SELECT count(*) AS held FROM file_requests
                   WHERE uid = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
        let counted = sql::query(sql).bind(request.uid.as_str()).bind(millis(request.created_at));
        let held: i64 = counted.fetch_one(&mut tx).await?.try_get("held")?;
        if held >= i64::from(max) {
            return Ok(false);
        }
        forget_ended(&mut tx, request, max).await?;
        insert_row(&mut tx, request).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The request with this digest, whether it counts or not.
    pub async fn file_request(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<FileRequestRow>, LedgerError> {
        let query = sql::query(BY_DIGEST).bind(hex(digest));
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The request of this name, whether it counts or not.
    pub async fn file_request_by_id(
        &self,
        id: &RowId,
    ) -> Result<Option<FileRequestRow>, LedgerError> {
        let query = sql::query(ONE).bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// All requests that are neither revoked nor at their own end.
    pub async fn standing_file_requests(
        &self,
        now: Timestamp,
    ) -> Result<Vec<FileRequestRow>, LedgerError> {
        let rows = sql::query(STANDING).bind(millis(now)).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// So many requests, the newest first.
    pub async fn file_requests(
        &self,
        filter: FileRequestFilter<'_>,
        limit: u32,
    ) -> Result<Vec<FileRequestRow>, LedgerError> {
        // An id is of digits and letters: this one comes after all of them.
        let before = filter.before.map_or("~", RowId::as_str);
        let query = match filter.uid {
            None => sql::query(ALL).bind(before),
            Some(uid) => sql::query(OF_PERSON).bind(before).bind(uid.as_str()),
        };
        let query = query.bind(i64::from(limit));
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Ends a request of this person's for good, with whatever was issued for it. `false`: there is none that is
    /// not revoked.
    pub async fn revoke_file_request(
        &self,
        id: &RowId,
        uid: &Uid,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE file_requests SET revoked_at = $3
                   WHERE id = $1 AND uid = $2 AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(uid.as_str()).bind(millis(at));
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        write_session(&mut tx, id.as_str(), at).await?;
        self.revocations().end_session(id.as_str(), at);
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets requests that ended before `before`, and senders who came before `idle` and sent nothing.
    pub async fn sweep_file_requests(
        &self,
        before: Timestamp,
        idle: Timestamp,
    ) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM file_request_senders WHERE files = 0 AND created_at < $1";
        sql::query(sql).bind(millis(idle)).execute(self.writer()).await?;
        let sql = "DELETE FROM file_requests WHERE revoked_at < $1 OR expires_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

/// Ends all requests of a person for good, also those made by an API token, and says which: their ids are names of
/// sessions.
pub(crate) async fn revoke_file_requests_of(
    tx: &mut Tx,
    uid: &Uid,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "UPDATE file_requests SET revoked_at = $2 WHERE uid = $1 AND revoked_at IS NULL
               RETURNING id";
    let rows = sql::query(sql).bind(uid.as_str()).bind(millis(at)).fetch_all(&mut *tx).await?;
    ended(tx, &rows, at).await
}

/// Ends all requests that were made by an API token for good, and says which.
pub(crate) async fn revoke_file_requests_by(
    tx: &mut Tx,
    token: &RowId,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "UPDATE file_requests SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL
               RETURNING id";
    let rows = sql::query(sql).bind(token.as_str()).bind(millis(at)).fetch_all(&mut *tx).await?;
    ended(tx, &rows, at).await
}

/// Forgets the requests of this one's person that ended, but for the newest `kept`.
async fn forget_ended(tx: &mut Tx, request: &FileRequestRow, kept: u32) -> Result<(), LedgerError> {
    let sql = "DELETE FROM file_requests
               WHERE uid = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                 AND id NOT IN (SELECT id FROM file_requests
                                WHERE uid = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                                ORDER BY id DESC LIMIT $3)";
    let done = sql::query(sql).bind(request.uid.as_str()).bind(millis(request.created_at));
    done.bind(i64::from(kept)).execute(&mut *tx).await?;
    Ok(())
}

/// The hash, as a value of a column.
fn phc(password: Option<&PasswordPhc>) -> Option<&str> {
    password.map(PasswordPhc::as_str)
}
