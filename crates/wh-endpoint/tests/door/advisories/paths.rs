//! Names that mean one thing where they are judged and another where they are stored.

use crate::advisories::{keys, may, put};
use crate::house::House;
use crate::signer::Ask;

/// Raw paths below a folder that try to leave it, or to name it in another way.
const WAYS_OUT: [&str; 36] = [
    "../bob/x",
    "..%2fbob%2fx",
    "%2e%2e/bob/x",
    "%2e%2e%2fbob%2fx",
    "%2E%2E%2Fbob%2Fx",
    "%252e%252e%252fbob%252fx",
    "%252e%252e/bob/x",
    "..%252fbob%252fx",
    "..%255cbob%255cx",
    "..%5cbob%5cx",
    "%2e%2e%5cbob%5cx",
    ".%2e/bob/x",
    "%2e./bob/x",
    "./../bob/x",
    ".//../bob/x",
    "a/../../bob/x",
    "a/%2e%2e/%2e%2e/bob/x",
    "a//..//..//bob/x",
    "....//bob/x",
    "..;/bob/x",
    "..%00/bob/x",
    "..%0d%0a/bob/x",
    "%c0%ae%c0%ae/bob/x",
    "%c0%ae%c0%ae%c0%afbob%c0%afx",
    "%e0%80%ae%e0%80%ae/bob/x",
    "%uff0e%uff0e/bob/x",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8fbob/x",
    "..%ef%bc%8fbob%ef%bc%8fx",
    "%e2%80%a6/bob/x",
    "/home/bob/x",
    "%2fhome%2fbob%2fx",
    "//home/bob/x",
    "C:%5chome%5cbob%5cx",
    "..%2f..%2ffiles%2fhome%2fbob%2fx",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "..?/bob/x",
];

