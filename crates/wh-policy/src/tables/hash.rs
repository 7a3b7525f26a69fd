//! From an action's name to its row, at the cost of one hash and, nearly always, one comparison.
//!
//! The table is made when the crate is compiled; a name is read eight bytes at a time and never
//! copied. Upper and lower case fall together by setting the bit that tells them apart. That makes
//! some other characters fall together too, which costs a comparison and decides nothing.

use super::ActionRow;
use super::generated::ACTIONS;

/// A power of two, more than twice the number of actions, so that probes stay short.
const SLOTS: usize = 1024;

const MASK: u64 = SLOTS as u64 - 1;

/// The slot that holds nothing.
const FREE: u16 = u16::MAX;

static TABLE: [u16; SLOTS] = build(ACTIONS);

/// The bit that lower-case letters have and upper-case letters lack, in each byte of a word.
const CASE: u64 = 0x2020_2020_2020_2020;

const fn hash(name: &str) -> u64 {
    // Odd, with its bits well spread: the golden ratio.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sum = name.len() as u64;
    let mut rest = name.as_bytes();
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        sum = (sum ^ (u64::from_le_bytes(*word) | CASE)).wrapping_mul(SPREAD);
        sum ^= sum >> 29;
        rest = after;
    }
    let mut tail = 0;
    while let Some((byte, after)) = rest.split_first() {
        tail = (tail << 8) | (*byte | 0x20) as u64;
        rest = after;
    }
    sum = (sum ^ tail).wrapping_mul(SPREAD);
    sum ^ (sum >> 32)
}

const fn slot(hash: u64) -> usize {
    (hash & MASK) as usize
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs when the crate is compiled: an index out of bounds does not compile"
)]
const fn build(mut rows: &[ActionRow]) -> [u16; SLOTS] {
    let mut table = [FREE; SLOTS];
    let mut index = 0;
    while let [row, after @ ..] = rows {
        let mut at = slot(hash(row.name));
        while table[at] != FREE {
            at = (at + 1) % SLOTS;
        }
        table[at] = index;
        index += 1;
        rows = after;
    }
    table
}

/// The index of an action in the table, ignoring ASCII case.
pub(super) fn index(name: &str) -> Option<u16> {
    let mut at = slot(hash(name));
    loop {
        let found = *TABLE.get(at)?;
        // Ends: more than half of the slots are free.
        let row = ACTIONS.get(usize::from(found))?;
        if row.name.eq_ignore_ascii_case(name) {
            return Some(found);
        }
        at = (at + 1) % SLOTS;
    }
}
