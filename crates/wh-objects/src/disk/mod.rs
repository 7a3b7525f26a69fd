//! The store on a local disk.

mod options;

pub use options::{DiskOptions, OpenError};

/// A store on a local disk.
#[derive(Debug)]
pub struct DiskStore {}
