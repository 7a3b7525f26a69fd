//! The documents that are kept with a bucket: its policy, its CORS rules, its tags, its lifecycle.

use std::sync::Arc;

use wh_names::{BucketName, Partition};
use wh_objects::BucketDocument;
use wh_policy::{PolicyDocument, PolicyKind};

use super::buckets::on_bucket;
use crate::operation::sealed::Sealed;
use crate::permit::Spent;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// The largest bucket policy, in bytes. Source: S3 User Guide, "Bucket policies".
pub const POLICY_BYTES_MAX: usize = 20 * 1024;

/// Writes an operation that keeps a text with a bucket.
macro_rules! put_document {
    ($(#[$doc:meta])* $name:ident: $action:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// The bucket.
            pub bucket: BucketName,
            /// The document.
            pub text: String,
        }

        impl Sealed for $name {}

        impl Operation for $name {
            const KIND: OperationKind = OperationKind::$name;

            fn demands(&self, partition: &Partition) -> Demands<'_> {
                Demand::on_bucket($action, partition, &self.bucket).alone()
            }
        }
    };
}

on_bucket! {
    /// Reads the bucket policy.
    GetBucketPolicy: "s3:GetBucketPolicy"
}
put_document! {
    /// Replaces the bucket policy.
    PutBucketPolicy: "s3:PutBucketPolicy"
}
on_bucket! {
    /// Removes the bucket policy.
    DeleteBucketPolicy: "s3:DeleteBucketPolicy"
}
on_bucket! {
    /// Reads the CORS rules.
    GetBucketCors: "s3:GetBucketCORS"
}
put_document! {
    /// Replaces the CORS rules. The door has read them.
    PutBucketCors: "s3:PutBucketCORS"
}
on_bucket! {
    /// Removes the CORS rules. AWS has no action of its own for that.
    DeleteBucketCors: "s3:PutBucketCORS"
}
on_bucket! {
    /// Reads the bucket's tags.
    GetBucketTagging: "s3:GetBucketTagging"
}
put_document! {
    /// Replaces the bucket's tags. The door has read them.
    PutBucketTagging: "s3:PutBucketTagging"
}
on_bucket! {
    /// Removes the bucket's tags. AWS has no action of its own for that.
    DeleteBucketTagging: "s3:PutBucketTagging"
}

on_bucket! {
    /// Reads the rules of the bucket's lifecycle.
    GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration"
}
put_document! {
    /// Replaces the rules of the bucket's lifecycle. The door has read them.
    PutBucketLifecycleConfiguration: "s3:PutLifecycleConfiguration"
}
on_bucket! {
    /// Removes the rules of the bucket's lifecycle. AWS has no action of its own for that.
    DeleteBucketLifecycle: "s3:PutLifecycleConfiguration"
}

/// What a reading operation finds: the text, where there is one.
pub(super) type Found = Result<Option<Arc<str>>, GateError>;

impl Gate {
    /// The bucket policy, if the bucket has one.
    pub async fn get_bucket_policy(&self, permit: Permit<GetBucketPolicy>) -> Found {
        self.document(&permit.spend().0.bucket, BucketDocument::Policy).await
    }

    /// Replaces the bucket policy, if it is one.
    pub async fn put_bucket_policy(
        &self,
        permit: Permit<PutBucketPolicy>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        if let Err(error) = self.check_policy(&op.bucket, &op.text).await {
            return spent.settle(Err(error));
        }
        self.keep(&op.bucket, BucketDocument::Policy, Some(&op.text), spent).await
    }

    /// Removes the bucket policy.
    pub async fn delete_bucket_policy(
        &self,
        permit: Permit<DeleteBucketPolicy>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Policy, None, spent).await
    }

    /// The CORS rules, if the bucket has any.
    pub async fn get_bucket_cors(&self, permit: Permit<GetBucketCors>) -> Found {
        self.document(&permit.spend().0.bucket, BucketDocument::Cors).await
    }

    /// Replaces the CORS rules.
    pub async fn put_bucket_cors(&self, permit: Permit<PutBucketCors>) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Cors, Some(&op.text), spent).await
    }

    /// Removes the CORS rules.
    pub async fn delete_bucket_cors(
        &self,
        permit: Permit<DeleteBucketCors>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Cors, None, spent).await
    }

    /// The bucket's tags, if it has any.
    pub async fn get_bucket_tagging(&self, permit: Permit<GetBucketTagging>) -> Found {
        self.document(&permit.spend().0.bucket, BucketDocument::Tagging).await
    }

    /// Replaces the bucket's tags.
    pub async fn put_bucket_tagging(
        &self,
        permit: Permit<PutBucketTagging>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Tagging, Some(&op.text), spent).await
    }

    /// Removes the bucket's tags.
    pub async fn delete_bucket_tagging(
        &self,
        permit: Permit<DeleteBucketTagging>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Tagging, None, spent).await
    }

    /// The rules of the bucket's lifecycle, if it has any.
    pub async fn get_bucket_lifecycle_configuration(
        &self,
        permit: Permit<GetBucketLifecycleConfiguration>,
    ) -> Found {
        self.document(&permit.spend().0.bucket, BucketDocument::Lifecycle).await
    }

    /// Replaces the rules of the bucket's lifecycle.
    pub async fn put_bucket_lifecycle_configuration(
        &self,
        permit: Permit<PutBucketLifecycleConfiguration>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Lifecycle, Some(&op.text), spent).await
    }

    /// Removes the rules of the bucket's lifecycle.
    pub async fn delete_bucket_lifecycle(
        &self,
        permit: Permit<DeleteBucketLifecycle>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::Lifecycle, None, spent).await
    }

    /// Whether a text may become the bucket's policy.
    async fn check_policy(&self, bucket: &BucketName, text: &str) -> Result<(), GateError> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(GateError::PolicyTooLarge { max: POLICY_BYTES_MAX });
        }
        let parsed = PolicyDocument::parse(text, PolicyKind::Resource);
        let document = parsed.map_err(GateError::MalformedPolicy)?;
        if document.is_public() && self.public_access(bucket).await?.block_public_policy {
            return Err(GateError::PublicPolicyBlocked);
        }
        Ok(())
    }

    pub(super) async fn document(&self, bucket: &BucketName, kind: BucketDocument) -> Found {
        Ok(self.store.bucket_document(bucket, kind).await?)
    }

    pub(super) async fn keep(
        &self,
        bucket: &BucketName,
        kind: BucketDocument,
        text: Option<&str>,
        spent: Spent,
    ) -> Result<(), GateError> {
        spent.settle(self.store.put_bucket_document(bucket, kind, text).await)
    }
}
