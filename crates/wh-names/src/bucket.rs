//! `BucketName`, by the rules for general purpose buckets.

use crate::NameError;
use crate::error::checked_string;

/// A general purpose bucket's name.
///
/// Source: S3 User Guide, "General purpose bucket naming rules".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(Box<str>);
checked_string!(BucketName);

const PREFIXES_RESERVED: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const SUFFIXES_RESERVED: [&str; 4] = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"];

impl BucketName {
    /// Accepts what S3 accepts for a new general purpose bucket.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        match rule_broken(input) {
            Some(why) => Err(NameError::new("bucket name", input, why)),
            None => Ok(Self(input.into())),
        }
    }
}

fn rule_broken(name: &str) -> Option<&'static str> {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    if !(3..=63).contains(&bytes.len()) {
        return Some("it must be 3–63 characters long");
    }
    if !bytes.iter().all(|&b| alnum(b) || b == b'.' || b == b'-') {
        return Some("it may hold only a–z, 0–9, `.` and `-`");
    }
    if !bytes.first().copied().is_some_and(alnum) || !bytes.last().copied().is_some_and(alnum) {
        return Some("it must begin and end with a letter or digit");
    }
    if name.contains("..") {
        return Some("it may not hold two dots in a row");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("it may not look like an IP address");
    }
    if PREFIXES_RESERVED.iter().any(|p| name.starts_with(p))
        || SUFFIXES_RESERVED.iter().any(|s| name.ends_with(s))
    {
        return Some("it begins or ends with a string that S3 reserves");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::BucketName;

    #[track_caller]
    fn check(name: &str, valid: bool) {
        assert_eq!(BucketName::parse(name).is_ok(), valid, "{name}");
    }

    #[test]
    fn a_bucket_name_is_what_s3_accepts() {
        check("wellhouse", true);
        check("a.b-c.9", true);
        check(&"a".repeat(63), true);
        for bad in ["", "ab", "A-b", "a_b", "-ab", "ab-", "a..b", "10.0.0.1", "xn--ab", "a/b"] {
            check(bad, false);
        }
        check(&"a".repeat(64), false);
        check("files--ol-s3", false);
    }
}
