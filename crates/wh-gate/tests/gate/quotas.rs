//! Quotas at the gate: never more than may be there, and what failed gives its room back.

use bytes::Bytes;
use futures::future::join_all;
use tokio::sync::oneshot;
use wh_gate::{GateError, QuotaSubject, ops};
use wh_ledger::{
    QuotaAmount, QuotaCounterRow, QuotaLimits, QuotaPlace, QuotaRow, RowId, WantedCounter,
};
use wh_names::{Entropy, KeyPrefix};
use wh_objects::{
    ByteStream, CompleteUpload, CompletedPart, CopyObject, CreateUpload, DeleteObject, PartMeta,
    PutObject, UploadId, UploadPart, VersionId, Versioning,
};

use crate::house::{House, at, bucket};

const ID: &str = "location:files/q/";

fn body(bytes: usize) -> ByteStream {
    Box::pin(futures::stream::once(async move { Ok(Bytes::from(vec![7; bytes])) }))
}

/// A body that breaks off.
fn broken() -> ByteStream {
    Box::pin(futures::stream::once(async { Err("it broke off".into()) }))
}

/// A body that comes once that is let.
fn held_back(bytes: usize) -> (oneshot::Sender<()>, ByteStream) {
    let (lets, let_go) = oneshot::channel();
    let body = async move {
        let_go.await?;
        Ok(Bytes::from(vec![7; bytes]))
    };
    (lets, Box::pin(futures::stream::once(body)))
}

impl House {
    async fn with_quota(bytes: Option<u64>, objects: Option<u64>) -> Self {
        let house = Self::build().await;
        house.sets_quota(bytes, objects).await;
        house
    }

    async fn sets_quota(&self, bytes: Option<u64>, objects: Option<u64>) -> RowId {
        let house = self;
        let prefix = KeyPrefix::parse("q/").expect("a prefix");
        let place = QuotaPlace { bucket: bucket(), prefix };
        let row = QuotaRow {
            id: RowId::generate(house.now(), &Entropy::new(|out| out.fill(7))),
            subject: QuotaSubject::Location(place.clone()),
            limits: QuotaLimits { bytes, objects },
            created_at: house.now(),
            updated_at: house.now(),
            updated_by: None,
        };
        house.ledger.put_quota(&row).await.expect("put");
        let QuotaRow { id: quota_id, subject, limits, .. } = row;
        let id = quota_id.clone();
        let wanted = WantedCounter { quota_id, subject, limits, places: vec![place] };
        assert!(house.ledger.set_quota_counters(&[wanted]).await.expect("set"));
        id
    }

    async fn begins_upload(&self, key: &str) -> UploadId {
        let create = CreateUpload::default();
        let create = ops::CreateMultipartUpload { address: at(key), create };
        let permit = self.gate.admit(&self.root(), create).await.expect("a permit");
        self.gate.create_multipart_upload(permit).await.expect("begun")
    }

    async fn sends_part(
        &self,
        (key, upload, number): (&str, &UploadId, u16),
        (bytes, body): (usize, ByteStream),
    ) -> Result<PartMeta, GateError> {
        let part = UploadPart {
            address: at(key),
            upload: upload.clone(),
            number,
            expected: None,
            content_md5: None,
            size: u64::try_from(bytes).ok(),
        };
        let permit = self.gate.admit(&self.root(), ops::UploadPart { part }).await;
        self.gate.upload_part(permit.expect("a permit"), body).await
    }

    async fn completes(
        &self,
        key: &str,
        upload: &UploadId,
        part: &PartMeta,
    ) -> Result<(), GateError> {
        let complete = CompleteUpload {
            address: at(key),
            upload: upload.clone(),
            parts: vec![CompletedPart { number: 1, etag: part.etag.clone(), checksum: None }],
            expected: None,
            condition: wh_objects::WriteCondition::Always,
            object_size: None,
        };
        let complete = ops::CompleteMultipartUpload { complete };
        let permit = self.gate.admit(&self.root(), complete).await.expect("a permit");
        self.gate.complete_multipart_upload(permit).await.map(drop)
    }

    async fn puts(&self, key: &str, bytes: usize) -> Result<(), GateError> {
        let size = u64::try_from(bytes).ok();
        self.puts_body(key, size, body(bytes)).await
    }

    async fn puts_body(
        &self,
        key: &str,
        size: Option<u64>,
        body: ByteStream,
    ) -> Result<(), GateError> {
        let put = PutObject { size, ..PutObject::default() };
        let put = ops::PutObject { address: at(key), put };
        let permit = self.gate.admit(&self.root(), put).await?;
        self.gate.put_object(permit, body).await.map(drop)
    }

    async fn deletes(&self, key: &str, version: Option<VersionId>) -> Option<VersionId> {
        let delete = DeleteObject { version, ..DeleteObject::default() };
        let delete = ops::DeleteObject { address: at(key), delete };
        let permit = self.gate.admit(&self.root(), delete).await.expect("a permit");
        self.gate.delete_object(permit).await.expect("deleted").version
    }

