//! The lines that strangers leave in the audit log: by which link or file request, whose it is, from where, what, and
//! what came of it.

use wh_ledger::{AuditEntryId, AuditKind, AuditRecord, Durability, LedgerError, RowId};
use wh_names::Uid;
use wh_people::Peer;

use crate::state::Portal;

/// What a stranger comes by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    /// A shared link.
    Link,
    /// A file request.
    Request,
}

impl By {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Link => ("link", "links"),
            Self::Request => ("file-request", "file-requests"),
        }
    }
}

/// One request, and what became known of what it comes by.
pub(crate) struct Trail {
    pub(crate) portal: Portal,
    pub(crate) operation: &'static str,
    pub(crate) request_id: String,
    pub(crate) peer: Peer,
    pub(crate) by: By,
    pub(crate) found: Option<(RowId, Uid)>,
}

impl Trail {
    /// Writes down what is about to be handed out. Where that fails, nothing is.
    pub(crate) async fn done(&self, detail: String) -> Result<(), LedgerError> {
        let id = self.about(detail).await?;
        self.became(id, "done");
        Ok(())
    }

    /// Writes down what is about to be done. Where that fails, nothing is.
    pub(crate) async fn about(&self, detail: String) -> Result<AuditEntryId, LedgerError> {
        let record = self.record(AuditKind::Intent, detail);
        self.portal.audit().record(record, Durability::Process).await
    }

    /// Writes down what came of that.
    pub(crate) fn became(&self, id: AuditEntryId, what: &str) {
        self.portal.audit().outcome(id, self.portal.clock().now(), what);
    }

    /// Writes down what is about to be shown. Who looks at one thing again and again is counted.
    pub(crate) async fn shown(&self, detail: String) -> Result<(), LedgerError> {
        let writer = self.portal.audit();
        for line in self.portal.links_counted().count_each(self.record(AuditKind::Intent, detail)) {
            let id = writer.record(line, Durability::Process).await?;
            writer.outcome(id, self.portal.clock().now(), "done");
        }
        Ok(())
    }

    /// Writes down that something was refused. Those who ask again and again are counted.
    pub(crate) async fn refused(&self, code: &str) -> Result<(), LedgerError> {
        let record = self.record(AuditKind::Refusal, code.to_owned());
        for line in self.portal.links_counted().count_each(record) {
            self.portal.audit().record(line, Durability::Process).await?;
        }
        Ok(())
    }

    fn record(&self, kind: AuditKind, detail: String) -> AuditRecord {
        let (found, (one, all)) = (self.found.as_ref(), self.by.words());
        AuditRecord {
            at: self.portal.clock().now(),
            kind,
            request_id: self.request_id.clone(),
            operation: self.operation.to_owned(),
            action: format!("portal:{}", self.operation),
            resource: found.map_or_else(|| all.to_owned(), |(id, _)| format!("{all}/{id}")),
            principal: found
                .map_or_else(|| "anonymous".to_owned(), |(id, _)| format!("{one}/{id}")),
            source_identity: found.map(|(_, owner)| owner.to_string()),
            source_ip: self.peer.ip.map(|ip| ip.to_string()),
            detail: Some(detail),
        }
    }

    /// Counts a request by what was found against whoever comes so, and against all who do. `false`: more come than
    /// are answered.
    pub(crate) fn keeps_pace(&self) -> bool {
        let Some((id, _)) = &self.found else { return true };
        let Ok(counted) = Uid::parse(id.as_str()) else { return false };
        let pace = match self.by {
            By::Link => self.portal.stranger_pace(),
            By::Request => self.portal.sender_pace(),
        };
        let stranger = pace.admit_by(id.clone(), self.peer.ip);
        stranger.and_then(|()| self.portal.link_pace().admit(&counted)).is_ok()
    }
}
