//! Who comes by a shared link: with what, from where, and in which language they read.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use url::form_urlencoded;
use wh_people::{LinkToken, LinkVisit, Peer};

use super::words::{Words, words_for};
use crate::extract::peer;
use crate::observe::RequestId;
use crate::state::Portal;

/// Somebody without an account, perhaps.
pub(super) struct Visitor {
    pub(super) token: Option<LinkToken>,
    pub(super) visit: Option<LinkVisit>,
    pub(super) peer: Peer,
    pub(super) request_id: String,
    pub(super) words: &'static Words,
}

impl Visitor {
    /// What stands in the address, where it could be a token: nothing else is written into a page.
    pub(super) fn token_text(&self) -> &str {
        self.token.as_ref().map(LinkToken::expose).unwrap_or_default()
    }

    /// The address of the link's page, or of something below it: `/file`.
    pub(super) fn address(&self, below: &str) -> String {
        format!("/s/{}{below}", self.token_text())
    }
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Infallible> {
        let token = Path::<String>::from_request_parts(parts, portal).await.ok();
        let visit = portal.cookie().read_visit(&parts.headers);
        let languages = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let id = parts.extensions.get::<RequestId>();
        Ok(Self {
            token: token.and_then(|Path(token)| LinkToken::parse(&token).ok()),
            visit: visit.and_then(|visit| LinkVisit::parse(visit).ok()),
            peer: peer(parts, portal),
            request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
            words: words_for(languages.unwrap_or_default()),
        })
    }
}

/// Where somebody is in a folder: what stands behind the address. What else stands there is nobody's.
#[derive(Default)]
pub(super) struct Visited {
    pub(super) path: String,
    pub(super) cursor: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Visited {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let mut visited = Self::default();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "path" => visited.path = value.into_owned(),
                "cursor" => visited.cursor = Some(value.into_owned()),
                _nothing => {}
            }
        }
        Ok(visited)
    }
}
