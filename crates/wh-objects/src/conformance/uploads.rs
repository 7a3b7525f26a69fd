//! Uploads in parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};
use wh_names::KeyPrefix;

use super::kit::{
    Store, address, begin, bucket, bytes, code, completion, delete, get, get_range, head, put,
    put_part, stamp, stamped, try_part, with_bucket,
};
use crate::{
    ByteRange, Capability, ChecksumAlgorithm, ChecksumKind, CopyObject, CreateUpload, ListUploads,
    ObjectHeaders, ObjectLock, ObjectPart, ReadConditions, UploadMarker, UploadPartCopy,
    VersionAddress, WriteCondition,
};

const FIVE_MIB: usize = 5 << 20;

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    parts_become_an_object(with_bucket(make().await).await).await;
    every_checksum_is_composed(with_bucket(make().await).await).await;
    a_completion_is_judged(with_bucket(make().await).await).await;
    a_small_or_empty_last_part_is_fine(with_bucket(make().await).await).await;
    parts_are_listed_and_replaced(with_bucket(make().await).await).await;
    parts_are_copied(with_bucket(make().await).await).await;
    uploads_are_listed(with_bucket(make().await).await).await;
    uploads_are_listed_by_folders(with_bucket(make().await).await).await;
    if make().await.capabilities().has(Capability::Parts) {
        the_parts_of_an_object_are_remembered(with_bucket(make().await).await).await;
    }
}

async fn parts_become_an_object(store: Store) {
    let text = Some("text/x".to_owned());
    let headers = ObjectHeaders { content_type: text, ..ObjectHeaders::default() };
    let create = CreateUpload { headers: headers.clone(), ..CreateUpload::default() };
    let id = begin(&store, "k", 1, create).await;
    let data = [bytes(FIVE_MIB, 1), bytes(FIVE_MIB + 1, 2), bytes(100, 3)];
    let mut parts = Vec::new();
    for (number, data) in [(3, &data[0]), (7, &data[1]), (10_000, &data[2])] {
        parts.push(put_part(&store, "k", &id, (number, data)).await);
    }
    put_part(&store, "k", &id, (9, &bytes(FIVE_MIB, 4))).await;
    assert_eq!(code(&get(&store, "k").await), "no-such-key");
    let stored = store.complete_multipart_upload(completion("k", &id, &parts), &stamp(70)).await;
    let stored = stored.expect("an object");
    let mut md5 = Md5::new();
    for part in &data {
        md5.update(Md5::digest(part));
    }
    assert_eq!(stored.etag(), format!("{}-3", hex::encode(md5.finalize())));
    let whole: Bytes = data.concat().into();
    assert!(get(&store, "k").await.expect("a get") == whole, "the whole");
    let seam = ByteRange::FromTo(FIVE_MIB as u64 - 3, FIVE_MIB as u64 + 2);
    let got = get_range(&store, "k", Some(seam)).await.expect("a range");
    assert_eq!(got, whole[FIVE_MIB - 3..=FIVE_MIB + 2]);
    let meta = head(&store, "k").await.expect("a head");
    stamped(&store, meta.modified, 70);
    assert_eq!((meta.parts, meta.headers), (Some(3), headers));
    let again = store.complete_multipart_upload(completion("k", &id, &parts), &stamp(70)).await;
    assert_eq!(code(&again), "no-such-upload");
    // The same checksum as if it had come in one body.
    let one = put(&store, "one", &whole).await;
    assert_eq!(stored.checksum(), one.checksum());
}

