//! Rows of the scan for malware: what is to be scanned, what was found, and how far it has come.
//!
//! Invariant: what is to be scanned is written with the mark that says how far was looked, and whoever
//! scans it has taken it first, so that one node does. What is done is remembered for a while, so that who looks again scans it once.

use std::fmt;

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError, RowId};

/// The longest finding that is kept, in characters.
const FINDING_CHARS_MAX: usize = 300;

/// How many findings a listing has at most.
pub const SCANS_LISTED_MAX: i64 = 500;

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScanTarget {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// What the store calls the version.
    pub version: String,
}

/// A version that is to be scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScan {
    /// What it is called.
    pub id: RowId,
    /// The version.
    pub target: ScanTarget,
    /// Who wrote it, where that is known.
    pub uid: Option<Uid>,
    /// It was there before the scan was: no tag of it is believed.
    pub from_before: bool,
    /// When it was written.
    pub modified_at: Timestamp,
}

/// Where a version stands that is not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanState {
    /// It is to be scanned.
    Waiting,
    /// The scanner knows it.
    Infected,
    /// It could not be scanned.
    Unscanned,
    /// An administrator let it go, and its tag is to say so.
    Releasing,
}

impl ScanState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Infected, Self::Unscanned, Self::Releasing];

    /// The state in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Infected => "infected",
            Self::Unscanned => "unscanned",
            Self::Releasing => "releasing",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        let state = Self::ALL.into_iter().find(|state| state.as_str() == text);
        state.ok_or(LedgerError::Corrupt { column: "state" })
    }
}

impl fmt::Display for ScanState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version that is not clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    /// What it is called.
    pub id: RowId,
    /// The version.
    pub target: ScanTarget,
    /// Who wrote it, where that is known.
    pub uid: Option<Uid>,
    /// It was there before the scan was.
    pub from_before: bool,
    /// Where it stands.
    pub state: ScanState,
    /// By which name the scanner knows it, or why it could not be scanned.
    pub finding: Option<String>,
    /// When it was written.
    pub modified_at: Timestamp,
    /// When it was found.
    pub found_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When the scanner said what it said.
    pub settled_at: Option<Timestamp>,
}

/// What a scan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanSettled {
    /// It is clean, or released, or not there any more: there is nothing more to do.
    Done,
    /// The scanner knows it by this name.
    Infected(String),
    /// It cannot be scanned, for this reason.
    Unscanned(String),
}

/// How many versions are not clean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScansCounted {
    /// To be scanned.
    pub waiting: u64,
    /// Of those, tried before.
    pub failing: u64,
    /// Since when the first of those that wait does.
    pub waiting_since: Option<Timestamp>,
    /// Infected.
    pub infected: u64,
    /// Not scanned.
    pub unscanned: u64,
}

impl Ledger {
    /// Takes a mark, so that nobody else does until `until`; `None` where it is taken or not yet time.
    /// A mark that was never put is an empty text.
    pub async fn take_scan_mark(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "INSERT INTO scan_marks (name, mark, next_at) VALUES ($1, '', $3)
                   ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at
                   WHERE scan_marks.next_at <= $2 RETURNING mark";
        let mut tx = self.writer().begin().await?;
        let taken = sql::query(sql).bind(name).bind(millis(now)).bind(millis(until));
        let row = taken.fetch_optional(&mut tx).await?;
        tx.commit().await?;
        row.map(|row| Ok(row.try_get("mark")?)).transpose()
    }

