//! IAM as it is now, with every document parsed. Replaced as a whole by every change.

use std::collections::HashMap;
use std::sync::Arc;

use wh_ledger::{AccessKeyRow, AccessKeyStatus, IamRows, PoliciesRow, PolicyRow, RoleRow, UserRow};
use wh_names::{AccessKeyId, AccountId, Arn, Partition, RoleName, UserName};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};

/// The name under which a trust policy appears in explanations.
const TRUST_POLICY: &str = "trust policy";

/// Where the authority stands on AWS's map.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) partition: Partition,
    pub(crate) account: AccountId,
}

impl Place {
    pub(crate) fn role(&self, row: &RoleRow) -> Arn {
        Arn::role(&self.partition, &self.account, &row.path, &row.name)
    }

    /// The ARN of an `OpenID` Connect provider.
    pub(crate) fn oidc(&self, issuer: &str) -> String {
        self.iam("oidc-provider", "/", issuer)
    }

    pub(crate) fn user(&self, row: &UserRow) -> Arn {
        Arn::user(&self.partition, &self.account, &row.path, &row.name)
    }

    /// The text of an IAM ARN: `kind` is `policy`, `group`, `instance-profile` and the like.
    pub(crate) fn iam(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:{kind}{path}{name}", self.partition, self.account)
    }
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) rows: IamRows,
    roles: HashMap<String, Arc<CompiledRole>>,
    access_keys: HashMap<AccessKeyId, UserKey>,
    session_policies: HashMap<String, NamedPolicy>,
}

/// A user with its documents parsed.
#[derive(Debug)]
pub(crate) struct CompiledUser {
    pub(crate) arn: Arn,
    pub(crate) name: UserName,
    pub(crate) user_id: String,
    pub(crate) tags: Tags,
    /// As of roles: its own policies and those of its groups.
    pub(crate) permissions: Option<Permissions>,
}

/// An access key that counts, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct UserKey {
    pub(crate) row: AccessKeyRow,
    pub(crate) user: Arc<CompiledUser>,
}

/// Tags of a role or user.
pub(crate) type Tags = Arc<[(String, String)]>;

/// A role with its documents parsed.
#[derive(Debug)]
pub(crate) struct CompiledRole {
    pub(crate) arn: Arn,
    pub(crate) name: RoleName,
    pub(crate) role_id: String,
    pub(crate) max_session_s: u32,
    pub(crate) tags: Tags,
    pub(crate) trust: Option<NamedPolicy>,
    /// `None` when a policy or the boundary cannot be read: then nothing is allowed at all, because
    /// what cannot be read might have denied.
    pub(crate) permissions: Option<Permissions>,
}

#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    pub(crate) identity: Arc<[NamedPolicy]>,
    pub(crate) boundary: Option<NamedPolicy>,
}

impl State {
    pub(crate) fn compile(rows: IamRows, place: &Place) -> Self {
        let by_arn: HashMap<String, &PolicyRow> =
            rows.policies.values().map(|p| (place.iam("policy", &p.path, &p.name), p)).collect();
        let roles = rows.roles.iter();
        let roles =
            roles.map(|(key, row)| (key.clone(), Arc::new(compile(row, place, &by_arn)))).collect();
        let sessions = by_arn.iter();
        let session_policies = sessions
            .filter_map(|(arn, row)| Some((arn.clone(), managed(row, PolicyKind::Session)?)))
            .collect();
        let users: HashMap<String, Arc<CompiledUser>> = rows
            .users
            .values()
            .map(|row| (row.user_id.clone(), Arc::new(compile_user(row, &rows, place, &by_arn))))
            .collect();
        let access_keys = rows.users.values().flat_map(|row| active_keys(row, &users)).collect();
        drop(by_arn);
        Self { rows, roles, access_keys, session_policies }
    }

    /// A user's access key, if it counts.
    pub(crate) fn access_key(&self, id: &AccessKeyId) -> Option<&UserKey> {
        self.access_keys.get(id)
    }

