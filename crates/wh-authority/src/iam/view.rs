//! What IAM answers.

use jiff::Timestamp;
use wh_ledger::{InstanceProfileRow, PolicyRow, RoleRow};
use wh_names::Arn;

use super::{Ground, role_key};

/// A role as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: Arn,
    /// All else.
    pub row: RoleRow,
}

/// A managed policy as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its ARN.
    pub arn: String,
    /// How many roles it is attached to.
    pub attachments: usize,
    /// How many roles it is the boundary of.
    pub boundaries: usize,
    /// All else.
    pub row: PolicyRow,
}

/// A version of a managed policy as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// `v1`, `v2`, …
    pub id: String,
    /// Whether it is the one that counts.
    pub is_default: bool,
    /// Its text.
    pub document: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An instance profile as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceProfile {
    /// Its ARN.
    pub arn: String,
    /// The role in it.
    pub role: Option<Role>,
    /// All else.
    pub row: InstanceProfileRow,
}

/// What IAM answers. Lists are whole: they are never cut into pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IamReply {
    /// It is done; there is nothing to tell.
    Done,
    /// One role: `CreateRole`, `GetRole`, `CreateServiceLinkedRole`.
    Role(Role),
    /// `ListRoles`.
    Roles(Vec<Role>),
    /// `ListRoleTags`.
    Tags(Vec<(String, String)>),
    /// `GetRolePolicy`.
    RolePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
        /// The policy's text.
        document: String,
    },
    /// `ListRolePolicies`.
    PolicyNames(Vec<String>),
    /// `ListAttachedRolePolicies`: name and ARN.
    AttachedPolicies(Vec<(String, String)>),
    /// One managed policy: `CreatePolicy`, `GetPolicy`.
    Policy(Policy),
    /// `ListPolicies`.
    Policies(Vec<Policy>),
    /// One version: `CreatePolicyVersion`, `GetPolicyVersion`.
    PolicyVersion(PolicyVersion),
    /// `ListPolicyVersions`.
    PolicyVersions(Vec<PolicyVersion>),
    /// One instance profile.
    InstanceProfile(InstanceProfile),
    /// `ListInstanceProfilesForRole`.
    InstanceProfiles(Vec<InstanceProfile>),
}

impl Ground<'_> {
    pub(super) fn role_view(&self, row: &RoleRow) -> Role {
        Role { arn: self.place.role(row), row: row.clone() }
    }

    pub(super) fn policy_view(&self, row: &PolicyRow) -> Policy {
        let arn = self.policy_arn(row);
        let roles = || self.rows.roles.values();
        Policy {
            attachments: roles().filter(|r| r.attached.contains(&arn)).count(),
            boundaries: roles().filter(|r| r.boundary.as_ref() == Some(&arn)).count(),
            row: row.clone(),
            arn,
        }
    }

    pub(super) fn policy_arn(&self, row: &PolicyRow) -> String {
        self.place.iam("policy", &row.path, &row.name)
    }

    pub(super) fn profile_view(&self, row: &InstanceProfileRow) -> InstanceProfile {
        let role = row.role.as_ref().and_then(|name| self.rows.roles.get(&role_key(name)));
        InstanceProfile {
            arn: self.place.iam("instance-profile", &row.path, &row.name),
            role: role.map(|role| self.role_view(role)),
            row: row.clone(),
        }
    }
}

/// A version as it is told.
pub(super) fn version_view(row: &PolicyRow, number: u32) -> Option<PolicyVersion> {
    let version = row.versions.get(&number)?;
    Some(PolicyVersion {
        id: format!("v{number}"),
        is_default: number == row.default_version,
        document: version.document.clone(),
        created_at: version.created_at,
    })
}
