//! How it stands with the estate: whether buckets, roles and policies are as described.

use axum::Json;
use axum::extract::State;
use wh_people::Administrator;

use crate::answers::AdministratorProblems;
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::{EstateCheckBody, EstateStandingBody};

/// What was found when the estate was last read back.
#[utoipa::path(get, path = "/api/v1/estate", tag = "estate",
    security(("session" = ["administrator"])),
    responses((status = 200, body = EstateStandingBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Result<Json<EstateStandingBody>, Problem> {
    let check = portal.ledger().estate_check().await?.map(|check| EstateCheckBody {
        checked_at: check.checked_at.to_string(),
        differences: check.differences,
        kept: check.kept,
    });
    Ok(Json(EstateStandingBody { check }))
}
