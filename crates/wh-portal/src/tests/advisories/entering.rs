//! Ways in: each is slow to guess at, tells nothing, and cannot be gone around.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::tests::doors::routes;
use crate::tests::house::{Answer, Authenticator, House, ORIGIN, PASSWORD};

const WRONG: &str = "not the password at all";
const FACTOR: &str = "/api/v1/account/second-factor";
const STEP: &str = "/api/v1/session/second-factor";
const PROOF: &str = "/api/v1/session/proof";

/// Asks until it is told to wait; how many were answered before.
async fn until_throttled(house: &House, path: &str, cookie: &str, body: &Value) -> usize {
    for n in 0..60 {
        let answer = house.post(path, cookie, body.clone()).await;
        if answer.status == 429 {
            let wait = answer.headers[RETRY_AFTER].to_str().expect("text");
            assert!(wait.parse::<u32>().is_ok_and(|seconds| seconds > 0), "{wait}");
            return n;
        }
        assert!(answer.status.is_client_error(), "{path}: {}", answer.body);
    }
    panic!("{path} can be guessed at for ever");
}

async fn sign_in(house: &House, name: &str, password: &str) -> Answer {
    let form = json!({ "name": name, "password": password });
    house.post("/api/v1/session", "", form).await
}

/// Gives somebody a second factor; their new cookie and recovery codes.
async fn with_codes(house: &House, cookie: &str) -> (String, Vec<String>) {
    let offer = house.ask(Method::POST, FACTOR, cookie, None).await;
    let authenticator = Authenticator::scan(offer.json()["uri"].as_str().expect("a URI"));
    let code = json!({ "code": authenticator.code(house.now()) });
    let done = house.post(&format!("{FACTOR}/confirm"), cookie, code).await;
    assert_eq!(done.status, 200, "{}", done.body);
    house.pass(SignedDuration::from_secs(30));
    let codes = done.json()["codes"].as_array().expect("codes").clone();
    let codes = codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect();
    (done.cookie(), codes)
}

/// MinIO: sign-in by one door could be guessed at without end. Ours has four places that ask for the
/// password.
#[tokio::test]
async fn cve_2026_33419_every_place_that_asks_for_the_password_is_slow_to_guess_at() {
    let house = House::new().await;
    let mut cookies = Vec::new();
    for name in ["alice", "bettina", "carla"] {
        cookies.push(house.register(name).await);
    }
    let home = house.location(&cookies[2], "home/").await;
    let key = json!({ "name": "k", "location": home, "days": 1, "actions": null,
        "password": WRONG });
    for (path, cookie, body) in [
        ("/api/v1/session", "", json!({ "name": "alice", "password": WRONG })),
        (
            "/api/v1/account/password",
            cookies[0].as_str(),
            json!({ "current": WRONG, "new": "another long password" }),
        ),
        (PROOF, cookies[1].as_str(), json!({ "password": WRONG })),
        ("/api/v1/keys", cookies[2].as_str(), key),
    ] {
        let answered = until_throttled(&house, path, cookie, &body).await;
        assert!(answered <= 8, "{path}: {answered} guesses before the first wait");
    }
}

/// FileBrowser Quantum: the throttle counted by an address that the guesser chose. The names differ
/// here, so that only the address is counted.
#[tokio::test]
async fn ghsa_r4v7_another_forwarded_address_is_no_new_guesser() {
    let house = House::new().await;
    let guess = async |n: usize| {
        let form = json!({ "name": format!("nobody {n}"), "password": WRONG }).to_string();
        let request = Request::post("/api/v1/session").header("origin", ORIGIN);
        let request = request.header("x-forwarded-for", format!("203.0.113.{n}"));
        let request = request.header(CONTENT_TYPE, "application/json");
        house.send(request.body(Body::from(form)).expect("a request")).await.status
    };
    let mut last = 0;
    for n in 0..60 {
        last = guess(n).await.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "60 guesses from one address went through");
}

