//! Links by which people without an account fetch files: made, opened, counted and cut off, over the real store.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::keeping::put;
use crate::posture::failing;
use crate::server::Server;
use crate::tokens::{Machine, token};

/// How long what was ended may go on.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: String,
    /// Where the browser is sent, if it is.
    pub(crate) location: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A browser without an account, that keeps cookies.
pub(crate) struct Browser {
    jar: PathBuf,
    out: PathBuf,
    portal: String,
}

impl Browser {
    pub(crate) fn new(server: &Server, name: &str) -> Self {
        let folder = server.scratch();
        let (jar, out) = (folder.join(format!("{name}.jar")), folder.join(format!("{name}.out")));
        Self { jar, out, portal: server.portal.clone() }
    }

    pub(crate) fn ask(&self, address: &str, more: &[&str]) -> Answer {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "60", "--cookie-jar"]).arg(&self.jar);
        curl.arg("--cookie").arg(&self.jar).arg("--output").arg(&self.out);
        curl.args(["--write-out", "%{http_code} %{redirect_url}"]).args(more).arg(address);
        let output = curl.output().expect("curl runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let (status, location) = told.split_once(' ').expect("a status");
        let body = fs::read(&self.out).unwrap_or_default();
        drop(fs::remove_file(&self.out));
        Answer { status: status.to_owned(), location: location.to_owned(), body }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(&format!("{}{path}", self.portal), &[])
    }

    pub(crate) fn post(&self, path: &str, fields: &[&str]) -> Answer {
        let origin = format!("Origin: {}", self.portal);
        let mut more = vec!["--request", "POST", "--header", &origin];
        for field in fields {
            more.extend(["--data-urlencode", field]);
        }
        self.ask(&format!("{}{path}", self.portal), &more)
    }
}

