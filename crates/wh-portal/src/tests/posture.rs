//! How the house stands, and the document of what is in force.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wh_ledger::EstateCheck;

use super::changes::{order, seen, with};
use super::house::House;

const POSTURE: &str = "/api/v1/posture";
const CHECKS: &str = "/api/v1/posture/checks";
const DOCUMENT: &str = "/api/v1/documentation";

fn check<'a>(posture: &'a Value, id: &str) -> &'a Value {
    let all = posture["checks"].as_array().expect("checks");
    all.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[tokio::test]
async fn an_administrator_sees_what_was_found_and_has_it_looked_at_now() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.get(POSTURE, &alice).await.problem(403, "not-administrator");
    house.ask(Method::POST, CHECKS, &alice, None).await.problem(403, "not-administrator");
    let before = house.get(POSTURE, &house.admin).await.json();
    assert_eq!((&before["checked_at"], &before["checks"]), (&Value::Null, &json!([])));
    let now = house.ask(Method::POST, CHECKS, &house.admin, None).await;
    assert_eq!(now.status, 200, "{}", now.body);
    let seen = house.get(POSTURE, &house.admin).await.json();
    assert_eq!(now.json(), seen);
    let states = ["versioning", "lifecycle", "acls-off", "audit-whole", "tls-only"];
    let states = states.map(|id| check(&seen, id)["state"].clone());
    assert_eq!(states, ["fails", "accepted", "holds", "unknown", "unknown"].map(Value::from));
    let lifecycle = &check(&seen, "lifecycle")["evidence"][0];
    assert_eq!(lifecycle["accepted"]["reason"], "a test");
    assert_eq!(check(&seen, "audit-whole")["why"], "nobody looked");
    assert_eq!(check(&seen, "versioning")["standards"][0]["id"], "Security Hub S3.14");
    let trail = house.get("/api/v1/audit?action=portal:PostureCheck", &house.admin).await.json();
    assert_eq!(trail["entries"][0]["outcome"], "done", "{trail}");
}

#[tokio::test]
async fn checks_are_told_in_german_and_english_is_marked_where_nothing_else_is_known() {
    let house = House::new().await;
    house.ask(Method::POST, CHECKS, &house.admin, None).await;
    let german = house.get(&format!("{POSTURE}?language=de"), &house.admin).await.json();
    assert_eq!(check(&german, "versioning")["title"], "Alte Versionen bleiben erhalten");
    assert_eq!(check(&german, "audit-whole")["why"], "niemand sah nach");
    assert_eq!(check(&german, "versioning")["evidence"][0]["in_english"], true);
    let odd = house.get(&format!("{POSTURE}?language=fr"), &house.admin).await;
    odd.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn administrators_read_the_whole_document_and_others_only_of_their_roles() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.get(DOCUMENT, "").await.problem(401, "not-signed-in");
    let foreign = json!({ "Sid": "BossesPlans", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": "arn:aws:s3:::*/secret-plans/*",
        "Condition": { "StringLike": { "aws:SourceIdentity": "u-boss" } } });
    let change = with(&house, "RegularUserRole", foreign).await;
    let shown = seen(&house, &change).await;
    let saved = house.post("/api/v1/changes", &house.admin, order(&change, &shown)).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let own = house.get(DOCUMENT, &alice).await.json();
    let text = own["markdown"].as_str().expect("text");
    let home = format!("- `home/{}/` in ", house.uid_of("alice").await);
    for told in ["- `s3:GetObject`\n", "- `s3:GetObjectAcl`\n", home.as_str()] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(own["whole"], false);
    assert!(text.contains("## `RegularUserRole`") && text.contains("## `S3AccessRole`"), "{text}");
    for hidden in
        ["AdminRole", "arn:aws:", "000000000000", "```", "secret-plans", "BossesPlans", "u-boss"]
    {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let whole = house.get(DOCUMENT, &house.admin).await.json();
    let text = whole["markdown"].as_str().expect("text");
    assert_eq!(whole["whole"], true);
    for told in ["## `AdminRole`", "## What is in force", "was not read back yet", "secret-plans"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for (format, kind, beginning) in [
        ("markdown", "text/markdown; charset=utf-8", "# The estate"),
        ("html", "text/html; charset=utf-8", "<!DOCTYPE html>"),
    ] {
        let sent = house.get(&format!("{DOCUMENT}/export?format={format}"), &house.admin).await;
        assert_eq!(sent.headers["content-type"], kind);
        assert!(sent.body.starts_with(beginning), "{}", sent.body);
        let own = house.get(&format!("{DOCUMENT}/export?format={format}"), &alice).await;
        assert!(!own.body.contains("AdminRole"), "{}", own.body);
    }
    house
        .get(&format!("{DOCUMENT}/export?format=pdf"), &alice)
        .await
        .problem(400, "invalid-parameter");
}

#[tokio::test]
async fn the_document_says_what_came_after_the_store_was_read_back() {
    let house = House::new().await;
    let told = async |texts: &[&str]| {
        let whole = house.get(DOCUMENT, &house.admin).await.json();
        let text = whole["markdown"].as_str().expect("text").replace('\n', " ");
        let known = ["was so then", "were saved after that", "it could not be read back"];
        for one in known {
            assert_eq!(text.contains(one), texts.contains(&one), "{one}: {text}");
        }
        (whole["saved_since"].clone(), whole["unread_at"].is_string())
    };
    let ledger = &house.ledger;
    let read_back = async || {
        let checked_at = house.now();
        let check = EstateCheck { checked_at, differences: Vec::new(), kept: Vec::new() };
        ledger.put_estate_check(&check).await.expect("written");
    };
    read_back().await;
    assert_eq!(told(&["was so then"]).await, (json!(false), false));
    house.pass(SignedDuration::from_secs(1));
    let statement = json!({ "Sid": "More", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": "arn:aws:s3:::*/shared/*" });
    let change = with(&house, "RegularUserRole", statement).await;
    let shown = seen(&house, &change).await;
    let saved = house.post("/api/v1/changes", &house.admin, order(&change, &shown)).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let since = told(&["was so then", "were saved after that"]).await;
    assert_eq!(since, (json!(true), false));
    ledger.note_estate_unread(house.now()).await.expect("written");
    let since = told(&["was so then", "were saved after that", "it could not be read back"]).await;
    assert_eq!(since, (json!(true), true));
    house.pass(SignedDuration::from_secs(1));
    read_back().await;
    assert_eq!(told(&["was so then"]).await, (json!(false), false));
}
