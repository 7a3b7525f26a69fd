//! Reading the audit trail: the newest first, and only what is asked for.

use jiff::Timestamp;

use super::{AuditEntry, AuditEntryId, AuditKind, AuditOutcome, AuditRecord};
use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// Which entries are asked for. What is `None` leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those with a smaller number.
    pub before: Option<i64>,
    /// Those with a larger number.
    pub after: Option<i64>,
    /// Those of this time and later.
    pub since: Option<Timestamp>,
    /// Those before this time.
    pub until: Option<Timestamp>,
    /// Those of whoever this is: the `uid` that acted through any session, or the principal's ARN.
    pub who: Option<String>,
    /// Those whose action begins so: `s3:`, `iam:CreateRole`.
    pub action: Option<String>,
    /// Those whose resource holds this.
    pub resource: Option<String>,
    /// Those of this outcome: `done`, `refused`, `unknown` or the code of an error.
    pub outcome: Option<String>,
}

/// What is not asked for is bound as `NULL`. `substr` and `replace` take text as it is, where `LIKE` has
/// wildcards.
const FILTERED: &str = "
    SELECT a.seq, a.at, a.kind, a.request_id, a.operation, a.action, a.resource, a.principal,
           a.source_identity, a.source_ip, a.detail,
           o.outcome, o.at AS finished_at, o.detail AS outcome_detail
    FROM audit a LEFT JOIN audit_outcomes o ON o.seq = a.seq
    WHERE a.seq < $1 AND a.seq > $2 AND a.at >= $3 AND a.at < $4
    AND ($5 IS NULL OR a.source_identity = $5 OR a.principal = $5)
    AND ($6 IS NULL OR substr(a.action, 1, length($6)) = $6)
    AND ($7 IS NULL OR replace(a.resource, $7, '') <> a.resource)
    AND ($8 IS NULL OR CASE WHEN a.kind = 'refusal' THEN 'refused'
                            ELSE coalesce(o.outcome, 'unknown') END = $8)
    ORDER BY a.seq DESC LIMIT $9";

impl Ledger {
    /// The newest records before `before` (all, without it), newest first.
    pub async fn audit_recent(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        self.audit_entries(&AuditFilter { before, ..AuditFilter::default() }, limit).await
    }

    /// The newest `limit` entries that are asked for, newest first. The empty text asks for nothing.
    pub async fn audit_entries(
        &self,
        asked: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (who, action) = (text(&asked.who), text(&asked.action));
        let (resource, outcome) = (text(&asked.resource), text(&asked.outcome));
        let rows = sql::query(FILTERED)
            .bind(asked.before.unwrap_or(i64::MAX))
            .bind(asked.after.unwrap_or(i64::MIN))
            .bind(asked.since.map_or(i64::MIN, millis))
            .bind(asked.until.map_or(i64::MAX, millis))
            .bind(&who)
            .bind(&action)
            .bind(&resource)
            .bind(&outcome)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &Row) -> Result<AuditEntry, LedgerError> {
    let (seq, record) = record(row)?;
    let finished: Option<i64> = row.try_get("finished_at")?;
    let outcome: Option<String> = row.try_get("outcome")?;
    let outcome = match (finished, outcome) {
        (Some(at), Some(outcome)) => {
            let at = timestamp("finished_at", at)?;
            Some(AuditOutcome { at, outcome, detail: row.try_get("outcome_detail")? })
        }
        _ => None,
    };
    Ok(AuditEntry { seq, record, outcome })
}

/// A record from its row.
pub(super) fn record(row: &Row) -> Result<(i64, AuditRecord), LedgerError> {
    let kind: String = row.try_get("kind")?;
    let kind = match kind.as_str() {
        "intent" => AuditKind::Intent,
        "refusal" => AuditKind::Refusal,
        _ => return Err(LedgerError::Corrupt { column: "kind" }),
    };
    let record = AuditRecord {
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
    };
    Ok((row.try_get("seq")?, record))
}

/// An outcome from its row.
pub(super) fn outcome(row: &Row) -> Result<(AuditEntryId, AuditOutcome), LedgerError> {
    let outcome = AuditOutcome {
        at: timestamp("at", row.try_get("at")?)?,
        outcome: row.try_get("outcome")?,
        detail: row.try_get("detail")?,
    };
    Ok((AuditEntryId(row.try_get("seq")?), outcome))
}
