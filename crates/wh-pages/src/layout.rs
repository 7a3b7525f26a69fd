//! Where things stand in the files: sizes in bytes, and offsets of pages and frames.
//!
//! The frames of the log are those of SQLite ("The Write-Ahead Log", fileformat2.html).

/// A page of the database.
pub(crate) const PAGE: usize = 4096;

/// The same, as a pragma takes it.
pub(crate) const PAGE_SIZE: u32 = 4096;

/// What a seal takes at the end of each page: SQLite leaves it free ("reserved bytes").
pub(crate) const SEAL: usize = 40;

/// The header of the log.
pub(crate) const LOG_HEADER: usize = 32;

/// The header of a frame: page number, size of the database, salts, checksums.
pub(crate) const FRAME_HEADER: usize = 24;

/// A frame of the log: its header and a page. One seal covers both.
pub(crate) const FRAME: usize = FRAME_HEADER + PAGE;

/// The page that SQLite keeps for its locks and never writes (at 1 GiB).
pub(crate) const LOCK_PAGE: u32 = 0x4000_0000 / 4096 + 1;

/// Where a page begins. Pages are counted from 1.
pub(crate) fn page_offset(page: u32) -> u64 {
    u64::from(page.saturating_sub(1)) * as_u64(PAGE)
}

/// The page that begins at an offset.
pub(crate) fn page_at(offset: u64) -> Option<u32> {
    let page = u32::try_from(offset / as_u64(PAGE)).ok()?.checked_add(1)?;
    offset.is_multiple_of(as_u64(PAGE)).then_some(page)
}

/// Where a frame begins. Frames are counted from 1.
pub(crate) fn frame_offset(frame: u32) -> u64 {
    as_u64(LOG_HEADER) + u64::from(frame.saturating_sub(1)) * as_u64(FRAME)
}

/// How many whole frames a log of so many bytes can hold.
pub(crate) fn frames_in(bytes: u64) -> u32 {
    let frames = bytes.saturating_sub(as_u64(LOG_HEADER)) / as_u64(FRAME);
    u32::try_from(frames).unwrap_or(u32::MAX)
}

/// The frame that an offset lies in, and how far from its beginning.
pub(crate) fn frame_at(offset: u64) -> Option<(u32, usize)> {
    let beyond = offset.checked_sub(as_u64(LOG_HEADER))?;
    let frame = u32::try_from(beyond / as_u64(FRAME)).ok()?.checked_add(1)?;
    Some((frame, usize::try_from(beyond % as_u64(FRAME)).ok()?))
}

/// A size as an offset; `usize` has at most 64 bits wherever this runs.
pub(crate) fn as_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Overwrites the beginning of a slice.
pub(crate) fn fill(to: &mut [u8], from: impl IntoIterator<Item = u8>) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = from);
}

/// Takes the first `N` bytes off a slice.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}
