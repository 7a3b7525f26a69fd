//! The settings of the house.

use axum::Json;
use axum::extract::State;
use wh_people::{Administrator, ProvenAdministrator, Settings};

use crate::answers::AdministratorProblems;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::SettingsBody;

/// The settings.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings",
    security(("session" = ["administrator"])),
    responses((status = 200, body = SettingsBody), AdministratorProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<SettingsBody>, Problem> {
    let settings = portal.people().settings(&administrator).await?;
    Ok(Json(SettingsBody { registration: settings.registration.into(), homes: settings.homes }))
}

/// Changes the settings.
#[utoipa::path(put, path = "/api/v1/settings", tag = "settings",
    security(("session" = ["administrator"])),
    request_body = SettingsBody,
    responses((status = 200, body = SettingsBody), AdministratorProblems))]
pub(crate) async fn change(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<SettingsBody>,
) -> Result<Json<SettingsBody>, Problem> {
    let settings = Settings { registration: form.registration.into(), homes: form.homes };
    portal.people().set_settings(&administrator, settings).await?;
    Ok(Json(form))
}
