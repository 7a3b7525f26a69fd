//! `wellhouse store check`: whether a store that nobody serves from is whole.

use anyhow::Result;
use serde_json::json;
use wh_objects::{CheckReport, Depth, Finding};

use super::{Output, size};
use crate::cellar;
use crate::config::Config;
use crate::{Ended, say};

/// Read the whole store and tell whether anything is damaged (exit 2: it is)
///
/// The server must not run. Nothing is changed.
#[derive(clap::Args)]
pub(crate) struct Check {
    /// Look only at the ends of large blobs, not at every block of them
    #[arg(long)]
    quick: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(super) async fn run(check: Check, config: &Config) -> Result<Ended> {
    let depth = if check.quick { Depth::Ends } else { Depth::Blocks };
    let report = wh_objects::check(cellar::options(config).await?, depth).await;
    let report = report.map_err(|error| cellar::explained(error, config))?;
    match check.output {
        Output::Text => print(&report),
        Output::Json => say(&as_json(&report).to_string()),
    }
    Ok(if report.is_whole() { Ended::Done } else { Ended::Different })
}

fn print(report: &CheckReport) {
    for finding in &report.findings {
        say(&line(finding));
    }
    if report.further > 0 {
        say(&format!("and {} more", report.further));
    }
    let c = &report.counts;
    say(&format!(
        "Read {} buckets, {} objects in {} versions, {} uploads of {} parts, {} events, {} blobs \
         ({} files), {}.",
        c.buckets,
        c.objects,
        c.versions,
        c.uploads,
        c.parts,
        c.events,
        c.blobs,
        c.files,
        size(c.bytes)
    ));
    say(if report.is_whole() {
        "The store is whole."
    } else {
        "The store is damaged. Put the objects back from a backup, or take them out of the way by \
         `wellhouse store repair --quarantine`."
    });
}

/// A finding in a line.
pub(super) fn line(finding: &Finding) -> String {
    let owner = finding.owner.as_ref().map(|owner| format!("{owner}: ")).unwrap_or_default();
    format!("{}: {owner}{}", finding.kind.as_str(), finding.what)
}

/// A finding for machines.
pub(super) fn finding(finding: &Finding) -> serde_json::Value {
    let owner = finding.owner.as_ref();
    json!({
        "kind": finding.kind.as_str(),
        "damage": finding.kind.is_damage(),
        "what": finding.what,
        "bucket": owner.map(|o| &o.bucket),
        "key": owner.map(|o| &o.key),
        "version": owner.and_then(|o| o.version).map(|v| v.to_string()),
        "upload": owner.and_then(|o| o.part.as_ref()).map(|(upload, _)| upload),
        "part": owner.and_then(|o| o.part.as_ref()).map(|(_, part)| part),
    })
}

fn as_json(report: &CheckReport) -> serde_json::Value {
    let c = &report.counts;
    json!({
        "whole": report.is_whole(),
        "counts": {
            "buckets": c.buckets, "objects": c.objects, "versions": c.versions,
            "uploads": c.uploads, "parts": c.parts, "events": c.events,
            "blobs": c.blobs, "files": c.files, "bytes": c.bytes,
        },
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "further": report.further,
    })
}
