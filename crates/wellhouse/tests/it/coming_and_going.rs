//! Persons who are invited, added, given a new password and deleted, from the machine and at the portal.

use serde_json::{Value, json};

use crate::actors::{Actor, PASSWORD};
use crate::keeping::ends;
use crate::sdk::client;
use crate::server::Server;

/// The token of a link that was printed.
fn token_of(text: &str, page: &str) -> String {
    let link = text.split_whitespace().find(|word| word.contains(&format!("/{page}#token=")));
    let link = link.unwrap_or_else(|| panic!("no link to {page}: {text}"));
    link.split_once("#token=").expect("a token").1.to_owned()
}

#[test]
fn who_is_invited_comes_in_once_and_sets_the_password_alone() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    ends(&data, &["group", "add", "team"], 0, &[]);
    let add = ["invite", "add", "--name", "bob", "--group", "team", "--grant", "UploadRole=inbox/"];
    let token = token_of(&ends(&data, &add, 0, &["works once"]), "invitation");
    ends(&data, &["invite", "list"], 0, &["for bob: open until"]);
    let mut bob = Actor::stranger(&server);
    let (status, offered) = bob.post("/invitation", &json!({ "token": token }));
    assert_eq!((status, &offered["name"]), (200, &json!("bob")), "{offered}");
    let form = json!({ "token": token, "password": PASSWORD, "role": "AdminRole" });
    let (status, body) = bob.post("/invitation/accept", &form);
    assert_eq!((status, &body["code"]), (400, &json!("invalid-body")), "{body}");
    let form = json!({ "token": token, "name": "root", "password": PASSWORD });
    let (status, body) = bob.post("/invitation/accept", &form);
    assert_eq!(status, 201, "{body}");
    let (status, body) = bob.post("/invitation/accept", &form);
    assert_eq!((status, &body["code"]), (403, &json!("invitation-refused")), "{body}");
    bob.sign_in("bob");
    bob.location("inbox/");
    let (_, groups) = ada.get("/groups");
    assert_eq!(groups["groups"][0]["members"][0]["name"], "bob", "{groups}");

    let made: Value =
        serde_json::from_str(&ends(&data, &["invite", "add", "--output", "json"], 0, &[]))
            .expect("JSON");
    let id = made["id"].as_str().expect("an id");
    ends(&data, &["invite", "revoke", id], 0, &["revoked"]);
    ends(&data, &["invite", "revoke", id], 1, &["no invitation"]);
    let token = token_of(made["link"].as_str().expect("a link"), "invitation");
    let (status, _) = Actor::stranger(&server).post("/invitation", &json!({ "token": token }));
    assert_eq!(status, 403);
    for (arguments, words) in [
        (vec!["invite", "add", "--grant", "AdminRole="], "by name"),
        (vec!["invite", "add", "--valid", "25h"], "24 hours"),
        (vec!["invite", "add", "--group", "nobody"], "no group"),
        (vec!["invite", "add", "--name", "ADA"], "taken"),
    ] {
        ends(&data, &arguments, 1, &[words]);
    }
    let (_, log) = ada.get("/audit");
    let log = log.to_string();
    assert!(log.contains("InvitationsAccept") && log.contains("AddInvitation"), "{log}");
    let invited = format!("of `bob` until {}", offered["expires"].as_str().expect("a time"));
    for told in ["before: nobody; now: person/", "before: nothing; now: invitation/", &invited] {
        assert!(log.contains(told), "{told}: {log}");
    }
    assert!(!log.contains(&token), "no token in the log");
}

