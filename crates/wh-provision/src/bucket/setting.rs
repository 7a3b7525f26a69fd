//! One setting of a bucket, wanted or found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use wh_names::BucketName;

use crate::canonical;
use crate::description::ObjectLock;

/// One setting of a bucket, with the value that is wanted or found. A setting that is found with
/// any other value than these can express counts as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum BucketSetting {
    /// All four switches of Block Public Access are on.
    PublicAccessBlocked,
    /// `BucketOwnerEnforced`: access control lists are off.
    OwnerEnforced,
    /// How objects are encrypted that say nothing of it.
    Encrypted(Encryption),
    /// Versioning is enabled.
    Versioned,
    /// Our rule of the lifecycle; others are kept.
    Lifecycle(LifecycleRule),
    /// These tags are there; others are kept.
    Tagged(BTreeMap<String, String>),
    /// Our CORS rule; others are kept.
    Cors(CorsRule),
    /// Where the bucket's access logs go.
    Logged(Logging),
    /// Changes are told to Amazon `EventBridge`; other notifications are kept.
    Events,
    /// Object lock, with its default retention.
    Locked(ObjectLock),
    /// Something that a bucket can have is not there, on purpose.
    Without(Unwanted),
    /// The bucket policy, as JSON.
    Policy(String),
}

/// How objects are encrypted by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Encryption {
    /// The key under KMS, by the ARN of its alias (SSE-KMS, with a bucket key); `None` for the
    /// store's own keys (SSE-S3).
    pub key: Option<String>,
    /// Whether keys of the client's own (SSE-C) are refused.
    pub refuses_sse_c: bool,
}

/// Where a bucket's access logs go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// The bucket of logs.
    #[serde(serialize_with = "crate::shown::shown")]
    pub bucket: BucketName,
    /// What their keys begin with; partitioned by the time of the event below that.
    pub prefix: String,
}

/// What a bucket of ours does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwanted {
    /// It serves no website: every byte is asked for with a signature.
    Website,
    /// No transfer acceleration: it is another way in, past an endpoint's policy.
    Acceleration,
    /// The owner pays: signed requests of others are denied anyway.
    RequesterPays,
    /// Nothing is copied to buckets that no policy here speaks of.
    Replication,
}

impl Unwanted {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Website, Self::Acceleration, Self::RequesterPays, Self::Replication];
}

/// Which setting of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BucketSettingKind {
    /// Block Public Access.
    PublicAccess,
    /// Object ownership.
    Ownership,
    /// Default encryption.
    Encryption,
    /// Versioning.
    Versioning,
    /// The lifecycle.
    Lifecycle,
    /// Tags.
    Tags,
    /// Cross-origin requests.
    Cors,
    /// Access logs.
    Logging,
    /// Events.
    Events,
    /// Object lock.
    ObjectLock,
    /// What it should not have.
    Without(Unwanted),
    /// The bucket policy.
    Policy,
}

/// A setting that holds rules of several, ours and others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// The rules of the lifecycle.
    Lifecycle,
    /// The cross-origin rules.
    Cors,
    /// To whom changes are told.
    Events,
}

impl Shared {
    /// All of them.
    const ALL: [Self; 3] = [Self::Lifecycle, Self::Cors, Self::Events];

    /// Which setting of a bucket it is.
    pub fn kind(self) -> BucketSettingKind {
        match self {
            Self::Lifecycle => BucketSettingKind::Lifecycle,
            Self::Cors => BucketSettingKind::Cors,
            Self::Events => BucketSettingKind::Events,
        }
    }

    /// The one that a setting is.
    pub(crate) fn of(kind: BucketSettingKind) -> Option<Self> {
        Self::ALL.into_iter().find(|shared| shared.kind() == kind)
    }
}

/// A setting as it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What is there of ours; `None` where it is not set, or not as we know to set it.
    pub setting: Option<BucketSetting>,
    /// What is there beside it, in words: rules and tags of others, which are kept.
    pub foreign: Vec<String>,
}

impl From<Option<BucketSetting>> for Found {
    fn from(setting: Option<BucketSetting>) -> Self {
        Self { setting, foreign: Vec::new() }
    }
}

