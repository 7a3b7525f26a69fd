//! Settings in plain words.

use std::collections::BTreeMap;

use crate::bucket::{BucketSetting, CorsRule, Encryption, LifecycleRule, Unwanted};
use crate::description::{LockMode, ObjectLock};

/// A setting as a sentence.
pub fn in_words(setting: &BucketSetting) -> String {
    match setting {
        BucketSetting::PublicAccessBlocked => "Public access is blocked, all four ways.".to_owned(),
        BucketSetting::OwnerEnforced => "Access control lists are off.".to_owned(),
        BucketSetting::Encrypted(encryption) => encrypted(encryption),
        BucketSetting::Versioned => "Old versions are kept.".to_owned(),
        BucketSetting::Lifecycle(rule) => lifecycle(rule),
        BucketSetting::Tagged(wanted) => tags(wanted),
        BucketSetting::Cors(rule) => cors(rule),
        BucketSetting::Logged(to) => {
            format!("Access is logged to `{}` under `{}`.", to.bucket, to.prefix)
        }
        BucketSetting::Events => "Changes are told to Amazon EventBridge.".to_owned(),
        BucketSetting::Locked(lock) => locked(*lock),
        BucketSetting::Without(unwanted) => without(*unwanted).to_owned(),
        BucketSetting::Policy(_) => "The policy below holds for everyone.".to_owned(),
    }
}

fn encrypted(encryption: &Encryption) -> String {
    let with = match &encryption.key {
        Some(key) => format!("with the key `{key}`"),
        None => "with the store's keys".to_owned(),
    };
    let refused =
        if encryption.refuses_sse_c { "; keys of a client's own are refused" } else { "" };
    format!("Objects are encrypted {with}{refused}.")
}

fn lifecycle(rule: &LifecycleRule) -> String {
    let LifecycleRule { abort_uploads_days, old_version_days, .. } = rule;
    let kept = match rule.old_versions_kept {
        0 => String::new(),
        count => format!(", but the newest {count} stay"),
    };
    let mut parts = vec![
        format!("Unfinished uploads go after {abort_uploads_days} days"),
        format!("old versions after {old_version_days} days{kept}"),
    ];
    let moved = |days| format!("objects move to Intelligent-Tiering after {days} days");
    parts.extend(rule.tiering_days.map(moved));
    parts.extend(rule.expire_days.map(|days| format!("objects go after {days} days")));
    parts.join("; ") + "."
}

fn tags(wanted: &BTreeMap<String, String>) -> String {
    let tags: Vec<String> =
        wanted.iter().map(|(key, value)| format!("`{key}` = `{value}`")).collect();
    format!("Tags: {}.", tags.join(", "))
}

fn cors(rule: &CorsRule) -> String {
    let origins = rule.origins.join("`, `");
    format!("Pages of `{origins}` may use it from browsers: {}.", rule.methods.join(", "))
}

fn locked(lock: ObjectLock) -> String {
    let Some(retention) = lock.retention else {
        return "Object lock is on; each object says for how long.".to_owned();
    };
    let mode = match retention.mode {
        LockMode::Governance => "those with s3:BypassGovernanceRetention",
        LockMode::Compliance => "nobody",
    };
    format!("New objects are kept for {} days; {mode} may end that earlier.", retention.days)
}

fn without(unwanted: Unwanted) -> &'static str {
    match unwanted {
        Unwanted::Website => "It serves no website: every byte is asked for with a signature.",
        Unwanted::Acceleration => "No transfer acceleration: that would be another way in.",
        Unwanted::RequesterPays => "Its owner pays for requests.",
        Unwanted::Replication => "Nothing is replicated to other buckets.",
    }
}
