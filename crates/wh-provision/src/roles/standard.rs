//! The roles of the standard estate, written out.

use serde_json::{Value, json};
use wh_names::{Arn, NameError, RoleName};
use wh_policy::PolicyKind;

use super::{
    ADMIN_ROLE, Boundaries, EC2_UPLOAD_ROLE, InstanceProfileSpec, ManagedPolicySpec, PORTAL_ROLE,
    REGULAR_USER_ROLE, RoleSpec, S3_ACCESS_ROLE, SCAN_ROLE, SCAN_SESSION, SESSION_SECONDS_MAX,
    UPLOAD_ROLE,
};
use crate::bucket::own_tags;
use crate::description::{
    AdminScope, BucketDescription, Description, PortalHost, SessionTags, Target,
};
use crate::estate::{EstateError, policy, policy_text, role_arn};
use crate::key::{KeyUse, use_of_key};

pub(crate) fn instance_profiles(
    described: &Description,
) -> Result<Vec<InstanceProfileSpec>, NameError> {
    let mut names = Vec::new();
    // Our own endpoint delivers the portal's credentials to its own process, and to no machine.
    if described.portal_host == PortalHost::Ec2 && described.target == Target::Aws {
        names.push(PORTAL_ROLE);
    }
    names.push(EC2_UPLOAD_ROLE);
    let profile = |name| {
        let name = RoleName::parse(name)?;
        let (path, tags) = (described.path(), own_tags(described));
        Ok(InstanceProfileSpec { role: name.clone(), name, path, tags })
    };
    names.into_iter().map(profile).collect()
}

/// A document of these statements.
pub(super) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(super) fn see_bucket_names() -> Value {
    json!({"Sid": "SeeBucketNames", "Effect": "Allow", "Action": "s3:ListAllMyBuckets",
        "Resource": "*"})
}

/// In the order in which they are made: persons' roles name `PortalRole` as their principal, so it
/// comes before them.
pub(crate) fn standard(
    described: &Description,
    boundaries: &Boundaries,
) -> Result<Vec<RoleSpec>, EstateError> {
    let persons = [ADMIN_ROLE, REGULAR_USER_ROLE, S3_ACCESS_ROLE, UPLOAD_ROLE]
        .into_iter()
        .map(|name| role_arn(described, name).map(|(_, arn)| arn))
        .collect::<Result<Vec<_>, _>>()?;
    let (_, portal) = role_arn(described, PORTAL_ROLE)?;
    let buckets = Buckets::of(described);
    let make = |name, purpose, permissions: Vec<Value>, trust: Value| {
        let within = if name == PORTAL_ROLE { &boundaries.portal } else { &boundaries.files };
        role(described, Outline { name, purpose, permissions, trust, within })
    };
    let trusts_portal = || trusts_portal(described, &portal);
    let mut may = vec![assume_persons_roles(&persons)];
    may.extend(assume_scan_role(described)?);
    let mut roles = vec![
        make(PORTAL_ROLE, "the portal", may, trusts_host(described))?,
        make(
            EC2_UPLOAD_ROLE,
            "instances that upload",
            upload_from_instances(described),
            trusts_instances(),
        )?,
        make(ADMIN_ROLE, "administrators", administer(described, &buckets), trusts_portal())?,
        make(
            REGULAR_USER_ROLE,
            "everyone who registers",
            browse_and_read(described, &buckets),
            trusts_portal(),
        )?,
        make(
            S3_ACCESS_ROLE,
            "those who work with files",
            work_with_files(described, &buckets),
            trusts_portal(),
        )?,
        make(
            UPLOAD_ROLE,
            "drop boxes and file requests",
            upload_only(described, &buckets),
            trusts_portal(),
        )?,
    ];
    if described.scan.is_some() {
        let trust = trusts_scan(described, &portal);
        roles.push(make(SCAN_ROLE, "the scan for malware", scan(described, &buckets), trust)?);
    }
    Ok(roles)
}

struct Outline<'a> {
    name: &'a str,
    purpose: &'static str,
    permissions: Vec<Value>,
    trust: Value,
    within: &'a ManagedPolicySpec,
}

fn role(described: &Description, outline: Outline<'_>) -> Result<RoleSpec, EstateError> {
    let (name, arn) = role_arn(described, outline.name)?;
    let permissions = match described.policies.get(outline.name) {
        Some(own) => policy_text(outline.name, PolicyKind::Identity, own)?,
        None => policy(outline.name, PolicyKind::Identity, &document(outline.permissions))?,
    };
    Ok(RoleSpec {
        name,
        arn,
        path: described.path(),
        purpose: outline.purpose,
        trust: policy("trust policy", PolicyKind::Trust, &outline.trust)?,
        permissions: vec![permissions],
        boundary: outline.within.policy.clone(),
        boundary_arn: outline.within.arn.clone(),
        max_session_seconds: SESSION_SECONDS_MAX,
        tags: own_tags(described),
    })
}

