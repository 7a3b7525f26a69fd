//! The AWS SDK for Rust, call by call: what `cargo xtask compatibility` tells of it.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, Delete, ObjectAttributes,
    ObjectIdentifier, ServerSideEncryption, Tag, Tagging, VersioningConfiguration,
};
use serde_json::{Value, json};

use crate::gateway::settings;
use crate::server::Server;

/// What came of every operation: `works`, or the code of the error.
#[derive(Default)]
struct Tried(BTreeMap<String, String>);

impl Tried {
    /// Keeps what came of a call; a call that had worked before must work again.
    fn told<T, E: ProvideErrorMetadata>(&mut self, name: &str, answer: Result<T, E>) -> Option<T> {
        let told = answer.as_ref().map_or_else(
            |error| error.code().unwrap_or("no code").to_owned(),
            |_| "works".to_owned(),
        );
        let kept = self.0.entry(name.to_owned()).or_insert_with(|| told.clone());
        if told != "works" {
            *kept = told;
        }
        answer.ok()
    }
}

/// One call: `tell!(tried, s3.head_bucket().bucket("b"), "s3 HeadBucket")`.
macro_rules! tell {
    ($tried:ident, $call:expr, $name:literal) => {
        $tried.told($name, $call.send().await)
    };
}

async fn config(server: &Server) -> SdkConfig {
    let (key, secret) = server.root();
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&server.s3)
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .load()
        .await
}

async fn buckets(s3: &aws_sdk_s3::Client, tried: &mut Tried) {
    let b = "sdk-bucket";
    tell!(tried, s3.create_bucket().bucket(b), "s3 CreateBucket");
    tell!(tried, s3.list_buckets(), "s3 ListBuckets");
    tell!(tried, s3.head_bucket().bucket(b), "s3 HeadBucket");
    tell!(tried, s3.get_bucket_location().bucket(b), "s3 GetBucketLocation");
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let put = s3.put_bucket_versioning().bucket(b).versioning_configuration(on);
    tell!(tried, put, "s3 PutBucketVersioning");
    tell!(tried, s3.get_bucket_versioning().bucket(b), "s3 GetBucketVersioning");
    let put = s3.put_bucket_tagging().bucket(b).tagging(tagging());
    tell!(tried, put, "s3 PutBucketTagging");
    tell!(tried, s3.get_bucket_tagging().bucket(b), "s3 GetBucketTagging");
    tell!(tried, s3.delete_bucket_tagging().bucket(b), "s3 DeleteBucketTagging");
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny",
        "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::sdk-bucket/secret" }] });
    let put = s3.put_bucket_policy().bucket(b).policy(policy.to_string());
    tell!(tried, put, "s3 PutBucketPolicy");
    tell!(tried, s3.get_bucket_policy().bucket(b), "s3 GetBucketPolicy");
    tell!(tried, s3.get_bucket_policy_status().bucket(b), "s3 GetBucketPolicyStatus");
    tell!(tried, s3.delete_bucket_policy().bucket(b), "s3 DeleteBucketPolicy");
    tell!(tried, s3.get_bucket_encryption().bucket(b), "s3 GetBucketEncryption");
    tell!(tried, s3.get_bucket_ownership_controls().bucket(b), "s3 GetBucketOwnershipControls");
    tell!(tried, s3.get_bucket_acl().bucket(b), "s3 GetBucketAcl");
    tell!(tried, s3.get_bucket_website().bucket(b), "s3 GetBucketWebsite");
    tell!(tried, s3.get_bucket_request_payment().bucket(b), "s3 GetBucketRequestPayment");
    tell!(tried, s3.delete_bucket().bucket(b), "s3 DeleteBucket");
}

fn tagging() -> Tagging {
    let tag = Tag::builder().key("team").value("red").build().expect("a tag");
    Tagging::builder().tag_set(tag).build().expect("tags")
}

async fn objects(s3: &aws_sdk_s3::Client, tried: &mut Tried) {
    let b = "sdk-objects";
    tell!(tried, s3.create_bucket().bucket(b), "s3 CreateBucket");
    let body = ByteStream::from_static(b"hello");
    tell!(tried, s3.put_object().bucket(b).key("a").body(body), "s3 PutObject");
    tell!(tried, s3.head_object().bucket(b).key("a"), "s3 HeadObject");
    tell!(tried, s3.get_object().bucket(b).key("a").range("bytes=1-3"), "s3 GetObject");
    let get = s3.get_object_attributes().bucket(b).key("a");
    let get = get.object_attributes(ObjectAttributes::Etag);
    tell!(tried, get, "s3 GetObjectAttributes");
    // Clients such as s3fs repeat what they were told of the source.
    let copy = s3.copy_object().bucket(b).key("b").copy_source("sdk-objects/a");
    let copy = copy.server_side_encryption(ServerSideEncryption::Aes256);
    tell!(tried, copy, "s3 CopyObject");
    tell!(tried, s3.list_objects_v2().bucket(b), "s3 ListObjectsV2");
    tell!(tried, s3.list_objects().bucket(b), "s3 ListObjects");
    tell!(tried, s3.list_object_versions().bucket(b), "s3 ListObjectVersions");
    let put = s3.put_object_tagging().bucket(b).key("a").tagging(tagging());
    tell!(tried, put, "s3 PutObjectTagging");
    tell!(tried, s3.get_object_tagging().bucket(b).key("a"), "s3 GetObjectTagging");
    tell!(tried, s3.delete_object_tagging().bucket(b).key("a"), "s3 DeleteObjectTagging");
    tell!(tried, s3.get_object_acl().bucket(b).key("a"), "s3 GetObjectAcl");
    in_parts(s3, tried).await;
    tell!(tried, s3.delete_object().bucket(b).key("a"), "s3 DeleteObject");
    let one = |key: &str| ObjectIdentifier::builder().key(key).build().expect("a key");
    let both = Delete::builder().objects(one("b")).objects(one("parts")).build().expect("keys");
    tell!(tried, s3.delete_objects().bucket(b).delete(both), "s3 DeleteObjects");
    tell!(tried, s3.delete_bucket().bucket(b), "s3 DeleteBucket");
}

