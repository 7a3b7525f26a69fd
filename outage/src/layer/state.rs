//! What the layer does, without FUSE's words.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

use bytes::Bytes;
use fuser::Errno;

use crate::disk::Disk;
use crate::op::{Ino, Kind, Name, Op, ROOT};
use crate::random::Random;
use crate::record::Record;
use crate::tree::Tree;

/// How the disk behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// The power is off: nothing is done any more.
    Off,
    /// One in so many writes, syncs and changes of names fails with EIO.
    Failing(u64),
    /// The disk is full, and says so. What would need room fails with ENOSPC.
    Full,
    /// The disk says that it has room, and one in so many writes fails with ENOSPC all the same.
    Squeezed(u64),
    /// One in so many writes takes only a part.
    Short(u64),
}

/// A snapshot of a folder that is being read.
pub(crate) type Entries = Vec<(Ino, Kind, OsString)>;

/// What the disk is said to hold, in blocks of 4,096 bytes: 64 GiB.
pub(crate) const BLOCKS: u64 = 1 << 24;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) disk: Disk,
    pub(crate) mood: Mood,
    record: Option<Record>,
    /// A file in the root whose writes are marks, and durable at once.
    marks: Option<OsString>,
    marks_ino: Option<Ino>,
    random: Random,
    reading: HashMap<u64, Entries>,
    handles: u64,
    failed: u64,
}

type Done<T> = Result<T, Errno>;

impl State {
    pub(crate) fn new(base: &Tree, marks: Option<OsString>, seed: u64) -> Self {
        Self {
            disk: Disk::of(base),
            mood: Mood::Well,
            record: Some(Record { base: base.clone(), ops: Vec::new() }),
            marks,
            marks_ino: None,
            random: Random::new(seed),
            reading: HashMap::new(),
            handles: 0,
            failed: 0,
        }
    }

    /// Ends the record and gives it.
    pub(crate) fn take_record(&mut self) -> Record {
        self.record.take().unwrap_or_default()
    }