/// The ARNs of the buckets of files; one stands alone, as it would be written by hand.
pub(super) struct Buckets {
    names: Value,
    objects: Value,
    all: Value,
}

impl Buckets {
    pub(super) fn of(described: &Description) -> Self {
        let arn = |bucket: &BucketDescription| {
            Arn::bucket(&described.partition, &bucket.name).as_str().to_owned()
        };
        let buckets: Vec<String> = described.buckets.iter().map(arn).collect();
        let objects: Vec<String> = buckets.iter().map(|bucket| format!("{bucket}/*")).collect();
        let all: Vec<String> =
            buckets.iter().zip(&objects).flat_map(|(b, o)| [b.clone(), o.clone()]).collect();
        let one_or_many = |list: Vec<String>| match list.as_slice() {
            [one] => json!(one),
            _ => json!(list),
        };
        Self { names: one_or_many(buckets), objects: one_or_many(objects), all: json!(all) }
    }

    /// All of S3, on the estate's buckets or in the whole account.
    pub(super) fn administered(&self, described: &Description, sid: &str) -> Value {
        let on = match described.admin_scope {
            AdminScope::Buckets => self.all.clone(),
            AdminScope::Account => json!("*"),
        };
        json!({"Sid": sid, "Effect": "Allow", "Action": "s3:*", "Resource": on})
    }
}

/// Only the portal, and only in the name of a person: session name, source identity and the tag
/// `uid` must be there, and no other tag unless the description lets others pass.
fn trusts_portal(described: &Description, portal: &Arn) -> Value {
    let mut condition = serde_json::Map::new();
    let mut demand = |operator: &str, keys: Value| condition.insert(operator.to_owned(), keys);
    demand(
        "StringLike",
        json!({"sts:RoleSessionName": "u-*", "aws:RequestTag/uid": "?*", "sts:SourceIdentity": "?*"}),
    );
    if described.session_tags == SessionTags::OnlyUid {
        demand("ForAllValues:StringEquals", json!({"aws:TagKeys": ["uid"]}));
    }
    if let Some(id) = &described.external_id {
        demand("StringEquals", json!({"sts:ExternalId": id}));
    }
    document(vec![
        json!({"Sid": "PortalAssumes", "Effect": "Allow", "Principal": {"AWS": portal.as_str()},
            "Action": "sts:AssumeRole", "Condition": condition}),
        json!({"Sid": "PortalTagsAndNames", "Effect": "Allow",
            "Principal": {"AWS": portal.as_str()},
            "Action": ["sts:TagSession", "sts:SetSourceIdentity"]}),
    ])
}

