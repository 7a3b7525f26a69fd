//! Sessions: seen by their person and by administrators, ended one by one or all others.

use axum::body::Body;
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::house::{House, ORIGIN, PASSWORD};

const SESSIONS: &str = "/api/v1/account/sessions";
const OTHERS: &str = "/api/v1/account/sessions/end-others";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0";

impl House {
    /// Signs somebody in from a browser that has a cookie already, or none.
    async fn sign_in_over(&self, name: &str, cookie: &str) -> String {
        let form = json!({ "name": name, "password": PASSWORD });
        let request = Request::post("/api/v1/session").header("origin", ORIGIN);
        let request = request.header(COOKIE, cookie).header(USER_AGENT, FIREFOX);
        let request = request.header("content-type", "application/json");
        let answer = self.send(request.body(Body::from(form.to_string())).expect("one")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.cookie()
    }

    async fn sessions(&self, cookie: &str) -> Vec<Value> {
        let answer = self.get(SESSIONS, cookie).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["sessions"].as_array().expect("sessions").clone()
    }

    async fn is_over(&self, cookie: &str) -> bool {
        self.get("/api/v1/session", cookie).await.status == 401
    }
}

fn path_of(session: &Value) -> String {
    format!("{SESSIONS}/{}", session["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn somebody_sees_device_and_place_of_their_sessions_and_which_one_this_is() {
    let house = House::new().await;
    let here = house.register("alice").await;
    house.pass(SignedDuration::from_mins(5));
    let there = house.sign_in_over("alice", "").await;
    let seen = house.sessions(&here).await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let newest = &seen[0];
    assert_eq!((&newest["program"], &newest["system"]), (&json!("Firefox"), &json!("Windows")));
    assert_eq!((&newest["ip"], &newest["current"]), (&json!("192.0.2.7"), &json!(false)));
    assert_eq!(newest["began"], house.now().to_string());
    assert_eq!((&seen[1]["current"], &seen[1]["program"]), (&json!(true), &Value::Null));
    let shown = json!(seen).to_string();
    for cookie in [&here, &there] {
        assert!(!shown.contains(cookie.split_once('=').expect("a cookie").1), "{shown}");
    }
}

#[tokio::test]
async fn sessions_are_ended_one_by_one_or_all_others_after_a_fresh_proof() {
    let house = House::new().await;
    let here = house.register("alice").await;
    let there = house.sign_in_over("alice", "").await;
    let third = house.sign_in_over("alice", "").await;
    let bob = house.register("bob").await;
    let of_there = house.sessions(&there).await;
    let of_there = path_of(of_there.iter().find(|s| s["current"] == true).expect("this one"));
    house.ask(Method::DELETE, &of_there, &bob, None).await.problem(404, "no-such-session");
    assert!(!house.is_over(&there).await, "nobody ends the session of another");

    house.pass(SignedDuration::from_mins(10));
    house.ask(Method::DELETE, &of_there, &here, None).await.problem(403, "step-up-needed");
    house.ask(Method::POST, OTHERS, &here, None).await.problem(403, "step-up-needed");
    let proof = json!({ "password": PASSWORD });
    let here = house.post("/api/v1/session/proof", &here, proof).await.cookie();
    assert_eq!(house.ask(Method::DELETE, &of_there, &here, None).await.status, 204);
    house.ask(Method::DELETE, &of_there, &here, None).await.problem(404, "no-such-session");
    assert!(house.is_over(&there).await && !house.is_over(&third).await);
    let ended = house.ask(Method::POST, OTHERS, &here, None).await;
    assert_eq!(ended.json(), json!({ "ended": 1 }));
    assert!(house.is_over(&third).await && !house.is_over(&here).await);
    assert!(!house.is_over(&bob).await);
}

#[tokio::test]
async fn administrators_see_and_end_the_sessions_of_a_person() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let other = house.sign_in_over("alice", "").await;
    let uid = house.uid_of("alice").await;
    let path = format!("/api/v1/people/{uid}/sessions");
    let seen = house.get(&path, &house.admin).await.json();
    let seen = seen["sessions"].as_array().expect("sessions").clone();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|session| session["current"] == false), "none of them is root's");
    let mine = house.sessions(&alice).await;
    let mine = mine.iter().find(|session| session["current"] == true).expect("this one");
    let one = format!("{path}/{}", mine["id"].as_str().expect("an id"));
    assert_eq!(house.ask(Method::DELETE, &one, &house.admin, None).await.status, 204);
    house.ask(Method::DELETE, &one, &house.admin, None).await.problem(404, "no-such-session");
    assert!(house.is_over(&alice).await && !house.is_over(&other).await);
    let nobody = "/api/v1/people/01arz3ndektsv4rrffq69g5fav/sessions";
    house.get(nobody, &house.admin).await.problem(404, "no-such-person");
}

#[tokio::test]
async fn who_is_shut_out_while_the_body_comes_has_not_been_let_in_before() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let location = house.location(&alice, "home/").await;
    let form = json!({ "name": "late", "locations": [location], "actions": ["read"], "days": 9 });
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let body = futures::stream::once(async move {
        ended.await.expect("it goes on");
        Ok::<_, std::io::Error>(form.to_string())
    });
    let request = Request::post("/api/v1/tokens").header("origin", ORIGIN);
    let request = request.header("cookie", &alice).header("content-type", "application/json");
    let request = request.body(Body::from_stream(body)).expect("a request");
    let uid = house.uid_of("alice").await;
    let ending = async {
        let path = format!("/api/v1/people/{uid}/end-sessions");
        assert_eq!(house.post(&path, &house.admin, json!({})).await.status, 204);
        end.send(()).expect("somebody waits");
    };
    let (answer, ()) = tokio::join!(house.send(request), ending);
    answer.problem(401, "not-signed-in");
}

#[tokio::test]
async fn signing_in_over_a_session_ends_it() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let elsewhere = house.sign_in_over("alice", "").await;
    let next = house.sign_in_over("alice", &alice).await;
    assert!(house.is_over(&alice).await, "the cookie that was replaced opens nothing");
    assert!(!house.is_over(&elsewhere).await && !house.is_over(&next).await);
    let wrong = json!({ "name": "alice", "password": "not the password" });
    house.post("/api/v1/session", &next, wrong).await.problem(401, "login-refused");
    assert!(!house.is_over(&next).await, "who is not signed in ends nothing");
    house.register("bob").await;
    house.sign_in_over("bob", &next).await;
    assert!(house.is_over(&next).await, "whoever it was");
}

#[tokio::test]
async fn a_new_password_and_a_new_second_factor_end_the_other_sessions() {
    let house = House::new().await;
    let here = house.register("alice").await;
    let there = house.sign_in_over("alice", "").await;
    let change = json!({ "current": PASSWORD, "new": "another long and winding password" });
    let here = house.post("/api/v1/account/password", &here, change).await.cookie();
    assert!(house.is_over(&there).await && !house.is_over(&here).await);

    let bob = house.register("bob").await;
    let there = house.sign_in_over("bob", "").await;
    let (bob, _authenticator) = house.enrol(&bob).await;
    assert!(house.is_over(&there).await && !house.is_over(&bob).await);
    assert_eq!(house.sessions(&bob).await.len(), 1);
}