/// SFTPGo: recovery codes could be guessed and used again, on a way in of their own.
#[tokio::test]
async fn cve_2022_36071_a_recovery_code_counts_once_for_its_person_and_is_slow_to_guess() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let bob = house.register("bob").await;
    let (_, codes) = with_codes(&house, &alice).await;
    with_codes(&house, &bob).await;
    let half_way = async |name: &str| sign_in(&house, name, PASSWORD).await.cookie();
    let code = |n: usize| json!({ "recovery_code": codes[n] });
    house.post(STEP, &half_way("bob").await, code(0)).await.problem(403, "code-refused");
    assert_eq!(house.post(STEP, &half_way("alice").await, code(0)).await.status, 200);
    house.post(STEP, &half_way("alice").await, code(0)).await.problem(403, "code-refused");
    // One sign-in takes five codes, and one address does not begin for ever anew.
    let guess = json!({ "recovery_code": "0000-0000-0000-0000-0000-0000" });
    let waiting = half_way("alice").await;
    for _ in 0..5 {
        house.post(STEP, &waiting, guess.clone()).await.problem(403, "code-refused");
    }
    house.post(STEP, &waiting, code(1)).await.problem(403, "sign-in-over");
    let mut last = 0;
    for _ in 0..60 {
        let answer = sign_in(&house, "alice", PASSWORD).await;
        last = answer.status.as_u16();
        if last == 429 {
            break;
        }
        last = house.post(STEP, &answer.cookie(), guess.clone()).await.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "60 guesses from one address went through");
}

/// MinIO: a second way in was weaker than the first. Half of a sign-in is none, wherever it is shown.
#[tokio::test]
async fn cve_2025_27414_half_a_sign_in_opens_no_route() {
    let house = House::new().await;
    let pending = sign_in(&house, "root", PASSWORD).await.cookie();
    let token = pending.trim_start_matches("__Host-sign-in=").to_owned();
    let shown = [pending.clone(), format!("__Host-sid={token}"), format!("sid={token}")];
    let closed: Vec<_> = routes().into_iter().filter(|route| !route.public()).collect();
    assert!(closed.len() > 30, "{}", closed.len());
    for route in &closed {
        for cookie in &shown {
            let body = crate::tests::doors::body_for(&route.method);
            let answer = house.ask(route.method.clone(), &route.path, cookie, body).await;
            answer.problem(401, "not-signed-in");
        }
    }
}

/// SFTPGo: sessions could be found by trying. Ours have 256 bits, and one bit less is another.
#[tokio::test]
async fn cve_2024_52801_a_session_is_found_by_the_whole_of_its_token_alone() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let token = alice.trim_start_matches("__Host-sid=").to_owned();
    assert_eq!(token.len(), 64, "256 bits in hexadecimal");
    let ask =
        async |token: &str| house.get("/api/v1/session", &format!("__Host-sid={token}")).await;
    for at in 0..token.len() {
        let mut other: Vec<char> = token.chars().collect();
        other[at] = if other[at] == '0' { '1' } else { '0' };
        let other: String = other.into_iter().collect();
        ask(&other).await.problem(401, "not-signed-in");
    }
    let short: String = token.chars().skip(1).collect();
    for other in [&short, &token.to_uppercase(), &format!("{token}0"), "%", "*", ""] {
        assert_ne!(other, token);
        ask(other).await.problem(401, "not-signed-in");
    }
    assert_eq!(ask(&token).await.status, 200);
}

