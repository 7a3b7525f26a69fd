//! `wellhouse store scrub`: all bytes read again, by the server that runs or by this process.

use anyhow::Result;
use serde_json::{Value, json};
use wh_objects::{DiskStore, ScrubOptions, ScrubPass, ScrubStatus};

use super::{Output, size};
use crate::cellar;
use crate::config::Config;
use crate::control::{self, Request};
use crate::{Ended, parameters, say};

/// Read and compare all bytes of the store, while it runs or not (exit 2: damage was found)
#[derive(clap::Args)]
pub(crate) struct Scrub {
    /// Only tell what the scrub has done and found
    #[arg(long)]
    status: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(super) async fn run(scrub: Scrub, config: &Config) -> Result<Ended> {
    let request = if scrub.status { Request::ScrubStatus } else { Request::Scrub };
    let status = match control::ask(&config.data, &request, &mut control::unheard).await? {
        Some(status) => status,
        None => alone(scrub.status, config).await?,
    };
    let damaged = ["damaged", "index"].into_iter().any(|name| !list(&status, name).is_empty());
    match scrub.output {
        Output::Text => print(&status),
        Output::Json => say(&status.to_string()),
    }
    Ok(if damaged { Ended::Different } else { Ended::Done })
}

/// When no server runs.
async fn alone(only_status: bool, config: &Config) -> Result<Value> {
    let store = cellar::open(config).await?;
    if !only_status {
        whole(&store).await?;
    }
    let status = store.scrub_status().await;
    store.close().await;
    Ok(as_json(&status?))
}

/// A pass as fast as it goes: somebody waits for it.
pub(crate) async fn whole(store: &DiskStore) -> Result<()> {
    let fast = ScrubOptions { bytes_per_second: None, ..ScrubOptions::default() };
    store.scrub(fast, &parameters::clock(), &mut |_| {}).await?;
    Ok(())
}

fn pass(pass: &ScrubPass) -> Value {
    json!({
        "begun": pass.begun.to_string(),
        "ended": pass.ended.map(|ended| ended.to_string()),
        "blobs": pass.blobs,
        "bytes": pass.bytes,
        "damaged": pass.damaged,
    })
}

/// The status for machines, and for the way from the server to here.
pub(crate) fn as_json(status: &ScrubStatus) -> Value {
    let damaged = status.damaged.iter().map(|blob| {
        let owners: Vec<_> = blob.owners.iter().map(ToString::to_string).collect();
        json!({ "blob": blob.blob, "what": blob.what, "owners": owners })
    });
    json!({
        "current": status.current.as_ref().map(pass),
        "last": status.last.as_ref().map(pass),
        "damaged": damaged.collect::<Vec<_>>(),
        "index": status.index,
    })
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn print(status: &Value) {
    let text = |value: &Value, name: &str| {
        let found = value.get(name).and_then(Value::as_str);
        found.unwrap_or("?").to_owned()
    };
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
    for (name, what) in [("current", "Under way since"), ("last", "Last pass")] {
        let Some(pass) = status.get(name).filter(|pass| !pass.is_null()) else { continue };
        let ended = pass.get("ended").and_then(Value::as_str);
        let until = ended.map(|ended| format!(" to {ended}")).unwrap_or_default();
        let (blobs, bytes) = (number(pass, "blobs"), size(number(pass, "bytes")));
        let (begun, damaged) = (text(pass, "begun"), number(pass, "damaged"));
        say(&format!("{what} {begun}{until}: {blobs} blobs, {bytes} read, {damaged} damaged."));
    }
    let (damaged, index) = (list(status, "damaged"), list(status, "index"));
    for blob in damaged {
        say(&format!("damaged: blob {}: {}", text(blob, "blob"), text(blob, "what")));
        for owner in list(blob, "owners").iter().filter_map(Value::as_str) {
            say(&format!("  belongs to {owner}"));
        }
    }
    for what in index.iter().filter_map(Value::as_str) {
        say(&format!("damaged: {what}: stop the server and run `wellhouse store check`"));
    }
    if damaged.is_empty() && index.is_empty() {
        say("No damage is known.");
    }
}
