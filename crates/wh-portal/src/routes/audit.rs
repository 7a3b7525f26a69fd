//! The audit log: who did what, and who was refused.

use axum::Json;
use axum::extract::State;
use wh_people::Administrator;

use crate::answers::AdministratorProblems;
use crate::extract::Params;
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{AuditBody, AuditQuery};

/// How many entries one answer holds.
const ENTRIES_MAX: u32 = 200;

/// The newest entries of the audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit",
    security(("session" = ["administrator"])),
    params(AuditQuery),
    responses((status = 200, body = AuditBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _administrator: Administrator,
    Params(query): Params<AuditQuery>,
) -> Result<Json<AuditBody>, Problem> {
    let entries = portal.ledger().audit_recent(query.before, ENTRIES_MAX).await?;
    Ok(Json(AuditBody { entries: entries.into_iter().map(render::audit_entry).collect() }))
}
