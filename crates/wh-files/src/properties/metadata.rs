//! Writing the type, the headers and the metadata of a file: the store copies it onto itself, so that no byte
//! passes here, and where versions are kept the file as it was is one of them.
//!
//! Invariant: what is written over is the file that was read, or nothing is.

use std::collections::BTreeMap;

use wh_aws::{AwsError, Carried, CopyTo, WriteCondition};
use wh_people::Person;
use wh_policy::s3::action;

use crate::uploads::media_type;
use crate::{FilePath, Files, FilesError};

/// How long the names and values of an object's metadata may be, all together, in bytes.
///
/// Source: S3 User Guide, "Working with object metadata", user-defined metadata.
pub const METADATA_BYTES_MAX: usize = 2 * 1024;

/// How long one of the headers may be, in bytes. S3 takes 8 KiB of them all.
const HEADER_BYTES_MAX: usize = 1024;

/// What the store is to keep beside the bytes of a file.
#[derive(Debug, Clone)]
pub struct NewMetadata {
    /// A media type; empty for one that says nothing.
    pub content_type: String,
    /// The headers, and the metadata by names without `x-amz-meta-`.
    pub carried: Carried,
}

impl Files {
    /// Replaces the type, the headers and the metadata of the file with this `ETag`; its bytes and its tags
    /// stay. Another file at its path is left as it is.
    pub async fn put_metadata(
        &self,
        person: &Person,
        (location, path): (&str, &FilePath),
        etag: &str,
        wanted: NewMetadata,
    ) -> Result<(), FilesError> {
        let wanted = checked(wanted)?;
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::GET_OBJECT, &target)?;
        access.foresee(action::PUT_OBJECT, &target)?;
        let (session, bucket) = (access.session().await?, &access.grant.bucket);
        let looked = self.options.objects.look(&session, (bucket, &key, None)).await;
        let source = looked.map_err(|error| access.told(action::GET_OBJECT, &target, error))?;
        if source.etag != etag {
            return Err(FilesError::Changed);
        }
        let condition = WriteCondition::IfMatch(source.etag.clone());
        let source = source.dressed(wanted.content_type, wanted.carried);
        let to = CopyTo { bucket, key: &key, condition: &condition };
        match self.copied(&session, &source, to).await {
            Ok(_written) => Ok(()),
            Err(AwsError::PreconditionFailed | AwsError::Conflict { .. }) => {
                Err(FilesError::Changed)
            }
            Err(error) => Err(access.told(action::PUT_OBJECT, &target, error)),
        }
    }
}

/// As it is sent: names in small letters, and no header that is empty.
fn checked(wanted: NewMetadata) -> Result<NewMetadata, FilesError> {
    let content_type = media_type(&wanted.content_type);
    let content_type = content_type.map_err(|_| FilesError::ContentType)?.to_owned();
    let Carried { metadata, cache_control, content_disposition, content_language } = wanted.carried;
    let length: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    let count = metadata.len();
    let metadata: BTreeMap<_, _> =
        metadata.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let fit = metadata.iter().all(|(name, value)| is_name(name) && is_value(value));
    if !fit || metadata.len() != count || length > METADATA_BYTES_MAX {
        return Err(FilesError::Metadata { max: METADATA_BYTES_MAX });
    }
    let carried = Carried {
        metadata,
        cache_control: header("cache_control", cache_control)?,
        content_disposition: header("content_disposition", content_disposition)?,
        content_language: header("content_language", content_language)?,
    };
    Ok(NewMetadata { content_type, carried })
}

/// A header's name, as RFC 9110, 5.6.2, has it.
fn is_name(name: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(part)
}

/// What a header may say, and is not read otherwise by anybody: visible ASCII, with spaces inside.
fn is_value(value: &str) -> bool {
    value == value.trim() && value.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

fn header(field: &'static str, value: Option<String>) -> Result<Option<String>, FilesError> {
    let value = value.filter(|value| !value.is_empty());
    match value {
        Some(value) if !is_value(&value) || value.len() > HEADER_BYTES_MAX => {
            Err(FilesError::Header { field, max: HEADER_BYTES_MAX })
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use wh_aws::Carried;

    use super::{METADATA_BYTES_MAX, NewMetadata, checked};
    use crate::FilesError;

    fn of(pairs: &[(&str, &str)]) -> NewMetadata {
        let metadata = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let carried = Carried { metadata: metadata.collect(), ..Carried::default() };
        NewMetadata { content_type: String::new(), carried }
    }

    #[test]
    fn metadata_is_what_headers_may_hold() {
        let kept = checked(of(&[("Surveyor", "Inge B."), ("x", "")])).unwrap();
        assert_eq!(kept.content_type, "application/octet-stream");
        assert_eq!(kept.carried.metadata["surveyor"], "Inge B.");
        let long = "v".repeat(METADATA_BYTES_MAX);
        for bad in [
            vec![("", "v")],
            vec![("a b", "v")],
            vec![("a:", "v")],
            vec![("ä", "v")],
            vec![("a", "b\r\nx-amz-acl: public-read")],
            vec![("a", "ü")],
            vec![("a", " b")],
            vec![("a", long.as_str())],
            vec![("Team", "a"), ("team", "b")],
        ] {
            assert!(matches!(checked(of(&bad)), Err(FilesError::Metadata { .. })), "{bad:?}");
        }
        let fits = "v".repeat(METADATA_BYTES_MAX - 1);
        assert!(checked(of(&[("a", &fits)])).is_ok());
    }

    #[test]
    fn a_header_that_is_none_is_named() {
        let mut wanted = of(&[]);
        wanted.carried.cache_control = Some("no-store\nX: y".to_owned());
        let refused = checked(wanted).map(drop);
        assert!(matches!(refused, Err(FilesError::Header { field: "cache_control", .. })));
        let mut wanted = of(&[]);
        wanted.carried.content_language = Some(String::new());
        assert_eq!(checked(wanted).unwrap().carried.content_language, None);
        let mut wanted = of(&[]);
        wanted.content_type = "text".to_owned();
        assert!(matches!(checked(wanted), Err(FilesError::ContentType)));
    }
}
