//! POST Object: an object uploaded by a browser's form.
//!
//! What the form may say was signed before, as a policy; the file comes unsigned, and is held to the
//! policy's length while it streams. The same verifier proves the signature, and the same gate judges
//! the write.
//!
//! Source: S3 API Reference, "POST Object" and "Browser-Based Uploads Using POST (AWS Signature
//! Version 4)".

#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod policy;
mod reader;

use std::ops::RangeInclusive;

use futures::{StreamExt, stream};
use http::header::{CONTENT_TYPE, ETAG, HOST, LOCATION, REFERER, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::escape;
use s3s::Body;
use wh_gate::ops;
use wh_listen::Peer;
use wh_objects::{ObjectAddress, PutObject, Stored};

use self::policy::PostPolicy;
use self::reader::Fields;
use crate::authentication::authenticate_form;
use crate::door::{Door, Visit};
use crate::dress;
use crate::fault::Fault;
use crate::s3;
use crate::screen;
use crate::signature::{
    Arriving, BodyFault, PayloadError, QueryString, RawBody, Trailers, from_wire,
};

/// Fields that are headers of the object by their own names.
const HEADERS: [&str; 7] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
];
/// Fields that are about the signature and not about the object.
const CREDENTIALS: [&str; 5] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

/// Whether a request is a form.
pub(crate) fn is_meant(parts: &Parts) -> bool {
    let form = screen::content_type(&parts.headers)
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    parts.method == Method::POST && form
}

/// Takes an object out of a form.
pub(crate) async fn answer(
    door: &Door,
    parts: Parts,
    body: Arriving,
    (peer, request_id): (Peer, &str),
) -> Result<Response<Body>, Fault> {
    let bucket = addressed(&parts)?;
    let boundary = reader::boundary(&parts.headers).ok_or_else(|| {
        let why = "The Content-Type of a form must name its boundary.";
        Fault::bad_request("MalformedPOSTRequest", why)
    })?;
    let (fields, file) = reader::read(from_wire(body), &boundary).await?;
    let key = fields.get("key").filter(|key| !key.is_empty()).ok_or_else(no_key)?;
    let verified = authenticate_form(door, &|name| fields.get(name)).await.map_err(|e| e.s3())?;
    let length = match fields.get("policy") {
        Some(policy) => PostPolicy::read(policy)?.judge(&fields, &bucket, door.clock.now())?,
        None => 0..=u64::MAX,
    };
    let described = described(&parts, &fields)?;
    screen::check(&described, &door.account, door.gate.encryption())?;
    let caller = door.caller(&described, &verified, peer, request_id);
    door.note_use(&verified, &caller).await;
    let _place = door.place(&caller).await?;
    let (trailers, announced) = (Trailers::default(), Vec::new());
    let visit = Visit { caller, trailers, announced };
    let address = s3::address(&bucket, key)?;
    let put = s3::put_of_headers(&described.headers, &visit)?;
    let at_most = *length.end();
    // The file is what its form is without all that is around it.
    let all = screen::content_length(&parts.headers).unwrap_or(u64::MAX);
    let file = (within(file, length), at_most.min(all.saturating_sub(fields.around)));
    let stored = store(door, &visit, (address, put), file).await?;
    answered(&visit, &parts, (&bucket, key), (&fields, &stored))
}

fn no_key() -> Fault {
    let why = "Bucket POST must contain a field named 'key'.  If it is specified, please check the \
               order of the fields.";
    Fault::bad_request("InvalidArgument", why)
}

/// The bucket that a form is posted to; nothing else of its address may say anything, and its headers
/// may not say what only fields say.
fn addressed(parts: &Parts) -> Result<String, Fault> {
    let path = parts.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() || !key.is_empty() {
        let why = "The specified method is not allowed against this resource.";
        return Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", why));
    }
    if QueryString::parse(parts.uri.query())?.names().next().is_some() {
        let why = "A form may not be posted with query parameters.";
        return Err(Fault::bad_request("InvalidArgument", why));
    }
    for name in parts.headers.keys().map(HeaderName::as_str) {
        if name == "authorization" || (name.starts_with("x-amz-") && name != "x-amz-user-agent") {
            let why = format!("The header {name} cannot come with a form: it must be a field.");
            return Err(Fault::bad_request("InvalidArgument", why));
        }
    }
    Ok(bucket.to_owned())
}

