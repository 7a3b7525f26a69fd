//! The journal: what was begun and what is done, one line of JSON each, on the disk before the next
//! step is taken.
//!
//! A line that a crash cut off is taken away when the journal is opened; any other damage is an error,
//! because what is forgotten could go twice.

mod compact;

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::folder::Stamp;
pub(super) use compact::BESIDE;

const VERSION: u32 = 1;

/// How every journal begins.
const BEGINNING: &str = "{\"journal\":{";

/// S3 takes 10,000 parts.
pub(super) const PARTS_MAX: u64 = 10_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Line {
    /// The first: what the journal is of.
    Journal { version: u32, to: String },
    /// A file is about to be sent whole.
    Putting { path: String, version: Version, crc64nvme: String },
    /// What was to be made was not: the store said so.
    Refused { path: String },
    /// A file is about to be sent in parts.
    Begun { path: String, version: Version, upload_id: String, part_bytes: u64, at: Timestamp },
    /// The store has a part.
    Part {
        path: String,
        n: u16,
        etag: String,
        crc64nvme: String,
        #[serde(default, skip_serializing_if = "Proof::is_verified")]
        proof: Proof,
    },
    /// All parts are there, and the object is about to be made.
    Completing { path: String },
    /// The parts are given up.
    Abandoned { path: String },
    /// The store has the file.
    Done { path: String, version: Version, key: String, crc64nvme: String, etag: Option<String> },
    /// The store took the file, and said nothing by which it could be compared.
    Unverified {
        path: String,
        version: Version,
        key: String,
        crc64nvme: String,
        etag: Option<String>,
    },
}

/// Whether the store has said what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Proof {
    /// A sum of what it holds, which is ours.
    #[default]
    Verified,
    /// That it took it, and no more.
    Unverified,
}

impl Proof {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn is_verified(&self) -> bool {
        matches!(self, Self::Verified)
    }
}

/// What tells one state of a file from another, over restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// In bytes.
    pub(super) size: u64,
    /// In nanoseconds since 1970; whole and rest, because JSON's numbers are short.
    modified_s: i64,
    modified_ns: u32,
}

impl Version {
    pub(super) fn of(stamp: &Stamp) -> Self {
        let (seconds, rest) =
            (stamp.modified.div_euclid(1_000_000_000), stamp.modified.rem_euclid(1_000_000_000));
        Self {
            size: stamp.size,
            modified_s: i64::try_from(seconds).unwrap_or_default(),
            modified_ns: u32::try_from(rest).unwrap_or_default(),
        }
    }
}

/// A part that the store has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) etag: String,
    pub(super) crc64nvme: String,
    pub(super) proof: Proof,
}

/// An upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) version: Version,
    pub(super) id: String,
    pub(super) part_bytes: u64,
    pub(super) begun_at: Timestamp,
    pub(super) parts: BTreeMap<u16, Part>,
    pub(super) completing: bool,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// It may have been sent: nobody lived to hear the answer.
    Putting {
        version: Version,
        crc64nvme: String,
    },
    Upload(Upload),
    Done {
        version: Version,
        crc64nvme: String,
        proof: Proof,
    },
}

/// The journal. Nobody else writes to it.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    known: HashMap<String, Known>,
    /// What it is of.
    to: String,
    lines: usize,
    /// So many lines make it worth a look how many still count.
    look_at: usize,
    /// Once a line was not written, nobody knows what is on the disk.
    failed: bool,
}

impl Journal {
    /// Opens the journal of what goes `to` a place, or begins it.
    pub(super) fn open(path: &Path, to: &str) -> Result<Self> {
        let cannot = || format!("cannot use the journal {}", path.display());
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        // Neither through a link that somebody else laid, nor into a pipe.
        let (no_link, no_wait) = (OFlags::NOFOLLOW.bits(), OFlags::NONBLOCK.bits());
        options.custom_flags(i32::try_from(no_link | no_wait)?);
        let mut file = options.open(path).with_context(cannot)?;
        if !file.metadata().with_context(cannot)?.is_file() {
            bail!("{} is no file", path.display());
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another ingest uses the journal {}", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        // Its keeper may have put a shorter one in its place after we opened it.
        if !compact::is_named(&file, path).with_context(cannot)? {
            bail!("another ingest uses the journal {}", path.display());
        }
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(cannot)?;
        // A crash may have cut even the first line off.
        if !text.starts_with(BEGINNING) && !BEGINNING.starts_with(&text) {
            bail!("{} is no journal of ingest, and nothing in it was touched", path.display());
        }
        let whole = text.rfind('\n').map_or(0, |last| last + 1);
        if whole < text.len() {
            let whole = u64::try_from(whole)?;
            file.set_len(whole).and_then(|()| file.sync_all()).with_context(cannot)?;
            file.seek(SeekFrom::End(0)).with_context(cannot)?;
        }
        let known = replay(text.get(..whole).unwrap_or_default(), to).with_context(cannot)?;
        compact::clear(path).with_context(cannot)?;
        let (lines, look_at) = (text.lines().count(), compact::LINES_MIN);
        let mut inner = Inner { file, known, to: to.to_owned(), lines, look_at, failed: false };
        if whole == 0 {
            inner.write(&Line::Journal { version: VERSION, to: to.to_owned() })?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = File::open(folder.unwrap_or(Path::new(".")));
            folder.and_then(|folder| folder.sync_all()).with_context(cannot)?;
        }
        Ok(Self { path: path.to_owned(), inner: Arc::new(Mutex::new(inner)) })
    }

    /// What is known of a file.
    pub(super) fn known(&self, path: &str) -> Option<Known> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.known.get(path).cloned()
    }

