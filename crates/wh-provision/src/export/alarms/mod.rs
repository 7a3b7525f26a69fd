//! Alarms on an estate, as a stack or a configuration of their own beside whatever made it.
//!
//! They hear what the estate's trail records, by way of Amazon `EventBridge`, and change nothing of the
//! estate. Rings are sent to a topic. `apply` neither makes them nor looks at them: who keeps the files
//! need not be who is called at night.
//!
//! Source: `EventBridge` User Guide, "AWS service events delivered via AWS CloudTrail" (data events need a
//! trail that records them; delivery is best effort) and "Comparison operators for use in event patterns";
//! CloudTrail User Guide, "CloudTrail userIdentity element".

mod cloudformation;
mod terraform;

use serde_json::{Value, json};

use super::{ExportError, ExportedFile, Format};
use crate::description::Target;
use crate::estate::Estate;
use crate::roles::{ADMIN_ROLE, EC2_UPLOAD_ROLE, PORTAL_ROLE};

/// Stands in a pattern for the roles that may change the estate: who deploys the alarms says which.
const PROVISIONERS: &str = "PROVISIONERS";
/// How many names one pattern holds: it may have 2,048 characters.
const NAMES_MAX: usize = 20;
/// How often one person may be refused within [`DENIED_SECONDS`], where nothing is said.
const DENIED_MAX: u32 = 20;
/// Over how many seconds refusals are counted.
const DENIED_SECONDS: u32 = 300;
/// After how many hours without a read or write the silence is told, where nothing is said.
const SILENT_HOURS: u32 = 24;

/// What somebody is called for at once.
struct Ring {
    /// A word without hyphens, for logical ids.
    id: String,
    /// What it means, in a sentence without quotation marks.
    means: &'static str,
    /// The pattern of events.
    pattern: Value,
    /// Whether AWS tells it in its first region, too: sign-ins, and the global endpoint of STS.
    everywhere: bool,
}

/// What is counted before somebody is called.
struct Counted {
    /// Refusals of persons.
    denied: Value,
    /// Every read and write of an object.
    heard: Value,
}

/// The alarms of an estate for another tool, as files.
pub fn export_alarms(estate: &Estate, format: Format) -> Result<Vec<ExportedFile>, ExportError> {
    match (format, estate.target()) {
        (Format::Json, _) => Err(ExportError::NoAlarms),
        (Format::CloudFormation | Format::Terraform, Target::Embedded) => {
            Err(ExportError::NotOnAws(format))
        }
        (Format::CloudFormation, Target::Aws) => Ok(vec![cloudformation::template(estate)]),
        (Format::Terraform, Target::Aws) => Ok(terraform::configuration(estate)),
    }
}

/// The region in which AWS tells what belongs to none.
fn first_region(estate: &Estate) -> &'static str {
    match estate.partition().as_str() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

fn buckets(estate: &Estate) -> Vec<String> {
    estate.buckets().map(|bucket| bucket.name.to_string()).collect()
}

fn of_trail(source: &str, detail: &Value) -> Value {
    json!({"source": [source], "detail-type": ["AWS API Call via CloudTrail"], "detail": detail})
}

/// By anybody but these roles. Who has no role has no issuer, and is another, too.
fn by_others(roles: Value) -> Value {
    json!({"sessionContext": {"sessionIssuer": {"arn": [{"exists": false}, {"anything-but": roles}]}}})
}

/// `Name`, `Name2` and so on, each with some of the names.
fn in_parts(id: &str, names: &[String]) -> Vec<(String, Vec<String>)> {
    let numbered = |(number, names): (usize, &[String])| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        (format!("{id}{number}"), names.to_vec())
    };
    (1..).zip(names.chunks(NAMES_MAX)).map(numbered).collect()
}

fn rings(estate: &Estate) -> Vec<Ring> {
    let mut rings = settings(estate);
    rings.extend(revoked(estate));
    rings.push(assumed(estate));
    rings.push(console(estate));
    if estate.key().is_some() {
        rings.push(Ring {
            id: "KeyAtRisk".to_owned(),
            means: "a key of this region is disabled, no longer rotated, or on its way to deletion",
            pattern: of_trail(
                "aws.kms",
                &json!({"eventSource": ["kms.amazonaws.com"],
                    "eventName": ["DisableKey", "DisableKeyRotation", "ScheduleKeyDeletion"]}),
            ),
            everywhere: false,
        });
    }
    rings.extend(trail(estate));
    rings
}

fn settings(estate: &Estate) -> Vec<Ring> {
    let ring = |(id, names): (String, Vec<String>)| Ring {
        id,
        means: "a setting of a bucket is changed, or was to be, by somebody who is no provisioner",
        pattern: of_trail(
            "aws.s3",
            &json!({"eventSource": ["s3.amazonaws.com"],
                "eventName": [{"prefix": "PutBucket"}, {"prefix": "DeleteBucket"},
                    "PutObjectLockConfiguration"],
                "requestParameters": {"bucketName": names},
                "userIdentity": by_others(json!(PROVISIONERS))}),
        ),
        everywhere: false,
    };
    in_parts("SettingChanged", &buckets(estate)).into_iter().map(ring).collect()
}

