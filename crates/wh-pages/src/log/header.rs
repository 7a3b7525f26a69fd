//! The headers of the log and of its frames, and the checksum that runs through them
//! (<https://sqlite.org/fileformat2.html#the_write_ahead_log>).

use crate::layout::{FRAME_HEADER, LOG_HEADER, fill, take};

/// Two random numbers that tell one log from the next.
pub(super) type Salts = [u8; 8];

/// The magic number without its last bit, which says in which order checksums read bytes.
const MAGIC: u32 = 0x377f_0682;

/// The header of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LogHeader {
    pub(super) salts: Salts,
    pub(super) sums: Sums,
}

impl LogHeader {
    /// `None` when SQLite would take the log for empty.
    pub(super) fn read(bytes: &[u8; LOG_HEADER]) -> Option<Self> {
        let mut rest = bytes.as_slice();
        let magic = u32::from_be_bytes(take(&mut rest)?);
        let start = Sums { first: 0, second: 0, big_endian: magic & 1 == 1 };
        let sums = start.over(bytes.get(..LOG_HEADER - 8)?);
        let _version_size_and_count: [u8; 12] = take(&mut rest)?;
        let salts = take(&mut rest)?;
        (magic & !1 == MAGIC && rest == sums.bytes()).then_some(Self { salts, sums })
    }
}

/// The salts that a header is about to begin a log with.
pub(super) fn salts_of(header: &[u8; LOG_HEADER]) -> Salts {
    header.get(16..).and_then(|b| b.first_chunk::<8>().copied()).unwrap_or_default()
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) page: u32,
    /// The size of the database in pages after the commit; zero when it is not one.
    pub(super) size_after: u32,
    pub(super) salts: Salts,
    sums: [u8; 8],
}

impl FrameHeader {
    pub(super) fn read(mut frame: &[u8]) -> Option<Self> {
        Some(Self {
            page: u32::from_be_bytes(take(&mut frame)?),
            size_after: u32::from_be_bytes(take(&mut frame)?),
            salts: take(&mut frame)?,
            sums: take(&mut frame)?,
        })
    }

    /// The checksum after this frame, if the frame says the same.
    pub(super) fn follows(&self, before: Sums, frame: &[u8]) -> Option<Sums> {
        let after = before.over(frame.get(..8)?).over(frame.get(FRAME_HEADER..)?);
        (after.bytes() == self.sums && self.page != 0).then_some(after)
    }
}

/// The running checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sums {
    first: u32,
    second: u32,
    big_endian: bool,
}

impl Sums {
    fn over(self, bytes: &[u8]) -> Self {
        let word = if self.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        let (mut first, mut second) = (self.first, self.second);
        for [one, other] in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
            first = first.wrapping_add(word(*one)).wrapping_add(second);
            second = second.wrapping_add(word(*other)).wrapping_add(first);
        }
        Self { first, second, ..self }
    }

    fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        let words = self.first.to_be_bytes().into_iter().chain(self.second.to_be_bytes());
        fill(&mut bytes, words);
        bytes
    }
}
