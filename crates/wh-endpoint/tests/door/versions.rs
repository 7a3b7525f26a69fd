//! Versions, tags, locks and encryption over the wire.

use wh_objects::Encryption;

use crate::client::Answer;
use crate::house::House;
use crate::signer::Ask;

async fn root(house: &House, ask: Ask) -> Answer {
    house.ask(&house.root, ask).await
}

#[track_caller]
fn check(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

fn versioning(status: &str) -> Ask {
    let body =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    Ask::new("PUT", "/files").query("versioning", "").body(body)
}

async fn versioned() -> House {
    let house = House::open().await;
    check(&root(&house, versioning("Enabled")).await, 200);
    house
}

/// A bucket that locks, beside the house's own.
async fn locking() -> House {
    let house = House::open().await;
    let make = Ask::new("PUT", "/locked").header("x-amz-bucket-object-lock-enabled", "true");
    check(&root(&house, make).await, 200);
    house
}

/// Writes an object and gives its version's id.
async fn put(house: &House, path: &str, body: &str) -> String {
    let answer = root(house, Ask::new("PUT", path).body(body)).await;
    check(&answer, 200);
    answer.header("x-amz-version-id").to_owned()
}

fn of_version(method: &str, path: &str, id: &str) -> Ask {
    Ask::new(method, path).query("versionId", id)
}

#[tokio::test]
async fn a_bucket_says_whether_it_keeps_versions() {
    let house = House::open().await;
    let asked = || Ask::new("GET", "/files").query("versioning", "");
    assert_eq!(root(&house, asked()).await.element("Status"), "");
    assert_eq!(put(&house, "/files/a", "x").await, "");
    for status in ["Enabled", "Suspended", "Enabled"] {
        check(&root(&house, versioning(status)).await, 200);
        assert_eq!(root(&house, asked()).await.element("Status"), status);
        let id = put(&house, "/files/a", "x").await;
        assert_eq!(id == "null", status == "Suspended", "{id}");
    }
    let wrong = root(&house, versioning("Unheard")).await;
    assert_eq!(wrong.code(), "IllegalVersioningConfigurationException");
    let mfa = "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>\
               </VersioningConfiguration>";
    let mfa = root(&house, Ask::new("PUT", "/files").query("versioning", "").body(mfa)).await;
    assert_eq!(mfa.code(), "NotImplemented");
    house.close().await;
}

#[tokio::test]
async fn what_was_replaced_or_deleted_comes_back() {
    let house = versioned().await;
    let one = put(&house, "/files/a", "one").await;
    let two = put(&house, "/files/a", "two").await;
    let got = root(&house, of_version("GET", "/files/a", &one)).await;
    assert_eq!((got.text().as_str(), got.header("x-amz-version-id")), ("one", one.as_str()));
    let head = root(&house, Ask::new("HEAD", "/files/a")).await;
    assert_eq!(head.header("x-amz-version-id"), two);
    let deleted = root(&house, Ask::new("DELETE", "/files/a")).await;
    check(&deleted, 204);
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let marker = deleted.header("x-amz-version-id").to_owned();
    for method in ["GET", "HEAD"] {
        let gone = root(&house, Ask::new(method, "/files/a")).await;
        check(&gone, 404);
        assert_eq!(gone.header("x-amz-delete-marker"), "true", "{method}");
        assert_eq!(gone.header("x-amz-version-id"), marker, "{method}");
        let named = root(&house, of_version(method, "/files/a", &marker)).await;
        check(&named, 405);
        assert_eq!(named.header("x-amz-delete-marker"), "true", "{method}");
    }
    assert_eq!(root(&house, Ask::new("GET", "/files/a")).await.code(), "NoSuchKey");
    let undone = root(&house, of_version("DELETE", "/files/a", &marker)).await;
    check(&undone, 204);
    assert_eq!(undone.header("x-amz-delete-marker"), "true");
    assert_eq!(undone.header("x-amz-version-id"), marker);
    assert_eq!(house.object("/files/a").await.as_deref(), Some(b"two".as_slice()));
    let copied = Ask::new("PUT", "/files/b")
        .header("x-amz-copy-source", &format!("/files/a?versionId={one}"));
    let copied = root(&house, copied).await;
    assert_eq!(copied.header("x-amz-copy-source-version-id"), one);
    assert_eq!(house.object("/files/b").await.as_deref(), Some(b"one".as_slice()));
    let copied = Ask::new("PUT", "/files/b").header("x-amz-copy-source", "/files/a");
    assert_eq!(root(&house, copied).await.header("x-amz-copy-source-version-id"), two);
    let gone = root(&house, of_version("DELETE", "/files/a", &one)).await;
    assert_eq!(gone.header("x-amz-delete-marker"), "");
    let missing = root(&house, of_version("GET", "/files/a", &one)).await;
    check(&missing, 404);
    assert_eq!(missing.code(), "NoSuchVersion");
    for id in ["", "x", "NULL", "0"] {
        let wrong = root(&house, of_version("GET", "/files/a", id)).await;
        assert_eq!(wrong.code(), "InvalidArgument", "{id}");
    }
    house.close().await;
}

/// What a listing holds, in the order of its pages: `key:id`, and `-` for a delete marker.
async fn listed(house: &House, path: &str, page: &str, more: &[(&str, &str)]) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None::<(String, String)>);
    for _ in 0..100 {
        let mut ask = Ask::new("GET", path).query("versions", "").query("max-keys", page);
        for (name, value) in more {
            ask = ask.query(name, value);
        }
        if let Some((key, version)) = &after {
            ask = ask.query("key-marker", key);
            if !version.is_empty() {
                ask = ask.query("version-id-marker", version);
            }
        }
        let answer = root(house, ask).await;
        check(&answer, 200);
        let text = answer.text();
        for piece in text.split("<Version>").skip(1) {
            found.push(format!("{}:{}", inner(piece, "Key"), inner(piece, "VersionId")));
        }
        for piece in text.split("<DeleteMarker>").skip(1) {
            found.push(format!("{}:{}-", inner(piece, "Key"), inner(piece, "VersionId")));
        }
        for piece in text.split("<CommonPrefixes>").skip(1) {
            found.push(inner(piece, "Prefix"));
        }
        if answer.element("IsTruncated") == "false" {
            found.sort();
            return found;
        }
        after = Some((answer.element("NextKeyMarker"), answer.element("NextVersionIdMarker")));
    }
    panic!("the listing does not end: {found:?}");
}

