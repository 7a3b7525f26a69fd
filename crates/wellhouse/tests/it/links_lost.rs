//! Links whose person lost the right otherwise than by a click: a statement written into the store, the end of
//! a grant, and passwords of other links.

use std::thread;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::json;

use crate::actors::{Actor, Keys};
use crate::groups::now;
use crate::links::{Browser, made, put_all};
use crate::sdk::client;
use crate::server::Server;

const PASSWORD: &str = "password=eight or more";
/// How long what was ended may go on.
const LATE_MAX: Duration = Duration::from_secs(1);

/// As `GET` of the address handed out last, until it is refused.
fn until_refused(browser: &Browser, address: &str, since: Instant) -> String {
    loop {
        let answer = browser.ask(address, &[]);
        if answer.status != "200" {
            return answer.text();
        }
        assert!(since.elapsed() < LATE_MAX, "what was handed out goes on");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The portal asked for the right when the link was made; the store asks for it each time.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_35604_a_statement_written_into_the_store_shuts_a_link_at_once() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    put_all(&keys, &[("secret/a.txt", "secret"), ("open/b.txt", "open")]).await;
    let home = bob.location("home/");
    let [(_, secret), (_, open)] =
        ["secret/", "open/"].map(|path| made(&mut bob, &json!({ "location": home, "path": path })));
    let browser = Browser::new(&server, "guest");
    let fetch = |page: &str, path: &str| {
        browser.post(&format!("{page}/file"), &[&format!("path={path}"), "as=save"])
    };
    let handed_out = fetch(&secret, "a.txt").location;
    assert_eq!(browser.ask(&handed_out, &[]).text(), "secret");

    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [
            format!("arn:aws:s3:::{}/{}secret/*", keys.bucket, keys.prefix),
            format!("arn:aws:s3:::{}", keys.bucket)],
        "Condition": { "StringNotLike": { "s3:prefix": format!("{}open/*", keys.prefix) } } }] });
    let (access_key_id, root_secret) = server.root();
    let root = Keys { access_key_id, secret: root_secret, token: String::new(), ..keys.clone() };
    let denied = client(&root).await.put_bucket_policy().bucket(&keys.bucket);
    denied.policy(policy.to_string()).send().await.expect("a policy");

    let why = until_refused(&browser, &handed_out, Instant::now());
    assert!(why.contains("AccessDenied"), "{why}");
    assert_eq!(browser.get(&secret).status, "404");
    let anew = fetch(&secret, "a.txt");
    assert!(anew.status == "404" || browser.ask(&anew.location, &[]).status == "403", "{anew:?}");
    assert_eq!(browser.ask(&fetch(&open, "b.txt").location, &[]).text(), "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_35604_a_link_ends_with_the_grant_that_it_was_made_by() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let end = now() + SignedDuration::from_secs(8);
    let grant = json!({ "role": "S3AccessRole", "prefix": "guest/", "title": "Guest",
        "ends": end.to_string() });
    let path = format!("/people/{}/grants", uid.as_str().expect("a uid"));
    let (status, given) = ada.post(&path, &grant);
    assert_eq!(status, 201, "{given}");
    put_all(&bob.keys("guest/"), &[("a.txt", "until then")]).await;
    let location = bob.location("guest/");
    let (_, page) = made(&mut bob, &json!({ "location": location, "path": "a.txt" }));
    let browser = Browser::new(&server, "guest");
    let handed_out = browser.post(&format!("{page}/file"), &["path=", "as=save"]).location;
    assert_eq!(browser.ask(&handed_out, &[]).text(), "until then");
    while now() < end {
        thread::sleep(Duration::from_millis(20));
    }
    until_refused(&browser, &handed_out, Instant::now());
    for (below, fields) in [("/file", "path="), ("/archive", "path=")] {
        let answer = browser.post(&format!("{page}{below}"), &[fields]);
        assert_eq!(answer.status, "404", "{below}: {}", answer.text());
    }
    assert_eq!(browser.get(&page).status, "404");
}

/// What a browser holds for one link opens no other.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_52996_who_gave_the_password_of_one_link_has_given_none_of_another() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    put_all(&bob.keys("home/"), &[("a.txt", "first"), ("b.txt", "second")]).await;
    let home = bob.location("home/");
    let [(_, first), (_, second)] = ["a.txt", "b.txt"].map(|path| {
        made(&mut bob, &json!({ "location": home, "path": path, "password": "eight or more" }))
    });
    let browser = Browser::new(&server, "guest");
    assert_eq!(browser.post(&first, &[PASSWORD]).status, "303");
    let had = browser.post(&format!("{first}/file"), &["path=", "as=save"]);
    assert_eq!(browser.ask(&had.location, &[]).text(), "first");
    // The cookie of the first one, sent by hand where a browser would not send it.
    let jar = std::fs::read_to_string(server.scratch().join("guest.jar")).expect("cookies");
    let line = jar.lines().find(|line| line.contains("/s/")).expect("a cookie of the link");
    let mut fields = line.split('\t').skip(5);
    let cookie =
        format!("Cookie: {}={}", fields.next().expect("a name"), fields.next().expect("a value"));
    let origin = format!("Origin: {}", server.portal);
    let stranger = Browser::new(&server, "stranger");
    let address = |page: &str| format!("{}{page}/file", server.portal);
    let more = ["--header", &cookie, "--header", &origin, "--data", "path=&as=save"];
    let again = stranger.ask(&address(&first), &more);
    assert!(again.location.starts_with(&server.s3), "the cookie is a good one: {again:?}");
    let other = stranger.ask(&address(&second), &more);
    assert!(!other.location.starts_with(&server.s3), "{other:?}");
}
