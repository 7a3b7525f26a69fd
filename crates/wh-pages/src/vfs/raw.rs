//! The bytes of a database or a log, for reading beside SQLite.
//!
//! Through SQLite's file system, because closing any descriptor of a file drops every POSIX lock
//! that the process holds on it; SQLite knows when to put that off.

use std::ffi::{CString, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::ffi;

use super::BENEATH;
use super::real::{Code, Real};

/// Which file to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The database.
    Pages,
    /// Its log.
    Log,
}

/// An open file, to be read.
#[derive(Debug)]
pub(crate) struct RawFile {
    /// What the file underneath lives in: words, so that it is aligned.
    memory: Vec<u64>,
    name: ffi::sqlite3_filename,
}

impl RawFile {
    /// Opens the database at `path`, or its log.
    pub(crate) fn open(path: &Path, what: What) -> Result<Self, Code> {
        let cannot = Code(ffi::SQLITE_CANTOPEN);
        let plain = |suffix: &str| {
            let bytes = path.as_os_str().as_bytes();
            CString::new([bytes, suffix.as_bytes()].concat()).map_err(|_| cannot)
        };
        let (pages, journal, log) = (plain("")?, plain("-journal")?, plain("-wal")?);
        let kind = match what {
            What::Pages => ffi::SQLITE_OPEN_MAIN_DB,
            What::Log => ffi::SQLITE_OPEN_WAL,
        };
        let subject = if what == What::Pages { &pages } else { &log };
        // SAFETY: three C strings and no parameters; SQLite copies them.
        let name = unsafe {
            let none = std::ptr::null_mut();
            ffi::sqlite3_create_filename(subject.as_ptr(), journal.as_ptr(), log.as_ptr(), 0, none)
        };
        // SAFETY: SQLite initialises itself here; the name is a C string.
        let unix = unsafe { ffi::sqlite3_vfs_find(BENEATH.as_ptr()) };
        if name.is_null() || unix.is_null() {
            return Err(cannot);
        }
        // SAFETY: SQLite's own file systems are there for ever.
        let (bytes, open) = unsafe { ((*unix).szOsFile, (*unix).xOpen) };
        let words = usize::try_from(bytes).map_err(|_| cannot)?.div_ceil(8);
        let mut raw = Self { memory: vec![0; words], name };
        let open = open.ok_or(cannot)?;
        let (flags, mut given): (c_int, c_int) = (kind | ffi::SQLITE_OPEN_READONLY, 0);
        // SAFETY: the memory has `szOsFile` bytes, aligned and zero, and does not move; the name
        // lives until the file is closed.
        Code::check(unsafe { open(unix, name, raw.pointer(), flags, &raw mut given) })?;
        Ok(raw)
    }

    fn pointer(&mut self) -> *mut ffi::sqlite3_file {
        self.memory.as_mut_ptr().cast()
    }

    /// Reads the file.
    pub(crate) fn with<T>(&mut self, read: impl FnOnce(&Real) -> T) -> T {
        // SAFETY: it was opened, and stays so for the call, on this thread alone.
        read(&unsafe { Real::new(self.pointer()) })
    }
}

impl Drop for RawFile {
    fn drop(&mut self) {
        let file = self.pointer();
        // SAFETY: the memory holds a file: open, or with null methods when opening failed.
        let methods = unsafe { (*file).pMethods };
        // SAFETY: methods are static; an open file is closed once, here.
        if let Some(close) = (!methods.is_null()).then(|| unsafe { (*methods).xClose }).flatten() {
            // SAFETY: as above.
            unsafe { close(file) };
        }
        // SAFETY: it came from `sqlite3_create_filename`, and nothing uses it any more.
        unsafe { ffi::sqlite3_free_filename(self.name) };
    }
}
