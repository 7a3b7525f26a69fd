//! Rows of jobs that copy, move or delete many objects, and the lease of the portal that works on one.
//!
//! Invariant: whoever works on a job holds its lease, and each write of theirs says so: a portal that
//! lost it writes nothing any more.

mod items;

use jiff::Timestamp;
use wh_names::Uid;

pub use self::items::{JobItem, JobItemStatus, NewJobItem, SettledItem};
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError, RowId};

/// Between paths, which hold no control characters.
const BETWEEN: char = '\n';

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $column:literal, { $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// The word in lower case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(crate) fn read(text: &str) -> Result<Self, LedgerError> {
                let all = [$(Self::$variant),+];
                all.into_iter()
                    .find(|one| one.as_str() == text)
                    .ok_or(LedgerError::Corrupt { column: $column })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a job does.
    JobKind, "kind", {
        /// Copies.
        Copy = "copy",
        /// Copies, and deletes what was copied.
        Move = "move",
        /// Puts into the trash.
        Delete = "delete",
        /// Brings back from the trash.
        Restore = "restore",
        /// Deletes for ever what is in the trash.
        Purge = "purge",
        /// Brings back what was there at a moment.
        RestorePast = "restore-past",
    }
}

words! {
    /// What happens where something is already there.
    JobConflict, "conflict", {
        /// It stays, and the object fails.
        Fail = "fail",
        /// It stays, and the object is left out.
        Skip = "skip",
        /// The new one gets another name.
        KeepBoth = "keep-both",
        /// The new one becomes its newest version.
        Replace = "replace",
    }
}

words! {
    /// How far a job is.
    JobStatus, "status", {
        /// Its objects are being written down.
        Planning = "planning",
        /// Its objects are worked on.
        Running = "running",
        /// Every object has ended.
        Done = "done",
        /// Its person gave it up.
        Cancelled = "cancelled",
        /// It could not go on.
        Stopped = "stopped",
    }
}

impl JobStatus {
    /// Whether it goes on.
    pub fn is_open(self) -> bool {
        match self {
            Self::Planning | Self::Running => true,
            Self::Done | Self::Cancelled | Self::Stopped => false,
        }
    }
}

/// The moment that is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastOrder {
    /// The moment.
    pub at: Timestamp,
    /// Whether what was made since goes to the trash.
    pub delete_newer: bool,
}

/// What a job was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOrder {
    /// What it does.
    pub kind: JobKind,
    /// The grant that it takes from.
    pub from_grant: RowId,
    /// Files, and folders with all below them.
    pub paths: Vec<String>,
    /// The grant that it brings to.
    pub to_grant: Option<RowId>,
    /// The folder there.
    pub to_folder: Option<String>,
    /// Another name for the one path.
    pub to_name: Option<String>,
    /// The deletion that is undone.
    pub undoes: Option<RowId>,
    /// What happens where something is already there.
    pub conflict: JobConflict,
    /// The moment that is restored.
    pub past: Option<PastOrder>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// What it is called.
    pub id: RowId,
    /// Whose it is.
    pub uid: Uid,
    /// The API token by which it was asked for.
    pub token: Option<RowId>,
    /// What it was asked to do.
    pub order: JobOrder,
    /// How far it is.
    pub status: JobStatus,
    /// Whether it is to be given up.
    pub cancel: bool,
    /// Why it stopped: a stable code and a sentence.
    pub reason: Option<(String, String)>,
    /// How many objects it has.
    pub total: u64,
    /// The last item that has ended.
    pub position: u64,
    /// How many objects are done.
    pub done: u64,
    /// How many were left out, as it was asked for.
    pub skipped: u64,
    /// How many failed.
    pub failed: u64,
    /// How many objects are as they were at the moment that is restored, and are left alone.
    pub unchanged: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last went on.
    pub updated_at: Timestamp,
}

/// Who works on a job.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The job.
    pub job: &'a RowId,
    /// The portal.
    pub holder: &'a RowId,
}

/// What a portal hears when it renews its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It goes on.
    GoOn,
    /// Its person gives it up.
    GiveUp,
    /// Another portal has it, or it has ended.
    Lost,
}

