//! Machines at the door: `POST /.wellhouse/machines/enrol` and `…/credentials`, JSON both ways.
//!
//! On Amazon, EC2 hands an instance its role's credentials without an API that could be called here,
//! so these two are our own. The path can be no bucket's: a bucket's name begins with a letter or a
//! number.
//!
//! Invariant: a token or credentials cross no network in the open: who is not on this machine must
//! come by TLS.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::Timestamp;
use s3s::Body;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wh_authority::{AskMachine, EnrolMachine, MachineError, Principal};
use wh_listen::Peer;
use wh_names::{InstanceId, Secret};

use crate::authentication::Verified;
use crate::door::Door;
use crate::fault::Fault;
use crate::signature::{Arriving, PayloadError, PayloadForm, from_wire, whole};

const UNDER: &str = "/.wellhouse/";
const ENROL: &str = "/.wellhouse/machines/enrol";
const CREDENTIALS: &str = "/.wellhouse/machines/credentials";

/// The largest request, in bytes.
const BODY_BYTES_MAX: usize = 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    token: String,
    /// In hexadecimal, as the signatures are.
    public_key: String,
    /// In milliseconds since 1970.
    asked_at: i64,
    signature: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking {
    instance_id: String,
    asked_at: i64,
    signature: String,
}

#[derive(Serialize)]
struct Enrolled<'a> {
    instance_id: &'a str,
    /// Names region and account, too.
    instance_arn: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Given<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expires: String,
    role: &'a str,
    profile_arn: &'a str,
    profile_id: &'a str,
    instance_arn: &'a str,
}

#[derive(Serialize)]
struct Refused<'a> {
    code: &'a str,
    message: &'a str,
}

/// Whether a request is for this door and not for a bucket.
pub(crate) fn is_meant(parts: &Parts) -> bool {
    parts.uri.path().starts_with(UNDER)
}

/// Answers a machine.
pub(crate) async fn answer(
    door: &Door,
    parts: Parts,
    body: Arriving,
    (peer, request_id): (Peer, &str),
) -> Response<Body> {
    match answered(door, &parts, body, (peer, request_id)).await {
        Ok(document) => json(StatusCode::OK, document),
        Err(fault) => unjudged(&fault),
    }
}

/// An answer that says no.
pub(crate) fn unjudged(fault: &Fault) -> Response<Body> {
    let refused = Refused { code: fault.code, message: &fault.message };
    json(fault.status, serde_json::to_string(&refused).unwrap_or_default())
}

