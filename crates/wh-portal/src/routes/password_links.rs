//! Links by which a person sets their own password.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{Actor, AddedLinks, PasswordLink, ProvenAdministrator};

use crate::answers::{AdministratorProblems, PublicProblems};
use crate::extract::{Client, Id, JsonBody, Params, secret, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::state::Portal;
use crate::wire::{PasswordByLinkBody, PasswordLinkBody, RecoveryQuery};

/// Makes a link by which a person sets their own password, once, within 20 minutes. It is shown this
/// once, and an earlier one is void. Who has a second factor is asked for it all the same; linked
/// sign-ins that were added to the account end when the link is followed, unless they are to stay.
#[utoipa::path(post, path = "/api/v1/people/{uid}/password-link", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."), RecoveryQuery),
    responses((status = 201, body = PasswordLinkBody), AdministratorProblems))]
pub(crate) async fn make_password_link(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
    Params(recovery): Params<RecoveryQuery>,
) -> Result<(StatusCode, Noted, Json<PasswordLinkBody>), Problem> {
    let (actor, links) = (Actor::Administrator(&administrator), recovery.links());
    let link = portal.people().make_password_link(actor, (&uid(&person)?, links)).await?;
    let expires = link.expires_at.to_string();
    let links = match links {
        AddedLinks::End => "end with it",
        AddedLinks::Keep => "stay",
    };
    let noted = Noted::said(format!("now: a link until {expires}; added sign-ins {links}"));
    let path = password_page(&link);
    Ok((StatusCode::CREATED, noted, Json(PasswordLinkBody { path, expires })))
}

/// The page where a link is followed. What stands behind `#` goes into no log.
pub(super) fn password_page(link: &PasswordLink) -> String {
    format!("/new-password#token={}", link.token.expose())
}

/// Sets a new password by a link. Every session of the person ends; signing in is as ever.
#[utoipa::path(post, path = "/api/v1/new-password", tag = "account", security(()),
    request_body = PasswordByLinkBody,
    responses((status = 204), PublicProblems))]
pub(crate) async fn set_by_link(
    State(portal): State<Portal>,
    Client(peer): Client,
    JsonBody(form): JsonBody<PasswordByLinkBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let (token, password) = (secret(&form.token, "token")?, secret(&form.password, "password")?);
    let uid = portal.people().follow_password_link(&token, &password, &peer).await?;
    portal.files().forget(&uid);
    let noted = Noted::by(&uid).and_said("by a one-time link; every session has ended");
    Ok((noted, StatusCode::NO_CONTENT))
}
