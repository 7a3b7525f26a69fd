//! What links open, and what they do not: every page of theirs × every reason to open nothing.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN as ORIGIN_HEADER, SET_COOKIE};
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::house::{Answer, House, ORIGIN, PASSWORD};
use super::log::listen;
use super::sharing::{LINKS, sharing};
use crate::pace::LINK_REQUESTS_AT_ONCE;

const SECRET: &str = "eight or more";

/// A page, and how it is asked.
const PAGES: [(Method, &str, &str); 4] = [
    (Method::GET, "", ""),
    (Method::POST, "", "password=eight+or+more"),
    (Method::POST, "/file", "path=&as=save"),
    (Method::POST, "/archive", "path="),
];

impl House {
    /// As a browser asks that shows a page of a link.
    async fn visit(&self, method: &Method, path: &str, (cookie, form): (&str, &str)) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(ORIGIN_HEADER, ORIGIN);
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        self.send(request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    async fn fetch(&self, page: &str, (cookie, form): (&str, &str)) -> Answer {
        self.visit(&Method::POST, &format!("{page}/file"), (cookie, form)).await
    }

    async fn enter(&self, page: &str, password: &str) -> Answer {
        self.visit(&Method::POST, page, ("", &format!("password={password}"))).await
    }

    /// What the audit log tells of links, the newest first.
    async fn told_of_links(&self) -> Vec<Value> {
        // Outcomes are written soon, and by now.
        drop(self.lines_after(0).await);
        let trail = self.get("/api/v1/audit", &self.admin).await.json();
        let entries = trail["entries"].as_array().expect("entries").clone();
        let of_links = |entry: &Value| {
            entry["operation"].as_str().is_some_and(|name| {
                ["LinkOpen", "LinkEnter", "LinkFetch", "LinkArchive"].contains(&name)
            })
        };
        entries.into_iter().filter(of_links).collect()
    }
}

#[track_caller]
fn goes_to_the_store(answer: &Answer, store: &str) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let address = answer.headers[LOCATION].to_str().expect("text").to_owned();
    assert!(address.starts_with(store) && address.contains("X-Amz-Signature="), "{address}");
    address
}

