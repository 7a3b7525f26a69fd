//! What browsers are made to do by other sites, and what is given back to them.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::tests::doors::{Route, routes};
use crate::tests::house::{Answer, House, ORIGIN};

const OTHERS: [&str; 5] = [
    "https://evil.example",
    "null",
    "http://localhost:8080.evil.example",
    "http://localhost:9000",
    "https://localhost:8080",
];

/// RustFS: any origin was allowed to read, with credentials. The portal allows none but its own.
#[tokio::test]
async fn ghsa_x5xv_no_other_origin_may_read_an_answer() {
    let house = House::new().await;
    for (route, origin) in by_origin(routes()) {
        for method in [route.method.clone(), Method::OPTIONS] {
            let request = Request::builder().method(method).uri(&route.path);
            let request = request.header("origin", origin).header("cookie", &house.admin);
            let request = request.header("access-control-request-method", "DELETE");
            let answer = house.send(request.body(Body::empty()).expect("a request")).await;
            let cors = answer.headers.keys().find(|n| n.as_str().starts_with("access-control"));
            assert_eq!(cors, None, "{} for {origin}", route.path);
            assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin");
        }
    }
    assert_eq!(house.get("/api/v1/session", &house.admin).await.status, 200, "nothing was done");
}

/// Each route with each origin that is not the portal's.
fn by_origin(routes: Vec<Route>) -> impl Iterator<Item = (std::rc::Rc<Route>, &'static str)> {
    let routes = routes.into_iter().map(std::rc::Rc::new);
    routes.flat_map(|route| OTHERS.map(|origin| (std::rc::Rc::clone(&route), origin)))
}

fn forged(route: &Route, cookie: &str, origin: &str, kind: &str) -> Request<Body> {
    let request = Request::builder().method(route.method.clone()).uri(&route.path);
    let request = request.header("cookie", cookie).header("origin", origin);
    let request = request.header("sec-fetch-site", "cross-site").header("content-length", 2);
    request.header(CONTENT_TYPE, kind).body(Body::from("{}")).expect("a request")
}

/// File Browser: a page of another site did what its reader may. Each route that changes something,
/// asked by each origin, with each kind of body that a page can send.
#[tokio::test]
async fn cve_2021_46398_a_page_of_another_site_changes_nothing() {
    let house = House::new().await;
    let kinds = [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json",
    ];
    let changing = || routes().into_iter().filter(|route| route.method != Method::GET);
    for (route, origin) in by_origin(changing().collect()) {
        for kind in kinds {
            let answer = house.send(forged(&route, &house.admin, origin, kind)).await;
            answer.problem(403, "cross-site-request");
        }
    }
    for route in changing() {
        // From our own pages, too, only what no form sends is read.
        for kind in &kinds[..3] {
            let mut request = forged(&route, &house.admin, ORIGIN, kind);
            request.headers_mut().insert("sec-fetch-site", "same-origin".parse().expect("text"));
            house.send(request).await.problem(415, "unsupported-media-type");
        }
    }
    assert_eq!(house.get("/api/v1/session", &house.admin).await.status, 200, "still signed in");
}

const MARK: &str = "<script>alert(7)</script>";
const MARK_IN_URL: &str = "%22%3E%3Cscript%3Ealert(7)%3C/script%3E";

#[track_caller]
fn is_no_markup(shown: &str, answer: &Answer) {
    let kind = answer.headers.get(CONTENT_TYPE).map_or("", |v| v.to_str().expect("text"));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{shown}");
    if kind.contains("html") || kind.contains("xml") || kind.is_empty() {
        assert!(!answer.body.contains(MARK), "{shown} gives it back as {kind}");
    }
    let headers = format!("{:?}", answer.headers);
    assert!(!headers.contains("alert(7)"), "{shown}: {headers}");
}

