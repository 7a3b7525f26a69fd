//! Blocking public access to a bucket, and whether its policy is public.
//!
//! Source: S3 User Guide, "Blocking public access to your Amazon S3 storage".

use wh_names::{BucketName, Partition};
use wh_objects::{BucketDocument, StoreError};

use super::buckets::on_bucket;
use crate::admit::Bench;
use crate::bucket_policy::BucketPolicy;
use crate::operation::sealed::Sealed;
use crate::refusal::RefusalCause;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit, Refusal};

/// What is blocked of public access. There are no access control lists here, so that the two settings
/// about them are in force whatever they say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these four, each by itself")]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`: a policy that is public is not taken.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`: where the policy is public, only the bucket's account gets in.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// The names that a store keeps the settings under.
    const WORDS: [&str; 4] = ["block-acls", "ignore-acls", "block-policy", "restrict-buckets"];

    fn to_text(self) -> String {
        let Self {
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        } = self;
        let on =
            [block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets];
        let words = Self::WORDS.into_iter().zip(on).filter(|(_, on)| *on);
        words.map(|(word, _)| word).collect::<Vec<_>>().join(" ")
    }

    fn of_text(text: &str) -> Self {
        let [block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets] =
            Self::WORDS.map(|word| text.split(' ').any(|one| one == word));
        Self { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets }
    }
}

on_bucket! {
    /// Reads what is blocked of public access.
    GetPublicAccessBlock: "s3:GetBucketPublicAccessBlock"
}
on_bucket! {
    /// Blocks nothing of public access any more. AWS has no action of its own for that.
    DeletePublicAccessBlock: "s3:PutBucketPublicAccessBlock"
}
on_bucket! {
    /// Asks whether the bucket's policy is public.
    GetBucketPolicyStatus: "s3:GetBucketPolicyStatus"
}

/// Blocks public access.
#[derive(Debug, Clone)]
pub struct PutPublicAccessBlock {
    /// The bucket.
    pub bucket: BucketName,
    /// What is to be blocked.
    pub block: PublicAccessBlock,
}

impl Sealed for PutPublicAccessBlock {}

impl Operation for PutPublicAccessBlock {
    const KIND: OperationKind = OperationKind::PutPublicAccessBlock;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        Demand::on_bucket("s3:PutBucketPublicAccessBlock", partition, &self.bucket).alone()
    }
}

impl Gate {
    /// What is blocked of public access, if that was ever said.
    pub async fn get_public_access_block(
        &self,
        permit: Permit<GetPublicAccessBlock>,
    ) -> Result<Option<PublicAccessBlock>, GateError> {
        let kind = BucketDocument::PublicAccessBlock;
        let text = self.document(&permit.spend().0.bucket, kind).await?;
        Ok(text.as_deref().map(PublicAccessBlock::of_text))
    }

    /// Blocks public access, from the next request on.
    pub async fn put_public_access_block(
        &self,
        permit: Permit<PutPublicAccessBlock>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        let text = op.block.to_text();
        self.keep(&op.bucket, BucketDocument::PublicAccessBlock, Some(&text), spent).await
    }

    /// Blocks nothing any more.
    pub async fn delete_public_access_block(
        &self,
        permit: Permit<DeletePublicAccessBlock>,
    ) -> Result<(), GateError> {
        let (op, _, spent) = permit.spend();
        self.keep(&op.bucket, BucketDocument::PublicAccessBlock, None, spent).await
    }

    /// Whether the bucket's policy is public; `None` where it has none.
    pub async fn get_bucket_policy_status(
        &self,
        permit: Permit<GetBucketPolicyStatus>,
    ) -> Result<Option<bool>, GateError> {
        let bucket = &permit.spend().0.bucket;
        self.known_bucket(bucket).await?;
        Ok(self.stored_policy(bucket).await?.map(|policy| policy.public))
    }

    /// What is blocked of public access to a bucket. To one that is not there, nothing is.
    pub(crate) async fn public_access(
        &self,
        bucket: &BucketName,
    ) -> Result<PublicAccessBlock, StoreError> {
        match self.store.bucket_document(bucket, BucketDocument::PublicAccessBlock).await {
            Ok(text) => Ok(text.as_deref().map(PublicAccessBlock::of_text).unwrap_or_default()),
            Err(StoreError::NoSuchBucket) => Ok(PublicAccessBlock::default()),
            Err(error) => Err(error),
        }
    }

    /// Keeps all but the bucket's account out of a bucket whose policy is public, where its public
    /// access block says so.
    pub(crate) async fn judge_public(
        &self,
        bench: &Bench<'_>,
        demand: &Demand,
        policy: &BucketPolicy,
    ) -> Result<(), Refusal> {
        let Some(bucket) = demand.bucket.as_ref().filter(|_| policy.public) else { return Ok(()) };
        if bench.caller.principal.account() == Some(&self.account) {
            return Ok(());
        }
        let cause = match self.public_access(bucket).await {
            Ok(block) if !block.restrict_public_buckets => return Ok(()),
            Ok(_) => RefusalCause::PublicAccess,
            Err(error) => {
                tracing::error!(%error, %bucket, "refused: the public access block cannot be read");
                RefusalCause::Unreadable
            }
        };
        let asked = (demand.action.as_str(), demand.resource.as_str());
        Err(Refusal::of(cause, bench.caller, asked))
    }
}

#[cfg(test)]
mod tests {
    use super::PublicAccessBlock;

    #[test]
    fn what_is_kept_is_what_is_read() {
        for bits in 0..16_u8 {
            let block = PublicAccessBlock {
                block_public_acls: bits & 1 != 0,
                ignore_public_acls: bits & 2 != 0,
                block_public_policy: bits & 4 != 0,
                restrict_public_buckets: bits & 8 != 0,
            };
            assert_eq!(PublicAccessBlock::of_text(&block.to_text()), block);
        }
    }
}
