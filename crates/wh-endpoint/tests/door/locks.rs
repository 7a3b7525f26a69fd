//! Retention and legal holds over the wire.

use crate::house::House;
use crate::signer::Ask;
use crate::steps::{check, of_version, put, root};

/// A bucket that locks, beside the house's own.
async fn locking() -> House {
    let house = House::open().await;
    let make = Ask::new("PUT", "/locked").header("x-amz-bucket-object-lock-enabled", "true");
    check(&root(&house, make).await, 200);
    house
}

fn retention(mode: &str, until: &str) -> String {
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
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
