//! What can go wrong at the store, by what a caller can do about it.

pub(crate) use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Why a call to S3, STS or IAM failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AwsError {
    /// The store refused: no permission. The message is the store's own.
    #[error("the store refused: {message}")]
    Denied {
        /// The store's words.
        message: String,
    },
    /// The credentials are unknown, expired or revoked.
    #[error("the store does not accept the credentials: {message}")]
    CredentialsRefused {
        /// The store's words.
        message: String,
    },
    /// No such bucket, object or role.
    #[error("not found: {message}")]
    NotFound {
        /// The store's words.
        message: String,
    },
    /// The multipart upload was completed, aborted, or never begun.
    #[error("the upload does not exist")]
    NoSuchUpload,
    /// `If-Match` or `If-None-Match` did not hold.
    #[error("a precondition did not hold")]
    PreconditionFailed,
    /// Another write to the same thing was under way.
    #[error("another write was under way: {message}")]
    Conflict {
        /// The store's words.
        message: String,
    },
    /// The bytes are not those that were promised: checksum, length or parts differ.
    #[error("the content is not what was promised: {message}")]
    ContentDiffers {
        /// The store's words.
        message: String,
    },
    /// The bucket would hold more than it may.
    #[error("the bucket is full: {message}")]
    QuotaExceeded {
        /// The store's words.
        message: String,
    },
    /// The store asks to slow down.
    #[error("the store is busy: {message}")]
    Busy {
        /// The store's words.
        message: String,
    },
    /// No answer within the time allowed, or no connection.
    #[error("the store cannot be reached: {message}")]
    Unreachable {
        /// What failed.
        message: String,
    },
    /// The request could not be built or signed, or the answer could not be understood.
    #[error("the call failed: {message}")]
    Malformed {
        /// What failed.
        message: String,
    },
    /// Any other error of the service.
    #[error("the store answered {service_code}: {message}")]
    Service {
        /// AWS's error code, such as `MalformedPolicyDocument`.
        service_code: String,
        /// The store's words.
        message: String,
    },
}

impl AwsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "access-denied",
            Self::CredentialsRefused { .. } => "credentials-refused",
            Self::NotFound { .. } => "not-found",
            Self::NoSuchUpload => "no-such-upload",
            Self::PreconditionFailed => "precondition-failed",
            Self::Conflict { .. } => "conflict",
            Self::ContentDiffers { .. } => "content-differs",
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::Busy { .. } => "store-busy",
            Self::Unreachable { .. } => "store-unreachable",
            Self::Malformed { .. } => "store-call-failed",
            Self::Service { .. } => "store-error",
        }
    }

    pub(crate) fn malformed(what: impl ToString) -> Self {
        Self::Malformed { message: what.to_string() }
    }
}

/// Sorts the SDK's error. A HEAD answer has no body, so the status stands in for a missing code.
pub(crate) fn sort<E>(error: SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let SdkError::ServiceError(answer) = &error else {
        return without_answer(&error);
    };
    if answer.raw().status().is_success() && answer.err().code().is_none() {
        return AwsError::malformed(in_words(answer.err()));
    }
    let status = answer.raw().status().as_u16();
    let code = answer.err().code().unwrap_or_default();
    let message = answer.err().message().unwrap_or_default();
    by_code(code, status, message)
}

fn without_answer<E>(error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: std::error::Error + 'static,
{
    let message = in_words(error);
    if matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_)) {
        return AwsError::Unreachable { message };
    }
    AwsError::Malformed { message }
}

/// What an error and those behind it say, each once.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = vec![error.to_string()];
    let mut behind = error.source();
    while let Some(error) = behind {
        let said = error.to_string();
        if words.last().is_none_or(|last| !last.contains(&said)) {
            words.push(said);
        }
        behind = error.source();
    }
    words.join(": ")
}

pub(crate) fn by_code(code: &str, status: u16, message: &str) -> AwsError {
    let shown = if message.is_empty() { format!("status {status}") } else { message.to_owned() };
    match code {
        "AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" => {
            AwsError::Denied { message: shown }
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "TokenRefreshRequired" => AwsError::CredentialsRefused { message: shown },
        "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "NotFound" | "NoSuchEntity" => {
            AwsError::NotFound { message: shown }
        }
        "NoSuchUpload" => AwsError::NoSuchUpload,
        "PreconditionFailed" => AwsError::PreconditionFailed,
        "ConditionalRequestConflict" | "OperationAborted" | "ConcurrentModification" => {
            AwsError::Conflict { message: shown }
        }
        "BadDigest"
        | "InvalidPart"
        | "InvalidPartOrder"
        | "EntityTooSmall"
        | "EntityTooLarge"
        | "XAmzContentChecksumMismatch"
        | "IncompleteBody" => AwsError::ContentDiffers { message: shown },
        "QuotaExceeded" => AwsError::QuotaExceeded { message: shown },
        "SlowDown"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException"
        | "RequestTimeout" => AwsError::Busy { message: shown },
        _ => by_status(code, status, shown),
    }
}

fn by_status(code: &str, status: u16, message: String) -> AwsError {
    match status {
        403 if code.is_empty() => AwsError::Denied { message },
        404 if code.is_empty() => AwsError::NotFound { message },
        412 => AwsError::PreconditionFailed,
        503 => AwsError::Busy { message },
        _ => AwsError::Service { service_code: code.to_owned(), message },
    }
}

#[cfg(test)]
mod tests {
    use super::by_code;

    #[track_caller]
    fn check(code: &str, status: u16, expected: &str) {
        assert_eq!(by_code(code, status, "").code(), expected, "{code} {status}");
    }

    #[test]
    fn an_answer_without_a_body_is_sorted_by_its_status() {
        check("", 403, "access-denied");
        check("", 404, "not-found");
        check("", 412, "precondition-failed");
        check("", 503, "store-busy");
        check("", 500, "store-error");
    }

    #[test]
    fn a_code_says_more_than_a_status() {
        check("NoSuchUpload", 404, "no-such-upload");
        check("ExpiredToken", 400, "credentials-refused");
        check("BadDigest", 400, "content-differs");
        check("QuotaExceeded", 403, "quota-exceeded");
        check("MalformedPolicyDocument", 400, "store-error");
    }
}
