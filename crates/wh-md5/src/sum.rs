//! The MD5 of one stream, as it passes.

use md5::block_api::compress;

/// How many bytes are compressed at once.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Where the length of the message is in its last block.
const LENGTH_AT: usize = 56;

/// The MD5 of a stream, as it passes.
#[derive(Debug, Clone)]
pub struct Md5 {
    pub(crate) state: [u32; 4],
    /// How many bytes have come.
    pub(crate) bytes: u64,
    /// The begin of a block whose end has not come yet: `bytes % BLOCK_BYTES` of it.
    tail: [u8; BLOCK_BYTES],
}

impl Default for Md5 {
    fn default() -> Self {
        Self::new()
    }
}

impl Md5 {
    /// The sum of nothing.
    pub const fn new() -> Self {
        let state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        Self { state, bytes: 0, tail: [0; BLOCK_BYTES] }
    }

    /// Hashes the bytes that follow.
    pub fn update(&mut self, data: &[u8]) {
        let data = self.complete_block(data);
        let (blocks, tail) = data.as_chunks();
        compress(&mut self.state, blocks);
        self.bytes += (data.len() - tail.len()) as u64;
        self.keep(tail);
    }

    /// The 16 bytes of the sum.
    pub fn finish(mut self) -> [u8; 16] {
        let bits = self.bytes.wrapping_mul(8).to_le_bytes();
        let begun = self.begun();
        let zeros = (BLOCK_BYTES + LENGTH_AT - 1 - begun) % BLOCK_BYTES;
        self.update(&[0x80]);
        self.update([0; BLOCK_BYTES].get(..zeros).unwrap_or_default());
        self.update(&bits);
        let mut out = [0; 16];
        let words = self.state.iter().flat_map(|word| word.to_le_bytes());
        out.iter_mut().zip(words).for_each(|(to, from)| *to = from);
        out
    }

    /// Fills the block that was begun, if one was; returns what is left of the bytes. When some are
    /// left, no block is begun.
    pub(crate) fn complete_block<'a>(&mut self, data: &'a [u8]) -> &'a [u8] {
        let begun = self.begun();
        if begun == 0 {
            return data;
        }
        let (now, later) = data.split_at_checked(BLOCK_BYTES - begun).unwrap_or((data, &[]));
        self.keep(now);
        if self.begun() == 0 && !now.is_empty() {
            compress(&mut self.state, &[self.tail]);
        }
        later
    }

    /// How much of a block was begun.
    fn begun(&self) -> usize {
        usize::try_from(self.bytes % BLOCK_BYTES as u64).unwrap_or_default()
    }

    /// Keeps bytes that do not make up a block, or just do.
    fn keep(&mut self, data: &[u8]) {
        let begun = self.begun();
        let room = self.tail.iter_mut().skip(begun);
        room.zip(data).for_each(|(to, from)| *to = *from);
        self.bytes += data.len() as u64;
    }
}
