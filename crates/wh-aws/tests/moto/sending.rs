//! New objects against moto: sent whole or in parts, and never over one that is there.

use bytes::Bytes;
use wh_aws::{Client, CompleteUpload, PartInfo, Sender, WriteCondition};

use super::{Standing, bucket, crc64nvme, key, options};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_made_once_whole_or_in_parts() {
    let standing = Standing::set_up().await;
    let (session, objects) = (standing.session().await, &standing.objects);
    let client = Client::connect(options(&standing.moto, None)).await;
    let sender = Sender::new(&client, bucket());
    let (whole, parts) = (key("in/a b 🦀"), key("in/large"));

    let hello = Bytes::from_static(b"hello");
    let written = sender.put(&whole, hello.clone(), &crc64nvme(&hello)).await.expect("put");
    let info = objects.head(&session, &bucket(), &whole).await.expect("the object");
    assert_eq!((info.size, info.etag), (5, written.etag));
    let over = sender.put(&whole, hello.clone(), &crc64nvme(&hello)).await.expect_err("occupied");
    assert_eq!(over.code(), "precondition-failed");

    let content = [Bytes::from(vec![7; 5 << 20]), hello.clone()];
    let upload = async |condition| {
        let id = sender.begin(&parts).await.expect("begun");
        let mut sent = Vec::new();
        for (n, body) in (1..).zip(&content) {
            let sum = crc64nvme(body);
            let part = sender.send_part((&parts, &id), n, body.clone(), &sum).await;
            let etag = part.expect("a part").etag;
            let size = body.len() as u64;
            sent.push(PartInfo { n, size, etag, crc64nvme: Some(sum) });
        }
        let crc64nvme = crc64nvme(&content.concat());
        CompleteUpload { upload_id: id, parts: sent, crc64nvme, size: (5 << 20) + 5, condition }
    };
    let asked = upload(WriteCondition::IfAbsent).await;
    let written = sender.complete(&parts, asked.clone()).await.expect("completed");
    let info = objects.head(&session, &bucket(), &parts).await.expect("the object");
    assert_eq!((info.size, &info.etag), ((5 << 20) + 5, &written.etag));
    // Who did not hear the answer may ask again. Our own store says that there is no such upload.
    let again = sender.complete(&parts, asked).await.expect("told again");
    assert_eq!(again.etag, written.etag);
    let other = upload(WriteCondition::IfAbsent).await;
    let over = sender.complete(&parts, other).await.expect_err("occupied");
    assert_eq!(over.code(), "precondition-failed");
    let given_up = upload(WriteCondition::IfAbsent).await;
    sender.abort(&parts, &given_up.upload_id).await.expect("aborted");
    sender.abort(&parts, &given_up.upload_id).await.expect("aborted again");
}
