//! One's own API tokens: made after a fresh proof and shown once, listed, revoked. No token does any of
//! this.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use wh_people::{API_TOKEN_DAYS_MAX, API_TOKENS_MAX, Person, Proven, TokenForm};

use crate::answers::PersonProblems;
use crate::extract::{Client, Id, JsonBody};
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{MadeTokenBody, TokenFormBody, TokensBody};

/// How long a token lives that does not say, in days.
const DAYS_GIVEN: u32 = 90;

/// One's own API tokens, and what tokens one may have.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens",
    responses((status = 200, body = TokensBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<TokensBody>, Problem> {
    let tokens = portal.people().own_tokens(&person).await?;
    Ok(Json(TokensBody {
        tokens: tokens.into_iter().map(render::token).collect(),
        max: API_TOKENS_MAX,
        days_max: API_TOKEN_DAYS_MAX,
    }))
}

/// Makes a token for some of one's locations and some actions, and shows it once. Needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens",
    request_body = TokenFormBody,
    responses((status = 201, body = MadeTokenBody), PersonProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
    JsonBody(form): JsonBody<TokenFormBody>,
) -> Result<Response, Problem> {
    let form = TokenForm {
        name: form.name,
        locations: form.locations,
        actions: form.actions.into_iter().map(Into::into).collect(),
        days: form.days.unwrap_or(DAYS_GIVEN),
    };
    let made = portal.people().make_token(&person, form, &peer).await?;
    let secret = made.token.expose().to_owned();
    let body = MadeTokenBody { token: render::token(made.record), secret };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Revokes a token, for good and within a second, with whatever was issued for it.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "The token.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn revoke(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.people().revoke_token(&person, &id, &peer).await?;
    portal.files().forget(person.uid());
    Ok(StatusCode::NO_CONTENT)
}
