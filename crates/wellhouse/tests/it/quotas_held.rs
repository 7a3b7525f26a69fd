//! Quotas at their limit by every way in: the page, forms, copied parts, jobs; and after a kill.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::boto3::runs;
use crate::sdk::client;
use crate::server::Server;

/// How long a count may take of what is hardly anything, and a job of a few files.
const PATIENCE: Duration = Duration::from_mins(1);

const LIMIT: u64 = 1_000;

/// Bob under a quota of a thousand bytes, and the administrator.
struct House {
    server: Server,
    bob: Actor,
    keys: Keys,
    s3: aws_sdk_s3::Client,
    home: String,
}

impl House {
    async fn new() -> Self {
        Self::with(LIMIT).await
    }

    async fn with(limit: u64) -> Self {
        let server = Server::start();
        let mut ada = Actor::administrator(&server);
        let mut bob = Actor::approved(&server, &mut ada, "bob");
        let form = json!({ "for": { "kind": "every-person" }, "limit_bytes": limit });
        let (status, set) = ada.put_json("/quotas", &form);
        assert_eq!(status, 200, "{set}");
        let keys = bob.keys("home/");
        let (s3, home) = (client(&keys).await, bob.location("home/"));
        let mut house = Self { server, bob, keys, s3, home };
        house.own(|own| own["used_bytes"] == json!(0));
        house
    }

    /// Bob's own quota, once it is so.
    fn own(&mut self, is_so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let (status, all) = self.bob.get("/account/quotas");
            assert_eq!(status, 200, "{all}");
            let mut own = all["quotas"].as_array().expect("quotas").iter();
            let own = own.find(|quota| quota["kind"] == "person").cloned();
            if let Some(own) = own.filter(|own| own["counted"] == json!(true) && is_so(own)) {
                return own;
            }
            assert!(began.elapsed() < PATIENCE, "it does not come to that: {all}");
            sleep(Duration::from_millis(100));
        }
    }

    fn taken(&mut self) -> u64 {
        let own = self.own(|_| true);
        let of = |name: &str| own[name].as_u64().expect("a number");
        of("used_bytes") + of("reserved_bytes")
    }

    async fn puts(&self, name: &str, bytes: usize) -> bool {
        let put = self.s3.put_object().bucket(&self.keys.bucket).key(self.key(name));
        put.body(ByteStream::from(vec![7; bytes])).send().await.is_ok()
    }

    /// Sends half of a body, and holds the connection.
    async fn sends_half(&self, name: &str, bytes: usize) -> TcpStream {
        let put = self.s3.put_object().bucket(&self.keys.bucket).key(self.key(name));
        let valid = PresigningConfig::expires_in(Duration::from_mins(5)).expect("a time");
        let signed = put.presigned(valid).await.expect("a link");
        let address = signed.uri().strip_prefix("http://").expect("in the open");
        let (host, path) = address.split_once('/').expect("a path");
        let signed = signed.headers().map(|(name, value)| format!("{name}: {value}\r\n"));
        let signed: String = signed.collect();
        let head = format!(
            "PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {bytes}\r\n{signed}\r\n"
        );
        let mut connection = TcpStream::connect(host).expect("a connection");
        let half = [head.into_bytes(), vec![7; bytes / 2]].concat();
        connection.write_all(&half).expect("sent");
        connection
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.keys.prefix)
    }

    /// Bytes that the store lists.
    async fn there(&self) -> u64 {
        let listed = self.s3.list_objects_v2().bucket(&self.keys.bucket);
        let listed = listed.prefix(&self.keys.prefix).send().await.expect("a listing");
        let sizes = listed.contents().iter().filter_map(aws_sdk_s3::types::Object::size);
        sizes.map(|size| u64::try_from(size).expect("a size")).sum()
    }

    async fn begins_parts(&self, name: &str) -> String {
        let begun = self.s3.create_multipart_upload().bucket(&self.keys.bucket);
        let begun = begun.key(self.key(name)).send().await.expect("begun");
        begun.upload_id().expect("an id").to_owned()
    }
}

/// As if hours had gone by for whatever is on its way.
fn let_room_end(server: &Server) {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=20)\n\
                  c.execute('UPDATE quota_reservations SET expires_at = 0')\nc.commit()";
    let ledger = server.data().join("ledger.db");
    let mut python = Command::new("python3");
    assert!(python.args(["-c", script]).arg(ledger).status().expect("it runs").success());
}

