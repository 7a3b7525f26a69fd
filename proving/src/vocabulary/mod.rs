//! The words that cases are made of: few, and near to one another, so that they collide.

mod values;

pub(crate) use values::{patterns, values};

/// The accounts.
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// Actions as they are asked for.
pub(crate) const ACTIONS: [&str; 13] = [
    "sts:GetSessionToken",
    "app:GetObject",
    "s3:GetObjectOfDesire",
    "s3:GetObject",
    "s3:GetObject",
    "s3:getobject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:getbucketpolicy",
    "iam:GetUser",
    "sts:GetCallerIdentity",
];

/// Actions on a role.
pub(crate) const TRUST_ACTIONS: [&str; 5] = [
    "sts:AssumeRole",
    "sts:assumerole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// Patterns of actions in policies.
pub(crate) const ACTION_PATTERNS: [&str; 20] = [
    "*",
    "s3:*",
    "S3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:getobject",
    "S3:GETOBJECT",
    "s3:GetObject*",
    "s3:*Object",
    "s3:?etObject",
    "s3:?*t*",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:*BucketPolicy",
    "iam:*",
    "sts:*",
    "sts:AssumeRole",
    "sts:AssumeRole*",
    "sts:TagSession",
    "sts:?et*",
];

/// Patterns that no reader takes for actions.
pub(crate) const ACTION_PATTERNS_MALFORMED: [&str; 8] =
    ["s3", "*:*", "s*:GetObject", "s3:Get Object", ":GetObject", "s3:", "s3:Get:Object", ""];

/// What is asked for in S3: all after `arn:aws:s3:::`.
pub(crate) const OBJECTS: [&str; 22] = [
    "data",
    "data-2",
    "data/",
    "data/a",
    "data/a/b.txt",
    "data/a/../b",
    "data//a",
    "data/a:b",
    "data/a*b",
    "data/a?b",
    "data/a\u{1F980}b",
    "data/\u{e9}",
    "data/home/alice/x",
    "data/home/Alice/x",
    "data/home/*/x",
    "data/home/${aws:username}/x",
    "data/[a-z]+.(x|y)$",
    "data/a\nb",
    "data-2/a",
    "log/2026/06/30",
    "log/arn:aws:s3:::data/a",
    "*",
];

/// Patterns in `Resource`.
pub(crate) const RESOURCES: [&str; 33] = [
    "*",
    "arn:aws:s3:::*",
    "arn:*:s3:::*",
    "arn:aws:s3:::data",
    "arn:aws:s3:::data*",
    "arn:aws:s3:::data/*",
    "arn:aws:s3:::data/a",
    "arn:aws:s3:::data/a?b",
    "arn:aws:s3:::data/a${*}b",
    "arn:aws:s3:::data/a${?}b",
    "arn:aws:s3:::data/*b*",
    "arn:aws:s3:::data/?",
    "arn:aws:s3:::data/*/x",
    "arn:aws:s3:::data/**a*?*",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::d?t?/a*",
    "arn:aws:s3:::data/home/${aws:username}/*",
    "arn:aws:s3:::data/home/${AWS:UserName}/x",
    "arn:aws:s3:::data/home/${aws:username, 'alice'}/x",
    "arn:aws:s3:::data/home/${aws:PrincipalTag/Team}/*",
    "arn:aws:s3:::data/home/${aws:principaltag/team, '*'}/x",
    "arn:aws:s3:::data/home/${aws:TagKeys}/*",
    "arn:aws:s3:::data/home/${$}{aws:username}/x",
    "arn:aws:s3:::${aws:PrincipalTag/Team}/a",
    "arn:aws:s3:::log/*",
    "arn:aws:s3:::log/${s3:prefix}*",
    "arn:aws:s3:::data/[a-z]+.(x|y)$",
    "arn:aws:s3:::data/\u{e9}",
    "arn:aws:iam::*:user/*",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::1111*:*",
    "arn:aws:sqs:*:*:*:a",
];

/// Resources that are refused where a policy is written.
pub(crate) const RESOURCES_MALFORMED: [&str; 10] = [
    "arn:aws:iam::*",
    "arn:aws:s3",
    "arn:aws:s3::",
    "arn:aws:*:::data/a",
    "arn:aws:s3::${aws:PrincipalAccount}:data",
    "arn:aws:s3:::data/${aws:username",
    "arn:aws:s3:::data/${}",
    "arn:aws:s3:::data/${aws:user name}",
    "data/a",
    "",
];

/// A condition key, and the pool that its values come from.
pub(crate) type Key = (&'static str, Pool);

/// What kind of value a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pool {
    /// Any text.
    #[default]
    Text,
    /// Decimals.
    Number,
    /// Dates and epoch seconds.
    Date,
    /// True and false.
    Bool,
    /// Addresses and networks.
    Address,
    /// ARNs.
    Arn,
    /// Base64.
    Binary,
    /// Several texts.
    Set,
}

/// Condition keys as requests spell them.
pub(crate) const KEYS: [Key; 20] = [
    ("aws:username", Pool::Text),
    ("aws:PrincipalTag/Team", Pool::Text),
    ("aws:RequestTag/Team", Pool::Text),
    ("s3:prefix", Pool::Text),
    ("s3:prefix", Pool::Text),
    ("sts:ExternalId", Pool::Text),
    ("s3:max-keys", Pool::Number),
    ("s3:TlsVersion", Pool::Number),
    ("aws:CurrentTime", Pool::Date),
    ("aws:TokenIssueTime", Pool::Date),
    ("aws:EpochTime", Pool::Date),
    ("aws:SecureTransport", Pool::Bool),
    ("aws:MultiFactorAuthPresent", Pool::Bool),
    ("aws:SourceIp", Pool::Address),
    ("aws:VpcSourceIp", Pool::Address),
    ("aws:SourceArn", Pool::Arn),
    ("aws:PrincipalArn", Pool::Arn),
    ("app:Blob", Pool::Binary),
    ("aws:TagKeys", Pool::Set),
    ("s3:RequestObjectTagKeys", Pool::Set),
];

/// Keys that follow from the principal.
pub(crate) const DERIVED: [Key; 8] = [
    ("aws:username", Pool::Text),
    ("aws:userid", Pool::Text),
    ("aws:PrincipalType", Pool::Text),
    ("aws:PrincipalArn", Pool::Arn),
    ("aws:PrincipalAccount", Pool::Text),
    ("aws:PrincipalIsAWSService", Pool::Bool),
    ("aws:PrincipalServiceName", Pool::Text),
    ("aws:FederatedProvider", Pool::Text),
];

/// Operators, and the pool of the values that they compare.
pub(crate) const OPERATORS: [(&str, Pool); 28] = [
    ("StringEquals", Pool::Text),
    ("StringNotEquals", Pool::Text),
    ("StringEqualsIgnoreCase", Pool::Text),
    ("StringNotEqualsIgnoreCase", Pool::Text),
    ("StringLike", Pool::Text),
    ("StringNotLike", Pool::Text),
    ("NumericEquals", Pool::Number),
    ("NumericNotEquals", Pool::Number),
    ("NumericLessThan", Pool::Number),
    ("NumericLessThanEquals", Pool::Number),
    ("NumericGreaterThan", Pool::Number),
    ("NumericGreaterThanEquals", Pool::Number),
    ("DateEquals", Pool::Date),
    ("DateNotEquals", Pool::Date),
    ("DateLessThan", Pool::Date),
    ("DateLessThanEquals", Pool::Date),
    ("DateGreaterThan", Pool::Date),
    ("DateGreaterThanEquals", Pool::Date),
    ("Bool", Pool::Bool),
    ("BinaryEquals", Pool::Binary),
    ("IpAddress", Pool::Address),
    ("NotIpAddress", Pool::Address),
    ("ArnEquals", Pool::Arn),
    ("ArnNotEquals", Pool::Arn),
    ("ArnLike", Pool::Arn),
    ("ArnNotLike", Pool::Arn),
    ("Null", Pool::Bool),
    ("StringLike", Pool::Set),
];

/// Operators that nobody knows.
pub(crate) const OPERATORS_UNKNOWN: [&str; 8] = [
    "StringSame",
    "NumericLike",
    "BinaryNotEquals",
    "NullIfExists",
    "ForSomeValues:StringEquals",
    "StringEqualsIfExistsIfExists",
    "NotBool",
    "",
];
