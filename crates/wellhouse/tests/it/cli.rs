//! The command line, read as a newcomer reads it.

use std::path::Path;

use crate::server::wellhouse;

#[track_caller]
fn prints(arguments: &[&str]) -> String {
    let output = wellhouse().args(arguments).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("text")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn the_committed_openapi_document_is_the_servers() {
    let committed = std::fs::read_to_string(root().join("openapi.json")).expect("openapi.json");
    assert_eq!(prints(&["openapi"]).trim(), committed.trim(), "run `cargo xtask api`");
}

#[test]
fn the_documentation_names_every_role_and_what_it_may_do() {
    let text = prints(&["document"]);
    let roles = [
        "AdminRole",
        "RegularUserRole",
        "S3AccessRole",
        "UploadRole",
        "EC2UploadRole",
        "PortalRole",
        "AWSServiceRoleForSupport",
        "AWSServiceRoleForTrustedAdvisor",
    ];
    for role in roles {
        assert!(text.contains(role), "{role} is missing");
    }
    for words in
        ["s3:PutObject", "ec2.amazonaws.com", "\"Version\": \"2012-10-17\"", "| `s3:GetObject` |"]
    {
        assert!(text.contains(words), "`{words}` is missing from:\n{text}");
    }
    let committed = std::fs::read_to_string(root().join("docs/roles-and-policies.md"));
    let committed = committed.expect("docs/roles-and-policies.md");
    assert_eq!(
        text.trim(),
        committed.trim(),
        "run `wellhouse document > docs/roles-and-policies.md`"
    );
}

#[test]
fn policy_tests_pass_and_fail_with_their_exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cases.json");
    let case = |expected: &str| {
        format!(
            r#"[{{"name":"a","identity_policies":[{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}]}}],
            "resource_policy":null,"boundary":null,"session_policies":null,"scps":null,"rcps":null,"principal":"arn:aws:iam::111122223333:role/R",
            "resource_account":"111122223333","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{{}},"expected":"{expected}"}}]"#
        )
    };
    let path = file.to_str().expect("text");
    std::fs::write(&file, case("Allow")).expect("a file");
    assert!(prints(&["policy", "test", path]).contains("1 passed, 0 failed"));
    std::fs::write(&file, case("Deny")).expect("a file");
    let output = wellhouse().args(["policy", "test", path]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("0 passed, 1 failed"));
}

#[test]
fn help_says_what_the_program_is_for() {
    let help = prints(&["--help"]);
    for word in ["serve", "document", "policy", "plan", "apply"] {
        assert!(help.contains(word), "`{word}` is not in:\n{help}");
    }
}
