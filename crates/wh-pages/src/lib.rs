//! SQLite whose every page is sealed, in the database and in its write-ahead log.
//!
//! A sealed page carries an authenticator over its content and its place. With a [`Key`] the
//! content is encrypted too (AES-256-GCM), so that nothing plain reaches the disk; without, the
//! page is checksummed. Either way a wrong bit is found when it is read, and never served.
//!
//! ```no_run
//! use wh_pages::{Key, Seal};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let seal = Seal::Encrypt(Key::new(zeroize::Zeroizing::new([7; 32])));
//! let conn = wh_pages::open("index.db".as_ref(), &seal)?;
//! conn.pragma_update(None, "synchronous", "FULL")?;
//! # Ok(()) }
//! ```
//!
//! What a caller may rely on:
//!
//! - A database is made whole, under another name first, in WAL mode; a crash leaves none or a
//!   good one.
//! - With `synchronous=FULL`, a log whose acknowledged commits are damaged does not open, while
//!   one that a crash tore opens with every acknowledged commit. See `docs/store-format.md` for
//!   how they are told apart, and for what cannot be: a power cut together with damage to the
//!   last commit before it.
//! - Journals and temporary files are refused, not written plain: connections keep them in
//!   memory.
//! - One process has a database open at a time: the index of the log lives in its memory, and
//!   there is no `-shm` file.
//!
//! Invariant: unsafe code is in the module `vfs` alone.

mod copy;
mod journal;
mod key;
mod layout;
mod log;
mod open;
mod opening;
mod pages;
mod seal;
mod verify;
mod vfs;

#[cfg(test)]
mod tests;

pub use copy::copy;
pub use key::Key;
pub use open::{OpenError, is_damage, open};
pub use seal::Seal;
pub use verify::{Progress, Report, Spot, is_sound, verify};
