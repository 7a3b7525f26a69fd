//! The roles of the standard estate: who may assume each, and what it may do.
//!
//! A role says *what*; the grant's session policy says *where*. The policies here are therefore free
//! of persons' prefixes.

mod boundaries;
mod standard;

use std::collections::BTreeMap;

use wh_names::{Arn, RoleName};
use wh_policy::NamedPolicy;

pub(crate) use boundaries::{Boundaries, boundaries};
pub(crate) use standard::{instance_profiles, literal, standard};

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

/// The role of the scan for malware, where there is one.
pub const SCAN_ROLE: &str = "ScanRole";
/// The name of its sessions.
pub const SCAN_SESSION: &str = "wellhouse-scan";

/// The roles that a grant may name. The others are for instances, for the scan and for the portal
/// itself.
pub const ROLES_GRANTABLE: [&str; 4] = [ADMIN_ROLE, REGULAR_USER_ROLE, S3_ACCESS_ROLE, UPLOAD_ROLE];
/// The name of the managed policy that bounds every role that acts on files.
pub const BOUNDARY_POLICY: &str = "WellhouseBoundary";
/// The name of the managed policy that bounds the portal's role.
pub const PORTAL_BOUNDARY_POLICY: &str = "WellhousePortalBoundary";

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
    pub boundary: NamedPolicy,
    /// The managed policy behind `boundary`.
    pub boundary_arn: Arn,
    /// The longest session, in seconds.
    pub max_session_seconds: u32,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
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
    /// Its tags; empty where the store has none for policies.
    pub tags: BTreeMap<String, String>,
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
    /// Its tags; empty where the store has none for instance profiles.
    pub tags: BTreeMap<String, String>,
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

impl RoleSpec {
    /// What IAM shows as the role's description. IAM takes Latin letters only.
    pub fn description(&self) -> String {
        format!("Wellhouse: for {}", self.purpose)
    }
}
