//! A file of the unix file system underneath, as safe methods.

use std::ffi::{c_int, c_void};
use std::io::{self, ErrorKind};

use rusqlite::ffi;

use crate::layout::as_u64;

/// An error code of SQLite, extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) c_int);

impl Code {
    /// What was read is damaged.
    pub(crate) const DAMAGE: Self = Self(ffi::SQLITE_IOERR_DATA);
    /// The file ends before what was to be read; the rest reads as zeros.
    pub(crate) const SHORT: Self = Self(ffi::SQLITE_IOERR_SHORT_READ);
    /// A write that cannot be sealed.
    pub(crate) const WRITE: Self = Self(ffi::SQLITE_IOERR_WRITE);
    /// A read that no page or frame answers.
    pub(crate) const READ: Self = Self(ffi::SQLITE_IOERR_READ);
    /// The disk is full, or a quota used up.
    pub(crate) const FULL: Self = Self(ffi::SQLITE_FULL);

    /// What a failed call of the system means that was to write something: want of room, or as
    /// told. SQLite itself knows `ENOSPC` alone, and takes `EDQUOT` for a disk that fails.
    pub(crate) fn of_write(error: &io::Error, otherwise: Self) -> Self {
        let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        if full { Self::FULL } else { otherwise }
    }

    /// `Ok` for `SQLITE_OK`.
    pub(crate) fn check(code: c_int) -> Result<(), Self> {
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(Self(code)) }
    }
}

/// An open file underneath.
///
/// Invariant: the pointer is to a file that is open for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Real(*mut ffi::sqlite3_file);

impl Real {
    /// # Safety
    /// The file must be open, be used by this thread only, and outlive the value.
    pub(super) unsafe fn new(file: *mut ffi::sqlite3_file) -> Self {
        Self(file)
    }

    pub(super) fn pointer(&self) -> *mut ffi::sqlite3_file {
        self.0
    }

    pub(super) fn methods(&self) -> &ffi::sqlite3_io_methods {
        // SAFETY: the invariant; an open file has methods, which are static.
        unsafe { &*(*self.0).pMethods }
    }

    /// Fills the buffer; `false` when the file ends before, and the rest is zeros.
    pub(crate) fn read(&self, buffer: &mut [u8], offset: u64) -> Result<bool, Code> {
        let (amount, at) = span(buffer.len(), offset).ok_or(Code::READ)?;
        let read = self.methods().xRead.ok_or(Code::READ)?;
        // SAFETY: the invariant; the buffer has as many bytes as the call says.
        let code = unsafe { read(self.0, buffer.as_mut_ptr().cast::<c_void>(), amount, at) };
        match Code::check(code) {
            Err(Code::SHORT) => Ok(false),
            done => done.map(|()| true),
        }
    }

    /// Writes all of the buffer.
    pub(crate) fn write(&self, buffer: &[u8], offset: u64) -> Result<(), Code> {
        let (amount, at) = span(buffer.len(), offset).ok_or(Code::WRITE)?;
        let write = self.methods().xWrite.ok_or(Code::WRITE)?;
        // SAFETY: the invariant; the buffer has as many bytes as the call says.
        match Code::check(unsafe { write(self.0, buffer.as_ptr().cast::<c_void>(), amount, at) }) {
            Err(Code::WRITE) => Err(Code::of_write(&self.last_error(), Code::WRITE)),
            done => done,
        }
    }

    /// Why the last call of the system on this file failed.
    fn last_error(&self) -> io::Error {
        let mut errno: c_int = 0;
        if let Some(control) = self.methods().xFileControl {
            let to = (&raw mut errno).cast::<c_void>();
            // SAFETY: the invariant; what is asked for is written as an `int`.
            unsafe { control(self.0, ffi::SQLITE_FCNTL_LAST_ERRNO, to) };
        }
        io::Error::from_raw_os_error(errno)
    }

    /// The size in bytes.
    pub(crate) fn size(&self) -> Result<u64, Code> {
        let mut size = 0;
        let get = self.methods().xFileSize.ok_or(Code::READ)?;
        // SAFETY: the invariant; `size` is a place to write to.
        Code::check(unsafe { get(self.0, &raw mut size) })?;
        u64::try_from(size).map_err(|_| Code::READ)
    }

    /// Syncs; `flags` are SQLite's.
    pub(crate) fn sync(&self, flags: c_int) -> Result<(), Code> {
        let sync = self.methods().xSync.ok_or(Code::WRITE)?;
        // SAFETY: the invariant.
        Code::check(unsafe { sync(self.0, flags) })
    }
}

fn span(bytes: usize, offset: u64) -> Option<(c_int, ffi::sqlite3_int64)> {
    offset.checked_add(as_u64(bytes))?;
    Some((c_int::try_from(bytes).ok()?, ffi::sqlite3_int64::try_from(offset).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_that_is_used_up_is_a_full_disk() {
        for (errno, expected) in
            [(28, Code::FULL), (122, Code::FULL), (5, Code::WRITE), (0, Code::WRITE)]
        {
            let error = io::Error::from_raw_os_error(errno);
            assert_eq!(Code::of_write(&error, Code::WRITE), expected, "{errno}");
        }
    }
}
