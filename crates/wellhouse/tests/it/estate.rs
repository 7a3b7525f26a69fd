//! The estate on the embedded endpoint: made from a file, read back, changed by hand, made again.

use std::process::Command;

use crate::server::{Server, tool, wellhouse};

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
    account.check(&["apply", "--yes"], 0, &["3 changes made.", "Read back"]);
    let last = account.check(&["plan"], 0, &["Nothing to change", "theirs"]);
    assert!(!last.contains('⇒'), "{last}");
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
