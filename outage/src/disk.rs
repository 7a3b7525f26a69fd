//! A disk with a file system on it: what programs see, and what a power cut may leave of it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fate::{Bits, Fate};
use crate::file::File;
use crate::names::{AllNames, Folders};
use crate::op::{Ino, Kind, Name, Op, ROOT};
use crate::random::mix;
use crate::tree::{Tree, TreeFile};

/// A file system that knows what is durable.
#[derive(Debug, Clone)]
pub struct Disk {
    files: HashMap<Ino, File>,
    folders: HashMap<Ino, u64>,
    names: AllNames,
    /// The number of the next operation.
    number: u64,
    next: Ino,
}

impl Default for Disk {
    fn default() -> Self {
        Self::of(&Tree::default())
    }
}

impl Disk {
    /// A disk on which this is durable.
    pub fn of(tree: &Tree) -> Self {
        let mut disk = Self {
            files: HashMap::new(),
            folders: HashMap::from([(ROOT, 2)]),
            names: AllNames::default(),
            number: 1,
            next: Ino(ROOT.0 + 1),
        };
        let mut known = HashMap::from([(PathBuf::new(), ROOT)]);
        for path in &tree.folders {
            if let Some(ino) = disk.place(&known, path) {
                disk.folders.insert(ino, 2);
                known.insert(path.clone(), ino);
            }
        }
        for (path, file) in &tree.files {
            if let Some(ino) = disk.place(&known, path) {
                disk.files.insert(ino, File::durable(Arc::clone(&file.bytes)));
            }
        }
        disk
    }

    fn place(&mut self, known: &HashMap<PathBuf, Ino>, path: &Path) -> Option<Ino> {
        let folder = known.get(path.parent()?)?;
        let ino = self.fresh();
        self.names.set_durable(&(*folder, Name::from(path.file_name()?)), ino);
        Some(ino)
    }

    /// A number that no node has had.
    pub fn fresh(&mut self) -> Ino {
        let ino = self.next;
        self.next = Ino(ino.0 + 1);
        ino
    }

    /// Does an operation.
    pub fn apply(&mut self, op: &Op) {
        let number = self.number;
        self.number += 1;
        match op {
            Op::Make { folder, name, ino, kind } => {
                match kind {
                    Kind::File => drop(self.files.insert(*ino, File::default())),
                    Kind::Folder => drop(self.folders.insert(*ino, 2)),
                }
                self.next = Ino(self.next.0.max(ino.0 + 1));
                self.names.set(number, (*folder, Name::clone(name)), *ino);
            }
            Op::Write { ino, at, data } => {
                self.change(*ino, |file| file.write(number, *at, data.clone()));
            }
            Op::Resize { ino, to } => self.change(*ino, |file| file.resize(number, *to)),
            Op::Zero { ino, at, len } => self.change(*ino, |file| file.zero(number, *at, *len)),
            Op::Rename { folder, name, to, new_name } => {
                let (from, to) = ((*folder, Name::clone(name)), (*to, Name::clone(new_name)));
                self.names.rename(number, from, to);
            }
            Op::Link { ino, folder, name } => {
                self.names.set(number, (*folder, Name::clone(name)), *ino);
            }
            Op::Remove { folder, name } => {
                self.names.unset(number, (*folder, Name::clone(name)));
            }
            Op::SyncFile { ino } => self.change(*ino, File::sync),
            Op::SyncFolder { ino } => self.names.sync(*ino),
            Op::Mark(_) => {}
        }
    }

    fn change(&mut self, ino: Ino, change: impl FnOnce(&mut File)) {
        if let Some(file) = self.files.get_mut(&ino) {
            change(file);
        }
    }

    /// The node of a name.
    pub fn lookup(&self, folder: Ino, name: &OsStr) -> Option<Ino> {
        self.names.get(folder, name)
    }

    /// What a node is.
    pub fn kind(&self, ino: Ino) -> Option<Kind> {
        if self.files.contains_key(&ino) {
            return Some(Kind::File);
        }
        self.folders.contains_key(&ino).then_some(Kind::Folder)
    }

    /// The bytes of a file.
    pub fn bytes(&self, ino: Ino) -> Option<&[u8]> {
        self.files.get(&ino).map(File::now)
    }

    /// The names in a folder.
    pub fn list(&self, folder: Ino) -> impl Iterator<Item = (&Name, Ino)> {
        self.names.list(folder)
    }

    /// What is not durable. Files whose names end in one of `without` are left out: what is in
    /// them after a crash does not matter to anybody.
    pub fn bits(&self, without: &[&str]) -> Bits {
        let mut bits = Bits { names: self.names.pending().collect(), ..Bits::default() };
        let mut pending: Vec<Ino> =
            self.files.iter().filter(|(_, f)| !f.pending().is_empty()).map(|(i, _)| *i).collect();
        if !pending.is_empty() {
            let left_out = self.named_like(without);
            pending.retain(|ino| !left_out.contains(ino));
        }
        for ino in pending {
            let Some(file) = self.files.get(&ino) else { continue };
            for (change, sized) in file.sizes() {
                bits.data.extend((!change.is_cut()).then_some((change.number, ino)));
                bits.sizes.extend(sized.map(|_| change.number));
            }
        }
        bits.data.sort_unstable();
        bits.sizes.sort_unstable();
        bits
    }

    fn named_like(&self, ends: &[&str]) -> Vec<Ino> {
        let like = |name: &Name| {
            name.to_str().is_some_and(|name| ends.iter().any(|end| name.ends_with(end)))
        };
        let names = self.folders.keys().flat_map(|folder| self.names.list(*folder));
        names.filter(|(name, _)| like(name)).map(|(_, ino)| ino).collect()
    }

    /// What a power cut leaves.
    pub fn image(&self, fate: &Fate) -> Tree {
        let names = self.names.image(fate);
        let mut tree = Tree::default();
        self.gather(&names, (ROOT, Path::new("")), fate, &mut tree);
        tree
    }

    fn gather(&self, names: &Folders, (ino, path): (Ino, &Path), fate: &Fate, tree: &mut Tree) {
        for (name, child) in names.get(&ino).into_iter().flat_map(|names| names.iter()) {
            let path = path.join(&**name);
            if let Some(file) = self.files.get(child) {
                let (bytes, ident) = file.image(fate);
                tree.files.insert(path, TreeFile { bytes, ident: mix(ident ^ mix(child.0)) });
            } else if tree.folders.insert(path.clone()) {
                self.gather(names, (*child, &path), fate, tree);
            }
        }
    }
}
