//! Backups in a folder, best on another disk.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use rustix::fs::{Advice, fadvise};

use super::TargetError;
use super::target::{Source, Target};
use crate::ByteStream;
use crate::disk::sync_folder;

/// What is copied or read at once, in bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// Every folder that names are put into.
const OWN: [&str; 6] = ["blobs", "chunks", "drafts", "points", "pruning", "running"];

/// Backups in a folder.
#[derive(Debug)]
pub struct FolderTarget {
    root: PathBuf,
    /// Folders above the root that hold the name of one that was made.
    above: Mutex<Vec<PathBuf>>,
}

impl FolderTarget {
    /// A folder that is there, or is made, with mode 0700, when something is put.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), above: Mutex::default() }
    }

    fn put_now(&self, name: &str, source: Source<'_>) -> io::Result<()> {
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root);
        self.make(folder)?;
        let draft = self.draft()?;
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&draft)?;
        let written = Self::fill(&mut file, source).and_then(|()| std::fs::rename(&draft, &path));
        if let Err(error) = written {
            remove_if_there(&draft)?;
            return Err(error);
        }
        Ok(())
    }

    /// Writes a file, down to the disk.
    fn fill(file: &mut File, source: Source<'_>) -> io::Result<()> {
        match source {
            Source::Bytes(bytes) => file.write_all(bytes)?,
            Source::File(from, size) => copy(&mut File::open(from)?, file, size)?,
        }
        file.sync_all()?;
        // What is read back comes from the disk.
        Ok(fadvise(&*file, 0, None, Advice::DontNeed)?)
    }

    /// A name that nobody else writes under. What a killed run left there, pruning removes.
    fn draft(&self) -> io::Result<PathBuf> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let folder = self.root.join("drafts");
        self.make(&folder)?;
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let draft = folder.join(format!("{}-{count}", std::process::id()));
            if !draft.try_exists()? {
                return Ok(draft);
            }
        }
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if !self.root.is_dir() {
            *self.above.lock().unwrap_or_else(PoisonError::into_inner) = missing(&self.root);
        }
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    /// Every folder with names that a point may rely on: those of an earlier run, too, which may
    /// have ended before they were durable.
    fn folders(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = self.above.lock().unwrap_or_else(PoisonError::into_inner).clone();
        found.push(self.root.clone());
        // Not all there is: the root of a disk holds a folder that only root may look into.
        let own = OWN.map(|name| self.root.join(name));
        let mut folders: Vec<_> = own.into_iter().filter(|path| path.is_dir()).collect();
        while let Some(folder) = folders.pop() {
            folders.extend(entries(&folder)?.into_iter().filter(|path| path.is_dir()));
            found.push(folder);
        }
        Ok(found)
    }

    fn list_now(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        let mut folders = vec![self.root.join(folder)];
        while let Some(folder) = folders.pop() {
            let (below, files): (Vec<_>, Vec<_>) =
                entries(&folder)?.into_iter().partition(|path| path.is_dir());
            folders.extend(below);
            let name =
                |path: &PathBuf| Some(path.strip_prefix(&self.root).ok()?.to_str()?.to_owned());
            names.extend(files.iter().filter_map(name));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn error(&self, doing: &str, name: &str) -> impl FnOnce(io::Error) -> TargetError {
        let doing = format!("{doing} `{}`", self.root.join(name).display());
        move |source| TargetError::new(doing, source)
    }
}

/// What is in a folder, which need not be there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// The folders that hold the names of those that are to be made on the way to a path: syncing
/// them makes the path durable.
pub(super) fn missing(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().take_while(|folder| !folder.is_dir()).filter_map(Path::parent);
    let named = |folder: &Path| match folder {
        folder if folder.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder.to_owned(),
    };
    above.map(named).collect()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Copies exactly so many bytes.
fn copy(from: &mut File, to: &mut File, size: u64) -> io::Result<()> {
    let copied = io::copy(&mut from.take(size), to)?;
    if copied == size { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn next(mut file: File) -> Option<(io::Result<Bytes>, File)> {
    let mut block = vec![0; BLOCK_BYTES];
    match file.read(&mut block) {
        Ok(0) => None,
        Ok(read) => {
            block.truncate(read);
            Some((Ok(block.into()), file))
        }
        Err(error) => Some((Err(error), file)),
    }
}

#[async_trait]
impl Target for FolderTarget {
    fn describe(&self) -> String {
        format!("`{}`", self.root.display())
    }

    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        self.put_now(name, source).map_err(self.error("writing", name))
    }

    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError> {
        let file = match File::open(self.root.join(name)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(self.error("reading", name))?,
        };
        let blocks = futures::stream::unfold(file, |file| std::future::ready(next(file)));
        let blocks = futures::StreamExt::map(blocks, |block| block.map_err(Into::into));
        Ok(Some(Box::pin(blocks)))
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.list_now(folder).map_err(self.error("listing", folder))
    }

    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        remove_if_there(&self.root.join(name)).map_err(self.error("removing", name))
    }

    async fn settle(&self) -> Result<(), TargetError> {
        let synced = self.folders().and_then(|all| all.iter().try_for_each(|f| sync_folder(f)));
        synced.map_err(self.error("syncing", ""))
    }
}

#[cfg(test)]
mod tests {
    use super::{FolderTarget, Source, Target, missing};

    #[tokio::test]
    async fn what_an_earlier_run_left_is_settled_with_the_rest() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (above, root) = (scratch.path().join("a"), scratch.path().join("a/b"));
        let first = FolderTarget::new(&root);
        first.put("chunks/ab/x", Source::Bytes(b"x")).await.expect("put");
        let told = first.folders().expect("folders");
        for folder in [scratch.path(), &above, &root, &root.join("chunks"), &root.join("chunks/ab")]
        {
            assert!(told.iter().any(|told| told == folder), "{}", folder.display());
        }
        let later = FolderTarget::new(&root).folders().expect("folders");
        assert!(later.contains(&root.join("chunks/ab")), "{later:?}");
        first.settle().await.expect("settled");
    }

    #[test]
    fn a_new_folder_is_durable_with_all_that_name_it() {
        let scratch = tempfile::tempdir().expect("a folder");
        let to = scratch.path().join("a/b");
        assert_eq!(missing(&to), [scratch.path().join("a"), scratch.path().to_owned()]);
        assert!(missing(scratch.path()).is_empty());
        assert_eq!(missing("not-there".as_ref()), [std::path::PathBuf::from(".")]);
    }
}
