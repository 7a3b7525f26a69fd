//! Links as those see them who make them: made, listed, revoked, and ruled by administrators.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::access::by_token;
use super::house::{Answer, House};
use super::store::{CRC, Store};

pub(super) const LINKS: &str = "/api/v1/links";
pub(super) const RULES: &str = "/api/v1/link-rules";

/// A house with a store that holds one file, and alice, who has a home.
pub(super) async fn sharing() -> (Store, House, String, String) {
    let store = Store::start().await;
    store.holding().object = Some((3, CRC));
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    (store, house, alice, home)
}

impl House {
    /// Makes a link, with more in the form; the answer, and the address of its page.
    pub(super) async fn shared(
        &self,
        cookie: &str,
        location: &str,
        more: Value,
    ) -> (Value, String) {
        let mut form = json!({ "location": location, "path": "a.txt" });
        let (form_of, more) = (form.as_object_mut().expect("a form"), more);
        form_of.extend(more.as_object().expect("an object").clone());
        let made = self.post(LINKS, cookie, form).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.headers["cache-control"], "no-store");
        let made = made.json();
        let path = made["path"].as_str().expect("a path").to_owned();
        (made["link"].clone(), path)
    }

    pub(super) async fn rule(&self, enabled: bool, password: bool, days_max: Value) -> Answer {
        let rules = json!({ "enabled": enabled, "password": password, "days_max": days_max });
        self.ask(Method::PUT, RULES, &self.admin, Some(rules)).await
    }
}

#[tokio::test]
async fn a_link_is_shown_once_and_its_secrets_never_again() {
    let (_store, house, alice, home) = sharing().await;
    let more = json!({ "password": "eight or more", "downloads_max": 3, "note": "for Bob" });
    let (link, path) = house.shared(&alice, &home, more).await;
    let token = path.strip_prefix("/s/").expect("an address").to_owned();
    assert_eq!(token.len(), 64);
    let week = (house.now() + SignedDuration::from_hours(24 * 7)).to_string();
    assert_eq!((&link["ends"], &link["state"]), (&json!(week), &json!("active")));
    assert_eq!((&link["password"], &link["showing"]), (&json!(true), &json!("download")));
    assert_eq!((&link["downloads_max"], &link["downloads"]), (&json!(3), &json!(0)));
    let here = format!("/api/v1/locations/{home}/links?path=a.txt");
    for address in [LINKS, &here] {
        let listed = house.get(address, &alice).await;
        assert_eq!(listed.json()["links"], json!([link]), "{address}");
        assert!(!listed.body.contains(&token) && !listed.body.contains("argon2"), "{address}");
    }
    let elsewhere = format!("/api/v1/locations/{home}/links?path=a.tx");
    assert_eq!(house.get(&elsewhere, &alice).await.json()["links"], json!([]));
    let trail = house.get("/api/v1/audit?action=portal:LinksMake", &house.admin).await;
    let detail = trail.json()["entries"][0]["detail"].as_str().expect("words").to_owned();
    assert!(
        detail.contains("to `a.txt`") && detail.contains("with a password, 3 times"),
        "{detail}"
    );
    assert!(!trail.body.contains(&token) && !trail.body.contains("eight or more"));
}

