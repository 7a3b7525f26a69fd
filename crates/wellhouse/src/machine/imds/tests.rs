//! Whom the metadata service tells what.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::FutureExt;
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use wh_names::Secret;

use super::*;
use crate::machine::credentials::Held;
use crate::parameters::entropy;

const NOW: i64 = 1_790_000_000_000;
const ARN: &str = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0";
const HERE: &str = "127.0.0.1:40000";
const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials/";

struct Kit {
    imds: Arc<Imds>,
    now: Arc<AtomicI64>,
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("a time")
}

fn held() -> Held {
    Held {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret: Secret::parse("s3cret").expect("a secret"),
        token: Secret::parse("t0ken").expect("a secret"),
        updated: time(NOW),
        expires: time(NOW + 3_600_500),
        role: "EC2UploadRole".to_owned(),
        profile_arn: "arn:aws:iam::111122223333:instance-profile/w/EC2UploadRole".to_owned(),
        profile_id: "AIPAEXAMPLE".to_owned(),
    }
}

impl Kit {
    fn new() -> Self {
        Self::with(Ok(Arc::new(held())))
    }

    fn with(held: Result<Arc<Held>, Unavailable>) -> Self {
        let now = Arc::new(AtomicI64::new(NOW));
        let told = Arc::clone(&now);
        let clock = Clock::new(move || time(told.load(Ordering::Relaxed)));
        let source: Source = Arc::new(move || std::future::ready(held.clone()).boxed());
        let machine = Enrolled::parse(ARN).expect("a machine");
        Self { imds: Arc::new(Imds::new(machine, source, (clock, &entropy()))), now }
    }

    async fn ask(&self, from: &str, what: (&str, &str), headers: &[(&str, &str)]) -> (u16, String) {
        let mut request = Request::builder().method(what.0).uri(what.1);
        let named = headers.iter().any(|(name, _)| *name == "host");
        let host = (!named).then_some(("host", "127.0.0.1:1338"));
        for (name, value) in host.iter().chain(headers) {
            request = request.header(*name, *value);
        }
        let address: SocketAddr = from.parse().expect("an address");
        let request = request.body(()).expect("a request");
        let peer = Peer { address, secure: false };
        let response = Arc::clone(&self.imds).answer(request, peer).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    async fn token(&self, seconds: &str) -> (u16, String) {
        self.ask(HERE, ("PUT", "/latest/api/token"), &[(TOKEN_SECONDS, seconds)]).await
    }

    async fn get(&self, path: &str, token: &str) -> (u16, String) {
        self.ask(HERE, ("GET", path), &[(TOKEN, token)]).await
    }

    async fn told(&self, path: &str) -> (u16, String) {
        let (_, token) = self.token("60").await;
        self.get(path, &token).await
    }
}

#[tokio::test]
async fn nothing_is_told_without_a_token_that_counts() {
    let kit = Kit::new();
    for path in ["/", "/latest/meta-data/instance-id", CREDENTIALS, "/nothing"] {
        assert_eq!(kit.ask(HERE, ("GET", path), &[]).await.0, 401, "{path}");
        assert_eq!(kit.get(path, "").await.0, 401, "{path}");
    }
    let (status, token) = kit.token("5").await;
    assert_eq!(status, 200);
    assert_eq!(kit.get("/latest/meta-data/instance-id", &token).await.0, 200);
    let forged = token.replacen(|c: char| c != 'A', "A", 1);
    let others = Kit::new().token("5").await.1;
    for bad in [&forged, &others, token.trim_end_matches('='), &token.to_lowercase(), "x"] {
        assert_eq!(kit.get("/latest/meta-data/instance-id", bad).await.0, 401, "{bad}");
    }
    kit.now.fetch_add(4_999, Ordering::Relaxed);
    assert_eq!(kit.get("/latest/meta-data/instance-id", &token).await.0, 200);
    kit.now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(kit.get("/latest/meta-data/instance-id", &token).await.0, 401, "it has ended");
}

#[tokio::test]
async fn a_token_counts_between_a_second_and_six_hours_and_takes_a_put() {
    let kit = Kit::new();
    for (seconds, status) in [
        ("1", 200),
        ("21600", 200),
        ("0", 400),
        ("21601", 400),
        ("-1", 400),
        ("4294967297", 400),
        ("", 400),
        ("a minute", 400),
    ] {
        assert_eq!(kit.token(seconds).await.0, status, "{seconds}");
    }
    let put = ("PUT", "/latest/api/token");
    assert_eq!(kit.ask(HERE, put, &[]).await.0, 400, "it does not say how long");
    for method in ["GET", "POST", "DELETE"] {
        let asked = kit.ask(HERE, (method, put.1), &[(TOKEN_SECONDS, "60")]).await;
        assert_eq!(asked.0, 405, "{method}");
    }
    let (_, token) = kit.token("60").await;
    let post = kit.ask(HERE, ("POST", CREDENTIALS), &[(TOKEN, &token)]).await;
    assert_eq!(post.0, 405);
}

#[tokio::test]
async fn who_is_not_on_the_machine_gets_no_token_and_no_answer() {
    let kit = Kit::new();
    let (_, token) = kit.token("60").await;
    let (put, get) = (("PUT", "/latest/api/token"), ("GET", CREDENTIALS));
    for from in ["10.0.0.7:40000", "[2001:db8::1]:40000", "[::ffff:10.0.0.7]:40000"] {
        assert_eq!(kit.ask(from, put, &[(TOKEN_SECONDS, "60")]).await.0, 403, "{from}");
        assert_eq!(kit.ask(from, get, &[(TOKEN, &token)]).await.0, 403, "{from}");
    }
    for from in ["127.0.0.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "169.254.169.254:1"] {
        assert_eq!(kit.ask(from, get, &[(TOKEN, &token)]).await.0, 200, "{from}");
    }
    for header in [
        ("x-forwarded-for", "127.0.0.1"),
        ("X-Forwarded-For", ""),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "for=127.0.0.1"),
        ("via", "1.1 localhost"),
        ("x-real-ip", "127.0.0.1"),
        ("x-client-ip", "127.0.0.1"),
        ("true-client-ip", "127.0.0.1"),
        ("x-envoy-external-address", "127.0.0.1"),
        ("proxy-connection", "keep-alive"),
        ("host", "evil.example"),
        ("host", "evil.example:1338"),
        ("host", "10.0.0.7"),
        ("host", ""),
    ] {
        assert_eq!(kit.ask(HERE, put, &[(TOKEN_SECONDS, "60"), header]).await.0, 403, "{header:?}");
        assert_eq!(kit.ask(HERE, get, &[(TOKEN, &token), header]).await.0, 403, "{header:?}");
    }
    for host in ["localhost:1338", "169.254.169.254", "127.0.0.1"] {
        assert_eq!(kit.ask(HERE, get, &[(TOKEN, &token), ("host", host)]).await.0, 200, "{host}");
    }
}

