//! Locations, listings and uploads, as far as they go without a store.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::House;
use super::store::Store;

fn upload(location: &str, path: &str) -> Value {
    json!({ "location": location, "path": path, "size": 9_000_000, "content_type": "text/plain",
            "last_modified": 1, "conflict": "fail" })
}

#[tokio::test]
async fn a_location_says_what_one_may_do_there_and_why() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let all = house.get("/api/v1/locations", &alice).await.json();
    let all = all["locations"].as_array().expect("locations").clone();
    let at = |prefix: &str| {
        let begins = |l: &&Value| l["prefix"].as_str().is_some_and(|p| p.starts_with(prefix));
        all.iter().find(begins).cloned().expect("a location")
    };
    let shared = at("shared/");
    for (verb, allowed) in [("list", true), ("get", true), ("put", false), ("delete", false)] {
        assert_eq!(shared["may"][verb]["allowed"], allowed, "{verb} {shared}");
    }
    let why = &shared["may"]["put"]["explanation"];
    assert_eq!(
        (&why["decision"], &why["role"]),
        (&json!("implicit-deny"), &json!("RegularUserRole"))
    );
    assert_eq!((&why["action"], &why["policy"]), (&json!("s3:PutObject"), &Value::Null));
    assert_eq!(why["resource"], "arn:aws:s3:::wellhouse-files/shared/*");
    assert!(why["message"].as_str().is_some_and(|m| m.contains("is not authorized to perform")));
    let home = at("home/");
    for verb in ["list", "get", "put", "delete"] {
        assert_eq!(home["may"][verb]["allowed"], true, "{verb} {home}");
        assert!(home["may"][verb]["explanation"]["statement"].is_string(), "{verb}");
    }
}

#[tokio::test]
async fn what_the_policies_refuse_is_refused_before_the_store_is_asked() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let shared = house.location(&alice, "shared/").await;
    let begun = house.post("/api/v1/uploads", &alice, upload(&shared, "a.txt")).await;
    let problem = begun.problem(403, "access-denied");
    assert_eq!(problem["explanation"]["resource"], "arn:aws:s3:::wellhouse-files/shared/a.txt");
    assert_eq!(problem["explanation"]["action"], "s3:PutObject");
    let folders = format!("/api/v1/locations/{shared}/folders");
    let made = house.post(&folders, &alice, json!({ "path": "new/" })).await;
    made.problem(403, "access-denied");
    let unfinished = house.get("/api/v1/uploads", &alice).await.json();
    assert_eq!(unfinished, json!({ "uploads": [] }));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_never_an_empty_folder() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let entries = format!("/api/v1/locations/{home}/entries?path=");
    house.get(&entries, &alice).await.problem(502, "store-unreachable");
    let downloads = format!("/api/v1/locations/{home}/downloads");
    let link = house.post(&downloads, &alice, json!({ "path": "a.txt" })).await;
    link.problem(502, "store-unreachable");
}

#[tokio::test]
async fn an_upload_is_written_down_before_the_store_is_asked() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let begun = house.post("/api/v1/uploads", &alice, upload(&home, "a/b.txt")).await;
    begun.problem(502, "store-unreachable");
    let unfinished = house.get("/api/v1/uploads", &alice).await.json();
    let row = &unfinished["uploads"][0];
    assert_eq!((&row["path"], &row["status"]), (&json!("a/b.txt"), &json!("begun")));
    assert_eq!((&row["part_size"], &row["part_count"]), (&json!(8_388_608), &json!(2)));
    let id = row["id"].as_str().expect("an id");

    let bob = house.register("robert").await;
    house.get(&format!("/api/v1/uploads/{id}"), &bob).await.problem(404, "no-such-upload");
    let parts = json!({ "parts": [{ "n": 1, "size": 8_388_608, "crc": "rosUhgp5mIg=" }] });
    let signed = house.post(&format!("/api/v1/uploads/{id}/parts"), &alice, parts).await;
    signed.problem(409, "upload-not-open");
    let gone = house.ask(Method::DELETE, &format!("/api/v1/uploads/{id}"), &alice, None).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn a_location_of_another_person_is_none() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let bob = house.register("robert").await;
    let home = house.location(&alice, "home/").await;
    let entries = format!("/api/v1/locations/{home}/entries");
    house.get(&entries, &bob).await.problem(404, "no-such-location");
    let begun = house.post("/api/v1/uploads", &bob, upload(&home, "a.txt")).await;
    begun.problem(404, "no-such-location");
}

#[tokio::test]
async fn a_path_never_leaves_its_location() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    for (path, code) in [
        ("../x", "path-dot-segment"),
        ("a/../../x", "path-dot-segment"),
        ("/x", "path-absolute"),
        ("a//b", "path-empty-segment"),
        ("a\\b", "path-forbidden-character"),
        ("a\u{0}b", "path-forbidden-character"),
    ] {
        let begun = house.post("/api/v1/uploads", &alice, upload(&home, path)).await;
        assert_eq!(begun.problem(400, code)["field"], "path");
        let downloads = format!("/api/v1/locations/{home}/downloads");
        let link = house.post(&downloads, &alice, json!({ "path": path })).await;
        link.problem(400, code);
    }
    let entries = format!("/api/v1/locations/{home}/entries?path=..%2f");
    house.get(&entries, &alice).await.problem(400, "path-dot-segment");
}

#[tokio::test]
async fn a_question_is_answered_with_the_statement() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let ask = async |query: &str| {
        house.get(&format!("/api/v1/locations/{home}/explain?{query}"), &alice).await
    };
    let may = ask("path=a.txt&action=s3:PutObject").await.json();
    assert_eq!(
        (&may["allowed"], &may["explanation"]["decision"]),
        (&json!(true), &json!("allowed"))
    );
    let may_not = ask("action=s3:PutBucketPolicy").await.json();
    assert_eq!(may_not["allowed"], false);
    ask("path=a.txt&action=nonsense").await.problem(400, "invalid-action");
}

#[tokio::test]
async fn a_page_that_begins_nowhere_is_no_fault_of_the_store() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let entries = format!("/api/v1/locations/{home}/entries");
    assert_eq!(house.get(&entries, &alice).await.json()["entries"], json!([]));
    let nowhere = house.get(&format!("{entries}?cursor="), &alice).await;
    assert_eq!(nowhere.problem(400, "cursor-invalid")["field"], "cursor");
}
