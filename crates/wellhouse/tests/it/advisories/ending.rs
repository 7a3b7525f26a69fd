//! The end of somebody is the end of all they hold; and the doors stand apart.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use crate::actors::{Actor, PASSWORD};
use crate::advisories::{ask, client};
use crate::server::Server;

/// Vaultwarden: of the tokens of somebody one kind outlived their end. Every kind that we give out,
/// before and after a person was shut out: two sessions, credentials of a role, a key, a link to
/// fetch a file, and one to send one.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_6j4w_who_is_shut_out_is_out_by_every_door() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut elsewhere = Actor::stranger(&server);
    elsewhere.sign_in("bob");
    let home = bob.location("home/");
    bob.upload_digits(&home, "digits.txt");
    let keys = bob.keys("home/");
    let form = json!({ "name": "backup", "location": home, "days": 1, "actions": null,
        "password": PASSWORD });
    let (status, made) = bob.post("/keys", &form);
    assert_eq!(status, 201, "{made}");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let (id, secret) = (text(&made["key"]["id"]), text(&made["secret_access_key"]));
    let (_, link) =
        bob.post(&format!("/locations/{home}/downloads"), &json!({ "path": "digits.txt" }));
    let link = text(&link["url"]);
    let by_session = client(&server, &keys.access_key_id, &keys.secret, Some(&keys.token)).await;
    let by_key = client(&server, &id, &secret, None).await;
    let key = format!("{}digits.txt", keys.prefix);
    let reads = async |s3: &aws_sdk_s3::Client| {
        s3.get_object().bucket(&keys.bucket).key(&key).send().await.is_ok()
    };
    let writes = async |s3: &aws_sdk_s3::Client| {
        let put = s3.put_object().bucket(&keys.bucket).key(&key);
        put.body(ByteStream::from_static(b"x")).send().await.is_ok()
    };
    for s3 in [&by_session, &by_key] {
        assert!(reads(s3).await && writes(s3).await);
    }
    assert_eq!(ask("GET", &link, &[]).0, 200);

    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let (status, _) = ada.post(&format!("/people/{}/disable", text(&uid)), &json!({}));
    assert_eq!(status, 204);
    let ended = Instant::now();
    for s3 in [&by_session, &by_key] {
        assert!(!reads(s3).await && !writes(s3).await, "credentials outlive their person");
    }
    let (status, _, told) = ask("GET", &link, &[]);
    assert!([400, 403].contains(&status) && !told.contains("123456789"), "a link outlives: {told}");
    assert_eq!((bob.get("/session").0, elsewhere.get("/session").0), (401, 401));
    assert!(ended.elapsed() < Duration::from_secs(5));
}

/// RustFS: a page that a file held had the console's origin, and with it what the browser kept. Here
/// the portal gives no file, and its cookie is nothing at the store.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_v9fg_files_and_sessions_are_at_different_doors() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let all = ada.location("");
    ada.upload_digits(&all, "page.html");
    let (_, link) = ada.post(
        &format!("/locations/{all}/downloads"),
        &json!({ "path": "page.html",
        "inline": true }),
    );
    let link = link["url"].as_str().expect("a URL").to_owned();
    assert!(!link.starts_with(&server.portal) && link.starts_with(&server.s3), "{link}");
    let (status, headers, body) = ask("GET", &link, &[]);
    assert_eq!((status, body.as_str()), (200, "123456789"));
    assert!(headers.contains("sandbox; default-src 'none'"), "{headers}");
    assert!(headers.contains("attachment") && !headers.contains("text/html"), "{headers}");
    let cookie = ada.cookie();
    for path in ["/wellhouse", "/wellhouse/page.html", "/"] {
        let url = format!("{}{path}", server.s3);
        let (status, headers, _) = ask("GET", &url, &[("cookie", &cookie)]);
        assert_eq!(status, 403, "{path}");
        assert!(!headers.contains("set-cookie"), "{headers}");
    }
    for path in ["/wellhouse/page.html", "/files/page.html", "/page.html"] {
        let (_, _, body) = ask("GET", &format!("{}{path}", server.portal), &[("cookie", &cookie)]);
        assert!(!body.contains("123456789"), "{path} is a file of the store");
    }
}

/// RustFS: whoever might use the store might also import its users. An administrator's credentials for
/// files are for files: they call no IAM, and open no session.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_vcwh_credentials_for_files_call_no_iam() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    let credentials = aws_credential_types::Credentials::new(
        &keys.access_key_id,
        &keys.secret,
        Some(keys.token.clone()),
        None,
        "test",
    );
    let shared = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(&server.s3)
        .credentials_provider(credentials)
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .load()
        .await;
    let iam = aws_sdk_iam::Client::new(&shared);
    assert!(iam.list_users().send().await.is_err());
    assert!(iam.list_roles().send().await.is_err());
    assert!(iam.create_user().user_name("mallory").send().await.is_err());
    assert!(iam.create_access_key().send().await.is_err());
    let document =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let put = iam.put_role_policy().role_name("RegularUserRole").policy_name("p");
    assert!(put.policy_document(document).send().await.is_err());
    let sts = aws_sdk_sts::Client::new(&shared);
    assert!(sts.get_session_token().send().await.is_err());
    let assume = sts.assume_role().role_session_name("mallory");
    let assume = assume.role_arn("arn:aws:iam::000000000000:role/wellhouse/AdminRole");
    assert!(assume.send().await.is_err());
    let who = sts.get_caller_identity().send().await.expect("it is somebody");
    assert!(who.arn().is_some_and(|arn| arn.contains("assumed-role")), "{who:?}");
}

/// Filestash: certificates were not looked at. Where nobody vouches for one, nothing is sent.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2024_41255_a_certificate_that_nobody_vouches_for_ends_the_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]);
    let made = made.expect("a certificate");
    let (path, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&path, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let (path, key) = (path.to_str().expect("text"), key.to_str().expect("text"));
    let server = Server::start_with(&[
        ("WELLHOUSE_S3__TLS__CERTIFICATE", path),
        ("WELLHOUSE_S3__TLS__KEY", key),
    ]);
    let url = server.s3.replace("http:", "https:");
    let body = b"{\"secret\":1}".to_vec();
    let sent = wh_aws::post(&url, &[], body, wh_aws::Reach::Anywhere).await;
    let Err(wh_aws::PostError::Unreachable(why)) = sent else { panic!("{sent:?}") };
    assert!(why.to_lowercase().contains("certificate") || why.contains("Issuer"), "{why}");
}
