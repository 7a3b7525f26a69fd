//! How many strangers are served at once where a password is hashed: those for whom there is room among the
//! hashes, and as many again, who ask the ledger meanwhile. Who comes beyond is told so before anything is done
//! for them, so that a crowd costs little more than its connections.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use wh_people::LoginError;

use crate::extract::peer;
use crate::observe;
use crate::problem::Problem;
use crate::state::Portal;

/// Where strangers have a password hashed.
const HASHING: [&str; 5] = [
    "/api/v1/invitation/accept",
    "/api/v1/new-password",
    "/api/v1/registration",
    "/api/v1/session",
    "/api/v1/setup",
];

/// The places, and whose door it is.
#[derive(Clone)]
pub(crate) struct Crowd {
    portal: Portal,
    places: Arc<Semaphore>,
}

impl Crowd {
    pub(crate) fn new(portal: Portal) -> Self {
        let places = portal.people().hashes_at_once().saturating_mul(2).min(Semaphore::MAX_PERMITS);
        Self { portal, places: Arc::new(Semaphore::new(places)) }
    }
}

/// Lets in as many as there are places for. The body has come before, so that nobody holds a place who only
/// sends slowly.
pub(crate) async fn limit(State(crowd): State<Crowd>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let hashes =
        request.method() == Method::POST && path.is_some_and(|path| HASHING.contains(&path));
    if !hashes {
        return next.run(request).await;
    }
    if let Ok(_place) = crowd.places.try_acquire() {
        return next.run(request).await;
    }
    let problem = Problem::from(LoginError::Busy);
    let (parts, _body) = request.into_parts();
    observe::turned_away(&problem, peer(&parts, &crowd.portal).ip);
    problem.into_response()
}
