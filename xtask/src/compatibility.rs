//! `cargo xtask compatibility`: every documented operation by every client, written down in
//! docs/compatibility.md.

use anyhow::Result;

use crate::run::{command, root, run, say, target};
use crate::tools;

/// Tries the clients and writes the table; fails where something is not as documented.
pub(crate) fn write() -> Result<()> {
    let python = tools::python()?;
    let (rclone, s3fs) = (tools::rclone()?, tools::s3fs()?);
    say("trying the AWS SDK for Rust");
    let found = target().join("compatibility.json");
    let test = ["test", "--quiet", "-p", "wellhouse", "--test", "it", "compatibility::"];
    let mut sdk = command("cargo", &test);
    sdk.env("WELLHOUSE_TEST_COMPATIBILITY", &found);
    run(sdk)?;
    say("trying the AWS CLI, boto3, rclone and s3fs");
    let interpreter = python.join("bin/python").to_string_lossy().into_owned();
    let page = root().join("docs/compatibility.md").to_string_lossy().into_owned();
    let mut tries = command(&interpreter, &["tests/compatibility/run.py", &page]);
    tries.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("AWS_CA_BUNDLE").env_remove("AWS_PROFILE");
    tries.env("AWS_CONFIG_FILE", "/nonexistent").env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    tries.env("WELLHOUSE_BINARY", target().join("debug/wellhouse"));
    tries.env("WELLHOUSE_TEST_COMPATIBILITY", found);
    tries.env("WELLHOUSE_TEST_RCLONE", rclone);
    tries.env("WELLHOUSE_TEST_S3FS", s3fs.unwrap_or_default());
    run(tries)
}