pub(crate) fn made(actor: &mut Actor, form: &Value) -> (String, String) {
    let (status, made) = actor.post("/links", form);
    assert_eq!(status, 201, "{made}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&made["link"]["id"]), text(&made["path"]))
}

pub(crate) async fn put_all(keys: &Keys, files: &[(&str, &str)]) {
    for (name, body) in files {
        put(keys, &format!("{}{name}", keys.prefix), body.as_bytes().to_vec()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_looked_through_fetched_and_seeked_by_somebody_without_an_account() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let files = [
        ("team/a.txt", "123456789"),
        ("team/deep/b \u{1f980}.txt", "crab"),
        ("team2/beside.txt", "beside"),
        ("above.txt", "above"),
    ];
    put_all(&keys, &files).await;
    let home = bob.location("home/");
    let (id, page) = made(&mut bob, &json!({ "location": home, "path": "team/" }));
    let browser = Browser::new(&server, "guest");
    let shown = browser.get(&page);
    assert_eq!(shown.status, "200", "{}", shown.text());
    for word in ["team", "a.txt", "deep", "9 B"] {
        assert!(shown.text().contains(word), "{word}: {}", shown.text());
    }
    for word in ["beside", "above", "bob", "<script", &keys.prefix] {
        assert!(!shown.text().contains(word), "{word}: {}", shown.text());
    }
    let below = browser.get(&format!("{page}?path=deep%2F"));
    assert!(below.text().contains("b \u{1f980}.txt"), "{}", below.text());
    let fetched = browser.post(&format!("{page}/file"), &["path=deep/b \u{1f980}.txt", "as=save"]);
    assert_eq!(fetched.status, "303", "{}", fetched.text());
    assert!(fetched.location.starts_with(&server.s3), "{}", fetched.location);
    assert_eq!(browser.ask(&fetched.location, &[]).text(), "crab");
    // What is looked at is seeked in: the store answers with a part.
    let seen = browser.post(&format!("{page}/file"), &["path=a.txt", "as=show"]);
    let part = browser.ask(&seen.location, &["--range", "3-5"]);
    assert_eq!((part.status.as_str(), part.text().as_str()), ("206", "456"));
    for outside in ["../above.txt", "../team2/beside.txt", "/above.txt", "deep/../../above.txt"] {
        let answer =
            browser.post(&format!("{page}/file"), &[&format!("path={outside}"), "as=save"]);
        assert_eq!(answer.status, "404", "{outside}");
    }
    let archive = browser.post(&format!("{page}/archive"), &["path="]);
    assert_eq!(archive.status, "200");
    let zip = server.scratch().join("all.zip");
    fs::write(&zip, &archive.body).expect("written");
    let listed = Command::new("unzip").arg("-Z1").arg(&zip).output().expect("unzip runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("team/a.txt") && listed.contains("team/deep/"), "{listed}");
    assert!(!listed.contains("beside") && !listed.contains("above"), "{listed}");
    let (_, log) = ada.get("/audit");
    let log = log.to_string();
    for operation in ["LinksMake", "LinkOpen", "LinkFetch", "LinkArchive"] {
        assert!(log.contains(operation), "{operation}: {log}");
    }
    assert!(log.contains(&format!("link/{id}")), "{log}");
    let token = page.strip_prefix("/s/").expect("a token");
    assert!(!log.contains(token) && !server.log().contains(token));
}

/// What was handed out ends with the link, and with the right of whoever made it.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_35604_what_was_handed_out_ends_with_the_link_and_with_the_right() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    put_all(&keys, &[("a.txt", "123456789")]).await;
    let home = bob.location("home/");
    let form = json!({ "location": home, "path": "a.txt", "password": "eight or more" });
    let browser = Browser::new(&server, "guest");
    let opened = |page: &str| {
        let entered = browser.post(page, &["password=eight or more"]);
        assert_eq!(entered.status, "303", "{}", entered.text());
        let fetched = browser.post(&format!("{page}/file"), &["path=", "as=save"]);
        assert_eq!(browser.ask(&fetched.location, &[]).text(), "123456789");
        fetched.location
    };
    let ends = |page: &str, address: &str| {
        let since = Instant::now();
        // A session that was ended is told as `InvalidToken`, with the status 400.
        let mut answer = browser.ask(address, &[]);
        while answer.status == "200" {
            assert!(since.elapsed() < ENDS_WITHIN, "what was handed out goes on");
            answer = browser.ask(address, &[]);
        }
        assert!(answer.text().contains("InvalidToken"), "{}", answer.text());
        for (path, fields) in
            [("", "password=eight or more"), ("/file", "path="), ("/archive", "path=")]
        {
            assert_eq!(browser.post(&format!("{page}{path}"), &[fields]).status, "404", "{path}");
        }
        assert_eq!(browser.get(page).status, "404");
    };
    let (id, page) = made(&mut bob, &form);
    let address = opened(&page);
    assert_eq!(bob.delete(&format!("/links/{id}")).0, 204);
    ends(&page, &address);

    let (_, page) = made(&mut bob, &form);
    let address = opened(&page);
    assert_eq!(
        ada.put_json(
            "/link-rules",
            &json!({ "enabled": false, "password": false, "days_max": null })
        )
        .0,
        200
    );
    assert_eq!(browser.get(&page).status, "404");
    assert_eq!(
        ada.put_json(
            "/link-rules",
            &json!({ "enabled": true, "password": false, "days_max": null })
        )
        .0,
        200
    );
    assert_eq!(browser.get(&page).status, "200");

    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let uid = uid.as_str().expect("a uid");
    assert_eq!(ada.post(&format!("/people/{uid}/disable"), &json!({})).0, 204);
    ends(&page, &address);
    assert_eq!(ada.post(&format!("/people/{uid}/enable"), &json!({})).0, 204);
    assert_eq!(browser.get(&page).status, "404", "let back, nobody's links go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_made_listed_and_revoked_at_the_command_line() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    put_all(&keys, &[("a.txt", "123456789")]).await;
    let home = bob.location("home/");
    let (_, secret) = token(&mut bob, &[&home], &["list", "read"]);
    let machine = Machine::new(&server, "laptop");
    machine.ends(&["share", "list"], 1, &["run `wellhouse login URL` first"]);
    machine.log_in(&secret);
    machine.ends(&["share", "list"], 0, &["There are no links."]);
    let made = machine.ends(
        &["share", "create", "home", "a.txt", "--times", "2", "--days", "1", "--output", "json"],
        0,
        &["\"url\""],
    );
    let made: Value = serde_json::from_str(made.trim()).expect("JSON");
    let (id, url) = (made["id"].as_str().expect("an id"), made["url"].as_str().expect("a URL"));
    let browser = Browser::new(&server, "guest");
    assert_eq!(browser.ask(url, &[]).status, "200");
    let listed = machine.ends(&["share", "list"], 0, &[id, "a.txt", "active", "fetched 0 of 2"]);
    assert!(!listed.contains(url), "{listed}");
    machine.ends(&["share", "create", "home", "none.txt"], 1, &["no-such-file"]);
    machine.ends(&["share", "create", "home", "a.txt", "--days", "0"], 1, &["link-life-invalid"]);
    machine.ends(&["share", "revoke", "x/y"], 1, &["no id of a link"]);
    machine.ends(&["share", "revoke", id], 0, &["is revoked"]);
    machine.ends(&["share", "revoke", id], 1, &["no-such-link"]);
    assert_eq!(browser.ask(url, &[]).status, "404");
    machine.ends(&["share", "list", "--output", "json"], 0, &["\"state\":\"revoked\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_learn_of_links_by_who_reaches_a_place_and_by_posture() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    put_all(&keys, &[("team/a.txt", "a"), ("b.txt", "b")]).await;
    let home = bob.location("home/");
    let form = json!({ "location": home, "path": "team/", "endless": true });
    let (id, _page) = made(&mut bob, &form);
    let mut who = |name: &str| {
        let (status, told) = ada.get(&format!("/access/who?key={}{name}", keys.prefix));
        assert_eq!(status, 200, "{told}");
        told["links"].clone()
    };
    let told = who("team/a.txt");
    assert_eq!(told[0]["id"], *id, "{told}");
    assert_eq!((&told[0]["extent"], &told[0]["until"]), (&json!("everywhere"), &Value::Null));
    assert_eq!(who("")[0]["extent"], "part");
    assert_eq!(who("b.txt"), json!([]));
    assert_eq!(failing(&server, &[]), ["links-end"]);
    assert_eq!(bob.delete(&format!("/links/{id}")).0, 204);
    assert_eq!(who("team/a.txt"), json!([]));
    assert_eq!(failing(&server, &[]), [""; 0]);
}
