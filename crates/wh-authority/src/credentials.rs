//! What is handed out for a role session, and why credentials may not count.

use jiff::Timestamp;
use wh_ledger::PersonKeyRefusal;
use wh_names::{AccessKeyId, Secret};

/// Temporary credentials. All three halves are needed to use them.
#[derive(Debug, Clone)]
pub struct TemporaryCredentials {
    /// `ASIA…`.
    pub access_key_id: AccessKeyId,
    /// What requests are signed with.
    pub secret_access_key: Secret,
    /// What goes with each request; opaque to everybody but this authority.
    pub session_token: Secret,
    /// When they stop counting.
    pub expires: Timestamp,
}

/// Why credentials do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// No such access key was ever issued, or it lacks its session token.
    #[error("the access key id is not known")]
    InvalidAccessKeyId,
    /// The session token is forged, damaged, belongs to other credentials, or its role is gone.
    #[error("the session token is not valid")]
    InvalidToken,
    /// The credentials' time is over.
    #[error("the credentials have expired")]
    ExpiredToken,
    /// The person's access or portal session was ended after the credentials were issued.
    #[error("the credentials have been revoked")]
    Revoked,
    /// It is a person's access key, and does not count.
    #[error("{0}")]
    KeyRefused(PersonKeyRefusal),
    /// A policy of the role cannot be read. What cannot be judged is refused.
    #[error("a policy of the role cannot be read")]
    UnreadablePolicy,
    /// What is known of the access key could not be read.
    #[error("the access key could not be looked up")]
    Unavailable,
}

impl AuthenticationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidAccessKeyId => "invalid-access-key-id",
            Self::InvalidToken => "invalid-token",
            Self::ExpiredToken => "expired-token",
            Self::Revoked => "revoked",
            Self::KeyRefused(why) => why.code(),
            Self::UnreadablePolicy => "unreadable-policy",
            Self::Unavailable => "unavailable",
        }
    }
}
