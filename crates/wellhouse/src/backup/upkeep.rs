//! `wellhouse backup list | verify | prune`: looking after backups. The store is not needed.

use anyhow::Result;
use serde_json::json;
use wh_objects::backup::{self, Keep, Point, Unlock};

use super::Place;
use super::place::Where;
use super::restore::chosen;
use crate::store::{Output, size};
use crate::{Ended, parameters, say};

/// Which backups are meant, and how results are printed.
#[derive(clap::Args)]
pub(super) struct Common {
    /// Where they are: a folder, or `s3://bucket/prefix`
    #[arg(long, value_name = "PLACE")]
    from: String,
    #[command(flatten)]
    s3: Where,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Show the points, oldest first
#[derive(clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

/// Read everything and compare it with its checksums (exit 2: something is damaged or missing)
#[derive(clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    common: Common,
    /// Only this point, or the newest one that is not later than this time
    #[arg(long, value_name = "POINT|TIME")]
    at: Option<String>,
}

/// Remove old points, and what only they needed; the newest point always stays
#[derive(clap::Args)]
pub(super) struct Prune {
    #[command(flatten)]
    common: Common,
    /// Keep the newest so many
    #[arg(long, value_name = "N", default_value_t = 1)]
    keep: usize,
    /// Keep the newest of each of so many days
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_daily: usize,
    /// Keep the newest of each of so many months
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_monthly: usize,
    /// Remove the mark of a backup that was broken off; only when none runs
    #[arg(long)]
    unlock: bool,
}

pub(super) async fn list(list: List) -> Result<Ended> {
    let Common { from, s3, output } = list.common;
    let target = Place::new(&from, s3)?.target().await?;
    let points = backup::list(&*target).await?;
    match output {
        Output::Json => {
            let points: Vec<_> = points.iter().map(point).collect();
            say(&json!(points).to_string());
        }
        Output::Text if points.is_empty() => say(&format!("There is no backup in {from}.")),
        Output::Text => points.iter().for_each(line),
    }
    Ok(Ended::Done)
}

fn point(point: &Point) -> serde_json::Value {
    json!({
        "point": point.name, "store": point.store, "encrypted": point.encrypted,
        "buckets": point.buckets, "objects": point.objects, "versions": point.versions,
        "newest_event": point.newest_event, "blobs": point.blobs,
        "blob_bytes": point.blob_bytes, "damaged": point.damaged,
    })
}

fn line(point: &Point) {
    let encrypted = if point.encrypted { ", encrypted" } else { "" };
    let damaged = match point.damaged.len() {
        0 => String::new(),
        count => format!(", of a store with damage in {count} places"),
    };
    say(&format!(
        "{}: {} buckets, {} objects in {} versions, {} in {} blobs{encrypted}{damaged}",
        point.name,
        point.buckets,
        point.objects,
        point.versions,
        size(point.blob_bytes),
        point.blobs
    ));
}

pub(super) async fn verify(verify: Verify) -> Result<Ended> {
    let Common { from, s3, output } = verify.common;
    let target = Place::new(&from, s3)?.target().await?;
    let select = verify.at.as_deref().map(chosen);
    let report = backup::verify(&*target, select.as_ref(), &mut |_| {}).await?;
    if output == Output::Json {
        let told = json!({
            "points": report.points, "files": report.files, "bytes": report.bytes,
            "damaged": report.damaged,
        });
        say(&told.to_string());
    } else {
        for (file, points) in &report.damaged {
            say(&format!("damaged or missing: {file}, needed by {}", points.join(", ")));
        }
        let (points, files) = (report.points, report.files);
        say(&format!("Read {points} points and {files} files, {}.", size(report.bytes)));
        if report.damaged.is_empty() {
            say("The backup is whole.");
        }
    }
    Ok(if report.damaged.is_empty() { Ended::Done } else { Ended::Different })
}

pub(super) async fn prune(prune: Prune) -> Result<Ended> {
    let Common { from, s3, output } = prune.common;
    let target = Place::new(&from, s3)?.target().await?;
    let (last, daily, monthly) = (prune.keep, prune.keep_daily, prune.keep_monthly);
    let unlock = if prune.unlock { Unlock::Yes } else { Unlock::No };
    let (keep, entropy) = (Keep { last, daily, monthly }, parameters::entropy());
    let report = backup::prune(&*target, keep, unlock, &entropy).await?;
    if output == Output::Json {
        let told = json!({
            "kept": report.kept, "removed": report.removed, "files_removed": report.files_removed,
        });
        say(&told.to_string());
    } else {
        for point in &report.removed {
            say(&format!("removed {point}"));
        }
        let (kept, removed) = (report.kept.len(), report.removed.len());
        let files = report.files_removed;
        say(&format!("{removed} points went with {files} files; {kept} stay."));
    }
    Ok(Ended::Done)
}
