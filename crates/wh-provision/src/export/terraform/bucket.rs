//! A bucket with its settings, each a resource of its own.
//!
//! S3 refuses settings of one bucket that are written side by side (409 `OperationAborted`), so each
//! comes after the one before it; the policy is the last.

use serde_json::{Value, json};

use super::super::names::NamedBucket;
use super::super::{MARKERS_RULE, OUR_RULE, object};
use super::{Resources, file, snake};
use crate::bucket::{BucketSetting, CorsRule, Encryption, Holds, LifecycleRule, is_regional};
use crate::description::LockMode;
use crate::estate::Estate;

pub(super) fn blocked() -> Value {
    json!({"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
        "restrict_public_buckets": true})
}

pub(super) fn add(resources: &mut Resources, estate: &Estate, named: &NamedBucket<'_>) {
    let NamedBucket { id, bucket } = named;
    let name = snake(id);
    let tags = bucket.settings.iter().find_map(|setting| match setting {
        BucketSetting::Tagged(tags) => Some(tags),
        BucketSetting::PublicAccessBlocked
        | BucketSetting::OwnerEnforced
        | BucketSetting::Encrypted(_)
        | BucketSetting::Versioned
        | BucketSetting::Lifecycle(_)
        | BucketSetting::Cors(_)
        | BucketSetting::Logged(_)
        | BucketSetting::Events
        | BucketSetting::Locked(_)
        | BucketSetting::Without(_)
        | BucketSetting::Policy(_) => None,
    });
    let data = json!({
        "bucket": bucket.name.as_str(),
        "bucket_namespace": is_regional(&bucket.name).then_some("account-regional"),
        "object_lock_enabled": bucket.locked.then_some(true),
        "tags": tags,
        "lifecycle": {"prevent_destroy": true},
    });
    resources.add("aws_s3_bucket", &name, data, &[]);
    let mut before = Vec::new();
    if bucket.holds == Holds::Files {
        before.extend(estate.key().map(|_| "aws_kms_alias.key".to_owned()));
        before.extend(
            estate
                .description()
                .logs
                .as_ref()
                .map(|_| "aws_s3_bucket_policy.log_bucket".to_owned()),
        );
    }
    let reference = ("bucket", format!("aws_s3_bucket.{name}.id"));
    for (kind, mut data) in bucket.settings.iter().filter_map(resource) {
        let mut references = vec![reference.clone()];
        if kind == "aws_s3_bucket_policy" {
            references.push(("policy", file(&format!("bucket-{}", bucket.name))));
        }
        if let (Some(data), false) = (data.as_object_mut(), before.is_empty()) {
            data.insert("depends_on".to_owned(), json!(before));
        }
        resources.add(kind, &name, data, &references);
        before = vec![format!("{kind}.{name}")];
    }
}

/// A setting as a resource; tags are an attribute of the bucket, and what a bucket shall not have is
/// not spoken of.
fn resource(setting: &BucketSetting) -> Option<(&'static str, Value)> {
    Some(match setting {
        BucketSetting::PublicAccessBlocked => ("aws_s3_bucket_public_access_block", blocked()),
        BucketSetting::OwnerEnforced => (
            "aws_s3_bucket_ownership_controls",
            json!({"rule": [{"object_ownership": "BucketOwnerEnforced"}]}),
        ),
        BucketSetting::Encrypted(encryption) => {
            ("aws_s3_bucket_server_side_encryption_configuration", encrypted(encryption))
        }
        BucketSetting::Versioned => (
            "aws_s3_bucket_versioning",
            json!({"versioning_configuration": [{"status": "Enabled"}]}),
        ),
        BucketSetting::Lifecycle(rule) => {
            ("aws_s3_bucket_lifecycle_configuration", lifecycle(*rule))
        }
        BucketSetting::Cors(rule) => ("aws_s3_bucket_cors_configuration", cors(rule)),
        BucketSetting::Logged(to) => (
            "aws_s3_bucket_logging",
            json!({"target_bucket": to.bucket.as_str(), "target_prefix": to.prefix,
                "target_object_key_format": [
                    {"partitioned_prefix": [{"partition_date_source": "EventTime"}]}]}),
        ),
        BucketSetting::Events => ("aws_s3_bucket_notification", json!({"eventbridge": true})),
        BucketSetting::Locked(lock) => {
            let retention = lock.retention?;
            let mode = match retention.mode {
                LockMode::Governance => "GOVERNANCE",
                LockMode::Compliance => "COMPLIANCE",
            };
            let retention = json!({"mode": mode, "days": retention.days});
            (
                "aws_s3_bucket_object_lock_configuration",
                json!({"rule": [{"default_retention": [retention]}]}),
            )
        }
        BucketSetting::Policy(_) => ("aws_s3_bucket_policy", json!({})),
        BucketSetting::Tagged(_) | BucketSetting::Without(_) => return None,
    })
}

fn encrypted(encryption: &Encryption) -> Value {
    let (by_default, by_bucket_key) = match &encryption.key {
        Some(key) => (json!({"sse_algorithm": "aws:kms", "kms_master_key_id": key}), json!(true)),
        None => (json!({"sse_algorithm": "AES256"}), Value::Null),
    };
    let refused = encryption.refuses_sse_c.then(|| json!(["SSE-C"]));
    let rule = object([
        ("apply_server_side_encryption_by_default", json!([by_default])),
        ("bucket_key_enabled", by_bucket_key),
        ("blocked_encryption_types", refused.unwrap_or_default()),
    ]);
    json!({"rule": [rule]})
}

fn lifecycle(rule: LifecycleRule) -> Value {
    let kept = (rule.old_versions_kept > 0).then_some(rule.old_versions_kept);
    let old = object([
        ("noncurrent_days", json!(rule.old_version_days)),
        ("newer_noncurrent_versions", json!(kept)),
    ]);
    let tiering = rule
        .tiering_days
        .map(|days| json!([{"days": days, "storage_class": "INTELLIGENT_TIERING"}]));
    let cleared = json!([{"expired_object_delete_marker": true}]);
    let expiration = match rule.expire_days {
        Some(days) => json!([{"days": days}]),
        None => cleared.clone(),
    };
    let ours = object([
        ("id", json!(OUR_RULE)),
        ("status", json!("Enabled")),
        ("filter", json!([{}])),
        (
            "abort_incomplete_multipart_upload",
            json!([{"days_after_initiation": rule.abort_uploads_days}]),
        ),
        ("noncurrent_version_expiration", json!([old])),
        ("transition", tiering.unwrap_or_default()),
        ("expiration", expiration),
    ]);
    let markers = rule.expire_days.map(
        |_| json!({"id": MARKERS_RULE, "status": "Enabled", "filter": [{}], "expiration": cleared}),
    );
    let rules: Vec<Value> = [ours].into_iter().chain(markers).collect();
    json!({"rule": rules})
}

fn cors(rule: &CorsRule) -> Value {
    json!({"cors_rule": [{
        "id": OUR_RULE,
        "allowed_origins": rule.origins,
        "allowed_methods": rule.methods,
        "allowed_headers": rule.allowed_headers,
        "expose_headers": rule.exposed_headers,
        "max_age_seconds": rule.max_age_seconds,
    }]})
}
