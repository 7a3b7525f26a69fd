//! Blob files: the blocks, then a mark for each of them, then the end.
//!
//! ```text
//! blocks      256 KiB each, the last one what is left; plain, or encrypted in place
//! marks       for each block 8 bytes (CRC-64/NVME, plain) or 16 (tag, sealed)
//! "WHBLOB02"  8 bytes
//! id          16 bytes, big-endian
//! size        8 bytes, little-endian: how many bytes the blocks have
//! kind        4 bytes, little-endian: 0 plain, 1 sealed
//! mark        8 or 16 bytes, over all marks and what follows them
//! ```
//!
//! Invariant: a block is given out only after its mark was compared, and the marks only after that
//! of the end, which covers the blob's own id and size: a file that was cut, one in another's
//! place, and blocks that changed places are all found.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;

use super::extent::BlobId;
use super::folder::sync_folder;
use super::health::Health;
use super::seal::{Guard, Wrapped};
use super::shelf::{Draft, Shelf};
use crate::StoreError;

/// What one mark covers, in bytes.
pub(super) const BLOCK_BYTES: usize = 256 << 10;

/// What is read or written at once, in bytes; a multiple of a block.
pub(super) const CHUNK_BYTES: usize = 2 * BLOCK_BYTES;

/// After so many bytes, what was written is synced beside the writing, so that the final
/// fdatasync is short. Advising the kernel to drop pages begins writeback, too, but ran at less
/// than half of the plain rate in the one trial that was made, on a busy machine.
const WRITEBACK_BYTES: u64 = 64 << 20;

/// How much of a file's end is read at once: all of it, for up to some 60 MiB.
const TAIL_BYTES: u64 = 4096;

const MAGIC: &[u8; 8] = b"WHBLOB02";
const MAGIC_1: &[u8; 8] = b"WHBLOB01";

/// What comes between the marks and the mark of the end.
fn end(guard: &Guard, id: BlobId, size: u64) -> Vec<u8> {
    let kind: Option<u32> = match guard {
        Guard::Crc32c => None,
        Guard::Crc64 => Some(0),
        Guard::Sealed(_) => Some(1),
    };
    let mut out = Vec::with_capacity(36);
    out.extend_from_slice(if kind.is_none() { MAGIC_1 } else { MAGIC });
    out.extend_from_slice(&id.to_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend(kind.into_iter().flat_map(u32::to_le_bytes));
    out
}

/// A blob file that is whole and durable, and not named by the index yet.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) draft: Draft,
    /// How many bytes it holds.
    pub(super) size: u64,
    /// Its data key, when it is sealed.
    pub(super) wrapped: Option<Wrapped>,
}

/// A blob file being written.
#[derive(Debug)]
pub(super) struct BlobWriter {
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
}

impl BlobWriter {
    pub(super) fn create(draft: Draft, health: &Health) -> Result<Self, StoreError> {
        let (guard, wrapped) = draft.shelf().sealing().begin(draft.id())?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(draft.incoming())
            .map_err(|e| health.io("creating a file", e))?;
        let (size, blocks, pushed, pushing, marks) = (0, 0, 0, None, Vec::new());
        Ok(Self { file, draft, guard, wrapped, size, blocks, pushed, pushing, marks })
    }

    /// Writes the next bytes, encrypted in place when they are to be sealed: whole blocks, except
    /// at the end.
    pub(super) fn write(&mut self, data: &mut [u8], health: &Health) -> Result<(), StoreError> {
        health.has_room()?;
        for block in data.chunks_mut(BLOCK_BYTES) {
            let mark = self.guard.cover(self.draft.id(), self.blocks, block)?;
            self.marks.extend_from_slice(mark.as_bytes());
            self.blocks += 1;
        }
        self.file.write_all(data).map_err(|e| health.io("writing a file", e))?;
        self.size += data.len() as u64;
        if self.size - self.pushed >= WRITEBACK_BYTES {
            self.push(health)?;
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
        pushed.map_err(|e| health.sync("syncing a file", e))
    }

    /// Makes the file durable under its name.
    pub(super) fn publish(mut self, health: &Health) -> Result<Published, StoreError> {
        let mut footer = std::mem::take(&mut self.marks);
        let id = self.draft.id();
        footer.extend_from_slice(&end(&self.guard, id, self.size));
        let mark = self.guard.cover_end(id, &footer)?;
        footer.extend_from_slice(mark.as_bytes());
        self.file.write_all(&footer).map_err(|e| health.io("writing a file", e))?;
        self.pushed_well(health)?;
        self.file.sync_data().map_err(|e| health.sync("syncing a file", e))?;
        let folder = self.draft.shelf().folder();
        std::fs::rename(self.draft.incoming(), folder.blob(id))
            .map_err(|e| health.io("naming a file", e))?;
        sync_folder(&folder.shard(id)).map_err(|e| health.sync("syncing a folder", e))?;
        Ok(Published { draft: self.draft, size: self.size, wrapped: self.wrapped })
    }
}

/// Memory that was read into, for the next chunks of a body: to use it again is cheaper than to
/// have the kernel wipe new pages.
#[derive(Debug)]
pub(super) struct Spare {
    kept: Mutex<Vec<Vec<u8>>>,
    max: usize,
}

impl Spare {
    /// Keeps at most so many chunks.
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { kept: Mutex::default(), max })
    }

    fn lend(self: &Arc<Self>) -> Lent {
        let memory = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { memory: memory.unwrap_or_default(), to: Arc::clone(self) }
    }
}