    async fn copies(&self, from: &str, to: &str) -> Result<(), GateError> {
        let copy = CopyObject {
            from: at(from),
            from_version: None,
            to: at(to),
            headers: None,
            tags: None,
            lock: Default::default(),
            source_conditions: Default::default(),
            condition: wh_objects::WriteCondition::Always,
        };
        let permit = self.gate.admit(&self.root(), ops::CopyObject { copy }).await?;
        self.gate.copy_object(permit).await.map(drop)
    }

    async fn counter(&self) -> QuotaCounterRow {
        let found = self.ledger.quota_counters_named(&[ID.to_owned()]).await.expect("read");
        found.into_iter().next().expect("a counter").0
    }

    #[track_caller]
    fn counts(counter: &QuotaCounterRow, bytes: u64, objects: u64) {
        assert_eq!(counter.used, QuotaAmount { bytes, objects });
        assert_eq!(counter.reserved, QuotaAmount::default(), "nothing is on its way");
    }
}

#[track_caller]
fn full(done: Result<(), GateError>) {
    assert!(matches!(done, Err(GateError::QuotaExceeded(_))), "{done:?}");
}

#[tokio::test]
async fn of_64_uploads_at_the_limit_no_more_come_in_than_have_room() {
    let house = House::with_quota(Some(1_000), None).await;
    let keys: Vec<String> = (0..64).map(|n| format!("q/{n}")).collect();
    let all = join_all(keys.iter().map(|key| house.puts(key, 90))).await;
    let done = all.iter().filter(|done| done.is_ok()).count();
    assert_eq!(done, 11);
    House::counts(&house.counter().await, 990, 11);
    full(house.puts("q/more", 11).await);
    house.puts("q/more", 10).await.expect("as much as there is room");
    house.puts("elsewhere", 5_000).await.expect("under no quota");
}

#[tokio::test]
async fn what_fails_gives_its_room_back() {
    let house = House::with_quota(Some(1_000), None).await;
    let keys: Vec<String> = (0..64).map(|n| format!("q/{n}")).collect();
    let all = join_all(keys.iter().map(|key| house.puts_body(key, Some(90), broken()))).await;
    assert!(all.iter().all(Result::is_err));
    House::counts(&house.counter().await, 0, 0);
    house.puts("q/whole", 1_000).await.expect("all of it");
}

#[tokio::test]
async fn what_is_replaced_makes_room_once_and_what_is_deleted_at_once() {
    let house = House::with_quota(Some(1_000), Some(2)).await;
    house.puts("q/a", 900).await.expect("put");
    house.puts("q/a", 1_000).await.expect("in its own place");
    House::counts(&house.counter().await, 1_000, 1);
    full(house.puts("q/b", 1).await);
    house.puts("q/b", 0).await.expect("no bytes");
    full(house.puts("q/c", 0).await);
    house.deletes("q/a", None).await;
    House::counts(&house.counter().await, 0, 1);
    house.deletes("q/a", None).await;
    House::counts(&house.counter().await, 0, 1);
    // Of many that replace the same, one makes its room; the others count beside it until the next count.
    house.puts("q/a", 100).await.expect("put");
    let many = join_all((0..8).map(|_| house.puts("q/a", 100))).await;
    assert!(many.iter().any(Result::is_ok));
    let counter = house.counter().await;
    assert!(counter.used.bytes >= 100, "{counter:?}");
    assert_eq!(counter.reserved, QuotaAmount::default());
}

#[tokio::test]
async fn copies_need_room_as_uploads_do() {
    let house = House::with_quota(Some(100), None).await;
    house.puts("source", 60).await.expect("put");
    house.copies("source", "q/one").await.expect("copied");
    full(house.copies("source", "q/two").await);
    house.copies("source", "q/one").await.expect("over itself");
    House::counts(&house.counter().await, 60, 1);
    assert!(house.copies("nothing", "q/two").await.is_err());
    House::counts(&house.counter().await, 60, 1);
}

#[tokio::test]
async fn a_file_that_comes_back_from_the_trash_needs_room() {
    let house = House::with_quota(Some(100), None).await;
    let put = ops::PutBucketVersioning { bucket: bucket(), versioning: Versioning::Enabled };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    house.gate.put_bucket_versioning(permit).await.expect("versions");
    house.puts("q/a", 80).await.expect("put");
    let marker = house.deletes("q/a", None).await.expect("a marker");
    House::counts(&house.counter().await, 0, 0);
    house.puts("q/b", 50).await.expect("there is room");
    let delete = DeleteObject { version: Some(marker), ..DeleteObject::default() };
    let delete = ops::DeleteObject { address: at("q/a"), delete };
    let permit = house.gate.admit(&house.root(), delete).await.expect("a permit");
    full(house.gate.delete_object(permit).await.map(drop));
    house.deletes("q/b", None).await;
    house.deletes("q/a", Some(marker)).await;
    House::counts(&house.counter().await, 80, 1);
    house.puts("q/a", 30).await.expect("a newer version");
    House::counts(&house.counter().await, 30, 1);
}

