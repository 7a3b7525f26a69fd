//! Rows of viewings: administrators who browse as somebody else, or as a role at a place.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};

use crate::audit::append;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row};
use crate::{AuditRecord, Ledger, LedgerError};

/// As whom an administrator browses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewedAs {
    /// A person, with whatever they hold.
    Person(Uid),
    /// A role at a place, as if it were granted there.
    Role(RoleName, BucketName, KeyPrefix),
}

/// A viewing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewingRow {
    /// What the administrator's session is called.
    pub sid: String,
    /// The administrator.
    pub by: Uid,
    /// As whom.
    pub viewed: ViewedAs,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it ended by itself; its administrator has not taken note of that yet.
    pub over_at: Option<Timestamp>,
}

impl Ledger {
    /// Begins a viewing. `false`: this session has one already.
    pub async fn begin_viewing(&self, row: &ViewingRow) -> Result<bool, LedgerError> {
        let (uid, role, bucket, prefix) = match &row.viewed {
            ViewedAs::Person(uid) => (Some(uid.as_str()), None, None, None),
            ViewedAs::Role(role, bucket, prefix) => {
                (None, Some(role.as_str()), Some(bucket.as_str()), Some(prefix.as_str()))
            }
        };
        let sql = "INSERT INTO viewings
                   (sid, by_uid, as_uid, role, bucket, prefix, began_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (sid) DO NOTHING";
        let done = sql::query(sql)
            .bind(&row.sid)
            .bind(row.by.as_str())
            .bind(uid)
            .bind(role)
            .bind(bucket)
            .bind(prefix)
            .bind(millis(row.began_at))
            .bind(millis(row.ends_at))
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The viewing of a session, whether it is over or not.
    pub async fn viewing(&self, sid: &str) -> Result<Option<ViewingRow>, LedgerError> {
        let row = sql::query("SELECT * FROM viewings WHERE sid = $1")
            .bind(sid)
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_viewing).transpose()
    }

    /// Every viewing.
    pub async fn viewings(&self) -> Result<Vec<ViewingRow>, LedgerError> {
        let rows = sql::query("SELECT * FROM viewings ORDER BY began_at, sid")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_viewing).collect()
    }

    /// Whether a session of this name has neither ended nor been swept.
    pub async fn has_session(&self, sid: &str) -> Result<bool, LedgerError> {
        let row = sql::query("SELECT 1 FROM sessions WHERE sid = $1")
            .bind(sid)
            .fetch_optional(self.reader())
            .await?;
        Ok(row.is_some())
    }

    /// Notes that a viewing ended by itself, and writes that into the trail. `false`: that was noted
    /// before, or there is none.
    pub async fn lapse_viewing(
        &self,
        sid: &str,
        at: Timestamp,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE viewings SET over_at = $2 WHERE sid = $1 AND over_at IS NULL";
        let done = sql::query(sql).bind(sid).bind(millis(at)).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a viewing away, over or not. It comes back.
    pub async fn end_viewing(&self, sid: &str) -> Result<Option<ViewingRow>, LedgerError> {
        let row = sql::query("DELETE FROM viewings WHERE sid = $1 RETURNING *")
            .bind(sid)
            .fetch_optional(self.writer())
            .await?;
        row.as_ref().map(read_viewing).transpose()
    }
}

fn read_viewing(row: &Row) -> Result<ViewingRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let uid: Option<&str> = row.try_get("as_uid")?;
    let role: Option<&str> = row.try_get("role")?;
    let bucket: Option<&str> = row.try_get("bucket")?;
    let prefix: Option<&str> = row.try_get("prefix")?;
    let over: Option<i64> = row.try_get("over_at")?;
    let viewed = match (uid, role.zip(bucket).zip(prefix)) {
        (Some(uid), None) => ViewedAs::Person(read_uid(uid)?),
        (None, Some(((role, bucket), prefix))) => ViewedAs::Role(
            RoleName::parse(role).map_err(|_| corrupt("role"))?,
            BucketName::parse(bucket).map_err(|_| corrupt("bucket"))?,
            KeyPrefix::parse(prefix).map_err(|_| corrupt("prefix"))?,
        ),
        (Some(_), Some(_)) | (None, None) => return Err(corrupt("as_uid")),
    };
    Ok(ViewingRow {
        sid: row.try_get("sid")?,
        by: read_uid(row.try_get("by_uid")?)?,
        viewed,
        began_at: timestamp("began_at", row.try_get("began_at")?)?,
        ends_at: timestamp("ends_at", row.try_get("ends_at")?)?,
        over_at: over.map(|at| timestamp("over_at", at)).transpose()?,
    })
}
