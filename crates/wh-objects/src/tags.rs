//! Tags of objects.
//!
//! Source: S3 User Guide, "Categorizing your objects using tags".

use std::collections::BTreeMap;

use crate::StoreError;

/// How many tags an object has at most.
const TAGS_MAX: usize = 10;

/// The longest key of a tag, in characters.
const KEY_CHARS_MAX: usize = 128;

/// The longest value of a tag, in characters.
const VALUE_CHARS_MAX: usize = 256;

/// The tags of an object, by their keys: at most 10, with keys of 1–128 and values of up to 256
/// characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Accepts tags within S3's limits; refuses others, and a key that comes twice, as
    /// [`StoreError::InvalidTag`].
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, StoreError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
                return Err(StoreError::InvalidTag { why: "a tag's key has 1 to 128 characters" });
            }
            if value.chars().count() > VALUE_CHARS_MAX {
                return Err(StoreError::InvalidTag {
                    why: "a tag's value has up to 256 characters",
                });
            }
            if tags.insert(key, value).is_some() {
                return Err(StoreError::InvalidTag { why: "a tag's key comes once" });
            }
        }
        if tags.len() > TAGS_MAX {
            return Err(StoreError::InvalidTag { why: "an object has at most 10 tags" });
        }
        Ok(Self(tags))
    }

    /// The tags, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of one tag.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Tags;

    #[track_caller]
    fn check(pairs: &[(&str, &str)], accepted: bool) {
        let owned = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        assert_eq!(Tags::new(owned).is_ok(), accepted, "{pairs:?}");
    }

    #[test]
    fn tags_have_the_limits_of_s3() {
        let (longest, longer) = ("ü".repeat(128), "ü".repeat(129));
        check(&[], true);
        check(&[("", "v")], false);
        check(&[(&longest, "")], true);
        check(&[(&longer, "")], false);
        check(&[("k", &"v".repeat(256))], true);
        check(&[("k", &"v".repeat(257))], false);
        check(&[("k", "1"), ("k", "2")], false);
        let names: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        let pairs: Vec<_> = names.iter().map(|n| (n.as_str(), "")).collect();
        check(&pairs[..10], true);
        check(&pairs, false);
    }
}
