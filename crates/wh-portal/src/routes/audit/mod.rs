//! The audit log: who did what, who was refused, and whether nobody has touched it since.

mod sheet;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;
use jiff::Timestamp;
use wh_ledger::{AuditFilter, LedgerError};
use wh_people::{Administrator, ProvenAdministrator};

use crate::answers::AdministratorProblems;
use crate::extract::Params;
use crate::problem::{Code, Problem};
use crate::render;
use crate::state::Portal;
use crate::wire::{
    AuditBody, AuditExportQuery, AuditFilterQuery, AuditFormat, AuditQuery, AuditStandingBody,
};

/// How many entries one answer holds.
const ENTRIES_MAX: u32 = 200;

/// How many entries are read at a time while all are sent.
const EXPORT_PAGE: u32 = 1_000;

/// The newest entries of the audit log that are asked for, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit",
    security(("session" = ["administrator"])),
    params(AuditQuery),
    responses((status = 200, body = AuditBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _administrator: Administrator,
    Params(query): Params<AuditQuery>,
) -> Result<Json<AuditBody>, Problem> {
    let AuditQuery { before, after, since, until, who, action, resource, outcome } = query;
    let asked = AuditFilterQuery { since, until, who, action, resource, outcome };
    let asked = AuditFilter { before, after, ..filter(asked)? };
    let entries = portal.ledger().audit_entries(&asked, ENTRIES_MAX).await?;
    Ok(Json(AuditBody { entries: entries.into_iter().map(render::audit_entry).collect() }))
}

/// All entries that are asked for, newest first, as a file. That it was asked for stands in the log.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit",
    security(("session" = ["administrator"])),
    params(AuditExportQuery),
    responses(
        (status = 200, content((String = "text/csv"), (String = "application/jsonl")),
         description = "CSV (RFC 4180), or JSON Lines, as `format` says."),
        AdministratorProblems))]
pub(crate) async fn export(
    State(portal): State<Portal>,
    _administrator: ProvenAdministrator,
    Params(query): Params<AuditExportQuery>,
) -> Result<Response, Problem> {
    let AuditExportQuery { format, since, until, who, action, resource, outcome } = query;
    let asked = filter(AuditFilterQuery { since, until, who, action, resource, outcome })?;
    let (kind, name) = match format {
        AuditFormat::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        AuditFormat::Jsonl => ("application/jsonl", "audit.jsonl"),
    };
    let named = format!("attachment; filename=\"{name}\"");
    let body = Body::from_stream(pages(portal, asked, format));
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, named.as_str())], body).into_response())
}

/// Whether the chains of the audit log are whole, as it was last seen.
#[utoipa::path(get, path = "/api/v1/audit/standing", tag = "audit",
    security(("session" = ["administrator"])),
    responses((status = 200, body = AuditStandingBody), AdministratorProblems))]
pub(crate) async fn standing(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Json<AuditStandingBody> {
    let found = portal.audit_standing();
    let failed = found.not_checked.map(|error| format!("it was not checked: {error}"));
    Json(AuditStandingBody {
        checked_at: found.checked_at.map(|at| at.to_string()),
        signed_at: found.signed_at.map(|at| at.to_string()),
        lines: found.lines,
        faults: found.faults.into_iter().chain(failed).collect(),
    })
}

/// A page after the other: what is in memory is one of them.
fn pages(
    portal: Portal,
    asked: AuditFilter,
    format: AuditFormat,
) -> impl stream::Stream<Item = Result<Bytes, LedgerError>> + use<> {
    let head = match format {
        AuditFormat::Csv => sheet::head(),
        AuditFormat::Jsonl => String::new(),
    };
    let first = Some((portal, asked, head));
    stream::try_unfold(first, move |state| async move {
        let Some((portal, mut asked, mut text)) = state else { return Ok(None) };
        let entries = portal.ledger().audit_entries(&asked, EXPORT_PAGE).await?;
        let Some(last) = entries.last() else {
            return Ok((!text.is_empty()).then(|| (Bytes::from(text), None)));
        };
        asked.before = Some(last.seq);
        for entry in entries.into_iter().map(render::audit_entry) {
            match format {
                AuditFormat::Csv => text.push_str(&sheet::row(&entry)),
                AuditFormat::Jsonl => text.push_str(&sheet::line(&entry)),
            }
        }
        Ok(Some((Bytes::from(text), Some((portal, asked, String::new())))))
    })
}

fn filter(asked: AuditFilterQuery) -> Result<AuditFilter, Problem> {
    let AuditFilterQuery { since, until, who, action, resource, outcome } = asked;
    Ok(AuditFilter {
        since: time(since, "since")?,
        until: time(until, "until")?,
        who,
        action,
        resource,
        outcome,
        ..AuditFilter::default()
    })
}

fn time(text: Option<String>, field: &'static str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let why = "a time is written as 2026-01-31T12:00:00Z";
        Problem::new(Code::InvalidParameter, why).at_field(field)
    })
}
