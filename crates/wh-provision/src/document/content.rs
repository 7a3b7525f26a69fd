//! What is said of an estate, in order.

use std::collections::BTreeMap;

use wh_names::{SCAN_TAG, Serving};
use wh_policy::{NamedPolicy, summary};

use super::blocks::{Block, code, heading, list, table, text};
use super::matrix;
use crate::bucket::{BucketSpec, Holds};
use crate::description::Target;
use crate::estate::Estate;
use crate::key::{DELETION_DAYS, KeySpec};
use crate::roles::{ADMIN_ROLE, ManagedPolicySpec, RoleSpec, ServiceLinkedRole};
use crate::trail::TrailSpec;
use crate::words::in_words;

pub(super) fn of(estate: &Estate) -> Vec<Block> {
    let mut blocks = head(estate);
    who_and_what(&mut blocks, estate);
    for role in estate.roles() {
        of_role(&mut blocks, estate, role);
    }
    for boundary in estate.boundaries() {
        of_boundary(&mut blocks, boundary);
    }
    service_linked(&mut blocks, estate);
    if let Some(key) = estate.key() {
        of_key(&mut blocks, key);
    }
    for bucket in estate.buckets() {
        of_bucket(&mut blocks, bucket);
    }
    if let Some(trail) = estate.trail() {
        of_trail(&mut blocks, trail);
    }
    if estate.target() == Target::Aws {
        of_account(&mut blocks, estate);
    }
    blocks
}

fn head(estate: &Estate) -> Vec<Block> {
    let keeper = match estate.target() {
        Target::Embedded => "Wellhouse's own endpoint",
        Target::Aws => "Amazon S3, IAM, STS, KMS and CloudTrail",
    };
    let mut facts: Vec<String> = estate
        .buckets()
        .map(|bucket| {
            let what = match bucket.holds {
                Holds::Files => "Bucket",
                Holds::Logs => "Bucket of logs",
            };
            format!("{what}: {} in {}", code(bucket.name.as_str()), code(estate.region().as_str()))
        })
        .collect();
    facts.extend(estate.key().map(|key| format!("Key: {}", code(&key.alias))));
    facts.extend(estate.trail().map(|trail| format!("Trail: {}", code(&trail.name))));
    facts.push(format!("Account: {}", code(estate.account().as_str())));
    facts.push(format!("Path of all roles and policies: {}", code(estate.path())));
    facts.push(format!("Kept and enforced by: {keeper}"));
    vec![
        heading(1, format!("The estate {}", code(estate.installation()))),
        text(
            "Made from the same values that are applied. A role says *what* may be done; a grant says \
             *where*, by a session policy that narrows the role to one prefix.",
        ),
        list(facts),
        Block::Diagram,
    ]
}

fn who_and_what(blocks: &mut Vec<Block>, estate: &Estate) {
    blocks.push(heading(2, "Who may assume what"));
    blocks.push(text(
        "✔ allowed, · not allowed, ✘ denied by a statement. Judged for a caller who does all that the \
         trust policy asks: for a person's role a session name that begins in `u-`, a source identity, \
         and the tag `uid`.",
    ));
    blocks.push(matrix::assumptions(estate));
    blocks.push(heading(2, "Roles and actions"));
    let files = estate.buckets_of_files().count();
    let others = if files > 1 {
        " The other buckets of files are open to the same roles, and to instances in the folders that are \
         named for them."
    } else {
        ""
    };
    blocks.push(text(format!(
        "✔ allowed, · not allowed, ✘ denied by a statement. Judged in {}, on an object in the folder \
         for instances, for a request that was signed just now and came over TLS, before any grant \
         narrows it.{others}",
        code(estate.bucket().name.as_str())
    )));
    if let Some(serving) = estate.description().scan {
        let others = match serving {
            Serving::AllButInfected => "one that is not scanned yet is read as well",
            Serving::OnlyClean => "one that is not scanned yet is read by administrators alone",
        };
        blocks.push(text(format!(
            "Files are scanned for malware, and the tag {} says what was found. The file of this table \
             was found clean; {others}, and one that is infected by {} alone.",
            code(SCAN_TAG),
            code(ADMIN_ROLE)
        )));
    }
    for (title, table) in matrix::actions(estate) {
        blocks.push(heading(3, title));
        blocks.push(table);
    }
}

fn of_role(blocks: &mut Vec<Block>, estate: &Estate, role: &RoleSpec) {
    blocks.push(heading(2, code(role.name.as_str())));
    blocks.push(text(format!("For {}. {}", role.purpose, code(role.arn.as_str()))));
    let profiles = estate.instance_profiles().iter().filter(|p| p.role == role.name);
    for profile in profiles {
        blocks.push(text(format!(
            "Delivered to instances by the instance profile {}.",
            code(profile.name.as_str())
        )));
    }
    let minutes = role.max_session_seconds / 60;
    let boundary = code(&role.boundary.name);
    blocks.push(text(format!(
        "A session lasts {minutes} minutes at most. It is bounded by {boundary}."
    )));
    tags(blocks, &role.tags);
    of_policy(blocks, "Who may assume it", &role.trust);
    for policy in &role.permissions {
        of_policy(blocks, "What it may do", policy);
    }
}