#[test]
fn what_was_asked_for_is_answered_once_from_the_machine() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    ends(&data, &["request", "list"], 0, &["Nothing waits"]);
    let path = format!("/locations/{}/access-requests", bob.location("shared/"));
    let mut ask = |folder: &str| {
        let form = json!({ "path": folder, "action": "s3:PutObject", "note": "for\nthe report" });
        let (status, asked) = bob.post(&path, &form);
        assert_eq!(status, 201, "{asked}");
        asked["id"].as_str().expect("an id").to_owned()
    };
    let (given, declined) = (ask("reports/"), ask("plans/"));
    let shown = format!("{given}  bob asks for ");
    ends(
        &data,
        &["request", "list"],
        0,
        &[&shown, "shared/reports/, for s3:PutObject: for the report"],
    );
    let listed = ends(&data, &["request", "list", "--output", "json"], 0, &[]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["requests"][1]["id"], declined.as_str(), "{listed}");

    let end = "2090-12-31T18:00:00Z";
    let give = ["request", "answer", &given, "--give", "--until", end];
    ends(&data, &give, 0, &["shared/reports/ is given", "grant remove"]);
    ends(&data, &give, 1, &["see `request list`"]);
    let because = ["request", "answer", &declined, "--decline", "--because", "Not this year."];
    ends(&data, &because, 0, &["declined"]);
    ends(&data, &["request", "answer", &declined, "--give"], 1, &["see `request list`"]);
    ends(&data, &["request", "answer", &given], 1, &["--give"]);
    ends(&data, &["request", "list"], 0, &["Nothing waits"]);
    ends(&data, &["grant", "list", "--person", "bob"], 0, &["shared/reports/", end]);
    bob.location("shared/reports/");
    let (_, own) = bob.get("/account/access-requests");
    assert!(own.to_string().contains("Not this year."), "{own}");
    let (_, log) = ada.get("/audit");
    let log = log.to_string();
    assert!(
        log.contains("wellhouse:GiveAccess") && log.contains("wellhouse:DeclineAccess"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_sets_a_password_and_who_is_deleted_is_gone_within_a_second() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    let added = ends(&data, &["user", "add", "bob"], 0, &["sets the password"]);
    ends(&data, &["user", "add", "BOB"], 1, &["taken"]);
    let mut bob = Actor::stranger(&server);
    let form = json!({ "token": token_of(&added, "new-password"), "password": PASSWORD });
    let (status, body) = bob.post("/new-password", &form);
    assert_eq!(status, 204, "{body}");
    bob.sign_in("bob");
    let keys = bob.keys("home/");
    let list = async || {
        let s3 = client(&keys).await;
        s3.list_objects_v2().bucket(&keys.bucket).prefix(&keys.prefix).send().await.is_ok()
    };
    assert!(list().await);

    let printed = ends(&data, &["user", "reset", "bob"], 0, &["sets a new password"]);
    assert_eq!(bob.get("/session").0, 200, "nothing happens until it is followed");
    let form =
        json!({ "token": token_of(&printed, "new-password"), "password": "another good long one" });
    let (status, body) = Actor::stranger(&server).post("/new-password", &form);
    assert_eq!(status, 204, "{body}");
    assert_eq!(bob.get("/session").0, 401, "every session has ended");
    assert!(!list().await, "and what was given out");
    let (status, body) = Actor::stranger(&server).post("/new-password", &form);
    assert_eq!((status, &body["code"]), (403, &json!("password-link-refused")), "{body}");

    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let uid = uid.as_str().expect("a uid");
    let (status, link) = ada.post(&format!("/people/{uid}/password-link"), &json!({}));
    assert_eq!(status, 201, "{link}");
    let token = token_of(link["path"].as_str().expect("a path"), "new-password");
    let (status, body) =
        bob.post("/new-password", &json!({ "token": token, "password": PASSWORD }));
    assert_eq!(status, 204, "{body}");
    bob.sign_in("bob");
    let keys = bob.keys("home/");
    let list = async || {
        let s3 = client(&keys).await;
        s3.list_objects_v2().bucket(&keys.bucket).prefix(&keys.prefix).send().await.is_ok()
    };
    assert!(list().await);
    ends(&data, &["user", "delete", "bob"], 1, &["for good", "--yes"]);
    ends(&data, &["user", "delete", "bob", "--yes"], 0, &["is deleted", "stay"]);
    assert!(!list().await, "the store knows, though the server ran beside");
    assert_eq!(bob.get("/session").0, 401);
    ends(&data, &["user", "delete", "ada", "--yes"], 1, &["no administrator"]);
    let (_, log) = ada.get("/audit?who=operator");
    for operation in ["AddPerson", "MakePasswordLink", "DeletePerson"] {
        assert!(log.to_string().contains(operation), "{operation}: {log}");
    }
    for told in [
        format!("before: nobody; now: person/{uid} `bob`, active, with a link to set a password"),
        "now: a link until ".to_owned(),
        "before: active `bob`; now: deleted".to_owned(),
    ] {
        assert!(log.to_string().contains(&told), "{told}: {log}");
    }
}

/// What bob reaches by his group and as everybody does, told both ways round.
fn reached_by_bob(data: &std::path::Path) {
    let json = |arguments: &[&str]| -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&ends(data, &arguments, 0, &[])).expect("JSON")
    };
    let who = json(&["policy", "who", "--place", "wellhouse/team/plan.txt"]);
    let persons = who["persons"].as_array().expect("persons");
    let named: Vec<&str> = persons.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(named, ["ada", "bob"], "mallory is shut out: {who}");
    assert_eq!(persons[1]["actions"]["s3:PutObject"], "everywhere");
    assert_eq!((&who["totals"]["s3:DeleteObject"], &who["strangers"]), (&json!(2), &json!([])));
    let words = ["group team by S3AccessRole on wellhouse/team/", "statement `ReadWriteDelete`"];
    ends(data, &["policy", "who", "--place", "wellhouse/team/"], 0, &words);
    ends(data, &["policy", "who", "--place", "nobody-s/team/"], 1, &["buckets of files"]);
    ends(data, &["policy", "who", "--place", "wellhouse", "--action", "s3:*"], 1, &["--action"]);
    let what = json(&["policy", "what", "bob"]);
    let places = what["places"].as_array().expect("places");
    let texts: Vec<&str> = places.iter().filter_map(|one| one["part"]["text"].as_str()).collect();
    assert!(texts.contains(&"team/") && texts.contains(&"inbox/"), "{what}");
    ends(data, &["policy", "what", "bob"], 0, &["wellhouse/team/*", "by the group team"]);
    ends(data, &["policy", "what", "nobody"], 1, &["nobody has the name or uid"]);
}

