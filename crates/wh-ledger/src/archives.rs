//! Rows of archives that were asked for and wait to be fetched.

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql;
use crate::{Ledger, LedgerError, RowId};

/// An archive that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// What it is fetched by.
    pub id: RowId,
    /// By whom.
    pub uid: Uid,
    /// By which grant.
    pub grant_id: RowId,
    /// What it is saved as.
    pub name: String,
    /// What belongs into it, as it was asked for.
    pub paths: Vec<String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Between paths, which hold no control characters.
const BETWEEN: char = '\n';

impl Ledger {
    /// Keeps an archive, and forgets those whose time is over.
    pub async fn put_archive(
        &self,
        archive: &ArchiveRow,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let over = sql::query("DELETE FROM archives WHERE expires_at <= $1").bind(millis(now));
        over.execute(&mut tx).await?;
        let sql = "INSERT INTO archives (id, uid, grant_id, name, paths, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let put = sql::query(sql)
            .bind(archive.id.as_str())
            .bind(archive.uid.as_str())
            .bind(archive.grant_id.as_str())
            .bind(&archive.name)
            .bind(archive.paths.join(&BETWEEN.to_string()))
            .bind(millis(archive.expires_at));
        put.execute(&mut tx).await.map_err(|e| LedgerError::of_write("archive", e))?;
        Ok(tx.commit().await?)
    }

    /// A person's archive, while it waits.
    pub async fn archive(
        &self,
        id: &str,
        uid: &Uid,
        now: Timestamp,
    ) -> Result<Option<ArchiveRow>, LedgerError> {
        let sql = "SELECT * FROM archives WHERE id = $1 AND uid = $2 AND expires_at > $3";
        let row = sql::query(sql).bind(id).bind(uid.as_str()).bind(millis(now));
        let Some(row) = row.fetch_optional(self.reader()).await? else { return Ok(None) };
        let corrupt = |column| LedgerError::Corrupt { column };
        let paths: String = row.try_get("paths")?;
        Ok(Some(ArchiveRow {
            id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
            uid: read_uid(row.try_get("uid")?)?,
            grant_id: RowId::parse(row.try_get("grant_id")?).map_err(|_| corrupt("grant_id"))?,
            name: row.try_get("name")?,
            paths: paths.split(BETWEEN).map(str::to_owned).collect(),
            expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
        }))
    }
}