/// RustFS: who exists could be told from answers. Whatever stands with a person, a wrong password is
/// answered as for nobody.
#[tokio::test]
async fn ghsa_3p3x_a_wrong_password_is_answered_alike_however_a_person_stands() {
    let house = House::new().await;
    house.register("active").await;
    let factor = house.register("factor").await;
    house.enrol(&factor).await;
    house.register("disabled").await;
    let uid = house.uid_of("disabled").await;
    let path = format!("/api/v1/people/{uid}/disable");
    house.ask(Method::POST, &path, &house.admin, None).await;
    let settings = json!({ "registration": "approval", "homes": true });
    house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
    let form = json!({ "name": "pending", "password": PASSWORD });
    assert_eq!(house.post("/api/v1/registration", "", form).await.status, 201);
    let mut told = Vec::new();
    for name in ["nobody", "active", "factor", "disabled", "pending", "root"] {
        let answer = sign_in(&house, name, WRONG).await;
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        told.push((name, answer.status, format!("{headers:?}"), answer.body));
    }
    for (name, status, headers, body) in &told {
        let nobody = (&told[0].1, &told[0].2, &told[0].3);
        assert_eq!((status, headers, body), nobody, "{name} is told from nobody");
    }
}

/// File Browser: a crowd that signs in at one moment took all the memory. What is beyond the places is
/// turned away before anything is done for it; the others and whoever asks for something else are served.
#[tokio::test]
async fn cve_2026_54092_of_a_crowd_at_the_door_no_more_are_served_than_there_are_places_for() {
    let house = House::new().await;
    let before = house.lines_after(0).await.first().map_or(0, |line| line.seq);
    let guess = async |n: usize| sign_in(&house, &format!("guest {n}"), WRONG).await;
    let crowd = futures::future::join_all((0..300).map(guess));
    let (answers, other) = tokio::join!(crowd, house.get("/api/v1/registration", ""));
    assert_eq!(other.status, 200);
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    // Two hashes at once, sixteen wait for each, and as many again are on their way, some of whom their
    // address delays.
    assert!(count(401) >= 2 * 17, "{}", count(401));
    assert!(count(503) >= 300 - 2 * 2 * 17, "{}", count(503));
    assert_eq!(count(401) + count(429) + count(503), answers.len());
    let tried = house.lines_after(before).await.len();
    assert!(tried <= 2 * 2 * 17, "{tried} were looked at, of 300 who came");
    for answer in answers.iter().filter(|answer| answer.status == 503) {
        assert!(answer.headers.contains_key("retry-after"), "{}", answer.body);
    }
    let again = sign_in(&house, "guest 299", WRONG).await;
    assert_ne!(again.status, 503, "the places are free again: {}", again.body);
}

/// RustFS: strangers learnt who is there. Nor do they by registering, of which only the log tells more.
#[tokio::test]
async fn ghsa_3p3x_a_taken_name_is_answered_as_a_free_one() {
    let house = House::new().await;
    house.register("alice").await;
    for (mode, status) in [("open", "active"), ("approval", "pending")] {
        let settings = json!({ "registration": mode, "homes": true });
        house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
        let mut told = Vec::new();
        for name in [&format!("free in {mode}"), "alice", "ALICE", "a1ice", "root"] {
            let form = json!({ "name": name, "password": WRONG });
            let answer = house.post("/api/v1/registration", "", form).await;
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            told.push((name.to_owned(), answer.status, format!("{headers:?}"), answer.body));
        }
        for (name, code, headers, body) in &told {
            let free = (&told[0].1, &told[0].2, &told[0].3);
            assert_eq!((code, headers, body), free, "{name} is told from a free name");
            assert!(body.contains(status), "{body}");
        }
    }
    let lines = house.lines_after(0).await;
    let detail = "nobody was registered: the name is taken";
    let told = lines.iter().filter_map(|line| line.outcome.as_ref()?.detail.as_deref());
    assert_eq!(told.filter(|told| *told == detail).count(), 8, "only the log says so");
    sign_in(&house, "alice", WRONG).await.problem(401, "login-refused");
    assert_eq!(sign_in(&house, "alice", PASSWORD).await.status, 200, "she is as she was");
}

