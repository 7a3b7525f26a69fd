//! Which keys the very many objects have.

use anyhow::Result;

use super::kit::{Random, noise};
use super::lanes;
use super::port::{Listing, Ours};

/// How many writers load.
const LOADERS: u64 = 256;

/// A layout of many objects in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// All in one folder.
    Flat,
    /// All in one folder, twenty levels down.
    Deep,
    /// Each in a folder of its own.
    Folders,
}

impl Layout {
    pub(super) const ALL: [Self; 3] = [Self::Flat, Self::Deep, Self::Folders];

    pub(super) fn bucket(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Deep => "deep",
            Self::Folders => "folders",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flat => "one folder",
            Self::Deep => "one folder, 20 deep",
            Self::Folders => "as many folders, delimiter `/`",
        }
    }

    /// How many objects there are, when `many` are many.
    pub(super) fn count(self, many: u64) -> u64 {
        match self {
            Self::Flat | Self::Folders => many,
            Self::Deep => many / 10,
        }
    }

    fn prefix(self) -> String {
        match self {
            Self::Flat => "photos/".to_owned(),
            Self::Deep => "another-level/".repeat(20),
            Self::Folders => String::new(),
        }
    }

    pub(super) fn key(self, number: u64) -> String {
        let prefix = self.prefix();
        match self {
            Self::Flat | Self::Deep => format!("{prefix}picture-{number:08}.jpg"),
            Self::Folders => format!("folder-{number:08}/file"),
        }
    }

    /// A page that begins before the object of that number.
    pub(super) fn page(self, number: u64) -> Listing {
        let after = number.checked_sub(1).map(|before| match self {
            Self::Flat | Self::Deep => self.key(before),
            Self::Folders => format!("folder-{before:08}/"),
        });
        Listing { prefix: self.prefix(), delimiter: true, after }
    }

    /// Writes the objects, in an order that is not theirs.
    pub(super) async fn load(self, ours: &Ours, many: u64, bytes: usize) -> Result<()> {
        let count = self.count(many);
        let (step, body, store) = (coprime(count), noise(5, bytes), ours.clone());
        let put = move |n: u64| {
            let (store, body) = (store.clone(), body.clone());
            let number = n.wrapping_mul(step) % count;
            async move { store.put(&self.key(number), body).await }
        };
        lanes::each(LOADERS, count, put).await
    }

    /// Removes half of the objects: those in the middle.
    pub(super) async fn thin(self, ours: &Ours, many: u64) -> Result<()> {
        let (count, store) = (self.count(many), ours.clone());
        let delete = move |n: u64| {
            let store = store.clone();
            async move { store.delete(&self.key(count / 4 + n)).await }
        };
        lanes::each(LOADERS, count / 2, delete).await
    }
}

/// A step that visits every number below `count` once: a prime that does not divide it.
fn coprime(count: u64) -> u64 {
    [611_953, 611_957, 611_969].into_iter().find(|p| !count.is_multiple_of(*p)).unwrap_or(1)
}

/// Some number below `count`.
pub(super) fn somewhere(seed: u64, count: u64) -> u64 {
    Random::new(seed).below(count)
}
