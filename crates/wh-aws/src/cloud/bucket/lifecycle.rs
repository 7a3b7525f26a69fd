//! The lifecycle: our rule among others'.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule as SdkRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, Transition, TransitionDefaultMinimumObjectSize,
    TransitionStorageClass,
};
use wh_provision::{BucketSetting, Found, LifecycleRule};

use super::{OUR_RULE, says_unset};
use crate::cloud::AwsCloud;
use crate::error::{AwsError, sort};

/// The name of the rule that clears delete markers away where objects expire: S3 takes both in one
/// rule only where no days are given.
const MARKERS_RULE: &str = "wellhouse-markers";

fn is_ours(rule: &SdkRule) -> bool {
    matches!(rule.id(), Some(OUR_RULE | MARKERS_RULE))
}

impl AwsCloud {
    async fn lifecycle_found(&self, bucket: &str) -> Result<FoundLifecycle, AwsError> {
        let call = self.s3.get_bucket_lifecycle_configuration().bucket(bucket);
        let answer = call.send().await.map_err(sort)?;
        let smallest_moved = answer.transition_default_minimum_object_size;
        Ok(FoundLifecycle { rules: answer.rules.unwrap_or_default(), smallest_moved })
    }

    pub(super) async fn read_lifecycle(&self, bucket: &str) -> Result<Found, AwsError> {
        let rules = self.lifecycle_found(bucket).await?.rules;
        let others = rules.iter().filter(|rule| !is_ours(rule));
        let foreign = others
            .map(|rule| format!("lifecycle rule `{}`", rule.id().unwrap_or("without a name")))
            .collect();
        Ok(Found { setting: our_rule(&rules).map(BucketSetting::Lifecycle), foreign })
    }

    /// S3 replaces all rules at once, and with them from which size on objects are moved: so the rules that
    /// are not ours are written back, and that size.
    pub(super) async fn put_lifecycle(
        &self,
        bucket: &str,
        rule: LifecycleRule,
    ) -> Result<(), AwsError> {
        let FoundLifecycle { rules, smallest_moved } = match self.lifecycle_found(bucket).await {
            Err(error) if says_unset(&error) => FoundLifecycle::default(),
            read => read?,
        };
        let others = rules.into_iter().filter(|rule| !is_ours(rule)).map(with_filter);
        let rules: Vec<SdkRule> = others.chain(sdk_rules(rule)?).collect();
        self.write_lifecycle(bucket, FoundLifecycle { rules, smallest_moved }).await
    }

    /// Only our rules are left.
    pub(super) async fn drop_lifecycle_rules(&self, bucket: &str) -> Result<(), AwsError> {
        let mut left = self.lifecycle_found(bucket).await?;
        left.rules.retain(is_ours);
        if left.rules.is_empty() {
            self.s3.delete_bucket_lifecycle().bucket(bucket).send().await.map_err(sort)?;
            return Ok(());
        }
        self.write_lifecycle(bucket, left).await
    }

