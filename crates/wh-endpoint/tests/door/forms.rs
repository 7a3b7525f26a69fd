//! Forms: whatever is changed of one that was signed, nothing is stored.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::client::Answer;
use crate::house::{House, NOW};
use crate::signer::{Ask, Signer};

/// The fields of a form, in their order.
#[derive(Debug, Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    /// A form for one key, signed at a time and good until another.
    fn signed(who: &Signer, key: &str, (at, until): (Timestamp, Timestamp)) -> Self {
        let who = Signer { at, ..who.clone() };
        let mut fields = vec![("key".to_owned(), key.to_owned())];
        fields.extend(who.form_credentials());
        let conditions: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!(r#"{{"{name}":"{value}"}}"#))
            .chain([r#"{"bucket":"files"}"#.to_owned()])
            .collect();
        let policy =
            format!(r#"{{"expiration":"{until}","conditions":[{}]}}"#, conditions.join(","));
        let policy = STANDARD.encode(policy);
        fields.push(("x-amz-signature".to_owned(), who.policy_signature(&policy)));
        fields.push(("policy".to_owned(), policy));
        Self(fields)
    }

    fn set(&self, name: &str, value: &str) -> Self {
        let change = |(known, was): &(String, String)| {
            let value = if known == name { value.to_owned() } else { was.clone() };
            (known.clone(), value)
        };
        Self(self.0.iter().map(change).collect())
    }

    async fn post(&self, house: &House) -> Answer {
        let mut body = String::new();
        for (name, value) in &self.0 {
            body += &format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        body += "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ndata\r\n--B--\r\n";
        let ask = Ask::new("POST", "/files")
            .header("content-type", "multipart/form-data; boundary=B")
            .body(body);
        house.raw(&house.hosted(ask)).await
    }
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn hours(count: i64) -> Timestamp {
    now() + SignedDuration::from_hours(count)
}

#[tokio::test]
async fn a_form_is_good_as_long_as_its_policy_and_its_key_are() {
    let house = House::open().await;
    for (n, (at, until, code)) in [
        (now(), hours(1), ""),
        (hours(-24 * 7), hours(1), ""),
        (hours(-24 * 7 - 1), hours(1), "AccessDenied"),
        (hours(1), hours(2), "RequestTimeTooSkewed"),
        (hours(-2), hours(-1), "AccessDenied"),
        (hours(-2), now(), "AccessDenied"),
    ]
    .into_iter()
    .enumerate()
    {
        let form = Form::signed(&house.root, &format!("up-{n}"), (at, until));
        let answer = form.post(&house).await;
        assert_eq!(answer.code(), code, "{n}: {}", answer.text());
        let stored = house.object(&format!("/files/up-{n}")).await.is_some();
        assert_eq!(stored, code.is_empty(), "{n}");
    }
    house.close().await;
}

/// GHSA-3ppv, CVE-2023-28434: what a policy bound could be had by what it did not bind.
#[tokio::test]
async fn sec_whatever_is_changed_of_a_signed_form_nothing_is_stored() {
    let house = House::open().await;
    let good = Form::signed(&house.root, "up", (now(), hours(1)));
    let mut mutations = 0;
    for (name, value) in &good.0 {
        let letters: Vec<char> = value.chars().collect();
        for at in (0..letters.len()).step_by(1 + letters.len() / 40) {
            let mut other = letters.clone();
            other[at] = if other[at] == '1' { '2' } else { '1' };
            let other: String = other.into_iter().collect();
            let answer = good.set(name, &other).post(&house).await;
            assert!((400..404).contains(&answer.status), "{name}={other}: {}", answer.text());
            mutations += 1;
        }
        let missing = Form(good.0.iter().filter(|(known, _)| known != name).cloned().collect());
        let answer = missing.post(&house).await;
        assert!((400..404).contains(&answer.status), "without {name}: {}", answer.text());
        let mut twice = good.clone();
        twice.0.push((name.to_uppercase(), value.clone()));
        assert_eq!(twice.post(&house).await.code(), "InvalidArgument", "{name} twice");
    }
    assert!(mutations > 130, "{mutations}");
    let listing = house.ask(&house.root, Ask::new("GET", "/files").query("list-type", "2")).await;
    assert!(listing.text().contains("<KeyCount>0</KeyCount>"), "{}", listing.text());
    assert_eq!(good.post(&house).await.status, 204);
    assert_eq!(house.object("/files/up").await.as_deref(), Some(b"data".as_slice()));
    house.close().await;
}

#[tokio::test]
async fn a_form_of_a_session_needs_its_token() {
    let house = House::open().await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject",
        "Resource":"arn:aws:s3:::files/mine/*"}]}"#;
    let session = house.session("uploader", Some(all)).await;
    let times = (now(), hours(1));
    assert_eq!(Form::signed(&session, "mine/k", times).post(&house).await.status, 204);
    let elsewhere = Form::signed(&session, "theirs/k", times).post(&house).await;
    assert_eq!((elsewhere.status, elsewhere.code().as_str()), (403, "AccessDenied"));
    let tokenless = Signer { token: None, ..session };
    let answer = Form::signed(&tokenless, "mine/l", times).post(&house).await;
    assert!([400, 403].contains(&answer.status), "{}", answer.text());
    assert_eq!(house.object("/files/theirs/k").await, None);
    assert_eq!(house.object("/files/mine/l").await, None);
    house.close().await;
}
