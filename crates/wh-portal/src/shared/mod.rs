//! What a shared link opens: pages that the server writes, for people without an account. No script runs
//! there, nothing of the application is sent, and what they do they do by forms.
//!
//! These routes are no part of the API. Each use is written to the audit log here: by which link, whose it is,
//! from where, what, and what came of it. Strangers are told one thing, whatever it was that refused them.
//!
//! Invariant: what stands in a link's address is in no log, no page but its own, and no address of another
//! host.

mod asked;
mod page;
pub(crate) mod sheet;
pub(crate) mod text;
pub(crate) mod trail;
mod visitor;
mod words;

pub(crate) use asked::passes;
pub(crate) use words::is_german;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use url::form_urlencoded;
use wh_aws::{Disposition, content_disposition};
use wh_files::{OpenedLink, Showing};
use wh_names::Secret;
use wh_people::{LINK_VISIT_LIFE, LinkPasswordError, LinkVisit};

use self::asked::{Asked, TurnedAway};
use self::page::{Folder, Wrong};
use self::visitor::{Visited, Visitor};
use crate::headers::SharedPage;
use crate::state::Portal;

const STYLE: &str = include_str!("page.css");

/// How long a browser keeps the style sheet, which belongs to nobody.
const AN_HOUR: &str = "public, max-age=3600";

/// Where the pages of links are.
pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/s/page.css", get(style))
        .route("/s/{token}", get(show).post(enter))
        .route("/s/{token}/file", get(back).post(file))
        .route("/s/{token}/archive", get(back).post(archive))
        // Nothing of the application is below the address of a link.
        .route("/s/", any(nothing))
        .route("/s/{token}/", any(nothing))
        .route("/s/{token}/{*rest}", any(nothing))
}

async fn nothing(visitor: Visitor) -> Response {
    page::unavailable(&visitor)
}

async fn style() -> Response {
    let head = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, AN_HOUR)];
    (head, STYLE).into_response()
}

/// The page of a link: a file, a folder, or a question for the password.
async fn show(State(portal): State<Portal>, visitor: Visitor, visited: Visited) -> Response {
    let mut asked = Asked::new(portal, visitor, "LinkOpen");
    let shown = match asked.opened().await {
        Ok(link) if link.is_folder() => folder(&asked, &link, &visited).await,
        Ok(link) => one(&asked, &link).await,
        Err(why) => Err(why),
    };
    match shown {
        Ok(page) => page,
        Err(why) => asked.turn_away(why).await,
    }
}

async fn one(asked: &Asked, link: &OpenedLink) -> Result<Response, TurnedAway> {
    let file = asked.files().file_of_link(link).await?;
    asked.shown(format!("looked at `{}`", file.name)).await?;
    Ok(page::file(&asked.visitor, link, &file))
}

async fn folder(
    asked: &Asked,
    link: &OpenedLink,
    visited: &Visited,
) -> Result<Response, TurnedAway> {
    let below = visited.path.as_str();
    let listed = asked.files().list_by_link(link, below, visited.cursor.as_deref()).await?;
    asked.shown(format!("looked into `{}/{below}`", link.name())).await?;
    let folder = Folder { below, page: &listed };
    Ok(page::folder(&asked.visitor, link, &folder))
}

/// Takes the password of a link.
async fn enter(State(portal): State<Portal>, visitor: Visitor, body: Bytes) -> Response {
    let mut asked = Asked::new(portal, visitor, "LinkEnter");
    let link = match asked.standing().await {
        Ok(link) if link.asks_password() => link,
        Ok(_open) => return entered_already(asked).await,
        Err(why) => return asked.turn_away(why).await,
    };
    let fields = fields(&body);
    let given = fields.get("password").map(String::as_str).unwrap_or_default();
    let Ok(password) = Secret::parse(given) else {
        return page::password(&asked.visitor, Some(Wrong::Password));
    };
    let entered = asked.files().enter_link(&link, &password, &asked.visitor.peer).await;
    match entered {
        Ok(visit) => entered_by(&asked, &visit).await,
        Err(why) => refused(&asked, &why).await,
    }
}

