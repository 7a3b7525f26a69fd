//! The bucket and its settings.

mod lifecycle;
mod others;
mod read;
mod remove;
mod write;

use aws_sdk_s3::types::{BucketLocationConstraint, BucketNamespace, CreateBucketConfiguration};
use wh_names::{BucketName, Region};

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// The region whose name must not be given when a bucket is made there.
const REGION_UNNAMED: &str = "us-east-1";
/// The name of our rules in a bucket's lifecycle and among its cross-origin rules.
const OUR_RULE: &str = "wellhouse";

/// Whether an error only says that the setting was never made.
pub(super) fn says_unset(error: &AwsError) -> bool {
    const UNSET: [&str; 10] = [
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
        "NoSuchTagSet",
        "NoSuchCORSConfiguration",
        "NoSuchBucketPolicy",
        "NoSuchWebsiteConfiguration",
        "ReplicationConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
    ];
    matches!(error, AwsError::Service { service_code, .. } if UNSET.contains(&&**service_code))
}

impl AwsCloud {
    pub(super) async fn bucket_is_there(&self, bucket: &BucketName) -> Result<bool, AwsError> {
        match self.s3.head_bucket().bucket(bucket.as_str()).send().await.map_err(sort) {
            Ok(_) => Ok(true),
            Err(AwsError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// In `us-east-1` S3 answers 200 for a bucket that is ours already, elsewhere it says so: both
    /// are what was asked for.
    pub(super) async fn create_bucket(
        &self,
        bucket: &BucketName,
        region: &Region,
        locked: bool,
    ) -> Result<(), AwsError> {
        let place = (region.as_str() != REGION_UNNAMED).then(|| {
            let place = BucketLocationConstraint::from(region.as_str());
            CreateBucketConfiguration::builder().location_constraint(place).build()
        });
        let namespace =
            wh_provision::is_regional(bucket).then_some(BucketNamespace::AccountRegional);
        let call = self.s3.create_bucket().bucket(bucket.as_str());
        let call = call.set_create_bucket_configuration(place).set_bucket_namespace(namespace);
        let call = call.set_object_lock_enabled_for_bucket(locked.then_some(true));
        match call.send().await.map_err(sort) {
            Ok(_) => Ok(()),
            Err(AwsError::Service { service_code, .. })
                if service_code == "BucketAlreadyOwnedByYou" =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
