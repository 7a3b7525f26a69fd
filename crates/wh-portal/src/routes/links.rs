//! Links by which somebody without an account fetches what one may read: made and shown once, listed,
//! revoked. What they open is in [`crate::links`].

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use wh_files::{
    EntryPath, LINK_DAYS_GIVEN, LinkError, LinkRecord, LinkRules, LinkShowing, NewLink,
};
use wh_people::{Administrator, Person, ProvenAdministrator, RowId};

use crate::answers::{AdministratorProblems, PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody, Params, secret};
use crate::problem::{Code, Problem};
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    CursorQuery, LinkRulesBody, LinkRulesFormBody, LinksHereBody, LinksHereQuery,
    MadeShareLinkBody, ShareLinkFormBody, ShareLinksBody,
};

/// One's own links, the newest first.
#[utoipa::path(get, path = "/api/v1/links", tag = "links",
    security(("session" = []), ("token" = [])),
    params(CursorQuery),
    responses((status = 200, body = ShareLinksBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<ShareLinksBody>, Problem> {
    let cursor = cursor.as_deref().map(after).transpose()?;
    let page = portal.files().own_links(&person, cursor.as_ref()).await?;
    Ok(Json(render::links::share_links(page)))
}

/// Everybody's links, the newest first.
#[utoipa::path(get, path = "/api/v1/links/all", tag = "links",
    security(("session" = ["administrator"])),
    params(CursorQuery),
    responses((status = 200, body = ShareLinksBody), AdministratorProblems))]
pub(crate) async fn all(
    State(portal): State<Portal>,
    administrator: Administrator,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<ShareLinksBody>, Problem> {
    let cursor = cursor.as_deref().map(after).transpose()?;
    let page = portal.files().all_links(&administrator, cursor.as_ref()).await?;
    Ok(Json(render::links::share_links(page)))
}

/// One's own links to one file or folder, and what links there may be.
#[utoipa::path(get, path = "/api/v1/locations/{id}/links", tag = "links",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), LinksHereQuery),
    responses((status = 200, body = LinksHereBody), PersonProblems))]
pub(crate) async fn here(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(LinksHereQuery { path }): Params<LinksHereQuery>,
) -> Result<Json<LinksHereBody>, Problem> {
    let links = portal.files().links_at(&person, &id, &EntryPath::parse(&path)?).await?;
    let rules = portal.files().link_rules().await?;
    Ok(Json(LinksHereBody {
        links: links.into_iter().map(render::links::share_link).collect(),
        days_given: given(&rules),
        rules: render::links::link_rules(rules),
    }))
}

/// Makes a link to a file or a folder that one may read, and shows its address once. It opens by one's own
/// rights as they are at each use. By an API token, it ends with the token.
#[utoipa::path(post, path = "/api/v1/links", tag = "links",
    security(("session" = []), ("token" = [])),
    request_body = ShareLinkFormBody,
    responses((status = 201, body = MadeShareLinkBody), StoreProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<ShareLinkFormBody>,
) -> Result<Response, Problem> {
    let rules = portal.files().link_rules().await?;
    let days = form.days.or((!form.endless).then(|| given(&rules)));
    if form.endless && form.days.is_some() {
        let why = "a link lives so many days, or until it is revoked";
        return Err(Problem::new(Code::InvalidBody, why).at_field("endless"));
    }
    let password = form.password.as_deref().map(|text| secret(text, "password")).transpose()?;
    let wish = NewLink {
        path: EntryPath::parse(&form.path)?,
        showing: form.showing.map_or(LinkShowing::Download, Into::into),
        password,
        days,
        downloads_max: form.downloads_max,
        note: form.note.unwrap_or_default(),
    };
    let made = portal.files().make_link(&person, &form.location, wish).await?;
    let noted = Noted::said(in_words(&made.record));
    let path = format!("/s/{}", made.token.expose());
    let body = MadeShareLinkBody { link: render::links::share_link(made.record), path };
    let headers = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, noted, headers, Json(body)).into_response())
}

/// Revokes a link, for good: one's own, and as administrator anybody's. What was handed out ends within a
/// second in our own store, and within five minutes in Amazon's.
#[utoipa::path(delete, path = "/api/v1/links/{id}", tag = "links",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The link.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn revoke(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let id = RowId::parse(&id).map_err(|_| Problem::from(LinkError::NoSuchLink))?;
    let row = portal.files().revoke_link(&person, &id).await?;
    let whose = if row.uid == *person.uid() { String::new() } else { format!(" of {}", row.uid) };
    let noted = format!("a link{whose} to `{}` in {}", row.path, row.grant_id);
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

/// What links and file requests there may be.
#[utoipa::path(get, path = "/api/v1/link-rules", tag = "links",
    security(("session" = [])),
    responses((status = 200, body = LinkRulesBody), PersonProblems))]
pub(crate) async fn rules(
    State(portal): State<Portal>,
    _person: Person,
) -> Result<Json<LinkRulesBody>, Problem> {
    Ok(Json(render::links::link_rules(portal.files().link_rules().await?)))
}

/// Says what links and file requests there may be. It binds those that were made before, from their next use on.
#[utoipa::path(put, path = "/api/v1/link-rules", tag = "links",
    security(("session" = ["administrator"])),
    request_body = LinkRulesFormBody,
    responses((status = 200, body = LinkRulesBody), AdministratorProblems))]
pub(crate) async fn set_rules(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<LinkRulesFormBody>,
) -> Result<(Noted, Json<LinkRulesBody>), Problem> {
    let before = portal.files().link_rules().await?;
    let LinkRulesFormBody { enabled, requests, password, days_max } = form;
    let requests = requests.unwrap_or(before.requests);
    let rules = LinkRules { enabled, requests, password, days_max };
    let now = portal.files().set_link_rules(&administrator, rules).await?;
    let noted = format!("before: {}; now: {}", of_rules(&before), of_rules(&now));
    Ok((Noted::said(noted), Json(render::links::link_rules(now))))
}

pub(super) fn after(cursor: &str) -> Result<RowId, Problem> {
    let none = |_| {
        Problem::new(Code::InvalidParameter, "no page begins here: ask for the first")
            .at_field("cursor")
    };
    RowId::parse(cursor).map_err(none)
}

/// How many days a link lives that does not say.
fn given(rules: &LinkRules) -> u32 {
    rules.days_max.map_or(LINK_DAYS_GIVEN, |max| max.min(LINK_DAYS_GIVEN))
}

/// A link, as the audit log tells of it.
fn in_words(link: &LinkRecord) -> String {
    let row = &link.row;
    let until =
        link.ends.map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {end}"));
    let password = if row.password.is_some() { "with" } else { "without" };
    let count = row.downloads_max.map(|max| format!(", {max} times")).unwrap_or_default();
    format!(
        "link {} to `{}` in {}: {}, {until}, {password} a password{count}",
        row.id,
        row.path,
        row.grant_id,
        row.showing.as_str()
    )
}

/// The rules, as the audit log tells of them.
fn of_rules(rules: &LinkRules) -> String {
    let switch = |on: bool| if on { "on" } else { "off" };
    let (on, requests) = (switch(rules.enabled), switch(rules.requests));
    let password = if rules.password { ", with a password" } else { "" };
    let days = rules.days_max.map(|days| format!(", {days} days at most")).unwrap_or_default();
    format!("links {on}, file requests {requests}{password}{days}")
}
