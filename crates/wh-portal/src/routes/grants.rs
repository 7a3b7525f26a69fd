//! Grants: who has which role, and where.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Administrator, GrantForm, GrantRow, GrantSubject, ProvenAdministrator};

use crate::answers::AdministratorProblems;
use crate::extract::{Id, JsonBody, prefix, role, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{GrantBody, GrantFormBody, GrantsBody};

/// A person's grants.
#[utoipa::path(get, path = "/api/v1/people/{uid}/grants", tag = "grants",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = GrantsBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<GrantsBody>, Problem> {
    let grants = portal.people().grants_of(&administrator, &uid(&person)?).await?;
    Ok(Json(GrantsBody { grants: grants.iter().map(render::grant).collect() }))
}

/// Gives a person a role at a place.
#[utoipa::path(post, path = "/api/v1/people/{uid}/grants", tag = "grants",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    request_body = GrantFormBody,
    responses((status = 201, body = GrantBody), AdministratorProblems))]
pub(crate) async fn add(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
    JsonBody(form): JsonBody<GrantFormBody>,
) -> Result<(StatusCode, Noted, Json<GrantBody>), Problem> {
    let form = GrantForm {
        subject: GrantSubject::Person(uid(&person)?),
        role: role(&form.role)?,
        prefix: prefix(&form.prefix)?,
        title: form.title,
    };
    let grant = portal.people().add_grant(&administrator, form).await?;
    let noted = Noted::said(format!("given: {}", in_words(&grant)));
    Ok((StatusCode::CREATED, noted, Json(render::grant(&grant))))
}

/// Takes a grant away.
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "grants",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The grant.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn remove(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let grant = portal.people().remove_grant(&administrator, &id).await?;
    match &grant.subject {
        GrantSubject::Person(uid) => portal.files().forget(uid),
        GrantSubject::Everyone => portal.files().forget_everyone(),
    }
    let noted = Noted::said(format!("taken away: {}", in_words(&grant)));
    Ok((noted, StatusCode::NO_CONTENT))
}

/// A grant, as the audit log tells of it.
fn in_words(grant: &GrantRow) -> String {
    let subject = match &grant.subject {
        GrantSubject::Person(uid) => format!("person/{uid}"),
        GrantSubject::Everyone => "everyone".to_owned(),
    };
    format!("{} on {}/{} for {subject}", grant.role, grant.bucket, grant.prefix)
}
