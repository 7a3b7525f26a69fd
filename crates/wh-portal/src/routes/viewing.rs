//! Seeing as somebody else: begun by an administrator who proved who they are, ended by them or by itself.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Person, ProvenAdministrator, ViewedAs, resource_of};

use crate::answers::AdministratorProblems;
use crate::extract::{JsonBody, bucket, prefix, role, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{ViewingBody, ViewingFormBody, ViewingKindBody};

/// Begins to see as a person or a role. From then on this session may only look, until it is ended or
/// ends by itself.
#[utoipa::path(post, path = "/api/v1/viewing", tag = "people",
    security(("session" = ["administrator"])),
    request_body = ViewingFormBody,
    responses((status = 201, body = ViewingBody), AdministratorProblems))]
pub(crate) async fn see_as(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<ViewingFormBody>,
) -> Result<(StatusCode, Noted, Json<ViewingBody>), Problem> {
    let viewed = match form.kind {
        ViewingKindBody::Person => ViewedAs::Person(uid(said(form.uid.as_deref(), "uid")?)?),
        ViewingKindBody::Role => {
            let place = match &form.bucket {
                Some(name) => bucket(name, portal.buckets())?,
                None => portal.people().bucket().clone(),
            };
            let named = role(said(form.role.as_deref(), "role")?)?;
            ViewedAs::Role(named, place, folder(form.prefix.as_deref().unwrap_or_default())?)
        }
    };
    let told = resource_of(&viewed);
    let seen = portal.people().see_as(&administrator, viewed).await?;
    let noted = Noted::said(format!("sees as {told} until {}", seen.ends));
    Ok((StatusCode::CREATED, noted, Json(render::viewing(&seen))))
}

/// Ends it. Where it has ended by itself, takes note of that.
#[utoipa::path(delete, path = "/api/v1/viewing", tag = "people",
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn end_seeing(
    State(portal): State<Portal>,
    person: Person,
) -> Result<(Noted, StatusCode), Problem> {
    let ended = portal.people().end_viewing(&person).await?;
    let ended = ended.ok_or_else(|| {
        Problem::coded(StatusCode::NOT_FOUND, "not-seeing", "you see as nobody but yourself")
    })?;
    portal.files().forget(person.uid());
    let noted = format!("saw as {} since {}", resource_of(&ended.viewed), ended.began_at);
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

fn said<'a>(value: Option<&'a str>, field: &'static str) -> Result<&'a str, Problem> {
    let missing = || {
        let why = format!("`{field}` is missing: say as whom");
        Problem::coded(StatusCode::BAD_REQUEST, "invalid-body", why).at_field(field)
    };
    value.ok_or_else(missing)
}

fn folder(begins: &str) -> Result<wh_names::KeyPrefix, Problem> {
    if begins.is_empty() || begins.ends_with('/') {
        return prefix(begins);
    }
    let why = "a folder ends in `/`";
    Err(Problem::coded(StatusCode::BAD_REQUEST, "prefix-invalid", why).at_field("prefix"))
}