/// What is cleared away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LifecycleRule {
    /// Days until an upload that was not completed is given up.
    pub abort_uploads_days: u32,
    /// Days until an old version goes.
    pub old_version_days: u32,
    /// How many old versions of an object stay beyond that.
    pub old_versions_kept: u32,
    /// Days until an object moves to Intelligent-Tiering; `None` leaves it where it is.
    pub tiering_days: Option<u32>,
    /// Days until an object itself goes: logs do, files never.
    pub expire_days: Option<u32>,
}

impl LifecycleRule {
    /// What holds where the description says nothing.
    pub const STANDARD: Self = Self {
        abort_uploads_days: 7,
        old_version_days: 90,
        old_versions_kept: 3,
        tiering_days: None,
        expire_days: None,
    };
}

/// Which pages of other origins may use the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorsRule {
    /// Exact origins.
    pub origins: Vec<String>,
    /// Upper-case methods.
    pub methods: Vec<String>,
    /// Lower-case request headers.
    pub allowed_headers: Vec<String>,
    /// Response headers that pages may read.
    pub exposed_headers: Vec<String>,
    /// Seconds for which a preflight's answer holds.
    pub max_age_seconds: u32,
}

impl CorsRule {
    /// The same rule with its lists in one order; header names ignore case.
    fn canonical(&self) -> Self {
        let sorted = |list: &[String], fold: bool| {
            let fold = |s: &String| if fold { s.to_ascii_lowercase() } else { s.clone() };
            let mut list: Vec<String> = list.iter().map(fold).collect();
            list.sort();
            list
        };
        Self {
            origins: sorted(&self.origins, false),
            methods: sorted(&self.methods, false),
            allowed_headers: sorted(&self.allowed_headers, true),
            exposed_headers: sorted(&self.exposed_headers, true),
            max_age_seconds: self.max_age_seconds,
        }
    }
}

impl BucketSetting {
    /// Which setting this is.
    pub fn kind(&self) -> BucketSettingKind {
        match self {
            Self::PublicAccessBlocked => BucketSettingKind::PublicAccess,
            Self::OwnerEnforced => BucketSettingKind::Ownership,
            Self::Encrypted(_) => BucketSettingKind::Encryption,
            Self::Versioned => BucketSettingKind::Versioning,
            Self::Lifecycle(_) => BucketSettingKind::Lifecycle,
            Self::Tagged(_) => BucketSettingKind::Tags,
            Self::Cors(_) => BucketSettingKind::Cors,
            Self::Logged(_) => BucketSettingKind::Logging,
            Self::Events => BucketSettingKind::Events,
            Self::Locked(_) => BucketSettingKind::ObjectLock,
            Self::Without(unwanted) => BucketSettingKind::Without(*unwanted),
            Self::Policy(_) => BucketSettingKind::Policy,
        }
    }

    /// Whether what was found does what is wanted here.
    pub(crate) fn is_met_by(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Tagged(wanted), Self::Tagged(found)) => {
                wanted.iter().all(|(key, value)| found.get(key) == Some(value))
            }
            (Self::Cors(wanted), Self::Cors(found)) => wanted.canonical() == found.canonical(),
            (Self::Policy(wanted), Self::Policy(found)) => canonical::same(wanted, found),
            (wanted, found) => wanted == found,
        }
    }
}

impl fmt::Display for BucketSettingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PublicAccess => "public access block",
            Self::Ownership => "object ownership",
            Self::Encryption => "default encryption",
            Self::Versioning => "versioning",
            Self::Lifecycle => "lifecycle",
            Self::Tags => "tags",
            Self::Cors => "cross-origin rule",
            Self::Logging => "access logs",
            Self::Events => "events to EventBridge",
            Self::ObjectLock => "object lock",
            Self::Without(Unwanted::Website) => "website (none)",
            Self::Without(Unwanted::Acceleration) => "transfer acceleration (none)",
            Self::Without(Unwanted::RequesterPays) => "requester pays (off)",
            Self::Without(Unwanted::Replication) => "replication (none)",
            Self::Policy => "bucket policy",
        })
    }
}