/// File Browser: a password could be changed without the one before. No route sets anybody else's.
#[tokio::test]
async fn cve_2026_25889_a_password_is_changed_only_by_whoever_knows_it() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let new = "another long password";
    for (body, status) in [
        (json!({ "new": new }), 400),
        (json!({ "current": null, "new": new }), 400),
        (json!({ "current": "", "new": new }), 400),
        (json!({ "current": [PASSWORD], "new": new }), 400),
        (json!({ "current": WRONG, "new": new }), 403),
        (json!({ "current": new, "new": new }), 403),
        (json!({ "current": PASSWORD, "new": new, "name": "root" }), 400),
        (json!({ "current": PASSWORD, "new": new, "uid": "01arz3ndektsv4rrffq69g5fav" }), 400),
    ] {
        let answer = house.post("/api/v1/account/password", &alice, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    assert_eq!(sign_in(&house, "alice", PASSWORD).await.status, 200, "it is what it was");
    sign_in(&house, "alice", new).await.problem(401, "login-refused");
    // An administrator neither sets nor learns one: nothing that is about persons takes a password.
    let api: Value = serde_json::from_str(&crate::openapi()).expect("JSON");
    for (path, item) in api["paths"].as_object().expect("paths") {
        if path.starts_with("/api/v1/people") {
            let bodies = item.as_object().expect("operations").values();
            let shown: String = bodies.map(|o| o["requestBody"].to_string()).collect();
            assert!(!shown.contains("assword"), "{path}: {shown}");
        }
    }
    let people = &api["components"]["schemas"]["PersonRecord"]["properties"];
    let secret = |name: &&String| name.contains("password") || name.contains("hash");
    assert_eq!(people.as_object().expect("fields").keys().find(secret), None);
}

/// SFTPGo: a reset let in whoever asked for it. Resetting a second factor signs nobody in, and what
/// was half-way before it goes no further.
#[tokio::test]
async fn cve_2024_37897_a_reset_lets_nobody_in() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let bob = house.register("bob").await;
    let (alice, codes) = with_codes(&house, &alice).await;
    let uid = house.uid_of("alice").await;
    let reset = format!("/api/v1/people/{uid}/reset-second-factor");
    for cookie in [&alice, &bob] {
        let refused = house.ask(Method::POST, &reset, cookie, None).await;
        refused.problem(403, "not-administrator");
    }
    house.ask(Method::POST, &reset, "", None).await.problem(401, "not-signed-in");
    let half_way = sign_in(&house, "alice", PASSWORD).await.cookie();
    let done = house.ask(Method::POST, &reset, &house.admin, None).await;
    assert_eq!((done.status.as_u16(), done.body.as_str()), (204, ""), "it tells no secret");
    let code = json!({ "recovery_code": codes[0] });
    house.post(STEP, &half_way, code).await.problem(403, "sign-in-over");
    house.get("/api/v1/session", &alice).await.problem(401, "not-signed-in");
    sign_in(&house, "alice", WRONG).await.problem(401, "login-refused");
}

/// Questions that are too long for an address or take their time, and change nothing.
const CHANGE_NOTHING: [&str; 5] = [
    "/api/v1/changes/preview",
    "/api/v1/policies/check",
    "/api/v1/posture/checks",
    "/api/v1/search/rebuild",
    "/api/v1/simulations",
];

/// MinIO and RustFS: routes of administration that asked for the wrong right, or for none. Every one
/// of ours, asked by everybody who is not quite an administrator.
#[tokio::test]
async fn cve_2024_55949_every_route_of_administration_asks_for_an_administrator_who_proved_it() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let half_way = sign_in(&house, "root", PASSWORD).await.cookie();
    house.pass(SignedDuration::from_mins(11));
    let mut changing = 0;
    for route in routes().into_iter().filter(super::super::doors::Route::administrators) {
        let ask = async |cookie: &str| {
            let body = crate::tests::doors::body_for(&route.method);
            house.ask(route.method.clone(), &route.path, cookie, body).await
        };
        ask("").await.problem(401, "not-signed-in");
        ask(&half_way).await.problem(401, "not-signed-in");
        ask(&alice).await.problem(403, "not-administrator");
        if route.method != Method::GET && !CHANGE_NOTHING.contains(&route.path.as_str()) {
            ask(&house.admin).await.problem(403, "step-up-needed");
            changing += 1;
        }
    }
    assert!(changing >= 8, "{changing}");
}
