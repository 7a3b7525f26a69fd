//! Registering.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Mailing, Registered, RegistrationForm};

use crate::answers::PublicProblems;
use crate::extract::{Client, JsonBody, secret};
use crate::problem::Problem;
use crate::record::Noted;
use crate::state::Portal;
use crate::wire::{RegisteredBody, RegistrationBody, RegistrationFormBody, RegistrationStatus};

/// Who may register.
#[utoipa::path(get, path = "/api/v1/registration", tag = "registration", security(()),
    responses((status = 200, body = RegistrationBody), PublicProblems))]
pub(crate) async fn show(State(portal): State<Portal>) -> Result<Json<RegistrationBody>, Problem> {
    let people = portal.people();
    Ok(Json(RegistrationBody {
        mode: people.registration_mode().await?.into(),
        email_required: people.registration_asks_for_email().await?,
        mail: people.mailing() == Mailing::Sent,
    }))
}

/// Makes an account. It can do what every new account can, and nothing more.
#[utoipa::path(post, path = "/api/v1/registration", tag = "registration", security(()),
    request_body = RegistrationFormBody,
    responses((status = 201, body = RegisteredBody), PublicProblems))]
pub(crate) async fn register(
    State(portal): State<Portal>,
    Client(peer): Client,
    JsonBody(form): JsonBody<RegistrationFormBody>,
) -> Result<(StatusCode, Noted, Json<RegisteredBody>), Problem> {
    let password = secret(&form.password, "password")?;
    let form = RegistrationForm { name: form.name, email: form.email, password };
    let (status, uid) = match portal.people().register(form, &peer).await? {
        Registered::Active(uid) => (RegistrationStatus::Active, uid),
        Registered::Pending(uid) => (RegistrationStatus::Pending, uid),
        Registered::Unchecked(uid) => (RegistrationStatus::CheckMail, uid),
    };
    Ok((StatusCode::CREATED, Noted::by(&uid), Json(RegisteredBody { status })))
}
