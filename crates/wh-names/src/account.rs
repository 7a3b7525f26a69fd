//! Where things are on AWS's map: partition, region, account.

use crate::NameError;
use crate::error::checked_string;

/// A 12-digit AWS account id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(Box<str>);
checked_string!(AccountId);

impl AccountId {
    /// Accepts exactly 12 ASCII digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if input.len() == 12 && input.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("account id", input, "it must be exactly 12 digits"))
    }
}

/// An AWS partition: `aws`, `aws-cn`, `aws-us-gov`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(Box<str>);
checked_string!(Partition);

impl Partition {
    /// Accepts `aws` and `aws-` followed by lower-case letters and hyphens.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let rest = input.strip_prefix("aws");
        let ok = rest.is_some_and(|r| {
            r.is_empty()
                || (r.starts_with('-') && r.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        });
        if ok {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("partition", input, "it must be `aws` or begin with `aws-`"))
    }
}

/// An AWS region code, such as `us-east-1`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(Box<str>);
checked_string!(Region);

impl Region {
    /// Accepts 1–32 lower-case letters, digits and hyphens.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let ok = (1..=32).contains(&input.len())
            && input.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if ok {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("region", input, "it must be 1–32 of a–z, 0–9 and `-`"))
    }

    /// The partition that the region is in: `aws`, `aws-cn` or `aws-us-gov`.
    ///
    /// Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names".
    pub fn partition(&self) -> Partition {
        let name = if self.0.starts_with("cn-") {
            "aws-cn"
        } else if self.0.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        };
        Partition(name.into())
    }
}
