//! What the rooms behind the door refuse, in S3's words.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::{S3Error, S3ErrorCode};
use wh_objects::StoreError;

use super::write::http_date;
use crate::fault::Fault;

impl From<Fault> for S3Error {
    fn from(fault: Fault) -> Self {
        let code = S3ErrorCode::from_bytes(fault.code.as_bytes());
        let mut error =
            Self::with_message(code.unwrap_or(S3ErrorCode::InternalError), fault.message);
        error.set_status_code(fault.status);
        error
    }
}

/// S3's answer to what a store could not do, with the headers that go with it.
pub(crate) fn store_error(error: &StoreError) -> S3Error {
    let mut answer = S3Error::from(of_store(error));
    let headers = told(error).into_iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
    });
    answer.set_headers(headers.collect::<HeaderMap>());
    answer
}

/// The headers that go with an error.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most errors have no headers, and none is a safe answer"
)]
fn told(error: &StoreError) -> Vec<(&'static str, String)> {
    match error {
        StoreError::NotModified { etag, modified } => {
            vec![("etag", format!("\"{etag}\"")), ("last-modified", http_date(*modified))]
        }
        StoreError::InvalidRange { size } => vec![("content-range", format!("bytes */{size}"))],
        StoreError::Deleted { version } | StoreError::DeleteMarker { version } => vec![
            ("x-amz-delete-marker", "true".to_owned()),
            ("x-amz-version-id", version.to_string()),
        ],
        _ => Vec::new(),
    }
}

/// S3's words for what a store could not do.
pub(crate) fn of_store(error: &StoreError) -> Fault {
    let (status, code) = code(error);
    if status.is_server_error() {
        tracing::error!(%error, code = error.code(), "the store failed");
    }
    Fault::new(status, code, message(error))
}

