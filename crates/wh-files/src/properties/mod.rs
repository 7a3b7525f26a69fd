//! What a file has besides its bytes: type, metadata, tags; and writing them.

mod metadata;

use std::collections::BTreeSet;

use wh_aws::{AwsError, Carried, ObjectTags};
use wh_ledger::ActivityKind;
use wh_names::SCAN_TAG;
use wh_people::Person;
use wh_policy::s3::action;

pub use metadata::{METADATA_BYTES_MAX, NewMetadata};

use crate::{Explained, FilePath, Files, FilesError, Scanned};

/// How many tags an object may have.
///
/// Source: S3 User Guide, "Categorizing your objects using tags".
pub const TAGS_MAX: usize = 10;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

/// What a file has besides its bytes.
#[derive(Debug, Clone)]
pub struct Properties {
    /// Without quotation marks. What is written anew is the file with this one, or nothing is.
    pub etag: String,
    /// As the uploader said.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// The CRC-64/NVME of the whole in base64, where the store tells it.
    pub crc64nvme: Option<String>,
    /// Metadata, and headers that come with a download.
    pub carried: Carried,
    /// The tags; `None` where the person may not read them.
    pub tags: Option<ObjectTags>,
    /// What the scan for malware said; `None` where files are not scanned.
    pub scanned: Option<Scanned>,
    /// Reading the tags.
    pub may_read_tags: Explained,
    /// Writing the tags.
    pub may_write_tags: Explained,
    /// Writing the type, the headers and the metadata.
    pub may_write_metadata: Explained,
}

impl Files {
    /// What a file has besides its bytes. Its tags have a permission of their own.
    pub async fn properties(
        &self,
        person: &Person,
        location: &str,
        path: &FilePath,
    ) -> Result<Properties, FilesError> {
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::GET_OBJECT, &target)?;
        let session = access.session().await?;
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let scanned = access.served(&session, (&key, &target)).await?;
        let object = objects.head(&session, bucket, &key).await;
        let object = object.map_err(|error| access.told(action::GET_OBJECT, &target, error))?;
        let mut may_read_tags = access.says(action::GET_OBJECT_TAGGING, &target)?;
        let tags = match access.foresee(action::GET_OBJECT_TAGGING, &target) {
            Err(_certainly_not) => None,
            Ok(()) => match objects.tags(&session, bucket, &key).await {
                Ok(tags) => Some(tags),
                Err(AwsError::Denied { message }) => {
                    may_read_tags = may_read_tags.by_the_store(&message);
                    None
                }
                Err(error) => return Err(access.told(action::GET_OBJECT_TAGGING, &target, error)),
            },
        };
        Ok(Properties {
            etag: object.etag,
            content_type: object.content_type,
            content_encoding: object.content_encoding,
            crc64nvme: object.crc64nvme,
            carried: object.carried,
            tags: tags.map(|tags| self.but_of_scan(tags)),
            scanned,
            may_read_tags,
            may_write_tags: access.says(action::PUT_OBJECT_TAGGING, &target)?,
            may_write_metadata: access.says(action::PUT_OBJECT, &target)?,
        })
    }

    /// Tags without what the scan for malware said, which is told by itself.
    fn but_of_scan(&self, tags: ObjectTags) -> ObjectTags {
        let ours = self.options.scanning.is_some();
        tags.into_iter().filter(|(key, _)| !ours || key != SCAN_TAG).collect()
    }

    /// Replaces the tags of a file. What the scan for malware said stays as it is.
    pub async fn put_tags(
        &self,
        person: &Person,
        location: &str,
        path: &FilePath,
        tags: &[(String, String)],
    ) -> Result<(), FilesError> {
        check(tags)?;
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::PUT_OBJECT_TAGGING, &target)?;
        let session = access.session().await?;
        let place = (&access.grant.bucket, &key);
        let mut tags = self.but_of_scan(tags.to_vec());
        if self.options.scanning.is_some() {
            let there = self.options.objects.tags(&session, place.0, place.1).await;
            let there =
                there.map_err(|error| access.told(action::GET_OBJECT_TAGGING, &target, error))?;
            tags.extend(there.into_iter().filter(|(key, _)| key == SCAN_TAG));
            if tags.len() > TAGS_MAX {
                return Err(FilesError::Tags { max: TAGS_MAX - 1 });
            }
        }
        let done = self.options.objects.put_tags(&session, place, &tags);
        done.await.map_err(|error| access.told(action::PUT_OBJECT_TAGGING, &target, error))?;
        self.did(&access, ActivityKind::Tagged, key.as_str()).await;
        Ok(())
    }
}

/// Whether S3 takes them: few, not long, no key twice.
fn check(tags: &[(String, String)]) -> Result<(), FilesError> {
    let mut keys = BTreeSet::new();
    let fits = |(key, value): &(String, String)| {
        (1..=TAG_KEY_CHARS_MAX).contains(&key.chars().count())
            && value.chars().count() <= TAG_VALUE_CHARS_MAX
            && !key.chars().chain(value.chars()).any(char::is_control)
            && !key.starts_with("aws:")
    };
    let distinct = tags.iter().all(|(key, _value)| keys.insert(key.to_lowercase()));
    if tags.len() <= TAGS_MAX && distinct && tags.iter().all(fits) {
        return Ok(());
    }
    Err(FilesError::Tags { max: TAGS_MAX })
}

#[cfg(test)]
mod tests {
    use super::{TAGS_MAX, check};

    fn tag(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn tags_are_few_short_and_distinct() {
        let many = |n: usize| (0..n).map(|i| tag(&format!("k{i}"), "v")).collect::<Vec<_>>();
        assert!(check(&[]).is_ok());
        assert!(check(&many(TAGS_MAX)).is_ok());
        assert!(check(&many(TAGS_MAX + 1)).is_err());
        assert!(check(&[tag("ä", "")]).is_ok());
        for bad in [tag("", "v"), tag("aws:x", "v"), tag("k", "a\nb"), tag(&"k".repeat(129), "")] {
            assert!(check(std::slice::from_ref(&bad)).is_err(), "{bad:?}");
        }
        assert!(check(&[tag("k", &"v".repeat(257))]).is_err());
        assert!(check(&[tag("Team", "a"), tag("team", "b")]).is_err());
    }
}
