//! AWS mode against moto: roles and bucket made, `AssumeRole`, presigned upload and download.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::actors::Actor;
use crate::keeping::{get, put};
use crate::server::{Server, free_port, tool, wellhouse};

/// A moto server; dropping it ends it.
pub(crate) struct Moto {
    child: Child,
    pub(crate) url: String,
}

impl Moto {
    pub(crate) fn start() -> Self {
        let port = free_port().to_string();
        // moto misnames two answers of S3; the wrapper of wh-aws's tests gives them their names.
        let python = tool("WELLHOUSE_TEST_MOTO").with_file_name("python3");
        let mut command = Command::new(python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../wh-aws/tests/moto_server.py"));
        command.args(["-H", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("moto starts");
        let url = format!("http://127.0.0.1:{port}");
        let began = Instant::now();
        while ureq::get(format!("{url}/moto-api/")).call().is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "moto did not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, url }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) const BUCKET: &str = "wellhouse-test-bucket";

pub(crate) fn settings(moto: &Moto) -> Vec<(String, String)> {
    [
        ("WELLHOUSE_STORE__KIND", "aws"),
        ("WELLHOUSE_STORE__BUCKET", BUCKET),
        ("WELLHOUSE_STORE__ACCOUNT", "\"123456789012\""),
        ("WELLHOUSE_STORE__ENDPOINT_URL", &moto.url),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn run(settings: &[(String, String)], arguments: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = wellhouse();
    command.envs(settings.iter().cloned()).current_dir(folder.path());
    let output = command.args(arguments).output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("text"))
}

#[test]
fn the_same_portal_runs_against_aws() {
    let moto = Moto::start();
    let settings = settings(&moto);
    let (code, text) = run(&settings, &["plan"]);
    assert_eq!(code, Some(2), "{text}");
    for word in ["create bucket", "AdminRole", "EC2UploadRole", "support.amazonaws.com"] {
        assert!(text.contains(word), "`{word}` is not in the plan:\n{text}");
    }
    let (code, text) = run(&settings, &["apply", "--yes"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = run(&settings, &["plan"]);
    // moto forgets `NewerNoncurrentVersions`, so the lifecycle alone is always planned again.
    let again: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(again.iter().all(|line| line.contains("set the lifecycle")), "{code:?}\n{text}");

    // moto applies the bucket policy's denies without evaluating their conditions, so it would
    // refuse every object; that the policy was put there is what the empty plan has shown.
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    aws.args(["s3api", "delete-bucket-policy", "--bucket", BUCKET, "--endpoint-url", &moto.url]);
    aws.envs(settings.iter().cloned()).env("AWS_DEFAULT_REGION", "us-east-1");
    assert!(aws.status().expect("the AWS CLI runs").success());
    let borrowed: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let server = Server::start_with(&borrowed);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    bob.upload_digits(&home, "note.txt");
    let (status, link) =
        bob.post(&format!("/locations/{home}/downloads"), &json!({ "path": "note.txt" }));
    assert_eq!(status, 200, "{link}");
    let got = ureq::get(link["url"].as_str().expect("a URL")).call().expect("the object");
    assert_eq!(got.into_body().read_to_string().expect("text"), "123456789");
    let (status, body) = bob.get(&format!("/locations/{home}/entries?path="));
    assert_eq!((status, &body["entries"][0]["name"]), (200, &json!("note.txt")), "{body}");
}

/// The ARN of a new KMS key.
fn kms_key(moto: &Moto) -> String {
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    aws.args(["kms", "create-key", "--query", "KeyMetadata.Arn", "--output", "text"]);
    aws.args(["--endpoint-url", &moto.url, "--region", "eu-central-1"]);
    aws.envs(settings(moto));
    let made = aws.output().expect("the AWS CLI runs");
    assert!(made.status.success(), "{made:?}");
    String::from_utf8(made.stdout).expect("text").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_master_key_kms_seals_starts_and_starts_again() {
    let moto = Moto::start();
    let (key, url) = (kms_key(&moto), moto.url.clone());
    let settings = [
        ("WELLHOUSE_STORE__ENCRYPTION__KEYS", "kms"),
        ("WELLHOUSE_STORE__ENCRYPTION__KMS_KEY", &key),
        ("WELLHOUSE_STORE__ENCRYPTION__KMS_REGION", "eu-central-1"),
        ("WELLHOUSE_STORE__ENCRYPTION__KMS_ENDPOINT_URL", &url),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let server = Server::start_with(&settings);
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    put(&keys, "kept", vec![7; 100_000]).await;
    let server = server.again_at_its_place(&settings);
    assert_eq!(get(&keys, "kept").await, vec![7; 100_000]);
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success());
    // Without KMS the key file is worth nothing.
    drop(moto);
    let mut command = wellhouse();
    command.envs(settings).arg("--data").arg(folder.path().join("data"));
    let refused = command.args(["store", "check"]).output().expect("it runs");
    assert!(!refused.status.success(), "{refused:?}");
}
