//! What roles were used for, and the smaller policies that would have sufficed. Nothing is changed: what comes
//! of it is a draft, and saving it a change like any other.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{FilesError, Narrowing, USE_DAYS_MAX, UseQuestion};
use wh_names::RoleName;
use wh_people::Administrator;

use crate::answers::AdministratorProblems;
use crate::extract::Params;
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{NarrowingBody, RoleUseBody, UseQuery};

/// What a role was used for in so many days, which statements, actions and grants nobody used, and the
/// smaller policies that would have sufficed, with their proof.
#[utoipa::path(get, path = "/api/v1/access/use", tag = "roles",
    security(("session" = ["administrator"])),
    params(UseQuery),
    responses((status = 200, body = RoleUseBody), AdministratorProblems))]
pub(crate) async fn used(
    State(portal): State<Portal>,
    administrator: Administrator,
    Params(query): Params<UseQuery>,
) -> Result<Json<RoleUseBody>, Problem> {
    let role = RoleName::parse(&query.role).map_err(|_| no_such_role())?;
    if !(1..=USE_DAYS_MAX).contains(&query.days) {
        let why = "between 1 and 400 days are looked back on";
        return Err(Problem::coded(StatusCode::BAD_REQUEST, "days-invalid", why).at_field("days"));
    }
    let narrowing = match query.resources {
        NarrowingBody::Patterns => Narrowing::Patterns,
        NarrowingBody::Places => Narrowing::Places,
    };
    let question = UseQuestion { role, days: query.days, narrowing };
    match portal.files().role_use(&administrator, &question).await {
        Err(FilesError::NoSuchRole(_)) => Err(no_such_role()),
        found => Ok(Json(render::usage::role_use(found?))),
    }
}

fn no_such_role() -> Problem {
    let why = "the estate has no role of this name";
    Problem::coded(StatusCode::BAD_REQUEST, "no-such-role", why).at_field("role")
}