/// Memory that comes back to the stock when nobody reads it any more.
struct Lent {
    memory: Vec<u8>,
    to: Arc<Spare>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.memory
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut kept = self.to.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < self.to.max {
            kept.push(std::mem::take(&mut self.memory));
        }
    }
}

/// A blob file being read.
#[derive(Debug)]
pub(super) struct BlobReader {
    file: File,
    id: BlobId,
    guard: Guard,
    size: u64,
    marks: Vec<u8>,
}

impl BlobReader {
    /// Opens the file of a blob whose row holds this key.
    pub(super) fn open(
        shelf: &Shelf,
        id: BlobId,
        wrapped: Option<&Wrapped>,
    ) -> Result<Self, StoreError> {
        let guard = shelf.sealing().guard(id, wrapped)?;
        let file = File::open(shelf.folder().blob(id)).map_err(|e| unreadable(id, e))?;
        Self::of(file, id, guard).map_err(|source| unreadable(id, source))
    }

    fn of(file: File, id: BlobId, guard: Guard) -> io::Result<Self> {
        let wrong = || io::Error::from(io::ErrorKind::InvalidData);
        let whole = file.metadata()?.len();
        let tail = read_at(&file, whole.saturating_sub(TAIL_BYTES)..whole)?;
        let (guard, size) = recognise(&tail, guard).ok_or_else(wrong)?;
        let end = end(&guard, id, size);
        let blocks = size.div_ceil(BLOCK_BYTES as u64);
        let mark_bytes = guard.mark_bytes();
        let footer_bytes = whole.checked_sub(size).ok_or_else(wrong)?;
        let beside_marks = (end.len() + mark_bytes) as u64;
        if blocks.checked_mul(mark_bytes as u64) != footer_bytes.checked_sub(beside_marks) {
            return Err(wrong());
        }
        let mut footer = match tail.len().checked_sub(usize_of(footer_bytes)?) {
            Some(before) => tail.get(before..).unwrap_or_default().to_vec(),
            None => read_at(&file, size..whole)?,
        };
        let mark = footer.split_off(footer.len().saturating_sub(mark_bytes));
        if !guard.check_end(id, &footer, &mark) || !footer.ends_with(&end) {
            return Err(wrong());
        }
        footer.truncate(footer.len() - end.len());
        Ok(Self { file, id, guard, size, marks: footer })
    }

    /// Reads a range, verified and in plain, into memory from a stock of it.
    pub(super) fn read(&self, range: Range<u64>, spare: &Arc<Spare>) -> Result<Bytes, StoreError> {
        let block = BLOCK_BYTES as u64;
        let first = range.start / block;
        let from = first * block;
        let to = (range.end.div_ceil(block) * block).min(self.size);
        if range.start > range.end || range.end > to {
            return Err(damaged(self.id));
        }
        let mut lent = spare.lend();
        let data = &mut lent.memory;
        read_into(data, &self.file, from..to).map_err(|e| unreadable(self.id, e))?;
        let skip = usize::try_from(first).unwrap_or(usize::MAX);
        let mut marks = self.marks.chunks_exact(self.guard.mark_bytes()).skip(skip);
        for (number, data) in (first..).zip(data.chunks_mut(BLOCK_BYTES)) {
            let mark = marks.next().unwrap_or_default();
            if !self.guard.check(self.id, number, (data, mark)) {
                return Err(damaged(self.id));
            }
        }
        let within = |at: u64| usize::try_from(at - from).map_err(|_| damaged(self.id));
        let within = within(range.start)?..within(range.end)?;
        Ok(Bytes::from_owner(lent).slice(within))
    }
}

/// The size of a blob, and what covers it, from the end of its file. A file of format 1 is always
/// plain; where a key is kept, only a sealed one will do.
fn recognise(tail: &[u8], guard: Guard) -> Option<(Guard, u64)> {
    let size = |magic: &[u8], from_end: usize| {
        let end = tail.get(tail.len().checked_sub(from_end)?..)?;
        let size = end.strip_prefix(magic)?.get(16..24)?;
        size.try_into().ok().map(u64::from_le_bytes)
    };
    if let Some(size) = size(MAGIC, 36 + guard.mark_bytes()) {
        return Some((guard, size));
    }
    if guard.is_sealed() {
        return None;
    }
    let guard = Guard::Crc32c;
    size(MAGIC_1, 32 + guard.mark_bytes()).map(|size| (guard, size))
}

fn usize_of(bytes: u64) -> io::Result<usize> {
    usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
}

fn read_at(file: &File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    read_into(&mut data, file, range).map(|()| data)
}

/// Reads exactly a range of a file, into memory that need not be wiped first.
fn read_into(data: &mut Vec<u8>, file: &File, range: Range<u64>) -> io::Result<()> {
    let len = usize_of(range.end.saturating_sub(range.start))?;
    data.clear();
    data.reserve_exact(len);
    while data.len() < len {
        let at = range.start + data.len() as u64;
        match rustix::io::pread(file, spare_capacity(data), at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    data.truncate(len);
    Ok(())
}

/// A file that is gone, cut or not what it should be is damage; anything else may pass.
fn unreadable(id: BlobId, source: io::Error) -> StoreError {
    use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
    if matches!(source.kind(), NotFound | UnexpectedEof | InvalidData) {
        return damaged(id);
    }
    StoreError::Io { doing: "reading a blob", source }
}

fn damaged(id: BlobId) -> StoreError {
    StoreError::Corrupt { what: format!("blob {id}") }
}
