//! Rows of what happened to files, and how far its source was read.
//!
//! Invariant: what a page of the source told is written with the mark that says so, in one transaction:
//! nothing is told twice, and nothing is left out. See `docs/adr/0044-activity.md`.

use jiff::Timestamp;
use wh_names::{Entropy, Uid};

use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::{JobKind, Ledger, LedgerError, RowId, watches};

/// How many rows one statement writes.
const ROWS_AT_ONCE: usize = 500;

/// How many rows one transaction forgets.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActivityKind {
    /// It was made where none was.
    Added,
    /// It was written over one that was there.
    Replaced,
    /// It was written; whether one was there is not known.
    Written,
    /// It is a copy of another.
    Copied,
    /// It was brought here from elsewhere.
    MovedHere,
    /// It was brought elsewhere.
    MovedAway,
    /// It was deleted, and its versions are kept.
    Trashed,
    /// An earlier version, or what was deleted, is there again.
    Restored,
    /// A version of it was deleted for ever.
    Purged,
    /// A rule of the bucket deleted it.
    Expired,
    /// Its tags were changed.
    Tagged,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Added,
        Self::Replaced,
        Self::Written,
        Self::Copied,
        Self::MovedHere,
        Self::MovedAway,
        Self::Trashed,
        Self::Restored,
        Self::Purged,
        Self::Expired,
        Self::Tagged,
    ];

    /// The kind as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Written => "written",
            Self::Copied => "copied",
            Self::MovedHere => "moved-here",
            Self::MovedAway => "moved-away",
            Self::Trashed => "trashed",
            Self::Restored => "restored",
            Self::Purged => "purged",
            Self::Expired => "expired",
            Self::Tagged => "tagged",
        }
    }

    /// The kind that is called so.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActivityBy {
    /// A person, in whichever of their sessions.
    Person(Uid),
    /// A machine, by its name.
    Machine(String),
    /// A session of this role that is no person's.
    Role(String),
    /// A rule of the bucket.
    Rule,
    /// Somebody else.
    Other,
}

impl ActivityBy {
    /// The person; `None` where it was none.
    pub fn person(&self) -> Option<&Uid> {
        match self {
            Self::Person(uid) => Some(uid),
            Self::Machine(_) | Self::Role(_) | Self::Rule | Self::Other => None,
        }
    }

    fn columns(&self) -> (Option<&str>, &'static str, Option<&str>) {
        match self {
            Self::Person(uid) => (Some(uid.as_str()), "person", None),
            Self::Machine(name) => (None, "machine", Some(name)),
            Self::Role(name) => (None, "role", Some(name)),
            Self::Rule => (None, "rule", None),
            Self::Other => (None, "other", None),
        }
    }

    fn read(row: &Row) -> Result<Self, LedgerError> {
        let corrupt = |column| LedgerError::Corrupt { column };
        let (uid, name): (Option<String>, Option<String>) =
            (row.try_get("uid")?, row.try_get("by_name")?);
        let kind: String = row.try_get("by_kind")?;
        Ok(match (kind.as_str(), uid, name) {
            ("person", Some(uid), _) => Self::Person(Uid::parse(&uid).map_err(|_| corrupt("uid"))?),
            ("machine", _, Some(name)) => Self::Machine(name),
            ("role", _, Some(name)) => Self::Role(name),
            ("rule", ..) => Self::Rule,
            ("other", ..) => Self::Other,
            _ => return Err(corrupt("by_kind")),
        })
    }
}

/// Something that happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// What it is called: those of later moments sort later.
    pub id: RowId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: ActivityKind,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// By whom.
    pub by: ActivityBy,
}

/// Where one looks for what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityPlace {
    /// To every key that begins so, and is before the other where there is one.
    Below(String, Option<String>),
    /// To this key.
    At(String),
}

/// What is asked for. What is `None` leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// What happened before this row.
    pub before: Option<RowId>,
    /// Of this time and later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// By this person.
    pub by: Option<Uid>,
    /// Of this kind.
    pub kind: Option<ActivityKind>,
}

/// How far a source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityMark {
    /// The number of the last change.
    pub position: u64,
    /// Since when nothing is missing.
    pub since: Timestamp,
}

