//! One's own account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use wh_people::{Person, Programs};

use super::session::known_device;
use crate::answers::PersonProblems;
use crate::extract::{Client, JsonBody, secret};
use crate::problem::Problem;
use crate::record::Noted;
use crate::state::Portal;
use crate::wire::PasswordBody;

/// Changes one's own password. Every session ends; this browser gets a new one. Access keys and API tokens
/// end too, unless they are to stay.
#[utoipa::path(post, path = "/api/v1/account/password", tag = "account",
    request_body = PasswordBody,
    responses((status = 204), PersonProblems))]
pub(crate) async fn change_password(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    JsonBody(form): JsonBody<PasswordBody>,
) -> Result<Response, Problem> {
    let current = secret(&form.current, "current")?;
    let new = secret(&form.new, "new")?;
    let programs = if form.keep_programs { Programs::Keep } else { Programs::End };
    let wanted = (&new, programs);
    let session = portal.people().change_password(&person, &current, wanted, &peer).await?;
    portal.files().forget(person.uid());
    let cookie = portal.cookie().set(session.token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    let noted = Noted::said(match programs {
        Programs::End => "access keys and API tokens have ended",
        Programs::Keep => "access keys and API tokens go on",
    });
    let mut answer = (StatusCode::NO_CONTENT, noted, [(SET_COOKIE, cookie)]).into_response();
    answer.headers_mut().append(SET_COOKIE, known_device(&portal, &session, &peer).await?);
    Ok(answer)
}
