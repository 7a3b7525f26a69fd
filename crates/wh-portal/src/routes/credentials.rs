//! Temporary credentials for the store, for one's own tools.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use wh_people::{NotAdministrator, Proven};

use crate::answers::StoreProblems;
use crate::extract::{Caller, JsonBody};
use crate::problem::{Code, Problem};
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{CredentialsBody, CredentialsFormBody};

/// Temporary credentials, narrowed to a location: for an hour at most, and no longer than the session or
/// the API token that asks. A session needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/credentials", tag = "credentials",
    security(("session" = []), ("token" = [])),
    request_body = CredentialsFormBody,
    responses((status = 200, body = CredentialsBody), StoreProblems))]
pub(crate) async fn issue(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<CredentialsFormBody>,
) -> Result<Response, Problem> {
    if person.scope().is_none() {
        Proven::try_from(person.clone())?;
    }
    if person.lacks_second_factor() {
        let why = NotAdministrator::SecondFactorMissing;
        return Err(Problem::new(Code::SecondFactorRequired, why.to_string()));
    }
    let given = portal.files().credentials(&person, &form.location).await?;
    let (grant, expires) = (&given.grant, given.expires);
    let noted =
        Noted::said(format!("{} on {}/{} until {expires}", grant.role, grant.bucket, grant.prefix));
    let body = render::credentials(&portal, given);
    Ok((noted, [(CACHE_CONTROL, "no-store")], Json(body)).into_response())
}
