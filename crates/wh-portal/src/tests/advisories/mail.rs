//! Links by mail: what they begin with, whom they tell of, and how often.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::tests::house::{Answer, House, ORIGIN, PASSWORD};

const RESET: &str = "/api/v1/password-reset";

impl House {
    /// Registers alice and checks her address.
    pub(in crate::tests) async fn alice_with_address(&self) {
        let form = json!({ "name": "alice", "password": PASSWORD, "email": "alice@example.org" });
        let answer = self.post("/api/v1/registration", "", form).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let token = self.token_mailed("mail-check").await.expect("a link");
        let checked = self.post("/api/v1/mail-check", "", json!({ "token": token })).await;
        assert_eq!((checked.status.as_u16(), checked.json()), (200, json!({ "active": true })));
    }

    /// The token of the next link to this page, once it is written; none where nothing comes.
    pub(in crate::tests) async fn token_mailed(&self, page: &str) -> Option<String> {
        let begin = format!("  https://files.example.org/{page}#token=");
        // It is looked into at a moment that nobody knows, within two seconds.
        for _ in 0..300 {
            if let Some(mail) = self.mail().await {
                let link = mail.body.lines().find_map(|line| line.strip_prefix(&begin));
                return Some(link.unwrap_or_else(|| panic!("{}", mail.body)).to_owned());
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        None
    }
}

/// All that an answer says but when and to which request.
fn said(answer: &Answer) -> (StatusCode, String, HeaderMap) {
    let mut headers = answer.headers.clone();
    for name in ["x-request-id", "date"] {
        headers.remove(name);
    }
    (answer.status, answer.body.clone(), headers)
}

/// `WordPress`, and many after it: the link of a reset began with what the request said of the host, so
/// that its token was sent to whoever asked.
#[tokio::test]
async fn cve_2017_8295_a_link_begins_with_the_houses_address_whatever_the_request_says() {
    let house = House::new().await;
    house.alice_with_address().await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-original-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-host", "evil.example"),
    ] {
        let request = Request::post(RESET)
            .header("origin", ORIGIN)
            .header("content-type", "application/json")
            .header(name, value);
        let body = Body::from(json!({ "who": "alice" }).to_string());
        let answer = house.send(request.body(body).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{name}: {}", answer.body);
        let mail = house.token_mailed("new-password").await;
        assert_eq!(mail.map(|token| token.len()), Some(64), "{name}");
        // Five are sent in a day.
        house.pass(jiff::SignedDuration::from_hours(6));
    }
}

/// Elsewhere a reset told who is registered.
#[tokio::test]
async fn ghsa_7789_asking_for_a_password_tells_nobody_who_is_registered() {
    let house = House::new().await;
    house.alice_with_address().await;
    house.register("without").await;
    let mut answers = Vec::new();
    for who in ["alice", "alice@example.org", "without", "nobody", "nobody@example.org", "", "a\0"]
    {
        let answer = house.post(RESET, "", json!({ "who": who })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{who:?}: {}", answer.body);
        answers.push(said(&answer));
    }
    let first = answers.first().expect("an answer").clone();
    assert!(answers.iter().all(|answer| *answer == first), "{answers:#?}");
    let free = json!({ "name": "bob", "password": PASSWORD, "email": "bob@example.org" });
    let taken = json!({ "name": "eve", "password": PASSWORD, "email": "Alice@EXAMPLE.org" });
    let free = said(&house.post("/api/v1/registration", "", free).await);
    assert_eq!(free, said(&house.post("/api/v1/registration", "", taken).await));
}

/// Nextcloud: nothing slowed down who guessed at the links of a reset.
#[tokio::test]
async fn cve_2023_35172_guessing_at_links_is_slowed_down() {
    let house = House::new().await;
    for n in 0..100 {
        let token = format!("{n:064x}");
        let path = if n % 2 == 0 { "/api/v1/new-password" } else { "/api/v1/mail-check" };
        let mut form = json!({ "token": token });
        if n % 2 == 0 {
            form["password"] = json!(PASSWORD);
        }
        let refused = house.post(path, "", form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{n}: {}", refused.body);
    }
    let form = json!({ "token": "0", "password": PASSWORD });
    house.post("/api/v1/new-password", "", form).await.problem(429, "throttled");
    let form = json!({ "token": "0" });
    house.post("/api/v1/mail-check", "", form).await.problem(429, "throttled");
}

#[tokio::test]
async fn asking_for_a_password_is_slowed_down_and_fills_no_mailbox() {
    let house = House::new().await;
    house.alice_with_address().await;
    let mut mailed = 0;
    for n in 0..40 {
        let answer = house.post(RESET, "", json!({ "who": "alice" })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{n}: {}", answer.body);
    }
    let answer = house.post(RESET, "", json!({ "who": "nobody" })).await;
    answer.problem(429, "throttled");
    assert!(answer.headers.contains_key("retry-after"));
    while house.token_mailed("new-password").await.is_some() {
        mailed += 1;
    }
    assert_eq!(mailed, 5);
}

#[tokio::test]
async fn a_link_by_mail_sets_the_password_and_the_second_factor_is_asked_for() {
    let house = House::new().await;
    house.alice_with_address().await;
    let form = json!({ "name": "alice", "password": PASSWORD });
    let cookie = house.post("/api/v1/session", "", form).await.cookie();
    let (cookie, _) = house.enrol(&cookie).await;
    while house.mail().await.is_some() {}
    house.post(RESET, "", json!({ "who": "alice@example.org" })).await;
    let token = house.token_mailed("new-password").await.expect("a link");
    let new = "another long and winding password";
    let form = json!({ "token": token, "password": new });
    let set = house.post("/api/v1/new-password", "", form.clone()).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.body);
    house.get("/api/v1/session", &cookie).await.problem(401, "not-signed-in");
    house.post("/api/v1/new-password", "", form).await.problem(403, "password-link-refused");
    let form = json!({ "name": "alice", "password": new });
    let answer = house.post("/api/v1/session", "", form).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "the second step is awaited");
}

#[tokio::test]
async fn an_address_is_changed_after_a_fresh_proof_and_administrators_see_whether_it_is_checked() {
    let house = House::new().await;
    house.alice_with_address().await;
    let form = json!({ "name": "alice", "password": PASSWORD });
    let cookie = house.post("/api/v1/session", "", form).await.cookie();
    let own = async || house.get("/api/v1/account/email", &cookie).await.json();
    assert_eq!(
        own().await,
        json!({ "email": "alice@example.org", "checked": true, "wanted": null })
    );
    house.pass(jiff::SignedDuration::from_mins(11));
    let put = async |email: &str| {
        let body = Some(json!({ "email": email }));
        house.ask(Method::PUT, "/api/v1/account/email", &cookie, body).await
    };
    put("new@example.org").await.problem(403, "step-up-needed");
    let proof = json!({ "password": PASSWORD });
    let proved = house.post("/api/v1/session/proof", &cookie, proof).await;
    let cookie = proved.cookie();
    let put = async |email: &str| {
        let body = Some(json!({ "email": email }));
        house.ask(Method::PUT, "/api/v1/account/email", &cookie, body).await
    };
    put("new@example.org\r\nBcc: eve@example.net").await.problem(400, "email-invalid");
    assert_eq!(put("new@example.org").await.status, StatusCode::ACCEPTED);
    let own = house.get("/api/v1/account/email", &cookie).await.json();
    assert_eq!(
        (&own["email"], &own["wanted"]["email"]),
        (&json!("alice@example.org"), &json!("new@example.org"))
    );
    let people = house.get("/api/v1/people", &house.admin).await.json();
    let people = people["people"].as_array().expect("people").clone();
    let checked = |name: &str| -> Value {
        people.iter().find(|p| p["name"] == name).expect("a person")["email_checked"].clone()
    };
    assert_eq!((checked("alice"), checked("root")), (json!(true), json!(false)));
}

#[tokio::test]
async fn administrators_see_what_could_not_be_sent_and_never_what_it_says() {
    let house = House::new().await;
    house.alice_with_address().await;
    house.post(RESET, "", json!({ "who": "alice" })).await;
    for _ in 0..300 {
        if house.give_up_a_mail("550 no such mailbox").await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let answer = house.get("/api/v1/mail", &house.admin).await;
    let mail = answer.json();
    assert_eq!(mail["set_up"], json!(true), "{mail}");
    let unsent = mail["unsent"].as_array().expect("mails");
    assert_eq!(unsent.len(), 1, "{mail}");
    assert_eq!(unsent[0]["recipient"], "alice@example.org");
    assert_eq!(
        (&unsent[0]["given_up"], &unsent[0]["error"]),
        (&json!(true), &json!("550 no such mailbox"))
    );
    assert!(!answer.body.contains("token="));
}
