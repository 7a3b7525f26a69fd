//! S3's words: the names of its actions, and the session policy of a grant.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, Partition};

use crate::condition::{Condition, KeyTest, Typed};
use crate::index::Index;
use crate::key::KeyName;
use crate::operator::{Family, Operator, Order, Quantifier};
use crate::statement::{ActionPattern, Listed, ResourcePattern};
use crate::{Effect, PolicyDocument, PolicyKind, Statement, Version};

/// Names of S3 actions, as policies write them.
pub mod action {
    /// Stop a multipart upload.
    pub const ABORT_MULTIPART_UPLOAD: &str = "s3:AbortMultipartUpload";
    /// Make a bucket.
    pub const CREATE_BUCKET: &str = "s3:CreateBucket";
    /// Delete an empty bucket.
    pub const DELETE_BUCKET: &str = "s3:DeleteBucket";
    /// Take a bucket's policy away.
    pub const DELETE_BUCKET_POLICY: &str = "s3:DeleteBucketPolicy";
    /// Delete an object.
    pub const DELETE_OBJECT: &str = "s3:DeleteObject";
    /// Delete one version of an object.
    pub const DELETE_OBJECT_VERSION: &str = "s3:DeleteObjectVersion";
    /// Read a bucket's CORS rules.
    pub const GET_BUCKET_CORS: &str = "s3:GetBucketCORS";
    /// Read the region of a bucket.
    pub const GET_BUCKET_LOCATION: &str = "s3:GetBucketLocation";
    /// Read a bucket's policy.
    pub const GET_BUCKET_POLICY: &str = "s3:GetBucketPolicy";
    /// Read a bucket's tags.
    pub const GET_BUCKET_TAGGING: &str = "s3:GetBucketTagging";
    /// Read whether a bucket keeps versions.
    pub const GET_BUCKET_VERSIONING: &str = "s3:GetBucketVersioning";
    /// Read the rules of a bucket's lifecycle.
    pub const GET_LIFECYCLE_CONFIGURATION: &str = "s3:GetLifecycleConfiguration";
    /// Read an object and what is known of it.
    pub const GET_OBJECT: &str = "s3:GetObject";
    /// Read an object's attributes.
    pub const GET_OBJECT_ATTRIBUTES: &str = "s3:GetObjectAttributes";
    /// Read an object's tags.
    pub const GET_OBJECT_TAGGING: &str = "s3:GetObjectTagging";
    /// Read one version of an object.
    pub const GET_OBJECT_VERSION: &str = "s3:GetObjectVersion";
    /// List all buckets of the account.
    pub const LIST_ALL_MY_BUCKETS: &str = "s3:ListAllMyBuckets";
    /// List the objects of a bucket.
    pub const LIST_BUCKET: &str = "s3:ListBucket";
    /// List the unfinished multipart uploads of a bucket.
    pub const LIST_BUCKET_MULTIPART_UPLOADS: &str = "s3:ListBucketMultipartUploads";
    /// List the versions of a bucket's objects.
    pub const LIST_BUCKET_VERSIONS: &str = "s3:ListBucketVersions";
    /// List the parts of a multipart upload.
    pub const LIST_MULTIPART_UPLOAD_PARTS: &str = "s3:ListMultipartUploadParts";
    /// Set a bucket's CORS rules.
    pub const PUT_BUCKET_CORS: &str = "s3:PutBucketCORS";
    /// Set a bucket's policy.
    pub const PUT_BUCKET_POLICY: &str = "s3:PutBucketPolicy";
    /// Set a bucket's tags.
    pub const PUT_BUCKET_TAGGING: &str = "s3:PutBucketTagging";
    /// Write an object, also in parts.
    pub const PUT_OBJECT: &str = "s3:PutObject";
    /// Set an object's tags.
    pub const PUT_OBJECT_TAGGING: &str = "s3:PutObjectTagging";
}

/// How a bucket is set up may be read by whoever is granted all of it; changing it takes another way.
const BUCKET_SETTINGS_READ: [&str; 3] =
    ["s3:GetBucket*", "s3:GetEncryptionConfiguration", action::GET_LIFECYCLE_CONFIGURATION];

/// What whoever is granted a part of a bucket may read of it: where it is, and how long what they delete
/// can be brought back.
const BUCKET_READ: [&str; 3] = [
    action::GET_BUCKET_LOCATION,
    action::GET_BUCKET_VERSIONING,
    action::GET_LIFECYCLE_CONFIGURATION,
];

