//! MD5 (RFC 1321), of one stream or of several side by side in the lanes of a vector unit.
//!
//! S3 makes an `ETag` of the MD5 of a body, so a store has to compute it of everything it takes in.
//! One stream's MD5 is a chain in which each step waits for the one before; but the chains of
//! several streams take hardly more time than one when each has a lane of a vector.
//!
//! Invariant: a sum depends on the bytes of its own stream alone, however they are cut into pieces
//! and whoever is hashed beside it.
//!
//! A room of its own because it must be compiled for speed even where all else is not: see its
//! profile in the workspace's manifest.

mod lanes;
mod sum;

#[cfg(test)]
mod tests;

pub use lanes::LANES_MAX;
pub use sum::Md5;

use sum::BLOCK_BYTES;

/// The next bytes of a stream.
#[derive(Debug)]
pub struct Piece<'a> {
    /// What was hashed of the stream so far.
    pub sum: &'a mut Md5,
    /// The bytes that follow, as many as there are.
    pub data: &'a [u8],
}

/// Hashes the next bytes of several streams, side by side as far as they are there. A single stream
/// is hashed just as [`Md5::update`] does.
pub fn update_beside(pieces: &mut [Piece<'_>]) {
    for piece in &mut *pieces {
        piece.data = piece.sum.complete_block(piece.data);
    }
    let mut left: Vec<_> = pieces.iter_mut().collect();
    loop {
        left.retain(|piece| piece.data.len() >= BLOCK_BYTES);
        if left.len() < 2 {
            break;
        }
        // The longest together, so that no lane is empty for long.
        left.sort_unstable_by_key(|piece| std::cmp::Reverse(piece.data.len()));
        let beside = left.len().min(LANES_MAX);
        lanes::advance(left.get_mut(..beside).unwrap_or_default());
    }
    drop(left);
    for piece in pieces {
        piece.sum.update(std::mem::take(&mut piece.data));
    }
}
