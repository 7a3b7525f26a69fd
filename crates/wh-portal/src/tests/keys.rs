//! Access keys of persons: asked for with the password, shown once, bounded, one's own.

use axum::http::Method;
use axum::http::header::CACHE_CONTROL;
use serde_json::{Value, json};

use super::house::{House, PASSWORD};
use super::store::Store;

fn form(location: &str) -> Value {
    json!({ "name": "backup", "location": location, "days": 90, "actions": null,
        "password": PASSWORD })
}

fn with(mut form: Value, field: &str, value: Value) -> Value {
    form[field] = value;
    form
}

#[tokio::test]
async fn a_key_is_made_with_the_password_and_its_secret_is_told_once() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let none = house.get("/api/v1/keys", &alice).await.json();
    assert_eq!(none, json!({ "keys": [], "available": true, "max": 3, "days_max": 90 }));
    let home = house.location(&alice, "home/").await;
    let wrong = with(form(&home), "password", json!("not the password"));
    let refused = house.post("/api/v1/keys", &alice, wrong).await;
    assert_eq!(refused.problem(403, "password-wrong")["field"], "password");
    assert_eq!(store.holding().assumed, 0, "nothing is done before the password was right");

    let made = house.post("/api/v1/keys", &alice, form(&home)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.headers[CACHE_CONTROL], "no-store");
    assert_eq!(store.holding().assumed, 1, "the store was asked whether she may act there");
    let told = made.json();
    assert_eq!(told["secret_access_key"], "secret 1");
    assert_eq!(
        (&told["endpoint"], &told["bucket"]),
        (&json!(store.url), &json!("wellhouse-files"))
    );
    assert_eq!(
        (&told["key"]["standing"], &told["key"]["location"]),
        (&json!("active"), &json!(home))
    );
    let listed = house.get("/api/v1/keys", &alice).await;
    assert_eq!(listed.json()["keys"], json!([told["key"]]));
    assert!(!listed.body.contains("secret 1"));
}

#[tokio::test]
async fn what_may_not_be_is_refused_with_its_field() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    for (field, value, code) in [
        ("name", json!(" "), "key-name-invalid"),
        ("days", json!(91), "key-life-invalid"),
        ("days", json!(0), "key-life-invalid"),
        ("actions", json!([]), "key-actions-invalid"),
        ("actions", json!(["iam:CreateUser"]), "key-actions-invalid"),
    ] {
        let answer = house.post("/api/v1/keys", &alice, with(form(&home), field, value)).await;
        assert_eq!(answer.problem(400, code)["field"], field);
    }
    let bob = house.register("bob").await;
    let theirs = house.location(&bob, "home/").await;
    let nowhere = with(form(&theirs), "location", json!("01arz3ndektsv4rrffq69g5fav"));
    house.post("/api/v1/keys", &alice, nowhere).await.problem(404, "no-such-location");
    for _ in 0..3 {
        assert_eq!(house.post("/api/v1/keys", &alice, form(&home)).await.status, 201);
    }
    house.post("/api/v1/keys", &alice, form(&home)).await.problem(409, "too-many-keys");
    assert_eq!(house.post("/api/v1/keys", &bob, form(&theirs)).await.status, 201, "he has none");
}

#[tokio::test]
async fn nobody_makes_a_key_where_the_store_does_not_let_them_act() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let answer = house.post("/api/v1/keys", &alice, form(&home)).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    assert_eq!(house.get("/api/v1/keys", &alice).await.json()["keys"], json!([]));
}

#[tokio::test]
async fn a_key_is_revoked_by_its_person_and_by_nobody_else() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let (alice, bob) = (house.register("alice").await, house.register("bob").await);
    let home = house.location(&alice, "home/").await;
    let made = house.post("/api/v1/keys", &alice, form(&home)).await.json();
    let path = format!("/api/v1/keys/{}", made["key"]["id"].as_str().expect("an id"));
    house.ask(Method::DELETE, &path, &bob, None).await.problem(404, "no-such-key");
    assert_eq!(house.ask(Method::DELETE, &path, &alice, None).await.status, 204);
    house.ask(Method::DELETE, &path, &alice, None).await.problem(404, "no-such-key");
    let listed = house.get("/api/v1/keys", &alice).await.json();
    assert_eq!(listed["keys"][0]["standing"], "revoked");
    let done = house.trail("PersonKey").await;
    let told: Vec<_> = done.iter().map(|(name, e)| (name.as_str(), &e["outcome"])).collect();
    assert_eq!(told, [("RevokePersonKey", &json!("done")), ("CreatePersonKey", &json!("done"))]);
    assert_eq!(done[0].1["source_ip"], "192.0.2.7");
}
