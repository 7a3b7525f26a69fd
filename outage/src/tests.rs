//! What the disk keeps and what it may lose.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Disk, Fate, Ino, Kind, Mood, Mounted, Name, Op, ROOT, Record, Style, Tree};

fn name(text: &str) -> Name {
    Name::from(OsStr::new(text))
}

fn make(folder: Ino, text: &str, ino: u64) -> Op {
    Op::Make { folder, name: name(text), ino: Ino(ino), kind: Kind::File }
}

fn make_folder(text: &str, ino: u64) -> Op {
    Op::Make { folder: ROOT, name: name(text), ino: Ino(ino), kind: Kind::Folder }
}

fn write(ino: u64, at: u64, data: &[u8]) -> Op {
    Op::Write { ino: Ino(ino), at, data: Bytes::copy_from_slice(data) }
}

fn moved(folder: Ino, from: &str, to: Ino, new: &str) -> Op {
    Op::Rename { folder, name: name(from), to, new_name: name(new) }
}

fn disk(ops: &[Op]) -> Disk {
    let mut disk = Disk::default();
    for op in ops {
        disk.apply(op);
    }
    disk
}

/// Every file of an image, as text.
fn look(disk: &Disk, fate: &Fate) -> Vec<(String, Vec<u8>)> {
    let files = disk.image(fate).files;
    files.into_iter().map(|(p, f)| (p.display().to_string(), f.bytes.to_vec())).collect()
}

