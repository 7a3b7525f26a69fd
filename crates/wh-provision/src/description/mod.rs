//! The description of an estate: what an operator writes down in `estate.toml`, with all that was
//! left out filled in.

mod check;
mod fault;
mod guards;
mod raw;
mod read;
mod write;

use std::collections::BTreeMap;

use serde::Serialize;
use wh_names::{AccountId, BucketName, KeyPrefix, Partition, Region, Serving, Uid};
use wh_policy::rails::{Expectation, Rail};

pub(crate) use check::installation_is_valid;
pub use fault::{DescriptionError, DescriptionFault};

use crate::bucket::LifecycleRule;

/// Who keeps the estate's buckets and enforces its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Our own endpoint. It is asked only for what it honours.
    Embedded,
    /// Amazon S3, IAM, STS, KMS and CloudTrail.
    Aws,
}

/// What "full access to S3" means for `AdminRole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminScope {
    /// All of S3, on the estate's buckets.
    Buckets,
    /// All of S3, in the whole account.
    Account,
}

/// Where the portal runs, and so who delivers the credentials of its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalHost {
    /// An EC2 instance: by an instance profile.
    Ec2,
    /// A task of Amazon ECS: as its task role.
    Ecs,
    /// A pod of Amazon EKS: by EKS Pod Identity, which tags the session.
    Eks,
}

impl PortalHost {
    /// As it is written in `estate.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Ecs => "ecs",
            Self::Eks => "eks",
        }
    }
}

/// Which tags a session of a person's role may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionTags {
    /// `uid` and no other.
    OnlyUid,
    /// `uid` and any other: the session of a portal in EKS hands on tags of its own.
    Any,
}

/// The lowest version of TLS over which a bucket may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

impl TlsVersion {
    /// As the condition key `s3:TlsVersion` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

/// Who may end a retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Those with `s3:BypassGovernanceRetention`.
    Governance,
    /// Nobody, the account's root user included.
    Compliance,
}

/// The default retention of new objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// Who may end it.
    pub mode: LockMode,
    /// For how many days, 1–36,500.
    pub days: u32,
}

/// Object lock of a bucket. It cannot be taken off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ObjectLock {
    /// What holds for objects that say nothing; `None` leaves it to each object.
    pub retention: Option<Retention>,
}

/// The customer's key under AWS KMS that encrypts the buckets of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    /// Its alias, `alias/…`: by it buckets and policies name the key.
    pub alias: String,
}

/// A bucket of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketDescription {
    /// Its name.
    pub name: BucketName,
    /// The value of its tag `data-class`.
    pub data_class: String,
    /// Where instances may upload: a folder, ending in `/`.
    pub instance_prefix: Option<KeyPrefix>,
    /// Whether all of the table's settings are made, or only policy and CORS, as for the bucket of a
    /// gateway, whose upstream's own defaults hold.
    pub settings: Settings,
    /// What is cleared away by itself.
    pub lifecycle: LifecycleRule,
    /// How old a signature may be, in seconds: the ceiling of every presigned URL.
    pub presign_seconds_max: u32,
    /// The lowest version of TLS; `None` lets plain HTTP pass, where the store is on loopback.
    pub tls: Option<TlsVersion>,
    /// Persons to whom everything is denied at once.
    pub denied_uids: Vec<Uid>,
    /// Object lock.
    pub lock: Option<ObjectLock>,
}

/// How much of a bucket is the estate's to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// All that the target honours.
    All,
    /// The same without encryption: our own store may be told to encrypt nothing, and refuses it then.
    Unencrypted,
    /// CORS and bucket policy.
    Guards,
}

/// The bucket that holds access logs and trails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsDescription {
    /// Its name.
    pub name: BucketName,
    /// For how many days logs are kept.
    pub keep_days: u32,
}

/// The trail that records every read and write of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailDescription {
    /// Its name.
    pub name: String,
}

/// What should be, in the operator's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The name of this installation, 1–32 of a–z, 0–9 and `-`: it stands in the path of every role.
    pub installation: String,
    /// The account that owns everything.
    pub account: AccountId,
    /// The region of everything.
    pub region: Region,
    /// The partition of all ARNs.
    pub partition: Partition,
    /// Who keeps it.
    pub target: Target,
    /// The origins from which browsers use the buckets, such as `https://files.example.org`.
    pub portal_origins: Vec<String>,
    /// Where the portal runs.
    pub portal_host: PortalHost,
    /// What `AdminRole` administers.
    pub admin_scope: AdminScope,
    /// Which tags sessions may carry.
    pub session_tags: SessionTags,
    /// What the portal must say when it assumes a role, where it lives in another account.
    pub external_id: Option<String>,
    /// Tags of everything that takes tags, beside our own.
    pub tags: BTreeMap<String, String>,
    /// The customer's key; `None` leaves encryption to the store's own.
    pub key: Option<KeyDescription>,
    /// The buckets of files, at least one; the first is where everyone's files are.
    pub buckets: Vec<BucketDescription>,
    /// The bucket of logs.
    pub logs: Option<LogsDescription>,
    /// The trail.
    pub trail: Option<TrailDescription>,
    /// Whether public access is blocked for the account as a whole, too.
    pub block_account: bool,
    /// Files are scanned for malware, and these are served; `None`: they are not scanned.
    pub scan: Option<Serving>,
    /// Permissions that are written out for a role, as JSON, in the place of the standard ones.
    pub policies: BTreeMap<String, String>,
    /// Whether the standard guard rails hold here.
    pub standard_rails: bool,
    /// Guard rails of its own.
    pub rails: Vec<Rail>,
    /// What policies must allow and refuse, run at every change.
    pub expectations: Vec<Expectation>,
}

impl Description {
    /// Reads `estate.toml`. Unknown keys, values out of range and combinations that cannot be are
    /// refused, all that are found at once, each with its place and what to write instead.
    pub fn read(text: &str) -> Result<Self, DescriptionError> {
        read::read(text)
    }

    /// The same as `estate.toml`, with everything written out.
    pub fn to_toml(&self) -> String {
        write::write(self)
    }

    /// The IAM path of all that is ours: `/wellhouse/<installation>/`.
    pub fn path(&self) -> String {
        format!("/wellhouse/{}/", self.installation)
    }

    /// The ARN by which buckets and policies name the key.
    pub fn key_alias_arn(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        let Self { partition, region, account, .. } = self;
        Some(format!("arn:{partition}:kms:{region}:{account}:{}", key.alias))
    }
}
