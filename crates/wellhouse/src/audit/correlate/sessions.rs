//! What the audit trail knows of role sessions, and the ledger of the persons in them.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use wh_files::TakenSession;
use wh_ledger::{AuditEntry, AuditFilter, Ledger};

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
            let known = lines.into_iter().filter_map(known);
            let by_key = known.map(|known| (known.taken.access_key_id.as_str().to_owned(), known));
            sessions.by_key.extend(by_key);
        }
    }

    pub(super) fn by_key(&self, access_key_id: &str) -> Option<&Known> {
        self.by_key.get(access_key_id)
    }

    pub(super) fn name(&self, uid: &str) -> Option<&str> {
        self.names.get(uid).map(String::as_str)
    }
}

/// What a line says of a session; none where it is about something else.
fn known(line: AuditEntry) -> Option<Known> {
    let record = line.record;
    let taken = TakenSession::parse(record.detail.as_deref()?)?;
    let (uid, role_arn, since) = (record.source_identity?, record.resource, record.at);
    let ours = record.operation == TakenSession::OPERATION;
    ours.then_some(Known { taken, uid, role_arn, line: line.seq, since })
}
