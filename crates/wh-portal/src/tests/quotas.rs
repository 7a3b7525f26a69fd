//! Quotas at the begin of an upload: what a refusal says to whom, and what becomes of room when the begin fails.

use axum::http::Method;
use serde_json::json;
use wh_files::{QuotaAmount, QuotaLimits, QuotaPlace, QuotaRow, QuotaSubject, UploadStatus};
use wh_ledger::{QuotaCounterRow, QuotaReserve, RowId, WantedCounter};
use wh_names::{BucketName, Entropy, KeyPrefix};

use super::house::{Answer, House};
use super::store::Store;

/// The room of an upload, as the store of these tests calls every upload.
const ROOM: &str = "mp:U";

async fn place(house: &House, prefix: &str) -> QuotaPlace {
    let all = house.get("/api/v1/locations", &house.admin).await.json();
    let bucket = all["locations"][0]["bucket"].as_str().expect("a bucket").to_owned();
    let bucket = BucketName::parse(&bucket).expect("a bucket");
    QuotaPlace { bucket, prefix: KeyPrefix::parse(prefix).expect("a prefix") }
}

/// A quota of 100 bytes of somebody, which counts what begins with `prefix`.
async fn quota(house: &House, subject: QuotaSubject, prefix: &str) -> String {
    let number = u8::try_from(prefix.len()).expect("short");
    let row = QuotaRow {
        id: RowId::generate(house.now(), &Entropy::new(move |out| out.fill(number))),
        subject: subject.clone(),
        limits: QuotaLimits { bytes: Some(100), objects: None },
        created_at: house.now(),
        updated_at: house.now(),
        updated_by: None,
    };
    house.ledger.put_quota(&row).await.expect("put");
    let places = vec![place(house, prefix).await];
    let id = subject.counter_id();
    let wanted = WantedCounter { quota_id: row.id, subject, limits: row.limits, places };
    assert!(house.ledger.set_quota_counters(&[wanted]).await.expect("set"));
    id
}

async fn counter(house: &House, id: &str) -> QuotaCounterRow {
    let found = house.ledger.quota_counters_named(&[id.to_owned()]).await.expect("read");
    found.into_iter().next().expect("a counter").0
}

/// Somebody writes in `team/`.
async fn writes(house: &House, name: &str) {
    let uid = house.uid_of(name).await.to_string();
    let grant = json!({ "to": { "kind": "person", "uid": uid }, "role": "S3AccessRole",
        "prefix": "team/", "title": "Team" });
    assert_eq!(house.post("/api/v1/grants", &house.admin, grant).await.status, 201);
}

async fn begin(house: &House, cookie: &str, location: &str, size: u64) -> Answer {
    let form = json!({ "location": location, "path": "a.txt", "size": size, "content_type": "",
                       "last_modified": 1, "conflict": "fail" });
    house.post("/api/v1/uploads", cookie, form).await
}

#[tokio::test]
async fn an_upload_that_cannot_be_written_down_is_dropped_and_keeps_no_room() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await;
    writes(&house, "alice").await;
    let team = house.location(&alice, "team/").await;
    let of = quota(&house, QuotaSubject::Location(place(&house, "team/").await), "team/").await;
    // Something of that name is there: the ledger refuses to call the room so.
    let (more, counters) = (QuotaAmount { bytes: 1, objects: 1 }, [of.clone()]);
    let expires = jiff::Timestamp::MAX;
    let (counters, whole) = (&counters[..], 1);
    let reserve =
        QuotaReserve { id: ROOM, counters, more, rounds: None, whole, part: None, expires };
    assert_eq!(house.ledger.reserve_quota(reserve).await.expect("room"), None);
    let begun = begin(&house, &alice, &team, 50).await;
    assert!(begun.status.is_server_error(), "{} {}", begun.status, begun.body);
    assert_eq!(counter(&house, &of).await.reserved, QuotaAmount::default());
    assert!(store.holding().parts.is_none(), "the store holds nothing of it");
    let open = house.get("/api/v1/uploads", &alice).await.json();
    assert_eq!(open["uploads"], json!([]), "nobody goes on with it");
    // Now that the name is free, another begins and has its room.
    let begun = begin(&house, &alice, &team, 50).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    assert_eq!(counter(&house, &of).await.reserved.bytes, 50);
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(house.upload(&uid, &id).await.status, UploadStatus::Transferring);
}

#[tokio::test]
async fn a_refusal_says_whose_quota_it_is_as_far_as_the_writer_may_know() {
    let house = House::over(&Store::start().await.url).await;
    let (alice, _) = (house.register("alice").await, house.register("robert").await);
    writes(&house, "alice").await;
    let [hers, his] = [house.uid_of("alice").await, house.uid_of("robert").await];
    let group = house.post("/api/v1/groups", &house.admin, json!({ "name": "editors" })).await;
    let group = group.json()["id"].as_str().expect("an id").to_owned();
    let of_group = RowId::parse(&group).expect("an id");
    let team = house.location(&alice, "team/").await;
    let around = place(&house, "team/").await;
    let told = async |subject: QuotaSubject| -> String {
        let id = quota(&house, subject, "team/").await;
        let refused = begin(&house, &alice, &team, 101).await.problem(409, "quota-exceeded");
        house.ledger.set_quota_counters(&[]).await.expect("none");
        let quotas = house.ledger.quotas().await.expect("read");
        for quota in quotas {
            house.ledger.remove_quota(&quota.id).await.expect("removed");
        }
        assert!(!id.is_empty());
        refused["detail"].as_str().expect("a detail").to_owned()
    };
    let says = |told: String, of: &str| {
        assert!(told.starts_with(&format!("the quota of {of} is 100 bytes")), "{told}");
    };
    says(told(QuotaSubject::Person(hers.clone())).await, "your own places");
    let others = told(QuotaSubject::Person(his)).await;
    says(others.clone(), "the places of somebody else");
    assert!(!others.contains("robert"), "{others}");
    says(told(QuotaSubject::Location(around.clone())).await, &format!("`{around}`"));
    let unnamed = told(QuotaSubject::Group(of_group.clone())).await;
    says(unnamed.clone(), "the places of a group");
    assert!(!unnamed.contains("editors"), "{unnamed}");
    let member = format!("/api/v1/groups/{group}/members/{hers}");
    let joined = house.ask(Method::PUT, &member, &house.admin, None).await;
    assert_eq!(joined.status, 204, "{}", joined.body);
    says(told(QuotaSubject::Group(of_group)).await, "the places of the group `editors`");
}

/// Somebody else's quota is over a place in which one writes: it is not called one's own.
#[tokio::test]
async fn a_quota_says_whether_it_counts_ones_own_places() {
    let house = House::over(&Store::start().await.url).await;
    let (alice, _) = (house.register("alice").await, house.register("robert").await);
    writes(&house, "alice").await;
    for (name, own) in [("alice", true), ("robert", false)] {
        let of = house.uid_of(name).await;
        quota(&house, QuotaSubject::Person(of), "team/").await;
        let told = house.get("/api/v1/account/quotas", &alice).await.json();
        let quotas = told["quotas"].as_array().expect("quotas");
        assert_eq!(quotas.len(), 1, "{told}");
        assert_eq!((&quotas[0]["kind"], &quotas[0]["own"]), (&json!("person"), &json!(own)));
        house.ledger.set_quota_counters(&[]).await.expect("none");
        for row in house.ledger.quotas().await.expect("read") {
            house.ledger.remove_quota(&row.id).await.expect("removed");
        }
    }
}
