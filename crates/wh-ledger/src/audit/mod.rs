//! The audit trail: what was intended, by whom, and what came of it.
//!
//! Rows are added and never changed. Each is a line of a [chain](AuditChain), so that a line that was
//! changed, taken out or put in is found by [`Ledger::check_audit_chain`].
//!
//! Invariant: when a call returned `Ok`, the record can be read back. Only refusals of anonymous
//! callers and of machines are ever forgotten, and of each the newest stay.

mod chain;
mod check;
mod forget;
mod read;
mod write;

use jiff::Timestamp;

pub use self::chain::{AuditChain, AuditMark, AuditReach};
pub use self::check::{AuditCheck, AuditFault, AuditFaultKind};
pub use self::forget::AUDIT_REFUSALS_KEPT;
pub use self::read::AuditFilter;
pub use self::write::AuditWriter;
pub(crate) use self::write::append;

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
    /// What came of an intent. `None`: not known (yet).
    pub outcome: Option<AuditOutcome>,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditOutcome {
    /// When it was known.
    pub at: Timestamp,
    /// `done` or the code of an error.
    pub outcome: String,
    /// What was there before and is there now, where that is told.
    pub detail: Option<String>,
}

impl AuditOutcome {
    /// An outcome without more to say.
    pub fn of(at: Timestamp, outcome: &str) -> Self {
        Self { at, outcome: outcome.to_owned(), detail: None }
    }
}

impl AuditEntry {
    /// In one word: `done`, `refused`, the code of an error, or `unknown` where it was cut short.
    pub fn came_of_it(&self) -> &str {
        match (self.record.kind, &self.outcome) {
            (AuditKind::Refusal, _) => "refused",
            (AuditKind::Intent, Some(outcome)) => &outcome.outcome,
            (AuditKind::Intent, None) => "unknown",
        }
    }
}