#[tokio::test]
async fn parts_need_room_one_after_another_and_an_upload_that_is_dropped_gives_it_back() {
    let house = House::with_quota(Some(100), None).await;
    let upload = house.begins_upload("q/big").await;
    let send = async |number: u16, bytes: usize| {
        house.sends_part(("q/big", &upload, number), (bytes, body(bytes))).await
    };
    let first = send(1, 90).await.expect("a part");
    full(send(2, 11).await.map(drop));
    send(1, 90).await.expect("the same again");
    assert_eq!(house.counter().await.reserved.bytes, 90);
    full(house.puts("q/other", 11).await);
    house.completes("q/big", &upload, &first).await.expect("completed");
    House::counts(&house.counter().await, 90, 1);
    let dropped = house.begins_upload("q/big").await;
    house.sends_part(("q/big", &dropped, 1), (10, body(10))).await.expect("a part");
    assert_eq!(house.counter().await.reserved.bytes, 10);
    let abort = ops::AbortMultipartUpload { address: at("q/big"), upload: dropped };
    let permit = house.gate.admit(&house.root(), abort).await.expect("a permit");
    house.gate.abort_multipart_upload(permit).await.expect("dropped");
    House::counts(&house.counter().await, 90, 1);
}

/// Two bodies of one part: which of them stays is known when it is completed, and room is there for either.
#[tokio::test]
async fn a_part_that_comes_twice_at_once_keeps_the_room_of_the_larger() {
    let house = House::with_quota(Some(100), None).await;
    let upload = house.begins_upload("q/big").await;
    let part = ("q/big", &upload, 1);
    house.sends_part(part, (1, body(1))).await.expect("a part");
    let (lets, large) = held_back(90);
    let (large, ()) = tokio::join!(house.sends_part(part, (90, large)), async {
        while house.counter().await.reserved.bytes < 90 {
            tokio::task::yield_now().await;
        }
        house.sends_part(part, (1, body(1))).await.expect("the small one again");
        assert_eq!(house.counter().await.reserved.bytes, 90);
        full(house.puts("q/other", 50).await);
        lets.send(()).expect("it waits");
    });
    let large = large.expect("a part");
    house.completes("q/big", &upload, &large).await.expect("completed");
    House::counts(&house.counter().await, 90, 1);
}

/// A part for which no room was taken is seen when its upload completes.
#[tokio::test]
async fn an_upload_completes_only_in_room_for_all_that_the_store_has_of_it() {
    let house = House::build().await;
    let upload = house.begins_upload("q/big").await;
    let part = house.sends_part(("q/big", &upload, 1), (90, body(90))).await.expect("a part");
    house.sets_quota(Some(100), None).await;
    house.puts("q/other", 20).await.expect("there is room");
    full(house.completes("q/big", &upload, &part).await);
    house.deletes("q/other", None).await;
    house.completes("q/big", &upload, &part).await.expect("completed");
    House::counts(&house.counter().await, 90, 1);
}

#[tokio::test]
async fn versions_that_are_removed_at_once_leave_no_less_counted_than_there_is() {
    let house = House::with_quota(Some(1_000), None).await;
    let put = ops::PutBucketVersioning { bucket: bucket(), versioning: Versioning::Enabled };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    house.gate.put_bucket_versioning(permit).await.expect("versions");
    house.puts("q/a", 60).await.expect("the first");
    let marker = house.deletes("q/a", None).await.expect("a marker");
    house.puts("q/a", 10).await.expect("the last");
    let head = ops::HeadObject { address: at("q/a"), head: Default::default() };
    let permit = house.gate.admit(&house.root(), head).await.expect("a permit");
    let last = house.gate.head_object(permit).await.expect("there").version;
    tokio::join!(house.deletes("q/a", last), house.deletes("q/a", Some(marker)));
    let counter = house.counter().await;
    assert!(counter.used.bytes >= 60, "the first is there again: {counter:?}");
    assert_eq!(counter.reserved, QuotaAmount::default());
}

/// Taken off and set again while a body comes, the same quota has another count, which may have passed it.
#[tokio::test]
async fn what_comes_to_a_quota_that_was_set_anew_meanwhile_is_counted() {
    let house = House::with_quota(Some(1_000), None).await;
    let (lets, slow) = held_back(90);
    let (done, ()) = tokio::join!(house.puts_body("q/a", Some(90), slow), async {
        while house.counter().await.reserved.bytes < 90 {
            tokio::task::yield_now().await;
        }
        let quota = house.counter().await.quota_id;
        house.ledger.remove_quota(&quota).await.expect("removed");
        house.sets_quota(Some(1_000), None).await;
        let (now, nothing) = (house.now(), QuotaAmount::default());
        house.ledger.begin_quota_count((ID, 7), (now, now)).await.expect("begun");
        house.ledger.finish_quota_count((ID, 7), nothing, now).await.expect("counted");
        lets.send(()).expect("it waits");
    });
    done.expect("put");
    let counter = house.counter().await;
    assert_eq!(counter.used, QuotaAmount { bytes: 90, objects: 1 });
    assert!(counter.stale_at.is_some(), "it may be counted twice");
}
