//! The tags of objects, and how they travel with a new one.
//!
//! Source: S3 User Guide, "Categorizing your objects using tags".

use aws_sdk_s3::types::{Tag, Tagging};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wh_names::{BucketName, ObjectKey};

use crate::error::{AwsError, sort};
use crate::objects::ObjectClient;
use crate::sessions::RoleSession;

/// What stands as it is in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Keys and values, in the store's order.
pub type ObjectTags = Vec<(String, String)>;

impl ObjectClient {
    /// The tags of an object.
    pub async fn tags(
        &self,
        session: &RoleSession,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<ObjectTags, AwsError> {
        let call = session.s3().get_object_tagging().bucket(bucket.as_str()).key(key.as_str());
        let answer = call.send().await.map_err(sort)?;
        let pair = |tag: Tag| (tag.key, tag.value);
        Ok(answer.tag_set.into_iter().map(pair).collect())
    }

    /// Replaces the tags of an object.
    pub async fn put_tags(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        tags: &[(String, String)],
    ) -> Result<(), AwsError> {
        let set = as_body(tags)?;
        let call = session.s3().put_object_tagging().bucket(bucket.as_str()).key(key.as_str());
        call.tagging(set).send().await.map_err(sort)?;
        Ok(())
    }
}

/// Tags as a request's body has them.
pub(crate) fn as_body(tags: &[(String, String)]) -> Result<Tagging, AwsError> {
    let tag = |(key, value): &(String, String)| Tag::builder().key(key).value(value).build();
    let set = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(AwsError::malformed)?;
    Tagging::builder().set_tag_set(Some(set)).build().map_err(AwsError::malformed)
}

/// As the header `x-amz-tagging` has them; none where there are none, for it takes a permission.
pub(crate) fn as_header(tags: &[(String, String)]) -> Option<String> {
    let pair = |(key, value): &(String, String)| {
        format!("{}={}", utf8_percent_encode(key, QUERY), utf8_percent_encode(value, QUERY))
    };
    (!tags.is_empty()).then(|| tags.iter().map(pair).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::as_header;

    #[test]
    fn tags_travel_whatever_stands_in_them() {
        let tags = [("a b".to_owned(), "c&d=e".to_owned()), ("f".to_owned(), String::new())];
        assert_eq!(as_header(&tags).as_deref(), Some("a%20b=c%26d%3De&f="));
        assert_eq!(as_header(&[]), None);
    }
}
