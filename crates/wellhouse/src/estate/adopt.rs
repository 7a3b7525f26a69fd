//! `wellhouse adopt`: takes over what exists.

use anyhow::Result;
use wh_provision::{Others, Planning};

use super::apply::{confirmed, perform, settle};
use super::progress::Progress;
use super::{Which, counted, told};
use crate::config::Config;
use crate::{Ended, say};

/// Take over buckets, a key or a trail that exist and bear the names of the estate
///
/// Shows what differs from the description and what is not ours and will be kept, and changes nothing
/// unless it is agreed to. Roles, policies and profiles cannot be taken over: their path cannot change.
///
/// Exit code: 0 nothing to change or all done, 2 there are changes and they were not agreed to, 1 it
/// failed.
#[derive(clap::Args)]
pub(crate) struct Adopt {
    #[command(flatten)]
    which: Which,
    /// Make the changes without asking
    #[arg(long)]
    yes: bool,
    /// Only show them
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// Runs it.
pub(crate) async fn adopt(config: Config, asked: Adopt) -> Result<Ended> {
    let estate = asked.which.estate(&config)?;
    let cloud = asked.which.cloud(&config, &estate).await?;
    let plan = {
        let progress = Progress::new();
        let tell = |subject: &wh_provision::Subject| progress.tell(&format!("reading {subject} …"));
        Planning::new(&estate, &cloud).adopting().telling(&tell).plan().await?
    };
    told::tell(&estate, &plan);
    if plan.is_empty() {
        return Ok(Ended::Done);
    }
    let question =
        format!("Take over, and make {}? Type adopt: ", counted(plan.changes().len(), "change"));
    if asked.dry_run || !asked.yes && !confirmed(&question, "adopt")? {
        say("Nothing was changed.");
        return Ok(Ended::Different);
    }
    perform(&plan, &cloud).await?;
    settle(&estate, &cloud, Others::Keep).await
}
