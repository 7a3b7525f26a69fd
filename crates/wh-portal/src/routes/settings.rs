//! The settings of the house.

use axum::Json;
use axum::extract::State;
use wh_people::{Administrator, ProvenAdministrator, Settings};

use crate::answers::AdministratorProblems;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::record::Noted;
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
    Ok(Json(body(settings)))
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
) -> Result<(Noted, Json<SettingsBody>), Problem> {
    let before = portal.people().settings(administrator.administrator()).await?;
    let SettingsBody { registration, homes, domains, mail_check } = form;
    let settings = Settings { registration: registration.into(), homes, domains, mail_check };
    let settings = portal.people().set_settings(&administrator, settings).await?;
    let noted = format!("before: {}; now: {}", in_words(&before), in_words(&settings));
    Ok((Noted::said(noted), Json(body(settings))))
}

fn body(settings: Settings) -> SettingsBody {
    let Settings { registration, homes, domains, mail_check } = settings;
    SettingsBody { registration: registration.into(), homes, domains, mail_check }
}

/// The settings, as the audit log tells of them.
fn in_words(settings: &Settings) -> String {
    let homes = if settings.homes { "with homes" } else { "without homes" };
    let domains = match settings.domains.as_slice() {
        [] => String::new(),
        some => format!(", mail domains {}", some.join(" ")),
    };
    let check = if settings.mail_check { ", addresses are checked" } else { "" };
    format!("registration {}, {homes}{domains}{check}", settings.registration.as_str())
}
