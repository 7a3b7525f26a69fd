//! The estate: what should be. One value, from which the plan and the documentation are made.

use std::sync::Arc;

use wh_names::{
    AccountId, Arn, BucketName, KeyPrefix, NameError, Partition, Region, RoleName, Serving,
};
use wh_policy::rails::RailError;
use wh_policy::{NamedPolicy, PolicyDocument, PolicyError, PolicyFault, PolicyKind, size};

use crate::bucket::{self, BucketSpec, Holds, LifecycleRule};
use crate::description::{
    AdminScope, BucketDescription, Description, KeyDescription, LogsDescription, PortalHost,
    SessionTags, Settings, Target, TlsVersion, TrailDescription, installation_is_valid,
};
use crate::key::{self, KeySpec};
use crate::roles::{self, InstanceProfileSpec, ManagedPolicySpec, RoleSpec, ServiceLinkedRole};
use crate::trail::{self, TrailSpec};

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
    /// How much of the bucket is set: a gateway's lies in a store of others, which may know no versions.
    pub settings: Settings,
    /// Files are scanned for malware, and these are served.
    pub scan: Option<Serving>,
}

impl StandardEstate {
    /// What a description that says no more than this means.
    fn described(self) -> Result<Description, NameError> {
        let on_aws = self.target == Target::Aws;
        let logs = format!("{}-logs", self.bucket);
        let installation = &self.installation;
        Ok(Description {
            key: on_aws
                .then(|| KeyDescription { alias: format!("alias/wellhouse-{installation}") }),
            logs: match self.target {
                Target::Aws => {
                    Some(LogsDescription { name: BucketName::parse(&logs)?, keep_days: LOG_DAYS })
                }
                Target::Embedded => None,
            },
            trail: on_aws.then(|| TrailDescription { name: format!("wellhouse-{installation}") }),
            buckets: vec![BucketDescription {
                name: self.bucket,
                data_class: "internal".to_owned(),
                instance_prefix: Some(self.instance_prefix),
                settings: self.settings,
                lifecycle: LifecycleRule::STANDARD,
                presign_seconds_max: PRESIGN_SECONDS,
                tls: on_aws.then_some(TlsVersion::V1_2),
                denied_uids: Vec::new(),
                lock: None,
            }],
            installation: self.installation,
            account: self.account,
            region: self.region,
            partition: self.partition,
            target: self.target,
            portal_origins: self.portal_origins,
            portal_host: PortalHost::Ec2,
            admin_scope: AdminScope::Buckets,
            session_tags: SessionTags::OnlyUid,
            external_id: None,
            tags: std::collections::BTreeMap::new(),
            block_account: false,
            scan: self.scan,
            policies: std::collections::BTreeMap::new(),
            standard_rails: true,
            rails: Vec::new(),
            expectations: Vec::new(),
        })
    }
}

/// How old a signature may be, in seconds, where nothing is said.
pub(crate) const PRESIGN_SECONDS: u32 = 900;
/// For how many days logs are kept where nothing is said.
pub(crate) const LOG_DAYS: u32 = 365;

/// Why an estate cannot be.
#[derive(Debug, thiserror::Error)]
pub enum EstateError {
    /// The installation's name would not do as a path of IAM.
    #[error("`{0}` is not a valid installation name: it must be 1–32 of a–z, 0–9 and `-`")]
    Installation(String),
    /// A grant to instances must end at a folder's border.
    #[error("`{0}` is not a valid prefix for instances: it must end in `/`")]
    InstancePrefix(String),
    /// Nothing to keep files in.
    #[error("an estate needs a bucket of files")]
    NoBucket,
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
    /// A guard rail cannot be asked about.
    #[error("a guard rail is not one: {0}")]
    Rail(#[from] RailError),
    /// A policy that the estate makes is longer than AWS takes.
    #[error(
        "the policy `{policy}` has {length} {measure}; AWS takes {limit}: name fewer buckets, prefixes \
         or uids in one estate"
    )]
    PolicyTooLong {
        /// The policy's name.
        policy: String,
        /// Its length, as its kind is measured.
        length: usize,
        /// What is counted.
        measure: &'static str,
        /// AWS's limit.
        limit: usize,
    },
}

impl EstateError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Installation(_) => "invalid-installation",
            Self::InstancePrefix(_) => "invalid-instance-prefix",
            Self::NoBucket => "no-bucket",
            Self::Name(_) => "invalid-name",
            Self::Policy { .. } => "invalid-policy",
            Self::Rail(error) => error.code(),
            Self::PolicyTooLong { .. } => "policy-too-long",
        }
    }
}

/// What should be.
#[derive(Debug, Clone)]
pub struct Estate {
    described: Description,
    key: Option<KeySpec>,
    logs: Option<BucketSpec>,
    files: BucketSpec,
    more_files: Vec<BucketSpec>,
    boundaries: Vec<ManagedPolicySpec>,
    roles: Vec<RoleSpec>,
    profiles: Vec<InstanceProfileSpec>,
    service_linked: Vec<ServiceLinkedRole>,
    trail: Option<TrailSpec>,
}

