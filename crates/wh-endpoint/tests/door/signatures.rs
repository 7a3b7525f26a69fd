//! Every way of signing, and every way of getting it wrong.

use jiff::SignedDuration;

use crate::client::Answer;
use crate::house::House;
use crate::signer::{Ask, Signer, sha256, unsigned_chunks};

const VICTIM: &str = "/files/victim";
const BODY: &[u8] = b"the quick brown fox jumps over the lazy dog";
const TRAILER: &str = "x-amz-checksum-crc32";

fn crc32(data: &[u8]) -> String {
    use base64::Engine as _;
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, data);
    let sum = u32::try_from(sum).expect("32 bits").to_be_bytes();
    base64::engine::general_purpose::STANDARD.encode(sum)
}

/// One way of signing a PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Hash,
    Unsigned,
    Presigned,
    Chunks,
    ChunksTrailer,
    UnsignedTrailer,
}

const WAYS: [Way; 6] = [
    Way::Hash,
    Way::Unsigned,
    Way::Presigned,
    Way::Chunks,
    Way::ChunksTrailer,
    Way::UnsignedTrailer,
];

impl Way {
    fn put(self, house: &House, who: &Signer, path: &str) -> Ask {
        let mut ask = house.hosted(Ask::new("PUT", path));
        let length = BODY.len().to_string();
        let (head, tail) = BODY.split_at(20);
        let trailer = format!("{TRAILER}:{}", crc32(BODY));
        match self {
            Self::Hash => {
                ask.body = BODY.to_vec();
                who.sign(&mut ask, &sha256(BODY));
            }
            Self::Unsigned => {
                ask.body = BODY.to_vec();
                who.sign(&mut ask, "UNSIGNED-PAYLOAD");
            }
            Self::Presigned => {
                ask.body = BODY.to_vec();
                ask = who.presigned(ask, "300");
            }
            Self::Chunks => {
                ask = ask.header("x-amz-decoded-content-length", &length);
                ask = ask.header("content-encoding", "aws-chunked");
                let seed = who.sign(&mut ask, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
                ask.body = seed.chunks(&[head, tail], &[]);
            }
            Self::ChunksTrailer => {
                ask = ask.header("x-amz-decoded-content-length", &length);
                ask = ask.header("x-amz-trailer", TRAILER);
                let seed = who.sign(&mut ask, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
                ask.body = seed.chunks(&[head, tail], &[&trailer]);
            }
            Self::UnsignedTrailer => {
                ask = ask.header("x-amz-decoded-content-length", &length);
                ask = ask.header("x-amz-trailer", TRAILER);
                who.sign(&mut ask, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
                ask.body = unsigned_chunks(&[head, tail], &[&trailer]);
            }
        }
        ask
    }

    fn chunked(self) -> bool {
        matches!(self, Self::Chunks | Self::ChunksTrailer | Self::UnsignedTrailer)
    }
}

fn replaced(data: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(data.to_vec()).expect("text");
    assert!(text.contains(from), "`{from}` is not in the body");
    text.replacen(from, to, 1).into_bytes()
}

fn flipped(hex: &str) -> String {
    let last = if hex.ends_with('0') { '1' } else { '0' };
    let start: String = hex.chars().take(hex.len() - 1).collect();
    format!("{start}{last}")
}

/// The signature as it stands in the request, flipped in its last digit.
fn forge(ask: &mut Ask) {
    if let Some((_, value)) = ask.query.iter_mut().find(|(n, _)| n == "X-Amz-Signature") {
        *value = flipped(value);
        return;
    }
    let forged = flipped(ask.get("authorization"));
    ask.set("authorization", &forged);
}

async fn refused(house: &House, what: &str, ask: &Ask) -> Answer {
    let answer = house.raw(ask).await;
    assert!(answer.status >= 400, "{what}: {} {}", answer.status, answer.text());
    assert!(answer.status < 500 || answer.status == 501, "{what}: {}", answer.text());
    assert_eq!(house.object(VICTIM).await, None, "{what}: something was written");
    answer
}

#[tokio::test]
async fn every_way_of_signing_stores_exactly_the_body() {
    let house = House::open().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let alice = house.session("alice", Some(policy)).await;
    for who in [&house.root.clone(), &alice] {
        for way in WAYS {
            let answer = house.raw(&way.put(&house, who, VICTIM)).await;
            assert_eq!(answer.status, 200, "{way:?}: {}", answer.text());
            assert_eq!(house.object(VICTIM).await.as_deref(), Some(BODY), "{way:?}");
            house.ask(&house.root, Ask::new("DELETE", VICTIM)).await;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn a_mutated_request_is_refused_and_writes_nothing() {
    let house = House::open().await;
    let root = house.root.clone();
    for way in WAYS {
        let good = || way.put(&house, &root, VICTIM);
        let mut cases: Vec<(&str, Ask)> = Vec::new();
        let mut case = |name, change: &dyn Fn(&mut Ask)| {
            let mut ask = good();
            change(&mut ask);
            cases.push((name, ask));
        };
        case("forged signature", &forge);
        case("another method", &|ask| ask.method = "DELETE".to_owned());
        case("another key", &|ask| ask.path = format!("{VICTIM}2"));
        case("another query", &|ask| ask.query.push(("partNumber".into(), "1".into())));
        case("another host", &|ask| ask.set("host", "example.org"));
        case("an unsigned x-amz header", &|ask| ask.set("x-amz-meta-role", "admin"));
        case("both mechanisms", &|ask| {
            let other =
                if ask.get("authorization").is_empty() { Way::Unsigned } else { Way::Presigned };
            let other = other.put(&house, &root, VICTIM);
            ask.query.extend(other.query.clone());
            let name = "authorization";
            if !other.headers.iter().all(|(n, _)| n != name) {
                ask.set(name, other.get(name));
            }
        });
        case("signature version 2 beside it", &|ask| {
            ask.query.push(("AWSAccessKeyId".into(), root.access_key.clone()));
            ask.query.push(("Signature".into(), "AAAA".into()));
        });
        case("a session token that is not the root's", &|ask| {
            ask.set("x-amz-security-token", "forged");
        });
        for (name, ask) in &cases {
            refused(&house, &format!("{way:?}: {name}"), ask).await;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn header_credentials_are_read_strictly() {
    let house = House::open().await;
    let root = house.root.clone();
    for way in WAYS.into_iter().filter(|way| *way != Way::Presigned) {
        let good = || way.put(&house, &root, VICTIM);
        let with = |name: &str, value: &str| {
            let mut ask = good();
            ask.set(name, value);
            ask
        };
        let authorization = good().get("authorization").to_owned();
        let cases = [
            ("no authorization", {
                let mut ask = good();
                ask.headers.retain(|(n, _)| n != "authorization");
                ask
            }),
            ("two authorizations", good().header("authorization", &authorization)),
            ("another algorithm", with("authorization", &authorization.replace("SHA256", "SHA1"))),
            ("version 2", with("authorization", &format!("AWS {}:AAAA", root.access_key))),
            ("an empty authorization", with("authorization", "")),
            ("another date", with("x-amz-date", "20261123T120001Z")),
            ("no date", {
                let mut ask = good();
                ask.headers.retain(|(n, _)| n != "x-amz-date");
                ask
            }),
            ("another hash", with("x-amz-content-sha256", &sha256(b"other"))),
            ("an unknown hash", with("x-amz-content-sha256", "NO-PAYLOAD")),
            ("no hash", {
                let mut ask = good();
                ask.headers.retain(|(n, _)| n != "x-amz-content-sha256");
                ask
            }),
            ("host not signed", with("authorization", &authorization.replace("host;", ""))),
            (
                "a signed header that is missing",
                with("authorization", &authorization.replace("host;", "host;range;")),
            ),
        ];
        for (name, ask) in &cases {
            if *name == "no authorization" && !way.chunked() {
                let answer = refused(&house, name, ask).await;
                assert_eq!(answer.code(), "AccessDenied");
                continue;
            }
            refused(&house, &format!("{way:?}: {name}"), ask).await;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn scope_and_time_must_be_ours() {
    let house = House::open().await;
    let root = house.root.clone();
    let at =
        |minutes: i64| Signer { at: root.at + SignedDuration::from_mins(minutes), ..root.clone() };
    let region = Signer { region: "eu-west-1".to_owned(), ..root.clone() };
    let service = Signer { service: "sts".to_owned(), ..root.clone() };
    let stranger = Signer { access_key: "AKIAAAAAAAAAAAAAAAAA".to_owned(), ..root.clone() };
    let secret = Signer { secret: "wrong".to_owned(), ..root.clone() };
    let token = Signer { token: Some("forged".to_owned()), ..root.clone() };
    for way in WAYS {
        let skewed = if way == Way::Presigned { "AccessDenied" } else { "RequestTimeTooSkewed" };
        let scope = if way == Way::Presigned {
            "AuthorizationQueryParametersError"
        } else {
            "AuthorizationHeaderMalformed"
        };
        for (who, code) in [
            (&at(-60), skewed),
            (&at(60), "RequestTimeTooSkewed"),
            (&region, scope),
            (&service, scope),
            (&stranger, "InvalidAccessKeyId"),
            (&secret, "SignatureDoesNotMatch"),
            (&token, "InvalidToken"),
        ] {
            let ask = way.put(&house, who, VICTIM);
            let answer = refused(&house, &format!("{way:?}"), &ask).await;
            assert_eq!(answer.code(), code, "{way:?}: {}", answer.text());
        }
    }
    house.close().await;
}

#[tokio::test]
async fn a_presigned_request_has_a_time_and_a_limit() {
    let house = House::open().await;
    let root = house.root.clone();
    let get = || house.hosted(Ask::new("PUT", VICTIM));
    let cases = [
        (root.presigned(get(), "604801"), "AuthorizationQueryParametersError"),
        (root.presigned(get(), "0"), "AuthorizationQueryParametersError"),
        (root.presigned(get(), "-1"), "AuthorizationQueryParametersError"),
        (root.presigned(get(), "soon"), "AuthorizationQueryParametersError"),
    ];
    for (ask, code) in cases {
        assert_eq!(refused(&house, code, &ask).await.code(), code);
    }
    let old = Signer { at: root.at - SignedDuration::from_secs(301), ..root.clone() };
    let expired = refused(&house, "expired", &old.presigned(get(), "300")).await;
    assert_eq!(
        (expired.code().as_str(), expired.element("Message").as_str()),
        ("AccessDenied", "Request has expired")
    );
    let mut halves = root.presigned(get(), "300");
    halves.query.retain(|(name, _)| name != "X-Amz-Signature");
    refused(&house, "no signature", &halves).await;
    let mut longer = root.presigned(get(), "300");
    for (name, value) in &mut longer.query {
        if name == "X-Amz-Expires" {
            "86400".clone_into(value);
        }
    }
    assert_eq!(refused(&house, "longer", &longer).await.code(), "SignatureDoesNotMatch");
    let twice = root.presigned(get(), "300").query("X-Amz-Expires", "300");
    refused(&house, "twice", &twice).await;
    house.close().await;
}

#[tokio::test]
async fn a_body_must_be_the_body_that_was_signed() {
    let house = House::open().await;
    let root = house.root.clone();
    let mut other = Way::Hash.put(&house, &root, VICTIM);
    other.body = replaced(&other.body, "brown", "white");
    assert_eq!(refused(&house, "hash", &other).await.code(), "XAmzContentSHA256Mismatch");
    for way in WAYS.into_iter().filter(|way| way.chunked()) {
        let good = || way.put(&house, &root, VICTIM);
        let with = |from: &str, to: &str| {
            let mut ask = good();
            ask.body = replaced(&ask.body, from, to);
            ask
        };
        let cut = |keep: usize| {
            let mut ask = good();
            ask.body.truncate(keep);
            ask
        };
        let zero = String::from_utf8(good().body).expect("text").rfind("\r\n0").expect("an end");
        let mut cases = vec![
            ("other bytes", with("brown", "white")),
            ("cut before the last chunk", cut(zero + 2)),
            ("cut in a chunk", cut(40)),
            ("cut in the last line", cut(zero + 3)),
            ("nothing at all", cut(0)),
            ("a chunk's size", with("14", "13")),
            ("a size that is no number", with("14", "zz")),
            ("more than was announced", {
                let mut ask = good();
                ask.body.splice(0..0, b"1\r\nx\r\n".iter().copied());
                ask
            }),
            ("something after the end", {
                let mut ask = good();
                ask.body.extend_from_slice(b"more");
                ask
            }),
        ];
        if way != Way::Chunks {
            let text = String::from_utf8(good().body).expect("text");
            cases.push(("cut before the trailer", cut(text.find(TRAILER).expect("a trailer"))));
            cases.push(("another trailer", with("crc32:", "sha256:")));
            cases.push(("another sum", with(&crc32(BODY), &crc32(b"other"))));
        }
        if way != Way::UnsignedTrailer {
            let first = |change: &dyn Fn(&str) -> String| {
                let mut ask = good();
                let text = String::from_utf8(ask.body).expect("text");
                let (line, rest) = text.split_once("\r\n").expect("a line");
                ask.body = format!("{}\r\n{rest}", change(line)).into_bytes();
                ask
            };
            let bare = first(&|line| line.split(';').next().unwrap_or_default().to_owned());
            cases.push(("a chunk without signature", bare));
            cases.push(("a chunk's signature", first(&flipped)));
        }
        for (name, ask) in &cases {
            refused(&house, &format!("{way:?}: {name}"), ask).await;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn what_policies_are_told_of_the_payload_is_what_was_verified() {
    let house = House::open().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
         "Condition":{"StringEquals":{"s3:x-amz-content-sha256":"UNSIGNED-PAYLOAD"}}}]}"#;
    let alice = house.session("alice", Some(policy)).await;
    for way in [Way::Unsigned, Way::Presigned] {
        let answer = refused(&house, "an unsigned payload", &way.put(&house, &alice, VICTIM)).await;
        assert_eq!(answer.code(), "AccessDenied", "{way:?}");
    }
    let mut masked = house.hosted(Ask::new("PUT", VICTIM)).body(BODY);
    masked = masked.header("x-amz-content-sha256", &sha256(b"something else"));
    masked = alice.presigned(masked.query("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), "300");
    assert_eq!(refused(&house, "a masked payload", &masked).await.code(), "AccessDenied");
    assert_eq!(house.raw(&Way::Hash.put(&house, &alice, VICTIM)).await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn a_query_of_more_parameters_than_s3_has_is_not_read() {
    let house = House::open().await;
    let many = (0..101).fold(Ask::new("GET", "/files"), |ask, n| ask.query(&format!("p{n}"), ""));
    let answer = house.raw(&house.hosted(many)).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "InvalidArgument"));
    house.close().await;
}
