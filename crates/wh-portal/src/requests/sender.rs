//! Who comes by a file request: with what, from where, and in which language they read.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use wh_people::{Peer, RequestToken, SenderToken};

use super::words::{Words, words_for};
use crate::extract::peer;
use crate::observe::RequestId;
use crate::state::Portal;

/// Somebody without an account, perhaps.
pub(super) struct Sender {
    pub(super) token: Option<RequestToken>,
    pub(super) held: Option<SenderToken>,
    pub(super) peer: Peer,
    pub(super) request_id: String,
    pub(super) words: &'static Words,
    /// What else stands in the address: the upload, the part.
    rest: BTreeMap<String, String>,
}

impl Sender {
    /// What stands in the address, where it could be a token: nothing else is written into a page.
    pub(super) fn token_text(&self) -> &str {
        self.token.as_ref().map(RequestToken::expose).unwrap_or_default()
    }

    /// The address of the request's page, or of something below it.
    pub(super) fn address(&self, below: &str) -> String {
        format!("/r/{}{below}", self.token_text())
    }

    /// A part of the address: `id`, `n`.
    pub(super) fn named(&self, part: &str) -> &str {
        self.rest.get(part).map(String::as_str).unwrap_or_default()
    }
}

impl FromRequestParts<Portal> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Infallible> {
        let rest = Path::<BTreeMap<String, String>>::from_request_parts(parts, portal).await;
        let rest = rest.map(|Path(rest)| rest).unwrap_or_default();
        let held = portal.cookie().read_sender(&parts.headers);
        let languages = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let id = parts.extensions.get::<RequestId>();
        Ok(Self {
            token: rest.get("token").and_then(|token| RequestToken::parse(token).ok()),
            held: held.and_then(|held| SenderToken::parse(held).ok()),
            peer: peer(parts, portal),
            request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
            words: words_for(languages.unwrap_or_default()),
            rest,
        })
    }
}
