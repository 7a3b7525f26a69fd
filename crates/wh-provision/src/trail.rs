//! The trail: AWS CloudTrail records every read and write of an object.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wh_names::{Arn, BucketName};

use crate::bucket::own_tags;
use crate::description::Description;

/// The trail, as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailSpec {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The bucket that it writes to.
    #[serde(serialize_with = "crate::shown::shown")]
    pub bucket: BucketName,
    /// The beginnings of the ARNs of objects whose reads and writes it records.
    pub objects: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The ARN of the trail that a description asks for.
pub(crate) fn arn(described: &Description) -> Option<String> {
    let trail = described.trail.as_ref()?;
    let Description { partition, region, account, .. } = described;
    Some(format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{}", trail.name))
}

pub(crate) fn trail(described: &Description) -> Option<TrailSpec> {
    let (trail, logs) = (described.trail.as_ref()?, described.logs.as_ref()?);
    let objects = described.buckets.iter().map(|bucket| {
        let arn = Arn::bucket(&described.partition, &bucket.name);
        format!("{}/", arn.as_str())
    });
    Some(TrailSpec {
        name: trail.name.clone(),
        arn: arn(described)?,
        bucket: logs.name.clone(),
        objects: objects.collect(),
        tags: own_tags(described),
    })
}
