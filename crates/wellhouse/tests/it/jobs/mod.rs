//! Copies, moves and deletions of many objects: by the real binary, over its own store.

mod cli;
mod flaky;
mod past;
mod trash;

use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::keeping::get;
use crate::sdk::client;
use crate::server::Server;

/// How long a test waits for what takes a second, or a lease of fifteen.
const PATIENCE: Duration = Duration::from_mins(2);

fn begin(actor: &mut Actor, form: &Value) -> String {
    let (status, job) = actor.post("/jobs", form);
    assert_eq!(status, 201, "{job}");
    job["id"].as_str().expect("an id").to_owned()
}

/// Waits for the end of a job, and gives it with what failed.
fn ended(actor: &mut Actor, id: &str) -> Value {
    let began = Instant::now();
    loop {
        let (status, job) = actor.get(&format!("/jobs/{id}"));
        assert_eq!(status, 200, "{job}");
        if !["planning", "running"].contains(&job["status"].as_str().expect("a status")) {
            return job;
        }
        assert!(began.elapsed() < PATIENCE, "it does not end: {job}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn done(actor: &mut Actor, form: &Value) -> Value {
    let id = begin(actor, form);
    let job = ended(actor, &id);
    assert_eq!(job["status"], "done", "{job}");
    job
}

#[track_caller]
fn counts(job: &Value, done: u64, skipped: u64, failed: u64) {
    let told = ["done", "skipped", "failed"].map(|name| job[name].as_u64().expect("a count"));
    assert_eq!(told, [done, skipped, failed], "{job}");
}

/// Kills the server again and again while a job goes on; each time it is started again.
fn killed_meanwhile(mut server: Server, actor: &mut Actor, id: &str) -> Server {
    let mut kills = 0;
    for pause in [150, 400, 900] {
        std::thread::sleep(Duration::from_millis(pause));
        let (_, job) = actor.get(&format!("/jobs/{id}"));
        if job["status"] == "done" {
            break;
        }
        server = server.killed_and_started_again();
        kills += 1;
    }
    assert!(kills > 0, "it was over before it was killed");
    server
}

struct Place {
    keys: Keys,
    s3: Client,
}

impl Place {
    async fn of(actor: &mut Actor, prefix: &str) -> Self {
        let keys = actor.keys(prefix);
        Self { s3: client(&keys).await, keys }
    }

    async fn put(&self, path: &str, body: &str) {
        let key = format!("{}{path}", self.keys.prefix);
        let put = self.s3.put_object().bucket(&self.keys.bucket).key(key);
        put.body(ByteStream::from(body.as_bytes().to_vec())).send().await.expect("put");
    }

    async fn text(&self, path: &str) -> String {
        let key = format!("{}{path}", self.keys.prefix);
        String::from_utf8(get(&self.keys, &key).await).expect("text")
    }

    /// All paths that are there, in order.
    async fn all(&self) -> Vec<String> {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let list = self.s3.list_objects_v2().bucket(&self.keys.bucket);
            let list = list.prefix(&self.keys.prefix).set_continuation_token(token);
            let page = list.send().await.expect("listed");
            let keys = page.contents().iter().filter_map(|object| object.key());
            found.extend(keys.map(|key| key[self.keys.prefix.len()..].to_owned()));
            token = page.next_continuation_token;
            if token.is_none() {
                return found;
            }
        }
    }

    async fn put_many(&self, folder: &str, count: usize) {
        let one =
            |n: usize| async move { self.put(&format!("{folder}{n:05}"), &n.to_string()).await };
        stream::iter(0..count).map(one).buffer_unordered(16).collect::<()>().await;
    }
}

/// As a file of more than 5 GiB is copied, at a smaller bound.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_moved_in_parts_with_what_it_carries() {
    let server = Server::start_with(&[("WELLHOUSE_STORE__COPY_WHOLE_MAX", "5242880")]);
    let mut ada = Actor::administrator(&server);
    let root = ada.location("");
    let all = Place::of(&mut ada, "").await;
    let body: Vec<u8> = (0..=250).cycle().take(12 << 20).collect();
    let put = all.s3.put_object().bucket(&all.keys.bucket).key("big").content_type("text/x-big");
    let put =
        put.metadata("colour", "blue").tagging("team=a%26b").body(ByteStream::from(body.clone()));
    put.send().await.expect("put");
    counts(&done(&mut ada, &move_form(&root, &json!(["big"]), "to/", "fail")), 1, 0, 0);
    assert_eq!(all.all().await, ["to/big"]);
    assert_eq!(get(&all.keys, "to/big").await, body);
    let head = all.s3.head_object().bucket(&all.keys.bucket).key("to/big").send().await;
    let head = head.expect("there");
    assert_eq!(head.content_type(), Some("text/x-big"));
    assert_eq!(head.metadata().expect("metadata")["colour"], "blue");
    let etag = head.e_tag().expect("an ETag");
    assert!(etag.ends_with("-3\""), "in three parts: {etag}");
    let tags = all.s3.get_object_tagging().bucket(&all.keys.bucket).key("to/big").send().await;
    assert_eq!(tags.expect("tags").tag_set()[0].value(), "a&b");
    let left = all.s3.list_multipart_uploads().bucket(&all.keys.bucket).send().await;
    assert!(left.expect("listed").uploads().is_empty(), "nothing is left behind");
}

