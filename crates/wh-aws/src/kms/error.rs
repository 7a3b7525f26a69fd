//! Why master keys are not to be had from KMS, and what to do about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};

use crate::error::HttpResponse;

/// Why a sealed key file is not opened, or no new key made. Messages hold nothing secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KmsError {
    /// Neither the options, nor the key's ARN, nor the environment name a region.
    #[error(
        "no region of AWS KMS is known; configure it, or the KMS key by its ARN, or set AWS_REGION"
    )]
    NoRegion,
    /// A new master key needs a KMS key to be sealed under.
    #[error(
        "no KMS key is configured, and a new master key is sealed under one; configure its ARN"
    )]
    NoKmsKey,
    /// The id of a new master key is none.
    #[error("the id of the new master key may have 1 to 64 of `A-Z a-z 0-9 . _ -`")]
    BadNewId,
    /// There is no key in the file.
    #[error("the sealed key file holds no key; make one, or put the file back from a copy")]
    Empty,
    /// There are more keys in the file than are asked for at one start.
    #[error(
        "the sealed key file holds {keys} keys, and may hold {max}; rotate, and take out the lines that are not needed any more"
    )]
    TooManyKeys {
        /// How many there are.
        keys: usize,
        /// How many there may be.
        max: usize,
    },
    /// A line is not an id and a sealed key.
    #[error(
        "line {line} of the sealed key file is not `<id> <sealed key>`: write two words, or begin it with `#`"
    )]
    NotTwoWords {
        /// The line, from 1.
        line: usize,
    },
    /// An id has other characters than it may, or too many.
    #[error("line {line} of the sealed key file: the id may have 1 to 64 of `A-Z a-z 0-9 . _ -`")]
    BadId {
        /// The line, from 1.
        line: usize,
    },
    /// A sealed key is cut off, or was never Base64.
    #[error(
        "line {line} of the sealed key file: the sealed key is not Base64; put the line back from a copy"
    )]
    NotBase64 {
        /// The line, from 1.
        line: usize,
    },
    /// A key is too short to be a sealed one.
    #[error(
        "line {line} of the sealed key file is too short for a sealed key; if it is a plain key, seal it first and treat this file as a secret until the line is gone"
    )]
    NotSealed {
        /// The line, from 1.
        line: usize,
    },
    /// KMS did not open a line.
    #[error("line {line} of the sealed key file, `{id}`: {cause}")]
    Unseal {
        /// The line, from 1.
        line: usize,
        /// The id of its key.
        id: String,
        /// Why not.
        cause: KmsCause,
    },
    /// KMS made no new key.
    #[error("no new master key `{id}`: {cause}")]
    Generate {
        /// The id that it was to have.
        id: String,
        /// Why not.
        cause: KmsCause,
    },
    /// Everything together took too long.
    #[error(
        "the master keys were not to be had from AWS KMS within {seconds} s; look at the network, and start again"
    )]
    TimedOut {
        /// How long was waited.
        seconds: u64,
    },
}

impl KmsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRegion => "kms-no-region",
            Self::NoKmsKey => "kms-no-key",
            Self::BadNewId => "kms-bad-new-id",
            Self::Empty => "kms-file-empty",
            Self::TooManyKeys { .. } => "kms-file-too-many-keys",
            Self::NotTwoWords { .. } => "kms-file-not-two-words",
            Self::BadId { .. } => "kms-file-bad-id",
            Self::NotBase64 { .. } => "kms-file-not-base64",
            Self::NotSealed { .. } => "kms-file-not-sealed",
            Self::Unseal { cause, .. } | Self::Generate { cause, .. } => cause.code(),
            Self::TimedOut { .. } => "kms-timed-out",
        }
    }
}

