//! What is proposed, as it is weighed.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::Timestamp;
use wh_files::ProposedChange;
use wh_ledger::{GrantRow, RowId};
use wh_names::{RoleName, Uid};
use wh_people::{AdministrationError, Everybody, GrantSubject, InvitationForm, InvitedGrantForm};
use wh_policy::{PolicyDocument, PolicyKind};
use wh_provision::{Estate, ROLES_EDITABLE};

use super::Change;
use crate::problem::Problem;
use crate::state::Portal;

/// The id of a grant that nobody has yet, and the uid of whoever is invited. Nobody's, and always the same, so
/// that what is shown has one digest.
pub(crate) const NO_ROW: &str = "00000000000000000000000000";

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

/// The number of the newest saved version of a role's permissions.
pub(super) async fn newest(portal: &Portal, role: &RoleName) -> Result<u32, Problem> {
    let versions = portal.ledger().policy_versions().await?;
    let own = versions.into_iter().filter(|version| version.role == *role);
    Ok(own.map(|version| version.number).max().unwrap_or(0))
}

/// The estate in which one role has these permissions, and all others what is in force.
pub(super) fn with(
    portal: &Portal,
    (role, document): (&RoleName, Option<&String>),
    in_force: &Estate,
) -> Result<Estate, Problem> {
    let described = portal.policies().described();
    let mut policies: BTreeMap<String, String> = in_force.description().policies.clone();
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

/// What a change of grants, groups and who is in them comes to; and everybody, with whoever is invited.
pub(super) async fn of_grants(
    portal: &Portal,
    change: &Change,
    everybody: Everybody,
) -> Result<(Everybody, ProposedChange), Problem> {
    let mut proposed = ProposedChange::default();
    match change {
        Change::Permissions(..) => {}
        Change::Grant(grant) => proposed.given.push(grant.1.clone()),
        Change::Access(request) => proposed.given.push(request.1.clone()),
        Change::Removal(id) => {
            if portal.ledger().grant(id).await?.is_none() {
                return Err(AdministrationError::NoSuchGrant.into());
            }
            proposed.taken.insert(id.clone());
        }
        Change::Member(group, uid) => {
            there((&everybody, group), portal, uid).await?;
            proposed.joining.push((group.clone(), uid.clone()));
        }
        Change::MemberRemoval(group, uid) => {
            there((&everybody, group), portal, uid).await?;
            proposed.leaving.push((group.clone(), uid.clone()));
        }
        Change::GroupRemoval(group) => {
            known(&everybody, group)?;
            let own = everybody.grants.iter().filter(|one| one.subject.group() == Some(group));
            proposed.taken.extend(own.map(|grant| grant.id.clone()));
        }
        Change::Invitation(form) => {
            let uid = Uid::parse(NO_ROW).map_err(|error| Problem::internal(&error))?;
            for group in &form.groups {
                let group = RowId::parse(group).map_err(|_| AdministrationError::NoSuchGroup)?;
                known(&everybody, &group)?;
                proposed.joining.push((group, uid.clone()));
            }
            proposed.given = invited(portal, form, &uid)?;
            let name = form.name.as_deref().unwrap_or_default();
            return Ok((everybody.joined_by(&uid, name), proposed));
        }
    }
    Ok((everybody, proposed))
}

fn known(everybody: &Everybody, group: &RowId) -> Result<(), Problem> {
    let known = everybody.groups.contains_key(group);
    known.then_some(()).ok_or_else(|| AdministrationError::NoSuchGroup.into())
}

async fn there(
    (everybody, group): (&Everybody, &RowId),
    portal: &Portal,
    uid: &Uid,
) -> Result<(), Problem> {
    known(everybody, group)?;
    let person = portal.ledger().person(uid).await?;
    person.map(drop).ok_or_else(|| AdministrationError::NoSuchPerson.into())
}

/// The grants that an invitation would bring.
fn invited(portal: &Portal, form: &InvitationForm, uid: &Uid) -> Result<Vec<GrantRow>, Problem> {
    let row = |(number, grant): (usize, &InvitedGrantForm)| -> Result<GrantRow, Problem> {
        // One id for each: nobody's, too.
        let id =
            RowId::parse(&format!("{number:026}")).map_err(|error| Problem::internal(&error))?;
        Ok(GrantRow {
            id,
            subject: GrantSubject::Person(uid.clone()),
            role: grant.role.clone(),
            bucket: portal.people().bucket().clone(),
            prefix: grant.prefix.clone(),
            title: grant.title.clone(),
            created_at: Timestamp::UNIX_EPOCH,
            created_by: None,
            ends_at: grant.ends_at,
        })
    };
    form.grants.iter().enumerate().map(row).collect()
}
