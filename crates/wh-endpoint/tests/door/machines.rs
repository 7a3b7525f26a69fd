//! What strangers hear at the machines' door.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::house::{House, NOW, REQUESTS_MAX};
use crate::signer::Ask;

const ENROL: &str = "/.wellhouse/machines/enrol";
const CREDENTIALS: &str = "/.wellhouse/machines/credentials";

#[tokio::test]
async fn who_is_not_enrolled_gets_nothing_and_learns_nothing() {
    let house = House::open().await;
    let now: Timestamp = NOW.parse().expect("a time");
    let (now, nothing) = (now.as_millisecond(), "00".repeat(64));
    let enrol = json!({ "token": "made up", "public_key": "00".repeat(32), "asked_at": now,
        "signature": nothing });
    let asking = json!({ "instance_id": "i-0123456789abcdef0", "asked_at": now,
        "signature": nothing });
    let old = json!({ "instance_id": "i-0123456789abcdef0", "asked_at": now - 300_001,
        "signature": nothing });
    let mut more = asking.clone();
    more["role"] = "AdminRole".into();
    let long = json!({ "token": "x".repeat(5000) });
    for (path, body, status, code) in [
        (ENROL, &enrol, 403, "machine-unknown"),
        (CREDENTIALS, &asking, 403, "machine-unknown"),
        (CREDENTIALS, &old, 403, "machine-clock"),
        (CREDENTIALS, &more, 400, "machine-request-malformed"),
        (CREDENTIALS, &enrol, 400, "machine-request-malformed"),
        (ENROL, &asking, 400, "machine-request-malformed"),
        (ENROL, &long, 400, ""),
        ("/.wellhouse/machines", &asking, 404, "not-found"),
        ("/.wellhouse/", &asking, 404, "not-found"),
    ] {
        let ask = house.hosted(Ask::new("POST", path).body(body.to_string()));
        let answer = house.raw(&ask).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert!(code.is_empty() || told["code"] == code, "{path} {body}: {told}");
        assert!(!told.to_string().contains("made up"), "{told}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let got = house.raw(&house.hosted(Ask::new("GET", ENROL))).await;
    assert_eq!(got.status, 405);
    // Not even the root user: it is no machine.
    let rooted = house.ask(&house.root, Ask::new("POST", CREDENTIALS).body(asking.to_string()));
    assert_eq!(rooted.await.status, 403);
}

#[tokio::test]
async fn who_sends_slowly_holds_no_place() {
    let house = House::open().await;
    let now: Timestamp = NOW.parse().expect("a time");
    let asking = json!({ "instance_id": "i-0123456789abcdef0", "asked_at": now.as_millisecond(),
        "signature": "00".repeat(64) });
    let mut slow = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let ask = house.hosted(Ask::new("POST", CREDENTIALS));
        let mut head = format!("POST {CREDENTIALS} HTTP/1.1\r\ncontent-length: 100\r\n");
        for (name, value) in ask.headers.iter().filter(|(name, _)| name != "content-length") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(house.address).await.expect("a connection");
        stream.write_all(format!("{head}\r\n{{").as_bytes()).await.expect("a head");
        slow.push(stream);
    }
    // More often than it takes until all of them have been seen.
    for _ in 0..50 {
        let ask = house.hosted(Ask::new("POST", CREDENTIALS).body(asking.to_string()));
        let answer = house.raw(&ask).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        let long = json!({ "token": "x".repeat(5000) }).to_string();
        let long = house.raw(&house.hosted(Ask::new("POST", ENROL).body(long))).await;
        assert_eq!(long.status, 400, "{}", long.text());
    }
    drop(slow);
}