/// What KMS had against a call, or what kept it from answering.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KmsCause {
    /// No permission, or a key that we may not know of.
    #[error(
        "AWS KMS refused {permission}: {message}; allow it for the KMS key to the server's role, in the role's policy and, where the key's policy does not leave that to IAM, there too, with this encryption context; and look whether region and KMS key are the right ones"
    )]
    Denied {
        /// The permission that is missing, such as `kms:Decrypt`.
        permission: &'static str,
        /// KMS's words.
        message: String,
    },
    /// There are no credentials to ask with.
    #[error(
        "there are no AWS credentials to ask AWS KMS with: {message}; give the server a role, or credentials in the environment"
    )]
    NoCredentials {
        /// What failed.
        message: String,
    },
    /// The credentials are unknown, expired or revoked.
    #[error("AWS KMS does not accept the server's credentials: {message}; renew them")]
    CredentialsRefused {
        /// KMS's words.
        message: String,
    },
    /// No such KMS key.
    #[error(
        "AWS KMS knows no such key: {message}; look at the configured KMS key, its region and its account"
    )]
    UnknownKey {
        /// KMS's words.
        message: String,
    },
    /// The KMS key is disabled, or is to be deleted.
    #[error(
        "the KMS key cannot be used now: {message}; enable it, or cancel its deletion before it is too late"
    )]
    KeyOff {
        /// KMS's words.
        message: String,
    },
    /// Sealed under another KMS key than the configured one.
    #[error(
        "it is sealed under another KMS key than the configured one: {message}; configure the right KMS key, and ask who changed the line"
    )]
    OtherKey {
        /// KMS's words.
        message: String,
    },
    /// The sealed key is damaged, or was sealed for another id.
    #[error(
        "AWS KMS cannot open it: the line is damaged, or was not sealed for this id; put it back from a copy, and never rename a sealed key"
    )]
    NotForThis,
    /// The KMS key is of another kind.
    #[error(
        "the KMS key does not encrypt: {message}; take a symmetric one, of usage ENCRYPT_DECRYPT"
    )]
    WrongUsage {
        /// KMS's words.
        message: String,
    },
    /// What KMS gave is no key of 32 bytes.
    #[error(
        "what AWS KMS gave is no key of 32 bytes; make a new master key, never seal other text"
    )]
    NotAKey,
    /// KMS asks to slow down, or cannot help now.
    #[error("AWS KMS was busy, at every attempt: {message}; start again in a minute")]
    Busy {
        /// KMS's words.
        message: String,
    },
    /// No answer within the time allowed, or no connection.
    #[error(
        "AWS KMS cannot be reached: {message}; look at the network, the region and the endpoint"
    )]
    Unreachable {
        /// What failed.
        message: String,
    },
    /// The request could not be built or signed, or the answer could not be understood.
    #[error("the call of AWS KMS failed: {message}")]
    Malformed {
        /// What failed.
        message: String,
    },
    /// Any other error of the service.
    #[error("AWS KMS answered {service_code}: {message}")]
    Service {
        /// AWS's error code, such as `ValidationException`.
        service_code: String,
        /// KMS's words.
        message: String,
    },
}

impl KmsCause {
    /// The stable code of this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "kms-denied",
            Self::NoCredentials { .. } => "kms-no-credentials",
            Self::CredentialsRefused { .. } => "kms-credentials-refused",
            Self::UnknownKey { .. } => "kms-unknown-key",
            Self::KeyOff { .. } => "kms-key-off",
            Self::OtherKey { .. } => "kms-other-key",
            Self::NotForThis => "kms-not-for-this-id",
            Self::WrongUsage { .. } => "kms-wrong-usage",
            Self::NotAKey => "kms-not-a-key",
            Self::Busy { .. } => "kms-busy",
            Self::Unreachable { .. } => "kms-unreachable",
            Self::Malformed { .. } => "kms-call-failed",
            Self::Service { .. } => "kms-error",
        }
    }
}

/// Sorts the SDK's error; `permission` is what the call needs.
pub(super) fn sort<E>(error: SdkError<E, HttpResponse>, permission: &'static str) -> KmsCause
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let SdkError::ServiceError(answer) = &error else {
        return without_answer(&error);
    };
    let status = answer.raw().status().as_u16();
    let message = match answer.err().message() {
        Some(message) if !message.is_empty() => message.to_owned(),
        Some(_) | None => format!("it gave no reason, with status {status}"),
    };
    let Some(code) = answer.err().code() else {
        return by_status(status, permission, message);
    };
    by_code(code, permission, message)
}

fn without_answer<E>(error: &SdkError<E, HttpResponse>) -> KmsCause
where
    E: Error + 'static,
{
    let first: &(dyn Error + 'static) = error;
    let chain = || std::iter::successors(Some(first), |error| Error::source(*error));
    let message = chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if chain().any(<dyn Error>::is::<CredentialsError>) {
        return KmsCause::NoCredentials { message };
    }
    if matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_)) {
        return KmsCause::Unreachable { message };
    }
    KmsCause::Malformed { message }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>
fn by_code(code: &str, permission: &'static str, message: String) -> KmsCause {
    match code {
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" => {
            KmsCause::Denied { permission, message }
        }
        "ExpiredTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "OptInRequired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => KmsCause::CredentialsRefused { message },
        "NotFoundException" | "InvalidArnException" => KmsCause::UnknownKey { message },
        "DisabledException" | "KMSInvalidStateException" => KmsCause::KeyOff { message },
        "IncorrectKeyException" => KmsCause::OtherKey { message },
        "InvalidCiphertextException" => KmsCause::NotForThis,
        "InvalidKeyUsageException" => KmsCause::WrongUsage { message },
        "DependencyTimeoutException"
        | "InternalFailure"
        | "KMSInternalException"
        | "KeyUnavailableException"
        | "LimitExceededException"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException" => KmsCause::Busy { message },
        _ => KmsCause::Service { service_code: code.to_owned(), message },
    }
}

/// For an answer that is not KMS's own, as of a proxy before it.
fn by_status(status: u16, permission: &'static str, message: String) -> KmsCause {
    match status {
        403 => KmsCause::Denied { permission, message },
        429 | 500..=599 => KmsCause::Busy { message },
        _ => KmsCause::Service { service_code: status.to_string(), message },
    }
}
