//! `wellhouse policy export`: a world as a folder, to read, edit and compare.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::world::{self, Source};
use super::{Configured, Output};
use crate::{Ended, say};

/// Write roles and policies into a folder, to start from
///
/// The layout, which every command takes as a WORLD:
///
///   roles/NAME/trust.json            who may assume the role
///   roles/NAME/permissions/*.json    what it may do
///   roles/NAME/boundary.json         what it can never exceed
///   buckets/BUCKET/policy.json       the bucket policy
///
/// Account, partition and the roles' path in IAM are those of the configuration.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  \
    wellhouse policy export mine\n  \
    $EDITOR mine/roles/S3AccessRole/permissions/*.json\n  \
    wellhouse policy diff standard mine")]
pub(crate) struct Export {
    /// The folder; made where it is missing
    folder: PathBuf,
    /// What to write: `standard` (as configured), `running` (as in force), or a folder
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// Write over files that are there already
    #[arg(long)]
    overwrite: bool,
    /// `text`, or `json`: the files that were written
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) fn run(export: &Export, config: Configured<'_>) -> Result<Ended> {
    let world = world::read(&export.from, &config()?)?;
    let mut files = Vec::new();
    for document in &world.documents {
        let place = match &export.from {
            Source::Path(base) => document.place.strip_prefix(base).unwrap_or(&document.place),
            Source::Standard | Source::Running => &document.place,
        };
        files.push((export.folder.join(inside(place)?), format!("{}\n", document.text.trim_end())));
    }
    // All or nothing: what is in the way is found before anything is written.
    let in_the_way = files.iter().find(|(path, text)| !export.overwrite && differs(path, text));
    if let Some((path, _)) = in_the_way {
        bail!(
            "{} is there already and is different; nothing was written (--overwrite does it)",
            path.display()
        );
    }
    for (path, text) in &files {
        let cannot = || format!("cannot write {}", path.display());
        fs::create_dir_all(path.parent().unwrap_or(&export.folder)).with_context(cannot)?;
        fs::write(path, text).with_context(cannot)?;
    }
    told(export, &files);
    Ok(Ended::Done)
}

fn told(export: &Export, files: &[(PathBuf, String)]) {
    let names = files.iter().map(|(path, _)| path.display().to_string());
    match export.output {
        Output::Json => {
            let names: Vec<String> = names.collect();
            say(&serde_json::json!({ "from": export.from.to_string(), "files": names }).to_string());
        }
        Output::Text => {
            names.for_each(|name| say(&name));
            let (folder, from) = (export.folder.display(), &export.from);
            say(&format!("{} files written from {from}. Next:", files.len()));
            say(&format!("  wellhouse policy check {folder}"));
            say(&format!("  wellhouse policy diff {from} {folder}"));
        }
    }
}

fn differs(path: &Path, text: &str) -> bool {
    path.exists() && fs::read_to_string(path).map_or(true, |there| there != text)
}

/// The names of policies come from the store: one that leads out of the folder is refused.
fn inside(place: &Path) -> Result<&Path> {
    if place.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(place);
    }
    bail!("{} is no place inside a folder", place.display())
}
