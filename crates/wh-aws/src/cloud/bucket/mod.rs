//! The bucket and its settings.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint,
    BucketVersioningStatus, CorsConfiguration, CreateBucketConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule as SdkLifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
    VersioningConfiguration,
};
use wh_names::{BucketName, Region};
use wh_provision::{BucketSetting, BucketSettingKind, CorsRule, LifecycleRule};

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// The region whose name must not be given when a bucket is made there.
const REGION_UNNAMED: &str = "us-east-1";
/// The name of our rule in a bucket's lifecycle.
const LIFECYCLE_RULE: &str = "wellhouse";

/// Whether an error only says that the setting was never made.
pub(super) fn says_unset(error: &AwsError) -> bool {
    const UNSET: [&str; 7] = [
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
        "NoSuchTagSet",
        "NoSuchCORSConfiguration",
        "NoSuchBucketPolicy",
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

    pub(super) async fn create_bucket(
        &self,
        bucket: &BucketName,
        region: &Region,
    ) -> Result<(), AwsError> {
        let place = (region.as_str() != REGION_UNNAMED).then(|| {
            let place = BucketLocationConstraint::from(region.as_str());
            CreateBucketConfiguration::builder().location_constraint(place).build()
        });
        let call = self.s3.create_bucket().bucket(bucket.as_str());
        match call.set_create_bucket_configuration(place).send().await.map_err(sort) {
            Ok(_) => Ok(()),
            Err(AwsError::Service { service_code, .. })
                if service_code == "BucketAlreadyOwnedByYou" =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn read_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Option<BucketSetting>, AwsError> {
        let name = bucket.as_str();
        match kind {
            BucketSettingKind::PublicAccess => self.read_public_access(name).await,
            BucketSettingKind::Ownership => self.read_ownership(name).await,
            BucketSettingKind::Encryption => self.read_encryption(name).await,
            BucketSettingKind::Versioning => {
                let call = self.s3.get_bucket_versioning().bucket(name);
                let answer = call.send().await.map_err(sort)?;
                let enabled = answer.status() == Some(&BucketVersioningStatus::Enabled);
                Ok(enabled.then_some(BucketSetting::Versioned))
            }
            BucketSettingKind::Lifecycle => {
                let rules = self.lifecycle_rules(name).await?;
                let ours = rules.iter().find(|rule| rule.id() == Some(LIFECYCLE_RULE));
                Ok(ours.and_then(lifecycle_rule).map(BucketSetting::Lifecycle))
            }
            BucketSettingKind::Tags => Ok(Some(BucketSetting::Tagged(self.tags(name).await?))),
            BucketSettingKind::Cors => {
                let answer = self.s3.get_bucket_cors().bucket(name).send().await.map_err(sort)?;
                Ok(cors_rule(answer.cors_rules()).map(BucketSetting::Cors))
            }
            BucketSettingKind::Policy => {
                let answer = self.s3.get_bucket_policy().bucket(name).send().await.map_err(sort)?;
                Ok(answer.policy.map(BucketSetting::Policy))
            }
        }
    }

    async fn read_public_access(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let call = self.s3.get_public_access_block().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let all = answer.public_access_block_configuration().is_some_and(|block| {
            [
                block.block_public_acls(),
                block.ignore_public_acls(),
                block.block_public_policy(),
                block.restrict_public_buckets(),
            ]
            .iter()
            .all(|switch| switch.unwrap_or_default())
        });
        Ok(all.then_some(BucketSetting::PublicAccessBlocked))
    }

    async fn read_ownership(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let call = self.s3.get_bucket_ownership_controls().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let enforced = answer.ownership_controls().is_some_and(|controls| {
            let enforces = |rule: &OwnershipControlsRule| {
                *rule.object_ownership() == ObjectOwnership::BucketOwnerEnforced
            };
            controls.rules().iter().any(enforces)
        });
        Ok(enforced.then_some(BucketSetting::OwnerEnforced))
    }

    /// Encryption with a customer's key is stronger, and meets what is wanted.
    async fn read_encryption(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let call = self.s3.get_bucket_encryption().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let encrypts = answer.server_side_encryption_configuration().is_some_and(|found| {
            found.rules().iter().any(|r| r.apply_server_side_encryption_by_default().is_some())
        });
        Ok(encrypts.then_some(BucketSetting::Encrypted))
    }

    async fn tags(&self, bucket: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let answer = self.s3.get_bucket_tagging().bucket(bucket).send().await.map_err(sort)?;
        Ok(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn lifecycle_rules(&self, bucket: &str) -> Result<Vec<SdkLifecycleRule>, AwsError> {
        let call = self.s3.get_bucket_lifecycle_configuration().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        Ok(answer.rules.unwrap_or_default())
    }

    pub(super) async fn put_setting(
        &self,
        bucket: &BucketName,
        setting: &BucketSetting,
    ) -> Result<(), AwsError> {
        let name = bucket.as_str();
        match setting {
            BucketSetting::PublicAccessBlocked => self.block_public_access(name).await,
            BucketSetting::OwnerEnforced => self.enforce_owner(name).await,
            BucketSetting::Encrypted => self.encrypt(name).await,
            BucketSetting::Versioned => {
                let enabled = BucketVersioningStatus::Enabled;
                let wanted = VersioningConfiguration::builder().status(enabled).build();
                let call = self.s3.put_bucket_versioning().bucket(name);
                call.versioning_configuration(wanted).send().await.map_err(sort)?;
                Ok(())
            }
            BucketSetting::Lifecycle(rule) => self.put_lifecycle(name, *rule).await,
            BucketSetting::Tagged(tags) => self.put_tags(name, tags).await,
            BucketSetting::Cors(rule) => self.put_cors(name, rule).await,
            BucketSetting::Policy(document) => {
                let call = self.s3.put_bucket_policy().bucket(name).policy(document);
                call.send().await.map_err(sort)?;
                Ok(())
            }
        }
    }

    async fn block_public_access(&self, bucket: &str) -> Result<(), AwsError> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let call = self.s3.put_public_access_block().bucket(bucket);
        call.public_access_block_configuration(all).send().await.map_err(sort)?;
        Ok(())
    }

    async fn enforce_owner(&self, bucket: &str) -> Result<(), AwsError> {
        let enforced = ObjectOwnership::BucketOwnerEnforced;
        let rule = OwnershipControlsRule::builder().object_ownership(enforced).build();
        let rule = rule.map_err(AwsError::malformed)?;
        let controls = OwnershipControls::builder().rules(rule).build();
        let call = self.s3.put_bucket_ownership_controls().bucket(bucket);
        let call = call.ownership_controls(controls.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    async fn encrypt(&self, bucket: &str) -> Result<(), AwsError> {
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build()
            .map_err(AwsError::malformed)?;
        let rule = ServerSideEncryptionRule::builder();
        let rule = rule.apply_server_side_encryption_by_default(by_default).build();
        let wanted = ServerSideEncryptionConfiguration::builder().rules(rule).build();
        let call = self.s3.put_bucket_encryption().bucket(bucket);
        let call = call.server_side_encryption_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    /// S3 replaces all rules at once, so those that are not ours are written back.
    async fn put_lifecycle(&self, bucket: &str, rule: LifecycleRule) -> Result<(), AwsError> {
        let mut rules = match self.lifecycle_rules(bucket).await {
            Err(error) if says_unset(&error) => Vec::new(),
            read => read?,
        };
        rules.retain(|rule| rule.id() != Some(LIFECYCLE_RULE));
        rules.push(sdk_lifecycle_rule(rule)?);
        let wanted = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
        let call = self.s3.put_bucket_lifecycle_configuration().bucket(bucket);
        let call = call.lifecycle_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    /// S3 replaces all tags at once, so those that are not ours are written back.
    async fn put_tags(
        &self,
        bucket: &str,
        wanted: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let mut tags = match self.tags(bucket).await {
            Err(error) if says_unset(&error) => BTreeMap::new(),
            read => read?,
        };
        tags.extend(wanted.clone());
        let tags =
            tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = tags.collect::<Result<Vec<_>, _>>().map_err(AwsError::malformed)?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build();
        let call = self.s3.put_bucket_tagging().bucket(bucket);
        call.tagging(tagging.map_err(AwsError::malformed)?).send().await.map_err(sort)?;
        Ok(())
    }

    async fn put_cors(&self, bucket: &str, rule: &CorsRule) -> Result<(), AwsError> {
        let age = i32::try_from(rule.max_age_seconds).map_err(AwsError::malformed)?;
        let rule = aws_sdk_s3::types::CorsRule::builder()
            .set_allowed_origins(Some(rule.origins.clone()))
            .set_allowed_methods(Some(rule.methods.clone()))
            .set_allowed_headers(Some(rule.allowed_headers.clone()))
            .set_expose_headers(Some(rule.exposed_headers.clone()))
            .max_age_seconds(age)
            .build()
            .map_err(AwsError::malformed)?;
        let wanted = CorsConfiguration::builder().cors_rules(rule).build();
        let call = self.s3.put_bucket_cors().bucket(bucket);
        let call = call.cors_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }
}

fn sdk_lifecycle_rule(rule: LifecycleRule) -> Result<SdkLifecycleRule, AwsError> {
    let days = |count: u32| i32::try_from(count).map_err(AwsError::malformed);
    let abort = AbortIncompleteMultipartUpload::builder()
        .days_after_initiation(days(rule.abort_uploads_days)?)
        .build();
    let old = NoncurrentVersionExpiration::builder()
        .noncurrent_days(days(rule.old_version_days)?)
        .newer_noncurrent_versions(days(rule.old_versions_kept)?)
        .build();
    SdkLifecycleRule::builder()
        .id(LIFECYCLE_RULE)
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(abort)
        .noncurrent_version_expiration(old)
        .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
        .build()
        .map_err(AwsError::malformed)
}

fn lifecycle_rule(rule: &SdkLifecycleRule) -> Option<LifecycleRule> {
    if *rule.status() != ExpirationStatus::Enabled {
        return None;
    }
    let days = |count: Option<i32>| count.and_then(|days| u32::try_from(days).ok());
    let old = rule.noncurrent_version_expiration()?;
    Some(LifecycleRule {
        abort_uploads_days: days(
            rule.abort_incomplete_multipart_upload()?.days_after_initiation(),
        )?,
        old_version_days: days(old.noncurrent_days())?,
        old_versions_kept: days(old.newer_noncurrent_versions())?,
    })
}

/// One rule is read as ours; several, or none, are not what we set.
fn cors_rule(rules: &[aws_sdk_s3::types::CorsRule]) -> Option<CorsRule> {
    let [rule] = rules else { return None };
    Some(CorsRule {
        origins: rule.allowed_origins().to_vec(),
        methods: rule.allowed_methods().to_vec(),
        allowed_headers: rule.allowed_headers().to_vec(),
        exposed_headers: rule.expose_headers().to_vec(),
        max_age_seconds: rule.max_age_seconds().and_then(|age| u32::try_from(age).ok())?,
    })
}
