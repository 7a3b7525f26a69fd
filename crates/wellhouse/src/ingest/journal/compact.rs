//! Shortening the journal: a new file of the lines that still count takes the old one's place.
//!
//! Invariant: whenever it is cut off, the journal's name stands for the old file or for the whole new
//! one, which is on the disk, and both tell the same.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Known, Line};

/// Where the new file is made.
pub(in crate::ingest) const BESIDE: &str = ".wellhouse-new";

/// Shorter journals are left alone, in lines.
pub(super) const LINES_MIN: usize = 1024;

/// How many lines tell what is known.
pub(super) fn living(known: &HashMap<String, Known>) -> usize {
    let lines = known.values().map(|known| match known {
        Known::Putting { .. } | Known::Done { .. } => 1,
        Known::Upload(upload) => 1 + upload.parts.len() + usize::from(upload.completing),
    });
    1 + lines.sum::<usize>()
}

/// The lines of a journal that still count, as they stand there.
pub(super) fn shortened(text: &str) -> Result<Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    // The first line stays, whatever follows.
    let mut of_files: HashMap<String, Vec<(Option<u16>, usize)>> = HashMap::new();
    for (number, line) in lines.iter().enumerate().skip(1) {
        match serde_json::from_str(line).context("a line is damaged")? {
            Line::Journal { .. } => {}
            Line::Putting { path, .. }
            | Line::Begun { path, .. }
            | Line::Done { path, .. }
            | Line::Unverified { path, .. } => drop(of_files.insert(path, vec![(None, number)])),
            Line::Refused { path } | Line::Abandoned { path } => drop(of_files.remove(&path)),
            Line::Part { path, n, .. } => {
                if let Some(file) = of_files.get_mut(&path) {
                    file.retain(|(part, _)| *part != Some(n));
                    file.push((Some(n), number));
                }
            }
            Line::Completing { path } => {
                if let Some(file) = of_files.get_mut(&path) {
                    file.push((None, number));
                }
            }
        }
    }
    let mut numbers: Vec<usize> = of_files.into_values().flatten().map(|(_, n)| n).collect();
    numbers.push(0);
    numbers.sort_unstable();
    Ok(numbers.into_iter().filter_map(|number| lines.get(number).copied()).collect())
}

/// Puts a new journal in the place of the old one, and gives it, locked. `step` is called between the
/// steps, and what it refuses cuts the replacing off.
pub(super) fn replace(
    path: &Path,
    lines: &[&str],
    step: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<File> {
    let beside = beside(path);
    clear(path)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true).mode(0o600);
    let mut file = options.open(&beside)?;
    // Nobody gets it between its renaming and our first line.
    file.try_lock()?;
    for line in lines {
        step()?;
        file.write_all(format!("{line}\n").as_bytes())?;
    }
    step()?;
    file.sync_all()?;
    step()?;
    fs::rename(&beside, path)?;
    step()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

/// Takes away what a crash left of a new journal.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    match fs::remove_file(beside(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(BESIDE);
    beside.into()
}

/// Whether a path names this very file.
pub(super) fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    let (own, named) = (file.metadata()?, fs::symlink_metadata(path)?);
    Ok((own.dev(), own.ino()) == (named.dev(), named.ino()))
}
