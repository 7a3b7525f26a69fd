//! Single sign-on at the door: the cookie, the address, and what a wrong answer gets. What providers say
//! is tried in `wh-people`, and with a real one in the browser's tests.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use wh_people::{Outbound, Provider, ProviderOptions, SignOnOptions, StrongClaims};

use super::house::{Answer, House, ORIGIN};

const LEAVE: &str = "/api/v1/session/providers/main";
const ANSWER: &str = "/api/v1/session/providers/main/answer";
const ISSUER: &str = "https://id.example.org";

/// One provider that says where its doors are, and does nothing else.
pub(super) fn sign_on() -> SignOnOptions {
    let provider = Provider::new(ProviderOptions {
        id: "main".to_owned(),
        name: "Main".to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: "wellhouse".to_owned(),
        client_secret: None,
        scopes: Vec::new(),
        groups_claim: None,
        groups: BTreeMap::new(),
        second_factor: StrongClaims::default(),
        domains: Vec::new(),
    });
    let outbound = Outbound::new(|asking| async move {
        if !asking.address.ends_with("/.well-known/openid-configuration") {
            return Ok((404, Vec::new()));
        }
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
        });
        Ok((200, document.to_string().into_bytes()))
    });
    let providers = vec![provider.expect("a provider")];
    SignOnOptions { providers, outbound, ..SignOnOptions::default() }
}

impl House {
    /// Leaves for the provider: the cookie, and the state.
    async fn leave(&self, path: &str, cookie: &str) -> (String, String) {
        let left = self.post(path, cookie, json!({ "return_to": "/account" })).await;
        assert_eq!(left.status, 200, "{}", left.body);
        let location = left.json()["location"].as_str().expect("an address").to_owned();
        assert!(location.starts_with(&format!("{ISSUER}/auth?response_type=code")), "{location}");
        let (_, state) = location.split_once("&state=").expect("a state");
        (left.cookie(), state.split('&').next().expect("a state").to_owned())
    }
}

fn declined(state: &str) -> Value {
    json!({ "state": state, "error": "access_denied" })
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all(SET_COOKIE).iter();
    all.map(|value| value.to_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn who_leaves_for_a_provider_is_known_by_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let house = House::new().await;
    let names = house.get("/api/v1/session/providers", "").await.json();
    assert_eq!(names, json!({ "providers": [{ "id": "main", "name": "Main" }] }));
    let left = house.post(LEAVE, "", json!({})).await;
    let set = set_cookies(&left);
    let (cookie, guards) = set[0].split_once("; ").expect("attributes");
    assert!(
        cookie.starts_with("__Host-provider=") && cookie.len() == "__Host-provider=".len() + 64
    );
    assert_eq!(guards, "Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax");
    let token = cookie.trim_start_matches("__Host-provider=");
    assert!(!left.body.contains(token), "the token is in the cookie only");
    house
        .post("/api/v1/session/providers/nobody", "", json!({}))
        .await
        .problem(404, "no-such-provider");
}

#[tokio::test]
async fn the_address_that_a_provider_sends_back_to_is_the_configured_one_whatever_the_host() {
    let house = House::new().await;
    let request = Request::post(LEAVE)
        .header("origin", ORIGIN)
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("content-type", "application/json");
    let left = house.send(request.body(Body::from("{}")).expect("a request")).await;
    let redirect = "redirect_uri=https%3A%2F%2Ffiles.example.org%2Fsign-in%2Fmain&";
    assert!(left.body.contains(redirect) && !left.body.contains("evil"), "{}", left.body);
}

#[tokio::test]
async fn an_answer_without_its_browser_is_none_and_a_declined_one_is_told_and_recorded() {
    let house = House::new().await;
    let (cookie, state) = house.leave(LEAVE, "").await;
    for cookie in ["", "__Host-provider=x", &format!("__Host-provider={}", "0".repeat(64))] {
        house.post(ANSWER, cookie, declined(&state)).await.problem(403, "provider-answer-over");
    }
    let told = house.post(ANSWER, &cookie, declined(&state)).await;
    assert!(told.problem(403, "provider-declined")["detail"].to_string().contains("access_denied"));
    house.post(ANSWER, &cookie, declined(&state)).await.problem(403, "provider-answer-over");
    let log = house.get("/api/v1/audit?action=portal:ProvidersAnswer", &house.admin).await.json();
    let outcomes: Vec<_> = log["entries"].as_array().expect("entries").iter().collect();
    assert_eq!(outcomes.len(), 5);
    assert!(outcomes.iter().any(|line| line.to_string().contains("provider-declined")));
    // A code that the provider does not take: it answers, and not as it must.
    let (cookie, state) = house.leave(LEAVE, "").await;
    let answer = house.post(ANSWER, &cookie, json!({ "state": state, "code": "x" })).await;
    answer.problem(503, "provider-unavailable");
    assert!(set_cookies(&answer).is_empty());
}

#[tokio::test]
async fn linking_needs_a_fresh_proof_and_whoever_began_it() {
    let house = House::new().await;
    let link = "/api/v1/account/identities/main";
    let alice = house.register("alice").await;
    let (provider, state) = house.leave(link, &alice).await;
    let (bob, both) = (house.register("bob").await, |who: &str| format!("{who}; {provider}"));
    for cookie in [provider.clone(), both(&bob)] {
        let answer = house.post(ANSWER, &cookie, declined(&state)).await;
        let code = answer.json()["code"].as_str().expect("a code").to_owned();
        // The first of them has ended it for everybody.
        assert!(["provider-another-person", "provider-answer-over"].contains(&code.as_str()));
    }
    house.post(ANSWER, &both(&alice), declined(&state)).await.problem(403, "provider-answer-over");
    house.pass(jiff::SignedDuration::from_mins(11));
    let asked = house.post(link, &alice, json!({})).await;
    asked.problem(403, "step-up-needed");
    let gone = house.ask(Method::DELETE, link, &alice, None).await;
    gone.problem(403, "step-up-needed");
    let seen = house.get("/api/v1/account/identities", &alice).await.json();
    assert_eq!(seen["identities"], json!([]));
    assert_eq!((&seen["password"], &seen["proofs"]), (&json!(true), &json!([])));
    let uid = house.uid_of("alice").await;
    let of = house.get(&format!("/api/v1/people/{uid}/identities"), &house.admin).await.json();
    assert_eq!(of, json!({ "identities": [] }));
}

/// An administrator left for a provider to link it, and sees as somebody else when the answer comes: nothing is linked,
/// to neither of them.
#[tokio::test]
async fn nothing_is_linked_while_one_sees_as_somebody_else() {
    let house = House::new().await;
    house.register("alice").await;
    let (provider, state) = house.leave("/api/v1/account/identities/main", &house.admin).await;
    let both = format!("{}; {provider}", house.admin);
    let uid = house.uid_of("alice").await;
    let viewed = json!({ "kind": "person", "uid": uid.as_str() });
    let begun = house.post("/api/v1/viewing", &house.admin, viewed).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let code = json!({ "state": state, "code": "x" });
    // The provider is not even asked: it would not answer (503).
    house.post(ANSWER, &both, code).await.problem(403, "provider-another-person");
    let ended = house.ask(Method::DELETE, "/api/v1/viewing", &house.admin, None).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    for name in ["root", "alice"] {
        let uid = house.uid_of(name).await;
        let of = house.get(&format!("/api/v1/people/{uid}/identities"), &house.admin).await.json();
        assert_eq!(of, json!({ "identities": [] }), "{name}");
    }
}