impl Ledger {
    /// Writes a job down. `false`: its person has `open_max` open ones already.
    pub async fn insert_job(&self, job: &JobRow, open_max: u32) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT COUNT(*) AS open FROM jobs
                   WHERE uid = $1 AND status IN ('planning', 'running')";
        let open = sql::query(sql).bind(job.uid.as_str()).fetch_one(&mut tx).await?;
        if open.try_get::<i64>("open")? >= i64::from(open_max) {
            return Ok(false);
        }
        let sql = "INSERT INTO jobs (id, uid, token_id, kind, from_grant, to_grant, paths, to_folder,
                                     to_name, undoes, conflict, status, cancel, total, position,
                                     done, skipped, failed, lease_until, created_at, updated_at,
                                     past_at, delete_newer)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'planning', 0, 0, 0, 0, 0, 0,
                           0, $12, $12, $13, $14)";
        let order = &job.order;
        let (past, newer) = order.past.map(|past| (past.at, past.delete_newer)).unzip();
        let insert = sql::query(sql)
            .bind(job.id.as_str())
            .bind(job.uid.as_str())
            .bind(job.token.as_ref().map(RowId::as_str))
            .bind(order.kind.as_str())
            .bind(order.from_grant.as_str())
            .bind(order.to_grant.as_ref().map(RowId::as_str))
            .bind(order.paths.join(&BETWEEN.to_string()))
            .bind(&order.to_folder)
            .bind(&order.to_name)
            .bind(order.undoes.as_ref().map(RowId::as_str))
            .bind(order.conflict.as_str())
            .bind(millis(job.created_at))
            .bind(past.map(millis))
            .bind(i64::from(newer.unwrap_or_default()));
        insert.execute(&mut tx).await.map_err(|e| LedgerError::of_write("job", e))?;
        tx.commit().await?;
        Ok(true)
    }

    /// A person's job; another's is as good as none.
    pub async fn job_of(&self, uid: &Uid, id: &RowId) -> Result<Option<JobRow>, LedgerError> {
        let query = sql::query("SELECT * FROM jobs WHERE id = $1 AND uid = $2");
        let row = query.bind(id.as_str()).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_job).transpose()
    }

    /// The next of a person's jobs, the newest first; with `before`, those that are older.
    pub async fn jobs_of(
        &self,
        uid: &Uid,
        (before, max): (Option<&RowId>, u32),
    ) -> Result<Vec<JobRow>, LedgerError> {
        let sql = "SELECT * FROM jobs WHERE uid = $1 AND ($2 IS NULL OR id < $2)
                   ORDER BY id DESC LIMIT $3";
        let query = sql::query(sql).bind(uid.as_str()).bind(before.map(RowId::as_str));
        let rows = query.bind(i64::from(max)).fetch_all(self.reader()).await?;
        rows.iter().map(read_job).collect()
    }

    /// Asks that a person's job be given up. `false`: it has ended.
    pub async fn cancel_job(&self, uid: &Uid, id: &RowId) -> Result<bool, LedgerError> {
        let sql = "UPDATE jobs SET cancel = 1
                   WHERE id = $1 AND uid = $2 AND status IN ('planning', 'running')";
        let query = sql::query(sql).bind(id.as_str()).bind(uid.as_str());
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }

    /// The next open job that nobody works on, which is `holder`'s from now on.
    pub async fn claim_job(
        &self,
        holder: &RowId,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<JobRow>, LedgerError> {
        let sql = "SELECT * FROM jobs
                   WHERE status IN ('planning', 'running') AND lease_until <= $1
                   ORDER BY lease_until, id LIMIT 1";
        // Most looks find nothing, and nobody is kept waiting for those.
        let look = sql::query(sql).bind(millis(now)).fetch_optional(self.reader()).await?;
        if look.is_none() {
            return Ok(None);
        }
        let mut tx = self.writer().begin().await?;
        let row = sql::query(sql).bind(millis(now)).fetch_optional(&mut tx).await?;
        let Some(job) = row.as_ref().map(read_job).transpose()? else { return Ok(None) };
        // Who renews a lease at this moment begins no transaction, and keeps it.
        let sql = "UPDATE jobs SET lease_by = $2, lease_until = $3
                   WHERE id = $1 AND lease_until <= $4 AND status IN ('planning', 'running')";
        let query = sql::query(sql).bind(job.id.as_str()).bind(holder.as_str());
        let query = query.bind(millis(until)).bind(millis(now));
        let taken = query.execute(&mut tx).await?.rows_affected() == 1;
        tx.commit().await?;
        Ok(taken.then_some(job))
    }

    /// Renews a lease.
    pub async fn hold_job(&self, of: Lease<'_>, until: Timestamp) -> Result<Held, LedgerError> {
        let sql = "UPDATE jobs SET lease_until = $3
                   WHERE id = $1 AND lease_by = $2 AND status IN ('planning', 'running')
                   RETURNING cancel";
        let query = sql::query(sql).bind(of.job.as_str()).bind(of.holder.as_str());
        let row = query.bind(millis(until)).fetch_optional(self.writer()).await?;
        Ok(match row {
            None => Held::Lost,
            Some(row) if row.try_get::<i64>("cancel")? != 0 => Held::GiveUp,
            Some(_) => Held::GoOn,
        })
    }

    /// Lets go of a job until then; afterwards any portal may go on with it.
    pub async fn set_job_aside(&self, of: Lease<'_>, until: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE jobs SET lease_by = NULL, lease_until = $3
                   WHERE id = $1 AND lease_by = $2";
        let query = sql::query(sql).bind(of.job.as_str()).bind(of.holder.as_str());
        query.bind(millis(until)).execute(self.writer()).await?;
        Ok(())
    }

    /// Notes that a job has ended. `false`: it is no longer the holder's.
    pub async fn end_job(
        &self,
        of: Lease<'_>,
        (status, at): (JobStatus, Timestamp),
        reason: Option<(&str, &str)>,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE jobs SET status = $3, reason_code = $4, reason = $5, updated_at = $6,
                          lease_by = NULL
                   WHERE id = $1 AND lease_by = $2 AND status IN ('planning', 'running')";
        let query = sql::query(sql)
            .bind(of.job.as_str())
            .bind(of.holder.as_str())
            .bind(status.as_str())
            .bind(reason.map(|(code, _)| code))
            .bind(reason.map(|(_, told)| told))
            .bind(millis(at));
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }

    /// Forgets jobs that ended before then, with their journals.
    pub async fn sweep_jobs(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM jobs
                   WHERE status IN ('done', 'cancelled', 'stopped') AND updated_at < $1";
        Ok(sql::query(sql).bind(millis(before)).execute(self.writer()).await?.rows_affected())
    }
}