#[tokio::test]
async fn a_link_that_may_not_be_is_refused_with_the_field_at_fault() {
    let (store, house, alice, home) = sharing().await;
    let ask = async |more: Value| {
        let mut form = json!({ "location": home, "path": "a.txt" });
        form.as_object_mut().expect("a form").extend(more.as_object().expect("one").clone());
        house.post(LINKS, &alice, form).await
    };
    for (more, code, field) in [
        (json!({ "days": 0 }), "link-life-invalid", "days"),
        (json!({ "days": 3_651 }), "link-life-invalid", "days"),
        (json!({ "days": 1, "endless": true }), "invalid-body", "endless"),
        (json!({ "downloads_max": 0 }), "link-count-invalid", "downloads_max"),
        (json!({ "password": "seven77" }), "link-password-length", "password"),
        (json!({ "password": "x".repeat(257) }), "link-password-length", "password"),
        (json!({ "password": "password1" }), "link-password-common", "password"),
        (json!({ "password": "12345678" }), "link-password-common", "password"),
        (json!({ "note": "x".repeat(201) }), "link-note-invalid", "note"),
        (json!({ "note": "two\nlines" }), "link-note-invalid", "note"),
    ] {
        let refused = ask(more).await;
        assert_eq!(refused.problem(400, code)["field"], field, "{code}");
    }
    for path in ["", "/a.txt", "../a.txt", "b/../a.txt", "b\\a.txt", "a//b"] {
        assert_eq!(ask(json!({ "path": path })).await.status, 400, "{path}");
    }
    // A folder's session policy holds its path twice: such a link would never open.
    let name = format!("{}/", "x".repeat(900));
    store.holding().listing = "<Contents><Key>x</Key><Size>3</Size>\
         <LastModified>2027-01-15T08:00:00Z</LastModified><ETag>\"e\"</ETag></Contents>"
        .to_owned();
    let refused = ask(json!({ "path": name })).await;
    assert_eq!(refused.problem(400, "link-path-too-long")["field"], "path");
    for unknown in ["uid", "token", "digest", "password_phc", "grant_id", "id", "downloads"] {
        ask(json!({ unknown: "x" })).await.problem(400, "invalid-body");
    }
    let shared = house.location(&alice, "shared/").await;
    let upload = house.location(&house.admin, "").await;
    ask(json!({ "location": upload })).await.problem(404, "no-such-location");
    store.holding().object = None;
    ask(json!({ "location": shared })).await.problem(404, "no-such-file");
    store.holding().hidden = true;
    ask(json!({ "location": shared })).await.problem(403, "access-denied");
    assert_eq!(house.get(LINKS, &alice).await.json()["links"], json!([]));
}

/// File Browser: whoever knew the id of another's link deleted it.
#[tokio::test]
async fn cve_2025_64523_a_link_is_revoked_by_its_person_and_by_administrators_alone() {
    let (_store, house, alice, home) = sharing().await;
    let bob = house.register("robert").await;
    let (link, _) = house.shared(&alice, &home, json!({})).await;
    let id = link["id"].as_str().expect("an id");
    let path = format!("{LINKS}/{id}");
    house.ask(Method::DELETE, &path, &bob, None).await.problem(404, "no-such-link");
    for wrong in ["x", "01arz3ndektsv4rrffq69g5fav", home.as_str()] {
        let path = format!("{LINKS}/{wrong}");
        house.ask(Method::DELETE, &path, &alice, None).await.problem(404, "no-such-link");
    }
    assert_eq!(house.get(LINKS, &alice).await.json()["links"][0]["state"], "active");
    house.get("/api/v1/links/all", &bob).await.problem(403, "not-administrator");
    let all = house.get("/api/v1/links/all", &house.admin).await.json();
    assert_eq!(
        (&all["links"][0]["id"], &all["links"][0]["owner"]["name"]),
        (&json!(id), &json!("alice"))
    );
    assert_eq!(house.ask(Method::DELETE, &path, &house.admin, None).await.status, 204);
    house.ask(Method::DELETE, &path, &alice, None).await.problem(404, "no-such-link");
    assert_eq!(house.get(LINKS, &alice).await.json()["links"][0]["state"], "revoked");
    assert!(house.ledger.session_revoked(id), "with it ends what was issued for it");
}

