//! Asking for access: the smallest grant that would do, given once, told to who asked.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::House;

async fn asked(house: &House, who: &str, body: Value) -> Value {
    let shared = house.location(who, "shared/").await;
    let path = format!("/api/v1/locations/{shared}/access-requests");
    let answer = house.post(&path, who, body).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

#[tokio::test]
async fn what_was_refused_is_asked_for_as_the_smallest_grant_and_given_by_one_click() {
    let house = House::new().await;
    let ada = house.admin.clone();
    let alice = house.register("alice").await;
    let wish =
        json!({ "path": "reports/a.txt", "action": "s3:PutObject", "note": " for March \n" });
    let request = asked(&house, &alice, wish.clone()).await;
    assert_eq!(request["prefix"], "shared/reports/", "{request}");
    assert_eq!((&request["role"], &request["decision"]), (&json!("UploadRole"), &json!("open")));
    assert_eq!(request["note"], "for March");
    let again = asked(&house, &alice, wish).await;
    assert_eq!(again["id"], request["id"], "what waits is not asked twice");
    house.pass(jiff::SignedDuration::from_secs(1));
    let delete = json!({ "path": "reports/", "action": "s3:DeleteObject" });
    assert_eq!(asked(&house, &alice, delete).await["role"], "S3AccessRole");

    let waiting = house.get("/api/v1/access-requests", &ada).await.json();
    let waiting = waiting["requests"].as_array().expect("requests").clone();
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    assert_eq!(
        (&waiting[0]["person"]["name"], &waiting[0]["request"]),
        (&json!("alice"), &request)
    );
    let path = format!("/api/v1/access-requests/{}", request["id"].as_str().expect("an id"));
    let given = house.post(&format!("{path}/give"), &ada, json!({})).await;
    assert_eq!(given.status, 201, "{}", given.json());
    let grant = given.json();
    assert_eq!(
        (&grant["role"], &grant["prefix"]),
        (&json!("UploadRole"), &json!("shared/reports/"))
    );
    assert_eq!((&grant["title"], &grant["ends"]), (&json!("reports"), &Value::Null));
    house.location(&alice, "shared/reports/").await;
    let twice = house.post(&format!("{path}/give"), &ada, json!({})).await;
    twice.problem(404, "no-such-access-request");

    let other = waiting[1]["request"]["id"].as_str().expect("an id");
    let decline = format!("/api/v1/access-requests/{other}/decline");
    let declined = house.post(&decline, &ada, json!({ "answer": "ask Eve" })).await;
    assert_eq!(declined.status, 204);
    let own = house.get("/api/v1/account/access-requests", &alice).await.json();
    let own: Vec<_> = own["requests"].as_array().expect("requests").iter().collect();
    let decided: Vec<_> = own.iter().map(|request| request["decision"].clone()).collect();
    assert_eq!(decided, ["declined", "given"]);
    assert_eq!(own[0]["answer"], "ask Eve");
    let left = house.get("/api/v1/access-requests", &ada).await.json();
    assert_eq!(left, json!({ "requests": [] }));
}

#[tokio::test]
async fn nobody_asks_for_more_than_a_role_gives_nor_decides_what_is_theirs() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let bob = house.register("robert").await;
    let shared = house.location(&alice, "shared/").await;
    let path = format!("/api/v1/locations/{shared}/access-requests");
    let ask = async |body: Value| house.post(&path, &alice, body).await;
    let may = json!({ "path": "a.txt", "action": "s3:GetObject" });
    ask(may).await.problem(409, "allowed-already");
    let only_admins = json!({ "path": "a.txt", "action": "s3:DeleteObjectVersion" });
    ask(only_admins).await.problem(409, "no-role-would");
    let nonsense = json!({ "path": "a.txt", "action": "fly" });
    ask(nonsense).await.problem(400, "invalid-action");
    let outside = json!({ "path": "../home/", "action": "s3:PutObject" });
    ask(outside).await.problem(400, "path-dot-segment");
    let long = json!({ "path": "", "action": "s3:PutObject", "note": "x".repeat(501) });
    assert_eq!(ask(long).await.problem(400, "text-invalid")["field"], "note");
    let home = house.location(&bob, "home/").await;
    let theirs = format!("/api/v1/locations/{home}/access-requests");
    let wish = json!({ "path": "", "action": "s3:PutBucketPolicy" });
    house.post(&theirs, &alice, wish).await.problem(404, "no-such-location");
    for n in 0..10 {
        let wish = json!({ "path": format!("f{n}/"), "action": "s3:PutObject" });
        assert_eq!(ask(wish).await.status, 201, "{n}");
    }
    let one_more = json!({ "path": "more/", "action": "s3:PutObject" });
    ask(one_more).await.problem(409, "too-many-requests-wait");

    let own = house.get("/api/v1/account/access-requests", &alice).await.json();
    let id = own["requests"][0]["id"].as_str().expect("an id").to_owned();
    for verb in ["give", "decline"] {
        let path = format!("/api/v1/access-requests/{id}/{verb}");
        house
            .ask(Method::POST, &path, &alice, Some(json!({})))
            .await
            .problem(403, "not-administrator");
    }
    house.get("/api/v1/access-requests", &bob).await.problem(403, "not-administrator");
    let theirs = house.get("/api/v1/account/access-requests", &bob).await.json();
    assert_eq!(theirs, json!({ "requests": [] }));
}
