//! The policy of whoever makes the estate: each call of `plan`, `apply` and `verify`, and no other.
//!
//! It is made from the estate, so that it names these buckets, roles and this path alone. Whoever holds
//! it can make a role, or give one permissions, only under the estate's own boundary, and can hand only
//! the instances' role to EC2.
//!
//! Invariant that does not hold: that it cannot widen itself. `PortalRole` has no boundary, the boundary
//! itself is among what it may write, and `kms:TagResource` cannot be kept to keys that were just made.
//! It is worth as much as an administrator of the account, and docs/aws.md says so.
//!
//! Source: Service Authorization Reference, for which call asks for which action on which resource;
//! IAM User Guide, "Permissions boundaries for IAM entities", for delegation that cannot widen itself.

use serde_json::{Value, json};
use wh_names::Arn;
use wh_policy::{NamedPolicy, PolicyKind};

use crate::bucket::INSTALLATION_TAG;
use crate::description::Target;
use crate::estate::{Estate, EstateError, policy};

/// What explanations call it.
const NAME: &str = "WellhouseProvisioner";

/// Each setting of a bucket, as the action that reads it and the one that writes it are named.
const SETTINGS: [&str; 12] = [
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

/// The policy, as a managed policy of one user or role: it takes 6,144 characters at most.
pub fn provisioner_policy(estate: &Estate) -> Result<NamedPolicy, EstateError> {
    let mut statements = vec![buckets(estate)];
    statements.extend(policies(estate));
    statements.extend(roles(estate));
    statements.push(profiles(estate));
    statements.push(pass_role(estate));
    statements.push(service_linked(estate));
    if estate.target() == Target::Aws {
        statements.extend(account(estate));
    }
    statements.extend(key(estate));
    statements.extend(trail(estate));
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    policy(NAME, PolicyKind::ManagedIdentity, &document)
}

fn allow(sid: &str, action: &Value, resource: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource})
}

fn allow_if(sid: &str, action: &Value, resource: &Value, condition: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource,
        "Condition": condition})
}

fn iam(estate: &Estate, rest: &str) -> String {
    format!("arn:{}:iam::{}:{rest}", estate.partition(), estate.account())
}

/// Whether a bucket is there is asked by a HEAD, which S3 judges as `ListBucket`.
fn buckets(estate: &Estate) -> Value {
    let arns: Vec<String> =
        estate.buckets().map(|b| Arn::bucket(estate.partition(), &b.name).to_string()).collect();
    let both = SETTINGS.iter().flat_map(|name| [format!("s3:Get{name}"), format!("s3:Put{name}")]);
    let mut actions: Vec<String> = both.collect();
    let further = ["CreateBucket", "ListBucket"];
    actions.extend(further.map(|name| format!("s3:{name}")));
    if estate.target() == Target::Aws {
        // A website and a replication are only taken away; AWS asks for `Put…` to end the latter.
        let removed = ["GetBucketWebsite", "DeleteBucketWebsite", "GetReplicationConfiguration"];
        actions.extend(removed.map(|name| format!("s3:{name}")));
        actions.push("s3:PutReplicationConfiguration".to_owned());
    }
    if estate.buckets().any(|bucket| bucket.locked) {
        let lock = ["GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"];
        actions.extend(lock.map(|name| format!("s3:{name}")));
    }
    allow("TheBuckets", &json!(actions), &json!(arns))
}

fn policies(estate: &Estate) -> Vec<Value> {
    let actions = [
        "CreatePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "GetPolicy",
        "GetPolicyVersion",
        "ListPolicyVersions",
        "TagPolicy",
    ];
    let actions = actions.map(|name| format!("iam:{name}"));
    vec![allow("TheBoundary", &json!(actions), &json!(estate.boundary().arn.as_str()))]
}

