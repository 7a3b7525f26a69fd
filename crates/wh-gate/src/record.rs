//! Writing down what is intended and what was refused.

use wh_ledger::{AuditKind, AuditRecord, Durability};
use wh_names::SourceIdentity;

use crate::permit::Ticket;
use crate::refusal::RefusalCause;
use crate::{Caller, Gate, OperationKind, Refusal};

/// What was judged: the first action and the ARN on which it was judged.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) action: String,
    pub(crate) resource: String,
}

impl Gate {
    /// Records an intent; without the record there is no permit.
    pub(crate) async fn intend(
        &self,
        caller: &Caller,
        kind: OperationKind,
        target: Target,
    ) -> Result<Ticket, Refusal> {
        let asked = (target.action.clone(), target.resource.clone());
        let record = record(caller, kind, AuditKind::Intent, target);
        match self.audit.record(record, kind.durability()).await {
            Ok(id) => Ok(Ticket::new(&self.audit, &self.clock, id)),
            Err(error) => {
                tracing::error!(%error, operation = kind.as_str(), "refused: it cannot be recorded");
                let asked = (asked.0.as_str(), asked.1.as_str());
                Err(Refusal::of(RefusalCause::Unrecorded, caller, asked))
            }
        }
    }

    /// Records a refusal. If that fails it is refused all the same. It costs no `fsync`, or strangers
    /// could make the disk work.
    pub(crate) async fn note(&self, caller: &Caller, kind: OperationKind, refusal: &Refusal) {
        let explanation = refusal.explanation();
        let target =
            Target { action: explanation.action.clone(), resource: explanation.resource.clone() };
        let mut record = record(caller, kind, AuditKind::Refusal, target);
        record.detail = Some(refusal.message());
        if let Err(error) = self.audit.record(record, Durability::Process).await {
            tracing::error!(%error, operation = kind.as_str(), "a refusal cannot be recorded");
        }
    }
}

fn record(caller: &Caller, kind: OperationKind, what: AuditKind, target: Target) -> AuditRecord {
    AuditRecord {
        at: caller.facts.at,
        kind: what,
        request_id: caller.facts.request_id.clone(),
        operation: kind.as_str().to_owned(),
        action: target.action,
        resource: target.resource,
        principal: caller.principal.label().to_owned(),
        source_identity: caller.principal.source_identity().map(SourceIdentity::to_string),
        source_ip: caller.facts.source_ip.map(|ip| ip.to_string()),
        detail: None,
    }
}
