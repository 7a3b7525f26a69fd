//! `wellhouse plan`: what would change.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;
use wh_provision::{Cloud, Estate, Others, Planning};

use super::progress::Progress;
use super::{OwnAll, Which, drift, saved, taken_back, told};
use crate::config::Config;
use crate::policy::{Output, guard};
use crate::{Ended, parameters, say};

/// Show what would change for buckets, roles and policies to be as described
///
/// Reads everything back and writes nothing. Of policies the statements are shown that differ, and
/// what that means: who gains and loses what.
///
/// Exit code: 0 nothing to change, 2 changes, 1 it failed.
#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    own_all: OwnAll,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Keep what was found in the ledger, where the portal's administrators see it
    #[arg(long)]
    record: bool,
    /// Write the plan down, for `wellhouse apply --plan FILE`
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Reads back, telling on a terminal what is being read.
pub(super) async fn read_back(
    estate: &Estate,
    cloud: &dyn Cloud,
    others: Others,
) -> Result<wh_provision::Plan> {
    let progress = Progress::new();
    let tell = |subject: &wh_provision::Subject| progress.tell(&format!("reading {subject} …"));
    Ok(Planning::new(estate, cloud).others(others).telling(&tell).plan().await?)
}

/// Runs it.
pub(crate) async fn plan(config: Config, asked: Plan) -> Result<Ended> {
    let estate = asked.which.in_force(&config).await?;
    guard(&estate)?;
    let cloud = asked.which.cloud(&config, &estate).await?;
    let others = asked.own_all.others();
    let plan = read_back(&estate, &cloud, others).await?;
    match asked.output {
        Output::Text => told::tell(&estate, &plan),
        Output::Json => say(&format!(
            "{:#}",
            json!({
                "installation": estate.installation(),
                "account": estate.account().as_str(),
                "plan": plan.to_json(),
            })
        )),
    }
    taken_back::tell((&asked.which, &config), &estate, &plan).await?;
    if asked.record {
        super::with_ledger(&config, async |ledger| {
            drift::record(ledger, &plan, parameters::clock().now()).await
        })
        .await?;
    }
    if let Some(file) = &asked.save {
        saved::save(file, &estate, &plan, others)?;
    }
    Ok(if plan.is_empty() { Ended::Done } else { Ended::Different })
}