    /// Whether this version of a file is done, and by what proof.
    pub(super) fn done(&self, path: &str, stamp: &Stamp) -> Option<Proof> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.known.get(path)? {
            Known::Done { version, proof, .. } => {
                (*version == Version::of(stamp)).then_some(*proof)
            }
            Known::Putting { .. } | Known::Upload(_) => None,
        }
    }

    /// Writes a line; it is on the disk when this returns.
    pub(super) async fn write(&self, line: Line) -> io::Result<()> {
        let inner = Arc::clone(&self.inner);
        let written = tokio::task::spawn_blocking(move || {
            let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.write(&line)?;
            take_over(&mut inner.known, line);
            Ok(())
        });
        written.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Shortens it where half of its lines or more count for nothing; what cannot be shortened now is
    /// left as it is. The file is another afterwards.
    pub(super) fn shorten_when_due(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.lines < inner.look_at {
            return;
        }
        let living = compact::living(&inner.known);
        if inner.lines + 1 >= living * 2
            && let Err(error) = inner.shorten(&self.path, &mut || Ok(()))
        {
            tracing::warn!(error = format!("{error:#}"), "the journal could not be shortened");
            if let Err(error) = compact::clear(&self.path) {
                tracing::warn!(%error, "what was written beside it is still there");
            }
        }
        inner.look_at = (inner.lines + inner.lines / 2).max(compact::LINES_MIN);
    }

    /// The file, so that it is not taken for one to be sent.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        std::fs::metadata(&self.path)
    }
}

impl Inner {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("the journal could not be written before"));
        }
        let mut text = serde_json::to_vec(line).map_err(io::Error::other)?;
        text.push(b'\n');
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        self.failed = written.is_err();
        self.lines += 1;
        written
    }

    fn shorten(&mut self, path: &Path, step: &mut dyn FnMut() -> io::Result<()>) -> Result<()> {
        if self.failed {
            bail!("it could not be written before");
        }
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_string(&mut text)?;
        let lines = compact::shortened(&text)?;
        if replay(&lines.join("\n"), &self.to)? != self.known {
            bail!("the shorter one would tell something else");
        }
        match compact::replace(path, &lines, step) {
            Ok(file) => (self.file, self.lines) = (file, lines.len()),
            Err(error) => {
                // Where the new one has the name and nobody knows whether that is on the disk, no line
                // may be written to either.
                self.failed = !compact::is_named(&self.file, path).unwrap_or(false);
                return Err(error.into());
            }
        }
        Ok(())
    }
}

fn replay(text: &str, to: &str) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line: Line = serde_json::from_str(line)
            .with_context(|| format!("line {number} is damaged; nothing was sent"))?;
        match (number, line) {
            (1, Line::Journal { version: VERSION, to: other }) if other == to => {}
            (1, Line::Journal { version: VERSION, to: other }) => {
                bail!("it is of {other}, and not of {to}: give another --state")
            }
            (1, Line::Journal { version, .. }) => bail!("its version is {version}, not {VERSION}"),
            (1, _) => bail!("line 1 does not say what it is of"),
            (_, Line::Begun { version, part_bytes, .. }) if !fits(version, part_bytes) => {
                bail!("line {number} is damaged: parts of {part_bytes} bytes; nothing was sent")
            }
            (_, line) => take_over(&mut known, line),
        }
    }
    Ok(known)
}

/// Whether a file goes in parts of this size.
fn fits(version: Version, part_bytes: u64) -> bool {
    part_bytes > 0 && version.size.div_ceil(part_bytes) <= PARTS_MAX
}

fn take_over(known: &mut HashMap<String, Known>, line: Line) {
    match line {
        Line::Journal { .. } => {}
        Line::Putting { path, version, crc64nvme } => {
            known.insert(path, Known::Putting { version, crc64nvme });
        }
        Line::Refused { path } | Line::Abandoned { path } => drop(known.remove(&path)),
        Line::Begun { path, version, upload_id: id, part_bytes, at: begun_at } => {
            let (parts, completing) = (BTreeMap::new(), false);
            let upload = Upload { version, id, part_bytes, begun_at, parts, completing };
            known.insert(path, Known::Upload(upload));
        }
        Line::Part { path, n, etag, crc64nvme, proof } => {
            if let Some(Known::Upload(upload)) = known.get_mut(&path) {
                upload.parts.insert(n, Part { etag, crc64nvme, proof });
            }
        }
        Line::Completing { path } => {
            if let Some(Known::Upload(upload)) = known.get_mut(&path) {
                upload.completing = true;
            }
        }
        Line::Done { path, version, crc64nvme, .. } => {
            known.insert(path, Known::Done { version, crc64nvme, proof: Proof::Verified });
        }
        Line::Unverified { path, version, crc64nvme, .. } => {
            known.insert(path, Known::Done { version, crc64nvme, proof: Proof::Unverified });
        }
    }
}

#[cfg(test)]
mod tests;
