//! Random operations against memory and disk, with reopenings in between: never a difference.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use wh_names::KeyPrefix;

use super::kit::open;
use crate::conformance::kit::{
    Store, address, body, bucket, bytes, completion, delete, get_range, part, stamp, upload_id,
};
use crate::{
    BucketSettings, ByteRange, CopyObject, CreateUpload, ListObjects, MemoryStore, ObjectStore,
    PutObject, ReadConditions, UploadPartCopy, WriteCondition,
};

#[derive(Debug, Clone)]
enum Op {
    Put { key: u8, size: usize, seed: u64, condition: u8 },
    Get { key: u8, range: Option<(u64, u64)> },
    Delete { key: u8 },
    Copy { from: u8, to: u8 },
    List { delimiter: bool, max: usize },
    Begin { key: u8, id: u8 },
    Part { key: u8, id: u8, number: u16, size: usize },
    PartCopy { key: u8, id: u8, number: u16, from: u8 },
    Complete { key: u8, id: u8 },
    Abort { key: u8, id: u8 },
    Reopen,
}

const KEYS: [&str; 5] = ["a", "a/b", "a/c/d", "ü", "b"];

fn op() -> impl Strategy<Value = Op> {
    let key = 0..5_u8;
    let size = prop_oneof![Just(0), 1..100_usize, 65_530..65_540_usize, 300_000..300_010_usize];
    let range = proptest::option::of((0..70_000_u64, 0..70_000_u64));
    let id = 1..3_u8;
    prop_oneof![
        4 => (key.clone(), size.clone(), 1..9_u64, 0..4_u8)
            .prop_map(|(key, size, seed, condition)| Op::Put { key, size, seed, condition }),
        3 => (key.clone(), range).prop_map(|(key, range)| Op::Get { key, range }),
        2 => key.clone().prop_map(|key| Op::Delete { key }),
        2 => (key.clone(), key.clone()).prop_map(|(from, to)| Op::Copy { from, to }),
        1 => (any::<bool>(), 1..4_usize).prop_map(|(delimiter, max)| Op::List { delimiter, max }),
        1 => (0..2_u8, id.clone()).prop_map(|(key, id)| Op::Begin { key, id }),
        3 => (0..2_u8, id.clone(), 1..3_u16, size)
            .prop_map(|(key, id, number, size)| Op::Part { key, id, number, size }),
        2 => (0..2_u8, id.clone(), 1..3_u16, key)
            .prop_map(|(key, id, number, from)| Op::PartCopy { key, id, number, from }),
        2 => (0..2_u8, id.clone()).prop_map(|(key, id)| Op::Complete { key, id }),
        1 => (0..2_u8, id).prop_map(|(key, id)| Op::Abort { key, id }),
        1 => Just(Op::Reopen),
    ]
}

/// What an operation answers, as text; both stores must answer the same.
async fn run(store: &Store, op: &Op, time: i64) -> String {
    let now = stamp(time);
    let name = |key: u8| KEYS[usize::from(key)];
    let answer = |result: Result<String, crate::StoreError>| {
        result.unwrap_or_else(|error| format!("{} {error}", error.code()))
    };
    answer(match *op {
        Op::Put { key, size, seed, condition } => {
            let condition = match condition {
                0 => WriteCondition::IfNoneMatchAny,
                1 => WriteCondition::IfMatch("*".to_owned()),
                _ => WriteCondition::Always,
            };
            let put = PutObject { condition, ..PutObject::default() };
            let data = body(&bytes(size, seed));
            let stored = store.put_object(&address(name(key)), put, data, &now).await;
            stored.map(|s| format!("{s:?}"))
        }
        Op::Get { key, range } => {
            let range = range.map(|(from, len)| ByteRange::FromTo(from, from + len));
            let got = get_range(store, name(key), range).await;
            got.map(|data| format!("{} bytes, {:?}", data.len(), crate::digest::block_crc(&data)))
        }
        Op::Delete { key } => delete(store, name(key)).await.map(|d| format!("{d:?}")),
        Op::Copy { from, to } => {
            let copy = CopyObject {
                from: address(name(from)),
                from_version: None,
                to: address(name(to)),
                headers: None,
                tags: None,
                lock: crate::ObjectLock::default(),
                source_conditions: ReadConditions::default(),
                condition: WriteCondition::Always,
            };
            store.copy_object(copy, &now).await.map(|s| format!("{s:?}"))
        }
        Op::List { delimiter, max } => {
            let delimiter = delimiter.then(|| "/".to_owned());
            let prefix = KeyPrefix::everything();
            let list = ListObjects { prefix, delimiter, after: None, max_keys: max };
            store.list_objects(&bucket(), list).await.map(|page| format!("{page:?}"))
        }
        Op::Begin { .. } | Op::Part { .. } | Op::PartCopy { .. } | Op::Complete { .. } => {
            run_upload(store, op, time).await
        }
        Op::Abort { key, id } => {
            let aborted = store.abort_multipart_upload(&address(name(key)), &upload_id(id)).await;
            aborted.map(|()| "aborted".to_owned())
        }
        Op::Reopen => Ok(String::new()),
    })
}

