//! The security headers that every response carries, whatever it is: page, JSON, problem, 404.
//!
//! Source: OWASP ASVS 5.0.0, V3.4; Content Security Policy Level 3.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;
use http::header::InvalidHeaderValue;

const TWO_YEARS_WITH_SUBDOMAINS: &str = "max-age=63072000; includeSubDomains";
const NOTHING_PERMITTED: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    serial=(), usb=(), xr-spatial-tracking=()";

/// For [`SharedPage`]s. Under `no-referrer` browsers say `Origin: null` of forms, and whose page it was would
/// rest on `Sec-Fetch-Site` alone. The store learns no address from either.
const TO_US_ALONE: &str = "same-origin";

/// The headers as they are sent, written once at start.
#[derive(Debug, Clone)]
pub(crate) struct SecurityHeaders {
    all: Arc<Vec<(HeaderName, HeaderValue)>>,
    /// The policy of [`SharedPage::Plain`], in the place of the interface's own.
    shared: HeaderValue,
    /// The policy of [`SharedPage::Sending`].
    sending: HeaderValue,
}

/// Marks an answer as a page for strangers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SharedPage {
    /// It runs no script, and its forms may lead to the store.
    Plain,
    /// It runs our one script that sends files, and speaks to us alone.
    Sending,
}

impl SecurityHeaders {
    /// `s3_origin` is where people's files come from and go to; `over_tls` says whether browsers
    /// reach the portal by https.
    pub(crate) fn new(s3_origin: &str, over_tls: bool) -> Result<Self, InvalidHeaderValue> {
        let policy = HeaderValue::from_str(&content_security_policy(s3_origin))?;
        let mut headers = vec![
            (CONTENT_SECURITY_POLICY, policy),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (named("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
            (named("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
            (named("permissions-policy"), HeaderValue::from_static(NOTHING_PERMITTED)),
        ];
        if over_tls {
            let hsts = HeaderValue::from_static(TWO_YEARS_WITH_SUBDOMAINS);
            headers.push((STRICT_TRANSPORT_SECURITY, hsts));
        }
        let shared = HeaderValue::from_str(&policy_of_shared_pages(s3_origin))?;
        let sending = HeaderValue::from_static(POLICY_OF_SENDING_PAGES);
        Ok(Self { all: Arc::new(headers), shared, sending })
    }
}

fn named(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

fn content_security_policy(s3: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {s3}; \
         media-src {s3}; frame-src {s3}; connect-src 'self' {s3}; font-src 'self'; \
         worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app-worker"
    )
}

/// A form that fetches a file is answered with the file's address in the store, and browsers hold that against
/// `form-action`, too.
fn policy_of_shared_pages(s3: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {s3}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Of all that the interface may do, a page that sends files may run our script and its workers, and speak to us: an
/// address of the store would tell whoever sends where things are.
const POLICY_OF_SENDING_PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types app-worker";

/// Adds the headers to whatever comes out. What is not told to be kept is not stored.
pub(crate) async fn add(
    State(headers): State<SecurityHeaders>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let kind = response.extensions().get::<SharedPage>().copied();
    let out = response.headers_mut();
    for (name, value) in headers.all.iter() {
        out.insert(name.clone(), value.clone());
    }
    if let Some(kind) = kind {
        let policy = match kind {
            SharedPage::Plain => &headers.shared,
            SharedPage::Sending => &headers.sending,
        };
        out.insert(CONTENT_SECURITY_POLICY, policy.clone());
        out.insert(REFERRER_POLICY, HeaderValue::from_static(TO_US_ALONE));
    }
    if !out.contains_key(CACHE_CONTROL) {
        out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
