//! A bucket of files: the settings that its description asks for.

use std::collections::BTreeMap;

use serde_json::json;
use wh_policy::PolicyKind;

use super::guards::guards_of_files;
use super::{
    BucketSetting, BucketSettingKind, BucketSpec, CorsRule, Encryption, Holds, INSTALLATION_TAG,
    Logging, Unwanted,
};
use crate::description::{BucketDescription, Description, Settings, Target};
use crate::estate::{EstateError, policy};

/// For how long browsers remember the answer to a preflight, in seconds.
const PREFLIGHT_SECONDS: u32 = 3000;

pub(crate) fn standard(
    description: &Description,
    bucket: &BucketDescription,
) -> Result<BucketSpec, EstateError> {
    let statements = guards_of_files(description, bucket)?;
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = policy("bucket policy", PolicyKind::Resource, &document)?;
    let mut settings = match bucket.settings {
        Settings::All => all(description, bucket),
        Settings::Unencrypted => {
            let mut settings = all(description, bucket);
            settings.retain(|setting| setting.kind() != BucketSettingKind::Encryption);
            settings
        }
        Settings::Guards => Vec::new(),
    };
    if !description.portal_origins.is_empty() {
        settings.push(BucketSetting::Cors(cors(&description.portal_origins)));
    }
    settings.push(BucketSetting::Policy(policy.document.to_json()));
    let locked = bucket.lock.is_some();
    Ok(BucketSpec { name: bucket.name.clone(), holds: Holds::Files, locked, settings, policy })
}

fn all(description: &Description, bucket: &BucketDescription) -> Vec<BucketSetting> {
    let on_aws = description.target == Target::Aws;
    let mut settings = vec![
        BucketSetting::PublicAccessBlocked,
        BucketSetting::OwnerEnforced,
        BucketSetting::Tagged(tags(description, &bucket.data_class)),
        // The embedded store refuses SSE-C whatever a bucket says.
        BucketSetting::Encrypted(Encryption {
            key: description.key_alias_arn(),
            refuses_sse_c: on_aws,
        }),
        BucketSetting::Versioned,
        BucketSetting::Lifecycle(bucket.lifecycle),
    ];
    if let Some(logs) = &description.logs {
        let prefix = super::logs::access_prefix(&bucket.name);
        settings.push(BucketSetting::Logged(Logging { bucket: logs.name.clone(), prefix }));
    }
    if on_aws {
        settings.push(BucketSetting::Events);
        settings.extend(Unwanted::ALL.map(BucketSetting::Without));
    }
    if let Some(lock) = bucket.lock {
        settings.push(BucketSetting::Locked(lock));
    }
    settings
}

/// The tags of what belongs to the estate.
pub(crate) fn tags(description: &Description, data_class: &str) -> BTreeMap<String, String> {
    let mut tags = own_tags(description);
    tags.insert("data-class".to_owned(), data_class.to_owned());
    tags
}

/// The tags of what holds no data.
pub(crate) fn own_tags(description: &Description) -> BTreeMap<String, String> {
    let mut tags = description.tags.clone();
    for (key, value) in [
        ("app", "wellhouse"),
        ("managed-by", "wellhouse"),
        (INSTALLATION_TAG, description.installation.as_str()),
    ] {
        tags.insert(key.to_owned(), value.to_owned());
    }
    tags
}

fn cors(origins: &[String]) -> CorsRule {
    let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
    CorsRule {
        origins: origins.to_vec(),
        methods: owned(&["GET", "HEAD", "PUT", "POST"]),
        allowed_headers: owned(&[
            "content-type",
            "if-match",
            "if-none-match",
            "range",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha256",
        ]),
        exposed_headers: owned(&[
            "ETag",
            "x-amz-version-id",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha256",
            "x-amz-request-id",
            "x-amz-id-2",
        ]),
        max_age_seconds: PREFLIGHT_SECONDS,
    }
}
