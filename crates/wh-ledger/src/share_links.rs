//! Rows of links by which somebody without an account fetches what a person may read.
//!
//! Invariant: what may be fetched so often is counted by the statement that asks whether there is one left,
//! and an attempt at a password is counted before it is judged. With a link ends what was issued for it.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::revocations::write_session;
use crate::sessions::{hex, unhex};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, PasswordPhc, RowId};

// One statement for each way to ask, so that each finds its rows by an index.
const ALL: &str = "SELECT * FROM share_links WHERE id < $1 ORDER BY id DESC LIMIT $2";
const OF_PERSON: &str =
    "SELECT * FROM share_links WHERE id < $1 AND uid = $2 ORDER BY id DESC LIMIT $3";
const AT: &str = "SELECT * FROM share_links
                  WHERE id < $1 AND grant_id = $2 AND path = $3 ORDER BY id DESC LIMIT $4";
const AT_OF_PERSON: &str = "SELECT * FROM share_links
                            WHERE id < $1 AND grant_id = $2 AND path = $3 AND uid = $4
                            ORDER BY id DESC LIMIT $5";

/// What may be done with the files of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkShowing {
    /// Look at them, and save them.
    Download,
    /// Look at those that a browser shows without running anything.
    View,
}

impl LinkShowing {
    /// In one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::View => "view",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Download, Self::View].into_iter().find(|showing| showing.as_str() == word)
    }
}

/// What a password guards that people without an account give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// A shared link.
    Link,
    /// A file request.
    Request,
}

/// A link. What it opens with is never here, only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareLinkRow {
    /// What the link is called, also in the names of role sessions; it opens nothing.
    pub id: RowId,
    /// Whose it is, and by whose rights it opens.
    pub uid: Uid,
    /// The digest of what stands in its address.
    pub digest: SecretDigest,
    /// By which grant.
    pub grant_id: RowId,
    /// What it opens, in the grant's location; a folder's path ends in a slash.
    pub path: String,
    /// What may be done with it.
    pub showing: LinkShowing,
    /// What its person wrote to themselves.
    pub note: String,
    /// The hash of the password that it asks for, if it does.
    pub password: Option<PasswordPhc>,
    /// How many passwords were wrong, one after another.
    pub wrong_tries: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// How often something may be fetched by it, if that is bounded.
    pub downloads_max: Option<u32>,
    /// How often something was.
    pub downloads: u32,
    /// When that was last.
    pub used_at: Option<Timestamp>,
    /// The API token by which it was made, if it was: it ends with it.
    pub token_id: Option<RowId>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Which links are asked for, the newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShareLinkFilter<'a> {
    /// Whose.
    pub uid: Option<&'a Uid>,
    /// Of what: a grant, and a path in its location.
    pub at: Option<(&'a str, &'a str)>,
    /// Older than this one.
    pub before: Option<&'a RowId>,
}

