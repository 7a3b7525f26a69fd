//! What the audit trail knows of role sessions, and the ledger of the persons in them.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use wh_files::TakenSession;
use wh_ledger::{AuditFilter, Ledger};

/// How many lines of the trail are read at once.
const PAGE_LINES: u32 = 1_000;

/// A session, as it was written down when it was taken.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) taken: TakenSession,
    pub(super) uid: String,
    pub(super) role_arn: String,
    pub(super) line: i64,
    pub(super) since: Timestamp,
}

/// Every session that was written down, by its access key; persons' names by uid.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_key: HashMap<String, Known>,
    names: HashMap<String, String>,
}

impl Sessions {
    pub(super) async fn read(ledger: &Ledger) -> Result<Self> {
        let mut sessions = Self::default();
        for person in ledger.persons().await? {
            sessions.names.insert(person.uid.to_string(), person.name);
        }
        let mut asked =
            AuditFilter { action: Some(TakenSession::ACTION.to_owned()), ..AuditFilter::default() };
        loop {
            let lines = ledger.audit_entries(&asked, PAGE_LINES).await?;
            let Some(last) = lines.last() else { return Ok(sessions) };
            asked.before = Some(last.seq);
            for line in lines {
                let record = line.record;
                let taken = record.detail.as_deref().and_then(TakenSession::parse);
                let ours = record.operation == TakenSession::OPERATION;
                let (Some(taken), Some(uid), true) = (taken, record.source_identity, ours) else {
                    continue;
                };
                let key = taken.access_key_id.as_str().to_owned();
                let (role_arn, since) = (record.resource, record.at);
                let known = Known { taken, uid, role_arn, line: line.seq, since };
                sessions.by_key.insert(key, known);
            }
        }
    }

    pub(super) fn by_key(&self, access_key_id: &str) -> Option<&Known> {
        self.by_key.get(access_key_id)
    }

    pub(super) fn name(&self, uid: &str) -> Option<&str> {
        self.names.get(uid).map(String::as_str)
    }
}
