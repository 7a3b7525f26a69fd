//! Who can reach a place, and what a person can reach.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::House;

async fn who(house: &House, query: &str) -> Value {
    let answer = house.get(&format!("/api/v1/access/who{query}"), &house.admin).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn total(who: &Value, action: &str) -> u64 {
    let totals = who["totals"].as_array().expect("totals");
    let one = totals.iter().find(|one| one["action"] == action).expect("an action");
    one["persons"].as_u64().expect("a number")
}

/// How far an action reaches, among what is told.
fn extent<'a>(reaches: &'a Value, action: &str) -> &'a str {
    let all = reaches.as_array().expect("actions");
    let found = all.iter().find(|one| one["action"] == action);
    found.and_then(|one| one["extent"].as_str()).unwrap_or("nowhere")
}

fn by_role<'a>(who: &'a Value, role: &str) -> &'a Value {
    let grants = who["grants"].as_array().expect("grants");
    grants.iter().find(|one| one["role"] == role).expect("a grant of this role")
}

#[tokio::test]
async fn whoever_reaches_a_place_is_named_with_the_grant_and_the_statement() {
    let house = House::new().await;
    house.register("alice").await;
    house.register("bob").await;
    let shared = who(&house, "?key=shared/plan.txt").await;
    assert_eq!((&shared["persons_total"], total(&shared, "s3:GetObject")), (&json!(3), 3));
    assert_eq!(total(&shared, "s3:PutObject"), 1, "the administrator alone: {shared}");
    let everyone = by_role(&shared, "RegularUserRole");
    let given = (&everyone["subject"]["kind"], &everyone["persons"]);
    assert_eq!(given, (&json!("persons"), &json!(3)), "alike but for who has it: {shared}");
    let read = &everyone["reaches"].as_array().expect("actions")[1];
    assert_eq!((&read["action"], &read["extent"]), (&json!("s3:GetObject"), &json!("everywhere")));
    assert_eq!(
        (&read["statement"], &read["policy_type"]),
        (&json!("Read"), &json!("identity-based policy"))
    );
    let alice = shared["persons"][0].clone();
    assert_eq!((&alice["name"], &alice["by"][0]), (&json!("alice"), &everyone["id"]));
    assert_eq!(shared["strangers"], json!([]), "nothing is public");
    let machines = shared["roles"].as_array().expect("roles");
    assert!(machines.iter().all(|one| one["role"] != "EC2UploadRole"), "{shared}");
    let instances = who(&house, "?key=instances/i-1/a").await;
    let machines = instances["roles"].as_array().expect("roles");
    let machine = machines.iter().find(|one| one["role"] == "EC2UploadRole");
    let machine = machine.expect("the role of machines");
    assert_eq!(extent(&machine["reaches"], "s3:PutObject"), "everywhere");
}

#[tokio::test]
async fn a_folder_a_home_and_the_bucket_are_told_apart() {
    let house = House::new().await;
    house.register("alice").await;
    house.register("bob").await;
    let uid = house.uid_of("alice").await;
    let home = who(&house, &format!("?key=home/{uid}/note.txt")).await;
    assert_eq!((total(&home, "s3:PutObject"), total(&home, "s3:GetBucketPolicy")), (2, 0));
    let homes = who(&house, "?key=home/").await;
    let grant = by_role(&homes, "S3AccessRole");
    assert_eq!((&grant["persons"], &grant["same_for_all"]), (&json!(3), &json!(false)));
    assert_eq!(grant["prefix"], "home/${uid}/");
    assert_eq!(extent(&grant["reaches"], "s3:PutObject"), "part");
    let bucket = who(&house, "").await;
    assert_eq!((&bucket["key"], total(&bucket, "s3:GetBucketPolicy")), (&json!(""), 1));
    assert_eq!(total(&bucket, "s3:PutBucketPolicy"), 0, "no session of a person may change it");
    let some = who(&house, "?key=home/&name=BO").await;
    assert_eq!((&some["persons_found"], &some["persons_total"]), (&json!(1), &json!(3)));
    assert_eq!(some["persons"][0]["name"], "bob");
    let after = who(&house, "?key=home/&from=2").await;
    assert_eq!(after["persons"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_ends_or_is_shut_out_reaches_nothing() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let before = total(&who(&house, "?key=shared/a").await, "s3:GetObject");
    let disable = format!("/api/v1/people/{uid}/disable");
    assert_eq!(house.ask(Method::POST, &disable, &house.admin, None).await.status, 204);
    assert_eq!(total(&who(&house, "?key=shared/a").await, "s3:GetObject"), before - 1);
    let what = house.get(&format!("/api/v1/people/{uid}/reach"), &house.admin).await.json();
    assert_eq!(what["status"], "disabled");
}

#[tokio::test]
async fn what_a_person_reaches_is_a_tree_of_places() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let grant = json!({ "role": "UploadRole", "prefix": "shared/inbox/", "title": "Drop box" });
    let path = format!("/api/v1/people/{uid}/grants");
    assert_eq!(house.post(&path, &house.admin, grant).await.status, 201);
    let what = house.get(&format!("/api/v1/people/{uid}/reach"), &house.admin).await.json();
    let places = what["places"].as_array().expect("places");
    let told: Vec<(&str, u64)> = places
        .iter()
        .map(|one| {
            (one["part"]["text"].as_str().expect("text"), one["depth"].as_u64().expect("depth"))
        })
        .collect();
    let home = format!("home/{uid}/");
    assert_eq!(told, [(home.as_str(), 0), ("shared/", 0), ("shared/inbox/", 1)]);
    let inbox = &places[2]["ways"][0];
    assert_eq!((&inbox["role"], &inbox["by"]["kind"]), (&json!("UploadRole"), &json!("own")));
    assert_eq!(extent(&inbox["reaches"], "s3:PutObject"), "everywhere");
    assert_eq!(extent(&inbox["reaches"], "s3:GetObject"), "nowhere");
    assert_eq!(extent(&places[1]["ways"][0]["reaches"], "s3:GetObject"), "everywhere");
}

#[tokio::test]
async fn only_an_administrator_asks_and_about_what_is_there() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.get("/api/v1/access/who", &alice).await.problem(403, "not-administrator");
    let unknown = house.get("/api/v1/access/who?bucket=nobody-s", &house.admin).await;
    assert_eq!(unknown.problem(400, "bucket-invalid")["field"], "bucket");
    let long = format!("/api/v1/access/who?key={}", "x".repeat(1_025));
    house.get(&long, &house.admin).await.problem(400, "key-invalid");
    house.get("/api/v1/access/who?prefix=a", &house.admin).await.problem(400, "invalid-parameter");
    let nobody = "/api/v1/people/01arz3ndektsv4rrffq69g5fav/reach";
    house.get(nobody, &house.admin).await.problem(404, "no-such-person");
}
