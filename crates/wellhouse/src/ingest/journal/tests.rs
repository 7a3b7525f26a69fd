//! What the journal knows after what.

use super::*;

const VERSION_ONE: Version = Version { size: 9, modified_s: -1, modified_ns: 5 };

fn lines() -> [Line; 6] {
    let path = || "a b/🦀".to_owned();
    [
        Line::Begun {
            path: path(),
            version: VERSION_ONE,
            upload_id: "id".to_owned(),
            part_bytes: 5,
            at: Timestamp::UNIX_EPOCH,
        },
        Line::Part {
            path: path(),
            n: 1,
            etag: "e".to_owned(),
            crc64nvme: "c".to_owned(),
            proof: Proof::Unverified,
        },
        Line::Completing { path: path() },
        Line::Abandoned { path: path() },
        Line::Done {
            path: path(),
            version: VERSION_ONE,
            key: "in/a b/🦀".to_owned(),
            crc64nvme: "c".to_owned(),
            etag: None,
        },
        Line::Unverified {
            path: path(),
            version: VERSION_ONE,
            key: "in/a b/🦀".to_owned(),
            crc64nvme: "c".to_owned(),
            etag: None,
        },
    ]
}

#[tokio::test]
async fn what_was_written_is_known_again_after_each_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    for line in lines() {
        let journal = Journal::open(&path, "s3://b/").expect("a journal");
        journal.write(line).await.expect("written");
        let known = journal.known("a b/🦀");
        drop(journal);
        let again = Journal::open(&path, "s3://b/").expect("a journal");
        assert_eq!(again.known("a b/🦀"), known);
    }
    let journal = Journal::open(&path, "s3://b/").expect("a journal");
    let stamp = Stamp { device: 1, inode: 1, size: 9, modified: -999_999_995, changed: 0 };
    assert!(journal.done("a b/🦀", &stamp) == Some(Proof::Unverified));
    assert!(journal.done("a b/🦀", &Stamp { size: 8, ..stamp }).is_none());
    assert!(journal.done("a b/🦀", &Stamp { modified: -999_999_994, ..stamp }).is_none());
    let refused = format!("{:#}", Journal::open(&path, "s3://b/").expect_err("in use"));
    assert!(refused.contains("another ingest"), "{refused}");
    drop(journal);
    let refused = format!("{:#}", Journal::open(&path, "s3://c/").expect_err("another's"));
    assert!(refused.contains("of s3://b/"), "{refused}");
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_taken_away_and_other_damage_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let journal = Journal::open(&path, "s3://b/").expect("a journal");
    let [begun, part, ..] = lines();
    journal.write(begun).await.expect("written");
    drop(journal);
    let whole = std::fs::read(&path).expect("read");
    let mut torn = whole.clone();
    torn.extend(&serde_json::to_vec(&part).expect("JSON")[..20]);
    std::fs::write(&path, torn).expect("written");
    let journal = Journal::open(&path, "s3://b/").expect("a journal");
    journal.write(part).await.expect("written");
    drop(journal);
    let journal = Journal::open(&path, "s3://b/").expect("a journal");
    let Some(Known::Upload(upload)) = journal.known("a b/🦀") else { panic!("no upload") };
    assert_eq!(upload.parts.len(), 1);
    drop(journal);
    let mut damaged = whole;
    damaged[40] = b'x';
    damaged.extend(b"{}\n");
    std::fs::write(&path, damaged).expect("written");
    assert!(Journal::open(&path, "s3://b/").is_err());
}

#[test]
fn what_is_no_journal_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other");
    for text in ["{\"version\":1,\"key\":\"secret\"}", "one\ntwo", "x"] {
        std::fs::write(&other, text).expect("written");
        let link = folder.path().join("link");
        drop(std::fs::remove_file(&link));
        std::os::unix::fs::symlink(&other, &link).expect("a link");
        for path in [&other, &link] {
            assert!(Journal::open(path, "s3://b/").is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&other).expect("text"), text);
        }
    }
    // The first line was cut off by a crash: nothing was sent yet.
    let cut = folder.path().join("cut");
    std::fs::write(&cut, "{\"jour").expect("written");
    Journal::open(&cut, "s3://b/").expect("a journal");
}

