//! What the crate promises, on real files.

mod copies;
mod crash;
mod flips;
mod format;
mod keys;
mod kit;
mod online;
mod roundtrip;
mod torn;
