//! Ranges of bytes. Source: RFC 9110 section 14.1.2.

use std::ops::Range;

use crate::StoreError;

/// A range as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first to the second offset, inclusive.
    FromTo(u64, u64),
    /// From an offset to the end.
    From(u64),
    /// The last so many bytes.
    Last(u64),
}

impl ByteRange {
    /// The offsets that are meant in an object of `size` bytes.
    pub fn resolve(self, size: u64) -> Result<Range<u64>, StoreError> {
        let outside = StoreError::InvalidRange { size };
        let range = match self {
            Self::FromTo(first, last) if first <= last => first..last.saturating_add(1).min(size),
            Self::FromTo(..) => return Err(outside),
            Self::From(first) => first..size,
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        if range.start < range.end { Ok(range) } else { Err(outside) }
    }
}

/// The offsets meant by an optional range; without one, all of them, even if there are none.
pub(crate) fn resolve(range: Option<ByteRange>, size: u64) -> Result<Range<u64>, StoreError> {
    range.map_or(Ok(0..size), |r| r.resolve(size))
}

#[cfg(test)]
mod tests {
    use super::ByteRange;

    #[track_caller]
    fn check(range: ByteRange, size: u64, expected: Option<std::ops::Range<u64>>) {
        assert_eq!(range.resolve(size).ok(), expected, "{range:?} of {size}");
    }

    #[test]
    fn ranges_are_clipped_to_the_object_and_never_empty() {
        check(ByteRange::FromTo(0, 0), 10, Some(0..1));
        check(ByteRange::FromTo(3, 100), 10, Some(3..10));
        check(ByteRange::FromTo(3, u64::MAX), 10, Some(3..10));
        check(ByteRange::FromTo(10, 11), 10, None);
        check(ByteRange::FromTo(5, 4), 10, None);
        check(ByteRange::From(9), 10, Some(9..10));
        check(ByteRange::From(10), 10, None);
        check(ByteRange::Last(3), 10, Some(7..10));
        check(ByteRange::Last(30), 10, Some(0..10));
        check(ByteRange::Last(0), 10, None);
        check(ByteRange::Last(1), 0, None);
    }
}
