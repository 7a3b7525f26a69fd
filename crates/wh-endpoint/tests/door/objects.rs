//! Objects, listings, uploads and cross-origin requests over the wire.

use crate::client::Answer;
use crate::house::House;
use crate::signer::{Ask, encode};

async fn root(house: &House, ask: Ask) -> Answer {
    house.ask(&house.root, ask).await
}

#[track_caller]
fn check(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

#[tokio::test]
async fn a_key_is_decoded_exactly_once() {
    let house = House::open().await;
    let keys = [
        "plain",
        "a b",
        "a+b",
        "a%2Fb",
        "%2e%2e",
        "../../etc/passwd",
        "a//b",
        "ünï/🦀",
        "q?x=1&y",
        "~tilde*!'()",
        ".",
        "back\\slash",
        "tail/",
        "%",
        "=,;:@$",
    ];
    for key in keys {
        let path: Vec<String> = key.split('/').map(encode).collect();
        let path = format!("/files/{}", path.join("/"));
        check(&root(&house, Ask::new("PUT", &path).body(key)).await, 200);
        assert_eq!(house.object(&path).await.as_deref(), Some(key.as_bytes()), "{key}");
    }
    let list = root(
        &house,
        Ask::new("GET", "/files").query("list-type", "2").query("encoding-type", "url"),
    )
    .await;
    for key in keys {
        let listed = encode(key).replace("%2F", "/").replace("%2A", "*");
        assert!(list.text().contains(&format!("<Key>{listed}</Key>")), "{key}: {}", list.text());
    }
    house.close().await;
}

#[tokio::test]
async fn an_object_comes_back_with_all_that_was_said_of_it() {
    let house = House::open().await;
    let put = Ask::new("PUT", "/files/a")
        .header("content-type", "text/plain")
        .header("cache-control", "no-cache")
        .header("content-disposition", "inline")
        .header("x-amz-meta-colour", "blue")
        .body("0123456789");
    let put = root(&house, put).await;
    check(&put, 200);
    assert_eq!(put.header("etag"), "\"781e5e245d69b566979b86e28d23f2c7\"");
    let get = root(&house, Ask::new("GET", "/files/a")).await;
    for (name, value) in [
        ("content-type", "text/plain"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-colour", "blue"),
        ("content-length", "10"),
        ("accept-ranges", "bytes"),
        ("last-modified", "Mon, 23 Nov 2026 12:00:00 GMT"),
        ("x-content-type-options", "nosniff"),
        ("server", "Wellhouse"),
    ] {
        assert_eq!(get.header(name), value, "{name}");
    }
    assert!(!get.header("x-amz-request-id").is_empty());
    for (range, status, body) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=-3", 206, "789"),
        ("bytes=8-", 206, "89"),
        ("bytes=10-", 416, ""),
    ] {
        let answer = root(&house, Ask::new("GET", "/files/a").header("range", range)).await;
        check(&answer, status);
        assert!(status != 206 || answer.text() == body, "{range}");
        let head = root(&house, Ask::new("HEAD", "/files/a").header("range", range)).await;
        assert_eq!(head.status, status, "{range}");
        assert_eq!(head.header("content-range"), answer.header("content-range"), "{range}");
    }
    let etag = put.header("etag");
    // A range of the object that somebody has the beginning of, and of no other.
    for (validator, status, body) in [
        (etag, 206, "234"),
        ("\"another\"", 200, "0123456789"),
        ("Fri, 27 Nov 2026 00:00:00 GMT", 200, "0123456789"),
        ("W/\"another\"", 200, "0123456789"),
    ] {
        let ask = Ask::new("GET", "/files/a").header("range", "bytes=2-4");
        let answer = root(&house, ask.header("if-range", validator)).await;
        check(&answer, status);
        assert_eq!(answer.text(), body, "{validator}");
        assert_eq!(answer.header("content-range").is_empty(), status == 200, "{validator}");
    }
    let same = root(&house, Ask::new("GET", "/files/a").header("if-none-match", etag)).await;
    check(&same, 304);
    assert!(same.body.is_empty());
    assert_eq!(same.header("etag"), etag);
    check(&root(&house, Ask::new("GET", "/files/a").header("if-match", "\"x\"")).await, 412);
    let shown = Ask::new("GET", "/files/a")
        .query("response-content-type", "text/x")
        .query("response-content-disposition", "attachment");
    let shown = root(&house, shown).await;
    assert_eq!(
        (shown.header("content-type"), shown.header("content-disposition")),
        ("text/x", "attachment")
    );
    house.close().await;
}

#[tokio::test]
async fn a_write_may_be_conditional_and_is_checked() {
    let house = House::open().await;
    let put = || Ask::new("PUT", "/files/a").body("hello");
    check(&root(&house, put().header("if-none-match", "*")).await, 200);
    check(&root(&house, put().header("if-none-match", "*")).await, 412);
    check(
        &root(&house, put().header("if-match", "\"5d41402abc4b2a76b9719d911017c592\"")).await,
        200,
    );
    check(&root(&house, put().header("if-match", "\"x\"")).await, 412);
    for (name, value, code) in [
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-sha256", "AAAA", "BadDigest"),
        ("x-amz-acl", "public-read", "AccessControlListNotSupported"),
        ("x-amz-storage-class", "GLACIER", "NotImplemented"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256", "NotImplemented"),
        ("x-amz-tagging", "a=b&a=c", "InvalidTag"),
        ("x-amz-object-lock-mode", "COMPLIANCE", "InvalidArgument"),
        ("x-amz-object-lock-legal-hold", "ON", "InvalidRequest"),
        ("x-amz-server-side-encryption", "AES256", "NotImplemented"),
        ("x-amz-server-side-encryption", "aws:kms", "NotImplemented"),
        ("x-amz-server-side-encryption", "ROT13", "InvalidArgument"),
        ("x-amz-never-heard-of", "1", "NotImplemented"),
        ("x-amz-expected-bucket-owner", "999999999999", "AccessDenied"),
    ] {
        let answer = root(&house, put().header(name, value).body("other")).await;
        assert_eq!(answer.code(), code, "{name}: {}", answer.text());
    }
    assert_eq!(house.object("/files/a").await.as_deref(), Some(b"hello".as_slice()));
    for good in ["x-amz-checksum-crc32", "x-amz-checksum-sha1"] {
        let value =
            if good.ends_with("crc32") { "NhCmhg==" } else { "qvTGHdzF6KLavt4PO0gs2a6pQ00=" };
        check(&root(&house, put().header(good, value)).await, 200);
    }
    house.close().await;
}

#[tokio::test]
async fn listings_come_in_pages() {
    let house = House::open().await;
    for key in ["a", "b/1", "b/2", "c", "d/1", "e"] {
        check(&root(&house, Ask::new("PUT", &format!("/files/{key}")).body("x")).await, 200);
    }
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut ask = Ask::new("GET", "/files")
            .query("list-type", "2")
            .query("delimiter", "/")
            .query("max-keys", "2");
        if let Some(token) = &token {
            ask = ask.query("continuation-token", token);
        }
        let page = root(&house, ask).await;
        check(&page, 200);
        let text = page.text();
        found.extend(
            text.split("<Key>").skip(1).map(|t| t.split('<').next().unwrap_or("").to_owned()),
        );
        let prefixes = text.split("<CommonPrefixes><Prefix>").skip(1);
        found.extend(prefixes.map(|t| t.split('<').next().unwrap_or("").to_owned()));
        if page.element("IsTruncated") == "false" {
            break;
        }
        token = Some(page.element("NextContinuationToken"));
    }
    found.sort();
    assert_eq!(found, ["a", "b/", "c", "d/", "e"]);
    let bad = Ask::new("GET", "/files").query("list-type", "2").query("continuation-token", "x");
    assert_eq!(root(&house, bad).await.code(), "InvalidArgument");
    let v1 =
        root(&house, Ask::new("GET", "/files").query("marker", "c").query("max-keys", "1")).await;
    assert_eq!((v1.element("Key").as_str(), v1.element("NextMarker").as_str()), ("d/1", "d/1"));
    house.close().await;
}

#[tokio::test]
async fn an_upload_in_parts_becomes_one_object() {
    let house = House::open().await;
    let begun = root(
        &house,
        Ask::new("POST", "/files/big")
            .query("uploads", "")
            .header("x-amz-checksum-algorithm", "CRC64NVME"),
    )
    .await;
    check(&begun, 200);
    let id = begun.element("UploadId");
    let part = |n: &str, body: Vec<u8>| {
        Ask::new("PUT", "/files/big").query("uploadId", &id).query("partNumber", n).body(body)
    };
    let first = root(&house, part("1", vec![b'a'; 5 << 20])).await;
    let second = root(&house, part("2", b"tail".to_vec())).await;
    check(&first, 200);
    check(&second, 200);
    check(&root(&house, part("0", vec![])).await, 400);
    check(&root(&house, part("10001", vec![])).await, 400);
    let parts = root(&house, Ask::new("GET", "/files/big").query("uploadId", &id)).await;
    assert_eq!(parts.text().matches("<Part>").count(), 2, "{}", parts.text());
    let uploads = root(&house, Ask::new("GET", "/files").query("uploads", "")).await;
    assert_eq!(uploads.element("UploadId"), id);
    let list: String = [("1", &first), ("2", &second)]
        .map(|(n, a)| {
            format!("<Part><PartNumber>{n}</PartNumber><ETag>{}</ETag></Part>", a.header("etag"))
        })
        .concat();
    let complete = |list: &str| {
        let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        Ask::new("POST", "/files/big").query("uploadId", &id).body(body)
    };
    let wrong =
        root(&house, complete("<Part><PartNumber>7</PartNumber><ETag>\"x\"</ETag></Part>")).await;
    assert_eq!(wrong.code(), "InvalidPart");
    let done = root(&house, complete(&list)).await;
    check(&done, 200);
    assert!(done.element("ETag").contains("-2"), "{}", done.text());
    assert_eq!(house.object("/files/big").await.map(|b| b.len()), Some((5 << 20) + 4));
    let copied = Ask::new("PUT", "/files/copy").header("x-amz-copy-source", "/files/big");
    check(&root(&house, copied).await, 200);
    let gone = root(&house, Ask::new("DELETE", "/files/big").query("uploadId", &id)).await;
    assert_eq!(gone.code(), "NoSuchUpload");
    house.close().await;
}

#[tokio::test]
async fn many_objects_are_deleted_at_once() {
    let house = House::open().await;
    for key in ["a", "b"] {
        check(&root(&house, Ask::new("PUT", &format!("/files/{key}")).body("x")).await, 200);
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>absent</Key></Object></Delete>";
    let loud = root(&house, Ask::new("POST", "/files").query("delete", "").body(body)).await;
    check(&loud, 200);
    assert_eq!(loud.text().matches("<Deleted>").count(), 2);
    let body = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
    let quiet = root(&house, Ask::new("POST", "/files").query("delete", "").body(body)).await;
    assert_eq!(quiet.text().matches("<Deleted>").count(), 0);
    assert_eq!(house.object("/files/b").await, None);
    for (name, value) in [("content-md5", "AAAA"), ("x-amz-checksum-crc32", "AAAAAA==")] {
        let ask = Ask::new("POST", "/files").query("delete", "").header(name, value).body(body);
        assert_eq!(root(&house, ask).await.code(), "BadDigest");
    }
    for evil in [
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>",
        "<Delete><Object><Key>a</Key>",
        "<Delete/>",
    ] {
        let answer = root(&house, Ask::new("POST", "/files").query("delete", "").body(evil)).await;
        check(&answer, 400);
    }
    house.close().await;
}

#[tokio::test]
async fn browsers_are_let_in_by_the_buckets_rules() {
    let house = House::open().await;
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>http://localhost:8080</AllowedOrigin>\
                 <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>\
                 <ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";
    let preflight = |origin: &str| {
        house
            .hosted(Ask::new("OPTIONS", "/files/a"))
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type")
    };
    check(&house.raw(&preflight("http://localhost:8080")).await, 403);
    check(&root(&house, Ask::new("PUT", "/files").query("cors", "").body(rules)).await, 200);
    let granted = house.raw(&preflight("http://localhost:8080")).await;
    check(&granted, 200);
    assert_eq!(granted.header("access-control-allow-origin"), "http://localhost:8080");
    assert_eq!(granted.header("access-control-allow-headers"), "content-type");
    check(&house.raw(&preflight("http://evil.example")).await, 403);
    let refused = house
        .raw(&house.hosted(Ask::new("GET", "/files/a")).header("origin", "http://localhost:8080"))
        .await;
    check(&refused, 403);
    assert_eq!(refused.header("access-control-allow-origin"), "http://localhost:8080");
    assert_eq!(refused.header("access-control-expose-headers"), "ETag");
    let read = root(&house, Ask::new("GET", "/files").query("cors", "")).await;
    assert_eq!(read.element("AllowedOrigin"), "http://localhost:8080");
    check(&root(&house, Ask::new("DELETE", "/files").query("cors", "")).await, 204);
    let gone = root(&house, Ask::new("GET", "/files").query("cors", "")).await;
    assert_eq!(gone.code(), "NoSuchCORSConfiguration");
    house.close().await;
}

#[tokio::test]
async fn buckets_are_made_looked_at_and_removed() {
    let house = House::open().await;
    assert_eq!(root(&house, Ask::new("PUT", "/files")).await.code(), "BucketAlreadyOwnedByYou");
    check(&root(&house, Ask::new("PUT", "/second")).await, 200);
    let list = root(&house, Ask::new("GET", "/")).await;
    assert!(list.text().contains("<Name>second</Name>"), "{}", list.text());
    check(&root(&house, Ask::new("HEAD", "/second")).await, 200);
    let location = root(&house, Ask::new("GET", "/second").query("location", "")).await;
    assert!(location.text().contains("LocationConstraint"), "{}", location.text());
    let versioning = root(&house, Ask::new("GET", "/second").query("versioning", "")).await;
    assert!(versioning.text().contains("VersioningConfiguration"), "{}", versioning.text());
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::second/*"}]}"#;
    let put = Ask::new("PUT", "/second").query("policy", "").body(policy);
    check(&root(&house, put).await, 204);
    check(&root(&house, Ask::new("PUT", "/second/open").body("hi")).await, 200);
    let public = house.raw(&house.hosted(Ask::new("GET", "/second/open"))).await;
    assert_eq!(public.text(), "hi");
    let dressed =
        house.hosted(Ask::new("GET", "/second/open").query("response-content-type", "text/html"));
    check(&house.raw(&dressed).await, 400);
    assert_eq!(root(&house, Ask::new("GET", "/second").query("policy", "")).await.text(), policy);
    check(&root(&house, Ask::new("DELETE", "/second").query("policy", "")).await, 204);
    check(&house.raw(&house.hosted(Ask::new("GET", "/second/open"))).await, 403);
    assert_eq!(root(&house, Ask::new("DELETE", "/second")).await.code(), "BucketNotEmpty");
    check(&root(&house, Ask::new("DELETE", "/second/open")).await, 204);
    check(&root(&house, Ask::new("DELETE", "/second")).await, 204);
    assert_eq!(root(&house, Ask::new("GET", "/second")).await.code(), "NoSuchBucket");
    house.close().await;
}
