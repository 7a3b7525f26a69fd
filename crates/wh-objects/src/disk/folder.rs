//! The store's folder: its layout, its lock and its format.
//!
//! ```text
//! lock          held exclusively while the store is open
//! format        "wellhouse-objects 2"
//! index-2.db    SQLite, with -wal and -shm beside it; format 1 had its own in index.db
//! incoming/     files being written; emptied at every opening
//! blobs/ab/…    files that the index names, by their ids, never by a key
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, DirEntry};

use super::OpenError;
use super::bare::is_bare;
use super::extent::BlobId;

/// The newest format that this version reads, and the one that it writes.
pub(crate) const FORMAT: u32 = 2;
const FORMAT_NAME: &str = "wellhouse-objects";

/// Stands in the place of the format until a backup was put back wholly.
const UNFINISHED: &str = "unfinished";

/// Stands there until a new store has its index. Nothing in it was ever acknowledged.
const BEGUN: &str = "begun";

const SHARDS: u16 = 256;

/// What the file `format` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Begun,
    Format(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.0.join("index-2.db")
    }

    /// The index of format 1.
    pub(super) fn old_index(&self) -> PathBuf {
        self.0.join("index.db")
    }

    /// The key of the index, wrapped; there when the store is encrypted.
    pub(crate) fn index_key(&self) -> PathBuf {
        self.0.join("index.key")
    }

    /// An index that is being made and is not yet in force.
    pub(super) fn draft_index(&self) -> PathBuf {
        self.0.join("index-2.new")
    }

    /// Puts a finished draft, which nobody has open, in the place of the index.
    pub(super) fn adopt_index(&self, draft: &Path) -> io::Result<()> {
        File::open(draft)?.sync_all()?;
        std::fs::rename(draft, self.index())?;
        sync_folder(&self.0)
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    pub(crate) fn shard(&self, id: BlobId) -> PathBuf {
        self.blobs().join(id.shard())
    }

    pub(crate) fn blob(&self, id: BlobId) -> PathBuf {
        self.shard(id).join(id.to_string())
    }

    pub(super) fn incoming(&self, id: BlobId) -> PathBuf {
        self.0.join("incoming").join(id.to_string())
    }

    /// Makes or recognises a folder, locks it, and tells its format: none while it has no index
    /// yet. The lock lasts as long as the file is open.
    pub(super) fn open(path: &Path) -> Result<(Self, File, Option<u32>), OpenError> {
        let folder = Self(path.to_owned());
        if let Found::Format(found) = folder.format()?
            && found > FORMAT
        {
            return Err(OpenError::NewerVersion { found, known: FORMAT });
        }
        folder.make(path)?;
        let lock = folder.lock()?;
        // Another process may have made or upgraded the store meanwhile.
        let format = match folder.format()? {
            Found::Format(FORMAT) if is_bare(&folder) => {
                tracing::warn!(folder = %path.display(), "the store was only begun: it begins anew");
                None
            }
            Found::Format(FORMAT) => {
                folder.has_index()?;
                Some(FORMAT)
            }
            Found::Format(older) => Some(older),
            found @ (Found::Begun | Found::Nothing) => {
                folder.lay_out(found)?;
                None
            }
        };
        folder.empty_incoming().map_err(|source| folder.unwritable(source))?;
        Ok((folder, lock, format))
    }

    /// Recognises and locks a store that is there, and changes nothing in it.
    pub(super) fn open_closed(path: &Path) -> Result<(Self, File), OpenError> {
        let folder = Self(path.to_owned());
        match folder.format()? {
            Found::Format(found) if found > FORMAT => {
                return Err(OpenError::NewerVersion { found, known: FORMAT });
            }
            Found::Format(FORMAT) => {}
            Found::Format(found) => {
                return Err(OpenError::NotUpgraded { folder: path.to_owned(), found });
            }
            Found::Begun | Found::Nothing => return Err(folder.damaged("there is no store")),
        }
        let lock = folder.lock()?;
        Ok((folder, lock))
    }

    fn unwritable(&self, source: io::Error) -> OpenError {
        let refused = matches!(
            source.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        );
        if refused {
            return OpenError::NotWritable { folder: self.0.clone(), source };
        }
        OpenError::Io { doing: "preparing the store's folder", source }
    }

    pub(super) fn damaged(&self, what: impl Into<String>) -> OpenError {
        OpenError::Damaged { folder: self.0.clone(), what: what.into() }
    }

    /// What an error of SQLite means while the store is being opened.
    pub(super) fn unusable(&self, error: &rusqlite::Error) -> OpenError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => OpenError::DiskFull { folder: self.0.clone() },
            _ => self.damaged(format!("the index: {error}")),
        }
    }

    fn format(&self) -> Result<Found, OpenError> {
        let bytes = match std::fs::read(self.0.join("format")) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(source) => return Err(OpenError::Io { doing: "reading the format", source }),
        };
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
        let number = text.strip_prefix(FORMAT_NAME).map(str::trim);
        if number == Some(UNFINISHED) {
            return Err(
                self.damaged("a restore was broken off; remove the folder and restore again")
            );
        }
        if number == Some(BEGUN) {
            return Ok(Found::Begun);
        }
        number
            .and_then(|n| n.parse().ok())
            .filter(|number| *number > 0)
            .map(Found::Format)
            .ok_or_else(|| self.damaged("the file `format` is not ours"))
    }

    fn make(&self, path: &Path) -> Result<(), OpenError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| self.unwritable(source))
    }

    fn lock(&self) -> Result<File, OpenError> {
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.0.join("lock"))
            .map_err(|source| self.unwritable(source))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(OpenError::Locked { folder: self.0.clone() })
            }
            Err(std::fs::TryLockError::Error(source)) => {
                Err(OpenError::Io { doing: "locking the store", source })
            }
        }
    }

    /// Makes the folders of a store that is put back. It is no store before [`Self::recognise`].
    pub(crate) fn make_empty(path: &Path) -> io::Result<Self> {
        let folder = Self(path.to_owned());
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        folder.make_folders()?;
        folder.write_format(UNFINISHED)?;
        Ok(folder)
    }

    /// Makes it a store of a format: everything else in it is there and durable.
    pub(crate) fn recognise(&self, format: u32) -> io::Result<()> {
        (0..SHARDS)
            .try_for_each(|shard| sync_folder(&self.blobs().join(format!("{shard:02x}"))))?;
        sync_folder(&self.blobs())?;
        sync_folder(&self.0)?;
        self.write_format(&format.to_string())
    }

    /// Makes everything but the index. `format` says so until [`Self::mark_current`]: a folder
    /// where it names a format is whole, and one that was begun is begun anew.
    fn lay_out(&self, found: Found) -> Result<(), OpenError> {
        if found == Found::Nothing && (self.index().exists() || self.old_index().exists()) {
            return Err(self.damaged("there is an index but no file `format`"));
        }
        let rest = [self.index_key(), self.0.join("opening"), self.0.join("closed")];
        if found == Found::Nothing
            && (rest.iter().any(|path| path.exists()) || self.every_blob().any(|id| id.is_ok()))
        {
            return Err(self.damaged("there are parts of a store but no file `format`"));
        }
        self.try_lay_out().map_err(|source| self.unwritable(source))
    }

    fn try_lay_out(&self) -> io::Result<()> {
        self.write_format(BEGUN)?;
        remove_index(&self.index())?;
        remove_if_there(&self.index_key())?;
        remove_if_there(&self.0.join("opening"))?;
        remove_if_there(&self.0.join("closed"))?;
        self.make_folders()?;
        sync_folder(&self.blobs())?;
        sync_folder(&self.0)?;
        self.0.parent().filter(|p| !p.as_os_str().is_empty()).map_or(Ok(()), sync_folder)
    }

    /// Refuses a store that has a format and no index: an empty one in its place would make
    /// orphans of all its blobs.
    pub(super) fn has_index(&self) -> Result<(), OpenError> {
        let gone = "the index `index-2.db` is missing or empty: put it back, or restore a backup. \
                    Nothing was changed. Remove the folder if nothing was ever stored in it";
        match std::fs::metadata(self.index()) {
            Ok(index) if index.len() > 0 => Ok(()),
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(OpenError::Io { doing: "looking for the index", source })
            }
            Ok(_) | Err(_) => Err(self.damaged(gone)),
        }
    }

    fn make_folders(&self) -> io::Result<()> {
        let mut dir = DirBuilder::new();
        dir.recursive(true).mode(0o700);
        dir.create(self.0.join("incoming"))?;
        (0..SHARDS).try_for_each(|shard| dir.create(self.blobs().join(format!("{shard:02x}"))))
    }

    /// Writes that the folder has the newest format.
    pub(super) fn mark_current(&self) -> io::Result<()> {
        self.write_format(&FORMAT.to_string())
    }

    fn write_format(&self, format: &str) -> io::Result<()> {
        self.replace("format", format!("{FORMAT_NAME} {format}\n").as_bytes())
    }

    /// Replaces a small file, durably and at once.
    pub(super) fn replace(&self, name: &str, text: &[u8]) -> io::Result<()> {
        let draft = self.0.join(format!("{name}.new"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(draft, self.0.join(name))?;
        sync_folder(&self.0)
    }

    /// What is in `incoming` was never acknowledged.
    fn empty_incoming(&self) -> io::Result<()> {
        let incoming = self.0.join("incoming");
        names_in(&incoming)?
            .into_iter()
            .try_for_each(|name| std::fs::remove_file(incoming.join(name)))
    }

    /// Removes a file of the store. Who may do that and when, the shelf knows.
    #[expect(clippy::unused_self, reason = "a folder that is not on a disk takes its place")]
    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// Every blob file there is, acknowledged or not.
    pub(super) fn every_blob(&self) -> impl Iterator<Item = io::Result<BlobId>> {
        let blobs = self.blobs();
        (0..SHARDS)
            .map(move |shard| blobs.join(format!("{shard:02x}")))
            .flat_map(|shard| match names_in(&shard) {
                Ok(names) => names.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(e) => vec![Err(e)],
            })
            .filter_map(|name| match name {
                Ok(name) => name.to_str().and_then(BlobId::parse).map(Ok),
                Err(e) => Some(Err(e)),
            })
    }
}

/// Removes an index and what SQLite keeps beside it, where there is one.
pub(super) fn remove_index(index: &Path) -> io::Result<()> {
    remove_log(index)?;
    remove_if_there(index)
}

/// Removes what SQLite keeps beside an index that nobody has open and whose log is empty.
pub(super) fn remove_log(index: &Path) -> io::Result<()> {
    ["-wal", "-shm"].into_iter().try_for_each(|end| {
        let mut path = index.as_os_str().to_owned();
        path.push(end);
        remove_if_there(Path::new(&path))
    })
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The names in a folder. The standard library's reader panics when the folder cannot be closed,
/// and a failing disk is no reason to panic.
pub(super) fn names_in(path: &Path) -> io::Result<Vec<OsString>> {
    let name = |entry: rustix::io::Result<DirEntry>| match entry {
        Ok(entry) => Ok(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned()),
        Err(e) => Err(io::Error::from(e)),
    };
    let is_entry =
        |name: &io::Result<OsString>| !name.as_ref().is_ok_and(|n| n == "." || n == "..");
    Dir::new(File::open(path)?)?.map(name).filter(is_entry).collect()
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
