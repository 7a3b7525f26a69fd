//! The bytes that trials write: made from a number that they begin with, so that whoever reads
//! them knows at once whose they are and whether they are whole.

use bytes::{Bytes, BytesMut};

use crate::chance::Chance;

/// The least size of a content, in bytes: its number.
pub(crate) const CONTENT_BYTES_MIN: usize = 8;

/// The content of this number, `size` bytes long; never shorter than its number.
pub(crate) fn content(number: u64, size: usize) -> Bytes {
    let size = size.max(CONTENT_BYTES_MIN);
    let mut bytes = BytesMut::with_capacity(size + 8);
    bytes.extend_from_slice(&number.to_le_bytes());
    let mut chance = Chance::new(number);
    while bytes.len() < size {
        bytes.extend_from_slice(&chance.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes.freeze()
}

/// The number of a content, if it is one and every byte is right.
pub(crate) fn number_of(bytes: &[u8]) -> Option<u64> {
    let number = u64::from_le_bytes(*bytes.first_chunk()?);
    (content(number, bytes.len()) == bytes).then_some(number)
}
