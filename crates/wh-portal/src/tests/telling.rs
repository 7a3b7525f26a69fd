//! What the log is told of requests that were turned away, and of what fails here.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::house::{House, ORIGIN, PASSWORD};
use super::log::listen;
use crate::pace::REQUESTS_AT_ONCE;

#[tokio::test]
async fn what_is_turned_away_before_the_trail_is_told_in_the_log() {
    let house = House::new().await;
    let log = listen();
    let build = |origin: &'static str, kind: &'static str, body: String| {
        let request = Request::post("/api/v1/session?token=secret").header("origin", origin);
        let request = request.header("content-type", kind).header("content-length", body.len());
        request.body(Body::from(body)).expect("a request")
    };
    let evil = build("https://evil.example", "application/json", format!("\"{PASSWORD}\""));
    house.send(evil).await.problem(403, "cross-site-request");
    let form = build(ORIGIN, "text/plain", "name=a".to_owned());
    house.send(form).await.problem(415, "unsupported-media-type");
    let huge = build(ORIGIN, "application/json", "x".repeat(300 * 1024));
    let huge = house.send(huge).await;
    huge.problem(413, "body-too-large");
    let lines = log.lines("WARN");
    let codes: Vec<&Value> = lines.iter().map(|line| &line["fields"]["code"]).collect();
    assert_eq!(codes, ["cross-site-request", "unsupported-media-type", "body-too-large"]);
    for line in &lines {
        assert_eq!(line["fields"]["from"], "192.0.2.7", "{line}");
        assert_eq!(line["span"]["path"], "/api/v1/session", "{line}");
        assert!(!line.to_string().contains("secret") && !line.to_string().contains(PASSWORD));
    }
    let id = huge.headers["x-request-id"].to_str().expect("text");
    assert_eq!(lines[2]["span"]["id"], id, "the client was told the same id");
}

#[tokio::test]
async fn who_asks_too_fast_is_told_when_to_come_again_and_others_are_not_held_up() {
    let house = House::new().await;
    let (alice, bob) = (house.register("alice").await, house.register("bob").await);
    let log = listen();
    for _ in 0..REQUESTS_AT_ONCE.get() {
        let answer = house.get("/api/v1/session", &alice).await;
        if answer.status == 429 {
            break;
        }
    }
    let refused = house.get("/api/v1/locations", &alice).await;
    refused.problem(429, "too-many-requests");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(house.get("/api/v1/session", &bob).await.status, 200);
    assert_eq!(log.lines("WARN")[0]["fields"]["code"], "too-many-requests");
    house.pass(jiff::SignedDuration::from_secs(1));
    assert_eq!(house.get("/api/v1/session", &alice).await.status, 200);
}

#[tokio::test]
async fn what_fails_here_is_logged_under_the_request_s_id() {
    let mut house = House::new().await;
    house.lose_the_log().await;
    let log = listen();
    let closed = json!({ "registration": "closed", "homes": true });
    let answer = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(closed)).await;
    answer.problem(503, "unrecorded");
    house.lose_the_ledger().await;
    let failed = house.get("/api/v1/session", &house.admin).await;
    assert!(failed.status.is_server_error(), "{}", failed.body);
    let lines = log.lines("ERROR");
    for (answer, message) in [
        (&answer, "refused: it cannot be recorded"),
        (&failed, "a request failed for a reason of ours"),
    ] {
        let id = answer.headers["x-request-id"].to_str().expect("text");
        let line = lines.iter().find(|line| line["span"]["id"] == id).expect("a line of it");
        assert_eq!(line["fields"]["message"], message, "{line}");
        assert!(line["fields"]["error"].is_string(), "the log says why: {line}");
    }
    assert!(!failed.body.contains("closed"), "the answer does not: {}", failed.body);
}
