//! Encryption at rest: master keys, the data keys that they wrap, and what covers each block.
//!
//! A **master key** comes from outside and is never written down here. A **data key** is made for
//! each blob, used for that blob alone, and kept wrapped in the blob's row. The **index key** is
//! made once and kept wrapped in the file `index.key`.
//!
//! Invariant: no data key is used for two blobs, and no block number twice under one data key, so
//! that no nonce ever repeats.

mod guard;
mod index_key;
mod keyring;
mod sealing;
mod wrap;

#[cfg(test)]
mod tests;

pub(super) use guard::Guard;
pub use keyring::{KeyId, Keyring, KeyringError, Keys};
pub(super) use sealing::{Inline, Rewrap, Sealing};
pub(super) use wrap::Wrapped;
