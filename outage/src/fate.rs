//! What of the unsynced a power cut spares.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::random::{Random, mix};

/// Which of the pending changes survive. A change is known by its number on the disk.
#[derive(Debug, Clone)]
pub enum Style {
    /// Each by chance: so many of 256.
    Odds(u16),
    /// Each sector of each by chance: so many of 256. For names and sizes the same as `Odds`.
    Torn(u16),
    /// All up to this one.
    UpTo(u64),
    /// These.
    Among(Arc<BTreeSet<u64>>),
    /// All but these.
    Without(Arc<BTreeSet<u64>>),
}

/// The pending changes that can be spared one by one, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub struct Bits {
    /// Changes of names.
    pub names: Vec<u64>,
    /// Changes of data, each with its file.
    pub data: Vec<(u64, crate::Ino)>,
    /// Changes of sizes.
    pub sizes: Vec<u64>,
}

/// What a power cut spares.
#[derive(Debug, Clone)]
pub struct Fate {
    /// How the names fare.
    pub names: Style,
    /// How the data fare.
    pub data: Style,
    /// How the sizes fare. A size that is kept without its data shows zeros.
    pub sizes: Style,
    /// What is written whole, in bytes: 512 or 4,096.
    pub sector: u64,
    /// The seed of what is left to chance.
    pub seed: u64,
}

/// What the seed is stirred with, so that names, data and sizes have chances of their own.
const NAMES: u64 = 0x6e61_6d65;
const SIZES: u64 = 0x7369_7a65;

impl Fate {
    /// Nothing that was not synced survives.
    pub fn nothing() -> Self {
        let none = || Style::Odds(0);
        Self { names: none(), data: none(), sizes: none(), sector: 4096, seed: 0 }
    }

    /// Everything survives.
    pub fn everything() -> Self {
        let all = || Style::Odds(256);
        Self { names: all(), data: all(), sizes: all(), sector: 4096, seed: 0 }
    }

    /// One of the ways to spare some changes as wholes. Bit *n* of `choice` is for the *n*th of
    /// the names, then of the data, then of the sizes.
    pub fn exact(bits: &Bits, choice: u64) -> Self {
        let mut places = 0..64_u32;
        let mut taken = |numbers: &mut dyn Iterator<Item = u64>| {
            let chosen = |_: &u64| places.next().is_some_and(|at| choice >> at & 1 == 1);
            Style::Among(Arc::new(numbers.filter(chosen).collect()))
        };
        let names = taken(&mut bits.names.iter().copied());
        let data = taken(&mut bits.data.iter().map(|(number, _)| *number));
        let sizes = taken(&mut bits.sizes.iter().copied());
        Self { names, data, sizes, sector: 4096, seed: 0 }
    }

    /// A random fate, of a kind that has found faults elsewhere: everything by chance, torn by
    /// sectors, all but one, none but one, up to a moment, all of one file lost.
    pub fn drawn(bits: &Bits, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let sector = if random.below(2) == 0 { 512 } else { 4096 };
        let all = bits.numbers();
        let cut = random.pick(&all).copied().unwrap_or_default();
        if random.below(6) == 0 {
            let to = || Style::UpTo(cut);
            return Self { names: to(), data: to(), sizes: to(), sector, seed };
        }
        let names = one_of(&bits.names, &mut random);
        let data = match random.below(3) {
            0 => of_one_file(bits, &mut random),
            1 => Style::Torn(odds(&mut random)),
            _ => one_of(&bits.data.iter().map(|(n, _)| *n).collect::<Vec<_>>(), &mut random),
        };
        let sizes = one_of(&bits.sizes, &mut random);
        Self { names, data, sizes, sector, seed }
    }

    pub(crate) fn sector_bytes(&self) -> u64 {
        self.sector.max(1)
    }

    pub(crate) fn keeps(&self, number: u64, sector: u64) -> bool {
        self.spares(&self.data, number, sector)
    }

    pub(crate) fn keeps_size(&self, number: u64) -> bool {
        self.spares(&self.sizes, number, SIZES)
    }

    pub(crate) fn keeps_name(&self, number: u64) -> bool {
        self.spares(&self.names, number, NAMES)
    }

    fn spares(&self, style: &Style, number: u64, salt: u64) -> bool {
        let chance = |salt: u64| mix(mix(self.seed ^ number) ^ salt) & 255;
        match style {
            Style::Odds(odds) => chance(0) < u64::from(*odds),
            Style::Torn(odds) => chance(salt | 1 << 63) < u64::from(*odds),
            Style::UpTo(last) => number <= *last,
            Style::Among(these) => these.contains(&number),
            Style::Without(these) => !these.contains(&number),
        }
    }
}

impl Bits {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.names.len() + self.data.len() + self.sizes.len()
    }

    fn numbers(&self) -> Vec<u64> {
        let data = self.data.iter().map(|(number, _)| *number);
        let all: BTreeSet<u64> = self.names.iter().copied().chain(data).collect();
        all.into_iter().collect()
    }
}

fn odds(random: &mut Random) -> u16 {
    *random.pick(&[16, 128, 240]).unwrap_or(&128)
}

fn set(of: impl IntoIterator<Item = u64>) -> Arc<BTreeSet<u64>> {
    Arc::new(of.into_iter().collect())
}

fn one_of(numbers: &[u64], random: &mut Random) -> Style {
    let one = random.pick(numbers).copied();
    match random.below(6) {
        0 => Style::Odds(256),
        1 => Style::Odds(0),
        2 => Style::Among(set(one)),
        3 => Style::Without(set(one)),
        _ => Style::Odds(odds(random)),
    }
}

/// All data of one file lost, or only that kept.
fn of_one_file(bits: &Bits, random: &mut Random) -> Style {
    let file = random.pick(&bits.data).map(|(_, ino)| *ino);
    let its = bits.data.iter().filter(|(_, ino)| Some(*ino) == file).map(|(number, _)| *number);
    if random.below(2) == 0 { Style::Without(set(its)) } else { Style::Among(set(its)) }
}