fn inner(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = text.split_once(&open).map_or("", |(_, rest)| rest);
    rest.split_once(&close).map_or("", |(value, _)| value).to_owned()
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let house = versioned().await;
    let mut all = Vec::new();
    for key in ["a", "b/1", "b/2", "c"] {
        for _ in 0..3 {
            let id = put(&house, &format!("/files/{key}"), "x").await;
            all.push(format!("{key}:{id}"));
        }
    }
    for key in ["b/1", "c"] {
        let deleted = root(&house, Ask::new("DELETE", &format!("/files/{key}"))).await;
        all.push(format!("{key}:{}-", deleted.header("x-amz-version-id")));
    }
    all.sort();
    let under = |prefix: &str| -> Vec<String> {
        all.iter().filter(|line| line.starts_with(prefix)).cloned().collect()
    };
    let mut folded = [under("a"), under("c"), vec!["b/".to_owned()]].concat();
    folded.sort();
    for page in ["1", "2", "3", "1000"] {
        assert_eq!(listed(&house, "/files", page, &[]).await, all, "pages of {page}");
        assert_eq!(listed(&house, "/files", page, &[("prefix", "b/")]).await, under("b/"));
        let delimiter = [("delimiter", "/")];
        assert_eq!(listed(&house, "/files", page, &delimiter).await, folded, "pages of {page}");
    }
    let wrong = Ask::new("GET", "/files").query("versions", "").query("version-id-marker", "null");
    assert_eq!(root(&house, wrong).await.code(), "InvalidArgument");
    let newest = root(&house, Ask::new("GET", "/files").query("versions", "")).await;
    assert_eq!(newest.text().matches("<IsLatest>true</IsLatest>").count(), 4);
    house.close().await;
}

