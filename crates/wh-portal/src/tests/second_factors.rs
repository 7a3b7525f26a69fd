//! Two-step sign-in, and proving once more who one is.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::doors::{body_for, routes};
use super::house::{Answer, House, PASSWORD};

const ACCOUNT: &str = "/api/v1/account/second-factor";
const STEP: &str = "/api/v1/session/second-factor";
const PROOF: &str = "/api/v1/session/proof";

impl House {
    /// The first step, of somebody with a second factor; the cookie of the second comes back.
    async fn half_way(&self, name: &str) -> String {
        let form = json!({ "name": name, "password": PASSWORD });
        let answer = self.post("/api/v1/session", "", form).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.cookie()
    }

    fn root_code(&self) -> Value {
        let authenticator = self.authenticator.as_ref().expect("an authenticator");
        json!({ "code": authenticator.code(self.now()) })
    }
}

fn is_session(answer: &Answer) -> bool {
    answer.cookie().starts_with("__Host-sid=")
}

#[tokio::test]
async fn the_password_alone_opens_no_route_and_the_code_opens_them() {
    let house = House::new().await;
    let form = json!({ "name": "root", "password": PASSWORD });
    let first = house.post("/api/v1/session", "", form).await;
    assert_eq!(first.status, 202, "{}", first.body);
    let set = first.headers[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(set.starts_with("__Host-sign-in="), "{set}");
    assert!(set.ends_with("Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
    let pending = first.cookie();
    let token = pending.trim_start_matches("__Host-sign-in=");
    assert!(!first.body.contains(token));
    for cookie in [pending.clone(), format!("__Host-sid={token}")] {
        for path in ["/api/v1/session", "/api/v1/locations", ACCOUNT] {
            house.get(path, &cookie).await.problem(401, "not-signed-in");
        }
    }
    let code = house.root_code();
    house.post(STEP, "", code.clone()).await.problem(403, "sign-in-over");
    let as_session = format!("__Host-sid={token}");
    house.post(STEP, &as_session, code.clone()).await.problem(403, "sign-in-over");
    let done = house.post(STEP, &pending, code).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(
        done.json()["second_factor"],
        json!({ "set": true, "totp": true, "passkey": false, "provider": false, "required": true })
    );
    assert!(is_session(&done));
    let cookies: Vec<_> = done.headers.get_all(SET_COOKIE).iter().collect();
    let is_cleared = |line: &&HeaderValue| {
        line.to_str().is_ok_and(|l| l.starts_with("__Host-sign-in=; Max-Age=0;"))
    };
    assert!(cookies.iter().any(is_cleared), "{cookies:?}");
    assert_eq!(house.get("/api/v1/people", &done.cookie()).await.status, 200);
}

#[tokio::test]
async fn a_wrong_code_and_a_used_one_are_told_the_same_and_open_nothing() {
    let house = House::new().await;
    let pending = house.half_way("root").await;
    let code = house.root_code();
    assert_eq!(house.post(STEP, &pending, code.clone()).await.status, 200);
    house.post(STEP, &pending, code.clone()).await.problem(403, "sign-in-over");
    let mut told = Vec::new();
    for code in [code, json!({ "code": "000000" }), json!({ "recovery_code": "none" })] {
        let pending = house.half_way("root").await;
        let answer = house.post(STEP, &pending, code).await;
        answer.problem(403, "code-refused");
        assert!(answer.headers.get(SET_COOKIE).is_none());
        told.push(answer.body);
    }
    assert!(told.iter().all(|body| body == &told[0]), "{told:?}");
    for body in [json!({}), json!({ "code": "1", "recovery_code": "1" }), json!({ "code": "" })] {
        house.post(STEP, &pending, body).await.problem(400, "invalid-body");
    }
    let refused = house.trail("SignInBySecondFactor").await;
    let outcomes: Vec<_> = refused.iter().map(|(_, entry)| entry["outcome"].clone()).collect();
    assert_eq!(outcomes, ["refused", "refused", "refused", "done"]);
}

#[tokio::test]
async fn a_seed_is_shown_once_and_codes_are_given_once() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let none = house.get(ACCOUNT, &alice).await.json();
    assert_eq!(none, json!({ "since": null, "recovery_codes_left": 0, "required": false }));
    let early = house.post(&format!("{ACCOUNT}/confirm"), &alice, json!({ "code": "0" })).await;
    early.problem(409, "second-factor-not-offered");
    let offer = house.ask(Method::POST, ACCOUNT, &alice, None).await.json();
    let rows = offer["qr"].as_array().expect("rows").clone();
    let square = |row: &Value| row.as_str().is_some_and(|row| row.len() == rows.len());
    assert!(rows.len() > 20 && rows.iter().all(square), "{rows:?}");
    let wrong = house.post(&format!("{ACCOUNT}/confirm"), &alice, json!({ "code": "0" })).await;
    assert_eq!(wrong.problem(403, "code-refused")["field"], "code");
    let authenticator = super::house::Authenticator::scan(offer["uri"].as_str().expect("a URI"));
    let code = json!({ "code": authenticator.code(house.now()) });
    let done = house.post(&format!("{ACCOUNT}/confirm"), &alice, code).await;
    assert_eq!(done.json()["codes"].as_array().map(Vec::len), Some(10), "{}", done.body);
    house.get("/api/v1/session", &alice).await.problem(401, "not-signed-in");
    let alice = done.cookie();
    let state = house.get(ACCOUNT, &alice).await;
    assert_eq!(state.json()["recovery_codes_left"], 10);
    assert!(!state.body.contains(offer["secret"].as_str().expect("a secret")));

    let pending = house.half_way("alice").await;
    let code = json!({ "recovery_code": done.json()["codes"][0] });
    assert_eq!(house.post(STEP, &pending, code.clone()).await.status, 200);
    let pending = house.half_way("alice").await;
    house.post(STEP, &pending, code).await.problem(403, "code-refused");
    let fresh = house.ask(Method::POST, &format!("{ACCOUNT}/recovery-codes"), &alice, None).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let void = json!({ "recovery_code": done.json()["codes"][1] });
    house.post(STEP, &pending, void).await.problem(403, "code-refused");
    assert_eq!(house.ask(Method::DELETE, ACCOUNT, &alice, None).await.status, 204);
    let form = json!({ "name": "alice", "password": PASSWORD });
    assert_eq!(house.post("/api/v1/session", "", form).await.status, 200);
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_is_sent_to_set_one_up() {
    let house = House::new().await;
    assert_eq!(house.ask(Method::DELETE, ACCOUNT, &house.admin, None).await.status, 204);
    let session = house.get("/api/v1/session", &house.admin).await.json();
    assert_eq!(
        session["second_factor"],
        json!({ "set": false, "totp": false, "passkey": false, "provider": false, "required": true })
    );
    for path in ["/api/v1/people", "/api/v1/settings", "/api/v1/roles", "/api/v1/audit"] {
        let refused = house.get(path, &house.admin).await.problem(403, "second-factor-required");
        assert!(refused["detail"].as_str().is_some_and(|text| text.contains("/account")));
    }
    let settings = json!({ "registration": "open", "homes": false });
    let refused = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
    refused.problem(403, "second-factor-required");
    house.enrol(&house.admin).await;
}

#[tokio::test]
async fn what_administrators_change_asks_for_a_fresh_proof() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await;
    house.pass(SignedDuration::from_mins(10));
    let person = format!("/api/v1/people/{uid}");
    let grant = json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box" });
    let settings = json!({ "registration": "open", "homes": true });
    let wishes = [
        (Method::POST, format!("{person}/approve"), None),
        (Method::POST, format!("{person}/disable"), None),
        (Method::POST, format!("{person}/enable"), None),
        (Method::POST, format!("{person}/end-sessions"), None),
        (Method::POST, format!("{person}/reset-second-factor"), None),
        (Method::POST, format!("{person}/grants"), Some(grant.clone())),
        (Method::DELETE, "/api/v1/grants/01arz3ndektsv4rrffq69g5fav".to_owned(), None),
        (Method::PUT, "/api/v1/settings".to_owned(), Some(settings)),
        (Method::POST, ACCOUNT.to_owned(), None),
        (Method::POST, format!("{ACCOUNT}/recovery-codes"), None),
        (Method::DELETE, ACCOUNT.to_owned(), None),
    ];
    for (method, path, body) in wishes {
        let answer = house.ask(method, &path, &house.admin, body).await;
        answer.problem(403, "step-up-needed");
    }
    assert_eq!(house.get("/api/v1/people", &house.admin).await.status, 200, "looking goes on");
    let password = house.post(PROOF, &house.admin, json!({ "password": PASSWORD })).await;
    password.problem(403, "second-factor-needed");
    let both = json!({ "password": PASSWORD, "code": "000000" });
    house.post(PROOF, &house.admin, both).await.problem(400, "invalid-body");
    let proved = house.post(PROOF, &house.admin, house.root_code()).await;
    assert_eq!(proved.status, 200, "{}", proved.body);
    house.get("/api/v1/session", &house.admin).await.problem(401, "not-signed-in");
    let given = house.post(&format!("{person}/grants"), &proved.cookie(), grant).await;
    assert_eq!(given.status, 201, "{}", given.body);

    let wrong = house.post(PROOF, &alice, json!({ "password": "not the password" })).await;
    assert_eq!(wrong.problem(403, "password-wrong")["field"], "password");
    let proved = house.post(PROOF, &alice, json!({ "password": PASSWORD })).await;
    assert_eq!(proved.status, 200, "{}", proved.body);
    house.enrol(&proved.cookie()).await;
}

#[tokio::test]
async fn a_reset_by_an_administrator_ends_sessions_and_is_in_the_trail() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let (alice, _) = house.enrol(&alice).await;
    let people = house.get("/api/v1/people", &house.admin).await;
    let people = people.json()["people"].as_array().expect("people").clone();
    assert!(people.iter().all(|person| person["second_factor"] == true), "{people:?}");
    let reset = format!("/api/v1/people/{}/reset-second-factor", house.uid_of("alice").await);
    assert_eq!(house.ask(Method::POST, &reset, &house.admin, None).await.status, 204);
    house.get("/api/v1/session", &alice).await.problem(401, "not-signed-in");
    let again = house.ask(Method::POST, &reset, &house.admin, None).await;
    again.problem(409, "second-factor-not-set");
    let trail = house.trail("ResetSecondFactor").await;
    let uid = house.uid_of("root").await;
    assert_eq!((trail.len(), &trail[0].1["source_identity"]), (1, &json!(uid.as_str())));
    let form = json!({ "name": "alice", "password": PASSWORD });
    assert_eq!(house.post("/api/v1/session", "", form).await.status, 200);
}

#[tokio::test]
async fn a_passkey_is_asked_of_anybody_and_only_the_browser_that_was_asked_may_answer() {
    let house = House::new().await;
    let asked = house.post("/api/v1/session/passkey/challenge", "", json!({})).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(asked.json()["options"]["rpId"], "files.example.org");
    assert!(!is_session(&asked));
    let answer = json!({ "passkey": {
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA",
            "userHandle": "AAAA",
        },
    } });
    let elsewhere = house.post("/api/v1/session/passkey", "", answer.clone()).await;
    elsewhere.problem(403, "passkey-over");
    let cookie = asked.headers[SET_COOKIE].to_str().expect("a cookie").to_owned();
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let wrong = house.post("/api/v1/session/passkey", &cookie, answer.clone()).await;
    wrong.problem(403, "passkey-refused");
    let form = json!({ "passkey": { "id": "AAAA" } });
    let nothing = house.post("/api/v1/session/passkey", &cookie, form).await;
    nothing.problem(400, "invalid-body");
    let stranger = house.post("/api/v1/session/second-factor/challenge", &cookie, json!({})).await;
    stranger.problem(403, "sign-in-over");
    let none = house.post("/api/v1/session/proof/challenge", &house.admin, json!({})).await;
    none.problem(404, "no-such-passkey");
}

