//! A file system in memory that can lose its power, and the states that it may leave behind.
//!
//! [`Disk`] knows of every file what an fsync made durable and what is only in the page cache, and
//! of every folder which names are. [`Mounted`] gives it to programs through FUSE and keeps a
//! [`Record`] of what they did. [`Disk::image`] tells what a power cut may leave: everything that
//! was synced, and of the rest what a [`Fate`] says.
//!
//! The model is weaker than ext4 or XFS: it grants what POSIX says of fsync, that a sector is
//! written whole, and that a rename shows the old or the new file, and nothing else. An fsync of a
//! file does not make its name durable; names that were not synced come and go one by one, in any
//! order.

mod disk;
mod fate;
mod file;
mod layer;
mod mount;
mod names;
mod op;
mod random;
mod record;
mod tree;

#[cfg(test)]
mod tests;

pub use disk::Disk;
pub use fate::{Bits, Fate, Style};
pub use layer::Mood;
pub use mount::{MountError, Mounted};
pub use op::{Ino, Kind, Name, Op, ROOT};
pub use random::Random;
pub use record::{Record, RecordError};
pub use tree::{Tree, TreeFile};
