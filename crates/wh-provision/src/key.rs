//! The customer's key under AWS KMS.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wh_policy::{NamedPolicy, PolicyKind};

use crate::bucket::own_tags;
use crate::description::Description;
use crate::estate::{EstateError, policy};

/// For how many days a key that is given up can be had back: the most that KMS offers.
pub const DELETION_DAYS: u32 = 30;

/// The key, as it should be.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// Its alias, `alias/…`.
    pub alias: String,
    /// The ARN of the alias.
    pub alias_arn: String,
    /// What KMS shows as the key's description.
    pub description: String,
    /// Who may use and administer it: the account, which hands it on by its roles' policies.
    pub policy: NamedPolicy,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The account's root stands for its IAM policies. Nobody else is named: a principal that is deleted
/// and made again would be locked out. Source: KMS Developer Guide, "Default key policy".
pub(crate) fn key(described: &Description) -> Result<Option<KeySpec>, EstateError> {
    let (Some(key), Some(alias_arn)) = (&described.key, described.key_alias_arn()) else {
        return Ok(None);
    };
    let (partition, account) = (&described.partition, &described.account);
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AccountDecidesByItsRoles", "Effect": "Allow",
         "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
         "Action": "kms:*", "Resource": "*"},
    ]});
    Ok(Some(KeySpec {
        alias: key.alias.clone(),
        alias_arn,
        description: format!("Wellhouse: the files of {}", described.installation),
        policy: policy("key policy", PolicyKind::Resource, &document)?,
        tags: own_tags(described),
    }))
}

/// What a key may be used for by those who act on files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// Reading.
    Read,
    /// Writing: parts of an upload are read, too, when it is completed.
    Write,
}

/// The statement that lets a role use the key through S3, where there is one. The key's ARN is not
/// known before it is made, so it is named by its alias. Source: KMS Developer Guide,
/// "Use aliases to control access to KMS keys".
pub(crate) fn use_of_key(described: &Description, kind: KeyUse) -> Option<Value> {
    let key = described.key.as_ref()?;
    let Description { partition, region, account, .. } = described;
    let actions = match kind {
        KeyUse::Read => json!(["kms:Decrypt"]),
        KeyUse::Write => json!(["kms:Decrypt", "kms:GenerateDataKey"]),
    };
    Some(json!({
        "Sid": "UseTheKeyThroughS3", "Effect": "Allow", "Action": actions,
        "Resource": format!("arn:{partition}:kms:{region}:{account}:key/*"),
        "Condition": {
            "StringEquals": {"kms:ViaService": format!("s3.{region}.{}", dns_suffix(partition.as_str()))},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": key.alias}}}))
}

/// What host names end in.
pub(crate) fn dns_suffix(partition: &str) -> &'static str {
    if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}
