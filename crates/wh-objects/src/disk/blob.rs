//! Blob files: the bytes, then a CRC-32C for each block of them, then a trailer.
//!
//! Invariant: a block is given out only after its CRC was compared, and the CRCs only after the
//! trailer's, which covers the blob's own id: a file in another's place is found, too.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::thread::JoinHandle;

use bytes::{Bytes, BytesMut};

use super::extent::BlobId;
use super::folder::{Folder, sync_folder};
use super::health::Health;
use super::shelf::Draft;
use crate::StoreError;
use crate::digest::block_crc;

/// What one CRC covers, in bytes.
pub(super) const BLOCK_BYTES: usize = 256 << 10;

/// What is read or written at once, in bytes; a multiple of a block.
pub(super) const CHUNK_BYTES: usize = 2 * BLOCK_BYTES;

/// After so many bytes, what was written is synced beside the writing, so that the final
/// fdatasync is short. Advising the kernel to drop pages begins writeback, too, but ran at less
/// than half of the plain rate in the one trial that was made, on a busy machine.
const WRITEBACK_BYTES: u64 = 64 << 20;

const MAGIC: &[u8; 8] = b"WHBLOB01";
const TRAILER_BYTES: usize = 8 + 16 + 8 + CRC_BYTES;
const CRC_BYTES: usize = 4;

fn trailer(id: BlobId, size: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(TRAILER_BYTES);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&id.to_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out
}

/// A blob file being written.
#[derive(Debug)]
pub(super) struct BlobWriter {
    // The file first: it is closed before the draft removes it.
    file: File,
    draft: Draft,
    size: u64,
    pushed: u64,
    pushing: Option<JoinHandle<io::Result<()>>>,
    crcs: Vec<u8>,
}

impl BlobWriter {
    pub(super) fn create(draft: Draft, health: &Health) -> Result<Self, StoreError> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(draft.incoming())
            .map_err(|e| health.io("creating a file", e))?;
        Ok(Self { file, draft, size: 0, pushed: 0, pushing: None, crcs: Vec::new() })
    }

    /// Writes the next bytes: whole blocks, except at the end.
    pub(super) fn write(&mut self, data: &[u8], health: &Health) -> Result<(), StoreError> {
        health.has_room()?;
        for block in data.chunks(BLOCK_BYTES) {
            self.crcs.extend_from_slice(&block_crc(block).to_le_bytes());
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
    pub(super) fn publish(mut self, health: &Health) -> Result<(Draft, u64), StoreError> {
        let mut footer = std::mem::take(&mut self.crcs);
        footer.extend_from_slice(&trailer(self.draft.id(), self.size));
        footer.extend_from_slice(&block_crc(&footer).to_le_bytes());
        self.file.write_all(&footer).map_err(|e| health.io("writing a file", e))?;
        self.pushed_well(health)?;
        self.file.sync_data().map_err(|e| health.sync("syncing a file", e))?;
        let (folder, id) = (self.draft.folder(), self.draft.id());
        std::fs::rename(self.draft.incoming(), folder.blob(id))
            .map_err(|e| health.io("naming a file", e))?;
        sync_folder(&folder.shard(id)).map_err(|e| health.sync("syncing a folder", e))?;
        Ok((self.draft, self.size))
    }
}

/// A blob file being read.
#[derive(Debug)]
pub(super) struct BlobReader {
    file: File,
    id: BlobId,
    size: u64,
    crcs: Vec<u8>,
}

impl BlobReader {
    pub(super) fn open(folder: &Folder, id: BlobId) -> Result<Self, StoreError> {
        Self::try_open(folder, id).map_err(|source| unreadable(id, source))
    }

    fn try_open(folder: &Folder, id: BlobId) -> io::Result<Self> {
        let wrong = || io::Error::from(io::ErrorKind::InvalidData);
        let file = File::open(folder.blob(id))?;
        let whole = file.metadata()?.len();
        let mut end = [0; TRAILER_BYTES];
        let end_at = whole.checked_sub(TRAILER_BYTES as u64).ok_or_else(wrong)?;
        file.read_exact_at(&mut end, end_at)?;
        let size = end.get(24..32).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
        let size = size.filter(|size| *size <= end_at).ok_or_else(wrong)?;
        let footer_len = usize::try_from(whole - size).map_err(|_| wrong())?;
        let expected = size.div_ceil(BLOCK_BYTES as u64) * 4 + TRAILER_BYTES as u64;
        if footer_len as u64 != expected {
            return Err(wrong());
        }
        let mut footer = vec![0; footer_len];
        file.read_exact_at(&mut footer, size)?;
        let crc = footer.split_off(footer_len - 4);
        if block_crc(&footer).to_le_bytes() != crc.as_slice() {
            return Err(wrong());
        }
        let tail = footer.split_off(footer_len - TRAILER_BYTES);
        if tail != trailer(id, size) {
            return Err(wrong());
        }
        Ok(Self { file, id, size, crcs: footer })
    }

    /// Reads a range of at most [`CHUNK_BYTES`], verified.
    pub(super) fn read(&self, range: Range<u64>) -> Result<Bytes, StoreError> {
        let block = BLOCK_BYTES as u64;
        let first = range.start / block;
        let from = first * block;
        let to = (range.end.div_ceil(block) * block).min(self.size);
        let len = usize::try_from(to.saturating_sub(from)).unwrap_or_default();
        let mut data = BytesMut::zeroed(len);
        self.file.read_exact_at(&mut data, from).map_err(|e| unreadable(self.id, e))?;
        let crcs = self.crcs.chunks_exact(4).skip(usize::try_from(first).unwrap_or(usize::MAX));
        let mut verified = 0;
        for (data, crc) in data.chunks(BLOCK_BYTES).zip(crcs) {
            if block_crc(data).to_le_bytes() != crc {
                return Err(damaged(self.id));
            }
            verified += data.len();
        }
        let within = |at: u64| usize::try_from(at.saturating_sub(from)).unwrap_or(usize::MAX);
        let (start, end) = (within(range.start), within(range.end));
        if verified != len || start > end || end > len {
            return Err(damaged(self.id));
        }
        Ok(data.freeze().slice(start..end))
    }
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
