//! Seeing as somebody else: looking, and nothing but looking.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::doors::{body_for, routes};
use super::house::House;
use super::store::Store;

const VIEWING: &str = "/api/v1/viewing";

/// What may be looked at. A new route is not here, and so is not.
const LOOKED_AT: [&str; 7] = [
    "/api/v1/session",
    "/api/v1/locations",
    "/api/v1/locations/{id}/entries",
    "/api/v1/locations/{id}/explain",
    "/api/v1/locations/{id}/versions",
    "/api/v1/locations/{id}/trash",
    "/api/v1/locations/{id}/past",
];

async fn as_person(house: &House, name: &str) -> Value {
    let uid = house.uid_of(name).await;
    let form = json!({ "kind": "person", "uid": uid.as_str() });
    let begun = house.post(VIEWING, &house.admin, form).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    begun.json()
}

async fn session(house: &House) -> Value {
    house.get("/api/v1/session", &house.admin).await.json()
}

/// Locations, but for in whose session it is that something may be done.
fn without_principal(mut all: Value) -> Value {
    let locations = all["locations"].as_array_mut().expect("locations").iter_mut();
    let explained = locations.flat_map(|one| one["may"].as_object_mut().expect("may").values_mut());
    for may in explained {
        let why = may["explanation"].as_object_mut().expect("an explanation");
        why.remove("principal");
        why.remove("message");
    }
    all
}

#[tokio::test]
async fn an_administrator_sees_what_the_person_sees_and_ends_it() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let own = house.get("/api/v1/locations", &house.admin).await.json();
    let begun = as_person(&house, "alice").await;
    assert_eq!((&begun["name"], &begun["by"]), (&json!("alice"), &json!("root")));
    let told = session(&house).await;
    assert_eq!(
        (&told["person"]["name"], &told["person"]["administrator"], &told["viewing"]["over"]),
        (&json!("alice"), &json!(false), &json!(false))
    );
    let seen = house.get("/api/v1/locations", &house.admin).await.json();
    let hers = house.get("/api/v1/locations", &alice).await.json();
    assert_eq!(without_principal(seen), without_principal(hers), "button by button");
    let ended = house.ask(Method::DELETE, VIEWING, &house.admin, None).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert_eq!(house.get("/api/v1/locations", &house.admin).await.json(), own);
    assert_eq!(session(&house).await["viewing"], Value::Null);
    house.ask(Method::DELETE, VIEWING, &house.admin, None).await.problem(404, "not-seeing");
}

#[tokio::test]
async fn nothing_is_open_but_what_is_looked_at_whichever_route_it_is() {
    let house = House::new().await;
    house.register("alice").await;
    as_person(&house, "alice").await;
    let mut refused = 0;
    for route in routes().iter().filter(|route| !route.public()) {
        let looked = route.method == Method::GET && LOOKED_AT.contains(&route.template.as_str());
        let ends = route.method == Method::DELETE
            && [VIEWING, "/api/v1/session"].contains(&route.template.as_str());
        if ends {
            continue;
        }
        let body = body_for(&route.method);
        let answer = house.ask(route.method.clone(), &route.path, &house.admin, body).await;
        let shown = format!("{} {}: {}", route.method, route.template, answer.body);
        assert_eq!(answer.json()["code"] == "seeing-as", !looked, "{shown}");
        refused += usize::from(!looked);
    }
    assert!(refused > 80, "{refused}");
}

#[tokio::test]
async fn what_is_asked_of_the_store_is_narrowed_to_looking_and_in_the_administrators_name() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    house.register("alice").await;
    as_person(&house, "alice").await;
    let root = house.person(&house.admin).await.uid().to_string();
    let shared = house.location(&house.admin, "shared/").await;
    let listed = house.get(&format!("/api/v1/locations/{shared}/entries"), &house.admin).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let asked = store.holding().asked_as.clone();
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map_or_else(|| panic!("{name} in {asked}"), |(_, value)| value.clone())
    };
    assert_eq!(field("SourceIdentity"), root, "who acts");
    assert!(!field("Tags.member.1.Value").contains(&root), "whose rights they are");
    let policy: Value = serde_json::from_str(&field("Policy")).expect("a policy");
    let statements = policy["Statement"].as_array().expect("statements");
    let only = statements.iter().find(|one| one["Sid"] == "OnlyTheseActions").expect("a denial");
    let actions = only["NotAction"].as_array().expect("actions");
    assert_eq!((&only["Effect"], actions.len()), (&json!("Deny"), 5));
    let looks = |action: &Value| {
        action.as_str().is_some_and(|it| it.starts_with("s3:List") || it.starts_with("s3:Get"))
    };
    assert!(actions.iter().all(looks) && !actions.contains(&json!("s3:GetObject")), "{only}");
    assert!(statements.iter().any(|one| one["Sid"] == "ViewingEnded"), "{policy}");
}

