//! A plain folder that shows one image after the other, writing only what differs.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use outage::Tree;

/// Zeros are left out in blocks of so many bytes.
const SPARSE_BYTES: usize = 64 << 10;

/// What a block is compared with, as memory and at its speed.
static ZEROS: [u8; SPARSE_BYTES] = [0; SPARSE_BYTES];

/// What was done with the last image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    /// It was opened and read: files may be gone, but none came.
    Read,
    /// It was worked on.
    Used,
}

/// A folder with an image in it.
#[derive(Debug)]
pub(super) struct Canvas {
    folder: PathBuf,
    folders: BTreeSet<PathBuf>,
    /// The files that are as they were written. The store writes blobs once and under new names,
    /// so only they are taken to be; a store that changed one would be found out by the next
    /// image, and then by its repetition in a fresh folder.
    kept: BTreeMap<PathBuf, u64>,
    shown: Vec<PathBuf>,
    since: Since,
    number: u64,
}

impl Canvas {
    /// An empty folder, whatever was there.
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        let (folders, kept, shown) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        let mut canvas = Self { folder, folders, kept, shown, since: Since::Read, number: 0 };
        canvas.clear()?;
        Ok(canvas)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes the folder.
    pub(super) fn end(self) -> Result<()> {
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }

    fn clear(&mut self) -> Result<()> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        std::fs::create_dir_all(&self.folder)?;
        self.folders.clear();
        self.kept.clear();
        Ok(())
    }

    /// The image will be worked on.
    pub(super) fn used(&mut self) {
        self.since = Since::Used;
    }

    /// Shows an image, in a folder that no thread of the last store knows: one that still removes
    /// files would otherwise remove those of this image.
    pub(super) fn paint(&mut self, tree: &Tree) -> Result<()> {
        self.number += 1;
        let folder = self.folder.with_extension(self.number.to_string());
        std::fs::rename(&self.folder, &folder)?;
        self.folder = folder;
        let (folders, files) = match std::mem::replace(&mut self.since, Since::Read) {
            Since::Read => (None, self.known()?),
            Since::Used => {
                let (folders, files) = self.found()?;
                (Some(folders), files)
            }
        };
        if folders.as_ref().unwrap_or(&self.folders) == &tree.folders {
            self.remove(&files, tree)?;
        } else {
            self.clear()?;
            for folder in &tree.folders {
                std::fs::create_dir(self.folder.join(folder))?;
            }
            self.folders.clone_from(&tree.folders);
        }
        self.fill(tree)
    }

    fn fill(&mut self, tree: &Tree) -> Result<()> {
        let mut kept = BTreeMap::new();
        for (path, file) in &tree.files {
            if self.kept.get(path) != Some(&file.ident) {
                self.write(path, &file.bytes)?;
            }
            if is_blob(path) {
                kept.insert(path.clone(), file.ident);
            }
        }
        self.kept = kept;
        self.shown = tree.files.keys().cloned().collect();
        Ok(())
    }

    /// Always a new file: a connection of the last store may not have let go of the old one, and
    /// would find that cut short under its mapping.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(path);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        write_sparsely(&File::create(path)?, bytes)
    }

    /// What is still there of what was shown, and what the store made beside it.
    fn known(&self) -> Result<BTreeSet<PathBuf>> {
        let there = |path: &&PathBuf| self.folder.join(path).exists();
        let mut files: BTreeSet<_> = self.shown.iter().filter(there).cloned().collect();
        let top = std::fs::read_dir(&self.folder)?.map(|entry| kind(Path::new(""), entry));
        let top = top.collect::<Result<Vec<_>>>()?;
        files.extend(top.into_iter().filter(|(_, is_folder)| !is_folder).map(|(path, _)| path));
        Ok(files)
    }

    /// Removes what the image has not, and forgets what is gone.
    fn remove(&mut self, files: &BTreeSet<PathBuf>, tree: &Tree) -> Result<()> {
        self.kept.retain(|path, _| files.contains(path));
        for path in files.iter().filter(|path| !tree.files.contains_key(*path)) {
            // The last store may still be taking files away itself.
            match std::fs::remove_file(self.folder.join(path)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
            self.kept.remove(path);
        }
        Ok(())
    }

    /// What is there.
    fn found(&self) -> Result<(BTreeSet<PathBuf>, BTreeSet<PathBuf>)> {
        let (mut folders, mut files) = (BTreeSet::new(), Vec::new());
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            let entries = std::fs::read_dir(self.folder.join(&folder))?;
            let entries = entries.map(|entry| kind(&folder, entry)).collect::<Result<Vec<_>>>()?;
            folders.insert(folder);
            let (inner, leaves): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, is)| *is);
            open.extend(inner.into_iter().map(|(path, _)| path));
            files.extend(leaves.into_iter().map(|(path, _)| path));
        }
        folders.remove(Path::new(""));
        Ok((folders, files.into_iter().collect()))
    }
}

/// Leaves out zeros: the index's log is mostly that.
fn write_sparsely(file: &File, bytes: &[u8]) -> Result<()> {
    for (at, block) in (0..).step_by(SPARSE_BYTES).zip(bytes.chunks(SPARSE_BYTES)) {
        if ZEROS.get(..block.len()) != Some(block) {
            file.write_all_at(block, at)?;
        }
    }
    Ok(file.set_len(u64::try_from(bytes.len())?)?)
}

fn kind(folder: &Path, entry: std::io::Result<DirEntry>) -> Result<(PathBuf, bool)> {
    let entry = entry?;
    Ok((folder.join(entry.file_name()), entry.file_type()?.is_dir()))
}

fn is_blob(path: &Path) -> bool {
    path.iter().next() == Some(OsStr::new("blobs"))
}
