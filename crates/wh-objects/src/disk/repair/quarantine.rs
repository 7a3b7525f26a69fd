//! What is kept of something damaged: what is known of it, and all that can be read.
//!
//! ```text
//! quarantine/<time>/
//!   1/about.json     whose it was, what was wrong, its metadata, where its bytes were
//!   1/readable       the bytes that are sound, each at its place; zeros where one is not
//!   blobs/<id>       the blob files that it used, as they are on the disk
//!   blobs/<id>.key   and the keys of sealed ones, wrapped under the master key
//!   unclaimed/…      blobs and files that nobody named any more
//! ```
//!
//! What is readable is plain, be the store encrypted or not.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Doomed, RepairError};
use crate::ObjectMeta;
use crate::disk::blob::BLOCK_BYTES;
use crate::disk::closed::Closed;
use crate::disk::codec::Kept;
use crate::disk::extent::{BlobId, Extent};
use crate::disk::folder::sync_folder;
use crate::disk::holders::{Held, HeldContent, Holder};
use crate::disk::sound::{BlobRow, FileRead, row};

/// A folder of the quarantine, made when something goes there.
#[derive(Debug)]
pub(super) struct Quarantine {
    path: PathBuf,
    items: u64,
    blobs: BTreeSet<BlobId>,
    used: bool,
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn write(path: &Path, data: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(data)?;
    file.sync_all()
}

impl Quarantine {
    pub(super) fn new(closed: &Closed, at: Timestamp) -> Self {
        let time = at.strftime("%Y%m%dT%H%M%S.%3fZ").to_string();
        let path = closed.shelf.folder().path().join("quarantine").join(time);
        Self { path, items: 0, blobs: BTreeSet::new(), used: false }
    }

    /// Where it is, when something went there.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.used.then(|| self.path.clone())
    }

    /// Keeps all there is of something that is to leave the index.
    pub(super) fn keep(&mut self, closed: &Closed, held: &Held, why: &Doomed) -> io::Result<()> {
        self.used = true;
        self.items += 1;
        let folder = self.path.join(self.items.to_string());
        make(&folder)?;
        let extents = held.extents().unwrap_or_default();
        let missing = if extents.is_empty() {
            Vec::new()
        } else {
            readable(closed, &extents, &folder.join("readable"))?
        };
        for extent in extents.iter().filter(|extent| !extent.inline) {
            self.keep_blob(closed, extent)?;
        }
        let about = about(held, why, (&extents, &missing));
        write(&folder.join("about.json"), format!("{about:#}\n").as_bytes())?;
        sync_folder(&folder)
    }

    fn keep_blob(&mut self, closed: &Closed, extent: &Extent) -> io::Result<()> {
        let id = extent.blob;
        if !self.blobs.insert(id) {
            return Ok(());
        }
        let folder = self.path.join("blobs");
        make(&folder)?;
        let row = row(&closed.conn, extent.row).ok().flatten();
        if let Some(wrapped) = row.and_then(|row| row.wrapped(&closed.conn)) {
            write(&folder.join(format!("{id}.key")), wrapped.as_bytes())?;
        }
        let mut from = match File::open(closed.shelf.folder().blob(id)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return sync_folder(&folder),
            from => from?,
        };
        let mut to = create(&folder.join(id.to_string()))?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()?;
        sync_folder(&folder)
    }

    /// Keeps what the row of a blob holds that nobody uses any more: the bytes, as they can be
    /// read or else as they are; of a file its key, if it has one.
    pub(super) fn unclaimed(&mut self, closed: &Closed, row: &BlobRow) -> Result<(), RepairError> {
        let name = row.id.map_or_else(|| format!("row-{}", row.row), |id| id.to_string());
        let wrapped = row.wrapped(&closed.conn);
        let (name, data) = match (row.inline, row.read_inline(&closed.conn, &closed.shelf)) {
            (true, Ok(data)) => (name, data),
            (true, Err(_)) => (format!("{name}.raw"), row.raw_inline(&closed.conn)?),
            (false, _) => match wrapped {
                Some(wrapped) => (format!("{name}.key"), wrapped.as_bytes().to_vec()),
                None => return Ok(()),
            },
        };
        let folder = self.unclaimed_folder()?;
        write(&folder.join(name), &data)?;
        Ok(sync_folder(&folder)?)
    }

    /// Moves a file there that nobody names any more.
    pub(super) fn move_file(&mut self, from: &Path) -> io::Result<()> {
        let folder = self.unclaimed_folder()?;
        let name = from.file_name().unwrap_or_default();
        match std::fs::rename(from, folder.join(name)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved.and_then(|()| sync_folder(&folder)),
        }
    }

    fn unclaimed_folder(&mut self) -> io::Result<PathBuf> {
        self.used = true;
        let folder = self.path.join("unclaimed");
        make(&folder)?;
        Ok(folder)
    }

