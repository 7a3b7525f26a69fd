//! What the upstream store refused or failed to do, in the store's own words.
//!
//! Invariant: a refusal of the gateway's own key never looks like a refusal of whoever asked.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_types_date::parse_http_date;
use jiff::Timestamp;
use wh_objects::{PUT_BYTES_MAX, StoreError, VersionId};

use super::wire::{stamp_of, version_id};
use crate::error::HttpResponse;

/// `SdkError`s of all operations, with what was being done.
pub(super) fn fault<E>(doing: &'static str, error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer(&error) {
        Some(answer) => answer.into_store(doing),
        None if matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_)) => {
            StoreError::Unreachable { what: said(&error) }
        }
        None => StoreError::Upstream { doing, answer: said(&error) },
    }
}

/// An error with its causes, in one line.
pub(super) fn said(error: &(dyn std::error::Error + 'static)) -> String {
    DisplayErrorContext(error).to_string()
}

/// An answer that says no.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) code: String,
    pub(super) status: u16,
    message: String,
    version: Option<String>,
    is_marker: bool,
    etag: String,
    modified: Option<Timestamp>,
    size: Option<u64>,
}

/// What the upstream answered; `None` where it did not, or not what can be understood.
pub(super) fn answer<E>(error: &SdkError<E, HttpResponse>) -> Option<Answer>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let SdkError::ServiceError(answer) = error else { return None };
    let (raw, told) = (answer.raw(), answer.err());
    if raw.status().is_success() && told.code().is_none() {
        return None;
    }
    let header = |name: &str| raw.headers().get(name).map(str::to_owned);
    let size = header("content-range");
    let size = size.as_deref().and_then(|range| range.rsplit('/').next()?.parse().ok());
    Some(Answer {
        code: told.code().unwrap_or_default().to_owned(),
        status: raw.status().as_u16(),
        message: told.message().unwrap_or_default().to_owned(),
        version: header("x-amz-version-id"),
        is_marker: header("x-amz-delete-marker").as_deref() == Some("true"),
        etag: header("etag").unwrap_or_default().trim_matches('"').to_owned(),
        modified: header("last-modified").as_deref().and_then(parse_http_date).and_then(stamp_of),
        size,
    })
}

impl Answer {
    /// The delete marker that the answer speaks of.
    fn marker(&self) -> Option<VersionId> {
        let named = self.version.as_deref().filter(|_| self.is_marker)?;
        version_id(named).ok()
    }

    /// The code, or what the status alone says: answers to `HEAD` have no body.
    fn named(&self) -> &str {
        match (self.code.as_str(), self.status) {
            ("" | "NotFound", 404) => "NoSuchKey",
            ("", 304) => "NotModified",
            ("", 405) => "MethodNotAllowed",
            ("", 409) => "ConditionalRequestConflict",
            ("", 412) => "PreconditionFailed",
            ("", 416) => "InvalidRange",
            ("", 501) => "NotImplemented",
            ("", 503) => "ServiceUnavailable",
            (code, _) => code,
        }
    }

    pub(super) fn into_store(self, doing: &'static str) -> StoreError {
        let marker = self.marker();
        match self.named() {
            "NoSuchBucket" => StoreError::NoSuchBucket,
            "NoSuchKey" => {
                marker.map_or(StoreError::NoSuchKey, |version| StoreError::Deleted { version })
            }
            "NoSuchVersion" => StoreError::NoSuchVersion,
            "NoSuchUpload" => StoreError::NoSuchUpload,
            "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => StoreError::BucketAlreadyExists,
            "BucketNotEmpty" => StoreError::BucketNotEmpty,
            "InvalidBucketState" => StoreError::InvalidBucketState { why: REFUSED_STATE },
            "InvalidTag" => StoreError::InvalidTag { why: "the store behind refused the tags" },
            "PreconditionFailed" => StoreError::PreconditionFailed,
            "ConditionalRequestConflict" | "OperationAborted" => {
                StoreError::ConditionalRequestConflict
            }
            "SlowDown" | "Throttling" | "ThrottlingException" | "TooManyRequests" => {
                StoreError::Busy
            }
            "QuotaExceeded" | "InsufficientStorage" | "StorageFull" => StoreError::NoSpace,
            "NotImplemented" => StoreError::NotKept { what: doing },
            "ServiceUnavailable" | "RequestTimeout" => {
                StoreError::Unreachable { what: self.to_string() }
            }
            _ => self.about_the_request(doing, marker),
        }
    }

