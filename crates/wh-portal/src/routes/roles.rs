//! The roles of the estate, in words and as they are written.

use axum::Json;
use axum::extract::State;
use wh_people::Administrator;

use crate::answers::AdministratorProblems;
use crate::state::Portal;
use crate::wire::RolesBody;

/// The roles and the buckets that grants may name.
#[utoipa::path(get, path = "/api/v1/roles", tag = "roles",
    security(("session" = ["administrator"])),
    responses((status = 200, body = RolesBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Json<RolesBody> {
    let buckets = portal.buckets().iter().map(ToString::to_string).collect();
    Json(RolesBody { roles: portal.roles(), buckets })
}
