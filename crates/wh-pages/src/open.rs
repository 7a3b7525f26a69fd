//! Opening a database, and making one that is not there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::layout::{PAGE_SIZE, SEAL};
use crate::opening::Ticket;
use crate::seal::Seal;
use crate::vfs::{Code, NAME, register, reserve};

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is encrypted under another key.
    #[error("the database is encrypted under another key")]
    WrongKey,
    /// It is encrypted, and was to be opened as checksummed.
    #[error("the database is encrypted, and no key was given")]
    Encrypted,
    /// It is checksummed, and was to be opened as encrypted.
    #[error("the database is not encrypted, but a key was given")]
    NotEncrypted,
    /// It is an ordinary database of SQLite, not sealed at all.
    #[error("the database is not sealed")]
    Plain,
    /// A page or the log does not verify.
    #[error("the database or its log is damaged: {0}")]
    Damaged(String),
    /// A file could not be made.
    #[error("making the database failed")]
    Io(#[from] io::Error),
    /// SQLite failed in another way.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

/// Why a file is not opened as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    WrongKey,
    Encrypted,
    NotEncrypted,
    Plain,
}

impl From<Refusal> for OpenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongKey => Self::WrongKey,
            Refusal::Encrypted => Self::Encrypted,
            Refusal::NotEncrypted => Self::NotEncrypted,
            Refusal::Plain => Self::Plain,
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Damaged(error.to_string()) } else { Self::Sqlite(error) }
    }
}

impl From<Code> for OpenError {
    fn from(Code(code): Code) -> Self {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
    }
}

/// Whether an error says that what is on the disk is not what was written: a seal that does not
/// open, or damage that SQLite found itself.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    let sealed = error.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_IOERR_DATA);
    let found = error.sqlite_error_code();
    sealed || matches!(found, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Opens a database, or makes an empty one where there is none (or an empty file). The connection
/// is in WAL mode and keeps temporary tables in memory; leave both so. A log that was left behind
/// is recovered, or refused, before this returns.
///
/// # Errors
/// [`OpenError`]; a log without its database is [`OpenError::Damaged`].
pub fn open(path: &Path, seal: &Seal) -> Result<Connection, OpenError> {
    register()?;
    make_if_missing(path, seal)?;
    let conn = connect(path, seal, OpenFlags::empty())?;
    // Reads the first page under a lock, and so recovers the log.
    conn.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    Ok(conn)
}

fn connect(path: &Path, seal: &Seal, more: OpenFlags) -> Result<Connection, OpenError> {
    let ticket = Ticket::new(seal);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | more;
    let opened = Connection::open_with_flags_and_vfs(ticket.uri(path), flags, NAME);
    let conn = opened.map_err(|e| ticket.refusal().map_or_else(|| e.into(), OpenError::from))?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(conn)
}

/// One database is made at a time.
static MAKING: Mutex<()> = Mutex::new(());

fn make_if_missing(path: &Path, seal: &Seal) -> Result<(), OpenError> {
    if bytes_of(path)? > 0 {
        return Ok(());
    }
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if bytes_of(path)? > 0 {
        return Ok(());
    }
    if bytes_of(&beside(path, "-wal"))? > 0 {
        return Err(OpenError::Damaged("there is a log but no database".to_owned()));
    }
    make(path, |draft| {
        let conn = connect(draft, seal, OpenFlags::SQLITE_OPEN_CREATE)?;
        conn.pragma_update(None, "page_size", PAGE_SIZE)?;
        reserve(&conn, u8::try_from(SEAL).unwrap_or(u8::MAX))?;
        settle(conn)
    })
}

/// Writes a database under another name, and gives it its own when it is on the disk.
pub(crate) fn make(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let draft = beside(path, ".new");
    let clear = || {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            match fs::remove_file(beside(&draft, suffix)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    };
    clear()?;
    private_file(&draft)?;
    if let Err(error) = write(&draft) {
        clear()?;
        return Err(error);
    }
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

/// Puts a draft into WAL mode, which writes its first page, and closes it. Nothing needs to be
/// rolled back in a draft.
pub(crate) fn settle(conn: Connection) -> Result<(), OpenError> {
    conn.pragma_update(None, "journal_mode", "OFF")?;
    let mut mode = String::new();
    // Not `pragma_update_and_check`: who takes the row and lets the statement go is not told that
    // the commit failed.
    conn.pragma(None, "journal_mode", "WAL", |row| {
        mode = row.get(0)?;
        Ok(())
    })?;
    if mode != "wal" {
        return Err(Code(ffi::SQLITE_CANTOPEN).into());
    }
    conn.close().map_err(|(_, error)| error.into())
}

/// As [`connect`], for a draft that exists.
pub(crate) fn connect_draft(path: &Path, seal: &Seal) -> Result<Connection, OpenError> {
    connect(path, seal, OpenFlags::empty())
}

/// Nobody else reads it; SQLite gives its log the same mode.
fn private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

fn bytes_of(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(e),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
