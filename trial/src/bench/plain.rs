//! The same work through plain files.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Result;

use super::kit::MIB;

/// Writes a file of so many MiB with one fsync at its end.
pub(super) fn write(path: &Path, block: &[u8], mib: usize) -> Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..mib {
        file.write_all(block)?;
    }
    file.sync_all()?;
    Ok(())
}

/// Reads a file to its end.
pub(super) fn read(path: &Path) -> Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; MIB];
    while file.read(&mut buffer)? > 0 {}
    Ok(())
}

/// One durable small file: written, synced, renamed, the folder synced.
pub(super) fn put(folder: &Path, name: &str, data: &[u8]) -> Result<()> {
    let draft = folder.join(format!("{name}.new"));
    let mut file = File::create(&draft)?;
    file.write_all(data)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(name))?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Reads a small file.
pub(super) fn get(folder: &Path, name: &str) -> Result<usize> {
    Ok(fs::read(folder.join(name))?.len())
}
