//! What carries an installation's tag.
//!
//! The Resource Groups Tagging API would say it in one call, and needs a client of its own, which this is
//! not worth: S3 and CloudTrail are asked one by one.

use aws_sdk_cloudtrail::types::{ResourceTag, Tag};
use wh_names::BucketName;
use wh_provision::{INSTALLATION_TAG, Owned};

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// Of how many buckets of the account the tags are read.
const BUCKETS_MAX: usize = 200;

impl AwsCloud {
    pub(super) async fn read_owned(&self, installation: &str) -> Result<Owned, AwsError> {
        let pages = self.s3.list_buckets().into_paginator().items().send();
        let names = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        let names = names.iter().filter_map(|bucket| BucketName::parse(bucket.name()?).ok());
        let names: Vec<BucketName> = names.collect();
        let mut buckets = Vec::new();
        for name in names.iter().take(BUCKETS_MAX) {
            if self.is_tagged(name, installation).await? {
                buckets.push(name.clone());
            }
        }
        let not_looked_at = names.len().saturating_sub(BUCKETS_MAX);
        Ok(Owned { buckets, trails: self.own_trails(installation).await?, not_looked_at })
    }

    /// Whatever S3 says instead of tags (that there are none, that we may not look, that the bucket is
    /// elsewhere), it is not ours.
    async fn is_tagged(&self, bucket: &BucketName, installation: &str) -> Result<bool, AwsError> {
        match self.bucket_tags(bucket.as_str()).await {
            Ok(tags) => Ok(tags.get(INSTALLATION_TAG).is_some_and(|owner| owner == installation)),
            Err(error @ (AwsError::Unreachable { .. } | AwsError::Busy { .. })) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Whatever CloudTrail says instead of tags, it is not ours: that of an organization is shown to
    /// its accounts, and its tags to the one that made it alone.
    async fn trail_is_tagged(&self, arn: &str, installation: &str) -> Result<bool, AwsError> {
        let asked = self.cloudtrail.list_tags().resource_id_list(arn).send().await.map_err(sort);
        let listed = match asked {
            Err(error @ (AwsError::Unreachable { .. } | AwsError::Busy { .. })) => {
                return Err(error);
            }
            Err(_) => return Ok(false),
            Ok(listed) => listed.resource_tag_list.unwrap_or_default(),
        };
        let ours = |tag: &Tag| tag.key() == INSTALLATION_TAG && tag.value() == Some(installation);
        Ok(listed.iter().flat_map(ResourceTag::tags_list).any(ours))
    }

    /// Trails of this region; a trail of all regions is shown in each, and its tags at home alone.
    async fn own_trails(&self, installation: &str) -> Result<Vec<String>, AwsError> {
        let pages = self.cloudtrail.list_trails().into_paginator().items().send();
        let trails = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        let here = self.cloudtrail.config().region().map(ToString::to_string);
        let arns = trails.iter().filter(|trail| trail.home_region().map(str::to_owned) == here);
        let arns: Vec<String> = arns.filter_map(|trail| trail.trail_arn.clone()).collect();
        let mut ours = Vec::new();
        for arn in arns {
            if self.trail_is_tagged(&arn, installation).await? {
                ours.extend(arn.rsplit('/').next().map(str::to_owned));
            }
        }
        Ok(ours)
    }
}
