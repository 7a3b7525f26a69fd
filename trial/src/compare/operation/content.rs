//! What an operation brings: bytes, headers, tags and locks.

use super::{CONTENTS, Place, small};
use crate::chance::Chance;

/// The bytes to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body {
    pub(crate) content: u64,
    pub(crate) size: u64,
    /// How it comes: in blocks of so many bytes.
    pub(crate) block: u64,
    /// What is said of it beforehand.
    pub(crate) told: Told,
}

/// What is said of a body beforehand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told {
    Nothing,
    Size,
    WrongSize,
    Md5,
    WrongMd5,
    /// A checksum by the algorithm of this number.
    Checksum(u8),
    WrongChecksum(u8),
    /// It breaks off.
    BreaksOff,
}

/// A lock: the kind of its retention and for how many operations it holds, and a legal hold.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lock {
    pub(crate) retention: Option<(Firmness, u64)>,
    pub(crate) hold: bool,
}

/// How firmly a version is retained.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Firmness {
    Governance,
    Compliance,
}

/// What comes with an object beside its bytes: the numbers of its headers and tags, and its lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dress {
    pub(crate) headers: u8,
    pub(crate) tags: u8,
    pub(crate) lock: Lock,
}

pub(super) fn dress(chance: &mut Chance, at: Place) -> Dress {
    Dress { headers: small(chance, 4), tags: small(chance, 4), lock: lock(chance, at) }
}

/// Only the second bucket may have locks from the beginning; elsewhere they are mostly refused.
pub(super) fn lock(chance: &mut Chance, at: Place) -> Lock {
    if !chance.one_in(if at.bucket == 1 { 4 } else { 60 }) {
        return Lock::default();
    }
    Lock { retention: until(chance), hold: chance.one_in(3) }
}

/// For how many operations something is retained.
pub(super) fn until(chance: &mut Chance) -> Option<(Firmness, u64)> {
    chance.one_in(2).then(|| (firmness(chance), chance.below(150)))
}

pub(super) fn firmness(chance: &mut Chance) -> Firmness {
    if chance.one_in(2) { Firmness::Governance } else { Firmness::Compliance }
}

/// Most bodies are small, some are just at the edges of what goes into the index, into one block
/// and into one chunk, and a few are as large as a part must be.
pub(super) fn body(chance: &mut Chance) -> Body {
    let size = match chance.weighted(&[10, 900, 30, 10, 4, 1]) {
        0 => 0,
        1 => chance.between(1, 3_000),
        2 => chance.between(65_534, 65_540),
        3 => chance.between(262_142, 262_147),
        4 => chance.between(524_286, 600_000),
        _ => 5 << 20,
    };
    let told = match chance.weighted(&[150, 10, 3, 10, 3, 20, 3, 3]) {
        0 => Told::Nothing,
        1 => Told::Size,
        2 => Told::WrongSize,
        3 => Told::Md5,
        4 => Told::WrongMd5,
        5 => Told::Checksum(small(chance, 5)),
        6 => Told::WrongChecksum(small(chance, 5)),
        _ => Told::BreaksOff,
    };
    let block = if chance.one_in(2) { u64::MAX } else { chance.between(1_000, 70_000) };
    Body { content: chance.below(CONTENTS), size, block, told }
}
