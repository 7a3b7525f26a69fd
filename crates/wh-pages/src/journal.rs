//! The rollback journal, of which only headers may be written.
//!
//! A database of ours is in WAL mode and needs none. `VACUUM INTO` begins one all the same, and begins it
//! anew, with a header more, when its target outgrows the cache; that target was empty, so no page ever
//! goes into it. One that did would be plain.

use crate::vfs::{Code, Real};

/// A header fills a sector, counts and sizes, and zeros; a page has more bytes. Sectors are as small as
/// this since a write is said to leave what is beside it alone (`POWERSAFE_OVERWRITE`).
const HEADER_BYTES: usize = 512;

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

    /// Writes a header, or a part of one, and nothing that could hold a page.
    #[expect(clippy::unused_self, reason = "all files are written alike")]
    pub(crate) fn write(&mut self, real: &Real, at: u64, data: &[u8]) -> Result<(), Code> {
        if data.len() > HEADER_BYTES {
            return Err(Code::WRITE);
        }
        real.write(data, at)
    }
}