/// The session policy that narrows a role to a grant: every object action under the prefix, listing
/// only under the prefix, the bucket's region, and whether and how long it keeps versions. Whatever the
/// prefix holds is literal. A grant of the whole bucket, with the empty prefix, may also read the bucket's
/// other settings.
///
/// STS takes at most 2,048 characters; prefixes up to some 750 plain characters fit, and for a longer
/// one STS refuses the session.
pub fn session_policy(
    partition: &Partition,
    bucket: &BucketName,
    prefix: &KeyPrefix,
) -> PolicyDocument {
    let bucket_arn = format!("arn:{partition}:s3:::{bucket}");
    let under = format!("{}*", literal(prefix.as_str()));
    let listing =
        [action::LIST_BUCKET, action::LIST_BUCKET_MULTIPART_UPLOADS, action::LIST_BUCKET_VERSIONS];
    // With the empty prefix a listing may also leave the parameter out.
    let narrowed = if prefix.as_str().is_empty() { Vec::new() } else { vec![under_prefix(&under)] };
    let about: &[&str] =
        if prefix.as_str().is_empty() { &BUCKET_SETTINGS_READ } else { &BUCKET_READ };
    let statements = vec![
        statement(1, "Objects", &["s3:*"], format!("{bucket_arn}/{under}"), Vec::new()),
        statement(2, "List", &listing, bucket_arn.clone(), narrowed),
        statement(3, "Bucket", about, bucket_arn, Vec::new()),
    ];
    of_session(statements)
}

/// The session policy of a link that somebody shared: what is in one folder, where `key` ends in `/`, else
/// one object, to be read and nothing else. Whatever `key` holds is literal.
pub fn session_policy_of_link(
    partition: &Partition,
    bucket: &BucketName,
    key: &str,
) -> PolicyDocument {
    let bucket_arn = format!("arn:{partition}:s3:::{bucket}");
    let reading = [action::GET_OBJECT, action::GET_OBJECT_TAGGING];
    if !key.ends_with('/') {
        let object = format!("{bucket_arn}/{}", literal(key));
        return of_session(vec![statement(1, "Object", &reading, object, Vec::new())]);
    }
    let under = format!("{}*", literal(key));
    let objects = format!("{bucket_arn}/{under}");
    let narrowed = vec![under_prefix(&under)];
    of_session(vec![
        statement(1, "Objects", &reading, objects, Vec::new()),
        statement(2, "List", &[action::LIST_BUCKET], bucket_arn, narrowed),
    ])
}

/// The session policy of somebody who sends files into one folder, whose `key` ends in `/`: to write objects
/// below it, and to look after the parts of their own uploads. Nothing is listed and nothing read. Whatever `key`
/// holds is literal.
pub fn session_policy_of_sender(
    partition: &Partition,
    bucket: &BucketName,
    key: &str,
) -> PolicyDocument {
    let objects = format!("arn:{partition}:s3:::{bucket}/{}*", literal(key));
    let writing =
        [action::PUT_OBJECT, action::ABORT_MULTIPART_UPLOAD, action::LIST_MULTIPART_UPLOAD_PARTS];
    of_session(vec![statement(1, "Send", &writing, objects, Vec::new())])
}

fn of_session(statements: Vec<Statement>) -> PolicyDocument {
    PolicyDocument {
        kind: PolicyKind::Session,
        version: Version::V2012,
        version_text: Some("2012-10-17".to_owned()),
        id: None,
        index: Index::of(&statements),
        statements,
        faults: Vec::new(),
        unreadable: false,
    }
}

/// The same document with the use of keys under KMS, where the store's buckets are encrypted with one:
/// a session policy that says nothing of it would deny it. Which key may be used, and that only
/// through S3, is the role's to say.
///
/// Source: S3 User Guide, "Using server-side encryption with AWS KMS keys".
pub fn with_use_of_keys(mut document: PolicyDocument) -> PolicyDocument {
    let number = document.statements.len() + 1;
    let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
    document.statements.push(statement(number, "Key", &actions, "*".to_owned(), Vec::new()));
    document.index = Index::of(&document.statements);
    document
}

