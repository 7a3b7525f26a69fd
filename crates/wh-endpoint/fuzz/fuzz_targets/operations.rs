//! Signed requests to S3: a method by the first byte, a path and a query in the first line, headers
//! up to an empty line, a body.

#![no_main]
#![allow(dead_code, reason = "the house of the door's tests has more than is needed here")]

#[path = "../../tests/door/client.rs"]
mod client;
#[path = "../../tests/door/house.rs"]
mod house;
#[path = "../../tests/door/signer.rs"]
mod signer;
mod wire;

use signer::{Ask, encode};

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// Headers that would make it another request than the one that is signed.
const OWN: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "x-amz-content-sha256",
    "x-amz-date",
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(ask) = ask(data) else { return };
    let answer = wire::with(async |house, _| house.ask(&house.root, ask.clone()).await);
    wire::check(&answer, &ask);
});

fn ask(data: &[u8]) -> Option<Ask> {
    let (method, rest) = data.split_first()?;
    let method = METHODS[usize::from(*method) % METHODS.len()];
    let end = rest.windows(2).position(|w| w == b"\n\n").unwrap_or(rest.len());
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    let body = rest.get(end + 2..).unwrap_or_default();
    let mut lines = head.lines();
    let target = lines.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments: Vec<_> = path.split('/').map(encode).collect();
    let mut ask = Ask::new(method, &format!("/files/{}", segments.join("/")));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        ask = ask.query(name, value);
    }
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        let token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if token && plain(value) && !OWN.contains(&name.as_str()) && ask.get(&name).is_empty() {
            ask = ask.header(&name, value);
        }
    }
    // A path of the bucket alone is written without a slash at its end.
    if ask.path == "/files/" {
        ask.path = "/files".to_owned();
    }
    Some(ask.body(body))
}
