//! One request to be tried, and what a store is asked by it.

use std::fmt;

use wh_names::{AccountId, Action, Arn, BucketName, KeyPrefix, NameError, ObjectKey, Partition};
use wh_policy::Context;

use crate::bucket::BucketSettingKind;

/// One request to be tried. None changes anything that is not under the probes' own folder, even
/// where it is let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Reads an object.
    Get(BucketName, ObjectKey),
    /// Writes an object.
    Put(BucketName, ObjectKey),
    /// Deletes an object.
    Delete(BucketName, ObjectKey),
    /// Reads an object's tags.
    GetTags(BucketName, ObjectKey),
    /// Tags an object.
    PutTags(BucketName, ObjectKey),
    /// Begins an upload in parts, and aborts it.
    BeginUpload(BucketName, ObjectKey),
    /// Lists the objects under a prefix; an empty one is all.
    List(BucketName, KeyPrefix),
    /// Lists the versions under a prefix.
    ListVersions(BucketName, KeyPrefix),
    /// Lists unfinished uploads.
    ListUploads(BucketName),
    /// Lists the account's buckets.
    ListBuckets,
    /// Asks where a bucket is.
    Locate(BucketName),
    /// Reads a setting of a bucket.
    ReadSetting(BucketName, BucketSettingKind),
    /// Writes a bucket policy that is not JSON: whoever may write one is told so, and nothing changes.
    PutBrokenPolicy(BucketName),
    /// Lists IAM's roles.
    ListRoles,
    /// Reads an object with a URL that was signed so many seconds ago and has not expired.
    GetWithOldUrl(BucketName, ObjectKey, u32),
    /// Reads an object over plain HTTP.
    GetInPlain(BucketName, ObjectKey),
}

/// What a store is asked by an attempt.
pub(crate) struct Target {
    pub(crate) action: Action,
    pub(crate) resource: Arn,
}

impl Attempt {
    /// The action that a store judges it as.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Get(..) | Self::GetWithOldUrl(..) | Self::GetInPlain(..) => "s3:GetObject",
            Self::Put(..) | Self::BeginUpload(..) => "s3:PutObject",
            Self::Delete(..) => "s3:DeleteObject",
            Self::GetTags(..) => "s3:GetObjectTagging",
            Self::PutTags(..) => "s3:PutObjectTagging",
            Self::List(..) => "s3:ListBucket",
            Self::ListVersions(..) => "s3:ListBucketVersions",
            Self::ListUploads(_) => "s3:ListBucketMultipartUploads",
            Self::ListBuckets => "s3:ListAllMyBuckets",
            Self::Locate(_) => "s3:GetBucketLocation",
            Self::ReadSetting(_, kind) => reads(*kind),
            Self::PutBrokenPolicy(_) => "s3:PutBucketPolicy",
            Self::ListRoles => "iam:ListRoles",
        }
    }

    /// The bucket that it is about.
    pub fn bucket(&self) -> Option<&BucketName> {
        match self {
            Self::Get(bucket, _)
            | Self::Put(bucket, _)
            | Self::Delete(bucket, _)
            | Self::GetTags(bucket, _)
            | Self::PutTags(bucket, _)
            | Self::BeginUpload(bucket, _)
            | Self::List(bucket, _)
            | Self::ListVersions(bucket, _)
            | Self::ListUploads(bucket)
            | Self::Locate(bucket)
            | Self::ReadSetting(bucket, _)
            | Self::PutBrokenPolicy(bucket)
            | Self::GetWithOldUrl(bucket, ..)
            | Self::GetInPlain(bucket, _) => Some(bucket),
            Self::ListBuckets | Self::ListRoles => None,
        }
    }

    fn key(&self) -> Option<&ObjectKey> {
        match self {
            Self::Get(_, key)
            | Self::Put(_, key)
            | Self::Delete(_, key)
            | Self::GetTags(_, key)
            | Self::PutTags(_, key)
            | Self::BeginUpload(_, key)
            | Self::GetWithOldUrl(_, key, _)
            | Self::GetInPlain(_, key) => Some(key),
            Self::List(..)
            | Self::ListVersions(..)
            | Self::ListUploads(_)
            | Self::ListBuckets
            | Self::Locate(_)
            | Self::ReadSetting(..)
            | Self::PutBrokenPolicy(_)
            | Self::ListRoles => None,
        }
    }

    pub(crate) fn target(
        &self,
        partition: &Partition,
        account: &AccountId,
    ) -> Result<Target, NameError> {
        let resource = match (self.bucket(), self.key()) {
            (Some(bucket), Some(key)) => Arn::object(partition, bucket, key),
            (Some(bucket), None) => Arn::bucket(partition, bucket),
            (None, _) if *self == Self::ListRoles => {
                Arn::parse(&format!("arn:{partition}:iam::{account}:role/*"))?
            }
            (None, _) => Arn::every_bucket(partition),
        };
        Ok(Target { action: Action::parse(self.action())?, resource })
    }

    /// The condition keys that a store takes from the request itself.
    pub(crate) fn describe(&self, context: &mut Context) {
        if let Self::GetWithOldUrl(_, _, seconds) = self {
            context.set("s3:signatureAge", (u64::from(*seconds) * 1000).to_string());
            context.set("s3:authType", "REST-QUERY-STRING");
        }
        if let Self::GetInPlain(..) = self {
            context.set("aws:SecureTransport", "false");
            context.remove("s3:TlsVersion");
        }
        if let Self::List(_, prefix) | Self::ListVersions(_, prefix) = self {
            context.set("s3:prefix", prefix.as_str());
        }
    }
}

