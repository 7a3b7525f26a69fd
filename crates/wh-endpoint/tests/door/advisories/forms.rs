//! Forms of browsers: what their policy does not say, they cannot do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::advisories::{keys, may};
use crate::client::Answer;
use crate::house::House;
use crate::signer::{Ask, Signer};

const DATA: &str = "0123456789";

/// A form as a page sends it: these fields, and a file of this name.
async fn post(house: &House, bucket: &str, fields: &[(String, String)], file: &str) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n{DATA}\r\n--B--\r\n"
    );
    let ask = Ask::new("POST", bucket).header("content-type", "multipart/form-data; boundary=B");
    house.raw(&house.hosted(ask.body(body))).await
}

/// The fields of a form with these conditions besides those on the credentials.
fn signed(who: &Signer, conditions: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let credentials = who.form_credentials();
    let of_credentials: Vec<_> =
        credentials.iter().map(|(name, value)| format!(r#"{{"{name}":"{value}"}}"#)).collect();
    let policy = format!(
        r#"{{"expiration":"2026-11-23T13:00:00Z","conditions":[{},{conditions}]}}"#,
        of_credentials.join(",")
    );
    let policy = STANDARD.encode(policy);
    let own = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut all: Vec<_> = own.chain(credentials).collect();
    all.push(("x-amz-signature".to_owned(), who.policy_signature(&policy)));
    all.push(("policy".to_owned(), policy));
    all
}

const CONDITIONS: &str = r#"{"bucket":"files"},["starts-with","$key","in/"],
    ["eq","$Content-Type","text/plain"],["starts-with","$x-amz-meta-kind","photo"],
    ["content-length-range",5,10],{"success_action_status":"201"}"#;

const GOOD: [(&str, &str); 4] = [
    ("key", "in/a"),
    ("Content-Type", "text/plain"),
    ("x-amz-meta-kind", "photo-1"),
    ("success_action_status", "201"),
];

/// MinIO and RustFS: conditions of a form's policy were signed and not kept. Each of them violated
/// once.
#[tokio::test]
async fn ghsa_w5fh_each_condition_of_a_form_is_kept() {
    let house = House::open().await;
    let root = house.root.clone();
    let with = |name: &str, value: &str| {
        let fields = GOOD.map(|(n, v)| if n == name { (n, value) } else { (n, v) });
        signed(&root, CONDITIONS, &fields)
    };
    let without = |name: &str| {
        let fields: Vec<_> = GOOD.iter().filter(|(n, _)| *n != name).copied().collect();
        signed(&root, CONDITIONS, &fields)
    };
    let beside = |name: &str, value: &str| {
        signed(&root, CONDITIONS, &[&GOOD[..], &[(name, value)]].concat())
    };
    for (shown, fields) in [
        ("another key", with("key", "out/a")),
        ("the prefix alone of the key", with("key", "in")),
        ("a key that only holds it", with("key", "x/in/a")),
        ("another type", with("Content-Type", "text/html")),
        ("a type that begins so", with("Content-Type", "text/plain2")),
        ("another kind", with("x-amz-meta-kind", "film")),
        ("another status", with("success_action_status", "200")),
        ("no key", without("key")),
        ("no type", without("Content-Type")),
        ("no kind", without("x-amz-meta-kind")),
        ("metadata that it does not name", beside("x-amz-meta-admin", "1")),
        ("a lock that it does not name", beside("x-amz-object-lock-legal-hold", "ON")),
        ("a way to go on", beside("success_action_redirect", "https://evil.example/")),
        ("a list of access", beside("acl", "public-read")),
        ("tags", beside("tagging", "<Tagging><TagSet/></Tagging>")),
        ("another bucket", beside("bucket", "other")),
    ] {
        let answer = post(&house, "/files", &fields, "f").await;
        assert!((400..404).contains(&answer.status), "{shown}: {}", answer.text());
    }
    for range in ["[\"content-length-range\",0,9]", "[\"content-length-range\",11,20]"] {
        let narrow = CONDITIONS.replace("[\"content-length-range\",5,10]", range);
        let answer = post(&house, "/files", &signed(&root, &narrow, &GOOD), "f").await;
        assert_eq!(answer.status, 400, "{range}: {}", answer.text());
    }
    assert_eq!(keys(&house, "/files").await, Vec::<String>::new());
    let good = post(&house, "/files", &signed(&root, CONDITIONS, &GOOD), "f").await;
    assert_eq!(good.status, 201, "{}", good.text());
    house.close().await;
}

/// MinIO: a form for one bucket put into another, which its address named.
#[tokio::test]
async fn cve_2023_28434_a_form_stays_in_the_bucket_of_its_policy() {
    let house = House::open().await;
    assert_eq!(house.ask(&house.root, Ask::new("PUT", "/other")).await.status, 200);
    let fields = signed(&house.root, CONDITIONS, &GOOD);
    for bucket in ["/other", "/other/", "/other?bucket=files", "/other/files"] {
        let answer = post(&house, bucket, &fields, "f").await;
        assert!(answer.status >= 400, "{bucket}: {}", answer.text());
    }
    let unbound = CONDITIONS.replace(r#"{"bucket":"files"},"#, "");
    let answer = post(&house, "/other", &signed(&house.root, &unbound, &GOOD), "f").await;
    assert!(answer.status >= 400, "a policy that names no bucket: {}", answer.text());
    assert_eq!(keys(&house, "/other").await, Vec::<String>::new());
    assert_eq!(keys(&house, "/files").await, Vec::<String>::new());
    house.close().await;
}

/// MinIO: a form wrote where the policies of whoever signed it did not reach.
#[tokio::test]
async fn cve_2021_21362_a_form_does_no_more_than_who_signed_it_may() {
    let house = House::open().await;
    let all = r#"{"bucket":"files"},["starts-with","$key",""]"#;
    let reader = may(&house, "reader", r#""s3:GetObject","s3:ListBucket""#, r#""*""#).await;
    let uploader =
        may(&house, "uploader", r#""s3:PutObject""#, r#""arn:aws:s3:::files/in/*""#).await;
    for (who, key) in
        [(&reader, "in/a"), (&uploader, "out/a"), (&uploader, "in"), (&uploader, "/in/a")]
    {
        let answer = post(&house, "/files", &signed(who, all, &[("key", key)]), "f").await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"), "{key}");
    }
    let good = post(&house, "/files", &signed(&uploader, all, &[("key", "in/a")]), "f").await;
    assert_eq!(good.status, 204, "{}", good.text());
    assert_eq!(keys(&house, "/files").await, ["in/a"]);
    house.close().await;
}

/// RustFS: the name of the file, which the client says, led out of the key. It is put in, and judged,
/// as it is.
#[tokio::test]
async fn ghsa_8r6f_the_name_of_a_file_leads_nowhere_else() {
    let house = House::open().await;
    let mine = may(&house, "uploader", r#""s3:PutObject""#, r#""arn:aws:s3:::files/in/*""#).await;
    let conditions = r#"{"bucket":"files"},["starts-with","$key","in/"]"#;
    let names = ["../out", "../../other/x", "..\\..\\x", "/etc/passwd", "a/../../b", "%2e%2e/x"];
    for name in names {
        let fields = signed(&mine, conditions, &[("key", "in/${filename}")]);
        post(&house, "/files", &fields, name).await;
    }
    let stored = keys(&house, "/files").await;
    assert!(stored.iter().all(|key| key.starts_with("in/")), "{stored:?}");
    let free =
        signed(&mine, r#"{"bucket":"files"},["starts-with","$key",""]"#, &[("key", "${filename}")]);
    for name in ["out/x", "inx", "in", "../in/x"] {
        let answer = post(&house, "/files", &free, name).await;
        assert!([400, 403].contains(&answer.status), "{name}: {}", answer.text());
    }
    let stored = keys(&house, "/files").await;
    assert!(stored.iter().all(|key| key.starts_with("in/")), "{stored:?}");
    house.close().await;
}
