//! The seal at the end of a page, a frame or a mark.
//!
//! Forty bytes: whose seal it is (4), the generation (4), the nonce (12), a count that the log
//! uses (4), the tag (16). The tag covers the content, the count, and the place: a page that
//! stands where it was not written does not verify.

use ring::aead::{Aad, Nonce};
use ring::digest::{Context, SHA256};

use crate::key::{Key, Stamp};
use crate::layout::{SEAL, fill, take};

/// Marks what is only checksummed.
pub(crate) const CHECKSUM_ID: [u8; 4] = *b"sum1";

/// How the pages of a database are sealed.
#[derive(Debug, Clone)]
pub enum Seal {
    /// Each page carries 128 bits of SHA-256 over it and its place: damage is found, but the
    /// content is plain.
    Checksum,
    /// Each page is encrypted with AES-256-GCM, bound to its place: damage is found, and nothing
    /// is plain.
    Encrypt(Key),
}

/// What is sealed, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A page of the database.
    Page(u32),
    /// A frame of the log.
    Frame(u32),
    /// The mark that stands where this frame would follow.
    Mark(u32),
}

impl Place {
    /// What else the tag covers: the format, the kind of place, its number and the count.
    fn bound(self, count: u32) -> [u8; 16] {
        let (kind, number) = match self {
            Self::Page(number) => (b'P', number),
            Self::Frame(number) => (b'F', number),
            Self::Mark(number) => (b'M', number),
        };
        let head = [b'w', b'h', b'p', b'1', kind, 0, 0, 0];
        let mut bound = [0; 16];
        fill(&mut bound, head.into_iter().chain(number.to_le_bytes()).chain(count.to_le_bytes()));
        bound
    }
}

/// A seal that does not open: damaged, torn, moved, or made by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

struct Fields {
    id: [u8; 4],
    generation: u32,
    nonce: [u8; 12],
    count: u32,
    tag: [u8; 16],
}

impl Fields {
    fn read(mut bytes: &[u8]) -> Option<Self> {
        Some(Self {
            id: take(&mut bytes)?,
            generation: u32::from_le_bytes(take(&mut bytes)?),
            nonce: take(&mut bytes)?,
            count: u32::from_le_bytes(take(&mut bytes)?),
            tag: take(&mut bytes)?,
        })
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        let numbers = (self.generation.to_le_bytes(), self.count.to_le_bytes());
        let head = self.id.into_iter().chain(numbers.0).chain(self.nonce);
        head.chain(numbers.1).chain(self.tag)
    }
}

fn split(unit: &mut [u8]) -> Option<(&mut [u8], &mut [u8])> {
    let at = unit.len().checked_sub(SEAL)?;
    unit.split_at_mut_checked(at)
}

/// Whose seal it says it is.
pub(crate) fn label(unit: &[u8]) -> Option<[u8; 4]> {
    let at = unit.len().checked_sub(SEAL)?;
    unit.get(at..)?.first_chunk::<4>().copied()
}

impl Seal {
    /// What this seal marks its pages with.
    pub(crate) fn id(&self) -> [u8; 4] {
        match self {
            Self::Checksum => CHECKSUM_ID,
            Self::Encrypt(key) => key.id(),
        }
    }

    /// Seals in place: content, then [`SEAL`] bytes that are overwritten. `None` when there is no
    /// randomness.
    pub(crate) fn close(&self, place: Place, count: u32, unit: &mut [u8]) -> Option<()> {
        let (content, end) = split(unit)?;
        let bound = place.bound(count);
        let id = self.id();
        let fields = match self {
            Self::Checksum => {
                let tag = checksum(&bound, content)?;
                Fields { id, generation: 0, nonce: [0; 12], count, tag }
            }
            Self::Encrypt(key) => {
                let Stamp { generation, nonce, key } = key.stamp()?;
                let sealed_with = Nonce::assume_unique_for_key(nonce);
                let tag = key.seal_in_place_separate_tag(sealed_with, Aad::from(bound), content);
                let tag: [u8; 16] = tag.ok()?.as_ref().try_into().ok()?;
                Fields { id, generation, nonce, count, tag }
            }
        };
        fill(end, fields.bytes());
        Some(())
    }

    /// Opens in place what [`Self::close`] made, gives the count, and clears the seal's bytes, as
    /// SQLite saw them when it wrote the page. After a refusal the content is void.
    pub(crate) fn open(&self, place: Place, unit: &mut [u8]) -> Result<u32, Broken> {
        if label(unit) != Some(self.id()) {
            return Err(Broken);
        }
        self.open_unlabelled(place, unit).ok_or(Broken)
    }

    /// As [`Self::open`], whatever the bytes say whose seal it is.
    pub(crate) fn open_unlabelled(&self, place: Place, unit: &mut [u8]) -> Option<u32> {
        let (content, end) = split(unit)?;
        let fields = Fields::read(end)?;
        self.unlock(place, &fields, content)?;
        end.fill(0);
        Some(fields.count)
    }

    fn unlock(&self, place: Place, fields: &Fields, content: &mut [u8]) -> Option<()> {
        let bound = place.bound(fields.count);
        match self {
            Self::Checksum => {
                let unused = fields.generation == 0 && fields.nonce == [0; 12];
                (unused && checksum(&bound, content)? == fields.tag).then_some(())
            }
            Self::Encrypt(key) => {
                let sub_key = key.of(fields.generation)?;
                let nonce = Nonce::assume_unique_for_key(fields.nonce);
                let tag = fields.tag.into();
                sub_key
                    .open_in_place_separate_tag(nonce, Aad::from(bound), tag, content, 0..)
                    .ok()?;
                key.keep(fields.generation, &sub_key);
                Some(())
            }
        }
    }
}

/// The first 128 bits of SHA-256.
fn checksum(bound: &[u8], content: &[u8]) -> Option<[u8; 16]> {
    let mut sum = Context::new(&SHA256);
    sum.update(bound);
    sum.update(content);
    sum.finish().as_ref().first_chunk::<16>().copied()
}
