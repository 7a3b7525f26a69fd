//! The chains of the audit trail: every line's hash is over what the line says and the hash before it.
//!
//! A line is a record or an outcome; its place is its link, counted from 1 without a gap. There are three
//! chains, because only the oldest lines of a chain may be forgotten: what anybody at all can cause is
//! kept apart from what stays for ever.
//!
//! Invariant: a line and its place in the chain are one transaction, and those come one after another.
//! docs/audit.md has the bytes that are hashed, so that anybody can count them again.

use sha2::{Digest, Sha256};

use super::{AuditEntryId, AuditKind, AuditOutcome, AuditRecord};
use crate::LedgerError;
use crate::open::millis;
use crate::sql::{self, Row, Tx};

/// A chain of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuditChain {
    /// What is kept for ever.
    Trail,
    /// Refusals of anonymous callers; the newest are kept.
    Strangers,
    /// Refusals of machines as such; the newest are kept.
    Machines,
}

impl AuditChain {
    /// All chains.
    pub const ALL: [Self; 3] = [Self::Trail, Self::Strangers, Self::Machines];

    /// The chain as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trail => "trail",
            Self::Strangers => "strangers",
            Self::Machines => "machines",
        }
    }

    /// Reads what [`as_str`](Self::as_str) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.as_str() == text)
    }

    /// The chain to which a record belongs.
    pub(super) fn of(record: &AuditRecord) -> Self {
        match record.kind {
            AuditKind::Refusal if record.principal == "anonymous" => Self::Strangers,
            AuditKind::Refusal if record.principal.starts_with("machine/") => Self::Machines,
            AuditKind::Refusal | AuditKind::Intent => Self::Trail,
        }
    }
}

/// A hash as it is counted; stored and shown in 64 hexadecimal digits.
pub(super) type Hash = [u8; 32];

/// A place in a chain: a link's number and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditMark {
    /// 0 is the place before the first line.
    pub link: i64,
    /// 64 hexadecimal digits; all are 0 before the first line.
    pub hash: String,
}

/// From where to where a chain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReach {
    /// Which one.
    pub chain: AuditChain,
    /// The place before the oldest line that is kept.
    pub tail: AuditMark,
    /// The place of the newest line.
    pub head: AuditMark,
}

/// What a line says, field by field.
#[derive(Debug)]
pub(super) struct Line(Vec<Option<String>>);

impl Line {
    pub(super) fn of_record(seq: i64, record: &AuditRecord) -> Self {
        let AuditRecord { at, kind, request_id, operation, action, resource, .. } = record;
        let AuditRecord { principal, source_identity, source_ip, detail, .. } = record;
        let said = |text: &String| Some(text.clone());
        Self(vec![
            Some("record".to_owned()),
            Some(seq.to_string()),
            Some(millis(*at).to_string()),
            Some(kind.as_str().to_owned()),
            said(request_id),
            said(operation),
            said(action),
            said(resource),
            said(principal),
            source_identity.clone(),
            source_ip.clone(),
            detail.clone(),
        ])
    }

    pub(super) fn of_outcome(id: AuditEntryId, outcome: &AuditOutcome) -> Self {
        Self(vec![
            Some("outcome".to_owned()),
            Some(id.0.to_string()),
            Some(millis(outcome.at).to_string()),
            Some(outcome.outcome.clone()),
            outcome.detail.clone(),
        ])
    }

    /// The hash of this line at its place.
    pub(super) fn hash(&self, chain: AuditChain, link: i64, before: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(before);
        let place = [Some("wellhouse audit 1"), Some(chain.as_str())].map(|s| s.map(str::to_owned));
        let place = place.into_iter().chain([Some(link.to_string())]);
        for field in place.chain(self.0.iter().cloned()) {
            // One byte says whether there is a value, eight how long it is: no two lines are alike.
            hasher.update([u8::from(field.is_some())]);
            let text = field.unwrap_or_default();
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().into()
    }
}

/// The place that a line was given.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) chain: AuditChain,
    pub(super) number: i64,
    pub(super) hash: String,
}

/// Where the chains end, in a transaction that goes on with them.
#[derive(Debug)]
pub(super) struct Heads(Vec<Head>);

#[derive(Debug)]
struct Head {
    chain: AuditChain,
    link: i64,
    hash: Hash,
    moved: bool,
}

impl Heads {
    /// Reads the ends. The transaction must be in the trail's queue.
    pub(super) async fn load(tx: &mut Tx) -> Result<Self, LedgerError> {
        let reaches = reaches(sql::query(REACHES).fetch_all(tx).await?)?;
        let head = |reach: AuditReach| {
            let hash = parse(&reach.head.hash)?;
            Ok(Head { chain: reach.chain, link: reach.head.link, hash, moved: false })
        };
        reaches.into_iter().map(head).collect::<Result<_, LedgerError>>().map(Self)
    }

    /// Puts a line at the end of its chain.
    pub(super) fn add(&mut self, chain: AuditChain, line: &Line) -> Result<Link, LedgerError> {
        let head = self.0.iter_mut().find(|head| head.chain == chain);
        let head = head.ok_or(LedgerError::Corrupt { column: "chain" })?;
        head.link += 1;
        head.hash = line.hash(chain, head.link, &head.hash);
        head.moved = true;
        Ok(Link { chain, number: head.link, hash: text(&head.hash) })
    }

    /// Writes down where the chains end now.
    pub(super) async fn store(self, tx: &mut Tx) -> Result<(), LedgerError> {
        for head in self.0.into_iter().filter(|head| head.moved) {
            let update = "UPDATE audit_chains SET head_link = $1, head_hash = $2 WHERE chain = $3";
            let query = sql::query(update).bind(head.link).bind(text(&head.hash));
            query.bind(head.chain.as_str()).execute(&mut *tx).await?;
        }
        Ok(())
    }
}

pub(super) const REACHES: &str =
    "SELECT chain, tail_link, tail_hash, head_link, head_hash FROM audit_chains ORDER BY chain";

pub(super) fn reaches(rows: Vec<Row>) -> Result<Vec<AuditReach>, LedgerError> {
    let reach = |row: Row| {
        let chain: String = row.try_get("chain")?;
        let chain = AuditChain::parse(&chain).ok_or(LedgerError::Corrupt { column: "chain" })?;
        let tail = AuditMark { link: row.try_get("tail_link")?, hash: row.try_get("tail_hash")? };
        let head = AuditMark { link: row.try_get("head_link")?, hash: row.try_get("head_hash")? };
        Ok(AuditReach { chain, tail, head })
    };
    rows.into_iter().map(reach).collect()
}

pub(super) fn text(hash: &Hash) -> String {
    hex::encode(hash)
}

pub(super) fn parse(text: &str) -> Result<Hash, LedgerError> {
    let mut hash = Hash::default();
    match hex::decode_to_slice(text, &mut hash) {
        Ok(()) => Ok(hash),
        Err(_) => Err(LedgerError::Corrupt { column: "hash" }),
    }
}
