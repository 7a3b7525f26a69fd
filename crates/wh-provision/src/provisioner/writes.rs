//! What making and keeping an estate writes.

use serde_json::{Value, json};

use super::reads::{KEY_READS, SETTINGS, buckets};
use super::{actions, allow, allow_if, boundaries, iam, keys, roles, tagged};
use crate::description::Target;
use crate::estate::Estate;

/// What can be written every day without coming to more by it.
pub(super) fn everyday(estate: &Estate) -> Vec<Value> {
    let mut statements = vec![
        of_buckets(estate),
        allow("TagBoundaries", &json!("iam:TagPolicy"), &boundaries(estate)),
        widen_roles(estate),
        keep_roles(estate),
        profiles(estate),
        pass_roles(estate),
        service_linked(estate),
    ];
    if estate.target() == Target::Aws && estate.description().block_account {
        let block = json!("s3:PutAccountPublicAccessBlock");
        statements.push(allow("BlockTheAccount", &block, &json!("*")));
    }
    statements.extend(keep_key(estate));
    statements.extend(trail(estate));
    statements
}

/// What only the set-up needs. Whoever may write a boundary comes to all that he writes into it. A key
/// is made with its tags, and for that KMS wants `TagResource` without a word on which key (KMS Developer
/// Guide, "Controlling access to tags"): by it a holder could tag anybody's key as ours. Tags take up to
/// five minutes before they count in a decision (the same guide, "Using tags to control access to KMS
/// keys"), so a new key is read, named and rotated whatever it is tagged with, and so a key that lost its
/// tag is found again.
pub(super) fn set_up(estate: &Estate) -> Vec<Value> {
    let names =
        ["CreatePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "ListPolicyVersions"];
    let mut statements =
        vec![allow("WriteBoundaries", &actions("iam", &names), &boundaries(estate))];
    if estate.key().is_some() {
        let names = actions("kms", &["CreateKey", "TagResource"]);
        let ours = tagged(estate, "RequestTag");
        statements.push(allow_if("MakeTheKey", &names, &json!("*"), &ours));
        let made = ["CreateAlias", "EnableKeyRotation"];
        let names = actions("kms", &[&made[..], &KEY_READS[..]].concat());
        statements.push(allow("FinishTheKey", &names, &json!(keys(estate))));
    }
    if let Some(trail) = estate.trail() {
        // It says where the trail is written, so also that it is written to somebody else's bucket.
        let update = json!("cloudtrail:UpdateTrail");
        statements.push(allow("MoveTheTrail", &update, &json!(trail.arn)));
    }
    statements
}

fn of_buckets(estate: &Estate) -> Value {
    let mut written: Vec<String> = SETTINGS.iter().map(|name| format!("s3:Put{name}")).collect();
    written.push("s3:CreateBucket".to_owned());
    if estate.target() == Target::Aws {
        // A website and a replication are only taken away; AWS asks for `Put…` to end the latter.
        let removed = ["s3:DeleteBucketWebsite", "s3:PutReplicationConfiguration"];
        written.extend(removed.map(str::to_owned));
    }
    if estate.buckets().any(|bucket| bucket.locked) {
        written.push("s3:PutBucketObjectLockConfiguration".to_owned());
    }
    allow("KeepBuckets", &json!(written), &buckets(estate))
}

/// `iam:PermissionsBoundary` is the boundary that is asked for where one is, and that of the role
/// otherwise. Policies are inline, so none is ever attached. Whom a role trusts is changed only while it is
/// bounded, too: with what somebody else may have given it, it could be made to trust the holder.
fn widen_roles(estate: &Estate) -> Value {
    let names =
        ["CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "UpdateAssumeRolePolicy"];
    let bounded = json!({"StringEquals": {"iam:PermissionsBoundary": boundaries(estate)}});
    let under = json!(iam(estate, &format!("role{}*", estate.path())));
    allow_if("WidenOnlyWithinBoundaries", &actions("iam", &names), &under, &bounded)
}

/// What widens nothing.
fn keep_roles(estate: &Estate) -> Value {
    let names = ["DeleteRolePolicy", "DetachRolePolicy", "TagRole", "UpdateRole"];
    allow("KeepRoles", &actions("iam", &names), &roles(estate))
}

fn profiles(estate: &Estate) -> Value {
    let names = [
        "AddRoleToInstanceProfile",
        "CreateInstanceProfile",
        "RemoveRoleFromInstanceProfile",
        "TagInstanceProfile",
    ];
    let arn = iam(estate, &format!("instance-profile{}*", estate.path()));
    allow("KeepInstanceProfiles", &actions("iam", &names), &json!(arn))
}

/// A role is put into a profile by passing it. Nobody documents that IAM then says to which service,
/// so it must be EC2 only where that is said.
fn pass_roles(estate: &Estate) -> Value {
    let delivered = estate.instance_profiles().iter().filter_map(|p| estate.role(&p.role));
    let arns: Vec<&str> = delivered.map(|role| role.arn.as_str()).collect();
    let only_ec2 = json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}});
    allow_if("HandOnlyTheseToEc2", &json!("iam:PassRole"), &json!(arns), &only_ec2)
}

fn service_linked(estate: &Estate) -> Value {
    let services: Vec<&str> = estate.service_linked_roles().iter().map(|l| l.service).collect();
    allow_if(
        "TheServicesOwnRoles",
        &json!("iam:CreateServiceLinkedRole"),
        &json!(iam(estate, "role/aws-service-role/*")),
        &json!({"StringEquals": {"iam:AWSServiceName": services}}),
    )
}

/// Only a key that has our tag may be changed, and only such a key may be tagged.
fn keep_key(estate: &Estate) -> Vec<Value> {
    let Some(key) = estate.key() else { return Vec::new() };
    let kept = [
        "CancelKeyDeletion",
        "CreateAlias",
        "EnableKey",
        "EnableKeyRotation",
        "PutKeyPolicy",
        "TagResource",
    ];
    let ours = tagged(estate, "ResourceTag");
    vec![
        allow_if("KeepTheKey", &actions("kms", &kept), &json!(keys(estate)), &ours),
        allow("NameTheKey", &json!("kms:CreateAlias"), &json!(key.alias_arn)),
    ]
}

fn trail(estate: &Estate) -> Option<Value> {
    let trail = estate.trail()?;
    let names = ["AddTags", "CreateTrail", "PutEventSelectors", "StartLogging"];
    Some(allow("KeepTheTrail", &actions("cloudtrail", &names), &json!(trail.arn)))
}
