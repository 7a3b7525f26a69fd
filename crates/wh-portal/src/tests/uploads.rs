//! Uploads whose end went wrong: asked to complete again, or left lying.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use wh_files::{UPLOAD_STALE_AFTER, UploadStatus};
use wh_names::Uid;

use super::house::{Answer, House};
use super::store::{CRC, ETAG, Store};

const SIZE: u64 = 9_000_000;
const PART_SIZE: u64 = 8 << 20;
const OTHER_CRC: &str = "AAAAAAAAAAA=";

/// Alice with an upload whose parts are all at the store.
struct Standing {
    house: House,
    store: Store,
    alice: String,
    uid: Uid,
    id: String,
}

impl Standing {
    async fn new() -> Self {
        let store = Store::start().await;
        let house = House::over(&store.url).await;
        let alice = house.register("alice").await;
        let home = house.location(&alice, "home/").await;
        let begun = begin(&house, &alice, &home).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        let id = begun.json()["id"].as_str().expect("an id").to_owned();
        store.holding().parts = Some(vec![PART_SIZE, SIZE - PART_SIZE]);
        let uid = house.uid_of("alice").await;
        Self { house, store, alice, uid, id }
    }

    async fn complete(&self, crc: &str) -> Answer {
        let path = format!("/api/v1/uploads/{}/complete", self.id);
        self.house.post(&path, &self.alice, json!({ "crc": crc })).await
    }

    async fn status(&self) -> UploadStatus {
        self.house.upload(&self.uid, &self.id).await.status
    }

    /// As if the store had done it and nobody had heard.
    fn done_unheard(&self) {
        let mut holding = self.store.holding();
        holding.parts = None;
        holding.object = Some((SIZE, CRC));
    }
}

async fn begin(house: &House, cookie: &str, location: &str) -> Answer {
    let form = json!({ "location": location, "path": "a.txt", "size": SIZE, "content_type": "",
                       "last_modified": 1, "conflict": "fail" });
    house.post("/api/v1/uploads", cookie, form).await
}

#[track_caller]
fn completed(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = json!({ "path": "a.txt", "size": SIZE, "etag": ETAG, "checksum": CRC });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn completing_may_be_asked_again_when_the_answer_was_lost() {
    let standing = Standing::new().await;
    standing.done_unheard();
    completed(&standing.complete(CRC).await);
    assert_eq!(standing.status().await, UploadStatus::Completed);
    assert_eq!(standing.store.holding().completed, 0, "nothing was written twice");
}

#[tokio::test]
async fn completing_again_gives_the_same_answer_even_to_who_may_not_look() {
    let standing = Standing::new().await;
    completed(&standing.complete(CRC).await);
    standing.store.holding().hidden = true;
    completed(&standing.complete(CRC).await);
    standing.complete(OTHER_CRC).await.problem(409, "upload-not-open");
    assert_eq!(standing.store.holding().completed, 1);
}

#[tokio::test]
async fn other_bytes_at_the_key_are_not_the_upload() {
    for object in [Some((SIZE, OTHER_CRC)), Some((SIZE - 1, CRC)), None] {
        let standing = Standing::new().await;
        standing.done_unheard();
        standing.store.holding().object = object;
        standing.complete(CRC).await.problem(409, "upload-not-open");
        assert_eq!(standing.status().await, UploadStatus::Aborted);
    }
}

#[tokio::test]
async fn a_condition_that_the_upload_itself_has_broken_is_no_conflict() {
    let standing = Standing::new().await;
    standing.store.holding().condition_fails = true;
    standing.store.holding().object = Some((SIZE, OTHER_CRC));
    standing.complete(CRC).await.problem(409, "file-exists");
    standing.store.holding().object = Some((SIZE, CRC));
    completed(&standing.complete(CRC).await);
    assert_eq!(standing.store.holding().parts, None, "the parts are freed");
}

#[tokio::test]
async fn uploads_that_nobody_goes_on_with_are_given_up() {
    let standing = Standing::new().await;
    let (house, store) = (&standing.house, &standing.store);
    house.pass(UPLOAD_STALE_AFTER);
    assert_eq!(house.files.sweep_uploads().await.expect("swept"), 0, "not a moment too early");
    house.pass(SignedDuration::from_secs(1));
    assert_eq!(house.files.sweep_uploads().await.expect("swept"), 1);
    assert_eq!(store.holding().parts, None, "the parts are freed");
    assert_eq!(standing.status().await, UploadStatus::Aborted);
    assert_eq!(house.files.sweep_uploads().await.expect("swept"), 0);
}

#[tokio::test]
async fn what_a_person_may_no_longer_free_is_given_up_all_the_same() {
    let standing = Standing::new().await;
    let (house, store) = (&standing.house, &standing.store);
    let disable = format!("/api/v1/people/{}/disable", standing.uid);
    assert_eq!(house.ask(Method::POST, &disable, &house.admin, None).await.status, 204);
    house.pass(UPLOAD_STALE_AFTER + SignedDuration::from_secs(1));
    let assumed = store.holding().assumed;
    assert_eq!(house.files.sweep_uploads().await.expect("swept"), 1);
    assert_eq!(store.holding().assumed, assumed, "nobody acts for who is shut out");
    assert!(store.holding().parts.is_some());
    assert_eq!(standing.status().await, UploadStatus::Aborted);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_swept_later() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    begin(&house, &alice, &home).await.problem(502, "store-unreachable");
    let unfinished = house.get("/api/v1/uploads", &alice).await.json();
    let id = unfinished["uploads"][0]["id"].as_str().expect("an id").to_owned();
    house.as_if_begun(&id).await;
    let uid = house.uid_of("alice").await;
    house.pass(UPLOAD_STALE_AFTER + SignedDuration::from_secs(1));
    let swept = house.files.sweep_uploads().await;
    assert_eq!(swept.map_err(|error| error.code()), Err("store-unreachable"));
    let row = house.upload(&uid, &id).await;
    assert_eq!(row.status, UploadStatus::Transferring);
}

/// An upload of alice's that replaces the file with this entity tag.
async fn replaces(standing: &Standing, etag: &str, conflict: &str) -> Answer {
    let home = standing.house.location(&standing.alice, "home/").await;
    let form = json!({ "location": home, "path": "a.txt", "size": SIZE, "content_type": "",
                       "last_modified": 1, "conflict": conflict, "if_match": etag });
    standing.house.post("/api/v1/uploads", &standing.alice, form).await
}

#[tokio::test]
async fn only_the_file_that_was_read_is_replaced() {
    let standing = Standing::new().await;
    replaces(&standing, ETAG, "replace").await.problem(409, "file-changed");
    standing.store.holding().object = Some((SIZE, OTHER_CRC));
    replaces(&standing, "another-etag", "replace").await.problem(409, "file-changed");
    for bad in ["", "\"quoted\"", "a\r\nx: y", "ä"] {
        replaces(&standing, bad, "replace").await.problem(400, "invalid-if-match");
    }
    replaces(&standing, ETAG, "fail").await.problem(400, "invalid-if-match");
    let begun = replaces(&standing, ETAG, "replace").await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    standing.store.holding().condition_fails = true;
    standing.store.holding().parts = Some(vec![PART_SIZE, SIZE - PART_SIZE]);
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/uploads/{id}/complete");
    let late = standing.house.post(&path, &standing.alice, json!({ "crc": CRC })).await;
    late.problem(409, "file-changed");
}