    async fn write_lifecycle(&self, bucket: &str, wanted: FoundLifecycle) -> Result<(), AwsError> {
        let FoundLifecycle { rules, smallest_moved } = wanted;
        let wanted = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
        let call = self.s3.put_bucket_lifecycle_configuration().bucket(bucket);
        let call = call.set_transition_default_minimum_object_size(smallest_moved);
        let call = call.lifecycle_configuration(wanted.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }
}

/// What a bucket's lifecycle holds.
#[derive(Default)]
struct FoundLifecycle {
    rules: Vec<SdkRule>,
    smallest_moved: Option<TransitionDefaultMinimumObjectSize>,
}

/// The same rule with its prefix in a filter. S3 takes no prefix beside the filters of others, as ours
/// have one, and returns it as it was once written. Source: S3 API Reference, `LifecycleRule`, whose
/// `Prefix` is deprecated; S3 answers "Base level prefix cannot be used in Lifecycle V2".
#[expect(deprecated, reason = "rules of others may still be written so")]
fn with_filter(mut rule: SdkRule) -> SdkRule {
    if rule.filter.is_none() {
        let prefix = rule.prefix.take().unwrap_or_default();
        rule.filter = Some(LifecycleRuleFilter::builder().prefix(prefix).build());
    }
    rule
}

fn days(count: u32) -> Result<i32, AwsError> {
    i32::try_from(count).map_err(AwsError::malformed)
}

fn sdk_rules(rule: LifecycleRule) -> Result<Vec<SdkRule>, AwsError> {
    let whole = || LifecycleRuleFilter::builder().prefix("").build();
    let abort = AbortIncompleteMultipartUpload::builder()
        .days_after_initiation(days(rule.abort_uploads_days)?)
        .build();
    let kept = (rule.old_versions_kept > 0).then_some(days(rule.old_versions_kept)?);
    let old = NoncurrentVersionExpiration::builder()
        .noncurrent_days(days(rule.old_version_days)?)
        .set_newer_noncurrent_versions(kept)
        .build();
    let markers = LifecycleExpiration::builder().expired_object_delete_marker(true).build();
    let expiration = match rule.expire_days {
        Some(count) => LifecycleExpiration::builder().days(days(count)?).build(),
        None => markers.clone(),
    };
    let mut ours = SdkRule::builder()
        .id(OUR_RULE)
        .status(ExpirationStatus::Enabled)
        .filter(whole())
        .abort_incomplete_multipart_upload(abort)
        .noncurrent_version_expiration(old)
        .expiration(expiration);
    if let Some(count) = rule.tiering_days {
        let to = TransitionStorageClass::IntelligentTiering;
        ours = ours.transitions(Transition::builder().days(days(count)?).storage_class(to).build());
    }
    let mut rules = vec![ours.build().map_err(AwsError::malformed)?];
    if rule.expire_days.is_some() {
        let rule = SdkRule::builder()
            .id(MARKERS_RULE)
            .status(ExpirationStatus::Enabled)
            .filter(whole())
            .expiration(markers);
        rules.push(rule.build().map_err(AwsError::malformed)?);
    }
    Ok(rules)
}

/// What our rules say together; `None` where they were changed into what we do not write.
fn our_rule(rules: &[SdkRule]) -> Option<LifecycleRule> {
    let named = |name: &str| rules.iter().find(|rule| rule.id() == Some(name));
    let ours = named(OUR_RULE).filter(|rule| covers_all(rule))?;
    let count = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok());
    let old = ours.noncurrent_version_expiration()?;
    let clears = |rule: &SdkRule| {
        rule.expiration().and_then(LifecycleExpiration::expired_object_delete_marker) == Some(true)
    };
    let expire_days = count(ours.expiration().and_then(LifecycleExpiration::days));
    let cleared = match expire_days {
        Some(_) => named(MARKERS_RULE).is_some_and(|rule| covers_all(rule) && clears(rule)),
        None => clears(ours),
    };
    let tiering_days = match ours.transitions() {
        [] => None,
        [one] if one.storage_class() == Some(&TransitionStorageClass::IntelligentTiering) => {
            Some(count(one.days())?)
        }
        _ => return None,
    };
    cleared.then_some(LifecycleRule {
        abort_uploads_days: count(
            ours.abort_incomplete_multipart_upload()?.days_after_initiation(),
        )?,
        old_version_days: count(old.noncurrent_days())?,
        old_versions_kept: count(old.newer_noncurrent_versions()).unwrap_or(0),
        tiering_days,
        expire_days,
    })
}

/// Whether a rule is in force, and for every key.
fn covers_all(rule: &SdkRule) -> bool {
    let whole = rule.filter().is_none_or(|filter| {
        filter.prefix().unwrap_or_default().is_empty()
            && filter.tag().is_none()
            && filter.and().is_none()
            && filter.object_size_greater_than().is_none()
            && filter.object_size_less_than().is_none()
    });
    *rule.status() == ExpirationStatus::Enabled && whole
}
