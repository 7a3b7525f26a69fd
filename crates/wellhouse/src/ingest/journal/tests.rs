//! What the journal knows after what.

use super::*;

const VERSION_ONE: Version = Version { size: 9, modified_s: -1, modified_ns: 5 };

fn lines() -> [Line; 5] {
    let path = || "a b/🦀".to_owned();
    [
        Line::Begun {
            path: path(),
            version: VERSION_ONE,
            upload_id: "id".to_owned(),
            part_bytes: 5,
            at: Timestamp::UNIX_EPOCH,
        },
        Line::Part { path: path(), n: 1, etag: "e".to_owned(), crc64nvme: "c".to_owned() },
        Line::Completing { path: path() },
        Line::Abandoned { path: path() },
        Line::Done {
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
    let stamp = Stamp { device: 1, inode: 1, size: 9, modified: -999_999_995 };
    assert!(journal.is_done("a b/🦀", &stamp));
    assert!(!journal.is_done("a b/🦀", &Stamp { size: 8, ..stamp }));
    assert!(!journal.is_done("a b/🦀", &Stamp { modified: -999_999_994, ..stamp }));
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
