//! The system calls that touch files, and by which arguments.

use nix::libc;

/// A system call, and which of its arguments are descriptors and paths.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) number: i64,
    pub(super) descriptors: &'static [usize],
    pub(super) paths: &'static [usize],
}

/// The arguments hold a descriptor.
const fn on(name: &'static str, number: i64, descriptors: &'static [usize]) -> Call {
    Call { name, number, descriptors, paths: &[] }
}

/// The arguments hold a path.
const fn at(name: &'static str, number: i64, paths: &'static [usize]) -> Call {
    Call { name, number, descriptors: &[], paths }
}

/// Every call that can touch a file of the store. `munmap` is known by what `mmap` answered.
pub(super) const CALLS: &[Call] = &[
    at("open", libc::SYS_open, &[0]),
    at("openat", libc::SYS_openat, &[1]),
    on("close", libc::SYS_close, &[0]),
    on("write", libc::SYS_write, &[0]),
    on("pwrite64", libc::SYS_pwrite64, &[0]),
    on("writev", libc::SYS_writev, &[0]),
    on("pwritev", libc::SYS_pwritev, &[0]),
    on("read", libc::SYS_read, &[0]),
    on("pread64", libc::SYS_pread64, &[0]),
    on("readv", libc::SYS_readv, &[0]),
    on("preadv", libc::SYS_preadv, &[0]),
    on("lseek", libc::SYS_lseek, &[0]),
    on("fsync", libc::SYS_fsync, &[0]),
    on("fdatasync", libc::SYS_fdatasync, &[0]),
    on("sync_file_range", libc::SYS_sync_file_range, &[0]),
    on("ftruncate", libc::SYS_ftruncate, &[0]),
    on("fallocate", libc::SYS_fallocate, &[0]),
    on("fadvise64", libc::SYS_fadvise64, &[0]),
    on("copy_file_range", libc::SYS_copy_file_range, &[0, 2]),
    on("ioctl", libc::SYS_ioctl, &[0]),
    on("fcntl", libc::SYS_fcntl, &[0]),
    on("flock", libc::SYS_flock, &[0]),
    on("fchmod", libc::SYS_fchmod, &[0]),
    on("fchown", libc::SYS_fchown, &[0]),
    on("getdents64", libc::SYS_getdents64, &[0]),
    on("fstat", libc::SYS_fstat, &[0]),
    on("fstatfs", libc::SYS_fstatfs, &[0]),
    on("mmap", libc::SYS_mmap, &[4]),
    on("munmap", libc::SYS_munmap, &[]),
    at("rename", libc::SYS_rename, &[0, 1]),
    at("renameat", libc::SYS_renameat, &[1, 3]),
    at("renameat2", libc::SYS_renameat2, &[1, 3]),
    at("link", libc::SYS_link, &[0, 1]),
    at("linkat", libc::SYS_linkat, &[1, 3]),
    at("unlink", libc::SYS_unlink, &[0]),
    at("unlinkat", libc::SYS_unlinkat, &[1]),
    at("mkdir", libc::SYS_mkdir, &[0]),
    at("mkdirat", libc::SYS_mkdirat, &[1]),
    at("rmdir", libc::SYS_rmdir, &[0]),
    at("chmod", libc::SYS_chmod, &[0]),
    at("stat", libc::SYS_stat, &[0]),
    at("lstat", libc::SYS_lstat, &[0]),
    Call { name: "newfstatat", number: libc::SYS_newfstatat, descriptors: &[0], paths: &[1] },
    Call { name: "statx", number: libc::SYS_statx, descriptors: &[0], paths: &[1] },
    at("statfs", libc::SYS_statfs, &[0]),
    at("access", libc::SYS_access, &[0]),
    at("faccessat", libc::SYS_faccessat, &[1]),
    at("faccessat2", libc::SYS_faccessat2, &[1]),
    at("readlink", libc::SYS_readlink, &[0]),
];

/// The call of a name.
pub(super) fn named(name: &str) -> Option<&'static Call> {
    CALLS.iter().find(|call| call.name == name)
}

/// The call of a number.
pub(super) fn numbered(number: u64) -> Option<&'static Call> {
    let number = i64::try_from(number).ok()?;
    CALLS.iter().find(|call| call.number == number)
}

impl Call {
    /// Whether it makes what was written durable.
    pub(super) fn is_sync(&self) -> bool {
        matches!(self.name, "fsync" | "fdatasync" | "sync_file_range")
    }

    /// Whether it moves bytes, and may move fewer than it was asked to.
    pub(super) fn may_be_short(&self) -> bool {
        matches!(self.name, "write" | "pwrite64" | "read" | "pread64")
    }
}
