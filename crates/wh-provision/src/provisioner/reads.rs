//! What every duty reads.

use serde_json::{Value, json};
use wh_names::Arn;

use super::{actions, allow, allow_if, boundaries, iam, keys, tagged};
use crate::description::Target;
use crate::estate::Estate;

/// Each setting of a bucket, as the action that reads it and the one that writes it are named.
pub(super) const SETTINGS: [&str; 12] = [
    "AccelerateConfiguration",
    "BucketCORS",
    "BucketLogging",
    "BucketNotification",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketRequestPayment",
    "BucketTagging",
    "BucketVersioning",
    "EncryptionConfiguration",
    "LifecycleConfiguration",
];

/// What is read of a key.
pub(super) const KEY_READS: [&str; 4] =
    ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"];

pub(super) fn all(estate: &Estate) -> Vec<Value> {
    let mut statements = vec![
        of_buckets(estate),
        allow(
            "SeeBoundaries",
            &actions("iam", &["GetPolicy", "GetPolicyVersion"]),
            &boundaries(estate),
        ),
        of_roles(estate),
    ];
    let mut found = vec!["iam:ListRoles"];
    if estate.target() == Target::Aws {
        found.extend([
            "cloudtrail:ListTrails",
            "kms:ListKeys",
            "s3:GetAccountPublicAccessBlock",
            "s3:ListAllMyBuckets",
        ]);
        statements.extend(whose(estate));
    }
    statements.push(allow("FindWhatIsThere", &json!(found), &json!("*")));
    statements.extend(of_trail(estate));
    statements
}

/// The ARNs of the buckets.
pub(super) fn buckets(estate: &Estate) -> Value {
    let arn = |bucket: &crate::bucket::BucketSpec| {
        Arn::bucket(estate.partition(), &bucket.name).to_string()
    };
    estate.buckets().map(arn).collect()
}

/// Whether a bucket is there is asked by a HEAD, which S3 judges as `ListBucket`.
fn of_buckets(estate: &Estate) -> Value {
    let mut seen: Vec<String> = SETTINGS.iter().map(|name| format!("s3:Get{name}")).collect();
    seen.push("s3:ListBucket".to_owned());
    if estate.target() == Target::Aws {
        seen.extend(["s3:GetBucketWebsite", "s3:GetReplicationConfiguration"].map(str::to_owned));
    }
    if estate.buckets().any(|bucket| bucket.locked) {
        seen.push("s3:GetBucketObjectLockConfiguration".to_owned());
    }
    allow("SeeBuckets", &json!(seen), &buckets(estate))
}

/// A role that is not there yet has no path, so reads are allowed by the bare name, too: otherwise
/// IAM would say that we may not look instead of that nothing is there.
fn of_roles(estate: &Estate) -> Value {
    let path = estate.path();
    let under = ["role", "instance-profile"].map(|kind| iam(estate, &format!("{kind}{path}*")));
    let roles = estate.roles().iter().map(|role| iam(estate, &format!("role/{}", role.name)));
    let profiles = estate.instance_profiles().iter();
    let profiles =
        profiles.map(|profile| iam(estate, &format!("instance-profile/{}", profile.name)));
    let seen: Value = under.into_iter().chain(roles).chain(profiles).collect();
    let names = [
        "GetInstanceProfile",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
    ];
    allow("SeeRoles", &actions("iam", &names), &seen)
}

/// Whose a bucket or a trail is, its tags say: ours that are no longer described are told. Keys have no
/// names of ours, so ours is known by its tag.
fn whose(estate: &Estate) -> [Value; 3] {
    let (partition, region, account) = (estate.partition(), estate.region(), estate.account());
    let buckets = format!("arn:{partition}:s3:::*");
    let trails = format!("arn:{partition}:cloudtrail:{region}:{account}:trail/*");
    let ours = tagged(estate, "ResourceTag");
    [
        allow("SeeWhoseBuckets", &json!("s3:GetBucketTagging"), &json!(buckets)),
        allow("SeeWhoseTrails", &json!("cloudtrail:ListTags"), &json!(trails)),
        allow_if("SeeTheKey", &actions("kms", &KEY_READS), &json!(keys(estate)), &ours),
    ]
}

fn of_trail(estate: &Estate) -> Option<Value> {
    let trail = estate.trail()?;
    let seen = ["GetEventSelectors", "GetTrail", "GetTrailStatus"];
    Some(allow("SeeTheTrail", &actions("cloudtrail", &seen), &json!(trail.arn)))
}
