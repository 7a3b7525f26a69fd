//! `Arn`: an Amazon Resource Name. Never a pattern; patterns live in `wh-policy`.

use crate::error::checked_string;
use crate::{
    AccountId, BucketName, NameError, ObjectKey, Partition, RoleName, RoleSessionName, UserName,
};

/// `arn:partition:service:region:account-id:resource`; the resource may itself contain colons.
///
/// Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn(Box<str>);
checked_string!(Arn);

impl Arn {
    /// Accepts six colon-separated fields, the first `arn`, with service and resource not empty.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let mut fields = input.splitn(6, ':');
        let whole = fields.next() == Some("arn");
        let partition = fields.next().unwrap_or_default();
        let service = fields.next().unwrap_or_default();
        let _region = fields.next();
        let _account = fields.next();
        let resource = fields.next().unwrap_or_default();
        if !whole || partition.is_empty() || service.is_empty() || resource.is_empty() {
            let why = "it must have the form arn:partition:service:region:account-id:resource";
            return Err(NameError::new("ARN", input, why));
        }
        Ok(Self(input.into()))
    }

    /// The ARN of a bucket: no region, no account.
    pub fn bucket(partition: &Partition, bucket: &BucketName) -> Self {
        Self(format!("arn:{partition}:s3:::{bucket}").into())
    }

    /// The ARN of an object.
    pub fn object(partition: &Partition, bucket: &BucketName, key: &ObjectKey) -> Self {
        Self(format!("arn:{partition}:s3:::{bucket}/{key}").into())
    }

    /// The ARN on which `s3:ListAllMyBuckets` is judged.
    pub fn every_bucket(partition: &Partition) -> Self {
        Self(format!("arn:{partition}:s3:::*").into())
    }

    /// The ARN of a role; `path` begins and ends with `/`.
    pub fn role(partition: &Partition, account: &AccountId, path: &str, role: &RoleName) -> Self {
        Self(format!("arn:{partition}:iam::{account}:role{path}{role}").into())
    }

    /// The ARN of a user; `path` begins and ends with `/`.
    pub fn user(partition: &Partition, account: &AccountId, path: &str, user: &UserName) -> Self {
        Self(format!("arn:{partition}:iam::{account}:user{path}{user}").into())
    }

    /// The ARN of a role session; it does not carry the role's path.
    pub fn assumed_role(
        partition: &Partition,
        account: &AccountId,
        role: &RoleName,
        session: &RoleSessionName,
    ) -> Self {
        Self(format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}").into())
    }

    /// What STS's actions are judged on that have no resource.
    pub fn sts(partition: &Partition, account: &AccountId) -> Self {
        Self(format!("arn:{partition}:sts::{account}:*").into())
    }

    /// The ARN of an account's root user.
    pub fn root(partition: &Partition, account: &AccountId) -> Self {
        Self(format!("arn:{partition}:iam::{account}:root").into())
    }

    /// One field. Read byte by byte: ARNs are short, and this stands on the way of every decision.
    fn field(&self, index: usize) -> &str {
        let colon = |text: &str| text.bytes().position(|b| b == b':');
        let mut rest: &str = &self.0;
        for _ in 0..index {
            let Some(after) = colon(rest).and_then(|at| rest.get(at + 1..)) else { return "" };
            rest = after;
        }
        if index == 5 {
            return rest;
        }
        colon(rest).and_then(|at| rest.get(..at)).unwrap_or(rest)
    }

    /// The partition field, as written.
    pub fn partition(&self) -> &str {
        self.field(1)
    }

    /// The service field: `s3`, `iam`, `sts`.
    pub fn service(&self) -> &str {
        self.field(2)
    }

    /// The region field; empty for S3 and IAM.
    pub fn region(&self) -> &str {
        self.field(3)
    }

    /// The account field; empty for S3.
    pub fn account(&self) -> &str {
        self.field(4)
    }

    /// All after the fifth colon.
    pub fn resource(&self) -> &str {
        self.field(5)
    }
}
