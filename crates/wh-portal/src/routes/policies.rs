//! Policies while they are written: what is wrong with them, what they say, and the words they are made of.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::worked_out;
use wh_people::Administrator;
use wh_policy::lint::{Finding, Severity, lint};
use wh_policy::tables::{self, AccessLevel};
use wh_policy::{PolicyDocument, PolicyKind, summary};

use crate::answers::AdministratorProblems;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::{
    ActionClassBody, PolicyActionBody, PolicyCheckBody, PolicyFindingBody, PolicyFixBody,
    PolicySeverityBody, PolicyTextBody, PolicyWordsBody,
};

/// With room for how somebody lays it out.
const CHECKED_BYTES_MAX: usize = 32 * 1024;

/// Each brings along the document that its fix would make.
const FINDINGS_MAX: usize = 100;

/// What is wrong with permissions that somebody writes, each with its place, rule and fix; and what they
/// say in plain words. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/policies/check", tag = "policies",
    security(("session" = ["administrator"])),
    request_body = PolicyTextBody,
    responses((status = 200, body = PolicyCheckBody), AdministratorProblems))]
pub(crate) async fn check(
    State(_portal): State<Portal>,
    _administrator: Administrator,
    JsonBody(text): JsonBody<PolicyTextBody>,
) -> Result<Json<PolicyCheckBody>, Problem> {
    if text.document.len() > CHECKED_BYTES_MAX {
        let why = format!(
            "permissions have at most 10,240 characters; more than {CHECKED_BYTES_MAX} bytes are not checked"
        );
        return Err(
            Problem::coded(StatusCode::BAD_REQUEST, "invalid-policy", why).at_field("document")
        );
    }
    Ok(Json(worked_out(move || checked(&text.document)).await?))
}

fn checked(text: &str) -> PolicyCheckBody {
    let read = PolicyDocument::parse(text, PolicyKind::Identity);
    let findings = lint(text, PolicyKind::Identity).into_iter().take(FINDINGS_MAX);
    PolicyCheckBody {
        valid: read.is_ok(),
        summary: read.as_ref().map(summary::in_words).unwrap_or_default(),
        findings: findings.map(|one| finding(one, text)).collect(),
    }
}

/// The actions of S3 and the condition keys that its requests may hold.
#[utoipa::path(get, path = "/api/v1/policies/words", tag = "policies",
    security(("session" = ["administrator"])),
    responses((status = 200, body = PolicyWordsBody), AdministratorProblems))]
pub(crate) async fn words(
    State(_portal): State<Portal>,
    _administrator: Administrator,
) -> Json<PolicyWordsBody> {
    let actions = tables::actions().iter().filter(|row| row.name.starts_with("s3:"));
    let keys = tables::keys().iter().filter(|row| row.global || row.name.starts_with("s3:"));
    Json(PolicyWordsBody {
        actions: actions
            .map(|row| PolicyActionBody {
                name: row.name.to_owned(),
                class: class(row.access),
                of_objects: row.resources.contains(&"object"),
            })
            .collect(),
        keys: keys.map(|row| row.name.to_owned()).collect(),
    })
}

fn finding(one: Finding, text: &str) -> PolicyFindingBody {
    PolicyFindingBody {
        code: one.code.to_owned(),
        severity: match one.severity {
            Severity::Error => PolicySeverityBody::Error,
            Severity::Security => PolicySeverityBody::Security,
            Severity::Warning => PolicySeverityBody::Warning,
            Severity::Suggestion => PolicySeverityBody::Suggestion,
        },
        line: one.start.line,
        column: one.start.column,
        end_line: one.end.line,
        end_column: one.end.column,
        message: one.message,
        fix: one.fix.map(|fix| PolicyFixBody { document: fix.apply(text), words: fix.description }),
    }
}

pub(crate) fn class(level: AccessLevel) -> ActionClassBody {
    match level {
        AccessLevel::List => ActionClassBody::List,
        AccessLevel::Read => ActionClassBody::Read,
        AccessLevel::Write => ActionClassBody::Write,
        AccessLevel::Tagging => ActionClassBody::Tagging,
        AccessLevel::PermissionsManagement => ActionClassBody::Permissions,
    }
}
