//! Mail addresses, links that are sent there, and what could not be sent.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Administrator, Mailing, OwnEmail, Person, Proven, UnsentMail};

use crate::answers::{AdministratorProblems, PersonProblems, PublicProblems};
use crate::extract::{Client, JsonBody, secret};
use crate::problem::Problem;
use crate::record::Noted;
use crate::state::Portal;
use crate::wire::{
    CheckedEmailBody, EmailFormBody, ForgottenBody, LinkTokenBody, MailBody, OwnEmailBody,
    UnsentMailBody, WantedEmailBody,
};

/// Asks for a link by which a forgotten password is set anew. The answer is the same whether there is
/// such a person or not; who has a checked mail address gets the link there, and it works once, within 20
/// minutes.
#[utoipa::path(post, path = "/api/v1/password-reset", tag = "account", security(()),
    request_body = ForgottenBody,
    responses((status = 202, description = "It is looked into."), PublicProblems))]
pub(crate) async fn ask_password_link(
    State(portal): State<Portal>,
    Client(peer): Client,
    JsonBody(form): JsonBody<ForgottenBody>,
) -> Result<StatusCode, Problem> {
    portal.people().ask_password_link(&form.who, &peer)?;
    Ok(StatusCode::ACCEPTED)
}

/// Follows a link that was sent to a mail address, which counts as checked from then on. Nobody is signed
/// in by it.
#[utoipa::path(post, path = "/api/v1/mail-check", tag = "account", security(()),
    request_body = LinkTokenBody,
    responses((status = 200, body = CheckedEmailBody), PublicProblems))]
pub(crate) async fn follow_mail_link(
    State(portal): State<Portal>,
    Client(peer): Client,
    JsonBody(form): JsonBody<LinkTokenBody>,
) -> Result<(Noted, Json<CheckedEmailBody>), Problem> {
    let token = secret(&form.token, "token")?;
    let checked = portal.people().follow_mail_link(&token, &peer).await?;
    let noted = Noted::by(&checked.uid).and_said("a link that was sent to the address");
    Ok((noted, Json(CheckedEmailBody { active: checked.active })))
}

/// One's own mail address.
#[utoipa::path(get, path = "/api/v1/account/email", tag = "account",
    responses((status = 200, body = OwnEmailBody), PersonProblems))]
pub(crate) async fn show_email(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<OwnEmailBody>, Problem> {
    let OwnEmail { email, checked, wanted } = portal.people().own_email(&person).await?;
    let wanted =
        wanted.map(|(email, expires)| WantedEmailBody { email, expires: expires.to_string() });
    Ok(Json(OwnEmailBody { email, checked, wanted }))
}

/// Sends a link to an address that is to be one's own. The one that was checked before is told, and stays
/// until the link is followed.
#[utoipa::path(put, path = "/api/v1/account/email", tag = "account",
    request_body = EmailFormBody,
    responses((status = 202, description = "A link is sent."), PersonProblems))]
pub(crate) async fn want_email(
    State(portal): State<Portal>,
    proven: Proven,
    JsonBody(form): JsonBody<EmailFormBody>,
) -> Result<StatusCode, Problem> {
    portal.people().want_email(&proven, &form.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes one's own mail address away.
#[utoipa::path(delete, path = "/api/v1/account/email", tag = "account",
    responses((status = 204), PersonProblems))]
pub(crate) async fn remove_email(
    State(portal): State<Portal>,
    proven: Proven,
) -> Result<StatusCode, Problem> {
    portal.people().remove_email(&proven).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What mail waits to be sent, and what could not be.
#[utoipa::path(get, path = "/api/v1/mail", tag = "settings",
    security(("session" = ["administrator"])),
    responses((status = 200, body = MailBody), AdministratorProblems))]
pub(crate) async fn show_mail(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<MailBody>, Problem> {
    let mail = portal.people().mail_overview(&administrator).await?;
    let unsent = mail.unsent.into_iter().map(unsent).collect();
    Ok(Json(MailBody { set_up: mail.mailing == Mailing::Sent, unsent }))
}

fn unsent(mail: UnsentMail) -> UnsentMailBody {
    let UnsentMail { kind, recipient, given_up, created, attempts, error } = mail;
    UnsentMailBody { kind, recipient, given_up, created: created.to_string(), attempts, error }
}
