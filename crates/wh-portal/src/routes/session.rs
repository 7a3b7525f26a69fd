//! Signing in and out. The session's token travels in the cookie and nowhere else.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use wh_people::{Entered, LoginError, LoginForm, Peer, Person, SignedIn};

use super::password_links::password_page;
use crate::answers::{PersonProblems, PublicProblems};
use crate::extract::{Caller, Client, JsonBody, secret};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{PersonBody, SecondFactorNeededBody, SessionBody, SessionFactorBody, SignInBody};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Who is signed in, or whose API token it is.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = SessionBody), PersonProblems))]
pub(crate) async fn show(Caller(person): Caller) -> Json<SessionBody> {
    Json(body(&person))
}

/// Signs in, or begins to: where a second factor is set up, it is awaited next; where there is none any
/// more and the password is too short by itself, a longer one.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()),
    request_body = SignInBody,
    responses((status = 200, body = SessionBody),
        (status = 202, body = SecondFactorNeededBody), PublicProblems))]
pub(crate) async fn sign_in(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
    JsonBody(form): JsonBody<SignInBody>,
) -> Result<Response, Problem> {
    let form = LoginForm { name: form.name, password: secret(&form.password, "password")? };
    let name = form.name.clone();
    let entered = match portal.people().login(form, &peer).await {
        Err(LoginError::Refused) => return refused(&portal, &name).await,
        entered => entered?,
    };
    let (token, expires, factors, uid) = match entered {
        Entered::SignedIn(session) => {
            return welcome((&portal, &headers, &peer), StatusCode::OK, &session).await;
        }
        Entered::HalfWay { token, expires, factors, uid } => (token, expires, factors, uid),
        Entered::LongerPassword { link, uid } => {
            let noted = Noted::by(&uid).and_said("a longer password is awaited");
            let needed = SecondFactorNeededBody {
                expires: link.expires_at.to_string(),
                totp: false,
                passkey: false,
                new_password: Some(password_page(&link)),
            };
            return Ok((StatusCode::ACCEPTED, noted, Json(needed)).into_response());
        }
    };
    let cookie = portal.cookie().set_sign_in(token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    let (totp, passkey) = (factors.totp, factors.passkey);
    let expires = expires.to_string();
    let needed = SecondFactorNeededBody { expires, totp, passkey, new_password: None };
    let noted = Noted::by(&uid).and_said("the second step is awaited");
    Ok((StatusCode::ACCEPTED, noted, [(SET_COOKIE, cookie)], Json(needed)).into_response())
}

/// The answer to whoever did not show that they are who they say. The trail tells whom it concerns, and not
/// what was typed; nothing else differs for a name that somebody has.
async fn refused(portal: &Portal, name: &str) -> Result<Response, Problem> {
    let whom = portal.people().uid_by_name(name).await?;
    let noted = whom.as_ref().map(Noted::against).unwrap_or_default();
    Ok((noted, Problem::from(LoginError::Refused)).into_response())
}

/// Signs out: this session and every link signed in its name end.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), PersonProblems))]
pub(crate) async fn sign_out(
    State(portal): State<Portal>,
    person: Person,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let token = portal.session_token(&headers)?;
    portal.people().logout(&token).await?;
    portal.files().forget(person.uid());
    let cookie = portal.cookie().clear().map_err(|error| Problem::internal(&error))?;
    // Not all cookies: the browser stays known.
    let everything = HeaderValue::from_static("\"cache\", \"storage\"");
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie), (CLEAR_SITE_DATA, everything)])
        .into_response())
}

/// Ends the session whose cookie the new one's takes the place of: nobody could end it any more who
/// does not look for it. Source: OWASP ASVS 5.0, 7.2.4.
pub(super) async fn end_replaced(portal: &Portal, headers: &HeaderMap) -> Result<(), Problem> {
    if let Ok(token) = portal.session_token(headers) {
        portal.people().logout(&token).await?;
    }
    Ok(())
}

/// The answer to whoever was just signed in: the session and its cookie, in the place of the one that
/// they had, and the cookie by which the browser is known from now on.
pub(super) async fn welcome(
    (portal, headers, peer): (&Portal, &HeaderMap, &Peer),
    status: StatusCode,
    session: &SignedIn,
) -> Result<Response, Problem> {
    end_replaced(portal, headers).await?;
    let mut answer = signed_in(portal, status, session)?;
    answer.headers_mut().append(SET_COOKIE, known_device(portal, session, peer).await?);
    Ok(answer)
}

/// The cookie by which the browser is known in which a session has just begun.
pub(super) async fn known_device(
    portal: &Portal,
    session: &SignedIn,
    peer: &Peer,
) -> Result<HeaderValue, Problem> {
    let device = portal.people().know_device(session, peer).await?;
    portal.cookie().set_device(device.expose()).map_err(|error| Problem::internal(&error))
}

/// The answer to whoever has just proved who they are: the session, and its cookie.
pub(super) fn signed_in(
    portal: &Portal,
    status: StatusCode,
    session: &SignedIn,
) -> Result<Response, Problem> {
    let cookie = portal.cookie().set(session.token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    let noted = Noted::by(session.person.uid());
    Ok((status, noted, [(SET_COOKIE, cookie)], Json(body(&session.person))).into_response())
}

fn body(person: &Person) -> SessionBody {
    SessionBody {
        person: PersonBody {
            uid: person.uid().as_str().to_owned(),
            name: person.name().to_owned(),
            administrator: person.is_administrator(),
        },
        second_factor: SessionFactorBody {
            set: person.has_second_factor(),
            totp: person.factors().totp,
            passkey: person.factors().passkey,
            provider: person.has_provider_factor(),
            required: person.second_factor_required(),
        },
        expires: person.expires().to_string(),
        token: person.scope().map(render::used_token),
        viewing: person.seen().map(render::viewing),
    }
}
