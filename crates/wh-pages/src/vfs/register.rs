//! Makes the file system known to SQLite, and opens its files.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_vfs};

use super::BENEATH;
use super::file::{HEAD_BYTES, Kind, State, beneath, clear, fill, state};
use super::methods::METHODS;
use super::real::{Code, Real};
use crate::journal::Journal;
use crate::log::{Log, NewLog};
use crate::opening::{self, PARAMETER};
use crate::pages::Pages;

/// The name of the file system, for `sqlite3_open_v2` and `vfs=`.
pub(crate) const NAME: &CStr = c"wh-pages";

/// Registers the file system, once for the process.
pub(crate) fn register() -> Result<(), Code> {
    static DONE: OnceLock<Result<(), Code>> = OnceLock::new();
    *DONE.get_or_init(register_now)
}

fn register_now() -> Result<(), Code> {
    // SAFETY: SQLite initialises itself here; the name is a C string.
    let unix = unsafe { ffi::sqlite3_vfs_find(BENEATH.as_ptr()) };
    if unix.is_null() {
        return Err(Code(ffi::SQLITE_ERROR));
    }
    // SAFETY: SQLite's own file systems are there for ever.
    let (bytes, longest) = unsafe { ((*unix).szOsFile, (*unix).mxPathname) };
    let head = c_int::try_from(HEAD_BYTES).map_err(|_| Code(ffi::SQLITE_ERROR))?;
    let ours = Box::leak(Box::new(sqlite3_vfs {
        iVersion: 2,
        szOsFile: head + bytes,
        mxPathname: longest,
        pNext: std::ptr::null_mut(),
        zName: NAME.as_ptr(),
        pAppData: unix.cast::<c_void>(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: Some(load),
        xDlError: Some(load_error),
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }));
    // SAFETY: the structure lives for ever, is as the interface wants it, and SQLite alone
    // changes it.
    Code::check(unsafe { ffi::sqlite3_vfs_register(ours, 0) })
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes. A file whose methods are null is not closed after a
    // refusal.
    unsafe { clear(file) };
    // Temporary files and journals of statements would be plain; whoever opens keeps them in
    // memory.
    let has = |flag: c_int| flags & flag != 0;
    let database = has(ffi::SQLITE_OPEN_MAIN_DB);
    let beside = has(ffi::SQLITE_OPEN_WAL) || has(ffi::SQLITE_OPEN_MAIN_JOURNAL);
    if name.is_null() || !(database || beside) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: `vfs` is the one registered above; the memory holds a file of it after our head.
    let (unix, real) = unsafe { ((*vfs).pAppData.cast::<sqlite3_vfs>(), beneath(file)) };
    let log = has(ffi::SQLITE_OPEN_WAL);
    let (mut flags, mut new) = (flags, None);
    if log && has(ffi::SQLITE_OPEN_CREATE) {
        // SAFETY: the name is the one SQLite gave for a log.
        match unsafe { make_log(name) } {
            Ok(made) => (flags, new) = (flags & !ffi::SQLITE_OPEN_CREATE, Some(made)),
            Err(Code(code)) => return code,
        }
    }
    // SAFETY: SQLite's own file systems are there for ever; the name is the one SQLite gave.
    let opened = unsafe { (*unix).xOpen.map(|f| f(unix, name, real, flags, flags_out)) };
    if opened != Some(ffi::SQLITE_OK) {
        return opened.unwrap_or(ffi::SQLITE_CANTOPEN);
    }
    // SAFETY: the file underneath was just opened, and SQLite uses it on this thread.
    let real = unsafe { Real::new(real) };
    let kind = if log { Beside::Log { new } } else { Beside::Journal };
    // SAFETY: the name is the one SQLite gave for a file of this kind.
    let made = unsafe { if database { pages_of(name, &real) } else { beside_of(name, kind) } };
    match made {
        Ok(state) => {
            // SAFETY: the memory is SQLite's, and the file underneath is open.
            unsafe { fill(file, &METHODS, state) };
            ffi::SQLITE_OK
        }
        Err(Code(code)) => {
            if let Some(close) = real.methods().xClose {
                // SAFETY: the file underneath is open, and is not used afterwards.
                unsafe { close(real.pointer()) };
            }
            code
        }
    }
}

/// # Safety
/// The name must be one that SQLite gave to `xOpen` for a database.
unsafe fn pages_of(name: sqlite3_filename, real: &Real) -> Result<State, Code> {
    // SAFETY: the caller's promise; both are C strings.
    let value = unsafe { ffi::sqlite3_uri_parameter(name, PARAMETER.as_ptr()) };
    if value.is_null() {
        return Err(Code(ffi::SQLITE_CANTOPEN));
    }
    // SAFETY: SQLite gives a C string that lives as long as the name.
    let value = unsafe { CStr::from_ptr(value) };
    let opening = opening::find(value).ok_or(Code(ffi::SQLITE_CANTOPEN))?;
    let pages = Pages::new(opening.seal.clone());
    opening.judge(real)?;
    Ok(State { kind: Kind::Pages(pages), tenure: Arc::default() })
}

/// What is opened beside a database.
enum Beside {
    /// The log; `new` where its name may not be on the disk yet.
    Log {
        new: Option<NewLog>,
    },
    Journal,
}

/// # Safety
/// The name must be one that SQLite gave to `xOpen` for a log.
unsafe fn make_log(name: sqlite3_filename) -> Result<NewLog, Code> {
    // SAFETY: the caller's promise; both are C strings.
    let (log, database) =
        unsafe { (CStr::from_ptr(name), CStr::from_ptr(ffi::sqlite3_filename_database(name))) };
    let path = |name: &CStr| PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    NewLog::make(&path(log), &path(database))
        .map_err(|e| Code::of_write(&e, Code(ffi::SQLITE_CANTOPEN)))
}

/// # Safety
/// The name must be one that SQLite gave to `xOpen` for a log or a journal, whose database is open.
unsafe fn beside_of(name: sqlite3_filename, kind: Beside) -> Result<State, Code> {
    // SAFETY: the caller's promise.
    let database = unsafe { ffi::sqlite3_database_file_object(name) };
    // SAFETY: SQLite opens both with the file system of their database, whose file is open, and
    // on the thread that uses it.
    let database = unsafe { state(database) };
    let Kind::Pages(pages) = &database.kind else { return Err(Code(ffi::SQLITE_CANTOPEN)) };
    let tenure = Arc::clone(&database.tenure);
    let kind = match kind {
        Beside::Log { new } => Kind::Log(Log::new(pages.seal().clone(), Arc::clone(&tenure), new)),
        Beside::Journal => Kind::Journal(Journal::default()),
    };
    Ok(State { kind, tenure })
}

/// The file system underneath.
///
/// # Safety
/// `vfs` must be the one registered here.
unsafe fn unix<'v>(vfs: *mut sqlite3_vfs) -> (*mut sqlite3_vfs, &'v sqlite3_vfs) {
    // SAFETY: ours keeps a pointer to SQLite's own, which is there for ever.
    unsafe {
        let unix = (*vfs).pAppData.cast::<sqlite3_vfs>();
        (unix, &*unix)
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite calls this with the file system registered here; so below.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: the arguments are handed down as they came; so below.
    unix.xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |f| unsafe { f(vfs, name, sync) })
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    what: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xAccess.map_or(ffi::SQLITE_IOERR_ACCESS, |f| unsafe { f(vfs, name, what, answer) })
}