#[tokio::test]
async fn many_versions_are_deleted_at_once() {
    let house = versioned().await;
    let one = put(&house, "/files/a", "x").await;
    let etag = root(&house, Ask::new("HEAD", "/files/a")).await.header("etag").to_owned();
    put(&house, "/files/b", "x").await;
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{one}</VersionId></Object>\
         <Object><Key>b</Key></Object><Object><Key>absent</Key><ETag>*</ETag></Object></Delete>"
    );
    let delete = |body: &str| Ask::new("POST", "/files").query("delete", "").body(body);
    let done = root(&house, delete(&body)).await;
    check(&done, 200);
    let text = done.text();
    let of = |key: &str| {
        let with = format!("<Key>{key}</Key>");
        let mut pieces = text.split("<Deleted>").skip(1).filter(|piece| piece.contains(&with));
        pieces.next().unwrap_or_default().to_owned()
    };
    assert_eq!(inner(&of("a"), "VersionId"), one);
    assert_eq!(inner(&of("a"), "DeleteMarker"), "");
    assert_eq!(inner(&of("b"), "DeleteMarker"), "true");
    let marker = inner(&of("b"), "DeleteMarkerVersionId");
    assert!(!marker.is_empty() && inner(&of("b"), "VersionId").is_empty(), "{text}");
    assert_eq!(inner(&text, "Code"), "NoSuchKey", "{text}");
    let undo = format!(
        "<Delete><Quiet>true</Quiet><Object><Key>b</Key><VersionId>{marker}</VersionId></Object>\
         </Delete>"
    );
    let undone = root(&house, delete(&undo)).await;
    assert!(!undone.text().contains("<Deleted>"), "{}", undone.text());
    assert_eq!(house.object("/files/b").await.as_deref(), Some(b"x".as_slice()));
    for (wanted, code) in [("\"0\"", "PreconditionFailed"), (etag.as_str(), "")] {
        let body = format!("<Delete><Object><Key>b</Key><ETag>{wanted}</ETag></Object></Delete>");
        assert_eq!(root(&house, delete(&body)).await.code(), code, "{wanted}");
    }
    assert_eq!(house.object("/files/b").await, None);
    let timed = "<Delete><Object><Key>b</Key><Size>1</Size></Object></Delete>";
    assert_eq!(root(&house, delete(timed)).await.code(), "NotImplemented");
    house.close().await;
}

#[tokio::test]
async fn a_delete_may_be_conditional() {
    let house = House::open().await;
    put(&house, "/files/a", "hello").await;
    let delete = |etag: &str| Ask::new("DELETE", "/files/a").header("if-match", etag);
    assert_eq!(root(&house, delete("\"0\"")).await.code(), "PreconditionFailed");
    check(&root(&house, delete("\"5d41402abc4b2a76b9719d911017c592\"")).await, 204);
    assert_eq!(root(&house, delete("*")).await.code(), "NoSuchKey");
    put(&house, "/files/a", "hello").await;
    check(&root(&house, delete("*")).await, 204);
    house.close().await;
}

