//! What administrators saved in the portal, and a description that somebody names would take back.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use wh_provision::{Estate, Plan, ROLES_EDITABLE, Step, Target};

use super::Which;
use crate::config::Config;
use crate::output::remark;
use crate::{ledger, parameters};

/// What becomes of permissions that administrators saved in the portal.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct TakeBack {
    /// Also replace permissions that administrators saved in the portal, which is otherwise refused
    #[arg(long)]
    take_back_saved: bool,
}

/// The roles whose saved permissions a plan would replace. Of an endpoint elsewhere it is not known what was
/// saved there: whatever it replaces may have been.
async fn replaced(
    (which, config): (&Which, &Config),
    estate: &Estate,
    plan: &Plan,
) -> Result<BTreeSet<String>> {
    if estate.target() == Target::Aws {
        return Ok(BTreeSet::new());
    }
    let steps = || plan.changes().iter().map(|change| &change.step);
    let made = steps().filter_map(|step| {
        let Step::CreateRole { role, .. } = step else { return None };
        Some(role.to_string())
    });
    let made: BTreeSet<String> = made.collect();
    let written = steps().filter_map(|step| {
        let (Step::PutRolePolicy { role, .. } | Step::DeleteRolePolicy { role, .. }) = step else {
            return None;
        };
        Some(role.to_string())
    });
    let mut roles: BTreeSet<String> = written
        .filter(|role| !made.contains(role) && ROLES_EDITABLE.contains(&role.as_str()))
        .collect();
    if which.endpoint_url.is_none() {
        let saved = saved(config).await?;
        let described = &estate.description().policies;
        // What is described as it was saved is not taken back.
        let other =
            |role: &String| saved.get(role).is_some_and(|text| described.get(role) != Some(text));
        roles.retain(other);
    }
    Ok(roles)
}

/// The permissions that were saved in the ledger of this data folder.
async fn saved(config: &Config) -> Result<BTreeMap<String, String>> {
    if !ledger::is_there(config) {
        return Ok(BTreeMap::new());
    }
    let ledger = ledger::open(config, &parameters::clock()).await?;
    let saved = ledger.saved_policies().await;
    ledger.close().await;
    Ok(saved?)
}

/// Says which saved permissions a plan would take back.
pub(super) async fn tell(
    of: (&Which, &Config),
    estate: &Estate,
    plan: &Plan,
) -> Result<BTreeSet<String>> {
    let roles = replaced(of, estate, plan).await?;
    if !roles.is_empty() {
        let names: Vec<&str> = roles.iter().map(String::as_str).collect();
        remark(&format!(
            "This takes back what administrators saved in the portal for {}, or may have: `apply` needs \
             --take-back-saved for it.",
            names.join(", ")
        ));
    }
    Ok(roles)
}

/// Refuses to take back what was saved, unless that is asked for.
pub(super) async fn refuse(
    of: (&Which, &Config),
    estate: &Estate,
    (plan, asked): (&Plan, TakeBack),
) -> Result<()> {
    let roles = tell(of, estate, plan).await?;
    if roles.is_empty() || asked.take_back_saved {
        return Ok(());
    }
    let names: Vec<&str> = roles.iter().map(String::as_str).collect();
    bail!(
        "nothing was changed: the permissions of {} were saved in the portal, or may have been; write them into the \
         description as [[policy]], or say --take-back-saved",
        names.join(", ")
    )
}
