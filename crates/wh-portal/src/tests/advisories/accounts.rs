//! Nobody comes to more than they were given: by registering, by what bodies hold, by headers.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::tests::doors::{body_for, routes};
use crate::tests::house::{House, ORIGIN, PASSWORD};

fn api() -> Value {
    serde_json::from_str(&crate::openapi()).expect("JSON")
}

/// Every name of a field that any document of the API has.
fn fields_of_the_api() -> BTreeSet<String> {
    let api = api();
    let schemas = api["components"]["schemas"].as_object().expect("schemas").clone();
    let properties = schemas.values().filter_map(|schema| schema["properties"].as_object());
    let names = properties.flat_map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    names.collect()
}

/// What somebody's locations are: role and prefix.
async fn given(house: &House, cookie: &str) -> Vec<(String, String)> {
    let all = house.get("/api/v1/locations", cookie).await.json();
    let all = all["locations"].as_array().expect("locations").clone();
    let text = |location: &Value, field: &str| location[field].as_str().expect("text").to_owned();
    let mut given: Vec<_> = all.iter().map(|l| (text(l, "role"), text(l, "prefix"))).collect();
    given.sort();
    given
}

/// File Browser: a registration form set the permissions of the account that it made.
#[tokio::test]
async fn cve_2026_32760_registering_never_gives_more_than_the_mode_allows() {
    let house = House::new().await;
    let known = ["name", "email", "password"];
    let mut extras = fields_of_the_api();
    extras
        .extend(["perm", "permissions", "admin", "scope", "isAdmin", "role_id"].map(str::to_owned));
    let extras: Vec<_> = extras.into_iter().filter(|n| !known.contains(&n.as_str())).collect();
    assert!(extras.len() > 60, "{}", extras.len());
    for field in &extras {
        let form = json!({ "name": "mallory", "password": PASSWORD, field: true });
        let answer = house.post("/api/v1/registration", "", form).await;
        answer.problem(400, "invalid-body");
    }
    let people = house.get("/api/v1/people", &house.admin).await.json();
    assert_eq!(people["people"].as_array().map(Vec::len), Some(1), "nobody came in by any of them");
    for (mode, status, expected) in [("closed", 403, ""), ("approval", 201, "pending")] {
        let settings = json!({ "registration": mode, "homes": true });
        house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
        let form = json!({ "name": format!("person {mode}"), "password": PASSWORD });
        let answer = house.post("/api/v1/registration", "", form).await;
        assert_eq!(answer.status, status, "{mode}: {}", answer.body);
        assert_eq!(answer.json()["status"].as_str().unwrap_or_default(), expected);
    }
}

/// File Browser: whoever signed up got the defaults of the house, which could be those of an
/// administrator. Here the settings have no place for such a default.
#[tokio::test]
async fn cve_2026_34528_no_setting_makes_newcomers_administrators() {
    let house = House::new().await;
    for extra in ["role", "defaults", "permissions", "grants", "administrator", "prefix"] {
        let settings = json!({ "registration": "open", "homes": true, extra: "AdminRole" });
        let put = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
        put.problem(400, "invalid-body");
    }
    for homes in [true, false] {
        let settings = json!({ "registration": "open", "homes": homes });
        let put = house.ask(Method::PUT, "/api/v1/settings", &house.admin, Some(settings)).await;
        assert_eq!(put.status, 200, "{}", put.body);
        let name = format!("newcomer {homes}");
        let cookie = house.register(&name).await;
        let uid = house.uid_of(&name).await;
        let mut expected = vec![("RegularUserRole".to_owned(), "shared/".to_owned())];
        expected.extend(homes.then(|| ("S3AccessRole".to_owned(), format!("home/{uid}/"))));
        assert_eq!(given(&house, &cookie).await, expected, "homes: {homes}");
        house.get("/api/v1/people", &cookie).await.problem(403, "not-administrator");
    }
}

/// Pydio Cells: users gave themselves roles by fields that their forms did not show. Every body that
/// is taken here names all that it takes.
#[tokio::test]
async fn cve_2023_2978_no_body_takes_a_field_that_its_schema_does_not_name() {
    let house = House::new().await;
    let api = api();
    let mut tried = 0;
    for route in routes() {
        let described = route
            .path
            .replace("/people/01arz3ndektsv4rrffq69g5fav", "/people/{uid}")
            .replace("01arz3ndektsv4rrffq69g5fav", "{id}");
        let method = route.method.as_str().to_ascii_lowercase();
        let taken = &api["paths"][&described][&method]["requestBody"];
        if taken.is_null() {
            continue;
        }
        let schema = taken["content"]["application/json"]["schema"]["$ref"].as_str();
        let schema = schema.and_then(|of| of.rsplit('/').next()).expect("a schema with a name");
        let named = &api["components"]["schemas"][schema]["properties"];
        let fields = ["administrator", "role_", "uid", "owner", "__proto__"];
        for field in fields.into_iter().filter(|field| named[field].is_null()) {
            let body = json!({ field: "AdminRole" });
            let answer =
                house.ask(route.method.clone(), &route.path, &house.admin, Some(body)).await;
            let problem = answer.problem(400, "invalid-body");
            let why = problem["detail"].as_str().expect("a reason");
            let shown = format!("{} {}: {why}", route.method, route.path);
            assert!(why.contains(&format!("unknown field `{field}`")), "{shown}");
        }
        tried += 1;
    }
    assert!(tried >= 15, "{tried} routes take a body");
}

