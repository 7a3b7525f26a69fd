//! The tables: who may assume what, and what each role may do.

use super::blocks::{Block, code, table};
use super::judged::{On, judged, service_of, sign};
use crate::estate::Estate;
use crate::roles::RoleSpec;

/// The actions of the table, by what they are judged on.
const OF_BUCKETS: [&str; 11] = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketVersioning",
    "s3:DeleteBucket",
];
const OF_OBJECTS: [&str; 12] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:GetObjectAttributes",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:PutObjectAcl",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:BypassGovernanceRetention",
];
const OF_KEYS: [&str; 5] = [
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
];
const OF_ROLES: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
const OF_ACCOUNTS: [&str; 3] = ["s3:ListAllMyBuckets", "iam:CreateUser", "iam:PutUserPolicy"];

/// Roles by what they may do, one table for each kind of thing.
pub(super) fn actions(estate: &Estate) -> Vec<(&'static str, Block)> {
    let persons = estate.roles().iter().find(|role| super::judged::is_persons(role));
    let mut tables = vec![
        ("On objects", of(estate, &OF_OBJECTS, On::Object)),
        ("On the bucket", of(estate, &OF_BUCKETS, On::Bucket)),
    ];
    if estate.key().is_some() {
        tables.push(("On the key, through S3", of(estate, &OF_KEYS, On::Key)));
    }
    if let Some(role) = persons {
        tables.push(("On a person's role", of(estate, &OF_ROLES, On::Role(role))));
    }
    tables.push(("On the account", of(estate, &OF_ACCOUNTS, On::Account)));
    tables
}

fn of(estate: &Estate, actions: &[&str], on: On<'_>) -> Block {
    let cells = |action: &&str| {
        let signs = estate.roles().iter().map(|role| sign(judged(estate, role, action, on)));
        [code(action)].into_iter().chain(signs.map(str::to_owned)).collect()
    };
    table(head(estate), actions.iter().map(cells).collect())
}

fn head(estate: &Estate) -> Vec<String> {
    let names = estate.roles().iter().map(|role| code(role.name.as_str()));
    [String::new()].into_iter().chain(names).collect()
}

/// Who may assume what: services first, then roles, each with those that it may assume.
pub(super) fn assumptions(estate: &Estate) -> Block {
    let mut services: Vec<String> = estate.roles().iter().filter_map(service_of).collect();
    services.sort();
    services.dedup();
    let of_service = |service: &String| {
        let named = |role: &RoleSpec| service_of(role).as_ref() == Some(service);
        row(estate, service, |role| if named(role) { "✔" } else { "·" })
    };
    let of_role = |by: &RoleSpec| {
        row(estate, by.name.as_str(), |role| {
            sign(judged(estate, by, "sts:AssumeRole", On::Role(role)))
        })
    };
    let rows = services.iter().map(of_service).chain(estate.roles().iter().map(of_role));
    table(head(estate), rows.collect())
}

fn row(estate: &Estate, name: &str, sign: impl Fn(&RoleSpec) -> &'static str) -> Vec<String> {
    let signs = estate.roles().iter().map(|role| sign(role).to_owned());
    [code(name)].into_iter().chain(signs).collect()
}
