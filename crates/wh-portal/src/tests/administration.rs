//! Persons, grants, settings and roles, by an administrator.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wh_names::{KeyPrefix, RoleName};
use wh_people::{GrantForm, GrantSubject, ProvenAdministrator};

use super::house::{House, PASSWORD};
use super::store::{CRC, Store};

#[tokio::test]
async fn a_grant_given_is_a_location_and_taken_away_it_is_none() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let path = format!("/api/v1/people/{}/grants", house.uid_of("alice").await);
    let form = json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box" });
    let given = house.post(&path, &house.admin, form).await;
    assert_eq!(given.status, 201, "{}", given.body);
    let id = given.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(house.location(&alice, "inbox/").await, id);
    let removed =
        house.ask(Method::DELETE, &format!("/api/v1/grants/{id}"), &house.admin, None).await;
    assert_eq!(removed.status, 204);
    let grants = house.get(&path, &house.admin).await.json();
    assert!(
        grants["grants"].as_array().is_some_and(|all| all.iter().all(|g| g["id"] != id.as_str()))
    );
}

#[tokio::test]
async fn a_grant_names_a_role_for_people_and_a_whole_folder() {
    let house = House::new().await;
    house.register("alice").await;
    let path = format!("/api/v1/people/{}/grants", house.uid_of("alice").await);
    for (role, prefix, field) in [
        ("PortalRole", "a/", "role"),
        ("EC2UploadRole", "a/", "role"),
        ("AWSServiceRoleForSupport", "a/", "role"),
        ("s3accessrole", "a/", "role"),
        ("none", "a/", "role"),
        ("", "a/", "role"),
        ("S3AccessRole", "a", "prefix"),
    ] {
        let form = json!({ "role": role, "prefix": prefix, "title": "x" });
        let answer = house.post(&path, &house.admin, form).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)));
    }
    for bucket in ["elsewhere", "", "*"] {
        let form = json!({ "role": "S3AccessRole", "bucket": bucket, "prefix": "", "title": "x" });
        house.post(&path, &house.admin, form).await.problem(400, "bucket-invalid");
    }
    let known = house.get("/api/v1/roles", &house.admin).await.json()["buckets"][0].clone();
    let form = json!({ "role": "S3AccessRole", "bucket": known, "prefix": "", "title": "x" });
    let given = house.post(&path, &house.admin, form).await;
    assert_eq!((given.status.as_u16(), &given.json()["bucket"]), (201, &known));
}

#[tokio::test]
async fn who_is_shut_out_is_out_at_once() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let person = format!("/api/v1/people/{}", house.uid_of("alice").await);
    let act = async |verb: &str| {
        house.ask(Method::POST, &format!("{person}/{verb}"), &house.admin, None).await.status
    };
    assert_eq!(act("disable").await, 204);
    house.get("/api/v1/locations", &alice).await.problem(401, "not-signed-in");
    let form = || json!({ "name": "alice", "password": PASSWORD });
    house.post("/api/v1/session", "", form()).await.problem(403, "person-disabled");
    assert_eq!(act("enable").await, 204);
    assert_eq!(house.post("/api/v1/session", "", form()).await.status, 200);
    assert_eq!(act("end-sessions").await, 204);
}

#[tokio::test]
async fn somebody_is_always_left_to_administer() {
    let house = House::new().await;
    let root = house.uid_of("root").await;
    let disable = format!("/api/v1/people/{root}/disable");
    let answer = house.ask(Method::POST, &disable, &house.admin, None).await;
    answer.problem(409, "last-administrator");
    let nobody = "/api/v1/people/01arz3ndektsv4rrffq69g5fav/disable";
    house.ask(Method::POST, nobody, &house.admin, None).await.problem(404, "no-such-person");
}

#[tokio::test]
async fn settings_are_what_was_put() {
    let house = House::new().await;
    let wanted = json!({ "registration": "approval", "homes": false, "domains": [],
        "mail_check": false });
    let put = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(wanted.clone())).await;
    assert_eq!(put.json(), wanted);
    assert_eq!(house.get("/api/v1/settings", &house.admin).await.json(), wanted);
    let mode = house.get("/api/v1/registration", "").await.json();
    assert_eq!(mode, json!({ "mode": "approval", "email_required": false, "mail": true }));
    let form = json!({ "name": "alice", "password": PASSWORD });
    let pending = house.post("/api/v1/registration", "", form.clone()).await.json();
    assert_eq!(pending, json!({ "status": "pending" }));
    house.post("/api/v1/session", "", form.clone()).await.problem(403, "awaiting-approval");
    let approve = format!("/api/v1/people/{}/approve", house.uid_of("alice").await);
    assert_eq!(house.ask(Method::POST, &approve, &house.admin, None).await.status, 204);
    assert_eq!(house.post("/api/v1/session", "", form).await.status, 200);
}