#[tokio::test]
async fn a_file_is_fetched_from_the_store_by_a_session_that_opens_that_file_alone() {
    let (store, house, alice, home) = sharing().await;
    let (link, page) = house.shared(&alice, &home, json!({})).await;
    let shown = house.get(&page, "").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("a.txt") && shown.body.contains("3 B"), "{}", shown.body);
    assert!(!shown.body.contains("<script") && !shown.body.contains("alice"), "{}", shown.body);
    let header = |name: &str| shown.headers[name].to_str().expect("text").to_owned();
    let policy = header("content-security-policy");
    let expected =
        format!("default-src 'none'; style-src 'self'; form-action 'self' {};", store.url);
    assert!(policy.starts_with(&expected) && !policy.contains("unsafe"), "{policy}");
    assert_eq!(
        (header("cache-control"), header("referrer-policy")),
        ("no-store".into(), "same-origin".into())
    );
    assert_eq!(
        (header("x-robots-tag"), header("x-content-type-options")),
        ("noindex, nofollow".into(), "nosniff".into())
    );
    let saved = house.fetch(&page, ("", "path=&as=save")).await;
    let address = goes_to_the_store(&saved, &store.url);
    assert!(address.contains("X-Amz-Expires=300"), "{address}");
    assert!(address.contains("attachment"), "{address}");
    let seen = goes_to_the_store(&house.fetch(&page, ("", "path=&as=show")).await, &store.url);
    assert!(seen.contains("inline") && seen.contains("text%2Fplain"), "{seen}");
    let asked = store.holding().asked_as.clone();
    let id = link["id"].as_str().expect("an id");
    let uid = house.uid_of("alice").await;
    assert!(asked.contains(&format!("RoleSessionName=u-{uid}-{id}")), "{asked}");
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
    let (_, session) = form.iter().find(|(name, _)| name == "Policy").expect("a session policy");
    let session: Value = serde_json::from_str(session).expect("JSON");
    let statements = session["Statement"].as_array().expect("statements").clone();
    let allowed: Vec<&Value> = statements.iter().filter(|s| s["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1, "{session}");
    assert_eq!(allowed[0]["Action"], json!(["s3:GetObject", "s3:GetObjectTagging"]));
    let object = format!("arn:aws:s3:::wellhouse-files/home/{uid}/a.txt");
    assert!([json!(object), json!([object])].contains(&allowed[0]["Resource"]), "{session}");
    let told = house.told_of_links().await;
    let names: Vec<_> =
        told.iter().map(|entry| entry["operation"].as_str().expect("one")).collect();
    assert_eq!(names, ["LinkFetch", "LinkFetch", "LinkOpen"]);
    for entry in &told {
        assert_eq!(
            (&entry["principal"], &entry["outcome"]),
            (&json!(format!("link/{id}")), &json!("done"))
        );
        assert_eq!(
            (&entry["source_identity"], &entry["source_ip"]),
            (&json!(uid.as_str()), &json!("192.0.2.7"))
        );
    }
    assert_eq!(told[1]["detail"], "saved `a.txt`");
    let now = house.get(LINKS, &alice).await.json()["links"][0].clone();
    assert_eq!((&now["downloads"], now["used"].is_string()), (&json!(2), true));
}

/// Each reason for which a link opens nothing.
#[derive(Debug, Clone, Copy)]
enum Ended {
    Unknown,
    Malformed,
    Expired,
    Revoked,
    UsedUp,
    Off,
    WithoutPassword,
    TooOld,
    OwnerShutOut,
    OwnerDeleted,
    OwnerLostTheGrant,
    RoleRefused,
    FileGone,
}

const ENDS: [Ended; 13] = [
    Ended::Unknown,
    Ended::Malformed,
    Ended::Expired,
    Ended::Revoked,
    Ended::UsedUp,
    Ended::Off,
    Ended::WithoutPassword,
    Ended::TooOld,
    Ended::OwnerShutOut,
    Ended::OwnerDeleted,
    Ended::OwnerLostTheGrant,
    Ended::RoleRefused,
    Ended::FileGone,
];

/// A house where the link ended so, and the address of the link.
async fn ended(how: Ended) -> (super::store::Store, House, String) {
    let (store, house, alice, home) = sharing().await;
    let (link, mut page) = house.shared(&alice, &home, json!({ "downloads_max": 1 })).await;
    let uid = house.uid_of("alice").await;
    match how {
        Ended::Unknown => page = format!("/s/{}", "0".repeat(64)),
        Ended::Malformed => page = "/s/x%22%3E%3Cscript%3E".to_owned(),
        Ended::Expired => house.pass(SignedDuration::from_hours(24 * 7)),
        Ended::Revoked => {
            let path = format!("{LINKS}/{}", link["id"].as_str().expect("an id"));
            assert_eq!(house.ask(Method::DELETE, &path, &alice, None).await.status, 204);
        }
        Ended::UsedUp => {
            assert_eq!(house.fetch(&page, ("", "path=&as=save")).await.status, 303);
        }
        Ended::Off => assert_eq!(house.rule(false, false, Value::Null).await.status, 200),
        Ended::WithoutPassword => assert_eq!(house.rule(true, true, Value::Null).await.status, 200),
        Ended::TooOld => {
            assert_eq!(house.rule(true, false, json!(1)).await.status, 200);
            house.pass(SignedDuration::from_hours(24));
        }
        Ended::OwnerShutOut => house.shut_out("alice").await,
        Ended::OwnerDeleted => {
            let path = format!("/api/v1/people/{uid}");
            assert_eq!(house.ask(Method::DELETE, &path, &house.admin, None).await.status, 200);
        }
        Ended::OwnerLostTheGrant => {
            let path = format!("/api/v1/grants/{home}");
            let done = house.ask(Method::DELETE, &path, &house.admin, None).await;
            assert!(done.status.is_success(), "{}", done.body);
        }
        Ended::RoleRefused => store.holding().assumes_nothing = true,
        Ended::FileGone => store.holding().object = None,
    }
    (store, house, page)
}

/// What is said where the link opens nothing. A password for a link that asks for none leads to its page, as
/// long as the link itself stands.
#[track_caller]
fn body_of_nothing(
    how: Ended,
    (method, below): (&Method, &str),
    (answer, shown): (&Answer, &str),
) -> Option<String> {
    let stands = matches!(how, Ended::FileGone | Ended::OwnerLostTheGrant | Ended::RoleRefused);
    if stands && method == Method::POST && below.is_empty() {
        assert_eq!(answer.status, 303, "{shown}");
        return None;
    }
    assert_eq!(answer.status, 404, "{shown}: {}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE), "{shown}");
    assert!(!answer.headers.contains_key(LOCATION), "{shown}");
    Some(answer.body.clone())
}

/// File Browser and others: a link went on when its time was over, when it was revoked, when its person was
/// shut out or lost the right. Whatever ended it, every page says the same, and the store hands out nothing.
#[tokio::test]
async fn cve_2026_35604_every_page_of_a_link_that_opens_nothing_says_the_same() {
    let mut bodies = Vec::new();
    for how in ENDS {
        let (_store, house, page) = ended(how).await;
        for (method, below, form) in &PAGES {
            let answer = house.visit(method, &format!("{page}{below}"), ("", form)).await;
            let shown = format!("{how:?} {method} {below}");
            bodies.extend(body_of_nothing(how, (method, below), (&answer, &shown)));
        }
    }
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

/// File Browser: the password was asked for by the page alone, and the files were had without it.
#[tokio::test]
async fn cve_2025_52996_what_a_password_guards_is_not_had_without_it_on_any_page() {
    let (store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({ "password": SECRET })).await;
    let (_, other) = house.shared(&alice, &home, json!({ "password": "another secret" })).await;
    let visit_of_other = house.enter(&other, "another+secret").await;
    assert_eq!(visit_of_other.status, 303, "{}", visit_of_other.body);
    let of_other = visit_of_other.cookie();
    let forged = format!("__Secure-visit={}", "0".repeat(64));
    for cookie in ["", &of_other, &forged, "__Secure-visit=x", &alice] {
        let others =
            PAGES.iter().filter(|(method, below, _)| method == Method::GET || !below.is_empty());
        for (method, below, form) in others {
            let answer = house.visit(method, &format!("{page}{below}"), (cookie, form)).await;
            assert_eq!(answer.status, 200, "{below} {}", answer.body);
            assert!(answer.body.contains("type=\"password\""), "{}", answer.body);
            assert!(!answer.body.contains("a.txt"), "{}", answer.body);
        }
        for query in ["?password=eight+or+more", "?path=a.txt"] {
            let answer = house.visit(&Method::GET, &format!("{page}{query}"), (cookie, "")).await;
            assert!(answer.body.contains("type=\"password\"") && !answer.body.contains("a.txt"));
        }
    }
    for wrong in ["", "wrong", "eight+or+more+", "EIGHT+OR+MORE", &"x".repeat(4_000)] {
        let answer = house.enter(&page, wrong).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
    let entered = house.enter(&page, "eight+or+more").await;
    assert_eq!(
        (entered.status.as_u16(), &entered.headers[LOCATION]),
        (303, &page.parse().expect("one"))
    );
    let set = entered.headers[SET_COOKIE].to_str().expect("text").to_owned();
    for guard in [
        format!("Path={page};"),
        "HttpOnly".into(),
        "Secure".into(),
        "SameSite=Lax".into(),
        "Max-Age=7200".into(),
    ] {
        assert!(set.contains(&guard), "{set}");
    }
    let visit = entered.cookie();
    let shown = house.visit(&Method::GET, &page, (&visit, "")).await;
    assert!(shown.body.contains("a.txt"), "{}", shown.body);
    goes_to_the_store(&house.fetch(&page, (&visit, "path=&as=save")).await, &store.url);
    house.pass(SignedDuration::from_hours(2));
    let over = house.visit(&Method::GET, &page, (&visit, "")).await;
    assert!(over.body.contains("type=\"password\""), "{}", over.body);
}

#[tokio::test]
async fn who_guesses_is_slowed_down_and_after_a_hundred_wrong_ones_nothing_is_judged() {
    let (_store, house, alice, home) = sharing().await;
    let (link, page) = house.shared(&alice, &home, json!({ "password": SECRET })).await;
    for _ in 0..10 {
        assert_eq!(house.enter(&page, "wrong").await.status, 403);
    }
    let slowed = house.enter(&page, "eight+or+more").await;
    assert_eq!(slowed.status, 429, "{}", slowed.body);
    assert!(slowed.headers.contains_key("retry-after"));
    let mut judged = 10;
    for _ in 0..400 {
        house.pass(SignedDuration::from_mins(15));
        let answer = house.enter(&page, "wrong").await;
        if answer.body.contains("too many wrong passwords") {
            break;
        }
        judged += i32::from(answer.status == 403);
    }
    assert_eq!(judged, 100);
    house.pass(SignedDuration::from_mins(15));
    let right = house.enter(&page, "eight+or+more").await;
    assert_eq!(right.status, 403, "the hundred-and-first is not judged");
    assert!(!right.headers.contains_key(SET_COOKIE));
    house.pass(SignedDuration::from_mins(15));
    let form = json!({ "name": "alice", "password": PASSWORD });
    let alice = house.post("/api/v1/session", "", form).await.cookie();
    assert_eq!(house.get(LINKS, &alice).await.json()["links"][0]["state"], "closed");
    let told = house.lines_after(0).await;
    let is_wrong = |detail: &Option<String>| detail.as_deref() == Some("link-password-wrong");
    let wrong = told.iter().find(|entry| is_wrong(&entry.record.detail)).expect("a line");
    let id = link["id"].as_str().expect("an id");
    assert_eq!(wrong.record.principal, format!("link/{id}"));
    assert_eq!(wrong.record.operation, "LinkEnter");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_who_fetch_at_once_as_many_are_served_as_the_link_has_left() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({ "downloads_max": 5 })).await;
    let asked = (0..100).map(|_| house.fetch(&page, ("", "path=&as=save")));
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 404).count(), 95);
    let now = house.get(LINKS, &alice).await.json()["links"][0].clone();
    assert_eq!((&now["downloads"], &now["state"]), (&json!(5), &json!("used-up")));
}

#[tokio::test]
async fn what_is_only_to_be_looked_at_is_not_saved_and_what_no_browser_shows_is_not_had() {
    let (store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({ "showing": "view" })).await;
    let shown = house.get(&page, "").await;
    assert!(shown.body.contains("value=\"show\"") && !shown.body.contains("value=\"save\""));
    goes_to_the_store(&house.fetch(&page, ("", "path=&as=show")).await, &store.url);
    for form in ["path=&as=save", "path=", "as=other"] {
        assert_eq!(house.fetch(&page, ("", form)).await.status, 404, "{form}");
    }
    for name in ["a.html", "a.svg", "a.exe"] {
        let more = json!({ "showing": "view", "path": name });
        let (_, page) = house.shared(&alice, &home, more).await;
        for showing in ["show", "save"] {
            let answer = house.fetch(&page, ("", &format!("path=&as={showing}"))).await;
            assert_eq!(answer.status, 404, "{name}");
        }
        // And where it may be saved, it is never shown.
        let (_, page) = house.shared(&alice, &home, json!({ "path": name })).await;
        let address = goes_to_the_store(&house.fetch(&page, ("", "as=show")).await, &store.url);
        assert!(address.contains("attachment"), "{address}");
    }
}

/// File Browser: a link to a folder opened the folder around it.
#[tokio::test]
async fn cve_2026_28492_a_link_to_a_folder_opens_nothing_beside_it() {
    let (store, house, alice, home) = sharing().await;
    let uid = house.uid_of("alice").await;
    let key = format!("home/{uid}/team/b.txt");
    store.holding().listing = format!(
        "<Contents><Key>{key}</Key><Size>3</Size><LastModified>2027-01-15T08:00:00Z</LastModified>\
         <ETag>\"e\"</ETag></Contents>"
    );
    let (_, page) = house.shared(&alice, &home, json!({ "path": "team/" })).await;
    let shown = house.get(&page, "").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("b.txt") && shown.body.contains("team"), "{}", shown.body);
    assert!(!shown.body.contains(uid.as_str()), "{}", shown.body);
    let saved = house.fetch(&page, ("", "path=b.txt&as=save")).await;
    let address = goes_to_the_store(&saved, &store.url);
    assert!(address.contains("/team/b.txt"), "{address}");
    let outside = [
        "../a.txt",
        "..%2Fa.txt",
        "%2e%2e/a.txt",
        "x/../../a.txt",
        "/a.txt",
        "//a.txt",
        "..\\a.txt",
        "./b.txt",
        "b//c",
        "../team2/b.txt",
        "..",
        ".",
        "%2F",
        "a%00b",
        "",
        "%5c..%5ca.txt",
    ];
    for path in outside {
        let answer = house.fetch(&page, ("", &format!("path={path}&as=save"))).await;
        assert_eq!(answer.status, 404, "{path}: {:?}", answer.headers.get(LOCATION));
        if path.is_empty() {
            continue;
        }
        for path in [path.to_owned(), format!("{path}/")] {
            let listed = house.get(&format!("{page}?path={path}"), "").await;
            assert_eq!(listed.status, 404, "{path}");
            let form = format!("path={path}");
            let packed = house.visit(&Method::POST, &format!("{page}/archive"), ("", &form)).await;
            assert_eq!(packed.status, 404, "{path}");
        }
    }
    // Twice encoded is once encoded: a name that holds a percent sign, below the folder.
    let odd = house.fetch(&page, ("", "path=%252e%252e%252fa.txt&as=save")).await;
    let address = goes_to_the_store(&odd, &store.url);
    assert!(address.contains("/team/%252e%252e%252fa.txt"), "{address}");
    // A link to a file has nothing below it.
    let (_, file) = house.shared(&alice, &home, json!({})).await;
    for path in ["a.txt", "b.txt", "../a.txt"] {
        let answer = house.fetch(&file, ("", &format!("path={path}&as=save"))).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

/// What is missing in an archive is named there; why it is tells of persons, roles and buckets.
#[tokio::test]
async fn an_archive_tells_strangers_what_is_missing_and_not_why() {
    let (store, house, alice, home) = sharing().await;
    let uid = house.uid_of("alice").await;
    store.holding().listing = format!(
        "<Contents><Key>home/{uid}/team/b.txt</Key><Size>3</Size>\
         <LastModified>2027-01-15T08:00:00Z</LastModified><ETag>\"e\"</ETag></Contents>"
    );
    let (link, page) = house.shared(&alice, &home, json!({ "path": "team/" })).await;
    let id = link["id"].as_str().expect("an id");
    store.holding().denied = Some(format!(
        "User: arn:aws:sts::000000000000:assumed-role/RegularUserRole/u-{uid}-{id} is not authorized \
         to perform: s3:GetObject on resource: arn:aws:s3:::wellhouse-files/home/{uid}/team/b.txt"
    ));
    let packed = house.visit(&Method::POST, &format!("{page}/archive"), ("", "path=")).await;
    assert_eq!(packed.status, 200, "{}", packed.body);
    for told in ["NOT IN THIS ARCHIVE.txt", "team/b.txt", "it cannot be had by this link"] {
        assert!(packed.body.contains(told), "{told}: {}", packed.body);
    }
    for kept in [uid.as_str(), id, "arn:", "Role", "wellhouse-files", "home/", "s3:", "alice"] {
        assert!(!packed.body.contains(kept), "{kept}: {}", packed.body);
    }
}

#[tokio::test]
async fn nothing_of_the_application_is_below_the_address_of_a_link() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({})).await;
    let below = ["/", "/x", "/x/y", "/file/x", "/index.html", "/assets/x.js"];
    let below = below.iter().map(|below| format!("{page}{below}"));
    let odd = ["/s/", "/s/x", "/s/x/", "/s/x/file", "/s/x/archive"];
    for address in below.chain(odd.map(str::to_owned)) {
        let answer = house.get(&address, "").await;
        assert_eq!(answer.status, 404, "{address}: {:?}", answer.headers.get(LOCATION));
        assert!(answer.body.contains("There is nothing here"), "{address}: {}", answer.body);
        assert!(!answer.body.contains("<script"), "{address}");
    }
    let loaded_anew = house.get(&format!("{page}/file"), "").await;
    assert_eq!(loaded_anew.headers[LOCATION], page.as_str());
}

