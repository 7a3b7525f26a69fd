//! One's own second factor: offered, confirmed by a code, its recovery codes, and taken away.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use qrcode::{Color, EcLevel, QrCode};
use wh_names::Secret;
use wh_people::{Person, Proven};

use crate::answers::PersonProblems;
use crate::extract::{Client, JsonBody, secret};
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::{CodeBody, OfferedFactorBody, RecoveryCodesBody, SecondFactorBody};

/// How it stands with one's own second factor.
#[utoipa::path(get, path = "/api/v1/account/second-factor", tag = "second-factor",
    responses((status = 200, body = SecondFactorBody), PersonProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<SecondFactorBody>, Problem> {
    let state = portal.people().second_factor(&person).await?;
    Ok(Json(SecondFactorBody {
        since: state.since.map(|at| at.to_string()),
        recovery_codes_left: state.codes_left,
        required: person.second_factor_required(),
    }))
}

/// Makes a seed and shows it, once. It counts for nothing until it is confirmed by a code. Needs a
/// fresh proof.
#[utoipa::path(post, path = "/api/v1/account/second-factor", tag = "second-factor",
    responses((status = 201, body = OfferedFactorBody), PersonProblems))]
pub(crate) async fn offer(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
) -> Result<(StatusCode, Json<OfferedFactorBody>), Problem> {
    let offer = portal.people().offer_second_factor(&person, &peer).await?;
    let body = OfferedFactorBody {
        secret: offer.secret.expose().to_owned(),
        uri: offer.uri.expose().to_owned(),
        qr: modules(&offer.uri)?,
        expires: offer.expires.to_string(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Takes the seed that was shown as the second factor, by a code of it, in the place of an earlier
/// one; shows the recovery codes, once. The session goes on under another token.
#[utoipa::path(post, path = "/api/v1/account/second-factor/confirm", tag = "second-factor",
    request_body = CodeBody,
    responses((status = 200, body = RecoveryCodesBody), PersonProblems))]
pub(crate) async fn confirm(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    JsonBody(form): JsonBody<CodeBody>,
) -> Result<Response, Problem> {
    let code = secret(&form.code, "code")?;
    let done = portal.people().confirm_second_factor(&person, &code, &peer).await?;
    let cookie = portal.cookie().set(done.session.token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    Ok(([(SET_COOKIE, cookie)], Json(codes(&done.codes))).into_response())
}

/// Makes new recovery codes in the place of the old ones and shows them, once. Needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/account/second-factor/recovery-codes", tag = "second-factor",
    responses((status = 200, body = RecoveryCodesBody), PersonProblems))]
pub(crate) async fn replace_codes(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
) -> Result<Json<RecoveryCodesBody>, Problem> {
    let made = portal.people().replace_recovery_codes(&person, &peer).await?;
    Ok(Json(codes(&made)))
}

/// Takes one's own second factor away. Needs a fresh proof.
#[utoipa::path(delete, path = "/api/v1/account/second-factor", tag = "second-factor",
    responses((status = 204), PersonProblems))]
pub(crate) async fn remove(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
) -> Result<StatusCode, Problem> {
    portal.people().remove_second_factor(&person, &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn codes(codes: &[Secret]) -> RecoveryCodesBody {
    RecoveryCodesBody { codes: codes.iter().map(|code| code.expose().to_owned()).collect() }
}

/// The rows of a QR code without its margin: `1` is dark.
fn modules(uri: &Secret) -> Result<Vec<String>, Problem> {
    let code = QrCode::with_error_correction_level(uri.expose(), EcLevel::M);
    let code = code.map_err(|error| Problem::internal(&error))?;
    let module = |color: &Color| color.select('1', '0');
    let colors = code.to_colors();
    Ok(colors.chunks(code.width()).map(|row| row.iter().map(module).collect()).collect())
}