fn tagging(pairs: &[(&str, &str)]) -> String {
    let tag = |(k, v): &(&str, &str)| format!("<Tag><Key>{k}</Key><Value>{v}</Value></Tag>");
    let tags: String = pairs.iter().map(tag).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

#[tokio::test]
async fn tags_are_kept_read_replaced_and_removed() {
    let house = versioned().await;
    let ask = |method: &str| Ask::new(method, "/files/a").query("tagging", "");
    let with = Ask::new("PUT", "/files/a").header("x-amz-tagging", "one=1&t%20wo=%C3%BC&three");
    let first = root(&house, with).await;
    let first = first.header("x-amz-version-id").to_owned();
    let second = put(&house, "/files/a", "x").await;
    assert_eq!(root(&house, ask("GET")).await.text().matches("<Tag>").count(), 0);
    let kept = root(&house, ask("GET").query("versionId", &first)).await;
    assert_eq!(kept.header("x-amz-version-id"), first);
    for pair in ["<Key>t wo</Key><Value>ü</Value>", "<Key>three</Key><Value></Value>"] {
        let short = pair.replace("<Value></Value>", "<Value/>");
        assert!(kept.text().contains(pair) || kept.text().contains(&short), "{}", kept.text());
    }
    let head = root(&house, of_version("HEAD", "/files/a", &first)).await;
    assert_eq!(head.header("x-amz-tagging-count"), "3");
    let put_tags = root(&house, ask("PUT").body(tagging(&[("a", "1")]))).await;
    check(&put_tags, 200);
    assert_eq!(put_tags.header("x-amz-version-id"), second);
    let copy = || Ask::new("PUT", "/files/b").header("x-amz-copy-source", "/files/a");
    check(&root(&house, copy()).await, 200);
    let of_copy = || Ask::new("GET", "/files/b").query("tagging", "");
    assert_eq!(root(&house, of_copy()).await.element("Key"), "a");
    check(&root(&house, copy().header("x-amz-tagging-directive", "REPLACE")).await, 200);
    assert_eq!(root(&house, of_copy()).await.element("Key"), "");
    let lost = root(&house, copy().header("x-amz-tagging", "k=v")).await;
    assert_eq!(lost.code(), "InvalidRequest");
    let unknown = root(&house, copy().header("x-amz-tagging-directive", "X")).await;
    assert_eq!(unknown.code(), "InvalidArgument");
    check(&root(&house, ask("DELETE")).await, 204);
    assert_eq!(root(&house, ask("GET")).await.text().matches("<Tag>").count(), 0);
    let (long, eleven) = ("k".repeat(129), [("", "")].repeat(11));
    for pairs in [&[(long.as_str(), "")][..], &eleven, &[("a", "1"), ("A", "2")]] {
        let refused = root(&house, ask("PUT").body(tagging(pairs))).await;
        assert_eq!(refused.code(), "InvalidTag", "{pairs:?}");
    }
    let digest = ask("PUT").header("content-md5", "AAAA").body(tagging(&[]));
    assert_eq!(root(&house, digest).await.code(), "BadDigest");
    let missing = Ask::new("GET", "/files/absent").query("tagging", "");
    assert_eq!(root(&house, missing).await.code(), "NoSuchKey");
    house.close().await;
}

#[tokio::test]
async fn an_upload_in_parts_brings_its_tags_and_its_lock() {
    let house = locking().await;
    let begin = Ask::new("POST", "/locked/big")
        .query("uploads", "")
        .header("x-amz-tagging", "k=v")
        .header("x-amz-object-lock-mode", "GOVERNANCE")
        .header("x-amz-object-lock-retain-until-date", "2026-12-24T00:00:00Z")
        .header("x-amz-object-lock-legal-hold", "ON");
    let id = root(&house, begin).await.element("UploadId");
    let part = Ask::new("PUT", "/locked/big").query("uploadId", &id).query("partNumber", "1");
    let part = root(&house, part.body("x")).await;
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>\
         </CompleteMultipartUpload>",
        part.header("etag")
    );
    let done = Ask::new("POST", "/locked/big").query("uploadId", &id).body(body);
    let done = root(&house, done).await;
    check(&done, 200);
    let head = root(&house, Ask::new("HEAD", "/locked/big")).await;
    assert_eq!(head.header("x-amz-version-id"), done.header("x-amz-version-id"));
    for (name, value) in [
        ("x-amz-tagging-count", "1"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-object-lock-retain-until-date", "2026-12-24T00:00:00Z"),
        ("x-amz-object-lock-legal-hold", "ON"),
    ] {
        assert_eq!(head.header(name), value, "{name}");
    }
    house.close().await;
}

fn retention(mode: &str, until: &str) -> String {
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
}

#[tokio::test]
async fn what_is_retained_stays_until_its_time_or_a_bypass() {
    let house = locking().await;
    let id = put(&house, "/locked/a", "x").await;
    let on = |method: &str| Ask::new(method, "/locked/a").query("retention", "");
    let none = root(&house, on("GET")).await;
    assert_eq!((none.status, none.code().as_str()), (404, "NoSuchObjectLockConfiguration"));
    let until = "2026-12-24T00:00:00Z";
    let keep = on("PUT").body(retention("GOVERNANCE", until));
    check(&root(&house, keep).await, 200);
    let kept = root(&house, on("GET")).await;
    assert_eq!(kept.element("Mode"), "GOVERNANCE");
    assert!(kept.element("RetainUntilDate").starts_with("2026-12-24T00:00:00"));
    let delete = || of_version("DELETE", "/locked/a", &id);
    let refused = root(&house, delete()).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "AccessDenied"));
    assert!(refused.text().contains("object protected by object lock"), "{}", refused.text());
    let shorter = || on("PUT").body(retention("GOVERNANCE", "2026-12-01T00:00:00Z"));
    check(&root(&house, shorter()).await, 403);
    let bypass = ("x-amz-bypass-governance-retention", "true");
    check(&root(&house, shorter().header(bypass.0, bypass.1)).await, 200);
    check(&root(&house, delete().header(bypass.0, "false")).await, 403);
    check(&root(&house, delete().header(bypass.0, bypass.1)).await, 204);
    let firm = Ask::new("PUT", "/locked/b")
        .header("x-amz-object-lock-mode", "COMPLIANCE")
        .header("x-amz-object-lock-retain-until-date", until);
    let firm = root(&house, firm).await.header("x-amz-version-id").to_owned();
    let never = of_version("DELETE", "/locked/b", &firm).header(bypass.0, bypass.1);
    check(&root(&house, never).await, 403);
    check(&root(&house, Ask::new("DELETE", "/locked/b")).await, 204);
    for body in [
        retention("GOVERNANCE", "2020-01-01T00:00:00Z"),
        retention("FOREVER", until),
        "<Retention><Mode>GOVERNANCE</Mode></Retention>".to_owned(),
    ] {
        put(&house, "/locked/c", "x").await;
        let ask = Ask::new("PUT", "/locked/c").query("retention", "").body(body);
        check(&root(&house, ask).await, 400);
    }
    house.close().await;
}