#[test]
fn a_stopped_house_is_looked_after_by_its_data_folder_alone() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "mallory");
    let (folder, _, _) = server.stop("TERM");
    let data = folder.path().join("data");
    let printed = |arguments: &[&str]| -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&ends(&data, &arguments, 0, &[])).expect("JSON")
    };
    let added = printed(&["user", "add", "bob", "--email", "bob@example.org"]);
    let password = token_of(added["link"].as_str().expect("a link"), "new-password");
    ends(&data, &["user", "disable", "mallory"], 0, &["is shut out"]);
    ends(&data, &["user", "reset-second-factor", "ada"], 0, &[]);
    ends(&data, &["group", "add", "team"], 0, &[]);
    ends(&data, &["group", "add-member", "team", "bob"], 0, &["bob"]);
    let grant = ["grant", "add", "S3AccessRole", "team/", "--group", "team", "--title", "The team"];
    ends(&data, &grant, 0, &[]);
    printed(&["grant", "add", "UploadRole", "inbox/", "--everyone"]);
    reached_by_bob(&data);
    let invited = printed(&["invite", "add", "--email", "eve@example.org", "--group", "team"]);
    let invitation = token_of(invited["link"].as_str().expect("a link"), "invitation");
    let groups = printed(&["group", "list"]).to_string();
    assert!(groups.contains("team") && groups.contains("bob"), "{groups}");
    let grants = printed(&["grant", "list"]).to_string();
    assert!(grants.contains("The team") && grants.contains("inbox/"), "{grants}");
    let invitations = printed(&["invite", "list"]).to_string();
    assert!(invitations.contains("eve@example.org"), "{invitations}");

    let server = Server::start_again(folder);
    let mut bob = Actor::stranger(&server);
    let form = json!({ "token": password, "password": PASSWORD });
    let (status, body) = bob.post("/new-password", &form);
    assert!((200..300).contains(&status), "{status} {body}");
    bob.sign_in("bob");
    bob.location("team/");
    let mut eve = Actor::stranger(&server);
    let form = json!({ "token": invitation, "name": "eve", "password": PASSWORD });
    let (status, body) = eve.post("/invitation/accept", &form);
    assert_eq!(status, 201, "{body}");
    eve.sign_in("eve");
    eve.location("team/");
    eve.location("inbox/");
    let mut mallory = Actor::stranger(&server);
    let form = json!({ "name": "mallory", "password": PASSWORD });
    let (status, refused) = mallory.post("/session", &form);
    assert_eq!((status, &refused["code"]), (403, &json!("person-disabled")), "{refused}");
    let mut ada = Actor::stranger(&server);
    ada.sign_in("ada");
    ada.set_up_second_factor();
    let (_, log) = ada.get("/audit?who=operator");
    let log = log.to_string();
    for operation in ["AddPerson", "DisablePerson", "AddGroup", "AddMember", "AddGrant"] {
        assert!(log.contains(operation), "{operation}: {log}");
    }
}
