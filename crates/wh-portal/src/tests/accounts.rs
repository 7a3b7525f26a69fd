//! Setting up, registering, signing in and out.

use axum::http::Method;
use axum::http::header::SET_COOKIE;
use serde_json::json;

use super::house::{House, PASSWORD};

#[tokio::test]
async fn a_house_is_set_up_once_by_whoever_holds_the_token() {
    let house = House::empty().await;
    assert_eq!(house.get("/api/v1/setup", "").await.json(), json!({ "needed": true }));
    let token = house.people.issue_setup_token().await.expect("a token");
    let form = |token: &str| {
        json!({ "token": token, "name": "root", "password": PASSWORD, "registration": "closed",
                "homes": false })
    };
    let guessed = house.post("/api/v1/setup", "", form(&"0".repeat(64))).await;
    guessed.problem(403, "setup-token-refused");
    let done = house.post("/api/v1/setup", "", form(token.expose())).await;
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(done.json()["person"]["administrator"], true);
    let again = house.post("/api/v1/setup", "", form(token.expose())).await;
    assert!(again.status == 403 || again.status == 409, "{}", again.body);
    assert_eq!(house.get("/api/v1/setup", "").await.json(), json!({ "needed": false }));
    let closed = json!({ "name": "alice", "password": PASSWORD });
    let closed = house.post("/api/v1/registration", "", closed).await;
    closed.problem(403, "registration-closed");
}

#[tokio::test]
async fn nobody_assigns_themselves_anything_by_registering() {
    let house = House::new().await;
    let extras = [
        json!({ "role": "AdminRole" }),
        json!({ "administrator": true }),
        json!({ "status": "active" }),
        json!({ "uid": "01arz3ndektsv4rrffq69g5fav" }),
        json!({ "grants": [{ "role": "AdminRole", "prefix": "" }] }),
        json!({ "prefix": "" }),
    ];
    for extra in extras {
        let mut form = json!({ "name": "mallory", "password": PASSWORD });
        form.as_object_mut().expect("an object").extend(extra.as_object().cloned().expect("one"));
        let answer = house.post("/api/v1/registration", "", form).await;
        answer.problem(400, "invalid-body");
    }
    let setup = json!({ "token": "0", "name": "mallory", "password": PASSWORD,
        "registration": "open", "homes": true, "administrator": true });
    house.post("/api/v1/setup", "", setup).await.problem(400, "invalid-body");

    let alice = house.register("alice").await;
    let session = house.get("/api/v1/session", &alice).await.json();
    assert_eq!(session["person"]["administrator"], false);
    let uid = session["person"]["uid"].as_str().expect("a uid").to_owned();
    let locations = house.get("/api/v1/locations", &alice).await.json();
    let mut given: Vec<(String, String)> = Vec::new();
    for location in locations["locations"].as_array().expect("locations") {
        let text = |field: &str| location[field].as_str().unwrap_or_default().to_owned();
        given.push((text("role"), text("prefix")));
    }
    given.sort();
    let regular = ("RegularUserRole".to_owned(), "shared/".to_owned());
    let home = ("S3AccessRole".to_owned(), format!("home/{uid}/"));
    assert_eq!(given, [regular, home]);
}

#[tokio::test]
async fn a_refused_field_is_named() {
    let house = House::new().await;
    let short = json!({ "name": "alice", "password": "short" });
    let answer = house.post("/api/v1/registration", "", short).await;
    assert_eq!(answer.problem(400, "password-too-short")["field"], "password");
    let empty = json!({ "name": "alice", "password": "" });
    let answer = house.post("/api/v1/registration", "", empty).await;
    assert_eq!(answer.problem(400, "invalid-body")["field"], "password");
}

#[tokio::test]
async fn the_session_is_in_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let house = House::new().await;
    house.register("alice").await;
    let form = json!({ "name": "alice", "password": PASSWORD });
    let answer = house.post("/api/v1/session", "", form).await;
    let set = answer.headers[SET_COOKIE].to_str().expect("text").to_owned();
    let (cookie, guards) = set.split_once("; ").expect("attributes");
    assert!(cookie.starts_with("__Host-sid=") && cookie.len() == "__Host-sid=".len() + 64);
    assert_eq!(guards, "Path=/; Secure; HttpOnly; SameSite=Lax");
    let token = cookie.trim_start_matches("__Host-sid=");
    assert!(!answer.body.contains(token), "the token is in the cookie only");

    let out = house.ask(Method::DELETE, "/api/v1/session", cookie, None).await;
    assert_eq!(out.status, 204);
    assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"");
    let cleared = out.headers[SET_COOKIE].to_str().expect("text");
    assert!(cleared.starts_with("__Host-sid=; Max-Age=0; Path=/; Secure"));
    house.get("/api/v1/session", cookie).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_told_the_same() {
    let house = House::new().await;
    house.register("alice").await;
    let mut told = Vec::new();
    for name in ["alice", "nobody"] {
        let form = json!({ "name": name, "password": "not the password at all" });
        let answer = house.post("/api/v1/session", "", form).await;
        answer.problem(401, "login-refused");
        let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        told.push((answer.body, headers));
    }
    assert_eq!(told.first(), told.last());
}

#[tokio::test]
async fn a_new_password_ends_the_old_sessions_and_gives_a_new_one() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let wrong = json!({ "current": "not the password", "new": "another long password" });
    let answer = house.post("/api/v1/account/password", &alice, wrong).await;
    assert_eq!(answer.problem(403, "password-wrong")["field"], "current");
    let right = json!({ "current": PASSWORD, "new": "another long password" });
    let answer = house.post("/api/v1/account/password", &alice, right).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let fresh = answer.cookie();
    assert_eq!(house.get("/api/v1/session", &fresh).await.status, 200);
    house.get("/api/v1/session", &alice).await.problem(401, "not-signed-in");
}