#[tokio::test]
async fn a_legal_hold_is_put_on_and_taken_off() {
    let house = locking().await;
    let id = put(&house, "/locked/a", "x").await;
    let hold = |status: &str| {
        let body = format!("<LegalHold><Status>{status}</Status></LegalHold>");
        Ask::new("PUT", "/locked/a").query("legal-hold", "").body(body)
    };
    let asked = || Ask::new("GET", "/locked/a").query("legal-hold", "");
    assert_eq!(root(&house, asked()).await.element("Status"), "OFF");
    check(&root(&house, hold("ON")).await, 200);
    assert_eq!(root(&house, asked()).await.element("Status"), "ON");
    let bypassed =
        of_version("DELETE", "/locked/a", &id).header("x-amz-bypass-governance-retention", "true");
    check(&root(&house, bypassed).await, 403);
    check(&root(&house, hold("PERHAPS")).await, 400);
    check(&root(&house, hold("OFF")).await, 200);
    check(&root(&house, of_version("DELETE", "/locked/a", &id)).await, 204);
    put(&house, "/files/a", "x").await;
    for sub in ["legal-hold", "retention"] {
        let open = root(&house, Ask::new("GET", "/files/a").query(sub, "")).await;
        assert_eq!(open.code(), "InvalidRequest", "{sub}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_bucket_retains_by_default() {
    let house = locking().await;
    let ask = |method: &str, bucket: &str| Ask::new(method, bucket).query("object-lock", "");
    let none = root(&house, ask("GET", "/files")).await;
    assert_eq!(none.code(), "ObjectLockConfigurationNotFoundError");
    assert_eq!(root(&house, ask("GET", "/locked")).await.element("ObjectLockEnabled"), "Enabled");
    let rule = |inside: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>\
             <Rule><DefaultRetention>{inside}</DefaultRetention></Rule></ObjectLockConfiguration>"
        )
    };
    let days = rule("<Mode>COMPLIANCE</Mode><Days>2</Days>");
    assert_eq!(root(&house, ask("PUT", "/files").body(&*days)).await.code(), "InvalidBucketState");
    check(&root(&house, ask("PUT", "/locked").body(&*days)).await, 200);
    assert_eq!(root(&house, ask("GET", "/locked")).await.element("Days"), "2");
    put(&house, "/locked/a", "x").await;
    let head = root(&house, Ask::new("HEAD", "/locked/a")).await;
    let until = head.header("x-amz-object-lock-retain-until-date");
    assert_eq!(until, "2026-11-25T12:00:00Z");
    let wrong = [
        rule("<Mode>COMPLIANCE</Mode><Days>2</Days><Years>1</Years>"),
        rule("<Mode>COMPLIANCE</Mode>"),
        rule("<Days>1</Days>"),
        rule("<Mode>COMPLIANCE</Mode><Days>0</Days>"),
        rule("<Mode>COMPLIANCE</Mode><Days>-1</Days>"),
        "<ObjectLockConfiguration></ObjectLockConfiguration>".to_owned(),
    ];
    for body in wrong {
        check(&root(&house, ask("PUT", "/locked").body(&*body)).await, 400);
    }
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    let suspend = Ask::new("PUT", "/locked").query("versioning", "").body(suspend);
    assert_eq!(root(&house, suspend).await.code(), "InvalidBucketState");
    house.close().await;
}