/// Only the portal, and only to scan: in nobody's name.
fn trusts_scan(described: &Description, portal: &Arn) -> Value {
    let mut equals = serde_json::Map::new();
    equals.insert("sts:RoleSessionName".to_owned(), json!(SCAN_SESSION));
    if let Some(id) = &described.external_id {
        equals.insert("sts:ExternalId".to_owned(), json!(id));
    }
    let mut statements = vec![json!({"Sid": "PortalScans", "Effect": "Allow",
        "Principal": {"AWS": portal.as_str()}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": equals}})];
    // A pod's tags go along whether it wants or not.
    if described.session_tags == SessionTags::Any {
        statements.push(json!({"Sid": "PortalTags", "Effect": "Allow",
            "Principal": {"AWS": portal.as_str()}, "Action": "sts:TagSession"}));
    }
    document(statements)
}

/// `aws:SourceAccount` is left out on purpose: nobody documents that EC2 fills it when it delivers
/// an instance's role, and a condition on an absent key would leave the instance without any.
fn trusts_instances() -> Value {
    document(vec![json!({"Sid": "InstancesAssume", "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})])
}

/// Who delivers the portal's credentials. ECS says for which task it asks, and must be asked for from
/// this account. Sources: ECS Developer Guide, "Task IAM role"; EKS User Guide, "Create IAM role with
/// trust policy required by EKS Pod Identity".
fn trusts_host(described: &Description) -> Value {
    let Description { partition, region, account, .. } = described;
    match described.portal_host {
        PortalHost::Ec2 => trusts_instances(),
        PortalHost::Ecs => document(vec![json!({"Sid": "TasksAssume", "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account.as_str()},
                "ArnLike": {"aws:SourceArn": format!("arn:{partition}:ecs:{region}:{account}:*")}}})]),
        PortalHost::Eks => document(vec![json!({"Sid": "PodsAssume", "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"]})]),
    }
}

fn assume_persons_roles(persons: &[Arn]) -> Value {
    let roles: Vec<&str> = persons.iter().map(Arn::as_str).collect();
    json!({"Sid": "ActForPersons", "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Resource": roles})
}

fn assume_scan_role(described: &Description) -> Result<Option<Value>, NameError> {
    if described.scan.is_none() {
        return Ok(None);
    }
    let (_, role) = role_arn(described, SCAN_ROLE)?;
    let mut actions = vec!["sts:AssumeRole"];
    actions.extend((described.session_tags == SessionTags::Any).then_some("sts:TagSession"));
    Ok(Some(json!({"Sid": "ScanFiles", "Effect": "Allow", "Action": actions,
        "Resource": role.as_str()})))
}

fn administer(described: &Description, of: &Buckets) -> Vec<Value> {
    let mut statements = vec![of.administered(described, "FullAccess"), see_bucket_names()];
    statements.extend(use_of_key(described, KeyUse::Write));
    statements
}

fn browse_and_read(described: &Description, of: &Buckets) -> Vec<Value> {
    let mut statements = vec![
        json!({"Sid": "Browse", "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"],
            "Resource": of.names}),
        json!({"Sid": "Read", "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes",
                       "s3:GetObjectVersionAttributes", "s3:GetObjectTagging",
                       "s3:GetObjectVersionTagging"],
            "Resource": of.objects}),
    ];
    statements.extend(use_of_key(described, KeyUse::Read));
    statements
}

fn work_with_files(described: &Description, of: &Buckets) -> Vec<Value> {
    let mut statements = vec![
        json!({"Sid": "ReadWriteDelete", "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": of.objects}),
        json!({"Sid": "Browse", "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": of.names}),
        json!({"Sid": "MultipartUpkeep", "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            "Resource": of.objects}),
        json!({"Sid": "SeeUnfinishedUploads", "Effect": "Allow",
            "Action": "s3:ListBucketMultipartUploads", "Resource": of.names}),
        json!({"Sid": "SeeTrash", "Effect": "Allow",
            "Action": ["s3:ListBucketVersions", "s3:GetBucketVersioning",
                       "s3:GetLifecycleConfiguration"],
            "Resource": of.names}),
        json!({"Sid": "RestoreFromTrash", "Effect": "Allow",
            "Action": ["s3:GetObjectVersion", "s3:GetObjectTagging",
                       "s3:GetObjectVersionTagging"],
            "Resource": of.objects}),
    ];
    statements.extend(use_of_key(described, KeyUse::Write));
    statements
}

/// Finds versions, reads them, and tags them with what was found. It writes and deletes no byte.
fn scan(described: &Description, of: &Buckets) -> Vec<Value> {
    let mut statements = vec![
        json!({"Sid": "Find", "Effect": "Allow", "Action": "s3:ListBucketVersions",
            "Resource": of.names}),
        json!({"Sid": "ReadAndTag", "Effect": "Allow",
            "Action": ["s3:GetObjectVersion", "s3:GetObjectVersionTagging",
                       "s3:PutObjectVersionTagging"],
            "Resource": of.objects}),
    ];
    statements.extend(use_of_key(described, KeyUse::Read));
    statements
}

/// The parts of an upload are listed when it is completed; whoever lists them must know its id.
fn upload_only(described: &Description, of: &Buckets) -> Vec<Value> {
    let mut statements = vec![
        json!({"Sid": "Upload", "Effect": "Allow", "Action": "s3:PutObject",
            "Resource": of.objects}),
        json!({"Sid": "MultipartUpkeep", "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            "Resource": of.objects}),
    ];
    statements.extend(use_of_key(described, KeyUse::Write));
    statements
}

/// Credentials from version 1 of the metadata service can be stolen by a forged request, so they
/// open nothing. Source: EC2 User Guide, `ec2:RoleDelivery`.
fn upload_from_instances(described: &Description) -> Vec<Value> {
    let designated = described.buckets.iter().filter_map(|bucket| {
        let prefix = bucket.instance_prefix.as_ref()?;
        let arn = Arn::bucket(&described.partition, &bucket.name);
        Some(format!("{}/{}*", arn.as_str(), literal(prefix.as_str())))
    });
    let designated: Vec<String> = designated.collect();
    let designated = match designated.as_slice() {
        [one] => json!(one),
        _ => json!(designated),
    };
    let mut statements = vec![json!({"Sid": "UploadHere", "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": designated})];
    statements.extend(use_of_key(described, KeyUse::Write));
    statements
        .push(json!({"Sid": "OnlyByImdsV2", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}}));
    statements
}

/// Writes the characters of a prefix that mean something in a policy as themselves.
pub(crate) fn literal(prefix: &str) -> String {
    prefix.chars().fold(String::new(), |mut out, c| {
        match c {
            '*' => out.push_str("${*}"),
            '?' => out.push_str("${?}"),
            '$' => out.push_str("${$}"),
            _ => out.push(c),
        }
        out
    })
}
