//! SQLite's virtual file system "wh-pages": the unix one, with sealing in between.
//!
//! The only unsafe code of the house. It translates: C's pointers into slices and [`Real`], and
//! the answers of [`crate::pages`] and [`crate::log`] back. What is decided is decided there.
//!
//! Rules of SQLite that the unsafe blocks rely on (<https://sqlite.org/c3ref/vfs.html>,
//! <https://sqlite.org/c3ref/io_methods.html>): a file is used by one thread at a time; `xOpen`
//! gets `szOsFile` bytes, aligned for any type; a method gets only files that `xOpen` opened and
//! `xClose` did not close; buffers have as many bytes as the call says.
#![expect(unsafe_code, reason = "SQLite's virtual file systems are C")]

/// SQLite's file system beneath. It keeps the locks, and the index of the log, in the process: a
/// reader of `unix` takes two locks of the operating system for each transaction, and when one of
/// them fails, everybody waits until the busy timeout.
const BENEATH: &std::ffi::CStr = c"unix-excl";

mod control;
mod file;
mod methods;
mod raw;
mod real;
mod register;

pub(crate) use control::reserve;
pub(crate) use raw::{RawFile, What};
pub(crate) use real::{Code, Real};
pub(crate) use register::{NAME, register};
