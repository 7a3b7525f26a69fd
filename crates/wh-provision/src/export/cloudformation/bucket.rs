//! A bucket with its policy, in a template.

use serde_json::{Map, Value, json};

use super::super::names::NamedBucket;
use super::super::{MARKERS_RULE, OUR_RULE, object, value_of};
use super::{after, resource, retained, tags};
use crate::bucket::{
    BucketSetting, CorsRule, Encryption, Holds, LifecycleRule, Logging, is_regional,
};
use crate::description::{LockMode, ObjectLock};
use crate::estate::Estate;

/// The bucket of logs takes logs only once its policy lets their senders in, so the buckets that log
/// come after that policy; those that a key encrypts come after the key's alias.
pub(super) fn add(resources: &mut Map<String, Value>, estate: &Estate, named: &NamedBucket<'_>) {
    let NamedBucket { id, bucket } = named;
    let mut properties = Map::new();
    properties.insert("BucketName".to_owned(), json!(bucket.name.as_str()));
    if is_regional(&bucket.name) {
        properties.insert("BucketNamespace".to_owned(), json!("account-regional"));
    }
    if bucket.locked {
        properties.insert("ObjectLockEnabled".to_owned(), json!(true));
    }
    let said = bucket.settings.iter().filter_map(property);
    properties.extend(said.map(|(name, value)| (name.to_owned(), value)));
    let mut others = Vec::new();
    if bucket.holds == Holds::Files {
        others.extend(estate.key().map(|_| "KeyAlias"));
        others.extend(estate.description().logs.as_ref().map(|_| "LogBucketPolicy"));
    }
    let made = retained(resource("AWS::S3::Bucket", Value::Object(properties)));
    resources.insert(id.clone(), after(made, &others));
    let guarded = resource(
        "AWS::S3::BucketPolicy",
        json!({"Bucket": {"Ref": id}, "PolicyDocument": value_of(&bucket.policy.document)}),
    );
    resources.insert(format!("{id}Policy"), retained(guarded));
}

/// A setting as a property of the bucket. A bucket without website, acceleration or replication is one
/// whose template does not speak of them; nobody but its owner pays unless asked to, for which there is
/// no property.
fn property(setting: &BucketSetting) -> Option<(&'static str, Value)> {
    Some(match setting {
        BucketSetting::PublicAccessBlocked => (
            "PublicAccessBlockConfiguration",
            json!({"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true,
                "RestrictPublicBuckets": true}),
        ),
        BucketSetting::OwnerEnforced => {
            ("OwnershipControls", json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}))
        }
        BucketSetting::Encrypted(encryption) => ("BucketEncryption", encrypted(encryption)),
        BucketSetting::Versioned => ("VersioningConfiguration", json!({"Status": "Enabled"})),
        BucketSetting::Lifecycle(rule) => ("LifecycleConfiguration", lifecycle(*rule)),
        BucketSetting::Tagged(wanted) => ("Tags", tags(wanted)),
        BucketSetting::Cors(rule) => ("CorsConfiguration", cors(rule)),
        BucketSetting::Logged(to) => ("LoggingConfiguration", logging(to)),
        BucketSetting::Events => (
            "NotificationConfiguration",
            json!({"EventBridgeConfiguration": {"EventBridgeEnabled": true}}),
        ),
        BucketSetting::Locked(ObjectLock { retention: None }) => {
            ("ObjectLockConfiguration", json!({"ObjectLockEnabled": "Enabled"}))
        }
        BucketSetting::Locked(ObjectLock { retention: Some(retention) }) => {
            let mode = match retention.mode {
                LockMode::Governance => "GOVERNANCE",
                LockMode::Compliance => "COMPLIANCE",
            };
            let rule = json!({"DefaultRetention": {"Mode": mode, "Days": retention.days}});
            ("ObjectLockConfiguration", json!({"ObjectLockEnabled": "Enabled", "Rule": rule}))
        }
        BucketSetting::Without(_) | BucketSetting::Policy(_) => return None,
    })
}

fn encrypted(encryption: &Encryption) -> Value {
    let mut rule = match &encryption.key {
        Some(key) => json!({"BucketKeyEnabled": true, "ServerSideEncryptionByDefault":
            {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}),
        None => json!({"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}),
    };
    if encryption.refuses_sse_c
        && let Some(rule) = rule.as_object_mut()
    {
        rule.insert("BlockedEncryptionTypes".to_owned(), json!({"EncryptionType": ["SSE-C"]}));
    }
    json!({"ServerSideEncryptionConfiguration": [rule]})
}

fn lifecycle(rule: LifecycleRule) -> Value {
    let mut old = json!({"NoncurrentDays": rule.old_version_days});
    if rule.old_versions_kept > 0
        && let Some(old) = old.as_object_mut()
    {
        old.insert("NewerNoncurrentVersions".to_owned(), json!(rule.old_versions_kept));
    }
    let tiering = rule
        .tiering_days
        .map(|days| json!([{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": days}]));
    let ours = object([
        ("Id", json!(OUR_RULE)),
        ("Status", json!("Enabled")),
        ("AbortIncompleteMultipartUpload", json!({"DaysAfterInitiation": rule.abort_uploads_days})),
        ("NoncurrentVersionExpiration", old),
        ("Transitions", tiering.unwrap_or_default()),
        ("ExpirationInDays", json!(rule.expire_days)),
        (
            "ExpiredObjectDeleteMarker",
            if rule.expire_days.is_none() { json!(true) } else { Value::Null },
        ),
    ]);
    let markers = rule.expire_days.map(
        |_| json!({"Id": MARKERS_RULE, "Status": "Enabled", "ExpiredObjectDeleteMarker": true}),
    );
    let rules: Vec<Value> = [ours].into_iter().chain(markers).collect();
    json!({"Rules": rules})
}

fn cors(rule: &CorsRule) -> Value {
    json!({"CorsRules": [{
        "Id": OUR_RULE,
        "AllowedOrigins": rule.origins,
        "AllowedMethods": rule.methods,
        "AllowedHeaders": rule.allowed_headers,
        "ExposedHeaders": rule.exposed_headers,
        "MaxAge": rule.max_age_seconds,
    }]})
}

fn logging(to: &Logging) -> Value {
    json!({
        "DestinationBucketName": to.bucket.as_str(),
        "LogFilePrefix": to.prefix,
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    })
}