/// A session of somebody who is on the list is refused everything; that it is used at all is told.
fn revoked(estate: &Estate) -> Vec<Ring> {
    let described = &estate.description().buckets;
    let uids = described.iter().flat_map(|bucket| &bucket.denied_uids);
    let mut uids: Vec<String> = uids.map(ToString::to_string).collect();
    uids.sort();
    uids.dedup();
    let ring = |(id, uids): (String, Vec<String>)| Ring {
        id,
        means: "a session is used of a person to whom everything is denied",
        pattern: of_trail(
            "aws.s3",
            &json!({"userIdentity": {"sessionContext": {"sourceIdentity": uids}}}),
        ),
        everywhere: false,
    };
    in_parts("RevokedPerson", &uids).into_iter().map(ring).collect()
}

fn assumed(estate: &Estate) -> Ring {
    let persons = |role: &&crate::roles::RoleSpec| {
        ![PORTAL_ROLE, EC2_UPLOAD_ROLE].contains(&role.name.as_str())
    };
    let arns: Vec<&str> =
        estate.roles().iter().filter(persons).map(|role| role.arn.as_str()).collect();
    let portal = estate.roles().iter().find(|role| role.name.as_str() == PORTAL_ROLE);
    let portal: Vec<&str> = portal.iter().map(|role| role.arn.as_str()).collect();
    Ring {
        id: "RoleAssumedByAnother".to_owned(),
        means: "somebody who is not the portal becomes a role of persons, or tries to",
        pattern: of_trail(
            "aws.sts",
            &json!({"eventSource": ["sts.amazonaws.com"],
                "eventName": [{"prefix": "AssumeRole"}],
                "requestParameters": {"roleArn": arns},
                "userIdentity": by_others(json!(portal))}),
        ),
        everywhere: true,
    }
}

fn console(estate: &Estate) -> Ring {
    let (partition, account) = (estate.partition(), estate.account());
    let sessions = format!("arn:{partition}:sts::{account}:assumed-role/{ADMIN_ROLE}/");
    Ring {
        id: "ConsoleAsAdministrator".to_owned(),
        means: "somebody is at AWS's console as AdminRole",
        pattern: json!({"source": ["aws.signin"],
            "detail": {"userIdentity": {"arn": [{"prefix": sessions}]}}}),
        everywhere: true,
    }
}

fn trail(estate: &Estate) -> Option<Ring> {
    let trail = estate.trail()?;
    Some(Ring {
        id: "TrailChanged".to_owned(),
        means: "the trail is stopped or changed by somebody who is no provisioner",
        pattern: of_trail(
            "aws.cloudtrail",
            &json!({"eventSource": ["cloudtrail.amazonaws.com"],
                "eventName": ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"],
                "requestParameters": {"$or": [
                    {"name": [trail.name, trail.arn]}, {"trailName": [trail.name, trail.arn]}]},
                "userIdentity": by_others(json!(PROVISIONERS))}),
        ),
        everywhere: false,
    })
}

/// Refusals are counted wherever a person meets them; silence is that of the buckets of files, for AWS
/// itself writes to that of logs. Of more buckets than one pattern holds, all that is recorded is heard.
fn counted(estate: &Estate) -> Counted {
    let names: Vec<String> =
        estate.buckets_of_files().map(|bucket| bucket.name.to_string()).collect();
    let heard = if names.len() > NAMES_MAX {
        json!({"eventCategory": ["Data"]})
    } else {
        json!({"eventCategory": ["Data"], "requestParameters": {"bucketName": names}})
    };
    Counted {
        denied: of_trail(
            "aws.s3",
            &json!({"errorCode": ["AccessDenied"],
                "userIdentity": {"sessionContext": {"sourceIdentity": [{"exists": true}]}}}),
        ),
        heard: of_trail("aws.s3", &heard),
    }
}

/// The names of the logs of refusals and of the counted refusals.
fn log_group(estate: &Estate) -> String {
    format!("/aws/events/wellhouse-{}-denied", estate.installation())
}

fn namespace(estate: &Estate) -> String {
    format!("Wellhouse/{}", estate.installation())
}

/// Where the person stands in an event.
const PERSON: &str = "$.detail.userIdentity.sessionContext.sourceIdentity";

/// The refusals of whoever was refused most.
fn most_refused(estate: &Estate) -> String {
    let namespace = namespace(estate);
    format!(
        "SELECT SUM(Denied) FROM SCHEMA(\"{namespace}\", uid) GROUP BY uid ORDER BY SUM() DESC LIMIT 1"
    )
}

/// How a ring is told: one line that a person can read. What an event has not stays empty.
fn words(estate: &Estate, means: &str) -> (Value, String) {
    let paths = json!({"at": "$.time", "name": "$.detail.eventName",
        "who": "$.detail.userIdentity.arn", "from": "$.detail.sourceIPAddress",
        "id": "$.detail.eventID"});
    let installation = estate.installation();
    let line = format!(
        "\"Wellhouse {installation}: {means}. <name> by <who> from <from> at <at>, event <id>.\""
    );
    (paths, line)
}
