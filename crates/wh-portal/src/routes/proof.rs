//! The second step of signing in, and proving once more who one is.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use wh_people::{FactorCode, Person, Proof, Proven, SignInToken};

use super::passkeys::answer;
use super::session::{signed_in, welcome};
use crate::answers::{PersonProblems, PublicProblems};
use crate::extract::{Client, JsonBody, secret};
use crate::problem::{Code, Problem};
use crate::state::Portal;
use crate::wire::{FactorCodeBody, ProofBody, SessionBody};

/// The second step of signing in: a one-time code, a recovery code or a passkey, in the browser
/// that did the first.
#[utoipa::path(post, path = "/api/v1/session/second-factor", tag = "session", security(()),
    request_body = FactorCodeBody,
    responses((status = 200, body = SessionBody), PublicProblems))]
pub(crate) async fn finish(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
    JsonBody(form): JsonBody<FactorCodeBody>,
) -> Result<Response, Problem> {
    let code = factor_code(form)?;
    let token = portal.cookie().read_sign_in(&headers).map(SignInToken::parse);
    let Some(Ok(token)) = token else { return Err(over()) };
    let session = portal.people().finish_login(&token, &code, &peer).await?;
    let mut answer = welcome((&portal, &headers, &peer), StatusCode::OK, &session).await?;
    let spent = portal.cookie().clear_sign_in().map_err(|error| Problem::internal(&error))?;
    answer.headers_mut().append(SET_COOKIE, spent);
    Ok(answer)
}

/// Proves once more who one is: by a code or a passkey, or by the password where there is
/// none. What answered `step-up-needed` can be asked for again within ten minutes. The session goes on
/// under another token.
#[utoipa::path(post, path = "/api/v1/session/proof", tag = "session",
    request_body = ProofBody,
    responses((status = 200, body = SessionBody), PersonProblems))]
pub(crate) async fn prove(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    JsonBody(form): JsonBody<ProofBody>,
) -> Result<Response, Problem> {
    let ProofBody { password, code, recovery_code, passkey } = form;
    let factor = FactorCodeBody { code, recovery_code, passkey };
    let proof = match password {
        None => Proof::Factor(factor_code(factor)?),
        Some(password) if is_empty(&factor) => Proof::Password(secret(&password, "password")?),
        Some(_) => return Err(one_only()),
    };
    let session = portal.people().prove(&person, &proof, &peer).await?;
    signed_in(&portal, StatusCode::OK, &session)
}

/// Whether the session's last proof is fresh: asked before something that a page cannot ask for again.
#[utoipa::path(get, path = "/api/v1/session/proof", tag = "session",
    responses((status = 204), PersonProblems))]
pub(crate) async fn is_fresh(_proven: Proven) -> StatusCode {
    StatusCode::NO_CONTENT
}

fn factor_code(form: FactorCodeBody) -> Result<FactorCode, Problem> {
    match (form.code, form.recovery_code, form.passkey) {
        (Some(code), None, None) => Ok(FactorCode::Totp(secret(&code, "code")?)),
        (None, Some(code), None) => Ok(FactorCode::Recovery(secret(&code, "recovery_code")?)),
        (None, None, Some(passkey)) => Ok(FactorCode::Passkey(answer(&passkey)?)),
        _none_or_several => Err(one_only()),
    }
}

fn is_empty(form: &FactorCodeBody) -> bool {
    form.code.is_none() && form.recovery_code.is_none() && form.passkey.is_none()
}

/// The answer to whoever has no sign-in that is half-way.
pub(super) fn over() -> Problem {
    let why = "the sign-in has ended; begin again with name and password";
    Problem::coded(StatusCode::FORBIDDEN, "sign-in-over", why)
}

fn one_only() -> Problem {
    Problem::new(Code::InvalidBody, "one proof is sent, and one only")
}
