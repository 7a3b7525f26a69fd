//! Encryption at rest: nothing is plain, and nothing opens without its key.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::kit::{blobs, eventually};
use crate::conformance::kit::{
    Store, address, begin, bytes, code, completion, delete, get, get_range, put, put_part, stamp,
    with_bucket,
};
use crate::disk::blob::{BLOCK_BYTES, CHUNK_BYTES};
use crate::disk::{DiskOptions, DiskStore, Keyring, Keys, OpenError};
use crate::{ByteRange, CopyObject, CreateUpload, ObjectStore};

pub(super) const A: &str = "a AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n";
pub(super) const B: &str = "b ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";
/// The index of a closed store, to be changed beside it.
pub(super) fn index(folder: &Path, keys: &str) -> rusqlite::Connection {
    let (folder, _lock, _) = crate::disk::folder::Folder::open(folder).expect("a folder");
    let sealing = crate::disk::seal::Sealing::open(&folder, options(Path::new(""), keys).keys);
    let sealing = sealing.expect("the keys");
    wh_pages::open(&folder.index(), &sealing.page_seal()).expect("the index")
}

/// The id of A with the key of B.
const FALSE_A: &str = "a ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

pub(super) fn options(folder: &Path, ring: &str) -> DiskOptions {
    let keys =
        if ring.is_empty() { Keys::Off } else { Keys::Ring(Keyring::parse(ring).expect("a ring")) };
    DiskOptions { keys, ..DiskOptions::new(folder) }
}

pub(super) async fn open(folder: &Path, ring: &str) -> Arc<DiskStore> {
    Arc::new(DiskStore::open(options(folder, ring)).await.expect("a store"))
}

pub(super) async fn refusal(folder: &Path, ring: &str) -> &'static str {
    DiskStore::open(options(folder, ring)).await.as_ref().map_or_else(OpenError::code, |_| "opened")
}

pub(super) fn port(store: &Arc<DiskStore>) -> Store {
    Arc::clone(store) as Store
}

/// The sizes where something changes.
fn sizes() -> Vec<usize> {
    let borders = [1, 65_536, BLOCK_BYTES, CHUNK_BYTES, 2 * CHUNK_BYTES, 5 * CHUNK_BYTES];
    borders.into_iter().flat_map(|b| [b - 1, b, b + 1]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_size_comes_back_sealed_and_plain() {
    for ring in ["", A] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path(), ring).await;
        let port = with_bucket(port(&store)).await;
        for (seed, size) in (1..).zip(sizes()) {
            let data = bytes(size, seed);
            put(&port, &size.to_string(), &data).await;
        }
        store.close().await;
        drop((store, port));
        let port = self::port(&open(folder.path(), ring).await);
        for (seed, size) in (1..).zip(sizes()) {
            let data = bytes(size, seed);
            assert!(get(&port, &size.to_string()).await.expect("a get") == data, "{size}");
            ranges(&port, &data).await;
        }
    }
}

/// Reads ranges that begin and end around the borders of blocks.
async fn ranges(port: &Store, data: &Bytes) {
    let borders = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, CHUNK_BYTES + 7];
    let within = |at: &&usize| **at < data.len();
    for from in borders.iter().filter(within) {
        for to in borders.iter().chain([&(data.len() - 1)]).filter(within) {
            if from <= to {
                let range = ByteRange::FromTo(*from as u64, *to as u64);
                let got = get_range(port, &data.len().to_string(), Some(range)).await;
                assert!(got.expect("a range") == data[*from..=*to], "{from} to {to}");
            }
        }
    }
}