#[test]
fn parts_that_cannot_be_are_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    drop(Journal::open(&path, "s3://b/").expect("a journal"));
    let head = std::fs::read_to_string(&path).expect("text");
    for part_bytes in [0, 1] {
        let begun = Line::Begun {
            path: "a".to_owned(),
            version: Version { size: 20_000, ..VERSION_ONE },
            upload_id: "id".to_owned(),
            part_bytes,
            at: Timestamp::UNIX_EPOCH,
        };
        let line = serde_json::to_string(&begun).expect("JSON");
        std::fs::write(&path, format!("{head}{line}\n")).expect("written");
        let error = Journal::open(&path, "s3://b/").expect_err("refused");
        assert!(format!("{error:#}").contains("line 2 is damaged"), "{error:#}");
    }
}

/// Whatever is known of two files, by more lines than it takes.
async fn fill(journal: &Journal) {
    let [begun, part, _, abandoned, done, _] = lines();
    let begun_too = Line::Begun {
        path: "b".to_owned(),
        version: VERSION_ONE,
        upload_id: "id".to_owned(),
        part_bytes: 5,
        at: Timestamp::UNIX_EPOCH,
    };
    let part_too = |etag: &str| Line::Part {
        path: "b".to_owned(),
        n: 2,
        etag: etag.to_owned(),
        crc64nvme: "c".to_owned(),
        proof: Proof::Verified,
    };
    let putting = Line::Putting {
        path: "a b/🦀".to_owned(),
        version: VERSION_ONE,
        crc64nvme: "c".to_owned(),
    };
    for line in [
        begun,
        begun_too,
        part,
        part_too("e"),
        abandoned,
        putting,
        part_too("f"),
        done,
        Line::Completing { path: "b".to_owned() },
    ] {
        journal.write(line).await.expect("written");
    }
}

#[tokio::test]
async fn a_shorter_journal_tells_the_same_wherever_it_is_cut_off() {
    let mut cuts = 0;
    for cut in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let journal = Journal::open(&path, "s3://b/").expect("a journal");
        fill(&journal).await;
        let known = journal.inner.lock().expect("a lock").known.clone();
        let before = std::fs::read(&path).expect("read");
        let mut left = 0..cut;
        let mut step = || match left.next() {
            Some(_) => Ok(()),
            None => Err(io::Error::other("cut off")),
        };
        let shortened = journal.inner.lock().expect("a lock").shorten(&path, &mut step);
        // Whoever opened the old one before finds that it is not the journal any more.
        let named = std::fs::read(&path).expect("read");
        assert!(named == before || named.len() < before.len(), "{cut}");
        // It is written to where it has a name that will last, or not at all.
        let line = Line::Refused { path: "c".to_owned() };
        let written = journal.write(line).await.is_ok();
        assert_eq!(written, std::fs::read(&path).expect("read").ends_with(b"\"c\"}}\n"), "{cut}");
        drop(journal);
        let again = Journal::open(&path, "s3://b/").expect("a journal");
        assert_eq!(again.inner.lock().expect("a lock").known, known, "{cut}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "{cut}");
        if shortened.is_ok() {
            // Its first line, what was done, and an upload of one part that is about to be made.
            assert_eq!(again.inner.lock().expect("a lock").lines, 5 + 1);
            break;
        }
        cuts += 1;
    }
    assert_eq!(cuts, 5 + 3, "before each line, the sync, the renaming, and the folder's sync");
}

#[tokio::test]
async fn a_journal_is_shortened_when_half_of_it_counts_for_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let journal = Journal::open(&path, "s3://b/").expect("a journal");
    fill(&journal).await;
    journal.shorten_when_due();
    assert_eq!(journal.inner.lock().expect("a lock").lines, 10, "it is too short to matter");
    journal.inner.lock().expect("a lock").look_at = 0;
    journal.shorten_when_due();
    let text = std::fs::read_to_string(&path).expect("text");
    assert_eq!(text.lines().count(), 5, "{text}");
    let refused = Journal::open(&path, "s3://b/").expect_err("in use");
    assert!(format!("{refused:#}").contains("another ingest"), "the new one is locked");
    journal.inner.lock().expect("a lock").look_at = 0;
    let named = journal.metadata().expect("a file");
    journal.shorten_when_due();
    let after = journal.metadata().expect("a file");
    assert_eq!(
        std::os::unix::fs::MetadataExt::ino(&named),
        std::os::unix::fs::MetadataExt::ino(&after)
    );
}