/// The same document, which also reads objects and their versions under another prefix: to copy from
/// there, a store asks one session for both. Whether the role may read there is the role's to say.
pub fn and_reading(
    mut document: PolicyDocument,
    (partition, bucket): (&Partition, &BucketName),
    prefix: &KeyPrefix,
) -> PolicyDocument {
    let number = document.statements.len() + 1;
    let objects = format!("arn:{partition}:s3:::{bucket}/{}*", literal(prefix.as_str()));
    let actions = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObject*Tagging"];
    document.statements.push(statement(number, "Source", &actions, objects, Vec::new()));
    document.index = Index::of(&document.statements);
    document
}

/// The same document for some actions only: whatever is not among them, as policies write them, is
/// denied.
pub fn narrowed_to(mut document: PolicyDocument, actions: &[String]) -> PolicyDocument {
    let pattern = |text: &String| ActionPattern::new(text.clone());
    let number = document.statements.len() + 1;
    let mut only = statement(number, "OnlyTheseActions", &[], "*".to_owned(), Vec::new());
    only.effect = Effect::Deny;
    only.actions = Listed { negated: true, items: actions.iter().map(pattern).collect() };
    document.statements.push(only);
    document.index = Index::of(&document.statements);
    document
}

/// What it is that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The grant.
    Grant,
    /// The API token that asks.
    Token,
    /// The time in which an administrator sees as somebody else.
    Viewing,
    /// The link by which somebody without an account asks.
    Link,
    /// The file request by which somebody without an account sends.
    Request,
}

impl Ending {
    /// The `Sid` of the statement that denies from then on.
    fn sid(self) -> &'static str {
        match self {
            Self::Grant => "GrantEnded",
            Self::Token => "TokenEnded",
            Self::Viewing => "ViewingEnded",
            Self::Link => "LinkEnded",
            Self::Request => "RequestEnded",
        }
    }
}

/// The same document until `end`, to the second: from then on it denies everything, in the store that
/// enforces it and by that store's clock. Where no time is told, everything is denied.
pub fn ending(mut document: PolicyDocument, (end, what): (Timestamp, Ending)) -> PolicyDocument {
    let number = document.statements.len() + 1;
    let over = vec![from_time(end)];
    let mut ended = statement(number, what.sid(), &["*"], "*".to_owned(), over);
    ended.effect = Effect::Deny;
    document.statements.push(ended);
    document.index = Index::of(&document.statements);
    document
}

/// Text as a policy writes it where it stands for itself.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' => out.push_str("${*}"),
            '?' => out.push_str("${?}"),
            '$' => out.push_str("${$}"),
            c => out.push(c),
        }
    }
    out
}

fn statement(
    number: usize,
    sid: &str,
    actions: &[&str],
    resource: String,
    conditions: Vec<Condition>,
) -> Statement {
    let pattern = |text: &&str| ActionPattern::new((*text).to_owned());
    let resource_pattern = crate::arn_pattern::ArnPattern::parse(&resource, true).ok();
    Statement {
        sid: Some(sid.to_owned()),
        number,
        effect: Effect::Allow,
        principal: None,
        actions: Listed { negated: false, items: actions.iter().map(pattern).collect() },
        resources: Some(Listed {
            negated: false,
            items: vec![ResourcePattern { text: resource, pattern: resource_pattern }],
        }),
        conditions,
        doubtful: false,
    }
}

fn under_prefix(pattern: &str) -> Condition {
    let values = vec![pattern.to_owned()];
    let typed = Typed::read(Family::StringLike, &values, true).ok();
    Condition {
        name: "StringLike".to_owned(),
        operator: Some(Operator {
            quantifier: Quantifier::Single,
            family: Family::StringLike,
            negated: false,
            if_exists: false,
        }),
        tests: vec![KeyTest {
            key: "s3:prefix".to_owned(),
            name: KeyName::new("s3:prefix"),
            values,
            typed,
        }],
    }
}

fn from_time(end: Timestamp) -> Condition {
    let values = vec![end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()];
    let family = Family::Date(Order::GreaterOrEqual);
    let typed = Typed::read(family, &values, true).ok();
    Condition {
        name: "DateGreaterThanEqualsIfExists".to_owned(),
        operator: Some(Operator {
            quantifier: Quantifier::Single,
            family,
            negated: false,
            if_exists: true,
        }),
        tests: vec![KeyTest {
            key: "aws:CurrentTime".to_owned(),
            name: KeyName::new("aws:CurrentTime"),
            values,
            typed,
        }],
    }
}
