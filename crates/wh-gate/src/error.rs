//! Why an admitted operation was not done after all.

use wh_authority::{AssumeRoleError, GetSessionTokenError, IamError};
use wh_ledger::LedgerError;
use wh_objects::StoreError;
use wh_policy::PolicyError;

use crate::{QuotaRefusal, Refusal};

/// A failure of an acting function.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A quota has no room for it.
    #[error("the {} quota has no room for it", .0.counter.subject.kind())]
    QuotaExceeded(Box<QuotaRefusal>),
    /// Whether a quota has room for it cannot be told.
    #[error("whether a quota has room for it cannot be told")]
    QuotaUnknown(#[source] LedgerError),
    /// The bucket policy is not valid.
    #[error("the bucket policy is malformed: {0}")]
    MalformedPolicy(#[source] PolicyError),
    /// The bucket policy is too large.
    #[error("a bucket policy may have {max} bytes")]
    PolicyTooLarge {
        /// The limit, in bytes.
        max: usize,
    },
    /// The bucket policy is public, and the bucket blocks such policies.
    #[error("the bucket policy is public, and BlockPublicPolicy blocks such policies")]
    PublicPolicyBlocked,
    /// An access control list that is not the one that every bucket and object has.
    #[error("the bucket does not allow access control lists")]
    AclsDisabled,
    /// The object has no part of this number.
    #[error("the object has no part {number}")]
    NoSuchPart {
        /// The number.
        number: u16,
    },
    /// The parts of the object were not kept when it was uploaded.
    #[error("the parts of the object are not known")]
    PartsUnknown,
    /// IAM did not do it.
    #[error(transparent)]
    Iam(#[from] IamError),
    /// The role was not assumed.
    #[error(transparent)]
    AssumeRole(#[from] AssumeRoleError),
    /// No session was opened.
    #[error(transparent)]
    GetSessionToken(#[from] GetSessionTokenError),
}

impl GateError {
    /// The stable code of this error, of AWS's making for IAM and STS.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.cause().code(),
            Self::Store(error) => error.code(),
            Self::QuotaExceeded(_) => "quota-exceeded",
            Self::QuotaUnknown(error) => error.code(),
            Self::MalformedPolicy(_) => "malformed-policy",
            Self::PolicyTooLarge { .. } => "policy-too-large",
            Self::PublicPolicyBlocked => "public-policy-blocked",
            Self::AclsDisabled => "acls-disabled",
            Self::NoSuchPart { .. } => "no-such-part",
            Self::PartsUnknown => "parts-unknown",
            Self::Iam(error) => error.code(),
            Self::AssumeRole(error) => error.code(),
            Self::GetSessionToken(error) => error.code(),
        }
    }
}
