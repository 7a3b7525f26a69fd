//! The estate: what should be. One value, from which the plan and the documentation are made.

use std::sync::Arc;

use wh_names::{AccountId, Arn, BucketName, KeyPrefix, NameError, Partition, Region, RoleName};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyError, PolicyKind, size};

use crate::bucket::{self, BucketSpec};
use crate::roles::{self, InstanceProfileSpec, ManagedPolicySpec, RoleSpec, ServiceLinkedRole};

/// Who keeps the estate's bucket and enforces its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Our own endpoint. It is asked only for what it honours.
    Embedded,
    /// Amazon S3, IAM and STS.
    Aws,
}

/// What distinguishes one standard estate from another.
#[derive(Debug, Clone)]
pub struct StandardEstate {
    /// The partition of all ARNs.
    pub partition: Partition,
    /// The account that owns the bucket and the roles.
    pub account: AccountId,
    /// The bucket's region.
    pub region: Region,
    /// The bucket of everyone's files.
    pub bucket: BucketName,
    /// The name of this installation, 1–32 of a–z, 0–9 and `-`: it stands in the path of every role.
    pub installation: String,
    /// Where instances may upload: a folder of the bucket, ending in `/`.
    pub instance_prefix: KeyPrefix,
    /// The origins from which browsers use the bucket, such as `https://files.example.org`.
    pub portal_origins: Vec<String>,
    /// Who keeps it.
    pub target: Target,
}

/// Why an estate cannot be.
#[derive(Debug, thiserror::Error)]
pub enum EstateError {
    /// The installation's name would not do as a path of IAM.
    #[error("`{0}` is not a valid installation name: it must be 1–32 of a–z, 0–9 and `-`")]
    Installation(String),
    /// A grant to instances must end at a folder's border.
    #[error("`{0}` is not a valid prefix for instances: it must end in `/`")]
    InstancePrefix(String),
    /// A name that the estate makes is not valid.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A policy that the estate makes is not valid.
    #[error("the policy `{policy}` is not valid: {source}")]
    Policy {
        /// The policy's name.
        policy: String,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// A policy that the estate makes is longer than IAM takes.
    #[error("the policy `{policy}` has {length} characters; IAM takes {limit}")]
    PolicyTooLong {
        /// The policy's name.
        policy: String,
        /// Its length without white space, in characters.
        length: usize,
        /// IAM's limit.
        limit: usize,
    },
}

impl EstateError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Installation(_) => "invalid-installation",
            Self::InstancePrefix(_) => "invalid-instance-prefix",
            Self::Name(_) => "invalid-name",
            Self::Policy { .. } => "invalid-policy",
            Self::PolicyTooLong { .. } => "policy-too-long",
        }
    }
}

/// What should be.
#[derive(Debug, Clone)]
pub struct Estate {
    described: StandardEstate,
    bucket: BucketSpec,
    boundary: ManagedPolicySpec,
    roles: Vec<RoleSpec>,
    profiles: Vec<InstanceProfileSpec>,
    service_linked: Vec<ServiceLinkedRole>,
}

/// The longest name of an installation.
const INSTALLATION_CHARS_MAX: usize = 32;

impl Estate {
    /// The estate that every installation has: one bucket, six roles, one boundary.
    pub fn standard(described: StandardEstate) -> Result<Self, EstateError> {
        let name = &described.installation;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=INSTALLATION_CHARS_MAX).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(EstateError::Installation(name.clone()));
        }
        if !described.instance_prefix.as_str().ends_with('/') {
            let prefix = described.instance_prefix.to_string();
            return Err(EstateError::InstancePrefix(prefix));
        }
        let boundary = roles::boundary(&described)?;
        Ok(Self {
            bucket: bucket::standard(&described)?,
            roles: roles::standard(&described, &boundary)?,
            profiles: roles::instance_profiles(&described)?,
            service_linked: roles::service_linked(),
            boundary,
            described,
        })
    }

    /// The partition of all ARNs.
    pub fn partition(&self) -> &Partition {
        &self.described.partition
    }

    /// The account that owns the bucket and the roles.
    pub fn account(&self) -> &AccountId {
        &self.described.account
    }

    /// The bucket's region.
    pub fn region(&self) -> &Region {
        &self.described.region
    }

    /// The name of this installation.
    pub fn installation(&self) -> &str {
        &self.described.installation
    }

    /// Who keeps the estate.
    pub fn target(&self) -> Target {
        self.described.target
    }

    /// The IAM path of all that is ours: `/wellhouse/<installation>/`.
    pub fn path(&self) -> String {
        path(&self.described)
    }

    /// Where instances may upload.
    pub fn instance_prefix(&self) -> &KeyPrefix {
        &self.described.instance_prefix
    }

    /// The bucket and its settings.
    pub fn bucket(&self) -> &BucketSpec {
        &self.bucket
    }

    /// The bucket policy, as the store enforces it.
    pub fn bucket_policy(&self) -> &NamedPolicy {
        &self.bucket.policy
    }

    /// The permission boundary of every role that acts on files.
    pub fn boundary(&self) -> &ManagedPolicySpec {
        &self.boundary
    }

    /// The roles, in the order in which they are made.
    pub fn roles(&self) -> &[RoleSpec] {
        &self.roles
    }

    /// One role.
    pub fn role(&self, name: &RoleName) -> Option<&RoleSpec> {
        self.roles.iter().find(|role| role.name == *name)
    }

    /// The instance profiles.
    pub fn instance_profiles(&self) -> &[InstanceProfileSpec] {
        &self.profiles
    }

    /// The roles that AWS keeps for its own services.
    pub fn service_linked_roles(&self) -> &[ServiceLinkedRole] {
        &self.service_linked
    }
}

pub(crate) fn path(described: &StandardEstate) -> String {
    format!("/wellhouse/{}/", described.installation)
}

pub(crate) fn role_arn(
    described: &StandardEstate,
    name: &str,
) -> Result<(RoleName, Arn), NameError> {
    let name = RoleName::parse(name)?;
    let arn = Arn::role(&described.partition, &described.account, &path(described), &name);
    Ok((name, arn))
}

/// Reads a policy of ours exactly as the store will read it.
pub(crate) fn policy(
    name: &str,
    kind: PolicyKind,
    document: &serde_json::Value,
) -> Result<NamedPolicy, EstateError> {
    let text = document.to_string();
    let limit = match kind {
        // A role holds more than a user.
        PolicyKind::Identity => size::limit(kind).most,
        PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Resource
        | PolicyKind::Trust => size::limit(kind).least,
    };
    let length = size::measured(&text, kind);
    if length > limit {
        return Err(EstateError::PolicyTooLong { policy: name.to_owned(), length, limit });
    }
    let document = PolicyDocument::parse(&text, kind)
        .map_err(|source| EstateError::Policy { policy: name.to_owned(), source })?;
    Ok(NamedPolicy { name: name.to_owned(), document: Arc::new(document) })
}
