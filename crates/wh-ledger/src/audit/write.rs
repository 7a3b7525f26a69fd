//! Writing the audit trail.
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

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::chain::{AuditChain, Heads, Line, Link};
use super::{AuditEntryId, AuditOutcome, AuditRecord, Durability};
use crate::open::millis;
use crate::sql::{self, Pool, Query, Queue, Tx};
use crate::{Ledger, LedgerError};

/// The most records that share one commit.
const BATCH_RECORDS_MAX: usize = 256;

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
    Outcome(AuditEntryId, AuditOutcome),
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
        self.tell(id, AuditOutcome::of(at, outcome));
    }

    /// Writes what came of an intent, and what it changed, soon; as [`outcome`](Self::outcome).
    pub fn tell(&self, id: AuditEntryId, outcome: AuditOutcome) {
        if let Err(lost) = self.process.send(Job::Outcome(id, outcome)) {
            tracing::error!(seq = id.0, lost = ?lost.0, "the audit writer has stopped");
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
            Job::Outcome(id, outcome) => outcomes.push((id, outcome)),
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
    outcomes: &[(AuditEntryId, AuditOutcome)],
) -> Result<i64, LedgerError> {
    if records.is_empty() && outcomes.is_empty() {
        return Ok(0);
    }
    let mut tx = pool.begin_in(Queue::Trail).await?;
    let last = insert(&mut tx, records, outcomes).await?;
    tx.commit().await?;
    Ok(last)
}

/// Writes a record as a part of the change that it is about, which is done when the transaction is.
pub(crate) async fn append(tx: &mut Tx, record: &AuditRecord) -> Result<(), LedgerError> {
    tx.enter_trail().await?;
    let last = insert(tx, std::slice::from_ref(record), &[]).await?;
    let done = (AuditEntryId(last + 1), AuditOutcome::of(record.at, "done"));
    insert(tx, &[], &[done]).await?;
    Ok(())
}

/// Writes lines in a transaction that is in the trail's queue; returns the number before the first
/// of the records.
async fn insert(
    tx: &mut Tx,
    records: &[AuditRecord],
    outcomes: &[(AuditEntryId, AuditOutcome)],
) -> Result<i64, LedgerError> {
    let last = sql::query("SELECT coalesce(max(seq), 0) AS seq FROM audit");
    let last: i64 = last.fetch_one(&mut *tx).await?.try_get("seq")?;
    let mut heads = Heads::load(tx).await?;
    if !records.is_empty() {
        let links = records.iter().zip(last + 1..);
        let links = links
            .map(|(record, seq)| heads.add(AuditChain::of(record), &Line::of_record(seq, record)));
        let links = links.collect::<Result<Vec<_>, _>>()?;
        insert_records(records, last, &links).execute(&mut *tx).await?;
    }
    if !outcomes.is_empty() {
        let links = outcomes
            .iter()
            .map(|(id, outcome)| heads.add(AuditChain::Trail, &Line::of_outcome(*id, outcome)));
        let links = links.collect::<Result<Vec<_>, _>>()?;
        insert_outcomes(outcomes, &links).execute(&mut *tx).await?;
    }
    heads.store(tx).await?;
    Ok(last)
}

fn insert_records<'q>(records: &'q [AuditRecord], last: i64, links: &'q [Link]) -> Query<'q> {
    let head = "INSERT INTO audit (seq, at, kind, request_id, operation, action, resource,
                principal, source_identity, source_ip, detail, chain, link, hash)";
    let query = sql::query_rows(head, records.len(), 14);
    records.iter().zip(last + 1..).zip(links).fold(query, |query, ((record, seq), link)| {
        query
            .bind(seq)
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
            .bind(link.chain.as_str())
            .bind(link.number)
            .bind(&link.hash)
    })
}

fn insert_outcomes<'q>(
    outcomes: &'q [(AuditEntryId, AuditOutcome)],
    links: &'q [Link],
) -> Query<'q> {
    let head = "INSERT INTO audit_outcomes (seq, at, outcome, detail, link, hash)";
    let query = sql::query_rows(head, outcomes.len(), 6);
    outcomes.iter().zip(links).fold(query, |query, ((id, outcome), link)| {
        query
            .bind(id.0)
            .bind(millis(outcome.at))
            .bind(&outcome.outcome)
            .bind(&outcome.detail)
            .bind(link.number)
            .bind(&link.hash)
    })
}

/// How many lines get their links in one transaction.
const LINK_LINES_MAX: i64 = 500;

impl Ledger {
    /// Writes that something was refused which no gate judged: its own rows said no.
    pub async fn record_refusal(&self, record: &AuditRecord) -> Result<(), LedgerError> {
        commit(&self.pools().trail, std::slice::from_ref(record), &[]).await.map(drop)
    }

    /// Writes that mails go out by which nothing else changes.
    pub async fn record_with_mails(&self, record: &AuditRecord) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        append(&mut tx, record).await?;
        Ok(tx.commit().await?)
    }

    /// Waits until all that was written so far has survived a power cut, whichever lane it took: what is
    /// signed must not be lost.
    pub async fn settle_audit(&self) -> Result<(), LedgerError> {
        let mut tx = self.pools().trail.begin_in(Queue::Trail).await?;
        let same = "UPDATE audit_chains SET head_link = head_link";
        sql::query(same).execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a link to every line that has none: an older version wrote it. Returns how many. Every
    /// opening begins with it, so that what is new comes after what is old.
    pub async fn link_audit(&self) -> Result<u64, LedgerError> {
        let mut linked = 0;
        loop {
            let mut tx = self.writer().begin_in(Queue::Trail).await?;
            let done = link_records(&mut tx).await? + link_outcomes(&mut tx).await?;
            if done == 0 {
                return Ok(linked);
            }
            tx.commit().await?;
            linked += done;
        }
    }
}

async fn link_records(tx: &mut Tx) -> Result<u64, LedgerError> {
    let unlinked = "SELECT * FROM audit WHERE chain IS NULL ORDER BY seq LIMIT $1";
    let rows = sql::query(unlinked).bind(LINK_LINES_MAX).fetch_all(&mut *tx).await?;
    let mut heads = Heads::load(tx).await?;
    for row in &rows {
        let (seq, record) = super::read::record(row)?;
        let link = heads.add(AuditChain::of(&record), &Line::of_record(seq, &record))?;
        let update = "UPDATE audit SET chain = $1, link = $2, hash = $3 WHERE seq = $4";
        let update = sql::query(update).bind(link.chain.as_str()).bind(link.number);
        update.bind(link.hash).bind(seq).execute(&mut *tx).await?;
    }
    heads.store(tx).await?;
    Ok(rows.len() as u64)
}

async fn link_outcomes(tx: &mut Tx) -> Result<u64, LedgerError> {
    let unlinked = "SELECT * FROM audit_outcomes WHERE link IS NULL ORDER BY seq LIMIT $1";
    let rows = sql::query(unlinked).bind(LINK_LINES_MAX).fetch_all(&mut *tx).await?;
    let mut heads = Heads::load(tx).await?;
    for row in &rows {
        let (id, outcome) = super::read::outcome(row)?;
        let link = heads.add(AuditChain::Trail, &Line::of_outcome(id, &outcome))?;
        let update = "UPDATE audit_outcomes SET link = $1, hash = $2 WHERE seq = $3";
        let update = sql::query(update).bind(link.number).bind(link.hash);
        update.bind(id.number()).execute(&mut *tx).await?;
    }
    heads.store(tx).await?;
    Ok(rows.len() as u64)
}
