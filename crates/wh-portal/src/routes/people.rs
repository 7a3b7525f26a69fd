//! Persons, as administrators see and manage them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Actor, Administrator, ProvenAdministrator, StatusChange};

use crate::answers::AdministratorProblems;
use crate::extract::{Client, Id, IdOf, Params, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    DeletedPersonBody, EffectiveLocationsBody, OpenSessionsBody, PeopleBody, PersonKeysBody,
    PersonTokensBody, RecoveryQuery,
};

/// All persons.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    security(("session" = ["administrator"])),
    responses((status = 200, body = PeopleBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<PeopleBody>, Problem> {
    let persons = portal.people().list_persons(&administrator).await?;
    Ok(Json(PeopleBody { people: persons.into_iter().map(render::person_record).collect() }))
}

/// All that a person holds at this moment: where, by what, and until when.
#[utoipa::path(get, path = "/api/v1/people/{uid}/locations", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = EffectiveLocationsBody), AdministratorProblems))]
pub(crate) async fn effective_locations(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<EffectiveLocationsBody>, Problem> {
    let held = portal.people().effective_locations(&administrator, &uid(&person)?).await?;
    let locations = held.into_iter().map(render::effective_location).collect();
    Ok(Json(EffectiveLocationsBody { locations }))
}

/// Lets a person who registered sign in.
#[utoipa::path(post, path = "/api/v1/people/{uid}/approve", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn approve(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let change = portal.people().approve(&administrator, &uid(&person)?).await?;
    Ok((told(change), StatusCode::NO_CONTENT))
}

/// Shuts a person out: every session and every link signed in their name ends.
#[utoipa::path(post, path = "/api/v1/people/{uid}/disable", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn disable(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let uid = uid(&person)?;
    let change = portal.people().disable(&administrator, &uid).await?;
    portal.files().forget(&uid);
    Ok((told(change), StatusCode::NO_CONTENT))
}

/// Lets a person who was shut out sign in again.
#[utoipa::path(post, path = "/api/v1/people/{uid}/enable", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn enable(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let change = portal.people().enable(&administrator, &uid(&person)?).await?;
    Ok((told(change), StatusCode::NO_CONTENT))
}

/// The sessions of a person, the newest first.
#[utoipa::path(get, path = "/api/v1/people/{uid}/sessions", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = OpenSessionsBody), AdministratorProblems))]
pub(crate) async fn sessions(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<OpenSessionsBody>, Problem> {
    let sessions = portal.people().sessions_of(&administrator, &uid(&person)?).await?;
    Ok(Json(render::sessions(sessions, administrator.person())))
}

/// Ends one session of a person, and every link signed in its name.
#[utoipa::path(delete, path = "/api/v1/people/{uid}/sessions/{id}", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."),
        ("id" = String, Path, description = "The session.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn end_session(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    IdOf(person, id): IdOf,
) -> Result<StatusCode, Problem> {
    portal.people().end_session_of(&administrator, &uid(&person)?, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The API tokens of a person, the newest first; those that ended are remembered for a while.
#[utoipa::path(get, path = "/api/v1/people/{uid}/tokens", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = PersonTokensBody), AdministratorProblems))]
pub(crate) async fn tokens(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<PersonTokensBody>, Problem> {
    let tokens = portal.people().tokens_of(&administrator, &uid(&person)?).await?;
    Ok(Json(PersonTokensBody { tokens: tokens.into_iter().map(render::token).collect() }))
}

/// Ends an API token of a person for good, with whatever was issued for it.
#[utoipa::path(delete, path = "/api/v1/people/{uid}/tokens/{id}", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."),
        ("id" = String, Path, description = "The token.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn end_token(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Client(peer): Client,
    IdOf(person, id): IdOf,
) -> Result<StatusCode, Problem> {
    let uid = uid(&person)?;
    portal.people().end_token_of(&administrator, (&uid, &id), &peer).await?;
    portal.files().forget(&uid);
    Ok(StatusCode::NO_CONTENT)
}

/// The access keys of a person, the newest first; those that ended are remembered for a while.
#[utoipa::path(get, path = "/api/v1/people/{uid}/keys", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = PersonKeysBody), AdministratorProblems))]
pub(crate) async fn keys(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<PersonKeysBody>, Problem> {
    let keys = portal.files().keys_of(&administrator, &uid(&person)?).await?;
    Ok(Json(PersonKeysBody { keys: keys.into_iter().map(render::key).collect() }))
}

/// Ends an access key of a person for good.
#[utoipa::path(delete, path = "/api/v1/people/{uid}/keys/{id}", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."),
        ("id" = String, Path, description = "The access key id.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn end_key(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Client(peer): Client,
    IdOf(person, id): IdOf,
) -> Result<StatusCode, Problem> {
    portal.files().end_key_of(&administrator, (&uid(&person)?, &id), peer.ip).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of a person.
#[utoipa::path(post, path = "/api/v1/people/{uid}/end-sessions", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn end_sessions(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
) -> Result<StatusCode, Problem> {
    let uid = uid(&person)?;
    portal.people().end_sessions(&administrator, &uid).await?;
    portal.files().forget(&uid);
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the second factor of a person away who has lost it, that of their provider too, and ends their
/// sessions.
#[utoipa::path(post, path = "/api/v1/people/{uid}/reset-second-factor", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."), RecoveryQuery),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn reset_second_factor(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Client(peer): Client,
    Id(person): Id,
    Params(recovery): Params<RecoveryQuery>,
) -> Result<StatusCode, Problem> {
    let uid = uid(&person)?;
    let whose = (&uid, recovery.links());
    portal.people().reset_second_factor(&administrator, whose, &peer).await?;
    portal.files().forget(&uid);
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a person for good, with their sessions, grants, keys and second factor. Their files stay.
#[utoipa::path(delete, path = "/api/v1/people/{uid}", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = DeletedPersonBody), AdministratorProblems))]
pub(crate) async fn delete(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
) -> Result<(Noted, Json<DeletedPersonBody>), Problem> {
    let uid = uid(&person)?;
    let deleted = portal.people().delete_person(Actor::Administrator(&administrator), &uid).await?;
    portal.files().forget(&uid);
    let (person, home) = (deleted.person, deleted.home.map(|home| home.as_str().to_owned()));
    let noted = format!("before: {} `{}`; now: deleted", person.status.as_str(), person.name);
    let bucket = deleted.bucket.as_str().to_owned();
    Ok((Noted::said(noted), Json(DeletedPersonBody { bucket, home })))
}

/// A change, as the audit log tells of it.
fn told(change: StatusChange) -> Noted {
    Noted::said(format!("before: {}; now: {}", change.before.as_str(), change.now.as_str()))
}
