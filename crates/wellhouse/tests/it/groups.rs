//! Groups and ends of grants, as the store keeps to them: what is over is over within a second.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::keeping::ends;
use crate::sdk::client;
use crate::server::Server;

/// How late the store may be.
const LATE_MAX: Duration = Duration::from_secs(1);

async fn put(keys: &Keys) -> Result<(), String> {
    let body = b"digits".to_vec().into();
    let put = client(keys).await.put_object().bucket(&keys.bucket).body(body);
    let sent = put.key(format!("{}a.txt", keys.prefix)).send().await;
    sent.map(drop).map_err(|error| {
        let error = error.into_service_error();
        format!("{:?} {:?}", error.meta().code(), error.meta().message())
    })
}

#[expect(clippy::disallowed_methods, reason = "the server goes by this clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Puts until it is refused; for how long, and why.
async fn until_refused(keys: &Keys) -> (Duration, String) {
    let begun = Instant::now();
    loop {
        match put(keys).await {
            Ok(()) => assert!(begun.elapsed() < Duration::from_secs(20), "it goes on"),
            Err(why) => return (begun.elapsed(), why),
        }
    }
}

fn uid_of(ada: &mut Actor, name: &str) -> String {
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let person = people.iter().find(|p| p["name"] == name).expect("the person");
    person["uid"].as_str().expect("a uid").to_owned()
}

fn made(answer: (u16, Value)) -> String {
    assert_eq!(answer.0, 201, "{}", answer.1);
    answer.1["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_has_ends_for_whoever_leaves_it_and_a_grant_at_its_end() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let uid = uid_of(&mut ada, "bob");
    let group = made(ada.post("/groups", &json!({ "name": "team" })));
    let grant = json!({ "to": { "kind": "group", "id": group }, "role": "S3AccessRole",
        "prefix": "team/", "title": "Team" });
    made(ada.post("/grants", &grant));
    let member = format!("/groups/{group}/members/{uid}");
    let (status, body) = ada.put(&member);
    assert_eq!(status, 204, "{body}");

    let (_, locations) = bob.get("/locations");
    let team = locations["locations"].as_array().expect("locations").clone();
    let team = team.iter().find(|l| l["prefix"] == "team/").expect("the team's");
    assert_eq!(team["by"], json!({ "kind": "group", "id": group, "name": "team" }));
    let (_, locations) = eve.get("/locations");
    assert!(!locations.to_string().contains("team/"), "eve is not in it: {locations}");
    let keys = bob.keys("team/");
    put(&keys).await.expect("bob is in the team");
    let bob2 = Keys { prefix: "team2/".to_owned(), ..keys.clone() };
    put(&bob2).await.expect_err("`team/` is a whole segment");

    let (status, body) = ada.delete(&member);
    assert_eq!(status, 204, "{body}");
    let (late, why) = until_refused(&keys).await;
    assert!(late < LATE_MAX, "{late:?}: {why}");
    let (_, locations) = bob.get("/locations");
    assert!(!locations.to_string().contains("team/"), "{locations}");

    let end = Timestamp::from_second((now() + SignedDuration::from_secs(4)).as_second());
    let end = end.expect("a time");
    let grant = json!({ "role": "S3AccessRole", "prefix": "guest/", "title": "Guest",
        "ends": end.to_string() });
    made(ada.post(&format!("/people/{uid}/grants"), &grant));
    let keys = bob.keys("guest/");
    let id = bob.location("guest/");
    put(&keys).await.expect("it has not ended");
    let (_, why) = until_refused(&keys).await;
    let late = now().duration_since(end);
    assert!(late >= SignedDuration::ZERO, "{late:?} early");
    assert!(late < SignedDuration::try_from(LATE_MAX).expect("short"), "{late:?} late");
    assert!(why.contains("explicit deny in a session policy"), "{why}");
    let (status, told) = bob.get(&format!("/locations/{id}/entries"));
    assert_eq!((status, &told["code"]), (403, &json!("grant-ended")), "{told}");
    assert!(told["detail"].as_str().is_some_and(|why| why.contains(&end.to_string())), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_takes_away_beside_a_running_server_ends_within_a_second() {
    let server = Server::start();
    let data = server.data();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    ends(&data, &["group", "add", "team"], 0, &["team"]);
    ends(&data, &["group", "add", "Team"], 1, &["taken"]);
    ends(&data, &["group", "add-member", "team", "bob"], 0, &["bob is in team"]);
    let grant = ["grant", "add", "S3AccessRole", "team/", "--group", "team"];
    ends(&data, &grant, 0, &["S3AccessRole", "team/"]);
    ends(&data, &["grant", "list", "--person", "bob"], 0, &["by the group team"]);
    let keys = bob.keys("team/");
    put(&keys).await.expect("bob is in the team");
    ends(&data, &["group", "remove-member", "team", "bob"], 0, &["bob is not in team any more"]);
    let (late, why) = until_refused(&keys).await;
    assert!(late < LATE_MAX, "{late:?}: {why}");
    ends(&data, &["group", "remove-member", "team", "bob"], 1, &["bob is not in team"]);

    let grant = ["grant", "add", "S3AccessRole", "own/", "--person", "bob", "--output", "json"];
    let given: Value = serde_json::from_str(&ends(&data, &grant, 0, &[])).expect("JSON");
    let keys = bob.keys("own/");
    put(&keys).await.expect("it is bob's");
    let id = given["id"].as_str().expect("an id");
    ends(&data, &["grant", "remove", id], 0, &["taken away"]);
    let (late, why) = until_refused(&keys).await;
    assert!(late < LATE_MAX, "{late:?}: {why}");

    refused(&data);
    ends(&data, &["group", "rename", "team", "crew"], 0, &["crew"]);
    ends(&data, &["group", "list"], 0, &["crew"]);
    let listed = ends(&data, &["grant", "list", "--person", "bob"], 0, &["for bob"]);
    assert!(!listed.contains("own/") && !listed.contains("group"), "{listed}");
    ends(&data, &["group", "remove", "crew"], 0, &["deleted"]);
    let (_, log) = ada.get("/audit?who=operator");
    for operation in [
        "AddGroup",
        "AddMember",
        "RemoveMember",
        "AddGrant",
        "RemoveGrant",
        "RenameGroup",
        "RemoveGroup",
    ] {
        assert!(log.to_string().contains(operation), "{operation}: {log}");
    }
}

/// What cannot stand is refused with what is wrong.
fn refused(data: &Path) {
    for (arguments, words) in [
        (vec!["grant", "add", "AdminRole", "", "--group", "team"], "by name"),
        (
            vec!["grant", "add", "S3AccessRole", "a/", "--everyone", "--bucket", "elsewhere"],
            "none of the estate's buckets: wellhouse",
        ),
        (
            vec![
                "grant",
                "add",
                "AdminRole",
                "",
                "--person",
                "bob",
                "--until",
                "2999-01-01T00:00:00Z",
            ],
            "without an end",
        ),
        (vec!["grant", "add", "S3AccessRole", "own", "--person", "bob"], "end in `/`"),
        (vec!["grant", "add", "PortalRole", "own/", "--person", "bob"], "AdminRole"),
        (
            vec![
                "grant",
                "add",
                "S3AccessRole",
                "own/",
                "--person",
                "bob",
                "--until",
                "2000-01-01T00:00:00Z",
            ],
            "in the future",
        ),
        (vec!["grant", "remove", "nothing"], "no such grant"),
        (vec!["group", "rename", "nothing", "crew"], "no group"),
    ] {
        ends(data, &arguments, 1, &[words]);
    }
}
