//! The journal of a job: each of its objects, and what became of it.
//!
//! Invariant: that an object is begun is on the disk before the store is asked, so that after a crash
//! it is known which of them may have been touched.

use jiff::Timestamp;

use super::{Lease, words};
use crate::open::millis;
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

words! {
    /// How far an object of a job is.
    JobItemStatus, "status", {
        /// Nobody has asked the store yet.
        Waiting = "waiting",
        /// The store may have been asked.
        Begun = "begun",
        /// Done.
        Done = "done",
        /// Left out, as it was asked for.
        Skipped = "skipped",
        /// Not done, or not wholly.
        Failed = "failed",
    }
}

/// An object that a job is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJobItem {
    /// Its key.
    pub from_key: String,
    /// Which version; the newest where none is said.
    pub version: Option<String>,
    /// The key that it is brought to.
    pub to_key: Option<String>,
    /// Bytes.
    pub size: u64,
    /// The `ETag` of what was there when it was planned; `None`: nothing, or nobody looked.
    pub over: Option<String>,
}

/// An object of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobItem {
    /// Its number, from 1.
    pub n: u64,
    /// What is to be done.
    pub item: NewJobItem,
    /// How far it is.
    pub status: JobItemStatus,
    /// Why it failed: a stable code and a sentence.
    pub told: Option<(String, String)>,
    /// The refusal's explanation, as JSON.
    pub why: Option<String>,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledItem {
    /// Its number.
    pub n: u64,
    /// How it ended.
    pub status: JobItemStatus,
    /// Where it is now, where that is not as it was planned.
    pub to_key: Option<String>,
    /// Why it failed: a stable code and a sentence.
    pub told: Option<(String, String)>,
    /// The refusal's explanation, as JSON.
    pub why: Option<String>,
}

impl Ledger {
    /// Forgets what was planned so far: the plan is made anew.
    pub async fn replan_job(&self, of: Lease<'_>) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE jobs SET total = 0, unchanged = 0 WHERE id = $1 AND lease_by = $2";
        if !update(&mut tx, of, sql).await? {
            return Ok(false);
        }
        let query = sql::query("DELETE FROM job_items WHERE job_id = $1").bind(of.job.as_str());
        query.execute(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Adds objects to a plan, each key once; their numbers begin after `after`. Gives how many objects the
    /// plan has now; `None`: the job is no longer the holder's.
    pub async fn plan_job(
        &self,
        of: Lease<'_>,
        after: u64,
        items: &[NewJobItem],
    ) -> Result<Option<u64>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let mut added = 0;
        for (n, item) in (after.saturating_add(1)..).zip(items) {
            let sql =
                "INSERT INTO job_items (job_id, n, from_key, version, to_key, size, over_etag,
                                              status)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')
                       ON CONFLICT DO NOTHING";
            let insert = sql::query(sql)
                .bind(of.job.as_str())
                .bind(number(n))
                .bind(&item.from_key)
                .bind(&item.version)
                .bind(&item.to_key)
                .bind(number(item.size))
                .bind(&item.over);
            added += insert.execute(&mut tx).await?.rows_affected();
        }
        let sql = "UPDATE jobs SET total = total + $3
                   WHERE id = $1 AND lease_by = $2 AND status = 'planning' RETURNING total";
        let query = sql::query(sql).bind(of.job.as_str()).bind(of.holder.as_str());
        let row = query.bind(number(added)).fetch_optional(&mut tx).await?;
        let Some(row) = row else { return Ok(None) };
        let total = u64::try_from(row.try_get::<i64>("total")?).unwrap_or_default();
        tx.commit().await?;
        Ok(Some(total))
    }