async fn every_checksum_is_composed(store: Store) {
    let data = [bytes(FIVE_MIB, 1), bytes(1000, 2)];
    let whole: Bytes = data.concat().into();
    for (seed, algorithm) in (1..).zip(ChecksumAlgorithm::ALL) {
        for kind in [ChecksumKind::FullObject, ChecksumKind::Composite] {
            let create = CreateUpload { checksum: Some((algorithm, kind)), ..Default::default() };
            let refused = crate::multipart::check_create(&create).is_err();
            let id = super::kit::upload_id(seed);
            let address = address("k");
            let begun = store.create_multipart_upload(&address, create, id, &stamp(1)).await;
            assert_eq!(code(&begun) == "invalid-request", refused, "{algorithm} {kind:?}");
            let Ok(id) = begun else { continue };
            let mut parts = Vec::new();
            for (number, data) in (1..).zip(&data) {
                parts.push(put_part(&store, "k", &id, (number, data)).await);
            }
            let sum = |data: &[u8]| crate::digest::digest(algorithm, data);
            let expected = match kind {
                ChecksumKind::FullObject => STANDARD.encode(sum(&whole)),
                ChecksumKind::Composite => {
                    let sums = [sum(&data[0]), sum(&data[1])].concat();
                    format!("{}-2", STANDARD.encode(sum(&sums)))
                }
            };
            let mut complete = completion("k", &id, &parts);
            complete.expected = Some("AAAA".to_owned());
            let wrong = store.complete_multipart_upload(complete.clone(), &stamp(2)).await;
            assert_eq!(code(&wrong), "checksum-mismatch");
            complete.expected = Some(expected.clone());
            let stored = store.complete_multipart_upload(complete, &stamp(2)).await.expect("one");
            let kept = stored.checksum().expect("a checksum");
            assert_eq!((kept.algorithm, kept.kind, &kept.value), (algorithm, kind, &expected));
        }
    }
}

async fn a_completion_is_judged(store: Store) {
    let id = begin(&store, "k", 1, CreateUpload::default()).await;
    let big = bytes(FIVE_MIB, 1);
    let one = put_part(&store, "k", &id, (1, &big)).await;
    let two = put_part(&store, "k", &id, (2, &bytes(FIVE_MIB - 1, 2))).await;
    let three = put_part(&store, "k", &id, (3, &bytes(1, 3))).await;
    let check = async |complete: crate::CompleteUpload, expected: &str| {
        let result = store.complete_multipart_upload(complete, &stamp(2)).await;
        assert_eq!(code(&result), expected);
    };
    let of = |parts: &[crate::PartMeta]| completion("k", &id, parts);
    check(of(&[]), "invalid-request").await;
    check(of(&[two.clone(), one.clone()]), "invalid-part-order").await;
    check(of(&[one.clone(), one.clone()]), "invalid-part-order").await;
    check(of(&[one.clone(), two.clone(), three.clone()]), "entity-too-small").await;
    let mut wrong = of(&[one.clone(), three.clone()]);
    wrong.parts[1].etag = String::from("abc");
    check(wrong, "invalid-part").await;
    let mut wrong = of(&[one.clone(), three.clone()]);
    wrong.parts[1].checksum = Some("abc".to_owned());
    check(wrong, "invalid-part").await;
    let mut wrong = of(&[one.clone(), three.clone()]);
    wrong.parts[1].number = 4;
    check(wrong, "invalid-part").await;
    let mut wrong = of(&[one.clone(), three.clone()]);
    wrong.object_size = Some(1);
    check(wrong, "invalid-request").await;
    put(&store, "k", &bytes(1, 9)).await;
    let mut wrong = of(&[one.clone(), three.clone()]);
    wrong.condition = WriteCondition::IfNoneMatchAny;
    check(wrong, "precondition-failed").await;
    let elsewhere = completion("other", &id, std::slice::from_ref(&one));
    check(elsewhere, "no-such-upload").await;
    assert_eq!(get(&store, "k").await.expect("a get"), bytes(1, 9));
    check(of(&[one, three]), "ok").await;
    let late = try_part(&store, "k", &id, (1, &big)).await;
    assert_eq!(code(&late), "no-such-upload");
}

async fn a_small_or_empty_last_part_is_fine(store: Store) {
    for (seed, size) in [(1, 0), (2, 10), (3, 100_000)] {
        let data = bytes(size, 1);
        let id = begin(&store, "k", seed, CreateUpload::default()).await;
        let one = put_part(&store, "k", &id, (1, &data)).await;
        let stored = store.complete_multipart_upload(completion("k", &id, &[one]), &stamp(2)).await;
        assert_eq!(stored.expect("an object").size(), size as u64);
        assert!(get(&store, "k").await.expect("a get") == data, "{size}");
    }
}

