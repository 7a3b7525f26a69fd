//! The estate in plain words, as Markdown. Every word is made from the values that are applied.

use wh_names::{AccountId, Action, Arn, ObjectKey, RoleSessionName};
use wh_policy::{Context, NamedPolicy, PolicySet, Request, Subject, evaluate, summary};

use crate::bucket::BucketSpec;
use crate::description::Target;
use crate::estate::Estate;
use crate::roles::RoleSpec;
use crate::words::in_words;

/// The actions of the table, and whether each is judged on an object or on the bucket.
const ACTIONS: [(&str, On); 12] = [
    ("s3:ListBucket", On::Bucket),
    ("s3:GetObject", On::Object),
    ("s3:GetObjectVersion", On::Object),
    ("s3:GetObjectTagging", On::Object),
    ("s3:PutObject", On::Object),
    ("s3:DeleteObject", On::Object),
    ("s3:DeleteObjectVersion", On::Object),
    ("s3:AbortMultipartUpload", On::Object),
    ("s3:PutObjectTagging", On::Object),
    ("s3:PutBucketPolicy", On::Bucket),
    ("s3:DeleteBucket", On::Bucket),
    ("sts:AssumeRole", On::Role),
];

#[derive(Debug, Clone, Copy)]
enum On {
    Bucket,
    Object,
    Role,
}

/// The estate as Markdown: the table of roles and actions, each role, the bucket.
///
/// The table is judged by the same engine that the embedded store uses, on an object in the folder
/// for instances and on a person's role, before any grant narrows it.
pub fn document(estate: &Estate) -> String {
    let mut out = String::new();
    heading(&mut out, estate);
    matrix(&mut out, estate);
    for role in estate.roles() {
        role_section(&mut out, estate, role);
    }
    boundary_section(&mut out, estate);
    service_linked_section(&mut out, estate);
    for bucket in estate.buckets() {
        bucket_section(&mut out, bucket);
    }
    out
}

fn line(out: &mut String, text: impl AsRef<str>) {
    out.push_str(text.as_ref());
    out.push('\n');
}

fn heading(out: &mut String, estate: &Estate) {
    let keeper = match estate.target() {
        Target::Embedded => "Wellhouse's own endpoint",
        Target::Aws => "Amazon S3, IAM and STS",
    };
    line(out, format!("# The estate `{}`\n", estate.installation()));
    line(
        out,
        "Made from the same values that are applied. A role says *what* may be done; a grant",
    );
    line(out, "says *where*, by a session policy that narrows the role to one prefix.\n");
    line(out, format!("- Bucket: `{}` in `{}`", estate.bucket().name, estate.region()));
    line(out, format!("- Account: `{}`", estate.account()));
    line(out, format!("- Path of all roles and policies: `{}`", estate.path()));
    line(out, format!("- Kept and enforced by: {keeper}"));
}

fn matrix(out: &mut String, estate: &Estate) {
    line(out, "\n## Roles and actions\n");
    line(out, "✔ allowed, · not allowed, ✘ denied by a statement.\n");
    let names: Vec<String> = estate.roles().iter().map(|role| format!("`{}`", role.name)).collect();
    line(out, format!("| | {} |", names.join(" | ")));
    line(out, format!("|---|{}", ":-:|".repeat(names.len())));
    for (action, on) in ACTIONS {
        let cells: Vec<&str> =
            estate.roles().iter().map(|role| cell(estate, role, action, on)).collect();
        line(out, format!("| `{action}` | {} |", cells.join(" | ")));
    }
}

fn cell(estate: &Estate, role: &RoleSpec, action: &str, on: On) -> &'static str {
    match judged(estate, role, action, on) {
        Some(wh_policy::Outcome::Allow) => "✔",
        Some(wh_policy::Outcome::ImplicitDeny) => "·",
        Some(wh_policy::Outcome::ExplicitDeny) => "✘",
        None => "?",
    }
}

