//! What may be asked of IAM.

use wh_ledger::IamRows;
use wh_names::RoleName;

use super::{key, role_key};
use crate::state::Place;

/// A request to IAM. Paths begin and end with `/`; documents are JSON text; ARNs are checked
/// against what there is.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants and fields are AWS's, by name")]
pub enum IamRequest {
    CreateRole(CreateRole),
    CreateServiceLinkedRole { service: String, description: String },
    GetRole { role: RoleName },
    ListRoles { path_prefix: String },
    UpdateRole { role: RoleName, description: Option<String>, max_session_s: Option<u32> },
    UpdateAssumeRolePolicy { role: RoleName, document: String },
    DeleteRole { role: RoleName },
    TagRole { role: RoleName, tags: Vec<(String, String)> },
    UntagRole { role: RoleName, keys: Vec<String> },
    ListRoleTags { role: RoleName },
    PutRolePolicy { role: RoleName, name: String, document: String },
    GetRolePolicy { role: RoleName, name: String },
    ListRolePolicies { role: RoleName },
    DeleteRolePolicy { role: RoleName, name: String },
    PutRolePermissionsBoundary { role: RoleName, policy_arn: String },
    DeleteRolePermissionsBoundary { role: RoleName },
    AttachRolePolicy { role: RoleName, policy_arn: String },
    DetachRolePolicy { role: RoleName, policy_arn: String },
    ListAttachedRolePolicies { role: RoleName },
    CreatePolicy(CreatePolicy),
    GetPolicy { arn: String },
    ListPolicies { path_prefix: String },
    DeletePolicy { arn: String },
    CreatePolicyVersion { arn: String, document: String, set_as_default: bool },
    SetDefaultPolicyVersion { arn: String, version: String },
    GetPolicyVersion { arn: String, version: String },
    ListPolicyVersions { arn: String },
    DeletePolicyVersion { arn: String, version: String },
    CreateInstanceProfile { name: String, path: String },
    GetInstanceProfile { name: String },
    AddRoleToInstanceProfile { name: String, role: RoleName },
    RemoveRoleFromInstanceProfile { name: String, role: RoleName },
    DeleteInstanceProfile { name: String },
    ListInstanceProfilesForRole { role: RoleName },
}

/// What a role begins with.
#[derive(Debug, Clone)]
pub struct CreateRole {
    /// Its name.
    pub name: RoleName,
    /// Its path.
    pub path: String,
    /// Its trust policy.
    pub trust: String,
    /// What it is for.
    pub description: String,
    /// The longest session, in seconds: 3,600 (the default) to 43,200.
    pub max_session_s: Option<u32>,
    /// The ARN of the managed policy that bounds it.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// What a managed policy begins with.
#[derive(Debug, Clone)]
pub struct CreatePolicy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its first version.
    pub document: String,
    /// What it is for.
    pub description: String,
}

