//! The roles of the standard estate: who may assume each, and what it may do.
//!
//! A role says *what*; the grant's session policy says *where*. The policies here are therefore free
//! of persons' prefixes.

use serde_json::{Value, json};
use wh_names::{Arn, NameError, RoleName};
use wh_policy::{NamedPolicy, PolicyKind};

use crate::estate::{EstateError, StandardEstate, path, policy, role_arn};

/// The role of administrators.
pub const ADMIN_ROLE: &str = "AdminRole";
/// The role of everyone who registers.
pub const REGULAR_USER_ROLE: &str = "RegularUserRole";
/// The role of those who work with files.
pub const S3_ACCESS_ROLE: &str = "S3AccessRole";
/// The role of drop boxes.
pub const UPLOAD_ROLE: &str = "UploadRole";
/// The role of instances that upload, and the name of its instance profile.
pub const EC2_UPLOAD_ROLE: &str = "EC2UploadRole";
/// The role of the portal.
pub const PORTAL_ROLE: &str = "PortalRole";
/// The name of the managed policy that bounds every role that acts on files.
pub const BOUNDARY_POLICY: &str = "WellhouseBoundary";

/// The longest session of any role, in seconds.
pub const SESSION_SECONDS_MAX: u32 = 3600;

/// One role, as it should be.
#[derive(Debug, Clone)]
pub struct RoleSpec {
    /// The role's name.
    pub name: RoleName,
    /// The role's ARN, with its path.
    pub arn: Arn,
    /// The role's path, beginning and ending in `/`.
    pub path: String,
    /// Whom the role is for, as a clause.
    pub purpose: &'static str,
    /// Who may assume the role.
    pub trust: NamedPolicy,
    /// What the role may do: its inline policies.
    pub permissions: Vec<NamedPolicy>,
    /// What no policy of the role can exceed.
    pub boundary: Option<NamedPolicy>,
    /// The managed policy behind `boundary`.
    pub boundary_arn: Option<Arn>,
    /// The longest session, in seconds.
    pub max_session_seconds: u32,
}

/// One managed policy, as it should be.
#[derive(Debug, Clone)]
pub struct ManagedPolicySpec {
    /// The policy's ARN, with its path.
    pub arn: Arn,
    /// The policy's path, beginning and ending in `/`.
    pub path: String,
    /// Its name and default version.
    pub policy: NamedPolicy,
}

/// One instance profile, as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceProfileSpec {
    /// The profile's name.
    pub name: RoleName,
    /// The profile's path, beginning and ending in `/`.
    pub path: String,
    /// The one role that it delivers.
    pub role: RoleName,
}

/// A role that AWS makes for one of its services. Ensured and read back; never edited or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLinkedRole {
    /// The role's name, as AWS gives it.
    pub name: &'static str,
    /// The service's principal, such as `support.amazonaws.com`.
    pub service: &'static str,
    /// What AWS does with it, as a clause.
    pub purpose: &'static str,
}

/// Where the two service-linked roles are found: by path, for not every store spells their names
/// alike.
impl ServiceLinkedRole {
    /// The path that AWS gives to the service's roles.
    pub fn path(&self) -> String {
        format!("/aws-service-role/{}/", self.service)
    }
}

pub(crate) fn service_linked() -> Vec<ServiceLinkedRole> {
    vec![
        ServiceLinkedRole {
            name: "AWSServiceRoleForSupport",
            service: "support.amazonaws.com",
            purpose: "AWS Support reads what it needs for billing, administration and support",
        },
        ServiceLinkedRole {
            name: "AWSServiceRoleForTrustedAdvisor",
            service: "trustedadvisor.amazonaws.com",
            purpose: "AWS Trusted Advisor reads what it needs for its recommendations",
        },
    ]
}

pub(crate) fn instance_profiles(
    described: &StandardEstate,
) -> Result<Vec<InstanceProfileSpec>, NameError> {
    let name = RoleName::parse(EC2_UPLOAD_ROLE)?;
    Ok(vec![InstanceProfileSpec { role: name.clone(), name, path: path(described) }])
}

pub(crate) fn boundary(described: &StandardEstate) -> Result<ManagedPolicySpec, EstateError> {
    let path = path(described);
    let (partition, account) = (&described.partition, &described.account);
    let arn = format!("arn:{partition}:iam::{account}:policy{path}{BOUNDARY_POLICY}");
    let Buckets { bucket, objects } = Buckets::of(described);
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "OnlyThisBucket", "Effect": "Allow", "Action": "s3:*",
         "Resource": [bucket, objects]},
        {"Sid": "SeeBucketNames", "Effect": "Allow", "Action": "s3:ListAllMyBuckets",
         "Resource": "*"},
    ]});
    Ok(ManagedPolicySpec {
        arn: Arn::parse(&arn)?,
        path,
        policy: policy(BOUNDARY_POLICY, PolicyKind::Boundary, &document)?,
    })
}

