//! API tokens: made after a proof and shown once; they open files within their bounds, and nothing else.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE};
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::access::by_token;
use super::doors::{body_for, routes};
use super::house::{Answer, House, ORIGIN, PASSWORD};
use super::store::Store;

const TOKENS: &str = "/api/v1/tokens";

struct Made {
    id: String,
    secret: String,
}

fn form(locations: &[&str], actions: &Value) -> Value {
    json!({ "name": "backup", "locations": locations, "actions": actions })
}

impl House {
    async fn token(&self, cookie: &str, locations: &[&str], actions: &Value) -> Made {
        let made = self.post(TOKENS, cookie, form(locations, actions)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let told = made.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Made { id: text(&told["token"]["id"]), secret: text(&told["secret"]) }
    }

    /// As a script asks: with the token, and nothing that a browser says.
    async fn by(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        by_token(self, method, path, (token, body)).await
    }

    async fn reads(&self, token: &str, path: &str) -> Answer {
        self.by(token, Method::GET, path, None).await
    }
}

#[tokio::test]
async fn a_token_is_made_after_a_fresh_proof_and_shown_once() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let wish = form(&[&home], &json!(["list", "read"]));
    house.pass(SignedDuration::from_mins(10));
    house.post(TOKENS, &alice, wish.clone()).await.problem(403, "step-up-needed");
    let proof = json!({ "password": PASSWORD });
    let alice = house.post("/api/v1/session/proof", &alice, proof).await.cookie();
    let made = house.post(TOKENS, &alice, wish).await;
    assert_eq!(
        (made.status.as_u16(), &made.headers[CACHE_CONTROL]),
        (201, &"no-store".parse().expect("a value"))
    );
    let told = made.json();
    let secret = told["secret"].as_str().expect("a token");
    assert!(secret.starts_with("wh_pat_") && secret.len() == 71, "{secret}");
    let expected = (house.now() + SignedDuration::from_hours(24 * 90)).to_string();
    assert_eq!(
        (&told["token"]["expires"], &told["token"]["used"]),
        (&json!(expected), &Value::Null)
    );
    let listed = house.get(TOKENS, &alice).await;
    assert_eq!(listed.json()["tokens"], json!([told["token"]]));
    assert!(!listed.body.contains(secret));
    let long = json!({ "name": "x", "locations": [home], "actions": ["read"], "days": 366 });
    let refused = house.post(TOKENS, &alice, long).await;
    assert_eq!(refused.problem(400, "token-life-invalid")["field"], "days");
    let unknown = form(&[&home], &json!(["administer"]));
    house.post(TOKENS, &alice, unknown).await.problem(400, "invalid-body");
    let bob = house.register("bob").await;
    let theirs = form(&[&home], &json!(["read"]));
    let refused = house.post(TOKENS, &bob, theirs).await;
    assert_eq!(refused.problem(400, "token-locations-invalid")["field"], "locations");
}

#[tokio::test]
async fn a_token_opens_the_routes_that_say_so_and_no_other() {
    let house = House::new().await;
    let everything = house.location(&house.admin, "").await;
    let all = json!(["list", "read", "write", "delete"]);
    let token = house.token(&house.admin, &[&everything], &all).await;
    let api: Value = serde_json::from_str(&crate::openapi()).expect("JSON");
    let mut opened = 0;
    for route in routes().iter().filter(|route| !route.public()) {
        let template = route.path.replace("01arz3ndektsv4rrffq69g5fav", "{id}");
        let template = template.replace("/parts/1", "/parts/{n}");
        let known = &api["paths"][&template][route.method.as_str().to_ascii_lowercase()];
        let says_so = known["security"].to_string().contains("\"token\"");
        let body = body_for(&route.method);
        let answer = house.by(&token.secret, route.method.clone(), &route.path, body).await;
        let refused = answer.json()["code"] == "token-not-here" && answer.status == 403;
        assert_eq!(refused, !says_so, "{} {}: {}", route.method, route.path, answer.body);
        opened += usize::from(says_so);
    }
    assert_eq!(opened, 44, "whoever lets a token in at another route says so here");
    let forged = format!("wh_pat_{}", "0".repeat(64));
    for route in routes().iter().filter(|route| !route.public()) {
        for wrong in [forged.as_str(), "", "x", &token.id] {
            let body = body_for(&route.method);
            let answer = house.by(wrong, route.method.clone(), &route.path, body).await;
            answer.problem(401, "token-unknown");
        }
    }
}

#[tokio::test]
async fn a_token_beside_a_cookie_is_refused_whatever_it_asks() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let token = house.token(&alice, &[&home], &json!(["list"])).await;
    for (method, cookie) in [(Method::GET, alice.as_str()), (Method::POST, "a=b")] {
        let request = Request::builder().method(method).uri("/api/v1/session");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", token.secret));
        let request = request.header(COOKIE, cookie).header("origin", ORIGIN);
        let request = request.body(Body::empty()).expect("a request");
        house.send(request).await.problem(400, "two-credentials");
    }
    let who = house.reads(&token.secret, "/api/v1/session").await.json();
    assert_eq!(who["person"]["name"], "alice");
    assert_eq!(who["token"], json!({ "id": token.id, "name": "backup", "actions": ["list"] }));
}

