//! `ObjectKey` and `KeyPrefix`: what an object is called, and where a listing begins.
//!
//! Invariant: a key is decoded once, at the door; the value that is authorised is the value that is
//! stored. A key is data and never becomes a path.

use crate::NameError;
use crate::error::checked_string;

/// The longest key and prefix, in bytes of UTF-8. Source: S3 User Guide, "Naming objects".
pub const KEY_BYTES_MAX: usize = 1024;

/// An object's key: 1–1,024 bytes of UTF-8.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(Box<str>);
checked_string!(ObjectKey);

impl ObjectKey {
    /// Accepts 1–1,024 bytes of UTF-8 without U+0000. Slashes, dots and emoji are only characters.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if input.is_empty() {
            return Err(NameError::new("object key", input, "it is empty"));
        }
        bounded("object key", input)?;
        Ok(Self(input.into()))
    }
}

/// The beginning of keys: 0–1,024 bytes of UTF-8. The empty prefix begins every key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPrefix(Box<str>);
checked_string!(KeyPrefix);

impl KeyPrefix {
    /// Accepts 0–1,024 bytes of UTF-8 without U+0000.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        bounded("key prefix", input)?;
        Ok(Self(input.into()))
    }

    /// The prefix of every key.
    pub fn everything() -> Self {
        Self("".into())
    }

    /// Whether `key` begins with this prefix. Whole segments are the caller's concern: a prefix
    /// that is meant as a folder ends in `/`.
    pub fn covers(&self, key: &str) -> bool {
        key.starts_with(&*self.0)
    }
}

fn bounded(what: &'static str, input: &str) -> Result<(), NameError> {
    if input.len() > KEY_BYTES_MAX {
        return Err(NameError::new(what, input, "it is longer than 1,024 bytes"));
    }
    if input.contains('\0') {
        return Err(NameError::new(what, input, "it holds the character U+0000"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{KEY_BYTES_MAX, KeyPrefix, ObjectKey};

    #[test]
    fn a_key_is_any_text_up_to_the_limit() {
        for good in ["a", "/", "a//b", "../../etc/passwd", "ключ/🦀/ünï", " ", "a\nb", "%2e%2e"]
        {
            assert_eq!(ObjectKey::parse(good).map(|k| k.as_str().to_owned()), Ok(good.to_owned()));
        }
        assert!(ObjectKey::parse("").is_err());
        assert!(ObjectKey::parse("a\0b").is_err());
        assert!(ObjectKey::parse(&"é".repeat(KEY_BYTES_MAX / 2)).is_ok());
        assert!(ObjectKey::parse(&"é".repeat(KEY_BYTES_MAX / 2 + 1)).is_err());
    }

    #[test]
    fn a_prefix_that_ends_in_a_slash_does_not_cover_its_namesakes() {
        let bob = KeyPrefix::parse("home/bob/").expect("a prefix");
        assert!(bob.covers("home/bob/x"));
        assert!(!bob.covers("home/bob2/x"));
        assert!(!bob.covers("home/bob"));
    }
}
