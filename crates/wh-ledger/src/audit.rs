//! The audit trail: what was intended, by whom, and what came of it.
//!
//! Intents and refusals are written by one task that puts all that wait into one transaction, so
//! that a commit is shared. There are two lanes:
//!
//! - [`Durability::Disk`] commits with `synchronous = FULL`: the record has survived a power cut
//!   before its effect begins. For what changes access: IAM, buckets and their policies.
//! - [`Durability::Process`] commits in WAL with `synchronous = NORMAL`: the record has been handed
//!   to the operating system before its effect begins. It outlives a crash of the process, and costs
//!   no `fsync`; a power cut may take the newest records. The next commit of the other lane makes all
//!   earlier ones safe. For data: an intent would otherwise cost as much as the object itself.
//!
//! On PostgreSQL both lanes wait for its disk: what it holds back in memory would be lost by a crash of
//! its own, which is none of this process.
//!
//! Invariant: when a call returned `Ok`, the record can be read back. Only refusals of anonymous
//! callers and of machines are ever forgotten, and of each the newest stay.

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::open::{millis, timestamp};
use crate::sql::{self, Pool, Query, Queue, Row, Tx};
use crate::{Ledger, LedgerError};

/// The most records that share one commit.
const BATCH_RECORDS_MAX: usize = 256;

/// The most records that are forgotten in one transaction, so that nobody waits long for the writer.
const FORGET_RECORDS_MAX: i64 = 1_000;

/// How the record of one request begins: nobody has acted on it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// When the request was judged.
    pub at: Timestamp,
    /// What this record says.
    pub kind: AuditKind,
    /// The request's id, as the caller was told it.
    pub request_id: String,
    /// The operation: `PutObject`.
    pub operation: String,
    /// The action that was judged: `s3:PutObject`.
    pub action: String,
    /// The ARN on which it was judged.
    pub resource: String,
    /// The ARN of who asked, or `anonymous`.
    pub principal: String,
    /// Who was really acting, through all role sessions.
    pub source_identity: Option<String>,
    /// The address of the peer.
    pub source_ip: Option<String>,
    /// Why it was refused.
    pub detail: Option<String>,
}

/// What an [`AuditRecord`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditKind {
    /// It was allowed and is about to be done.
    Intent,
    /// It was refused.
    Refusal,
}

impl AuditKind {
    /// The kind as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Refusal => "refusal",
        }
    }
}

/// What a commit of an audit record survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut.
    Disk,
    /// A crash of the process.
    Process,
}

/// The number of an audit record; later records have larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditEntryId(i64);

impl AuditEntryId {
    /// The number itself.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// A record as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the trail.
    pub seq: i64,
    /// What was recorded at first.
    pub record: AuditRecord,
    /// What came of an intent: `done` or the code of an error. `None`: not known (yet).
    pub outcome: Option<String>,
    /// When the outcome was known.
    pub finished_at: Option<Timestamp>,
}

impl Ledger {
    /// The newest records before `before` (all, without it), newest first.
    pub async fn audit_recent(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        let rows = sql::query(
            "SELECT a.*, o.outcome, o.at AS finished_at FROM audit a
             LEFT JOIN audit_outcomes o ON o.seq = a.seq
             WHERE a.seq < $1 ORDER BY a.seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(entry).collect()
    }

    /// Writes that something was refused which no gate judged: its own rows said no.
    pub async fn record_refusal(&self, record: &AuditRecord) -> Result<(), LedgerError> {
        commit(&self.pools().trail, std::slice::from_ref(record), &[]).await.map(drop)
    }

    /// Forgets the refusals of anonymous callers but the newest `keep`, at least one; returns how
    /// many. Anybody at all can cause them, so their number is bounded; all other records stay.
    pub async fn sweep_audit_of_strangers(&self, keep: u32) -> Result<u64, LedgerError> {
        let newest = "SELECT seq FROM audit WHERE kind = 'refusal' AND principal = 'anonymous'
                      ORDER BY seq DESC LIMIT 1 OFFSET $1";
        let forget = "DELETE FROM audit WHERE seq IN (
                          SELECT seq FROM audit WHERE kind = 'refusal' AND principal = 'anonymous'
                          AND seq <= $1 ORDER BY seq LIMIT $2)";
        self.forget_refusals((newest, forget), keep).await
    }

