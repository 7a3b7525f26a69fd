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

mod read;
mod spare;
mod write;

pub(super) use read::BlobReader;
pub(super) use spare::Spare;
pub(super) use write::{BlobWriter, Published};

use super::extent::BlobId;
use super::seal::Guard;

/// What one mark covers, in bytes.
pub(super) const BLOCK_BYTES: usize = 256 << 10;

/// What is read or written at once, in bytes; a multiple of a block. Larger writes were no faster.
pub(super) const CHUNK_BYTES: usize = 2 * BLOCK_BYTES;

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
