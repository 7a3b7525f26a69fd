//! The store that is to be damaged: what is in its folder, and what it answers when it is whole.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wh_objects::{DiskStore, ObjectStore};

use super::damage::files;
use crate::chance::Chance;
use crate::compare::{Answer, OnBucket, Op, answer, copy_folder, everything, operations};
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
    /// Its files, relative to the folder, each with its length up to the last byte that is not
    /// zero: the log is made long ahead of what is written to it, and zeros are nobody's.
    pub(crate) files: Vec<(PathBuf, u64)>,
    /// Its answers to [`everything`].
    pub(crate) answers: Vec<Answer>,
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
        for (number, op) in (0..).zip(ops) {
            // What came before is in the index, what comes after in the log.
            if number == OPERATIONS / 2 {
                store.close().await;
                drop(store);
                store = open(&making, sealed).await?;
            }
            answer(&store, op, number).await;
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
        Ok(Self { folder, left, sealed, files, answers })
    }

    /// How many of the newest changes these answers know nothing of.
    pub(crate) fn missing(&self, answers: &[Answer]) -> u64 {
        newest(&self.answers).saturating_sub(newest(answers))
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

/// The number of the newest change that a store tells of; the greatest there is, if it does not.
fn newest(answers: &[Answer]) -> u64 {
    let told = everything().zip(answers).find(|(op, _)| is_feed(*op));
    let number = told.and_then(|(_, answer)| answer.text.split(' ').next()?.parse().ok());
    number.unwrap_or(u64::MAX)
}

fn is_feed(op: Op) -> bool {
    matches!(op, Op::Bucket(OnBucket::Events { .. }))
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
