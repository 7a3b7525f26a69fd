//! Reading and writing the database: whole pages, each under its seal.

use crate::layout::{PAGE, SEAL, as_u64, fill, page_at, page_offset};
use crate::seal::{Place, Seal};
use crate::vfs::{Code, Real};

/// What SQLite reads before it takes any lock, to learn the size of pages and of seals: the
/// beginning of a header that says just that. The first page may be torn by a power cut then, or
/// be on its way to the disk; SQLite reads it again under a lock, from the log if that has it.
const FIRST_BYTES: usize = 100;
const FIRST_HEADER: [u8; 24] = *b"SQLite format 3\0\x10\x00\x02\x02\x28\x40\x20\x20";
const _: () = assert!(SEAL == 0x28 && PAGE == 0x1000);

/// The database's file.
#[derive(Debug)]
pub(crate) struct Pages {
    seal: Seal,
    page: Box<[u8; PAGE]>,
    first: [u8; FIRST_BYTES],
}

impl Pages {
    pub(crate) fn new(seal: Seal) -> Self {
        let mut first = [0; FIRST_BYTES];
        fill(&mut first, FIRST_HEADER);
        Self { seal, page: Box::new([0; PAGE]), first }
    }

    pub(crate) fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Reads plain bytes of one page. A page that does not verify, or that is missing, is
    /// damage; only an empty file ends early.
    pub(crate) fn read(&mut self, real: &Real, at: u64, bytes: usize) -> Result<&[u8], Code> {
        let within = usize::try_from(at % as_u64(PAGE)).map_err(|_| Code::READ)?;
        let page = page_at(at - as_u64(within)).ok_or(Code::READ)?;
        if page == 1 && real.size()? == 0 {
            return Err(Code::SHORT);
        }
        if at == 0 && bytes == FIRST_BYTES {
            return Ok(&self.first);
        }
        let whole = real.read(self.page.as_mut_slice(), page_offset(page))?;
        let opened = self.seal.open(Place::Page(page), self.page.as_mut_slice());
        if !whole || opened.is_err() {
            return Err(Code::DAMAGE);
        }
        self.page.get(within..within + bytes).ok_or(Code::READ)
    }

    /// Seals and writes a page.
    pub(crate) fn write(&mut self, real: &Real, at: u64, data: &[u8]) -> Result<(), Code> {
        let page = page_at(at).ok_or(Code::WRITE)?;
        let data: &[u8; PAGE] = data.try_into().map_err(|_| Code::WRITE)?;
        *self.page = *data;
        room_for_seal(self.page.as_slice())?;
        self.seal.close(Place::Page(page), 0, self.page.as_mut_slice()).ok_or(Code::WRITE)?;
        real.write(self.page.as_slice(), at)
    }
}

/// Refuses a page that has content where its seal must go: its database reserves no bytes.
pub(crate) fn room_for_seal(page: &[u8]) -> Result<(), Code> {
    let end = page.len().checked_sub(SEAL).and_then(|at| page.get(at..)).ok_or(Code::WRITE)?;
    if end.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(Code::WRITE) }
}
