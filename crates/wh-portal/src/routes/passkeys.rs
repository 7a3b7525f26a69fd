//! Passkeys: one's own, and what browsers are asked where one is used.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use wh_people::{PasskeyAnswer, Person, Proven, SignInToken};

use super::session::welcome;
use crate::answers::{PersonProblems, PublicProblems};
use crate::extract::{Client, Id, JsonBody};
use crate::problem::{Code, Problem};
use crate::state::Portal;
use crate::wire::{
    MadePasskeyBody, PasskeyAnswerBody, PasskeyBody, PasskeyFormBody, PasskeyNameBody,
    PasskeyOptionsBody, PasskeysBody, SessionBody,
};

/// One's own passkeys, and where they work.
#[utoipa::path(get, path = "/api/v1/account/passkeys", tag = "passkeys",
    responses((status = 200, body = PasskeysBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<PasskeysBody>, Problem> {
    let passkeys = portal.people().passkeys(&person).await?;
    let passkeys = passkeys.into_iter().map(|passkey| PasskeyBody {
        id: passkey.id,
        name: passkey.name,
        created: passkey.created.to_string(),
        used: passkey.used.map(|at| at.to_string()),
    });
    let origin = portal.people().passkey_origin().map(ToOwned::to_owned);
    Ok(Json(PasskeysBody { passkeys: passkeys.collect(), origin }))
}

/// Asks for a new passkey. Needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/account/passkeys/challenge", tag = "passkeys",
    responses((status = 200, body = PasskeyOptionsBody), PersonProblems))]
pub(crate) async fn offer(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
) -> Result<Json<PasskeyOptionsBody>, Problem> {
    let options = portal.people().offer_passkey(&person, &peer).await?;
    Ok(Json(PasskeyOptionsBody { options }))
}

/// Keeps the passkey that was just made; shows recovery codes, once, where it is the first factor. The
/// session goes on under another token.
#[utoipa::path(post, path = "/api/v1/account/passkeys", tag = "passkeys",
    request_body = PasskeyFormBody,
    responses((status = 201, body = MadePasskeyBody), PersonProblems))]
pub(crate) async fn add(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    JsonBody(form): JsonBody<PasskeyFormBody>,
) -> Result<Response, Problem> {
    let made = portal.people().add_passkey(&person, (&form.name, &form.passkey), &peer).await?;
    let cookie = portal.cookie().set(made.session.token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    let recovery_codes = made.codes.iter().map(|code| code.expose().to_owned()).collect();
    let body = MadePasskeyBody { id: made.id, recovery_codes };
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Json(body)).into_response())
}

/// Calls one's own passkey something else. Needs a fresh proof.
#[utoipa::path(patch, path = "/api/v1/account/passkeys/{id}", tag = "passkeys",
    params(("id" = String, Path, description = "The passkey's id.")),
    request_body = PasskeyNameBody,
    responses((status = 204), PersonProblems))]
pub(crate) async fn rename(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
    Id(id): Id,
    JsonBody(form): JsonBody<PasskeyNameBody>,
) -> Result<StatusCode, Problem> {
    portal.people().rename_passkey(&person, (&id, &form.name), &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one's own passkey away. Needs a fresh proof.
#[utoipa::path(delete, path = "/api/v1/account/passkeys/{id}", tag = "passkeys",
    params(("id" = String, Path, description = "The passkey's id.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn remove(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.people().remove_passkey(&person, &id, &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks whoever is at this browser for a passkey, which signs in without a name and a password.
#[utoipa::path(post, path = "/api/v1/session/passkey/challenge", tag = "passkeys", security(()),
    responses((status = 200, body = PasskeyOptionsBody), PublicProblems))]
pub(crate) async fn ask_sign_in(
    State(portal): State<Portal>,
    Client(peer): Client,
) -> Result<Response, Problem> {
    let (token, options) = portal.people().ask_passkey_of_anybody(&peer).await?;
    let cookie = portal.cookie().set_sign_in(token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    Ok(([(SET_COOKIE, cookie)], Json(PasskeyOptionsBody { options })).into_response())
}

/// Signs in by a passkey alone, in the browser that was asked.
#[utoipa::path(post, path = "/api/v1/session/passkey", tag = "passkeys", security(()),
    request_body = PasskeyAnswerBody,
    responses((status = 200, body = SessionBody), PublicProblems))]
pub(crate) async fn sign_in(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
    JsonBody(form): JsonBody<PasskeyAnswerBody>,
) -> Result<Response, Problem> {
    let answer = answer(&form.passkey)?;
    let token = portal.cookie().read_sign_in(&headers).map(SignInToken::parse);
    let Some(Ok(token)) = token else {
        let why = "the passkey took too long; begin again";
        return Err(Problem::coded(StatusCode::FORBIDDEN, "passkey-over", why));
    };
    let session = portal.people().sign_in_by_passkey(&token, &answer, &peer).await?;
    let mut answer = welcome((&portal, &headers, &peer), StatusCode::OK, &session).await?;
    let spent = portal.cookie().clear_sign_in().map_err(|error| Problem::internal(&error))?;
    answer.headers_mut().append(SET_COOKIE, spent);
    Ok(answer)
}

/// Asks for a passkey as the second step of signing in.
#[utoipa::path(post, path = "/api/v1/session/second-factor/challenge", tag = "passkeys",
    security(()),
    responses((status = 200, body = PasskeyOptionsBody), PublicProblems))]
pub(crate) async fn ask_second_step(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
) -> Result<Json<PasskeyOptionsBody>, Problem> {
    let token = portal.cookie().read_sign_in(&headers).map(SignInToken::parse);
    let Some(Ok(token)) = token else { return Err(super::proof::over()) };
    let options = portal.people().ask_passkey_for_second_step(&token, &peer).await?;
    Ok(Json(PasskeyOptionsBody { options }))
}

/// Asks for a passkey by which a person proves once more who they are.
#[utoipa::path(post, path = "/api/v1/session/proof/challenge", tag = "passkeys",
    responses((status = 200, body = PasskeyOptionsBody), PersonProblems))]
pub(crate) async fn ask_proof(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
) -> Result<Json<PasskeyOptionsBody>, Problem> {
    let options = portal.people().ask_passkey_for_proof(&person, &peer).await?;
    Ok(Json(PasskeyOptionsBody { options }))
}

/// The answer of a passkey, as its browser wrote it.
pub(super) fn answer(json: &Value) -> Result<PasskeyAnswer, Problem> {
    PasskeyAnswer::parse(json).ok_or_else(|| {
        let why = "it is not an AuthenticationResponseJSON of a public-key credential";
        Problem::new(Code::InvalidBody, why).at_field("passkey")
    })
}
