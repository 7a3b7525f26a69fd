//! The rollback journal, of which only the header may be written.
//!
//! A database of ours is in WAL mode and needs none. `VACUUM INTO` begins one all the same; its
//! target is empty, so no page ever goes into it. One that did would be plain.

use crate::layout::as_u64;
use crate::vfs::{Code, Real};

/// The header fills a sector: counts and sizes, and zeros.
const HEADER_BYTES: u64 = 512;

/// The journal's file.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    bytes: Vec<u8>,
}

impl Journal {
    /// Reads as it is.
    pub(crate) fn read(&mut self, real: &Real, at: u64, bytes: usize) -> Result<&[u8], Code> {
        self.bytes.resize(bytes, 0);
        if real.read(&mut self.bytes, at)? { Ok(&self.bytes) } else { Err(Code::SHORT) }
    }

    /// Writes within the header, and nowhere else.
    #[expect(clippy::unused_self, reason = "all files are written alike")]
    pub(crate) fn write(&mut self, real: &Real, at: u64, data: &[u8]) -> Result<(), Code> {
        if at.saturating_add(as_u64(data.len())) > HEADER_BYTES {
            return Err(Code::WRITE);
        }
        real.write(data, at)
    }
}
