//! What `wellhouse apply` makes, under Prowler: on moto, beside a bucket that nobody looked after.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Finding;
use crate::run::{command, root, run, say, target};
use crate::tools;

/// The tool, as exceptions name it.
pub(super) const TOOL: &str = "prowler";

const REGION: &str = "eu-central-1";
/// What is applied.
const ESTATE: &str = "tests/estates/five-lines.toml";
/// Its bucket; that of logs begins so, too.
const BUCKET: &str = "example-files";
/// A bucket beside the estate's, made and left alone.
const NEGLECTED: &str = "neglected-bucket";
/// What Prowler must find of it.
const NEGLECTS: [&str; 4] = [
    "s3_bucket_object_versioning",
    "s3_bucket_level_public_access_block",
    "s3_bucket_secure_transport_policy",
    "s3_bucket_server_access_logging_enabled",
];

/// What Prowler finds in what was applied, once it is seen that it finds anything.
pub(super) fn judge() -> Result<BTreeSet<Finding>> {
    let (python, prowler) = (tools::python()?, tools::prowler()?);
    run(command("cargo", &["build", "--quiet", "--package", "wellhouse"]))?;
    let folder = target().join("estate");
    fs::create_dir_all(&folder)?;
    let moto = Moto::start(&python)?;
    let mut apply = Command::new(target().join("debug/wellhouse"));
    apply.args(["apply", "--yes", "--endpoint-url", &moto.url, "--estate"]);
    apply.arg(root().join(ESTATE)).current_dir(&folder);
    moto.run(apply)?;
    let mut neglected = Command::new(python.join("bin/aws"));
    neglected.args(["s3", "mb", &format!("s3://{NEGLECTED}")]);
    moto.run(neglected)?;
    let found = findings(&moto, &prowler, &folder)?;
    for rule in NEGLECTS {
        if !found.contains(&Finding::new(TOOL, rule, NEGLECTED)) {
            bail!("Prowler did not find {rule} in a bucket that was neglected");
        }
    }
    say("prowler: found what was wrong with a neglected bucket");
    Ok(found.into_iter().filter(|finding| is_ours(&finding.resource)).collect())
}

/// Prowler judges the account, too: its passwords, its root user. An estate's are its two buckets, its
/// roles and their boundary, its trail and its key.
fn is_ours(resource: &str) -> bool {
    resource.starts_with(BUCKET)
        || resource.starts_with("wellhouse-")
        || resource.contains("Role")
        || resource.contains("Boundary")
        || resource == "key"
        || resource == "trail"
}

fn findings(moto: &Moto, prowler: &Path, folder: &Path) -> Result<BTreeSet<Finding>> {
    let out = folder.join("prowler");
    let mut judge = Command::new(prowler.join("bin/prowler"));
    judge.args(["aws", "--service", "s3", "iam", "kms", "cloudtrail", "--region", REGION]);
    judge.args(["--output-formats", "json-ocsf", "--output-filename", "found", "--no-banner"]);
    // It ends with 3 where it found something, which it always does.
    judge.args(["--ignore-exit-code-3", "--output-directory"]).arg(&out);
    judge.stdout(Stdio::null());
    moto.run(judge)?;
    let text = fs::read(out.join("found.ocsf.json")).context("Prowler wrote no findings")?;
    let told: Vec<Value> = serde_json::from_slice(&text)?;
    let failed = told.iter().filter(|told| told.get("status_code").is_some_and(|s| s == "FAIL"));
    let finding = |told: &Value| {
        let rule = told.pointer("/metadata/event_code")?.as_str()?;
        let resource = told.pointer("/resources/0/uid")?.as_str()?;
        Some(Finding::new(TOOL, rule, short(resource)))
    };
    failed.map(|told| finding(told).context("a finding without a rule")).collect()
}

/// What an ARN ends in; of a key, whose id is another each time, only that it is one.
fn short(arn: &str) -> &str {
    let last = arn.rsplit(['/', ':']).next().unwrap_or(arn);
    if arn.contains(":key/") { "key" } else { last }
}

/// moto, which is ended when this is dropped.
struct Moto {
    process: Child,
    url: String,
}

impl Moto {
    fn start(python: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Command::new(python.join("bin/python"));
        server.arg(root().join("crates/wh-aws/tests/moto_server.py"));
        server.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let mut process = server.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let said = process.stderr.take().context("what moto says")?;
        let moto = Self { process, url: format!("http://127.0.0.1:{port}") };
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        if !lines.any(|line| line.contains("Running on")) {
            bail!("moto did not start");
        }
        // What it says afterwards is read away, lest it wait for a reader.
        std::thread::spawn(move || lines.count());
        Ok(moto)
    }

    fn run(&self, mut command: Command) -> Result<()> {
        command.env("AWS_ENDPOINT_URL", &self.url);
        command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
        command.env("AWS_DEFAULT_REGION", REGION).env("AWS_EC2_METADATA_DISABLED", "true");
        run(command)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
