//! The bucket of the standard estate: its settings and its policy.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};
use wh_names::{Arn, BucketName};
use wh_policy::{NamedPolicy, PolicyKind};

use crate::canonical;
use crate::estate::{EstateError, StandardEstate, Target, policy};

/// After how many days an upload that was not completed is given up.
const UPLOAD_DAYS_MAX: u32 = 7;
/// For how many days an overwritten or deleted version is kept.
const OLD_VERSION_DAYS: u32 = 90;
/// How many old versions of an object are kept beyond that.
const OLD_VERSIONS_KEPT: u32 = 3;
/// How old a signature may be, in milliseconds: the ceiling of every presigned URL.
const SIGNATURE_AGE_MILLIS_MAX: u32 = 900_000;
/// For how long browsers remember the answer to a preflight, in seconds.
const PREFLIGHT_SECONDS: u32 = 3000;

/// The tag that says to which installation a bucket belongs.
pub(crate) const INSTALLATION_TAG: &str = "installation-id";

/// A bucket, as it should be.
#[derive(Debug, Clone)]
pub struct BucketSpec {
    /// The bucket.
    pub name: BucketName,
    /// Its settings in the order in which they are made; the policy is the last.
    pub settings: Vec<BucketSetting>,
    /// The bucket policy.
    pub policy: NamedPolicy,
}

/// One setting of a bucket, with the value that is wanted or found. A setting that is found with
/// any other value than these can express counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketSetting {
    /// All four switches of Block Public Access are on.
    PublicAccessBlocked,
    /// `BucketOwnerEnforced`: access control lists are off.
    OwnerEnforced,
    /// Objects are encrypted with the store's keys (SSE-S3) unless they say otherwise.
    Encrypted,
    /// Versioning is enabled.
    Versioned,
    /// Our rule of the lifecycle; others are kept.
    Lifecycle(LifecycleRule),
    /// These tags are there; others are kept.
    Tagged(BTreeMap<String, String>),
    /// The one CORS rule.
    Cors(CorsRule),
    /// The bucket policy, as JSON.
    Policy(String),
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
    /// The bucket policy.
    Policy,
}

/// What is cleared away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Days until an upload that was not completed is given up.
    pub abort_uploads_days: u32,
    /// Days until an old version goes.
    pub old_version_days: u32,
    /// How many old versions of an object stay beyond that.
    pub old_versions_kept: u32,
}

/// Which pages of other origins may use the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            Self::Encrypted => BucketSettingKind::Encryption,
            Self::Versioned => BucketSettingKind::Versioning,
            Self::Lifecycle(_) => BucketSettingKind::Lifecycle,
            Self::Tagged(_) => BucketSettingKind::Tags,
            Self::Cors(_) => BucketSettingKind::Cors,
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
            Self::Policy => "bucket policy",
        })
    }
}

pub(crate) fn standard(described: &StandardEstate) -> Result<BucketSpec, EstateError> {
    let document = match described.target {
        Target::Embedded => guards(described),
        Target::Aws => [guards_of_transport(described), guards(described)].concat(),
    };
    let document = json!({"Version": "2012-10-17", "Statement": document});
    let policy = policy("bucket policy", PolicyKind::Resource, &document)?;
    let mut settings = match described.target {
        Target::Embedded => Vec::new(),
        Target::Aws => settings_of_aws(described),
    };
    if !described.portal_origins.is_empty() {
        settings.push(BucketSetting::Cors(cors(&described.portal_origins)));
    }
    settings.push(BucketSetting::Policy(policy.document.to_json()));
    Ok(BucketSpec { name: described.bucket.clone(), settings, policy })
}

fn settings_of_aws(described: &StandardEstate) -> Vec<BucketSetting> {
    let tags = [("app", "wellhouse"), (INSTALLATION_TAG, described.installation.as_str())];
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    vec![
        BucketSetting::PublicAccessBlocked,
        BucketSetting::OwnerEnforced,
        BucketSetting::Tagged(tags.into_iter().map(owned).collect()),
        BucketSetting::Encrypted,
        BucketSetting::Versioned,
        BucketSetting::Lifecycle(LifecycleRule {
            abort_uploads_days: UPLOAD_DAYS_MAX,
            old_version_days: OLD_VERSION_DAYS,
            old_versions_kept: OLD_VERSIONS_KEPT,
        }),
    ]
}

fn cors(origins: &[String]) -> CorsRule {
    let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
    CorsRule {
        origins: origins.to_vec(),
        methods: owned(&["GET", "HEAD", "PUT", "POST"]),
        allowed_headers: owned(&[
            "content-type",
            "if-match",
            "if-none-match",
            "range",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha256",
        ]),
        exposed_headers: owned(&[
            "ETag",
            "x-amz-version-id",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha256",
            "x-amz-request-id",
            "x-amz-id-2",
        ]),
        max_age_seconds: PREFLIGHT_SECONDS,
    }
}

/// What holds on every store: no signature older than the ceiling, nobody from another account.
fn guards(described: &StandardEstate) -> Vec<Value> {
    let bucket = Arn::bucket(&described.partition, &described.bucket);
    let objects = format!("{bucket}/*");
    vec![
        json!({"Sid": "DenyLongPresign", "Effect": "Deny", "Principal": {"AWS": "*"},
            "Action": "s3:*", "Resource": objects,
            "Condition": {"NumericGreaterThan":
                {"s3:signatureAge": SIGNATURE_AGE_MILLIS_MAX.to_string()}}}),
        json!({"Sid": "DenyForeignAccountPrincipals", "Effect": "Deny",
            "Principal": {"AWS": "*"}, "Action": "s3:*",
            "Resource": [bucket.as_str(), objects],
            "Condition": {
                "StringNotEquals": {"aws:PrincipalAccount": described.account.as_str()},
                "Bool": {"aws:PrincipalIsAWSService": "false"}}}),
    ]
}

/// What holds where the store is reached over a network.
fn guards_of_transport(described: &StandardEstate) -> Vec<Value> {
    let bucket = Arn::bucket(&described.partition, &described.bucket);
    let objects = format!("{bucket}/*");
    let deny = |sid: &str, condition: Value| {
        json!({"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
            "Resource": [bucket.as_str(), objects], "Condition": condition})
    };
    vec![
        deny("DenyInsecureTransport", json!({"Bool": {"aws:SecureTransport": "false"}})),
        deny("DenyOldTls", json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}})),
        deny("DenySigV2", json!({"StringEquals": {"s3:signatureversion": "AWS"}})),
    ]
}
