//! Persons, looked after on the machine itself: the way in when nobody can sign in any more.

use serde_json::{Value, json};

use crate::actors::{Actor, PASSWORD};
use crate::keeping::ends;
use crate::server::Server;

#[test]
fn the_last_administrator_who_lost_the_phone_gets_in_again() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let listed = ends(&data, &["user", "list"], 0, &["ada: active, administrator, second factor"]);
    assert!(listed.contains("bob: active\n"), "{listed}");
    let last = ["user", "disable", "ada"];
    ends(&data, &last, 1, &["the last administrator", "wellhouse user set-admin"]);
    ends(&data, &["user", "reset-second-factor", "nobody"], 1, &["nobody has the name or uid"]);
    ends(&data, &["user", "reset-second-factor", "ada"], 0, &["no second factor any more"]);
    ends(&data, &["user", "reset-second-factor", "ada"], 0, &["has no second factor"]);
    let (status, _) = ada.get("/session");
    assert_eq!(status, 401, "the session has ended");
    ada.sign_in("ada");
    let (status, refused) = ada.get("/people");
    assert_eq!((status, &refused["code"]), (403, &json!("second-factor-required")), "{refused}");

    ends(&data, &["user", "set-admin", "bob"], 0, &["AdminRole on the whole bucket"]);
    ends(&data, &["user", "set-admin", "bob"], 0, &["already"]);
    ends(&data, &last, 0, &["is shut out"]);
    let (status, _) = ada.get("/session");
    assert_eq!(status, 401);
    let mut again = Actor::stranger(&server);
    let form = json!({ "name": "ada", "password": PASSWORD });
    let (status, refused) = again.post("/session", &form);
    assert_eq!((status, &refused["code"]), (403, &json!("person-disabled")), "{refused}");
    ends(&data, &["user", "enable", "ada"], 0, &["let back"]);
    again.sign_in("ada");

    let listed = ends(&data, &["user", "list", "--output", "json"], 0, &[]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let bob = listed["people"].as_array().expect("people").iter().find(|p| p["name"] == "bob");
    assert_eq!(bob.expect("bob")["administrator"], true);
    again.set_up_second_factor();
    let (_, log) = again.get("/audit?who=operator");
    let admin = "before: active `bob` without it; now: AdminRole on ";
    assert!(log.to_string().contains(admin), "{log}");
    let told = log["entries"].as_array().expect("entries").iter();
    let told: Vec<_> = told.map(|e| (e["operation"].clone(), e["outcome"].clone())).collect();
    let done = |operation: &str| (json!(operation), json!("done"));
    assert_eq!(
        told,
        [
            done("EnablePerson"),
            done("DisablePerson"),
            done("SetAdministrator"),
            done("ResetSecondFactor"),
            (json!("DisablePerson"), json!("last-administrator")),
        ]
    );
}

#[test]
fn what_a_person_carries_about_is_shown_and_ended_on_the_machine() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    ends(&data, &["user", "show", "bob"], 0, &["bob: active", "no API token", "no access key"]);
    ends(&data, &["user", "show", "nobody"], 1, &["nobody has the name or uid"]);
    let home = bob.location("home/");
    let wish = json!({ "name": "nightly", "locations": [home], "actions": ["list"] });
    let (status, made) = bob.post("/tokens", &wish);
    assert_eq!(status, 201, "{made}");
    let id = made["token"]["id"].as_str().expect("an id");
    ends(&data, &["user", "show", "bob"], 0, &[id, "nightly: active until", "never used"]);
    ends(&data, &["user", "revoke-token", "bob", "nothing"], 1, &["has no API token"]);
    ends(&data, &["user", "revoke-token", "bob", id], 0, &["`nightly` is revoked"]);
    ends(&data, &["user", "revoke-token", "bob", id], 1, &["revoked already"]);
    let told = ends(&data, &["user", "show", "bob", "--output", "json"], 0, &[]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["tokens"][0]["standing"], "revoked", "{told}");
    let (_, log) = ada.get("/audit?who=operator");
    let line = "before: `nightly` until ";
    assert!(log.to_string().contains(line), "{log}");
}
