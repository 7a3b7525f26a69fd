//! How answers are dressed: bodies, error documents, and the headers that every answer wears.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::StreamBody;
use hyper::body::{Frame, SizeHint};
use quick_xml::escape::escape;
use s3s::{Body, dto};
use wh_objects::ByteStream;

use crate::fault::Fault;
use crate::shed::Place;
use crate::signature::RawBody;

const XML: HeaderValue = HeaderValue::from_static("application/xml");
const QUERY_XML: HeaderValue = HeaderValue::from_static("text/xml");
/// Whatever people stored, it is shown in no one's name: no scripts, no forms, no origin.
const SECURITY: [(&str, &str); 2] =
    [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")];
const CONTENT_POLICY: &str = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; \
    style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors";

/// What browsers are told of everything that is stored: what it may do, and whose pages may frame it.
#[derive(Debug, Clone)]
pub(crate) struct ContentPolicy(HeaderValue);

impl ContentPolicy {
    /// Pages of these origins may frame what is stored, and no others; without any, nobody's.
    pub(crate) fn framed_by(origins: &[String]) -> Self {
        let by = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
        let policy = HeaderValue::from_str(&format!("{CONTENT_POLICY} {by}"));
        // A directive without a source allows nobody.
        Self(policy.unwrap_or(HeaderValue::from_static(CONTENT_POLICY)))
    }
}

/// A request's body for `s3s`.
pub(crate) fn streamed(body: RawBody) -> Body {
    Body::http_body_unsync(StreamBody::new(body.map_ok(Frame::data)))
}

/// A request's body for the store. `s3s` hands on what [`streamed`] made.
pub(crate) fn body(blob: Option<dto::StreamingBlob>) -> ByteStream {
    match blob {
        Some(blob) => Box::pin(blob),
        None => Box::pin(stream::empty()),
    }
}

/// A body for the store that is no body of `s3s`.
pub(crate) fn taken(body: RawBody) -> ByteStream {
    Box::pin(body.map_err(Into::into))
}

/// An object's body for the wire. The pieces go out as the store made them; who asks once more after the end
/// gets the end again.
pub(crate) fn object(body: ByteStream) -> Body {
    Body::http_body_unsync(StreamBody::new(body.map_ok(Frame::data).fuse()))
}

/// A body that holds a place until it has gone out.
struct Holding {
    body: Body,
    _place: Place,
}

impl hyper::body::Body for Holding {
    type Data = Bytes;
    type Error = <Body as hyper::body::Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        hyper::body::Body::size_hint(&self.body)
    }
}

/// An answer whose request is worked on until its body has gone out.
pub(crate) fn held(response: Response<Body>, place: Place) -> Response<Body> {
    response.map(|body| {
        if hyper::body::Body::is_end_stream(&body) {
            return body;
        }
        Body::http_body_unsync(Holding { body, _place: place })
    })
}

/// An answer of nothing but headers.
pub(crate) fn bare(headers: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = headers;
    response
}

/// S3's answer to what is refused.
pub(crate) fn fault(fault: &Fault, resource: &str, request_id: &str) -> Response<Body> {
    retried(xml(fault.status, XML, fault.s3_xml(resource, request_id)))
}

/// An answer of the AWS Query protocol.
pub(crate) fn query(status: StatusCode, document: String) -> Response<Body> {
    retried(xml(status, QUERY_XML, document))
}

/// Tells clients that read it when to come again.
fn retried(mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn xml(status: StatusCode, kind: HeaderValue, document: String) -> Response<Body> {
    let mut response = Response::new(Body::from(document));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Adds to an answer of `s3s` what it leaves out: the status of a range, and in an error document
/// the resource and the request's id.
pub(crate) fn completed(
    mut response: Response<Body>,
    resource: &str,
    request_id: &str,
) -> Response<Body> {
    if response.status() == StatusCode::NOT_MODIFIED {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
    }
    if response.status() == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if response.status().as_u16() < 400 {
        return response;
    }
    let document = response.body_mut().bytes().unwrap_or_default();
    if let Some(start) = document.strip_suffix(b"</Error>") {
        let rest = format!(
            "<Resource>{}</Resource><RequestId>{request_id}</RequestId></Error>",
            escape(resource)
        );
        let whole: Bytes = [start, rest.as_bytes()].concat().into();
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(CONTENT_TYPE, XML);
        *response.body_mut() = Body::from(whole);
    }
    response
}

/// Takes the quotes off the `ETag` in the answer of `GetObjectAttributes`, which alone has none.
pub(crate) fn without_quotes(mut response: Response<Body>) -> Response<Body> {
    let Some(document) = response.body_mut().bytes() else { return response };
    let Ok(text) = std::str::from_utf8(&document) else { return response };
    let bare = text.replace("<ETag>&quot;", "<ETag>").replace("&quot;</ETag>", "</ETag>");
    let bare = bare.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>");
    response.headers_mut().remove(CONTENT_LENGTH);
    *response.body_mut() = Body::from(bare);
    response
}

/// Makes an answer the last of its connection: some of the request's body has not come, and a client
/// that waited for `100 Continue` may never send it. What it would send next would be taken for it.
///
/// Source: RFC 9110 section 10.1.1.
pub(crate) fn last(response: &mut Response<Body>) {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}

/// Takes the body from the answer to a HEAD request, and leaves its length: HTTP/1.1 leaves it out by itself, in
/// HTTP/2 it would be sent, and clients end the stream over it.
///
/// Source: RFC 9110 section 9.3.2.
pub(crate) fn without_body(response: &mut Response<Body>) {
    if let Some(document) = response.body_mut().bytes() {
        let length = HeaderValue::from(document.len());
        if !document.is_empty() {
            response.headers_mut().entry(CONTENT_LENGTH).or_insert(length);
        }
    }
    *response.body_mut() = Body::empty();
}

/// Tells browsers to come by TLS alone from now on. Source: RFC 6797.
pub(crate) fn over_tls_from_now_on(response: &mut Response<Body>) {
    let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
    response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, two_years);
}

/// Tells browsers what may be done with what is stored.
pub(crate) fn confined(response: &mut Response<Body>, policy: &ContentPolicy) {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy.0.clone());
}

/// Puts on what every answer wears.
pub(crate) fn common(response: &mut Response<Body>, request_id: &str, extended_id: &str) {
    let headers = response.headers_mut();
    for (name, value) in [("x-amz-request-id", request_id), ("x-amz-id-2", extended_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert("server", HeaderValue::from_static("Wellhouse"));
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::ContentPolicy;

    #[test]
    fn nobody_frames_what_is_stored_unless_they_are_named() {
        let a = "https://files.example.org".to_owned();
        for (origins, end) in [
            (vec![], "; frame-ancestors 'none'"),
            (vec![a.clone()], "; frame-ancestors https://files.example.org"),
            (vec![a, "http://localhost".to_owned()], " https://files.example.org http://localhost"),
            (vec!["https://a\nb".to_owned()], "; frame-ancestors"),
        ] {
            let policy = ContentPolicy::framed_by(&origins).0;
            assert!(policy.to_str().expect("text").ends_with(end), "{policy:?}");
        }
    }
}