async fn parts_are_listed_and_replaced(store: Store) {
    let id = begin(&store, "k", 1, CreateUpload::default()).await;
    for number in [5, 1, 3] {
        put_part(&store, "k", &id, (number, &bytes(100, u64::from(number)))).await;
    }
    let other = put_part(&store, "k", &id, (3, &bytes(200_000, 9))).await;
    let list = async |after, max| {
        let page = store.list_parts(&address("k"), &id, after, max).await.expect("a page");
        let numbers: Vec<_> = page.parts.iter().map(|p| p.number).collect();
        (numbers, page.truncated, page.next_after)
    };
    assert_eq!(list(0, 10).await, (vec![1, 3, 5], false, None));
    assert_eq!(list(0, 2).await, (vec![1, 3], true, Some(3)));
    assert_eq!(list(3, 2).await, (vec![5], false, None));
    assert_eq!(list(5, 2).await, (vec![], false, None));
    assert_eq!(list(0, 0).await, (vec![], false, None));
    let page = store.list_parts(&address("k"), &id, 1, 1).await.expect("a page");
    stamped(&store, page.upload.begun, 50);
    stamped(&store, page.parts[0].modified, 60);
    let other = crate::PartMeta { modified: page.parts[0].modified, ..other };
    assert_eq!(page.parts, [other]);
    for number in [0, 10_001] {
        let part = try_part(&store, "k", &id, (number, &bytes(1, 1))).await;
        assert_eq!(code(&part), "invalid-request");
    }
    store.abort_multipart_upload(&address("k"), &id).await.expect("aborted");
    let again = store.abort_multipart_upload(&address("k"), &id).await;
    assert_eq!(code(&again), "no-such-upload");
    assert_eq!(code(&store.list_parts(&address("k"), &id, 0, 1).await), "no-such-upload");
}

async fn parts_are_copied(store: Store) {
    let (big, small) = (bytes(FIVE_MIB + 500, 1), bytes(1000, 2));
    put(&store, "big", &big).await;
    put(&store, "small", &small).await;
    let id = begin(&store, "k", 1, CreateUpload::default()).await;
    let copy = |from: &str, number, range| UploadPartCopy {
        from_version: None,
        address: address("k"),
        upload: id.clone(),
        number,
        from: address(from),
        range,
        source_conditions: ReadConditions::default(),
    };
    let from = Some(ByteRange::From(500));
    let one = store.upload_part_copy(copy("big", 1, from), &stamp(1)).await.expect("a part");
    assert_eq!((one.size, one.etag.as_str()), (FIVE_MIB as u64, &*md5(&big[500..])));
    let two = store.upload_part_copy(copy("small", 2, None), &stamp(1)).await.expect("a part");
    let beyond = Some(ByteRange::From(1000));
    let wrong = store.upload_part_copy(copy("small", 3, beyond), &stamp(1)).await;
    assert_eq!(code(&wrong), "invalid-range");
    assert_eq!(code(&store.upload_part_copy(copy("x", 3, None), &stamp(1)).await), "no-such-key");
    let mut unmodified = copy("small", 3, None);
    unmodified.source_conditions.if_none_match = Some("*".to_owned());
    let wrong = store.upload_part_copy(unmodified, &stamp(1)).await;
    assert_eq!(code(&wrong), "precondition-failed");
    delete(&store, "big").await.expect("gone");
    delete(&store, "small").await.expect("gone");
    let complete = completion("k", &id, &[one, two]);
    store.complete_multipart_upload(complete, &stamp(2)).await.expect("an object");
    let whole = [&big[500..], &small[..]].concat();
    assert!(get(&store, "k").await.expect("a get") == whole, "the whole");
}

fn md5(data: &[u8]) -> String {
    hex::encode(Md5::digest(data))
}