fn json(status: StatusCode, document: String) -> Response<Body> {
    let mut response = Response::new(Body::from(document));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answered(
    door: &Door,
    parts: &Parts,
    body: Arriving,
    (peer, request_id): (Peer, &str),
) -> Result<String, Fault> {
    let path = parts.uri.path();
    if ![ENROL, CREDENTIALS].contains(&path) {
        return Err(Fault::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here."));
    }
    if parts.method != Method::POST {
        let why = "The method must be POST.";
        return Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", why));
    }
    let stranger = Verified {
        principal: Principal::anonymous(),
        form: None,
        signed_at: None,
        payload: PayloadForm::Unsigned,
        access_key: None,
        key: None,
    };
    let caller = door.caller(parts, &stranger, peer, request_id);
    let ip = caller.facts.source_ip;
    if is_in_the_open(caller.facts.secure_transport, ip, &parts.headers) {
        let why = "Machines come by TLS: use the endpoint's https address.";
        return Err(Fault::forbidden("machine-in-the-open", why));
    }
    // Read first: whoever sends slowly holds no place.
    let body = whole(from_wire(body), BODY_BYTES_MAX).await.map_err(PayloadError::s3)?;
    let _place = door.place(&caller).await?;
    if path == ENROL {
        let row = door.authority.enrol_machine(EnrolMachine { ip, ..enrolment(&body)? }).await;
        let row = row.map_err(|error| refused(&error))?;
        let arn = door.authority.instance_arn(&row.id, &door.region).ok_or_else(Fault::internal)?;
        let (instance_id, instance_arn) = (row.id.as_str(), arn.as_str());
        return written(&Enrolled { instance_id, instance_arn, name: &row.name });
    }
    let given =
        door.authority.deliver_to_machine(AskMachine { ip, ..asking(&body)? }, &door.region);
    let given = given.await.map_err(|error| refused(&error))?;
    let credentials = &given.credentials;
    written(&Given {
        access_key_id: credentials.access_key_id.as_str(),
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
        expires: credentials.expires.to_string(),
        role: given.role.as_str(),
        profile_arn: &given.profile_arn,
        profile_id: &given.profile_id,
        instance_arn: given.instance_arn.as_str(),
    })
}

/// Whether others on the way could read along. What a proxy on this machine passes on comes from this
/// machine's address, and from wherever else.
fn is_in_the_open(secure_transport: bool, from: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let proxied = wh_listen::is_proxied(headers);
    let is_here = from.is_some_and(|ip| ip.to_canonical().is_loopback());
    !secure_transport && (proxied || !is_here)
}

fn written(document: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(document).map_err(|_| Fault::internal())
}

fn enrolment(body: &Bytes) -> Result<EnrolMachine, Fault> {
    let read: Enrolment = parsed(body)?;
    let public_key = hex::decode(&read.public_key).ok().and_then(|key| key.try_into().ok());
    Ok(EnrolMachine {
        token: Secret::parse(&read.token).map_err(|_| malformed("`token` is empty"))?,
        public_key: public_key.ok_or_else(|| malformed("`public_key` must be 32 bytes"))?,
        asked_at: time(read.asked_at)?,
        signature: signature(&read.signature)?,
        ip: None,
    })
}

fn asking(body: &Bytes) -> Result<AskMachine, Fault> {
    let read: Asking = parsed(body)?;
    let id = InstanceId::parse(&read.instance_id).map_err(|error| malformed(&error.to_string()))?;
    let (asked_at, signature) = (time(read.asked_at)?, signature(&read.signature)?);
    Ok(AskMachine { id, asked_at, signature, ip: None })
}

/// The body, as JSON. What serde says of it may repeat the token, so it is not told.
fn parsed<T: DeserializeOwned>(body: &Bytes) -> Result<T, Fault> {
    let read = serde_json::from_slice(body);
    read.map_err(|_| malformed("the body is not the JSON that is expected here"))
}

fn time(millis: i64) -> Result<Timestamp, Fault> {
    let time = Timestamp::from_millisecond(millis);
    time.map_err(|_| malformed("`asked_at` must be milliseconds since 1970"))
}

fn signature(digits: &str) -> Result<Vec<u8>, Fault> {
    hex::decode(digits).map_err(|_| malformed("`signature` must be hexadecimal"))
}

fn malformed(why: &str) -> Fault {
    Fault::bad_request("machine-request-malformed", why.to_owned())
}

fn refused(error: &MachineError) -> Fault {
    let status = match error {
        MachineError::Stranger
        | MachineError::Skew { .. }
        | MachineError::TokenRefused
        | MachineError::Replayed
        | MachineError::Revoked => StatusCode::FORBIDDEN,
        MachineError::NoProfile { .. } | MachineError::Deliver(_) => StatusCode::CONFLICT,
        MachineError::Ledger(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    Fault::new(status, error.code(), error.to_string())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::is_in_the_open;

    #[test]
    fn other_machines_come_by_tls() {
        for (secure, from, open) in [
            (false, Some("127.0.0.1"), false),
            (false, Some("::1"), false),
            (false, Some("::ffff:127.0.0.1"), false),
            (false, Some("10.0.0.7"), true),
            (false, Some("2001:db8::7"), true),
            (false, None, true),
            (true, Some("10.0.0.7"), false),
            (true, None, false),
        ] {
            let from = from.map(|ip| ip.parse().expect("an address"));
            assert_eq!(is_in_the_open(secure, from, &HeaderMap::new()), open, "{from:?}");
        }
        for name in ["x-forwarded-for", "forwarded", "via", "true-client-ip", "proxy-connection"] {
            let headers = HeaderMap::from_iter([(
                name.parse().expect("a name"),
                HeaderValue::from_static("127.0.0.1"),
            )]);
            let here = Some("127.0.0.1".parse().expect("an address"));
            assert!(is_in_the_open(false, here, &headers), "{name}");
            assert!(!is_in_the_open(true, here, &headers), "{name}");
        }
    }
}