fn every(disk: &Disk) -> Vec<Vec<(String, Vec<u8>)>> {
    let bits = disk.bits(&[]);
    let mut all: Vec<_> =
        (0..1 << bits.count()).map(|choice| look(disk, &Fate::exact(&bits, choice))).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn what_was_not_synced_may_go() {
    let disk = disk(&[make(ROOT, "a", 2), write(2, 0, b"one"), Op::SyncFolder { ino: ROOT }]);
    assert_eq!(look(&disk, &Fate::nothing()), [("a".to_owned(), Vec::new())]);
    assert_eq!(look(&disk, &Fate::everything()), [("a".to_owned(), b"one".to_vec())]);
    // The name is durable; the size without the data shows zeros, and without the size there is
    // no data.
    let states: Vec<_> = every(&disk).into_iter().flatten().map(|(_, bytes)| bytes).collect();
    assert_eq!(states, [b"".to_vec(), vec![0; 3], b"one".to_vec()]);
}

#[test]
fn a_synced_file_without_a_synced_name_may_go() {
    let disk = disk(&[make(ROOT, "a", 2), write(2, 0, b"one"), Op::SyncFile { ino: Ino(2) }]);
    assert_eq!(every(&disk), [vec![], vec![("a".to_owned(), b"one".to_vec())]]);
}

#[test]
fn a_rename_shows_the_old_or_the_new() {
    let before = [
        make_folder("in", 2),
        make_folder("out", 3),
        make(Ino(2), "a", 4),
        Op::SyncFolder { ino: ROOT },
        Op::SyncFolder { ino: Ino(2) },
    ];
    let renamed = [&before[..], &[moved(Ino(2), "a", Ino(3), "b")]].concat();
    let at = |path: &str| vec![(path.to_owned(), Vec::new())];
    assert_eq!(every(&disk(&renamed)), [at("in/a"), at("out/b")]);
    // Once the folder that it came to is synced, it is there; the old name may linger.
    let synced = [&renamed[..], &[Op::SyncFolder { ino: Ino(3) }]].concat();
    let both = [at("in/a"), at("out/b")].concat();
    assert_eq!(every(&disk(&synced)), [both, at("out/b")]);
    let left = [&synced[..], &[Op::SyncFolder { ino: Ino(2) }]].concat();
    assert_eq!(every(&disk(&left)), [at("out/b")]);
}

#[test]
fn what_is_durable_is_not_undone_by_what_is_older() {
    let ops = [
        make_folder("out", 3),
        Op::SyncFolder { ino: ROOT },
        make(Ino(3), "b", 4),
        make(ROOT, "a", 5),
        write(5, 0, b"new"),
        Op::SyncFile { ino: Ino(5) },
        moved(ROOT, "a", Ino(3), "b"),
        Op::SyncFolder { ino: ROOT },
    ];
    assert_eq!(every(&disk(&ops)), [vec![("out/b".to_owned(), b"new".to_vec())]]);
}

#[test]
fn a_sector_is_written_whole_and_a_write_is_not() {
    let old = vec![1; 1024];
    let ops = [
        make(ROOT, "a", 2),
        write(2, 0, &old),
        Op::SyncFile { ino: Ino(2) },
        Op::SyncFolder { ino: ROOT },
        write(2, 0, &vec![2; 1024]),
        write(2, 256, &[3; 512]),
    ];
    let disk = disk(&ops);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..400 {
        let torn = || Style::Torn(128);
        let fate = Fate { names: torn(), data: torn(), sizes: torn(), sector: 512, seed };
        let image = look(&disk, &fate);
        let sectors: Vec<Vec<u8>> = image[0].1.chunks(512).map(<[u8]>::to_vec).collect();
        seen.insert(sectors);
    }
    let first = [vec![1; 512], vec![2; 512], [vec![2; 256], vec![3; 256]].concat()];
    let second = [vec![1; 512], vec![2; 512], [vec![3; 256], vec![2; 256]].concat()];
    let all = first.iter().flat_map(|a| second.iter().map(move |b| vec![a.clone(), b.clone()]));
    assert_eq!(seen, all.collect());
}

#[test]
fn a_file_is_cut_wholly_and_before_what_is_done_later() {
    let ops = [
        make(ROOT, "a", 2),
        write(2, 0, b"abcdef"),
        Op::SyncFile { ino: Ino(2) },
        Op::SyncFolder { ino: ROOT },
        Op::Resize { ino: Ino(2), to: 2 },
        Op::Resize { ino: Ino(2), to: 4 },
        write(2, 0, b"x"),
    ];
    let states: std::collections::BTreeSet<_> =
        every(&disk(&ops)).into_iter().flatten().map(|(_, bytes)| bytes).collect();
    let expected: [&[u8]; 5] = [b"ab", b"ab\0\0", b"abcdef", b"xb", b"xb\0\0"];
    assert_eq!(states, expected.iter().map(|bytes| bytes.to_vec()).collect());
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let mut base = Tree::default();
    base.folders.insert("x".into());
    let file = crate::TreeFile { bytes: Arc::new(b"old".to_vec()), ident: 0 };
    base.files.insert("x/y".into(), file);
    let ops = vec![
        make_folder("in", 9),
        make(Ino(9), "a", 10),
        write(10, 7, b"data"),
        Op::Resize { ino: Ino(10), to: 3 },
        Op::Zero { ino: Ino(10), at: 1, len: 2 },
        moved(Ino(9), "a", ROOT, "b"),
        Op::Link { ino: Ino(10), folder: ROOT, name: name("c") },
        Op::Remove { folder: ROOT, name: name("c") },
        Op::SyncFile { ino: Ino(10) },
        Op::SyncFolder { ino: ROOT },
        Op::Mark(Bytes::from_static(b"said")),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("record");
    Record { base, ops: ops.clone() }.save(&path).expect("saved");
    let read = Record::load(&path).expect("read");
    assert_eq!(read.ops, ops);
    assert_eq!(read.base.files[Path::new("x/y")].bytes.as_slice(), b"old");
    std::fs::write(&path, &std::fs::read(&path).expect("bytes")[..60]).expect("cut");
    assert!(Record::load(&path).is_err());
}

/// Where FUSE is refused, what the layer does through it cannot be seen, and that is said.
fn mounted(at: &Path, base: &Tree) -> Option<Mounted> {
    match Mounted::new(at, base, Some(OsStr::new("log")), 1) {
        Ok(mounted) => Some(mounted),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

#[test]
fn programs_see_a_file_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let Some(mounted) = mounted(at, &Tree::default()) else { return };
    std::fs::create_dir(at.join("sub")).expect("a folder");
    let mut file = File::create(at.join("sub/new")).expect("a file");
    file.write_all(&[7; 5000]).expect("written");
    file.sync_all().expect("synced");
    std::fs::rename(at.join("sub/new"), at.join("sub/name")).expect("renamed");
    File::open(at.join("sub")).and_then(|f| f.sync_all()).expect("synced");
    File::open(at).and_then(|f| f.sync_all()).expect("synced");
    std::fs::write(at.join("log"), b"acknowledged").expect("a mark");
    file.write_all_at(b"lost", 10).expect("written");
    file.seek(SeekFrom::Start(0)).expect("sought");
    let mut seen = Vec::new();
    File::open(at.join("sub/name")).and_then(|mut f| f.read_to_end(&mut seen)).expect("read");
    assert_eq!((seen.len(), &seen[10..14]), (5000, &b"lost"[..]));
    assert_eq!(std::fs::read_dir(at).expect("listed").count(), 2);
    let image = mounted.with_disk(|disk| disk.image(&Fate::nothing()));
    assert_eq!(image.files[Path::new("sub/name")].bytes.as_slice(), [7; 5000]);
    drop(file);
    let record = mounted.unmount().expect("unmounted");
    assert!(record.ops.contains(&Op::Mark(Bytes::from_static(b"acknowledged"))));
    let mut again = Disk::of(&record.base);
    for op in &record.ops {
        again.apply(op);
    }
    let after = again.image(&Fate::everything());
    assert_eq!(&after.files[Path::new("sub/name")].bytes[10..14], b"lost");
    assert_eq!(std::fs::read_dir(at).expect("listed").count(), 0);
}

#[test]
fn a_disk_without_power_does_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let Some(mounted) = mounted(at, &Tree::default()) else { return };
    let file = File::create(at.join("a")).expect("a file");
    mounted.set_mood(Mood::Off);
    assert!(file.write_all_at(b"x", 0).is_err());
    assert!(file.sync_all().is_err());
    assert!(File::create(at.join("b")).is_err());
    mounted.set_mood(Mood::Full);
    let error = file.write_all_at(b"x", 0).expect_err("no room");
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    mounted.set_mood(Mood::Short(1));
    assert!((1..1000).contains(&file.write_at(&[1; 1000], 0).expect("some of it")));
    mounted.set_mood(Mood::Well);
    assert_eq!(file.write_at(&[1; 1000], 0).expect("all of it"), 1000);
    drop(file);
    drop(mounted);
}
