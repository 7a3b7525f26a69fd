//! How many strangers are served at once where a password is hashed: those for whom there is room among the
//! hashes, and as many again, who ask the ledger meanwhile. Who comes beyond is told so before anything is done
//! for them, so that a crowd costs little more than its connections, and when they are to come again.

use std::sync::Arc;
use std::time::Instant;

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
use crate::turns::Turns;

/// Where strangers have a password hashed.
const HASHING: [&str; 7] = [
    "/api/v1/invitation/accept",
    "/api/v1/new-password",
    "/api/v1/registration",
    "/api/v1/session",
    "/api/v1/setup",
    "/r/{token}",
    "/s/{token}",
];

/// The places, and whose door it is.
#[derive(Clone)]
pub(crate) struct Crowd {
    portal: Portal,
    places: Arc<Semaphore>,
    places_in_all: usize,
    /// How many passwords are hashed at the same time.
    hashing: u32,
    turns: Arc<Turns>,
}

impl Crowd {
    pub(crate) fn new(portal: Portal) -> Self {
        let places = portal.people().hashes_at_once().saturating_mul(2).min(Semaphore::MAX_PERMITS);
        let hashing = portal.people().hashes_in_parallel();
        Self {
            portal,
            places: Arc::new(Semaphore::new(places)),
            places_in_all: places,
            hashing: u32::try_from(hashing).unwrap_or(u32::MAX),
            turns: Arc::default(),
        }
    }
}

impl Crowd {
    /// How many are served now.
    fn beside(&self) -> u32 {
        let served = self.places_in_all.saturating_sub(self.places.available_permits());
        u32::try_from(served).unwrap_or(u32::MAX)
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
        let (before, began) = (crowd.beside(), Instant::now());
        let response = next.run(request).await;
        crowd.turns.served(began.elapsed(), before.max(crowd.hashing));
        return response;
    }
    let problem = Problem::from(LoginError::Busy).after(crowd.turns.next(Instant::now()));
    let (parts, _body) = request.into_parts();
    observe::turned_away(&problem, peer(&parts, &crowd.portal).ip);
    problem.into_response()
}