    /// Counts objects that need nothing done. `false`: the job is no longer the holder's.
    pub async fn note_unchanged(&self, of: Lease<'_>, count: u64) -> Result<bool, LedgerError> {
        let sql = "UPDATE jobs SET unchanged = unchanged + $3
                   WHERE id = $1 AND lease_by = $2 AND status = 'planning'";
        let query = sql::query(sql).bind(of.job.as_str()).bind(of.holder.as_str());
        let done = query.bind(number(count)).execute(self.writer()).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that the plan is whole.
    pub async fn run_job(&self, of: Lease<'_>) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE jobs SET status = 'running'
                   WHERE id = $1 AND lease_by = $2 AND status = 'planning'";
        let done = update(&mut tx, of, sql).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// The next objects, which are begun from now on; each is as it was before, so that whoever takes a job
    /// over sees what was begun already. `None`: the job is no longer the holder's.
    pub async fn begin_job_items(
        &self,
        of: Lease<'_>,
        max: u32,
    ) -> Result<Option<Vec<JobItem>>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE jobs SET position = position
                   WHERE id = $1 AND lease_by = $2 AND status = 'running'";
        if !update(&mut tx, of, sql).await? {
            return Ok(None);
        }
        let sql = "SELECT * FROM job_items
                   WHERE job_id = $1 AND n > (SELECT position FROM jobs WHERE id = $1)
                     AND status IN ('waiting', 'begun')
                   ORDER BY n LIMIT $2";
        let query = sql::query(sql).bind(of.job.as_str()).bind(i64::from(max));
        let rows = query.fetch_all(&mut tx).await?;
        let items: Vec<JobItem> = rows.iter().map(read_item).collect::<Result<_, _>>()?;
        if let Some(last) = items.last() {
            let sql = "UPDATE job_items SET status = 'begun'
                       WHERE job_id = $1 AND n <= $2 AND status = 'waiting'";
            let query = sql::query(sql).bind(of.job.as_str()).bind(number(last.n));
            query.execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(Some(items))
    }

    /// Notes what became of objects. Where one of those that were begun is not among them, the job's place
    /// stays before it. `false`: the job is no longer the holder's.
    pub async fn settle_job_items(
        &self,
        of: Lease<'_>,
        (settled, position): (&[SettledItem], Option<u64>),
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        for item in settled {
            settle(&mut tx, of.job, item).await?;
        }
        let counted = |status| {
            let count = settled.iter().filter(|item| item.status == status).count();
            i64::try_from(count).unwrap_or(i64::MAX)
        };
        let sql = "UPDATE jobs SET done = done + $3, skipped = skipped + $4, failed = failed + $5,
                          position = COALESCE($6, position), updated_at = $7
                   WHERE id = $1 AND lease_by = $2 AND status = 'running'";
        let query = sql::query(sql)
            .bind(of.job.as_str())
            .bind(of.holder.as_str())
            .bind(counted(JobItemStatus::Done))
            .bind(counted(JobItemStatus::Skipped))
            .bind(counted(JobItemStatus::Failed))
            .bind(position.map(number))
            .bind(millis(at));
        if query.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The next objects of a job that failed, in the order of their numbers, which are greater than `after`.
    pub async fn job_failures(
        &self,
        job: &RowId,
        (after, max): (u64, u32),
    ) -> Result<Vec<JobItem>, LedgerError> {
        let sql = "SELECT * FROM job_items WHERE job_id = $1 AND status = 'failed' AND n > $2
                   ORDER BY n LIMIT $3";
        let query = sql::query(sql).bind(job.as_str()).bind(number(after)).bind(i64::from(max));
        query.fetch_all(self.reader()).await?.iter().map(read_item).collect()
    }

    /// Whether a job has planned to bring an object to `key`, other than the one planned for `planned`.
    pub async fn job_brings_to(
        &self,
        job: &RowId,
        (planned, key): (&str, &str),
    ) -> Result<bool, LedgerError> {
        if planned == key {
            return Ok(false);
        }
        let sql = "SELECT 1 FROM job_items WHERE job_id = $1 AND to_key = $2";
        let query = sql::query(sql).bind(job.as_str()).bind(key);
        Ok(query.fetch_optional(self.reader()).await?.is_some())
    }

    /// Whether a job did something to this key.
    pub async fn job_did(&self, job: &RowId, key: &str) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM job_items
                   WHERE job_id = $1 AND from_key = $2 AND status = 'done'";
        let query = sql::query(sql).bind(job.as_str()).bind(key);
        Ok(query.fetch_optional(self.reader()).await?.is_some())
    }
}

async fn update(tx: &mut Tx, of: Lease<'_>, sql: &'static str) -> Result<bool, LedgerError> {
    let query = sql::query(sql).bind(of.job.as_str()).bind(of.holder.as_str());
    Ok(query.execute(tx).await?.rows_affected() == 1)
}

async fn settle(tx: &mut Tx, job: &RowId, item: &SettledItem) -> Result<(), LedgerError> {
    let sql =
        "UPDATE job_items SET status = $3, to_key = COALESCE($4, to_key), code = $5, told = $6,
                      why = $7
               WHERE job_id = $1 AND n = $2";
    let told = item.told.as_ref();
    let query = sql::query(sql)
        .bind(job.as_str())
        .bind(number(item.n))
        .bind(item.status.as_str())
        .bind(&item.to_key)
        .bind(told.map(|(code, _)| code.as_str()))
        .bind(told.map(|(_, told)| told.as_str()))
        .bind(&item.why);
    query.execute(tx).await?;
    Ok(())
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn read_item(row: &Row) -> Result<JobItem, LedgerError> {
    let count = |column| -> Result<u64, LedgerError> {
        u64::try_from(row.try_get::<i64>(column)?).map_err(|_| LedgerError::Corrupt { column })
    };
    let told: (Option<String>, Option<String>) = (row.try_get("code")?, row.try_get("told")?);
    Ok(JobItem {
        n: count("n")?,
        item: NewJobItem {
            from_key: row.try_get("from_key")?,
            version: row.try_get("version")?,
            to_key: row.try_get("to_key")?,
            size: count("size")?,
            over: row.try_get("over_etag")?,
        },
        status: JobItemStatus::read(row.try_get("status")?)?,
        told: told.0.zip(told.1),
        why: row.try_get("why")?,
    })
}
