//! The simulator: how a request would be decided, whoever makes it.

use serde_json::{Value, json};

use super::house::{House, PASSWORD};

const SIMULATIONS: &str = "/api/v1/simulations";

async fn simulated(house: &House, form: Value) -> Value {
    let answer = house.post(SIMULATIONS, &house.admin, form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn made(house: &House, path: &str, cookie: &str, form: Value) -> Value {
    let made = house.post(path, cookie, form).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

/// The statement of a chain with this label.
fn statement<'a>(chain: &'a Value, label: &str) -> &'a Value {
    let policies = chain["policies"].as_array().expect("policies");
    let mut all = policies.iter().flat_map(|one| one["statements"].as_array().expect("statements"));
    all.find(|one| one["label"] == label).expect("a statement of this label")
}

#[tokio::test]
async fn a_person_is_asked_about_by_every_grant_that_reaches_the_place() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let who = json!({ "kind": "person", "uid": uid });
    let ask = |action: &str, key: &str| json!({ "who": who, "action": action, "key": key });
    let shared = simulated(&house, ask("s3:PutObject", "shared/a.txt")).await;
    assert_eq!((&shared["allowed"], &shared["status"]), (&json!(false), &json!("active")));
    let chain = &shared["chains"][0];
    assert_eq!(
        (&chain["location"]["prefix"], &chain["explanation"]["role"]),
        (&json!("shared/"), &json!("RegularUserRole"))
    );
    assert!(
        chain["sentence"].as_str().is_some_and(|words| words.starts_with("Denied:")),
        "{chain}"
    );
    assert_eq!(shared["chains"].as_array().map(Vec::len), Some(1), "the home says nothing of it");
    let elsewhere = shared["elsewhere"].as_array().expect("grants");
    assert!(elsewhere.iter().any(|one| one["prefix"] == format!("home/{uid}/")), "{shared}");
    let home = simulated(&house, ask("s3:PutObject", &format!("home/{uid}/a.txt"))).await;
    assert_eq!(home["allowed"], true, "{home}");
    let other = simulated(&house, ask("s3:GetObject", "home/somebody/a.txt")).await;
    assert_eq!((&other["allowed"], &other["chains"]), (&json!(false), &json!([])));
    // Whoever is shut out is let nowhere, whatever their grants say.
    let path = format!("/api/v1/people/{uid}/disable");
    assert_eq!(house.post(&path, &house.admin, json!({})).await.status, 204);
    let home = simulated(&house, ask("s3:PutObject", &format!("home/{uid}/a.txt"))).await;
    assert_eq!((&home["allowed"], &home["status"]), (&json!(false), &json!("disabled")));
    assert_eq!(home["chains"][0]["allowed"], true);
}

#[tokio::test]
async fn it_is_seen_what_a_group_would_bring() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let group = made(&house, "/api/v1/groups", &house.admin, json!({ "name": "writers" })).await;
    let to = json!({ "kind": "group", "id": group["id"] });
    let grant = json!({ "to": to, "role": "S3AccessRole", "prefix": "team/", "title": "Team" });
    made(&house, "/api/v1/grants", &house.admin, grant).await;
    let ask = |who: Value| json!({ "who": who, "action": "s3:DeleteObject", "key": "team/a" });
    let without = simulated(&house, ask(json!({ "kind": "person", "uid": uid }))).await;
    assert_eq!(without["allowed"], false);
    let who = json!({ "kind": "person", "uid": uid, "group": group["id"] });
    let with = simulated(&house, ask(who)).await;
    assert_eq!(with["allowed"], true, "{with}");
    assert_eq!(with["chains"][0]["location"]["by"]["name"], "writers");
    let who = json!({ "kind": "person", "uid": uid, "group": "01arz3ndektsv4rrffq69g5fav" });
    house.post(SIMULATIONS, &house.admin, ask(who)).await.problem(404, "no-such-group");
}

#[tokio::test]
async fn roles_and_strangers_are_decided_with_the_conditions_that_were_given() {
    let house = House::new().await;
    let ask = |who: Value, context: Value| json!({ "who": who, "action": "s3:GetObject", "key": "shared/a", "context": context });
    let role = json!({ "kind": "role", "role": "RegularUserRole" });
    let soon = json!({ "s3:signatureAge": ["1000"] });
    let fresh = simulated(&house, ask(role.clone(), soon)).await;
    assert_eq!(fresh["allowed"], true, "{fresh}");
    let silent = simulated(&house, ask(role.clone(), json!({}))).await;
    assert_eq!(silent["chains"][0]["wanting"][0]["key"], "s3:signatureAge", "{silent}");
    let late = json!({ "s3:signatureAge": ["900001"] });
    let old = simulated(&house, ask(role, late)).await;
    let chain = &old["chains"][0];
    assert_eq!(chain["explanation"]["decision"], "explicit-deny", "{old}");
    let decided = chain["explanation"]["statement"].as_str().expect("a statement");
    let one = statement(chain, decided);
    assert_eq!((&one["denies"], &one["applies"]), (&json!(true), &json!(true)));
    let form = json!({ "who": { "kind": "stranger" }, "action": "s3:GetObject", "key": "shared/a",
        "language": "de" });
    let stranger = simulated(&house, form).await;
    assert_eq!(stranger["allowed"], false);
    let words = stranger["chains"][0]["sentence"].as_str().expect("words");
    assert!(words.starts_with("Verweigert:"), "{words}");
}

#[tokio::test]
async fn what_cannot_be_decided_is_named() {
    let house = House::new().await;
    let stranger = json!({ "kind": "stranger" });
    for (form, code, field) in [
        (json!({ "who": stranger, "action": "s3:Get*" }), "invalid-action", "action"),
        (json!({ "who": stranger, "action": "read" }), "invalid-action", "action"),
        (
            json!({ "who": stranger, "action": "s3:GetObject", "bucket": "No" }),
            "bucket-invalid",
            "bucket",
        ),
        (
            json!({ "who": stranger, "action": "s3:GetObject", "context": { "Ip": ["a"] } }),
            "context-invalid",
            "context",
        ),
        (
            json!({ "who": { "kind": "role", "role": "Nobody" }, "action": "s3:GetObject" }),
            "no-such-role",
            "who",
        ),
        (
            json!({ "who": { "kind": "role", "role": "a b" }, "action": "s3:GetObject" }),
            "role-invalid",
            "who",
        ),
    ] {
        let problem = house.post(SIMULATIONS, &house.admin, form).await.problem(400, code);
        assert_eq!(problem["field"], field);
    }
    let many: serde_json::Map<_, _> = (0..41).map(|n| (format!("a:{n}"), json!(["b"]))).collect();
    let form = json!({ "who": stranger, "action": "s3:GetObject", "context": many });
    house.post(SIMULATIONS, &house.admin, form).await.problem(400, "too-much-context");
    house.register("alice").await;
    let form = json!({ "name": "alice", "password": PASSWORD });
    let alice = house.post("/api/v1/session", "", form).await.cookie();
    let form = json!({ "who": stranger, "action": "s3:GetObject" });
    assert_eq!(house.post(SIMULATIONS, &alice, form).await.status, 403);
}
