//! What a file request opens: a page that the server writes, on which people without an account say who they are and
//! send files, and the few addresses below it by which the page's script sends them.
//!
//! These routes are no part of the API. Each use is written to the audit log here. A sender is told what is wrong with
//! their own files, and of all else one thing: nothing of the folder, of other senders, or of whose it is.
//!
//! Invariant: what stands in a request's address is in no log, no page but its own, and no address of another host;
//! a sender's upload is found by that sender's cookie alone.

mod asked;
mod page;
mod sender;
mod sending;
mod words;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use axum::routing::{any, get, post, put};
use jiff::SignedDuration;
use wh_files::{NewcomerForm, NotEntered, RequestRefusal, StandingRequest};
use wh_people::{EnterError, LinkPasswordError, SenderToken};

use self::asked::{Asked, TurnedAway};
use self::page::Wrong;
use self::sender::Sender;
use crate::shared::{fields, to};
use crate::state::Portal;

/// How long a browser remembers as whom it sends.
const SENDER_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Where the pages of requests are.
pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/r/{token}", get(show).post(enter))
        .route("/r/{token}/uploads", get(sending::unfinished).post(sending::begin))
        .route("/r/{token}/uploads/{id}", get(sending::show).delete(sending::abort))
        .route("/r/{token}/uploads/{id}/parts/{n}", put(sending::pass_part))
        .route("/r/{token}/uploads/{id}/complete", post(sending::complete))
        // Nothing of the application is below the address of a request.
        .route("/r/", any(nothing))
        .route("/r/{token}/", any(nothing))
        .route("/r/{token}/{*rest}", any(nothing))
}

async fn nothing(sender: Sender) -> Response {
    page::unavailable(&sender)
}

/// The page of a request: who sends, or what they send.
async fn show(State(portal): State<Portal>, sender: Sender) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestOpen");
    match shown(&mut asked).await {
        Ok(page) => page,
        Err(why) => asked.turn_away(why).await,
    }
}

async fn shown(asked: &mut Asked) -> Result<Response, TurnedAway> {
    let standing = asked.standing().await?;
    let bounds = page::Bounds::of(&standing);
    let held = asked.sender.held.clone();
    match asked.files().open_request(standing, held.as_ref()).await {
        Ok(request) => {
            let sent = asked.files().sent(&request).await.map_err(RequestRefusal::from)?;
            asked.shown(format!("`{}` looked at it", request.sender().folder)).await?;
            Ok(page::send(&asked.sender, &bounds, (&request, &sent)))
        }
        Err(RequestRefusal::NotEntered) => {
            asked.shown("looked at it".to_owned()).await?;
            Ok(page::enter(&asked.sender, &bounds, None))
        }
        Err(why) => Err(why.into()),
    }
}

/// Takes who somebody is, and the password.
async fn enter(State(portal): State<Portal>, sender: Sender, body: Bytes) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestEnter");
    match entered(&mut asked, &body).await {
        Ok(response) => response,
        Err(why) => asked.turn_away(why).await,
    }
}

async fn entered(asked: &mut Asked, body: &[u8]) -> Result<Response, TurnedAway> {
    let standing = asked.standing().await?;
    let fields = fields(body);
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let form =
        NewcomerForm { name: text("name"), email: text("email"), password: text("password") };
    let (peer, given) = (asked.sender.peer.clone(), (text("name"), text("email")));
    match asked.files().enter_request(&standing, form, &peer).await {
        Ok(token) => comes_in(asked, standing, &token).await,
        Err(why) => not_entered(asked, &standing, (&why, given)).await,
    }
}

async fn comes_in(
    asked: &mut Asked,
    standing: StandingRequest,
    token: &SenderToken,
) -> Result<Response, TurnedAway> {
    let request = asked.files().open_request(standing, Some(token)).await?;
    asked.done(format!("`{}` came in", request.sender().folder)).await?;
    let cookie = asked.portal.cookie();
    let mut response = to(&asked.sender.address(""));
    match cookie.set_sender((asked.sender.token_text(), token.expose()), SENDER_KNOWN_FOR) {
        Ok(value) => drop(response.headers_mut().insert(SET_COOKIE, value)),
        Err(_never) => tracing::error!("the cookie of a sender cannot be written"),
    }
    Ok(response)
}

async fn not_entered(
    asked: &Asked,
    standing: &StandingRequest,
    (why, given): (&NotEntered, (&str, &str)),
) -> Result<Response, TurnedAway> {
    let (wrong, code) = match why {
        NotEntered::Name => (Wrong::Name, "request-sender-name"),
        NotEntered::Email => (Wrong::Email, "request-sender-email"),
        NotEntered::Refused(why) => (wrong_of(why)?, why.code()),
    };
    asked.refused(code).await?;
    Ok(page::enter(&asked.sender, &page::Bounds::of(standing), Some((wrong, given))))
}

fn wrong_of(why: &EnterError) -> Result<Wrong, TurnedAway> {
    Ok(match why {
        EnterError::Password(why) => match why {
            LinkPasswordError::Wrong
            | LinkPasswordError::Length
            | LinkPasswordError::Common { .. } => Wrong::Password,
            LinkPasswordError::Throttled { retry_after } => Wrong::TooOften(*retry_after),
            LinkPasswordError::Closed => Wrong::Closed,
            LinkPasswordError::Busy => Wrong::Busy,
            LinkPasswordError::Ledger(error) => {
                tracing::error!(%error, "the password of a request could not be judged");
                Wrong::Busy
            }
        },
        EnterError::NoMore => return Err(RequestRefusal::Full.into()),
        EnterError::Ledger(error) => {
            tracing::error!(%error, "a sender could not be kept");
            Wrong::Busy
        }
    })
}
