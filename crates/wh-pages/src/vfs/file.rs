//! A file of ours as SQLite holds it: a head, then the file of the unix file system.

use std::ffi::c_int;
use std::mem::size_of;
use std::sync::Arc;

use rusqlite::ffi;

use super::real::{Code, Real};
use crate::journal::Journal;
use crate::log::{Log, Tenure};
use crate::pages::Pages;

/// The beginning of the memory that SQLite gives for a file. The underlying file follows it.
#[repr(C)]
pub(super) struct Head {
    base: ffi::sqlite3_file,
    state: *mut State,
}

/// How many bytes go before the underlying file: a multiple of its alignment.
pub(super) const HEAD_BYTES: usize = size_of::<Head>();
const _: () = assert!(HEAD_BYTES.is_multiple_of(8));

/// What is kept for an open file.
pub(super) struct State {
    pub(super) kind: Kind,
    /// Shared by the database and the log of one connection.
    pub(super) tenure: Arc<Tenure>,
}

/// The kinds of file that there are.
pub(super) enum Kind {
    Pages(Pages),
    Log(Log),
    Journal(Journal),
}

/// The underlying file of memory that SQLite gave for a file of ours.
///
/// # Safety
/// `file` must point to the `szOsFile` bytes of this file system.
pub(super) unsafe fn beneath(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the memory is as long as the head and the underlying file together.
    unsafe { file.cast::<u8>().add(HEAD_BYTES).cast() }
}

/// Makes the memory a closed file, of which SQLite will not call any method.
///
/// # Safety
/// As for [`beneath`].
pub(super) unsafe fn clear(file: *mut ffi::sqlite3_file) {
    let base = ffi::sqlite3_file { pMethods: std::ptr::null() };
    // SAFETY: the memory is as long as the head, and aligned for any type.
    unsafe { file.cast::<Head>().write(Head { base, state: std::ptr::null_mut() }) };
    // SAFETY: as above, for the underlying file.
    unsafe { (*beneath(file)).pMethods = std::ptr::null() };
}

/// Makes the memory an open file.
///
/// # Safety
/// As for [`beneath`], and the underlying file must be open.
pub(super) unsafe fn fill(
    file: *mut ffi::sqlite3_file,
    methods: &'static ffi::sqlite3_io_methods,
    state: State,
) {
    let base = ffi::sqlite3_file { pMethods: methods };
    let state = Box::into_raw(Box::new(state));
    // SAFETY: the memory is as long as the head, and aligned for any type.
    unsafe { file.cast::<Head>().write(Head { base, state }) };
}

/// Takes the state out of a file that is being closed.
///
/// # Safety
/// `file` must be open, and no method may be called on it afterwards.
pub(super) unsafe fn empty(file: *mut ffi::sqlite3_file) -> Box<State> {
    // SAFETY: the state of an open file came from a box in `fill`, and is taken once.
    unsafe { Box::from_raw((*file.cast::<Head>()).state) }
}

/// The state of the database's file that a log belongs to.
///
/// # Safety
/// `file` must be open and used by this thread only, for as long as the answer lives.
pub(super) unsafe fn state<'f>(file: *mut ffi::sqlite3_file) -> &'f mut State {
    // SAFETY: an open file has a state, and one thread at a time uses it.
    unsafe { &mut *(*file.cast::<Head>()).state }
}

/// Does something with an open file, and gives the answer as a code.
///
/// # Safety
/// `file` must be open and used by this thread only, as in every method that SQLite calls.
pub(super) unsafe fn with(
    file: *mut ffi::sqlite3_file,
    act: impl FnOnce(&mut State, &Real) -> Result<(), Code>,
) -> c_int {
    // SAFETY: the caller's promise.
    let (state, real) = unsafe { (state(file), Real::new(beneath(file))) };
    match act(state, &real) {
        Ok(()) => ffi::SQLITE_OK,
        Err(Code(code)) => code,
    }
}
