//! What strangers learn, and what browsers are told, at the S3 door.

use crate::advisories::{may, put};
use crate::house::House;
use crate::signer::Ask;

/// MinIO: conditions told strangers what is there. Whatever is asked, there or not, is answered alike.
#[tokio::test]
async fn cve_2024_36107_a_stranger_is_not_told_what_is_there() {
    let house = House::open().await;
    put(&house, "/files/there", "secret").await;
    let conditions: [&[(&str, &str)]; 7] = [
        &[],
        &[("if-modified-since", "Mon, 23 Nov 2020 12:00:00 GMT")],
        &[("if-modified-since", "Mon, 23 Nov 2037 12:00:00 GMT")],
        &[("if-none-match", "*")],
        &[("if-match", "\"x\"")],
        &[("range", "bytes=0-0")],
        &[("range", "bytes=999999-")],
    ];
    let queries: [&[(&str, &str)]; 5] = [
        &[],
        &[("versionId", "null")],
        &[("partNumber", "1")],
        &[("tagging", "")],
        &[("uploadId", "x")],
    ];
    for method in ["GET", "HEAD", "DELETE", "PUT"] {
        for (headers, query) in conditions.iter().flat_map(|h| queries.iter().map(move |q| (h, q)))
        {
            let mut told = Vec::new();
            for path in ["/files/there", "/files/absent", "/no-such-bucket/there"] {
                let mut ask =
                    headers.iter().fold(Ask::new(method, path), |a, (n, v)| a.header(n, v));
                ask.query = query.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
                let answer = house.raw(&house.hosted(ask)).await;
                // What was asked for is told again, and nothing more.
                let message = answer.element("Message").replace(path, "/asked");
                let message = message.replace(path.trim_start_matches('/'), "asked");
                told.push((answer.status, answer.code(), message.replace("/asked", "asked")));
            }
            assert!(told.iter().all(|t| *t == told[0]), "{method} {headers:?} {query:?}: {told:?}");
            assert!([400, 403, 411, 501].contains(&told[0].0), "{method} {query:?}: {told:?}");
        }
    }
    house.close().await;
}

/// RustFS: any origin was given back with leave to read. A bucket without rules lets none read, and
/// with rules only those; and the door never says that credentials may come along by themselves.
#[tokio::test]
async fn ghsa_x5xv_an_origin_reads_only_by_a_buckets_rule() {
    let house = House::open().await;
    put(&house, "/files/a", "secret").await;
    let ask = |method: &str, origin: &str| {
        let ask = Ask::new(method, "/files/a").header("origin", origin);
        ask.header("access-control-request-method", "GET")
    };
    let origins =
        ["https://evil.example", "null", "https://app.example.evil.example", "https://APP.example"];
    let let_in = async |origin: &str| {
        let get = house.ask(&house.root, ask("GET", origin)).await;
        assert_eq!(get.status, 200, "{}", get.text());
        let preflight = house.raw(&house.hosted(ask("OPTIONS", origin))).await;
        for answer in [&get, &preflight] {
            let with_credentials = answer.header("access-control-allow-credentials") == "true";
            assert!(!with_credentials || answer.header("access-control-allow-origin") != "*");
        }
        let shown = get.header("access-control-allow-origin").to_owned();
        (shown, preflight.status == 200)
    };
    for origin in origins {
        assert_eq!(let_in(origin).await, (String::new(), false), "{origin} without rules");
    }
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example</AllowedOrigin>\
                 <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    let rules = Ask::new("PUT", "/files").query("cors", "").body(rules);
    assert_eq!(house.ask(&house.root, rules).await.status, 200);
    for origin in origins {
        assert_eq!(let_in(origin).await, (String::new(), false), "{origin} with other rules");
    }
    assert_eq!(let_in("https://app.example").await, ("https://app.example".to_owned(), true));
    house.close().await;
}

/// RustFS: files that people stored ran in the console's name, by its second viewer. Whatever its
/// type is, and however it is asked for, a file is in a sandbox.
#[tokio::test]
async fn ghsa_7gcx_every_file_comes_in_a_sandbox() {
    let house = House::open().await;
    let page = "<script>alert(1)</script>";
    for kind in [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "text/javascript",
        "application/pdf",
        "application/octet-stream",
        "x/y",
    ] {
        let ask = Ask::new("PUT", "/files/page").header("content-type", kind).body(page);
        assert_eq!(house.ask(&house.root, ask).await.status, 200, "{kind}");
        let plain = house.ask(&house.root, Ask::new("GET", "/files/page")).await;
        let asked = Ask::new("GET", "/files/page").query("response-content-type", kind);
        let asked =
            house.ask(&house.root, asked.query("response-content-disposition", "inline")).await;
        let ranged = Ask::new("GET", "/files/page").header("range", "bytes=0-9");
        let ranged = house.ask(&house.root, ranged).await;
        let presigned = house.root.presigned(house.hosted(Ask::new("GET", "/files/page")), "60");
        let presigned = house.raw(&presigned).await;
        let missing = house.ask(&house.root, Ask::new("GET", "/files/%3Cscript%3E")).await;
        for answer in [plain, asked, ranged, presigned, missing] {
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("sandbox; default-src 'none'"), "{kind}: {policy}");
            let opened = ["allow-scripts", "allow-same-origin", "script-src", "allow-top"];
            assert!(!opened.iter().any(|word| policy.contains(word)), "{kind}: {policy}");
            let framed_by =
                "base-uri 'none'; form-action 'none'; frame-ancestors https://files.example.org";
            assert!(policy.ends_with(framed_by), "the portal's own pages alone: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{kind}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{kind}");
            assert_eq!(answer.header("set-cookie"), "", "{kind}");
        }
    }
    house.close().await;
}