const BELOW: &str = "SELECT * FROM activity
    WHERE bucket = $1 AND key >= $2 AND key < $3 AND id < $4
    AND at >= $5 AND at < $6 AND ($7 IS NULL OR uid = $7) AND ($8 IS NULL OR kind = $8)
    ORDER BY id DESC LIMIT $9";

const FROM: &str = "SELECT * FROM activity
    WHERE bucket = $1 AND key >= $2 AND ($3 IS NULL OR key < $3) AND id < $4
    AND at >= $5 AND at < $6 AND ($7 IS NULL OR uid = $7) AND ($8 IS NULL OR kind = $8)
    ORDER BY id DESC LIMIT $9";

const AT: &str = "SELECT * FROM activity
    WHERE bucket = $1 AND key = $2 AND ($3 IS NULL OR key = $3) AND id < $4
    AND at >= $5 AND at < $6 AND ($7 IS NULL OR uid = $7) AND ($8 IS NULL OR kind = $8)
    ORDER BY id DESC LIMIT $9";

// What a job undoes or removes where it lies has no other end, and counts as found there.
// Each end has an index of its own: a job of many objects is asked once for each of them.
const JOB_AT: &str = "SELECT kind, there FROM (
        SELECT j.id, j.kind, CAST(1 AS BIGINT) AS there
        FROM jobs j JOIN job_items i ON i.job_id = j.id AND i.to_key = $2
        JOIN grants t ON t.id = COALESCE(j.to_grant, j.from_grant) AND t.bucket = $4
        WHERE j.uid = $1 AND j.created_at <= $3 AND i.status <> 'waiting'
        AND (j.updated_at >= $3 OR j.status IN ('planning', 'running'))
        UNION ALL
        SELECT j.id, j.kind, CAST(0 AS BIGINT) AS there
        FROM jobs j JOIN job_items i ON i.job_id = j.id AND i.from_key = $2
        JOIN grants f ON f.id = j.from_grant AND f.bucket = $4
        WHERE j.uid = $1 AND j.created_at <= $3 AND i.status <> 'waiting'
        AND (j.updated_at >= $3 OR j.status IN ('planning', 'running'))
    ) AS ends ORDER BY id DESC, there DESC LIMIT 1";

/// What comes after every identifier.
const AFTER_ALL: &str = "~";