fn of_boundary(blocks: &mut Vec<Block>, boundary: &ManagedPolicySpec) {
    blocks.push(heading(2, format!("Boundary {}", code(&boundary.policy.name))));
    blocks.push(text(format!(
        "No policy of a role that it bounds opens more than this. {}",
        code(boundary.arn.as_str())
    )));
    tags(blocks, &boundary.tags);
    of_policy(blocks, "What it leaves possible", &boundary.policy);
}

fn of_policy(blocks: &mut Vec<Block>, title: &str, policy: &NamedPolicy) {
    blocks.push(heading(3, title));
    blocks.push(list(summary::in_words(&policy.document)));
    blocks.push(Block::Json(policy.document.to_json_pretty()));
}

fn tags(blocks: &mut Vec<Block>, tags: &BTreeMap<String, String>) {
    if tags.is_empty() {
        return;
    }
    let tags: Vec<String> =
        tags.iter().map(|(key, value)| format!("{} = {}", code(key), code(value))).collect();
    blocks.push(text(format!("Tags: {}.", tags.join(", "))));
}

/// Sources: IAM User Guide, "Service-linked roles"; AWS Support User Guide, "Using service-linked roles
/// for AWS Support" and "Using service-linked roles for Trusted Advisor".
fn service_linked(blocks: &mut Vec<Block>, estate: &Estate) {
    blocks.push(heading(2, "Service-linked roles"));
    blocks.push(text(
        "A service-linked role belongs to a service of AWS's, which acts in the account by it. Wellhouse \
         uses neither of these; they are here because an account has them, and because whoever lists its \
         roles should know what they are.",
    ));
    let row = |linked: &ServiceLinkedRole| {
        vec![code(linked.name), code(linked.service), format!("{}.", linked.purpose)]
    };
    let rows = estate.service_linked_roles().iter().map(row).collect();
    blocks.push(table(["Role", "Assumed by", "What for"], rows));
    blocks.push(list([
        "Who makes them: AWS, as a rule when the account is opened or the service is first used. \
         Wellhouse looks for them by their path, and asks AWS to make one only where none is there; that \
         AWS has made it in the meantime counts as success.",
        "Why they cannot be edited: the service decides whom it trusts and what it needs, so trust and \
         permissions are AWS's. Only the description can be changed, and Wellhouse leaves it alone. No \
         boundary can be set on them, and their sessions cannot be revoked.",
        "Why they are not deleted: the role of AWS Support cannot be deleted by console, command line or \
         API, and that of Trusted Advisor only once Trusted Advisor is disabled for the account. Both \
         stay when an estate is taken away, and are listed as left.",
    ]));
}

fn of_key(blocks: &mut Vec<Block>, key: &KeySpec) {
    blocks.push(heading(2, format!("Key {}", code(&key.alias))));
    blocks.push(list([
        format!("Buckets and policies name it by its alias: {}.", code(&key.alias_arn)),
        "Its material is made anew every year; what was encrypted before stays readable.".to_owned(),
        format!("Given up, it can be had back for {DELETION_DAYS} days."),
        "Roles may use it only through S3, for what S3 asks of it. A bucket key stands between the two, \
         so that KMS sees the bucket and not the object: prefixes are kept apart by S3."
            .to_owned(),
    ]));
    tags(blocks, &key.tags);
    of_policy(blocks, "Key policy", &key.policy);
}

fn of_bucket(blocks: &mut Vec<Block>, bucket: &BucketSpec) {
    let what = match bucket.holds {
        Holds::Files => "Bucket",
        Holds::Logs => "Bucket of logs",
    };
    blocks.push(heading(2, format!("{what} {}", code(bucket.name.as_str()))));
    blocks.push(list(bucket.settings.iter().map(in_words)));
    of_policy(blocks, "Bucket policy", &bucket.policy);
}

fn of_trail(blocks: &mut Vec<Block>, trail: &TrailSpec) {
    blocks.push(heading(2, format!("Trail {}", code(&trail.name))));
    let objects: Vec<String> = trail.objects.iter().map(code).collect();
    blocks.push(list([
        format!("It records every read and write of objects whose ARN begins in {}.", objects.join(" or ")),
        "It records what is done to the account itself, in all regions and in the services that have \
         none."
            .to_owned(),
        format!(
            "It writes to {}, below {}, and seals what it wrote: a file that is changed or missing is \
             found out.",
            code(trail.bucket.as_str()),
            code("AWSLogs/")
        ),
    ]));
    tags(blocks, &trail.tags);
}

fn of_account(blocks: &mut Vec<Block>, estate: &Estate) {
    blocks.push(heading(2, "The account"));
    blocks.push(text(if estate.description().block_account {
        "Public access is blocked for the account as a whole, beside each bucket's own block."
    } else {
        "Public access is blocked bucket by bucket. The block of the account as a whole is left as it is: \
         it would concern buckets that are not the estate's."
    }));
}
