//! Reading and writing the write-ahead log: each frame, header and page, under one seal.
//!
//! SQLite ends its log at the first frame that does not verify. After a crash that is right, and
//! after damage it would drop commits that were acknowledged. The two are told apart by what is
//! known to have reached the disk:
//!
//! - each frame counts, in its seal, the frames that were synced before it was written;
//! - after the sync of a commit, a mark is written where the next frame will stand.
//!
//! Invariant: a count or a mark of the current log (the one with its salts) is only written after
//! the sync that makes it true. So a frame that does not verify, and that a count or a mark
//! covers, is damage; see [`walk()`].

mod header;
mod new;
mod tenure;
mod walk;

pub(crate) use new::NewLog;
pub(crate) use tenure::Tenure;
pub(crate) use walk::{Found, walk};

use std::ffi::c_int;
use std::sync::Arc;

use crate::layout::{FRAME, FRAME_HEADER, LOG_HEADER, PAGE, SEAL, fill, frame_at, frame_offset};
use crate::pages::room_for_seal;
use crate::seal::{Place, Seal};
use crate::vfs::{Code, Real};
use header::{FrameHeader, Salts};

/// A mark: the salts of its log, and its seal. Its place says which frame it follows.
const MARK: usize = 8 + SEAL;

/// Where the running checksum stands in the header of a frame.
const SUM_AT: usize = 16;
const SUM: usize = 8;

/// The log's file, as one connection uses it.
#[derive(Debug)]
pub(crate) struct Log {
    seal: Seal,
    tenure: Arc<Tenure>,
    frame: Box<[u8; FRAME]>,
    head: [u8; LOG_HEADER],
    /// A frame's header that waits for its page: SQLite writes one after the other.
    held: Option<(u32, [u8; FRAME_HEADER])>,
    /// The frame that was just read whole: SQLite may write its header anew.
    reread: Option<u32>,
    /// Whether SQLite looks for the end of the log, and so expects frames that do not verify.
    recovering: bool,
    salts: Salts,
    /// How many frames of the log with these salts are known to be synced.
    synced: u32,
    /// The commit that the next sync makes durable, and when it was written.
    commit: Option<(u32, u64)>,
    /// Its name may not be on the disk yet.
    new: Option<NewLog>,
}

impl Log {
    /// The log of a connection; `new` where its name may not be on the disk yet.
    pub(crate) fn new(seal: Seal, tenure: Arc<Tenure>, new: Option<NewLog>) -> Self {
        Self {
            seal,
            tenure,
            frame: Box::new([0; FRAME]),
            head: [0; LOG_HEADER],
            held: None,
            reread: None,
            recovering: false,
            salts: [0; 8],
            synced: 0,
            commit: None,
            new,
        }
    }

    /// Reads plain bytes, in the portions that SQLite reads.
    pub(crate) fn read(&mut self, real: &Real, at: u64, bytes: usize) -> Result<&[u8], Code> {
        self.flush(real)?;
        self.reread = None;
        let Some((frame, within)) = frame_at(at) else { return self.read_header(real, at, bytes) };
        match (within, bytes) {
            (0, FRAME) if self.recovering => {
                if self.load(real, frame).is_err() {
                    // SQLite takes this for the end; the walk found that it is.
                    self.frame.fill(0);
                }
                Ok(self.frame.as_slice())
            }
            (0, FRAME) => {
                self.load(real, frame)?;
                self.reread = Some(frame);
                Ok(self.frame.as_slice())
            }
            (FRAME_HEADER, PAGE) | (SUM_AT, SUM) => {
                self.load(real, frame)?;
                self.frame.get(within..within + bytes).ok_or(Code::READ)
            }
            _ => Err(Code::READ),
        }
    }

    /// The header is plain. SQLite reads it whole only to recover, under locks that keep
    /// everybody else away: the moment to look at the whole log.
    fn read_header(&mut self, real: &Real, at: u64, bytes: usize) -> Result<&[u8], Code> {
        let within = usize::try_from(at).map_err(|_| Code::READ)?;
        if at == 0 && bytes == LOG_HEADER {
            if let Found::Damaged { .. } = walk(&self.seal, real)? {
                return Err(Code::DAMAGE);
            }
            self.recovering = true;
        }
        if !real.read(&mut self.head, 0)? {
            return Err(Code::SHORT);
        }
        self.head.get(within..within + bytes).ok_or(Code::READ)
    }

