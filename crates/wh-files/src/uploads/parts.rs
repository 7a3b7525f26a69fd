//! How a file is cut into parts. Every part but the last has the same size, so that a resumed
//! upload finds the same cuts.
//!
//! Source: S3 User Guide, "Amazon S3 multipart upload limits".

/// The smallest part size, in bytes; files up to this size are one part.
pub const PART_SIZE_MIN: u64 = 8 * 1024 * 1024;

/// The most parts that a file is cut into. S3 allows 10,000; the rest is room for a client that
/// must cut smaller.
pub const PARTS_MAX: u64 = 9_000;

/// The largest file, in bytes: 5 TiB.
pub const FILE_SIZE_MAX: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// How a file of a certain size is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The size of every part but the last, in bytes.
    pub part_size: u64,
    /// How many parts there are; an empty file has one empty part.
    pub part_count: u16,
}

/// Cuts a file of `size` bytes; `None` when it is larger than [`FILE_SIZE_MAX`].
pub fn cut(size: u64) -> Option<Cut> {
    if size > FILE_SIZE_MAX {
        return None;
    }
    let mut part_size = PART_SIZE_MIN;
    while size.div_ceil(part_size) > PARTS_MAX {
        part_size *= 2;
    }
    count(size, part_size).map(|part_count| Cut { part_size, part_count })
}

/// How many parts of `part_size` a file of `size` bytes has.
pub(crate) fn count(size: u64, part_size: u64) -> Option<u16> {
    if part_size == 0 {
        return None;
    }
    u16::try_from(size.div_ceil(part_size).max(1)).ok()
}

/// The size that part `number` (from 1) of a file must have, or `None` when there is no such part.
pub fn size_of_part(size: u64, part_size: u64, number: u16) -> Option<u64> {
    let last = count(size, part_size)?;
    if number == 0 || number > last {
        return None;
    }
    let before = u64::from(number - 1).checked_mul(part_size)?;
    Some((size - before).min(part_size))
}

#[cfg(test)]
mod tests {
    use super::{FILE_SIZE_MAX, PART_SIZE_MIN, PARTS_MAX, cut, size_of_part};

    const MIB: u64 = 1024 * 1024;

    #[track_caller]
    fn check(size: u64, part_size: u64, part_count: u16) {
        let cut = cut(size).expect("a cut");
        assert_eq!((cut.part_size, cut.part_count), (part_size, part_count), "{size}");
    }

    #[test]
    fn parts_double_until_they_are_few_enough() {
        check(0, 8 * MIB, 1);
        check(1, 8 * MIB, 1);
        check(8 * MIB, 8 * MIB, 1);
        check(8 * MIB + 1, 8 * MIB, 2);
        check(8 * MIB * PARTS_MAX, 8 * MIB, 9_000);
        check(8 * MIB * PARTS_MAX + 1, 16 * MIB, 4_501);
        check(16 * MIB * PARTS_MAX + 1, 32 * MIB, 4_501);
        check(FILE_SIZE_MAX, 1024 * MIB, 5_120);
        assert_eq!(cut(FILE_SIZE_MAX + 1), None);
        assert_eq!(cut(u64::MAX), None);
    }

    #[test]
    fn the_parts_of_a_file_add_up_to_it() {
        let sizes = [0, 1, PART_SIZE_MIN - 1, PART_SIZE_MIN, PART_SIZE_MIN + 1, 1024 * MIB + 7];
        for size in sizes {
            let cut = cut(size).expect("a cut");
            let parts = (1..=cut.part_count).map(|n| size_of_part(size, cut.part_size, n));
            assert_eq!(parts.map(Option::unwrap_or_default).sum::<u64>(), size);
            assert_eq!(size_of_part(size, cut.part_size, 0), None);
            assert_eq!(size_of_part(size, cut.part_size, cut.part_count + 1), None);
        }
    }
}
