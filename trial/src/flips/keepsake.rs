//! The store that is to be damaged: what is in its folder, and what it answers when it is whole.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wh_objects::{DiskStore, ObjectStore};

use super::damage::files;
use crate::chance::Chance;
use crate::compare::{Answer, Op, answer, copy_folder, everything, operations};
use crate::keys::Sealed;

/// How many operations the store has seen.
const OPERATIONS: u64 = 500;

/// How the store was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It was closed: everything is in the index.
    Closed,
    /// It crashed: the last operations are in the log only.
    Crashed,
}

/// A whole store.
#[derive(Debug)]
pub(crate) struct Keepsake {
    pub(crate) folder: PathBuf,
    pub(crate) left: Left,
    pub(crate) sealed: Sealed,
    /// Its files, relative to the folder, with their lengths.
    pub(crate) files: Vec<(PathBuf, u64)>,
    /// Its answers to [`everything`].
    pub(crate) answers: Vec<Answer>,
    /// Digests of its answers after each operation that is in the log only, the oldest first.
    earlier: Vec<u64>,
}

impl Keepsake {
    /// Makes a store by random operations. `home` is an empty folder.
    pub(crate) async fn make(
        seed: u64,
        (left, sealed): (Left, Sealed),
        home: &Path,
    ) -> Result<Self> {
        let ops = operations(&mut Chance::new(seed), OPERATIONS);
        let (making, folder) = (home.join("making"), home.join("whole"));
        let mut store = open(&making, sealed).await?;
        let mut earlier = Vec::new();
        for (number, op) in (0..).zip(ops) {
            // What came before is in the index, what comes after in the log.
            if number == OPERATIONS / 2 {
                store.close().await;
                drop(store);
                store = open(&making, sealed).await?;
            }
            answer(&store, op, number).await;
            if left == Left::Crashed && number >= OPERATIONS / 2 {
                earlier.push(digest(&ask(&store).await));
            }
        }
        let answers = ask(&store).await;
        ensure!(answers.iter().any(|a| a.code == "ok"), "there is nothing in the store");
        if left == Left::Closed {
            store.close().await;
        }
        copy_folder(&making, &folder).context("copying the store")?;
        drop(store);
        std::fs::remove_dir_all(making).context("removing the original")?;
        let files = files(&folder)?;
        Ok(Self { folder, left, sealed, files, answers, earlier })
    }

    /// How many operations ago the store gave these answers, if it ever did.
    pub(crate) fn age_of(&self, answers: &[Answer]) -> Option<usize> {
        let digest = digest(answers);
        self.earlier.iter().rev().position(|earlier| *earlier == digest)
    }

    /// Lays a copy out, with other bytes in one file.
    pub(crate) fn copy(&self, to: &Path, file: &Path, bytes: &[u8]) -> Result<()> {
        copy_folders(&self.folder, to).context("copying folders")?;
        for (path, _) in &self.files {
            let (from, to) = (self.folder.join(path), to.join(path));
            if path == file {
                std::fs::write(to, bytes).context("writing the damaged file")?;
            } else if path.starts_with("blobs") {
                // The store never writes to these, it only removes them.
                std::fs::hard_link(from, to).context("linking a file")?;
            } else {
                std::fs::copy(from, to).context("copying a file")?;
            }
        }
        Ok(())
    }
}

fn digest(answers: &[Answer]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for answer in answers {
        answer.text.hash(&mut hasher);
    }
    hasher.finish()
}

async fn open(folder: &Path, sealed: Sealed) -> Result<DiskStore> {
    DiskStore::open(sealed.options(folder)?).await.context("opening the whole store")
}

/// Everything that a store answers.
pub(crate) async fn ask(store: &dyn ObjectStore) -> Vec<Answer> {
    let mut answers = Vec::new();
    for op in everything() {
        answers.push(answer(store, op, 0).await);
    }
    answers
}

/// What was asked for the answer at this place.
pub(crate) fn question(place: usize) -> Option<Op> {
    everything().nth(place)
}

fn copy_folders(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy_folders(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
