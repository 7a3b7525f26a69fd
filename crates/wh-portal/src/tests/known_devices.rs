//! Passwords that are too short by themselves, and names that take no more guesses, as a browser sees
//! them.

use axum::http::Method;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use jiff::SignedDuration;
use serde_json::json;

use super::house::{Answer, House, PASSWORD};

const SESSION: &str = "/api/v1/session";

/// The cookie of this name that an answer sets, as it is sent back, and what guards it.
fn set(answer: &Answer, name: &str) -> Option<(String, String)> {
    let lines = answer.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let line = lines.into_iter().find(|line| line.starts_with(&format!("{name}=")))?;
    let (cookie, guards) = line.split_once("; ").expect("attributes");
    Some((cookie.to_owned(), guards.to_owned()))
}

impl House {
    async fn enters(&self, cookie: &str, password: &str) -> Answer {
        self.post(SESSION, cookie, json!({ "name": "alice", "password": password })).await
    }
}

#[tokio::test]
async fn a_name_that_was_guessed_at_too_often_is_entered_from_a_known_browser_alone() {
    let house = House::new().await;
    house.register("alice").await;
    let entered = house.enters("", PASSWORD).await;
    let (device, guards) = set(&entered, "__Host-device").expect("a browser that is known");
    assert_eq!(guards, "Max-Age=15552000; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert!(!entered.body.contains(device.trim_start_matches("__Host-device=")));
    let out = house.ask(Method::DELETE, SESSION, &entered.cookie(), None).await;
    assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"", "it stays known");
    assert!(set(&out, "__Host-device").is_none());

    let mut wrong = 0;
    let closed = loop {
        let answer = house.enters("", "a guess of some stranger").await;
        match answer.status.as_u16() {
            401 => wrong += 1,
            429 => {
                let wait = answer.headers[RETRY_AFTER].to_str().expect("text").parse();
                house.pass(SignedDuration::from_secs(wait.expect("seconds")));
            }
            _ => break answer,
        }
    };
    closed.problem(403, "password-sign-in-closed");
    assert_eq!(wrong, 100);
    // All of them came from her own address, which waits as before.
    house.pass(SignedDuration::from_mins(15));
    house.enters("", PASSWORD).await.problem(403, "password-sign-in-closed");
    let planted = format!("__Host-device={}", "0".repeat(64));
    house.enters(&planted, PASSWORD).await.problem(403, "password-sign-in-closed");
    let known = house.enters(&device, PASSWORD).await;
    assert_eq!(known.status, 200, "{}", known.body);
    let (next, _) = set(&known, "__Host-device").expect("another token");
    assert_ne!(next, device);
    house.enters(&device, PASSWORD).await.problem(403, "password-sign-in-closed");
    house.pass(SignedDuration::from_mins(15));
    assert_eq!(house.enters(&next, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_short_password_is_led_to_a_longer_one_once_the_factor_is_gone() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let short = json!({ "current": PASSWORD, "new": "wry eel!" });
    let early = house.post("/api/v1/account/password", &alice, short.clone()).await;
    assert_eq!(early.problem(400, "password-too-short")["field"], "new");
    let (alice, _) = house.enrol(&alice).await;
    let changed = house.post("/api/v1/account/password", &alice, short).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert!(set(&changed, "__Host-device").is_some(), "this browser stays known");
    assert_eq!(house.enters("", "wry eel!").await.json()["totp"], true);
    let reset = format!("/api/v1/people/{uid}/reset-second-factor");
    assert_eq!(house.ask(Method::POST, &reset, &house.admin, None).await.status, 204);

    let entered = house.enters("", "wry eel!").await;
    assert_eq!(entered.status, 202, "{}", entered.body);
    assert!(entered.headers.get(SET_COOKIE).is_none(), "nobody is signed in");
    let told = entered.json();
    assert_eq!((&told["totp"], &told["passkey"]), (&json!(false), &json!(false)));
    let page = told["new_password"].as_str().expect("a page");
    let token = page.strip_prefix("/new-password#token=").expect("a token");
    let form = |password: &str| json!({ "token": token, "password": password });
    let again = house.post("/api/v1/new-password", "", form("dry newt!")).await;
    assert_eq!(again.problem(400, "password-too-short")["field"], "password");
    let done = house.post("/api/v1/new-password", "", form("four dry newts hum")).await;
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(house.enters("", "four dry newts hum").await.status, 200);
}

#[tokio::test]
async fn an_administrator_without_their_factor_takes_nothing_out_of_the_house() {
    let house = House::empty().await;
    let token = house.people.issue_setup_token().await.expect("a token");
    let form = json!({
        "token": token.expose(), "name": "root", "password": PASSWORD, "registration": "open",
        "homes": true,
    });
    let root = house.post("/api/v1/setup", "", form).await.cookie();
    let home = house.location(&root, "home/").await;
    let missing = "second-factor-required";
    let wish = json!({ "location": home });
    house.post("/api/v1/credentials", &root, wish).await.problem(403, missing);
    let wish = json!({ "name": "backup", "locations": [home], "actions": ["read"] });
    house.post("/api/v1/tokens", &root, wish).await.problem(403, missing);
    let wish = json!({ "name": "backup", "location": home, "days": 9, "password": PASSWORD });
    house.post("/api/v1/keys", &root, wish).await.problem(403, missing);
}

#[tokio::test]
async fn an_administrator_sees_and_ends_what_a_person_carries_about() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let home = house.location(&alice, "home/").await;
    let wish = json!({ "name": "nightly", "locations": [home], "actions": ["read"] });
    let made = house.post("/api/v1/tokens", &alice, wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let person = format!("/api/v1/people/{uid}");
    let listed = house.get(&format!("{person}/tokens"), &house.admin).await;
    assert_eq!(listed.json()["tokens"], json!([made.json()["token"]]));
    assert!(!listed.body.contains("wh_pat_"), "what it opens with is shown once");
    assert_eq!(
        house.get(&format!("{person}/keys"), &house.admin).await.json(),
        json!({ "keys": [] })
    );
    for path in ["tokens", "keys"] {
        house.get(&format!("{person}/{path}"), &alice).await.problem(403, "not-administrator");
        let none = format!("{person}/{path}/AKIAIOSFODNN7EXAMPLE");
        let answer = house.ask(Method::DELETE, &none, &house.admin, None).await;
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    let id = made.json()["token"]["id"].as_str().expect("an id").to_owned();
    let end = format!("{person}/tokens/{id}");
    house.ask(Method::DELETE, &end, &alice, None).await.problem(403, "not-administrator");
    assert_eq!(house.ask(Method::DELETE, &end, &house.admin, None).await.status, 204);
    let own = house.get("/api/v1/tokens", &alice).await.json();
    assert_eq!(own["tokens"][0]["standing"], "revoked");
    let trail = house.trail("RevokeApiToken").await;
    let root = house.uid_of("root").await;
    assert_eq!(trail.len(), 1);
    let told = trail.first().map(|(_, entry)| entry.clone()).unwrap_or_default();
    assert_eq!(told["principal"], format!("person/{root}"));
    assert_eq!(told["resource"], format!("person/{uid}/api-token/{id}"));
}

#[tokio::test]
async fn the_audit_log_leaves_the_house_after_a_fresh_proof_alone() {
    let house = House::new().await;
    let (export, proof) = ("/api/v1/audit/export?format=csv", "/api/v1/session/proof");
    assert_eq!(house.get(proof, &house.admin).await.status, 204);
    assert_eq!(house.get(export, &house.admin).await.status, 200);
    house.pass(SignedDuration::from_mins(10));
    house.get(proof, &house.admin).await.problem(403, "step-up-needed");
    house.get(export, &house.admin).await.problem(403, "step-up-needed");
    assert_eq!(house.get("/api/v1/audit", &house.admin).await.status, 200, "looking goes on");
}
