//! The AWS SDK for Rust as a client.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};

use crate::actors::{Actor, Keys};
use crate::server::Server;

pub(crate) async fn client(keys: &Keys) -> Client {
    let token = Some(keys.token.clone()).filter(|token| !token.is_empty());
    let credentials = Credentials::new(&keys.access_key_id, &keys.secret, token, None, "test");
    let shared = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&keys.endpoint)
        .credentials_provider(credentials)
        .load()
        .await;
    Client::from_conf(aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build())
}

#[tokio::test]
async fn the_sdk_puts_gets_lists_and_deletes_with_its_own_defaults() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let s3 = client(&keys).await;
    let bucket = keys.bucket.as_str();
    // The SDK's default is a CRC in a trailer behind a chunk-signed body.
    let body = ByteStream::from(vec![7; 300_000]);
    s3.put_object().bucket(bucket).key("sdk/a b+c").body(body).send().await.expect("put");
    let got = s3.get_object().bucket(bucket).key("sdk/a b+c").send().await.expect("get");
    let bytes = got.body.collect().await.expect("a body").into_bytes();
    assert_eq!(bytes, vec![7; 300_000]);
    let listed = s3.list_objects_v2().bucket(bucket).prefix("sdk/").send().await.expect("list");
    assert_eq!(listed.contents()[0].key(), Some("sdk/a b+c"));
    s3.delete_object().bucket(bucket).key("sdk/a b+c").send().await.expect("delete");
    let gone = s3.get_object().bucket(bucket).key("sdk/a b+c").send().await;
    assert!(gone.expect_err("it is gone").into_service_error().is_no_such_key());
}

#[tokio::test]
async fn a_multipart_upload_with_crc64nvme_ends_with_a_full_object_checksum() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let s3 = client(&keys).await;
    let bucket = keys.bucket.as_str();
    let algorithm = ChecksumAlgorithm::Crc64Nvme;
    let begun = s3.create_multipart_upload().bucket(bucket).key("m").checksum_algorithm(algorithm);
    let begun = begun.send().await.expect("create");
    let upload = begun.upload_id().expect("an id");
    let mut parts = Vec::new();
    for (number, size) in [(1, 5 << 20), (2, 17)] {
        let part = s3.upload_part().bucket(bucket).key("m").upload_id(upload).part_number(number);
        let part = part.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme);
        let part = part.body(ByteStream::from(vec![1; size])).send().await.expect("a part");
        let done =
            CompletedPart::builder().part_number(number).e_tag(part.e_tag().expect("an ETag"));
        parts
            .push(done.set_checksum_crc64_nvme(part.checksum_crc64_nvme().map(Into::into)).build());
    }
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = s3.complete_multipart_upload().bucket(bucket).key("m").upload_id(upload);
    let done = complete.multipart_upload(parts).send().await.expect("complete");
    assert!(done.checksum_crc64_nvme().is_some());
    let head = s3.head_object().bucket(bucket).key("m").send().await.expect("head");
    assert_eq!(head.content_length(), Some((5 << 20) + 17));
}
