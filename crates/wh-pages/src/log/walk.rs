//! Walks through a log as SQLite's recovery does, and tells a torn end from damage.

use std::collections::BTreeSet;

use super::MARK;
use super::header::{FrameHeader, LogHeader, Salts, Sums};
use crate::layout::{FRAME, LOG_HEADER, as_u64, frame_offset, frames_in};
use crate::seal::{Place, Seal};
use crate::vfs::{Code, Real};

/// How often a log may begin anew under a walk beside a running store.
const WALKS_MAX: u32 = 1000;

/// What a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Sound up to its end.
    Sound {
        /// How many frames belong to commits.
        committed: u32,
        /// The size of the database in pages after the last commit; zero without one.
        size: u32,
        /// The pages that the commits hold.
        pages: BTreeSet<u32>,
    },
    /// A frame that was synced does not verify; frame 0 is the header.
    Damaged {
        /// Which frame.
        frame: u32,
    },
}

/// Walks through the log. Right also beside connections that write: what a count or a mark
/// covers was synced before it was written, so a frame that still does not verify afterwards is
/// damaged, unless the log has begun anew meanwhile.
pub(crate) fn walk(seal: &Seal, real: &Real) -> Result<Found, Code> {
    for _ in 0..WALKS_MAX {
        if let Some(found) = walk_once(seal, real)? {
            return Ok(found);
        }
    }
    Err(Code(rusqlite::ffi::SQLITE_BUSY))
}

/// Where a walk has come to.
struct Walk<'w> {
    seal: &'w Seal,
    real: &'w Real,
    frame: Box<[u8; FRAME]>,
}

fn walk_once(seal: &Seal, real: &Real) -> Result<Option<Found>, Code> {
    let mut walk = Walk { seal, real, frame: Box::new([0; FRAME]) };
    let (mut committed, mut size) = (0, 0);
    let (mut pages, mut pending) = (BTreeSet::new(), Vec::new());
    if real.size()? <= as_u64(LOG_HEADER) {
        return Ok(Some(Found::Sound { committed, size, pages }));
    }
    let begun = walk.header()?;
    let Some(header) = LogHeader::read(&begun) else {
        let damaged = walk.proven(None, 1)? && walk.header()? == begun;
        let sound = Found::Sound { committed, size, pages };
        return Ok(Some(if damaged { Found::Damaged { frame: 0 } } else { sound }));
    };
    let (mut sums, mut next) = (header.sums, 1);
    loop {
        if let Some((found, after)) = walk.follow(header.salts, sums, next)? {
            pending.push(found.page);
            if found.size_after != 0 {
                (committed, size) = (next, found.size_after);
                pages.extend(pending.drain(..));
            }
            (sums, next) = (after, next + 1);
            continue;
        }
        if !walk.proven(Some(header.salts), next)? {
            return Ok(Some(Found::Sound { committed, size, pages }));
        }
        if walk.header()? != begun {
            return Ok(None);
        }
        // It may have been written since it was read.
        if walk.follow(header.salts, sums, next)?.is_none() {
            let damaged = walk.header()? == begun;
            return Ok(damaged.then_some(Found::Damaged { frame: next }));
        }
    }
}

impl Walk<'_> {
    fn header(&self) -> Result<[u8; LOG_HEADER], Code> {
        let mut header = [0; LOG_HEADER];
        self.real.read(&mut header, 0)?;
        Ok(header)
    }

    /// The frame and the count in its seal, if it opens.
    fn open(&mut self, frame: u32) -> Result<Option<(FrameHeader, u32)>, Code> {
        let whole = self.real.read(self.frame.as_mut_slice(), frame_offset(frame))?;
        let opened = self.seal.open(Place::Frame(frame), self.frame.as_mut_slice());
        let (true, Ok(count)) = (whole, opened) else { return Ok(None) };
        Ok(FrameHeader::read(self.frame.as_slice()).map(|header| (header, count)))
    }

    /// The frame, if it is the next of the log, and the checksum after it.
    fn follow(
        &mut self,
        salts: Salts,
        sums: Sums,
        frame: u32,
    ) -> Result<Option<(FrameHeader, Sums)>, Code> {
        let Some((header, _)) = self.open(frame)? else { return Ok(None) };
        let after = header.follows(sums, self.frame.as_slice());
        Ok(after.filter(|_| header.salts == salts).map(|after| (header, after)))
    }

    /// Whether a count or a mark says that a frame was synced, in the log with these salts or,
    /// without them, in any.
    fn proven(&mut self, salts: Option<Salts>, frame: u32) -> Result<bool, Code> {
        let last = frames_in(self.real.size()?);
        let ours = |found: Salts| salts.is_none_or(|salts| salts == found);
        for other in frame..=last.saturating_add(1) {
            let counted = self.open(other)?;
            if counted.is_some_and(|(header, count)| count >= frame && ours(header.salts)) {
                return Ok(true);
            }
            if other > frame && self.mark(other - 1)?.is_some_and(ours) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The salts in the mark that follows a frame, if it stands there.
    fn mark(&self, frame: u32) -> Result<Option<Salts>, Code> {
        let mut mark = [0; MARK];
        let whole = self.real.read(&mut mark, frame_offset(frame.saturating_add(1)))?;
        let opened = self.seal.open(Place::Mark(frame), &mut mark);
        Ok((whole && opened.is_ok()).then(|| mark.first_chunk::<8>().copied()).flatten())
    }
}
