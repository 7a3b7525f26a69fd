//! One request by a file request: what it may do, the line that it leaves in the audit log, and what a stranger is told
//! who is refused.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wh_aws::AwsError;
use wh_files::{
    Files, FilesError, OpenedRequest, QuotaError, RequestRefusal, StandingRequest, UploadError,
};
use wh_ledger::{AuditEntryId, LedgerError};

use super::page;
use super::sender::Sender;
use crate::problem::{Code, Problem};
use crate::shared::passes;
use crate::shared::trail::{By, Trail};
use crate::state::Portal;

/// A request, and what became known of what it comes by.
pub(super) struct Asked {
    pub(super) portal: Portal,
    pub(super) sender: Sender,
    trail: Trail,
}

/// Why there is no answer but one that says so.
pub(super) enum TurnedAway {
    /// Nothing is taken.
    Request(RequestRefusal),
    /// More requests come than are answered.
    TooFast,
    /// It cannot be written to the audit log.
    Unwritten(LedgerError),
}

impl From<RequestRefusal> for TurnedAway {
    fn from(why: RequestRefusal) -> Self {
        Self::Request(why)
    }
}

impl From<UploadError> for TurnedAway {
    fn from(why: UploadError) -> Self {
        Self::Request(why.into())
    }
}

impl Asked {
    pub(super) fn new(portal: Portal, sender: Sender, operation: &'static str) -> Self {
        let trail = Trail {
            portal: portal.clone(),
            operation,
            request_id: sender.request_id.clone(),
            peer: sender.peer.clone(),
            by: By::Request,
            found: None,
        };
        Self { portal, sender, trail }
    }

    pub(super) fn files(&self) -> &Files {
        self.portal.files()
    }

    /// The request, if it counts at this moment and its person may write there.
    pub(super) async fn standing(&mut self) -> Result<StandingRequest, TurnedAway> {
        let token = self.sender.token.as_ref().ok_or(RequestRefusal::Unknown)?;
        let found = self.files().find_request(token).await.map_err(RequestRefusal::from)?;
        let found = found.ok_or(RequestRefusal::Unknown)?;
        self.trail.found = Some((found.id().clone(), found.uid().clone()));
        if !self.trail.keeps_pace() {
            return Err(TurnedAway::TooFast);
        }
        Ok(self.files().standing_request(found).await?)
    }

    /// The request, opened for whoever sends.
    pub(super) async fn opened(&mut self) -> Result<OpenedRequest, TurnedAway> {
        let standing = self.standing().await?;
        Ok(self.files().open_request(standing, self.sender.held.as_ref()).await?)
    }

    /// Writes down what is about to be handed out. Where that fails, nothing is.
    pub(super) async fn done(&self, detail: String) -> Result<(), TurnedAway> {
        self.trail.done(detail).await.map_err(TurnedAway::Unwritten)
    }

    /// Writes down what is about to be done. Where that fails, nothing is.
    pub(super) async fn about(&self, detail: String) -> Result<AuditEntryId, TurnedAway> {
        self.trail.about(detail).await.map_err(TurnedAway::Unwritten)
    }

    /// Writes down what came of it: what was done, or the code of what refused it.
    pub(super) fn became(&self, line: AuditEntryId, what: Result<String, &TurnedAway>) {
        let what = what.unwrap_or_else(|why| match why {
            TurnedAway::Request(why) => why.code().to_owned(),
            TurnedAway::TooFast => "too-many-requests".to_owned(),
            TurnedAway::Unwritten(_) => "unrecorded".to_owned(),
        });
        self.trail.became(line, &what);
    }

    /// Writes down what is about to be shown, or goes on.
    pub(super) async fn shown(&self, detail: String) -> Result<(), TurnedAway> {
        self.trail.shown(detail).await.map_err(TurnedAway::Unwritten)
    }

    /// Writes down that something was refused.
    pub(super) async fn refused(&self, code: &str) -> Result<(), TurnedAway> {
        self.trail.refused(code).await.map_err(TurnedAway::Unwritten)
    }