async fn run_upload(store: &Store, op: &Op, time: i64) -> Result<String, crate::StoreError> {
    let now = stamp(time);
    let name = |key: u8| KEYS[usize::from(key)];
    match *op {
        Op::Begin { key, id } => {
            let (address, id) = (address(name(key)), upload_id(id));
            // An id is generated, so it never comes twice.
            if store.list_parts(&address, &id, 0, 1).await.is_ok() {
                return Ok("begun before".to_owned());
            }
            let create = CreateUpload::default();
            let begun = store.create_multipart_upload(&address, create, id, &now).await;
            begun.map(|_| "begun".to_owned())
        }
        Op::Part { key, id, number, size } => {
            let part = part(name(key), &upload_id(id), number);
            let meta = store.upload_part(part, body(&bytes(size, u64::from(number))), &now).await;
            meta.map(|m| format!("{m:?}"))
        }
        Op::PartCopy { key, id, number, from } => {
            let copy = UploadPartCopy {
                address: address(name(key)),
                upload: upload_id(id),
                number,
                from: address(name(from)),
                from_version: None,
                range: None,
                source_conditions: ReadConditions::default(),
            };
            store.upload_part_copy(copy, &now).await.map(|m| format!("{m:?}"))
        }
        Op::Complete { key, id } => {
            let page = store.list_parts(&address(name(key)), &upload_id(id), 0, 10).await?;
            let last = page.parts.last().cloned().into_iter().collect::<Vec<_>>();
            let complete = completion(name(key), &upload_id(id), &last);
            store.complete_multipart_upload(complete, &now).await.map(|s| format!("{s:?}"))
        }
        Op::Put { .. }
        | Op::Get { .. }
        | Op::Delete { .. }
        | Op::Copy { .. }
        | Op::List { .. }
        | Op::Abort { .. }
        | Op::Reopen => Ok(String::new()),
    }
}

async fn compare(folder: &Path, ops: &[Op]) -> Result<(), TestCaseError> {
    let memory: Store = Arc::new(MemoryStore::new());
    let mut disk = Arc::new(open(folder).await);
    memory.create_bucket(&bucket(), BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    disk.create_bucket(&bucket(), BucketSettings::default(), &stamp(1)).await.expect("a bucket");
    for (time, op) in (100..).zip(ops) {
        if matches!(op, Op::Reopen) {
            disk.close().await;
            disk = Arc::new(open(folder).await);
        }
        let port: Store = Arc::clone(&disk) as Store;
        prop_assert_eq!(run(&port, op, time).await, run(&memory, op, time).await, "{:?}", op);
    }
    // In the end every key and every listing is the same, and no file is too many.
    let port: Store = Arc::clone(&disk) as Store;
    for key in 0..5 {
        let get = Op::Get { key, range: None };
        prop_assert_eq!(run(&port, &get, 1).await, run(&memory, &get, 1).await);
        run(&port, &Op::Delete { key }, 1).await;
    }
    for (key, id) in [(0, 1), (0, 2), (1, 1), (1, 2)] {
        run(&port, &Op::Abort { key, id }, 1).await;
    }
    super::kit::eventually(|| super::kit::blobs(folder).is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn memory_and_disk_never_differ(ops in proptest::collection::vec(op(), 1..60)) {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(compare(folder.path(), &ops))?;
    }
}
