//! What KMS says, by a server that says it, and what is refused before it is asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::FutureExt;
use wh_names::{AccessKeyId, Secret};

use super::*;
use crate::AwsCredentials;

const ARN: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A sealed file of one line, the third.
const FILE: &str = "# sealed\n\n2026-09 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkq";

/// What the server was sent: the line with the operation, and the body.
struct Asked {
    target: String,
    body: String,
}

/// A KMS that gives these answers, status and body, one for each call, and ends.
struct FakeKms {
    url: String,
    asked: JoinHandle<Vec<Asked>>,
}

impl FakeKms {
    fn answering(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let answers: Vec<(u16, String)> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let serve = move |(status, body): (u16, String)| {
            let (stream, _) = listener.accept().expect("a call");
            answer(stream, status, &body)
        };
        Self { url, asked: std::thread::spawn(|| answers.into_iter().map(serve).collect()) }
    }

    fn options(&self) -> KmsOptions {
        options(&self.url)
    }

    fn asked(self) -> Vec<Asked> {
        self.asked.join().expect("all answers were asked for")
    }
}

fn answer(mut stream: TcpStream, status: u16, body: &str) -> Asked {
    let mut reader = BufReader::new(stream.try_clone().expect("the stream"));
    let (mut target, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line of the head");
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => value.clone_into(&mut target),
            "content-length" => length = value.parse().expect("a length"),
            _ => {}
        }
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).expect("the body");
    let head = "Content-Type: application/x-amz-json-1.1\r\nConnection: close";
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}")
        .expect("answered");
    Asked { target, body: String::from_utf8(sent).expect("text") }
}

fn options(url: &str) -> KmsOptions {
    KmsOptions {
        region: None,
        endpoint_url: Some(url.to_owned()),
        key: Some(ARN.to_owned()),
        credentials: PortalCredentials::Static(AwsCredentials {
            access_key_id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("a key id"),
            secret: Secret::parse("wJalrXUtnFEMI").expect("a secret"),
            session_token: None,
            expires: None,
        }),
    }
}

fn opened() -> String {
    format!("{{\"KeyId\":\"{ARN}\",\"Plaintext\":\"{}\"}}", STANDARD.encode([7; KEY_BYTES]))
}

#[track_caller]
fn check(refused: Result<impl fmt::Debug, KmsError>, code: &str, words: &[&str]) {
    let error = refused.expect_err("it is refused");
    assert_eq!(error.code(), code, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
}

/// KMS answers an `unseal` and a `generate` with an error.
async fn check_answer(service_code: &str, code: &str, words: &[&str]) {
    let body = format!("{{\"__type\":\"{service_code}\",\"message\":\"because of this\"}}");
    let kms = FakeKms::answering(&[(400, &body), (400, &body)]);
    let place = [&["line 3", "`2026-09`"], words].concat();
    check(unseal(&kms.options(), FILE).await, code, &place);
    check(generate(&kms.options(), "2027").await, code, &[&["`2027`"], words].concat());
}

#[tokio::test]
async fn kms_is_told_the_key_and_what_for() {
    let kms = FakeKms::answering(&[(200, &opened())]);
    let plain = unseal(&kms.options(), FILE).await.expect("opened");
    assert_eq!(plain.as_str(), format!("\n\n2026-09 {}\n", STANDARD.encode([7; KEY_BYTES])));
    let asked = kms.asked();
    assert_eq!(asked[0].target, "TrentService.Decrypt");
    let key = format!("\"KeyId\":\"{ARN}\"");
    for word in [&key, "\"wellhouse\":\"master-key\"", "\"id\":\"2026-09\"", "AQIDBAUGBwg"] {
        assert!(asked[0].body.contains(word), "`{word}` is not in: {}", asked[0].body);
    }
}

#[tokio::test]
async fn the_errors_of_kms_say_what_to_do() {
    let said = "because of this";
    check_answer("IncorrectKeyException", "kms-other-key", &[said, "another KMS key"]).await;
    check_answer("InvalidCiphertextException", "kms-not-for-this-id", &["put it back"]).await;
    check_answer("DisabledException", "kms-key-off", &[said, "enable"]).await;
    check_answer("KMSInvalidStateException", "kms-key-off", &[said, "deletion"]).await;
    check_answer("NotFoundException", "kms-unknown-key", &[said, "region"]).await;
    check_answer("InvalidKeyUsageException", "kms-wrong-usage", &[said, "symmetric"]).await;
    check_answer("UnrecognizedClientException", "kms-credentials-refused", &[said]).await;
    check_answer("ExpiredTokenException", "kms-credentials-refused", &[said, "renew"]).await;
    check_answer("ValidationException", "kms-error", &[said, "ValidationException"]).await;
}

#[tokio::test]
async fn the_missing_permission_is_named() {
    let denied = "{\"__type\":\"AccessDeniedException\",\"Message\":\"not authorized\"}";
    let kms = FakeKms::answering(&[(400, denied), (400, denied)]);
    let words = ["line 3", "kms:Decrypt", "not authorized"];
    check(unseal(&kms.options(), FILE).await, "kms-denied", &words);
    let words = ["`2027`", "kms:GenerateDataKey", "not authorized"];
    check(generate(&kms.options(), "2027").await, "kms-denied", &words);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_riddle() {
    let kms = FakeKms::answering(&[(403, "<html>no</html>")]);
    check(unseal(&kms.options(), FILE).await, "kms-denied", &["kms:Decrypt", "status 403"]);
}

#[tokio::test]
async fn a_busy_kms_is_asked_again() {
    let busy = "{\"__type\":\"ThrottlingException\",\"message\":\"slow down\"}";
    let kms = FakeKms::answering(&[(400, busy), (500, "{}"), (200, &opened())]);
    unseal(&kms.options(), FILE).await.expect("opened at last");
    assert_eq!(kms.asked().len(), 3);
}

#[tokio::test]
async fn a_kms_that_says_nothing_is_not_waited_for_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("its address"));
    let short = Duration::from_millis(200);
    let patience = Patience { attempt: short, call: short, ..PATIENCE };
    let refused = unseal_within(patience, &options(&url), FILE).await;
    check(refused, "kms-unreachable", &["line 3", "network"]);
    let refused = unseal_within(Patience { all: short, ..PATIENCE }, &options(&url), FILE).await;
    check(refused, "kms-timed-out", &["start again"]);
}

