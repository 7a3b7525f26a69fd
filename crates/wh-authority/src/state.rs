//! IAM as it is now, with every document parsed. Replaced as a whole by every change.

use std::collections::HashMap;
use std::sync::Arc;

use wh_ledger::{IamRows, PolicyRow, RoleRow};
use wh_names::{AccountId, Arn, Partition, RoleName};
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

    /// The text of an IAM ARN: `kind` is `policy` or `instance-profile`.
    pub(crate) fn iam(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:{kind}{path}{name}", self.partition, self.account)
    }
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) rows: IamRows,
    roles: HashMap<String, Arc<CompiledRole>>,
    session_policies: HashMap<String, NamedPolicy>,
}

/// A role with its documents parsed.
#[derive(Debug)]
pub(crate) struct CompiledRole {
    pub(crate) arn: Arn,
    pub(crate) name: RoleName,
    pub(crate) role_id: String,
    pub(crate) max_session_s: u32,
    pub(crate) tags: Vec<(String, String)>,
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
        Self { rows, roles, session_policies }
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

fn compile(row: &RoleRow, place: &Place, managed: &HashMap<String, &PolicyRow>) -> CompiledRole {
    let trust = named(TRUST_POLICY, &row.trust, PolicyKind::Trust);
    let permissions = permissions(row, managed);
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

fn permissions(row: &RoleRow, policies: &HashMap<String, &PolicyRow>) -> Option<Permissions> {
    let inline = row.inline.iter().map(|(name, text)| named(name, text, PolicyKind::Identity));
    let attached =
        row.attached.iter().map(|arn| managed(policies.get(arn)?, PolicyKind::ManagedIdentity));
    let identity = inline.chain(attached).collect::<Option<Vec<_>>>()?;
    let boundary = match &row.boundary {
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
