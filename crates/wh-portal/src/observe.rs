//! Every request has an id, an end, and one line in the log.
//!
//! Invariant: neither query strings nor headers nor bodies are logged, nor what stands in the address of a
//! shared link, so neither tokens nor presigned signatures ever are.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use wh_names::{Clock, Entropy};

use crate::problem::{Code, Problem};
use crate::router::hands_on;

/// How long a request may take, from its head to the head of its answer.
const REQUEST_TIME_MAX: Duration = Duration::from_mins(2);

/// How long a request may take whose body goes on to the store as it comes over somebody's slow line.
const BODY_TIME_MAX: Duration = Duration::from_hours(1);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is needed to tell requests apart.
#[derive(Debug, Clone)]
pub(crate) struct Observer {
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
}

/// What a request is called, in the log, in the audit trail and in its answer.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Names the request, waits for its answer no longer than [`REQUEST_TIME_MAX`], and logs both.
pub(crate) async fn request(
    State(observer): State<Observer>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = format!("{:032x}", u128::from_be_bytes(observer.entropy.bytes::<16>()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id, %method, path = told(&path));
    let begun = observer.clock.now();
    let time = if hands_on(&method, &path) { BODY_TIME_MAX } else { REQUEST_TIME_MAX };
    let answer = tokio::time::timeout(time, next.run(request));
    let mut response = match answer.instrument(span.clone()).await {
        Ok(response) => response,
        Err(_elapsed) => {
            Problem::new(Code::TookTooLong, "the answer took too long").into_response()
        }
    };
    let millis = observer.clock.now().as_millisecond().saturating_sub(begun.as_millisecond());
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, millis, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// An address, as logs tell it: what opens a shared link or a file request is left out, whatever follows it.
fn told(path: &str) -> &str {
    // Two slashes are as good as one to somebody who mistypes, and the token is in it all the same.
    let bare = path.trim_start_matches('/');
    if bare.starts_with("s/") {
        "/s/…"
    } else if bare.starts_with("r/") {
        "/r/…"
    } else {
        path
    }
}

/// Says in the log what was turned away before the audit trail could have it, and from where.
pub(crate) fn turned_away(problem: &Problem, from: Option<IpAddr>) {
    let from = from.map(tracing::field::display);
    tracing::warn!(code = problem.code(), from, "a request was turned away");
}
