//! The estate on the embedded endpoint: made from a file, read back, changed by hand, made again.

use std::process::Command;

use crate::server::{Server, free_port, tool, wellhouse};

const ESTATE: &str = r#"installation = "main"
account = "000000000000"
region = "us-east-1"
target = "embedded"
portal_origins = ["https://files.example.org"]
[[bucket]]
name = "example-files"
[[bucket]]
name = "more-files"
"#;

/// A server with an empty account, and an operator with its root key.
struct Account {
    server: Server,
    folder: tempfile::TempDir,
}

impl Account {
    fn new(estate: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("estate.toml"), estate).expect("written");
        Self { server: Server::start_store_only(), folder }
    }

    fn credentials(&self) -> [(&'static str, String); 4] {
        let (id, secret) = self.server.root();
        [
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_ENDPOINT_URL", self.server.s3.clone()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ]
    }

    /// Exit code and everything that was said.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = wellhouse();
        command.args(arguments).args(["--endpoint-url", &self.server.s3]);
        command.envs(self.credentials()).current_dir(self.folder.path());
        let output = command.output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    }

    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let (found, text) = self.run(arguments);
        assert_eq!(found, Some(code), "{arguments:?}\n{text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?}: `{word}` is not in\n{text}");
        }
        text
    }

    /// What somebody does by hand.
    fn aws(&self, arguments: &[&str]) {
        let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
        let output = aws.args(arguments).envs(self.credentials()).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_estate_of_a_file_is_made_once_and_mended() {
    let account = Account::new(ESTATE);
    account.check(&["plan"], 2, &["bucket `example-files`", "bucket `more-files`", "AdminRole"]);
    account.check(&["apply", "--yes"], 0, &["Read back: all is as described."]);
    account.check(&["plan"], 0, &["Nothing to change"]);
    account.check(&["apply", "--yes"], 0, &["Nothing to change"]);

    let wider = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::example-files/shared/*"}]}"#;
    let role = ["--role-name", "RegularUserRole", "--policy-name", "RegularUserRole"];
    account.aws(&[&["iam", "put-role-policy"], &role[..], &["--policy-document", wider]].concat());
    account.aws(&["s3api", "delete-public-access-block", "--bucket", "more-files"]);
    let cors = r#"{"CORSRules":[{"ID":"theirs","AllowedMethods":["GET"],"AllowedOrigins":["https://other.example"]}]}"#;
    account.aws(&[
        "s3api",
        "put-bucket-cors",
        "--bucket",
        "more-files",
        "--cors-configuration",
        cors,
    ]);
    let told = account.check(
        &["plan"],
        2,
        &[
            "3 changes",
            "set the public access block of bucket `more-files`",
            "⇒ RegularUserRole loses s3:PutObject on example-files/shared/*",
            "⇒ RegularUserRole gains",
            "Kept, and not ours:",
            "cross-origin rule `theirs` for https://other.example",
        ],
    );
    assert!(!told.contains("example-files` in"), "{told}");
    // Whether that was saved in the portal there, nobody knows here.
    account.check(
        &["apply", "--yes"],
        1,
        &["the permissions of RegularUserRole were saved", "--take-back-saved"],
    );
    let mend = ["apply", "--yes", "--take-back-saved"];
    account.check(&mend, 0, &["3 changes made.", "Read back"]);
    let last = account.check(&["plan"], 0, &["Nothing to change", "theirs"]);
    assert!(!last.contains('⇒'), "{last}");

    // What is theirs goes only by whoever says so; a plan that was written down says it, too.
    let taken = "take away from bucket `more-files` what is others': cross-origin rule `theirs` for \
                 https://other.example";
    account.check(&["plan", "--own-all", "--save", "own.json"], 2, &["1 change", taken]);
    account.check(&["apply", "--plan", "own.json"], 0, &["1 change made.", "Read back"]);
    account.check(&["plan", "--own-all"], 0, &["Nothing to change"]);
    let clean = account.check(&["plan"], 0, &["Nothing to change"]);
    assert!(!clean.contains("theirs"), "{clean}");
}

#[test]
fn where_nothing_answers_it_is_said_where_that_is() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("estate.toml"), ESTATE).expect("written");
    let url = format!("http://127.0.0.1:{}", free_port());
    let mut command = wellhouse();
    command.args(["plan", "--endpoint-url", &url]).current_dir(folder.path());
    command.envs([("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains(&format!("nothing answers at {url}")), "{text}");
    assert!(text.contains("start `wellhouse serve`, or say --endpoint-url"), "{text}");

    // Without credentials nothing was asked, and that is what is said.
    let mut command = wellhouse();
    command.args(["plan", "--endpoint-url", &url]).current_dir(folder.path());
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", folder.path());
    let output = command.env_remove("AWS_ACCESS_KEY_ID").output().expect("it runs");
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains("there are no credentials: export AWS_ACCESS_KEY_ID"), "{text}");
    assert!(!text.contains("nothing answers"), "{text}");
}

#[test]
fn a_saved_plan_is_applied_exactly_or_not_at_all() {
    let account = Account::new(ESTATE);
    account.check(&["plan", "--save", "plan.json"], 2, &[]);
    account.aws(&["s3api", "create-bucket", "--bucket", "more-files"]);
    account.check(&["apply", "--plan", "plan.json"], 1, &["make a new one"]);
    account.check(&["plan", "--save", "plan.json"], 2, &[]);
    // What the file says by now does not matter: what was reviewed is in the plan.
    std::fs::write(account.folder.path().join("estate.toml"), "nonsense").expect("written");
    account.check(&["apply", "--plan", "plan.json"], 0, &["Read back: all is as described."]);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_asked() {
    let bad = ESTATE.replace("example-files", "Files").replace(
        "[[bucket]]\nname = \"more",
        "instance_prefix = \"in\"\n[[bucket]]\nname = \"more",
    );
    let account = Account::new(&(bad + "[logs]\nkeep_days = 9\n"));
    account.check(
        &["plan"],
        1,
        &[
            "estate.toml: line 7, column 8: `bucket[0].name`",
            "estate.toml: line 8, column 19: `bucket[0].instance_prefix`",
            "write `in/`",
            "`logs`: the embedded store writes no access logs",
            "3 places to mend",
        ],
    );
    assert!(!account.server.log().contains("ListBucket"));
}

#[test]
fn descriptions_are_kept_by_version() {
    let server = Server::start();
    let folder = server.scratch();
    let file = folder.join("kept.toml");
    let run = |arguments: &[&str]| {
        let mut command = wellhouse();
        let output =
            command.arg("estate").args(arguments).arg("--data").arg(server.data()).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let path = file.to_str().expect("a path");
    std::fs::write(&file, ESTATE).expect("written");
    assert!(run(&["check", path]).contains("bucket `more-files`"));
    assert_eq!(run(&["import", path, "--note", "first"]), "Kept as version 1.\n");
    std::fs::write(&file, ESTATE.replace("more-files", "other-files")).expect("written");
    assert_eq!(run(&["import", path]), "Kept as version 2.\n");
    assert!(run(&["list"]).contains("first"));
    let first = run(&["show", "--version", "1"]);
    assert!(first.contains("name = \"more-files\"") && first.contains("presign_max_seconds = 900"));
}

#[test]
fn every_property_is_read_back_and_every_role_tried() {
    let server = Server::start();
    let (data, s3) = (server.data(), server.s3.clone());
    // Whoever holds the data folder needs no other credentials, and is the portal for the probes.
    let run = |arguments: &[&str]| {
        let mut command = wellhouse();
        command.args(arguments).arg("--data").arg(&data).env("AWS_EC2_METADATA_DISABLED", "true");
        let at = |url: &str| url.trim_start_matches("http://").to_owned();
        command.env("WELLHOUSE_S3__LISTEN", at(&s3));
        command.env("WELLHOUSE_PORTAL__LISTEN", at(&server.portal));
        let output = command.output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    };
    let (code, text) = run(&["verify", "--output", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let probes = report["probes"].as_array().expect("probes");
    let wrong: Vec<_> =
        probes.iter().filter(|p| p["came"] != "not-tried" && p["came"] != p["expected"]).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let refused = probes.iter().filter(|probe| probe["came"] == "denied").count();
    assert!(refused >= 40, "{refused} refused probes");
    let differing: Vec<_> = report["properties"]
        .as_array()
        .expect("properties")
        .iter()
        .filter(|property| !property["mend"].is_null())
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(code, Some(0));
    // Nothing is left of the probes' objects.
    let keys = server.root();
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    let listed = aws
        .args(["s3api", "list-object-versions", "--bucket", "wellhouse", "--endpoint-url", &s3])
        .env("AWS_ACCESS_KEY_ID", keys.0)
        .env("AWS_SECRET_ACCESS_KEY", keys.1)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .output()
        .expect("it runs");
    assert!(!String::from_utf8_lossy(&listed.stdout).contains(".wellhouse-verify"));
}

#[test]
fn what_is_ours_is_taken_away_and_files_only_by_name() {
    let account = Account::new(ESTATE);
    account.check(&["apply", "--yes"], 0, &[]);
    account.aws(&["s3api", "put-object", "--bucket", "more-files", "--key", "a"]);
    account.check(
        &["destroy", "--dry-run"],
        2,
        &["delete role `AdminRole`", "Nothing was changed."],
    );
    account.check(
        &["destroy", "--yes", "--delete-data"],
        1,
        &["say --delete-bucket example-files"],
    );
    let files =
        ["--delete-data", "--delete-bucket", "example-files", "--delete-bucket", "more-files"];
    account.check(
        &[&["destroy", "--yes"], &files[..]].concat(),
        0,
        &["delete EVERYTHING in bucket `more-files`", "stays: it is AWS's"],
    );
    account.check(&["destroy", "--dry-run"], 0, &["Nothing of this estate is there"]);
    account.check(&["plan"], 2, &["create bucket `more-files`"]);
}

#[test]
fn an_estate_is_exported_and_says_what_its_maker_needs() {
    let account = Account::new(&ESTATE.replace("target = \"embedded\"\n", ""));
    let path = account.folder.path();
    let run = |arguments: &[&str]| {
        let mut command = wellhouse();
        let output = command.args(arguments).current_dir(path).output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("text"))
    };
    let (code, text) = run(&["export", "--format", "cloudformation"]);
    assert_eq!(code, Some(0), "{text}");
    let template: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(template["Resources"].as_object().expect("resources").len() > 10);
    let (code, text) = run(&["export", "--format", "terraform"]);
    assert!(code == Some(1) && text.contains("say --folder DIR"), "{text}");
    let (code, text) = run(&["export", "--format", "json", "--folder", "out"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(path.join("out/estate.toml").is_file());
    let (code, text) = run(&["export", "--format", "json", "--folder", "out"]);
    assert!(code == Some(1) && text.contains("nothing is written over"), "{text}");
    let (code, text) = run(&["provisioner-policy"]);
    assert!(code == Some(0) && text.contains("iam:PermissionsBoundary"), "{text}");
}

#[test]
fn drift_is_a_metric() {
    let listen = format!("127.0.0.1:{}", free_port());
    let server = Server::start_with(&[("WELLHOUSE_METRICS__LISTEN", &listen)]);
    let metric = |name: &str| -> Option<String> {
        let answer = ureq::get(format!("http://{listen}/metrics")).call().expect("an answer");
        let text = answer.into_body().read_to_string().expect("text");
        let line = text.lines().find(|line| line.starts_with(&format!("wellhouse_{name} ")));
        line.map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned())
    };
    let began = std::time::Instant::now();
    while metric("estate_differences").is_none() {
        assert!(began.elapsed() < std::time::Duration::from_mins(1), "it was never read back");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(metric("estate_differences").as_deref(), Some("0"));
    let (id, secret) = server.root();
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    aws.args([
        "iam",
        "delete-role-policy",
        "--role-name",
        "AdminRole",
        "--policy-name",
        "AdminRole",
    ]);
    aws.args(["--endpoint-url", &server.s3]).env("AWS_DEFAULT_REGION", "us-east-1");
    aws.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    assert!(aws.status().expect("it runs").success());
    let at = |url: &str| url.trim_start_matches("http://").to_owned();
    let mut command = wellhouse();
    command.args(["plan", "--record", "--data"]).arg(server.data());
    command.env("WELLHOUSE_S3__LISTEN", at(&server.s3));
    command.env("WELLHOUSE_PORTAL__LISTEN", at(&server.portal));
    assert_eq!(command.status().expect("it runs").code(), Some(2));
    assert_eq!(metric("estate_differences").as_deref(), Some("1"));
}
