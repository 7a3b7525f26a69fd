//! Why a signature or a body was not believed.

use wh_authority::PersonKeyRefusal;

use crate::fault::Fault;

/// Why a request's credentials were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error("credentials stand in the header and in the query at once")]
    TwoMechanisms,
    #[error("the authorization mechanism is not AWS4-HMAC-SHA256")]
    UnsupportedMechanism,
    #[error("the authorization header is malformed: {0}")]
    MalformedHeader(&'static str),
    #[error("the query's credentials are malformed: {0}")]
    MalformedQuery(&'static str),
    #[error("the form's credentials are malformed: {0}")]
    MalformedForm(&'static str),
    #[error("the request carries no date")]
    MissingDate,
    #[error("the scope names service `{found}` instead of `{expected}`")]
    WrongService { expected: String, found: String, form: super::Form },
    #[error("the scope names region `{found}` instead of `{expected}`")]
    WrongRegion { expected: String, found: String, form: super::Form },
    #[error("the request was signed too far from now")]
    TooSkewed,
    #[error("the presigned request has expired")]
    Expired,
    #[error("the presigned request is not valid yet")]
    NotYetValid,
    #[error("headers were not signed: {0}")]
    HeadersNotSigned(String),
    #[error("the signed header `{0}` is not in the request")]
    SignedHeaderMissing(String),
    #[error("x-amz-content-sha256 is missing")]
    PayloadHashMissing,
    #[error("x-amz-content-sha256 is not a value that this door knows")]
    PayloadHashInvalid,
    #[error("the access key is not known")]
    UnknownAccessKey,
    #[error("the signature does not match")]
    Mismatch,
    #[error("the security token is invalid")]
    InvalidToken,
    #[error("the security token has expired")]
    ExpiredToken,
    #[error("the request is not signed")]
    Anonymous,
    #[error("{0}")]
    KeyRefused(PersonKeyRefusal),
    #[error("a policy of the role cannot be read")]
    Unavailable,
    #[error("the access key could not be looked up")]
    NotNow,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your key and signing method.";
const SKEWED: &str = "The difference between the request time and the server's time is too large.";
const ONE_MECHANISM: &str = "Only one auth mechanism allowed; only the X-Amz-Algorithm query \
                             parameter, Signature query string parameter or the Authorization \
                             header should be specified";
const MECHANISM: &str = "The authorization mechanism you have provided is not supported. Please \
                         use AWS4-HMAC-SHA256.";

impl SignatureError {
    /// The refusal as S3 words it.
    pub(crate) fn s3(&self) -> Fault {
        match self {
            Self::TwoMechanisms => Fault::bad_request("InvalidArgument", ONE_MECHANISM),
            Self::UnsupportedMechanism => Fault::bad_request("InvalidRequest", MECHANISM),
            Self::MalformedHeader(why) => Fault::bad_request("AuthorizationHeaderMalformed", *why),
            Self::MalformedQuery(why) => {
                Fault::bad_request("AuthorizationQueryParametersError", *why)
            }
            Self::MalformedForm(why) => Fault::bad_request("InvalidArgument", *why),
            Self::MissingDate => Fault::forbidden(
                "AccessDenied",
                "AWS authentication requires a valid Date or x-amz-date header",
            ),
            Self::WrongService { expected, found, form } => {
                let why = format!(
                    "incorrect service \"{found}\". This endpoint belongs to \"{expected}\"."
                );
                scope_fault(*form, why)
            }
            Self::WrongRegion { expected, found, form } => {
                let why = format!("the region '{found}' is wrong; expecting '{expected}'");
                scope_fault(*form, why).with_detail("Region", expected)
            }
            Self::Expired => Fault::forbidden("AccessDenied", "Request has expired"),
            Self::TooSkewed | Self::NotYetValid => Fault::forbidden("RequestTimeTooSkewed", SKEWED),
            Self::HeadersNotSigned(names) => Fault::forbidden(
                "AccessDenied",
                "There were headers present in the request which were not signed",
            )
            .with_detail("HeadersNotSigned", names),
            Self::PayloadHashMissing => Fault::bad_request(
                "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256",
            ),
            Self::PayloadHashInvalid => Fault::bad_request(
                "InvalidArgument",
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
                 STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or \
                 a valid sha256 value.",
            ),
            Self::UnknownAccessKey => Fault::forbidden(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            // Only who holds the secret learns why.
            Self::KeyRefused(why) => Fault::forbidden("InvalidAccessKeyId", why.to_string()),
            Self::NotNow => Fault::internal(),
            Self::SignedHeaderMissing(_) | Self::Mismatch => {
                Fault::forbidden("SignatureDoesNotMatch", MISMATCH)
            }
            Self::InvalidToken => Fault::bad_request(
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            ),
            Self::ExpiredToken => {
                Fault::bad_request("ExpiredToken", "The provided token has expired.")
            }
            Self::Anonymous | Self::Unavailable => {
                Fault::forbidden("AccessDenied", "Access Denied")
            }
        }
    }

    /// The refusal as STS and IAM word it.
    pub(crate) fn query(&self) -> Fault {
        match self {
            Self::UnknownAccessKey | Self::InvalidToken => Fault::forbidden(
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            Self::KeyRefused(why) => Fault::forbidden("InvalidClientTokenId", why.to_string()),
            Self::NotNow => Fault::internal(),
            Self::ExpiredToken => Fault::forbidden(
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            Self::TooSkewed | Self::Expired | Self::NotYetValid => {
                Fault::forbidden("SignatureDoesNotMatch", format!("Signature expired: {SKEWED}"))
            }
            Self::Mismatch
            | Self::SignedHeaderMissing(_)
            | Self::HeadersNotSigned(_)
            | Self::WrongRegion { .. }
            | Self::WrongService { .. }
            | Self::PayloadHashInvalid
            | Self::PayloadHashMissing => Fault::forbidden("SignatureDoesNotMatch", MISMATCH),
            Self::TwoMechanisms
            | Self::UnsupportedMechanism
            | Self::MalformedHeader(_)
            | Self::MalformedQuery(_)
            | Self::MalformedForm(_)
            | Self::MissingDate => Fault::bad_request("IncompleteSignature", self.to_string()),
            Self::Anonymous => Fault::forbidden(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            Self::Unavailable => Fault::forbidden("AccessDenied", "Access Denied"),
        }
    }
}

fn scope_fault(form: super::Form, why: String) -> Fault {
    match form {
        super::Form::Header => {
            let message = format!("The authorization header is malformed; {why}");
            Fault::bad_request("AuthorizationHeaderMalformed", message)
        }
        super::Form::Query => {
            let message = format!("Error parsing the X-Amz-Credential parameter; {why}");
            Fault::bad_request("AuthorizationQueryParametersError", message)
        }
        super::Form::Post => {
            let message = format!("Error parsing the x-amz-credential field; {why}");
            Fault::bad_request("InvalidArgument", message)
        }
    }
}

/// Why a body was not the body that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PayloadError {
    #[error("the body's SHA-256 is not the one that was signed")]
    Sha256Mismatch,
    #[error("a chunk's signature does not match")]
    ChunkSignature,
    #[error("the trailer's signature does not match")]
    TrailerSignature,
    #[error("the chunked body is malformed")]
    ChunkFormat,
    #[error("the body is shorter or longer than was announced")]
    Length,
    #[error("an announced trailer is missing, or one came that was not announced")]
    Trailer,
    #[error("the body is longer than a document may be")]
    TooLong,
    #[error("the file is longer than its form's policy allows")]
    AboveRange,
    #[error("the file is shorter than its form's policy allows")]
    BelowRange,
    #[error("the client stopped sending")]
    Stalled,
    #[error("the connection broke while the body was read")]
    Broken,
}

impl PayloadError {
    /// The refusal as S3 words it.
    pub(crate) fn s3(self) -> Fault {
        match self {
            Self::Sha256Mismatch => Fault::bad_request(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::ChunkSignature | Self::TrailerSignature => {
                Fault::forbidden("SignatureDoesNotMatch", MISMATCH)
            }
            Self::ChunkFormat => Fault::bad_request(
                "InvalidRequest",
                "The aws-chunked body of the request is malformed.",
            ),
            Self::Length | Self::Broken => Fault::bad_request(
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Self::Trailer => Fault::bad_request(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform \
                 to our published schema.",
            ),
            Self::TooLong => {
                Fault::bad_request("MaxMessageLengthExceeded", "Your request was too large.")
            }
            Self::AboveRange => Fault::bad_request(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
            ),
            Self::BelowRange => Fault::bad_request(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            ),
            Self::Stalled => Fault::bad_request(
                "RequestTimeout",
                "Your socket connection to the server was not read from or written to within the \
                 timeout period.",
            ),
        }
    }
}