/// RustFS and MinIO: headers that servers send one another were taken from clients and became metadata.
/// Each is refused or means nothing: the object comes back without it.
#[tokio::test]
async fn cve_2026_34204_no_header_of_a_client_becomes_metadata_of_the_store() {
    let house = House::open().await;
    let headers = [
        ("x-minio-replication-server-side-encryption-sealed-key", "AAAA"),
        ("x-minio-replication-encrypted-multipart", "true"),
        ("x-minio-source-mtime", "2020-01-01T00:00:00Z"),
        ("x-minio-source-etag", "0123456789abcdef"),
        ("x-minio-internal-server-side-encryption-iv", "AAAA"),
        ("x-rustfs-internal-actual-size", "1"),
        ("x-rustfs-source-version-id", "null"),
        ("x-wellhouse-etag", "x"),
        ("x-wellhouse-version", "x"),
        ("x-amz-server-side-encryption-customer-key", "AAAA"),
        ("x-amz-server-side-encryption-context", "e30="),
        ("x-amz-replication-status", "REPLICA"),
        ("x-amz-version-id", "mine"),
        ("x-amz-delete-marker", "true"),
        ("x-amz-mp-parts-count", "7"),
        ("x-amz-restore", "ongoing-request=\"false\""),
        ("x-amz-object-size", "7"),
        ("etag", "\"mine\""),
        ("last-modified", "Mon, 23 Nov 2020 12:00:00 GMT"),
    ];
    for (name, value) in headers {
        let ask = Ask::new("PUT", "/files/a").header(name, value).body("body");
        let answer = house.ask(&house.root, ask).await;
        assert!([200, 400, 501].contains(&answer.status), "{name}: {}", answer.text());
        let refused = name.starts_with("x-amz-");
        assert_eq!(answer.status != 200, refused, "{name}: {}", answer.status);
        if refused {
            continue;
        }
        let back = house.ask(&house.root, Ask::new("GET", "/files/a")).await;
        assert_eq!((back.status, back.text().as_str()), (200, "body"), "{name}");
        assert_eq!(back.header("last-modified"), "Mon, 23 Nov 2026 12:00:00 GMT", "{name}");
        assert_eq!(back.header("etag"), "\"841a2d689ad86bd1611447453c22c6fc\"", "{name}");
        let own = ["etag", "last-modified"].contains(&name);
        assert!(own || back.header(name).is_empty(), "{name} came back");
    }
    // What is the client's own comes back as the client's own.
    let ask =
        Ask::new("PUT", "/files/a").header("x-amz-meta-x-amz-version-id", "mine").body("body");
    assert_eq!(house.ask(&house.root, ask).await.status, 200);
    let back = house.ask(&house.root, Ask::new("GET", "/files/a")).await;
    assert_eq!(back.header("x-amz-meta-x-amz-version-id"), "mine");
    assert_ne!(back.header("x-amz-version-id"), "mine");
    house.close().await;
}

/// MinIO and RustFS: routes for other servers, for debugging and for metrics answered strangers, with
/// the environment in it. The door has none: what is asked for is a bucket of that name.
#[tokio::test]
async fn ghsa_jqmc_the_door_has_no_route_beside_s3() {
    let house = House::open().await;
    let alice = may(&house, "alice", r#""s3:*""#, r#""arn:aws:s3:::files/*""#).await;
    for path in [
        "/minio/bootstrap/v1/verify",
        "/minio/health/live",
        "/minio/admin/v3/info",
        "/minio/v2/metrics/cluster",
        "/minio/prometheus/metrics",
        "/rustfs/admin/v3/info",
        "/rustfs/rpc/read_file_stream",
        "/debug/pprof/profile",
        "/debug/vars",
        "/metrics",
        "/profile/cpu",
        "/admin/v1/users",
        "/.env",
        "/.git/config",
        "/server-status",
        "/actuator/env",
        "/healthz",
        "/api/v1/session",
    ] {
        for method in ["GET", "POST", "PUT"] {
            let anonymous = house.raw(&house.hosted(Ask::new(method, path))).await;
            let signed = house.ask(&alice, Ask::new(method, path)).await;
            for answer in [anonymous, signed] {
                assert!(
                    (400..500).contains(&answer.status) || answer.status == 501,
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
                assert!(answer.body.len() < 1024, "{path} tells too much");
            }
        }
    }
    house.close().await;
}
