//! Problems: the one way in which this door says no.
//!
//! The shape is RFC 9457's `application/problem+json` with a stable `code`; refusals of access carry
//! an `explanation`. What a stranger may learn is decided here and in [`causes`], nowhere else.

mod causes;
mod of_links;
mod of_quotas;
mod of_requests;
mod of_watches;

use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use wh_files::{Decision, Explained};

/// The problems that this door finds by itself; all others come from the rooms behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidBody,
    InvalidParameter,
    BodyTooLarge,
    UnsupportedMediaType,
    NotSignedIn,
    NotAdministrator,
    SecondFactorRequired,
    StepUpNeeded,
    CrossSiteRequest,
    TwoCredentials,
    TokenNotHere,
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    TookTooLong,
    NotReady,
    Unrecorded,
    Internal,
}

impl Code {
    fn face(self) -> (&'static str, StatusCode) {
        match self {
            Self::InvalidBody => ("invalid-body", StatusCode::BAD_REQUEST),
            Self::InvalidParameter => ("invalid-parameter", StatusCode::BAD_REQUEST),
            Self::BodyTooLarge => ("body-too-large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::NotSignedIn => ("not-signed-in", StatusCode::UNAUTHORIZED),
            Self::NotAdministrator => ("not-administrator", StatusCode::FORBIDDEN),
            Self::SecondFactorRequired => ("second-factor-required", StatusCode::FORBIDDEN),
            Self::StepUpNeeded => ("step-up-needed", StatusCode::FORBIDDEN),
            Self::CrossSiteRequest => ("cross-site-request", StatusCode::FORBIDDEN),
            Self::TwoCredentials => ("two-credentials", StatusCode::BAD_REQUEST),
            Self::TokenNotHere => ("token-not-here", StatusCode::FORBIDDEN),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::TooManyRequests => ("too-many-requests", StatusCode::TOO_MANY_REQUESTS),
            Self::TookTooLong => ("took-too-long", StatusCode::SERVICE_UNAVAILABLE),
            Self::NotReady => ("not-ready", StatusCode::SERVICE_UNAVAILABLE),
            Self::Unrecorded => ("unrecorded", StatusCode::SERVICE_UNAVAILABLE),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// What a decision was.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Decision)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DecisionBody {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
}

/// Why something is allowed or refused: which statement of which policy, or that none allowed it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub(crate) struct ExplanationBody {
    pub decision: DecisionBody,
    /// The ARN of the role session that asked, or would ask.
    pub principal: String,
    pub action: String,
    pub resource: String,
    /// The kind of policy that decided, when one did.
    pub policy_type: Option<String>,
    /// The policy that decided, when one did.
    pub policy: Option<String>,
    /// The statement that decided: its `Sid`, or `#` and its number.
    pub statement: Option<String>,
    pub role: String,
    /// The whole reason as one sentence, in AWS's words.
    pub message: String,
    /// The statement that came nearest to allowing it, and what was missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near_miss: Option<String>,
}

impl From<Explained> for ExplanationBody {
    fn from(why: Explained) -> Self {
        let decision = match why.decision {
            Decision::Allowed => DecisionBody::Allowed,
            Decision::ExplicitDeny => DecisionBody::ExplicitDeny,
            Decision::ImplicitDeny => DecisionBody::ImplicitDeny,
        };
        Self {
            decision,
            principal: why.principal,
            action: why.action,
            resource: why.resource,
            policy_type: why.policy_type,
            policy: why.policy,
            statement: why.statement,
            role: why.role,
            message: why.message,
            near_miss: why.near_miss,
        }
    }
}

/// The file that is already there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Existing {
    pub size: u64,
    #[schema(format = DateTime)]
    pub modified: String,
    /// Its entity tag, without quotation marks: who replaces exactly this file says it as `if_match`.
    pub etag: String,
    /// The CRC-64/NVME of the whole of it in base64, where the store tells it: who has a file with
    /// the same needs not send it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
}

/// The code of the problem that an answer is, for whoever keeps a record of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProblemCode(pub(crate) &'static str);

/// A problem as it is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`; `code` says what happened.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// Stable, in kebab case.
    #[schema(example = "access-denied")]
    code: &'static str,
    /// One sentence for a person to read.
    detail: String,
    /// The field of the body that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Box<ExplanationBody>>,
    /// With `file-exists`: what is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<Box<Existing>>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let (name, status) = code.face();
        Self::coded(status, name, detail)
    }

    /// A problem that another room named.
    pub(crate) fn coded(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            field: None,
            explanation: None,
            existing: None,
            retry_after_seconds: None,
        }
    }

    /// A failure that is ours: the log says what it was, the answer does not.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            chain = format!("{chain}: {inner}");
            source = inner.source();
        }
        tracing::error!(error = chain, "a request failed for a reason of ours");
        Self::new(Code::Internal, "something went wrong here; it was logged under the request's id")
    }

    pub(crate) fn at_field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub(crate) fn explained(mut self, why: ExplanationBody) -> Self {
        self.explanation = Some(Box::new(why));
        self
    }

    pub(crate) fn over(mut self, existing: Existing) -> Self {
        self.existing = Some(Box::new(existing));
        self
    }

    pub(crate) fn after(mut self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.retry_after_seconds = Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX));
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, wait) = (self.status(), self.retry_after_seconds);
        let code = ProblemCode(self.code);
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(code);
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, problem);
        if let Some(seconds) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse;

    use super::{Code, Problem};

    #[test]
    fn a_problem_has_the_shape_of_rfc_9457() {
        let problem = Problem::new(Code::NotFound, "no such thing").at_field("path");
        let json = serde_json::to_value(&problem).expect("JSON");
        let expected = serde_json::json!({
            "type": "about:blank", "title": "Not Found", "status": 404, "code": "not-found",
            "detail": "no such thing", "field": "path",
        });
        assert_eq!(json, expected);
        let response = problem.after(Duration::from_millis(1500)).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}
