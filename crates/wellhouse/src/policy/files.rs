//! Files and folders from the command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The deepest folder that is looked into: no tree of policies is deeper, and links may go in circles.
const DEPTH_MAX: usize = 16;

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The files themselves, and of folders every file below with one of the endings, in order.
pub(crate) fn below(paths: &[PathBuf], endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        collect(path, endings, DEPTH_MAX, &mut found)?;
        if found.len() == before {
            bail!("{} holds no *.{} files", path.display(), endings.join(" or *."));
        }
    }
    Ok(found)
}

fn collect(folder: &Path, endings: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    let cannot = || format!("cannot read {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        entries.push(entry.with_context(cannot)?.path());
    }
    entries.sort();
    for path in entries {
        let ends = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() && depth > 0 {
            collect(&path, endings, depth - 1, found)?;
        } else if ends.is_some_and(|ending| endings.contains(&ending)) {
            found.push(path);
        }
    }
    Ok(())
}
