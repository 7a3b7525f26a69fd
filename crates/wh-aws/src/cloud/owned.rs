//! What carries an installation's tag.
//!
//! The Resource Groups Tagging API would say it in one call, and needs a client of its own, which this is
//! not worth: S3 and CloudTrail are asked one by one.

use wh_names::BucketName;
use wh_provision::{INSTALLATION_TAG, Owned};

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// Of how many buckets of the account the tags are read.
const BUCKETS_MAX: usize = 200;
/// How many trails CloudTrail tells the tags of at once.
const TRAILS_AT_ONCE: usize = 20;

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

    /// Trails of this region; a trail of all regions is shown in each, and its tags at home alone.
    async fn own_trails(&self, installation: &str) -> Result<Vec<String>, AwsError> {
        let pages = self.cloudtrail.list_trails().into_paginator().items().send();
        let trails = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        let here = self.cloudtrail.config().region().map(ToString::to_string);
        let arns = trails.iter().filter(|trail| trail.home_region().map(str::to_owned) == here);
        let arns: Vec<String> = arns.filter_map(|trail| trail.trail_arn.clone()).collect();
        let mut ours = Vec::new();
        for some in arns.chunks(TRAILS_AT_ONCE) {
            let call = self.cloudtrail.list_tags().set_resource_id_list(Some(some.to_vec()));
            let listed = call.send().await.map_err(sort)?.resource_tag_list.unwrap_or_default();
            ours.extend(listed.into_iter().filter_map(|one| {
                let owned = one
                    .tags_list()
                    .iter()
                    .any(|tag| tag.key() == INSTALLATION_TAG && tag.value() == Some(installation));
                let name = one.resource_id()?.rsplit('/').next()?.to_owned();
                owned.then_some(name)
            }));
        }
        Ok(ours)
    }
}
