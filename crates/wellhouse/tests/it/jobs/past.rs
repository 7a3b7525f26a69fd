//! A folder as it was at a moment: shown, and brought back; by the real binary, over its own store.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::BucketVersioningStatus;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::trash::{operator, set_versioning};
use super::{PATIENCE, Place, begin, counts, done, ended, killed_meanwhile};
use crate::actors::Actor;
use crate::server::Server;

impl Place {
    /// This second of the store's clock, of which nothing is written any more when it is given.
    pub(super) async fn moment(&self) -> String {
        let now = self.written("ticks/t").await;
        let began = Instant::now();
        while self.written("ticks/t").await == now {
            assert!(began.elapsed() < PATIENCE, "the store's clock stands still");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Timestamp::from_second(now).expect("a time").to_string()
    }

    async fn written(&self, path: &str) -> i64 {
        self.put(path, "tick").await;
        let key = format!("{}{path}", self.keys.prefix);
        let head = self.s3.head_object().bucket(&self.keys.bucket).key(key).send().await;
        head.expect("there").last_modified().expect("a time").secs()
    }

    async fn delete(&self, path: &str) {
        let key = format!("{}{path}", self.keys.prefix);
        self.s3.delete_object().bucket(&self.keys.bucket).key(key).send().await.expect("deleted");
    }

    /// How many versions and delete markers there are below a folder.
    async fn versions(&self, folder: &str) -> (usize, usize) {
        let (mut found, mut at) = ((0, 0), (None, None));
        loop {
            let list = self.s3.list_object_versions().bucket(&self.keys.bucket);
            let list = list.prefix(format!("{}{folder}", self.keys.prefix));
            let list = list.set_key_marker(at.0).set_version_id_marker(at.1);
            let page = list.send().await.expect("listed");
            found.0 += page.versions().len();
            found.1 += page.delete_markers().len();
            at = (page.next_key_marker.clone(), page.next_version_id_marker.clone());
            if page.is_truncated() != Some(true) {
                return found;
            }
        }
    }
}

/// A folder as it was: each entry as `name since`, page after page.
fn shown(actor: &mut Actor, location: &str, (path, at): (&str, &str)) -> (Vec<String>, Value) {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = format!("/locations/{location}/past?path={path}&at={at}{cursor}");
        let (status, page) = actor.get(&query);
        assert_eq!(status, 200, "{page}");
        entries.extend(page["entries"].as_array().expect("entries").iter().map(|entry| {
            let slash = if entry["kind"] == "folder" { "/" } else { "" };
            let since = entry["since"].as_str().unwrap_or("there");
            format!("{}{slash} {since}", entry["name"].as_str().expect("a name"))
        }));
        let Some(next) = page["next"].as_str() else { return (entries, page) };
        cursor = format!("&cursor={}", escaped(next));
    }
}

fn escaped(text: &str) -> String {
    let one = |all: String, byte: u8| all + &format!("%{byte:02X}");
    text.bytes().fold(String::new(), one)
}

pub(super) fn form(location: &str, paths: &Value, at: &str) -> Value {
    json!({ "kind": "restore-past", "location": location, "paths": paths, "at": at })
}