/// The request as it would be if the form's fields were headers.
fn described(parts: &Parts, fields: &Fields) -> Result<Parts, Fault> {
    let mut headers = HeaderMap::new();
    for name in [HOST, USER_AGENT, REFERER, HeaderName::from_static("x-forwarded-for")] {
        for value in parts.headers.get_all(&name) {
            headers.append(&name, value.clone());
        }
    }
    for (name, value) in &fields.pairs {
        let header = match name.as_str() {
            "acl" => "x-amz-acl",
            "tagging" => return Err(Fault::not_implemented("The field tagging of a form")),
            name if CREDENTIALS.contains(&name) => continue,
            name if HEADERS.contains(&name) || name.starts_with("x-amz-") => name,
            _ => continue,
        };
        let pair = (HeaderName::try_from(header), HeaderValue::from_bytes(value.as_bytes()));
        let (Ok(header), Ok(value)) = pair else {
            let why = format!("The value of the form field {name} is not valid.");
            return Err(Fault::bad_request("InvalidArgument", why));
        };
        headers.insert(header, value);
    }
    let (mut described, ()) = Request::new(()).into_parts();
    described.method = Method::PUT;
    // It is a PUT of the object, not of the bucket that the form was sent to.
    let key = utf8_percent_encode(fields.get("key").unwrap_or_default(), NON_ALPHANUMERIC);
    let uri: Result<Uri, _> = format!("{}/{key}", parts.uri.path().trim_end_matches('/')).parse();
    described.uri =
        uri.map_err(|_| Fault::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
    described.headers = headers;
    Ok(described)
}

/// A file that fails as soon as it is longer than it may be, and at its end if it is shorter.
fn within(file: RawBody, length: RangeInclusive<u64>) -> RawBody {
    let begin = (file, 0_u64, length);
    Box::pin(stream::try_unfold(begin, |(mut file, mut read, length)| async move {
        let Some(piece) = file.next().await.transpose()? else {
            let enough = read >= *length.start();
            return if enough { Ok(None) } else { Err(PayloadError::BelowRange) };
        };
        read = read.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if read > *length.end() {
            return Err(PayloadError::AboveRange);
        }
        Ok(Some((piece, (file, read, length))))
    }))
}

async fn store(
    door: &Door,
    visit: &Visit,
    (address, put): (ObjectAddress, PutObject),
    (file, at_most): (RawBody, u64),
) -> Result<Stored, Fault> {
    let permit = door.gate.admit(&visit.caller, ops::PutObject { address, put }).await;
    let permit = permit.map_err(|refusal| s3::refused(&refusal))?;
    let fault = BodyFault::default();
    let body = dress::taken(fault.watch(file));
    let stored = door.gate.put_object_within(permit, body, at_most).await;
    stored.map_err(|error| fault.get().map_or_else(|| s3::fault(&error), PayloadError::s3))
}

/// What the form asked to be answered with: a page elsewhere, a document, or nothing.
fn answered(
    visit: &Visit,
    parts: &Parts,
    (bucket, key): (&str, &str),
    (fields, stored): (&Fields, &Stored),
) -> Result<Response<Body>, Fault> {
    let etag = format!("\"{}\"", stored.etag());
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let elsewhere = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
    let elsewhere = elsewhere.and_then(absolute).map(|url| {
        let and = if url.contains('?') { '&' } else { '?' };
        let (key, etag) = (encoded(key), encoded(&etag));
        format!("{url}{and}bucket={}&key={key}&etag={etag}", encoded(bucket))
    });
    let scheme = if visit.caller.facts.secure_transport { "https" } else { "http" };
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path: Vec<_> = key.split('/').map(encoded).collect();
    let location = format!("{scheme}://{host}/{bucket}/{}", path.join("/"));
    let mut response = Response::new(Body::empty());
    let status = match (&elsewhere, fields.get("success_action_status")) {
        (Some(_), _) => StatusCode::SEE_OTHER,
        (None, Some("200")) => StatusCode::OK,
        (None, Some("201")) => {
            let document = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location>\
                 <Bucket>{bucket}</Bucket><Key>{}</Key><ETag>{}</ETag></PostResponse>",
                escape(location.as_str()),
                escape(key),
                escape(etag.as_str()),
            );
            *response.body_mut() = Body::from(document);
            let kind = HeaderValue::from_static("application/xml");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            StatusCode::CREATED
        }
        (None, _) => StatusCode::NO_CONTENT,
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    s3::stored(headers, stored);
    for (name, value) in [(ETAG, etag), (LOCATION, elsewhere.unwrap_or(location))] {
        let value = HeaderValue::from_str(&value).map_err(|_| Fault::internal())?;
        headers.insert(name, value);
    }
    Ok(response)
}

/// An address that a browser may be sent to.
fn absolute(text: &str) -> Option<&str> {
    let uri: Uri = text.parse().ok()?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    (web && uri.authority().is_some() && !text.contains('#')).then_some(text)
}
