//! Favourites and recent places: a person's own, in the locations that they have now.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::House;

async fn paths(house: &House, who: &str, kind: &str) -> Vec<Value> {
    let places = house.get("/api/v1/places", who).await.json();
    let places = places[kind].as_array().expect("places").clone();
    places.into_iter().map(|place| place["path"].clone()).collect()
}

async fn marks(house: &House, who: &str, location: &str, path: &str) {
    let place = json!({ "location": location, "path": path });
    let marked = house.post("/api/v1/places/favourites", who, place).await;
    assert_eq!(marked.status, 204, "{path}: {}", marked.body);
}

#[tokio::test]
async fn what_is_marked_is_ones_own_and_so_much_and_no_more() {
    let house = House::new().await;
    let (alice, bob) = (house.register("alice").await, house.register("robert").await);
    let home = house.location(&alice, "home/").await;
    for n in 0..200 {
        marks(&house, &alice, &home, &format!("{n}.txt")).await;
    }
    let more = json!({ "location": home, "path": "more/" });
    let refused = house.post("/api/v1/places/favourites", &alice, more).await;
    refused.problem(409, "too-many-favourites");
    let gone = format!("/api/v1/places/favourites?location={home}&path=7.txt");
    assert_eq!(house.ask(Method::DELETE, &gone, &bob, None).await.status, 204, "his own: none");
    assert_eq!(paths(&house, &alice, "favourites").await.len(), 200);
    assert_eq!(house.ask(Method::DELETE, &gone, &alice, None).await.status, 204);
    house.pass(jiff::SignedDuration::from_secs(1));
    marks(&house, &alice, &home, "more/").await;
    assert_eq!(paths(&house, &alice, "favourites").await[0], "more/", "the last first");
    assert_eq!(paths(&house, &bob, "favourites").await, [Value::Null; 0]);
    let strange = json!({ "location": home, "path": "a" });
    let refused = house.post("/api/v1/places/favourites", &bob, strange).await;
    refused.problem(404, "no-such-location");
    let outside = json!({ "location": home, "path": "../a" });
    let refused = house.post("/api/v1/places/favourites", &alice, outside).await;
    refused.problem(400, "path-dot-segment");
}

#[tokio::test]
async fn where_one_was_is_kept_in_its_order_and_as_long_as_one_wants_it() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let was = async |paths: &[&str]| {
        let visits: Vec<_> =
            paths.iter().map(|path| json!({ "location": home, "path": path })).collect();
        house.post("/api/v1/places/recent", &alice, json!({ "visits": visits })).await
    };
    assert_eq!(was(&["a/", "a/b.txt", "c/"]).await.status, 204);
    assert_eq!(paths(&house, &alice, "recent").await, ["c/", "a/b.txt", "a/"]);
    house.pass(jiff::SignedDuration::from_secs(1));
    assert_eq!(was(&["a/"]).await.status, 204);
    assert_eq!(paths(&house, &alice, "recent").await, ["a/", "c/", "a/b.txt"]);
    was(&[]).await.problem(400, "too-many-paths");
    was(&["a/"; 51]).await.problem(400, "too-many-paths");
    let alien = json!({ "visits": [{ "location": "elsewhere", "path": "x" }] });
    assert_eq!(house.post("/api/v1/places/recent", &alice, alien).await.status, 204);
    let one = format!("/api/v1/places/recent/one?location={home}&path=c/");
    assert_eq!(house.ask(Method::DELETE, &one, &alice, None).await.status, 204);
    assert_eq!(paths(&house, &alice, "recent").await, ["a/", "a/b.txt"]);

    let keep = async |keep: bool| {
        let body = Some(json!({ "keep": keep }));
        house.ask(Method::PUT, "/api/v1/places/recent", &alice, body).await.status
    };
    assert_eq!(keep(false).await, 204);
    assert_eq!(was(&["d/"]).await.status, 204);
    let places = house.get("/api/v1/places", &alice).await.json();
    assert_eq!((&places["recent"], &places["keeps_recent"]), (&json!([]), &json!(false)));
    assert_eq!(keep(true).await, 204);
    assert_eq!(was(&["d/"]).await.status, 204);
    assert_eq!(paths(&house, &alice, "recent").await, ["d/"]);
    let all = house.ask(Method::DELETE, "/api/v1/places/recent", &alice, None).await;
    assert_eq!(all.status, 204);
    assert_eq!(paths(&house, &alice, "recent").await, [Value::Null; 0]);
}

#[tokio::test]
async fn what_lies_in_a_location_that_one_has_no_more_is_not_shown() {
    let house = House::new().await;
    let (ada, alice) = (house.admin.clone(), house.register("alice").await);
    let end = house.now() + jiff::SignedDuration::from_secs(600);
    let uid = house.uid_of("alice").await;
    let grant = json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box",
        "ends": end.to_string() });
    let given = house.post(&format!("/api/v1/people/{uid}/grants"), &ada, grant).await;
    assert_eq!(given.status, 201, "{}", given.body);
    let inbox = house.location(&alice, "inbox/").await;
    marks(&house, &alice, &inbox, "new/").await;
    let visit = json!({ "visits": [{ "location": inbox, "path": "new/" }] });
    assert_eq!(house.post("/api/v1/places/recent", &alice, visit).await.status, 204);
    assert_eq!(paths(&house, &alice, "favourites").await, ["new/"]);
    house.pass(jiff::SignedDuration::from_secs(601));
    assert_eq!(paths(&house, &alice, "favourites").await, [Value::Null; 0]);
    assert_eq!(paths(&house, &alice, "recent").await, [Value::Null; 0]);
}
