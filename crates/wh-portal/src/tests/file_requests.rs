//! File requests: made and shown once; and every address below one × every reason to take nothing.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, ORIGIN as ORIGIN_HEADER, SET_COOKIE};
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::house::{Answer, House, ORIGIN, PASSWORD};
use super::log::listen;
use super::sharing::{RULES, sharing};
use super::store::{CRC, Store};

pub(super) const REQUESTS: &str = "/api/v1/file-requests";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

impl House {
    /// Makes a request, with more in the form; what it is, and the address of its page.
    async fn asks_for_files(&self, cookie: &str, location: &str, more: Value) -> (Value, String) {
        let made = self.post(REQUESTS, cookie, wish(location, &more)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.headers["cache-control"], "no-store");
        let made = made.json();
        let path = made["path"].as_str().expect("a path").to_owned();
        (made["request"].clone(), path)
    }

    /// As a browser asks that shows the page of a request.
    async fn by_sender(
        &self,
        (method, path): (&Method, &str),
        (cookie, kind): (&str, &str),
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(ORIGIN_HEADER, ORIGIN);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    async fn comes_in(&self, page: &str, form: &str) -> Answer {
        self.by_sender((&Method::POST, page), ("", FORM), form).await
    }

    /// Gives a name; the cookie by which somebody sends from then on.
    async fn sender(&self, page: &str, name: &str) -> String {
        let answer = self.comes_in(page, &format!("name={name}")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.headers[SET_COOKIE].to_str().expect("text").to_owned();
        assert!(
            cookie.contains(&format!("Path={page};")) && cookie.contains("HttpOnly"),
            "{cookie}"
        );
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    async fn sends(&self, page: &str, cookie: &str, file: (&str, u64)) -> Answer {
        self.sends_as(page, cookie, file, None).await
    }

    /// The same under a key of the sender's browser.
    async fn sends_as(
        &self,
        page: &str,
        cookie: &str,
        (name, size): (&str, u64),
        key: Option<&str>,
    ) -> Answer {
        let body = json!({ "name": name, "size": size, "last_modified": 0, "key": key });
        let body = body.to_string();
        self.by_sender((&Method::POST, &format!("{page}/uploads")), (cookie, JSON), &body).await
    }
}

fn wish(location: &str, more: &Value) -> Value {
    let mut form = json!({ "location": location, "path": "inbox/", "title": "Receipts" });
    let fields = form.as_object_mut().expect("a form");
    fields.extend(more.as_object().expect("an object").clone());
    form
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

fn parts_held(store: &Store, sizes: &[u64]) {
    store.holding().parts = Some(sizes.to_vec());
}

#[tokio::test]
async fn a_request_is_shown_once_and_its_secrets_never_again() {
    let (_store, house, alice, home) = sharing().await;
    let log = listen();
    let more = json!({ "password": "eight or more", "kinds": ["PDF", ".jpg"], "files_max": 9 });
    let (request, page) = house.asks_for_files(&alice, &home, more).await;
    let token = page.strip_prefix("/r/").expect("an address").to_owned();
    assert_eq!(token.len(), 64);
    let end = (house.now() + SignedDuration::from_hours(24 * 14)).to_string();
    assert_eq!((&request["ends"], &request["state"]), (&json!(end), &json!("active")));
    assert_eq!((&request["kinds"], &request["files_max"]), (&json!(["jpg", "pdf"]), &json!(9)));
    let listed = house.get(REQUESTS, &alice).await;
    assert_eq!(listed.json()["requests"], json!([request]));
    assert!(!listed.body.contains(&token) && !listed.body.contains("argon2"));
    house.get("/api/v1/file-requests/all", &alice).await.problem(403, "not-administrator");
    let all = house.get("/api/v1/file-requests/all", &house.admin).await.json();
    assert_eq!(all["requests"][0]["owner"]["name"], "alice");
    house.get(&page, "").await;
    let trail = house.get("/api/v1/audit", &house.admin).await;
    assert!(trail.body.contains("FileRequestsMake") && trail.body.contains("FileRequestOpen"));
    assert!(!trail.body.contains(&token) && !log.text().contains(&token));
}

#[tokio::test]
async fn a_request_that_may_not_be_is_refused_with_the_field_at_fault() {
    let (_store, house, alice, home) = sharing().await;
    let ask = async |more: Value| house.post(REQUESTS, &alice, wish(&home, &more)).await;
    for (more, code, field) in [
        (json!({ "days": 0 }), "file-request-life-invalid", "days"),
        (json!({ "days": 3_651 }), "file-request-life-invalid", "days"),
        (json!({ "days": 1, "endless": true }), "invalid-body", "endless"),
        (json!({ "title": " " }), "file-request-title-invalid", "title"),
        (json!({ "title": "a\nb" }), "file-request-title-invalid", "title"),
        (json!({ "message": "x".repeat(2_001) }), "file-request-message-invalid", "message"),
        (json!({ "kinds": ["tar.gz"] }), "file-request-kinds-invalid", "kinds"),
        (json!({ "files_max": 0 }), "file-request-limit-invalid", "files_max"),
        (json!({ "file_bytes_max": 0 }), "file-request-limit-invalid", "file_bytes_max"),
        (json!({ "bytes_max": u64::MAX }), "file-request-limit-invalid", "bytes_max"),
        (json!({ "sender_files_max": 0 }), "file-request-limit-invalid", "sender_files_max"),
        (json!({ "password": "seven77" }), "link-password-length", "password"),
        (json!({ "path": format!("{}/", "x".repeat(400)) }), "file-request-path-too-long", "path"),
    ] {
        let refused = ask(more).await;
        assert_eq!(refused.problem(400, code)["field"], field, "{code}");
    }
    for path in ["inbox", "/inbox/", "../inbox/", "a//"] {
        assert_eq!(ask(json!({ "path": path })).await.status, 400, "{path}");
    }
    let shared = house.location(&alice, "shared/").await;
    ask(json!({ "location": shared })).await.problem(403, "access-denied");
    let rules = json!({ "enabled": true, "requests": false, "password": false, "days_max": null });
    assert_eq!(house.ask(Method::PUT, RULES, &house.admin, Some(rules)).await.status, 200);
    ask(json!({})).await.problem(403, "file-requests-off");
    let kept = json!({ "enabled": true, "password": true, "days_max": 3 });
    let kept = house.ask(Method::PUT, RULES, &house.admin, Some(kept)).await.json();
    assert_eq!(kept["requests"], false, "what is not said stays");
    let rules = json!({ "enabled": true, "requests": true, "password": true, "days_max": 3 });
    assert_eq!(house.ask(Method::PUT, RULES, &house.admin, Some(rules)).await.status, 200);
    ask(json!({})).await.problem(400, "file-request-password-demanded");
    let password = json!({ "password": "eight or more", "endless": true });
    ask(password).await.problem(400, "file-request-life-invalid");
    assert_eq!(house.get(REQUESTS, &alice).await.json()["requests"], json!([]));
}

#[tokio::test]
async fn a_sender_writes_in_a_session_of_the_drop_role_into_their_own_folder_alone() {
    let (store, house, alice, home) = sharing().await;
    let (request, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let asks = house.get(&page, "").await;
    assert!(asks.body.contains("Receipts") && !asks.body.contains("alice"), "{}", asks.body);
    assert!(!asks.body.contains("<script") && !asks.body.contains("inbox"), "{}", asks.body);
    let eve = house.sender(&page, "Eve%2F..%2F%2A").await;
    let shown = house.get(&page, &eve).await;
    let policy = shown.headers["content-security-policy"].to_str().expect("text").to_owned();
    assert!(
        shown.body.contains("/request.js") && policy.contains("script-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("img-src"), "{policy}");
    let begun = house.sends(&page, &eve, ("a.txt", 3)).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    assert_eq!((&begun.json()["path"], &begun.json()["location"]), (&json!("a.txt"), &json!("")));
    let asked = store.holding().asked_as.clone();
    let (uid, request_id) = (house.uid_of("alice").await, request["id"].as_str().expect("an id"));
    assert!(asked.contains(&format!("RoleSessionName=u-{uid}-{request_id}")), "{asked}");
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).expect("a field").1.clone();
    assert!(field("RoleArn").ends_with("/UploadRole"), "{}", field("RoleArn"));
    let session: Value = serde_json::from_str(&field("Policy")).expect("JSON");
    let statements = session["Statement"].as_array().expect("statements").clone();
    let allowed: Vec<&Value> = statements.iter().filter(|s| s["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1, "{session}");
    let actions = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    assert_eq!(allowed[0]["Action"], json!(actions));
    let resource = allowed[0]["Resource"].to_string();
    let folder = format!("arn:aws:s3:::wellhouse-files/home/{uid}/inbox/Eve (");
    assert!(resource.contains(&folder) && resource.contains(")/*"), "{resource}");
    let uploads = format!("{page}/uploads/{}", id(&begun));
    parts_held(&store, &[3]);
    let done = json!({ "crc": CRC }).to_string();
    let complete = format!("{uploads}/complete");
    let done = house.by_sender((&Method::POST, &complete), (&eve, JSON), &done).await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["path"]),
        (200, &json!("a.txt")),
        "{}",
        done.body
    );
    assert_eq!(done.json().as_object().map(serde_json::Map::len), Some(2), "{}", done.body);
    let parts = json!({ "parts": [{ "n": 1, "size": 3, "crc": CRC }] }).to_string();
    let signed = format!("{uploads}/parts");
    let signed = house.by_sender((&Method::POST, &signed), (&eve, JSON), &parts).await;
    assert_eq!(signed.status, 404, "an address of the store would tell where things are");
    for answer in [&begun, &done, &signed] {
        for word in ["inbox", "wellhouse-files", uid.as_str()] {
            assert!(!answer.body.contains(word), "{word}: {}", answer.body);
        }
    }
    let second = house.sends(&page, &eve, ("A.TXT", 3)).await;
    assert_eq!(second.json()["path"], "A (2).TXT", "none of a sender's takes another's place");
    let list = house.get(REQUESTS, &alice).await.json()["requests"][0].clone();
    assert_eq!(
        (&list["arrived"], &list["senders"], &list["files"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert!(house.get(&page, &eve).await.body.contains("<bdi>a.txt</bdi>"));
}

#[tokio::test]
async fn senders_learn_nothing_of_each_other_and_reach_nothing_of_each_other() {
    let (store, house, alice, home) = sharing().await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let (_, other) = house.asks_for_files(&alice, &home, json!({})).await;
    let (eve, bob) = (house.sender(&page, "Eve").await, house.sender(&page, "Eve").await);
    let begun = house.sends(&page, &eve, ("secret.txt", 3)).await;
    assert_eq!(house.sends(&page, &bob, ("secret.txt", 3)).await.json()["path"], "secret.txt");
    parts_held(&store, &[3]);
    let upload = format!("/uploads/{}", id(&begun));
    let done = json!({ "crc": CRC }).to_string();
    let each = [
        (Method::GET, "", ""),
        (Method::PUT, "/parts/1", "abc"),
        (Method::POST, "/complete", done.as_str()),
        (Method::DELETE, "", ""),
    ];
    for (method, below, body) in &each {
        let address = format!("{page}{upload}{below}");
        let ask = (method, address.as_str());
        let bytes = "application/octet-stream";
        let kind = if *method == Method::PUT { bytes } else { JSON };
        house.by_sender(ask, (&bob, kind), body).await.problem(404, "no-such-upload");
        house.by_sender(ask, ("", kind), body).await.problem(404, "request-unavailable");
        let elsewhere = format!("{other}{upload}{below}");
        let refused = house.by_sender((method, &elsewhere), (&eve, kind), body).await;
        refused.problem(404, "request-unavailable");
    }
    let left = house.get(&format!("{page}/uploads"), &bob).await.json();
    assert_eq!(left["uploads"].as_array().map(Vec::len), Some(1));
    assert!(!house.get(&page, &bob).await.body.contains("secret.txt"), "it has not arrived");
    // Nor does it look like one of alice's own.
    let own = house.get("/api/v1/uploads", &alice).await.json();
    assert_eq!(own["uploads"], json!([]));
    let theirs = format!("/api/v1{upload}");
    house.ask(Method::DELETE, &theirs, &alice, None).await.problem(404, "no-such-upload");
    let mine = format!("{page}{upload}");
    let gone = house.by_sender((&Method::DELETE, &mine), (&eve, JSON), "").await;
    assert_eq!(gone.status, 204, "{}", gone.body);
}

#[tokio::test]
async fn limits_hold_before_a_byte_is_sent_and_are_given_back() {
    let (_store, house, alice, home) = sharing().await;
    let more = json!({ "kinds": ["pdf"], "file_bytes_max": 10, "bytes_max": 25, "files_max": 3,
        "sender_files_max": 2 });
    let (_, page) = house.asks_for_files(&alice, &home, more).await;
    let (eve, bob) = (house.sender(&page, "Eve").await, house.sender(&page, "Bob").await);
    let refused = async |cookie: &str, name: &str, size, code: &str| {
        let answer = house.sends(&page, cookie, (name, size)).await;
        assert_eq!(answer.json()["code"], code, "{name}");
    };
    for name in ["a.exe", "pdf", ".pdf", "a.pdf.exe", "a.pdf\u{202e}exe."] {
        refused(&eve, name, 1, "request-kind-refused").await;
    }
    for name in ["", "..", "../a.pdf", "a/b.pdf", "a\\b.pdf", "/a.pdf", "a\u{0}.pdf"] {
        refused(&eve, name, 1, "request-name-invalid").await;
    }
    refused(&eve, "a.pdf", 11, "request-file-too-large").await;
    let first = house.sends(&page, &eve, ("\u{1f980} cv\u{202e}.PDF", 10)).await;
    assert_eq!(first.json()["path"], "\u{1f980} cv.PDF", "{}", first.body);
    assert_eq!(house.sends(&page, &eve, ("b.pdf", 10)).await.status, 201);
    refused(&eve, "c.pdf", 1, "request-sender-full").await;
    refused(&bob, "c.pdf", 6, "request-full").await;
    assert_eq!(house.sends(&page, &bob, ("c.pdf", 5)).await.status, 201);
    refused(&bob, "d.pdf", 0, "request-full").await;
    let address = format!("{page}/uploads/{}", id(&first));
    let gone = house.by_sender((&Method::DELETE, &address), (&eve, JSON), "").await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    assert_eq!(house.sends(&page, &bob, ("e.pdf", 10)).await.status, 201, "its room is free again");
    let list = house.get(REQUESTS, &alice).await.json()["requests"][0].clone();
    assert_eq!(
        (&list["state"], &list["files"], &list["bytes"]),
        (&json!("used-up"), &json!(3), &json!(25))
    );
    house.pass(SignedDuration::from_hours(25));
    assert_eq!(house.files.sweep_uploads().await.expect("swept"), 3, "nobody went on with them");
    let filter = wh_ledger::FileRequestFilter::default();
    let rows = house.ledger.file_requests(filter, 1).await.expect("read");
    assert_eq!((rows[0].files, rows[0].bytes), (0, 0));
}

#[tokio::test]
async fn many_at_once_get_no_more_than_there_is() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({ "files_max": 5 })).await;
    let eve = house.sender(&page, "Eve").await;
    let asked = (0..64).map(|_| house.sends(&page, &eve, ("a.txt", 1)));
    let answers = futures::future::join_all(asked).await;
    let begun: std::collections::BTreeSet<String> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["path"].to_string())
        .collect();
    assert_eq!(begun.len(), 5, "five, each under a name of its own");
}

/// Every address, and the same answer whatever it was that ended the request.
#[tokio::test]
async fn a_request_that_takes_nothing_is_like_one_that_never_was() {
    let (_store, house, alice, home) = sharing().await;
    let nobody = format!("/r/{}", "0".repeat(64));
    let takes_nothing = async |page: &str, cookie: &str| {
        let seen = house.get(page, cookie).await;
        let never = house.get(&nobody, cookie).await;
        let same = seen.body == never.body.replace(&nobody, page);
        assert!(seen.status == 404 && same, "{}", seen.body);
        assert_eq!(house.comes_in(page, "name=Eve").await.status, 404);
        house.sends(page, cookie, ("a.txt", 1)).await.problem(404, "request-unavailable");
        for (method, below) in [
            (Method::GET, "/uploads"),
            (Method::GET, "/uploads/01arz3ndektsv4rrffq69g5fav"),
            (Method::DELETE, "/uploads/01arz3ndektsv4rrffq69g5fav"),
        ] {
            let address = format!("{page}{below}");
            let refused = house.by_sender((&method, &address), (cookie, JSON), "").await;
            refused.problem(404, "request-unavailable");
        }
        for below in ["/", "/file", "/../api/v1/session", "/uploads/x/y/z", "/page.css"] {
            assert_eq!(house.get(&format!("{page}{below}"), cookie).await.status, 404, "{below}");
        }
    };
    takes_nothing(&nobody, "").await;
    takes_nothing("/r/x", "").await;
    let (request, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let eve = house.sender(&page, "Eve").await;
    let path = format!("{REQUESTS}/{}", request["id"].as_str().expect("an id"));
    let bob = house.register("robert").await;
    house.ask(Method::DELETE, &path, &bob, None).await.problem(404, "no-such-file-request");
    assert_eq!(house.ask(Method::DELETE, &path, &alice, None).await.status, 204);
    house.ask(Method::DELETE, &path, &alice, None).await.problem(404, "no-such-file-request");
    takes_nothing(&page, &eve).await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({ "days": 1 })).await;
    let eve = house.sender(&page, "Eve").await;
    let (_, barred) = house.asks_for_files(&alice, &home, json!({})).await;
    let mallory = house.sender(&barred, "Mallory").await;
    let rules = json!({ "enabled": true, "requests": false, "password": false, "days_max": null });
    assert_eq!(house.ask(Method::PUT, RULES, &house.admin, Some(rules)).await.status, 200);
    takes_nothing(&barred, &mallory).await;
    let rules = json!({ "enabled": true, "requests": true, "password": false, "days_max": null });
    assert_eq!(house.ask(Method::PUT, RULES, &house.admin, Some(rules)).await.status, 200);
    assert_eq!(house.get(&barred, &mallory).await.status, 200);
    house.shut_out("alice").await;
    takes_nothing(&page, &eve).await;
    takes_nothing(&barred, &mallory).await;
}

#[tokio::test]
async fn what_sends_nothing_is_given_up_within_an_hour_and_freed_as_it_came() {
    let (store, house, alice, home) = sharing().await;
    let (request, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let (uid, name) = (house.uid_of("alice").await, request["id"].as_str().expect("an id"));
    let eve = house.sender(&page, "Eve").await;
    house.sends(&page, &eve, ("silent.txt", 3)).await;
    let sending = house.sends(&page, &eve, ("sending.txt", 3)).await;
    let sending = wh_ledger::RowId::parse(&id(&sending)).expect("an id");
    house.ledger.part_passed(&sending, house.now()).await.expect("written");
    let swept = async || house.files.sweep_uploads().await.expect("swept");
    house.pass(SignedDuration::from_mins(59));
    assert_eq!(swept().await, 0);
    house.pass(SignedDuration::from_mins(2));
    assert_eq!(swept().await, 1);
    let filter = wh_ledger::FileRequestFilter::default();
    let rows = house.ledger.file_requests(filter, 1).await.expect("read");
    assert_eq!(rows[0].files, 1, "the room of what sends nothing is others' again");
    store.holding().asked_as.clear();
    house.files.forget(&uid);
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(swept().await, 1);
    let asked = store.holding().asked_as.clone();
    assert!(asked.contains("UploadRole") && asked.contains(&format!("u-{uid}-{name}")), "{asked}");
}

#[tokio::test]
async fn who_asks_again_since_the_answer_was_lost_finds_what_was_begun() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let (eve, bob) = (house.sender(&page, "Eve").await, house.sender(&page, "Bob").await);
    let key = Some("0123456789abcdef");
    let first = house.sends_as(&page, &eve, ("a.txt", 3), key).await;
    let again = house.sends_as(&page, &eve, ("a.txt", 3), key).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201), "{}", again.body);
    assert_eq!(
        (id(&first), first.json()["path"].clone()),
        (id(&again), again.json()["path"].clone())
    );
    let of_bob = house.sends_as(&page, &bob, ("a.txt", 3), key).await;
    assert_ne!(id(&of_bob), id(&first), "a key is its sender's alone");
    for (size, key) in [(4, key), (3, Some("short")), (3, Some("0123456789abcde/"))] {
        let refused = house.sends_as(&page, &eve, ("a.txt", size), key).await;
        assert_eq!(refused.problem(400, "request-key-invalid")["field"], "key", "{key:?}");
    }
    let other = house.sends_as(&page, &eve, ("a.txt", 3), Some("fedcba9876543210")).await;
    assert_eq!(other.json()["path"], "a (2).txt");
    let files = house.get(REQUESTS, &alice).await.json()["requests"][0]["files"].clone();
    assert_eq!(files, 3, "room is taken once for each");
    let address = format!("{page}/uploads/{}", id(&first));
    house.by_sender((&Method::DELETE, &address), (&eve, JSON), "").await;
    let anew = house.sends_as(&page, &eve, ("a.txt", 3), key).await;
    assert_eq!((anew.status.as_u16(), anew.json()["path"].clone()), (201, json!("a.txt")));
    assert_ne!(id(&anew), id(&first));
}

#[tokio::test]
async fn a_quota_that_is_full_takes_no_file_and_holds_no_room() {
    let (_store, house, alice, home) = sharing().await;
    let quota = json!({ "for": { "kind": "every-person" }, "limit_bytes": 10 });
    let set = house.ask(Method::PUT, "/api/v1/quotas", &house.admin, Some(quota)).await;
    assert!(set.status.is_success(), "{}", set.body);
    let (_, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let eve = house.sender(&page, "Eve").await;
    assert_eq!(house.sends(&page, &eve, ("a.txt", 8)).await.status, 201);
    let refused = house.sends(&page, &eve, ("b.txt", 8)).await;
    refused.problem(409, "request-full");
    let files = house.get(REQUESTS, &alice).await.json()["requests"][0]["files"].clone();
    assert_eq!(files, 1, "what was promised is given back");
}

#[tokio::test]
async fn who_can_reach_a_place_names_the_requests_by_which_it_is_written() {
    let (_store, house, alice, home) = sharing().await;
    let (request, _page) = house.asks_for_files(&alice, &home, json!({})).await;
    let uid = house.uid_of("alice").await;
    let who = async |key: &str| {
        let address = format!("/api/v1/access/who?key=home/{uid}/{key}");
        house.get(&address, &house.admin).await.json()
    };
    for (key, extent) in [("", "part"), ("inbox/", "part"), ("inbox/Eve/a.txt", "everywhere")] {
        let told = who(key).await["requests"][0].clone();
        assert_eq!((&told["id"], &told["extent"]), (&request["id"], &json!(extent)), "{key}");
        assert_eq!((&told["title"], &told["name"]), (&json!("Receipts"), &json!("alice")));
        assert_eq!(told["key"], format!("home/{uid}/inbox/"));
    }
    for key in ["outbox/", "inbox/a.txt", "inbox/Eve/b/a.txt"] {
        assert_eq!(who(key).await["requests_total"], 0, "{key}");
    }
    let path = format!("{REQUESTS}/{}", request["id"].as_str().expect("an id"));
    house.ask(Method::DELETE, &path, &alice, None).await;
    assert_eq!(who("").await["requests"], json!([]));
}

#[tokio::test]
async fn the_longest_names_still_fit() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let crab = "%F0%9F%A6%80".repeat(50);
    let eve = house.sender(&page, &crab).await;
    let name = "\u{1f980}".repeat(60);
    for _ in 0..2 {
        let begun = house.sends(&page, &eve, (&name, 1)).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
    }
}

#[tokio::test]
async fn whoever_comes_again_and_again_is_slowed_down() {
    let (store, house, alice, home) = sharing().await;
    let (_, page) = house.asks_for_files(&alice, &home, json!({})).await;
    let bob = house.sender(&page, "Bob").await;
    let mut came = 1;
    while house.comes_in(&page, "name=Eve").await.status == 303 {
        came += 1;
        assert!(came < 200, "nobody slows them down");
    }
    assert!(came >= 100, "an office comes in: {came}");
    let answer = house.comes_in(&page, "name=Eve").await;
    assert_eq!(answer.status, 429, "{}", answer.body);
    let begun = house.sends(&page, &bob, ("a.txt", 3)).await;
    parts_held(&store, &[3]);
    let done = json!({ "crc": CRC }).to_string();
    let complete = format!("{page}/uploads/{}/complete", id(&begun));
    for status in [303, 429] {
        let done = house.by_sender((&Method::POST, &complete), (&bob, JSON), &done).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let next = house.comes_in(&page, "name=Eve").await;
        assert_eq!(next.status, status, "who sends makes room for one more, once");
    }
    let (_, other) = house.asks_for_files(&alice, &home, json!({})).await;
    assert_eq!(
        house.comes_in(&other, "name=Eve").await.status,
        303,
        "another request is no matter"
    );
    // Beyond that one comes after the other: they wait, and are not shut out.
    for _ in 0..5 {
        house.pass(SignedDuration::from_secs(10));
        assert_eq!(house.comes_in(&page, "name=Eve").await.status, 303);
        assert_eq!(house.comes_in(&page, "name=Eve").await.status, 429);
    }
}

/// The store is asked in a session of another role, and so what it would refuse to the role of the grant alone is
/// refused here: also where it hangs on what only the store knows.
#[tokio::test]
async fn what_the_bucket_denies_to_the_role_of_the_grant_takes_no_files() {
    let deny = |principal: Value, condition: Value| {
        json!({ "Effect": "Deny", "Principal": principal, "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::wellhouse-files/home/*", "Condition": condition })
    };
    let estate = sharing().await.1;
    let role = |name: &str| {
        let name = wh_names::RoleName::parse(name).expect("a role's name");
        let view = estate.files.roles().get(&name).expect("a role of the estate");
        json!({ "AWS": view.arn.to_string() })
    };
    let office = json!({ "NotIpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let in_office = json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let of_role = |name: &str| {
        let mut condition = in_office.clone();
        condition["ArnLike"] =
            json!({ "aws:PrincipalArn": format!("arn:aws:iam::*:role/*{name}") });
        condition
    };
    for (statement, status) in [
        (deny(role("S3AccessRole"), in_office.clone()), 403),
        (deny(role("S3AccessRole"), office.clone()), 403),
        (deny(json!("*"), of_role("S3AccessRole")), 403),
        (deny(json!("*"), of_role("RegularUserRole")), 201),
        // The store judges these: they bind the role of drop boxes as well.
        (deny(json!("*"), in_office.clone()), 201),
        (deny(json!("*"), of_role("*")), 201),
    ] {
        let store = Store::start().await;
        let house = House::over_with(&store.url, statement.clone()).await;
        let alice = house.register("alice").await;
        let home = house.location(&alice, "home/").await;
        let made = house.post(REQUESTS, &alice, wish(&home, &json!({}))).await;
        assert_eq!(made.status, status, "{statement}: {}", made.body);
    }
}

#[tokio::test]
async fn a_password_is_asked_for_with_the_name_and_guessed_at_slowly() {
    let (_store, house, alice, home) = sharing().await;
    let more = json!({ "password": "eight or more", "asks_email": true });
    let (_, page) = house.asks_for_files(&alice, &home, more).await;
    let right = "name=Eve&email=eve%40example.org&password=eight+or+more";
    for (form, status) in [
        ("name=&email=eve%40example.org&password=eight+or+more", 400),
        ("name=Eve&email=eve&password=eight+or+more", 400),
        ("name=Eve&email=eve%40example.org", 403),
        ("name=Eve&email=eve%40example.org&password=wrong", 403),
        (right, 303),
    ] {
        let answer = house.comes_in(&page, form).await;
        assert_eq!(answer.status, status, "{form}: {}", answer.body);
        assert!(!answer.body.contains("eight or more"));
    }
    let mut wrong = 0;
    while house.comes_in(&page, "name=E&email=e%40example.org&password=x").await.status != 429 {
        wrong += 1;
        assert!(wrong < 50, "attempts are slowed down");
    }
    assert_ne!(PASSWORD, "eight or more");
    let cross = Request::post(&page)
        .header(ORIGIN_HEADER, "https://evil.example")
        .header(CONTENT_TYPE, FORM)
        .body(Body::from(right))
        .expect("a request");
    assert_eq!(house.send(cross).await.status, 403, "from pages of others nobody comes in");
}
