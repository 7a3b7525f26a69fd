//! Setting up: the first administrator, by the single-use token that the server printed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use wh_people::SetupForm;

use super::session::welcome;
use crate::answers::PublicProblems;
use crate::extract::{Client, JsonBody};
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::{SessionBody, SetupBody, SetupFormBody};

/// Whether the installation still waits for its first administrator.
#[utoipa::path(get, path = "/api/v1/setup", tag = "setup", security(()),
    responses((status = 200, body = SetupBody), PublicProblems))]
pub(crate) async fn show(State(portal): State<Portal>) -> Result<Json<SetupBody>, Problem> {
    let needed = portal.people().setup_needed().await?;
    Ok(Json(SetupBody { needed }))
}

/// Makes the first administrator and signs them in. Works once.
#[utoipa::path(post, path = "/api/v1/setup", tag = "setup", security(()),
    request_body = SetupFormBody,
    responses((status = 201, body = SessionBody), PublicProblems))]
pub(crate) async fn complete(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
    JsonBody(form): JsonBody<SetupFormBody>,
) -> Result<Response, Problem> {
    let form = SetupForm {
        token: crate::extract::secret(&form.token, "token")?,
        name: form.name,
        email: form.email,
        password: crate::extract::secret(&form.password, "password")?,
        registration: form.registration.into(),
        homes: form.homes,
    };
    let session = portal.people().complete_setup(form, &peer).await?;
    welcome((&portal, &headers, &peer), StatusCode::CREATED, &session).await
}