/// In the order in which they are made: persons' roles name `PortalRole` as their principal, so it
/// comes before them.
pub(crate) fn standard(
    described: &StandardEstate,
    boundary: &ManagedPolicySpec,
) -> Result<Vec<RoleSpec>, EstateError> {
    let persons = [ADMIN_ROLE, REGULAR_USER_ROLE, S3_ACCESS_ROLE, UPLOAD_ROLE]
        .into_iter()
        .map(|name| role_arn(described, name).map(|(_, arn)| arn))
        .collect::<Result<Vec<_>, _>>()?;
    let (_, portal) = role_arn(described, PORTAL_ROLE)?;
    let buckets = Buckets::of(described);
    let make = |name, purpose, permissions: Value, trust: Value| {
        let within = (name != PORTAL_ROLE).then_some(boundary);
        role(described, Outline { name, purpose, permissions, trust, within })
    };
    Ok(vec![
        make(PORTAL_ROLE, "the portal", assume_persons_roles(&persons), trusts_instances())?,
        make(
            EC2_UPLOAD_ROLE,
            "instances that upload",
            upload_from_instances(described),
            trusts_instances(),
        )?,
        make(ADMIN_ROLE, "administrators", administer(&buckets), trusts_portal(&portal))?,
        make(
            REGULAR_USER_ROLE,
            "everyone who registers",
            browse_and_read(&buckets),
            trusts_portal(&portal),
        )?,
        make(
            S3_ACCESS_ROLE,
            "those who work with files",
            work_with_files(&buckets),
            trusts_portal(&portal),
        )?,
        make(
            UPLOAD_ROLE,
            "drop boxes and file requests",
            upload_only(&buckets),
            trusts_portal(&portal),
        )?,
    ])
}

struct Outline<'a> {
    name: &'a str,
    purpose: &'static str,
    permissions: Value,
    trust: Value,
    within: Option<&'a ManagedPolicySpec>,
}

fn role(described: &StandardEstate, outline: Outline<'_>) -> Result<RoleSpec, EstateError> {
    let (name, arn) = role_arn(described, outline.name)?;
    let permissions = policy(outline.name, PolicyKind::Identity, &outline.permissions)?;
    Ok(RoleSpec {
        name,
        arn,
        path: path(described),
        purpose: outline.purpose,
        trust: policy("trust policy", PolicyKind::Trust, &outline.trust)?,
        permissions: vec![permissions],
        boundary: outline.within.map(|spec| spec.policy.clone()),
        boundary_arn: outline.within.map(|spec| spec.arn.clone()),
        max_session_seconds: SESSION_SECONDS_MAX,
    })
}

struct Buckets {
    bucket: String,
    objects: String,
}

impl Buckets {
    fn of(described: &StandardEstate) -> Self {
        let bucket = Arn::bucket(&described.partition, &described.bucket);
        Self { objects: format!("{bucket}/*"), bucket: bucket.as_str().to_owned() }
    }
}

/// Only the portal, and only in the name of a person: session name, source identity and the tag
/// `uid` must be there, and no other tag.
fn trusts_portal(portal: &Arn) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "PortalAssumes", "Effect": "Allow", "Principal": {"AWS": portal.as_str()},
         "Action": "sts:AssumeRole",
         "Condition": {
            "StringLike": {"sts:RoleSessionName": "u-*", "aws:RequestTag/uid": "?*",
                           "sts:SourceIdentity": "?*"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["uid"]}}},
        {"Sid": "PortalTagsAndNames", "Effect": "Allow", "Principal": {"AWS": portal.as_str()},
         "Action": ["sts:TagSession", "sts:SetSourceIdentity"]},
    ]})
}

/// `aws:SourceAccount` is left out on purpose: nobody documents that EC2 fills it when it delivers
/// an instance's role, and a condition on an absent key would leave the instance without any.
fn trusts_instances() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "InstancesAssume", "Effect": "Allow",
         "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]})
}

fn assume_persons_roles(persons: &[Arn]) -> Value {
    let roles: Vec<&str> = persons.iter().map(Arn::as_str).collect();
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "ActForPersons", "Effect": "Allow",
         "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
         "Resource": roles},
    ]})
}

fn administer(of: &Buckets) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "FullAccess", "Effect": "Allow", "Action": "s3:*",
         "Resource": [of.bucket, of.objects]},
        {"Sid": "SeeBucketNames", "Effect": "Allow", "Action": "s3:ListAllMyBuckets",
         "Resource": "*"},
    ]})
}

fn browse_and_read(of: &Buckets) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Browse", "Effect": "Allow",
         "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"],
         "Resource": of.bucket},
        {"Sid": "Read", "Effect": "Allow",
         "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes",
                    "s3:GetObjectVersionAttributes", "s3:GetObjectTagging",
                    "s3:GetObjectVersionTagging"],
         "Resource": of.objects},
    ]})
}

fn work_with_files(of: &Buckets) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "ReadWriteDelete", "Effect": "Allow",
         "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": of.objects},
        {"Sid": "Browse", "Effect": "Allow",
         "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": of.bucket},
        {"Sid": "MultipartUpkeep", "Effect": "Allow",
         "Action": ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
         "Resource": of.objects},
        {"Sid": "SeeUnfinishedUploads", "Effect": "Allow",
         "Action": "s3:ListBucketMultipartUploads", "Resource": of.bucket},
    ]})
}

/// The parts of an upload are listed when it is completed; whoever lists them must know its id.
fn upload_only(of: &Buckets) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Upload", "Effect": "Allow", "Action": "s3:PutObject", "Resource": of.objects},
        {"Sid": "MultipartUpkeep", "Effect": "Allow",
         "Action": ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
         "Resource": of.objects},
    ]})
}

/// Credentials from version 1 of the metadata service can be stolen by a forged request, so they
/// open nothing. Source: EC2 User Guide, `ec2:RoleDelivery`.
fn upload_from_instances(described: &StandardEstate) -> Value {
    let bucket = Arn::bucket(&described.partition, &described.bucket);
    let designated = format!("{bucket}/{}*", literal(described.instance_prefix.as_str()));
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "UploadHere", "Effect": "Allow",
         "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": designated},
        {"Sid": "OnlyByImdsV2", "Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}},
    ]})
}

/// Writes the characters of a prefix that mean something in a policy as themselves.
fn literal(prefix: &str) -> String {
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

impl RoleSpec {
    /// What IAM shows as the role's description. IAM takes Latin letters only.
    pub fn description(&self) -> String {
        format!("Wellhouse: for {}", self.purpose)
    }
}