impl Estate {
    /// The estate that every installation has: one bucket, six roles (a seventh where files
    /// are scanned), two boundaries.
    pub fn standard(standard: StandardEstate) -> Result<Self, EstateError> {
        Self::of(standard.described()?)
    }

    /// The estate that a description asks for.
    pub fn of(described: Description) -> Result<Self, EstateError> {
        if !installation_is_valid(&described.installation) {
            return Err(EstateError::Installation(described.installation));
        }
        let prefixes = described.buckets.iter().filter_map(|b| b.instance_prefix.as_ref());
        if let Some(open) = prefixes.into_iter().find(|prefix| !prefix.as_str().ends_with('/')) {
            return Err(EstateError::InstancePrefix(open.to_string()));
        }
        let specs = described.buckets.iter().map(|bucket| bucket::standard(&described, bucket));
        let mut specs = specs.collect::<Result<Vec<_>, _>>()?.into_iter();
        let files = specs.next().ok_or(EstateError::NoBucket)?;
        let boundaries = roles::boundaries(&described)?;
        let estate = Self {
            key: key::key(&described)?,
            logs: match &described.logs {
                Some(logs) => Some(bucket::logs(&described, logs)?),
                None => None,
            },
            files,
            more_files: specs.collect(),
            roles: roles::standard(&described, &boundaries)?,
            profiles: roles::instance_profiles(&described)?,
            service_linked: roles::service_linked(),
            trail: trail::trail(&described),
            boundaries: boundaries.into_all(),
            described,
        };
        let realm = estate.realm();
        estate.rails().iter().try_for_each(|rail| rail.check(&realm))?;
        Ok(estate)
    }

    /// What it was made from.
    pub fn description(&self) -> &Description {
        &self.described
    }

    /// The partition of all ARNs.
    pub fn partition(&self) -> &Partition {
        &self.described.partition
    }

    /// The account that owns the buckets and the roles.
    pub fn account(&self) -> &AccountId {
        &self.described.account
    }

    /// The buckets' region.
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
        self.described.path()
    }

    /// Where instances may upload, in everyone's files' bucket.
    pub fn instance_prefix(&self) -> Option<&KeyPrefix> {
        self.described.buckets.first()?.instance_prefix.as_ref()
    }

    /// The key under KMS.
    pub fn key(&self) -> Option<&KeySpec> {
        self.key.as_ref()
    }

    /// The bucket of everyone's files.
    pub fn bucket(&self) -> &BucketSpec {
        &self.files
    }

    /// All buckets in the order in which they are made: that of logs first.
    pub fn buckets(&self) -> impl Iterator<Item = &BucketSpec> {
        self.logs.iter().chain([&self.files]).chain(&self.more_files)
    }

    /// The buckets of files.
    pub fn buckets_of_files(&self) -> impl Iterator<Item = &BucketSpec> {
        self.buckets().filter(|bucket| bucket.holds == Holds::Files)
    }

    /// The policy of everyone's files' bucket, as the store enforces it.
    pub fn bucket_policy(&self) -> &NamedPolicy {
        &self.files.policy
    }

    /// The permission boundaries, in the order in which they are made: that of the roles that act on
    /// files, then the portal's.
    pub fn boundaries(&self) -> &[ManagedPolicySpec] {
        &self.boundaries
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

    /// The trail.
    pub fn trail(&self) -> Option<&TrailSpec> {
        self.trail.as_ref()
    }
}

pub(crate) fn role_arn(described: &Description, name: &str) -> Result<(RoleName, Arn), NameError> {
    let name = RoleName::parse(name)?;
    let arn = Arn::role(&described.partition, &described.account, &described.path(), &name);
    Ok((name, arn))
}

/// Why a policy of ours is none: too long, which the operator can mend, or a fault of its own.
fn unread(name: &str, source: PolicyError) -> EstateError {
    let policy = name.to_owned();
    if let PolicyFault::TooLarge { size: length, most: limit, measure } = *source.fault() {
        return EstateError::PolicyTooLong { policy, length, measure, limit };
    }
    EstateError::Policy { policy, source }
}

/// Reads a policy of ours exactly as the store will read it.
pub(crate) fn policy(
    name: &str,
    kind: PolicyKind,
    document: &serde_json::Value,
) -> Result<NamedPolicy, EstateError> {
    policy_text(name, kind, &document.to_string())
}

/// The same, as somebody wrote it. What is measured is what will be sent, which may spell a character out.
pub(crate) fn policy_text(
    name: &str,
    kind: PolicyKind,
    text: &str,
) -> Result<NamedPolicy, EstateError> {
    let document = PolicyDocument::parse(text, kind).map_err(|source| unread(name, source))?;
    let size::SizeLimit { most, least, measure } = size::limit(kind);
    let limit = match kind {
        // A role holds more than a user.
        PolicyKind::Identity => most,
        PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Resource
        | PolicyKind::Trust => least,
    };
    let length = size::measured(&document.to_json(), kind);
    if length > limit {
        return Err(EstateError::PolicyTooLong { policy: name.to_owned(), length, measure, limit });
    }
    Ok(NamedPolicy { name: name.to_owned(), document: Arc::new(document) })
}