/// Requests that can ask for encryption.
fn encryptable() -> Vec<Ask> {
    let id = "01jd00000000000000000000000123456789abcdef";
    let part = || Ask::new("PUT", "/files/x").query("uploadId", id).query("partNumber", "1");
    vec![
        Ask::new("PUT", "/files/x").body("x"),
        Ask::new("GET", "/files/a"),
        Ask::new("HEAD", "/files/a"),
        Ask::new("PUT", "/files/x").header("x-amz-copy-source", "/files/a"),
        Ask::new("POST", "/files/x").query("uploads", ""),
        part().body("x"),
        part().header("x-amz-copy-source", "/files/a"),
        Ask::new("POST", "/files/x").query("uploadId", id).body("<CompleteMultipartUpload/>"),
        Ask::new("GET", "/files/x").query("uploadId", id),
        Ask::new("GET", "/files/a").query("attributes", ""),
    ]
}

#[tokio::test]
async fn keys_of_the_clients_own_and_of_kms_are_refused_everywhere() {
    for encryption in [None, Some(Encryption::Aes256)] {
        let house = House::open_with(encryption).await;
        put(&house, "/files/a", "secret").await;
        for (name, value) in [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-server-side-encryption-customer-key", "AAAA"),
            ("x-amz-server-side-encryption-customer-key-MD5", "AAAA"),
            ("x-amz-copy-source-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption", "aws:kms:dsse"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "k"),
            ("x-amz-server-side-encryption-context", "e30="),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ] {
            for ask in encryptable() {
                let in_head = root(&house, ask.clone().header(name, value)).await;
                assert_eq!(in_head.status, 501, "{name} {ask:?}: {}", in_head.text());
                let customer = name.contains("customer") && ask.method != "HEAD";
                assert!(!customer || in_head.text().contains("SSE-C"), "{}", in_head.text());
                let in_query = root(&house, ask.clone().query(name, value)).await;
                assert_eq!(in_query.status, 501, "{name} {ask:?}: {}", in_query.text());
            }
        }
        assert_eq!(house.object("/files/x").await, None);
        house.close().await;
    }
}