#[tokio::test]
async fn roles_are_told_in_words_and_as_they_are_written() {
    let house = House::new().await;
    let roles = house.get("/api/v1/roles", &house.admin).await.json();
    let roles = roles["roles"].as_array().expect("roles").clone();
    let named = |name: &str| roles.iter().find(|r| r["name"] == name).cloned().unwrap_or_default();
    for name in ["AdminRole", "RegularUserRole", "S3AccessRole", "UploadRole", "PortalRole"] {
        let role = named(name);
        assert!(role["summary"].as_array().is_some_and(|lines| !lines.is_empty()), "{name}");
        let document = role["policies"][0]["document"].as_str().expect("a document");
        let document: Value = serde_json::from_str(document).expect("JSON");
        assert_eq!(document["Version"], "2012-10-17");
    }
    let told: Vec<String> = house.trail("").await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(told, ["ConfirmSecondFactor", "OfferSecondFactor"], "what root has done so far");
    house.get("/api/v1/audit?x=1", &house.admin).await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn whoever_loses_something_is_asked_for_a_new_role_session() {
    let store = Store::start().await;
    store.holding().object = Some((3, CRC));
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let assumed = async || {
        let link = format!("/api/v1/locations/{home}/downloads");
        let answer = house.post(&link, &alice, json!({ "path": "a.txt" })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        store.holding().assumed
    };
    let remove = async |id: &str| {
        let path = format!("/api/v1/grants/{id}");
        assert_eq!(house.ask(Method::DELETE, &path, &house.admin, None).await.status, 204);
    };
    assert_eq!((assumed().await, assumed().await), (1, 1));

    let uid = house.uid_of("alice").await;
    let form = json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box" });
    let given = house.post(&format!("/api/v1/people/{uid}/grants"), &house.admin, form).await;
    assert_eq!(assumed().await, 1, "who gains something loses nothing");
    remove(given.json()["id"].as_str().expect("an id")).await;
    // What is issued in the very instant of a revocation is revoked.
    house.pass(SignedDuration::from_secs(1));
    assert_eq!((assumed().await, assumed().await), (2, 2));

    let root = house.person(&house.admin).await.administrator().expect("an administrator");
    let root = ProvenAdministrator::try_from(root).expect("a fresh proof");
    let form = GrantForm {
        bucket: None,
        subject: GrantSubject::Everyone,
        role: RoleName::parse("UploadRole").expect("a role"),
        prefix: KeyPrefix::parse("inbox/").expect("a prefix"),
        title: "Drop box".to_owned(),
        ends_at: None,
    };
    let given = house.people.add_grant(&root, form).await.expect("given").grant;
    remove(given.id.as_str()).await;
    house.pass(SignedDuration::from_secs(1));
    assert_eq!((assumed().await, assumed().await), (3, 3), "everyone lost it, alice too");
}

#[tokio::test]
async fn the_houses_keys_are_rotated_by_a_fresh_proof_and_the_trail_says_so() {
    const ROTATE: &str = "/api/v1/house-keys/rotation";
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.get("/api/v1/house-keys", &alice).await.problem(403, "not-administrator");
    house.post(ROTATE, &alice, json!({})).await.problem(403, "not-administrator");
    house.pass(SignedDuration::from_mins(11));
    let seen = house.get("/api/v1/house-keys", &house.admin).await;
    assert_eq!(seen.json()["keys"].as_array().map(Vec::len), Some(1), "{}", seen.body);
    house.post(ROTATE, &house.admin, json!({})).await.problem(403, "step-up-needed");
    let seen = house.get("/api/v1/house-keys", &house.admin).await.json();
    assert_eq!(seen["keys"].as_array().map(Vec::len), Some(1), "it was rotated all the same");

    let code = house.authenticator.as_ref().expect("a factor").code(house.now());
    let proof = json!({ "code": code });
    let proved = house.post("/api/v1/session/proof", &house.admin, proof).await;
    assert_eq!(proved.status, 200, "{}", proved.body);
    let rotated = house.post(ROTATE, &proved.cookie(), json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    let keys = rotated.json()["keys"].clone();
    assert_eq!((&keys[0]["in_force"], &keys[1]["in_force"]), (&json!(false), &json!(true)));
    let lines = house.lines_after(0).await;
    let line = lines.iter().find(|line| line.record.operation == "HouseKeysRotate");
    let told = format!("{:?}", line.expect("a line"));
    assert!(told.contains("generation 1; now: authority.keys generation 2"), "{told}");
}