fn read_job(row: &Row) -> Result<JobRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let count = |column| -> Result<u64, LedgerError> {
        u64::try_from(row.try_get::<i64>(column)?).map_err(|_| corrupt(column))
    };
    let id = |column| -> Result<Option<RowId>, LedgerError> {
        let text: Option<String> = row.try_get(column)?;
        text.map(|text| RowId::parse(&text).map_err(|_| corrupt(column))).transpose()
    };
    let needed = |column| id(column)?.ok_or(corrupt(column));
    let paths: String = row.try_get("paths")?;
    let order = JobOrder {
        kind: JobKind::read(row.try_get("kind")?)?,
        from_grant: needed("from_grant")?,
        paths: paths.split(BETWEEN).filter(|path| !path.is_empty()).map(str::to_owned).collect(),
        to_grant: id("to_grant")?,
        to_folder: row.try_get("to_folder")?,
        to_name: row.try_get("to_name")?,
        undoes: id("undoes")?,
        conflict: JobConflict::read(row.try_get("conflict")?)?,
        past: read_past(row)?,
    };
    let reason: (Option<String>, Option<String>) =
        (row.try_get("reason_code")?, row.try_get("reason")?);
    Ok(JobRow {
        id: needed("id")?,
        uid: read_uid(row.try_get("uid")?)?,
        token: id("token_id")?,
        order,
        status: JobStatus::read(row.try_get("status")?)?,
        cancel: row.try_get::<i64>("cancel")? != 0,
        reason: reason.0.zip(reason.1),
        total: count("total")?,
        position: count("position")?,
        done: count("done")?,
        skipped: count("skipped")?,
        failed: count("failed")?,
        unchanged: count("unchanged")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        updated_at: timestamp("updated_at", row.try_get("updated_at")?)?,
    })
}

fn read_past(row: &Row) -> Result<Option<PastOrder>, LedgerError> {
    let Some(at) = row.try_get::<Option<i64>>("past_at")? else { return Ok(None) };
    let delete_newer = row.try_get::<i64>("delete_newer")? != 0;
    Ok(Some(PastOrder { at: timestamp("past_at", at)?, delete_newer }))
}
