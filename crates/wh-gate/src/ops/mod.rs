//! The operations, one file a family: what each demands, and how it is done.

mod buckets;
mod copy;
mod delete;
mod documents;
mod iam;
mod list;
mod multipart;
mod read;
mod sts;
mod write;

pub use buckets::{
    CreateBucket, DeleteBucket, GetBucketLocation, GetBucketVersioning, HeadBucket, ListBuckets,
};
pub use copy::CopyObject;
pub use delete::DeleteObject;
pub use documents::{
    DeleteBucketCors, DeleteBucketPolicy, DeleteBucketTagging, GetBucketCors, GetBucketPolicy,
    GetBucketTagging, POLICY_BYTES_MAX, PutBucketCors, PutBucketPolicy, PutBucketTagging,
};
pub use iam::IamCall;
pub use list::{LIST_KEYS_MAX, ListObjects};
pub use multipart::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, ListMultipartUploads,
    ListParts, UploadPart, UploadPartCopy,
};
pub use read::{GetObject, HeadObject};
pub use sts::{AssumeRole, CallerIdentity, GetCallerIdentity};
pub use write::PutObject;

use wh_names::Partition;
use wh_objects::{ObjectAddress, WriteCondition};

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
) -> Vec<Demand> {
    let put =
        Demand::on_object("s3:PutObject", partition, at).with("s3:ObjectCreationOperation", "true");
    match condition {
        // No door can ask for a change's number: it is for jobs of the house's own.
        WriteCondition::Always | WriteCondition::IfSequence(_) => vec![put],
        WriteCondition::IfNoneMatchAny => vec![put.with("s3:if-none-match", "*")],
        WriteCondition::IfMatch(etag) => vec![
            put.with("s3:if-match", etag.trim_matches('"')),
            Demand::on_object("s3:GetObject", partition, at),
        ],
    }
}