#[tokio::test]
async fn the_rules_are_set_by_administrators_and_bind_links_that_are_there_already() {
    let (_store, house, alice, home) = sharing().await;
    let endless = json!({ "endless": true });
    house.shared(&alice, &home, endless.clone()).await;
    let state = async || house.get(LINKS, &alice).await.json()["links"][0]["state"].clone();
    assert_eq!(state().await, "active");
    let rules = json!({ "enabled": false, "password": false, "days_max": null });
    let refused = house.ask(Method::PUT, RULES, &alice, Some(rules)).await;
    refused.problem(403, "not-administrator");
    let form = |more: Value| {
        let mut form = json!({ "location": home, "path": "a.txt" });
        form.as_object_mut().expect("a form").extend(more.as_object().expect("one").clone());
        form
    };
    assert_eq!(house.rule(false, false, json!(null)).await.status, 200);
    assert_eq!(state().await, "barred");
    house.post(LINKS, &alice, form(json!({}))).await.problem(403, "links-off");
    assert_eq!(house.rule(true, true, json!(null)).await.status, 200);
    assert_eq!(state().await, "barred");
    let refused = house.post(LINKS, &alice, form(json!({}))).await;
    assert_eq!(refused.problem(400, "link-password-demanded")["field"], "password");
    assert_eq!(house.rule(true, false, json!(3)).await.status, 200);
    let shown = house.get(LINKS, &alice).await.json()["links"][0].clone();
    let three = (house.now() + SignedDuration::from_hours(72)).to_string();
    assert_eq!((&shown["state"], &shown["ends"]), (&json!("active"), &json!(three)));
    let refused = house.post(LINKS, &alice, form(endless)).await;
    assert_eq!(refused.problem(400, "link-life-invalid")["field"], "days");
    let here =
        house.get(&format!("/api/v1/locations/{home}/links?path=a.txt"), &alice).await.json();
    assert_eq!((&here["rules"]["days_max"], &here["days_given"]), (&json!(3), &json!(3)));
    for days in [0, 3_651] {
        let refused = house.rule(true, false, json!(days)).await;
        assert_eq!(refused.problem(400, "link-days-invalid")["field"], "days_max");
    }
    let trail = house.get("/api/v1/audit?action=portal:LinksSetRules", &house.admin).await.json();
    let told = trail["entries"].to_string();
    assert!(
        told.contains("before: links on, file requests on; now: links off, file requests on"),
        "{told}"
    );
}

#[tokio::test]
async fn links_are_listed_page_after_page() {
    let (_store, house, alice, home) = sharing().await;
    let mut made = Vec::new();
    for _ in 0..52 {
        made.push(house.shared(&alice, &home, json!({})).await.0["id"].clone());
    }
    made.sort_by_key(|id| std::cmp::Reverse(id.to_string()));
    let first = house.get(LINKS, &alice).await.json();
    let ids = |page: &Value| {
        let links = page["links"].as_array().expect("links").clone();
        links.into_iter().map(|link| link["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), made[..50]);
    let cursor = first["next"].as_str().expect("a cursor");
    let second = house.get(&format!("{LINKS}?cursor={cursor}"), &alice).await.json();
    assert_eq!((ids(&second), &second["next"]), (made[50..].to_vec(), &Value::Null));
    house.get(&format!("{LINKS}?cursor=x"), &alice).await.problem(400, "invalid-parameter");
}

/// A link that a script made opens nothing that the token does not, and not a moment longer.
#[tokio::test]
async fn a_link_that_an_api_token_made_ends_with_the_token() {
    let (_store, house, alice, home) = sharing().await;
    let shared = house.location(&alice, "shared/").await;
    let token = async |locations: Value, actions: Value, days: u32| {
        let form = json!({ "name": "t", "locations": locations, "actions": actions, "days": days });
        let made = house.post("/api/v1/tokens", &alice, form).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&made["token"]["id"]), text(&made["secret"]))
    };
    let asks_for = async |token: &str, location: &str| {
        let form = json!({ "location": location, "path": "a.txt", "endless": true });
        by_token(&house, Method::POST, LINKS, (token, Some(form))).await
    };
    let (_, lists) = token(json!([home]), json!(["list"]), 9).await;
    asks_for(&lists, &home).await.problem(403, "access-denied");
    let (id, reads) = token(json!([home]), json!(["read"]), 9).await;
    asks_for(&reads, &shared).await.problem(404, "no-such-location");
    let made = asks_for(&reads, &home).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let nine = (house.now() + SignedDuration::from_hours(24 * 9)).to_string();
    assert_eq!(made["link"]["ends"], json!(nine));
    let page = made["path"].as_str().expect("an address").to_owned();
    assert_eq!(house.get(&page, "").await.status, 200);
    let (_, others) = token(json!([shared]), json!(["read"]), 9).await;
    let listed = by_token(&house, Method::GET, LINKS, (&others, None)).await;
    assert_eq!(listed.json()["links"], json!([]), "of a place that the token is not for");
    let path = format!("{LINKS}/{}", made["link"]["id"].as_str().expect("an id"));
    let refused = by_token(&house, Method::DELETE, &path, (&others, None)).await;
    refused.problem(404, "no-such-link");
    house.ask(Method::DELETE, &format!("/api/v1/tokens/{id}"), &alice, None).await;
    assert_eq!(house.get(&page, "").await.status, 404);
}
