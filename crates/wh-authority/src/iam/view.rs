//! What IAM answers.

use jiff::Timestamp;
use wh_ledger::{
    AccessKeyStatus, AccessKeyUse, GroupRow, InstanceProfileRow, OidcProviderRow, PolicyRow,
    RoleRow, UserRow,
};
use wh_names::{AccessKeyId, Arn, Secret, UserName};

use super::{Ground, Holder, SimulationResult, role_key};

/// A user as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its ARN.
    pub arn: Arn,
    /// All else.
    pub row: UserRow,
}

/// An `OpenID` Connect provider as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its ARN.
    pub arn: String,
    /// All else.
    pub row: OidcProviderRow,
}

/// All of IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDetails {
    /// The users.
    pub users: Vec<User>,
    /// The groups.
    pub groups: Vec<Group>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The managed policies, with all their versions.
    pub policies: Vec<Policy>,
    /// The instance profiles.
    pub profiles: Vec<InstanceProfile>,
}

/// Whom a managed policy is attached to: names and unique ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEntities {
    /// Users.
    pub users: Vec<(String, String)>,
    /// Groups.
    pub groups: Vec<(String, String)>,
    /// Roles.
    pub roles: Vec<(String, String)>,
}

/// A group as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// All else.
    pub row: GroupRow,
}

/// An access key as it is told: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Whose it is.
    pub user: UserName,
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// Whether it counts.
    pub status: AccessKeyStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An access key that was just made, with its secret, which is told this once.
#[derive(Debug, Clone)]
pub struct NewAccessKey {
    /// Whose it is.
    pub user: UserName,
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// The secret.
    pub secret: Secret,
    /// When it was made.
    pub created_at: Timestamp,
}

impl PartialEq for NewAccessKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.user, &self.id, self.created_at) == (&other.user, &other.id, other.created_at)
            && self.secret.matches(&other.secret)
    }
}

impl Eq for NewAccessKey {}

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
    /// How many users, groups and roles it is attached to.
    pub attachments: usize,
    /// How many users and roles it is the boundary of.
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
    /// One user: `CreateUser`, `GetUser`.
    User(User),
    /// `ListUsers`.
    Users(Vec<User>),
    /// One group: `CreateGroup`, and with its members `GetGroup`.
    Group {
        /// The group.
        group: Group,
        /// Its members, where they were asked for.
        users: Option<Vec<User>>,
    },
    /// `ListGroups`, `ListGroupsForUser`.
    Groups(Vec<Group>),
    /// `CreateAccessKey`.
    NewAccessKey(NewAccessKey),
    /// `ListAccessKeys`.
    AccessKeys(Vec<AccessKey>),
    /// `GetAccessKeyLastUsed`.
    AccessKeyLastUsed {
        /// Whose key it is.
        user: UserName,
        /// Its last use, if it was ever used.
        used: Option<AccessKeyUse>,
    },
    /// `GetUserPolicy`, `GetGroupPolicy`.
    HolderPolicy {
        /// The user or group.
        holder: Holder,
        /// The policy's name.
        name: String,
        /// The policy's text.
        document: String,
    },
    /// `CreateOpenIDConnectProvider`: the provider's ARN.
    OidcProviderArn(String),
    /// `GetOpenIDConnectProvider`.
    OidcProvider(OidcProvider),
    /// `ListOpenIDConnectProviders`: their ARNs.
    OidcProviders(Vec<String>),
    /// `GetAccountAuthorizationDetails`.
    AccountDetails(AccountDetails),
    /// `GetAccountSummary`: what there is and what there may be, by AWS's names.
    AccountSummary(Vec<(&'static str, usize)>),
    /// `ListAccountAliases`: there are none.
    AccountAliases,
    /// `ListEntitiesForPolicy`.
    PolicyEntities(PolicyEntities),
    /// `SimulatePrincipalPolicy`, `SimulateCustomPolicy`.
    Simulated(Vec<SimulationResult>),
    /// `GetContextKeysForPrincipalPolicy`, `GetContextKeysForCustomPolicy`.
    ContextKeys(Vec<String>),
    /// One role: `CreateRole`, `GetRole`, `CreateServiceLinkedRole`.
    Role(Role),
    /// `ListRoles`.
    Roles(Vec<Role>),
    /// `ListRoleTags`, `ListUserTags`.
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
    /// `ListRolePolicies` and its like for users and groups.
    PolicyNames(Vec<String>),
    /// `ListAttachedRolePolicies` and its like: name and ARN.
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
    pub(super) fn user_view(&self, row: &UserRow) -> User {
        User { arn: self.place.user(row), row: row.clone() }
    }

    pub(super) fn group_view(&self, row: &GroupRow) -> Group {
        Group { arn: self.place.iam("group", &row.path, row.name.as_str()), row: row.clone() }
    }

    pub(super) fn role_view(&self, row: &RoleRow) -> Role {
        Role { arn: self.place.role(row), row: row.clone() }
    }

    pub(super) fn policy_view(&self, row: &PolicyRow) -> Policy {
        let arn = self.policy_arn(row);
        let roles = || self.rows.roles.values();
        let users = || self.rows.users.values();
        let attached = roles().map(|role| &role.attached);
        let attached = attached.chain(users().map(|user| &user.policies.attached));
        let groups = self.rows.groups.values().map(|group| &group.policies.attached);
        let bound = roles().map(|role| &role.boundary).chain(users().map(|user| &user.boundary));
        Policy {
            attachments: attached.chain(groups).filter(|arns| arns.contains(&arn)).count(),
            boundaries: bound.filter(|boundary| boundary.as_ref() == Some(&arn)).count(),
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
