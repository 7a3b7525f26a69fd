//! What the engine says to a request of a role's.

use wh_names::{Action, Arn, ObjectKey, RoleSessionName, SCAN_TAG, ScanVerdict};
use wh_policy::{Context, NamedPolicy, Outcome, PolicySet, Request, Subject, evaluate};

use crate::estate::Estate;
use crate::key::dns_suffix;
use crate::roles::{RoleSpec, SCAN_ROLE, SCAN_SESSION};

/// What a request is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum On<'e> {
    /// Everyone's files' bucket.
    Bucket,
    /// An object in the folder for instances.
    Object,
    /// An object elsewhere.
    OtherObject,
    /// The key, through S3.
    Key,
    /// The account as a whole.
    Account,
    /// A role.
    Role(&'e RoleSpec),
}

/// Whether sessions of a role may do this; nothing where there is no such thing to ask about.
pub(super) fn judged(
    estate: &Estate,
    role: &RoleSpec,
    action: &str,
    on: On<'_>,
) -> Option<Outcome> {
    let (resource, guard) = about(estate, on)?;
    let session = RoleSessionName::parse("u-example").ok()?;
    let session_arn = Arn::assumed_role(estate.partition(), estate.account(), &role.name, &session);
    let subject = Subject::RoleSession { role_arn: role.arn.clone(), session_arn };
    let mut context = context_of(estate);
    if matches!(on, On::Role(role) if role.name.as_str() == SCAN_ROLE) {
        context.set("sts:RoleSessionName", SCAN_SESSION);
    }
    // What is read was scanned.
    if action.starts_with("s3:GetObject") {
        let clean = ScanVerdict::Clean.as_str();
        context.set(&format!("s3:ExistingObjectTag/{SCAN_TAG}"), clean);
    }
    let request = Request {
        subject: &subject,
        action: &Action::parse(action).ok()?,
        resource: &resource,
        resource_account: estate.account(),
        context: &context,
    };
    let policies = PolicySet {
        identity: &role.permissions,
        resource: guard,
        boundary: Some(&role.boundary),
        ..PolicySet::default()
    };
    Some(evaluate(&policies, &request).outcome())
}

/// As a cell of a table.
pub(super) fn sign(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Allow) => "✔",
        Some(Outcome::ImplicitDeny) => "·",
        Some(Outcome::ExplicitDeny) => "✘",
        None => "?",
    }
}

fn about<'e>(estate: &'e Estate, on: On<'e>) -> Option<(Arn, Option<&'e NamedPolicy>)> {
    let (partition, bucket) = (estate.partition(), &estate.bucket().name);
    let object = |key: &str| Some(Arn::object(partition, bucket, &ObjectKey::parse(key).ok()?));
    let guard = Some(estate.bucket_policy());
    Some(match on {
        On::Bucket => (Arn::bucket(partition, bucket), guard),
        On::Object => {
            let prefix = estate.instance_prefix().map_or("", wh_names::KeyPrefix::as_str);
            (object(&format!("{prefix}example.txt"))?, guard)
        }
        On::OtherObject => (object("example.txt")?, guard),
        On::Key => {
            let (region, account) = (estate.region(), estate.account());
            let arn = format!("arn:{partition}:kms:{region}:{account}:key/example");
            (Arn::parse(&arn).ok()?, Some(&estate.key()?.policy))
        }
        On::Account => {
            let arn = format!("arn:{partition}:iam::{}:user/example", estate.account());
            (Arn::parse(&arn).ok()?, None)
        }
        On::Role(role) => (role.arn.clone(), Some(&role.trust)),
    })
}

/// A request as the portal and its clients make it: signed just now, over TLS, for a person.
fn context_of(estate: &Estate) -> Context {
    let mut context = Context::new();
    context.set("aws:PrincipalAccount", estate.account().as_str());
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:SecureTransport", "true");
    context.set("s3:TlsVersion", "1.3");
    context.set("s3:signatureAge", "1000");
    context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    context.set("ec2:RoleDelivery", "2.0");
    context.set("sts:RoleSessionName", "u-example");
    context.set("sts:SourceIdentity", "example");
    context.set("aws:RequestTag/uid", "example");
    context.set("aws:TagKeys", vec!["uid".to_owned()]);
    if let Some(id) = &estate.description().external_id {
        context.set("sts:ExternalId", id.as_str());
    }
    if let Some(key) = estate.key() {
        let suffix = dns_suffix(estate.partition().as_str());
        context.set("kms:ViaService", format!("s3.{}.{suffix}", estate.region()));
        context.set("kms:ResourceAliases", vec![key.alias.clone()]);
    }
    context
}

/// The portal becomes a person by saying who: pods tag their sessions, and say nobody.
pub(super) fn is_persons(role: &RoleSpec) -> bool {
    role.trust.document.to_json().contains("sts:SetSourceIdentity")
}

/// The service that a role's trust names, such as `ec2.amazonaws.com`.
pub(super) fn service_of(role: &RoleSpec) -> Option<String> {
    let trust: serde_json::Value = serde_json::from_str(&role.trust.document.to_json()).ok()?;
    let statements = trust.get("Statement")?.as_array()?;
    let service = |statement: &serde_json::Value| {
        let name = statement.pointer("/Principal/Service")?;
        let name = name.as_str().or_else(|| name.get(0)?.as_str())?;
        Some(name.to_owned())
    };
    statements.iter().find_map(service)
}
