//! One request by a shared link: what it may do, and the line that it leaves in the audit log.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wh_aws::AwsError;
use wh_files::{Files, FilesError, LinkRefusal, OpenedLink, StandingLink};
use wh_ledger::LedgerError;

use super::page;
use super::trail::{By, Trail};
use super::visitor::Visitor;
use crate::problem::Problem;
use crate::state::Portal;

/// A request, and what became known of its link.
pub(super) struct Asked {
    pub(super) portal: Portal,
    pub(super) visitor: Visitor,
    trail: Trail,
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
        let trail = Trail {
            portal: portal.clone(),
            operation,
            request_id: visitor.request_id.clone(),
            peer: visitor.peer.clone(),
            by: By::Link,
            found: None,
        };
        Self { portal, visitor, trail }
    }

    pub(super) fn files(&self) -> &Files {
        self.portal.files()
    }

    /// The link, if it counts at this moment; its password may still be asked for.
    pub(super) async fn standing(&mut self) -> Result<StandingLink, TurnedAway> {
        let token = self.visitor.token.as_ref().ok_or(LinkRefusal::Unknown)?;
        let found = self.files().find_link(token).await.map_err(LinkRefusal::from)?;
        let found = found.ok_or(LinkRefusal::Unknown)?;
        self.trail.found = Some((found.id().clone(), found.uid().clone()));
        if !self.trail.keeps_pace() {
            return Err(TurnedAway::TooFast);
        }
        Ok(self.files().standing_link(found).await?)
    }

    /// The link, opened.
    pub(super) async fn opened(&mut self) -> Result<OpenedLink, TurnedAway> {
        let standing = self.standing().await?;
        Ok(self.files().open_link(standing, self.visitor.visit.as_ref()).await?)
    }

    /// Writes down what is about to be handed out. Where that fails, nothing is.
    pub(super) async fn done(&self, detail: String) -> Result<(), TurnedAway> {
        self.trail.done(detail).await.map_err(TurnedAway::Unwritten)
    }

    /// Writes down what is about to be shown.
    pub(super) async fn shown(&self, detail: String) -> Result<(), TurnedAway> {
        self.trail.shown(detail).await.map_err(TurnedAway::Unwritten)
    }

    /// Writes down that something was refused.
    pub(super) async fn refused(&self, code: &str) -> Result<(), TurnedAway> {
        self.trail.refused(code).await.map_err(TurnedAway::Unwritten)
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
}

/// Whether what refuses it may be over in a moment: the store is out of reach, or busy.
pub(crate) fn passes(problem: Problem) -> bool {
    let status = problem.into_response().status();
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
