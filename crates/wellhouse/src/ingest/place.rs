//! Where files go: a bucket and a prefix.

use std::fmt;

use anyhow::{Context, Result, bail};
use wh_names::{BucketName, KeyPrefix, NameError, ObjectKey};

/// A bucket, and the prefix of the keys in it: empty, or ending in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) bucket: BucketName,
    prefix: KeyPrefix,
}

impl Place {
    /// Reads `s3://bucket/prefix/`. A prefix without its slash is meant as a folder, too.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let Some(rest) = text.strip_prefix("s3://") else { bail!("it must begin with s3://") };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let slash = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
        let prefix = KeyPrefix::parse(&format!("{prefix}{slash}"))?;
        Ok(Self { bucket: BucketName::parse(bucket).context("the bucket")?, prefix })
    }

    /// The key of a file, by its path below the folder.
    pub(super) fn key(&self, path: &str) -> Result<ObjectKey, NameError> {
        ObjectKey::parse(&format!("{}{path}", self.prefix))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_a_bucket_and_a_folder_in_it() {
        for (text, shown, key) in [
            ("s3://bucket", "s3://bucket/", "a b/c"),
            ("s3://bucket/", "s3://bucket/", "a b/c"),
            ("s3://bucket/in", "s3://bucket/in/", "in/a b/c"),
            ("s3://bucket/in/🦀/", "s3://bucket/in/🦀/", "in/🦀/a b/c"),
        ] {
            let place = Place::parse(text).expect("a place");
            assert_eq!(
                (place.to_string().as_str(), place.key("a b/c").expect("a key").as_str()),
                (shown, key)
            );
        }
        for bad in ["bucket/in", "s3://", "s3://B", "https://bucket/in", "/bucket"] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
        let place = Place::parse("s3://bucket/in").expect("a place");
        assert!(place.key(&"x".repeat(1024)).is_err(), "a key has at most 1,024 bytes");
    }
}
