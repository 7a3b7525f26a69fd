//! Bytes that can be made again: what an operation wrote follows from the seed and its number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use md5::{Digest, Md5};

use super::random::mix;

/// A body longer than this, in bytes, is a file of the store; others lie in its index.
pub(crate) const INLINE_BYTES_MAX: u64 = 64 << 10;

/// A range of the body that an operation brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Piece {
    /// The operation.
    pub(crate) from: u64,
    /// How long its whole body is, in bytes.
    pub(crate) whole: u64,
    /// Where the range begins.
    pub(crate) offset: u64,
    /// How long it is, in bytes; never 0.
    pub(crate) len: u64,
}

/// The bytes of an object or part: ranges of bodies, one after the other.
///
/// Invariant: neighbours that follow on each other are one piece, so that equal bytes are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Content(Vec<Piece>);

impl Content {
    /// The whole body of an operation.
    pub(crate) fn of_body(from: u64, len: u64) -> Self {
        let mut content = Self::default();
        content.push(Piece { from, whole: len, offset: 0, len });
        content
    }

    /// One after the other.
    pub(crate) fn joined<'a, I: IntoIterator<Item = &'a Self>>(parts: I) -> Self {
        let mut content = Self::default();
        parts.into_iter().flat_map(|p| &p.0).for_each(|piece| content.push(*piece));
        content
    }

    fn push(&mut self, piece: Piece) {
        if let Some(last) = self.0.last_mut()
            && last.from == piece.from
            && last.offset + last.len == piece.offset
        {
            last.len += piece.len;
        } else if piece.len > 0 {
            self.0.push(piece);
        }
    }

    /// The length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(|p| p.len).sum()
    }

    /// The bytes from `start` to before `end`.
    pub(crate) fn slice(&self, start: u64, end: u64) -> Self {
        let (mut content, mut at) = (Self::default(), 0);
        for piece in &self.0 {
            let from = start.clamp(at, at + piece.len) - at;
            let to = end.clamp(at, at + piece.len) - at;
            content.push(Piece { offset: piece.offset + from, len: to - from, ..*piece });
            at += piece.len;
        }
        content
    }

    /// The operations whose bodies are files of the store.
    pub(crate) fn files(&self) -> impl Iterator<Item = u64> {
        self.0.iter().filter(|p| p.whole > INLINE_BYTES_MAX).map(|p| p.from)
    }
}

/// What is computed of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) md5: [u8; 16],
    pub(crate) crc64: u64,
}

impl Sums {
    /// The MD5, in hexadecimal.
    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }

    /// The CRC-64/NVME, in Base64 as S3 writes it.
    pub(crate) fn checksum(&self) -> String {
        STANDARD.encode(self.crc64.to_be_bytes())
    }
}

/// The CRC-64/NVME of bytes.
pub(crate) fn crc64(data: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, data)
}

/// Makes the bytes of one seed, and remembers their sums.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    seed: u64,
    known: Arc<Mutex<HashMap<Content, Sums>>>,
}

impl Contents {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, known: Arc::default() }
    }

    /// The bytes.
    pub(crate) fn bytes(&self, content: &Content) -> Bytes {
        let mut out = Vec::with_capacity(usize::try_from(content.len()).unwrap_or_default());
        content.0.iter().for_each(|piece| self.append(*piece, &mut out));
        out.into()
    }

    /// Each word of a body follows from its place, so that a range can be made by itself.
    fn append(&self, piece: Piece, out: &mut Vec<u8>) {
        let base = mix(self.seed ^ mix(piece.from));
        let skip = usize::try_from(piece.offset % 8).unwrap_or_default();
        let wanted = out.len() + usize::try_from(piece.len).unwrap_or_default();
        let mut place = piece.offset / 8;
        let first = mix(base.wrapping_add(place)).to_le_bytes();
        out.extend(first.iter().skip(skip));
        while out.len() < wanted {
            place += 1;
            out.extend_from_slice(&mix(base.wrapping_add(place)).to_le_bytes());
        }
        out.truncate(wanted);
    }

    /// The sums of the bytes.
    pub(crate) fn sums(&self, content: &Content) -> Sums {
        let known =
            |s: &Self| s.known.lock().unwrap_or_else(PoisonError::into_inner).get(content).copied();
        if let Some(sums) = known(self) {
            return sums;
        }
        let data = self.bytes(content);
        let sums = Sums { md5: Md5::digest(&data).into(), crc64: crc64(&data) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(content.clone(), sums);
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Contents};

    #[test]
    fn a_range_has_the_bytes_that_the_whole_has_there() {
        let contents = Contents::new(7);
        let whole = Content::joined([&Content::of_body(1, 1000), &Content::of_body(2, 77)]);
        let data = contents.bytes(&whole);
        for (start, end) in [(0, 1077), (3, 4), (995, 1003), (16, 24), (1000, 1000), (1001, 1077)] {
            let part = contents.bytes(&whole.slice(start, end));
            let (from, to) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
            assert_eq!(part, data[from..to], "{start}..{end}");
        }
    }

    #[test]
    fn what_was_cut_and_joined_is_the_same() {
        let whole = Content::of_body(1, 1000);
        assert_eq!(Content::joined([&whole.slice(0, 10), &whole.slice(10, 1000)]), whole);
    }
}
