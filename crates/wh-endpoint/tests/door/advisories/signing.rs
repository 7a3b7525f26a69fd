//! Nothing is written that nobody signed, in whatever form the signature comes.

use crate::advisories::may;
use crate::house::House;
use crate::signer::{Ask, Signer, sha256, unsigned_chunks};

const VICTIM: &str = "/files/victim";
const TRAILER: &str = "x-amz-checksum-crc32";
/// The sum of `123456789`, as every implementation gives it.
const CRC_OF_DIGITS: &str = "x-amz-checksum-crc32:y/Q5Jg==";

fn unsigned_trailer(house: &House) -> Ask {
    let ask = house.hosted(Ask::new("PUT", VICTIM));
    let ask = ask.header("x-amz-decoded-content-length", "9").header("x-amz-trailer", TRAILER);
    ask.body(unsigned_chunks(&[b"123456789"], &[CRC_OF_DIGITS]))
}

async fn writes_nothing(house: &House, shown: &str, ask: &Ask) {
    let answer = house.raw(ask).await;
    assert!((400..500).contains(&answer.status), "{shown}: {} {}", answer.status, answer.text());
    assert_eq!(house.object(VICTIM).await, None, "{shown}: something was written");
}

/// MinIO: with an unsigned trailer nobody looked at the signature. Forty ways to get it wrong.
#[tokio::test]
async fn cve_2025_31489_an_unsigned_trailer_is_taken_from_who_signed_alone() {
    let house = House::open().await;
    let form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let mut good = unsigned_trailer(&house);
    house.root.sign(&mut good, form);
    let value = good.get("authorization").to_owned();
    let at = value.rfind('=').expect("a signature") + 1;
    for n in 0..32 {
        let mut letters: Vec<char> = value.chars().collect();
        letters[at + n * 2] = if letters[at + n * 2] == '0' { '1' } else { '0' };
        let mut forged = good.clone();
        forged.set("authorization", &letters.into_iter().collect::<String>());
        writes_nothing(&house, &format!("another digit at {n}"), &forged).await;
    }
    let who = house.root.access_key.clone();
    for (shown, forged) in [
        ("no signature", value.split(", Signature").next().unwrap_or_default().to_owned()),
        ("an empty one", value.chars().take(at).collect()),
        ("a short one", value.chars().take(at + 63).collect()),
        ("a longer one", format!("{value}0")),
        ("zeroes", value.chars().take(at).chain("0".repeat(64).chars()).collect()),
        ("the access key alone", format!("AWS4-HMAC-SHA256 Credential={who}")),
        ("the access key of version 2", format!("AWS {who}:")),
    ] {
        let mut ask = good.clone();
        ask.set("authorization", &forged);
        writes_nothing(&house, shown, &ask).await;
    }
    let mut bare = good.clone();
    bare.headers.retain(|(name, _)| name != "authorization");
    writes_nothing(&house, "nothing at all", &bare).await;
    assert_eq!(house.raw(&good).await.status, 200, "as it was signed it is taken");
    house.close().await;
}

/// MinIO: the access key in the query was enough for an upload with an unsigned trailer.
#[tokio::test]
async fn cve_2026_40344_an_access_key_in_the_query_is_no_signature() {
    let house = House::open().await;
    let form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let credential = format!("{}/20261123/us-east-1/s3/aws4_request", house.root.access_key);
    let query = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", credential.as_str()),
        ("X-Amz-Date", "20261123T120000Z"),
        ("X-Amz-Expires", "300"),
        ("X-Amz-SignedHeaders", "host"),
        ("X-Amz-Signature", ""),
    ];
    for left_out in 0..=query.len() {
        let pairs = query.iter().enumerate().filter(|(n, _)| *n != left_out);
        let mut ask = unsigned_trailer(&house).header("x-amz-content-sha256", form);
        ask.query = pairs.map(|(_, (n, v))| ((*n).to_owned(), (*v).to_owned())).collect();
        writes_nothing(&house, &format!("without parameter {left_out}"), &ask).await;
        for (_, value) in ask.query.iter_mut().filter(|(name, _)| name == "X-Amz-Signature") {
            *value = "0".repeat(64);
        }
        writes_nothing(&house, &format!("zeroes, without {left_out}"), &ask).await;
    }
    house.close().await;
}

