//! What only SQLite's C can be asked for.

use std::ffi::{c_int, c_void};

use rusqlite::{Connection, ffi};

/// Has SQLite leave so many bytes free at the end of each page of a database that is yet to be
/// written, or of the copies that `VACUUM` makes of this one.
pub(crate) fn reserve(conn: &Connection, bytes: u8) -> rusqlite::Result<()> {
    let mut bytes = c_int::from(bytes);
    let argument = (&raw mut bytes).cast::<c_void>();
    let what = ffi::SQLITE_FCNTL_RESERVE_BYTES;
    // SAFETY: the connection is open for the call, the name is a C string, and this request
    // takes a `c_int` to read and write.
    let code =
        unsafe { ffi::sqlite3_file_control(conn.handle(), c"main".as_ptr(), what, argument) };
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
}
