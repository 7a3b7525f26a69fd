//! The bucket of logs.

use serde_json::json;
use wh_names::BucketName;
use wh_policy::PolicyKind;

use super::standard::tags;
use super::{
    BucketSetting, BucketSpec, Encryption, Holds, LifecycleRule, Unwanted, guards_of_logs,
};
use crate::description::{Description, LogsDescription};
use crate::estate::{EstateError, policy};

/// What the keys of a bucket's access logs begin with.
pub(super) fn access_prefix(files: &BucketName) -> String {
    format!("access/{files}/")
}

/// Old versions of a log exist only where somebody overwrote or deleted it: they are kept for as long
/// as it takes to notice.
const OLD_LOG_DAYS: u32 = 90;

/// Access logs can be delivered only to a bucket that is encrypted with the store's own keys. Source:
/// S3 User Guide, "Enabling Amazon S3 server access logging".
pub(crate) fn logs(
    description: &Description,
    logs: &LogsDescription,
) -> Result<BucketSpec, EstateError> {
    let document =
        json!({"Version": "2012-10-17", "Statement": guards_of_logs(description, &logs.name)});
    let policy = policy("bucket policy of logs", PolicyKind::Resource, &document)?;
    let mut settings = vec![
        BucketSetting::PublicAccessBlocked,
        BucketSetting::OwnerEnforced,
        BucketSetting::Tagged(tags(description, "logs")),
        BucketSetting::Encrypted(Encryption { key: None, refuses_sse_c: true }),
        BucketSetting::Versioned,
        BucketSetting::Lifecycle(LifecycleRule {
            old_version_days: OLD_LOG_DAYS,
            old_versions_kept: 0,
            expire_days: Some(logs.keep_days),
            ..LifecycleRule::STANDARD
        }),
    ];
    settings.extend(Unwanted::ALL.map(BucketSetting::Without));
    settings.push(BucketSetting::Policy(policy.document.to_json()));
    let name = logs.name.clone();
    Ok(BucketSpec { name, holds: Holds::Logs, locked: false, settings, policy })
}
