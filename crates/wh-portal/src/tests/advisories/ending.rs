//! What was ended is over: at once, on every route, for every kind of token.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::tests::doors::{body_for, routes};
use crate::tests::house::{House, PASSWORD};

/// No route answers this cookie as somebody's.
async fn is_over(house: &House, cookie: &str, after: &str) {
    for route in routes().into_iter().filter(|route| !route.public()) {
        let body = body_for(&route.method);
        let answer = house.ask(route.method.clone(), &route.path, cookie, body).await;
        let code = answer.json()["code"].clone();
        assert_eq!(code, "not-signed-in", "{} {} after {after}", route.method, route.path);
    }
}

/// File Browser: a token could be used after signing out. Six ways to end a session, each route after
/// each of them.
#[tokio::test]
async fn cve_2025_53826_a_session_that_was_ended_opens_no_route() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.ask(Method::DELETE, "/api/v1/session", &alice, None).await;
    is_over(&house, &alice, "signing out").await;

    let bettina = house.register("bettina").await;
    let form = json!({ "current": PASSWORD, "new": "another long password" });
    let changed = house.post("/api/v1/account/password", &bettina, form).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    is_over(&house, &bettina, "a new password").await;

    for verb in ["end-sessions", "disable"] {
        let name = format!("carla {verb}");
        let carla = house.register(&name).await;
        let path = format!("/api/v1/people/{}/{verb}", house.uid_of(&name).await);
        assert_eq!(house.ask(Method::POST, &path, &house.admin, None).await.status, 204);
        is_over(&house, &carla, verb).await;
    }

    let dora = house.register("dora").await;
    let before = house.enrol(&dora).await;
    is_over(&house, &dora, "a second factor").await;
    drop(before);

    let ella = house.register("ella").await;
    let proof = json!({ "password": PASSWORD });
    let proved = house.post("/api/v1/session/proof", &ella, proof).await;
    assert_eq!(proved.status, 200, "{}", proved.body);
    is_over(&house, &ella, "a proof").await;

    let flora = house.register("flora").await;
    house.pass(SignedDuration::from_mins(60));
    is_over(&house, &flora, "an hour without use").await;
}

/// File Browser: what was shared stayed open after its owner's right to it had gone. A location ends
/// with its grant, on every route that takes one.
#[tokio::test]
async fn cve_2026_35604_what_was_granted_ends_with_the_grant() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let path = format!("/api/v1/people/{}/grants", house.uid_of("alice").await);
    let form = json!({ "role": "S3AccessRole", "prefix": "team/", "title": "Team" });
    let given = house.post(&path, &house.admin, form).await.json();
    let id = given["id"].as_str().expect("an id");
    let upload = json!({ "location": id, "path": "a.txt", "size": 9, "content_type": "",
        "last_modified": 1, "conflict": "fail" });
    let asks = [
        (Method::GET, format!("/api/v1/locations/{id}/entries?path="), None),
        (Method::GET, format!("/api/v1/locations/{id}/explain?action=s3:GetObject"), None),
        (Method::POST, format!("/api/v1/locations/{id}/folders"), Some(json!({ "path": "b/" }))),
        (Method::POST, format!("/api/v1/locations/{id}/delete"), Some(json!({ "paths": ["a"] }))),
        (Method::POST, format!("/api/v1/locations/{id}/downloads"), Some(json!({ "path": "a" }))),
        (Method::POST, "/api/v1/credentials".to_owned(), Some(json!({ "location": id }))),
        (Method::POST, "/api/v1/uploads".to_owned(), Some(upload)),
    ];
    for (method, path, body) in &asks {
        let answer = house.ask(method.clone(), path, &alice, body.clone()).await;
        assert_ne!(answer.json()["code"], "no-such-location", "{path} before");
    }
    let grant = format!("/api/v1/grants/{id}");
    assert_eq!(house.ask(Method::DELETE, &grant, &house.admin, None).await.status, 204);
    for (method, path, body) in asks {
        let answer = house.ask(method, &path, &alice, body).await;
        answer.problem(404, "no-such-location");
    }
}

/// Vaultwarden: whoever had not been confirmed could act all the same. Who waits for approval comes
/// by no way in, and neither does who was made an administrator while waiting.
#[tokio::test]
async fn ghsa_w9f8_who_waits_for_approval_may_nothing_whatever_was_granted() {
    let house = House::new().await;
    let settings = json!({ "registration": "approval", "homes": true });
    house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
    let form = json!({ "name": "paula", "password": PASSWORD });
    let waiting = house.post("/api/v1/registration", "", form.clone()).await;
    assert_eq!(waiting.json()["status"], "pending");
    assert!(waiting.headers.get("set-cookie").is_none(), "registering signs nobody in");
    let path = format!("/api/v1/people/{}/grants", house.uid_of("paula").await);
    let grant = json!({ "role": "AdminRole", "prefix": "", "title": "All" });
    house.post(&path, &house.admin, grant).await;
    let refused = house.post("/api/v1/session", "", form).await;
    refused.problem(403, "awaiting-approval");
    assert!(refused.headers.get("set-cookie").is_none());
    // She is not who is left to administer, either.
    let root = format!("/api/v1/people/{}/disable", house.uid_of("root").await);
    let last = house.ask(Method::POST, &root, &house.admin, None).await;
    last.problem(409, "last-administrator");
}
