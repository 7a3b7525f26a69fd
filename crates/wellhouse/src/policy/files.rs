//! Files and folders from the command line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

/// The deepest folder that is looked into: no tree of policies is deeper.
const DEPTH_MAX: usize = 16;

/// Reads a file. The mark that some editors put before UTF-8 is no part of the text.
pub(crate) fn read(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The files themselves, and of folders every file below with one of the endings, in order; and what
/// could not be looked into.
pub(crate) fn below(paths: &[PathBuf], endings: &[&str]) -> Vec<Result<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(Ok(path.clone()));
            continue;
        }
        let mut below = Below { endings, seen: BTreeSet::new(), found: Vec::new() };
        below.collect(path, DEPTH_MAX);
        if below.found.is_empty() {
            let (folder, endings) = (path.display(), endings.join(" or *."));
            below.found.push(Err(anyhow!("{folder} holds no *.{endings} files")));
        }
        found.append(&mut below.found);
    }
    found
}

/// What is found below a folder.
struct Below<'e> {
    endings: &'e [&'e str],
    /// The folders that were looked into: a link may lead back to one.
    seen: BTreeSet<PathBuf>,
    found: Vec<Result<PathBuf>>,
}

impl Below<'_> {
    fn collect(&mut self, folder: &Path, depth: usize) {
        match self.entries(folder) {
            Ok(entries) => entries.into_iter().for_each(|entry| self.add(entry, depth)),
            Err(error) => self.found.push(Err(error)),
        }
    }

    /// What a folder holds; nothing where it was looked into before.
    fn entries(&mut self, folder: &Path) -> Result<Vec<PathBuf>> {
        let cannot = || format!("cannot read {}", folder.display());
        if !self.seen.insert(fs::canonicalize(folder).with_context(cannot)?) {
            return Ok(Vec::new());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).with_context(cannot)? {
            entries.push(entry.with_context(cannot)?.path());
        }
        entries.sort();
        Ok(entries)
    }

    /// Pipes and devices are passed over: to read one may never end.
    fn add(&mut self, path: PathBuf, depth: usize) {
        let ends = path.extension().and_then(|ending| ending.to_str());
        let ends = ends.is_some_and(|ending| self.endings.contains(&ending));
        match fs::metadata(&path) {
            Ok(what) if what.is_dir() && depth > 0 => self.collect(&path, depth - 1),
            Ok(what) if what.is_file() && ends => self.found.push(Ok(path)),
            Err(error) if ends => {
                let error = anyhow::Error::new(error);
                self.found.push(Err(error.context(format!("cannot read {}", path.display()))));
            }
            Ok(_) | Err(_) => {}
        }
    }
}
