//! `wellhouse store lifecycle`: what the rules would remove now, told without removing it.

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};
use wh_names::Clock;
use wh_objects::lifecycle::{Action, Doing, Mode};
use wh_objects::{DiskStore, ObjectStore};

use super::Output;
use crate::config::Config;
use crate::control::{self, Request};
use crate::{Ended, cellar, parameters, say, upkeep};

/// How many removals are told one by one; the rest is counted.
const TOLD_MAX: usize = 10_000;

/// Tell what the lifecycle rules of all buckets would remove now, and remove nothing
///
/// The server carries the rules out by itself, once an hour. Exit codes: 0 nothing, 2 something.
#[derive(clap::Args)]
pub(crate) struct Rehearsal {
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(super) async fn run(rehearsal: Rehearsal, config: &Config) -> Result<Ended> {
    let asked = control::ask(&config.data, &Request::Lifecycle, &mut control::unheard).await?;
    let report = match asked {
        Some(report) => report,
        None => alone(config).await?,
    };
    let count = report.get("count").and_then(Value::as_u64).unwrap_or_default();
    match rehearsal.output {
        Output::Json => say(&report.to_string()),
        Output::Text => print(&report, count),
    }
    Ok(if count > 0 { Ended::Different } else { Ended::Done })
}

/// When no server runs.
async fn alone(config: &Config) -> Result<Value> {
    let store = Arc::new(cellar::open(config).await?);
    let report = rehearse(&store, &parameters::clock()).await;
    store.close().await;
    report
}

/// What would be removed now, from every bucket that has rules.
pub(crate) async fn rehearse(store: &Arc<DiskStore>, clock: &Clock) -> Result<Value> {
    let port = Arc::clone(store) as Arc<dyn ObjectStore>;
    let (mut removals, mut count) = (Vec::new(), 0_u64);
    let (mut locked, mut failed) = (0, 0);
    for bucket in store.list_buckets().await? {
        let mut told = |action: &Action| {
            count += 1;
            if removals.len() < TOLD_MAX {
                removals.push(removal(bucket.name.as_str(), action));
            }
        };
        let report =
            upkeep::expire(&port, &bucket.name, (clock.now(), Mode::DryRun), &mut told).await?;
        let report = report.unwrap_or_default();
        locked += report.locked;
        failed += report.failed;
    }
    Ok(json!({ "count": count, "removals": removals, "locked": locked, "failed": failed }))
}

fn removal(bucket: &str, action: &Action) -> Value {
    let (what, version) = match &action.doing {
        Doing::Expire { .. } => ("expire", None),
        Doing::RemoveNoncurrent { version, .. } => ("remove-noncurrent", Some(version.to_string())),
        Doing::RemoveMarker { version, .. } => ("remove-delete-marker", Some(version.to_string())),
        Doing::AbortUpload(id) => ("abort-upload", Some(id.to_string())),
    };
    json!({
        "bucket": bucket, "key": action.key.as_str(), "rule": action.rule,
        "action": what, "version": version,
    })
}

fn print(report: &Value, count: u64) {
    let removals = report.get("removals").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for removal in removals {
        let text = |name: &str| removal.get(name).and_then(Value::as_str).unwrap_or_default();
        let version = removal.get("version").and_then(Value::as_str);
        let version = version.map(|version| format!(" ({version})")).unwrap_or_default();
        let (action, bucket, key, rule) =
            (text("action"), text("bucket"), text("key"), text("rule"));
        say(&format!("{action} {bucket}/{key}{version}, by rule {rule}"));
    }
    match count {
        0 => say("No rule would remove anything now."),
        count => say(&format!("{count} would be removed now.")),
    }
    let counted = |name: &str| report.get(name).and_then(Value::as_u64);
    if let Some(locked @ 1..) = counted("locked") {
        say(&format!("{locked} of them stay, for object lock keeps them."));
    }
    if let Some(failed @ 1..) = counted("failed") {
        say(&format!("{failed} could not be looked at: see `wellhouse store check`."));
    }
}
