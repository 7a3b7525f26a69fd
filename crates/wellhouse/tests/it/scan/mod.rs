//! The scan for malware, by the real binary: what is infected is held back in the store and in the
//! portal, from whoever brought it; what is not scanned is not told to be clean; and a scanner that is
//! away, silent or mad, or a kill in the middle, changes none of that.

mod clamd;
mod icap;

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::{Server, free_port, tool, wellhouse};
use clamd::{Clamd, Manners, RealClamd, eicar};
use icap::Icap;

/// How long a scan may take that takes a moment.
const PATIENCE: Duration = Duration::from_mins(2);

const CLAMD: &str = "WELLHOUSE_SCAN__CLAMD";
const ICAP: &str = "WELLHOUSE_SCAN__ICAP";
const SERVE: (&str, &str) = ("WELLHOUSE_SCAN__SERVE", "only-clean");

/// Somebody's folder in the store.
struct Home {
    keys: Keys,
    s3: Client,
}

impl Home {
    async fn of(actor: &mut Actor, prefix: &str) -> Self {
        let keys = actor.keys(prefix);
        Self { s3: client(&keys).await, keys }
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.keys.prefix)
    }

    async fn put(&self, path: &str, body: &str) {
        let put = self.s3.put_object().bucket(&self.keys.bucket).key(self.key(path));
        put.body(ByteStream::from(body.as_bytes().to_vec())).send().await.expect("put");
    }

    /// What is there, or the code of the refusal and its words.
    async fn get(&self, path: &str) -> Result<String, (String, String)> {
        let get = self.s3.get_object().bucket(&self.keys.bucket).key(self.key(path));
        match get.send().await {
            Ok(got) => {
                let body = got.body.collect().await.expect("a body").into_bytes();
                Ok(String::from_utf8(body.to_vec()).expect("text"))
            }
            Err(error) => {
                let error = error.into_service_error();
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                Err((text(error.meta().code()), text(error.meta().message())))
            }
        }
    }

    async fn verdict(&self, path: &str) -> Option<String> {
        let tags = self.s3.get_object_tagging().bucket(&self.keys.bucket).key(self.key(path));
        let tags = tags.send().await.expect("tags");
        let ours = tags.tag_set().iter().find(|tag| tag.key() == "wellhouse-scan");
        ours.map(|tag| tag.value().to_owned())
    }

    /// Waits until the scan has said something of a file.
    async fn scanned(&self, path: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(verdict) = self.verdict(path).await {
                return verdict;
            }
            assert!(began.elapsed() < PATIENCE, "{path} is not scanned");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn becomes(&self, path: &str, verdict: &str) {
        let began = Instant::now();
        while self.verdict(path).await.as_deref() != Some(verdict) {
            assert!(began.elapsed() < PATIENCE, "{path} does not become {verdict}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn aws(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
        let known = ["--bucket", &self.keys.bucket];
        let known: &[&str] = if arguments[0] == "s3api" { &known } else { &[] };
        command.envs(self.keys.environment()).args(arguments).args(known);
        command.output().expect("the AWS CLI runs")
    }

    #[track_caller]
    fn denied(&self, arguments: &[&str]) {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "aws {} succeeded", arguments.join(" "));
        let refused = errors.contains("AccessDenied") || errors.contains("Forbidden");
        assert!(refused, "aws {}: {errors}", arguments.join(" "));
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let output = self.aws(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("text")
    }
}

/// An administrator, a person, and the person's home in the store.
async fn house(server: &Server) -> (Actor, Actor, Home) {
    let mut ada = Actor::administrator(server);
    let mut bob = Actor::approved(server, &mut ada, "bob");
    let home = Home::of(&mut bob, "home/").await;
    (ada, bob, home)
}

fn download(actor: &mut Actor, location: &str, path: &str) -> (u16, Value) {
    actor.post(&format!("/locations/{location}/downloads"), &json!({ "path": path }))
}

/// What the store answers to whoever follows the portal's link.
fn fetched(actor: &mut Actor, location: &str, of: &Value) -> u16 {
    let (status, link) = actor.post(&format!("/locations/{location}/downloads"), of);
    assert_eq!(status, 200, "{link}");
    let plain = ureq::Agent::config_builder().http_status_as_error(false).build();
    let url = link["url"].as_str().expect("a link");
    ureq::Agent::from(plain).get(url).call().expect("an answer").status().as_u16()
}

/// What a listing shows of a file.
fn shown(actor: &mut Actor, location: &str, path: &str) -> Value {
    let (status, page) = actor.get(&format!("/locations/{location}/entries"));
    assert_eq!(status, 200, "{page}");
    let entries = page["entries"].as_array().expect("entries").iter();
    let mut found = entries.filter(|entry| entry["name"] == path);
    found.next().expect("the file")["scan"].clone()
}

/// The one finding.
fn finding(ada: &mut Actor) -> Value {
    let (status, found) = ada.get("/scans");
    assert_eq!(status, 200, "{found}");
    let findings = found["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{found}");
    findings[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clamd_knows_is_held_back_from_whoever_brought_it_in_store_and_portal() {
    let scanner = RealClamd::start();
    let server = Server::start_with(&[(CLAMD, &scanner.address())]);
    let (mut ada, mut bob, home) = house(&server).await;
    let (bad, good) = (server.scratch().join("bad"), server.scratch().join("good"));
    std::fs::write(&bad, eicar()).expect("a file");
    std::fs::write(&good, "nothing but words").expect("a file");
    for (file, path) in [(&bad, "bad.com"), (&good, "good.txt")] {
        let (file, to) = (file.to_str().expect("text"), home.key(path));
        home.does(&["s3", "cp", "--quiet", file, &format!("s3://{}/{to}", home.keys.bucket)]);
    }
    assert_eq!(home.scanned("good.txt").await, "clean");
    assert_eq!(home.get("good.txt").await.expect("read"), "nothing but words");
    assert_eq!(home.scanned("bad.com").await, "infected");

    let (code, told) = home.get("bad.com").await.expect_err("held back");
    assert_eq!(code, "AccessDenied");
    assert!(told.contains("explicit deny"), "{told}");
    let (key, good) = (home.key("bad.com"), home.key("good.txt"));
    let out = server.scratch().join("out");
    let out = out.to_str().expect("text");
    let source = format!("{}/{key}", home.keys.bucket);
    let listed =
        home.does(&["s3api", "list-object-versions", "--prefix", &key, "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let version = listed["Versions"][0]["VersionId"].as_str().expect("a version").to_owned();
    let copy = home.key("copy");
    for refused in [
        vec!["s3api", "get-object", "--key", &key, out],
        vec!["s3api", "get-object", "--key", &key, "--range", "bytes=0-1", out],
        vec!["s3api", "get-object", "--key", &key, "--version-id", &version, out],
        vec!["s3api", "head-object", "--key", &key],
        vec!["s3api", "copy-object", "--key", &copy, "--copy-source", &source],
        vec!["s3api", "delete-object-tagging", "--key", &key],
        vec!["s3api", "put-object-tagging", "--key", &key, "--tagging", "TagSet=[]"],
        vec!["s3api", "put-object", "--key", &copy, "--tagging", "wellhouse-scan=clean"],
        vec!["s3api", "put-object", "--key", &copy, "--tagging", "Wellhouse-Scan=clean"],
    ] {
        home.denied(&refused);
    }
    let location = bob.location("home/");
    let signed = fetched(&mut bob, &location, &json!({ "path": "bad.com", "version": version }));
    assert_eq!(signed, 403, "an address that was signed opens nothing either");

    // Administrators read it and cannot take the tag off; nor can they write one.
    let admin = Home::of(&mut ada, "").await;
    admin.does(&["s3api", "get-object", "--key", &key, out]);
    let clean = "TagSet=[{Key=wellhouse-scan,Value=clean}]";
    admin.denied(&["s3api", "put-object-tagging", "--key", &key, "--tagging", clean]);
    admin.denied(&["s3api", "put-object-tagging", "--key", &key, "--tagging", "TagSet=[]"]);
    admin.denied(&["s3api", "delete-object-tagging", "--key", &good]);
    let beside = "TagSet=[{Key=wellhouse-scan,Value=clean},{Key=team,Value=a}]";
    admin.does(&["s3api", "put-object-tagging", "--key", &good, "--tagging", beside]);

    let (status, told) = download(&mut bob, &location, "bad.com");
    assert_eq!((status, told["code"].as_str()), (403, Some("file-infected")), "{told}");
    assert_eq!(told["explanation"]["statement"], "DenyInfectedFiles", "{told}");
    assert_eq!(shown(&mut bob, &location, "bad.com"), "infected");
    assert_eq!(shown(&mut bob, &location, "good.txt"), Value::Null);
    assert_eq!(download(&mut bob, &location, "good.txt").0, 200);
    let properties = format!("/locations/{location}/properties?path=good.txt");
    assert_eq!(bob.get(&properties).1["scan"], "clean");

    assert_eq!(bob.get("/scans").0, 403);
    let found = finding(&mut ada);
    assert!(found["finding"].as_str().expect("a name").starts_with("Eicar-Test"), "{found}");
    let id = found["id"].as_str().expect("an id");
    assert_eq!(ada.post(&format!("/scans/{id}/release"), &json!({})).0, 204);
    home.becomes("bad.com", "released").await;
    assert_eq!(home.get("bad.com").await.expect("released"), eicar());
    assert_eq!(download(&mut bob, &location, "bad.com").0, 200);
    let mut doctor = wellhouse();
    doctor.args(["doctor", "--data"]).arg(server.data()).env(CLAMD, scanner.address());
    let told = doctor.output().expect("it runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("scan: clamd answers: ClamAV 1."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_only_clean_files_are_served_one_waits_until_it_was_scanned() {
    let scanner = Clamd::start(Manners::Silent);
    let settings = [(CLAMD, scanner.address()), (SERVE.0, SERVE.1.to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let server = Server::start_with(&settings);
    let (mut ada, mut bob, home) = house(&server).await;
    home.put("words.txt", "nothing but words").await;
    let location = bob.location("home/");
    let began = Instant::now();
    while scanner.began() == 0 {
        assert!(began.elapsed() < PATIENCE, "nothing is scanned");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(home.get("words.txt").await.expect_err("not yet").0, "AccessDenied");
    let (status, told) = download(&mut bob, &location, "words.txt");
    assert_eq!((status, told["code"].as_str()), (403, Some("file-not-scanned")), "{told}");
    assert!(told["detail"].as_str().expect("words").contains("try again shortly"), "{told}");
    assert_eq!(shown(&mut bob, &location, "words.txt"), "waiting");
    let admin = Home::of(&mut ada, "").await;
    let key = home.key("words.txt");
    assert_eq!(admin.get(&key).await.expect("administrators read"), "nothing but words");
    // It is killed in the middle of the scan, and goes on where it was.
    scanner.behaves(Manners::Good);
    let (folder, _, _) = server.stop("KILL");
    let server = Server::start_again_with(folder, &settings);
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    let home = Home::of(&mut bob, "home/").await;
    assert_eq!(home.scanned("words.txt").await, "clean");
    assert_eq!(home.get("words.txt").await.expect("served"), "nothing but words");
    assert!(scanner.began() >= 2, "it was begun anew");
    // What was scanned is moved as ever, and scanned where it comes to.
    let form = json!({ "kind": "move", "location": location, "paths": ["words.txt"],
        "to": { "location": location, "folder": "away/" }, "conflict": "fail" });
    let (status, job) = bob.post("/jobs", &form);
    assert_eq!(status, 201, "{job}");
    let began = Instant::now();
    while home.verdict_if_there("away/words.txt").await.as_deref() != Some("clean") {
        assert!(began.elapsed() < PATIENCE, "it does not arrive: {:?}", bob.get("/jobs"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(home.get("away/words.txt").await.expect("served"), "nothing but words");
}

impl Home {
    async fn verdict_if_there(&self, path: &str) -> Option<String> {
        let head = self.s3.get_object_tagging().bucket(&self.keys.bucket).key(self.key(path));
        head.send().await.ok()?;
        self.verdict(path).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_scanner_is_away_files_wait_and_are_shown_as_not_scanned() {
    let port = free_port();
    let address = format!("tcp 127.0.0.1:{port}");
    let server = Server::start_with(&[(CLAMD, &address)]);
    let (mut ada, mut bob, home) = house(&server).await;
    let location = bob.location("home/");
    home.put("bad.com", &eicar()).await;
    let began = Instant::now();
    while shown(&mut bob, &location, "bad.com") != "waiting" {
        assert!(began.elapsed() < PATIENCE, "it does not wait");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(home.get("bad.com").await.expect("served unscanned"), eicar());
    let properties = format!("/locations/{location}/properties?path=bad.com");
    assert_eq!(bob.get(&properties).1["scan"], "waiting");
    let status = |wanted: i32, words: &str| {
        let mut asked = wellhouse();
        asked.args(["scan", "status", "--data"]).arg(server.data()).env(CLAMD, &address);
        let told = asked.output().expect("it runs");
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        assert_eq!(told.status.code(), Some(wanted), "{text}");
        assert!(text.contains(words), "{text}");
    };
    status(2, "The scanner is away");
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let _scanner = Clamd::on(listener, Manners::Good);
    home.becomes("bad.com", "infected").await;
    assert_eq!(home.get("bad.com").await.expect_err("held back").0, "AccessDenied");
    status(0, "clamd answers: ClamAV of the tests");
    // Deleting it is its owner's own right, and an administrator's by the finding.
    let id = finding(&mut ada)["id"].as_str().expect("an id").to_owned();
    assert_eq!(bob.delete(&format!("/scans/{id}")).0, 403);
    let (status, told) = ada.delete(&format!("/scans/{id}"));
    assert_eq!(status, 204, "{told}");
    let gone = home.get("bad.com").await.expect_err("gone");
    assert_eq!(gone.0, "NoSuchKey", "{gone:?}");
    assert_eq!(ada.get("/scans").1["findings"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_scanned_is_never_told_to_be_clean() {
    let scanner = Clamd::start(Manners::Nonsense);
    let address = scanner.address();
    let settings = [
        (CLAMD, address.as_str()),
        SERVE,
        ("WELLHOUSE_SCAN__BYTES_MAX", "1000"),
        ("WELLHOUSE_SCAN__TIMEOUT_SECONDS", "2"),
    ];
    let server = Server::start_with(&settings);
    let (mut ada, mut bob, home) = house(&server).await;
    let location = bob.location("home/");
    home.put("large", &"x".repeat(1001)).await;
    assert_eq!(home.scanned("large").await, "unscanned");
    let (_, told) = download(&mut bob, &location, "large");
    assert_eq!(told["code"], "file-not-scannable", "{told}");
    assert_eq!(shown(&mut bob, &location, "large"), "unscanned");
    assert_eq!(finding(&mut ada)["state"], "unscanned");
    home.put("odd", "a scanner says nonsense of it").await;
    scanner.behaves(Manners::HangsUp);
    home.put("torn", "a scanner hangs up on it").await;
    for path in ["odd", "torn"] {
        assert_eq!(home.scanned(path).await, "unscanned", "{path}");
        assert_eq!(home.get(path).await.expect_err("held back").0, "AccessDenied", "{path}");
    }
    // An administrator knows better.
    let (_, found) = ada.get("/scans");
    for finding in found["findings"].as_array().expect("findings") {
        let id = finding["id"].as_str().expect("an id");
        assert_eq!(ada.post(&format!("/scans/{id}/release"), &json!({})).0, 204);
    }
    home.becomes("torn", "released").await;
    assert!(home.get("torn").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_the_scan_is_scanned_and_no_tag_of_it_is_believed() {
    let server = Server::start();
    let (mut ada, _bob, home) = house(&server).await;
    let admin = Home::of(&mut ada, "").await;
    home.put("bad.com", &eicar()).await;
    home.put("words.txt", "nothing but words").await;
    for (path, value) in [("bad.com", "released"), ("words.txt", "infected")] {
        let (key, tag) = (home.key(path), format!("TagSet=[{{Key=wellhouse-scan,Value={value}}}]"));
        admin.does(&["s3api", "put-object-tagging", "--key", &key, "--tagging", &tag]);
    }
    let scanner = Clamd::start(Manners::Good);
    let (folder, _, _) = server.stop("TERM");
    let server = Server::start_again_with(folder, &[(CLAMD, &scanner.address())]);
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    let home = Home::of(&mut bob, "home/").await;
    home.becomes("bad.com", "infected").await;
    home.becomes("words.txt", "clean").await;
    assert_eq!(home.get("bad.com").await.expect_err("held back").0, "AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_scanner_that_speaks_icap_knows_is_held_back_and_what_it_skips_is_not_clean() {
    let scanner = Icap::start();
    let address = scanner.address();
    let server = Server::start_with(&[(ICAP, &address), SERVE]);
    let (mut ada, mut bob, home) = house(&server).await;
    let location = bob.location("home/");
    let words = "nothing but words, and more of them than a preview has";
    home.put("bad.com", &eicar()).await;
    home.put("words.txt", words).await;
    assert_eq!(home.scanned("bad.com").await, "infected");
    assert_eq!(home.scanned("words.txt").await, "clean");
    assert_eq!(home.get("bad.com").await.expect_err("held back").0, "AccessDenied");
    assert_eq!(home.get("words.txt").await.expect("served"), words);
    let (status, told) = download(&mut bob, &location, "bad.com");
    assert_eq!((status, told["code"].as_str()), (403, Some("file-infected")), "{told}");
    assert_eq!(finding(&mut ada)["finding"], "Eicar-Of-The-Tests");
    for arguments in [&["doctor", "--data"] as &[&str], &["scan", "status", "--data"]] {
        let mut asked = wellhouse();
        asked.args(arguments).arg(server.data()).env(ICAP, &address).env(SERVE.0, SERVE.1);
        let told = asked.output().expect("it runs");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("icap answers: ICAP of the tests"), "{told}");
    }
    scanner.is_hasty();
    home.put("skipped.txt", words).await;
    assert_eq!(home.scanned("skipped.txt").await, "unscanned");
    assert_eq!(home.get("skipped.txt").await.expect_err("held back").0, "AccessDenied");
}
