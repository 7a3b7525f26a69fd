//! The judge on trial: it finds nothing where nothing is wrong, and each kind of wrong.

use std::path::{Path, PathBuf};

use wh_names::BucketName;
use wh_objects::{DeleteObject, DiskStore, ObjectStore};

use super::drive::{Drive, Workload, options};
use super::history::History;
use super::replay::{Faults, replay};
use super::script::Script;
use super::verify::Verifier;
use crate::model::Model;
use crate::model::content::Contents;
use crate::model::op::{Condition, Op, address, stamp};

const WORK: Workload = Workload { seed: 5, ops: 70, clients: 1, light: false };

fn drive(folder: &Path, work: Workload) -> PathBuf {
    let log = folder.join("log");
    let drive =
        Drive { folder: folder.join("store"), log: log.clone(), work, log_pages: 64, traced: None };
    drive.start().expect("a run");
    log
}

fn check(folder: &Path, work: Workload, log: &str) -> Vec<String> {
    let history = History::parse(log).expect("a log");
    let script = work.script().expect("a script");
    let verifier = Verifier::new(&script, &history, Contents::new(work.seed), Faults::None);
    let violations = verifier.expect("a verifier").check(&folder.join("store")).expect("checked");
    violations.iter().map(ToString::to_string).collect()
}

fn check_log(folder: &Path, change: impl Fn(String) -> String) -> Vec<String> {
    let log = drive(folder, WORK);
    let text = std::fs::read_to_string(log).expect("a log");
    check(folder, WORK, &change(text))
}

#[test]
fn the_store_and_the_model_agree() {
    for seed in 1..5 {
        let folder = tempfile::tempdir().expect("a folder");
        let work = Workload { seed, ops: 150, clients: 1 + seed % 3, light: false };
        let log = std::fs::read_to_string(drive(folder.path(), work)).expect("a log");
        assert_eq!(check(folder.path(), work, &log), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn an_operation_in_flight_may_have_happened_or_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = check_log(folder.path(), |log| {
        let (before, last) = log.rsplit_once("\nbegin ").expect("an operation");
        let (begun, _) = last.split_once('\n').expect("its answer");
        format!("{before}\nbegin {begun}\n")
    });
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_operation_that_nobody_began_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = check_log(folder.path(), |log| {
        log.split_once("begin 30").expect("the middle").0.to_owned()
    });
    assert!(!found.is_empty());
}

#[test]
fn an_acknowledged_operation_that_is_gone_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = std::fs::read_to_string(drive(folder.path(), WORK)).expect("a log");
    let bucket = BucketName::parse("client0-main").expect("a bucket");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let store = DiskStore::open(options(folder.path().join("store"))).await.expect("a store");
        for key in super::script::KEYS {
            let at = address(&bucket, key).expect("an address");
            let delete = DeleteObject::default();
            store.delete_object(&at, delete, &stamp(1000)).await.expect("deleted");
        }
        store.close().await;
    });
    let found = check(folder.path(), WORK, &log);
    assert!(found.iter().any(|v| v.contains(": nothing instead of")), "{found:?}");
}

#[test]
fn a_file_that_is_damaged_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = std::fs::read_to_string(drive(folder.path(), WORK)).expect("a log");
    let shards = std::fs::read_dir(folder.path().join("store/blobs")).expect("shards");
    let blobs = shards.flat_map(|s| std::fs::read_dir(s.expect("a shard").path()).expect("blobs"));
    for blob in blobs {
        let path = blob.expect("a blob").path();
        let mut data = std::fs::read(&path).expect("a blob");
        data.iter_mut().step_by(1000).for_each(|byte| *byte ^= 1);
        std::fs::write(&path, data).expect("written");
    }
    let found = check(folder.path(), WORK, &log);
    assert!(found.iter().any(|v| v.contains("corrupt")), "{found:?}");
}

#[test]
fn a_store_that_does_not_open_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = std::fs::read_to_string(drive(folder.path(), WORK)).expect("a log");
    std::fs::remove_file(folder.path().join("store/format")).expect("removed");
    let found = check(folder.path(), WORK, &log);
    assert!(found.iter().any(|v| v.starts_with("it does not open")), "{found:?}");
}

#[test]
fn an_error_of_the_disk_that_nobody_made_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = check_log(folder.path(), |log| {
        let (before, last) = log.rsplit_once("\nok ").expect("an operation");
        let (n, _) = last.split_once(' ').expect("its number");
        format!("{before}\nerr {n} io\n")
    });
    assert!(found.iter().any(|v| v.contains("it was answered `io`")), "{found:?}");
}

#[test]
fn what_failed_may_come_to_light_at_the_next_opening_but_not_after_another_change() {
    let bucket = BucketName::parse("bucket").expect("a bucket");
    let at = |key: &str| address(&bucket, key).expect("an address");
    let ops = vec![
        Op::CreateBucket { bucket: bucket.clone() },
        Op::Put { at: at("a"), len: 5, condition: Condition::Always },
        Op::Get { at: at("a"), range: None },
        Op::Delete { at: at("b") },
    ];
    let script = Script { seed: 1, clients: 1, ops };
    let check = |log: &str, expected: &[usize]| {
        let history = History::parse(log).expect("a log");
        let allowed = replay(&script, &history, &Contents::new(1), Faults::Device);
        let allowed = allowed.expect("replayed");
        assert_eq!(allowed.wrong, Vec::new());
        let keys = |model: &Model| model.buckets.values().map(|b| b.keys.len()).sum::<usize>();
        assert_eq!(allowed.states[0].iter().map(keys).collect::<Vec<_>>(), expected, "{log}");
    };
    check("ok 0 \nerr 1 io\n", &[0, 1]);
    check("ok 0 \nerr 1 io\nerr 2 no-such-key\n", &[0, 1]);
    check("ok 0 \nerr 1 io\nerr 2 no-such-key\nok 3 None false\n", &[0]);
}
