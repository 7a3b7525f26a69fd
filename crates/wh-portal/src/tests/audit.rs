//! What is done through this door stands in the audit log, whatever route it took.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wh_ledger::AuditEntry;

use super::doors::{Route, body_for, routes};
use super::house::{Answer, House, PASSWORD};

/// The newest entries first.
async fn log(house: &House, query: &str) -> Vec<Value> {
    let answer = house.get(&format!("/api/v1/audit{query}"), &house.admin).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["entries"].as_array().expect("entries").clone()
}

async fn newest(house: &House) -> i64 {
    house.lines_after(0).await.first().map_or(0, |line| line.seq)
}

async fn sign_in(house: &House, name: &str, password: &str) -> Answer {
    let form = json!({ "name": name, "password": password });
    house.post("/api/v1/session", "", form).await
}

/// These write their own line, in one transaction with the change, or ask the browser for something
/// and change nothing.
fn is_elsewhere(path: &str) -> bool {
    let own = ["/keys", "second-factor", "/proof", "/account/passkeys", "/challenge", "/tokens"];
    let leaves = path.contains("/session/providers/") && !path.ends_with("/answer");
    let asks = path.ends_with("/changes/preview") || path.ends_with("/policies/check");
    leaves || asks || path.contains("/identities") || own.iter().any(|own| path.contains(own))
}

/// Whoever was signed in before is not who signs in, registers or sets up.
fn expected(route: &Route, who: &'static str) -> &'static str {
    let doors = [
        "/invitation",
        "/invitation/accept",
        "/mail-check",
        "/new-password",
        "/password-reset",
        "/registration",
        "/session",
        "/session/passkey",
        "/setup",
        "/answer",
    ];
    let enters = route.method == Method::POST && doors.iter().any(|d| route.path.ends_with(d));
    if enters { "anonymous" } else { who }
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_a_line() {
    let house = House::new().await;
    let changing = |method: &Method| *method != Method::GET;
    let mut routes: Vec<_> = routes().into_iter().filter(|route| changing(&route.method)).collect();
    assert!(routes.len() >= 20, "{}", routes.len());
    // Whoever signs out can do no more.
    routes.sort_by_key(|route| route.method == Method::DELETE && route.path.ends_with("/session"));
    for route in routes.iter().filter(|route| !is_elsewhere(&route.path)) {
        let shown = format!("{} {}", route.method, route.path);
        for (cookie, who) in [("", "anonymous"), (house.admin.as_str(), "person/")] {
            let who = expected(route, who);
            let before = newest(&house).await;
            let body = body_for(&route.method);
            let answer = house.ask(route.method.clone(), &route.path, cookie, body).await;
            tells(&house.lines_after(before).await, &answer, (&shown, who));
        }
    }
}

/// One line, of who it was, by the id that the client was told, with its end.
#[track_caller]
fn tells(new: &[AuditEntry], answer: &Answer, (shown, who): (&str, &str)) {
    let [line] = new else { panic!("{shown} as {who} left {} lines", new.len()) };
    let record = &line.record;
    assert!(record.principal.starts_with(who), "{shown}: {line:?}");
    assert!(record.action.starts_with("portal:"), "{shown}: {line:?}");
    assert_eq!(record.request_id, answer.headers["x-request-id"].to_str().expect("an id"));
    assert_eq!(record.source_ip.as_deref(), Some("192.0.2.7"));
    let done = answer.status.is_success();
    assert_eq!(line.came_of_it() == "done", done, "{shown}: {line:?}");
    assert_ne!(line.came_of_it(), "unknown", "{shown}: {line:?}");
}

#[tokio::test]
async fn the_log_tells_who_it_was_and_what_is_different_now() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let wrong = "not the password of alice";
    sign_in(&house, "alice", wrong).await.problem(401, "login-refused");
    let grants = format!("/api/v1/people/{uid}/grants");
    let form = json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box" });
    let given = house.post(&grants, &house.admin, form).await.json();
    let grant = format!("/api/v1/grants/{}", given["id"].as_str().expect("an id"));
    house.ask(Method::DELETE, &grant, &house.admin, None).await;
    let closed = json!({ "registration": "closed", "homes": true });
    house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(closed)).await;
    let told: Vec<_> = log(&house, "?action=portal:").await;
    let told: Vec<_> = told
        .iter()
        .map(|e| {
            let text = |field: &str| e[field].as_str().unwrap_or_default().to_owned();
            let root = e["source_identity"] != json!(uid.as_str());
            let who = match text("principal").as_str() {
                "anonymous" => "nobody",
                who if who == format!("unproven/{uid}") => "not alice",
                _ if root => "root",
                _ => "alice",
            };
            (text("operation"), who, text("outcome"), text("detail"))
        })
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(operation, who, outcome, detail)| {
            (operation.as_str(), *who, outcome.as_str(), detail.as_str())
        })
        .collect();
    let of = format!("UploadRole on wellhouse-files/inbox/ for person/{uid}");
    let (given, taken) =
        (format!("before: nothing; now: {of}"), format!("before: {of}; now: taken away"));
    let settings = "before: registration open, with homes; now: registration closed, with homes";
    assert_eq!(
        told,
        [
            ("SettingsChange", "root", "done", settings),
            ("GrantsRemove", "root", "done", taken.as_str()),
            ("GrantsAdd", "root", "done", given.as_str()),
            ("SessionSignIn", "not alice", "refused", "login-refused"),
            ("SessionSignIn", "alice", "done", ""),
            ("RegistrationRegister", "alice", "done", ""),
            ("SetupComplete", "root", "done", ""),
        ]
    );
    for (query, count) in [
        (format!("?who={uid}"), 2),
        ("?outcome=refused".to_owned(), 1),
        ("?action=portal:Grants".to_owned(), 2),
        (format!("?resource=people/{uid}"), 1),
        ("?until=2020-01-01T00:00:00Z".to_owned(), 0),
    ] {
        assert_eq!(log(&house, &query).await.len(), count, "{query}");
    }
    let wrong_time = house.get("/api/v1/audit?since=yesterday", &house.admin).await;
    assert_eq!(wrong_time.problem(400, "invalid-parameter")["field"], "since");
    for format in ["csv", "jsonl"] {
        let all = house.get(&format!("/api/v1/audit/export?format={format}"), &house.admin).await;
        assert_eq!(all.status, 200);
        assert!(all.body.contains(&taken), "{}", all.body);
        assert!(!all.body.contains(PASSWORD) && !all.body.contains(wrong), "a secret");
    }
    assert_eq!(log(&house, "?action=portal:AuditExport").await.len(), 2);
    let none = house.get("/api/v1/audit/export?format=csv&who=nobody", &house.admin).await;
    assert_eq!(none.body.lines().count(), 1, "{}", none.body);
}

