//! The operations, one file a family: what each demands, and how it is done.

mod buckets;
mod copy;
mod delete;
mod documents;
mod iam;
mod list;
mod lock;
mod multipart;
mod notification;
mod ownership;
mod public_access;
mod read;
mod settings;
mod sts;
mod tagging;
mod write;

pub use buckets::{
    CreateBucket, DeleteBucket, GetBucketEncryption, GetBucketLocation, GetBucketVersioning,
    HeadBucket, ListBuckets, PutBucketVersioning,
};
pub use copy::{Copied, CopyObject};
pub use delete::{DeleteObject, DeletedOne};
pub use documents::{
    DeleteBucketCors, DeleteBucketLifecycle, DeleteBucketPolicy, DeleteBucketTagging,
    GetBucketCors, GetBucketLifecycleConfiguration, GetBucketPolicy, GetBucketTagging,
    POLICY_BYTES_MAX, PutBucketCors, PutBucketLifecycleConfiguration, PutBucketPolicy,
    PutBucketTagging,
};
pub use iam::IamCall;
pub use list::{LIST_KEYS_MAX, ListObjectVersions, ListObjects};
pub use lock::{
    GetObjectLegalHold, GetObjectLockConfiguration, GetObjectRetention, PutObjectLegalHold,
    PutObjectLockConfiguration, PutObjectRetention,
};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, ListMultipartUploads,
    ListParts, UploadPart, UploadPartCopied, UploadPartCopy,
};
pub use notification::{GetBucketNotificationConfiguration, PutBucketNotificationConfiguration};
pub use ownership::{
    DeleteBucketOwnershipControls, GetBucketOwnershipControls, PutBucketOwnershipControls,
};
pub use public_access::{
    DeletePublicAccessBlock, GetBucketPolicyStatus, GetPublicAccessBlock, PublicAccessBlock,
    PutPublicAccessBlock,
};
pub use read::{GetObject, GetObjectAttributes, HeadObject, PartOf};
pub use settings::{
    AclAsked, DeleteBucketEncryption, GetBucketAccelerateConfiguration, GetBucketAcl,
    GetBucketLogging, GetBucketReplication, GetBucketRequestPayment, GetBucketWebsite,
    GetObjectAcl, OnBucket, PutBucketAcl, PutBucketEncryption, PutObjectAcl,
};
pub use sts::{
    AssumeRole, AssumeRoleWithWebIdentity, CallerIdentity, DecodeAuthorizationMessage,
    GetAccessKeyInfo, GetCallerIdentity, GetSessionToken,
};
pub use tagging::{DeleteObjectTagging, GetObjectTagging, PutObjectTagging};
pub use write::PutObject;

use wh_names::Partition;
use wh_objects::{ObjectAddress, ObjectLock, Tags, WriteCondition};

use crate::Demand;

/// The demands of a write: to put, to meet the condition keys of its condition, and to read what the
/// condition tells of.
///
/// Source: S3 User Guide, "Conditional writes" (`If-Match` needs `s3:GetObject`) and "Enforce
/// conditional writes" (the condition keys).
fn write_demands(
    partition: &Partition,
    at: &ObjectAddress,
    condition: &WriteCondition,
    (tags, lock): (&Tags, &ObjectLock),
) -> Vec<Demand> {
    let put = Demand::on_object("s3:PutObject", partition, at)
        .with("s3:ObjectCreationOperation", "true")
        .with_tags(tags)
        .with_lock(lock);
    let mut demands = match condition {
        // No door can ask for a change's number: it is for jobs of the house's own.
        WriteCondition::Always | WriteCondition::IfSequence(_) => vec![put],
        WriteCondition::IfNoneMatchAny => vec![put.with("s3:if-none-match", "*")],
        WriteCondition::IfMatch(etag) => vec![
            put.with("s3:if-match", etag.trim_matches('"')),
            Demand::on_object("s3:GetObject", partition, at).existing(at, None),
        ],
    };
    demands.extend(brought(partition, at, tags, lock));
    demands
}

/// The demands of what a new object brings with it: tags and a lock.
fn brought(
    partition: &Partition,
    at: &ObjectAddress,
    tags: &Tags,
    lock: &ObjectLock,
) -> Vec<Demand> {
    let on = |name| Demand::on_object(name, partition, at);
    let tags = (!tags.is_empty()).then(|| on("s3:PutObjectTagging").with_tags(tags));
    let retention =
        lock.retention.map(|retention| on("s3:PutObjectRetention").with_retention(Some(retention)));
    let put_hold = || on("s3:PutObjectLegalHold").with("s3:object-lock-legal-hold", "ON");
    let hold = lock.legal_hold.then(put_hold);
    [tags, retention, hold].into_iter().flatten().collect()
}