#[tokio::test]
async fn it_takes_a_fresh_proof_and_somebody_else_who_is_active() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let form = json!({ "kind": "person", "uid": uid.as_str() });
    house.post(VIEWING, &alice, form.clone()).await.problem(403, "not-administrator");
    let root = house.person(&house.admin).await.uid().to_string();
    let own = json!({ "kind": "person", "uid": root });
    house.post(VIEWING, &house.admin, own).await.problem(409, "seeing-oneself");
    let nobody = json!({ "kind": "person", "uid": "01arz3ndektsv4rrffq69g5fav" });
    house.post(VIEWING, &house.admin, nobody).await.problem(404, "no-such-person");
    let disable = format!("/api/v1/people/{uid}/disable");
    house.ask(Method::POST, &disable, &house.admin, None).await;
    house.post(VIEWING, &house.admin, form.clone()).await.problem(409, "not-active");
    house.pass(SignedDuration::from_mins(11));
    house.post(VIEWING, &house.admin, form).await.problem(403, "step-up-needed");
}

#[tokio::test]
async fn a_role_is_seen_as_at_a_place() {
    let house = House::new().await;
    let form = json!({ "kind": "role", "role": "UploadRole", "prefix": "inbox/" });
    let begun = house.post(VIEWING, &house.admin, form).await;
    assert_eq!((begun.status.as_u16(), &begun.json()["role"]), (201, &json!(true)));
    let all = house.get("/api/v1/locations", &house.admin).await.json();
    let [one] = all["locations"].as_array().expect("locations").as_slice() else { panic!("{all}") };
    assert_eq!((&one["role"], &one["prefix"]), (&json!("UploadRole"), &json!("inbox/")));
    let may = |what: &str| one["may"][what]["allowed"].clone();
    assert_eq!([may("list"), may("get"), may("put")], [json!(false), json!(false), json!(true)]);
    let id = one["id"].as_str().expect("an id");
    let entries = house.get(&format!("/api/v1/locations/{id}/entries"), &house.admin).await;
    entries.problem(403, "access-denied");
    house.ask(Method::DELETE, VIEWING, &house.admin, None).await;
    for (form, code) in [
        (json!({ "kind": "role", "role": "PortalRole" }), "role-invalid"),
        (json!({ "kind": "role", "role": "UploadRole", "prefix": "inbox" }), "prefix-invalid"),
        (json!({ "kind": "role", "role": "UploadRole", "bucket": "nobody-s" }), "bucket-invalid"),
    ] {
        house.post(VIEWING, &house.admin, form).await.problem(400, code);
    }
}

/// After it ended by itself: nothing is open but to take note of that, and the trail tells why.
async fn is_over(house: &House, why: &str) {
    house.get("/api/v1/locations", &house.admin).await.problem(403, "seeing-over");
    let form = json!({ "name": "writers" });
    house.post("/api/v1/groups", &house.admin, form).await.problem(403, "seeing-over");
    let told = session(house).await;
    assert_eq!((&told["person"]["name"], &told["viewing"]["over"]), (&json!("root"), &json!(true)));
    let ended = house.ask(Method::DELETE, VIEWING, &house.admin, None).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert_eq!(house.get("/api/v1/locations", &house.admin).await.status, 200);
    let lines = house.lines_after(0).await;
    let line = lines.iter().find(|line| line.record.operation == "EndSeeingAs");
    let detail = line.and_then(|line| line.record.detail.clone()).expect("a line in the trail");
    assert!(detail.ends_with(why), "{detail}");
}

#[tokio::test]
async fn it_ends_by_itself_after_a_quarter_of_an_hour() {
    let house = House::new().await;
    house.register("alice").await;
    as_person(&house, "alice").await;
    house.pass(SignedDuration::from_mins(14));
    assert_eq!(house.get("/api/v1/locations", &house.admin).await.status, 200);
    house.pass(SignedDuration::from_mins(1));
    is_over(&house, "its time was up").await;
}

#[tokio::test]
async fn it_ends_when_the_person_is_shut_out() {
    let house = House::new().await;
    house.register("alice").await;
    as_person(&house, "alice").await;
    house.shut_out("alice").await;
    is_over(&house, "whoever was seen as is not active any more").await;
}

#[tokio::test]
async fn it_ends_when_the_administrator_is_none_any_more() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    let form = json!({ "role": "AdminRole", "prefix": "", "title": "All" });
    let given = house.post(&format!("/api/v1/people/{uid}/grants"), &house.admin, form).await;
    assert_eq!(given.status, 201, "{}", given.body);
    house.register("bob").await;
    as_person(&house, "bob").await;
    house.demote("root").await;
    house.get("/api/v1/locations", &house.admin).await.problem(403, "seeing-over");
    let ended = house.ask(Method::DELETE, VIEWING, &house.admin, None).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    house.get("/api/v1/people", &house.admin).await.problem(403, "not-administrator");
}

#[tokio::test]
async fn it_ends_with_the_session_and_begin_and_end_are_in_the_trail() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await;
    as_person(&house, "alice").await;
    let out = house.ask(Method::DELETE, "/api/v1/session", &house.admin, None).await;
    assert_eq!(out.status, 204, "{}", out.body);
    house.get("/api/v1/locations", &house.admin).await.problem(401, "not-signed-in");
    house.people.end_idle_sessions().await.expect("swept");
    let lines = house.lines_after(0).await;
    let told = |needle: &str| {
        let mut details = lines.iter().map(|line| {
            let outcome = line.outcome.as_ref().and_then(|outcome| outcome.detail.clone());
            let detail = line.record.detail.clone().unwrap_or_default();
            format!("{detail} {}", outcome.unwrap_or_default())
        });
        details.any(|detail| detail.contains(needle))
    };
    assert!(told(&format!("sees as person/{uid} until")), "the beginning");
    assert!(told("the session ended"), "the end");
}
