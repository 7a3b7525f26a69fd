//! Encryption at rest over the wire.

use wh_objects::Encryption;

use crate::house::House;
use crate::signer::Ask;
use crate::steps::{check, put, root};

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