#[tokio::test]
async fn a_kms_that_is_not_there_is_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("its address"));
    drop(closed);
    let once = Patience { attempts: 1, ..PATIENCE };
    check(unseal_within(once, &options(&url), FILE).await, "kms-unreachable", &["refused"]);
}

#[tokio::test]
async fn without_credentials_that_is_what_is_said() {
    let none = || std::future::ready(Err("the vault is shut".to_owned())).boxed();
    let own = PortalCredentials::Delivered(Arc::new(none));
    let options = KmsOptions { credentials: own, ..options("http://127.0.0.1:9") };
    check(unseal(&options, FILE).await, "kms-no-credentials", &["the vault is shut"]);
}

#[tokio::test]
async fn what_is_no_key_is_not_taken_for_one() {
    let short = format!("{{\"KeyId\":\"{ARN}\",\"Plaintext\":\"{}\"}}", STANDARD.encode([7; 31]));
    let kms = FakeKms::answering(&[(200, &short), (200, "{}")]);
    check(unseal(&kms.options(), FILE).await, "kms-not-a-key", &["line 3"]);
    check(generate(&kms.options(), "2027").await, "kms-not-a-key", &["`2027`"]);
}

#[test]
fn a_file_that_is_not_quite_right_is_refused_with_its_line() {
    let blob = STANDARD.encode([1; 100]);
    let long_id = "k".repeat(65);
    let many = format!("k {blob}\n").repeat(sealed::KEYS_MAX + 1);
    let cases = [
        ("", "kms-file-empty", "holds no key"),
        ("# only\n\n", "kms-file-empty", "holds no key"),
        ("# a\none", "kms-file-not-two-words", "line 2"),
        ("one two three", "kms-file-not-two-words", "line 1"),
        (&format!("\nä {blob}"), "kms-file-bad-id", "line 2"),
        (&format!("{long_id} {blob}"), "kms-file-bad-id", "line 1"),
        ("k AQID!", "kms-file-not-base64", "line 1"),
        (&format!("k {}", STANDARD.encode([9; 32])), "kms-file-not-sealed", "plain key"),
        (&many, "kms-file-too-many-keys", "101"),
    ];
    for (text, code, word) in cases {
        check(sealed::parse(text), code, &[word]);
    }
    let lines = sealed::parse(&format!("# x\n a {blob} \r\n\nb {blob}")).expect("two keys");
    let read: Vec<_> = lines.iter().flatten().map(|key| (key.line, key.id.as_str())).collect();
    assert_eq!(read, [(2, "a"), (4, "b")]);
}

#[tokio::test]
async fn a_new_key_needs_a_name_and_a_kms_key() {
    let with_key = options("http://127.0.0.1:9");
    check(generate(&with_key, "two words").await, "kms-bad-new-id", &["64"]);
    check(generate(&with_key, "").await, "kms-bad-new-id", &["64"]);
    let without = KmsOptions { key: None, ..with_key };
    check(generate(&without, "k").await, "kms-no-key", &["ARN"]);
}

#[test]
fn an_arn_names_its_region() {
    let named = |key| region_of(key).map(|region| region.as_str().to_owned());
    assert_eq!(named(ARN).as_deref(), Some("eu-central-1"));
    assert_eq!(named("arn:aws:kms:us-east-1:1:alias/x").as_deref(), Some("us-east-1"));
    assert_eq!(named("arn:aws:kms::1:alias/x"), None);
    assert_eq!(named("alias/a:b:c:d"), None);
    assert_eq!(named("1234abcd-12ab-34cd-56ef-1234567890ab"), None);
}

#[tokio::test]
async fn a_new_key_does_not_show_itself() {
    let blob = STANDARD.encode([1; 100]);
    let body = opened().replace('}', &format!(",\"CiphertextBlob\":\"{blob}\"}}"));
    let kms = FakeKms::answering(&[(200, &body)]);
    let made = generate(&kms.options(), "2027").await.expect("a key");
    assert_eq!(made.sealed_line, format!("2027 {blob}\n"));
    assert!(!format!("{made:?}").contains(&STANDARD.encode([7; KEY_BYTES])), "{made:?}");
    let asked = kms.asked();
    assert_eq!(asked[0].target, "TrentService.GenerateDataKey");
    for word in ["\"KeySpec\":\"AES_256\"", "\"id\":\"2027\"", "\"wellhouse\":\"master-key\""] {
        assert!(asked[0].body.contains(word), "`{word}` is not in: {}", asked[0].body);
    }
}
