//! What the scan for malware holds back, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::Finding;
use wh_people::{Administrator, ProvenAdministrator};

use crate::answers::{AdministratorProblems, StoreProblems};
use crate::extract::Id;
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::ScansBody;

/// What was found infected or could not be scanned.
#[utoipa::path(get, path = "/api/v1/scans", tag = "scans",
    security(("session" = ["administrator"])),
    responses((status = 200, body = ScansBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<ScansBody>, Problem> {
    Ok(Json(render::found(portal.files().found(&administrator).await?)))
}

/// Lets a file go that is held back: it is served from then on, whatever the scanner said.
#[utoipa::path(post, path = "/api/v1/scans/{id}/release", tag = "scans",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The finding.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn release(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let released = portal.files().release(&administrator, &id).await?;
    let noted = format!("before: {}; now: released", in_words(&released));
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

/// Deletes that version of the file, for ever.
#[utoipa::path(delete, path = "/api/v1/scans/{id}", tag = "scans",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The finding.")),
    responses((status = 204), StoreProblems))]
pub(crate) async fn delete(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let deleted = portal.files().delete_finding(&administrator, &id).await?;
    let noted = format!("before: {}; now: deleted", in_words(&deleted));
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

fn in_words(of: &Finding) -> String {
    let Finding { bucket, key, version, state, finding, .. } = of;
    format!("{bucket}/{key} ({version}) {state}, {finding}")
}