    /// What is wrong with the request itself.
    fn about_the_request(self, doing: &'static str, marker: Option<VersionId>) -> StoreError {
        match (self.named(), marker) {
            ("MethodNotAllowed", Some(version)) => StoreError::DeleteMarker { version },
            ("NotModified", _) => {
                let modified = self.modified.unwrap_or(Timestamp::UNIX_EPOCH);
                StoreError::NotModified { etag: self.etag, modified }
            }
            ("InvalidRange", _) => StoreError::InvalidRange { size: self.size.unwrap_or_default() },
            ("InvalidPart", _) => StoreError::InvalidPart { number: self.number() },
            ("EntityTooSmall", _) => StoreError::EntityTooSmall { number: self.number() },
            ("InvalidPartOrder", _) => StoreError::InvalidPartOrder,
            ("EntityTooLarge", _) => StoreError::EntityTooLarge { max: PUT_BYTES_MAX },
            ("BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch", _) => {
                StoreError::BadDigest
            }
            ("IncompleteBody", _) => StoreError::IncompleteBody,
            ("InvalidArgument", _) if self.message.contains("ersion id") => {
                StoreError::InvalidVersionId
            }
            ("InvalidRequest" | "InvalidArgument" | "MalformedXML", _) => {
                tracing::debug!(doing, answer = %self, "the upstream store refused a request");
                StoreError::InvalidRequest {
                    why: "the store behind refused the request as invalid",
                }
            }
            _ => StoreError::Upstream { doing, answer: self.to_string() },
        }
    }

    /// The number of the part that a message names; 0 where it names none.
    fn number(&self) -> u16 {
        let mut numbers = self.message.split(|c: char| !c.is_ascii_digit());
        numbers.find_map(|text| text.parse().ok()).unwrap_or_default()
    }
}

const REFUSED_STATE: &str = "the state of the bucket does not allow it";

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

mod aws_smithy_types_date {
    //! Dates of headers. Source: RFC 9110 section 5.6.7.

    use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

    pub(super) fn parse_http_date(text: &str) -> Option<DateTime> {
        DateTime::from_str(text, DateTimeFormat::HttpDate).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[track_caller]
    fn check(code: &str, status: u16, expected: &str) {
        let answer = Answer { code: code.to_owned(), status, ..Answer::default() };
        assert_eq!(answer.into_store("testing").code(), expected, "{code} {status}");
    }

    #[test]
    fn answers_are_said_in_the_words_of_a_store() {
        check("NoSuchBucket", 404, "no-such-bucket");
        check("", 404, "no-such-key");
        check("NoSuchVersion", 404, "no-such-version");
        check("", 412, "precondition-failed");
        check("", 304, "not-modified");
        check("InvalidRange", 416, "invalid-range");
        check("SlowDown", 503, "busy");
        check("", 503, "unreachable");
        check("QuotaExceeded", 403, "no-space");
        check("NotImplemented", 501, "not-kept");
    }

    #[test]
    fn a_refusal_of_our_own_key_is_nobodys_but_ours() {
        for code in ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", ""] {
            check(code, 403, "upstream");
        }
        check("InternalError", 500, "upstream");
    }

    #[test]
    fn a_delete_marker_is_told_from_nothing() {
        let marker = |status| Answer {
            status,
            version: Some("null".to_owned()),
            is_marker: true,
            ..Answer::default()
        };
        assert_eq!(marker(404).into_store("testing").code(), "deleted");
        assert_eq!(marker(405).into_store("testing").code(), "delete-marker");
    }
}
