//! A state of a file system, at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folders and files by their paths below the mounted folder, which itself is not named.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Every folder; a parent comes before its children.
    pub folders: BTreeSet<PathBuf>,
    /// Every file.
    pub files: BTreeMap<PathBuf, TreeFile>,
}

/// A file of a tree.
#[derive(Debug, Clone)]
pub struct TreeFile {
    /// Its bytes.
    pub bytes: Arc<Vec<u8>>,
    /// The same for files with the same bytes, as long as they come from one [`crate::Disk`].
    pub ident: u64,
}

impl Tree {
    /// What lies below a folder, by paths relative to it; `None` where there is no such folder.
    #[must_use]
    pub fn below(&self, folder: &Path) -> Option<Self> {
        self.folders.contains(folder).then_some(())?;
        let strip = |path: &PathBuf| path.strip_prefix(folder).ok().map(Path::to_owned);
        let folders = self.folders.iter().filter_map(strip).filter(|p| p.as_os_str() != "");
        let files = self.files.iter().filter_map(|(path, file)| Some((strip(path)?, file.clone())));
        Some(Self { folders: folders.collect(), files: files.collect() })
    }

    /// Writes everything into an empty folder.
    pub fn write(&self, into: &Path) -> std::io::Result<()> {
        for folder in &self.folders {
            std::fs::create_dir(into.join(folder))?;
        }
        for (path, file) in &self.files {
            std::fs::write(into.join(path), file.bytes.as_slice())?;
        }
        Ok(())
    }
}
