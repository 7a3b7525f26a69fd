//! What one marked, and where one was lately: one's own, by the cookie of a session alone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{EntryPath, PathError, Place, PlaceKind};
use wh_people::Person;

use crate::answers::PersonProblems;
use crate::extract::{JsonBody, Params};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{KeepRecentBody, PlaceFormBody, PlaceQuery, PlacesBody, VisitsBody};

/// What one marked and where one was, in the locations that one has now.
#[utoipa::path(get, path = "/api/v1/places", tag = "places",
    security(("session" = [])),
    responses((status = 200, body = PlacesBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<PlacesBody>, Problem> {
    Ok(Json(render::places(portal.files().places(&person).await?)))
}

/// Marks a place; at most 200.
#[utoipa::path(post, path = "/api/v1/places/favourites", tag = "places",
    security(("session" = [])),
    request_body = PlaceFormBody,
    responses((status = 204), PersonProblems))]
pub(crate) async fn mark(
    State(portal): State<Portal>,
    person: Person,
    JsonBody(form): JsonBody<PlaceFormBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let noted = Noted::said(format!("marked {} in {}", form.path, form.location));
    portal.files().mark(&person, place(form.location, &form.path)?).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Takes a mark away.
#[utoipa::path(delete, path = "/api/v1/places/favourites", tag = "places",
    security(("session" = [])),
    params(PlaceQuery),
    responses((status = 204), PersonProblems))]
pub(crate) async fn unmark(
    State(portal): State<Portal>,
    person: Person,
    Params(query): Params<PlaceQuery>,
) -> Result<StatusCode, Problem> {
    let place = place(query.location, &query.path)?;
    portal.files().forget_place(&person, PlaceKind::Favourite, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes where one was; the last 50 places are kept, unless one does not want it.
#[utoipa::path(post, path = "/api/v1/places/recent", tag = "places",
    security(("session" = [])),
    request_body = VisitsBody,
    responses((status = 204), PersonProblems))]
pub(crate) async fn visit(
    State(portal): State<Portal>,
    person: Person,
    JsonBody(form): JsonBody<VisitsBody>,
) -> Result<StatusCode, Problem> {
    let visits = form.visits.into_iter().map(|visit| place(visit.location, &visit.path));
    portal.files().visit(&person, visits.collect::<Result<_, _>>()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets where one was.
#[utoipa::path(delete, path = "/api/v1/places/recent", tag = "places",
    security(("session" = [])),
    responses((status = 204), PersonProblems))]
pub(crate) async fn forget(
    State(portal): State<Portal>,
    person: Person,
) -> Result<StatusCode, Problem> {
    portal.files().forget_recent(&person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether it is to be kept where one is.
#[utoipa::path(put, path = "/api/v1/places/recent", tag = "places",
    security(("session" = [])),
    request_body = KeepRecentBody,
    responses((status = 204), PersonProblems))]
pub(crate) async fn keep(
    State(portal): State<Portal>,
    person: Person,
    JsonBody(form): JsonBody<KeepRecentBody>,
) -> Result<(Noted, StatusCode), Problem> {
    portal.files().keep_recent(&person, form.keep).await?;
    let noted = if form.keep { "kept from now on" } else { "not kept any more, and forgotten" };
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

/// Forgets one place where one was.
#[utoipa::path(delete, path = "/api/v1/places/recent/one", tag = "places",
    security(("session" = [])),
    params(PlaceQuery),
    responses((status = 204), PersonProblems))]
pub(crate) async fn forget_one(
    State(portal): State<Portal>,
    person: Person,
    Params(query): Params<PlaceQuery>,
) -> Result<StatusCode, Problem> {
    let place = place(query.location, &query.path)?;
    portal.files().forget_place(&person, PlaceKind::Recent, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place(location: String, path: &str) -> Result<Place, PathError> {
    let path = if path.is_empty() { None } else { Some(EntryPath::parse(path)?) };
    Ok(Place { location, path })
}
