//! Rows of API tokens: by which a person's scripts come in, for some locations and some actions.
//!
//! Invariant: a token and the audit record of its making, or of its end, are one transaction; with a
//! token ends what was issued for it.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::file_requests::revoke_file_requests_by;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::revocations::write_session;
use crate::sessions::{hex, unhex};
use crate::share_links::revoke_share_links_by;
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, Ledger, LedgerError, RowId};

/// What a token may do at most, where its person may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenAction {
    /// See what is there.
    List,
    /// Read files.
    Read,
    /// Write files, also over others.
    Write,
    /// Delete files.
    Delete,
}

impl TokenAction {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::List, Self::Read, Self::Write, Self::Delete];

    /// The action in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }

    /// The action of this word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

/// An API token. What it opens with is never here, only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenRow {
    /// What the token is called, also in the names of role sessions; it opens nothing.
    pub id: RowId,
    /// Whose it is.
    pub uid: Uid,
    /// The digest of what the person holds.
    pub digest: SecretDigest,
    /// What its person calls it.
    pub name: String,
    /// The grants that it is for.
    pub grants: Vec<RowId>,
    /// What it may do there at most.
    pub actions: Vec<TokenAction>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// Its last use, if there was one.
    pub used: Option<ApiTokenUse>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// When a token was last used, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenUse {
    /// When, to the minute or so.
    pub at: Timestamp,
    /// The address of the peer, where it is known.
    pub ip: Option<String>,
}

impl Ledger {
    /// Keeps a new token, unless its person has `max` that count already: then `false`. A person who is
    /// not active, or whose session `sid` is no more, is a conflict.
    pub async fn insert_api_token(
        &self,
        token: &ApiTokenRow,
        (max, sid): (u32, &str),
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT 1 FROM persons p JOIN sessions s ON s.uid = p.uid
                   WHERE p.uid = $1 AND p.status = 'active' AND s.sid = $2";
        let stands = sql::query(sql).bind(token.uid.as_str()).bind(sid);
        if stands.fetch_optional(&mut tx).await?.is_none() {
            return Err(LedgerError::Conflict { what: "session" });
        }
        let sql = "SELECT count(*) AS held FROM api_tokens
                   WHERE uid = $1 AND revoked_at IS NULL AND expires_at > $2";
        let counted = sql::query(sql).bind(token.uid.as_str()).bind(millis(token.created_at));
        let held: i64 = counted.fetch_one(&mut tx).await?.try_get("held")?;
        if held >= i64::from(max) {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        insert_row(&mut tx, token).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The token with this digest, whether it counts or not.
    pub async fn api_token(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<ApiTokenRow>, LedgerError> {
        let query = sql::query("SELECT * FROM api_tokens WHERE digest = $1").bind(hex(digest));
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// All tokens of everybody that are remembered, whether they count or not.
    pub async fn api_tokens(&self) -> Result<Vec<ApiTokenRow>, LedgerError> {
        let sql = "SELECT * FROM api_tokens ORDER BY created_at, id";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// All tokens of a person that are remembered, the newest first.
    pub async fn api_tokens_of(&self, uid: &Uid) -> Result<Vec<ApiTokenRow>, LedgerError> {
        let sql = "SELECT * FROM api_tokens WHERE uid = $1 ORDER BY created_at DESC, id DESC";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// Remembers that a token was used.
    pub async fn note_api_token_use(
        &self,
        id: &RowId,
        used: &ApiTokenUse,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE api_tokens SET used_at = $2, used_from = $3 WHERE id = $1";
        let query = sql::query(sql).bind(id.as_str()).bind(millis(used.at)).bind(&used.ip);
        query.execute(self.writer()).await?;
        Ok(())
    }

    /// Ends a person's token for good, the shared links that were made by it, and whatever was issued for
    /// them. `false`: the person has no such token that is not revoked.
    pub async fn revoke_api_token(
        &self,
        uid: &Uid,
        id: &RowId,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE api_tokens SET revoked_at = $3
                   WHERE id = $1 AND uid = $2 AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(uid.as_str()).bind(millis(record.at));
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        write_session(&mut tx, id.as_str(), record.at).await?;
        let mut ended = revoke_share_links_by(&mut tx, id, record.at).await?;
        ended.extend(revoke_file_requests_by(&mut tx, id, record.at).await?);
        ended.push(id.to_string());
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets tokens that ended before `before`.
    pub async fn sweep_api_tokens(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM api_tokens WHERE revoked_at < $1 OR expires_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

/// Ends all tokens of a person for good, and says which: their ids are names of sessions. Links that were
/// made by them are among those of the person, which end by [`revoke_share_links_of`].
///
/// [`revoke_share_links_of`]: crate::share_links::revoke_share_links_of
pub(crate) async fn revoke_tokens_of(
    tx: &mut Tx,
    uid: &Uid,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "UPDATE api_tokens SET revoked_at = $2 WHERE uid = $1 AND revoked_at IS NULL
               RETURNING id";
    let query = sql::query(sql).bind(uid.as_str()).bind(millis(at));
    let rows = query.fetch_all(&mut *tx).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.try_get("id")).collect::<Result<_, _>>()?;
    for id in &ids {
        write_session(tx, id, at).await?;
    }
    Ok(ids)
}

async fn insert_row(tx: &mut Tx, token: &ApiTokenRow) -> Result<(), LedgerError> {
    let sql =
        "INSERT INTO api_tokens (id, uid, digest, name, grants, actions, created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let grants: Vec<&str> = token.grants.iter().map(RowId::as_str).collect();
    let actions: Vec<&str> = token.actions.iter().map(|action| action.as_str()).collect();
    sql::query(sql)
        .bind(token.id.as_str())
        .bind(token.uid.as_str())
        .bind(hex(&token.digest))
        .bind(&token.name)
        .bind(grants.join(" "))
        .bind(actions.join(" "))
        .bind(millis(token.created_at))
        .bind(millis(token.expires_at))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("API token", e))?;
    Ok(())
}

fn read(row: &Row) -> Result<ApiTokenRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let id = |text: &str, column| RowId::parse(text).map_err(|_| corrupt(column));
    let grants: &str = row.try_get("grants")?;
    let grants = grants.split_whitespace().map(|grant| id(grant, "grants"));
    let actions: &str = row.try_get("actions")?;
    let actions = actions.split_whitespace().map(TokenAction::parse);
    let (used, revoked): (Option<i64>, Option<i64>) =
        (row.try_get("used_at")?, row.try_get("revoked_at")?);
    let used = match used {
        Some(at) => {
            Some(ApiTokenUse { at: timestamp("used_at", at)?, ip: row.try_get("used_from")? })
        }
        None => None,
    };
    Ok(ApiTokenRow {
        id: id(row.try_get("id")?, "id")?,
        uid: read_uid(row.try_get("uid")?)?,
        digest: unhex("digest", row.try_get("digest")?)?,
        name: row.try_get("name")?,
        grants: grants.collect::<Result<_, _>>()?,
        actions: actions.collect::<Option<_>>().ok_or_else(|| corrupt("actions"))?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
        used,
        revoked_at: revoked.map(|at| timestamp("revoked_at", at)).transpose()?,
    })
}
