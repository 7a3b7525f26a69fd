//! FUSE's words for what the layer does.

use std::ffi::OsStr;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use fuser::{
    AccessFlags, BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate,
    ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request,
    TimeOrNow, WriteFlags,
};

use super::state::{BLOCKS, Mood, State};
use crate::op::{Ino, Kind};

/// Everything is changed through the kernel, so what it remembers stays true.
const FOR_EVER: Duration = Duration::from_hours(24);

/// What the kernel writes at once, in bytes at most.
const WRITE_BYTES_MAX: u32 = 1 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Layer(pub(crate) Arc<Mutex<State>>);

impl Layer {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attributes(state: &State, ino: Ino) -> Result<FileAttr, Errno> {
    let (kind, size) = state.kind(ino)?;
    let (kind, perm) = match kind {
        Kind::File => (FileType::RegularFile, 0o600),
        Kind::Folder => (FileType::Directory, 0o700),
    };
    let never = SystemTime::UNIX_EPOCH;
    Ok(FileAttr {
        ino: INodeNo(ino.0),
        size,
        blocks: size.div_ceil(512),
        atime: never,
        mtime: never,
        ctime: never,
        crtime: never,
        kind,
        perm,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    })
}

fn entry(done: Result<FileAttr, Errno>, reply: ReplyEntry) {
    match done {
        Ok(attr) => reply.entry(&FOR_EVER, &attr, Generation(0)),
        Err(error) => reply.error(error),
    }
}

fn empty(done: Result<(), Errno>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

impl Layer {
    fn make(&self, parent: INodeNo, name: &OsStr, kind: Kind) -> Result<FileAttr, Errno> {
        let mut state = self.state();
        let ino = state.make(Ino(parent.0), name, kind)?;
        attributes(&state, ino)
    }

    fn open_folder(&self, ino: INodeNo) -> Result<u64, Errno> {
        self.state().open_folder(Ino(ino.0))
    }
}

impl Filesystem for Layer {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        config.set_max_write(WRITE_BYTES_MAX).map_err(|_| io::Error::other("max_write"))?;
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let state = self.state();
        let found = state.find(Ino(parent.0), name).and_then(|ino| attributes(&state, ino));
        entry(found, reply);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match attributes(&self.state(), Ino(ino.0)) {
            Ok(attr) => reply.attr(&FOR_EVER, &attr),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let mut state = self.state();
        let resized = size.map_or(Ok(()), |to| state.resize(Ino(ino.0), to));
        match resized.and_then(|()| attributes(&state, Ino(ino.0))) {
            Ok(attr) => reply.attr(&FOR_EVER, &attr),
            Err(error) => reply.error(error),
        }
    }

    fn mknod(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        _: u32,
        _: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        entry(self.make(parent, name, Kind::File), reply);
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        entry(self.make(parent, name, Kind::Folder), reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.state().remove(Ino(parent.0), name, Kind::File), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.state().remove(Ino(parent.0), name, Kind::Folder), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        let (from, to) = ((Ino(parent.0), name), (Ino(newparent.0), newname));
        empty(self.state().rename(from, to), reply);
    }

    fn link(
        &self,
        _: &Request,
        ino: INodeNo,
        newparent: INodeNo,
        newname: &OsStr,
        reply: ReplyEntry,
    ) {
        let mut state = self.state();
        let linked = state.link(Ino(ino.0), Ino(newparent.0), newname);
        entry(linked.and_then(|()| attributes(&state, Ino(ino.0))), reply);
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.state().reachable() {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
            Err(error) => reply.error(error),
        }
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        _: u32,
        _: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let (handle, flags) = (FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
        match self.make(parent, name, Kind::File) {
            Ok(attr) => reply.created(&FOR_EVER, &attr, Generation(0), handle, flags),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.state().read(Ino(ino.0), offset, size) {
            Ok(data) => reply.data(data),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.state().write(Ino(ino.0), offset, data) {
            Ok(taken) => reply.written(taken),
            Err(error) => reply.error(error),
        }
    }

    /// Closing a file makes nothing durable.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        empty(self.state().reachable(), reply);
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.state().sync(Ino(ino.0)), reply);
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.open_folder(ino) {
            Ok(handle) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let state = self.state();
        let entries = match state.entries(handle.0) {
            Ok(entries) => entries,
            Err(error) => return reply.error(error),
        };
        let rest = (1..).zip(entries).skip(usize::try_from(offset).unwrap_or(usize::MAX));
        for (next, (ino, kind, name)) in rest {
            let kind = match kind {
                Kind::File => FileType::RegularFile,
                Kind::Folder => FileType::Directory,
            };
            if reply.add(INodeNo(ino.0), next, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(&self, _: &Request, _: INodeNo, fh: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.state().close_folder(fh.0);
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.state().sync(Ino(ino.0)), reply);
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let free = match self.state().mood {
            Mood::Off => return reply.error(Errno::EIO),
            Mood::Full => 0,
            Mood::Well | Mood::Failing(_) | Mood::Squeezed(_) | Mood::Short(_) => BLOCKS / 2,
        };
        reply.statfs(BLOCKS, free, free, 1 << 20, 1 << 20, 4096, 255, 4096);
    }

    fn access(&self, _: &Request, _: INodeNo, _: AccessFlags, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fallocate(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        empty(self.state().allocate(Ino(ino.0), (offset, length), mode), reply);
    }
}