#[tokio::test]
async fn who_reads_what_is_for_administrators_is_told_in_the_log() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    house.get("/api/v1/audit", &alice).await.problem(403, "not-administrator");
    let refused = log(&house, "?action=portal:Audit").await;
    assert_eq!((refused.len(), &refused[0]["detail"]), (1, &json!("not-administrator")));
    house.get("/api/v1/session", "").await.problem(401, "not-signed-in");
    assert_eq!(log(&house, "?action=portal:SessionShow").await.len(), 0, "pages ask that often");
}

#[tokio::test]
async fn a_failed_sign_in_tells_whom_it_concerns_and_never_what_was_typed() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let wrong = "not the password of alice";
    let there = sign_in(&house, "ALICE", wrong).await;
    let absent = sign_in(&house, "secret typed as a name", wrong).await;
    assert_eq!((there.status, &there.body), (absent.status, &absent.body));
    let lines = house.lines_after(0).await;
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.came_of_it() == "refused")
        .map(|line| (line.record.principal.as_str(), line.record.resource.as_str()))
        .collect();
    let (principal, resource) = (format!("unproven/{uid}"), format!("person/{uid}"));
    assert_eq!(told, [("anonymous", "session"), (principal.as_str(), resource.as_str())]);
    assert!(
        lines.iter().all(|line| line.record.source_identity.as_ref() != Some(&uid.to_string())
            || line.came_of_it() == "done")
    );
    assert!(!format!("{lines:?}").contains("typed as a name"));
    // Nor is it put down to whoever was signed in before.
    let form = json!({ "name": "alice", "password": wrong });
    house.post("/api/v1/session", &house.admin, form).await.problem(401, "login-refused");
    assert!(house.lines_after(0).await[0].record.principal.starts_with("unproven/"));
}

#[tokio::test]
async fn a_second_step_that_fails_leaves_a_line_and_not_one_of_whoever_was_signed_in_before() {
    let house = House::new().await;
    let path = "/api/v1/session/second-factor";
    let code = json!({ "code": "000000" });
    for cookie in ["", house.admin.as_str()] {
        let before = newest(&house).await;
        house.post(path, cookie, code.clone()).await.problem(403, "sign-in-over");
        let lines = house.lines_after(before).await;
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        let record = &line.record;
        assert_eq!((record.principal.as_str(), line.came_of_it()), ("anonymous", "refused"));
        assert_eq!(record.detail.as_deref(), Some("sign-in-over"));
    }
    // A wrong code is told of once, as that of the person whose password was right.
    let bob = house.register("bob").await;
    let form = json!({ "name": "root", "password": PASSWORD });
    let half_way = house.post("/api/v1/session", "", form).await.cookie();
    let (before, both) = (newest(&house).await, format!("{half_way}; {bob}"));
    house.post(path, &both, code).await.problem(403, "code-refused");
    let lines = house.lines_after(before).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line.record.operation, "SignInBySecondFactor");
    assert_ne!(line.record.principal, format!("person/{}", house.uid_of("bob").await));
}

#[tokio::test]
async fn who_asks_for_somebody_elses_location_is_told_in_the_log() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let before = newest(&house).await;
    let elsewhere = "/api/v1/locations/01arz3ndektsv4rrffq69g5fav/entries";
    house.get(elsewhere, &alice).await.problem(404, "no-such-location");
    let lines = house.lines_after(before).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line.record.detail.as_deref(), Some("no-such-location"));
    assert_eq!(line.record.principal, format!("person/{}", house.uid_of("alice").await));
}

#[tokio::test]
async fn nothing_is_done_that_cannot_be_written_down() {
    let mut house = House::new().await;
    house.lose_the_log().await;
    let closed = json!({ "registration": "closed", "homes": true });
    let answer = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(closed)).await;
    answer.problem(503, "unrecorded");
    let settings = house.get("/api/v1/settings", &house.admin).await.json();
    assert_eq!(settings["registration"], "open");
}
