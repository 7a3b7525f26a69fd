//! Cross-site requests that would change something are turned away before anything looks at them.
//!
//! An unsafe method passes when the browser says `Sec-Fetch-Site: same-origin` or `none`, or when
//! its `Origin` is one of the portal's own. A request that says neither is turned away as well:
//! a client that is not a browser sends `Origin`. Bodies must be JSON, which no form can send;
//! the pages of shared links have forms of their own, and no session.
//!
//! What brings an API token brings no cookie, and no browser adds one by itself: it passes from
//! anywhere. With a cookie beside the token it is turned away, whatever it asks.
//!
//! Source: OWASP ASVS 5.0.0, 3.5.1–3.5.3; Fetch Metadata Request Headers.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    AsHeaderName, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ORIGIN, TRANSFER_ENCODING,
};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::bearer::bearer;
use crate::observe::turned_away;
use crate::problem::{Code, Problem};
use crate::router::hands_on;
use crate::state::Portal;

/// The portal's own origins, as browsers write them: `https://files.example.org`.
#[derive(Debug, Clone)]
pub(crate) struct OwnOrigins(Arc<BTreeSet<String>>);

impl OwnOrigins {
    pub(crate) fn new(origins: &[String]) -> Self {
        let normal = |origin: &String| origin.trim_end_matches('/').to_ascii_lowercase();
        Self(Arc::new(origins.iter().map(normal).collect()))
    }
}

/// Lets safe methods, the portal's own pages and its own clients pass. Of whatever else comes the log
/// has a line.
pub(crate) async fn guard(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let judged = judge(request.method(), request.headers(), &portal.own_origins())
        .and_then(|()| check_body(request.method(), request.uri().path(), request.headers()));
    match judged {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let socket = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
            turned_away(&problem, portal.client(socket, request.headers()));
            problem.into_response()
        }
    }
}

fn judge(method: &Method, headers: &HeaderMap, own: &OwnOrigins) -> Result<(), Problem> {
    let by_token = bearer(headers).is_some();
    if by_token && headers.contains_key(COOKIE) {
        let why = "an API token is sent without cookies: the request says twice who asks";
        return Err(Problem::new(Code::TwoCredentials, why));
    }
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let site = only(headers, "sec-fetch-site");
    let from_here = site == Some("same-origin") || site == Some("none");
    let origin_is_ours =
        only(headers, ORIGIN).is_some_and(|origin| own.0.contains(&origin.to_ascii_lowercase()));
    if !by_token && !from_here && !origin_is_ours {
        let why = "the request did not come from this portal's own pages; a client that is not a \
                   browser sends the portal's own address as `Origin`";
        return Err(Problem::new(Code::CrossSiteRequest, why));
    }
    Ok(())
}

/// No form sends what is taken here, but for the forms of shared links.
fn check_body(method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || !has_body(headers) {
        return Ok(());
    }
    let (wanted, why) = if hands_on(method, path) {
        (OCTETS, "a part is sent as `content-type: application/octet-stream`")
    } else if path.starts_with("/s/") || is_form_of_request(path) {
        (FORM, "this page takes `content-type: application/x-www-form-urlencoded`")
    } else {
        (JSON, "bodies are sent as `content-type: application/json`")
    };
    if is_of(headers, wanted) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, why))
}

/// Whether it is the page of a file request, whose form asks who sends. What is below it takes JSON.
fn is_form_of_request(path: &str) -> bool {
    path.strip_prefix("/r/").is_some_and(|token| !token.contains('/'))
}

const JSON: &str = "application/json";
/// What the pages of shared links send, which work without scripts. Whose page it was, [`judge`] has asked.
const FORM: &str = "application/x-www-form-urlencoded";
const OCTETS: &str = "application/octet-stream";

/// The header's value if it was sent exactly once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    length || headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(CONTENT_TYPE)
}

fn is_of(headers: &HeaderMap, kind: &str) -> bool {
    only(headers, CONTENT_TYPE).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(kind)
    })
}

#[cfg(test)]
mod tests {
    use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ORIGIN};
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::{OwnOrigins, check_body, judge};

    const OURS: &str = "https://files.example.org";

    fn passes(method: Method, site: Option<&'static str>, origin: Option<&'static str>) -> bool {
        let own = OwnOrigins::new(&[format!("{OURS}/")]);
        let mut headers = HeaderMap::new();
        let site_name = HeaderName::from_static("sec-fetch-site");
        headers.extend(site.map(|v| (site_name, HeaderValue::from_static(v))));
        headers.extend(origin.map(|v| (ORIGIN, HeaderValue::from_static(v))));
        judge(&method, &headers, &own).is_ok()
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let sites =
            [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];
        let evil = Some("https://evil.example");
        let neighbour = Some("https://files.example.org.evil.example");
        let origins =
            [None, Some(OURS), Some("null"), evil, neighbour, Some("http://files.example.org")];
        let methods = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        for (site, origin) in sites.iter().flat_map(|s| origins.iter().map(move |o| (*s, *o))) {
            let expected = matches!(site, Some("same-origin" | "none")) || origin == Some(OURS);
            for method in methods.clone() {
                assert_eq!(passes(method, site, origin), expected, "{site:?} {origin:?}");
            }
            assert!(passes(Method::GET, site, origin));
        }
    }

    #[test]
    fn a_token_passes_from_anywhere_and_never_beside_a_cookie() {
        let own = OwnOrigins::new(&[OURS.to_owned()]);
        let token = (AUTHORIZATION, HeaderValue::from_static("Bearer wh_pat_1"));
        let cookie = (COOKIE, HeaderValue::from_static("a=b"));
        let basic = (AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        for (lines, reads, changes) in [
            (vec![token.clone()], true, true),
            (vec![token, cookie.clone()], false, false),
            (vec![cookie.clone()], true, false),
            (vec![basic, cookie], true, false),
        ] {
            let headers = HeaderMap::from_iter(lines);
            for (method, expected) in [(Method::GET, reads), (Method::POST, changes)] {
                assert_eq!(judge(&method, &headers, &own).is_ok(), expected, "{headers:?}");
            }
        }
    }

    #[test]
    fn a_body_that_a_form_could_send_is_turned_away() {
        for (kind, expected) in [
            ("application/json", true),
            ("application/octet-stream", false),
            ("application/json; charset=utf-8", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain; application/json", false),
        ] {
            let headers = HeaderMap::from_iter([
                (ORIGIN, HeaderValue::from_static(OURS)),
                (CONTENT_LENGTH, HeaderValue::from_static("2")),
                (CONTENT_TYPE, HeaderValue::from_static(kind)),
            ]);
            let taken = check_body(&Method::POST, "/api/v1/uploads", &headers);
            assert_eq!(taken.is_ok(), expected, "{kind}");
            let part = check_body(&Method::PUT, "/api/v1/uploads/u/parts/1", &headers);
            assert_eq!(part.is_ok(), kind == "application/octet-stream", "{kind}");
        }
    }
}
