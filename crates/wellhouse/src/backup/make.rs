//! `wellhouse backup --to …`: by the server that runs, or by this process.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;
use wh_ledger::{LastBackup, Ledger};
use wh_objects::DiskStore;
use wh_objects::backup::{BackupJob, BackupReport, Extra, Progress, backup};

use super::Place;
use crate::config::Config;
use crate::control::{self, Request};
use crate::store::{Output, size};
use crate::{Ended, cellar, ledger, parameters, say};

/// What is backed up.
pub(crate) struct Installation<'a> {
    pub(crate) data: &'a Path,
    pub(crate) store: &'a DiskStore,
    pub(crate) ledger: &'a Ledger,
}

pub(super) async fn run(place: &Place, output: Output, config: &Config) -> Result<Ended> {
    cellar::is_there(config)?;
    let request = Request::Backup(place.clone());
    let report = match control::ask(&config.data, &request, &mut control::unheard).await? {
        Some(report) => report,
        None => alone(place, config).await?,
    };
    if output == Output::Json {
        say(&report.to_string());
    } else {
        print(&report);
    }
    let damaged = report.get("damaged").and_then(Value::as_array).is_some_and(|d| !d.is_empty());
    Ok(if damaged { Ended::Different } else { Ended::Done })
}

/// When no server runs.
async fn alone(place: &Place, config: &Config) -> Result<Value> {
    let store = cellar::open(config).await?;
    let ledger = ledger::open(config, &parameters::clock()).await?;
    let installation = Installation { data: &config.data, store: &store, ledger: &ledger };
    let made = make(&installation, place, None, &mut |_| {}).await;
    ledger.close().await;
    store.close().await;
    made
}

/// A copy of the ledger, removed when it is dropped.
struct LedgerCopy(PathBuf);

impl LedgerCopy {
    async fn make(installation: &Installation<'_>) -> Result<Self> {
        let path = installation.data.join("ledger.backup");
        if path.exists() {
            fs::remove_file(&path).context("removing what an earlier backup left")?;
        }
        let copy = Self(path);
        installation.ledger.copy_to(&copy.0).await.context("copying the ledger")?;
        Ok(copy)
    }
}

impl Drop for LedgerCopy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(%error, "a copy of the ledger was not removed");
        }
    }
}

/// Makes a backup. Its turn is over when it has ended, also when nobody waits for that.
pub(crate) async fn make(
    installation: &Installation<'_>,
    place: &Place,
    turn: Option<OwnedMutexGuard<()>>,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Value> {
    let target = place.target().await?;
    let copy = LedgerCopy::make(installation).await?;
    let extras = vec![Extra { name: "ledger.db".to_owned(), path: copy.0.clone() }];
    let (now, entropy) = (parameters::clock().now(), parameters::entropy());
    let job = BackupJob { now, entropy, extras, held: Some(Box::new((copy, turn))) };
    let report = backup(installation.store, target, job, on_progress).await;
    let report = report.context("no backup was made; earlier ones are as they were")?;
    let made = LastBackup { at: now, place: place.to_string() };
    if let Err(error) = installation.ledger.note_backup(&made).await {
        tracing::warn!(%error, "that a backup was made is not remembered");
    }
    Ok(as_json(&report))
}

fn as_json(report: &BackupReport) -> Value {
    let point = &report.point;
    json!({
        "point": point.name,
        "objects": point.objects,
        "versions": point.versions,
        "blobs": point.blobs,
        "blob_bytes": point.blob_bytes,
        "encrypted": point.encrypted,
        "newest_event": point.newest_event,
        "damaged": point.damaged,
        "blobs_copied": report.blobs_copied,
        "bytes_written": report.bytes_written,
    })
}

fn print(report: &Value) {
    let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    let point = report.get("point").and_then(Value::as_str).unwrap_or_default();
    say(&format!(
        "Made point {point}: {} objects in {} versions; {} of {} blobs were new, {} were written, \
         read back and compared.",
        number("objects"),
        number("versions"),
        number("blobs_copied"),
        number("blobs"),
        size(number("bytes_written")),
    ));
    if report.get("encrypted").and_then(Value::as_bool) == Some(true) {
        say(
            "It is encrypted. The master key is not in it: keep the key file elsewhere, or nobody can read this.",
        );
    }
    for blob in report.get("damaged").and_then(Value::as_array).into_iter().flatten() {
        let what = blob.as_str().unwrap_or_default();
        if what.starts_with("page ") {
            say(&format!("damaged in the store already, and so in the backup: {what}"));
        } else {
            say(&format!("damaged in the store already, and not in the backup: blob {what}"));
        }
    }
}
