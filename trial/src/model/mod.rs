//! The reference model of a store, and bodies that can be made again.
//!
//! Invariant: nothing here asks the store. The model holds numbers of operations; bytes, entity
//! tags and checksums are computed from them by other code than the store's.

mod answer;
mod apply;
pub(crate) mod content;
pub(crate) mod op;
pub(crate) mod random;
pub(crate) mod state;

pub(crate) use answer::{short, shown_body, shown_deleted, shown_stored, without_numbers};
pub(crate) use state::Model;