/// copyparty: odd parameters came back in a page. Every route is asked with markup in every place.
#[tokio::test]
async fn cve_2023_38501_what_comes_in_an_address_is_never_given_back_as_markup() {
    let house = House::new().await;
    let mut paths: Vec<String> = routes().into_iter().map(|route| route.path).collect();
    paths.extend(["/", "/files/x", "/assets/x", "/nowhere/x"].map(str::to_owned));
    for path in &paths {
        let inside = path.replace("01arz3ndektsv4rrffq69g5fav", MARK_IN_URL);
        let names = ["path", "cursor", "action", "who", "since", "format", "k304", "filter", "h"];
        let mut asked = vec![inside, format!("{path}/{MARK_IN_URL}")];
        asked.extend(names.map(|name| format!("{path}?{name}={MARK_IN_URL}")));
        asked.push(format!("{path}?{MARK_IN_URL}"));
        for address in asked {
            let answer = house.get(&address, &house.admin).await;
            is_no_markup(&address, &answer);
            assert!(!answer.status.is_redirection(), "{address}");
        }
    }
}

/// copyparty: parameters of a page steered what stood in it. Ours is one file, whatever is asked.
#[tokio::test]
async fn cve_2025_54589_a_page_is_the_same_whatever_its_address_holds() {
    let house = House::new().await;
    let page = house.get("/", "").await;
    assert!(page.headers[CONTENT_TYPE].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    for address in
        ["/?filter=x", "/files/a?setck=1", "/x/y/z?hc=2", "/?lang=de", "/people?theme=%3Cx%3E"]
    {
        for cookie in ["", house.admin.as_str()] {
            let other = house.get(address, cookie).await;
            assert_eq!(other.body, page.body, "{address}");
        }
    }
}

/// File Browser: the session stood in addresses, and so in logs and histories. No address of ours has
/// a place for it, and none is read there.
#[tokio::test]
async fn cve_2025_52901_no_secret_is_taken_from_an_address() {
    let house = House::new().await;
    let token = house.admin.trim_start_matches("__Host-sid=");
    for name in ["token", "auth", "access_token", "sid", "session", "__Host-sid", "cookie", "key"] {
        let answer = house.get(&format!("/api/v1/session?{name}={token}"), "").await;
        assert_eq!(answer.status, 401, "{name}");
        assert!(!answer.body.contains(token), "{name}");
    }
    let api: Value = serde_json::from_str(&crate::openapi()).expect("JSON");
    let items = api["paths"].as_object().expect("paths").values();
    let operations = items.flat_map(|item| item.as_object().expect("operations").values());
    let parameters = operations.filter_map(|o| o["parameters"].as_array()).flatten();
    let mut names: Vec<_> = parameters.map(|p| p["name"].as_str().expect("a name")).collect();
    names.sort_unstable();
    names.dedup();
    let secret = |n: &&&str| ["token", "password", "secret", "code"].iter().any(|s| n.contains(s));
    assert_eq!(names.iter().find(secret), None, "{names:?}");
}

/// axum: a limit that some extractors did not keep. Whatever route it is, and whether or not a length
/// was announced, no more is read than we say.
#[tokio::test]
async fn rustsec_2022_0055_no_route_reads_a_body_without_an_end() {
    let house = House::new().await;
    let takes_body = |route: &Route| matches!(route.method, Method::POST | Method::PUT);
    let mut refused = 0;
    for route in routes().into_iter().filter(takes_body) {
        let pieces = (0..300).map(|_| Ok::<_, std::io::Error>(" ".repeat(1024)));
        let request = Request::builder().method(route.method.clone()).uri(&route.path);
        let request = request.header("cookie", &house.admin).header("origin", ORIGIN);
        let body = Body::from_stream(futures::stream::iter(pieces));
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let answer = house.send(request.expect("a request")).await;
        // Who takes no body reads none.
        if answer.json()["code"] == json!("body-too-large") {
            refused += 1;
        } else {
            let read = answer.json()["code"] == json!("invalid-body");
            assert!(!read, "{}: {}", route.path, answer.body);
        }
        house.get("/api/v1/session", &house.admin).await;
    }
    assert!(refused >= 15, "{refused} routes refused it");
}
