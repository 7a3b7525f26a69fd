//! Signing in by a provider: leaving for it and coming back, and what is linked to an account.
//!
//! The provider sends the browser back to a page, which hands what stands in its address to
//! [`answer`]: nothing is changed by an address alone.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use wh_people::{
    Administrator, Arrived, Departure, Entered, NotSignedIn, Peer, Person, Proven,
    ProvenAdministrator, ProviderAnswer, ProviderError, SignInToken, SignedIn,
};

use super::password_links::password_page;
use super::session::{end_replaced, known_device};
use crate::answers::{AdministratorProblems, PersonProblems, PublicProblems};
use crate::extract::{Client, Id, IdOf, JsonBody, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    IdentitiesBody, LinkedSignInsBody, ProviderAnswerBody, ProviderArrivalBody,
    ProviderDepartureBody, ProviderLeaveBody, ProviderOutcomeBody, ProvidersBody,
    SecondFactorNeededBody,
};

/// The providers by which one can sign in.
#[utoipa::path(get, path = "/api/v1/session/providers", tag = "providers", security(()),
    responses((status = 200, body = ProvidersBody), PublicProblems))]
pub(crate) async fn index(State(portal): State<Portal>) -> Json<ProvidersBody> {
    let providers = portal.people().provider_names().into_iter().map(render::provider);
    Json(ProvidersBody { providers: providers.collect() })
}

/// Begins to sign in by a provider: where this browser goes now.
#[utoipa::path(post, path = "/api/v1/session/providers/{id}", tag = "providers", security(()),
    params(("id" = String, Path, description = "The provider.")),
    request_body = ProviderLeaveBody,
    responses((status = 200, body = ProviderDepartureBody), PublicProblems))]
pub(crate) async fn leave(
    State(portal): State<Portal>,
    Client(peer): Client,
    Id(id): Id,
    JsonBody(form): JsonBody<ProviderLeaveBody>,
) -> Result<Response, Problem> {
    let back = form.return_to.as_deref();
    let departure = portal.people().leave_to_sign_in(&id, back, &peer).await?;
    departed(&portal, &departure)
}

/// Begins to link a provider to one's account. Needs a fresh proof.
#[utoipa::path(post, path = "/api/v1/account/identities/{id}", tag = "providers",
    params(("id" = String, Path, description = "The provider.")),
    request_body = ProviderLeaveBody,
    responses((status = 200, body = ProviderDepartureBody), PersonProblems))]
pub(crate) async fn leave_to_link(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
    Id(id): Id,
    JsonBody(form): JsonBody<ProviderLeaveBody>,
) -> Result<Response, Problem> {
    let back = (form.return_to.as_deref(), &peer);
    let departure = portal.people().leave_to_link(&person, &id, back).await?;
    departed(&portal, &departure)
}

/// Begins to prove once more who one is, by a provider that is linked: it asks again.
#[utoipa::path(post, path = "/api/v1/session/proof/providers/{id}", tag = "providers",
    params(("id" = String, Path, description = "The provider.")),
    request_body = ProviderLeaveBody,
    responses((status = 200, body = ProviderDepartureBody), PersonProblems))]
pub(crate) async fn leave_to_prove(
    State(portal): State<Portal>,
    person: Person,
    Client(peer): Client,
    Id(id): Id,
    JsonBody(form): JsonBody<ProviderLeaveBody>,
) -> Result<Response, Problem> {
    let back = (form.return_to.as_deref(), &peer);
    let departure = portal.people().leave_to_prove(&person, &id, back).await?;
    departed(&portal, &departure)
}

/// Takes a provider's answer, in the browser that left for it: signs in, links, or takes the proof.
#[utoipa::path(post, path = "/api/v1/session/providers/{id}/answer", tag = "providers",
    security(()),
    params(("id" = String, Path, description = "The provider.")),
    request_body = ProviderAnswerBody,
    responses((status = 200, body = ProviderArrivalBody), PublicProblems))]
pub(crate) async fn answer(
    State(portal): State<Portal>,
    Client(peer): Client,
    headers: HeaderMap,
    Id(id): Id,
    JsonBody(form): JsonBody<ProviderAnswerBody>,
) -> Result<Response, Problem> {
    let token = portal.cookie().read_provider(&headers).map(SignInToken::parse);
    let Some(Ok(token)) = token else { return Err(ProviderError::Over.into()) };
    let person = somebody(&portal, &headers).await?;
    let ProviderAnswerBody { state, code, iss, error } = form;
    let answer = ProviderAnswer { state, code, iss, error };
    let who = (&token, person.as_ref());
    let arrived = portal.people().arrive((&id, &answer), who, &peer).await?;
    let mut response = arrival(&portal, (&id, &headers, &peer), arrived).await?;
    let spent = portal.cookie().clear_provider().map_err(|error| Problem::internal(&error))?;
    response.headers_mut().append(SET_COOKIE, spent);
    Ok(response)
}

/// By what one signs in: linked providers and a password.
#[utoipa::path(get, path = "/api/v1/account/identities", tag = "providers",
    responses((status = 200, body = LinkedSignInsBody), PersonProblems))]
