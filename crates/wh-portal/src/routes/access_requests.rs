//! Requests for access: asked by persons, decided by administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use wh_files::EntryPath;
use wh_people::{
    AccessRequestError, AccessWish, Actor, Administrator, GrantRecord, GrantRow, People, Person,
    ProvenAdministrator, RowId,
};

use crate::answers::{AdministratorProblems, PersonProblems};
use crate::changes::{Change, NO_ROW};
use crate::extract::{Id, JsonBody, moment};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::routes::changes::enforced;
use crate::state::Portal;
use crate::wire::{
    AccessRequestBody, AccessRequestFormBody, AccessRequestsBody, DeclineFormBody, GiveFormBody,
    GrantBody, OwnAccessRequestsBody,
};

/// Asks administrators for what one was refused: for the smallest grant that would do.
#[utoipa::path(post, path = "/api/v1/locations/{id}/access-requests", tag = "access-requests",
    security(("session" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = AccessRequestFormBody,
    responses((status = 201, body = AccessRequestBody), PersonProblems))]
pub(crate) async fn ask(
    State(portal): State<Portal>,
    person: Person,
    Id(id): Id,
    JsonBody(form): JsonBody<AccessRequestFormBody>,
) -> Result<(StatusCode, Noted, Json<AccessRequestBody>), Problem> {
    let path = match form.path.as_str() {
        "" => None,
        path => Some(EntryPath::parse(path)?),
    };
    let files = portal.files();
    let smallest = files.smallest_grant(&person, &id, path.as_ref(), &form.action).await?;
    let wish = AccessWish {
        bucket: smallest.bucket,
        prefix: smallest.prefix,
        role: smallest.role,
        action: form.action,
        note: form.note,
    };
    let request = portal.people().ask_access(&person, wish).await?;
    let place = format!("{}/{}", request.bucket, request.prefix);
    let noted = Noted::said(format!("{} for {} on {place}", request.role, request.action));
    Ok((StatusCode::CREATED, noted, Json(render::own_access_request(request))))
}

/// What one asked for: what waits, and what was decided in the last two weeks.
#[utoipa::path(get, path = "/api/v1/account/access-requests", tag = "access-requests",
    security(("session" = [])),
    responses((status = 200, body = OwnAccessRequestsBody), PersonProblems))]
pub(crate) async fn own(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<OwnAccessRequestsBody>, Problem> {
    let requests = portal.people().own_access_requests(&person).await?;
    let requests = requests.into_iter().map(render::own_access_request).collect();
    Ok(Json(OwnAccessRequestsBody { requests }))
}

/// What waits to be decided, the oldest first.
#[utoipa::path(get, path = "/api/v1/access-requests", tag = "access-requests",
    security(("session" = ["administrator"])),
    responses((status = 200, body = AccessRequestsBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<AccessRequestsBody>, Problem> {
    let requests = portal.people().access_requests(&administrator).await?;
    let requests = requests.into_iter().map(render::access_request).collect();
    Ok(Json(AccessRequestsBody { requests }))
}

/// Gives what was asked for.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/give", tag = "access-requests",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The request.")),
    request_body = GiveFormBody,
    responses((status = 201, body = GrantBody), AdministratorProblems))]
pub(crate) async fn give(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
    JsonBody(form): JsonBody<GiveFormBody>,
) -> Result<(StatusCode, Noted, Json<GrantBody>), Problem> {
    let ends = form.ends.map(|end| moment(&end, "ends")).transpose()?;
    let actor = Actor::Administrator(&administrator);
    let change = asked_for(&portal, actor, (id, ends)).await?;
    let (noted, made) = enforced(&portal, &administrator, change).await?;
    let grant = made.grant.ok_or(AccessRequestError::NoSuchRequest)?;
    Ok((StatusCode::CREATED, noted, Json(grant)))
}

/// Gives what was asked for.
pub(crate) async fn given(
    people: &People,
    administrator: &ProvenAdministrator,
    (id, ends): (&str, Option<Timestamp>),
) -> Result<GrantRecord, Problem> {
    Ok(people.give_access(Actor::Administrator(administrator), id, ends).await?)
}

/// The change that it is to give what was asked for.
pub(crate) async fn asked_for(
    portal: &Portal,
    actor: Actor<'_>,
    (id, ends): (String, Option<Timestamp>),
) -> Result<Change, Problem> {
    let (_, grant) = portal.people().access_to_give(actor, &id, ends).await?;
    let none = RowId::parse(NO_ROW).map_err(|error| Problem::internal(&error))?;
    Ok(Change::Access(Box::new((id, GrantRow { id: none, ..grant }, ends))))
}

/// Declines what was asked for.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/decline", tag = "access-requests",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The request.")),
    request_body = DeclineFormBody,
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn decline(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
    JsonBody(form): JsonBody<DeclineFormBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let actor = Actor::Administrator(&administrator);
    let request = portal.people().decline_access(actor, &id, form.answer).await?;
    let place = format!("{}/{}", request.bucket, request.prefix);
    let noted = format!("{} on {place} for person/{}", request.role, request.uid);
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}