#[tokio::test]
async fn a_token_is_bounded_by_locations_actions_and_what_its_person_may() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let (home, shared) =
        (house.location(&alice, "home/").await, house.location(&alice, "shared/").await);
    let reader = house.token(&alice, &[&home], &json!(["list", "read"])).await;
    let seen = house.reads(&reader.secret, "/api/v1/locations").await.json();
    let seen = seen["locations"].as_array().expect("locations").clone();
    assert_eq!(seen.iter().map(|l| &l["id"]).collect::<Vec<_>>(), [&json!(home)]);
    for (verb, allowed) in [("list", true), ("get", true), ("put", false), ("delete", false)] {
        assert_eq!(seen[0]["may"][verb]["allowed"], allowed, "{verb}");
    }
    let elsewhere = format!("/api/v1/locations/{shared}/entries?path=");
    house.reads(&reader.secret, &elsewhere).await.problem(404, "no-such-location");
    let credentials = json!({ "location": shared });
    let post = Method::POST;
    let refused =
        house.by(&reader.secret, post.clone(), "/api/v1/credentials", Some(credentials)).await;
    refused.problem(404, "no-such-location");
    let upload = json!({ "location": home, "path": "a.txt", "size": 9, "content_type": "text/plain",
        "last_modified": 1, "conflict": "fail" });
    let refused =
        house.by(&reader.secret, post.clone(), "/api/v1/uploads", Some(upload.clone())).await;
    let why = refused.problem(403, "access-denied");
    assert_eq!(why["explanation"]["policy_type"], "session policy");
    // The person herself goes on as before.
    let begun = house.post("/api/v1/uploads", &alice, upload.clone()).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let others = house.token(&alice, &[&shared], &json!(["list", "read", "write", "delete"])).await;
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    let of_home = house.reads(&others.secret, &format!("/api/v1/uploads/{id}")).await;
    of_home.problem(404, "no-such-location");
    assert_eq!(
        house.reads(&others.secret, "/api/v1/uploads").await.json(),
        json!({ "uploads": [] })
    );
    let mut there = upload;
    there["location"] = json!(shared);
    let beyond = house.by(&others.secret, post, "/api/v1/uploads", Some(there)).await;
    beyond.problem(403, "access-denied");
}

#[tokio::test]
async fn credentials_ask_a_session_for_a_fresh_proof_and_a_token_for_its_bounds() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let asked = json!({ "location": home });
    let given = house.post("/api/v1/credentials", &alice, asked.clone()).await;
    assert_eq!(given.headers[CACHE_CONTROL], "no-store");
    assert_eq!(given.json()["access_key_id"], "ASIAAAAAAAAAAAAAAAAA");
    let token = house.token(&alice, &[&home], &json!(["read"])).await;
    house.pass(SignedDuration::from_mins(10));
    house.post("/api/v1/credentials", &alice, asked.clone()).await.problem(403, "step-up-needed");
    let path = "/api/v1/credentials";
    let given = house.by(&token.secret, Method::POST, path, Some(asked.clone())).await;
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(store.holding().assumed, 2, "a token has role sessions of its own");
    let told = house.get("/api/v1/audit?action=portal:CredentialsIssue", &house.admin).await.json();
    let (newest, uid) = (&told["entries"][0], house.uid_of("alice").await);
    assert_eq!(newest["principal"], format!("person/{uid}/token/{}", token.id));
    let detail = newest["detail"].as_str().expect("words");
    assert!(detail.starts_with("by the API token `backup`: S3AccessRole on "), "{detail}");

    assert_eq!(
        house.ask(Method::DELETE, &format!("{TOKENS}/{}", token.id), &alice, None).await.status,
        204
    );
    let refused = house.by(&token.secret, Method::POST, path, Some(asked)).await;
    refused.problem(401, "token-revoked");
    house.reads(&token.secret, "/api/v1/session").await.problem(401, "token-revoked");
    let told = house.get("/api/v1/audit?outcome=refused", &house.admin).await.json();
    let newest = &told["entries"][0];
    assert_eq!(
        (&newest["operation"], &newest["detail"]),
        (&json!("SessionShow"), &json!("token-revoked"))
    );
    assert_eq!(newest["principal"], format!("person/{uid}/token/{}", token.id));
    let done = house.trail("ApiToken").await;
    let told: Vec<_> = done.iter().map(|(name, e)| (name.as_str(), &e["outcome"])).collect();
    assert_eq!(told, [("RevokeApiToken", &json!("done")), ("CreateApiToken", &json!("done"))]);
    assert!(!json!(done).to_string().contains(&token.secret));
}