pub(crate) async fn identities(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<LinkedSignInsBody>, Problem> {
    let linked = portal.people().linked_sign_ins(&person).await?;
    let providers = portal.people().provider_names().into_iter().map(render::provider);
    Ok(Json(LinkedSignInsBody {
        identities: linked.identities.into_iter().map(render::identity).collect(),
        providers: providers.collect(),
        proofs: linked.proofs.into_iter().map(render::provider).collect(),
        password: linked.password,
    }))
}

/// Takes one's own link away. Needs a fresh proof; the last way to sign in stays.
#[utoipa::path(delete, path = "/api/v1/account/identities/{id}", tag = "providers",
    params(("id" = String, Path, description = "The link.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn unlink(
    State(portal): State<Portal>,
    person: Proven,
    Client(peer): Client,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.people().unlink(&person, &id, &peer).await?;
    portal.files().forget(person.person().uid());
    Ok(StatusCode::NO_CONTENT)
}

/// The linked sign-ins of a person.
#[utoipa::path(get, path = "/api/v1/people/{uid}/identities", tag = "providers",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = IdentitiesBody), AdministratorProblems))]
pub(crate) async fn of_person(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<IdentitiesBody>, Problem> {
    let identities = portal.people().identities_of(&administrator, &uid(&person)?).await?;
    let identities = identities.into_iter().map(render::identity).collect();
    Ok(Json(IdentitiesBody { identities }))
}

/// Takes a linked sign-in of a person away, and ends their sessions. It may be their last way to sign in.
#[utoipa::path(delete, path = "/api/v1/people/{uid}/identities/{id}", tag = "providers",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person."),
        ("id" = String, Path, description = "The link.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn unlink_for(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Client(peer): Client,
    IdOf(person, id): IdOf,
) -> Result<StatusCode, Problem> {
    let uid = uid(&person)?;
    portal.people().unlink_for(&administrator, (&uid, &id), &peer).await?;
    portal.files().forget(&uid);
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever is signed in here, if somebody is, and sees as nobody else: what they left for is not done then.
async fn somebody(portal: &Portal, headers: &HeaderMap) -> Result<Option<Person>, Problem> {
    let Ok(session) = portal.session_token(headers) else { return Ok(None) };
    match portal.people().recognise(&session).await {
        Ok(person) => {
            let sees = portal.people().viewing_of(&person).await?.is_some();
            Ok((!sees).then_some(person))
        }
        Err(NotSignedIn::NoSession) => Ok(None),
        Err(NotSignedIn::Ledger(error)) => Err(error.into()),
    }
}

fn departed(portal: &Portal, departure: &Departure) -> Result<Response, Problem> {
    let cookie = portal.cookie().set_provider(departure.token.expose(), departure.life);
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    let body = ProviderDepartureBody { location: departure.location.clone() };
    Ok(([(SET_COOKIE, cookie)], Json(body)).into_response())
}

async fn arrival(
    portal: &Portal,
    (provider, headers, peer): (&str, &HeaderMap, &Peer),
    arrived: Arrived,
) -> Result<Response, Problem> {
    let said = |noted: Noted, what: &str| noted.and_said(format!("{what} by `{provider}`"));
    let body = |outcome, return_to| ProviderArrivalBody { outcome, return_to, second_factor: None };
    match arrived {
        Arrived::Entered(Entered::SignedIn(session), back) => {
            end_replaced(portal, headers).await?;
            portal.files().forget(session.person.uid());
            let noted = said(Noted::by(session.person.uid()), "signed in");
            let body = body(ProviderOutcomeBody::SignedIn, back);
            let mut response = with_session(portal, &session, (noted, body))?;
            let device = known_device(portal, &session, peer).await?;
            response.headers_mut().append(SET_COOKIE, device);
            Ok(response)
        }
        Arrived::Entered(Entered::HalfWay { token, expires, factors, uid }, back) => {
            let cookie = portal.cookie().set_sign_in(token.expose());
            let cookie = cookie.map_err(|error| Problem::internal(&error))?;
            let (totp, passkey) = (factors.totp, factors.passkey);
            let expires = expires.to_string();
            let needed = SecondFactorNeededBody { expires, totp, passkey, new_password: None };
            let mut body = body(ProviderOutcomeBody::SecondFactor, back);
            body.second_factor = Some(needed);
            portal.files().forget(&uid);
            let noted = said(Noted::by(&uid), "the second step is awaited after a sign-in");
            Ok((noted, [(SET_COOKIE, cookie)], Json(body)).into_response())
        }
        // No password was shown, so that none can be too short; were it so, the way out is told.
        Arrived::Entered(Entered::LongerPassword { link, uid }, back) => {
            let mut body = body(ProviderOutcomeBody::SecondFactor, back);
            body.second_factor = Some(SecondFactorNeededBody {
                expires: link.expires_at.to_string(),
                totp: false,
                passkey: false,
                new_password: Some(password_page(&link)),
            });
            let noted = said(Noted::by(&uid), "a longer password is awaited after a sign-in");
            Ok((noted, Json(body)).into_response())
        }
        Arrived::Linked(uid, back) => {
            let noted = said(Noted::by(&uid), "linked a sign-in");
            Ok((noted, Json(body(ProviderOutcomeBody::Linked, back))).into_response())
        }
        Arrived::Proved(session, back) => {
            let noted = said(Noted::by(session.person.uid()), "proved once more");
            with_session(portal, &session, (noted, body(ProviderOutcomeBody::Proved, back)))
        }
    }
}

fn with_session(
    portal: &Portal,
    session: &SignedIn,
    (noted, body): (Noted, ProviderArrivalBody),
) -> Result<Response, Problem> {
    let cookie = portal.cookie().set(session.token.expose());
    let cookie = cookie.map_err(|error| Problem::internal(&error))?;
    Ok((noted, [(SET_COOKIE, cookie)], Json(body)).into_response())
}
