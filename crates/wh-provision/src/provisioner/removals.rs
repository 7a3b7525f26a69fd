//! What taking an estate away deletes.

use serde_json::{Value, json};
use wh_names::Arn;

use super::reads::buckets;
use super::{actions, allow, allow_if, boundaries, iam, keys, roles, tagged};
use crate::estate::Estate;

/// Roles, boundaries, profiles and the trail. A boundary that is gone cannot be made again by this
/// policy, so nothing is widened by it.
pub(super) fn without_data(estate: &Estate) -> Vec<Value> {
    let of_roles =
        ["DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "ListInstanceProfilesForRole"];
    let of_boundaries = ["DeletePolicy", "DeletePolicyVersion", "ListPolicyVersions"];
    let profiles = iam(estate, &format!("instance-profile{}*", estate.path()));
    let mut statements = vec![
        allow("DeleteRoles", &actions("iam", &of_roles), &roles(estate)),
        allow("DeleteProfiles", &json!("iam:DeleteInstanceProfile"), &json!(profiles)),
        // Somebody may have put a role of ours into a profile of theirs.
        allow(
            "TakeRolesOutOfProfiles",
            &json!("iam:RemoveRoleFromInstanceProfile"),
            &json!(iam(estate, "instance-profile/*")),
        ),
        allow("DeleteBoundaries", &actions("iam", &of_boundaries), &boundaries(estate)),
    ];
    if let Some(trail) = estate.trail() {
        let delete = json!("cloudtrail:DeleteTrail");
        statements.push(allow("DeleteTheTrail", &delete, &json!(trail.arn)));
    }
    statements
}

/// Buckets with all that is in them, and the key. The key is scheduled for deletion by its alias, which
/// it may have to be given.
pub(super) fn of_data(estate: &Estate) -> Vec<Value> {
    let of_buckets = ["DeleteBucket", "ListBucketMultipartUploads", "ListBucketVersions"];
    let of_objects = ["AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion"];
    let objects: Value = estate
        .buckets()
        .map(|bucket| format!("{}/*", Arn::bucket(estate.partition(), &bucket.name)))
        .collect();
    let mut statements = vec![
        allow("DeleteBuckets", &actions("s3", &of_buckets), &buckets(estate)),
        allow("DeleteObjects", &actions("s3", &of_objects), &objects),
    ];
    if let Some(key) = estate.key() {
        let names = actions("kms", &["CreateAlias", "ScheduleKeyDeletion"]);
        let ours = tagged(estate, "ResourceTag");
        statements.push(allow_if("DeleteTheKey", &names, &json!(keys(estate)), &ours));
        statements.push(allow("NameTheKey", &json!("kms:CreateAlias"), &json!(key.alias_arn)));
    }
    statements
}