/// Whether any file of a folder holds some bytes.
fn holds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holds(&path, needle);
        }
        let data = std::fs::read(path).expect("a file");
        data.windows(needle.len()).any(|window| window == needle)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_written_is_plain_on_the_disk() {
    let needle = b"the needle in the haystack";
    let text = |len: usize| Bytes::from(needle.repeat(len / needle.len() + 1)).slice(..len);
    for (ring, plain) in [(A, false), ("", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path(), ring).await;
        let port = with_bucket(port(&store)).await;
        put(&port, "small", &text(100)).await;
        let found = [holds(folder.path(), needle)];
        put(&port, "large", &text(700_000)).await;
        let id = begin(&port, "parts", 1, CreateUpload::default()).await;
        put_part(&port, "parts", &id, (1, &text(300_000))).await;
        let in_files = holds(&folder.path().join("blobs"), needle);
        assert_eq!((found, in_files), ([plain], plain), "with the keys `{ring}`");
        store.close().await;
        assert_eq!(holds(folder.path(), needle), plain, "after closing");
        assert!(!holds(folder.path(), &A.as_bytes()[2..20]), "the master key is not kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_store_opens_with_its_key_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    put(&with_bucket(port(&store)).await, "a", &bytes(100, 1)).await;
    assert_eq!(refusal(folder.path(), A).await, "store-locked");
    store.close().await;
    drop(store);
    let seen = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    let before = (seen("index.key"), seen("index-2.db"));
    assert_eq!(refusal(folder.path(), "").await, "store-keys-off");
    assert_eq!(refusal(folder.path(), B).await, "store-key-missing");
    assert_eq!(refusal(folder.path(), FALSE_A).await, "store-key-wrong");
    assert_eq!(before, (seen("index.key"), seen("index-2.db")), "a refusal changes nothing");
    // Without the index key nothing opens the index, and no other key takes its place.
    std::fs::remove_file(folder.path().join("index.key")).expect("removed");
    assert_eq!(refusal(folder.path(), "").await, "store-keys-off");
    assert_eq!(refusal(folder.path(), A).await, "store-damaged");
    assert_eq!(refusal(folder.path(), FALSE_A).await, "store-damaged");
    assert!(!folder.path().join("index.key").exists(), "none is made for another index");
    std::fs::write(folder.path().join("index.key"), before.0).expect("written");
    let port = port(&open(folder.path(), A).await);
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_key_is_made_once_and_no_flipped_bit_of_its_file_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = |store: &DiskStore| store.shelf.sealing().index_key().copied();
    let store = open(folder.path(), A).await;
    let made = key(&store).expect("a key");
    store.close().await;
    drop(store);
    let store = open(folder.path(), A).await;
    assert_eq!(key(&store), Some(made));
    store.close().await;
    drop(store);
    let path = folder.path().join("index.key");
    let whole = std::fs::read(&path).expect("a file");
    for byte in 0..whole.len() {
        let mut wrong = whole.clone();
        wrong[byte] ^= 1 << (byte % 8);
        std::fs::write(&path, wrong).expect("written");
        assert_eq!(refusal(folder.path(), A).await, "store-damaged", "byte {byte}");
    }
    std::fs::write(&path, &whole).expect("written");
    assert_eq!(key(&*open(folder.path(), A).await), Some(made));
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_is_turned_on_for_a_store_that_has_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), "").await;
    let port = with_bucket(port(&store)).await;
    put(&port, "small", &bytes(100, 1)).await;
    put(&port, "large", &bytes(300_000, 2)).await;
    store.close().await;
    drop((store, port));
    let store = open(folder.path(), A).await;
    let port = self::port(&store);
    put(&port, "new", &bytes(300_000, 3)).await;
    for (key, data) in
        [("small", bytes(100, 1)), ("large", bytes(300_000, 2)), ("new", bytes(300_000, 3))]
    {
        assert!(get(&port, key).await.expect("a get") == data, "{key}");
    }
    store.close().await;
    drop((store, port));
    assert_eq!(refusal(folder.path(), "").await, "store-keys-off");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_changed_places_are_found() {
    for ring in ["", A] {
        let folder = tempfile::tempdir().expect("a folder");
        let port = with_bucket(port(&open(folder.path(), ring).await)).await;
        put(&port, "a", &bytes(4 * BLOCK_BYTES, 1)).await;
        let blob = blobs(folder.path()).remove(0);
        put(&port, "b", &bytes(4 * BLOCK_BYTES, 2)).await;
        let other = blobs(folder.path()).into_iter().find(|b| *b != blob).expect("another");
        let (whole, other) =
            (std::fs::read(&blob).expect("a blob"), std::fs::read(other).expect("a blob"));
        let is_found = async |wrong: &[u8], how: &str| {
            std::fs::write(&blob, wrong).expect("written");
            let got = get(&port, "a").await;
            assert!(matches!(code(&got), "corrupt" | "body-broken-off"), "{how}: {}", code(&got));
        };
        let (block, mark) = (BLOCK_BYTES, if ring.is_empty() { 8 } else { 16 });
        let marks = 4 * block;
        let mut swapped = whole.clone();
        let (one, two) = swapped.split_at_mut(block);
        one.swap_with_slice(&mut two[..block]);
        is_found(&swapped, "swapped").await;
        let (one, two) = swapped[marks..].split_at_mut(mark);
        one.swap_with_slice(&mut two[..mark]);
        is_found(&swapped, "swapped with their marks").await;
        let mut foreign = whole.clone();
        foreign[..block].copy_from_slice(&other[..block]);
        is_found(&foreign, "from another file").await;
        foreign[marks..marks + mark].copy_from_slice(&other[marks..marks + mark]);
        is_found(&foreign, "from another file with its mark").await;
        is_found(&other, "another file").await;
        let mut shorter = whole.clone();
        shorter.drain(3 * block..marks);
        is_found(&shorter, "without the last block").await;
        shorter.drain(3 * block + 3 * mark..3 * block + 4 * mark);
        is_found(&shorter, "without the last block and its mark").await;
        let size_at = shorter.len() - mark - 12;
        shorter[size_at..size_at + 8].copy_from_slice(&(3 * block as u64).to_le_bytes());
        is_found(&shorter, "without the last block, its mark and its size").await;
        std::fs::write(&blob, whole).expect("written");
        assert!(get(&port, "a").await.expect("a get") == bytes(4 * BLOCK_BYTES, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_file_is_not_taken_for_a_sealed_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), "").await;
    put(&with_bucket(port(&store)).await, "a", &bytes(100_000, 1)).await;
    let plain = std::fs::read(blobs(folder.path()).remove(0)).expect("a blob");
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    let port = with_bucket(port(&store)).await;
    put(&port, "a", &bytes(100_000, 1)).await;
    let path = blobs(folder.path()).remove(0);
    for plain in [plain, format_1(&bytes(100_000, 1), name(&path))] {
        std::fs::write(&path, plain).expect("written");
        assert_eq!(code(&get(&port, "a").await), "corrupt");
    }
}

/// What format 1 made of some bytes.
fn format_1(data: &Bytes, id: &str) -> Vec<u8> {
    let mut footer = Vec::new();
    for block in data.chunks(BLOCK_BYTES) {
        footer.extend(crate::digest::block_crc(block).to_le_bytes());
    }
    footer.extend(b"WHBLOB01");
    footer.extend(hex::decode(id).expect("hex"));
    footer.extend((data.len() as u64).to_le_bytes());
    let crc = crate::digest::block_crc(&footer).to_le_bytes();
    [data, &footer[..], &crc[..]].concat()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|n| n.to_str()).expect("a name")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_format_1_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), "").await;
    let port = with_bucket(port(&store)).await;
    let data = bytes(600_000, 1);
    put(&port, "a", &data).await;
    let path = blobs(folder.path()).remove(0);
    let file = format_1(&data, name(&path));
    std::fs::write(&path, &file).expect("written");
    assert!(get(&port, "a").await.expect("a get") == data);
    for at in (0..file.len()).step_by(17_777).chain(600_000..file.len()) {
        let mut wrong = file.clone();
        wrong[at] ^= 32;
        std::fs::write(&path, wrong).expect("written");
        assert!(matches!(code(&get(&port, "a").await), "corrupt" | "body-broken-off"), "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_and_parts_share_the_sealed_blob() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), A).await;
    let port = with_bucket(port(&store)).await;
    let data = bytes(700_000, 1);
    put(&port, "a", &data).await;
    let copy = CopyObject { from: address("a"), to: address("b"), ..copy_of("a", "b") };
    port.copy_object(copy, &stamp(200)).await.expect("a copy");
    assert_eq!(blobs(folder.path()).len(), 1);
    delete(&port, "a").await.expect("gone");
    assert!(get(&port, "b").await.expect("a get") == data);
    let id = begin(&port, "c", 1, CreateUpload::default()).await;
    let copy = crate::UploadPartCopy {
        address: address("c"),
        upload: id.clone(),
        number: 1,
        from: address("b"),
        from_version: None,
        range: Some(ByteRange::FromTo(1000, 599_999)),
        source_conditions: Default::default(),
    };
    let done = port.upload_part_copy(copy, &stamp(201)).await.expect("a part");
    port.complete_multipart_upload(completion("c", &id, &[done]), &stamp(202)).await.expect("done");
    assert_eq!(blobs(folder.path()).len(), 1);
    assert!(get(&port, "c").await.expect("a get") == data[1000..600_000]);
    delete(&port, "b").await.expect("gone");
    delete(&port, "c").await.expect("gone");
    eventually(|| blobs(folder.path()).is_empty());
}

fn copy_of(from: &str, to: &str) -> CopyObject {
    CopyObject {
        from: address(from),
        to: address(to),
        from_version: None,
        tags: None,
        lock: Default::default(),
        source_conditions: Default::default(),
        headers: None,
        condition: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sealed_store_conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = std::sync::atomic::AtomicU32::new(0);
    crate::conformance::run_all(async || {
        let name = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
        open(&folder.path().join(name), A).await as Arc<dyn ObjectStore>
    })
    .await;
}
