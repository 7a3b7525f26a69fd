//! What goes wrong on a disk: bits that flip, sectors that are lost or land elsewhere, files that
//! are cut.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::chance::Chance;

/// The unit that disks write, in bytes.
const SECTOR_BYTES: usize = 512;

/// The most bits that are flipped together.
const BITS_MAX: u64 = 16;

/// Damage to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Damage {
    /// These bits are flipped, each told by its place in the file.
    Flip(Vec<u64>),
    /// The sector at this number is zero.
    Zero(u64),
    /// Two sectors lie in each other's place.
    Swap(u64, u64),
    /// The file ends after so many bytes.
    Cut(u64),
}

impl Damage {
    /// Damage to a file of `len` bytes, by chance; four in five are a single bit.
    pub(crate) fn random(chance: &mut Chance, len: u64) -> Self {
        let bits = len * 8;
        let sectors = len.div_ceil(SECTOR_BYTES as u64);
        match chance.weighted(&[80, 5, 5, 5, 5]) {
            0 => Self::Flip(vec![chance.below(bits)]),
            1 => {
                let count = chance.between(2, BITS_MAX + 1);
                Self::Flip((0..count).map(|_| chance.below(bits)).collect())
            }
            2 => Self::Zero(chance.below(sectors)),
            3 => Self::Swap(chance.below(sectors), chance.below(sectors)),
            _ => Self::Cut(chance.below(len)),
        }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Flip(bits) if bits.len() == 1 => "one bit",
            Self::Flip(_) => "some bits",
            Self::Zero(_) => "sector of zeros",
            Self::Swap(..) => "swapped sectors",
            Self::Cut(_) => "cut file",
        }
    }

    /// What these bytes become; the same, if the damage changes nothing.
    pub(crate) fn of(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Flip(bits) => bits.iter().for_each(|bit| flip(&mut bytes, *bit)),
            Self::Zero(at) => sector(&mut bytes, *at).fill(0),
            Self::Swap(one, other) => {
                let first = sector(&mut bytes, *one).to_vec();
                let second = sector(&mut bytes, *other).to_vec();
                let common = first.len().min(second.len());
                copy(sector(&mut bytes, *one), &second, common);
                copy(sector(&mut bytes, *other), &first, common);
            }
            Self::Cut(len) => bytes.truncate(usize::try_from(*len).unwrap_or(usize::MAX)),
        }
        bytes
    }
}

fn flip(bytes: &mut [u8], bit: u64) {
    let byte = usize::try_from(bit / 8).ok().and_then(|at| bytes.get_mut(at));
    if let Some(byte) = byte {
        *byte ^= 1 << (bit % 8);
    }
}

fn sector(bytes: &mut [u8], number: u64) -> &mut [u8] {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    bytes.chunks_mut(SECTOR_BYTES).nth(number).unwrap_or_default()
}

fn copy(to: &mut [u8], from: &[u8], count: usize) {
    to.iter_mut().zip(from).take(count).for_each(|(to, from)| *to = *from);
}

/// Every file below a folder, relative to it, with its length in bytes up to the last one that is
/// not zero; in a fixed order.
pub(crate) fn files(folder: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    gather(folder, Path::new(""), &mut found).context("looking for files")?;
    found.sort();
    Ok(found)
}

fn gather(root: &Path, at: &Path, found: &mut Vec<(PathBuf, u64)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root.join(at))? {
        let entry = entry?;
        let path = at.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            gather(root, &path, found)?;
        } else {
            let bytes = std::fs::read(entry.path())?;
            let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            found.push((path, used as u64));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Damage;

    #[test]
    fn damage_is_what_it_says() {
        let whole: Vec<u8> =
            (0..1200_u32).map(|n| u8::try_from(n / 512).expect("a byte")).collect();
        let flipped = Damage::Flip(vec![9]).of(whole.clone());
        assert_eq!((flipped[1], &flipped[2..]), (2, &whole[2..]));
        let zero = Damage::Zero(1).of(whole.clone());
        assert!(zero[512..1024].iter().all(|byte| *byte == 0));
        let swapped = Damage::Swap(0, 1).of(whole.clone());
        assert_eq!((swapped[0], swapped[512], swapped[1024]), (1, 0, 2));
        // The last sector is a short one.
        let swapped = Damage::Swap(0, 2).of(whole.clone());
        assert_eq!((swapped[0], swapped[176], swapped[1024], swapped.len()), (2, 0, 0, 1200));
        assert_eq!(Damage::Cut(700).of(whole.clone()), whole[..700]);
    }
}
