//! The port through which roles are really assumed and requests really made.

use std::fmt::Debug;

use async_trait::async_trait;
use wh_names::{Arn, BucketName, KeyPrefix};

use super::attempt::Attempt;

/// How a role is to be assumed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// The role.
    pub role: Arn,
    /// The session's name.
    pub session_name: String,
    /// Who stands behind the session.
    pub source_identity: Option<String>,
    /// The session's tags.
    pub tags: Vec<(String, String)>,
    /// What narrows the session, as JSON.
    pub session_policy: Option<String>,
    /// What a portal in another account must say.
    pub external_id: Option<String>,
}

/// Whose credentials a request is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// Those that the probes were given.
    Own,
    /// Those of a role that was assumed.
    Session(Assumption),
}

/// What should come of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is let through.
    Allowed,
    /// It is refused.
    Denied,
}

impl Expected {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }
}

/// What came of a probe. An error that is no refusal, such as that an object is not there, was let
/// through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It was let through.
    Allowed,
    /// It was refused, in the store's words.
    Denied(String),
    /// It could not be tried, and why.
    NotTried(String),
}

impl Came {
    /// As it stands in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
            Self::NotTried(_) => "not-tried",
        }
    }
}

/// How requests reach the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TLS 1.2 or later.
    Tls,
    /// Plain HTTP, as on loopback.
    Plain,
}

/// Assumes roles and makes requests. What it holds of sessions it forgets when it is dropped.
#[async_trait]
pub trait Probes: Debug + Send + Sync {
    /// The ARN of whom the probes' own credentials belong to, as `GetCallerIdentity` says it; the
    /// error says why nothing can be tried.
    async fn caller(&self) -> Result<String, String>;

    /// How requests reach the store.
    fn transport(&self) -> Transport;

    /// Assumes a role with the probes' own credentials, and keeps the session. Where it is expected to
    /// be allowed, a refusal may be too early and is tried again for as long as IAM takes to spread.
    async fn assume(&self, wanted: &Assumption, expected: Expected) -> Came;

    /// Makes one request. A session must have been assumed before.
    async fn attempt(&self, asker: &Asker, attempt: &Attempt) -> Came;

    /// Deletes every version of every object under a prefix, and the unfinished uploads; gives how
    /// many versions went, or why not all did.
    async fn clean(
        &self,
        asker: &Asker,
        bucket: &BucketName,
        prefix: &KeyPrefix,
    ) -> Result<usize, String>;
}
