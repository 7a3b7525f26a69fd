//! What administrators set.

use super::{QuotaRow, QuotaSubject, limits, number};
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row};
use crate::versions::{self, Kept};
use crate::{Ledger, LedgerError, RowId};

impl Ledger {
    /// Every quota, by kind and subject.
    pub async fn quotas(&self) -> Result<Vec<QuotaRow>, LedgerError> {
        let sql = "SELECT * FROM quotas ORDER BY kind, subject";
        sql::query(sql).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Sets the quota of a subject; one that it has keeps its id and its first time. What was there before
    /// comes back.
    pub async fn put_quota(&self, quota: &QuotaRow) -> Result<Option<QuotaRow>, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT * FROM quotas WHERE kind = $1 AND subject = $2";
        let before = sql::query(sql).bind(quota.subject.kind()).bind(quota.subject.subject());
        let before = before.fetch_optional(&mut tx).await?.as_ref().map(read).transpose()?;
        let sql = "INSERT INTO quotas (id, kind, subject, limit_bytes, limit_objects, created_at,
                                       updated_at, updated_by)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (kind, subject) DO UPDATE SET
                       limit_bytes = excluded.limit_bytes, limit_objects = excluded.limit_objects,
                       updated_at = excluded.updated_at, updated_by = excluded.updated_by";
        sql::query(sql)
            .bind(quota.id.as_str())
            .bind(quota.subject.kind())
            .bind(quota.subject.subject())
            .bind(quota.limits.bytes.map(number))
            .bind(quota.limits.objects.map(number))
            .bind(millis(quota.created_at))
            .bind(millis(quota.updated_at))
            .bind(quota.updated_by.as_ref().map(wh_names::Uid::as_str))
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("quota", e))?;
        versions::raise(&mut tx, Kept::Quotas).await?;
        tx.commit().await?;
        self.quotas_changed();
        Ok(before)
    }

    /// Removes a quota with all that it counts. What it was comes back; `None`: there is none.
    pub async fn remove_quota(&self, id: &RowId) -> Result<Option<QuotaRow>, LedgerError> {
        let mut tx = self.begin().await?;
        let row = sql::query("DELETE FROM quotas WHERE id = $1 RETURNING *").bind(id.as_str());
        let Some(row) = row.fetch_optional(&mut tx).await? else { return Ok(None) };
        let removed = read(&row)?;
        versions::raise(&mut tx, Kept::Quotas).await?;
        tx.commit().await?;
        self.quotas_changed();
        Ok(Some(removed))
    }
}

fn read(row: &Row) -> Result<QuotaRow, LedgerError> {
    let id: String = row.try_get("id")?;
    let by: Option<String> = row.try_get("updated_by")?;
    Ok(QuotaRow {
        id: RowId::parse(&id).map_err(|_| LedgerError::Corrupt { column: "id" })?,
        subject: QuotaSubject::read(row.try_get("kind")?, row.try_get("subject")?)?,
        limits: limits(row)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        updated_at: timestamp("updated_at", row.try_get("updated_at")?)?,
        updated_by: by.as_deref().map(read_uid).transpose()?,
    })
}
