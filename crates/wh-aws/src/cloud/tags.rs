//! Tags, as each service spells them.

use std::collections::BTreeMap;

use crate::error::AwsError;

pub(super) type Tags = BTreeMap<String, String>;

/// IAM's; `None` where there are none, for not every store knows them everywhere.
pub(super) fn iam(tags: &Tags) -> Result<Option<Vec<aws_sdk_iam::types::Tag>>, AwsError> {
    if tags.is_empty() {
        return Ok(None);
    }
    let tag = |(key, value)| aws_sdk_iam::types::Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map(Some).map_err(AwsError::malformed)
}

pub(super) fn of_iam(tags: Option<Vec<aws_sdk_iam::types::Tag>>) -> Tags {
    tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()
}

pub(super) fn kms(tags: &Tags) -> Result<Vec<aws_sdk_kms::types::Tag>, AwsError> {
    let tag =
        |(key, value)| aws_sdk_kms::types::Tag::builder().tag_key(key).tag_value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map_err(AwsError::malformed)
}

pub(super) fn cloudtrail(tags: &Tags) -> Result<Vec<aws_sdk_cloudtrail::types::Tag>, AwsError> {
    let tag =
        |(key, value)| aws_sdk_cloudtrail::types::Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map_err(AwsError::malformed)
}
