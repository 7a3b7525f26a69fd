//! What the gate refuses or cannot do, in S3's words.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::S3Error;
use wh_gate::{GateError, QuotaRefusal, QuotaSubject, Refusal, RefusalCause};

use super::error;
use crate::fault::Fault;

/// A refusal in S3's words.
pub(crate) fn refused(refusal: &Refusal) -> Fault {
    match refusal.cause() {
        // Nobody has said no: the store did not tell what its policies say. Clients may try again.
        RefusalCause::Unreadable => Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "The policies that have a say cannot be read now. Please try again.",
        ),
        RefusalCause::Policy
        | RefusalCause::TemporaryCredentials
        | RefusalCause::SessionCredentials
        | RefusalCause::Root
        | RefusalCause::PersonKey
        | RefusalCause::Anonymous
        | RefusalCause::Credentials(_)
        | RefusalCause::Invalid
        | RefusalCause::PublicAccess
        | RefusalCause::Unrecorded => Fault::forbidden("AccessDenied", refusal.message()),
    }
}

/// The header with a refusal's sealed message, for those who may decode it. S3's error document has
/// no place for one.
const ENCODED_MESSAGE: HeaderName =
    HeaderName::from_static("x-wellhouse-encoded-authorization-message");

/// The longest such message that fits among the headers that clients accept, in bytes.
const ENCODED_MESSAGE_BYTES_MAX: usize = 6 * 1024;

/// A refusal of the gate: in words, and sealed.
pub(super) fn denied(refusal: &Refusal) -> S3Error {
    let mut error = S3Error::from(refused(refusal));
    let encoded = refusal.encoded().filter(|text| text.len() <= ENCODED_MESSAGE_BYTES_MAX);
    if let Some(value) = encoded.and_then(|text| HeaderValue::from_str(text).ok()) {
        error.set_headers(HeaderMap::from_iter([(ENCODED_MESSAGE, value)]));
    }
    error
}

/// What the gate could not do, as `s3s` hands it on.
pub(super) fn failed(error: GateError) -> S3Error {
    if let GateError::Store(error) = &error {
        return error::store_error(error);
    }
    if let GateError::Refused(refusal) = &error {
        return denied(refusal);
    }
    fault(&error).into()
}

/// Which quota has no room. How much is there is told of nobody's places but the asker's own.
fn full(refusal: &QuotaRefusal) -> String {
    let QuotaRefusal { counter, asked, own } = refusal;
    let of = match &counter.subject {
        QuotaSubject::Person(_) if *own => {
            let left = |limit: Option<u64>, used: u64, on_its_way: u64, what: &str| {
                limit.map(|limit| {
                    format!(
                        " {used} of {limit} {what} are used, and {on_its_way} are on their way."
                    )
                })
            };
            let (used, coming) = (counter.used, counter.reserved);
            let bytes = left(counter.limits.bytes, used.bytes, coming.bytes, "bytes");
            let objects = left(counter.limits.objects, used.objects, coming.objects, "objects");
            let (bytes, objects) = (bytes.unwrap_or_default(), objects.unwrap_or_default());
            return format!(
                "Your quota has no room for {} more bytes in {} more objects.{bytes}{objects}",
                asked.bytes, asked.objects
            );
        }
        QuotaSubject::Person(_) | QuotaSubject::EveryPerson => "a person's places".to_owned(),
        QuotaSubject::Group(_) => "a group's places".to_owned(),
        QuotaSubject::Location(place) => format!("{place}"),
    };
    format!("The quota of {of} has no room for this.")
}

/// S3's words for what the gate could not do.
pub(crate) fn fault(error: &GateError) -> Fault {
    match error {
        GateError::Refused(refusal) => refused(refusal),
        GateError::Store(error) => error::of_store(error),
        GateError::QuotaExceeded(refusal) => Fault::forbidden("QuotaExceeded", full(refusal)),
        GateError::QuotaUnknown(_) => {
            let why = "Whether a quota has room for this cannot be told now. Please try again.";
            Fault::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", why)
        }
        GateError::MalformedPolicy(error) => {
            Fault::bad_request("MalformedPolicy", error.to_string())
        }
        GateError::PolicyTooLarge { max } => {
            let why = format!("The policy exceeds the maximum size of {max} bytes.");
            Fault::bad_request("PolicyTooLarge", why)
        }
        GateError::PublicPolicyBlocked => Fault::forbidden(
            "AccessDenied",
            "Access Denied: public policies are blocked by the BlockPublicPolicy setting of the \
             bucket's public access block",
        ),
        GateError::AclsDisabled => {
            let why = "The bucket does not allow ACLs";
            Fault::bad_request("AccessControlListNotSupported", why)
        }
        GateError::NoSuchPart { .. } => {
            let why = "The requested partnumber is not satisfiable";
            Fault::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidPartNumber", why)
        }
        GateError::PartsUnknown => Fault::not_implemented(
            "Reading a part of an object that was uploaded before parts were kept",
        ),
        GateError::Iam(_) | GateError::AssumeRole(_) | GateError::GetSessionToken(_) => {
            Fault::internal()
        }
    }
}
