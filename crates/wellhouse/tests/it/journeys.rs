//! The main job over the API: set up, register, approve, sign in, and what ends what.

use serde_json::json;

use crate::actors::{Actor, PASSWORD};
use crate::server::Server;

#[test]
fn a_pending_person_and_a_disabled_one_stay_outside() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::stranger(&server);
    bob.post("/registration", &json!({ "name": "bob", "password": PASSWORD }));
    let form = json!({ "name": "bob", "password": PASSWORD });
    let (status, _) = bob.post("/session", &form);
    assert!((400..500).contains(&status), "a pending person came in");

    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let keys = eve.keys("home/");
    assert_eq!(eve.get("/session").0, 200);
    let (_, people) = ada.get("/people");
    let uid = people["people"]
        .as_array()
        .expect("people")
        .iter()
        .find(|p| p["name"] == "eve")
        .expect("eve")["uid"]
        .as_str()
        .expect("a uid")
        .to_owned();
    assert_eq!(ada.post(&format!("/people/{uid}/disable"), &json!({})).0, 204);
    assert_eq!(eve.get("/session").0, 401, "the session lives on");
    // Her own temporary credentials died with her session.
    let mut aws = std::process::Command::new(crate::server::tool("WELLHOUSE_TEST_AWS"));
    aws.env_clear().env("PATH", "/usr/bin:/bin").envs(keys.environment());
    let listed = aws.args(["s3", "ls", &format!("s3://{}/{}", keys.bucket, keys.prefix)]).output();
    let errors =
        String::from_utf8_lossy(&listed.as_ref().expect("the AWS CLI runs").stderr).into_owned();
    assert!(!listed.expect("the AWS CLI runs").status.success());
    assert!(errors.contains("ExpiredToken") || errors.contains("InvalidToken"), "{errors}");
}

#[test]
fn a_regular_person_is_no_administrator() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (_, people) = ada.get("/people");
    let uid = people["people"][0]["uid"].as_str().expect("a uid").to_owned();
    for path in ["/people", "/settings", "/roles", "/audit"] {
        let (status, problem) = bob.get(path);
        assert_eq!(status, 403, "{path}: {problem}");
    }
    for what in ["approve", "disable", "enable", "end-sessions"] {
        assert_eq!(bob.post(&format!("/people/{uid}/{what}"), &json!({})).0, 403);
    }
    let grant = json!({ "role": "AdminRole", "prefix": "", "title": "all" });
    assert_eq!(bob.post(&format!("/people/{uid}/grants"), &grant).0, 403);
}

#[test]
fn files_are_listed_deleted_and_explained() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let folders = format!("/locations/{home}/folders");
    assert_eq!(bob.post(&folders, &json!({ "path": "reports/2026/" })).0, 201);
    let entries = format!("/locations/{home}/entries");
    let (status, body) = bob.get(&format!("{entries}?path=reports/"));
    assert_eq!((status, &body["entries"][0]["name"]), (200, &json!("2026")), "{body}");
    for bad in ["../", "a//b/", "/a/", "a/./b/"] {
        let (status, problem) = bob.get(&format!("{entries}?path={bad}"));
        assert_eq!(status, 400, "{bad}: {problem}");
        assert_eq!(problem["field"], "path", "{problem}");
    }
    let (status, body) =
        bob.post(&format!("/locations/{home}/delete"), &json!({ "paths": ["reports/"] }));
    assert_eq!((status, body["failed"].as_array().map(Vec::len)), (200, Some(0)), "{body}");
    let (_, body) = bob.get(&format!("{entries}?path="));
    assert_eq!(body["entries"], json!([]), "{body}");
    let explain = format!("/locations/{home}/explain?path=x&action=s3:PutObject");
    let (status, body) = bob.get(&explain);
    assert_eq!((status, &body["allowed"]), (200, &json!(true)), "{body}");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    assert_eq!(eve.get(&format!("{entries}?path=")).0, 404, "somebody else's location exists");
}

#[test]
fn logout_and_a_new_password_end_sessions_at_once() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut other = ada.elsewhere(&server, PASSWORD);
    let mut copy = ada.clone();
    let change = json!({ "current": PASSWORD, "new": "another long password entirely" });
    let (status, body) = ada.post("/account/password", &change);
    assert_eq!(status, 204, "{body}");
    assert_eq!(other.get("/session").0, 401);
    copy.get("/session");
    let mut back = ada.elsewhere(&server, "another long password entirely");
    let mut stolen = back.clone();
    assert_eq!(back.delete("/session").0, 204);
    assert_eq!(stolen.get("/session").0, 401);
}
