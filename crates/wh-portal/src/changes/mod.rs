//! Changes of access, weighed before they are made: who gains and who loses what, and whether guard
//! rails and expectations let it pass.
//!
//! Invariant: what is applied is what was weighed: it is weighed again when it is applied, by what the ledger
//! held at one moment, and made at that revision of it or not at all. Whichever route it comes by, nothing
//! is given that a guard rail forbids.

mod keeper;
mod proposal;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use wh_files::{ChangeSet, FilesError, Patience, ProposedChange, Scales, worked_out_within};
use wh_ledger::{AccessRevision, GrantRow, RowId};
use wh_names::{RoleName, Uid};
use wh_people::{Administrator, Everybody, GrantForm, InvitationForm};
use wh_provision::Estate;

pub use keeper::{InForce, PolicyKeeper, UnfitPolicy};
pub(crate) use proposal::{NO_ROW, permissions};
pub(crate) use refusal::{Refusal, refusals};

use crate::problem::{Code, Problem};
use crate::state::Portal;

/// How long a change is weighed at most, and how long its turn is waited for.
pub(crate) const WEIGHING_MAX: Duration = Duration::from_secs(30);

/// A change that somebody proposes.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The permissions of a role; `None`: as the estate describes them.
    Permissions(RoleName, Option<String>),
    /// A grant, and the row that it would be.
    Grant(Box<(GrantForm, GrantRow)>),
    /// A grant that would be taken away.
    Removal(RowId),
    /// Somebody who would come into a group.
    Member(RowId, Uid),
    /// Somebody who would leave a group.
    MemberRemoval(RowId, Uid),
    /// A group that would be deleted, with its grants.
    GroupRemoval(RowId),
    /// An invitation, and what it would say.
    Invitation(Box<InvitationForm>),
    /// What was asked for and would be given: the request, the grant, and its end.
    Access(Box<(String, GrantRow, Option<Timestamp>)>),
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
    /// At which revision of access it was weighed.
    pub(crate) revision: AccessRevision,
}

/// What a change is weighed by.
struct Balance {
    everybody: Everybody,
    proposed: ProposedChange,
    /// As it is.
    now: Arc<Estate>,
    /// As it would be, and the role that changes, where it is a change of a role.
    then: Option<(Arc<Estate>, String)>,
    base: u32,
}

/// Who gains and who loses what by a change, and what stands against it.
pub(crate) async fn weigh(
    portal: &Portal,
    administrator: &Administrator,
    change: &Change,
) -> Result<Weighed, Problem> {
    let balance = balance(portal, administrator, change).await?;
    let files = portal.files().clone();
    let weighed = worked_out_within(WEIGHING_MAX, move |patience| {
        balance.on_scales(&files, patience, |scales| {
            let refusals = balance.against(scales)?;
            let set = scales.would_change(&balance.proposed)?;
            Ok(Weighed {
                set,
                refusals,
                base: balance.base,
                estate: balance.then.as_ref().map(|(estate, _)| Arc::clone(estate)),
                revision: balance.everybody.revision,
            })
        })
    });
    Ok(weighed.await?)
}

/// Whether a change takes something away that makes nobody an administrator. No rail forbids that, and whoever
/// must lose something loses it also where nothing can be weighed.
pub(crate) async fn only_takes(portal: &Portal, change: &Change) -> Result<bool, Problem> {
    match change {
        Change::MemberRemoval(..) | Change::GroupRemoval(_) => Ok(true),
        Change::Removal(id) => {
            let grant = portal.ledger().grant(id).await?;
            Ok(!grant.is_some_and(|grant| portal.people().makes_administrator(&grant)))
        }
        Change::Permissions(..)
        | Change::Grant(_)
        | Change::Member(..)
        | Change::Invitation(_)
        | Change::Access(_) => Ok(false),
    }
}

/// At which revision of access a change may be made that nobody has looked at: no guard rail and nothing else
/// stands against it. It is weighed no longer than `within`.
pub(crate) async fn stands(
    portal: &Portal,
    administrator: &Administrator,
    (change, within): (&Change, Duration),
) -> Result<AccessRevision, Problem> {
    let balance = balance(portal, administrator, change).await?;
    let (files, revision) = (portal.files().clone(), balance.everybody.revision);
    let against = worked_out_within(within, move |patience| {
        balance.on_scales(&files, patience, |scales| balance.against(scales))
    });
    let against = against.await?;
    if matches!(against.as_slice(), [Refusal::LastAdministrator]) {
        return Err(wh_people::AdministrationError::LastAdministrator.into());
    }
    refuse(&against).map(|()| revision)
}

