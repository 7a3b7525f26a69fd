//! What is spoken at the doors: TLS, both versions of HTTP, proxies in front, and the store alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::server::{Server, tool, wellhouse};

/// A certificate for the loopback address, which is also its own authority, and its key.
pub(crate) struct Certificate {
    folder: TempDir,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let certificate = Self { folder: tempfile::tempdir().expect("a folder") };
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        std::fs::write(certificate.path(), made.cert.pem()).expect("written");
        std::fs::write(certificate.key(), made.signing_key.serialize_pem()).expect("written");
        certificate
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

/// A house that speaks TLS at both doors.
pub(crate) fn tls_house(certificate: &Certificate) -> Server {
    let (path, key) = (certificate.path(), certificate.key());
    let (path, key) = (path.to_str().expect("text"), key.to_str().expect("text"));
    Server::start_with(&[
        ("WELLHOUSE_PORTAL__TLS__CERTIFICATE", path),
        ("WELLHOUSE_PORTAL__TLS__KEY", key),
        ("WELLHOUSE_S3__TLS__CERTIFICATE", path),
        ("WELLHOUSE_S3__TLS__KEY", key),
    ])
}

fn curl(trusted: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "60"]);
    if let Some(trusted) = trusted {
        command.arg("--cacert").arg(trusted);
    }
    command.args(arguments).output().expect("curl runs")
}

#[track_caller]
fn says(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The AWS CLI as the root user, over `endpoint`.
fn aws(server: &Server, endpoint: &str, trusted: Option<&Path>, arguments: &[&str]) -> Output {
    let (id, secret) = server.root();
    let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
    if let Some(trusted) = trusted {
        command.env("AWS_CA_BUNDLE", trusted);
    }
    command.args(arguments).output().expect("the AWS CLI runs")
}

#[test]
fn both_doors_speak_tls_and_nothing_else() {
    let certificate = Certificate::new();
    let trusted = certificate.path();
    let server = tls_house(&certificate);
    let portal = server.portal.replace("http:", "https:");
    let format = "%{http_version} %{http_code} %header{strict-transport-security}";
    let home = curl(Some(&trusted), &["-o", "/dev/null", "-w", format, &portal]);
    let home = says(&home);
    assert!(home.starts_with("2 200 max-age="), "{home}");
    let store = server.s3.replace("http:", "https:");
    let store = says(&curl(Some(&trusted), &["-o", "/dev/null", "-w", format, &store]));
    assert!(store.starts_with("2 403 max-age=63072000; includeSubDomains"), "{store}");
    for plain in [&server.portal, &server.s3] {
        assert!(!curl(None, &[plain]).status.success(), "{plain} answers in plain HTTP");
    }
    assert!(!curl(None, &[&portal]).status.success(), "a certificate that nobody vouches for");
    let api = format!("{portal}/api/v1/session");
    let refused = says(&curl(Some(&trusted), &["-w", "%{http_code}", "-o", "/dev/null", &api]));
    assert_eq!(refused, "401");
}

#[test]
fn signed_requests_work_over_tls_with_both_versions_of_http() {
    let certificate = Certificate::new();
    let trusted = certificate.path();
    let server = tls_house(&certificate);
    let endpoint = server.s3.replace("http:", "https:");
    let run = |arguments: &[&str]| says(&aws(&server, &endpoint, Some(&trusted), arguments));
    run(&["s3", "mb", "s3://secure"]);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
        "Action":"s3:*","Resource":["arn:aws:s3:::secure","arn:aws:s3:::secure/*"],
        "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    run(&["s3api", "put-bucket-policy", "--bucket", "secure", "--policy", policy]);
    let large = server.scratch().join("large");
    let bytes: Vec<u8> = (0..=250).cycle().take(20 << 20).collect();
    std::fs::write(&large, &bytes).expect("a file");
    let large = large.to_str().expect("text");
    run(&["s3", "cp", "--only-show-errors", large, "s3://secure/large"]);
    let back = server.scratch().join("back");
    let (id, secret) = server.root();
    let user = format!("{id}:{secret}");
    let url = format!("{endpoint}/secure/large");
    let back_text = back.to_str().expect("text");
    let hash = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
    let signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &user, "-o", back_text];
    for (version, flag) in [("2", "--http2"), ("1.1", "--http1.1")] {
        let format = ["-w", "%{http_version} %{http_code}", flag, url.as_str()];
        let told = says(&curl(Some(&trusted), &[&signed[..], &hash, &format].concat()));
        assert_eq!(told, format!("{version} 200"));
        assert!(std::fs::read(&back).expect("a file") == bytes, "other bytes over HTTP/{version}");
    }
    let (id, _) = server.root();
    let forged = format!("{id}:not-the-secret");
    let signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &forged, "--http2"];
    let answer = says(&curl(Some(&trusted), &[&signed[..], &hash, &[url.as_str()]].concat()));
    assert!(answer.contains("SignatureDoesNotMatch"), "{answer}");
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_before_anything_starts() {
    let certificate = Certificate::new();
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.pem");
    let output = wellhouse()
        .args(["serve", "--data"])
        .arg(folder.path().join("data"))
        .env("WELLHOUSE_PORTAL__LISTEN", "127.0.0.1:0")
        .env("WELLHOUSE_PORTAL__TLS__CERTIFICATE", &missing)
        .env("WELLHOUSE_PORTAL__TLS__KEY", certificate.key())
        .output()
        .expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("portal.tls") && errors.contains("missing.pem"), "{errors}");
}

#[test]
fn a_trusted_proxy_says_who_asks_and_nobody_else_does() {
    let trusted = Server::start_with(&[("WELLHOUSE_S3__TRUSTED_PROXIES", r#"["127.0.0.1"]"#)]);
    let open = Server::start();
    for (server, expected) in [(&trusted, "200"), (&open, "403")] {
        says(&aws(server, &server.s3, None, &["s3", "mb", "s3://office"]));
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"s3:ListBucket","Resource":"arn:aws:s3:::office",
            "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}"#;
        let put = ["s3api", "put-bucket-policy", "--bucket", "office", "--policy", policy];
        says(&aws(server, &server.s3, None, &put));
        let url = format!("{}/office", server.s3);
        let ask = |forwarded: &str| {
            let header = format!("X-Forwarded-For: {forwarded}");
            let told = ["-o", "/dev/null", "-w", "%{http_code}", "-H", &header, &url];
            says(&curl(None, &told))
        };
        assert_eq!(ask("203.0.113.7"), expected);
        assert_eq!(
            ask("203.0.113.7, 198.51.100.1"),
            "403",
            "what stands left is a stranger's word"
        );
    }
}

#[test]
fn the_store_alone_is_an_account_with_nothing_in_it() {
    let server = Server::start_store_only();
    let run = |arguments: &[&str]| says(&aws(&server, &server.s3, None, arguments));
    assert_eq!(run(&["s3", "ls"]), "", "no bucket");
    assert!(run(&["iam", "list-roles", "--query", "Roles"]).contains("[]"), "no role");
    run(&["s3", "mb", "s3://mine"]);
    run(&["s3api", "put-object", "--bucket", "mine", "--key", "a"]);
    assert!(!curl(None, &[&server.portal]).status.success(), "there is no portal");
    let stranger = says(&curl(None, &[&format!("{}/mine/a", server.s3)]));
    assert!(stranger.contains("AccessDenied"), "{stranger}");
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success(), "{status}");
    let server = Server::start_again(folder);
    assert!(says(&aws(&server, &server.s3, None, &["s3", "ls"])).contains("mine"));
}