fn code(error: &StoreError) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match error {
        StoreError::NoSuchBucket => (S::NOT_FOUND, "NoSuchBucket"),
        StoreError::NoSuchKey | StoreError::Deleted { .. } => (S::NOT_FOUND, "NoSuchKey"),
        StoreError::NoSuchVersion => (S::NOT_FOUND, "NoSuchVersion"),
        StoreError::InvalidVersionId => (S::BAD_REQUEST, "InvalidArgument"),
        StoreError::NotKept { .. } => (S::NOT_IMPLEMENTED, "NotImplemented"),
        StoreError::Busy => (S::SERVICE_UNAVAILABLE, "SlowDown"),
        StoreError::DeleteMarker { .. } => (S::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
        StoreError::Locked { .. } => (S::FORBIDDEN, "AccessDenied"),
        StoreError::InvalidBucketState { .. } => (S::CONFLICT, "InvalidBucketState"),
        StoreError::InvalidTag { .. } => (S::BAD_REQUEST, "InvalidTag"),
        // As Ceph answers. Clients do not try again after 403, as they would after 503.
        StoreError::QuotaExceeded { .. } => (S::FORBIDDEN, "QuotaExceeded"),
        StoreError::NoSuchUpload => (S::NOT_FOUND, "NoSuchUpload"),
        StoreError::BucketAlreadyExists => (S::CONFLICT, "BucketAlreadyOwnedByYou"),
        StoreError::BucketNotEmpty => (S::CONFLICT, "BucketNotEmpty"),
        StoreError::InvalidPart { .. } => (S::BAD_REQUEST, "InvalidPart"),
        StoreError::InvalidPartOrder => (S::BAD_REQUEST, "InvalidPartOrder"),
        StoreError::EntityTooSmall { .. } => (S::BAD_REQUEST, "EntityTooSmall"),
        StoreError::EntityTooLarge { .. } => (S::BAD_REQUEST, "EntityTooLarge"),
        StoreError::PreconditionFailed => (S::PRECONDITION_FAILED, "PreconditionFailed"),
        StoreError::NotModified { .. } => (S::NOT_MODIFIED, "NotModified"),
        StoreError::ConditionalRequestConflict => (S::CONFLICT, "ConditionalRequestConflict"),
        StoreError::InvalidRange { .. } => (S::RANGE_NOT_SATISFIABLE, "InvalidRange"),
        StoreError::BadDigest | StoreError::ChecksumMismatch { .. } => {
            (S::BAD_REQUEST, "BadDigest")
        }
        StoreError::InvalidRequest { .. } => (S::BAD_REQUEST, "InvalidRequest"),
        StoreError::IncompleteBody | StoreError::Body(_) => (S::BAD_REQUEST, "IncompleteBody"),
        StoreError::NoSpace
        | StoreError::ReadOnly
        | StoreError::Closed
        | StoreError::Unreachable { .. } => (S::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
        StoreError::Corrupt { .. }
        | StoreError::Io { .. }
        | StoreError::Upstream { .. }
        | StoreError::EventsTrimmed { .. } => (S::INTERNAL_SERVER_ERROR, "InternalError"),
    }
}

fn message(error: &StoreError) -> String {
    let text = match error {
        StoreError::NoSuchBucket => "The specified bucket does not exist",
        StoreError::NoSuchKey | StoreError::Deleted { .. } => "The specified key does not exist.",
        StoreError::NoSuchVersion => "The specified version does not exist.",
        StoreError::InvalidVersionId => "Invalid version id specified",
        StoreError::NotKept { what } => {
            return format!("The store behind this endpoint keeps no {what}.");
        }
        StoreError::Busy => "Please reduce your request rate.",
        StoreError::Unreachable { .. } => {
            "The store behind this endpoint does not answer. Please try again."
        }
        StoreError::DeleteMarker { .. } => {
            "The specified method is not allowed against this resource."
        }
        StoreError::Locked { .. } => "Access Denied because object protected by object lock.",
        StoreError::InvalidBucketState { why }
        | StoreError::InvalidTag { why }
        | StoreError::InvalidRequest { why } => why,
        StoreError::QuotaExceeded { quota_bytes } => {
            return format!("The bucket may hold {quota_bytes} bytes, and this would be more.");
        }
        StoreError::NoSuchUpload => {
            "The specified upload does not exist. The upload ID may be invalid, or the upload may \
             have been aborted or completed."
        }
        StoreError::BucketAlreadyExists => {
            "Your previous request to create the named bucket succeeded and you already own it."
        }
        StoreError::BucketNotEmpty => "The bucket you tried to delete is not empty",
        StoreError::InvalidPart { number } => {
            return format!(
                "Part {number} could not be found. The part may not have been uploaded, or the \
                 specified entity tag may not match the part's entity tag."
            );
        }
        StoreError::InvalidPartOrder => {
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        }
        StoreError::EntityTooSmall { .. } => {
            "Your proposed upload is smaller than the minimum allowed size"
        }
        StoreError::EntityTooLarge { .. } => {
            "Your proposed upload exceeds the maximum allowed size"
        }
        StoreError::PreconditionFailed => {
            "At least one of the pre-conditions you specified did not hold"
        }
        StoreError::NotModified { .. } => "Not Modified",
        StoreError::ConditionalRequestConflict => {
            "The conditional request cannot succeed due to a conflicting operation against this \
             resource."
        }
        StoreError::InvalidRange { .. } => "The requested range is not satisfiable",
        StoreError::BadDigest => "The Content-MD5 you specified did not match what we received.",
        StoreError::ChecksumMismatch { algorithm, .. } => {
            return format!("The {algorithm} you specified did not match the calculated checksum.");
        }
        StoreError::IncompleteBody | StoreError::Body(_) => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        StoreError::NoSpace | StoreError::ReadOnly | StoreError::Closed => {
            "The store cannot take this request now."
        }
        StoreError::Corrupt { .. }
        | StoreError::Io { .. }
        | StoreError::Upstream { .. }
        | StoreError::EventsTrimmed { .. } => "We encountered an internal error. Please try again.",
    };
    text.to_owned()
}
