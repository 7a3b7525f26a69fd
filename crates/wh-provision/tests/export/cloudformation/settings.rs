//! Settings of buckets, as a template has them.

use serde_json::{Value, json};
use wh_provision::{BucketSetting, CorsRule, LifecycleRule, LockMode, ObjectLock, Retention};

use crate::reading::{Attributes, texts};

pub(super) fn lifecycle(value: &Value) -> BucketSetting {
    let rules = value["Rules"].as_array().expect("rules");
    let mut ours = Attributes::of("lifecycle", &rules[0]);
    ours.expect("Id", &json!("wellhouse"));
    ours.expect("Status", &json!("Enabled"));
    let mut old = Attributes::of("old versions", &ours.take("NoncurrentVersionExpiration"));
    let mut abort = Attributes::of("uploads", &ours.take("AbortIncompleteMultipartUpload"));
    let expire_days = ours.number_if_any("ExpirationInDays");
    let cleared = if expire_days.is_some() {
        let cleared = json!({"Id": "wellhouse-markers", "Status": "Enabled",
            "ExpiredObjectDeleteMarker": true});
        assert_eq!((rules.len(), &rules[1]), (2, &cleared));
        Value::Null
    } else {
        assert_eq!(rules.len(), 1);
        json!(true)
    };
    ours.expect("ExpiredObjectDeleteMarker", &cleared);
    let tiering_days = ours.has("Transitions").then(|| {
        let moves = ours.take("Transitions");
        let mut to = Attributes::of("transition", &moves[0]);
        to.expect("StorageClass", &json!("INTELLIGENT_TIERING"));
        let days = to.number("TransitionInDays");
        to.done();
        days
    });
    let rule = LifecycleRule {
        abort_uploads_days: abort.number("DaysAfterInitiation"),
        old_version_days: old.number("NoncurrentDays"),
        old_versions_kept: old.number_if_any("NewerNoncurrentVersions").unwrap_or(0),
        tiering_days,
        expire_days,
    };
    old.done();
    abort.done();
    ours.done();
    BucketSetting::Lifecycle(rule)
}

pub(super) fn lock(value: &Value) -> BucketSetting {
    let mut lock = Attributes::of("lock", value);
    lock.expect("ObjectLockEnabled", &json!("Enabled"));
    let retention = lock.has("Rule").then(|| {
        let rule = lock.take("Rule");
        let mut retention = Attributes::of("retention", &rule["DefaultRetention"]);
        retention.expect("Mode", &json!("GOVERNANCE"));
        let days = retention.number("Days");
        retention.done();
        Retention { mode: LockMode::Governance, days }
    });
    lock.done();
    BucketSetting::Locked(ObjectLock { retention })
}

pub(super) fn cors(value: &Value) -> BucketSetting {
    let rules = value["CorsRules"].as_array().expect("rules");
    assert_eq!(rules.len(), 1);
    let mut rule = Attributes::of("CORS", &rules[0]);
    rule.expect("Id", &json!("wellhouse"));
    let cors = CorsRule {
        origins: texts(&rule.take("AllowedOrigins")),
        methods: texts(&rule.take("AllowedMethods")),
        allowed_headers: texts(&rule.take("AllowedHeaders")),
        exposed_headers: texts(&rule.take("ExposedHeaders")),
        max_age_seconds: rule.number("MaxAge"),
    };
    rule.done();
    BucketSetting::Cors(cors)
}