/// A folder that was changed in every way since the moment that is given.
async fn changed_since(place: &Place) -> String {
    for path in ["same", "changed", "gone", "sub/x", "dead/y"] {
        place.put(&format!("a/{path}"), "old").await;
    }
    let at = place.moment().await;
    place.put("a/same", "old").await;
    place.put("a/changed", "new").await;
    place.delete("a/gone").await;
    place.delete("a/dead/y").await;
    place.put("a/new", "new").await;
    place.put("a/fresh/z", "new").await;
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_shown_as_it_was_with_what_has_become_of_it() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    let at = changed_since(&place).await;
    let (entries, page) = shown(&mut bob, &home, ("a/", &at));
    let expected = [
        "changed changed",
        "dead/ deleted",
        "fresh/ added",
        "gone deleted",
        "new added",
        "same same",
        "sub/ there",
    ];
    assert_eq!(entries, expected, "{page}");
    assert_eq!((&page["there"], &page["tells"]), (&json!(true), &json!("all")), "{page}");
    assert_eq!(page["retention"]["older_days"], 90, "{page}");
    for may in ["read", "restore", "delete"] {
        assert_eq!(page["may"][may]["allowed"], true, "{page}");
    }
    assert_eq!(shown(&mut bob, &home, ("", &at)).0, ["a/ there", "ticks/ there"]);
    assert_eq!(shown(&mut bob, &home, ("a/dead/", &at)).0, ["y deleted"]);
    let (entries, fresh) = shown(&mut bob, &home, ("a/fresh/", &at));
    assert_eq!((entries, &fresh["there"]), (vec!["z added".to_owned()], &json!(false)));
    // What it was can be read: by the version that is told.
    let version = page["entries"][0]["version"].as_str().expect("a version");
    let key = format!("{}a/changed", place.keys.prefix);
    let got = place.s3.get_object().bucket(&place.keys.bucket).key(key).version_id(version);
    let body = got.send().await.expect("got").body.collect().await.expect("a body");
    assert_eq!(body.to_vec(), b"old");
    // Before the bucket's lifecycle began to keep anything, it is said that more may have been there.
    let (entries, long_ago) = shown(&mut bob, &home, ("a/", "2020-01-01T00:00:00Z"));
    assert!(entries.iter().all(|entry| entry.ends_with(" added")), "{entries:?}");
    assert_eq!((&long_ago["there"], &long_ago["tells"]), (&json!(false), &json!("expired")));
    assert!(long_ago["whole_since"].is_string(), "{long_ago}");
    for wrong in ["2999-01-01T00:00:00Z", "yesterday", "", "2026-01-01", "2026-01-01T00:00:00"] {
        let (status, problem) = bob.get(&format!("/locations/{home}/past?at={wrong}"));
        assert_eq!((status, &problem["code"]), (400, &json!("invalid-moment")), "{problem}");
        assert_eq!(problem["field"], "at");
    }
    let (status, problem) = bob.get(&format!("/locations/{home}/past?at={at}&cursor=[]"));
    assert_eq!((status, &problem["code"]), (400, &json!("cursor-invalid")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_made_what_it_was_and_what_is_newer_only_where_that_is_asked_for() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    let at = changed_since(&place).await;
    let job = done(&mut bob, &form(&home, &json!(["a/"]), &at));
    counts(&job, 3, 0, 0);
    assert_eq!((&job["unchanged"], &job["at"]), (&json!(2), &json!(at)), "{job}");
    assert_eq!(place.text("a/changed").await, "old");
    let after = ["changed", "dead/y", "fresh/z", "gone", "new", "same", "sub/x"];
    let below = |all: Vec<String>| {
        let inside = all.iter().filter_map(|path| path.strip_prefix("a/"));
        inside.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(below(place.all().await), after, "what was made since is left alone");
    assert_eq!(place.versions("a/changed").await, (3, 0), "what it was before is not lost");
    let mut newer = form(&home, &json!(["a/"]), &at);
    newer["delete_newer"] = json!(true);
    let job = done(&mut bob, &newer);
    counts(&job, 2, 0, 0);
    assert_eq!((&job["unchanged"], &job["delete_newer"]), (&json!(5), &json!(true)), "{job}");
    assert_eq!(below(place.all().await), ["changed", "dead/y", "gone", "same", "sub/x"]);
    let (_, trash) = bob.get(&format!("/locations/{home}/trash?path=a/"));
    let paths: Vec<_> = trash["entries"].as_array().expect("entries").iter().collect();
    assert_eq!(paths.len(), 2, "it is in the trash: {trash}");
    // Once more there is nothing to do, also for the whole location, and nothing is written.
    let before = place.versions("").await;
    let job = done(&mut bob, &form(&home, &json!([]), &at));
    counts(&job, 0, 0, 0);
    assert_eq!(job["unchanged"], 6, "{job}");
    assert_eq!(place.versions("").await, before);
    // One file of it.
    place.put("a/changed", "newer").await;
    place.put("a/gone", "newer").await;
    counts(&done(&mut bob, &form(&home, &json!(["a/gone"]), &at)), 1, 0, 0);
    assert_eq!(
        (place.text("a/gone").await, place.text("a/changed").await.as_str()),
        ("old".to_owned(), "newer")
    );
    let absent = done_or_not(&mut bob, &form(&home, &json!(["never/"]), &at));
    assert_eq!(absent["reason"]["code"], "no-such-file", "{absent}");
    let mut expired = form(&home, &json!(["a/"]), "2020-01-01T00:00:00Z");
    expired["delete_newer"] = json!(true);
    let job = done_or_not(&mut bob, &expired);
    assert_eq!(job["reason"]["code"], "past-expired", "{job}");
    assert_eq!(below(place.all().await), ["changed", "dead/y", "gone", "same", "sub/x"]);
}

/// A moment and what goes by it, with what was made since to be deleted.
fn without_newer(location: &str, paths: &Value, at: &str) -> Value {
    let mut form = form(location, paths, at);
    form["delete_newer"] = json!(true);
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_know_how_long_versions_are_kept_deletes_nothing_by_them() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    let at = changed_since(&place).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "NotTheirs", "Effect": "Deny",
        "Principal": "*", "Action": "s3:GetLifecycleConfiguration",
        "Resource": format!("arn:aws:s3:::{}", place.keys.bucket) }] });
    let denied = operator(&server).await.put_bucket_policy().bucket(&place.keys.bucket);
    denied.policy(policy.to_string()).send().await.expect("a policy");
    assert_eq!(shown(&mut bob, &home, ("a/", &at)).1["tells"], "unknown");
    let before = place.versions("").await;
    for at in [at.as_str(), "2020-01-01T00:00:00Z"] {
        let (status, told) = bob.post("/jobs", &without_newer(&home, &json!(["a/"]), at));
        if status == 201 {
            let job = ended(&mut bob, told["id"].as_str().expect("an id"));
            assert_eq!((&job["status"], &job["done"]), (&json!("stopped"), &json!(0)), "{job}");
            assert_eq!(job["reason"]["code"], "access-denied", "{job}");
        } else {
            let action = &told["explanation"]["action"];
            assert_eq!((status, action), (403, &json!("s3:GetLifecycleConfiguration")), "{told}");
        }
        assert_eq!(place.versions("").await, before, "nothing was deleted, and nothing written");
    }
    counts(&done(&mut bob, &form(&home, &json!(["a/"]), &at)), 3, 0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_finds_only_what_was_added_has_nothing_to_do() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    let at = place.moment().await;
    place.put("a/new", "new").await;
    counts(&done(&mut ada, &form(&home, &json!(["a/"]), &at)), 0, 0, 0);
    assert_eq!(place.text("a/new").await, "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_versions_were_kept_it_is_not_known_what_was_not_there() {
    let server = Server::start_store_only();
    let root = operator(&server).await;
    root.create_bucket().bucket("wellhouse").send().await.expect("a bucket");
    let put = root.put_object().bucket("wellhouse").key("old/a");
    put.body(ByteStream::from_static(b"before")).send().await.expect("put");
    let head = root.head_object().bucket("wellhouse").key("old/a").send().await.expect("there");
    let at = head.last_modified().expect("a time").secs();
    let at = Timestamp::from_second(at).expect("a time").to_string();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let server = server.again_after(&[], |_data| ());
    let mut ada = Actor::administrator(&server);
    let all = ada.location("");
    let place = Place::of(&mut ada, "").await;
    place.put("old/new", "new").await;
    let (entries, page) = shown(&mut ada, &all, ("old/", &at));
    assert_eq!(
        (entries, &page["tells"]),
        (vec!["a same".to_owned(), "new added".to_owned()], &json!("unversioned"))
    );
    let job = done_or_not(&mut ada, &without_newer(&all, &json!(["old/"]), &at));
    assert_eq!(
        (&job["status"], &job["reason"]["code"]),
        (&json!("stopped"), &json!("past-unversioned")),
        "{job}"
    );
    assert_eq!(place.text("old/new").await, "new", "it may have been there then");
    // Of a moment at which versions were kept they tell all.
    let later = place.moment().await;
    place.put("old/newer", "new").await;
    assert_eq!(shown(&mut ada, &all, ("old/", &later)).1["tells"], "all");
    let job = done(&mut ada, &without_newer(&all, &json!(["old/"]), &later));
    counts(&job, 1, 0, 0);
}

fn done_or_not(actor: &mut Actor, form: &Value) -> Value {
    let id = begin(actor, form);
    ended(actor, &id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_is_restored_by_its_own_kind_of_job_and_by_whoever_may_do_all_of_it() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (home, shared) = (bob.location("home/"), bob.location("shared/"));
    let all = Place::of(&mut ada, "").await;
    all.put("shared/a/one", "1").await;
    let at = all.moment().await;
    let whole = form(&home, &json!(["a/"]), &at);
    let with = |field: &str, value: Value| {
        let mut form = whole.clone();
        form[field] = value;
        form
    };
    for (wrong, code) in [
        (with("at", Value::Null), "invalid-at"),
        (with("kind", json!("delete")), "invalid-at"),
        (with("conflict", json!("replace")), "invalid-at"),
        (with("at", json!("2999-01-01T00:00:00Z")), "invalid-moment"),
        (with("to", json!({ "location": home, "folder": "" })), "invalid-destination"),
        (
            json!({ "kind": "delete", "location": home, "paths": ["a"], "delete_newer": true }),
            "invalid-at",
        ),
    ] {
        let (status, problem) = bob.post("/jobs", &wrong);
        assert_eq!((status, &problem["code"]), (400, &json!(code)), "{wrong}: {problem}");
    }
    // Who may only read sees it as it was, and brings nothing back; how long it is kept is not theirs to know.
    let (entries, page) = shown(&mut bob, &shared, ("", &at));
    assert_eq!((entries, &page["tells"]), (vec!["a/ there".to_owned()], &json!("unknown")));
    assert_eq!(page["may"]["restore"]["allowed"], false);
    let (status, problem) = bob.post("/jobs", &form(&shared, &json!(["a/"]), &at));
    assert_eq!((status, &problem["explanation"]["action"]), (403, &json!("s3:PutObject")));
    let (status, problem) = ada.get(&format!("/locations/{home}/past?at={at}"));
    assert_eq!((status, &problem["code"]), (404, &json!("no-such-location")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_no_versions_were_kept_is_said_and_left_alone() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put("a/kept", "old").await;
    set_versioning(&server, BucketVersioningStatus::Suspended).await;
    place.put("a/over", "old").await;
    let at = place.moment().await;
    place.put("a/over", "new").await;
    set_versioning(&server, BucketVersioningStatus::Enabled).await;
    let (entries, page) = shown(&mut ada, &home, ("a/", &at));
    assert_eq!(page["tells"], "unversioned", "{page}");
    assert_eq!(entries, ["kept same", "over added"]);
    let mut newer = form(&home, &json!(["a/"]), &at);
    newer["delete_newer"] = json!(true);
    let job = done(&mut ada, &newer);
    counts(&job, 0, 0, 1);
    assert_eq!(job["failures"][0]["code"], "past-unknown", "{job}");
    assert_eq!(place.text("a/over").await, "new", "it may have been there then");
}

/// The server is killed again and again while a folder is restored: each file is what it was, written once.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_goes_on_and_each_file_is_written_once() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put_many("many/", 1_000).await;
    let at = place.moment().await;
    let again = |n: usize| {
        let place = &place;
        async move { place.put(&format!("many/{n:05}"), "other").await }
    };
    stream::iter(0..1_000).map(again).buffer_unordered(16).collect::<()>().await;
    place.put_many("many/new/", 50).await;
    let mut newer = form(&home, &json!(["many/"]), &at);
    newer["delete_newer"] = json!(true);
    let id = begin(&mut ada, &newer);
    let server = killed_meanwhile(server, &mut ada, &id);
    let job = ended(&mut ada, &id);
    assert_eq!(job["status"], "done", "{job}");
    counts(&job, 1_050, 0, 0);
    let there = place.all().await;
    assert_eq!(there.iter().filter(|path| path.starts_with("many/")).count(), 1_000);
    for n in [0, 1, 499, 999] {
        assert_eq!(place.text(&format!("many/{n:05}")).await, n.to_string());
    }
    assert_eq!(place.versions("many/").await, (3_050, 50), "nothing was written twice");
    drop(server);
}

/// The server dies after the plan is made, so that there is time to write before the job goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_after_the_plan_was_made_is_left_as_it_is() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put_many("many/", 600).await;
    let at = place.moment().await;
    let again = |n: usize| {
        let place = &place;
        async move { place.put(&format!("many/{n:05}"), "other").await }
    };
    stream::iter(0..600).map(again).buffer_unordered(16).collect::<()>().await;
    place.put("many/new", "new").await;
    let mut newer = form(&home, &json!(["many/"]), &at);
    newer["delete_newer"] = json!(true);
    let id = begin(&mut ada, &newer);
    let began = Instant::now();
    while ada.get(&format!("/jobs/{id}")).1["status"] == "planning" {
        assert!(began.elapsed() < PATIENCE, "it is planned for ever");
        std::thread::sleep(Duration::from_millis(5));
    }
    let server = server.killed_and_started_again();
    place.put("many/00599", "mine").await;
    place.put("many/new", "mine").await;
    let job = ended(&mut ada, &id);
    assert_eq!(job["status"], "done", "{job}");
    counts(&job, 599, 0, 2);
    for failure in job["failures"].as_array().expect("failures") {
        assert_eq!(failure["code"], "file-changed", "{job}");
    }
    for path in ["many/00599", "many/new"] {
        assert_eq!(place.text(path).await, "mine", "{path}");
    }
    assert_eq!(place.text("many/00598").await, "598");
    drop(server);
}
