//! Settings of buckets, as a configuration has them.

use serde_json::json;
use wh_provision::{BucketSetting, CorsRule, LifecycleRule, LockMode, ObjectLock, Retention};

use super::{block, plain_texts};
use crate::reading::{Attributes, texts};

pub(super) fn blocked(of: &mut Attributes) {
    for switch in [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ] {
        of.expect(switch, &json!(true));
    }
}

pub(super) fn lifecycle(of: &mut Attributes) -> BucketSetting {
    let rules = of.take("rule");
    let rules = rules.as_array().expect("rules");
    let mut ours = Attributes::of("lifecycle", &rules[0]);
    ours.expect("id", &json!("wellhouse"));
    ours.expect("status", &json!("Enabled"));
    ours.expect("filter", &json!([{}]));
    let mut old =
        Attributes::of("old versions", &block(&ours.take("noncurrent_version_expiration")));
    let mut abort =
        Attributes::of("uploads", &block(&ours.take("abort_incomplete_multipart_upload")));
    let mut expiration = Attributes::of("expiration", &block(&ours.take("expiration")));
    let expire_days = expiration.number_if_any("days");
    let cleared = json!([{"expired_object_delete_marker": true}]);
    if expire_days.is_some() {
        let rule = json!({"id": "wellhouse-markers", "status": "Enabled", "filter": [{}],
            "expiration": cleared});
        assert_eq!((rules.len(), &rules[1]), (2, &rule));
    } else {
        assert_eq!(rules.len(), 1);
        expiration.expect("expired_object_delete_marker", &json!(true));
    }
    let tiering_days = ours.has("transition").then(|| {
        let mut to = Attributes::of("transition", &block(&ours.take("transition")));
        to.expect("storage_class", &json!("INTELLIGENT_TIERING"));
        let days = to.number("days");
        to.done();
        days
    });
    let rule = LifecycleRule {
        abort_uploads_days: abort.number("days_after_initiation"),
        old_version_days: old.number("noncurrent_days"),
        old_versions_kept: old.number_if_any("newer_noncurrent_versions").unwrap_or(0),
        tiering_days,
        expire_days,
    };
    for read in [old, abort, expiration, ours] {
        read.done();
    }
    BucketSetting::Lifecycle(rule)
}

pub(super) fn lock(of: &mut Attributes) -> BucketSetting {
    let rule = block(&of.take("rule"));
    let mut retention = Attributes::of("retention", &block(&rule["default_retention"]));
    retention.expect("mode", &json!("GOVERNANCE"));
    let days = retention.number("days");
    retention.done();
    let retention = Some(Retention { mode: LockMode::Governance, days });
    BucketSetting::Locked(ObjectLock { retention })
}

pub(super) fn cors(of: &mut Attributes) -> BucketSetting {
    let mut rule = Attributes::of("CORS", &block(&of.take("cors_rule")));
    rule.expect("id", &json!("wellhouse"));
    let cors = CorsRule {
        origins: plain_texts(&rule.take("allowed_origins")),
        methods: texts(&rule.take("allowed_methods")),
        allowed_headers: texts(&rule.take("allowed_headers")),
        exposed_headers: texts(&rule.take("expose_headers")),
        max_age_seconds: rule.number("max_age_seconds"),
    };
    rule.done();
    BucketSetting::Cors(cors)
}