impl Ledger {
    /// The newest `limit` that are asked for of what happened there, the newest first.
    pub async fn activity(
        &self,
        (bucket, place): (&str, &ActivityPlace),
        asked: &ActivityFilter,
        limit: u32,
    ) -> Result<Vec<ActivityRow>, LedgerError> {
        let (sql, first, end) = match place {
            ActivityPlace::Below(first, None) => (FROM, first, None),
            ActivityPlace::Below(first, Some(end)) => (BELOW, first, Some(end.as_str())),
            ActivityPlace::At(key) => (AT, key, None),
        };
        let rows = sql::query(sql)
            .bind(bucket)
            .bind(first)
            .bind(end)
            .bind(asked.before.as_ref().map_or(AFTER_ALL, RowId::as_str))
            .bind(asked.since.map_or(i64::MIN, millis))
            .bind(asked.until.map_or(i64::MAX, millis))
            .bind(asked.by.as_ref().map(Uid::as_str))
            .bind(asked.kind.map(ActivityKind::as_str))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// How far this source was read; `None`: nobody has begun.
    pub async fn activity_mark(&self, name: &str) -> Result<Option<ActivityMark>, LedgerError> {
        let sql = "SELECT position, since FROM activity_marks WHERE name = $1";
        let row = sql::query(sql).bind(name).fetch_optional(self.reader()).await?;
        let read = |row: Row| {
            let position: i64 = row.try_get("position")?;
            let corrupt = |_| LedgerError::Corrupt { column: "position" };
            let position = u64::try_from(position).map_err(corrupt)?;
            Ok(ActivityMark { position, since: timestamp("since", row.try_get("since")?)? })
        };
        row.map(read).transpose()
    }

    /// Begins with a source that was not read before; one that was stays as it is.
    pub async fn begin_activity(&self, name: &str, now: Timestamp) -> Result<(), LedgerError> {
        let sql = "INSERT INTO activity_marks (name, position, since) VALUES ($1, 0, $2)
                   ON CONFLICT (name) DO NOTHING";
        sql::query(sql).bind(name).bind(millis(now)).execute(self.writer()).await?;
        Ok(())
    }

    /// Writes down what happened.
    pub async fn note_activity(&self, rows: &[ActivityRow]) -> Result<(), LedgerError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.writer().begin().await?;
        insert(&mut tx, rows).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down what a source told after `from`, and that it is read up to `mark` now. `false`: somebody
    /// else has read on meanwhile, and nothing is written.
    pub async fn follow_activity(
        &self,
        (name, from): (&str, u64),
        mark: ActivityMark,
        rows: &[ActivityRow],
    ) -> Result<bool, LedgerError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE activity_marks SET position = $2, since = $3
                   WHERE name = $1 AND position = $4";
        let query = sql::query(sql).bind(name).bind(number(mark.position));
        let query = query.bind(millis(mark.since)).bind(number(from));
        if query.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        insert(&mut tx, rows).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Which kind of job of this person did something to this key of the bucket at that time: brought it there
    /// (`true`), or found it there. A job whose location is gone is not known by its bucket any more, and is
    /// none.
    pub async fn job_at(
        &self,
        uid: &Uid,
        (bucket, key): (&str, &str),
        at: Timestamp,
    ) -> Result<Option<(JobKind, bool)>, LedgerError> {
        let query = sql::query(JOB_AT).bind(uid.as_str()).bind(key).bind(millis(at)).bind(bucket);
        let Some(row) = query.fetch_optional(self.reader()).await? else { return Ok(None) };
        let (kind, there): (String, i64) = (row.try_get("kind")?, row.try_get("there")?);
        Ok(Some((JobKind::read(&kind)?, there == 1)))
    }

    /// Forgets what happened before `before`, and of the rest all but the newest `kept`. Returns how many.
    pub async fn sweep_activity(&self, before: Timestamp, kept: u32) -> Result<u64, LedgerError> {
        let first = RowId::generate(before, &Entropy::new(|bytes| bytes.fill(0)));
        let beyond = "SELECT id, at FROM activity ORDER BY id DESC LIMIT 1 OFFSET $1";
        let beyond = sql::query(beyond).bind(i64::from(kept)).fetch_optional(self.reader()).await?;
        let (mut end, mut since) = (first.to_string(), millis(before));
        if let Some(row) = beyond {
            let (id, at): (String, i64) = (row.try_get("id")?, row.try_get("at")?);
            // What is behind it sorts after it by one letter more.
            end = end.max(format!("{id}0"));
            since = since.max(at + 1);
        }
        let mut swept = 0;
        loop {
            let mut tx = self.writer().begin().await?;
            let sql = "DELETE FROM activity WHERE id IN
                       (SELECT id FROM activity WHERE id < $1 ORDER BY id LIMIT $2)";
            let done = sql::query(sql).bind(&end).bind(FORGOTTEN_AT_ONCE).execute(&mut tx).await?;
            if done.rows_affected() == 0 {
                return Ok(swept);
            }
            swept += done.rows_affected();
            let sql = "UPDATE activity_marks SET since = $1 WHERE since < $1";
            sql::query(sql).bind(since).execute(&mut tx).await?;
            tx.commit().await?;
        }
    }
}

async fn insert(tx: &mut Tx, rows: &[ActivityRow]) -> Result<(), LedgerError> {
    let head = "INSERT INTO activity (id, at, kind, bucket, key, uid, by_kind, by_name)";
    for some in rows.chunks(ROWS_AT_ONCE) {
        let query = sql::query_rows(head, some.len(), 8);
        let query = some.iter().fold(query, |query, row| {
            let (uid, kind, name) = row.by.columns();
            let query = query.bind(row.id.as_str()).bind(millis(row.at)).bind(row.kind.as_str());
            query.bind(&row.bucket).bind(&row.key).bind(uid).bind(kind).bind(name)
        });
        query.execute(&mut *tx).await?;
    }
    watches::note(tx, rows).await
}

pub(crate) fn read(row: &Row) -> Result<ActivityRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let kind: String = row.try_get("kind")?;
    Ok(ActivityRow {
        id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
        at: timestamp("at", row.try_get("at")?)?,
        kind: ActivityKind::parse(&kind).ok_or(corrupt("kind"))?,
        bucket: row.try_get("bucket")?,
        key: row.try_get("key")?,
        by: ActivityBy::read(row)?,
    })
}
