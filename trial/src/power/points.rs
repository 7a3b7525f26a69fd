//! The moments at which the power is cut, and how many images each gives.

use std::collections::HashSet;

use outage::{Disk, Ino, Op, Random};

use super::case::Case;

/// What is in these files does not matter after a crash: SQLite makes its index of the log anew,
/// and the lock is held by a process. They are left to chance, and not counted.
pub(super) const PASSING: [&str; 2] = ["-shm", "lock"];

/// Every choice is tried where there are at most so many changes to be spared or lost.
const EXHAUSTIVE_BITS: usize = 8;

/// Where there are more, at least so many images are drawn.
const DRAWS_MIN: u64 = 24;

/// A moment: after so many operations of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) after: usize,
    /// How many images it gives.
    pub(super) images: u64,
    /// Whether these are all that there are, whole changes spared or lost.
    pub(super) exhaustive: bool,
}

/// The moments of a recording for about so many images: all of them, and as many images of each as
/// are asked for; or, where fewer are asked for than there are, moments by chance.
pub(super) fn points(case: &Case, images: u64, seed: u64) -> Vec<Point> {
    let (mut disk, mut passing) = (Disk::of(&case.record.base), HashSet::new());
    let mut all = Vec::new();
    for (after, op) in (1..).zip(&case.record.ops) {
        disk.apply(op);
        if !matters(op, &mut passing) {
            continue;
        }
        let count = disk.bits(&PASSING).count();
        let exhaustive = count <= EXHAUSTIVE_BITS;
        let images = if exhaustive { 1 << count } else { 0 };
        all.push(Point { after, images, exhaustive });
    }
    let (small, open) = (
        all.iter().map(|point| point.images).sum::<u64>(),
        u64::try_from(all.iter().filter(|point| !point.exhaustive).count()).unwrap_or(u64::MAX),
    );
    let each = if open == 0 { 0 } else { images.saturating_sub(small).div_ceil(open) };
    for point in all.iter_mut().filter(|point| !point.exhaustive) {
        point.images = each.max(DRAWS_MIN);
    }
    sample(all, images, seed)
}

fn sample(all: Vec<Point>, images: u64, seed: u64) -> Vec<Point> {
    let total: u64 = all.iter().map(|point| point.images).sum();
    let mut random = Random::new(seed);
    all.into_iter().filter(|_| random.below(total.max(1)) < images).collect()
}

/// Whether a power cut after this operation can leave what one before it cannot, or must leave
/// more.
fn matters(op: &Op, passing: &mut HashSet<Ino>) -> bool {
    match op {
        Op::Make { name, ino, .. } => {
            let is_passing = |name: &str| PASSING.iter().any(|end| name.ends_with(end));
            if name.to_str().is_some_and(is_passing) {
                passing.insert(*ino);
            }
            true
        }
        Op::Write { ino, .. }
        | Op::Resize { ino, .. }
        | Op::Zero { ino, .. }
        | Op::SyncFile { ino } => !passing.contains(ino),
        Op::Rename { .. } | Op::Link { .. } | Op::Remove { .. } | Op::SyncFolder { .. } => true,
        Op::Mark(text) => !text.starts_with(b"begin"),
    }
}
