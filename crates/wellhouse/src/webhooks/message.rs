//! What a webhook is told: the documents that S3 sends, signed.
//!
//! Source: S3 User Guide, "Event message structure", version 2.1. What the feed does not keep (the
//! caller's address, the request's id) is left empty.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::Sha256;
use wh_names::Secret;
use wh_objects::{Event, NotificationRule};

/// What S3 leaves as it is in the key of a message. A space becomes `+`.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// One record of a message.
pub(super) fn record(event: &Event, rule: &NotificationRule, region: &str) -> Value {
    let mut object = json!({
        "key": utf8_percent_encode(event.key.as_str(), KEPT).to_string().replace(' ', "+"),
        "versionId": event.version.to_string(),
        "sequencer": format!("{:016X}", event.sequence),
    });
    if let (Some((size, etag)), Some(object)) = (&event.content, object.as_object_mut()) {
        object.insert("size".to_owned(), (*size).into());
        object.insert("eTag".to_owned(), etag.trim_matches('"').into());
    }
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": event.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "eventName": event.kind.as_str().trim_start_matches("s3:"),
        "userIdentity": { "principalId": &*event.by },
        "requestParameters": { "sourceIPAddress": "" },
        "responseElements": { "x-amz-request-id": "", "x-amz-id-2": "" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": rule.id,
            "bucket": {
                "name": event.bucket.as_str(),
                "ownerIdentity": { "principalId": "" },
                "arn": format!("arn:aws:s3:::{}", event.bucket),
            },
            "object": object,
        },
    })
}

/// The signature of a message: `t=SECONDS,v1=HEX`, where HEX is HMAC-SHA-256 of `SECONDS.BODY`.
pub(super) fn signature(secret: &Secret, at: Timestamp, body: &[u8]) -> String {
    let seconds = at.as_second();
    // HMAC takes keys of any length.
    let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    let mac = mac.chain_update(format!("{seconds}.")).chain_update(body);
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use wh_names::{BucketName, ObjectKey, Secret};
    use wh_objects::{Event, EventKind, NotificationRule, VersionId};

    use super::{record, signature};

    #[test]
    fn a_record_is_what_s3_sends() {
        let event = Event {
            sequence: 255,
            kind: EventKind::Put,
            at: Timestamp::from_millisecond(1_700_000_000_123).expect("a time"),
            by: Arc::from("arn:aws:sts::0:assumed-role/A/b"),
            bucket: BucketName::parse("files").expect("a bucket"),
            key: ObjectKey::parse("a b/ü+c(1)~.txt").expect("a key"),
            version: VersionId::Null,
            content: Some((9, "\"e\"".to_owned())),
        };
        let rule = NotificationRule {
            id: "new files".to_owned(),
            webhook: "hook".to_owned(),
            events: Vec::new(),
            prefix: String::new(),
            suffix: String::new(),
            since: 0,
        };
        let told = record(&event, &rule, "us-east-1");
        assert_eq!(told["eventName"], "ObjectCreated:Put");
        assert_eq!(told["eventTime"], "2023-11-14T22:13:20.123Z");
        assert_eq!(told["s3"]["object"]["key"], "a+b/%C3%BC%2Bc%281%29%7E.txt");
        assert_eq!(told["s3"]["object"]["eTag"], "e");
        assert_eq!(told["s3"]["object"]["size"], 9);
        assert_eq!(told["s3"]["object"]["sequencer"], "00000000000000FF");
        assert_eq!(told["s3"]["configurationId"], "new files");
    }

    #[test]
    fn a_signature_covers_the_time_and_the_body() {
        let secret = Secret::parse("a secret of sixteen").expect("a secret");
        let at = Timestamp::from_second(1_700_000_000).expect("a time");
        let one = signature(&secret, at, b"{}");
        assert!(one.starts_with("t=1700000000,v1=") && one.len() == 16 + 64, "{one}");
        let other = Timestamp::from_second(1_700_000_001).expect("a time");
        assert_ne!(one.get(16..), signature(&secret, other, b"{}").get(16..));
        assert_ne!(one, signature(&secret, at, b"{ }"));
    }
}
