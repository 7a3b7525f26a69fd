//! Versions, delete markers, and listings of them.

use bytes::Bytes;
use futures::TryStreamExt;
use wh_names::KeyPrefix;

use super::kit::{
    Store, address, begin, bucket, bytes, code, completion, delete, get, head, put, put_part,
    stamp, try_put, with_bucket,
};
use crate::{
    BucketChange, Capability, CopyObject, CreateUpload, DeleteObject, Deleted, GetObject,
    HeadObject, ListEntry, ListObjects, ListVersions, ObjectLock, PutObject, ReadConditions,
    StoreError, VersionEntry, VersionId, Versioning, VersionsPage, WriteCondition,
};

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    unversioned_buckets_do_not_speak_of_versions(with_bucket(make().await).await).await;
    if !make().await.capabilities().has(Capability::Versioning) {
        return;
    }
    enabled_buckets_keep_what_was(versioned(make().await).await).await;
    what_was_there_before_has_the_id_null(with_bucket(make().await).await).await;
    suspended_buckets_replace_the_null_version(versioned(make().await).await).await;
    a_deleted_newest_version_uncovers_the_next(versioned(make().await).await).await;
    conditions_see_a_delete_marker_as_nothing(versioned(make().await).await).await;
    versions_are_copied_and_completed(versioned(make().await).await).await;
    versions_are_listed_in_pages(versioned(make().await).await).await;
    a_bucket_with_versions_is_not_empty(versioned(make().await).await).await;
}

async fn set(store: &Store, versioning: Versioning) {
    let change = BucketChange::Versioning(versioning);
    store.change_bucket(&bucket(), change).await.expect("changed");
}

pub(super) async fn versioned(store: Store) -> Store {
    let store = with_bucket(store).await;
    set(&store, Versioning::Enabled).await;
    store
}

async fn get_version(store: &Store, key: &str, id: VersionId) -> Result<Bytes, StoreError> {
    let get = GetObject { version: Some(id), ..GetObject::default() };
    let read = store.get_object(&address(key), get).await?;
    let blocks: Vec<Bytes> = read.body.try_collect().await.map_err(StoreError::Body)?;
    Ok(blocks.concat().into())
}

async fn delete_version(store: &Store, key: &str, id: VersionId) -> Deleted {
    let delete = DeleteObject { version: Some(id), ..DeleteObject::default() };
    store.delete_object(&address(key), delete, &stamp(400)).await.expect("deleted")
}

/// Whether the second may have come after the first: where versions have numbers, it has the greater.
fn later(store: &Store, first: VersionId, second: VersionId) -> bool {
    if super::kit::has(store, Capability::Sequences) { first < second } else { first != second }
}

async fn put_version(store: &Store, key: &str, data: &Bytes) -> VersionId {
    put(store, key, data).await.version().expect("a version")
}

/// What is listed: `key:id`, with `*` for the newest and `-` for a delete marker.
fn lines(page: &VersionsPage) -> Vec<String> {
    let line = |entry: &VersionEntry| match entry {
        VersionEntry::CommonPrefix(prefix) => prefix.clone(),
        VersionEntry::Version(v) => {
            let (newest, marker) =
                (if v.latest { "*" } else { "" }, if v.object.is_none() { "-" } else { "" });
            format!("{}:{}{newest}{marker}", v.key, v.version)
        }
    };
    page.entries.iter().map(line).collect()
}

async fn every_version(store: &Store) -> Vec<String> {
    lines(&page(store, ListVersions { max_keys: 1000, ..all() }).await)
}

fn all() -> ListVersions {
    ListVersions { prefix: KeyPrefix::everything(), delimiter: None, after: None, max_keys: 1000 }
}

async fn page(store: &Store, list: ListVersions) -> VersionsPage {
    store.list_object_versions(&bucket(), list).await.expect("a page")
}

async fn current_keys(store: &Store) -> Vec<String> {
    let prefix = KeyPrefix::everything();
    let list = ListObjects { prefix, delimiter: None, after: None, max_keys: 1000 };
    let page = store.list_objects(&bucket(), list).await.expect("a page");
    let key = |entry: &ListEntry| match entry {
        ListEntry::Object(object) => object.key.as_str().to_owned(),
        ListEntry::CommonPrefix(prefix) => prefix.clone(),
    };
    page.entries.iter().map(key).collect()
}

async fn unversioned_buckets_do_not_speak_of_versions(store: Store) {
    let stored = put(&store, "k", &bytes(10, 1)).await;
    assert_eq!(stored.version(), None);
    assert_eq!(head(&store, "k").await.expect("a head").version, None);
    assert_eq!(get_version(&store, "k", VersionId::Null).await.expect("it"), bytes(10, 1));
    let other = get_version(&store, "k", VersionId::Numbered(99)).await;
    assert_eq!(code(&other), "no-such-version");
    assert_eq!(every_version(&store).await, ["k:null*"]);
    assert_eq!(delete(&store, "k").await.expect("gone"), Deleted::default());
    assert_eq!(delete(&store, "k").await.expect("gone"), Deleted::default());
    assert!(every_version(&store).await.is_empty());
    let back = BucketChange::Versioning(Versioning::Unversioned);
    assert_eq!(code(&store.change_bucket(&bucket(), back).await), "invalid-request");
}

