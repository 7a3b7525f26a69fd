//! The file `index.key`: the key that seals the index, wrapped under a master key.
//!
//! ```text
//! wellhouse-index-key 1
//! <base64 of the wrapped key>
//! <the CRC-64/NVME of the two lines above, in hex>
//! ```
//!
//! It is made once, before the index, and written anew only by a rotation. Without it an encrypted
//! index cannot be read: it belongs into every backup, and is worth nothing without the master key.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, checksum};

use super::keyring::Keyring;
use super::wrap::{Purpose, Secret, Unwrap, Wrapped, new_secret};
use crate::disk::OpenError;
use crate::disk::folder::{Folder, sync_folder};

const HEADING: &str = "wellhouse-index-key 1";

fn path(folder: &Folder) -> PathBuf {
    folder.index_key()
}

fn io(doing: &'static str) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io { doing, source }
}

/// The wrapped index key, when the store has one.
pub(super) fn read(folder: &Folder) -> Result<Option<Wrapped>, OpenError> {
    let text = match std::fs::read(path(folder)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io("reading the index key")(e)),
    };
    let wrapped = std::str::from_utf8(&text).ok().and_then(parse);
    wrapped.map(Some).ok_or_else(|| folder.damaged("the file `index.key`"))
}

fn parse(text: &str) -> Option<Wrapped> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (heading, base64, crc) = (lines.next()?, lines.next()?, lines.next()?);
    let whole = heading == HEADING && lines.next().is_none() && crc == crc_of(base64);
    let wrapped = STANDARD.decode(base64).ok().filter(|_| whole)?;
    Some(Wrapped::kept(wrapped))
}

fn crc_of(base64: &str) -> String {
    let covered = format!("{HEADING}\n{base64}\n");
    format!("{:016x}", checksum(CrcAlgorithm::Crc64Nvme, covered.as_bytes()))
}

fn write(folder: &Folder, wrapped: &Wrapped) -> io::Result<()> {
    let base64 = STANDARD.encode(wrapped.as_bytes());
    let draft = folder.path().join("index.key.new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(format!("{HEADING}\n{base64}\n{}\n", crc_of(&base64)).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(draft, path(folder))?;
    sync_folder(folder.path())
}

/// Unwraps the index key, or makes one. What is made beside an index that is there already is not
/// written yet but given back: if that index needs keys that are not at hand, nothing must stay.
pub(super) fn open_or_make(
    folder: &Folder,
    ring: &Keyring,
) -> Result<(Secret, Option<Wrapped>), OpenError> {
    if let Some(kept) = read(folder)? {
        let secret = kept.unwrap(ring, Purpose::Index).map_err(|why| refusal(folder, why))?;
        return Ok((secret, None));
    }
    let no_randomness = || io("making the index key")(io::Error::other("no random bytes"));
    let secret = new_secret().ok_or_else(no_randomness)?;
    let wrapped = Wrapped::new(ring, Purpose::Index, &secret).ok_or_else(no_randomness)?;
    if std::fs::metadata(folder.index()).is_ok_and(|index| index.len() > 0) {
        return Ok((secret, Some(wrapped)));
    }
    keep(folder, &wrapped)?;
    Ok((secret, None))
}

/// Makes a wrapped index key durable.
pub(super) fn keep(folder: &Folder, wrapped: &Wrapped) -> Result<(), OpenError> {
    write(folder, wrapped).map_err(io("writing the index key"))
}

/// Wraps the index key under the current master key. Tells whether that was to do.
pub(super) fn rewrap(folder: &Folder, ring: &Keyring, secret: &Secret) -> io::Result<bool> {
    let kept = read(folder).map_err(io::Error::other)?;
    if kept.is_some_and(|kept| kept.is_current(ring)) {
        return Ok(false);
    }
    let wrapped = Wrapped::new(ring, Purpose::Index, secret);
    let wrapped = wrapped.ok_or_else(|| io::Error::other("no random bytes"))?;
    write(folder, &wrapped).map(|()| true)
}

/// Why the store is not opened when a secret does not unwrap.
pub(super) fn refusal(folder: &Folder, why: Unwrap) -> OpenError {
    let folder_path = folder.path().to_owned();
    match why {
        Unwrap::NoKey(key) => OpenError::KeyMissing { folder: folder_path, key },
        Unwrap::Wrong(key) => OpenError::KeyWrong { folder: folder_path, key },
        Unwrap::NotOne => folder.damaged("a wrapped key"),
    }
}