    /// How often the disk's mood was felt.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    fn act(&mut self, op: Op) {
        self.disk.apply(&op);
        if let Some(record) = &mut self.record {
            record.ops.push(op);
        }
    }

    pub(crate) fn reachable(&self) -> Done<()> {
        if self.mood == Mood::Off { Err(Errno::EIO) } else { Ok(()) }
    }

    fn one_in(&mut self, many: u64) -> bool {
        let hit = self.random.below(many) == 0;
        self.failed += u64::from(hit);
        hit
    }

    /// Whether a change may be made.
    fn judge(&mut self) -> Done<()> {
        match self.mood {
            Mood::Well | Mood::Short(_) | Mood::Full | Mood::Squeezed(_) => Ok(()),
            Mood::Off => Err(Errno::EIO),
            Mood::Failing(many) => {
                if self.one_in(many) {
                    Err(Errno::EIO)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Whether a change that needs room may be made.
    fn judge_growth(&mut self) -> Done<()> {
        self.judge()?;
        let full = match self.mood {
            Mood::Full => self.one_in(1),
            Mood::Squeezed(many) => self.one_in(many),
            Mood::Well | Mood::Off | Mood::Failing(_) | Mood::Short(_) => false,
        };
        if full { Err(Errno::ENOSPC) } else { Ok(()) }
    }

    pub(crate) fn find(&self, folder: Ino, name: &OsStr) -> Done<Ino> {
        self.reachable()?;
        self.disk.lookup(folder, name).ok_or(Errno::ENOENT)
    }

    pub(crate) fn kind(&self, ino: Ino) -> Done<(Kind, u64)> {
        self.reachable()?;
        let kind = self.disk.kind(ino).ok_or(Errno::ENOENT)?;
        let size = self.disk.bytes(ino).map_or(4096, crate::file::len);
        Ok((kind, size))
    }

    pub(crate) fn make(&mut self, folder: Ino, name: &OsStr, kind: Kind) -> Done<Ino> {
        self.judge_growth()?;
        if self.disk.lookup(folder, name).is_some() {
            return Err(Errno::EEXIST);
        }
        let ino = self.disk.fresh();
        if folder == ROOT && self.marks.as_deref() == Some(name) {
            self.marks_ino = Some(ino);
        }
        self.act(Op::Make { folder, name: Name::from(name), ino, kind });
        Ok(ino)
    }

    pub(crate) fn link(&mut self, ino: Ino, folder: Ino, name: &OsStr) -> Done<()> {
        self.judge_growth()?;
        if self.disk.lookup(folder, name).is_some() {
            return Err(Errno::EEXIST);
        }
        self.act(Op::Link { ino, folder, name: Name::from(name) });
        Ok(())
    }

    pub(crate) fn remove(&mut self, folder: Ino, name: &OsStr, kind: Kind) -> Done<()> {
        self.judge()?;
        let ino = self.find(folder, name)?;
        self.may_go(ino, kind)?;
        self.act(Op::Remove { folder, name: Name::from(name) });
        Ok(())
    }

    fn may_go(&self, ino: Ino, kind: Kind) -> Done<()> {
        match (self.disk.kind(ino), kind) {
            (Some(Kind::File), Kind::Folder) => Err(Errno::ENOTDIR),
            (Some(Kind::Folder), Kind::File) => Err(Errno::EISDIR),
            (Some(Kind::Folder), Kind::Folder) if self.disk.list(ino).next().is_some() => {
                Err(Errno::ENOTEMPTY)
            }
            (Some(Kind::File | Kind::Folder), _) => Ok(()),
            (None, _) => Err(Errno::ENOENT),
        }
    }

    pub(crate) fn rename(
        &mut self,
        (folder, name): (Ino, &OsStr),
        (to, new_name): (Ino, &OsStr),
    ) -> Done<()> {
        self.judge()?;
        let ino = self.find(folder, name)?;
        let (kind, _) = self.kind(ino)?;
        match self.disk.lookup(to, new_name) {
            Some(same) if same == ino => return Ok(()),
            Some(other) => self.may_go(other, kind)?,
            None => {}
        }
        let (name, new_name) = (Name::from(name), Name::from(new_name));
        self.act(Op::Rename { folder, name, to, new_name });
        Ok(())
    }

    pub(crate) fn read(&self, ino: Ino, at: u64, len: u32) -> Done<&[u8]> {
        self.reachable()?;
        let bytes = self.disk.bytes(ino).ok_or(Errno::EISDIR)?;
        let from = crate::file::place(at).min(bytes.len());
        let to = from.saturating_add(crate::file::place(u64::from(len))).min(bytes.len());
        Ok(bytes.get(from..to).unwrap_or_default())
    }

    /// Writes, and tells how many bytes were taken.
    pub(crate) fn write(&mut self, ino: Ino, at: u64, data: &[u8]) -> Done<u32> {
        if self.marks_ino == Some(ino) {
            self.reachable()?;
            self.act(Op::Write { ino, at, data: Bytes::copy_from_slice(data) });
            self.act(Op::SyncFile { ino });
            self.act(Op::Mark(Bytes::copy_from_slice(data)));
            return Ok(u32::try_from(data.len()).unwrap_or(u32::MAX));
        }
        let size = self.disk.bytes(ino).map(crate::file::len).ok_or(Errno::EISDIR)?;
        self.judge_size(size, at + crate::file::len(data))?;
        let mut taken = data;
        if let Mood::Short(many) = self.mood
            && data.len() > 1
            && self.one_in(many)
        {
            let part = 1 + self.random.below(crate::file::len(data) - 1);
            taken = data.get(..crate::file::place(part)).unwrap_or(data);
        }
        self.act(Op::Write { ino, at, data: Bytes::copy_from_slice(taken) });
        Ok(u32::try_from(taken.len()).unwrap_or(u32::MAX))
    }

    /// Whether bytes may go beyond a file's `size`, or within it.
    fn judge_size(&mut self, size: u64, end: u64) -> Done<()> {
        if end > size { self.judge_growth() } else { self.judge() }
    }

    pub(crate) fn resize(&mut self, ino: Ino, to: u64) -> Done<()> {
        let size = self.disk.bytes(ino).map(crate::file::len).ok_or(Errno::EISDIR)?;
        self.judge_size(size, to)?;
        self.act(Op::Resize { ino, to });
        Ok(())
    }

    /// Reserves room, or turns a range into a hole.
    pub(crate) fn allocate(&mut self, ino: Ino, (at, len): (u64, u64), mode: i32) -> Done<()> {
        const KEEP_SIZE: i32 = 1;
        const PUNCH_HOLE: i32 = 2;
        const ZERO_RANGE: i32 = 16;
        if mode & !(KEEP_SIZE | PUNCH_HOLE | ZERO_RANGE) != 0 {
            return Err(Errno::EOPNOTSUPP);
        }
        self.judge_growth()?;
        let size = self.disk.bytes(ino).map(crate::file::len).ok_or(Errno::EISDIR)?;
        let end = at.saturating_add(len);
        if mode & KEEP_SIZE == 0 && end > size {
            self.act(Op::Resize { ino, to: end });
        }
        if mode & (PUNCH_HOLE | ZERO_RANGE) != 0 && at < size {
            self.act(Op::Zero { ino, at, len: end.min(size) - at });
        }
        Ok(())
    }

    pub(crate) fn sync(&mut self, ino: Ino) -> Done<()> {
        self.judge()?;
        match self.disk.kind(ino).ok_or(Errno::ENOENT)? {
            Kind::File => self.act(Op::SyncFile { ino }),
            Kind::Folder => self.act(Op::SyncFolder { ino }),
        }
        Ok(())
    }

    /// Begins to read a folder. What is done to it meanwhile does not show.
    pub(crate) fn open_folder(&mut self, ino: Ino) -> Done<u64> {
        self.reachable()?;
        let mut entries = vec![
            (ino, Kind::Folder, OsString::from(".")),
            (ino, Kind::Folder, OsString::from("..")),
        ];
        let disk = &self.disk;
        let named = disk.list(ino).filter_map(|(name, ino)| {
            disk.kind(ino).map(|kind| (ino, kind, OsString::from(&**name)))
        });
        entries.extend(named);
        self.handles += 1;
        self.reading.insert(self.handles, entries);
        Ok(self.handles)
    }

    pub(crate) fn entries(&self, handle: u64) -> Done<&Entries> {
        self.reachable()?;
        self.reading.get(&handle).ok_or(Errno::EBADF)
    }

    pub(crate) fn close_folder(&mut self, handle: u64) {
        self.reading.remove(&handle);
    }
}
