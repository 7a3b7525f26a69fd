//! What happened to files, in a running house: told by the store's own feed, to those who may list, once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::keeping::put;
use crate::sdk::client;
use crate::server::Server;
use crate::tokens::{Machine, token};

/// How soon what happened in the store is told.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

fn told(actor: &mut Actor, at: &str) -> Vec<String> {
    let (status, page) = actor.get(at);
    assert_eq!(status, 200, "{page}");
    assert_eq!((&page["complete"], &page["source"]), (&json!(true), &json!("store")), "{page}");
    let entries = page["entries"].as_array().expect("entries").iter();
    let line = |entry: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("nobody").to_owned();
        let (who, kind) = (text(&entry["by"]["name"]), text(&entry["kind"]));
        let (folder, name) = (text(&entry["folder"]), text(&entry["names"][0]));
        format!("{who} {kind} {folder}{name} {}", entry["count"])
    };
    entries.map(line).collect()
}

/// Asks again until the answer is this.
#[track_caller]
fn comes_to(actor: &mut Actor, at: &str, expected: &[&str]) {
    let began = Instant::now();
    loop {
        let found = told(actor, at);
        if found == expected {
            return;
        }
        assert!(began.elapsed() < TOLD_WITHIN, "{at}: {found:?} and not {expected:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_the_store_is_told_once_to_those_who_may_list_it_and_to_nobody_else() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let home = bob.location("home/");
    let keys = bob.keys("home/");
    let s3 = client(&keys).await;
    let key = |path: &str| format!("{}{path}", keys.prefix);
    put(&keys, &key("plans/a.txt"), vec![1; 10]).await;
    put(&keys, &key("plans/b.txt"), vec![1; 10]).await;
    comes_to(&mut bob, "/activity", &["bob added plans/b.txt 2"]);
    put(&keys, &key("plans/a.txt"), vec![2; 10]).await;
    s3.delete_object().bucket(&keys.bucket).key(key("plans/b.txt")).send().await.expect("deleted");
    let three =
        ["bob trashed plans/b.txt 1", "bob replaced plans/a.txt 1", "bob added plans/b.txt 2"];
    comes_to(&mut bob, "/activity", &three);
    comes_to(
        &mut ada,
        "/activity?kind=trashed",
        &[&format!("bob trashed {} 1", key("plans/b.txt"))],
    );
    assert_eq!(told(&mut eve, "/activity"), Vec::<String>::new(), "it is not hers");

    // What a job does is told as what it was meant to be.
    let form = json!({ "kind": "move", "location": home, "paths": ["plans/a.txt"],
        "to": { "location": home, "folder": "kept/" } });
    let (status, job) = bob.post("/jobs", &form);
    assert_eq!(status, 201, "{job}");
    let file = format!("/locations/{home}/activity?path=kept/a.txt");
    comes_to(&mut bob, &file, &["bob moved-here kept/a.txt 1"]);
    let below = format!("/locations/{home}/activity?path=plans/&limit=1");
    comes_to(&mut bob, &below, &["bob moved-away plans/a.txt 1"]);

    // A server that was killed tells nothing twice, and leaves nothing out.
    let before = told(&mut bob, "/activity");
    let server = server.restart();
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    assert_eq!(told(&mut bob, "/activity"), before);
    put(&bob.keys("home/"), &key("last.txt"), vec![1; 10]).await;
    let after: Vec<&str> =
        ["bob added last.txt 1"].into_iter().chain(before.iter().map(String::as_str)).collect();
    comes_to(&mut bob, "/activity", &after);
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_and_versions_are_told_at_the_command_line() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let keys = bob.keys("home/");
    let key = |path: &str| format!("{}{path}", keys.prefix);
    put(&keys, &key("plans/a b.txt"), b"first".to_vec()).await;
    put(&keys, &key("plans/a b.txt"), b"second".to_vec()).await;
    comes_to(&mut bob, "/activity", &["bob replaced plans/a b.txt 1", "bob added plans/a b.txt 1"]);
    let all = ["list", "read", "write"];
    let (_, secret) = token(&mut bob, &[&home], &all);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    machine.ends(&["activity"], 0, &["bob  replaced", "plans/a b.txt"]);
    machine.ends(&["activity", "home", "plans/", "--kind", "added"], 0, &["bob  added"]);
    machine.ends(&["activity", "--kind", "eaten"], 1, &["it is one of added"]);
    let told = machine.ends(&["activity", "home", "--output", "json", "--limit", "1"], 0, &[]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["entries"][0]["kind"], &told["more"]), (&json!("replaced"), &json!(true)));

    let path = "plans/a b.txt";
    let told = machine.ends(&["versions", "list", "home", path, "--output", "json"], 0, &[]);
    let versions: Value = serde_json::from_str(&told).expect("JSON");
    let old = versions[1]["version"].as_str().expect("a version").to_owned();
    machine.ends(&["versions", "list", "home", path], 0, &["6 bytes, now", &old]);
    let to = server.scratch().join("old.txt");
    let file = to.to_str().expect("text");
    machine.ends(&["versions", "get", "home", path, &old, "--to", file], 0, &["5 bytes"]);
    assert_eq!(std::fs::read(&to).expect("written"), b"first");
    machine.ends(&["versions", "get", "home", path, &old, "--to", file], 1, &["is there already"]);
    machine.ends(&["versions", "restore", "home", path, &old], 0, &["is what it was"]);
    let told = machine.ends(&["versions", "list", "home", path, "--output", "json"], 0, &[]);
    let versions: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((versions.as_array().map(Vec::len), &versions[0]["size"]), (Some(3), &json!(5)));
    machine.ends(&["versions", "list", "home", "no.txt"], 1, &["no-such-file"]);
    machine.ends(&["versions", "restore", "home", path, "no version"], 1, &["version"]);
}