#[tokio::test]
async fn strangers_have_a_pace_of_their_own_and_who_looks_on_and_on_is_counted() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({})).await;
    let mut shown = 0;
    while house.get(&page, "").await.status == 200 {
        shown += 1;
    }
    assert_eq!(shown, LINK_REQUESTS_AT_ONCE.get());
    assert_eq!(house.get(&page, "").await.status, 503);
    house.pass(SignedDuration::from_mins(10));
    assert_eq!(house.get(&page, "").await.status, 200);
    let told = house.told_of_links().await;
    let looks: Vec<_> = told
        .iter()
        .filter(|entry| entry["operation"] == "LinkOpen")
        .map(|e| &e["detail"])
        .collect();
    let (first, more) =
        (json!("looked at `a.txt`"), format!("looked at `a.txt`: {} more", shown - 1));
    assert_eq!(looks.iter().filter(|detail| **detail == &first).count(), 2, "{looks:?}");
    assert_eq!(looks.len(), 3, "{looks:?}");
    let counted = |detail: &&Value| detail.as_str().is_some_and(|text| text.starts_with(&more));
    assert!(looks.iter().any(counted), "{looks:?}");
}

/// What opens a link is in no log, however it is asked and whatever comes of it.
#[tokio::test]
async fn no_log_holds_what_opens_a_link() {
    let log = listen();
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({ "password": SECRET })).await;
    let token = page.strip_prefix("/s/").expect("a token");
    house.enter(&page, "wrong").await;
    let visit = house.enter(&page, "eight+or+more").await.cookie();
    for (method, below, form) in &PAGES {
        house.visit(method, &format!("{page}{below}"), (&visit, form)).await;
    }
    for odd in [format!("{page}/x/y"), format!("{page}/"), format!("{page}?password=eight+or+more")]
    {
        house.visit(&Method::GET, &odd, ("", "")).await;
        house.visit(&Method::PUT, &odd, ("", "")).await;
    }
    let trail = house.get("/api/v1/audit", &house.admin).await.body;
    let logged = log.text();
    assert!(logged.contains("/s/…"), "{logged}");
    for secret in [token, SECRET, "eight+or+more", visit.split('=').nth(1).expect("a visit")] {
        assert!(!logged.contains(secret) && !trail.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_link_takes_forms_of_its_own_pages_and_of_no_other_site() {
    let (_store, house, alice, home) = sharing().await;
    let (_, page) = house.shared(&alice, &home, json!({ "downloads_max": 2 })).await;
    let ask = async |headers: &[(&str, &str)]| {
        let mut request = Request::post(format!("{page}/file"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        house.send(request.body(Body::from("path=&as=save")).expect("a request")).await.status
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(ask(&[form]).await, 403);
    assert_eq!(ask(&[form, ("origin", "https://evil.example")]).await, 403);
    assert_eq!(ask(&[form, ("sec-fetch-site", "cross-site"), ("origin", "null")]).await, 403);
    assert_eq!(
        ask(&[("content-type", "text/plain"), ("sec-fetch-site", "same-origin")]).await,
        415
    );
    assert_eq!(ask(&[form, ("origin", ORIGIN)]).await, 303);
    // A proxy that sends `Referrer-Policy: no-referrer` makes browsers say so of their own forms.
    assert_eq!(ask(&[form, ("sec-fetch-site", "same-origin"), ("origin", "null")]).await, 303);
    let json = json!({ "path": "a" });
    house
        .ask(Method::POST, &format!("{page}/file"), "", Some(json))
        .await
        .problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn pages_are_in_german_too_and_names_are_nothing_but_names() {
    let (store, house, alice, home) = sharing().await;
    let name = "\"><img src=x onerror=alert(1)>\u{202e}gpj.txt";
    let (_, page) = house.shared(&alice, &home, json!({ "path": name })).await;
    let request = Request::get(&page).header("accept-language", "de-AT,de;q=0.9");
    let shown = house.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(
        (shown.status.as_u16(), &shown.headers["content-language"]),
        (200, &"de".parse().expect("one"))
    );
    assert!(shown.body.contains("Herunterladen") && shown.body.contains("<html lang=\"de\">"));
    assert!(!shown.body.contains("<img") && !shown.body.contains('\u{202e}'), "{}", shown.body);
    goes_to_the_store(&house.fetch(&page, ("", "as=save")).await, &store.url);
    let style = house.get("/s/page.css", "").await;
    assert_eq!(
        (style.status.as_u16(), &style.headers[CONTENT_TYPE]),
        (200, &"text/css; charset=utf-8".parse().expect("one"))
    );
}
