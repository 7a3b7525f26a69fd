//! What was done to a disk, from the beginning, and how it is kept in a file.
//!
//! ```text
//! "WHOUTAGE", version: u32, folders, files, operations
//! ```
//!
//! Numbers are little-endian u64, texts and bytes follow their length.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf, Bytes};

use crate::op::{Ino, Kind, Name, Op};
use crate::tree::{Tree, TreeFile};

const MAGIC: &[u8] = b"WHOUTAGE1\n";

/// Why a record cannot be read.
pub type RecordError = std::io::Error;

/// What was durable at the beginning, and what was done then.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The beginning.
    pub base: Tree,
    /// What was done, in order.
    pub ops: Vec<Op>,
}

impl Record {
    /// Writes the record to a file.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut out = Out(MAGIC.to_vec());
        out.number(size(self.base.folders.len()));
        for folder in &self.base.folders {
            out.name(folder.as_os_str());
        }
        out.number(size(self.base.files.len()));
        for (path, file) in &self.base.files {
            out.name(path.as_os_str());
            out.bytes(&file.bytes);
        }
        out.number(size(self.ops.len()));
        for op in &self.ops {
            out.op(op);
        }
        std::fs::write(path, out.0)
    }

    /// Reads a record from a file.
    pub fn load(path: &Path) -> Result<Self, RecordError> {
        let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidData);
        let mut text = Bytes::from(std::fs::read(path)?);
        if !text.starts_with(MAGIC) {
            return Err(wrong());
        }
        text.advance(MAGIC.len());
        In(text).record().ok_or_else(wrong)
    }
}

fn size(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

struct Out(Vec<u8>);

impl Out {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(size(bytes.len()));
        self.0.extend_from_slice(bytes);
    }

    fn name(&mut self, name: &OsStr) {
        self.bytes(name.as_bytes());
    }

    fn head(&mut self, tag: u8, numbers: &[u64]) {
        self.0.push(tag);
        for number in numbers {
            self.number(*number);
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Make { folder, name, ino, kind } => {
                self.head(if *kind == Kind::File { 1 } else { 2 }, &[folder.0, ino.0]);
                self.name(name);
            }
            Op::Write { ino, at, data } => {
                self.head(3, &[ino.0, *at]);
                self.bytes(data);
            }
            Op::Resize { ino, to } => self.head(4, &[ino.0, *to]),
            Op::Zero { ino, at, len } => self.head(5, &[ino.0, *at, *len]),
            Op::Rename { folder, name, to, new_name } => {
                self.head(6, &[folder.0, to.0]);
                self.name(name);
                self.name(new_name);
            }
            Op::Link { ino, folder, name } => {
                self.head(7, &[ino.0, folder.0]);
                self.name(name);
            }
            Op::Remove { folder, name } => {
                self.head(8, &[folder.0]);
                self.name(name);
            }
            Op::SyncFile { ino } => self.head(9, &[ino.0]),
            Op::SyncFolder { ino } => self.head(10, &[ino.0]),
            Op::Mark(text) => {
                self.head(11, &[]);
                self.bytes(text);
            }
        }
    }
}

/// `None` means that the text is not a record.
struct In(Bytes);

impl In {
    fn record(&mut self) -> Option<Record> {
        let mut base = Tree::default();
        for _ in 0..self.number()? {
            base.folders.insert(PathBuf::from(&*self.name()?));
        }
        for ident in 0..self.number()? {
            let path = PathBuf::from(&*self.name()?);
            let bytes = Arc::new(self.bytes()?.to_vec());
            base.files.insert(path, TreeFile { bytes, ident });
        }
        let ops = (0..self.number()?).map(|_| self.op()).collect::<Option<_>>()?;
        Some(Record { base, ops })
    }

    fn number(&mut self) -> Option<u64> {
        self.0.try_get_u64_le().ok()
    }

    fn ino(&mut self) -> Option<Ino> {
        self.number().map(Ino)
    }

    fn bytes(&mut self) -> Option<Bytes> {
        let len = usize::try_from(self.number()?).ok()?;
        (len <= self.0.len()).then(|| self.0.split_to(len))
    }

    fn name(&mut self) -> Option<Name> {
        self.bytes().map(|bytes| Name::from(OsStr::from_bytes(&bytes)))
    }

    fn op(&mut self) -> Option<Op> {
        Some(match self.0.try_get_u8().ok()? {
            1 => self.make(Kind::File)?,
            2 => self.make(Kind::Folder)?,
            3 => Op::Write { ino: self.ino()?, at: self.number()?, data: self.bytes()? },
            4 => Op::Resize { ino: self.ino()?, to: self.number()? },
            5 => Op::Zero { ino: self.ino()?, at: self.number()?, len: self.number()? },
            6 => {
                let (folder, to) = (self.ino()?, self.ino()?);
                Op::Rename { folder, to, name: self.name()?, new_name: self.name()? }
            }
            7 => Op::Link { ino: self.ino()?, folder: self.ino()?, name: self.name()? },
            8 => Op::Remove { folder: self.ino()?, name: self.name()? },
            9 => Op::SyncFile { ino: self.ino()? },
            10 => Op::SyncFolder { ino: self.ino()? },
            11 => Op::Mark(self.bytes()?),
            _ => return None,
        })
    }

    fn make(&mut self, kind: Kind) -> Option<Op> {
        let (folder, ino) = (self.ino()?, self.ino()?);
        Some(Op::Make { folder, ino, kind, name: self.name()? })
    }
}