    /// The role of this name, ignoring case.
    pub(crate) fn role(&self, name: &RoleName) -> Option<&Arc<CompiledRole>> {
        self.roles.get(&name.as_str().to_ascii_lowercase())
    }

    /// The role of this very ARN.
    pub(crate) fn role_by_arn(&self, arn: &Arn) -> Option<&Arc<CompiledRole>> {
        let (_, name) = arn.resource().rsplit_once('/')?;
        self.role(&RoleName::parse(name).ok()?).filter(|role| role.arn == *arn)
    }

    /// A managed policy, read as a session policy.
    pub(crate) fn session_policy(&self, arn: &str) -> Option<&NamedPolicy> {
        self.session_policies.get(arn)
    }
}

fn active_keys(
    row: &UserRow,
    users: &HashMap<String, Arc<CompiledUser>>,
) -> Vec<(AccessKeyId, UserKey)> {
    let Some(user) = users.get(&row.user_id) else { return Vec::new() };
    let active = row.access_keys.iter().filter(|key| key.status == AccessKeyStatus::Active);
    let with = |key: &AccessKeyRow| UserKey { row: key.clone(), user: Arc::clone(user) };
    active.map(|key| (key.id.clone(), with(key))).collect()
}

fn compile_user(
    row: &UserRow,
    rows: &IamRows,
    place: &Place,
    managed: &HashMap<String, &PolicyRow>,
) -> CompiledUser {
    let groups = rows.groups.values().filter(|group| row.groups.contains(&group.group_id));
    let groups = groups.map(|group| &group.policies);
    let all = std::iter::once(&row.policies).chain(groups).collect();
    let permissions = permissions(all, row.boundary.as_ref(), managed);
    if permissions.is_none() {
        tracing::error!(user = %row.name, "a policy of the user cannot be read: it allows nothing");
    }
    CompiledUser {
        arn: place.user(row),
        name: row.name.clone(),
        user_id: row.user_id.clone(),
        tags: row.tags.clone().into_iter().collect(),
        permissions,
    }
}

fn compile(row: &RoleRow, place: &Place, managed: &HashMap<String, &PolicyRow>) -> CompiledRole {
    let trust = named(TRUST_POLICY, &row.trust, PolicyKind::Trust);
    let (inline, attached) = (row.inline.clone(), row.attached.clone());
    let own = PoliciesRow { inline, attached };
    let permissions = permissions(vec![&own], row.boundary.as_ref(), managed);
    if trust.is_none() || permissions.is_none() {
        tracing::error!(role = %row.name, "a policy of the role cannot be read: it allows nothing");
    }
    CompiledRole {
        arn: place.role(row),
        name: row.name.clone(),
        role_id: row.role_id.clone(),
        max_session_s: row.max_session_s,
        tags: row.tags.clone().into_iter().collect(),
        trust,
        permissions,
    }
}

fn permissions(
    all: Vec<&PoliciesRow>,
    boundary: Option<&String>,
    policies: &HashMap<String, &PolicyRow>,
) -> Option<Permissions> {
    let mut identity = Vec::new();
    for own in all {
        for (name, text) in &own.inline {
            identity.push(named(name, text, PolicyKind::Identity)?);
        }
        for arn in &own.attached {
            identity.push(managed(policies.get(arn)?, PolicyKind::ManagedIdentity)?);
        }
    }
    let boundary = match boundary {
        Some(arn) => Some(managed(policies.get(arn)?, PolicyKind::Boundary)?),
        None => None,
    };
    Some(Permissions { identity: identity.into(), boundary })
}

fn managed(row: &PolicyRow, kind: PolicyKind) -> Option<NamedPolicy> {
    named(&row.name, &row.versions.get(&row.default_version)?.document, kind)
}

fn named(name: &str, text: &str, kind: PolicyKind) -> Option<NamedPolicy> {
    let document = Arc::new(PolicyDocument::parse(text, kind).ok()?);
    Some(NamedPolicy { name: name.to_owned(), document })
}
