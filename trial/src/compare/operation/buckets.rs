//! Operations on buckets, and on the feed.

use super::content::{Firmness, firmness};
use super::{CONTENTS, bucket, max, small};
use crate::chance::Chance;

/// An operation on buckets, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OnBucket {
    Make(u8),
    Remove(u8),
    Tell(u8),
    TellAll,
    Keep {
        bucket: u8,
        kind: u8,
        text: Option<u64>,
    },
    Document {
        bucket: u8,
        kind: u8,
    },
    Change(u8, Setting),
    Settings(u8),
    Usage(u8),
    /// The feed, of all buckets.
    Events {
        after: u64,
        max: usize,
    },
    Trim {
        before: u64,
    },
}

/// A change of a bucket's settings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Setting {
    Unversioned,
    Enabled,
    Suspended,
    /// Object lock, with a default retention of so many days.
    Lock(Option<(Firmness, u32)>),
    Quota(Option<u64>),
}

pub(super) fn on_bucket(chance: &mut Chance, now: u64) -> OnBucket {
    let bucket = bucket(chance);
    match chance.weighted(&[4, 6, 2, 2, 4, 4, 8, 3, 6, 6, 1]) {
        0 => OnBucket::Make(bucket),
        1 => OnBucket::Remove(bucket),
        2 => OnBucket::Tell(bucket),
        3 => OnBucket::TellAll,
        4 => {
            let text = chance.one_in(2).then(|| chance.below(CONTENTS));
            OnBucket::Keep { bucket, kind: small(chance, 4), text }
        }
        5 => OnBucket::Document { bucket, kind: small(chance, 4) },
        // The first bucket mostly stays what it is, so that there is one that was never versioned.
        6 if bucket == 0 && !chance.one_in(6) => OnBucket::Settings(bucket),
        6 => OnBucket::Change(bucket, setting(chance)),
        7 => OnBucket::Settings(bucket),
        8 => OnBucket::Usage(bucket),
        9 => OnBucket::Events { after: chance.below(now + 1), max: max(chance) },
        _ => OnBucket::Trim { before: chance.below(now / 2 + 1) },
    }
}

fn setting(chance: &mut Chance) -> Setting {
    match chance.weighted(&[1, 8, 4, 2, 5]) {
        0 => Setting::Unversioned,
        1 => Setting::Enabled,
        2 => Setting::Suspended,
        3 => {
            let days = u32::from(small(chance, 3)) * 20_000;
            Setting::Lock(chance.one_in(2).then(|| (firmness(chance), days)))
        }
        _ => Setting::Quota(chance.one_in(3).then(|| chance.between(10_000, 500_000))),
    }
}