#[tokio::test]
async fn credentials_and_identity_have_ec2s_shapes() {
    let kit = Kit::new();
    assert_eq!(kit.told(CREDENTIALS).await, (200, "EC2UploadRole".to_owned()));
    let (status, text) = kit.told(&format!("{CREDENTIALS}EC2UploadRole")).await;
    let given: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(status, 200);
    assert_eq!(
        given,
        serde_json::json!({
            "Code": "Success",
            "LastUpdated": "2026-09-21T14:13:20Z",
            "Type": "AWS-HMAC",
            "AccessKeyId": "ASIAEXAMPLE",
            "SecretAccessKey": "s3cret",
            "Token": "t0ken",
            "Expiration": "2026-09-21T15:13:20Z",
        })
    );
    assert_eq!(kit.told(&format!("{CREDENTIALS}AdminRole")).await.0, 404);
    assert_eq!(kit.told("/latest/meta-data/placement/region").await.1, "eu-west-1");
    assert_eq!(kit.told("/latest/meta-data/instance-id").await.1, "i-0123456789abcdef0");
    let (_, document) = kit.told("/latest/dynamic/instance-identity/document").await;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["accountId"], "111122223333");
    let (_, info) = kit.told("/latest/meta-data/iam/info").await;
    assert!(info.contains("AIPAEXAMPLE"), "{info}");
    for path in ["/latest/user-data", "/2008-02-01/meta-data/instance-id", "/latest/meta-data/x"] {
        assert_eq!(kit.told(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_as_ec2_tells_it_and_silence_as_a_failure() {
    let refused = Unavailable::Refused { code: "x".to_owned(), message: "revoked".to_owned() };
    let kit = Kit::with(Err(refused));
    assert_eq!(kit.told(CREDENTIALS).await.0, 404);
    let (status, text) = kit.told(&format!("{CREDENTIALS}EC2UploadRole")).await;
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((status, &told["Code"]), (200, &Value::from("AssumeRoleUnauthorizedAccess")));
    assert_eq!(told["Message"], "revoked");
    let kit = Kit::with(Err(Unavailable::Unreachable("nobody is there".to_owned())));
    assert_eq!(kit.told(CREDENTIALS).await.0, 503);
    assert_eq!(kit.told(&format!("{CREDENTIALS}EC2UploadRole")).await.0, 503);
}