    /// Forgets the refusals of machines as such (`machine/i-…`) but the newest `keep`, at least one;
    /// returns how many. One that was revoked, or whose clock is wrong, goes on asking for ever.
    pub async fn sweep_audit_of_machines(&self, keep: u32) -> Result<u64, LedgerError> {
        let newest = "SELECT seq FROM audit
                      WHERE kind = 'refusal' AND substr(principal, 1, 8) = 'machine/'
                      ORDER BY seq DESC LIMIT 1 OFFSET $1";
        let forget = "DELETE FROM audit WHERE seq IN (
                          SELECT seq FROM audit
                          WHERE kind = 'refusal' AND substr(principal, 1, 8) = 'machine/'
                          AND seq <= $1 ORDER BY seq LIMIT $2)";
        self.forget_refusals((newest, forget), keep).await
    }

    /// Forgets all that `newest` does not spare, by and by.
    async fn forget_refusals(
        &self,
        (newest, forget): (&'static str, &'static str),
        keep: u32,
    ) -> Result<u64, LedgerError> {
        // The newest record of all must stay: the next one's number is counted from it.
        let keep = i64::from(keep.max(1));
        let last = sql::query(newest).bind(keep).fetch_optional(self.reader()).await?;
        let Some(last) = last else { return Ok(0) };
        let last: i64 = last.try_get("seq")?;
        let mut forgotten = 0;
        loop {
            let query = sql::query(forget).bind(last).bind(FORGET_RECORDS_MAX);
            let done = query.execute(self.writer()).await?.rows_affected();
            forgotten += done;
            if done == 0 {
                return Ok(forgotten);
            }
        }
    }
}

fn entry(row: &Row) -> Result<AuditEntry, LedgerError> {
    let kind = match row.try_get("kind")? {
        "intent" => AuditKind::Intent,
        "refusal" => AuditKind::Refusal,
        _ => return Err(LedgerError::Corrupt { column: "kind" }),
    };
    let finished: Option<i64> = row.try_get("finished_at")?;
    Ok(AuditEntry {
        seq: row.try_get("seq")?,
        record: AuditRecord {
            at: timestamp("at", row.try_get("at")?)?,
            kind,
            request_id: row.try_get("request_id")?,
            operation: row.try_get("operation")?,
            action: row.try_get("action")?,
            resource: row.try_get("resource")?,
            principal: row.try_get("principal")?,
            source_identity: row.try_get("source_identity")?,
            source_ip: row.try_get("source_ip")?,
            detail: row.try_get("detail")?,
        },
        outcome: row.try_get("outcome")?,
        finished_at: finished.map(|at| timestamp("finished_at", at)).transpose()?,
    })
}

/// Writes the audit trail. Cloning shares the writer.
#[derive(Debug, Clone)]
pub struct AuditWriter {
    disk: mpsc::UnboundedSender<Job>,
    process: mpsc::UnboundedSender<Job>,
}

/// What waits for the writer. The queues need no bound of their own: every intent and refusal is
/// waited for by its request, and an intent has one outcome.
#[derive(Debug)]
enum Job {
    Record(AuditRecord, oneshot::Sender<Result<AuditEntryId, LedgerError>>),
    Outcome(AuditEntryId, Timestamp, String),
    Flush(oneshot::Sender<()>),
}

impl AuditWriter {
    /// Starts the writer's tasks; they end when the last clone is dropped.
    ///
    /// Must be called within a Tokio runtime.
    pub async fn start(ledger: &Ledger) -> Result<Self, LedgerError> {
        let pools = ledger.pools();
        // That the lane can be entered is seen here, and not by the first request.
        sql::query("SELECT 1 FROM audit LIMIT 1").fetch_optional(&pools.relaxed).await?;
        let (disk, disk_jobs) = mpsc::unbounded_channel();
        let (process, process_jobs) = mpsc::unbounded_channel();
        drop(tokio::spawn(write_all(pools.trail.clone(), disk_jobs)));
        drop(tokio::spawn(write_all(pools.relaxed.clone(), process_jobs)));
        Ok(Self { disk, process })
    }

    /// Writes a record; when this returns, it is as durable as was asked.
    pub async fn record(
        &self,
        record: AuditRecord,
        durability: Durability,
    ) -> Result<AuditEntryId, LedgerError> {
        let lane = match durability {
            Durability::Disk => &self.disk,
            Durability::Process => &self.process,
        };
        let (reply, answer) = oneshot::channel();
        lane.send(Job::Record(record, reply)).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Writes what came of an intent, soon. A writer that has stopped loses it: an intent without
    /// an outcome says just that.
    pub fn outcome(&self, id: AuditEntryId, at: Timestamp, outcome: &str) {
        if self.process.send(Job::Outcome(id, at, outcome.to_owned())).is_err() {
            tracing::error!(seq = id.0, outcome, "the audit writer has stopped");
        }
    }

    /// Waits until all that was handed over before has been written.
    pub async fn flush(&self) {
        for lane in [&self.disk, &self.process] {
            let (reply, answer) = oneshot::channel();
            if lane.send(Job::Flush(reply)).is_err() || answer.await.is_err() {
                tracing::error!("the audit writer has stopped");
            }
        }
    }
}

fn stopped() -> LedgerError {
    LedgerError::Database("the audit writer has stopped".into())
}

async fn write_all(pool: Pool, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH_RECORDS_MAX);
    while jobs.recv_many(&mut batch, BATCH_RECORDS_MAX).await > 0 {
        write_batch(&pool, std::mem::take(&mut batch)).await;
    }
}