unsafe extern "C" fn full_pathname(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    bytes: c_int,
    to: *mut c_char,
) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xFullPathname.map_or(ffi::SQLITE_CANTOPEN, |f| unsafe { f(vfs, name, bytes, to) })
}

/// No extension is loaded through this file system.
unsafe extern "C" fn load(_: *mut sqlite3_vfs, _: *const c_char) -> *mut c_void {
    std::ptr::null_mut()
}

unsafe extern "C" fn load_error(_: *mut sqlite3_vfs, bytes: c_int, to: *mut c_char) {
    if bytes > 0 {
        // SAFETY: SQLite's buffer has at least one byte.
        unsafe { to.write(0) };
    }
}

unsafe extern "C" fn randomness(vfs: *mut sqlite3_vfs, bytes: c_int, to: *mut c_char) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xRandomness.map_or(0, |f| unsafe { f(vfs, bytes, to) })
}

unsafe extern "C" fn sleep(vfs: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xSleep.map_or(0, |f| unsafe { f(vfs, microseconds) })
}

unsafe extern "C" fn current_time(vfs: *mut sqlite3_vfs, to: *mut f64) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xCurrentTime.map_or(ffi::SQLITE_ERROR, |f| unsafe { f(vfs, to) })
}

unsafe extern "C" fn current_time_int64(vfs: *mut sqlite3_vfs, to: *mut sqlite3_int64) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xCurrentTimeInt64.map_or(ffi::SQLITE_ERROR, |f| unsafe { f(vfs, to) })
}

unsafe extern "C" fn last_error(vfs: *mut sqlite3_vfs, bytes: c_int, to: *mut c_char) -> c_int {
    // SAFETY: see `delete`.
    let (vfs, unix) = unsafe { unix(vfs) };
    // SAFETY: see `delete`.
    unix.xGetLastError.map_or(0, |f| unsafe { f(vfs, bytes, to) })
}
