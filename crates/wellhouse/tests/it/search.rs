//! Searching by name in a running house: the index follows the store, and shows each what is theirs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::gateway::settings;
use crate::keeping::{ends, put};
use crate::sdk::client;
use crate::server::Server;
use crate::tokens::{Machine, token};

/// How soon what happened in the store is found.
const FOUND_WITHIN: Duration = Duration::from_secs(10);

fn paths(actor: &mut Actor, query: &str) -> Vec<String> {
    let (status, page) = actor.get(&format!("/search?q={query}"));
    assert_eq!(status, 200, "{page}");
    let results = page["results"].as_array().expect("results").iter();
    results.map(|one| one["path"].as_str().expect("a path").to_owned()).collect()
}

/// Asks again until the answer is this.
#[track_caller]
fn comes_to(actor: &mut Actor, query: &str, expected: &[&str]) {
    let began = Instant::now();
    loop {
        let found = paths(actor, query);
        if found == expected {
            return;
        }
        assert!(began.elapsed() < FOUND_WITHIN, "{query}: {found:?} and not {expected:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

async fn remove(keys: &Keys, key: &str) {
    let s3 = client(keys).await;
    let gone = s3.delete_object().bucket(&keys.bucket).key(key);
    gone.send().await.expect("deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_the_store_is_found_by_those_who_may_list_it_and_by_nobody_else() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let keys = bob.keys("home/");
    let key = |path: &str| format!("{}{path}", keys.prefix);
    put(&keys, &key("plans/Merger.PDF"), vec![1; 10]).await;
    put(&keys, &key("notes.txt"), vec![1; 10]).await;
    comes_to(&mut bob, "merger", &["plans/Merger.PDF"]);
    assert_eq!(paths(&mut bob, "plan"), ["plans/"]);
    assert!(paths(&mut eve, "merger").is_empty(), "it is not hers");
    assert_eq!(paths(&mut ada, "merger"), [key("plans/Merger.PDF")], "she may list all");
    let (status, page) = eve.get("/search?q=merger");
    assert_eq!((status, &page["complete"], &page["next"]), (200, &json!(true), &Value::Null));

    // In the trash it is not found, and brought back it is.
    remove(&keys, &key("plans/Merger.PDF")).await;
    comes_to(&mut bob, "merger", &[]);
    put(&keys, &key("plans/Merger.PDF"), vec![2; 20]).await;
    comes_to(&mut bob, "merger", &["plans/Merger.PDF"]);

    // What was kept in memory comes back by itself, and whenever somebody wants it.
    let server = server.restart();
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    comes_to(&mut bob, "merger", &["plans/Merger.PDF"]);
    ends(&server.data(), &["search", "--rebuild"], 0, &["is being made anew"]);
    comes_to(&mut bob, "merger", &["plans/Merger.PDF"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_denies_in_the_store_itself_is_found_by_nobody() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let key = |path: &str| format!("{}{path}", keys.prefix);
    for path in ["secret/merger one.txt", "secret/merger two.txt", "open/merger three.txt"] {
        put(&keys, &key(path), vec![1; 10]).await;
    }
    // She sees that they are in the index; nobody asked for him yet.
    comes_to(&mut ada, "merger+one", &[&key("secret/merger one.txt")]);
    comes_to(&mut ada, "merger+three", &[&key("open/merger three.txt")]);
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*",
        "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{}", keys.bucket),
        "Condition": { "StringLike": { "s3:prefix": key("secret/*") } } }] });
    let (access_key_id, secret) = server.root();
    let root = Keys { access_key_id, secret, token: String::new(), ..keys.clone() };
    let denied = client(&root).await.put_bucket_policy().bucket(&keys.bucket);
    denied.policy(policy.to_string()).send().await.expect("a policy");
    let (status, page) = bob.get("/search?q=merger&limit=1");
    assert_eq!((status, &page["results"][0]["path"]), (200, &json!("open/merger three.txt")));
    assert_eq!((&page["next"], &page["complete"]), (&Value::Null, &json!(true)), "{page}");
    assert!(paths(&mut bob, "merger+two").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_token_searches_at_their_own_machine() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    for n in 0..5 {
        put(&keys, &format!("{}report {n}.txt", keys.prefix), vec![1; 10 + n]).await;
    }
    let home = bob.location("home/");
    comes_to(&mut bob, "report+4", &["report 4.txt"]);
    let (_, secret) = token(&mut bob, &[&home], &["list"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    let found = machine.ends(&["search", "report", "3"], 0, &["report 3.txt, 13 bytes"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    let json = ["search", "report", "--location", "home/", "--limit", "2", "--output", "json"];
    let told: Value = serde_json::from_str(&machine.ends(&json, 0, &[])).expect("JSON");
    let count = told["results"].as_array().expect("results").len();
    assert_eq!((count, &told["more"], &told["complete"]), (2, &json!(true), &json!(true)));
    machine.ends(&["search", "nothing"], 0, &["Nothing was found."]);
    machine.ends(&["search", "report", "--kind", "song"], 1, &["it is one of folder"]);
    machine.ends(&["search"], 1, &["WORDS"]);
    machine.ends(&["search", "report", "--limit", "0"], 1, &["1..=5000"]);
    let big = ["search", "report", "--size-min", "14"];
    machine.ends(&big, 0, &["report 4.txt"]);
    let nowhere = ["search", "--rebuild", "--data", "/nonexistent"];
    machine.ends(&nowhere, 1, &[]);
}

#[test]
fn where_the_store_has_no_feed_it_is_listed_in_the_name_of_whoever_searches() {
    let upstream = Server::start();
    let settings = settings(&upstream, "front");
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start_with(&settings);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let home = bob.location("home/");
    bob.upload_digits(&home, "a/digits.txt");
    assert!(paths(&mut eve, "digits").is_empty(), "she has her own home listed");
    comes_to(&mut bob, "digits", &["a/digits.txt"]);
    assert!(paths(&mut eve, "digits").is_empty());
    let (_, page) = bob.get("/search?q=digits");
    assert_eq!((&page["complete"], page["as_of"].is_string()), (&json!(true), true), "{page}");
    // What came since is found once it is listed again; until then the answer says how old it is.
    bob.upload_digits(&home, "digits 2.txt");
    assert_eq!(paths(&mut bob, "digits"), ["a/digits.txt"]);
    ends(&server.data(), &["search", "--rebuild"], 0, &["is being made anew"]);
    comes_to(&mut bob, "digits", &["a/digits.txt", "digits 2.txt"]);
}