async fn enabled_buckets_keep_what_was(store: Store) {
    for (key, size) in [("small", 10), ("large", 100_000)] {
        let (one, two) = (bytes(size, 1), bytes(size, 2));
        let first = put_version(&store, key, &one).await;
        let second = put_version(&store, key, &two).await;
        assert!(later(&store, first, second), "{first} {second}");
        assert!(get(&store, key).await.expect("a get") == two, "the newest");
        assert!(get_version(&store, key, first).await.expect("a get") == one, "the first");
        let hidden = delete(&store, key).await.expect("hidden");
        let marker = hidden.version.expect("a marker");
        assert!(hidden.marker && later(&store, second, marker));
        let gone = get(&store, key).await;
        assert!(matches!(gone, Err(StoreError::Deleted { version }) if version == marker));
        assert_eq!(code(&get_version(&store, key, marker).await), "delete-marker");
        assert!(get_version(&store, key, second).await.expect("a get") == two, "the second");
        let again = delete(&store, key).await.expect("hidden again");
        assert!(again.marker && again.version.is_some_and(|again| later(&store, marker, again)));
        assert!(!current_keys(&store).await.contains(&key.to_owned()));
        for marker in [hidden.version, again.version].into_iter().flatten() {
            let deleted = delete_version(&store, key, marker).await;
            assert_eq!(deleted, Deleted { version: Some(marker), marker: true });
        }
        assert!(get(&store, key).await.expect("a get") == two, "undone");
        let unknown = VersionId::Numbered(1 << 40);
        let deleted = delete_version(&store, key, unknown).await;
        assert_eq!(deleted, Deleted { version: Some(unknown), marker: false });
    }
}

async fn what_was_there_before_has_the_id_null(store: Store) {
    put(&store, "k", &bytes(10, 1)).await;
    set(&store, Versioning::Enabled).await;
    assert_eq!(head(&store, "k").await.expect("a head").version, Some(VersionId::Null));
    let second = put_version(&store, "k", &bytes(10, 2)).await;
    assert_eq!(get_version(&store, "k", VersionId::Null).await.expect("it"), bytes(10, 1));
    assert_eq!(every_version(&store).await, [format!("k:{second}*"), "k:null".to_owned()]);
}

async fn suspended_buckets_replace_the_null_version(store: Store) {
    let first = put_version(&store, "k", &bytes(100_000, 1)).await;
    set(&store, Versioning::Suspended).await;
    assert_eq!(put_version(&store, "k", &bytes(10, 2)).await, VersionId::Null);
    assert_eq!(put_version(&store, "k", &bytes(10, 3)).await, VersionId::Null);
    assert_eq!(every_version(&store).await, ["k:null*".to_owned(), format!("k:{first}")]);
    set(&store, Versioning::Enabled).await;
    let second = put_version(&store, "k", &bytes(10, 4)).await;
    set(&store, Versioning::Suspended).await;
    let expected = [format!("k:{second}*"), "k:null".to_owned(), format!("k:{first}")];
    assert_eq!(every_version(&store).await, expected);
    let hidden = delete(&store, "k").await.expect("hidden");
    assert_eq!(hidden, Deleted { version: Some(VersionId::Null), marker: true });
    let expected = ["k:null*-".to_owned(), format!("k:{second}"), format!("k:{first}")];
    assert_eq!(every_version(&store).await, expected);
    assert_eq!(delete(&store, "k").await.expect("hidden"), hidden);
    assert_eq!(every_version(&store).await, expected, "the marker was replaced");
    assert_eq!(put_version(&store, "k", &bytes(10, 5)).await, VersionId::Null);
    assert_eq!(get(&store, "k").await.expect("a get"), bytes(10, 5));
    assert_eq!(every_version(&store).await.len(), 3);
}

async fn a_deleted_newest_version_uncovers_the_next(store: Store) {
    let mut ids = Vec::new();
    for seed in 1..4 {
        ids.push(put_version(&store, "k", &bytes(100_000, seed)).await);
    }
    delete_version(&store, "k", ids[1]).await;
    assert!(get(&store, "k").await.expect("a get") == bytes(100_000, 3), "the newest");
    delete_version(&store, "k", ids[2]).await;
    assert!(get(&store, "k").await.expect("a get") == bytes(100_000, 1), "the oldest");
    assert_eq!(every_version(&store).await, [format!("k:{}*", ids[0])]);
    let hidden = delete(&store, "k").await.expect("hidden").version.expect("a marker");
    delete_version(&store, "k", ids[0]).await;
    assert_eq!(every_version(&store).await, [format!("k:{hidden}*-")]);
    delete_version(&store, "k", hidden).await;
    assert!(every_version(&store).await.is_empty());
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
}

