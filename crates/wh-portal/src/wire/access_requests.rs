//! Requests for access.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NamedPersonBody;

/// What one was refused and asks to be let do.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AccessRequestForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessRequestFormBody {
    /// Of a file or a folder; empty for the location itself.
    pub path: String,
    /// As policies name it: `s3:PutObject`.
    pub action: String,
    /// Why, for whoever decides; at most 500 characters.
    pub note: Option<String>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = AccessDecision)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AccessDecisionBody {
    /// Nobody has decided yet.
    Open,
    /// It was given.
    Given,
    /// It was declined.
    Declined,
}

/// A request of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequest)]
pub(crate) struct AccessRequestBody {
    pub id: String,
    pub bucket: String,
    /// Empty, or ends in `/`.
    pub prefix: String,
    /// What was refused.
    pub action: String,
    /// The role that allows it, and least besides.
    pub role: String,
    /// Why.
    #[schema(required)]
    pub note: Option<String>,
    #[schema(format = DateTime)]
    pub asked: String,
    pub decision: AccessDecisionBody,
    /// Why it was declined, where that was said.
    #[schema(required)]
    pub answer: Option<String>,
}

/// One's own requests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnAccessRequests)]
pub(crate) struct OwnAccessRequestsBody {
    pub requests: Vec<AccessRequestBody>,
}

/// A request that waits to be decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingAccessRequest)]
pub(crate) struct WaitingAccessRequestBody {
    /// Who asks.
    pub person: NamedPersonBody,
    pub request: AccessRequestBody,
}

/// What waits to be decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequests)]
pub(crate) struct AccessRequestsBody {
    pub requests: Vec<WaitingAccessRequestBody>,
}

/// How what was asked for is given.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GiveForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveFormBody {
    /// When it stops counting; never, without it.
    #[schema(format = DateTime)]
    pub ends: Option<String>,
}

/// How what was asked for is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DeclineForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclineFormBody {
    /// Why, for who asked; at most 500 characters.
    pub answer: Option<String>,
}
