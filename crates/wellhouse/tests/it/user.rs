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