async fn uploads_are_listed(store: Store) {
    let mut expected = Vec::new();
    for (key, seed) in [("b", 1), ("a/x", 2), ("a/x", 3), ("a", 4)] {
        let id = begin(&store, key, seed, CreateUpload::default()).await;
        expected.push((key.to_owned(), id));
    }
    expected.sort();
    let list = async |prefix: &str, after, max| {
        let prefix = KeyPrefix::parse(prefix).expect("a prefix");
        let list = ListUploads { prefix, delimiter: None, after, max };
        store.list_multipart_uploads(&bucket(), list).await.expect("a page")
    };
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = list("", after, 1).await;
        found.extend(page.uploads.into_iter().map(|u| (u.key.as_str().to_owned(), u.id)));
        after = page.next_after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, expected);
    let page = list("a/", None, 10).await;
    assert_eq!((page.uploads.len(), page.truncated), (2, false));
    let after = Some(UploadMarker { key: "a".to_owned(), upload: None });
    assert_eq!(list("", after, 10).await.uploads.len(), 3);
}

async fn uploads_are_listed_by_folders(store: Store) {
    for (key, seed) in [("a", 1), ("b/1", 2), ("b/2", 3), ("b/2", 4), ("c--d", 5), ("c--e", 6)] {
        begin(&store, key, seed, CreateUpload::default()).await;
    }
    let all = async |prefix: &str, delimiter: &str, max| {
        let (mut keys, mut folders, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let prefix = KeyPrefix::parse(prefix).expect("a prefix");
            let list = ListUploads { prefix, delimiter: Some(delimiter.to_owned()), after, max };
            let page = store.list_multipart_uploads(&bucket(), list).await.expect("a page");
            assert!(page.uploads.len() + page.common_prefixes.len() <= max);
            keys.extend(page.uploads.into_iter().map(|upload| upload.key.as_str().to_owned()));
            folders.extend(page.common_prefixes);
            after = page.next_after;
            if after.is_none() {
                return (keys.join(" "), folders.join(" "));
            }
        }
    };
    let both = |keys: &str, folders: &str| (keys.to_owned(), folders.to_owned());
    for max in 1..8 {
        assert_eq!(all("", "/", max).await, both("a c--d c--e", "b/"), "{max}");
        assert_eq!(all("", "--", max).await, both("a b/1 b/2 b/2", "c--"), "{max}");
        assert_eq!(all("b/", "/", max).await, both("b/1 b/2 b/2", ""), "{max}");
        assert_eq!(all("b", "/", max).await, both("", "b/"), "{max}");
    }
}

async fn the_parts_of_an_object_are_remembered(store: Store) {
    let data = [bytes(FIVE_MIB, 1), bytes(10, 2)];
    let declared = Some((ChecksumAlgorithm::Sha256, ChecksumKind::Composite));
    let create = CreateUpload { checksum: declared, ..CreateUpload::default() };
    let id = begin(&store, "k", 1, create).await;
    let (two, nine) = (put_part(&store, "k", &id, (2, &data[0])), &data[1]);
    let parts = [two.await, put_part(&store, "k", &id, (9, nine)).await];
    let done = store.complete_multipart_upload(completion("k", &id, &parts), &stamp(70)).await;
    done.expect("an object");
    let copy = CopyObject {
        from: address("k"),
        from_version: None,
        to: address("copy"),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    store.copy_object(copy, &stamp(71)).await.expect("a copy");
    put(&store, "one", &data[0]).await;
    let of = async |key: &str| {
        let at = VersionAddress { object: address(key), version: None };
        store.object_parts(&at).await
    };
    for key in ["k", "copy"] {
        let found = of(key).await.expect("the parts");
        assert_eq!(found.meta, head(&store, key).await.expect("a head"));
        let found = found.parts.expect("parts");
        let told = |part: &ObjectPart| (part.number, part.size, part.checksum.clone());
        let expected = parts.iter().map(|part| (part.number, part.size, part.checksum.clone()));
        assert!(found.iter().map(told).eq(expected), "{found:?}");
    }
    assert_eq!(of("one").await.expect("an object").parts, None);
    assert_eq!(code(&of("none").await), "no-such-key");
    put(&store, "k", &data[1]).await;
    assert_eq!(of("k").await.expect("an object").parts, None);
}