    /// Writes plain bytes, in the portions that SQLite writes.
    pub(crate) fn write(&mut self, real: &Real, at: u64, data: &[u8]) -> Result<(), Code> {
        self.recovering = false;
        let reread = self.reread.take();
        let Some((frame, within)) = frame_at(at) else { return self.begin(real, at, data) };
        if let (0, Ok(header)) = (within, <[u8; FRAME_HEADER]>::try_from(data)) {
            self.flush(real)?;
            if reread == Some(frame) {
                return self.replace(real, frame, |whole| put(whole, 0, &header));
            }
            self.held = Some((frame, header));
            return Ok(());
        }
        if within != FRAME_HEADER || data.len() != PAGE {
            return Err(Code::WRITE);
        }
        room_for_seal(data)?;
        match self.held.take() {
            Some((held, header)) if held == frame => {
                put(&mut self.frame, 0, &header)?;
                put(&mut self.frame, FRAME_HEADER, data)?;
                self.store(real, frame)
            }
            other => {
                self.held = other;
                self.flush(real)?;
                self.replace(real, frame, |whole| put(whole, FRAME_HEADER, data))
            }
        }
    }

    /// A new log: nothing of it is synced.
    fn begin(&mut self, real: &Real, at: u64, data: &[u8]) -> Result<(), Code> {
        self.flush(real)?;
        let header: &[u8; LOG_HEADER] = data.try_into().map_err(|_| Code::WRITE)?;
        if at != 0 {
            return Err(Code::WRITE);
        }
        (self.salts, self.synced, self.commit) = (header::salts_of(header), 0, None);
        real.write(data, 0)
    }

    /// Writes the header that waits, without a page: the frame keeps the one it has.
    pub(crate) fn flush(&mut self, real: &Real) -> Result<(), Code> {
        let Some((frame, header)) = self.held.take() else { return Ok(()) };
        self.replace(real, frame, |whole| put(whole, 0, &header))
    }

    /// Syncs; then notes what that made durable.
    pub(crate) fn sync(&mut self, real: &Real, flags: c_int) -> Result<(), Code> {
        self.flush(real)?;
        // A commit whose sync fails is rolled back, and its frames are written over.
        let commit = self.commit.take();
        real.sync(flags)?;
        if let Some(new) = &self.new {
            new.sync_name()?;
            self.new = None;
        }
        if let Some((frame, tenure)) = commit
            && self.tenure.held() == Some(tenure)
        {
            self.synced = frame;
            self.mark(real, frame);
        }
        Ok(())
    }

    /// Writes the mark. The commit is durable with or without it, so a failure changes nothing.
    fn mark(&self, real: &Real, frame: u32) {
        let mut mark = [0; MARK];
        fill(&mut mark, self.salts);
        let sealed = self.seal.close(Place::Mark(frame), 0, &mut mark);
        let next = frame.checked_add(1);
        if let (Some(()), Some(next)) = (sealed, next) {
            real.write(&mark, frame_offset(next)).unwrap_or_default();
        }
    }

    fn load(&mut self, real: &Real, frame: u32) -> Result<(), Code> {
        let whole = real.read(self.frame.as_mut_slice(), frame_offset(frame))?;
        let opened = self.seal.open(Place::Frame(frame), self.frame.as_mut_slice());
        if whole && opened.is_ok() { Ok(()) } else { Err(Code::DAMAGE) }
    }

    fn replace(
        &mut self,
        real: &Real,
        frame: u32,
        change: impl FnOnce(&mut [u8; FRAME]) -> Result<(), Code>,
    ) -> Result<(), Code> {
        self.load(real, frame)?;
        change(&mut self.frame)?;
        self.store(real, frame)
    }

    fn store(&mut self, real: &Real, frame: u32) -> Result<(), Code> {
        let header = FrameHeader::read(self.frame.as_slice()).ok_or(Code::WRITE)?;
        // Zeros: SQLite will write this header anew, and with the salts, before it commits.
        if header.salts != self.salts && header.salts != [0; 8] {
            (self.salts, self.synced, self.commit) = (header.salts, 0, None);
        }
        self.synced = self.synced.min(frame.saturating_sub(1));
        let synced = if header.salts == self.salts { self.synced } else { 0 };
        let place = Place::Frame(frame);
        self.seal.close(place, synced, self.frame.as_mut_slice()).ok_or(Code::WRITE)?;
        real.write(self.frame.as_slice(), frame_offset(frame))?;
        if header.size_after != 0 {
            self.commit = self.tenure.held().map(|tenure| (frame, tenure));
        }
        Ok(())
    }
}

fn put(whole: &mut [u8; FRAME], at: usize, data: &[u8]) -> Result<(), Code> {
    let place = whole.get_mut(at..at + data.len()).ok_or(Code::WRITE)?;
    place.copy_from_slice(data);
    Ok(())
}
