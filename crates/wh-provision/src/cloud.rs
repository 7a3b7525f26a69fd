//! The port through which an estate is read back and changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use wh_names::{AccountId, Arn, BucketName, RoleName};

use crate::bucket::{BucketSettingKind, Found};
use crate::step::Step;

/// What a cloud says when it does not do as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloudError {
    /// What was to be made is there already.
    #[error("it exists already: {message}")]
    AlreadyExists {
        /// The cloud's words.
        message: String,
    },
    /// We may not.
    #[error("access denied: {message}")]
    Denied {
        /// The cloud's words.
        message: String,
    },
    /// No answer.
    #[error("the cloud cannot be reached: {message}")]
    Unreachable {
        /// What failed.
        message: String,
    },
    /// Any other refusal.
    #[error("the cloud answered {service_code}: {message}")]
    Refused {
        /// The cloud's code, such as `MalformedPolicyDocument`.
        service_code: String,
        /// The cloud's words.
        message: String,
    },
}

impl CloudError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyExists { .. } => "already-exists",
            Self::Denied { .. } => "access-denied",
            Self::Unreachable { .. } => "cloud-unreachable",
            Self::Refused { .. } => "cloud-refused",
        }
    }
}

/// A role, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleState {
    /// The role's ARN, with its path.
    pub arn: String,
    /// What the role is said to be for.
    pub description: String,
    /// The trust policy, as returned.
    pub trust: String,
    /// The longest session, in seconds.
    pub max_session_seconds: u32,
    /// The ARN of the boundary.
    pub boundary: Option<String>,
    /// The inline policies by name, as returned.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies.
    pub attached: BTreeSet<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// A managed policy, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicyState {
    /// The default version, as returned.
    pub document: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// An instance profile, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceProfileState {
    /// The profile's path.
    pub path: String,
    /// The names of its roles; IAM allows one.
    pub roles: BTreeSet<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// A key under KMS, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    /// Whether the alias names it; where not, it was found by its tag.
    pub aliased: bool,
    /// Whether it can be used: enabled, and not on its way to deletion.
    pub usable: bool,
    /// Whether its material is made anew every year.
    pub rotated: bool,
    /// The key policy, as returned.
    pub policy: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// A trail, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailState {
    /// The bucket that it writes to.
    pub bucket: String,
    /// Whether it covers all regions, with the global services, and seals its files.
    pub whole: bool,
    /// Whether it records.
    pub recording: bool,
    /// The beginnings of the ARNs of objects whose reads and writes it records, all of them; an empty one
    /// is every object.
    pub objects: BTreeSet<String>,
    /// Its classic selectors, in words: advanced ones take their place.
    pub classic: Vec<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// What carries an installation's tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    /// The buckets.
    pub buckets: Vec<BucketName>,
    /// The names of the trails.
    pub trails: Vec<String>,
    /// How many buckets were not looked at, for there are too many.
    pub not_looked_at: usize,
}

/// Reads back what is, and performs one write at a time.
#[async_trait]
pub trait Cloud: Debug + Send + Sync {
    /// The account in whose name we speak.
    async fn account(&self) -> Result<AccountId, CloudError>;

    /// A key, by its alias; where the alias names none, the key with the installation's tag that has
    /// no alias and is not on its way to deletion.
    async fn key(&self, alias: &str, installation: &str) -> Result<Option<KeyState>, CloudError>;

    /// Whether the bucket exists and is ours to see.
    async fn bucket_exists(&self, bucket: &BucketName) -> Result<bool, CloudError>;

    /// Whether a bucket that exists holds no object.
    async fn bucket_is_empty(&self, bucket: &BucketName) -> Result<bool, CloudError>;

    /// One setting of a bucket that exists.
    async fn bucket_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Found, CloudError>;

    /// A managed policy.
    async fn managed_policy(&self, arn: &Arn) -> Result<Option<ManagedPolicyState>, CloudError>;

    /// A role with its policies.
    async fn role(&self, name: &RoleName) -> Result<Option<RoleState>, CloudError>;

    /// An instance profile.
    async fn instance_profile(
        &self,
        name: &RoleName,
    ) -> Result<Option<InstanceProfileState>, CloudError>;

    /// The names of the instance profiles that a role is in, in any order; none where it is not there.
    async fn profiles_of(&self, role: &RoleName) -> Result<Vec<String>, CloudError>;

    /// The buckets and trails that carry the installation's tag.
    async fn owned(&self, installation: &str) -> Result<Owned, CloudError>;

    /// The names of the roles under a path, in any order.
    async fn roles_under(&self, path: &str) -> Result<Vec<String>, CloudError>;

    /// A trail, by its name.
    async fn trail(&self, name: &str) -> Result<Option<TrailState>, CloudError>;

    /// Whether public access is blocked for the account as a whole, all four ways.
    async fn account_is_blocked(&self) -> Result<bool, CloudError>;

    /// Performs one write.
    async fn perform(&self, step: &Step) -> Result<(), CloudError>;
}