#[tokio::test]
async fn encryption_with_the_stores_own_keys_is_accepted_where_it_is_so() {
    let house = House::open_with(Some(Encryption::Aes256)).await;
    let asked = || Ask::new("GET", "/files").query("encryption", "");
    let told = root(&house, asked()).await;
    check(&told, 200);
    assert_eq!(told.element("SSEAlgorithm"), "AES256");
    let put = Ask::new("PUT", "/files/a").header("x-amz-server-side-encryption", "AES256");
    check(&root(&house, put.body("x")).await, 200);
    let begun = Ask::new("POST", "/files/b").query("uploads", "");
    let begun = root(&house, begun).await;
    assert_eq!(begun.header("x-amz-server-side-encryption"), "AES256");
    // A policy can insist on it.
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject",
        "Resource":"arn:aws:s3:::files/*","Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}}]}"#;
    check(&root(&house, Ask::new("PUT", "/files").query("policy", "").body(policy)).await, 204);
    let plain = Ask::new("PUT", "/files/a").body("x");
    check(&root(&house, plain).await, 403);
    let put = Ask::new("PUT", "/files/a").header("x-amz-server-side-encryption", "AES256");
    check(&root(&house, put.body("x")).await, 200);
    house.close().await;
    let house = House::open().await;
    let none = root(&house, asked()).await;
    assert_eq!(none.code(), "ServerSideEncryptionConfigurationNotFoundError");
    house.close().await;
}

#[tokio::test]
async fn rules_of_a_lifecycle_come_back_as_they_were_given() {
    let house = House::open().await;
    let ask = |method: &str| Ask::new(method, "/files").query("lifecycle", "");
    let none = root(&house, ask("GET")).await;
    assert_eq!((none.status, none.code().as_str()), (404, "NoSuchLifecycleConfiguration"));
    let rules = |inside: &str| {
        let rule = format!("<Rule><ID>r</ID><Status>Enabled</Status>{inside}</Rule>");
        ask("PUT").body(format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>"))
    };
    for inside in [
        "<Filter><Prefix>a/</Prefix></Filter><Expiration><Days>3</Days></Expiration>",
        "<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
         <ObjectSizeGreaterThan>9</ObjectSizeGreaterThan></And></Filter>\
         <NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>\
         <NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "<Filter><Prefix></Prefix></Filter><AbortIncompleteMultipartUpload>\
         <DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
        "<Filter><Prefix></Prefix></Filter><Expiration>\
         <ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
    ] {
        check(&root(&house, rules(inside)).await, 200);
        let kept = root(&house, ask("GET")).await.text();
        for piece in inside.split('<').filter(|piece| piece.contains('>')) {
            let (name, value) = piece.split_once('>').expect("a piece of XML");
            if !value.is_empty() {
                assert!(kept.contains(&format!("<{name}>{value}</{name}>")), "{piece}: {kept}");
            }
        }
    }
    let old = "<Prefix>old/</Prefix><Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>";
    check(&root(&house, rules(old)).await, 200);
    assert_eq!(root(&house, ask("GET")).await.element("Prefix"), "old/");
    for (inside, code) in [
        ("<Filter/>", "InvalidArgument"),
        ("<Filter/><Expiration><Days>0</Days></Expiration>", "InvalidArgument"),
        ("<Filter/><Expiration><Days>-1</Days></Expiration>", "MalformedXML"),
        (
            "<Filter/><Expiration><Days>1</Days><Date>2027-01-01T00:00:00Z</Date></Expiration>",
            "MalformedXML",
        ),
        (
            "<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>",
            "NotImplemented",
        ),
        (
            "<Filter><Prefix>a</Prefix><ObjectSizeLessThan>1</ObjectSizeLessThan></Filter>\
             <Expiration><Days>1</Days></Expiration>",
            "MalformedXML",
        ),
    ] {
        assert_eq!(root(&house, rules(inside)).await.code(), code, "{inside}");
    }
    check(&root(&house, ask("DELETE")).await, 204);
    assert_eq!(root(&house, ask("GET")).await.status, 404);
    house.close().await;
}
