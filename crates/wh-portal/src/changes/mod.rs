//! Changes of access, weighed before they are made: who gains and who loses what, and whether guard
//! rails and expectations let it pass.
//!
//! Invariant: what is applied is what was shown: a change is weighed again when it is applied, and what
//! came out must have the digest of what was seen.

mod keeper;
mod refusal;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use wh_files::{ChangeSet, ProposedChange, worked_out};
use wh_ledger::{GrantRow, RowId};
use wh_names::RoleName;
use wh_people::{Administrator, GrantForm};
use wh_policy::{PolicyDocument, PolicyKind};
use wh_provision::{Estate, ROLES_EDITABLE};

pub use keeper::PolicyKeeper;
pub(crate) use refusal::{Refusal, refusals};

use crate::problem::Problem;
use crate::state::Portal;

/// A change that somebody proposes.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The permissions of a role; `None`: as the estate describes them.
    Permissions(RoleName, Option<String>),
    /// A grant, and the row that it would be.
    Grant(Box<(GrantForm, GrantRow)>),
    /// A grant that would be taken away.
    Removal(RowId),
}

/// What a change comes to.
#[derive(Debug)]
pub(crate) struct Weighed {
    pub(crate) set: ChangeSet,
    pub(crate) refusals: Vec<Refusal>,
    /// The newest saved version of the role's permissions; 0: none, or it is no change of a role.
    pub(crate) base: u32,
    /// The estate as it would be, where the change is one of a role.
    pub(crate) estate: Option<Arc<Estate>>,
}

/// The permissions that somebody wrote for a role, read as IAM reads them.
pub(crate) fn permissions(role: &str, document: Option<String>) -> Result<Change, Problem> {
    let refused = || {
        let why = format!("the permissions of {} can be changed", ROLES_EDITABLE.join(", "));
        Problem::coded(StatusCode::BAD_REQUEST, "role-invalid", why).at_field("role")
    };
    if !ROLES_EDITABLE.contains(&role) {
        return Err(refused());
    }
    let role = RoleName::parse(role).map_err(|_| refused())?;
    let Some(text) = document else { return Ok(Change::Permissions(role, None)) };
    let document = PolicyDocument::parse(&text, PolicyKind::Identity).map_err(|error| {
        Problem::coded(StatusCode::BAD_REQUEST, "invalid-policy", error.to_string())
            .at_field("document")
    })?;
    Ok(Change::Permissions(role, Some(document.to_json_pretty())))
}

/// Who gains and who loses what by a change, and what stands against it.
pub(crate) async fn weigh(
    portal: &Portal,
    administrator: &Administrator,
    change: &Change,
) -> Result<Weighed, Problem> {
    let (mut proposed, mut base, mut estates) = (ProposedChange::default(), 0, None);
    match change {
        Change::Permissions(role, document) => {
            base = newest(portal, role).await?;
            let then = Arc::new(with(portal, role, document.as_ref())?);
            let permissions = then.role(role).map(|spec| spec.permissions.clone());
            proposed.permissions.insert(role.clone(), permissions.unwrap_or_default());
            estates = Some((portal.policies().estate(), then));
        }
        Change::Grant(grant) => proposed.given = Some(grant.1.clone()),
        Change::Removal(id) => {
            if portal.ledger().grant(id).await?.is_none() {
                return Err(wh_people::AdministrationError::NoSuchGrant.into());
            }
            proposed.taken = Some(id.clone());
        }
    }
    let set = portal.files().would_change(administrator, proposed).await?;
    let (found, estate) = match estates {
        None => (Vec::new(), None),
        Some((now, then)) => {
            let (after, role) = (Arc::clone(&then), changed_role(change));
            (worked_out(move || refusals(&now, &after, &role)).await?, Some(then))
        }
    };
    let alone = (!set.administered).then_some(Refusal::LastAdministrator);
    Ok(Weighed { refusals: found.into_iter().chain(alone).collect(), set, base, estate })
}

fn changed_role(change: &Change) -> String {
    match change {
        Change::Permissions(role, _) => role.to_string(),
        Change::Grant(_) | Change::Removal(_) => String::new(),
    }
}

/// The number of the newest saved version of a role's permissions.
async fn newest(portal: &Portal, role: &RoleName) -> Result<u32, Problem> {
    let versions = portal.ledger().policy_versions().await?;
    let own = versions.into_iter().filter(|version| version.role == *role);
    Ok(own.map(|version| version.number).max().unwrap_or(0))
}

/// The estate in which one role has these permissions, and all others what is in force.
fn with(portal: &Portal, role: &RoleName, document: Option<&String>) -> Result<Estate, Problem> {
    let described = portal.policies().described();
    let mut policies: BTreeMap<String, String> =
        portal.policies().estate().description().policies.clone();
    let own = document.or_else(|| described.description().policies.get(role.as_str()));
    match own {
        Some(text) => policies.insert(role.to_string(), text.clone()),
        None => policies.remove(role.as_str()),
    };
    let mut description = described.description().clone();
    description.policies = policies;
    Estate::of(description).map_err(|error| {
        Problem::coded(StatusCode::BAD_REQUEST, "invalid-policy", error.to_string())
            .at_field("document")
    })
}

/// A role's permissions on one line, for the audit log.
pub(crate) fn on_a_line(estate: &Estate, role: &RoleName) -> String {
    let policies = estate.role(role).map(|role| role.permissions.as_slice()).unwrap_or_default();
    policies.iter().map(|policy| policy.document.to_json()).collect()
}
