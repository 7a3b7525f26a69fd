//! One's own sessions: which there are, and ending them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Person, Proven};

use crate::answers::PersonProblems;
use crate::extract::Id;
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{EndedSessionsBody, OpenSessionsBody};

/// One's own sessions, the newest first.
#[utoipa::path(get, path = "/api/v1/account/sessions", tag = "sessions",
    responses((status = 200, body = OpenSessionsBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<OpenSessionsBody>, Problem> {
    let sessions = portal.people().own_sessions(&person).await?;
    Ok(Json(render::sessions(sessions, &person)))
}

/// Ends one of one's own sessions, and every link signed in its name. Needs a fresh proof.
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The session.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn end(
    State(portal): State<Portal>,
    person: Proven,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.people().end_own_session(&person, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of one's own sessions but this one. Needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/account/sessions/end-others", tag = "sessions",
    responses((status = 200, body = EndedSessionsBody), PersonProblems))]
pub(crate) async fn end_others(
    State(portal): State<Portal>,
    person: Proven,
) -> Result<(Noted, Json<EndedSessionsBody>), Problem> {
    let ended = portal.people().end_other_sessions(&person).await?;
    Ok((Noted::said(format!("{ended} ended")), Json(EndedSessionsBody { ended })))
}