    /// Makes the folder's own names durable.
    pub(super) fn settle(&self, closed: &Closed) -> io::Result<()> {
        if !self.used {
            return Ok(());
        }
        sync_folder(&self.path)?;
        let above = self.path.parent().map_or(Ok(()), sync_folder);
        above.and_then(|()| sync_folder(closed.shelf.folder().path()))
    }
}

/// Writes the bytes that are sound at their places, and tells where there are none.
fn readable(closed: &Closed, extents: &[Extent], path: &Path) -> io::Result<Vec<(u64, u64)>> {
    let file = create(path)?;
    let (mut missing, mut at) = (Vec::new(), 0_u64);
    for extent in extents {
        let row = row(&closed.conn, extent.row).ok().flatten();
        let row = row.filter(|row| row.id == Some(extent.blob) && row.inline == extent.inline);
        if let Some(row) = row.filter(|row| row.inline) {
            let data = row.read_inline(&closed.conn, &closed.shelf).unwrap_or_default();
            let within = usize::try_from(extent.offset).ok().zip(usize::try_from(extent.len).ok());
            let data = within.and_then(|(from, len)| data.get(from..from.checked_add(len)?));
            match data {
                Some(data) => file.write_all_at(data, at)?,
                None => missing.push((at, at + extent.len)),
            }
        } else {
            let opened = row.and_then(|row| FileRead::open(&closed.conn, &closed.shelf, &row).ok());
            blocks(opened.as_ref(), extent, (&file, at), &mut missing)?;
        }
        at += extent.len;
    }
    file.set_len(at)?;
    file.sync_all()?;
    Ok(missing)
}

/// As [`readable`], for an extent of a file: block by block.
fn blocks(
    opened: Option<&FileRead>,
    extent: &Extent,
    (file, at): (&File, u64),
    missing: &mut Vec<(u64, u64)>,
) -> io::Result<()> {
    let block = BLOCK_BYTES as u64;
    let end = extent.offset.saturating_add(extent.len);
    let mut from = extent.offset;
    while from < end {
        let to = end.min((from / block + 1) * block);
        let place = at + (from - extent.offset);
        match opened.and_then(|opened| opened.read(from..to).ok()) {
            Some(data) => file.write_all_at(&data, place)?,
            None => missing.push((place, place + (to - from))),
        }
        from = to;
    }
    Ok(())
}

fn about(held: &Held, why: &Doomed, (extents, missing): (&[Extent], &[(u64, u64)])) -> Value {
    let extents: Vec<_> = extents
        .iter()
        .map(|e| {
            let (blob, inline) = (e.blob.to_string(), e.inline);
            json!({ "blob": blob, "inline": inline, "offset": e.offset, "bytes": e.len })
        })
        .collect();
    let missing: Vec<_> = missing.iter().map(|(from, to)| json!([from, to])).collect();
    let key = match &held.holder {
        Holder::Version(version) => Some(hex::encode(&version.key)),
        Holder::Part { .. } => None,
    };
    let metadata = match held.content() {
        Ok(HeldContent::Version(Kept::Object(meta))) => metadata(&meta),
        Ok(HeldContent::Version(Kept::Marker(at))) => json!({ "delete_marker": at.to_string() }),
        Ok(HeldContent::Part(part)) => {
            json!({ "bytes": part.digests.size, "modified": part.modified.to_string() })
        }
        Err(_) => Value::Null,
    };
    json!({
        "bucket": why.owner.bucket,
        "key": why.owner.key,
        "key_hex": key,
        "version": why.owner.version.map(|version| version.to_string()),
        "upload": why.owner.part.as_ref().map(|(upload, _)| upload),
        "part": why.owner.part.as_ref().map(|(_, part)| part),
        "why": why.why,
        "metadata": metadata,
        "bytes": extents,
        "unreadable": missing,
        "record_hex": hex::encode(&held.record),
    })
}

fn metadata(meta: &ObjectMeta) -> Value {
    let headers = &meta.headers;
    let retention = meta.lock.retention.map(|retention| {
        json!({ "mode": format!("{:?}", retention.mode), "until": retention.until.to_string() })
    });
    json!({
        "bytes": meta.size,
        "etag": meta.etag,
        "modified": meta.modified.to_string(),
        "content_type": headers.content_type,
        "content_disposition": headers.content_disposition,
        "content_encoding": headers.content_encoding,
        "content_language": headers.content_language,
        "cache_control": headers.cache_control,
        "expires": headers.expires,
        "user": headers.user,
        "tags": meta.tags.iter().collect::<std::collections::BTreeMap<_, _>>(),
        "legal_hold": meta.lock.legal_hold,
        "retention": retention,
        "checksum": meta.checksum.as_ref().map(|sum| json!({
            "algorithm": sum.algorithm.to_string(),
            "value": sum.value,
        })),
    })
}
