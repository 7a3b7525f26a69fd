//! Why IAM did not do what it was asked for.

use wh_ledger::LedgerError;
use wh_policy::PolicyError;

/// A failure of an IAM request.
#[derive(Debug, thiserror::Error)]
pub enum IamError {
    /// What the request names does not exist.
    #[error("the {what} `{name}` cannot be found")]
    NoSuchEntity {
        /// What was looked for: `role`, `policy`.
        what: &'static str,
        /// The name that was given.
        name: String,
    },
    /// There is one of this name already.
    #[error("the {what} `{name}` already exists")]
    EntityAlreadyExists {
        /// What there is already.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A document is not valid.
    #[error("the policy document is malformed: {0}")]
    MalformedPolicyDocument(#[source] PolicyError),
    /// A limit of IAM would be exceeded.
    #[error("{what} is limited to {max}")]
    LimitExceeded {
        /// What is limited.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// Something else still hangs on what should be deleted.
    #[error("the {what} still {why}")]
    DeleteConflict {
        /// What should be deleted.
        what: &'static str,
        /// What is in the way.
        why: &'static str,
    },
    /// A value is not one that IAM accepts.
    #[error("{why}")]
    Validation {
        /// In plain words.
        why: String,
    },
    /// The request as a whole cannot be granted.
    #[error("{why}")]
    InvalidInput {
        /// In plain words.
        why: String,
    },
    /// A message is none that was sealed here.
    #[error("{why}")]
    InvalidAuthorizationMessage {
        /// In plain words.
        why: String,
    },
    /// A service-linked role belongs to its service.
    #[error("the role `{role}` is linked to a service and cannot be changed")]
    UnmodifiableEntity {
        /// The role.
        role: String,
    },
    /// No secret could be made or sealed. Nothing has changed.
    #[error("no access key can be made now")]
    NoSecret,
    /// The change could not be made durable. Nothing has changed.
    #[error("the change could not be written")]
    ServiceFailure(#[from] LedgerError),
}

impl IamError {
    /// AWS's code for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchEntity { .. } => "NoSuchEntity",
            Self::EntityAlreadyExists { .. } => "EntityAlreadyExists",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::LimitExceeded { .. } => "LimitExceeded",
            Self::DeleteConflict { .. } => "DeleteConflict",
            Self::Validation { .. } => "ValidationError",
            Self::InvalidInput { .. } => "InvalidInput",
            Self::InvalidAuthorizationMessage { .. } => "InvalidAuthorizationMessageException",
            Self::UnmodifiableEntity { .. } => "UnmodifiableEntity",
            Self::NoSecret | Self::ServiceFailure(_) => "ServiceFailure",
        }
    }
}
