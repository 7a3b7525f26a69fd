//! Access keys for one's own tools, where they cannot refresh temporary credentials.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use wh_files::KeyForm;
use wh_people::{PasswordError, Person};

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Client, Id, JsonBody, secret};
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{KeyFormBody, KeysBody, MadeKeyBody};

/// One's own keys, and what keys one may have.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys",
    responses((status = 200, body = KeysBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<KeysBody>, Problem> {
    let keys = portal.files().keys(&person).await?;
    let options = portal.files().key_options();
    Ok(Json(KeysBody {
        keys: keys.into_iter().map(render::key).collect(),
        available: options.mint.is_some(),
        max: options.per_person_max,
        days_max: options.days_max(),
    }))
}

/// Makes a key for a location. It asks for the password once more, and for a fresh proof by the second
/// factor where there is one; it shows the secret once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys",
    request_body = KeyFormBody,
    responses((status = 201, body = MadeKeyBody), StoreProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    JsonBody(form): JsonBody<KeyFormBody>,
) -> Result<Response, Problem> {
    let password = secret(&form.password, "password")?;
    let confirmed = portal.people().confirm(&person, &password, &peer).await;
    let wrong = |error: PasswordError| match error.field() {
        Some(_) => Problem::from(error).at_field("password"),
        None => error.into(),
    };
    let confirmed = confirmed.map_err(wrong)?;
    let wish = KeyForm { name: form.name, days: form.days, actions: form.actions };
    let made = portal.files().make_key((&person, &confirmed), &form.location, wish, peer.ip);
    let made = render::made_key(&portal, made.await?);
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(made)).into_response())
}

/// Revokes a key, for good and within a second.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys",
    params(("id" = String, Path, description = "The access key id.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn revoke(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.files().revoke_key(&person, &id, peer.ip).await?;
    Ok(StatusCode::NO_CONTENT)
}