    /// Writes down what is to be scanned, with how far was looked and when it is looked again.
    pub async fn queue_scans(
        &self,
        (name, mark, next_at): (&str, &str, Timestamp),
        scans: &[NewScan],
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        for scan in scans {
            // A version is what it is; only the one without a number can become another.
            let sql = "INSERT INTO scans (id, bucket, key, version, uid, from_before, state,
                       found_at, next_at, attempts, modified_at)
                       VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, 0, $8)
                       ON CONFLICT (bucket, key, version) DO UPDATE SET state = 'waiting',
                       uid = excluded.uid, found_at = excluded.found_at, attempts = 0,
                       next_at = excluded.next_at, finding = NULL, settled_at = NULL,
                       from_before = 1, modified_at = excluded.modified_at
                       WHERE scans.version = 'null'";
            let ScanTarget { bucket, key, version } = &scan.target;
            sql::query(sql)
                .bind(scan.id.as_str())
                .bind(bucket)
                .bind(key)
                .bind(version)
                .bind(scan.uid.as_ref().map(Uid::as_str))
                .bind(i64::from(scan.from_before))
                .bind(millis(at))
                .bind(millis(scan.modified_at))
                .execute(&mut tx)
                .await?;
        }
        let sql = "INSERT INTO scan_marks (name, mark, next_at) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET mark = excluded.mark, next_at = excluded.next_at";
        let marked = sql::query(sql).bind(name).bind(mark).bind(millis(next_at));
        marked.execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the version that has waited longest, so that nobody else does until `until`.
    pub async fn take_scan(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ScanRow>, LedgerError> {
        let sql = "SELECT id FROM scans WHERE state IN ('waiting', 'releasing') AND next_at <= $1
                   LIMIT 1";
        if sql::query(sql).bind(millis(now)).fetch_optional(self.reader()).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE scans SET next_at = $2, attempts = attempts + 1 WHERE id =
                   (SELECT id FROM scans
                    WHERE state IN ('waiting', 'releasing') AND next_at <= $1
                    ORDER BY next_at, id LIMIT 1) RETURNING *";
        let taken = sql::query(sql).bind(millis(now)).bind(millis(until));
        let row = taken.fetch_optional(&mut tx).await?;
        tx.commit().await?;
        row.as_ref().map(read).transpose()
    }

    /// Lets everything be taken at once that somebody has taken: where there is one node, it has begun
    /// anew.
    pub async fn free_scans(&self, now: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE scans SET next_at = $1
                   WHERE state IN ('waiting', 'releasing') AND next_at > $1";
        sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        let sql = "UPDATE scan_marks SET next_at = $1 WHERE next_at > $1";
        sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        Ok(())
    }

    /// Writes down what a scan came to, by whoever took it, with the mails that this ledger carries.
    /// `false`: somebody else has taken it since.
    pub async fn scan_settled(
        &self,
        scan: &ScanRow,
        settled: &ScanSettled,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let (id, attempts) = (scan.id.as_str(), i64::from(scan.attempts));
        let (state, finding) = match settled {
            ScanSettled::Done => {
                let sql = "UPDATE scans SET state = 'done', finding = NULL, settled_at = $3
                           WHERE id = $1 AND attempts = $2 AND state IN ('waiting', 'releasing')";
                let done = sql::query(sql).bind(id).bind(attempts).bind(millis(at));
                let done = done.execute(&mut tx).await?;
                tx.commit().await?;
                return Ok(done.rows_affected() > 0);
            }
            ScanSettled::Infected(name) => (ScanState::Infected, name),
            ScanSettled::Unscanned(why) => (ScanState::Unscanned, why),
        };
        let sql = "UPDATE scans SET state = $3, finding = $4, settled_at = $5
                   WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        let query = sql::query(sql).bind(id).bind(attempts).bind(state.as_str());
        let done = query.bind(shortened(finding)).bind(millis(at)).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Notes why a version was not scanned, and when it is tried again.
    pub async fn scan_put_off(
        &self,
        scan: &ScanRow,
        next_at: Timestamp,
        why: &str,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE scans SET next_at = $3, finding = $4
                   WHERE id = $1 AND attempts = $2 AND state IN ('waiting', 'releasing')";
        let query = sql::query(sql).bind(scan.id.as_str()).bind(i64::from(scan.attempts));
        query.bind(millis(next_at)).bind(shortened(why)).execute(self.writer()).await?;
        Ok(())
    }

    /// The same for a reason that is none of the version's: it does not count as tried.
    pub async fn scan_waits(
        &self,
        scan: &ScanRow,
        next_at: Timestamp,
        why: &str,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE scans SET next_at = $3, finding = $4, attempts = attempts - 1
                   WHERE id = $1 AND attempts = $2 AND attempts > 0
                     AND state IN ('waiting', 'releasing')";
        let query = sql::query(sql).bind(scan.id.as_str()).bind(i64::from(scan.attempts));
        query.bind(millis(next_at)).bind(shortened(why)).execute(self.writer()).await?;
        Ok(())
    }

    /// What was found and not released, the newest first.
    pub async fn scans_found(&self) -> Result<Vec<ScanRow>, LedgerError> {
        let sql = "SELECT * FROM scans WHERE state NOT IN ('waiting', 'done')
                   ORDER BY CASE state WHEN 'unscanned' THEN 1 ELSE 0 END, settled_at DESC, id
                   LIMIT $1";
        let rows = sql::query(sql).bind(SCANS_LISTED_MAX).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// One of them.
    pub async fn scan(&self, id: &RowId) -> Result<Option<ScanRow>, LedgerError> {
        let found =
            sql::query("SELECT * FROM scans WHERE id = $1 AND state <> 'done'").bind(id.as_str());
        let row = found.fetch_optional(self.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// What is not clean of a bucket, from one key to another, both included.
    pub async fn scans_between(
        &self,
        bucket: &str,
        (first, last): (&str, &str),
    ) -> Result<Vec<ScanRow>, LedgerError> {
        let sql = "SELECT * FROM scans WHERE bucket = $1 AND key >= $2 AND key <= $3
                   AND state <> 'done'
                   ORDER BY key, id LIMIT $4";
        let query = sql::query(sql).bind(bucket).bind(first).bind(last).bind(SCANS_LISTED_MAX);
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Lets a version go. `false`: there is no such finding.
    pub async fn release_scan(&self, id: &RowId, now: Timestamp) -> Result<bool, LedgerError> {
        let sql = "UPDATE scans SET state = 'releasing', next_at = $2, attempts = 0
                   WHERE id = $1 AND state IN ('infected', 'unscanned')";
        let released = sql::query(sql).bind(id.as_str()).bind(millis(now));
        Ok(released.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Forgets what was done before `before`.
    pub async fn sweep_scans(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM scans WHERE state = 'done' AND settled_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }

    /// Forgets a version that is not there any more.
    pub async fn forget_scan(&self, id: &RowId) -> Result<(), LedgerError> {
        let sql = "DELETE FROM scans WHERE id = $1";
        sql::query(sql).bind(id.as_str()).execute(self.writer()).await?;
        Ok(())
    }

    /// How many versions are not clean.
    pub async fn scans_counted(&self) -> Result<ScansCounted, LedgerError> {
        let sql = "SELECT
                   (SELECT count(*) FROM scans WHERE state = 'waiting') AS waiting,
                   (SELECT count(*) FROM scans WHERE state = 'waiting'
                    AND finding IS NOT NULL) AS failing,
                   (SELECT min(found_at) FROM scans WHERE state = 'waiting') AS since,
                   (SELECT count(*) FROM scans WHERE state = 'infected') AS infected,
                   (SELECT count(*) FROM scans WHERE state = 'unscanned') AS unscanned";
        let row = sql::query(sql).fetch_one(self.reader()).await?;
        let count = |column: &'static str| -> Result<u64, LedgerError> {
            let count: i64 = row.try_get(column)?;
            u64::try_from(count).map_err(|_| LedgerError::Corrupt { column })
        };
        let since: Option<i64> = row.try_get("since")?;
        Ok(ScansCounted {
            waiting: count("waiting")?,
            failing: count("failing")?,
            waiting_since: since.map(|since| timestamp("since", since)).transpose()?,
            infected: count("infected")?,
            unscanned: count("unscanned")?,
        })
    }
}

fn shortened(finding: &str) -> String {
    let plain = finding.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(FINDING_CHARS_MAX).collect()
}

fn read(row: &Row) -> Result<ScanRow, LedgerError> {
    let corrupt = |column| move |_| LedgerError::Corrupt { column };
    let uid: Option<String> = row.try_get("uid")?;
    let state: String = row.try_get("state")?;
    let (attempts, from_before): (i64, i64) =
        (row.try_get("attempts")?, row.try_get("from_before")?);
    let settled: Option<i64> = row.try_get("settled_at")?;
    Ok(ScanRow {
        id: RowId::parse(row.try_get("id")?).map_err(corrupt("id"))?,
        target: ScanTarget {
            bucket: row.try_get("bucket")?,
            key: row.try_get("key")?,
            version: row.try_get("version")?,
        },
        uid: uid.as_deref().map(Uid::parse).transpose().map_err(corrupt("uid"))?,
        from_before: from_before != 0,
        state: ScanState::read(&state)?,
        finding: row.try_get("finding")?,
        modified_at: timestamp("modified_at", row.try_get("modified_at")?)?,
        found_at: timestamp("found_at", row.try_get("found_at")?)?,
        attempts: u32::try_from(attempts)
            .map_err(|_| LedgerError::Corrupt { column: "attempts" })?,
        settled_at: settled.map(|at| timestamp("settled_at", at)).transpose()?,
    })
}
