//! Invitations: made and revoked by administrators, accepted by whoever holds the link.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use wh_people::{
    AcceptForm, Accepted, Actor, AdministrationError, Administrator, GrantForm, GrantSubject,
    InvitationForm, InvitedGrantForm, People, ProvenAdministrator,
};

use crate::answers::{AdministratorProblems, PublicProblems};
use crate::changes::Change;
use crate::extract::{Client, Id, JsonBody, moment, prefix, role, secret};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::routes::changes::enforced;
use crate::state::Portal;
use crate::wire::{
    AcceptanceBody, AcceptedBody, InvitationFormBody, InvitationsBody, InvitedGrantFormBody,
    LinkTokenBody, MadeInvitationBody, OfferedInvitationBody,
};

/// Every invitation that is remembered, the newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "invitations",
    security(("session" = ["administrator"])),
    responses((status = 200, body = InvitationsBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<InvitationsBody>, Problem> {
    let all = portal.people().list_invitations(&administrator).await?;
    Ok(Json(InvitationsBody { invitations: all.into_iter().map(render::invitation).collect() }))
}

/// Makes an invitation, which lets one person in, once. Its link is shown this once.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "invitations",
    security(("session" = ["administrator"])),
    request_body = InvitationFormBody,
    responses((status = 201, body = MadeInvitationBody), AdministratorProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<InvitationFormBody>,
) -> Result<(StatusCode, Noted, Json<MadeInvitationBody>), Problem> {
    let change = Change::Invitation(Box::new(form_of(&portal, form)?));
    let (noted, made) = enforced(&portal, &administrator, change).await?;
    let invitation = made.invitation.ok_or(AdministrationError::NoSuchInvitation)?;
    Ok((StatusCode::CREATED, noted, Json(invitation)))
}

/// Makes an invitation.
pub(crate) async fn made(
    people: &People,
    administrator: &ProvenAdministrator,
    form: InvitationForm,
) -> Result<(Noted, MadeInvitationBody), Problem> {
    let made = people.invite(Actor::Administrator(administrator), form).await?;
    let noted = Noted::said(format!("before: nothing; now: {}", made.row.in_words()));
    let body = MadeInvitationBody {
        id: made.row.id.as_str().to_owned(),
        path: format!("/invitation#token={}", made.token.expose()),
        expires: made.row.expires_at.to_string(),
    };
    Ok((noted, body))
}

/// What an invitation is to say, as far as it can be told before it is made.
pub(crate) fn form_of(
    portal: &Portal,
    form: InvitationFormBody,
) -> Result<InvitationForm, Problem> {
    let grant = |grant| -> Result<InvitedGrantForm, Problem> {
        let grant = invited_grant(grant)?;
        let InvitedGrantForm { role, prefix, title, ends_at } = grant;
        let subject = GrantSubject::Everyone;
        let form = GrantForm { subject, role, bucket: None, prefix, title, ends_at };
        let GrantForm { role, prefix, title, ends_at, .. } = portal.people().checked_grant(form)?;
        Ok(InvitedGrantForm { role, prefix, title, ends_at })
    };
    Ok(InvitationForm {
        name: form.name,
        email: form.email,
        groups: form.groups,
        grants: form.grants.into_iter().map(grant).collect::<Result<_, _>>()?,
        life: form.hours.map(|hours| SignedDuration::from_hours(hours.into())),
    })
}

/// Revokes an invitation that was not used.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "invitations",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The invitation.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn revoke(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    portal.people().revoke_invitation(&administrator, &id).await?;
    Ok((Noted::said("before: open; now: revoked"), StatusCode::NO_CONTENT))
}

/// What an invitation says to whoever holds its link. It stays as it is.
#[utoipa::path(post, path = "/api/v1/invitation", tag = "invitations", security(()),
    request_body = LinkTokenBody,
    responses((status = 200, body = OfferedInvitationBody), PublicProblems))]
pub(crate) async fn look(
    State(portal): State<Portal>,
    JsonBody(form): JsonBody<LinkTokenBody>,
) -> Result<Json<OfferedInvitationBody>, Problem> {
    let offered = portal.people().look_at_invitation(&secret(&form.token, "token")?).await?;
    let (name, email) = (offered.name, offered.email);
    Ok(Json(OfferedInvitationBody { name, email, expires: offered.expires_at.to_string() }))
}

/// Makes an account by an invitation. It can do what every new account can and what the invitation
/// says, and nothing more.
#[utoipa::path(post, path = "/api/v1/invitation/accept", tag = "invitations", security(()),
    request_body = AcceptanceBody,
    responses((status = 201, body = AcceptedBody), PublicProblems))]
pub(crate) async fn accept(
    State(portal): State<Portal>,
    Client(peer): Client,
    JsonBody(form): JsonBody<AcceptanceBody>,
) -> Result<(StatusCode, Noted, Json<AcceptedBody>), Problem> {
    let form = AcceptForm {
        token: secret(&form.token, "token")?,
        name: form.name,
        email: form.email,
        password: secret(&form.password, "password")?,
    };
    let Accepted { uid, invitation } = portal.people().accept_invitation(form, &peer).await?;
    let told = format!("before: nobody; now: person/{uid} by {}", invitation.in_words());
    let body = AcceptedBody { uid: uid.as_str().to_owned() };
    Ok((StatusCode::CREATED, Noted::by(&uid).and_said(told), Json(body)))
}

fn invited_grant(form: InvitedGrantFormBody) -> Result<InvitedGrantForm, Problem> {
    Ok(InvitedGrantForm {
        role: role(&form.role)?,
        prefix: prefix(&form.prefix)?,
        title: form.title,
        ends_at: form.ends.map(|end| moment(&end, "ends")).transpose()?,
    })
}