async fn conditions_see_a_delete_marker_as_nothing(store: Store) {
    let if_none =
        || PutObject { condition: WriteCondition::IfNoneMatchAny, ..PutObject::default() };
    put(&store, "k", &bytes(10, 1)).await;
    let refused = try_put(&store, "k", &bytes(10, 2), if_none()).await;
    assert_eq!(code(&refused), "precondition-failed");
    delete(&store, "k").await.expect("hidden");
    let any = WriteCondition::IfMatch("*".to_owned());
    let if_match = PutObject { condition: any, ..PutObject::default() };
    assert_eq!(code(&try_put(&store, "k", &bytes(10, 2), if_match).await), "no-such-key");
    assert_eq!(code(&try_put(&store, "k", &bytes(10, 2), if_none()).await), "ok");
}

async fn versions_are_copied_and_completed(store: Store) {
    let first = put_version(&store, "k", &bytes(100_000, 1)).await;
    put(&store, "k", &bytes(10, 2)).await;
    let restore = CopyObject {
        from: address("k"),
        from_version: Some(first),
        to: address("k"),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    let restored = store.copy_object(restore.clone(), &stamp(500)).await.expect("a copy");
    assert!(restored.version().is_some_and(|restored| later(&store, first, restored)));
    assert!(get(&store, "k").await.expect("a get") == bytes(100_000, 1), "restored");
    let marker = delete(&store, "k").await.expect("hidden").version;
    let of_marker = CopyObject { from_version: marker, ..restore.clone() };
    assert_eq!(code(&store.copy_object(of_marker, &stamp(501)).await), "invalid-request");
    let of_nothing = CopyObject { from_version: None, to: address("l"), ..restore };
    assert_eq!(code(&store.copy_object(of_nothing, &stamp(502)).await), "deleted");
    let id = begin(&store, "k", 1, CreateUpload::default()).await;
    let part = put_part(&store, "k", &id, (1, &bytes(200_000, 7))).await;
    let complete = completion("k", &id, &[part]);
    let stored = store.complete_multipart_upload(complete, &stamp(503)).await.expect("an object");
    assert_ne!(stored.version(), marker);
    let named = HeadObject { version: stored.version(), ..HeadObject::default() };
    let meta = store.head_object(&address("k"), named).await.expect("a head");
    assert_eq!((meta.size, meta.sequence), (200_000, stored.sequence()));
    assert_eq!(every_version(&store).await.len(), 5);
}

async fn versions_are_listed_in_pages(store: Store) {
    for (seed, key) in (1..).zip(["a", "d/x", "d/y", "k", "k", "k!", "k/z", "z"]) {
        put(&store, key, &bytes(10, seed)).await;
    }
    delete(&store, "k").await.expect("hidden");
    delete(&store, "none").await.expect("hidden");
    set(&store, Versioning::Suspended).await;
    put(&store, "k", &bytes(10, 20)).await;
    set(&store, Versioning::Enabled).await;
    put(&store, "k", &bytes(10, 21)).await;
    for (prefix, delimiter) in [("", None), ("", Some("/")), ("k", None), ("d/", Some("/"))] {
        let delimiter = delimiter.map(str::to_owned);
        let prefix = KeyPrefix::parse(prefix).expect("a prefix");
        let list = ListVersions { prefix, delimiter, ..all() };
        let whole = page(&store, list.clone()).await;
        assert!(!whole.truncated && whole.next_after.is_none());
        for max_keys in 1..=whole.entries.len() + 1 {
            let gathered = in_pages(&store, ListVersions { max_keys, ..list.clone() }).await;
            assert_eq!(gathered, whole.entries, "in pages of {max_keys}");
        }
    }
    let whole = every_version(&store).await;
    let keys: Vec<_> = whole.iter().map(|line| line.split(':').next().expect("a key")).collect();
    assert_eq!(keys, ["a", "d/x", "d/y", "k", "k", "k", "k", "k", "k!", "k/z", "none", "z"]);
    assert_eq!(whole.iter().filter(|line| line.contains('*')).count(), 8);
}

async fn in_pages(store: &Store, mut list: ListVersions) -> Vec<VersionEntry> {
    let mut gathered = Vec::new();
    loop {
        let one = page(store, list.clone()).await;
        assert!(one.entries.len() <= list.max_keys);
        assert_eq!(one.next_after.is_some(), one.truncated);
        gathered.extend(one.entries);
        list.after = one.next_after;
        if list.after.is_none() {
            return gathered;
        }
    }
}

async fn a_bucket_with_versions_is_not_empty(store: Store) {
    let id = put_version(&store, "k", &bytes(10, 1)).await;
    let marker = delete(&store, "k").await.expect("hidden").version.expect("a marker");
    assert!(current_keys(&store).await.is_empty());
    assert_eq!(code(&store.delete_bucket(&bucket()).await), "bucket-not-empty");
    delete_version(&store, "k", id).await;
    assert_eq!(code(&store.delete_bucket(&bucket()).await), "bucket-not-empty");
    delete_version(&store, "k", marker).await;
    assert_eq!(code(&store.delete_bucket(&bucket()).await), "ok");
}
