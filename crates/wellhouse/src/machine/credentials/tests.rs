//! When credentials are replaced, and for whom.

use axum::Json;
use axum::Router;
use axum::routing::post;
use tokio::sync::Semaphore;
use wh_authority::MachineKeyPair;

use super::*;
use crate::parameters;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

#[test]
fn credentials_are_replaced_while_a_quarter_of_their_life_is_left() {
    let secret = || Secret::parse("x").expect("a secret");
    let held = Held {
        access_key_id: "ASIA".to_owned(),
        secret: secret(),
        token: secret(),
        updated: at(0),
        expires: at(3600),
        role: "EC2UploadRole".to_owned(),
        profile_arn: String::new(),
        profile_id: String::new(),
    };
    assert!(held.is_fresh(at(2699)) && !held.is_fresh(at(2700)));
    let state = State { held: Some(Arc::new(held)), ..State::default() };
    assert!(state.usable(at(3599)).is_some(), "where there are no others they serve on");
    assert!(state.usable(at(3600)).is_none(), "and never longer than they count");
}

/// An endpoint that tells when it is asked, and answers when it is let.
struct Endpoint {
    asked: Semaphore,
    let_go: Semaphore,
}

impl Endpoint {
    async fn start() -> (Arc<Self>, String) {
        let endpoint = Arc::new(Self { asked: Semaphore::new(0), let_go: Semaphore::new(0) });
        let own = Arc::clone(&endpoint);
        let answer = move || async move {
            own.asked.add_permits(1);
            own.let_go.acquire().await.expect("open").forget();
            let expires = parameters::clock().now() + SignedDuration::from_hours(1);
            Json(serde_json::json!({ "access_key_id": "ASIAEXAMPLE", "secret_access_key": "s",
                "session_token": "t", "expires": expires.to_string(), "role": "EC2UploadRole",
                "profile_arn": "arn", "profile_id": "AIPAEXAMPLE" }))
        };
        let router = Router::new().route("/.wellhouse/machines/credentials", post(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = format!("http://{}", listener.local_addr().expect("an address"));
        drop(tokio::spawn(async move { axum::serve(listener, router).await }));
        (endpoint, at)
    }
}

#[tokio::test]
async fn who_hangs_up_takes_nothing_from_who_comes_next() {
    let (endpoint, at) = Endpoint::start().await;
    let key = MachineKeyPair::generate(&parameters::entropy()).expect("a key");
    let arn = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0";
    let machine = Enrolled::parse(arn).expect("a machine");
    let identity = Identity { endpoint: at, key, enrolled: Some(machine.clone()) };
    let credentials = Arc::new(Credentials::new(identity, machine, parameters::clock()));
    let source = credentials.source();
    let tool = tokio::spawn(source());
    endpoint.asked.acquire().await.expect("open").forget();
    tool.abort();
    assert!(tool.await.expect_err("it hung up").is_cancelled());
    let next = tokio::spawn(source());
    endpoint.let_go.add_permits(2);
    let held = next.await.expect("it ends").expect("credentials");
    assert_eq!(held.access_key_id, "ASIAEXAMPLE");
    assert!(source().await.is_ok());
    assert_eq!(endpoint.asked.available_permits(), 0, "it was asked once");
}
