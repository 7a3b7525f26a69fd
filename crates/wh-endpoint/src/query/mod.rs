//! STS and IAM on `POST /`, in the AWS Query protocol.

mod form;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod iam;
mod page;
mod sts;
mod web_identity;

use http::request::Parts;
use http::{Method, Response, StatusCode};
use s3s::Body;
use sha2::{Digest, Sha256};
use wh_gate::{Caller, GateError, Refusal, RefusalCause, ops};

use self::form::{Form, Xml};
use wh_listen::Peer;

use crate::authentication::authenticate_query;
use crate::door::Door;
use crate::dress;
use crate::fault::Fault;
use crate::screen;
use crate::signature::{Arriving, PayloadError, QueryString, from_wire, whole};

/// The largest form, in bytes: every document of IAM fits, percent-encoded.
const FORM_BYTES_MAX: usize = 256 * 1024;
const STS_VERSION: &str = "2011-06-15";
const IAM_VERSION: &str = "2010-05-08";

/// Whether a request speaks the Query protocol: a form, posted to the root.
pub(crate) fn is_meant(parts: &Parts) -> bool {
    let form = screen::content_type(&parts.headers)
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    parts.method == Method::POST && parts.uri.path() == "/" && form
}

/// Answers a request to STS or IAM.
pub(crate) async fn answer(
    door: &Door,
    parts: Parts,
    body: Arriving,
    peer: Peer,
    request_id: &str,
) -> Response<Body> {
    let mut namespace = sts::NAMESPACE;
    match answered(door, parts, body, (peer, request_id), &mut namespace).await {
        Ok((action, xml)) => {
            dress::query(StatusCode::OK, xml.answer(namespace, &action, request_id))
        }
        Err(fault) => dress::query(fault.status, fault.query_xml(namespace, request_id)),
    }
}

/// An answer to what was not looked at.
pub(crate) fn unjudged(fault: &Fault, request_id: &str) -> Response<Body> {
    dress::query(fault.status, fault.query_xml(sts::NAMESPACE, request_id))
}

async fn answered(
    door: &Door,
    parts: Parts,
    body: Arriving,
    (peer, request_id): (Peer, &str),
    namespace: &mut &'static str,
) -> Result<(String, Xml), Fault> {
    let query = QueryString::parse(parts.uri.query())?;
    let body = whole(from_wire(body), FORM_BYTES_MAX).await.map_err(unread)?;
    let digest = hex::encode(Sha256::digest(&body));
    if let Some(answered) = web_identity::answer(door, &parts, &body, (peer, request_id)).await {
        return answered;
    }
    let verified = authenticate_query(door, &parts, &query, digest).await;
    let (verified, service) = verified.map_err(|error| error.query())?;
    let caller = door.caller(&parts, &verified, peer, request_id);
    door.note_use(&verified, &caller).await;
    let _place = door.place(&caller).await?;
    let mut form = Form::parse(&body)?;
    let (action, version) = (form.need("Action")?, form.need("Version")?);
    match (service.as_str(), version.as_str()) {
        ("iam", IAM_VERSION) => {
            *namespace = iam::NAMESPACE;
            let xml = call_iam(door, &caller, &action, form).await?;
            Ok((action, xml))
        }
        ("sts", STS_VERSION) => {
            let xml = call_sts(door, &caller, &action, form).await?;
            Ok((action, xml))
        }
        _ => Err(unknown_action(&action)),
    }
}

async fn call_iam(door: &Door, caller: &Caller, action: &str, form: Form) -> Result<Xml, Fault> {
    let (request, part) = iam::read(action, form, caller.principal.user_name())?;
    let permit = door.gate.admit(caller, ops::IamCall { request }).await;
    let permit = permit.map_err(|refusal| refused(&refusal))?;
    let reply = door.gate.iam(permit).await.map_err(|error| failed(&error))?;
    Ok(iam::write(reply, &part))
}

