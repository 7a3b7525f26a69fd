//! Quotas over the wire: many uploads at the limit, by tools and by the page, and what they are told.

use std::thread::sleep;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::actors::Actor;
use crate::keeping::run;
use crate::sdk::client;
use crate::server::Server;

/// How long a count may take of what is hardly anything.
const COUNTED_WITHIN: Duration = Duration::from_secs(20);

/// One's own quota, once it was counted.
fn own(actor: &mut Actor, counted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let (status, all) = actor.get("/account/quotas");
        assert_eq!(status, 200, "{all}");
        let mut own = all["quotas"].as_array().expect("quotas").iter();
        let own = own.find(|quota| quota["kind"] == "person").cloned();
        if let Some(own) = own.filter(|own| own["counted"] == json!(true) && counted(own)) {
            return own;
        }
        assert!(began.elapsed() < COUNTED_WITHIN, "it was not counted: {all}");
        sleep(Duration::from_millis(100));
    }
}

fn begin(actor: &mut Actor, home: &str, size: u64) -> (u16, Value) {
    let form = json!({ "location": home, "path": format!("of {size}"), "size": size,
        "content_type": "text/plain", "last_modified": 0, "conflict": "fail" });
    actor.post("/uploads", &form)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_uploads_at_the_limit_no_more_come_in_and_what_is_deleted_makes_room() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let form = json!({ "for": { "kind": "every-person" }, "limit_bytes": 1_000 });
    let (status, refused) = bob.put_json("/quotas", &form);
    assert_eq!((status, &refused["code"]), (403, &json!("not-administrator")));
    let (status, set) = ada.put_json("/quotas", &form);
    assert_eq!(status, 200, "{set}");
    own(&mut bob, |own| own["used_bytes"] == json!(0));

    let keys = bob.keys("home/");
    let s3 = client(&keys).await;
    let puts = (0..64).map(|n| {
        let key = format!("{}{n}", keys.prefix);
        let put = s3.put_object().bucket(&keys.bucket).key(key);
        put.body(ByteStream::from(vec![7; 90])).send()
    });
    let all = futures::future::join_all(puts).await;
    assert_eq!(all.iter().filter(|put| put.is_ok()).count(), 11);
    let refused = all.into_iter().find_map(Result::err).expect("a refusal");
    let refused = refused.into_service_error();
    assert_eq!(refused.meta().code(), Some("QuotaExceeded"));
    let told = refused.meta().message().expect("a message");
    assert!(told.starts_with("Your quota has no room"), "{told}");
    let full = own(&mut bob, |_| true);
    assert_eq!((&full["used_bytes"], &full["reserved_bytes"]), (&json!(990), &json!(0)), "{full}");

    let home = bob.location("home/");
    let (status, refused) = begin(&mut bob, &home, 100);
    assert_eq!((status, &refused["code"]), (409, &json!("quota-exceeded")), "{refused}");
    let told = refused["detail"].as_str().expect("a detail");
    assert!(told.contains("90 bytes are missing"), "{told}");
    let listed = s3.list_objects_v2().bucket(&keys.bucket).prefix(&keys.prefix).send().await;
    let there = listed.expect("a listing").contents().to_vec();
    let one = there.first().and_then(|object| object.key()).expect("a key").to_owned();
    s3.delete_object().bucket(&keys.bucket).key(one).send().await.expect("deleted");
    let (status, begun) = begin(&mut bob, &home, 100);
    assert_eq!(status, 201, "{begun}");
    let taken = own(&mut bob, |_| true);
    assert_eq!(taken["reserved_bytes"], json!(100), "{taken}");
    let id = begun["id"].as_str().expect("an id");
    assert_eq!(bob.delete(&format!("/uploads/{id}")).0, 204);
    let back = own(&mut bob, |_| true);
    assert_eq!((&back["used_bytes"], &back["reserved_bytes"]), (&json!(900), &json!(0)), "{back}");
}

#[test]
fn an_operator_sets_lists_and_removes_quotas() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let data = server.data();
    let (code, said) = run(&data, &["quota", "set", "--person", "bob", "--size", "10MiB"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&data, &["quota", "set", "--person", "bob"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("how many bytes or how many objects"), "{said}");
    let (_, said) = run(&data, &["quota", "list", "--output", "json"]);
    let told: Value = serde_json::from_str(said.trim()).expect("JSON");
    assert_eq!(told["quotas"][0]["limit_bytes"], json!(10 << 20), "{told}");
    let (status, all) = ada.get("/quotas");
    assert_eq!((status, &all["quotas"][0]["name"]), (200, &json!("bob")), "{all}");
    assert_eq!(run(&data, &["quota", "remove", "--person", "bob"]).0, 0);
    assert_eq!(run(&data, &["quota", "remove", "--person", "bob"]).0, 1);
}
