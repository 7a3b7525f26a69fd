//! Master keys rotate beside the work, and a rotation may be killed.

use super::kit::blobs;
use super::restart::copy_folder;
use super::sealed::{A, B, open, port, refusal};
use crate::conformance::kit::{Store, bytes, code, delete, get, put, with_bucket};
use crate::disk::rewrap::Rewrapped;

async fn fill(port: &Store, count: u64) {
    for seed in 0..count {
        let size = if seed % 5 == 0 { 70_000 } else { 100 };
        put(port, &seed.to_string(), &bytes(size, seed)).await;
    }
}

async fn all_there(port: &Store, count: u64) {
    for seed in 0..count {
        let size = if seed % 5 == 0 { 70_000 } else { 100 };
        let got = get(port, &seed.to_string()).await;
        assert!(got.expect("a get") == bytes(size, seed), "{seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_the_old_key_may_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    fill(&with_bucket(port(&store)).await, 20).await;
    assert_eq!(store.rewrap().await.expect("nothing to do"), Rewrapped::default());
    store.close().await;
    drop(store);
    let both = [A, B].concat();
    let store = open(folder.path(), &both).await;
    all_there(&port(&store), 20).await;
    put(&port(&store), "20", &bytes(70_000, 20)).await;
    store.close().await;
    drop(store);
    assert_eq!(refusal(folder.path(), B).await, "store-key-missing", "not before the rotation");
    let files = blobs(folder.path()).into_iter().map(|b| std::fs::read(b).expect("a blob"));
    let files: Vec<_> = files.collect();
    let store = open(folder.path(), &both).await;
    // Twenty data keys, and the index key.
    assert_eq!(store.rewrap().await.expect("done"), Rewrapped { keys: 21, damaged: 0 });
    assert_eq!(store.rewrap().await.expect("done"), Rewrapped::default());
    store.close().await;
    drop(store);
    let store = open(folder.path(), B).await;
    all_there(&port(&store), 21).await;
    let after = blobs(folder.path()).into_iter().map(|b| std::fs::read(b).expect("a blob"));
    assert!(files == after.collect::<Vec<_>>(), "no file was touched");
    store.close().await;
    drop(store);
    assert_eq!(refusal(folder.path(), A).await, "store-key-missing", "the old one is of no use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_runs_beside_writers_and_readers() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    fill(&with_bucket(port(&store)).await, 50).await;
    store.close().await;
    drop(store);
    let store = open(folder.path(), &[A, B].concat()).await;
    let (port_1, port_2, port_3) = (port(&store), port(&store), port(&store));
    let writing = tokio::spawn(async move { fill(&port_1, 100).await });
    let reading = tokio::spawn(async move { all_there(&port_2, 50).await });
    let deleting = tokio::spawn(async move {
        for seed in 200..250 {
            put(&port_3, "x", &bytes(70_000, seed)).await;
            delete(&port_3, "x").await.expect("gone");
        }
    });
    assert_eq!(store.rewrap().await.expect("done").damaged, 0);
    for task in [writing, reading, deleting] {
        task.await.expect("well");
    }
    assert_eq!(store.rewrap().await.expect("done"), Rewrapped::default());
    store.close().await;
    drop(store);
    all_there(&port(&open(folder.path(), B).await), 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_killed_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    fill(&with_bucket(port(&store)).await, 20).await;
    store.close().await;
    drop(store);
    let both = [A, B].concat();
    let store = open(folder.path(), &both).await;
    let mut done = Rewrapped::default();
    let after = store.rewrap_some((i64::MIN, 7), &mut done).await.expect("some");
    assert!(after.is_some() && done.keys == 7, "{done:?}");
    let killed = tempfile::tempdir().expect("a folder");
    copy_folder(folder.path(), killed.path());
    assert_eq!(refusal(killed.path(), B).await, "store-key-missing");
    let store = open(killed.path(), &both).await;
    all_there(&port(&store), 20).await;
    let rest = store.rewrap().await.expect("the rest");
    assert_eq!(rest, Rewrapped { keys: 13 + 1, damaged: 0 });
    store.close().await;
    drop(store);
    all_there(&port(&open(killed.path(), B).await), 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_unwrap_is_damage_and_keeps_the_old_master_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    fill(&with_bucket(port(&store)).await, 6).await;
    store.close().await;
    drop(store);
    let conn = super::sealed::index(folder.path(), A);
    let swap =
        "UPDATE blob SET wrapped = (SELECT wrapped FROM blob WHERE row = 3) WHERE row IN (1, 2)";
    conn.execute_batch(swap).expect("changed");
    drop(conn);
    let store = open(folder.path(), &[A, B].concat()).await;
    assert_eq!(code(&get(&port(&store), "0").await), "corrupt", "a file");
    assert_eq!(code(&get(&port(&store), "1").await), "corrupt", "inline");
    assert_eq!(store.rewrap().await.expect("done"), Rewrapped { keys: 4 + 1, damaged: 2 });
    assert_eq!(get(&port(&store), "2").await.expect("a get"), bytes(100, 2));
    store.close().await;
    drop(store);
    assert_eq!(refusal(folder.path(), B).await, "store-key-missing");
}