async fn call_sts(door: &Door, caller: &Caller, action: &str, form: Form) -> Result<Xml, Fault> {
    match action {
        "AssumeRole" => {
            let ask = sts::read_assume_role(form)?;
            let permit = door.gate.admit(caller, ops::AssumeRole { ask }).await;
            let permit = permit.map_err(|refusal| refused(&refusal))?;
            let role = door.gate.assume_role(permit).await.map_err(|error| failed(&error))?;
            Ok(sts::write_assumed_role(&role))
        }
        "DecodeAuthorizationMessage" => {
            let op = sts::read_decode(form, &door.account)?;
            let permit = door.gate.admit(caller, op).await;
            let permit = permit.map_err(|refusal| refused(&refusal))?;
            let text = door.gate.decode_authorization_message(permit).await;
            Ok(Xml::default().text("DecodedMessage", text.map_err(|error| failed(&error))?))
        }
        "GetSessionToken" => {
            let op = sts::read_get_session_token(form)?;
            let permit = door.gate.admit(caller, op).await;
            let permit = permit.map_err(|refusal| refused(&refusal))?;
            let session = door.gate.get_session_token(permit).await;
            let session = session.map_err(|error| failed(&error))?;
            Ok(sts::write_credentials(Xml::default(), &session))
        }
        "GetAccessKeyInfo" => {
            let op = sts::read_get_access_key_info(form, &door.account)?;
            let permit = door.gate.admit(caller, op).await;
            let permit = permit.map_err(|refusal| refused(&refusal))?;
            let account = door.gate.get_access_key_info(permit).await;
            Ok(Xml::default().text("Account", account.map_err(|error| failed(&error))?.as_str()))
        }
        "GetCallerIdentity" => {
            form.finish()?;
            let permit = door.gate.admit(caller, ops::GetCallerIdentity).await;
            let permit = permit.map_err(|refusal| refused(&refusal))?;
            let known = door.gate.get_caller_identity(permit).map_err(|error| failed(&error))?;
            Ok(Xml::default()
                .text("Arn", known.arn.as_str())
                .text("UserId", &known.user_id)
                .text("Account", known.account.as_str()))
        }
        _ => Err(unknown_action(action)),
    }
}

fn unread(error: PayloadError) -> Fault {
    if error != PayloadError::TooLong {
        return error.s3();
    }
    let why = "The form is too large.";
    Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", why)
}

/// AWS's refusal of an action that it does not know.
fn unknown_action(action: &str) -> Fault {
    let message = format!("Could not find operation {action} for this version");
    Fault::bad_request("InvalidAction", message)
}

fn refused(refusal: &Refusal) -> Fault {
    match refusal.cause() {
        RefusalCause::Invalid => Fault::bad_request("ValidationError", refusal.message()),
        RefusalCause::Policy
        | RefusalCause::TemporaryCredentials
        | RefusalCause::SessionCredentials
        | RefusalCause::Root
        | RefusalCause::PersonKey
        | RefusalCause::Anonymous
        | RefusalCause::Credentials(_)
        | RefusalCause::PublicAccess
        | RefusalCause::Unreadable
        | RefusalCause::Unrecorded => {
            let message = match refusal.encoded() {
                Some(encoded) => {
                    let message = refusal.message();
                    format!("{message}. Encoded authorization failure message: {encoded}")
                }
                None => refusal.message(),
            };
            Fault::forbidden("AccessDenied", message)
        }
    }
}

fn failed(error: &GateError) -> Fault {
    match error {
        GateError::Refused(refusal) => refused(refusal),
        GateError::Iam(error) => iam::fault(error),
        GateError::AssumeRole(error) => sts::fault(error),
        GateError::GetSessionToken(error) => sts::session_fault(error),
        GateError::Store(_)
        | GateError::QuotaExceeded(_)
        | GateError::QuotaUnknown(_)
        | GateError::MalformedPolicy(_)
        | GateError::PolicyTooLarge { .. }
        | GateError::PublicPolicyBlocked
        | GateError::AclsDisabled
        | GateError::NoSuchPart { .. }
        | GateError::PartsUnknown => Fault::internal(),
    }
}
