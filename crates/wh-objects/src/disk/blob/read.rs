//! Reading a blob file, verified.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;

use super::{BLOCK_BYTES, MAGIC, MAGIC_1, Spare, end};
use crate::StoreError;
use crate::disk::extent::BlobId;
use crate::disk::seal::{Guard, Wrapped};
use crate::disk::shelf::Shelf;

/// How much of a file's end is read at once: all of it, for up to some 60 MiB.
const TAIL_BYTES: u64 = 4096;

/// A blob file being read.
#[derive(Debug)]
pub(in crate::disk) struct BlobReader {
    file: File,
    id: BlobId,
    guard: Guard,
    size: u64,
    marks: Vec<u8>,
}

impl BlobReader {
    /// Opens the file of a blob whose row holds this key.
    pub(in crate::disk) fn open(
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

    /// How many bytes the blob has.
    pub(in crate::disk) fn size(&self) -> u64 {
        self.size
    }

    /// Reads a range, verified and in plain, into memory from a stock of it.
    pub(in crate::disk) fn read(
        &self,
        range: Range<u64>,
        spare: &Arc<Spare>,
    ) -> Result<Bytes, StoreError> {
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