/// SFTPGo and SeaweedFS: one form of a path was authorised, and another was stored. Whatever is
/// accepted of alice stands below her folder, letter by letter, and nothing else has changed.
#[tokio::test]
async fn cve_2026_30914_what_is_stored_is_what_was_authorised() {
    let house = House::open().await;
    put(&house, "/files/home/bob/x", "bob's").await;
    assert_eq!(house.ask(&house.root, Ask::new("PUT", "/other")).await.status, 200);
    let mine = r#""arn:aws:s3:::files/home/alice/*""#;
    let alice = may(&house, "alice", r#""s3:PutObject","s3:GetObject""#, mine).await;
    let (mut taken, mut refused) = (0, 0);
    for way in WAYS_OUT {
        let way = way.replace('?', "%3F");
        for method in ["PUT", "GET", "HEAD", "DELETE"] {
            let ask = Ask::new(method, &format!("/files/home/alice/{way}"));
            let ask = if method == "PUT" { ask.body("alice's") } else { ask };
            let answer = house.ask(&alice, ask).await;
            assert!(answer.status < 500, "{method} {way}: {}", answer.text());
            assert!(!answer.text().contains("bob's"), "{method} {way} reads bob's");
            assert!(answer.header("content-length") != "5" || method != "HEAD", "{way}");
            let done = answer.status < 300;
            (taken, refused) = (taken + usize::from(done), refused + usize::from(!done));
        }
    }
    assert!(taken > 20 && refused > 20, "{taken} {refused}");
    assert_eq!(house.object("/files/home/bob/x").await.as_deref(), Some(&b"bob's"[..]));
    let stored = keys(&house, "/files").await;
    let elsewhere = |key: &&String| !key.starts_with("home/alice/") && *key != "home/bob/x";
    assert_eq!(stored.iter().find(elsewhere), None, "{stored:?}");
    assert_eq!(keys(&house, "/other").await, Vec::<String>::new());
    house.close().await;
}

/// SeaweedFS: a name was decoded again after it had been judged. Twice encoded is another name.
#[tokio::test]
async fn cve_2026_54917_a_name_is_decoded_once() {
    let house = House::open().await;
    put(&house, "/files/home/bob/x", "bob's").await;
    let all = may(&house, "all", r#""s3:*""#, r#""arn:aws:s3:::files/home/alice/*""#).await;
    for (raw, key) in [
        ("/files/home/alice/%252e%252e/x", "home/alice/%252e%252e/x"),
        ("/files/home/alice/%252fx", "home/alice/%252fx"),
        ("/files/home/alice/a%252Fb", "home/alice/a%252Fb"),
        ("/files/home/alice/%2525", "home/alice/%2525"),
    ] {
        let answer = house.ask(&all, Ask::new("PUT", raw).body("once")).await;
        assert_eq!(answer.status, 200, "{raw}: {}", answer.text());
        let stored = keys(&house, "/files").await;
        assert!(stored.iter().any(|k| k == key), "{raw}: {stored:?}");
        assert_eq!(house.object(raw).await.as_deref(), Some(&b"once"[..]), "{raw}");
    }
    // A separator that is encoded is one, and is judged as one.
    let beside = house.ask(&all, Ask::new("GET", "/files/home%2Fbob%2Fx")).await;
    assert_eq!(beside.code(), "AccessDenied");
    house.close().await;
}

/// File Browser: a beginning of a name was taken for a folder. Alice's folder ends at its slash.
#[tokio::test]
async fn cve_2026_35605_a_folder_is_not_its_namesakes() {
    let house = House::open().await;
    let names =
        ["home/al", "home/alice", "home/alice2/x", "home/alicex", "home/alice.bak/x", "homes/x"];
    for name in names {
        put(&house, &format!("/files/{name}"), "theirs").await;
    }
    let mine = r#""arn:aws:s3:::files/home/alice/*""#;
    let alice = may(&house, "alice", r#""s3:*""#, mine).await;
    for name in names {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let ask = Ask::new(method, &format!("/files/{name}")).body(match method {
                "PUT" => "mine",
                _ => "",
            });
            let answer = house.ask(&alice, ask).await;
            assert_eq!(answer.status, 403, "{method} {name}: {}", answer.text());
        }
        let kept = house.object(&format!("/files/{name}")).await;
        assert_eq!(kept.as_deref(), Some(&b"theirs"[..]), "{name}");
    }
    house.close().await;
}

/// File Browser: leading slashes led around a rule. They are part of the name, and the rule is asked
/// about that name.
#[tokio::test]
async fn cve_2026_54097_slashes_lead_around_no_rule() {
    let house = House::open().await;
    put(&house, "/files/private/x", "private").await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::files/private/*"}]}"#;
    let alice = house.session("alice", Some(policy)).await;
    let denied = house.ask(&alice, Ask::new("GET", "/files/private/x")).await;
    assert_eq!(denied.code(), "AccessDenied");
    for way in [
        "/files//private/x",
        "/files/%2Fprivate/x",
        "//files/private/x",
        "/files/./private/x",
        "/files/private//x",
        "/files/a/../private/x",
        "/files/private/./x",
        "/files/PRIVATE/x",
        "/files/private%2Fx",
        "/files/private/x/",
        "/files/private/x%00",
        "/files/private/x%20",
    ] {
        let answer = house.ask(&alice, Ask::new("GET", way)).await;
        assert!([400, 403, 404].contains(&answer.status), "{way}: {}", answer.text());
        house.ask(&alice, Ask::new("PUT", way).body("other")).await;
        house.ask(&alice, Ask::new("DELETE", way)).await;
        let kept = house.object("/files/private/x").await;
        assert_eq!(kept.as_deref(), Some(&b"private"[..]), "{way}");
    }
    house.close().await;
}

/// RustFS: the source of a copy left its bucket. Each way of writing one, by somebody who may read
/// one folder.
#[tokio::test]
async fn ghsa_pq29_the_source_of_a_copy_is_judged_as_it_is_read() {
    let house = House::open().await;
    assert_eq!(house.ask(&house.root, Ask::new("PUT", "/secret")).await.status, 200);
    put(&house, "/secret/x", "secret").await;
    put(&house, "/files/home/bob/x", "secret").await;
    put(&house, "/files/home/alice/a", "mine").await;
    let mine = r#""arn:aws:s3:::files/home/alice/*""#;
    let alice = may(&house, "alice", r#""s3:*""#, mine).await;
    let copy = |source: &str| {
        Ask::new("PUT", "/files/home/alice/copy").header("x-amz-copy-source", source)
    };
    assert_eq!(house.ask(&alice, copy("/files/home/alice/a")).await.status, 200);
    for source in [
        "/secret/x",
        "secret/x",
        "/files/../secret/x",
        "files/../secret/x",
        "/files/home/alice/../../../secret/x",
        "/files/home/alice/%2e%2e/%2e%2e/%2e%2e/secret/x",
        "/files/home/alice/..%2f..%2f..%2fsecret%2fx",
        "%2Fsecret%2Fx",
        "/files%2F..%2Fsecret%2Fx",
        "//secret/x",
        "/files/home/alice/../bob/x",
        "/files/home%2Fbob%2Fx",
        "/files/home/alice/a?versionId=null/../../bob/x",
        "arn:aws:s3:::secret/x",
        "arn:aws:s3:us-east-1:111122223333:accesspoint/secret/object/x",
        "/secret/x?versionId=null",
        "https://evil.example/x",
        "file:///etc/passwd",
    ] {
        let answer = house.ask(&alice, copy(source)).await;
        assert!((400..=501).contains(&answer.status), "{source}: {}", answer.text());
        assert_ne!(answer.status, 500, "{source}: {}", answer.text());
        let copied = house.object("/files/home/alice/copy").await;
        assert_eq!(copied.as_deref(), Some(&b"mine"[..]), "{source}");
    }
    house.close().await;
}

/// File Browser: where something was copied to was not judged; and RustFS: a part of an upload was
/// copied from where one may not read.
#[tokio::test]
async fn cve_2026_32758_a_copy_is_judged_where_it_comes_from_and_where_it_goes() {
    let house = House::open().await;
    put(&house, "/files/home/alice/a", "mine").await;
    put(&house, "/files/home/bob/b", "theirs").await;
    let mine = r#""arn:aws:s3:::files/home/alice/*""#;
    let alice = may(&house, "alice", r#""s3:*""#, mine).await;
    let copy = |from: &str, to: &str| {
        Ask::new("PUT", &format!("/files/{to}"))
            .header("x-amz-copy-source", &format!("/files/{from}"))
    };
    for (from, to) in [
        ("home/alice/a", "home/bob/a"),
        ("home/alice/a", "home/bob/b"),
        ("home/bob/b", "home/alice/b"),
        ("home/bob/b", "home/bob/b"),
    ] {
        let answer = house.ask(&alice, copy(from, to)).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"), "{from} {to}");
    }
    assert_eq!(keys(&house, "/files").await, ["home/alice/a", "home/bob/b"]);
    assert_eq!(house.object("/files/home/bob/b").await.as_deref(), Some(&b"theirs"[..]));
    house.close().await;
}

/// RustFS: parts of an upload were copied from where one may not read.
#[tokio::test]
async fn ghsa_wfxj_a_part_is_copied_only_from_where_one_may_read() {
    let house = House::open().await;
    put(&house, "/files/home/bob/b", "theirs").await;
    put(&house, "/files/home/alice/a", "mine").await;
    let mine = r#""arn:aws:s3:::files/home/alice/*""#;
    let alice = may(&house, "alice", r#""s3:*""#, mine).await;
    let begin = Ask::new("POST", "/files/home/alice/big").query("uploads", "");
    let id = house.ask(&alice, begin).await.element("UploadId");
    let part = |path: &str, source: &str| {
        let ask = Ask::new("PUT", path).query("uploadId", &id).query("partNumber", "1");
        ask.header("x-amz-copy-source", source)
    };
    let big = "/files/home/alice/big";
    assert_eq!(house.ask(&alice, part(big, "/files/home/alice/a")).await.status, 200);
    let theirs = house.ask(&alice, part(big, "/files/home/bob/b")).await;
    assert_eq!((theirs.status, theirs.code().as_str()), (403, "AccessDenied"));
    let ranged = part(big, "/files/home/bob/b").header("x-amz-copy-source-range", "bytes=0-1");
    assert_eq!(house.ask(&alice, ranged).await.code(), "AccessDenied");
    let elsewhere = house.ask(&alice, part("/files/home/bob/big", "/files/home/alice/a")).await;
    assert_eq!(elsewhere.code(), "AccessDenied");
    house.close().await;
}

/// RustFS: an archive was unpacked into other buckets. Nothing is unpacked here: an archive is a file.
#[tokio::test]
async fn ghsa_f4vq_an_archive_is_a_file() {
    let house = House::open().await;
    assert_eq!(house.ask(&house.root, Ask::new("PUT", "/other")).await.status, 200);
    let mut tar = vec![0_u8; 1024];
    tar[..11].copy_from_slice(b"../other/ab");
    tar[100..107].copy_from_slice(b"0000644");
    tar[124..135].copy_from_slice(b"00000000002");
    tar[257..263].copy_from_slice(b"ustar\0");
    tar[512..514].copy_from_slice(b"hi");
    for (name, value) in [
        ("x-amz-meta-snowball-auto-extract", "true"),
        ("x-amz-snowball-auto-extract", "true"),
        ("x-minio-extract", "true"),
        ("x-amz-meta-rustfs-snowball-prefix", "/other"),
    ] {
        let ask = Ask::new("PUT", "/files/a.tar").header(name, value).body(tar.clone());
        let answer = house.ask(&house.root, ask).await;
        assert!([200, 501].contains(&answer.status), "{name}: {}", answer.text());
    }
    assert_eq!(keys(&house, "/files").await, ["a.tar"]);
    assert_eq!(keys(&house, "/other").await, Vec::<String>::new());
    assert_eq!(house.object("/files/a.tar").await, Some(tar));
    let inside = Ask::new("GET", "/files/a.tar/other/ab").header("x-minio-extract", "true");
    assert_eq!(house.ask(&house.root, inside).await.status, 404);
    house.close().await;
}

/// File Browser: cleaning up after a failure deleted what was beside it. Giving up an upload leaves
/// the object of its name, and everything else.
#[tokio::test]
async fn cve_2026_55667_giving_up_an_upload_takes_nothing_else_away() {
    let house = House::open().await;
    for path in ["/files/a", "/files/a/b", "/files/ab", "/files/z"] {
        put(&house, path, path).await;
    }
    let before = keys(&house, "/files").await;
    let begin = || Ask::new("POST", "/files/a").query("uploads", "");
    let one = house.ask(&house.root, begin()).await.element("UploadId");
    let two = house.ask(&house.root, begin()).await.element("UploadId");
    let short: String = two.chars().skip(1).collect();
    for id in ["", "..", "../z", "%2e%2e", "0", &short, "*"] {
        let ask = Ask::new("DELETE", "/files/a").query("uploadId", id);
        let answer = house.ask(&house.root, ask).await;
        assert!((400..500).contains(&answer.status), "{id:?}: {}", answer.text());
    }
    let elsewhere = Ask::new("DELETE", "/files/z").query("uploadId", &one);
    assert_eq!(house.ask(&house.root, elsewhere).await.code(), "NoSuchUpload");
    let given_up = Ask::new("DELETE", "/files/a").query("uploadId", &one);
    assert_eq!(house.ask(&house.root, given_up).await.status, 204);
    let part = Ask::new("PUT", "/files/a").query("uploadId", &two).query("partNumber", "1");
    assert_eq!(house.ask(&house.root, part.body("x")).await.status, 200, "the other goes on");
    let failed = Ask::new("POST", "/files/a").query("uploadId", &two).body(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"no\"</ETag></Part>\
         </CompleteMultipartUpload>",
    );
    assert_eq!(house.ask(&house.root, failed).await.code(), "InvalidPart");
    assert_eq!(keys(&house, "/files").await, before);
    assert_eq!(house.object("/files/a").await.as_deref(), Some(&b"/files/a"[..]));
    house.close().await;
}
