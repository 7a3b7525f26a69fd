//! What may be asked of IAM.

use wh_ledger::{IamRows, UserRow};
use wh_names::{AccessKeyId, GroupName, RoleName, UserName};

use super::groups::group_key;
use super::users::user_key;
use super::{
    AccountCall, GroupCall, Holder, OidcCall, PolicyCall, SimulateCall, TagCall, Tagged, UserCall,
    key, role_key,
};
use crate::oidc::without_scheme;
use crate::state::Place;

/// A request to IAM. Paths begin and end with `/`; documents are JSON text; ARNs are checked
/// against what there is.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants and fields are AWS's, by name")]
pub enum IamRequest {
    User(UserName, UserCall),
    ListUsers { path_prefix: String },
    GetAccessKeyLastUsed { id: AccessKeyId },
    Group(GroupName, GroupCall),
    ListGroups { path_prefix: String },
    Policies(Holder, PolicyCall),
    CreateOpenIdConnectProvider { url: String, client_ids: Vec<String>, thumbprints: Vec<String> },
    ListOpenIdConnectProviders,
    OidcProvider(String, OidcCall),
    Account(AccountCall),
    ListEntitiesForPolicy { arn: String },
    Simulate(SimulateCall),
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
    Tags(Tagged, TagCall),
    CreateInstanceProfile { name: String, path: String, tags: Vec<(String, String)> },
    ListInstanceProfiles { path_prefix: String },
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
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl IamRequest {
    /// AWS's name of the action: `CreateRole`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::User(_, call) => call.name(),
            Self::ListUsers { .. } => "ListUsers",
            Self::GetAccessKeyLastUsed { .. } => "GetAccessKeyLastUsed",
            Self::Group(_, call) => call.name(),
            Self::ListGroups { .. } => "ListGroups",
            Self::Policies(holder, call) => call.name(holder),
            Self::CreateOpenIdConnectProvider { .. } => "CreateOpenIDConnectProvider",
            Self::ListOpenIdConnectProviders => "ListOpenIDConnectProviders",
            Self::OidcProvider(_, call) => call.name(),
            Self::Account(call) => call.name(),
            Self::ListEntitiesForPolicy { .. } => "ListEntitiesForPolicy",
            Self::Simulate(call) => call.name(),
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
            Self::Tags(tagged, call) => call.name(tagged),
            Self::CreateInstanceProfile { .. } => "CreateInstanceProfile",
            Self::ListInstanceProfiles { .. } => "ListInstanceProfiles",
            Self::GetInstanceProfile { .. } => "GetInstanceProfile",
            Self::AddRoleToInstanceProfile { .. } => "AddRoleToInstanceProfile",
            Self::RemoveRoleFromInstanceProfile { .. } => "RemoveRoleFromInstanceProfile",
            Self::DeleteInstanceProfile { .. } => "DeleteInstanceProfile",
            Self::ListInstanceProfilesForRole { .. } => "ListInstanceProfilesForRole",
        }
    }

    /// Whether the request only reads.
    pub fn only_reads(&self) -> bool {
        ["Get", "List", "Simulate"].iter().any(|verb| self.name().starts_with(verb))
    }

    /// The ARN on which the request is judged. Names find what they name whatever their case; the ARN
    /// is that of what was found, so that no spelling gets around a policy.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are about a role: see `role`")]
    pub(super) fn resource(&self, place: &Place, rows: &IamRows) -> String {
        if let Some(role) = self.role() {
            return role_arn(place, rows, role);
        }
        match self {
            Self::User(name, UserCall::Create { path, .. }) => {
                place.iam("user", path, name.as_str())
            }
            Self::User(name, _) | Self::Policies(Holder::User(name), _) => {
                user_arn(place, rows, name)
            }
            Self::ListUsers { path_prefix } => place.iam("user", path_prefix, "*"),
            Self::GetAccessKeyLastUsed { id } => {
                let has = |user: &&UserRow| user.access_keys.iter().any(|key| key.id == *id);
                let user = rows.users.values().find(has);
                user.map_or_else(|| place.iam("user", "/", "*"), |row| place.user(row).to_string())
            }
            Self::Group(name, GroupCall::Create { path }) => {
                place.iam("group", path, name.as_str())
            }
            Self::Group(name, _) | Self::Policies(Holder::Group(name), _) => {
                group_arn(place, rows, name)
            }
            Self::ListGroups { path_prefix } => place.iam("group", path_prefix, "*"),
            Self::CreateOpenIdConnectProvider { url, .. } => place.oidc(without_scheme(url)),
            Self::ListOpenIdConnectProviders => place.oidc("*"),
            // Judged on `*`; this is the account's nearest to it.
            Self::Account(_)
            | Self::Simulate(SimulateCall::Custom(_) | SimulateCall::CustomKeys { .. }) => {
                place.iam("*", "", "")
            }
            Self::Simulate(
                SimulateCall::Principal { source, .. } | SimulateCall::PrincipalKeys { source, .. },
            ) => source.clone(),
            Self::CreateRole(create) => place.iam("role", &create.path, create.name.as_str()),
            Self::CreateServiceLinkedRole { service, .. } => {
                place.iam("role", &format!("/aws-service-role/{service}/"), "*")
            }
            Self::ListRoles { path_prefix } => place.iam("role", path_prefix, "*"),
            Self::ListPolicies { path_prefix } => place.iam("policy", path_prefix, "*"),
            Self::CreatePolicy(create) => place.iam("policy", &create.path, &create.name),
            Self::OidcProvider(arn, _)
            | Self::Tags(Tagged::Policy(arn), _)
            | Self::GetPolicy { arn }
            | Self::DeletePolicy { arn }
            | Self::CreatePolicyVersion { arn, .. }
            | Self::SetDefaultPolicyVersion { arn, .. }
            | Self::GetPolicyVersion { arn, .. }
            | Self::ListPolicyVersions { arn }
            | Self::DeletePolicyVersion { arn, .. }
            | Self::ListEntitiesForPolicy { arn } => arn.clone(),
            Self::CreateInstanceProfile { name, path, .. } => {
                place.iam("instance-profile", path, name)
            }
            Self::ListInstanceProfiles { path_prefix } => {
                place.iam("instance-profile", path_prefix, "*")
            }
            Self::Tags(Tagged::InstanceProfile(name), _)
            | Self::GetInstanceProfile { name }
            | Self::AddRoleToInstanceProfile { name, .. }
            | Self::RemoveRoleFromInstanceProfile { name, .. }
            | Self::DeleteInstanceProfile { name } => profile_arn(place, rows, name),
            // All others are about a role.
            _ => place.iam("role", "/", "*"),
        }
    }

    /// The ARN of the role that the request hands to a service.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others hand on no role")]
    pub(super) fn passed_role(&self, place: &Place, rows: &IamRows) -> Option<String> {
        match self {
            Self::AddRoleToInstanceProfile { role, .. } => Some(role_arn(place, rows, role)),
            _ => None,
        }
    }

    /// The role that the request is about, where it is about one that should be there.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are about something else")]
    pub(super) fn role(&self) -> Option<&RoleName> {
        match self {
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
            | Self::ListInstanceProfilesForRole { role } => Some(role),
            _ => None,
        }
    }
}

fn user_arn(place: &Place, rows: &IamRows, name: &UserName) -> String {
    let known = rows.users.get(&user_key(name));
    known.map_or_else(|| place.iam("user", "/", name.as_str()), |row| place.user(row).to_string())
}

fn group_arn(place: &Place, rows: &IamRows, name: &GroupName) -> String {
    let known = rows.groups.get(&group_key(name));
    let (path, name) = known.map_or(("/", name), |row| (row.path.as_str(), &row.name));
    place.iam("group", path, name.as_str())
}

fn role_arn(place: &Place, rows: &IamRows, name: &RoleName) -> String {
    let known = rows.roles.get(&role_key(name));
    let (path, name) = known.map_or(("/", name), |row| (row.path.as_str(), &row.name));
    place.iam("role", path, name.as_str())
}

fn profile_arn(place: &Place, rows: &IamRows, name: &str) -> String {
    let known = rows.profiles.get(&key(name));
    let (path, name) = known.map_or(("/", name), |row| (row.path.as_str(), row.name.as_str()));
    place.iam("instance-profile", path, name)
}