/// Every route that is not public, by the cookie of somebody without a factor, and by their API token.
#[tokio::test]
async fn where_everybody_needs_a_factor_the_account_alone_is_open_without_one() {
    let house = House::with_factors_of_everybody().await;
    let alice = house.register("alice").await;
    let session = house.get("/api/v1/session", &alice).await.json();
    assert_eq!(session["second_factor"]["required"], true);
    let mut refused = 0;
    for route in routes().into_iter().filter(|route| !route.public()) {
        let own = ["/api/v1/account", "/api/v1/session"];
        if own.iter().any(|own| route.template.starts_with(own)) {
            continue;
        }
        let body = body_for(&route.method);
        let answer = house.ask(route.method.clone(), &route.path, &alice, body).await;
        assert_eq!(answer.status, 403, "{} {}: {}", route.method, route.path, answer.body);
        assert_eq!(answer.json()["code"], "second-factor-required", "{}", route.path);
        refused += 1;
    }
    assert!(refused > 60, "{refused}");
    let own = house.get("/api/v1/account/sessions", &alice).await;
    assert_eq!(own.status, 200, "{}", own.body);
    let (alice, _) = house.enrol(&alice).await;
    for (path, cookie) in [("/api/v1/locations", &alice), ("/api/v1/people", &house.admin)] {
        let answer = house.get(path, cookie).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}
