//! boto3 as a client: each script states its claims by `assert` and ends with 0.

use std::process::Command;

use crate::actors::Actor;
use crate::server::{Server, free_port, tool};

#[track_caller]
pub(crate) fn runs(script: &str, environment: &[(&str, &str)]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/boto3/");
    let mut python = Command::new(tool("WELLHOUSE_TEST_PYTHON"));
    python.env_clear().env("PATH", "/usr/bin:/bin").envs(environment.iter().copied());
    let output = python.arg(format!("{path}{script}")).output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}:\n{errors}");
}

#[test]
fn objects_ranges_conditions_checksums_and_multipart() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let mut environment = keys.environment().to_vec();
    environment.push(("BUCKET", &keys.bucket));
    runs("objects.py", &environment);
}

#[test]
fn versions_tags_locks_and_what_expires() {
    set_up(&Server::start(), "keeping.py");
}

#[test]
fn users_groups_keys_sessions_and_the_simulator() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let (root_key, root_secret) = server.root();
    let mut environment = keys.environment().to_vec();
    environment.push(("ROOT_KEY", &root_key));
    environment.push(("ROOT_SECRET", &root_secret));
    runs("iam.py", &environment);
}

#[test]
fn a_token_of_an_issuer_becomes_a_session() {
    let port = free_port().to_string();
    let issuer = |name: &str| {
        format!(r#"{{issuer="https://{name}.example", jwks_uri="http://127.0.0.1:{port}/{name}"}}"#)
    };
    let issuers = ["good", "moved", "broken", "long", "odd"].map(issuer).join(", ");
    let server = Server::start_with(&[("WELLHOUSE_STS__OIDC", &format!("[{issuers}]"))]);
    let (root_key, root_secret) = server.root();
    let environment = [
        ("AWS_ENDPOINT_URL", server.s3.as_str()),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("ISSUER_PORT", &port),
        ("ROOT_KEY", &root_key),
        ("ROOT_SECRET", &root_secret),
    ];
    runs("web_identity.py", &environment);
}

#[test]
fn signatures_that_are_wrong_late_or_cut_are_refused() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let mut environment = keys.environment().to_vec();
    environment.push(("BUCKET", &keys.bucket));
    runs("signatures.py", &environment);
}

/// What the scripts about settings of buckets need: the root user, and a person.
fn set_up(server: &Server, script: &str) {
    let keys = Actor::administrator(server).keys("");
    let (root_key, root_secret) = server.root();
    let mut environment = keys.environment().to_vec();
    environment.push(("BUCKET", &keys.bucket));
    environment.push(("ROOT_KEY", &root_key));
    environment.push(("ROOT_SECRET", &root_secret));
    runs(script, &environment);
}

#[test]
fn parts_attributes_uploads_and_tags_of_buckets() {
    set_up(&Server::start(), "parts.py");
}

#[test]
fn public_access_ownership_lists_and_what_no_bucket_has() {
    set_up(&Server::start(), "settings.py");
}

#[test]
fn forms_are_taken_as_they_were_signed_and_not_otherwise() {
    set_up(&Server::start(), "forms.py");
}

#[test]
fn buckets_are_found_in_the_name_of_the_host() {
    let domains = ("WELLHOUSE_S3__BASE_DOMAINS", r#"["s3.localhost", "files.test"]"#);
    set_up(&Server::start_with(&[domains]), "hosts.py");
}

#[test]
fn names_listings_ranges_conditions_checksums_parts_and_who_may() {
    set_up(&Server::start(), "cases.py");
}