fn begin(actor: &mut Actor, home: &str, (path, size): (&str, u64)) -> (u16, Value) {
    let form = json!({ "location": home, "path": path, "size": size,
        "content_type": "text/plain", "last_modified": 0, "conflict": "fail" });
    actor.post("/uploads", &form)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_midst_of_uploads_the_room_comes_back_and_never_more_is_there() {
    let mut house = House::new().await;
    assert!(house.puts("kept", 300).await);
    let upload = house.begins_parts("of parts").await;
    let part = house.s3.upload_part().bucket(&house.keys.bucket).key(house.key("of parts"));
    let part = part.upload_id(&upload).part_number(1).body(ByteStream::from(vec![7; 200]));
    part.send().await.expect("a part");
    let home = house.home.clone();
    assert_eq!(begin(&mut house.bob, &home, ("of the page", 100)).0, 201);
    // Of six bodies on their way four have room, and none of them is whole when it is killed.
    let mut half = Vec::new();
    for n in 0..6 {
        half.push(house.sends_half(&n.to_string(), 90).await);
    }
    let room = 100 + 200 + 4 * 90;
    house.own(|own| own["reserved_bytes"] == json!(room) && own["used_bytes"] == json!(300));
    house.server = house.server.killed_and_started_again();
    drop(half);
    let there = house.there().await;
    assert_eq!(there, 300);
    let taken = house.taken();
    assert_eq!(taken, there + room, "what was on its way keeps its room");
    // Nobody gets what may still be needed.
    let left = usize::try_from(LIMIT.saturating_sub(taken)).expect("small");
    assert!(!house.puts("too much", left + 1).await);
    assert!(house.there().await <= LIMIT);
    let_room_end(&house.server);
    let own =
        house.own(|own| own["reserved_bytes"] == json!(0) && own["used_bytes"] == json!(there));
    assert_eq!(own["used_objects"].as_u64(), Some(1), "{own}");
    let left = usize::try_from(LIMIT - there).expect("small");
    assert!(house.puts("in its place", left).await, "all of it can be used again");
    assert_eq!(house.there().await, LIMIT);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_copied_need_room_as_others_do() {
    let mut house = House::new().await;
    assert!(house.puts("source", 400).await);
    let upload = house.begins_parts("copy").await;
    let source = format!("{}/{}", house.keys.bucket, house.key("source"));
    let copies = async |number: i32| {
        let copy = house.s3.upload_part_copy().bucket(&house.keys.bucket).key(house.key("copy"));
        let copy = copy.copy_source(&source).upload_id(&upload).part_number(number);
        copy.send().await
    };
    let first = copies(1).await.expect("room for one");
    let refused = copies(2).await.expect_err("and for no other").into_service_error();
    assert_eq!(refused.meta().code(), Some("QuotaExceeded"));
    let etag = first.copy_part_result().and_then(|part| part.e_tag()).expect("a tag").to_owned();
    let parts = CompletedPart::builder().part_number(1).e_tag(etag).build();
    let parts = CompletedMultipartUpload::builder().parts(parts).build();
    let completed = house.s3.complete_multipart_upload().bucket(&house.keys.bucket);
    let completed = completed.key(house.key("copy")).upload_id(&upload).multipart_upload(parts);
    completed.send().await.expect("completed");
    assert_eq!(house.there().await, 800);
    let own = house.own(|own| own["reserved_bytes"] == json!(0));
    assert_eq!(own["used_bytes"], json!(800), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_copies_as_much_as_has_room_and_says_what_had_none() {
    let mut house = House::new().await;
    for name in ["one", "two"] {
        assert!(house.puts(name, 200).await);
    }
    let home = house.home.clone();
    assert!(house.puts("three", 250).await);
    // 350 are free: whichever copy is first has room, and neither other has.
    let form = json!({ "kind": "copy", "location": home, "paths": ["one", "two", "three"],
        "to": { "location": home, "folder": "copies/" } });
    let (status, job) = house.bob.post("/jobs", &form);
    assert_eq!(status, 201, "{job}");
    let id = job["id"].as_str().expect("an id").to_owned();
    let began = Instant::now();
    let job = loop {
        let (_, job) = house.bob.get(&format!("/jobs/{id}"));
        if !["planning", "running"].contains(&job["status"].as_str().expect("a status")) {
            break job;
        }
        assert!(began.elapsed() < PATIENCE, "it does not end: {job}");
        sleep(Duration::from_millis(50));
    };
    let of = |name: &str| job[name].as_u64().expect("a count");
    assert_eq!((of("done"), of("failed")), (1, 2), "{job}");
    assert!(job.to_string().contains("quota-exceeded"), "{job}");
    let there = house.there().await;
    assert!(there <= LIMIT, "{there}");
    let own = house.own(|own| own["reserved_bytes"] == json!(0));
    assert_eq!(own["used_bytes"], json!(there), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_at_the_limit_bring_in_no_more_than_has_room() {
    let mut house = House::with(10_000).await;
    let mut environment = house.keys.environment().to_vec();
    environment.push(("BUCKET", &house.keys.bucket));
    environment.push(("PREFIX", &house.keys.prefix));
    runs("quota_forms.py", &environment);
    // No refusal comes before three have room.
    let there = house.there().await;
    assert_eq!(there, 9_000);
    let own = house.own(|own| own["reserved_bytes"] == json!(0));
    assert_eq!(own["used_bytes"], json!(there), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_uploads_that_begin_at_once_in_the_page_no_more_get_room_than_there_is() {
    let mut house = House::new().await;
    let begun = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..64)
            .map(|n| {
                let (mut bob, home) = (house.bob.clone(), house.home.clone());
                scope.spawn(move || begin(&mut bob, &home, (&format!("of {n}"), 90)))
            })
            .collect();
        asked.into_iter().map(|one| one.join().expect("an answer")).collect::<Vec<_>>()
    });
    let taken = begun.iter().filter(|(status, _)| *status == 201).count();
    let refused = begun
        .iter()
        .filter(|(status, told)| *status == 409 && told["code"] == json!("quota-exceeded"));
    assert_eq!((taken, refused.count()), (11, 53));
    assert_eq!(house.taken(), 990);
    for (_, upload) in begun.iter().filter(|(status, _)| *status == 201) {
        let id = upload["id"].as_str().expect("an id");
        assert_eq!(house.bob.delete(&format!("/uploads/{id}")).0, 204);
    }
    assert_eq!(house.taken(), 0);
}
