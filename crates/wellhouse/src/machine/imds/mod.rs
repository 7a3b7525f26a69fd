//! The instance metadata service, version 2: what EC2 serves to its instances at 169.254.169.254.
//!
//! Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata", "Instance
//! metadata categories", "Retrieve security credentials from instance metadata".
//!
//! Invariant: nothing is told without a token of this very service, which takes a PUT to get; nobody
//! is told anything who comes from another machine, through a proxy, or by a name that a page in a
//! browser could have been made to resolve to this address.

mod documents;
mod token;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use wh_listen::Peer;
use wh_names::{Clock, Entropy};

use super::credentials::{Source, Unavailable};
use super::identity::Enrolled;
use token::Tokens;

/// Where EC2's own metadata service is.
pub(super) const METADATA_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// The header that a token is shown by.
const TOKEN: &str = "x-aws-ec2-metadata-token";
/// The header that asks how long a token shall count, in seconds, and tells it.
const TOKEN_SECONDS: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// The metadata service of one machine.
pub(super) struct Imds {
    machine: Enrolled,
    credentials: Source,
    tokens: Tokens,
    clock: Clock,
}

impl fmt::Debug for Imds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imds").field("machine", &self.machine).finish_non_exhaustive()
    }
}

/// An answer in the making.
struct Answer {
    status: StatusCode,
    kind: &'static str,
    text: String,
    token_seconds: Option<u32>,
}

impl Answer {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { status: StatusCode::OK, kind: "text/plain", text, token_seconds: None }
    }

    fn json(document: &serde_json::Value) -> Self {
        let text = serde_json::to_string_pretty(document).unwrap_or_default();
        Self { status: StatusCode::OK, kind: "application/json", text, token_seconds: None }
    }

    fn refusal(status: StatusCode) -> Self {
        let text = status.canonical_reason().unwrap_or_default().to_owned();
        Self { status, kind: "text/plain", text, token_seconds: None }
    }

    fn dressed(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.token_seconds {
            headers.insert(TOKEN_SECONDS, HeaderValue::from(seconds));
        }
        response
    }
}

impl Imds {
    pub(super) fn new(
        machine: Enrolled,
        credentials: Source,
        (clock, entropy): (Clock, &Entropy),
    ) -> Self {
        Self { machine, credentials, tokens: Tokens::new(entropy.clone()), clock }
    }

    /// Answers one request. Its body is not read: none has one that means anything.
    pub(super) async fn answer<B>(
        self: Arc<Self>,
        request: Request<B>,
        peer: Peer,
    ) -> Response<Body> {
        let (parts, _) = request.into_parts();
        let answered = self.told(&parts, peer).await;
        answered.unwrap_or_else(Answer::refusal).dressed()
    }

    async fn told(&self, parts: &Parts, peer: Peer) -> Result<Answer, StatusCode> {
        if !is_here(peer.address.ip()) || !is_direct(parts) {
            tracing::warn!(from = %peer.address, "who comes from elsewhere is refused");
            return Err(StatusCode::FORBIDDEN);
        }
        let path = parts.uri.path();
        if path == "/latest/api/token" {
            return match parts.method {
                Method::PUT => self.token(parts),
                _ => Err(StatusCode::METHOD_NOT_ALLOWED),
            };
        }
        let shown = parts.headers.get(TOKEN).ok_or(StatusCode::UNAUTHORIZED)?;
        let shown = shown.to_str().map_err(|_| StatusCode::UNAUTHORIZED)?;
        if !self.tokens.counts(shown, self.clock.now()) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        self.document(path.trim_end_matches('/')).await
    }

    fn token(&self, parts: &Parts) -> Result<Answer, StatusCode> {
        let asked = parts.headers.get(TOKEN_SECONDS).and_then(|value| value.to_str().ok());
        let seconds: Option<u32> = asked.and_then(|text| text.parse().ok());
        let seconds = seconds.filter(|seconds| token::SECONDS.contains(seconds));
        let seconds = seconds.ok_or(StatusCode::BAD_REQUEST)?;
        let token = self.tokens.issue(seconds, self.clock.now());
        let token = token.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Answer { token_seconds: Some(seconds), ..Answer::text(token) })
    }

    async fn document(&self, path: &str) -> Result<Answer, StatusCode> {
        let machine = &self.machine;
        if let Some(fixed) = documents::fixed(machine, path) {
            return Ok(fixed);
        }
        if let Some(role) = path.strip_prefix("/latest/meta-data/iam/security-credentials/") {
            return match (self.credentials)().await {
                Ok(held) if held.role == role => Ok(documents::credentials(&held)),
                Ok(_) => Err(StatusCode::NOT_FOUND),
                Err(Unavailable::Refused { message, .. }) => {
                    Ok(documents::no_credentials(&message, self.clock.now()))
                }
                Err(Unavailable::Unreachable(_)) => Err(StatusCode::SERVICE_UNAVAILABLE),
            };
        }
        let held = match path {
            "/latest/meta-data/iam/security-credentials" | "/latest/meta-data/iam/info" => {
                (self.credentials)().await
            }
            _ => return Err(StatusCode::NOT_FOUND),
        };
        match held {
            Ok(held) if path.ends_with("info") => Ok(documents::profile(&held)),
            Ok(held) => Ok(Answer::text(held.role.clone())),
            // As on an instance whose profile was taken away.
            Err(Unavailable::Refused { .. }) => Err(StatusCode::NOT_FOUND),
            Err(Unavailable::Unreachable(_)) => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// Whether somebody is on this machine. Who speaks to an address of the machine itself comes from it.
fn is_here(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip == METADATA_ADDRESS,
        IpAddr::V6(ip) => ip.is_loopback(),
    }
}

/// Whether a request comes through no proxy that says so, and by no name but the machine's own. EC2
/// refuses what has `X-Forwarded-For`; the second keeps out pages whose name was made to resolve to this
/// address. Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
fn is_direct(parts: &Parts) -> bool {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
    let is_own = |host: &str| host == "localhost" || host.parse().is_ok_and(is_here);
    !wh_listen::is_proxied(&parts.headers) && host.is_some_and(|host| is_own(host.host()))
}

#[cfg(test)]
mod tests;
