//! What holds for every route, taken from the description of the API: strangers are refused, and
//! every answer carries the security headers.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::house::{House, ORIGIN};

pub(super) struct Route {
    pub(super) method: Method,
    /// As the description has it, with `{id}`.
    pub(super) template: String,
    pub(super) path: String,
    public: bool,
    administrators: bool,
}

impl Route {
    /// Whether strangers may come by it.
    pub(super) fn public(&self) -> bool {
        self.public
    }

    /// Whether it is for administrators alone.
    pub(super) fn administrators(&self) -> bool {
        self.administrators
    }
}

pub(super) fn routes() -> Vec<Route> {
    let api: Value = serde_json::from_str(&crate::openapi()).expect("JSON");
    let paths = api["paths"].as_object().expect("paths").clone();
    let operations = paths.into_iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("a path item").clone();
        item.into_iter().map(move |(method, operation)| (path.clone(), method, operation))
    });
    let routes = operations.map(|(path, method, operation)| Route {
        method: method.to_ascii_uppercase().parse().expect("a method"),
        path: path
            .replace("{id}", "01arz3ndektsv4rrffq69g5fav")
            .replace("{uid}", "01arz3ndektsv4rrffq69g5fav")
            .replace("{n}", "1"),
        template: path,
        public: operation["security"] == json!([{}]),
        administrators: operation["security"] == json!([{ "session": ["administrator"] }]),
    });
    routes.collect()
}

pub(super) fn body_for(method: &Method) -> Option<Value> {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH).then(|| json!({}))
}

#[tokio::test]
async fn every_route_refuses_strangers_unless_it_says_that_it_is_public() {
    let house = House::new().await;
    let forged = format!("__Host-sid={}", "0".repeat(64));
    let routes = routes();
    assert!(routes.iter().filter(|route| !route.public).count() > 20);
    for route in &routes {
        for cookie in ["", "__Host-sid=x", &forged] {
            let body = body_for(&route.method);
            let answer = house.ask(route.method.clone(), &route.path, cookie, body).await;
            let refused = answer.json()["code"] == "not-signed-in" && answer.status == 401;
            assert_ne!(refused, route.public, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn what_is_for_administrators_is_refused_to_everyone_else_and_explained() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let routes = routes();
    assert!(routes.iter().filter(|route| route.administrators).count() >= 12);
    for route in routes.iter().filter(|route| route.administrators) {
        let body = body_for(&route.method);
        let answer = house.ask(route.method.clone(), &route.path, &alice, body).await;
        let problem = answer.problem(403, "not-administrator");
        assert_eq!(problem["explanation"]["decision"], "implicit-deny");
        assert_eq!(problem["explanation"]["role"], "AdminRole");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = House::new().await;
    let mut answers = Vec::new();
    for route in routes() {
        let body = body_for(&route.method);
        answers.push(house.ask(route.method, &route.path, "", body).await);
    }
    for path in ["/", "/files/a", "/assets/none.js", "/api/none", "/api/v1/session/x"] {
        answers.push(house.get(path, "").await);
    }
    answers.push(house.ask(Method::PUT, "/api/v1/session", "", None).await);
    answers.push(house.ask(Method::POST, "/", "", None).await);
    for answer in answers {
        let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok());
        let csp = header("content-security-policy").expect("a policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        for directive in ["img-src 'self' blob:", "media-src", "frame-src", "connect-src 'self'"] {
            assert!(csp.contains(&format!("{directive} http://127.0.0.1:1;")), "{csp}");
        }
        assert!(!csp.contains("unsafe"), "{csp}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("referrer-policy"), Some("no-referrer"));
        assert_eq!(header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(header("cross-origin-resource-policy"), Some("same-origin"));
        assert!(header("permissions-policy").is_some_and(|p| p.contains("camera=()")));
        assert!(header("x-request-id").is_some_and(|id| id.len() == 32));
        assert!(header("cache-control").is_some());
        assert_eq!(header("strict-transport-security"), None, "plain HTTP on localhost");
    }
}

#[tokio::test]
async fn a_cross_site_request_changes_nothing() {
    let house = House::new().await;
    let ask = |method: Method, site: &'static str, origin: &'static str| {
        let request = Request::builder().method(method).uri("/api/v1/session");
        let request = request.header("cookie", &house.admin).header("sec-fetch-site", site);
        request.header("origin", origin).body(Body::empty()).expect("a request")
    };
    for (site, origin) in [("cross-site", "https://evil.example"), ("same-site", "null")] {
        house.send(ask(Method::DELETE, site, origin)).await.problem(403, "cross-site-request");
    }
    let still_here = house.get("/api/v1/session", &house.admin).await;
    assert_eq!(still_here.status, 200);
    assert_eq!(house.send(ask(Method::DELETE, "same-origin", ORIGIN)).await.status, 204);
    house.get("/api/v1/session", &house.admin).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn bodies_are_json_of_a_bounded_size() {
    let house = House::new().await;
    let ask = |kind: &'static str, body: String| {
        let request = Request::post("/api/v1/session").header("origin", ORIGIN);
        let request = request.header("content-length", body.len());
        request.header("content-type", kind).body(Body::from(body)).expect("a request")
    };
    let form = ask("application/x-www-form-urlencoded", "name=a".to_owned());
    house.send(form).await.problem(415, "unsupported-media-type");
    let broken = ask("application/json", "{".to_owned());
    house.send(broken).await.problem(400, "invalid-body");
    let huge = ask("application/json", format!("\"{}\"", "x".repeat(256 * 1024)));
    house.send(huge).await.problem(413, "body-too-large");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let house = House::new().await;
    house.get("/api/v2/session", "").await.problem(404, "not-found");
    house.get("/assets/none.js", "").await.problem(404, "not-found");
    let answer = house.ask(Method::PATCH, "/api/v1/session", "", None).await;
    answer.problem(405, "method-not-allowed");
    let page = house.get("/files/anything", "").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn what_fails_inside_is_told_in_general_words_and_opens_nothing() {
    let house = House::new().await;
    house.lose_the_ledger().await;
    for route in routes() {
        let body = body_for(&route.method);
        let answer = house.ask(route.method.clone(), &route.path, &house.admin, body).await;
        let shown = format!("{} {}: {}", route.method, route.path, answer.body);
        let described = route.path.ends_with("openapi.json") || route.path == "/healthz";
        assert!(!answer.status.is_success() || described, "{shown}");
        for word in ["sqlx", "sqlite", "SELECT", "Pool", "ledger", "panicked", ".rs", "/root"] {
            assert!(described || !answer.body.contains(word), "{word}: {shown}");
        }
    }
}

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let committed = std::fs::read_to_string(path).expect("openapi.json");
    assert!(
        committed.trim_end() == crate::openapi(),
        "openapi.json is stale: run the example `openapi`"
    );
}