fn move_form(location: &str, paths: &Value, folder: &str, conflict: &str) -> Value {
    json!({ "kind": "move", "location": location, "paths": paths, "conflict": conflict,
        "to": { "location": location, "folder": folder } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_renamed_with_what_its_files_carry() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    let all = Place::of(&mut ada, "").await;
    let key = format!("{}a/b/one.txt", place.keys.prefix);
    let put = all.s3.put_object().bucket(&all.keys.bucket).key(&key).content_type("text/x-one");
    let put =
        put.metadata("colour", "blue").tagging("team=red").body(ByteStream::from_static(b"1"));
    put.send().await.expect("put");
    place.put("a/two", "2").await;
    let root = ada.location("");
    let path = format!("{}a/", place.keys.prefix);
    let to = json!({ "location": root, "folder": place.keys.prefix, "name": "c" });
    let form = json!({ "kind": "move", "location": root, "paths": [path], "to": to });
    counts(&done(&mut ada, &form), 2, 0, 0);
    assert_eq!(place.all().await, ["c/b/one.txt", "c/two"]);
    let key = format!("{}c/b/one.txt", place.keys.prefix);
    let head = all.s3.head_object().bucket(&all.keys.bucket).key(&key).send().await.expect("there");
    assert_eq!(head.content_type(), Some("text/x-one"));
    assert_eq!(head.metadata().expect("metadata")["colour"], "blue");
    let tags = all.s3.get_object_tagging().bucket(&all.keys.bucket).key(&key);
    let tags = tags.send().await.expect("tags");
    assert_eq!(tags.tag_set()[0].value(), "red");
    // Whoever may not set tags is refused, and the tagged file stays where it is.
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let his = Place::of(&mut bob, "home/").await;
    let key = format!("{}tagged", his.keys.prefix);
    let put = all.s3.put_object().bucket(&all.keys.bucket).key(&key).tagging("team=red");
    put.body(ByteStream::from_static(b"t")).send().await.expect("put");
    let his_home = bob.location("home/");
    let job = done(&mut bob, &move_form(&his_home, &json!(["tagged"]), "new/", "fail"));
    counts(&job, 0, 0, 1);
    assert_eq!(job["failures"][0]["code"], "access-denied", "{job}");
    assert!(job["failures"][0]["explanation"]["message"].is_string(), "{job}");
    assert_eq!(his.all().await, ["tagged"]);
    let into = move_form(&home, &json!(["c/"]), "c/b/", "fail");
    let (status, problem) = ada.post("/jobs", &into);
    assert_eq!((status, &problem["code"]), (400, &json!("into-itself")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_overwritten_that_is_not_to_be() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put("to/x.txt", "old").await;
    place.put("x.txt", "new").await;
    let form = |conflict: &str| move_form(&home, &json!(["x.txt"]), "to/", conflict);
    let job = done(&mut ada, &form("fail"));
    counts(&job, 0, 0, 1);
    assert_eq!(job["failures"][0]["code"], "file-exists", "{job}");
    counts(&done(&mut ada, &form("skip")), 0, 1, 0);
    assert_eq!(place.text("to/x.txt").await, "old");
    assert_eq!(place.text("x.txt").await, "new");
    counts(&done(&mut ada, &form("keep-both")), 1, 0, 0);
    assert_eq!(place.all().await, ["to/x (2).txt", "to/x.txt"]);
    assert_eq!(place.text("to/x (2).txt").await, "new");
    place.put("x.txt", "newer").await;
    counts(&done(&mut ada, &form("replace")), 1, 0, 0);
    assert_eq!(place.text("to/x.txt").await, "newer");
    assert_eq!(place.all().await, ["to/x (2).txt", "to/x.txt"]);
    let mut copy = move_form(&home, &json!(["to/x.txt"]), "to/", "keep-both");
    copy["kind"] = json!("copy");
    counts(&done(&mut ada, &copy), 1, 0, 0);
    assert_eq!(place.text("to/x (3).txt").await, "newer");
    let missing = done(&mut ada, &move_form(&home, &json!(["nothing"]), "to/", "fail"));
    assert_eq!(missing["failures"][0]["code"], "no-such-file", "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_with_the_same_bytes_stay_two() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    for (path, body) in [("to/x.txt", "old"), ("x.txt", "same"), ("x (2).txt", "same")] {
        place.put(path, body).await;
    }
    let both = json!(["x.txt", "x (2).txt"]);
    counts(&done(&mut ada, &move_form(&home, &both, "to/", "keep-both")), 2, 0, 0);
    assert_eq!(place.all().await, ["to/x (2).txt", "to/x (3).txt", "to/x.txt"]);
    assert_eq!(place.text("to/x.txt").await, "old");
    place.put("a/y", "same").await;
    place.put("b/y", "same").await;
    let form = move_form(&home, &json!(["a/y", "b/y"]), "to/", "keep-both");
    let (status, problem) = ada.post("/jobs", &form);
    assert_eq!((status, &problem["code"]), (400, &json!("same-name")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn between_locations_each_right_is_that_of_its_own_grant() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let all = Place::of(&mut ada, "").await;
    all.put("shared/a/one", "1").await;
    all.put("shared/a/two", "2").await;
    let (shared, home) = (bob.location("shared/"), bob.location("home/"));
    let to = json!({ "location": home, "folder": "from/" });
    let mut form = json!({ "kind": "copy", "location": shared, "paths": ["a/"], "to": to });
    counts(&done(&mut bob, &form), 2, 0, 0);
    let place = Place::of(&mut bob, "home/").await;
    assert_eq!(place.all().await, ["from/a/one", "from/a/two"]);
    // What one may only read is not taken away, and nothing is written where one may only read.
    form["kind"] = json!("move");
    let (status, problem) = bob.post("/jobs", &form);
    assert_eq!((status, &problem["explanation"]["action"]), (403, &json!("s3:DeleteObject")));
    let to = json!({ "location": shared, "folder": "" });
    let form = json!({ "kind": "copy", "location": home, "paths": ["from/"], "to": to });
    let (status, problem) = bob.post("/jobs", &form);
    assert_eq!((status, &problem["explanation"]["action"]), (403, &json!("s3:PutObject")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_ends_with_the_rights_of_its_person_and_by_their_word() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    place.put_many("many/", 600).await;
    let id = begin(&mut bob, &move_form(&home, &json!(["many/"]), "to/", "fail"));
    let (status, job) = bob.post(&format!("/jobs/{id}/cancel"), &json!({}));
    assert_eq!(status, 200, "{job}");
    let job = ended(&mut bob, &id);
    assert_eq!(job["status"], "cancelled", "{job}");
    let moved = job["done"].as_u64().expect("a count");
    let there = place.all().await;
    assert_eq!(there.len(), 600, "each is at one place");
    let at_end = there.iter().filter(|path| path.starts_with("to/many/")).count();
    assert_eq!(u64::try_from(at_end).expect("a count"), moved, "what is counted was moved");
    let id = begin(&mut bob, &move_form(&home, &json!(["many/"]), "then/", "fail"));
    let (status, problem) = ada.delete(&format!("/grants/{home}"));
    assert_eq!(status, 204, "{problem}");
    let job = ended(&mut bob, &id);
    assert_eq!(
        (&job["status"], &job["reason"]["code"]),
        (&json!("stopped"), &json!("no-such-location"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_ends_when_the_grant_at_its_end_is_taken_away() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (shared, home) = (bob.location("shared/"), bob.location("home/"));
    let all = Place::of(&mut ada, "").await;
    all.put_many("shared/many/", 600).await;
    let to = json!({ "location": home, "folder": "" });
    let form = json!({ "kind": "copy", "location": shared, "paths": ["many/"], "to": to });
    let id = begin(&mut bob, &form);
    let (status, problem) = ada.delete(&format!("/grants/{home}"));
    assert_eq!(status, 204, "{problem}");
    let job = ended(&mut bob, &id);
    assert_eq!(
        (&job["status"], &job["reason"]["code"]),
        (&json!("stopped"), &json!("no-such-location"))
    );
    let failed = job["failed"].as_u64().expect("a count");
    assert!(failed <= 32, "it does not go on with the rest: {job}");
}

/// The server is killed again and again while a folder is moved: each object is at one of the two places
/// whenever anybody looks after the end, and the job ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_goes_on_and_each_object_is_there_once() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put_many("many/", 1_000).await;
    let id = begin(&mut ada, &move_form(&home, &json!(["many/"]), "to/", "fail"));
    let server = killed_meanwhile(server, &mut ada, &id);
    let job = ended(&mut ada, &id);
    assert_eq!(job["status"], "done", "{job}");
    counts(&job, 1_000, 0, 0);
    let there = place.all().await;
    assert_eq!(there.len(), 1_000);
    assert!(there.iter().all(|path| path.starts_with("to/many/")), "all are at their end");
    for n in [0, 1, 499, 999] {
        assert_eq!(place.text(&format!("to/many/{n:05}")).await, n.to_string());
    }
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_by_pages_and_a_list_of_jobs_names_a_few_paths_of_each() {
    const MANY: usize = 1_005;
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put_many("many/", MANY).await;
    // Others than these, so that none can pass for the copy that is to be made.
    let other = |n: usize| {
        let place = &place;
        async move { place.put(&format!("to/many/{n:05}"), &format!("other {n}")).await }
    };
    stream::iter(0..MANY).map(other).buffer_unordered(16).collect::<()>().await;
    let to = json!({ "location": home, "folder": "to/" });
    let form = json!({ "kind": "copy", "location": home, "paths": ["many/"], "to": to });
    let failed = done(&mut ada, &form);
    counts(&failed, 0, 0, 1_005);
    let id = failed["id"].as_str().expect("an id");
    let paths = |page: &Value| -> Vec<String> {
        let failures = page["failures"].as_array().expect("failures").iter();
        failures.map(|one| one["path"].as_str().expect("a path").to_owned()).collect()
    };
    let mut told = paths(&failed);
    assert_eq!(told.len(), 1_000);
    let next = failed["next"].as_str().expect("there are more");
    let (_, rest) = ada.get(&format!("/jobs/{id}?cursor={next}"));
    told.extend(paths(&rest));
    assert_eq!(rest["next"], Value::Null);
    told.sort();
    told.dedup();
    assert_eq!(told.len(), MANY);

    let missing: Vec<String> = (0..12).map(|n| format!("missing-{n}")).collect();
    done(&mut ada, &json!({ "kind": "delete", "location": home, "paths": missing }));
    let (_, list) = ada.get("/jobs");
    let counted = |job: &Value| (job["paths"].as_array().map(Vec::len), job["path_count"].as_u64());
    assert_eq!(counted(&list["jobs"][0]), (Some(10), Some(12)));
    assert_eq!((list["jobs"].as_array().map(Vec::len), &list["next"]), (Some(2), &Value::Null));
    let oldest = list["jobs"][1]["id"].as_str().expect("an id");
    let (_, none) = ada.get(&format!("/jobs?cursor={oldest}"));
    assert_eq!(none, json!({ "jobs": [], "next": null }));
    for path in ["/jobs?cursor=x".to_owned(), format!("/jobs/{id}?cursor=-1")] {
        let (status, problem) = ada.get(&path);
        assert_eq!((status, &problem["code"]), (400, &json!("cursor-invalid")), "{problem}");
    }
}
