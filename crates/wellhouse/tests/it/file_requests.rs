//! File requests: people without an account send files, over the real store.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::keeping::get;
use crate::links::{Answer, Browser};
use crate::posture::failing;
use crate::server::Server;
use crate::tokens::{Machine, token};

/// The CRC-64/NVME of the nine digits.
const CRC: &str = "rosUhgp5mIg=";
const DIGITS: &str = "123456789";

/// How long what was ended may go on.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

impl Browser {
    fn json(&self, server: &Server, (method, path): (&str, &str), body: &Value) -> Answer {
        let (origin, body) = (format!("Origin: {}", server.portal), body.to_string());
        let mut more = vec!["--request", method, "--header", &origin];
        if method != "GET" && method != "DELETE" {
            more.extend(["--header", "Content-Type: application/json", "--data", &body]);
        }
        self.ask(&format!("{}{path}", server.portal), &more)
    }
}

impl Answer {
    fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn made(actor: &mut Actor, form: &Value) -> (String, String) {
    let (status, made) = actor.post("/file-requests", form);
    assert_eq!(status, 201, "{made}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&made["request"]["id"]), text(&made["path"]))
}

/// Begins to send nine digits; the upload.
fn begun(server: &Server, browser: &Browser, (page, name): (&str, &str)) -> String {
    let form = json!({ "name": name, "size": 9, "last_modified": 0 });
    let answer = browser.json(server, ("POST", &format!("{page}/uploads")), &form);
    assert_eq!(answer.status, "201", "{}", answer.text());
    format!("{page}/uploads/{}", answer.value()["id"].as_str().expect("an id"))
}

/// Sends its one part, by the portal.
fn put(server: &Server, browser: &Browser, (upload, body): (&str, &str)) -> Answer {
    let (origin, sum) =
        (format!("Origin: {}", server.portal), format!("x-amz-checksum-crc64nvme: {CRC}"));
    let more = ["--request", "PUT", "--data-binary", body, "--header", &origin, "--header", &sum];
    let kind = ["--header", "Content-Type: application/octet-stream"];
    browser.ask(&format!("{}{upload}/parts/1", server.portal), &[&more[..], &kind[..]].concat())
}

fn completed(server: &Server, browser: &Browser, upload: &str) -> Answer {
    browser.json(server, ("POST", &format!("{upload}/complete")), &json!({ "crc": CRC }))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_send_and_whoever_asked_finds_both() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let home = bob.location("home/");
    let form = json!({ "location": home, "path": "inbox/", "title": "Receipts", "kinds": ["txt"] });
    let (_, page) = made(&mut bob, &form);
    for name in ["Eve", "Mallory"] {
        let browser = Browser::new(&server, name);
        let asked = browser.get(&page);
        assert_eq!(asked.status, "200", "{}", asked.text());
        for word in ["bob", "inbox", "Eve", "<script", &keys.prefix] {
            assert!(!asked.text().contains(word), "{word}: {}", asked.text());
        }
        assert_eq!(browser.post(&page, &[&format!("name={name}")]).status, "303");
        let upload = begun(&server, &browser, (&page, "a.txt"));
        // What was said is nine bytes of that sum, and nothing tells where they go.
        assert_ne!(put(&server, &browser, (&upload, "1234567890")).status, "200");
        assert_ne!(put(&server, &browser, (&upload, "123456780")).status, "200");
        assert_eq!(put(&server, &browser, (&upload, DIGITS)).status, "200");
        let left = browser.json(&server, ("GET", &upload), &Value::Null).text();
        assert!(!left.contains(&keys.prefix) && !left.contains("inbox"), "{left}");
        let done = completed(&server, &browser, &upload);
        assert_eq!(done.status, "200", "{}", done.text());
        assert_eq!(completed(&server, &browser, &upload).status, "200", "asked again, the same");
        let shown = browser.get(&page).text();
        let other = if name == "Eve" { "Mallory" } else { "Eve" };
        assert!(shown.contains("a.txt") && !shown.contains(other), "{shown}");
    }
    let (_, listed) = bob.get(&format!("/locations/{home}/entries?path=inbox%2F"));
    let folders = listed["entries"].as_array().expect("entries").clone();
    assert_eq!(folders.len(), 2, "{listed}");
    for folder in &folders {
        let name = folder["name"].as_str().expect("a name");
        let bytes = get(&keys, &format!("{}inbox/{name}/a.txt", keys.prefix)).await;
        assert_eq!(bytes, DIGITS.as_bytes(), "{name}");
    }
    let (_, list) = bob.get("/file-requests");
    let request = &list["requests"][0];
    assert_eq!((&request["arrived"], &request["senders"]), (&json!(2), &json!(2)), "{list}");
    let (_, log) = ada.get("/audit");
    let token = page.strip_prefix("/r/").expect("a token");
    assert!(log.to_string().contains("FileRequestSend"), "{log}");
    assert!(!log.to_string().contains(token) && !server.log().contains(token));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_ends_with_the_request_and_with_the_right() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let form = json!({ "location": home, "path": "inbox/", "title": "Receipts", "endless": true });
    let browser = Browser::new(&server, "eve");
    let ends = |page: &str, upload: &str| {
        let since = Instant::now();
        while put(&server, &browser, (upload, DIGITS)).status == "200" {
            assert!(since.elapsed() < ENDS_WITHIN, "what was handed out goes on");
        }
        assert_eq!(completed(&server, &browser, upload).status, "404");
        assert_eq!(browser.get(page).status, "404");
    };
    let comes = |page: &str| {
        assert_eq!(browser.post(page, &["name=Eve"]).status, "303");
        let upload = begun(&server, &browser, (page, "a.txt"));
        assert_eq!(put(&server, &browser, (&upload, DIGITS)).status, "200");
        upload
    };
    let (id, page) = made(&mut bob, &form);
    assert_eq!(failing(&server, &[]), ["links-end"], "it has no end");
    let upload = comes(&page);
    assert_eq!(bob.delete(&format!("/file-requests/{id}")).0, 204);
    ends(&page, &upload);
    assert_eq!(failing(&server, &[]), [""; 0]);

    let (_, page) = made(&mut bob, &form);
    let upload = comes(&page);
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let uid = uid.as_str().expect("a uid");
    assert_eq!(ada.post(&format!("/people/{uid}/disable"), &json!({})).0, 204);
    ends(&page, &upload);
    assert_eq!(ada.post(&format!("/people/{uid}/enable"), &json!({})).0, 204);
    assert_eq!(browser.get(&page).status, "404", "let back, nobody's requests go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_made_listed_and_revoked_at_the_command_line() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let (_, reads) = token(&mut bob, &[&home], &["list", "read"]);
    let machine = Machine::new(&server, "reader");
    machine.log_in(&reads);
    let create = ["collect", "create", "home", "inbox/", "--title", "Receipts"];
    machine.ends(&create, 1, &["access-denied"]);
    let (_, secret) = token(&mut bob, &[&home], &["list", "write"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    machine.ends(&["collect", "list"], 0, &["There are no file requests."]);
    let more = ["--kind", "pdf", "--days", "1", "--output", "json"];
    let made = machine.ends(&[&create[..], &more[..]].concat(), 0, &["\"url\""]);
    let made: Value = serde_json::from_str(made.trim()).expect("JSON");
    let (id, url) = (made["id"].as_str().expect("an id"), made["url"].as_str().expect("a URL"));
    let browser = Browser::new(&server, "guest");
    assert_eq!(browser.ask(url, &[]).status, "200");
    let listed = machine.ends(&["collect", "list"], 0, &[id, "Receipts", "active", "0 of 1000"]);
    assert!(!listed.contains(url), "{listed}");
    machine.ends(&["collect", "revoke", "x/y"], 1, &["no id of a file request"]);
    machine.ends(&["collect", "revoke", id], 0, &["is revoked"]);
    machine.ends(&["collect", "revoke", id], 1, &["no-such-file-request"]);
    assert_eq!(browser.ask(url, &[]).status, "404");
}
