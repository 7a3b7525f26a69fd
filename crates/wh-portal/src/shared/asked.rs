//! One request by a shared link: what it may do, and the line that it leaves in the audit log.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wh_aws::AwsError;
use wh_files::{Files, FilesError, LinkRefusal, OpenedLink, StandingLink};
use wh_ledger::{AuditKind, AuditRecord, Durability, LedgerError, RowId};
use wh_names::Uid;

use super::page;
use super::visitor::Visitor;
use crate::problem::Problem;
use crate::state::Portal;

/// A request, and what became known of its link.
pub(super) struct Asked {
    pub(super) portal: Portal,
    pub(super) visitor: Visitor,
    operation: &'static str,
    link: Option<(RowId, Uid)>,
}

/// Why there is no answer but a page that says so.
pub(super) enum TurnedAway {
    /// The link does not open it.
    Link(LinkRefusal),
    /// More requests come by the link than are answered.
    TooFast,
    /// It cannot be written to the audit log.
    Unwritten(LedgerError),
}

impl From<LinkRefusal> for TurnedAway {
    fn from(why: LinkRefusal) -> Self {
        Self::Link(why)
    }
}

impl Asked {
    pub(super) fn new(portal: Portal, visitor: Visitor, operation: &'static str) -> Self {
        Self { portal, visitor, operation, link: None }
    }

    pub(super) fn files(&self) -> &Files {
        self.portal.files()
    }

    /// The link, if it counts at this moment; its password may still be asked for.
    pub(super) async fn standing(&mut self) -> Result<StandingLink, TurnedAway> {
        let token = self.visitor.token.as_ref().ok_or(LinkRefusal::Unknown)?;
        let found = self.files().find_link(token).await.map_err(LinkRefusal::from)?;
        let found = found.ok_or(LinkRefusal::Unknown)?;
        self.link = Some((found.id().clone(), found.uid().clone()));
        let counted = Uid::parse(found.id().as_str()).map_err(|_| LinkRefusal::Unknown)?;
        let (portal, id) = (&self.portal, found.id().clone());
        portal
            .stranger_pace()
            .admit_by(id, self.visitor.peer.ip)
            .and_then(|()| portal.link_pace().admit(&counted))
            .map_err(|_wait| TurnedAway::TooFast)?;
        Ok(self.files().standing_link(found).await?)
    }

    /// The link, opened.
    pub(super) async fn opened(&mut self) -> Result<OpenedLink, TurnedAway> {
        let standing = self.standing().await?;
        Ok(self.files().open_link(standing, self.visitor.visit.as_ref()).await?)
    }

    /// Writes down what is about to be handed out. Where that fails, nothing is.
    pub(super) async fn done(&self, detail: String) -> Result<(), TurnedAway> {
        let (writer, record) = (self.portal.audit(), self.record(AuditKind::Intent, detail));
        let id = writer.record(record, Durability::Process).await.map_err(TurnedAway::Unwritten)?;
        writer.outcome(id, self.portal.clock().now(), "done");
        Ok(())
    }

    /// Writes down what is about to be shown. Who looks at one thing again and again is counted.
    pub(super) async fn shown(&self, detail: String) -> Result<(), TurnedAway> {
        let writer = self.portal.audit();
        for line in self.portal.links_counted().count_each(self.record(AuditKind::Intent, detail)) {
            let id = writer.record(line, Durability::Process).await;
            let id = id.map_err(TurnedAway::Unwritten)?;
            writer.outcome(id, self.portal.clock().now(), "done");
        }
        Ok(())
    }

    /// Writes down that something was refused. Those who ask again and again are counted.
    pub(super) async fn refused(&self, code: &str) -> Result<(), TurnedAway> {
        let record = self.record(AuditKind::Refusal, code.to_owned());
        for line in self.portal.links_counted().count_each(record) {
            let written = self.portal.audit().record(line, Durability::Process).await;
            written.map_err(TurnedAway::Unwritten)?;
        }
        Ok(())
    }

    /// The page that says no. It is the same for a link that never was, and for one that ended.
    pub(super) async fn turn_away(&self, why: TurnedAway) -> Response {
        let why = match why {
            TurnedAway::Link(LinkRefusal::PasswordNeeded) => {
                return page::password(&self.visitor, None);
            }
            TurnedAway::Link(why) => why,
            TurnedAway::TooFast => return page::later(&self.visitor),
            TurnedAway::Unwritten(error) => {
                tracing::error!(%error, "refused: it cannot be recorded");
                return page::later(&self.visitor);
            }
        };
        if let Err(TurnedAway::Unwritten(error)) = self.refused(why.code()).await {
            tracing::error!(%error, "a refusal cannot be recorded");
        }
        let passes = match why {
            LinkRefusal::Files(FilesError::ArchiveTooLarge { .. }) => {
                return page::too_large(&self.visitor);
            }
            // The role is gone, or whoever made the link may not assume it any more.
            LinkRefusal::Files(FilesError::RoleSession(
                AwsError::Denied { .. } | AwsError::NotFound { .. },
            ))
            | LinkRefusal::Unknown
            | LinkRefusal::State(_)
            | LinkRefusal::OwnerGone
            | LinkRefusal::PasswordNeeded
            | LinkRefusal::NotShown
            | LinkRefusal::OtherKind
            | LinkRefusal::Path(_) => false,
            LinkRefusal::Files(error) => passes(error.into()),
            LinkRefusal::Ledger(error) => passes(error.into()),
        };
        if passes { page::later(&self.visitor) } else { page::unavailable(&self.visitor) }
    }

    fn record(&self, kind: AuditKind, detail: String) -> AuditRecord {
        let link = self.link.as_ref();
        AuditRecord {
            at: self.portal.clock().now(),
            kind,
            request_id: self.visitor.request_id.clone(),
            operation: self.operation.to_owned(),
            action: format!("portal:{}", self.operation),
            resource: link.map_or_else(|| "links".to_owned(), |(id, _)| format!("links/{id}")),
            principal: link.map_or_else(|| "anonymous".to_owned(), |(id, _)| format!("link/{id}")),
            source_identity: link.map(|(_, owner)| owner.to_string()),
            source_ip: self.visitor.peer.ip.map(|ip| ip.to_string()),
            detail: Some(detail),
        }
    }
}

/// Whether what refuses it may be over in a moment: the store is out of reach, or busy.
fn passes(problem: Problem) -> bool {
    let status = problem.into_response().status();
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