fn judged(estate: &Estate, role: &RoleSpec, action: &str, on: On) -> Option<wh_policy::Outcome> {
    let bucket = &estate.bucket().name;
    let persons = estate.roles().iter().find(|role| is_persons(role))?;
    let (resource, guard) = match on {
        On::Bucket => (Arn::bucket(estate.partition(), bucket), estate.bucket_policy()),
        On::Object => {
            let prefix = estate.instance_prefix().map_or("", wh_names::KeyPrefix::as_str);
            let key = ObjectKey::parse(&format!("{prefix}example.txt")).ok()?;
            (Arn::object(estate.partition(), bucket, &key), estate.bucket_policy())
        }
        On::Role => (persons.arn.clone(), &persons.trust),
    };
    let session = RoleSessionName::parse("u-example").ok()?;
    let session_arn = Arn::assumed_role(estate.partition(), estate.account(), &role.name, &session);
    let subject = Subject::RoleSession { role_arn: role.arn.clone(), session_arn };
    let context = context_of(estate.account());
    let request = Request {
        subject: &subject,
        action: &Action::parse(action).ok()?,
        resource: &resource,
        resource_account: estate.account(),
        context: &context,
    };
    let policies = PolicySet {
        identity: &role.permissions,
        resource: Some(guard),
        boundary: role.boundary.as_ref(),
        ..PolicySet::default()
    };
    Some(evaluate(&policies, &request).outcome())
}

/// The portal becomes a person by setting the person's tag.
fn is_persons(role: &RoleSpec) -> bool {
    role.trust.document.to_json().contains("sts:TagSession")
}

/// A request as the portal and its clients make it: signed just now, over TLS, for a person.
fn context_of(account: &AccountId) -> Context {
    let mut context = Context::new();
    context.set("aws:PrincipalAccount", account.as_str());
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
    context
}

fn role_section(out: &mut String, estate: &Estate, role: &RoleSpec) {
    line(out, format!("\n## `{}`\n", role.name));
    line(out, format!("For {}. `{}`\n", role.purpose, role.arn));
    let profiles = estate.instance_profiles().iter().filter(|p| p.role == role.name);
    for profile in profiles {
        line(out, format!("Delivered to instances by the instance profile `{}`.\n", profile.name));
    }
    let minutes = role.max_session_seconds / 60;
    line(out, format!("A session lasts {minutes} minutes at most.\n"));
    policy_section(out, "Who may assume it", &role.trust);
    for policy in &role.permissions {
        policy_section(out, "What it may do", policy);
    }
    match &role.boundary {
        Some(boundary) => line(out, format!("Bounded by `{}`.", boundary.name)),
        None => line(out, "Not bounded: it can do nothing but act in persons' roles."),
    }
}

fn policy_section(out: &mut String, title: &str, policy: &NamedPolicy) {
    line(out, format!("**{title}**\n"));
    for sentence in summary::in_words(&policy.document) {
        line(out, format!("- {sentence}"));
    }
    line(out, format!("\n```json\n{}\n```\n", policy.document.to_json_pretty()));
}

fn boundary_section(out: &mut String, estate: &Estate) {
    let boundary = estate.boundary();
    line(out, format!("\n## Boundary `{}`\n", boundary.policy.name));
    line(out, format!("No policy of a bounded role opens more than this. `{}`\n", boundary.arn));
    policy_section(out, "What it leaves possible", &boundary.policy);
}

fn service_linked_section(out: &mut String, estate: &Estate) {
    line(out, "\n## Service-linked roles\n");
    line(
        out,
        "AWS makes and edits these. Wellhouse ensures that they are there and never changes or",
    );
    line(out, "deletes them.\n");
    for linked in estate.service_linked_roles() {
        let sentence =
            format!("- `{}`, assumed by `{}`: {}.", linked.name, linked.service, linked.purpose);
        line(out, sentence);
    }
}

fn bucket_section(out: &mut String, bucket: &BucketSpec) {
    line(out, format!("\n## Bucket `{}`\n", bucket.name));
    for setting in &bucket.settings {
        line(out, format!("- {}", in_words(setting)));
    }
    line(out, "");
    policy_section(out, "Bucket policy", &bucket.policy);
}
