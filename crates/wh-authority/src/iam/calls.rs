//! What may be asked of users, groups, providers, the account and the simulator: one enum for each,
//! with AWS's names for what it asks.

use wh_ledger::AccessKeyStatus;
use wh_names::{AccessKeyId, GroupName, UserName};

use super::simulate::Simulation;

/// What may be asked of a user.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are AWS's actions; `name` spells them")]
pub enum UserCall {
    Create { path: String, boundary: Option<String>, tags: Vec<(String, String)> },
    Get,
    Update { name: Option<UserName>, path: Option<String> },
    Delete,
    Tag { tags: Vec<(String, String)> },
    Untag { keys: Vec<String> },
    ListTags,
    PutBoundary { policy_arn: String },
    DeleteBoundary,
    ListGroups,
    CreateAccessKey,
    ListAccessKeys,
    UpdateAccessKey { id: AccessKeyId, status: AccessKeyStatus },
    DeleteAccessKey { id: AccessKeyId },
}

impl UserCall {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CreateUser",
            Self::Get => "GetUser",
            Self::Update { .. } => "UpdateUser",
            Self::Delete => "DeleteUser",
            Self::Tag { .. } => "TagUser",
            Self::Untag { .. } => "UntagUser",
            Self::ListTags => "ListUserTags",
            Self::PutBoundary { .. } => "PutUserPermissionsBoundary",
            Self::DeleteBoundary => "DeleteUserPermissionsBoundary",
            Self::ListGroups => "ListGroupsForUser",
            Self::CreateAccessKey => "CreateAccessKey",
            Self::ListAccessKeys => "ListAccessKeys",
            Self::UpdateAccessKey { .. } => "UpdateAccessKey",
            Self::DeleteAccessKey { .. } => "DeleteAccessKey",
        }
    }
}

/// What may be asked of a group.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are AWS's actions; `name` spells them")]
pub enum GroupCall {
    Create { path: String },
    Get,
    Update { name: Option<GroupName>, path: Option<String> },
    Delete,
    AddUser { user: UserName },
    RemoveUser { user: UserName },
}

impl GroupCall {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CreateGroup",
            Self::Get => "GetGroup",
            Self::Update { .. } => "UpdateGroup",
            Self::Delete => "DeleteGroup",
            Self::AddUser { .. } => "AddUserToGroup",
            Self::RemoveUser { .. } => "RemoveUserFromGroup",
        }
    }
}

/// Who, beside roles, has policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A user.
    User(UserName),
    /// A group.
    Group(GroupName),
}

/// What may be asked of the policies of a user or a group.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are AWS's actions; `name` spells them")]
pub enum PolicyCall {
    PutInline { name: String, document: String },
    GetInline { name: String },
    ListInline,
    DeleteInline { name: String },
    Attach { policy_arn: String },
    Detach { policy_arn: String },
    ListAttached,
}

impl PolicyCall {
    pub(super) fn name(&self, holder: &Holder) -> &'static str {
        let (of_user, of_group) = match self {
            Self::PutInline { .. } => ("PutUserPolicy", "PutGroupPolicy"),
            Self::GetInline { .. } => ("GetUserPolicy", "GetGroupPolicy"),
            Self::ListInline => ("ListUserPolicies", "ListGroupPolicies"),
            Self::DeleteInline { .. } => ("DeleteUserPolicy", "DeleteGroupPolicy"),
            Self::Attach { .. } => ("AttachUserPolicy", "AttachGroupPolicy"),
            Self::Detach { .. } => ("DetachUserPolicy", "DetachGroupPolicy"),
            Self::ListAttached => ("ListAttachedUserPolicies", "ListAttachedGroupPolicies"),
        };
        match holder {
            Holder::User(_) => of_user,
            Holder::Group(_) => of_group,
        }
    }
}

/// What may be asked of an `OpenID` Connect provider.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are AWS's actions; `name` spells them")]
pub enum OidcCall {
    Get,
    Delete,
    AddClientId { id: String },
    RemoveClientId { id: String },
    UpdateThumbprints { thumbprints: Vec<String> },
}

impl OidcCall {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Get => "GetOpenIDConnectProvider",
            Self::Delete => "DeleteOpenIDConnectProvider",
            Self::AddClientId { .. } => "AddClientIDToOpenIDConnectProvider",
            Self::RemoveClientId { .. } => "RemoveClientIDFromOpenIDConnectProvider",
            Self::UpdateThumbprints { .. } => "UpdateOpenIDConnectProviderThumbprint",
        }
    }
}

/// What may be asked of the account as a whole.
#[derive(Debug, Clone, Copy)]
pub enum AccountCall {
    /// `GetAccountAuthorizationDetails`.
    AuthorizationDetails,
    /// `GetAccountSummary`.
    Summary,
    /// `ListAccountAliases`: there are none.
    Aliases,
}

impl AccountCall {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationDetails => "GetAccountAuthorizationDetails",
            Self::Summary => "GetAccountSummary",
            Self::Aliases => "ListAccountAliases",
        }
    }
}

/// What may be asked of the simulator.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are AWS's actions; `name` spells them")]
pub enum SimulateCall {
    Custom(Simulation),
    Principal { source: String, ask: Simulation },
    CustomKeys { policies: Vec<String> },
    PrincipalKeys { source: String, policies: Vec<String> },
}

impl SimulateCall {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Custom(_) => "SimulateCustomPolicy",
            Self::Principal { .. } => "SimulatePrincipalPolicy",
            Self::CustomKeys { .. } => "GetContextKeysForCustomPolicy",
            Self::PrincipalKeys { .. } => "GetContextKeysForPrincipalPolicy",
        }
    }
}
