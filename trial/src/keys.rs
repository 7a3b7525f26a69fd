//! The keys of the stores on trial: one that everybody may know.

use std::path::Path;

use anyhow::{Context, Result};
use wh_objects::{DiskOptions, Keyring, Keys};

/// 32 bytes of Base64, and a name.
const KEY_FILE: &str = "trial MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Whether a store encrypts what it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealed {
    No,
    Yes,
}

impl Sealed {
    /// Every other one.
    pub(crate) fn nth(number: u64) -> Self {
        if number.is_multiple_of(2) { Self::No } else { Self::Yes }
    }

    /// How a store in this folder is opened.
    pub(crate) fn options(self, folder: &Path) -> Result<DiskOptions> {
        let mut options = DiskOptions::new(folder);
        if self == Self::Yes {
            options.keys = Keys::Ring(Keyring::parse(KEY_FILE).context("reading a key")?);
        }
        Ok(options)
    }
}