/// MinIO: who signed in one place and named somebody in the other was taken for the other.
#[tokio::test]
async fn cve_2026_41145_credentials_in_two_places_are_nobodys() {
    let house = House::open().await;
    let nobody = house.session("nobody", None).await;
    for (signs, names) in [(&nobody, &house.root), (&house.root, &nobody)] {
        let mut in_query = house.hosted(Ask::new("PUT", VICTIM)).body("x");
        in_query = names.presigned(in_query, "300");
        let mut both = in_query.clone();
        signs.sign(&mut both, &sha256(b"x"));
        writes_nothing(&house, "both, each good by itself", &both).await;
        let mut claimed = house.hosted(Ask::new("PUT", VICTIM)).body("x");
        claimed = claimed.query("X-Amz-Credential", &format!("{}/x", names.access_key));
        signs.sign(&mut claimed, &sha256(b"x"));
        writes_nothing(&house, "a name in the query of what was signed", &claimed).await;
        let mut twice = house.hosted(Ask::new("PUT", VICTIM)).body("x");
        signs.sign(&mut twice, &sha256(b"x"));
        let mut other = house.hosted(Ask::new("PUT", VICTIM)).body("x");
        names.sign(&mut other, &sha256(b"x"));
        twice.headers.push(("authorization".to_owned(), other.get("authorization").to_owned()));
        writes_nothing(&house, "two in the headers", &twice).await;
    }
    house.close().await;
}

/// ownCloud: whoever had no signing key was signed for by the empty one. No secret that is none signs
/// anything: not for root, not for a session, not for a key that is not there or has been deleted.
#[tokio::test]
async fn cve_2023_49105_an_empty_secret_signs_nothing() {
    let house = House::open().await;
    let session = may(&house, "writer", r#""s3:*""#, r#""*""#).await;
    let named = [("Action", "CreateUser"), ("UserName", "tool")];
    assert_eq!(house.query(&house.root, "iam", &named).await.status, 200);
    let made = [("Action", "CreateAccessKey"), ("UserName", "tool")];
    let made = house.query(&house.root, "iam", &made).await.element("AccessKeyId");
    let gone = [("Action", "DeleteAccessKey"), ("UserName", "tool"), ("AccessKeyId", &made)];
    assert_eq!(house.query(&house.root, "iam", &gone).await.status, 200);
    let of = |access_key: &str| Signer { access_key: access_key.to_owned(), ..house.root.clone() };
    let stranger = of("AKIAAAAAAAAAAAAAAAAA");
    for who in [house.root.clone(), session, of(&made), stranger, of("")] {
        for secret in ["", "\0", " ", "null", "None", "0"] {
            let who = Signer { secret: secret.to_owned(), ..who.clone() };
            let shown = format!("{} with {secret:?}", who.access_key);
            let put = || house.hosted(Ask::new("PUT", VICTIM)).body("x");
            writes_nothing(&house, &shown, &who.presigned(put(), "300")).await;
            writes_nothing(&house, &shown, &who.signed(put())).await;
        }
    }
    house.close().await;
}

/// ownCloud and Quantum: a second protocol took what the first one had throttled. The store takes no
/// password in any form, so that there is nothing to guess at.
#[tokio::test]
async fn cve_2026_84473_a_password_opens_nothing_at_the_store() {
    let house = House::open().await;
    crate::advisories::put(&house, "/files/a", "secret").await;
    let basic = "Basic cm9vdDpjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl";
    let by_name = Signer {
        access_key: "root".to_owned(),
        secret: "correct horse battery staple".to_owned(),
        ..house.root.clone()
    };
    let get = || house.hosted(Ask::new("GET", "/files/a"));
    for ask in [
        get().header("authorization", basic),
        get().header("authorization", "Bearer root"),
        get().header("cookie", "__Host-sid=x; sid=x"),
        by_name.signed(get()),
        by_name.presigned(get(), "300"),
    ] {
        let answer = house.raw(&ask).await;
        assert!([400, 403].contains(&answer.status), "{ask:?}: {}", answer.text());
        assert!(answer.header("www-authenticate").is_empty(), "no browser asks for a password");
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
    house.close().await;
}