    /// The page that says no. It is the same for a request that never was, and for one that ended.
    pub(super) async fn turn_away(&self, why: TurnedAway) -> Response {
        match self.told(why).await.into_response().status() {
            StatusCode::NOT_FOUND => page::unavailable(&self.sender),
            StatusCode::CONFLICT => page::full(&self.sender),
            _passing => page::later(&self.sender),
        }
    }

    /// The same as a problem, for the page's script.
    pub(super) async fn told(&self, why: TurnedAway) -> Problem {
        let why = match why {
            TurnedAway::Request(why) => why,
            TurnedAway::TooFast => {
                return Problem::new(Code::TooManyRequests, "wait a little, and ask again");
            }
            TurnedAway::Unwritten(error) => {
                tracing::error!(%error, "refused: it cannot be recorded");
                return Problem::new(Code::Unrecorded, "try again shortly");
            }
        };
        if let Err(TurnedAway::Unwritten(error)) = self.refused(why.code()).await {
            tracing::error!(%error, "a refusal cannot be recorded");
        }
        problem_of(why)
    }
}

/// What of a refusal is the sender's own to know; all else is one thing.
fn problem_of(why: RequestRefusal) -> Problem {
    let (code, detail) = (why.code(), why.to_string());
    let own = |status, field| Problem::coded(status, code, detail.clone()).at_field(field);
    match why {
        RequestRefusal::Name | RequestRefusal::Kind => own(StatusCode::BAD_REQUEST, "name"),
        RequestRefusal::Key => own(StatusCode::BAD_REQUEST, "key"),
        RequestRefusal::TooLarge { .. } => own(StatusCode::BAD_REQUEST, "size"),
        RequestRefusal::SenderFull | RequestRefusal::Full => {
            Problem::coded(StatusCode::CONFLICT, code, detail)
        }
        RequestRefusal::Upload(error) => of_upload(error),
        RequestRefusal::Ledger(error) => of_files(FilesError::Ledger(error)),
        RequestRefusal::Unknown
        | RequestRefusal::State(_)
        | RequestRefusal::OwnerGone
        | RequestRefusal::NotEntered => unavailable(),
    }
}

fn of_upload(error: UploadError) -> Problem {
    match error {
        UploadError::Files(error) => of_files(error),
        UploadError::Quota(QuotaError::Ledger(error)) => of_files(FilesError::Ledger(error)),
        // Whose quota is used up is nothing that a sender may know of.
        UploadError::Quota(_) => problem_of(RequestRefusal::Full),
        // What is there already is nothing that a sender may know of.
        UploadError::FileExists { .. } => UploadError::FileChanged.into(),
        // One that can not go on is begun anew.
        UploadError::NotOpen { .. } => UploadError::NoSuchUpload.into(),
        error @ (UploadError::FileChanged
        | UploadError::TooLarge { .. }
        | UploadError::ContentType
        | UploadError::IfMatch
        | UploadError::NoSuchUpload
        | UploadError::PartCount { .. }
        | UploadError::Part { .. }
        | UploadError::PartsAtOnce { .. }
        | UploadError::Checksum
        | UploadError::PartsMissing { .. }
        | UploadError::ChecksumMismatch) => error.into(),
    }
}

fn of_files(error: FilesError) -> Problem {
    if let FilesError::Path(_) = error {
        return error.into();
    }
    // The role is gone, or whoever made the request may not assume it any more.
    if let FilesError::RoleSession(AwsError::Denied { .. } | AwsError::NotFound { .. }) = error {
        return unavailable();
    }
    if passes(error.into()) {
        let why = "the store is not within reach at the moment";
        return Problem::coded(StatusCode::SERVICE_UNAVAILABLE, "request-store-unreachable", why);
    }
    unavailable()
}

fn unavailable() -> Problem {
    let why = "the address is not right, or it no longer works";
    Problem::coded(StatusCode::NOT_FOUND, "request-unavailable", why)
}
