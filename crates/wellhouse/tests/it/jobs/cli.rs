//! `wellhouse job`, `wellhouse trash` and `wellhouse past`, as a person at their own machine uses them.

use serde_json::{Value, json};

use super::{Place, begin, done, ended, move_form};
use crate::actors::Actor;
use crate::server::Server;
use crate::tokens::{Machine, token};

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_looks_at_jobs_and_brings_back_from_the_trash_by_commands() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    let machine = Machine::new(&server, "laptop");
    let everything = ["list", "read", "write", "delete"];
    machine.log_in(&token(&mut bob, &[&home], &everything).1);
    machine.ends(&["job", "list"], 0, &["There are no jobs."]);
    machine.ends(&["trash", "list", "home"], 0, &["Nothing is in the trash."]);
    for path in ["a/one ü.txt", "a/two", "b", "to/b"] {
        place.put(path, path).await;
    }
    let delete = json!({ "kind": "delete", "location": home, "paths": ["a/"] });
    let deleted = done(&mut bob, &delete);
    let id = deleted["id"].as_str().expect("an id");
    let told = machine.ends(&["job", "list"], 0, &[id, "delete a/", "2 of 2 done"]);
    assert_eq!(told.lines().count(), 1, "{told}");
    let listed = machine.ends(&["trash", "list", "home", "--folder", "a/"], 0, &["a/one ü.txt"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let json = machine.ends(&["trash", "list", "home", "--output", "json"], 0, &[]);
    assert_eq!(read(&json)[1]["path"], "a/two", "{json}");
    machine.ends(&["trash", "list", "nowhere"], 1, &["nowhere", "Home"]);
    machine.ends(&["trash", "restore", "home", "a/"], 0, &["restore a/", "2 of 2 done"]);
    assert_eq!(place.all().await, ["a/one ü.txt", "a/two", "b", "to/b"]);
    machine.ends(&["trash", "restore", "home", "a/"], 2, &["stopped", "no-such-file"]);
    // What failed, and why; and the exit code says that something did.
    let failed = done(&mut bob, &move_form(&home, &json!(["b"]), "to/", "fail"));
    let id = failed["id"].as_str().expect("an id");
    let told = machine.ends(&["job", "show", id], 2, &["1 failed", "b: ", "file-exists"]);
    assert_eq!(told.lines().count(), 2, "{told}");
    let json = machine.ends(&["job", "show", id, "--output", "json"], 2, &[]);
    assert_eq!(read(&json)["failures"][0]["path"], "b", "{json}");
    machine.ends(&["job", "show", "01arz3ndektsv4rrffq69g5fav"], 1, &["no-such-job"]);
    place.put_many("many/", 300).await;
    let id = begin(&mut bob, &move_form(&home, &json!(["many/"]), "then/", "fail"));
    machine.ends(&["job", "cancel", &id], 0, &[&id]);
    let job = ended(&mut bob, &id);
    assert_eq!(job["status"], "cancelled", "{job}");
    machine.ends(&["job", "show", &id], 2, &["cancelled"]);
    // A token that only reads sees them, and brings back nothing.
    machine.log_in(&token(&mut bob, &[&home], &["list", "read"]).1);
    machine.ends(&["job", "list"], 0, &[&id]);
    machine.ends(&["trash", "restore", "home", "a/"], 1, &["access-denied"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_looks_at_a_folder_as_it_was_and_brings_it_back_by_commands() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&token(&mut bob, &[&home], &["list", "read", "write", "delete"]).1);
    for path in ["a/one ü.txt", "a/sub/two"] {
        place.put(path, "old").await;
    }
    let at = &place.moment().await;
    place.put("a/one ü.txt", "newer").await;
    place.put("a/three", "new").await;
    let list = ["past", "list", "home", "--folder", "a/", "--at", at];
    let words = ["a/one ü.txt: changed, 3 bytes", "a/sub/: still there", "a/three"];
    let told = machine.ends(&list, 0, &words);
    assert_eq!(told.lines().count(), 3, "{told}");
    let json = machine.ends(&[&list[..], &["--output", "json"]].concat(), 0, &[]);
    let whole = read(&json);
    assert_eq!((&whole["tells"], &whole["there"]), (&json!("all"), &json!(true)), "{json}");
    assert_eq!(whole["entries"][2]["since"], "added", "{json}");
    machine.ends(&["past", "list", "home", "--at", "tomorrow"], 1, &["invalid-moment"]);
    let restore = ["past", "restore", "home", "a/", "--at", at];
    machine.ends(&restore, 0, &["restore-past a/", "1 of 1 done", "1 as they were"]);
    assert_eq!(place.text("a/one ü.txt").await, "old");
    let newer = ["past", "restore", "home", "--everything", "--delete-newer", "--at", at];
    machine.ends(&newer, 0, &["restore-past everything", "1 of 1 done"]);
    assert_eq!(place.all().await, ["a/one ü.txt", "a/sub/two", "ticks/t"]);
    machine.ends(&["past", "restore", "home", "--at", at], 1, &["PATHS"]);
    // What is in the trash goes for ever only by its name.
    machine.ends(&["trash", "purge", "home", "a/three"], 1, &["no terminal", "--confirm"]);
    let wrong = ["trash", "purge", "home", "a/three", "--confirm", "a/three"];
    machine.ends(&wrong, 1, &["not-confirmed"]);
    machine.ends(
        &["trash", "purge", "home", "a/three", "--confirm", "three"],
        1,
        &["access-denied"],
    );
    let delete = json!({ "kind": "delete", "location": home, "paths": ["a/"] });
    let id = begin(&mut bob, &delete);
    machine.ends(&["job", "wait", &id], 0, &[&id, "delete a/: done, 2 of 2 done"]);
    machine.ends(&["job", "wait", "01arz3ndektsv4rrffq69g5fav"], 1, &["no-such-job"]);
}
