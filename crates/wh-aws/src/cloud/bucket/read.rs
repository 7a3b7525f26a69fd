//! Settings, as they are read back.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    BucketAccelerateStatus, BucketVersioningStatus, EncryptionType, NotificationConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectOwnership, OwnershipControlsRule,
    PartitionDateSource, Payer, ServerSideEncryption, ServerSideEncryptionRule,
};
use wh_names::BucketName;
use wh_provision::{
    BucketSetting, BucketSettingKind, CorsRule, Encryption, Found, LockMode, Logging, ObjectLock,
    Retention, Unwanted,
};

use super::OUR_RULE;
use crate::cloud::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    pub(crate) async fn read_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Found, AwsError> {
        let name = bucket.as_str();
        Ok(match kind {
            BucketSettingKind::PublicAccess => self.read_public_access(name).await?.into(),
            BucketSettingKind::Ownership => self.read_ownership(name).await?.into(),
            BucketSettingKind::Encryption => self.read_encryption(name).await?.into(),
            BucketSettingKind::Versioning => {
                let call = self.s3.get_bucket_versioning().bucket(name);
                let answer = call.send().await.map_err(sort)?;
                let enabled = answer.status() == Some(&BucketVersioningStatus::Enabled);
                enabled.then_some(BucketSetting::Versioned).into()
            }
            BucketSettingKind::Lifecycle => self.read_lifecycle(name).await?,
            BucketSettingKind::Tags => {
                Some(BucketSetting::Tagged(self.bucket_tags(name).await?)).into()
            }
            BucketSettingKind::Cors => {
                let answer = self.s3.get_bucket_cors().bucket(name).send().await.map_err(sort)?;
                cors_rules(answer.cors_rules())
            }
            BucketSettingKind::Logging => self.read_logging(name).await?.into(),
            BucketSettingKind::Events => {
                let notifications = self.notifications(name).await?;
                events(&notifications)
            }
            BucketSettingKind::ObjectLock => self.read_lock(name).await?.into(),
            BucketSettingKind::Without(unwanted) => {
                let there = self.has(name, unwanted).await?;
                (!there).then_some(BucketSetting::Without(unwanted)).into()
            }
            BucketSettingKind::Policy => {
                let answer = self.s3.get_bucket_policy().bucket(name).send().await.map_err(sort)?;
                answer.policy.map(BucketSetting::Policy).into()
            }
        })
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

    async fn read_encryption(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let call = self.s3.get_bucket_encryption().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let found = answer.server_side_encryption_configuration();
        Ok(found.and_then(|found| found.rules().first()).and_then(encryption))
    }

    pub(in crate::cloud) async fn bucket_tags(
        &self,
        bucket: &str,
    ) -> Result<BTreeMap<String, String>, AwsError> {
        let answer = self.s3.get_bucket_tagging().bucket(bucket).send().await.map_err(sort)?;
        Ok(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn read_logging(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let answer = self.s3.get_bucket_logging().bucket(bucket).send().await.map_err(sort)?;
        let Some(found) = answer.logging_enabled() else { return Ok(None) };
        let Ok(to) = BucketName::parse(found.target_bucket()) else { return Ok(None) };
        let by_event = found.target_object_key_format().is_some_and(|format| {
            let partitioned = format.partitioned_prefix();
            partitioned.and_then(|prefix| prefix.partition_date_source())
                == Some(&PartitionDateSource::EventTime)
        });
        let prefix = found.target_prefix().to_owned();
        Ok(by_event.then_some(BucketSetting::Logged(Logging { bucket: to, prefix })))
    }

    pub(super) async fn notifications(
        &self,
        bucket: &str,
    ) -> Result<NotificationConfiguration, AwsError> {
        let call = self.s3.get_bucket_notification_configuration().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        Ok(NotificationConfiguration::builder()
            .set_topic_configurations(answer.topic_configurations)
            .set_queue_configurations(answer.queue_configurations)
            .set_lambda_function_configurations(answer.lambda_function_configurations)
            .set_event_bridge_configuration(answer.event_bridge_configuration)
            .build())
    }

    async fn read_lock(&self, bucket: &str) -> Result<Option<BucketSetting>, AwsError> {
        let call = self.s3.get_object_lock_configuration().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let Some(found) = answer.object_lock_configuration() else { return Ok(None) };
        if found.object_lock_enabled() != Some(&ObjectLockEnabled::Enabled) {
            return Ok(None);
        }
        let by_default = found.rule().and_then(|rule| rule.default_retention());
        let retention = by_default.and_then(|by_default| {
            // What others gave in years is told in days, and so is not what we give.
            let years = by_default.years().map(|years| years.saturating_mul(365));
            // S3 leaves out what was not said; others say 0.
            let days = by_default.days().filter(|days| *days > 0);
            let days = days.or(years).and_then(|days| u32::try_from(days).ok())?;
            let mode = if by_default.mode() == Some(&ObjectLockRetentionMode::Compliance) {
                LockMode::Compliance
            } else {
                LockMode::Governance
            };
            Some(Retention { mode, days })
        });
        Ok(Some(BucketSetting::Locked(ObjectLock { retention })))
    }

    /// Whether a bucket has what it should not have.
    async fn has(&self, bucket: &str, unwanted: Unwanted) -> Result<bool, AwsError> {
        let there = match unwanted {
            Unwanted::Website => {
                let call = self.s3.get_bucket_website().bucket(bucket);
                call.send().await.map_err(sort).map(|_| true)
            }
            Unwanted::Acceleration => {
                let call = self.s3.get_bucket_accelerate_configuration().bucket(bucket);
                match call.send().await.map_err(sort) {
                    // Some regions have no such thing.
                    Err(error) if says_unknown(&error) => Ok(false),
                    answer => Ok(answer?.status() == Some(&BucketAccelerateStatus::Enabled)),
                }
            }
            Unwanted::RequesterPays => {
                let call = self.s3.get_bucket_request_payment().bucket(bucket);
                let answer = call.send().await.map_err(sort)?;
                Ok(answer.payer() == Some(&Payer::Requester))
            }
            Unwanted::Replication => {
                let call = self.s3.get_bucket_replication().bucket(bucket);
                call.send().await.map_err(sort).map(|_| true)
            }
        };
        match there {
            Err(error) if super::says_unset(&error) => Ok(false),
            there => there,
        }
    }
}

/// What regions without transfer acceleration answer when they are asked of it.
fn says_unknown(error: &AwsError) -> bool {
    const UNKNOWN: [&str; 3] = ["MethodNotAllowed", "UnsupportedArgument", "NotImplemented"];
    matches!(error, AwsError::Service { service_code, .. } if UNKNOWN.contains(&&**service_code))
}

fn encryption(rule: &ServerSideEncryptionRule) -> Option<BucketSetting> {
    let by_default = rule.apply_server_side_encryption_by_default()?;
    // Two layers of KMS, or no bucket key: not as we set it.
    let algorithm = by_default.sse_algorithm();
    let by_kms =
        *algorithm == ServerSideEncryption::AwsKms && rule.bucket_key_enabled() == Some(true);
    let key = if by_kms {
        Some(by_default.kms_master_key_id()?.to_owned())
    } else if *algorithm == ServerSideEncryption::Aes256 {
        None
    } else {
        return None;
    };
    let blocked = rule.blocked_encryption_types();
    let refuses_sse_c =
        blocked.is_some_and(|blocked| blocked.encryption_type().contains(&EncryptionType::SseC));
    Some(BucketSetting::Encrypted(Encryption { key, refuses_sse_c }))
}

fn events(found: &NotificationConfiguration) -> Found {
    let counts = [
        (found.topic_configurations().len(), "topic"),
        (found.queue_configurations().len(), "queue"),
        (found.lambda_function_configurations().len(), "function"),
    ];
    let foreign = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} notification(s) to a {what}"))
        .collect();
    let told = found.event_bridge_configuration().is_some();
    Found { setting: told.then_some(BucketSetting::Events), foreign }
}

/// The rule with our name; a single one without any name, which earlier versions wrote: it is known by
/// the header that only we expose.
pub(super) fn is_ours(rule: &aws_sdk_s3::types::CorsRule, rules: usize) -> bool {
    const OUR_HEADER: &str = "x-amz-checksum-crc64nvme";
    match rule.id() {
        Some(id) if !id.is_empty() => id == OUR_RULE,
        Some(_) | None => rules == 1 && rule.expose_headers().iter().any(|h| h == OUR_HEADER),
    }
}

fn cors_rules(rules: &[aws_sdk_s3::types::CorsRule]) -> Found {
    let (ours, others): (Vec<_>, Vec<_>) =
        rules.iter().partition(|rule| is_ours(rule, rules.len()));
    let foreign = others
        .iter()
        .map(|rule| {
            let name = rule.id().unwrap_or("without a name");
            format!("cross-origin rule `{name}` for {}", rule.allowed_origins().join(", "))
        })
        .collect();
    let setting = ours.first().and_then(|rule| cors_rule(rule)).map(BucketSetting::Cors);
    Found { setting, foreign }
}

fn cors_rule(rule: &aws_sdk_s3::types::CorsRule) -> Option<CorsRule> {
    Some(CorsRule {
        origins: rule.allowed_origins().to_vec(),
        methods: rule.allowed_methods().to_vec(),
        allowed_headers: rule.allowed_headers().to_vec(),
        exposed_headers: rule.expose_headers().to_vec(),
        max_age_seconds: rule.max_age_seconds().and_then(|age| u32::try_from(age).ok())?,
    })
}
