//! Settings, as they are made.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AccelerateConfiguration, BlockedEncryptionTypes, BucketAccelerateStatus, BucketLoggingStatus,
    BucketVersioningStatus, CorsConfiguration, DefaultRetention, EncryptionType,
    EventBridgeConfiguration, LoggingEnabled, ObjectLockConfiguration, ObjectLockEnabled,
    ObjectLockRetentionMode, ObjectLockRule, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PartitionDateSource, PartitionedPrefix, Payer,
    PublicAccessBlockConfiguration, RequestPaymentConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    Tag, Tagging, TargetObjectKeyFormat, VersioningConfiguration,
};
use wh_names::BucketName;
use wh_provision::{BucketSetting, CorsRule, Encryption, LockMode, Logging, ObjectLock, Unwanted};

use super::read::is_ours;
use super::{OUR_RULE, says_unset};
use crate::cloud::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    pub(in crate::cloud) async fn put_setting(
        &self,
        bucket: &BucketName,
        setting: &BucketSetting,
    ) -> Result<(), AwsError> {
        let name = bucket.as_str();
        match setting {
            BucketSetting::PublicAccessBlocked => self.block_public_access(name).await,
            BucketSetting::OwnerEnforced => self.enforce_owner(name).await,
            BucketSetting::Encrypted(encryption) => self.encrypt(name, encryption).await,
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
            BucketSetting::Logged(to) => self.put_logging(name, to).await,
            BucketSetting::Events => self.tell_event_bridge(name).await,
            BucketSetting::Locked(lock) => self.put_lock(name, *lock).await,
            BucketSetting::Without(unwanted) => self.remove(name, *unwanted).await,
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

    async fn encrypt(&self, bucket: &str, wanted: &Encryption) -> Result<(), AwsError> {
        let algorithm = match wanted.key {
            Some(_) => ServerSideEncryption::AwsKms,
            None => ServerSideEncryption::Aes256,
        };
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(wanted.key.clone())
            .build()
            .map_err(AwsError::malformed)?;
        let rule = ServerSideEncryptionRule::builder();
        let rule = rule.apply_server_side_encryption_by_default(by_default);
        let rule = rule.set_bucket_key_enabled(wanted.key.is_some().then_some(true));
        let blocked = wanted.refuses_sse_c.then(|| {
            BlockedEncryptionTypes::builder().encryption_type(EncryptionType::SseC).build()
        });
        let rule = rule.set_blocked_encryption_types(blocked).build();
        let wanted = ServerSideEncryptionConfiguration::builder().rules(rule).build();
        let call = self.s3.put_bucket_encryption().bucket(bucket);
        let call = call.server_side_encryption_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    /// S3 replaces all tags at once, so those that are not ours are written back.
    async fn put_tags(
        &self,
        bucket: &str,
        wanted: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let mut tags = match self.bucket_tags(bucket).await {
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

    /// S3 replaces all rules at once, so those that are not ours are written back.
    async fn put_cors(&self, bucket: &str, rule: &CorsRule) -> Result<(), AwsError> {
        let mut rules = match self.s3.get_bucket_cors().bucket(bucket).send().await.map_err(sort) {
            Err(error) if says_unset(&error) => Vec::new(),
            read => read?.cors_rules.unwrap_or_default(),
        };
        let count = rules.len();
        rules.retain(|rule| !is_ours(rule, count));
        let age = i32::try_from(rule.max_age_seconds).map_err(AwsError::malformed)?;
        let ours = aws_sdk_s3::types::CorsRule::builder()
            .id(OUR_RULE)
            .set_allowed_origins(Some(rule.origins.clone()))
            .set_allowed_methods(Some(rule.methods.clone()))
            .set_allowed_headers(Some(rule.allowed_headers.clone()))
            .set_expose_headers(Some(rule.exposed_headers.clone()))
            .max_age_seconds(age)
            .build()
            .map_err(AwsError::malformed)?;
        rules.push(ours);
        let wanted = CorsConfiguration::builder().set_cors_rules(Some(rules)).build();
        let call = self.s3.put_bucket_cors().bucket(bucket);
        let call = call.cors_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    async fn put_logging(&self, bucket: &str, to: &Logging) -> Result<(), AwsError> {
        let by_event = PartitionedPrefix::builder()
            .partition_date_source(PartitionDateSource::EventTime)
            .build();
        let format = TargetObjectKeyFormat::builder().partitioned_prefix(by_event).build();
        let enabled = LoggingEnabled::builder()
            .target_bucket(to.bucket.as_str())
            .target_prefix(&to.prefix)
            .target_object_key_format(format)
            .build()
            .map_err(AwsError::malformed)?;
        let wanted = BucketLoggingStatus::builder().logging_enabled(enabled).build();
        let call = self.s3.put_bucket_logging().bucket(bucket);
        call.bucket_logging_status(wanted).send().await.map_err(sort)?;
        Ok(())
    }

    /// S3 replaces all notifications at once, so others' are written back.
    async fn tell_event_bridge(&self, bucket: &str) -> Result<(), AwsError> {
        let mut wanted = self.notifications(bucket).await?;
        wanted.event_bridge_configuration = Some(EventBridgeConfiguration::builder().build());
        let call = self.s3.put_bucket_notification_configuration().bucket(bucket);
        call.notification_configuration(wanted).send().await.map_err(sort)?;
        Ok(())
    }

    async fn put_lock(&self, bucket: &str, lock: ObjectLock) -> Result<(), AwsError> {
        let rule = match lock.retention {
            None => None,
            Some(retention) => {
                let mode = match retention.mode {
                    LockMode::Governance => ObjectLockRetentionMode::Governance,
                    LockMode::Compliance => ObjectLockRetentionMode::Compliance,
                };
                let days = i32::try_from(retention.days).map_err(AwsError::malformed)?;
                let by_default = DefaultRetention::builder().mode(mode).days(days).build();
                Some(ObjectLockRule::builder().default_retention(by_default).build())
            }
        };
        let wanted = ObjectLockConfiguration::builder()
            .object_lock_enabled(ObjectLockEnabled::Enabled)
            .set_rule(rule)
            .build();
        let call = self.s3.put_object_lock_configuration().bucket(bucket);
        call.object_lock_configuration(wanted).send().await.map_err(sort)?;
        Ok(())
    }

    async fn remove(&self, bucket: &str, unwanted: Unwanted) -> Result<(), AwsError> {
        match unwanted {
            Unwanted::Website => {
                self.s3.delete_bucket_website().bucket(bucket).send().await.map_err(sort)?;
            }
            Unwanted::Acceleration => {
                let suspended = BucketAccelerateStatus::Suspended;
                let wanted = AccelerateConfiguration::builder().status(suspended).build();
                let call = self.s3.put_bucket_accelerate_configuration().bucket(bucket);
                call.accelerate_configuration(wanted).send().await.map_err(sort)?;
            }
            Unwanted::RequesterPays => {
                let wanted =
                    RequestPaymentConfiguration::builder().payer(Payer::BucketOwner).build();
                let wanted = wanted.map_err(AwsError::malformed)?;
                let call = self.s3.put_bucket_request_payment().bucket(bucket);
                call.request_payment_configuration(wanted).send().await.map_err(sort)?;
            }
            Unwanted::Replication => {
                self.s3.delete_bucket_replication().bucket(bucket).send().await.map_err(sort)?;
            }
        }
        Ok(())
    }
}