/// Headers by which proxies say who somebody is.
const WHO: [&str; 12] = [
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-preferred-username",
    "x-remote-user",
    "remote-user",
    "x-auth-request-user",
    "x-auth-username",
    "x-webauth-user",
    "x-user",
    "x-original-user",
    "x-authenticated-userid",
    "x-wellhouse-person",
];

/// Asks who is signed in, with a header that says who it is.
fn claiming((header, value): (&str, &str), cookie: &str) -> Request<Body> {
    let request = Request::get("/api/v1/session").header(header, value);
    request.header("cookie", cookie).body(Body::empty()).expect("a request")
}

/// File Browser: a header of a proxy that was not there signed anybody in as anybody.
#[tokio::test]
async fn cve_2026_54089_no_header_says_who_somebody_is() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("root").await;
    for (header, value) in WHO.iter().flat_map(|header| [(*header, "root"), (header, uid.as_str())])
    {
        house.send(claiming((header, value), "")).await.problem(401, "not-signed-in");
        let session = house.send(claiming((header, value), &alice)).await.json();
        assert_eq!(session["person"]["name"], "alice", "{header}: {value}");
        assert_eq!(session["person"]["administrator"], false, "{header}: {value}");
    }
    let basic = "Basic cm9vdDphIGxvbmcgYW5kIHdpbmRpbmcgcGFzc3dvcmQ=";
    for (value, code) in [(basic, "not-signed-in"), ("Bearer root", "token-unknown")] {
        let request = Request::get("/api/v1/session").header("authorization", value);
        let request = request.body(Body::empty()).expect("a request");
        house.send(request).await.problem(401, code);
    }
}

/// File Browser: a name in such a header made an account, with the house's defaults.
#[tokio::test]
async fn cve_2026_35607_no_header_makes_an_account() {
    let house = House::new().await;
    for header in WHO {
        for route in routes().into_iter().filter(|route| route.method != Method::DELETE) {
            let body =
                body_for(&route.method).map_or_else(Body::empty, |b| Body::from(b.to_string()));
            let request = Request::builder().method(route.method.clone()).uri(&route.path);
            let request = request.header("origin", ORIGIN).header(header, "mallory");
            let request = request.header(CONTENT_TYPE, "application/json").body(body);
            house.send(request.expect("a request")).await;
        }
    }
    let people = house.get("/api/v1/people", &house.admin).await.json();
    let names: Vec<_> = people["people"].as_array().expect("people").iter().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

/// RustFS: a client's address was what a header of the client said. It is in our log, and in what we
/// count guesses by.
#[tokio::test]
async fn ghsa_fc6g_a_strangers_word_on_where_it_comes_from_is_not_believed() {
    let house = House::new().await;
    let headers = [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "true-client-ip",
        "cf-connecting-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
    ];
    for header in headers {
        let value = if header == "forwarded" { "for=203.0.113.9" } else { "203.0.113.9" };
        let request = Request::post("/api/v1/session").header("origin", ORIGIN);
        let request = request.header(header, value).header(CONTENT_TYPE, "application/json");
        let form = json!({ "name": format!("nobody {header}"), "password": "not a password" });
        house.send(request.body(Body::from(form.to_string())).expect("a request")).await;
    }
    let lines = house.lines_after(0).await;
    let sign_ins: Vec<_> =
        lines.iter().filter(|line| line.record.operation == "SessionSignIn").collect();
    assert_eq!(sign_ins.len(), headers.len());
    for line in sign_ins {
        assert_eq!(line.record.source_ip.as_deref(), Some("192.0.2.7"), "{line:?}");
    }
}

/// SeaweedFS: SQL in what clients sent. Whatever text is, it is text; and what a filter asks for, a
/// wildcard of SQL does not answer.
#[tokio::test]
async fn cve_2024_40120_text_is_never_sql() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let texts = [
        "' OR '1'='1",
        "root'--",
        "root\" OR \"\"=\"",
        "'; DROP TABLE persons; --",
        "x' UNION SELECT * FROM sessions --",
        "%",
        "_",
        "\\",
        "$1",
        "?1",
    ];
    let encoded =
        |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
    for text in texts {
        let form = json!({ "name": text, "password": PASSWORD });
        let answer = house.post("/api/v1/session", "", form).await;
        assert!([401, 429].contains(&answer.status.as_u16()), "{text}: {}", answer.body);
        let encoded = encoded(text);
        for field in ["who", "resource", "action", "outcome"] {
            let path = format!("/api/v1/audit?{field}={encoded}");
            let found = house.get(&path, &house.admin).await;
            assert_eq!(found.status, 200, "{field}={text}: {}", found.body);
            assert_eq!(found.json()["entries"], json!([]), "{field}={text}");
        }
    }
    for text in texts {
        let encoded = encoded(text);
        for route in routes().iter().filter(|r| r.path.contains("01arz3ndektsv4rrffq69g5fav")) {
            let path = route.path.replace("01arz3ndektsv4rrffq69g5fav", &encoded);
            let body = body_for(&route.method);
            let answer = house.ask(route.method.clone(), &path, &house.admin, body).await;
            assert!(answer.status.is_client_error(), "{} {path}: {}", route.method, answer.body);
        }
    }
    let people = house.get("/api/v1/people", &house.admin).await.json();
    assert_eq!(people["people"].as_array().map(Vec::len), Some(2), "everybody is still there");
    assert_eq!(house.get("/api/v1/session", &alice).await.status, 200);
}