async fn write_batch(pool: &Pool, batch: Vec<Job>) {
    let mut records = Vec::new();
    let mut replies = Vec::new();
    let mut outcomes = Vec::new();
    let mut flushes = Vec::new();
    for job in batch {
        match job {
            Job::Record(record, reply) => {
                records.push(record);
                replies.push(reply);
            }
            Job::Outcome(id, at, outcome) => outcomes.push((id, at, outcome)),
            Job::Flush(reply) => flushes.push(reply),
        }
    }
    let written = commit(pool, &records, &outcomes).await;
    if let Err(error) = &written {
        let (records, outcomes) = (records.len(), outcomes.len());
        tracing::error!(%error, records, outcomes, "the audit trail cannot be written");
    }
    for (reply, place) in replies.into_iter().zip(1..) {
        let answer = match &written {
            Ok(last) => Ok(AuditEntryId(last + place)),
            Err(error) => Err(LedgerError::Database(error.to_string().into())),
        };
        answered(reply.send(answer).is_ok());
    }
    for reply in flushes {
        answered(reply.send(()).is_ok());
    }
}

/// A request that was cut off no longer waits; its record stands.
fn answered(heard: bool) {
    if !heard {
        tracing::debug!("nobody waits for an audit record any more");
    }
}

/// Writes a batch in one transaction; returns the number before the first of its records.
async fn commit(
    pool: &Pool,
    records: &[AuditRecord],
    outcomes: &[(AuditEntryId, Timestamp, String)],
) -> Result<i64, LedgerError> {
    if records.is_empty() && outcomes.is_empty() {
        return Ok(0);
    }
    let mut tx = pool.begin_in(Queue::Trail).await?;
    let last = sql::query("SELECT coalesce(max(seq), 0) AS seq FROM audit");
    let last: i64 = last.fetch_one(&mut tx).await?.try_get("seq")?;
    if !records.is_empty() {
        insert_records(records, last).execute(&mut tx).await?;
    }
    if !outcomes.is_empty() {
        insert_outcomes(outcomes).execute(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(last)
}

/// Writes a record as a part of the change that it is about, which is done when the transaction is.
pub(crate) async fn append(tx: &mut Tx, record: &AuditRecord) -> Result<(), LedgerError> {
    tx.enter_trail().await?;
    let last = sql::query("SELECT coalesce(max(seq), 0) AS seq FROM audit");
    let last: i64 = last.fetch_one(&mut *tx).await?.try_get("seq")?;
    insert_records(std::slice::from_ref(record), last).execute(&mut *tx).await?;
    let done = [(AuditEntryId(last + 1), record.at, "done".to_owned())];
    insert_outcomes(&done).execute(&mut *tx).await?;
    Ok(())
}

fn insert_records(records: &[AuditRecord], last: i64) -> Query<'_> {
    let head = "INSERT INTO audit (seq, at, kind, request_id, operation, action, resource,
                principal, source_identity, source_ip, detail)";
    let query = sql::query_rows(head, records.len(), 11);
    records.iter().zip(1_i64..).fold(query, |query, (record, place)| {
        query
            .bind(last + place)
            .bind(millis(record.at))
            .bind(record.kind.as_str())
            .bind(&record.request_id)
            .bind(&record.operation)
            .bind(&record.action)
            .bind(&record.resource)
            .bind(&record.principal)
            .bind(&record.source_identity)
            .bind(&record.source_ip)
            .bind(&record.detail)
    })
}

fn insert_outcomes(outcomes: &[(AuditEntryId, Timestamp, String)]) -> Query<'_> {
    let head = "INSERT INTO audit_outcomes (seq, at, outcome)";
    outcomes.iter().fold(sql::query_rows(head, outcomes.len(), 3), |query, (id, at, outcome)| {
        query.bind(id.0).bind(millis(*at)).bind(outcome)
    })
}