impl Ledger {
    /// Keeps a new link, unless its person has `max` that count: then `false`. Of those that ended the newest
    /// `max` are remembered. A person who is not active is a conflict.
    pub async fn insert_share_link(
        &self,
        link: &ShareLinkRow,
        max: u32,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT 1 FROM persons WHERE uid = $1 AND status = 'active'";
        if sql::query(sql).bind(link.uid.as_str()).fetch_optional(&mut tx).await?.is_none() {
            return Err(LedgerError::Conflict { what: "person" });
        }
        let sql = "SELECT count(*) AS held FROM share_links
                   WHERE uid = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
        let counted = sql::query(sql).bind(link.uid.as_str()).bind(millis(link.created_at));
        let held: i64 = counted.fetch_one(&mut tx).await?.try_get("held")?;
        if held >= i64::from(max) {
            return Ok(false);
        }
        forget_ended(&mut tx, link, max).await?;
        insert_row(&mut tx, link).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The link with this digest, whether it counts or not.
    pub async fn share_link(
        &self,
        digest: &SecretDigest,
    ) -> Result<Option<ShareLinkRow>, LedgerError> {
        let query = sql::query("SELECT * FROM share_links WHERE digest = $1").bind(hex(digest));
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The link of this name, whether it counts or not.
    pub async fn share_link_by_id(&self, id: &RowId) -> Result<Option<ShareLinkRow>, LedgerError> {
        let query = sql::query("SELECT * FROM share_links WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// All links that are neither revoked nor at their own end.
    pub async fn standing_share_links(
        &self,
        now: Timestamp,
    ) -> Result<Vec<ShareLinkRow>, LedgerError> {
        let sql = "SELECT * FROM share_links
                   WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)";
        let rows = sql::query(sql).bind(millis(now)).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// So many links, the newest first.
    pub async fn share_links(
        &self,
        filter: ShareLinkFilter<'_>,
        limit: u32,
    ) -> Result<Vec<ShareLinkRow>, LedgerError> {
        // An id is of digits and letters: this one comes after all of them.
        let before = filter.before.map_or("~", RowId::as_str);
        let query = match (filter.uid, filter.at) {
            (None, None) => sql::query(ALL).bind(before),
            (Some(uid), None) => sql::query(OF_PERSON).bind(before).bind(uid.as_str()),
            (None, Some((grant, path))) => sql::query(AT).bind(before).bind(grant).bind(path),
            (Some(uid), Some((grant, path))) => {
                sql::query(AT_OF_PERSON).bind(before).bind(grant).bind(path).bind(uid.as_str())
            }
        };
        let query = query.bind(i64::from(limit));
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Ends a link for good, with whatever was issued for it and every visit; of this person alone, where
    /// one is named. `false`: there is none that is not revoked.
    pub async fn revoke_share_link(
        &self,
        id: &RowId,
        uid: Option<&Uid>,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE share_links SET revoked_at = $3
                   WHERE id = $1 AND ($2 = '' OR uid = $2) AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(uid.map_or("", Uid::as_str));
        if done.bind(millis(at)).execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let visits = sql::query("DELETE FROM share_visits WHERE link_id = $1").bind(id.as_str());
        visits.execute(&mut tx).await?;
        write_session(&mut tx, id.as_str(), at).await?;
        self.revocations().end_session(id.as_str(), at);
        tx.commit().await?;
        Ok(true)
    }

    /// Takes one of the downloads that a link has left. `false`: there is none, or the link has ended, or
    /// its person is not active.
    pub async fn take_share_download(
        &self,
        id: &RowId,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE share_links SET downloads = downloads + 1, used_at = $2
                   WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                     AND (downloads_max IS NULL OR downloads < downloads_max)
                     AND EXISTS (SELECT 1 FROM persons p
                                 WHERE p.uid = share_links.uid AND p.status = 'active')";
        let done = sql::query(sql).bind(id.as_str()).bind(millis(now));
        Ok(done.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Counts an attempt at the password of a link or of a file request before it is judged. `false`: `max`
    /// were wrong one after another, and no more are judged.
    pub async fn begin_share_try(
        &self,
        what: Guarded,
        id: &RowId,
        max: u32,
    ) -> Result<bool, LedgerError> {
        let sql = match what {
            Guarded::Link => {
                "UPDATE share_links SET wrong_tries = wrong_tries + 1
                 WHERE id = $1 AND wrong_tries < $2 AND revoked_at IS NULL"
            }
            Guarded::Request => {
                "UPDATE file_requests SET wrong_tries = wrong_tries + 1
                 WHERE id = $1 AND wrong_tries < $2 AND revoked_at IS NULL"
            }
        };
        let done = sql::query(sql).bind(id.as_str()).bind(i64::from(max));
        Ok(done.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Takes an attempt back that was not judged.
    pub async fn take_share_try_back(&self, what: Guarded, id: &RowId) -> Result<(), LedgerError> {
        let sql = match what {
            Guarded::Link => {
                "UPDATE share_links SET wrong_tries = wrong_tries - 1
                 WHERE id = $1 AND wrong_tries > 0"
            }
            Guarded::Request => {
                "UPDATE file_requests SET wrong_tries = wrong_tries - 1
                 WHERE id = $1 AND wrong_tries > 0"
            }
        };
        sql::query(sql).bind(id.as_str()).execute(self.writer()).await?;
        Ok(())
    }

    /// Keeps a visit: the password of a link that is not revoked was right, and those before count no more.
    /// `false`: the link was revoked meanwhile.
    pub async fn begin_share_visit(
        &self,
        id: &RowId,
        (digest, expires_at): (&SecretDigest, Timestamp),
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE share_links SET wrong_tries = 0 WHERE id = $1 AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO share_visits (digest, link_id, expires_at) VALUES ($1, $2, $3)";
        let put = sql::query(sql).bind(hex(digest)).bind(id.as_str()).bind(millis(expires_at));
        put.execute(&mut tx).await.map_err(|e| LedgerError::of_write("visit", e))?;
        tx.commit().await?;
        Ok(true)
    }

    /// Whether this is a visit of that link which goes on.
    pub async fn share_visit_stands(
        &self,
        id: &RowId,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM share_visits
                   WHERE digest = $1 AND link_id = $2 AND expires_at > $3";
        let row = sql::query(sql).bind(hex(digest)).bind(id.as_str()).bind(millis(now));
        Ok(row.fetch_optional(self.reader()).await?.is_some())
    }

    /// Forgets links that ended before `before`, and visits that are over by `now`.
    pub async fn sweep_share_links(
        &self,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let visits =
            sql::query("DELETE FROM share_visits WHERE expires_at <= $1").bind(millis(now));
        visits.execute(self.writer()).await?;
        let sql = "DELETE FROM share_links WHERE revoked_at < $1 OR expires_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

/// Ends all links of a person for good, also those made by an API token, and says which: their ids are names
/// of sessions.
pub(crate) async fn revoke_share_links_of(
    tx: &mut Tx,
    uid: &Uid,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "DELETE FROM share_visits
               WHERE link_id IN (SELECT id FROM share_links WHERE uid = $1)";
    sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?;
    let sql = "UPDATE share_links SET revoked_at = $2 WHERE uid = $1 AND revoked_at IS NULL
               RETURNING id";
    let query = sql::query(sql).bind(uid.as_str()).bind(millis(at));
    let rows = query.fetch_all(&mut *tx).await?;
    ended(tx, &rows, at).await
}

/// Ends all links that were made by an API token for good, and says which.
pub(crate) async fn revoke_share_links_by(
    tx: &mut Tx,
    token: &RowId,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "DELETE FROM share_visits
               WHERE link_id IN (SELECT id FROM share_links WHERE token_id = $1)";
    sql::query(sql).bind(token.as_str()).execute(&mut *tx).await?;
    let sql = "UPDATE share_links SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL
               RETURNING id";
    let query = sql::query(sql).bind(token.as_str()).bind(millis(at));
    let rows = query.fetch_all(&mut *tx).await?;
    ended(tx, &rows, at).await
}

/// Records the end of what was issued for the links or requests in these rows.
pub(crate) async fn ended(
    tx: &mut Tx,
    rows: &[Row],
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let ids: Vec<String> = rows.iter().map(|row| row.try_get("id")).collect::<Result<_, _>>()?;
    for id in &ids {
        write_session(tx, id, at).await?;
    }
    Ok(ids)
}

/// Forgets the links of this one's person that ended, but for the newest `kept`.
async fn forget_ended(tx: &mut Tx, link: &ShareLinkRow, kept: u32) -> Result<(), LedgerError> {
    let sql = "DELETE FROM share_links
               WHERE uid = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                 AND id NOT IN (SELECT id FROM share_links
                                WHERE uid = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                                ORDER BY id DESC LIMIT $3)";
    let done = sql::query(sql).bind(link.uid.as_str()).bind(millis(link.created_at));
    done.bind(i64::from(kept)).execute(&mut *tx).await?;
    Ok(())
}

async fn insert_row(tx: &mut Tx, link: &ShareLinkRow) -> Result<(), LedgerError> {
    let sql =
        "INSERT INTO share_links (id, uid, digest, grant_id, path, showing, note, password_phc,
                                        created_at, expires_at, downloads_max, token_id)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    sql::query(sql)
        .bind(link.id.as_str())
        .bind(link.uid.as_str())
        .bind(hex(&link.digest))
        .bind(link.grant_id.as_str())
        .bind(&link.path)
        .bind(link.showing.as_str())
        .bind(&link.note)
        .bind(link.password.as_ref().map(PasswordPhc::as_str))
        .bind(millis(link.created_at))
        .bind(link.expires_at.map(millis))
        .bind(link.downloads_max.map(i64::from))
        .bind(link.token_id.as_ref().map(RowId::as_str))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("share link", e))?;
    Ok(())
}

fn read(row: &Row) -> Result<ShareLinkRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let id = |text: &str, column| RowId::parse(text).map_err(|_| corrupt(column));
    let count = |number: i64, column| u32::try_from(number).map_err(|_| corrupt(column));
    let moment = |column| -> Result<Option<Timestamp>, LedgerError> {
        let at: Option<i64> = row.try_get(column)?;
        at.map(|at| timestamp(column, at)).transpose()
    };
    let (max, token): (Option<i64>, Option<&str>) =
        (row.try_get("downloads_max")?, row.try_get("token_id")?);
    let password: Option<&str> = row.try_get("password_phc")?;
    Ok(ShareLinkRow {
        id: id(row.try_get("id")?, "id")?,
        uid: read_uid(row.try_get("uid")?)?,
        digest: unhex("digest", row.try_get("digest")?)?,
        grant_id: id(row.try_get("grant_id")?, "grant_id")?,
        path: row.try_get("path")?,
        showing: LinkShowing::parse(row.try_get("showing")?).ok_or_else(|| corrupt("showing"))?,
        note: row.try_get("note")?,
        password: password.map(PasswordPhc::from_phc),
        wrong_tries: count(row.try_get("wrong_tries")?, "wrong_tries")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        expires_at: moment("expires_at")?,
        downloads_max: max.map(|max| count(max, "downloads_max")).transpose()?,
        downloads: count(row.try_get("downloads")?, "downloads")?,
        used_at: moment("used_at")?,
        token_id: token.map(|token| id(token, "token_id")).transpose()?,
        revoked_at: moment("revoked_at")?,
    })
}
