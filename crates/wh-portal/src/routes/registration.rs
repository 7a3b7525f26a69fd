//! Registering.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Mailing, Registered, RegistrationForm, Told};

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

/// Makes an account, if the name is free. It can do what every new account can, and nothing more. Whether the
/// name was free is not said: signing in tells whoever knows the password.
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
    let taken = |status| (status, Noted::said("nobody was registered: the name is taken"));
    let (status, noted) = match portal.people().register(form, &peer).await? {
        Registered::Active(uid) => (RegistrationStatus::Active, Noted::by(&uid)),
        Registered::Pending(uid) => (RegistrationStatus::Pending, Noted::by(&uid)),
        Registered::Unchecked(uid) => (RegistrationStatus::CheckMail, Noted::by(&uid)),
        Registered::Taken(Told::Active) => taken(RegistrationStatus::Active),
        Registered::Taken(Told::Pending) => taken(RegistrationStatus::Pending),
        Registered::Taken(Told::Unchecked) => taken(RegistrationStatus::CheckMail),
    };
    Ok((StatusCode::CREATED, noted, Json(RegisteredBody { status })))
}
