//! Whether a bucket keeps versions, and how long: asked in a person's name.

use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, LifecycleRule};
use wh_names::BucketName;

use crate::error::{AwsError, sort};
use crate::objects::ObjectClient;
use crate::sessions::RoleSession;

/// What S3 answers where a bucket has no rules at all.
const NO_RULES: &str = "NoSuchLifecycleConfiguration";

/// What a rule of a bucket's lifecycle, in force, says of versions that are no longer the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldVersionsRule {
    /// The beginning of the keys that it is for; of these it may leave out some, by tags or sizes.
    pub prefix: String,
    /// In days: how long a version stays after it was replaced or deleted.
    pub days: u32,
    /// How many of the newest old versions stay beyond that.
    pub spared: u32,
}

impl ObjectClient {
    /// Whether what is written and deleted now leaves a version.
    pub async fn keeps_versions(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
    ) -> Result<bool, AwsError> {
        let call = session.s3().get_bucket_versioning().bucket(bucket.as_str());
        let answer = call.send().await.map_err(sort)?;
        Ok(answer.status() == Some(&BucketVersioningStatus::Enabled))
    }

    /// The bucket's rules for old versions.
    pub async fn old_versions_rules(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
    ) -> Result<Vec<OldVersionsRule>, AwsError> {
        let call = session.s3().get_bucket_lifecycle_configuration().bucket(bucket.as_str());
        match call.send().await.map_err(sort) {
            Ok(answer) => Ok(answer.rules().iter().filter_map(of_rule).collect()),
            Err(AwsError::Service { service_code, .. }) if service_code == NO_RULES => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

fn of_rule(rule: &LifecycleRule) -> Option<OldVersionsRule> {
    let old = rule.noncurrent_version_expiration()?;
    if *rule.status() != ExpirationStatus::Enabled {
        return None;
    }
    let count = |number: i32| u32::try_from(number).ok();
    let spared = old.newer_noncurrent_versions().and_then(count).unwrap_or_default();
    Some(OldVersionsRule { prefix: prefix(rule), days: count(old.noncurrent_days()?)?, spared })
}

#[expect(deprecated, reason = "rules may still be written so")]
fn prefix(rule: &LifecycleRule) -> String {
    let filtered = rule.filter().and_then(|filter| {
        let several = filter.and().and_then(|and| and.prefix());
        filter.prefix().or(several)
    });
    filtered.or(rule.prefix()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration, Tag,
    };

    use super::*;

    fn rule(filter: LifecycleRuleFilter, status: ExpirationStatus) -> LifecycleRule {
        let old = NoncurrentVersionExpiration::builder()
            .noncurrent_days(30)
            .newer_noncurrent_versions(2)
            .build();
        let rule = LifecycleRule::builder().filter(filter).status(status);
        rule.noncurrent_version_expiration(old).build().expect("a rule")
    }

    #[test]
    fn a_rule_is_told_by_where_it_holds_and_only_while_it_is_in_force() {
        let plain = LifecycleRuleFilter::builder().prefix("a/").build();
        let tag = Tag::builder().key("k").value("v").build().expect("a tag");
        let both = LifecycleRuleAndOperator::builder().prefix("b/").tags(tag).build();
        let both = LifecycleRuleFilter::builder().and(both).build();
        let whole = LifecycleRuleFilter::builder().build();
        for (filter, prefix) in [(plain.clone(), "a/"), (both, "b/"), (whole, "")] {
            let told = of_rule(&rule(filter, ExpirationStatus::Enabled));
            let expected = OldVersionsRule { prefix: prefix.to_owned(), days: 30, spared: 2 };
            assert_eq!(told, Some(expected));
        }
        assert_eq!(of_rule(&rule(plain, ExpirationStatus::Disabled)), None);
    }
}
