//! `wellhouse restore`: a backup becomes a data folder.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;
use wh_objects::backup::{self, Select};

use super::Place;
use super::place::Where;
use crate::store::{Output, size};
use crate::{Ended, say};

/// Put a backup back into an empty folder (exit 2: blobs that were damaged already are missing)
///
/// Everything is compared while it is written. The folder is then a data folder, as it was:
/// objects, versions, tags, locks, events, persons, roles, grants and the audit log.
#[derive(clap::Args)]
pub(crate) struct Restore {
    /// Where the backup is: a folder, or `s3://bucket/prefix`
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// The point, or the newest one that is not later than this time [default: the newest]
    #[arg(long, value_name = "POINT|TIME")]
    at: Option<String>,
    /// The folder; it must be empty, or not there
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    #[command(flatten)]
    s3: Where,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Which point is meant.
pub(super) fn chosen(text: &str) -> Select {
    match text.parse() {
        Ok(time) => Select::At(time),
        Err(_) => Select::Named(text.to_owned()),
    }
}

pub(crate) async fn restore(restore: Restore) -> Result<Ended> {
    let target = Place::new(&restore.from, restore.s3)?.target().await?;
    let select = restore.at.as_deref().map_or(Select::Newest, chosen);
    let report = backup::restore(&*target, &select, &restore.to, &mut |_| {}).await;
    let to = restore.to.display();
    let report = report.with_context(|| format!("the backup was not put back into {to}"))?;
    let point = &report.point;
    if restore.output == Output::Json {
        let told = json!({
            "point": point.name, "objects": point.objects, "versions": point.versions,
            "bytes": report.bytes, "encrypted": point.encrypted, "damaged": point.damaged,
        });
        say(&told.to_string());
    } else {
        say(&format!(
            "Put point {} back: {} objects in {} versions, {}.",
            point.name,
            point.objects,
            point.versions,
            size(report.bytes)
        ));
        if point.encrypted {
            say(&format!(
                "It is encrypted: put the key file that the store was written with to \
                 {to}/store.keys, or say where it is by store.encryption.key_file."
            ));
        }
        for blob in &point.damaged {
            say(&format!("missing, because it was damaged already: blob {blob}"));
        }
        say(&format!(
            "Look at it by `wellhouse --data {to} store check`, start it by `wellhouse --data {to} serve`."
        ));
    }
    Ok(if point.damaged.is_empty() { Ended::Done } else { Ended::Different })
}
