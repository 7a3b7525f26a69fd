//! `wellhouse store repair --quarantine`: shows what it would do, asks, does it.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use serde_json::json;
use wh_objects::{RepairPlan, RepairReport, Stamp};

use super::{Output, check};
use crate::cellar;
use crate::config::Config;
use crate::{Ended, parameters, say};

/// Take what is damaged out of the store, and keep all that can be read of it in a folder
///
/// The server must not run. What is whole stays as it is. A folder `quarantine` in the store's
/// folder gets the damaged blobs, what can be read of them in plain, and all that is known of them.
#[derive(clap::Args)]
pub(crate) struct Repair {
    /// Say it: damaged objects leave the store
    #[arg(long, required = true)]
    quarantine: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(super) async fn run(repair: Repair, config: &Config) -> Result<Ended> {
    let planned = wh_objects::plan_repair(cellar::options(config).await?).await;
    let planned = planned.map_err(|error| cellar::explained(error, config))?;
    let plan = planned.plan().clone();
    if repair.output == Output::Text {
        print(&plan);
    }
    if !plan.is_empty() && !repair.yes && !confirmed()? {
        say("Nothing was changed.");
        return Ok(Ended::Failed);
    }
    let stamp = Stamp::new(parameters::clock().now(), "repair");
    let report = planned.apply(stamp).await.context("the repair was not done")?;
    match repair.output {
        Output::Text => done(&report),
        Output::Json => say(&as_json(&plan, &report).to_string()),
    }
    Ok(if plan.left.is_empty() { Ended::Done } else { Ended::Different })
}

fn print(plan: &RepairPlan) {
    for finding in &plan.left {
        say(&format!("cannot be repaired: {}", check::line(finding)));
    }
    if !plan.left.is_empty() {
        say("For that, put a backup back: `wellhouse restore`.");
    }
    if plan.is_empty() {
        return say("There is nothing to repair.");
    }
    for doomed in &plan.doomed {
        say(&format!("leaves the store: {}: {}", doomed.owner, doomed.why));
    }
    for owner in &plan.reordered {
        say(&format!("its versions are put in order: {owner}"));
    }
    for what in &plan.recounted {
        say(&format!("is counted again, or nobody uses it: {what}"));
    }
    for what in &plan.orphans {
        say(&format!("goes into the quarantine: {what}"));
    }
    if let Some(event) = plan.trimmed {
        say(&format!("the feed of changes begins after {event}"));
    }
}

fn confirmed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask at: say --yes to repair without being asked");
    }
    let mut out = std::io::stdout().lock();
    write!(out, "Do this? Type yes: ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn done(report: &RepairReport) {
    if let Some(quarantine) = &report.quarantine {
        say(&format!(
            "Done: {} versions and parts, and {} further blobs and files, are in {}.",
            report.moved,
            report.unclaimed,
            quarantine.display()
        ));
    }
}

fn as_json(plan: &RepairPlan, report: &RepairReport) -> serde_json::Value {
    let doomed = plan.doomed.iter().map(|doomed| {
        json!({
            "bucket": doomed.owner.bucket,
            "key": doomed.owner.key,
            "version": doomed.owner.version.map(|version| version.to_string()),
            "upload": doomed.owner.part.as_ref().map(|(upload, _)| upload),
            "part": doomed.owner.part.as_ref().map(|(_, part)| part),
            "why": doomed.why,
        })
    });
    json!({
        "removed": doomed.collect::<Vec<_>>(),
        "reordered": plan.reordered.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "recounted": plan.recounted,
        "orphans": plan.orphans,
        "events_trimmed_to": plan.trimmed,
        "left": plan.left.iter().map(check::finding).collect::<Vec<_>>(),
        "quarantine": report.quarantine,
    })
}