/// A password for a link that asks for none: it opens, or it does not.
async fn entered_already(mut asked: Asked) -> Response {
    match asked.opened().await {
        Ok(_link) => to(&asked.visitor.address("")),
        Err(why) => asked.turn_away(why).await,
    }
}

async fn entered_by(asked: &Asked, visit: &LinkVisit) -> Response {
    if let Err(why) = asked.done("gave the password".to_owned()).await {
        return asked.turn_away(why).await;
    }
    let (cookie, token) = (asked.portal.cookie(), asked.visitor.token_text());
    let mut response = to(&asked.visitor.address(""));
    match cookie.set_visit((token, visit.expose()), LINK_VISIT_LIFE) {
        Ok(value) => drop(response.headers_mut().insert(SET_COOKIE, value)),
        Err(_never) => tracing::error!("the cookie of a visit cannot be written"),
    }
    response
}

async fn refused(asked: &Asked, why: &LinkPasswordError) -> Response {
    let wrong = match why {
        LinkPasswordError::Wrong | LinkPasswordError::Length | LinkPasswordError::Common { .. } => {
            Wrong::Password
        }
        LinkPasswordError::Throttled { retry_after } => Wrong::TooOften(*retry_after),
        LinkPasswordError::Closed => Wrong::Closed,
        LinkPasswordError::Busy => Wrong::Busy,
        LinkPasswordError::Ledger(error) => {
            tracing::error!(%error, "the password of a link could not be judged");
            Wrong::Busy
        }
    };
    if let Err(unwritten) = asked.refused(why.code()).await {
        return asked.turn_away(unwritten).await;
    }
    page::password(&asked.visitor, Some(wrong))
}

/// Sends whoever takes a file to its address in the store.
async fn file(State(portal): State<Portal>, visitor: Visitor, body: Bytes) -> Response {
    let mut asked = Asked::new(portal, visitor, "LinkFetch");
    let fields = fields(&body);
    match fetched(&mut asked, &fields).await {
        Ok(response) => response,
        Err(why) => asked.turn_away(why).await,
    }
}

async fn fetched(
    asked: &mut Asked,
    fields: &BTreeMap<String, String>,
) -> Result<Response, TurnedAway> {
    let link = asked.opened().await?;
    let below = fields.get("path").map(String::as_str).unwrap_or_default();
    let (showing, word) = match fields.get("as").map(String::as_str) {
        Some("show") => (Showing::Inline, "looked at"),
        Some(_) | None => (Showing::Attachment, "saved"),
    };
    let download = asked.files().fetch_by_link(&link, below, showing).await?;
    let what = if below.is_empty() { link.name() } else { below };
    asked.done(format!("{word} `{what}`")).await?;
    Ok(to(&download.url))
}

/// Packs a folder while it is fetched.
async fn archive(State(portal): State<Portal>, visitor: Visitor, body: Bytes) -> Response {
    let mut asked = Asked::new(portal, visitor, "LinkArchive");
    let fields = fields(&body);
    match packed(&mut asked, &fields).await {
        Ok(response) => response,
        Err(why) => asked.turn_away(why).await,
    }
}

async fn packed(
    asked: &mut Asked,
    fields: &BTreeMap<String, String>,
) -> Result<Response, TurnedAway> {
    let link = asked.opened().await?;
    let below = fields.get("path").map(String::as_str).unwrap_or_default();
    let archive = asked.files().archive_by_link(&link, below).await?;
    asked.done(format!("saved all of `{}/{below}`", link.name())).await?;
    let named = content_disposition(Disposition::Attachment, &archive.name);
    let head = [(CONTENT_TYPE, "application/zip"), (CONTENT_DISPOSITION, named.as_str())];
    Ok((head, Body::from_stream(archive.bytes)).into_response())
}

/// Somebody loads an address anew that only forms send to.
async fn back(visitor: Visitor) -> Response {
    if visitor.token.is_none() {
        return page::unavailable(&visitor);
    }
    to(&visitor.address(""))
}

/// The fields of a form; of two of one name the last.
pub(crate) fn fields(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Sends a browser there by `GET`, whatever it sent.
pub(crate) fn to(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        tracing::error!("an address cannot be written as a header");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    response.extensions_mut().insert(SharedPage::Plain);
    response
}
