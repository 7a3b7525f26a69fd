//! The file system as FUSE sees it.
//!
//! The kernel keeps its page cache in front (so that files can be mapped), writes through, and does
//! the locking by itself; every write, sync and change of names comes here before its caller goes
//! on, so the record has them in the order in which they happened.

mod fuse;
mod state;

pub(crate) use fuse::Layer;
pub use state::Mood;
pub(crate) use state::State;
