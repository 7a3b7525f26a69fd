//! Writing a blob file, and making it durable under its name.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::JoinHandle;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::{BLOCK_BYTES, end};
use crate::StoreError;
use crate::disk::health::Health;
use crate::disk::seal::{Guard, Wrapped};
use crate::disk::shelf::Draft;

/// After so many bytes, what was written is synced beside the writing, so that the final
/// fdatasync is short. Advising the kernel to drop pages begins writeback, too, but ran at less
/// than half of the plain rate in the one trial that was made, on a busy machine.
const WRITEBACK_BYTES: u64 = 64 << 20;

/// How far ahead of the writing room is asked for when the size is known: a file whose blocks are
/// there already was written in half of the time. Not all at once: a sender may announce what he
/// never sends.
const ROOM_BYTES: u64 = 64 << 20;

/// Below so many bytes, to ask for room is not worth a call.
const ROOM_FROM_BYTES: u64 = 8 << 20;

/// A blob file that is whole and durable, and not named by the index yet.
#[derive(Debug)]
pub(in crate::disk) struct Published {
    pub(in crate::disk) draft: Draft,
    /// How many bytes it holds.
    pub(in crate::disk) size: u64,
    /// Its data key, when it is sealed.
    pub(in crate::disk) wrapped: Option<Wrapped>,
}

/// A blob file being written.
#[derive(Debug)]
pub(in crate::disk) struct BlobWriter {
    // The file first: it is closed before the draft removes it.
    file: File,
    draft: Draft,
    guard: Guard,
    wrapped: Option<Wrapped>,
    size: u64,
    blocks: u64,
    pushed: u64,
    pushing: Option<JoinHandle<io::Result<()>>>,
    marks: Vec<u8>,
    /// How much room is still to be asked for, and from where on.
    room: Range<u64>,
}

impl BlobWriter {
    /// Begins a file for as many bytes as are announced, if they are.
    pub(in crate::disk) fn create(
        draft: Draft,
        announced: Option<u64>,
        health: &Health,
    ) -> Result<Self, StoreError> {
        // No name comes twice, unless the index is an old copy beside files of a later day.
        if draft.shelf().folder().blob(draft.id()).exists() {
            draft.keep();
            let doing = "naming a file: the index is older than the files";
            health.fail(doing);
            return Err(StoreError::Io { doing, source: io::ErrorKind::AlreadyExists.into() });
        }
        let (guard, wrapped) = draft.shelf().sealing().begin(draft.id())?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(draft.incoming())
            .map_err(|e| health.io("creating a file", e))?;
        let (size, blocks, pushed, pushing, marks) = (0, 0, 0, None, Vec::new());
        let room = 0..announced.filter(|size| *size >= ROOM_FROM_BYTES).unwrap_or_default();
        Ok(Self { file, draft, guard, wrapped, size, blocks, pushed, pushing, marks, room })
    }

    /// Writes the next bytes, encrypted in place when they are to be sealed: whole blocks, except
    /// at the end.
    pub(in crate::disk) fn write(
        &mut self,
        data: &mut [u8],
        health: &Health,
    ) -> Result<(), StoreError> {
        health.has_room_for_files()?;
        self.make_room(data.len(), health)?;
        for block in data.chunks_mut(BLOCK_BYTES) {
            let mark = self.guard.cover(self.draft.id(), self.blocks, block)?;
            self.marks.extend_from_slice(mark.as_bytes());
            self.blocks += 1;
        }
        self.file.write_all(data).map_err(|e| health.io("writing a file", e))?;
        self.size += data.len() as u64;
        if health.is_strict() && self.size - self.pushed >= WRITEBACK_BYTES {
            self.push(health)?;
        }
        Ok(())
    }

    /// Asks for room for the next bytes and some more, when the end is known.
    fn make_room(&mut self, len: usize, health: &Health) -> Result<(), StoreError> {
        let Range { start, end } = self.room;
        if start >= end || self.size + len as u64 <= start {
            return Ok(());
        }
        let len = ROOM_BYTES.min(end - start);
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, start, len) {
            Ok(()) => self.room.start += len,
            // What is not there need not be asked for again.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::INTR) => {
                self.room = 0..0;
            }
            Err(error) => return Err(health.io("making room for a file", error.into())),
        }
        Ok(())
    }

    /// Begins a sync beside the writing, unless the last one still runs.
    fn push(&mut self, health: &Health) -> Result<(), StoreError> {
        if self.pushing.as_ref().is_some_and(|pushing| !pushing.is_finished()) {
            return Ok(());
        }
        self.pushed_well(health)?;
        let file = self.file.try_clone().map_err(|e| health.io("sharing a file", e))?;
        let thread = std::thread::Builder::new().name("wh-objects-writeback".to_owned());
        let pushing = thread.spawn(move || file.sync_data());
        self.pushing = Some(pushing.map_err(|e| health.io("starting a thread", e))?);
        self.pushed = self.size;
        Ok(())
    }

    /// Waits for the sync that was begun. The kernel tells of an error once, perhaps only here.
    fn pushed_well(&mut self, health: &Health) -> Result<(), StoreError> {
        let Some(pushing) = self.pushing.take() else { return Ok(()) };
        let pushed = pushing.join().unwrap_or_else(|_| Err(io::Error::other("it panicked")));
        pushed.map_err(|e| health.sync_draft("syncing a file", e))
    }

    /// Makes the file durable under its name.
    pub(in crate::disk) fn publish(mut self, health: &Health) -> Result<Published, StoreError> {
        let mut footer = std::mem::take(&mut self.marks);
        let id = self.draft.id();
        footer.extend_from_slice(&end(&self.guard, id, self.size));
        let mark = self.guard.cover_end(id, &footer)?;
        footer.extend_from_slice(mark.as_bytes());
        self.file.write_all(&footer).map_err(|e| health.io("writing a file", e))?;
        self.pushed_well(health)?;
        if health.is_strict() {
            self.file.sync_data().map_err(|e| health.sync_draft("syncing a file", e))?;
        }
        let folder = self.draft.shelf().folder();
        std::fs::rename(self.draft.incoming(), folder.blob(id))
            .map_err(|e| health.io("naming a file", e))?;
        if health.is_strict() {
            sync_names(&folder.shard(id), health)?;
        }
        Ok(Published { draft: self.draft, size: self.size, wrapped: self.wrapped })
    }
}

/// Makes the names in a folder durable. Others' names are in it, too, so a failed sync is final
/// even where the disk is only full; that the folder cannot be opened, for want of descriptors say,
/// is no word of the disk.
fn sync_names(folder: &Path, health: &Health) -> Result<(), StoreError> {
    let folder = File::open(folder).map_err(|e| health.io("opening a folder", e))?;
    folder.sync_all().map_err(|e| health.sync("syncing a folder", e))
}

#[cfg(test)]
mod tests {
    use super::sync_names;
    use crate::StoreError;
    use crate::disk::Durability;
    use crate::disk::health::Health;

    #[test]
    fn a_folder_that_cannot_be_opened_is_no_failed_sync_and_one_that_cannot_be_synced_is() {
        let health = Health::new("/".into(), 0, Durability::Strict);
        let folder = tempfile::tempdir().expect("a folder");
        sync_names(folder.path(), &health).expect("synced");
        let error = sync_names(&folder.path().join("none"), &health);
        assert!(matches!(error, Err(StoreError::Io { .. })) && health.writable().is_ok());
        // A device that knows no sync.
        let error = sync_names("/dev/full".as_ref(), &health);
        assert!(matches!(error, Err(StoreError::Io { .. })) && health.writable().is_err());
    }
}