async fn in_parts(s3: &aws_sdk_s3::Client, tried: &mut Tried) {
    let (b, key) = ("sdk-objects", "parts");
    let create = || s3.create_multipart_upload().bucket(b).key(key);
    let begun = tell!(tried, create(), "s3 CreateMultipartUpload").expect("an upload");
    let id = begun.upload_id().expect("an id");
    let part = s3.upload_part().bucket(b).key(key).upload_id(id).part_number(1);
    let part = part.body(ByteStream::from(vec![1; 5 << 20]));
    let first = tell!(tried, part, "s3 UploadPart").expect("a part");
    let copy = s3.upload_part_copy().bucket(b).key(key).upload_id(id).part_number(2);
    let copy = copy.copy_source("sdk-objects/a");
    let second = tell!(tried, copy, "s3 UploadPartCopy").expect("a part");
    tell!(tried, s3.list_parts().bucket(b).key(key).upload_id(id), "s3 ListParts");
    tell!(tried, s3.list_multipart_uploads().bucket(b), "s3 ListMultipartUploads");
    let copied = second.copy_part_result().and_then(|part| part.e_tag());
    let done = [(1, first.e_tag()), (2, copied)].map(|(number, etag)| {
        CompletedPart::builder().part_number(number).e_tag(etag.expect("an ETag")).build()
    });
    let done = CompletedMultipartUpload::builder().set_parts(Some(done.to_vec())).build();
    let complete = s3.complete_multipart_upload().bucket(b).key(key).upload_id(id);
    tell!(tried, complete.multipart_upload(done), "s3 CompleteMultipartUpload");
    let again = tell!(tried, create(), "s3 CreateMultipartUpload").expect("an upload");
    let abort = s3.abort_multipart_upload().bucket(b).key(key);
    let abort = abort.upload_id(again.upload_id().expect("an id"));
    tell!(tried, abort, "s3 AbortMultipartUpload");
}

async fn sessions(sts: &aws_sdk_sts::Client, key: &str, tried: &mut Tried) {
    tell!(tried, sts.get_caller_identity(), "sts GetCallerIdentity");
    tell!(tried, sts.get_session_token(), "sts GetSessionToken");
    tell!(tried, sts.get_access_key_info().access_key_id(key), "sts GetAccessKeyInfo");
    let role = "arn:aws:iam::000000000000:role/none";
    let assume = sts.assume_role().role_arn(role).role_session_name("session");
    tell!(tried, assume, "sts AssumeRole");
    let decode = sts.decode_authorization_message().encoded_message("none");
    tell!(tried, decode, "sts DecodeAuthorizationMessage");
}

async fn tried(server: &Server) -> BTreeMap<String, String> {
    let config = config(server).await;
    let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(s3);
    let mut tried = Tried::default();
    buckets(&s3, &mut tried).await;
    objects(&s3, &mut tried).await;
    sessions(&aws_sdk_sts::Client::new(&config), &server.root().0, &mut tried).await;
    tried.0
}

/// What is refused, as documented.
const REFUSED: [(&str, &str); 3] = [
    ("s3 GetBucketWebsite", "NoSuchWebsiteConfiguration"),
    ("sts AssumeRole", "AccessDenied"),
    ("sts DecodeAuthorizationMessage", "InvalidAuthorizationMessageException"),
];

#[tokio::test]
async fn the_sdk_makes_every_call_to_the_store_and_through_a_gateway() {
    let house = Server::start_store_only();
    let upstream = Server::start_store_only();
    let behind = settings(&upstream, "front");
    let behind: Vec<_> = behind.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let gateway = Server::start_with(&behind);
    let found = [("embedded", tried(&house).await), ("gateway", tried(&gateway).await)];
    for (way, tried) in &found {
        for (operation, told) in tried {
            let refused = REFUSED.iter().find(|(name, _)| name == operation);
            assert_eq!(told, refused.map_or("works", |(_, code)| code), "{operation}, {way}");
        }
    }
    keep(&json!(found.into_iter().collect::<BTreeMap<_, _>>()));
}

/// Leaves what was found to `cargo xtask compatibility`, where that asked.
#[expect(clippy::disallowed_methods, reason = "the chore tells the tests what it wants")]
fn keep(found: &Value) {
    if let Some(path) = std::env::var_os("WELLHOUSE_TEST_COMPATIBILITY") {
        std::fs::write(path, found.to_string()).expect("written");
    }
}
