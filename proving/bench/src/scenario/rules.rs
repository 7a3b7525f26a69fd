//! The rules: ten shapes of S3 statements, repeated block by block for other buckets.

use super::{Conditions, Setting};

/// Shapes in a block; statement `i` has shape `i % SHAPES` and belongs to block `i / SHAPES`.
pub(super) const SHAPES: usize = 10;

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Allows.
    Allow,
    /// Denies.
    Deny,
}

/// A test of the request's circumstances.
#[derive(Debug, Clone, Copy)]
pub enum Test {
    /// `IpAddress` of `aws:SourceIp`: in one of these networks.
    AddressIn(&'static [&'static str]),
    /// `NotIpAddress` of `aws:SourceIp`: in none of these networks.
    AddressNotIn(&'static [&'static str]),
    /// `Bool` of `aws:SecureTransport`.
    Secure(bool),
    /// `StringLike`: one of these patterns.
    Like(&'static str, &'static [&'static str]),
    /// `StringEquals`: one of these values.
    OneOf(&'static str, &'static [&'static str]),
    /// `ForAnyValue:StringEquals`: a value of the key is among these.
    AnyOf(&'static str, &'static [&'static str]),
    /// `NumericLessThan`.
    Below(&'static str, i64),
    /// `DateLessThan` of `aws:CurrentTime`.
    Before(&'static str),
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, unique in the set.
    pub sid: String,
    /// Allow or deny.
    pub ruling: Ruling,
    /// Action patterns; a `*` stands only at the end.
    pub actions: &'static [&'static str],
    /// Resource patterns, with `*` and `${aws:username}`.
    pub resources: Vec<String>,
    /// Every one must hold.
    pub tests: &'static [Test],
}

struct Shape {
    ruling: Ruling,
    actions: &'static [&'static str],
    /// `@` stands for the block's number.
    resources: &'static [&'static str],
    tests: &'static [Test],
}

const OFFICE: &[&str] = &["10.0.0.0/8", "192.0.2.0/24"];

const SHAPES_OF_A_BLOCK: [Shape; SHAPES] = [
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:GetObject", "s3:GetObjectTagging"],
        resources: &["arn:aws:s3:::team-@/reports/*"],
        tests: &[Test::AddressIn(OFFICE), Test::Secure(true)],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:ListBucket", "s3:ListBucketVersions"],
        resources: &["arn:aws:s3:::team-@"],
        tests: &[
            Test::Like("s3:prefix", &["", "reports/*", "public/*"]),
            Test::Below("s3:max-keys", 1_001),
        ],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        resources: &["arn:aws:s3:::homes-@/${aws:username}/*"],
        tests: &[Test::Secure(true)],
    },
    Shape {
        ruling: Ruling::Deny,
        actions: &["s3:DeleteObject*", "s3:PutObject"],
        resources: &["arn:aws:s3:::team-@/archive/*"],
        tests: &[Test::Before("2030-01-01T00:00:00Z")],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"],
        resources: &["arn:aws:s3:::team-@/incoming/*/raw/*"],
        tests: &[
            Test::OneOf("s3:x-amz-server-side-encryption", &["aws:kms", "AES256"]),
            Test::AnyOf("s3:RequestObjectTagKeys", &["project", "owner"]),
        ],
    },
    Shape {
        ruling: Ruling::Deny,
        actions: &["s3:*"],
        resources: &["arn:aws:s3:::team-@/confidential/*"],
        tests: &[Test::Secure(false)],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:GetObject*", "s3:List*"],
        resources: &["arn:aws:s3:::shared-@", "arn:aws:s3:::shared-@/*"],
        tests: &[Test::AddressIn(OFFICE)],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:PutObject", "s3:ListMultipartUploadParts"],
        resources: &["arn:aws:s3:::media-@/*/thumbs/*.jpg"],
        tests: &[Test::Like("aws:UserAgent", &["aws-cli/*", "*Boto3/*"])],
    },
    Shape {
        ruling: Ruling::Deny,
        actions: &["s3:PutBucket*", "s3:DeleteBucket*"],
        resources: &["arn:aws:s3:::team-@"],
        tests: &[Test::AddressNotIn(OFFICE)],
    },
    Shape {
        ruling: Ruling::Allow,
        actions: &["s3:GetObject", "s3:GetObjectAttributes"],
        resources: &["arn:aws:s3:::public-@/*"],
        tests: &[Test::Before("2031-06-30T00:00:00Z"), Test::Secure(true)],
    },
];

/// The rules of a setting.
pub fn rules(setting: Setting) -> Vec<Rule> {
    let shapes = SHAPES_OF_A_BLOCK.iter().cycle().take(setting.statements);
    shapes.enumerate().map(|(index, shape)| rule(index, shape, setting.conditions)).collect()
}

fn rule(index: usize, shape: &Shape, conditions: Conditions) -> Rule {
    let block = (index / SHAPES).to_string();
    Rule {
        sid: format!("s{index}"),
        ruling: shape.ruling,
        actions: shape.actions,
        resources: shape.resources.iter().map(|text| text.replace('@', &block)).collect(),
        tests: match conditions {
            Conditions::Kept => shape.tests,
            Conditions::Dropped => &[],
        },
    }
}
