//! Sessions of users and of the root user themselves: `GetSessionToken`.
//!
//! A session hangs on the access key that asked for it: it ends when the key is deactivated or
//! deleted. On AWS it would go on; here what is revoked is revoked.
//!
//! Source: STS API Reference, `GetSessionToken`.

use jiff::{SignedDuration, Timestamp};
use wh_names::AccessKeyId;

use crate::principal::Kind;
use crate::seal::OwnClaims;
use crate::{AuthenticationError, Authority, Principal, TemporaryCredentials};

const DURATION_S_MIN: u32 = 900;
const DURATION_S_MAX: u32 = 129_600;
const DURATION_S_DEFAULT: u32 = 43_200;
/// The longest session of the root user.
const ROOT_S_MAX: u32 = 3600;

/// A session of a user or of the root user, as it was recognised.
#[derive(Debug, Clone)]
pub(crate) struct OwnSession {
    /// The access key that asked for it.
    pub(crate) parent: AccessKeyId,
    /// The unique id of the user that had the key; none for the root user.
    pub(crate) user_id: Option<String>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

impl OwnSession {
    pub(crate) fn read(claims: OwnClaims) -> Option<Self> {
        Some(Self {
            parent: AccessKeyId::parse(&claims.pk).ok()?,
            user_id: claims.ui,
            issued: Timestamp::from_millisecond(claims.ia).ok()?,
            expires: Timestamp::from_millisecond(claims.ex).ok()?,
        })
    }
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum GetSessionTokenError {
    /// The caller's credentials do not count.
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    /// The caller is not a user, but a session or nobody.
    #[error("cannot call GetSessionToken with session credentials")]
    NotAUser,
    /// The duration is not one that STS accepts.
    #[error("DurationSeconds must be between {DURATION_S_MIN} and {DURATION_S_MAX}")]
    Duration,
    /// The session does not fit into a token.
    #[error("the session does not fit into a token")]
    TooLarge,
}

impl GetSessionTokenError {
    /// AWS's code for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Authentication(AuthenticationError::ExpiredToken) => "ExpiredTokenException",
            Self::Authentication(
                AuthenticationError::InvalidAccessKeyId
                | AuthenticationError::InvalidToken
                | AuthenticationError::Revoked
                | AuthenticationError::KeyRefused(_),
            ) => "InvalidClientTokenId",
            Self::Authentication(AuthenticationError::Unavailable) => "ServiceUnavailable",
            Self::Authentication(AuthenticationError::UnreadablePolicy) | Self::NotAUser => {
                "AccessDenied"
            }
            Self::Duration => "ValidationError",
            Self::TooLarge => "PackedPolicyTooLarge",
        }
    }
}

impl Authority {
    /// Opens a session of the user, or of the root user, that asks. It may do what the user may,
    /// except to call IAM and STS.
    pub fn get_session_token(
        &self,
        caller: &Principal,
        duration_s: Option<u32>,
    ) -> Result<TemporaryCredentials, GetSessionTokenError> {
        // Credentials that have stopped counting open nothing.
        self.standing(caller)?;
        let seconds = duration_s.unwrap_or(DURATION_S_DEFAULT);
        if !(DURATION_S_MIN..=DURATION_S_MAX).contains(&seconds) {
            return Err(GetSessionTokenError::Duration);
        }
        let (parent, user_id, seconds) = match caller.kind() {
            Kind::Anonymous | Kind::Session(_) | Kind::OwnSession(_) | Kind::Federated(_) => {
                return Err(GetSessionTokenError::NotAUser);
            }
            Kind::Root => (self.keys.root_access_key_id(), None, seconds.min(ROOT_S_MAX)),
            Kind::User(known) => (&known.access_key, Some(known.user_id.clone()), seconds),
        };
        let now = self.now();
        let lifetime = SignedDuration::from_secs(seconds.into());
        let expires = now.checked_add(lifetime).unwrap_or(now);
        let (ia, ex) = (now.as_millisecond(), expires.as_millisecond());
        let claims = OwnClaims { pk: parent.as_str().to_owned(), ui: user_id, ia, ex };
        self.issue_own(&claims).ok_or(GetSessionTokenError::TooLarge)
    }
}
