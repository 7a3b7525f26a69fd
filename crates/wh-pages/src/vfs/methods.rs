//! The methods of an open file. Only reading, writing, syncing and locking the log are ours; the
//! rest is handed down.

use std::ffi::{c_int, c_void};
use std::slice;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64};

use super::file::{Kind, beneath, empty, with};
use super::real::{Code, Real};

/// Version 2: without `xFetch`, so that SQLite maps nothing into memory past the seals.
pub(super) static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// The lock, of those in shared memory, that whoever writes the log holds (wal.c).
const WRITE_LOCK: c_int = 0;

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file, once; what is underneath is open too.
    let (mut state, real) = unsafe { (empty(file), Real::new(beneath(file))) };
    let flushed = match &mut state.kind {
        Kind::Pages(_) | Kind::Journal(_) => Ok(()),
        Kind::Log(log) => log.flush(&real),
    };
    let closing = real.methods().xClose;
    // SAFETY: the file underneath is open, and is not used afterwards.
    let closed = closing.map_or(ffi::SQLITE_IOERR_CLOSE, |close| unsafe { close(real.pointer()) });
    flushed.and(Code::check(closed)).map_or_else(|Code(code)| code, |()| ffi::SQLITE_OK)
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    amount: c_int,
    offset: sqlite3_int64,
) -> c_int {
    let act = |kind: &mut Kind, real: &Real| {
        let bytes = usize::try_from(amount).map_err(|_| Code::READ)?;
        let at = u64::try_from(offset).map_err(|_| Code::READ)?;
        let found = match kind {
            Kind::Pages(pages) => pages.read(real, at, bytes),
            Kind::Log(log) => log.read(real, at, bytes),
            Kind::Journal(journal) => journal.read(real, at, bytes),
        };
        match found {
            Ok(found) if found.len() == bytes => {
                // SAFETY: SQLite's buffer has `amount` bytes, and it is not one of ours.
                unsafe { found.as_ptr().copy_to_nonoverlapping(to.cast::<u8>(), bytes) };
                Ok(())
            }
            Ok(_) => Err(Code::READ),
            Err(Code::SHORT) => {
                // SAFETY: as above. What is not there reads as zeros.
                unsafe { to.cast::<u8>().write_bytes(0, bytes) };
                Err(Code::SHORT)
            }
            Err(code) => Err(code),
        }
    };
    // SAFETY: SQLite calls this on an open file.
    unsafe { with(file, |state, real| act(&mut state.kind, real)) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    offset: sqlite3_int64,
) -> c_int {
    let act = |kind: &mut Kind, real: &Real| {
        let bytes = usize::try_from(amount).map_err(|_| Code::WRITE)?;
        let at = u64::try_from(offset).map_err(|_| Code::WRITE)?;
        // SAFETY: SQLite's buffer has `amount` bytes and stays as it is during the call.
        let data = unsafe { slice::from_raw_parts(from.cast::<u8>(), bytes) };
        match kind {
            Kind::Pages(pages) => pages.write(real, at, data),
            Kind::Log(log) => log.write(real, at, data),
            Kind::Journal(journal) => journal.write(real, at, data),
        }
    };
    // SAFETY: SQLite calls this on an open file.
    unsafe { with(file, |state, real| act(&mut state.kind, real)) }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file.
    unsafe {
        with(file, |state, real| match &mut state.kind {
            Kind::Pages(_) | Kind::Journal(_) => real.sync(flags),
            Kind::Log(log) => log.sync(real, flags),
        })
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls this on an open file.
    unsafe {
        with(file, |state, real| {
            if let Kind::Log(log) = &mut state.kind {
                log.flush(real)?;
            }
            let truncate = real.methods().xTruncate.ok_or(Code::WRITE)?;
            Code::check(truncate(real.pointer(), size))
        })
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    first: c_int,
    number: c_int,
    flags: c_int,
) -> c_int {
    let writes = first == WRITE_LOCK && flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    // SAFETY: SQLite calls this on an open file.
    unsafe {
        with(file, |state, real| {
            if writes && flags & ffi::SQLITE_SHM_UNLOCK != 0 {
                state.tenure.end();
            }
            let lock = real.methods().xShmLock.ok_or(Code(ffi::SQLITE_IOERR_SHMLOCK))?;
            Code::check(lock(real.pointer(), first, number, flags))?;
            if writes && flags & ffi::SQLITE_SHM_LOCK != 0 {
                state.tenure.begin();
            }
            Ok(())
        })
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls this on an open file, with a place for the answer.
    unsafe { with(file, |_, real| below(real.methods().xFileSize, |f| f(real.pointer(), size))) }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file.
    unsafe { with(file, |_, real| below(real.methods().xLock, |f| f(real.pointer(), level))) }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file.
    unsafe { with(file, |_, real| below(real.methods().xUnlock, |f| f(real.pointer(), level))) }
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, held: *mut c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file, with a place for the answer.
    unsafe {
        with(file, |_, real| below(real.methods().xCheckReservedLock, |f| f(real.pointer(), held)))
    }
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    if what == ffi::SQLITE_FCNTL_MMAP_SIZE {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: SQLite calls this on an open file; the argument is what the file underneath expects.
    unsafe {
        with(file, |_, real| {
            below(real.methods().xFileControl, |f| f(real.pointer(), what, argument))
        })
    }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls this on an open file; what is underneath is open too.
    unsafe {
        let real = Real::new(beneath(file));
        real.methods().xSectorSize.map_or(0, |f| f(real.pointer()))
    }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls this on an open file; what is underneath is open too.
    let below = unsafe {
        let real = Real::new(beneath(file));
        real.methods().xDeviceCharacteristics.map_or(0, |f| f(real.pointer()))
    };
    // Pages are read and written whole, and a frame of the log is never cut at a sector.
    let not_ours = ffi::SQLITE_IOCAP_SUBPAGE_READ | ffi::SQLITE_IOCAP_BATCH_ATOMIC;
    (below & !not_ours) | ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite calls this on an open file, with a place for the answer.
    unsafe {
        with(file, |_, real| {
            below(real.methods().xShmMap, |f| f(real.pointer(), region, bytes, extend, to))
        })
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite calls this on an open file; what is underneath is open too.
    unsafe {
        let real = Real::new(beneath(file));
        if let Some(barrier) = real.methods().xShmBarrier {
            barrier(real.pointer());
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file.
    unsafe { with(file, |_, real| below(real.methods().xShmUnmap, |f| f(real.pointer(), delete))) }
}

/// Calls a method of the file underneath, which every file of the unix file system has.
fn below<F>(method: Option<F>, call: impl FnOnce(F) -> c_int) -> Result<(), Code> {
    method.map_or(Err(Code(ffi::SQLITE_IOERR)), |method| Code::check(call(method)))
}