/// Refuses what something stands against.
pub(crate) fn refuse(against: &[Refusal]) -> Result<(), Problem> {
    if against.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = against.iter().map(Refusal::in_words).collect();
    Err(Problem::coded(StatusCode::CONFLICT, "change-refused", words.join("; ")))
}

async fn balance(
    portal: &Portal,
    administrator: &Administrator,
    change: &Change,
) -> Result<Balance, Problem> {
    let everybody = portal.people().everybody(administrator).await?;
    if !everybody.is_administrator(administrator.uid()) {
        // They were when they asked, and waited for their turn.
        return Err(Problem::new(Code::NotAdministrator, "only administrators may do this"));
    }
    let now = weighed_against(portal, change, &everybody).await?;
    let (mut base, mut then) = (0, None);
    let (everybody, proposed) = match change {
        Change::Permissions(role, document) => {
            base = proposal::newest(portal, role).await?;
            let estate = proposal::with(portal, (role, document.as_ref()), &now)?;
            let permissions = estate.role(role).map(|spec| spec.permissions.clone());
            let permissions = [(role.clone(), permissions.unwrap_or_default())].into();
            then = Some((Arc::new(estate), role.to_string()));
            (everybody, ProposedChange { permissions, ..ProposedChange::default() })
        }
        Change::Grant(_)
        | Change::Removal(_)
        | Change::Member(..)
        | Change::MemberRemoval(..)
        | Change::GroupRemoval(_)
        | Change::Invitation(_)
        | Change::Access(_) => proposal::of_grants(portal, change, everybody).await?,
    };
    Ok(Balance { everybody, proposed, now, then, base })
}

/// The estate that a change is weighed against: as it is in force, once that is what was saved.
async fn weighed_against(
    portal: &Portal,
    change: &Change,
    everybody: &Everybody,
) -> Result<Arc<Estate>, Problem> {
    match change {
        // Less is given by them, whatever is in force.
        Change::Removal(_) | Change::MemberRemoval(..) | Change::GroupRemoval(_) => {
            return Ok(portal.policies().estate());
        }
        Change::Permissions(..)
        | Change::Grant(_)
        | Change::Member(..)
        | Change::Invitation(_)
        | Change::Access(_) => {}
    }
    match (portal.policies().estate_with(everybody.policy_versions).await, change) {
        (Some(now), _) => Ok(now),
        // Another version may be what mends the one that does not come into force.
        (None, Change::Permissions(..)) => {
            let saved = portal.ledger().saved_policies().await?;
            Ok(Arc::new(portal.policies().estate_of(saved)))
        }
        (None, _) => Err(not_in_force()),
    }
}

/// What was saved is not in force yet.
pub(crate) fn not_in_force() -> Problem {
    let why = "it is saved, and not in force yet: it is tried again every few seconds";
    Problem::coded(StatusCode::SERVICE_UNAVAILABLE, "not-in-force", why)
}

impl Balance {
    fn on_scales<T>(
        &self,
        files: &wh_files::Files,
        patience: &Patience,
        weigh: impl FnOnce(&Scales<'_>) -> Result<T, FilesError>,
    ) -> Result<T, FilesError> {
        let (rails, realm) = (self.now.rails(), self.now.realm());
        let (laws, everybody) = (files.laws_now(), &self.everybody);
        weigh(&Scales { laws, everybody, rails: &rails, realm: &realm, patience })
    }

    /// What stands against it.
    fn against(&self, scales: &Scales<'_>) -> Result<Vec<Refusal>, FilesError> {
        let of_role = self.then.as_ref().map(|(then, role)| refusals(&self.now, then, role));
        scales.patience.left()?;
        let of_grants = scales.broken_rails(&self.proposed)?.into_iter().map(Refusal::Rail);
        let alone = !scales.stays_administered(&self.proposed)?;
        let alone = alone.then_some(Refusal::LastAdministrator);
        Ok(of_role.into_iter().flatten().chain(of_grants).chain(alone).collect())
    }
}

/// A role's permissions on one line, for the audit log.
pub(crate) fn on_a_line(estate: &Estate, role: &RoleName) -> String {
    let policies = estate.role(role).map(|role| role.permissions.as_slice()).unwrap_or_default();
    policies.iter().map(|policy| policy.document.to_json()).collect()
}