fn reads(kind: BucketSettingKind) -> &'static str {
    use crate::bucket::Unwanted;
    match kind {
        BucketSettingKind::PublicAccess => "s3:GetBucketPublicAccessBlock",
        BucketSettingKind::Ownership => "s3:GetBucketOwnershipControls",
        BucketSettingKind::Encryption => "s3:GetEncryptionConfiguration",
        BucketSettingKind::Versioning => "s3:GetBucketVersioning",
        BucketSettingKind::Lifecycle => "s3:GetLifecycleConfiguration",
        BucketSettingKind::Tags => "s3:GetBucketTagging",
        BucketSettingKind::Cors => "s3:GetBucketCORS",
        BucketSettingKind::Logging => "s3:GetBucketLogging",
        BucketSettingKind::Events => "s3:GetBucketNotification",
        BucketSettingKind::ObjectLock => "s3:GetBucketObjectLockConfiguration",
        BucketSettingKind::Without(Unwanted::Website) => "s3:GetBucketWebsite",
        BucketSettingKind::Without(Unwanted::Acceleration) => "s3:GetAccelerateConfiguration",
        BucketSettingKind::Without(Unwanted::RequesterPays) => "s3:GetBucketRequestPayment",
        BucketSettingKind::Without(Unwanted::Replication) => "s3:GetReplicationConfiguration",
        BucketSettingKind::Policy => "s3:GetBucketPolicy",
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(bucket, key) => write!(f, "read `{bucket}/{key}`"),
            Self::Put(bucket, key) => write!(f, "write `{bucket}/{key}`"),
            Self::Delete(bucket, key) => write!(f, "delete `{bucket}/{key}`"),
            Self::GetTags(bucket, key) => write!(f, "read the tags of `{bucket}/{key}`"),
            Self::PutTags(bucket, key) => write!(f, "tag `{bucket}/{key}`"),
            Self::BeginUpload(bucket, key) => {
                write!(f, "begin an upload in parts of `{bucket}/{key}`")
            }
            Self::List(bucket, prefix) => write!(f, "list `{bucket}/{prefix}`"),
            Self::ListVersions(bucket, prefix) => {
                write!(f, "list the versions under `{bucket}/{prefix}`")
            }
            Self::ListUploads(bucket) => write!(f, "list the unfinished uploads of `{bucket}`"),
            Self::ListBuckets => f.write_str("list the account's buckets"),
            Self::Locate(bucket) => write!(f, "ask where `{bucket}` is"),
            Self::ReadSetting(bucket, kind) => write!(f, "read the {kind} of `{bucket}`"),
            Self::PutBrokenPolicy(bucket) => write!(f, "replace the policy of `{bucket}`"),
            Self::ListRoles => f.write_str("list IAM's roles"),
            Self::GetWithOldUrl(bucket, key, seconds) => {
                write!(f, "read `{bucket}/{key}` by a URL that is {seconds} s old")
            }
            Self::GetInPlain(bucket, key) => {
                write!(f, "read `{bucket}/{key}` over plain HTTP")
            }
        }
    }
}