/// A role that is not there yet has no path, so reads are allowed by the bare name, too: otherwise
/// IAM would say that we may not look instead of that nothing is there.
fn roles(estate: &Estate) -> Vec<Value> {
    let path = estate.path();
    let all = iam(estate, &format!("role{path}*"));
    let bare = estate.roles().iter().map(|role| iam(estate, &format!("role/{}", role.name)));
    let profiles = estate.instance_profiles().iter();
    let profiles =
        profiles.map(|profile| iam(estate, &format!("instance-profile/{}", profile.name)));
    let seen: Vec<String> = std::iter::once(all.clone()).chain(bare).chain(profiles).collect();
    let read = [
        "GetInstanceProfile",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
    ];
    let read = read.map(|name| format!("iam:{name}"));
    let kept =
        ["DeleteRolePolicy", "DetachRolePolicy", "TagRole", "UpdateAssumeRolePolicy", "UpdateRole"];
    let kept = kept.map(|name| format!("iam:{name}"));
    let widen = json!(["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]);
    let bound =
        json!({"StringEquals": {"iam:PermissionsBoundary": estate.boundary().arn.as_str()}});
    let (bounded, free): (Vec<_>, Vec<_>) =
        estate.roles().iter().partition(|role| role.boundary_arn.is_some());
    let arns = |roles: Vec<&crate::roles::RoleSpec>| -> Value {
        json!(roles.iter().map(|role| role.arn.as_str()).collect::<Vec<_>>())
    };
    let mut statements = vec![
        allow("SeeRoles", &json!(read), &json!(seen)),
        allow("FindRoles", &json!("iam:ListRoles"), &json!("*")),
        allow("KeepRoles", &json!(kept), &json!(all)),
        allow_if("WidenOnlyWithinTheBoundary", &widen, &arns(bounded), &bound),
    ];
    if !free.is_empty() {
        let actions = ["CreateRole", "PutRolePolicy", "DeleteRolePermissionsBoundary"];
        let actions = actions.map(|name| format!("iam:{name}"));
        statements.push(allow("ThePortalItself", &json!(actions), &arns(free)));
    }
    statements
}

fn profiles(estate: &Estate) -> Value {
    let actions = [
        "AddRoleToInstanceProfile",
        "CreateInstanceProfile",
        "GetInstanceProfile",
        "RemoveRoleFromInstanceProfile",
        "TagInstanceProfile",
    ];
    let actions = actions.map(|name| format!("iam:{name}"));
    let path = estate.path();
    let arn = iam(estate, &format!("instance-profile{path}*"));
    allow("TheInstanceProfile", &json!(actions), &json!(arn))
}

/// A role is put into a profile by passing it. Nobody documents that IAM then says to which service,
/// so it must be EC2 only where that is said.
fn pass_role(estate: &Estate) -> Value {
    let delivered = estate.instance_profiles().iter().filter_map(|p| estate.role(&p.role));
    let arns: Vec<&str> = delivered.map(|role| role.arn.as_str()).collect();
    let only_ec2 = json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}});
    allow_if("HandOnlyThisToEc2", &json!("iam:PassRole"), &json!(arns), &only_ec2)
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

/// The account's public access block is read to be told of, and written only where it was asked for.
fn account(estate: &Estate) -> Vec<Value> {
    let mut actions = vec!["s3:GetAccountPublicAccessBlock"];
    if estate.description().block_account {
        actions.push("s3:PutAccountPublicAccessBlock");
    }
    vec![allow("TheAccount", &json!(actions), &json!("*"))]
}

/// Keys have no names of ours, so ours is known by its tag: one may be made only with it, and only one
/// that has it may be changed.
fn key(estate: &Estate) -> Vec<Value> {
    let Some(key) = estate.key() else { return Vec::new() };
    let (partition, region, account) = (estate.partition(), estate.region(), estate.account());
    let keys = format!("arn:{partition}:kms:{region}:{account}:key/*");
    let tag = |of: &str| {
        let name = format!("aws:{of}/{INSTALLATION_TAG}");
        json!({"StringEquals": {name: estate.installation()}})
    };
    let kept = [
        "CancelKeyDeletion",
        "CreateAlias",
        "DescribeKey",
        "EnableKey",
        "EnableKeyRotation",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListResourceTags",
        "PutKeyPolicy",
        "TagResource",
    ];
    let kept = kept.map(|name| format!("kms:{name}"));
    vec![
        allow("FindKeys", &json!("kms:ListKeys"), &json!("*")),
        allow_if(
            "MakeTheKey",
            &json!(["kms:CreateKey", "kms:TagResource"]),
            &json!("*"),
            &tag("RequestTag"),
        ),
        allow_if("KeepTheKey", &json!(kept), &json!(keys), &tag("ResourceTag")),
        allow("NameTheKey", &json!("kms:CreateAlias"), &json!(key.alias_arn)),
    ]
}

fn trail(estate: &Estate) -> Vec<Value> {
    let Some(trail) = estate.trail() else { return Vec::new() };
    let actions = [
        "AddTags",
        "CreateTrail",
        "GetEventSelectors",
        "GetTrail",
        "GetTrailStatus",
        "ListTags",
        "PutEventSelectors",
        "StartLogging",
        "UpdateTrail",
    ];
    let actions = actions.map(|name| format!("cloudtrail:{name}"));
    vec![allow("TheTrail", &json!(actions), &json!(trail.arn))]
}
