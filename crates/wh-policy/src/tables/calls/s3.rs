//! The calls of S3.
//!
//! `HeadObject` on an object that is not there, and the like, ask for `s3:ListBucket` as well, to
//! choose between 404 and 403; that decides what is told, not what is done, and is not listed.

use super::When::{TagsTravel, TagsTravelFromVersion, WithHeader, WithParameter};
use super::When::{WithVersionId, WithoutVersionId};
use super::{Call, Need, On, always, when};

/// A canned ACL or grants.
const ACL: &[&str] = &["x-amz-acl", "x-amz-grant-*"];
const TAGGING: &[&str] = &["x-amz-tagging"];
const RETENTION: &[&str] = &["x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"];
const LEGAL_HOLD: &[&str] = &["x-amz-object-lock-legal-hold"];
const BYPASS: &[&str] = &["x-amz-bypass-governance-retention"];
const IF_MATCH: &[&str] = &["if-match"];

/// What headers of a write need beyond the write itself.
const fn put(on: On, headers: &'static [&'static str], action: &'static str) -> Need {
    when(WithHeader(headers), action, on)
}

/// Every call, by name.
pub(super) const CALLS: &[Call] = &[
    Call { name: "AbortMultipartUpload", needs: &[always("s3:AbortMultipartUpload", On::Object)] },
    Call {
        name: "CompleteMultipartUpload",
        needs: &[always("s3:PutObject", On::Object), put(On::Object, IF_MATCH, "s3:GetObject")],
    },
    Call {
        name: "CopyObject",
        needs: &[
            when(WithoutVersionId, "s3:GetObject", On::Source),
            when(WithVersionId, "s3:GetObjectVersion", On::Source),
            always("s3:PutObject", On::Destination),
            put(On::Destination, IF_MATCH, "s3:GetObject"),
            when(TagsTravel, "s3:GetObjectTagging", On::Source),
            when(TagsTravelFromVersion, "s3:GetObjectVersionTagging", On::Source),
            when(TagsTravel, "s3:PutObjectTagging", On::Destination),
            when(TagsTravelFromVersion, "s3:PutObjectTagging", On::Destination),
            put(On::Destination, ACL, "s3:PutObjectAcl"),
            put(On::Destination, TAGGING, "s3:PutObjectTagging"),
            put(On::Destination, RETENTION, "s3:PutObjectRetention"),
            put(On::Destination, LEGAL_HOLD, "s3:PutObjectLegalHold"),
        ],
    },
    Call {
        name: "CreateBucket",
        needs: &[
            always("s3:CreateBucket", On::Bucket),
            put(On::Bucket, ACL, "s3:PutBucketAcl"),
            put(
                On::Bucket,
                &["x-amz-bucket-object-lock-enabled"],
                "s3:PutBucketObjectLockConfiguration",
            ),
            put(On::Bucket, &["x-amz-bucket-object-lock-enabled"], "s3:PutBucketVersioning"),
            put(On::Bucket, &["x-amz-object-ownership"], "s3:PutBucketOwnershipControls"),
            when(WithParameter("Tags"), "s3:TagResource", On::Bucket),
        ],
    },
    Call {
        name: "CreateMultipartUpload",
        needs: &[
            always("s3:PutObject", On::Object),
            put(On::Object, ACL, "s3:PutObjectAcl"),
            put(On::Object, TAGGING, "s3:PutObjectTagging"),
            put(On::Object, RETENTION, "s3:PutObjectRetention"),
            put(On::Object, LEGAL_HOLD, "s3:PutObjectLegalHold"),
        ],
    },
    Call { name: "DeleteBucket", needs: &[always("s3:DeleteBucket", On::Bucket)] },
    Call { name: "DeleteBucketCors", needs: &[always("s3:PutBucketCORS", On::Bucket)] },
    Call {
        name: "DeleteBucketEncryption",
        needs: &[always("s3:PutEncryptionConfiguration", On::Bucket)],
    },
    Call {
        name: "DeleteBucketLifecycle",
        needs: &[always("s3:PutLifecycleConfiguration", On::Bucket)],
    },
    Call {
        name: "DeleteBucketOwnershipControls",
        needs: &[always("s3:PutBucketOwnershipControls", On::Bucket)],
    },
    Call { name: "DeleteBucketPolicy", needs: &[always("s3:DeleteBucketPolicy", On::Bucket)] },
    Call {
        name: "DeleteBucketReplication",
        needs: &[always("s3:PutReplicationConfiguration", On::Bucket)],
    },
    Call { name: "DeleteBucketTagging", needs: &[always("s3:PutBucketTagging", On::Bucket)] },
    Call { name: "DeleteBucketWebsite", needs: &[always("s3:DeleteBucketWebsite", On::Bucket)] },
    Call {
        name: "DeleteObject",
        needs: &[
            when(WithoutVersionId, "s3:DeleteObject", On::Object),
            when(WithVersionId, "s3:DeleteObjectVersion", On::Object),
            put(On::Object, BYPASS, "s3:BypassGovernanceRetention"),
        ],
    },
    Call {
        name: "DeleteObjectTagging",
        needs: &[
            when(WithoutVersionId, "s3:DeleteObjectTagging", On::Object),
            when(WithVersionId, "s3:DeleteObjectVersionTagging", On::Object),
        ],
    },
    Call {
        name: "DeleteObjects",
        needs: &[
            when(WithoutVersionId, "s3:DeleteObject", On::Object),
            when(WithVersionId, "s3:DeleteObjectVersion", On::Object),
            put(On::Object, BYPASS, "s3:BypassGovernanceRetention"),
        ],
    },
    Call {
        name: "DeletePublicAccessBlock",
        needs: &[always("s3:PutBucketPublicAccessBlock", On::Bucket)],
    },
    Call {
        name: "GetBucketAccelerateConfiguration",
        needs: &[always("s3:GetAccelerateConfiguration", On::Bucket)],
    },
    Call { name: "GetBucketAcl", needs: &[always("s3:GetBucketAcl", On::Bucket)] },
    Call { name: "GetBucketCors", needs: &[always("s3:GetBucketCORS", On::Bucket)] },
    Call {
        name: "GetBucketEncryption",
        needs: &[always("s3:GetEncryptionConfiguration", On::Bucket)],
    },
    Call {
        name: "GetBucketLifecycleConfiguration",
        needs: &[always("s3:GetLifecycleConfiguration", On::Bucket)],
    },
    Call { name: "GetBucketLocation", needs: &[always("s3:GetBucketLocation", On::Bucket)] },
    Call { name: "GetBucketLogging", needs: &[always("s3:GetBucketLogging", On::Bucket)] },
    Call {
        name: "GetBucketNotificationConfiguration",
        needs: &[always("s3:GetBucketNotification", On::Bucket)],
    },
    Call {
        name: "GetBucketOwnershipControls",
        needs: &[always("s3:GetBucketOwnershipControls", On::Bucket)],
    },
    Call { name: "GetBucketPolicy", needs: &[always("s3:GetBucketPolicy", On::Bucket)] },
    Call {
        name: "GetBucketPolicyStatus",
        needs: &[always("s3:GetBucketPolicyStatus", On::Bucket)],
    },
    Call {
        name: "GetBucketReplication",
        needs: &[always("s3:GetReplicationConfiguration", On::Bucket)],
    },
    Call {
        name: "GetBucketRequestPayment",
        needs: &[always("s3:GetBucketRequestPayment", On::Bucket)],
    },
    Call { name: "GetBucketTagging", needs: &[always("s3:GetBucketTagging", On::Bucket)] },
    Call { name: "GetBucketVersioning", needs: &[always("s3:GetBucketVersioning", On::Bucket)] },
    Call { name: "GetBucketWebsite", needs: &[always("s3:GetBucketWebsite", On::Bucket)] },
    Call {
        name: "GetObject",
        needs: &[
            when(WithoutVersionId, "s3:GetObject", On::Object),
            when(WithVersionId, "s3:GetObjectVersion", On::Object),
        ],
    },
    Call {
        name: "GetObjectAcl",
        needs: &[
            when(WithoutVersionId, "s3:GetObjectAcl", On::Object),
            when(WithVersionId, "s3:GetObjectVersionAcl", On::Object),
        ],
    },
    Call {
        name: "GetObjectAttributes",
        needs: &[
            when(WithoutVersionId, "s3:GetObject", On::Object),
            when(WithVersionId, "s3:GetObjectVersion", On::Object),
            when(WithoutVersionId, "s3:GetObjectAttributes", On::Object),
            when(WithVersionId, "s3:GetObjectVersionAttributes", On::Object),
        ],
    },
    Call { name: "GetObjectLegalHold", needs: &[always("s3:GetObjectLegalHold", On::Object)] },
    Call {
        name: "GetObjectLockConfiguration",
        needs: &[always("s3:GetBucketObjectLockConfiguration", On::Bucket)],
    },
    Call { name: "GetObjectRetention", needs: &[always("s3:GetObjectRetention", On::Object)] },
    Call {
        name: "GetObjectTagging",
        needs: &[
            when(WithoutVersionId, "s3:GetObjectTagging", On::Object),
            when(WithVersionId, "s3:GetObjectVersionTagging", On::Object),
        ],
    },
    Call {
        name: "GetObjectTorrent",
        needs: &[
            when(WithoutVersionId, "s3:GetObjectTorrent", On::Object),
            when(WithVersionId, "s3:GetObjectVersionTorrent", On::Object),
        ],
    },
    Call {
        name: "GetPublicAccessBlock",
        needs: &[always("s3:GetBucketPublicAccessBlock", On::Bucket)],
    },
    Call { name: "HeadBucket", needs: &[always("s3:ListBucket", On::Bucket)] },
    Call {
        name: "HeadObject",
        needs: &[
            when(WithoutVersionId, "s3:GetObject", On::Object),
            when(WithVersionId, "s3:GetObjectVersion", On::Object),
        ],
    },
    Call { name: "ListBuckets", needs: &[always("s3:ListAllMyBuckets", On::Anything)] },
    Call {
        name: "ListMultipartUploads",
        needs: &[always("s3:ListBucketMultipartUploads", On::Bucket)],
    },
    Call { name: "ListObjectVersions", needs: &[always("s3:ListBucketVersions", On::Bucket)] },
    Call { name: "ListObjects", needs: &[always("s3:ListBucket", On::Bucket)] },
    Call { name: "ListObjectsV2", needs: &[always("s3:ListBucket", On::Bucket)] },
    Call { name: "ListParts", needs: &[always("s3:ListMultipartUploadParts", On::Object)] },
    Call {
        name: "PostObject",
        needs: &[
            always("s3:PutObject", On::Object),
            put(On::Object, ACL, "s3:PutObjectAcl"),
            put(On::Object, TAGGING, "s3:PutObjectTagging"),
            put(On::Object, RETENTION, "s3:PutObjectRetention"),
            put(On::Object, LEGAL_HOLD, "s3:PutObjectLegalHold"),
        ],
    },
    Call {
        name: "PutBucketAccelerateConfiguration",
        needs: &[always("s3:PutAccelerateConfiguration", On::Bucket)],
    },
    Call { name: "PutBucketAcl", needs: &[always("s3:PutBucketAcl", On::Bucket)] },
    Call { name: "PutBucketCors", needs: &[always("s3:PutBucketCORS", On::Bucket)] },
    Call {
        name: "PutBucketEncryption",
        needs: &[always("s3:PutEncryptionConfiguration", On::Bucket)],
    },
    Call {
        name: "PutBucketLifecycleConfiguration",
        needs: &[always("s3:PutLifecycleConfiguration", On::Bucket)],
    },
    Call { name: "PutBucketLogging", needs: &[always("s3:PutBucketLogging", On::Bucket)] },
    Call {
        name: "PutBucketNotificationConfiguration",
        needs: &[always("s3:PutBucketNotification", On::Bucket)],
    },
    Call {
        name: "PutBucketOwnershipControls",
        needs: &[always("s3:PutBucketOwnershipControls", On::Bucket)],
    },
    Call { name: "PutBucketPolicy", needs: &[always("s3:PutBucketPolicy", On::Bucket)] },
    Call {
        name: "PutBucketReplication",
        needs: &[
            always("s3:PutReplicationConfiguration", On::Bucket),
            always("iam:PassRole", On::Role),
        ],
    },
    Call {
        name: "PutBucketRequestPayment",
        needs: &[always("s3:PutBucketRequestPayment", On::Bucket)],
    },
    Call { name: "PutBucketTagging", needs: &[always("s3:PutBucketTagging", On::Bucket)] },
    Call { name: "PutBucketVersioning", needs: &[always("s3:PutBucketVersioning", On::Bucket)] },
    Call { name: "PutBucketWebsite", needs: &[always("s3:PutBucketWebsite", On::Bucket)] },
    Call {
        name: "PutObject",
        needs: &[
            always("s3:PutObject", On::Object),
            put(On::Object, IF_MATCH, "s3:GetObject"),
            put(On::Object, ACL, "s3:PutObjectAcl"),
            put(On::Object, TAGGING, "s3:PutObjectTagging"),
            put(On::Object, RETENTION, "s3:PutObjectRetention"),
            put(On::Object, LEGAL_HOLD, "s3:PutObjectLegalHold"),
        ],
    },
    Call {
        name: "PutObjectAcl",
        needs: &[
            when(WithoutVersionId, "s3:PutObjectAcl", On::Object),
            when(WithVersionId, "s3:PutObjectVersionAcl", On::Object),
        ],
    },
    Call { name: "PutObjectLegalHold", needs: &[always("s3:PutObjectLegalHold", On::Object)] },
    Call {
        name: "PutObjectLockConfiguration",
        needs: &[always("s3:PutBucketObjectLockConfiguration", On::Bucket)],
    },
    Call {
        name: "PutObjectRetention",
        needs: &[
            always("s3:PutObjectRetention", On::Object),
            put(On::Object, BYPASS, "s3:BypassGovernanceRetention"),
        ],
    },
    Call {
        name: "PutObjectTagging",
        needs: &[
            when(WithoutVersionId, "s3:PutObjectTagging", On::Object),
            when(WithVersionId, "s3:PutObjectVersionTagging", On::Object),
        ],
    },
    Call {
        name: "PutPublicAccessBlock",
        needs: &[always("s3:PutBucketPublicAccessBlock", On::Bucket)],
    },
    Call { name: "RestoreObject", needs: &[always("s3:RestoreObject", On::Object)] },
    Call { name: "SelectObjectContent", needs: &[always("s3:GetObject", On::Object)] },
    Call { name: "UploadPart", needs: &[always("s3:PutObject", On::Object)] },
    Call {
        name: "UploadPartCopy",
        needs: &[
            when(WithoutVersionId, "s3:GetObject", On::Source),
            when(WithVersionId, "s3:GetObjectVersion", On::Source),
            always("s3:PutObject", On::Destination),
        ],
    },
];
