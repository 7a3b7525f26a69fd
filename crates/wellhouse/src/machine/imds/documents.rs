//! What the metadata service tells, in the shapes of EC2's.

use jiff::Timestamp;
use serde_json::json;

use super::Answer;
use crate::machine::credentials::Held;
use crate::machine::identity::Enrolled;

/// What does not change while the machine runs. Only what is true of the machine is told: there is no
/// image and no subnet.
pub(super) fn fixed(machine: &Enrolled, path: &str) -> Option<Answer> {
    let (region, account) = (machine.arn.region(), machine.arn.account());
    Some(match path {
        "" => Answer::text("latest"),
        "/latest" => Answer::text("dynamic\nmeta-data"),
        "/latest/meta-data" => Answer::text("iam/\ninstance-id\nplacement/\nservices/"),
        "/latest/meta-data/iam" => Answer::text("info\nsecurity-credentials/"),
        "/latest/meta-data/instance-id" => Answer::text(machine.id.as_str()),
        "/latest/meta-data/placement" => Answer::text("region"),
        "/latest/meta-data/placement/region" => Answer::text(region),
        "/latest/meta-data/services" => Answer::text("partition"),
        "/latest/meta-data/services/partition" => Answer::text(machine.arn.partition()),
        "/latest/dynamic" => Answer::text("instance-identity/"),
        "/latest/dynamic/instance-identity" => Answer::text("document"),
        "/latest/dynamic/instance-identity/document" => Answer::json(&json!({
            "accountId": account,
            "instanceId": machine.id.as_str(),
            "region": region,
            "version": "2017-09-30",
        })),
        _ => return None,
    })
}

/// The credentials of the instance profile's role.
pub(super) fn credentials(held: &Held) -> Answer {
    Answer::json(&json!({
        "Code": "Success",
        "LastUpdated": seconds(held.updated),
        "Type": "AWS-HMAC",
        "AccessKeyId": held.access_key_id,
        "SecretAccessKey": held.secret.expose(),
        "Token": held.token.expose(),
        "Expiration": seconds(held.expires),
    }))
}

/// What is told in the place of credentials that there are not.
pub(super) fn no_credentials(message: &str, now: Timestamp) -> Answer {
    Answer::json(&json!({
        "Code": "AssumeRoleUnauthorizedAccess",
        "Message": message,
        "LastUpdated": seconds(now),
    }))
}

/// The instance profile.
pub(super) fn profile(held: &Held) -> Answer {
    Answer::json(&json!({
        "Code": "Success",
        "LastUpdated": seconds(held.updated),
        "InstanceProfileArn": held.profile_arn,
        "InstanceProfileId": held.profile_id,
    }))
}

/// In whole seconds, of which an end loses its fraction.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