impl IamRequest {
    /// AWS's name of the action: `CreateRole`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateRole(_) => "CreateRole",
            Self::CreateServiceLinkedRole { .. } => "CreateServiceLinkedRole",
            Self::GetRole { .. } => "GetRole",
            Self::ListRoles { .. } => "ListRoles",
            Self::UpdateRole { .. } => "UpdateRole",
            Self::UpdateAssumeRolePolicy { .. } => "UpdateAssumeRolePolicy",
            Self::DeleteRole { .. } => "DeleteRole",
            Self::TagRole { .. } => "TagRole",
            Self::UntagRole { .. } => "UntagRole",
            Self::ListRoleTags { .. } => "ListRoleTags",
            Self::PutRolePolicy { .. } => "PutRolePolicy",
            Self::GetRolePolicy { .. } => "GetRolePolicy",
            Self::ListRolePolicies { .. } => "ListRolePolicies",
            Self::DeleteRolePolicy { .. } => "DeleteRolePolicy",
            Self::PutRolePermissionsBoundary { .. } => "PutRolePermissionsBoundary",
            Self::DeleteRolePermissionsBoundary { .. } => "DeleteRolePermissionsBoundary",
            Self::AttachRolePolicy { .. } => "AttachRolePolicy",
            Self::DetachRolePolicy { .. } => "DetachRolePolicy",
            Self::ListAttachedRolePolicies { .. } => "ListAttachedRolePolicies",
            Self::CreatePolicy(_) => "CreatePolicy",
            Self::GetPolicy { .. } => "GetPolicy",
            Self::ListPolicies { .. } => "ListPolicies",
            Self::DeletePolicy { .. } => "DeletePolicy",
            Self::CreatePolicyVersion { .. } => "CreatePolicyVersion",
            Self::SetDefaultPolicyVersion { .. } => "SetDefaultPolicyVersion",
            Self::GetPolicyVersion { .. } => "GetPolicyVersion",
            Self::ListPolicyVersions { .. } => "ListPolicyVersions",
            Self::DeletePolicyVersion { .. } => "DeletePolicyVersion",
            Self::CreateInstanceProfile { .. } => "CreateInstanceProfile",
            Self::GetInstanceProfile { .. } => "GetInstanceProfile",
            Self::AddRoleToInstanceProfile { .. } => "AddRoleToInstanceProfile",
            Self::RemoveRoleFromInstanceProfile { .. } => "RemoveRoleFromInstanceProfile",
            Self::DeleteInstanceProfile { .. } => "DeleteInstanceProfile",
            Self::ListInstanceProfilesForRole { .. } => "ListInstanceProfilesForRole",
        }
    }

    /// Whether the request only reads.
    pub fn only_reads(&self) -> bool {
        self.name().starts_with("Get") || self.name().starts_with("List")
    }

    /// The ARN on which the request is judged.
    pub(super) fn resource(&self, place: &Place, rows: &IamRows) -> String {
        match self {
            Self::CreateRole(create) => place.iam("role", &create.path, create.name.as_str()),
            Self::CreateServiceLinkedRole { service, .. } => {
                place.iam("role", &format!("/aws-service-role/{service}/"), "*")
            }
            Self::ListRoles { path_prefix } => place.iam("role", path_prefix, "*"),
            Self::ListPolicies { path_prefix } => place.iam("policy", path_prefix, "*"),
            Self::GetRole { role }
            | Self::UpdateRole { role, .. }
            | Self::UpdateAssumeRolePolicy { role, .. }
            | Self::DeleteRole { role }
            | Self::TagRole { role, .. }
            | Self::UntagRole { role, .. }
            | Self::ListRoleTags { role }
            | Self::PutRolePolicy { role, .. }
            | Self::GetRolePolicy { role, .. }
            | Self::ListRolePolicies { role }
            | Self::DeleteRolePolicy { role, .. }
            | Self::PutRolePermissionsBoundary { role, .. }
            | Self::DeleteRolePermissionsBoundary { role }
            | Self::AttachRolePolicy { role, .. }
            | Self::DetachRolePolicy { role, .. }
            | Self::ListAttachedRolePolicies { role }
            | Self::ListInstanceProfilesForRole { role } => {
                let path = rows.roles.get(&role_key(role)).map_or("/", |row| row.path.as_str());
                place.iam("role", path, role.as_str())
            }
            Self::CreatePolicy(create) => place.iam("policy", &create.path, &create.name),
            Self::GetPolicy { arn }
            | Self::DeletePolicy { arn }
            | Self::CreatePolicyVersion { arn, .. }
            | Self::SetDefaultPolicyVersion { arn, .. }
            | Self::GetPolicyVersion { arn, .. }
            | Self::ListPolicyVersions { arn }
            | Self::DeletePolicyVersion { arn, .. } => arn.clone(),
            Self::CreateInstanceProfile { name, path } => place.iam("instance-profile", path, name),
            Self::GetInstanceProfile { name }
            | Self::AddRoleToInstanceProfile { name, .. }
            | Self::RemoveRoleFromInstanceProfile { name, .. }
            | Self::DeleteInstanceProfile { name } => {
                let path = rows.profiles.get(&key(name)).map_or("/", |row| row.path.as_str());
                place.iam("instance-profile", path, name)
            }
        }
    }
}
