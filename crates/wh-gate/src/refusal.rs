//! The gate's *no*, and why.

use wh_authority::{AssumeRoleError, AuthenticationError};
use wh_policy::{Context, Explanation, Outcome};

use crate::{Caller, OperationKind};

/// A refusal. It has been recorded.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.message())]
pub struct Refusal(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    cause: RefusalCause,
    explanation: Explanation,
    /// The condition keys by which policies decided.
    context: Option<Context>,
    encoded: Option<String>,
}

/// Why the gate refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCause {
    /// The policies do not allow it; the explanation says which.
    Policy,
    /// Temporary credentials may not call IAM, whatever the policies say.
    TemporaryCredentials,
    /// Only a user or the root user may ask for it, by an access key.
    SessionCredentials,
    /// The root user may not assume roles.
    Root,
    /// A person's access key assumes no roles.
    PersonKey,
    /// Nobody said who they are.
    Anonymous,
    /// The credentials have stopped counting.
    Credentials(AuthenticationError),
    /// The request can be granted to nobody.
    Invalid,
    /// The bucket's policy is public, and its public access block keeps all but its account out.
    PublicAccess,
    /// A policy that has a say, or the request's subject, could not be read.
    Unreadable,
    /// The intent could not be recorded.
    Unrecorded,
}

impl RefusalCause {
    /// The stable code of the cause.
    pub fn code(self) -> &'static str {
        match self {
            Self::Policy => "denied-by-policy",
            Self::TemporaryCredentials => "temporary-credentials",
            Self::SessionCredentials => "session-credentials",
            Self::Root => "root",
            Self::PersonKey => "person-key",
            Self::Anonymous => "anonymous",
            Self::Credentials(error) => error.code(),
            Self::Invalid => "invalid",
            Self::PublicAccess => "public-access-blocked",
            Self::Unreadable => "unreadable-policy",
            Self::Unrecorded => "unrecorded",
        }
    }
}

impl Refusal {
    pub(crate) fn by_policy(explanation: Explanation, context: &Context) -> Self {
        let (cause, context) = (RefusalCause::Policy, Some(context.clone()));
        Self(Box::new(Inner { cause, explanation, context, encoded: None }))
    }

    pub(crate) fn context(&self) -> Option<&Context> {
        self.0.context.as_ref()
    }

    pub(crate) fn with_encoded(mut self, encoded: Option<String>) -> Self {
        self.0.encoded = encoded;
        self
    }

    /// The refusal with all that it was judged by, sealed: only who may call
    /// `DecodeAuthorizationMessage` can read it. Strangers get none.
    pub fn encoded(&self) -> Option<&str> {
        self.0.encoded.as_deref()
    }

    /// A refusal that no policy decided.
    pub(crate) fn of(cause: RefusalCause, caller: &Caller, asked: (&str, &str)) -> Self {
        let explanation = Explanation {
            outcome: Outcome::ImplicitDeny,
            principal: caller.principal.label().to_owned(),
            action: asked.0.to_owned(),
            resource: asked.1.to_owned(),
            policy_type: None,
            policy: None,
            statement: None,
            near_miss: None,
        };
        Self(Box::new(Inner { cause, explanation, context: None, encoded: None }))
    }

    pub(crate) fn of_assume_role(
        error: &AssumeRoleError,
        caller: &Caller,
        asked: (&str, &str),
    ) -> Self {
        let cause = match error {
            AssumeRoleError::Denied(explanation) => {
                let (cause, explanation) = (RefusalCause::Policy, explanation.as_ref().clone());
                return Self(Box::new(Inner { cause, explanation, context: None, encoded: None }));
            }
            AssumeRoleError::Authentication(error) => RefusalCause::Credentials(*error),
            AssumeRoleError::Root => RefusalCause::Root,
            AssumeRoleError::PersonKey => RefusalCause::PersonKey,
            AssumeRoleError::Invalid { .. }
            | AssumeRoleError::MalformedPolicy(_)
            | AssumeRoleError::PackedPolicyTooLarge { .. } => RefusalCause::Invalid,
        };
        Self::of(cause, caller, asked)
    }

    /// Why.
    pub fn cause(&self) -> RefusalCause {
        self.0.cause
    }

    /// Who asked for what, and which policy decided.
    pub fn explanation(&self) -> &Explanation {
        &self.0.explanation
    }

    /// The refusal as one sentence, in AWS's wording where AWS has one.
    pub fn message(&self) -> String {
        let why = match self.0.cause {
            RefusalCause::Policy | RefusalCause::Anonymous => return self.explanation().message(),
            RefusalCause::TemporaryCredentials => "temporary credentials may not call IAM",
            RefusalCause::SessionCredentials => "it cannot be called with session credentials",
            RefusalCause::Root => "roles may not be assumed by root accounts",
            RefusalCause::PersonKey => "a person's access key assumes no role",
            RefusalCause::Credentials(error) => {
                return format!("{}: {error}", self.explanation().message());
            }
            RefusalCause::Invalid => "the request is not valid",
            RefusalCause::PublicAccess => {
                "the bucket's policy is public, and RestrictPublicBuckets keeps out all but the \
                 principals of its account"
            }
            RefusalCause::Unreadable => "a policy that has a say cannot be read",
            RefusalCause::Unrecorded => "the intent cannot be recorded",
        };
        format!("{}: {why}", self.explanation().message())
    }
}

/// The name under which an operation without an action of its own is recorded.
pub(crate) fn plain(kind: OperationKind) -> (&'static str, &'static str) {
    (kind.as_str(), "*")
}
