//! Public access: what a block keeps out, and whom it does not touch.

use wh_gate::{Caller, GateError, OperationKind, ops};

use crate::house::{ALICE, House, bucket};
use crate::perform::{Until, perform};

const PUBLIC: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
"Action":"s3:GetObject","Resource":"arn:aws:s3:::files/*"}]}"#;
const FROM_HERE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
"Action":"s3:GetObject","Resource":"arn:aws:s3:::files/*",
"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}"#;

async fn block(house: &House, block: ops::PublicAccessBlock) {
    let put = ops::PutPublicAccessBlock { bucket: bucket(), block };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    house.gate.put_public_access_block(permit).await.expect("a block");
}

async fn read(house: &House, caller: &Caller) -> &'static str {
    let answer = perform(house, caller, OperationKind::GetObject, "k", Until::Effect).await;
    answer.as_ref().map_or_else(GateError::code, |()| "done")
}

async fn put_policy(house: &House, text: &str) -> &'static str {
    let put = ops::PutBucketPolicy { bucket: bucket(), text: text.to_owned() };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    let put = house.gate.put_bucket_policy(permit).await;
    put.as_ref().map_or_else(GateError::code, |()| "done")
}

#[tokio::test]
async fn a_public_bucket_can_be_restricted_to_its_account() {
    let house = House::build().await;
    let (root, stranger) = (house.root(), house.stranger());
    perform(&house, &root, OperationKind::PutObject, "k", Until::Effect).await.expect("a put");
    // Her own role allows her nothing; the bucket's policy does.
    let alice = house.session(ALICE, "UploadRole", None);
    assert_eq!(put_policy(&house, PUBLIC).await, "done");
    assert_eq!((read(&house, &stranger).await, read(&house, &alice).await), ("done", "done"));
    let restricted = ops::PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
    block(&house, restricted).await;
    assert_eq!(read(&house, &stranger).await, "public-access-blocked");
    assert_eq!((read(&house, &alice).await, read(&house, &root).await), ("done", "done"));
    assert_eq!(put_policy(&house, FROM_HERE).await, "done");
    assert_eq!(read(&house, &stranger).await, "done", "it is not public");
}

#[tokio::test]
async fn a_public_policy_can_be_kept_out() {
    let house = House::build().await;
    let blocked = ops::PublicAccessBlock { block_public_policy: true, ..Default::default() };
    block(&house, blocked).await;
    assert_eq!(put_policy(&house, PUBLIC).await, "public-policy-blocked");
    assert_eq!(put_policy(&house, FROM_HERE).await, "done");
    let others = ops::PublicAccessBlock {
        block_public_policy: false,
        restrict_public_buckets: true,
        block_public_acls: true,
        ignore_public_acls: true,
    };
    block(&house, others).await;
    assert_eq!(put_policy(&house, PUBLIC).await, "done");
}
