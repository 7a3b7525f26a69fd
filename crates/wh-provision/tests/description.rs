//! `estate.toml`: what five lines mean, what is refused and where, and that it is written as it is read.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use wh_provision::{
    BucketSetting, BucketSettingKind, Description, Estate, EstateError, Holds, Target, Unwanted,
};

const FIVE_LINES: &str = r#"installation = "main"
account = "111122223333"
region = "eu-central-1"
[[bucket]]
name = "example-files"
"#;

const EVERYTHING: &str = r#"version = 1
installation = "main"
account = "111122223333"
region = "eu-central-1"
target = "aws"
portal_origins = ["https://files.example.org", "http://localhost:8080"]
admin_scope = "account"
session_tags = "any"
scan = "only-clean"
portal_runs_on = "ecs"
external_id = "b9e1/example"
encryption = "kms"
key_alias = "alias/files"
block_public_access_of_account = true

[tags]
"cost center" = "42"

[[bucket]]
name = "example-files"
data_class = "confidential"
instance_prefix = "machines/"
presign_max_seconds = 600
tls_min = "1.3"
denied_uids = ["01k7d3m5q8w0e2r4t6y8v0b2n4"]

[bucket.lifecycle]
abort_uploads_days = 3
old_version_days = 30
old_versions_kept = 5
intelligent_tiering_days = 60

[bucket.object_lock]
mode = "governance"
days = 30

[[bucket]]
name = "more-111122223333-eu-central-1-an"

[logs]
name = "example-logs"
keep_days = 400

[trail]
name = "example-trail"
"#;

fn read(text: &str) -> Description {
    Description::read(text).expect("a description")
}

/// What is wrong with a text: place, key and words of each fault.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = Description::read(text).expect_err("a fault");
    assert!(error.to_string().contains(expected), "{error}\nnot: {expected}");
}

/// The five lines with a line more at the top.
fn with(line: &str) -> String {
    format!("{line}\n{FIVE_LINES}")
}

#[test]
fn five_lines_ask_for_the_whole_table() {
    let estate = Estate::of(read(FIVE_LINES)).expect("an estate");
    let kinds: Vec<BucketSettingKind> =
        estate.bucket().settings.iter().map(BucketSetting::kind).collect();
    for kind in [
        BucketSettingKind::PublicAccess,
        BucketSettingKind::Ownership,
        BucketSettingKind::Encryption,
        BucketSettingKind::Versioning,
        BucketSettingKind::Lifecycle,
        BucketSettingKind::Tags,
        BucketSettingKind::Logging,
        BucketSettingKind::Events,
        BucketSettingKind::Without(Unwanted::Website),
        BucketSettingKind::Policy,
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let names: Vec<_> = estate.buckets().map(|b| (b.name.as_str(), b.holds)).collect();
    assert_eq!(names, [("example-files-logs", Holds::Logs), ("example-files", Holds::Files)]);
    assert_eq!(estate.key().expect("a key").alias, "alias/wellhouse-main");
    assert_eq!(estate.trail().expect("a trail").name, "wellhouse-main");
    assert_eq!(estate.target(), Target::Aws);
}

#[test]
fn what_is_written_out_reads_as_the_same() {
    let embedded = with("target = \"embedded\"");
    for text in [FIVE_LINES, EVERYTHING, &embedded] {
        let first = read(text);
        assert_eq!(read(&first.to_toml()), first, "{}", first.to_toml());
        Estate::of(first).expect("an estate");
    }
}

#[test]
fn a_fault_tells_its_place_and_what_to_write() {
    refused("installation = ", "line 1, column 16");
    refused(&with("instalation = \"x\""), "unknown field `instalation`");
    refused(&FIVE_LINES.replace("1111", "11"), "line 2, column 11: `account`");
    refused(&FIVE_LINES.replace("main", "Main!"), "write 1–32 of a–z, 0–9 and `-`");
    refused(&FIVE_LINES.replace("example-files", "Files"), "`bucket[0].name`");
    refused("installation='a'\naccount='111122223333'\nregion='x'", "write [[bucket]]");
    refused(&with("version = 2"), "`version`: version 2 is not known: write 1");
    refused(&with("portal_origins = [\"https://*\"]"), "`https://*` is no origin of the portal");
    refused(&with("portal_origins = [\"http://example.org\"]"), "write https:// and its host");
    refused(&with("key_alias = \"alias/aws/s3\""), "is no alias of a key of yours");
    refused(&with("encryption = \"s3\"\nkey_alias = \"alias/x\""), "there is no key");
    refused(&with("external_id = \"a b\""), "`external_id`");
    refused(&(FIVE_LINES.to_owned() + "[tags]\napp = 'x'"), "the estate's own");
    refused(&(FIVE_LINES.to_owned() + "[tags]\n'aws:x' = 'x'"), "AWS's own");
    refused(&(FIVE_LINES.to_owned() + "presign_max_seconds = 5"), "write 60 to 604800");
    refused(&(FIVE_LINES.to_owned() + "tls_min = '1.1'"), "write 1.2 or 1.3");
    refused(&(FIVE_LINES.to_owned() + "instance_prefix = 'x'"), "write `x/`");
    refused(&(FIVE_LINES.to_owned() + "denied_uids = ['bob']"), "`bucket[0].denied_uids`");
}

#[test]
fn what_cannot_be_together_is_refused() {
    refused(&(FIVE_LINES.to_owned() + "[[bucket]]\nname = 'example-files'"), "stands here twice");
    refused(&(FIVE_LINES.to_owned() + "[logs]\nname = 'example-files'"), "a bucket of their own");
    refused(
        &(FIVE_LINES.to_owned() + "[logs]\nenabled = false\n[trail]\nname = 'x'"),
        "a trail needs the bucket of logs",
    );
    refused(
        &FIVE_LINES.replace("example-files", "x-999999999999-eu-central-1-an"),
        "it must end in `-111122223333-eu-central-1-an`",
    );
    let lock = |text: &str| format!("{FIVE_LINES}[bucket.object_lock]\n{text}");
    refused(&lock("mode = 'compliance'\ndays = 9"), "write irreversible = ");
    refused(&lock("mode = 'governance'"), "a mode without days");
    refused(&lock("days = 3"), "days without a mode");
    read(&lock("mode = 'compliance'\ndays = 9\nirreversible = 'nobody can shorten this'"));
    let embedded = |line: &str| with(&format!("target = \"embedded\"\n{line}"));
    refused(&embedded("encryption = \"kms\""), "the embedded store has no KMS");
    refused(&embedded("block_public_access_of_account = true"), "leave it out");
    refused(&(embedded("") + "[logs]\nkeep_days = 3"), "its audit is in the ledger");
    refused(&(embedded("") + "[trail]\nname = 'x'"), "no CloudTrail");
    refused(
        &(embedded("") + "[bucket.lifecycle]\nintelligent_tiering_days = 3"),
        "has no storage classes",
    );
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_text() {
    let text = FIVE_LINES.replace("1111", "x").replace("example-files", "Files");
    let error = Description::read(&text).expect_err("two faults");
    let keys: Vec<&str> = error.faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["account", "bucket[0].name"]);
}

#[test]
fn a_policy_over_aws_limits_is_refused_before_any_call() {
    let bucket = |n| format!("[[bucket]]\nname = \"bucket-of-files-{n}\"");
    let many: Vec<String> = (0..60).map(bucket).collect();
    let text = "installation = 'main'\naccount = '111122223333'\nregion = 'x'\n".to_owned()
        + &many.join("\n");
    let error = Estate::of(read(&text)).expect_err("too long");
    assert!(matches!(error, EstateError::PolicyTooLong { .. }), "{error}");
    assert!(error.to_string().contains("name fewer buckets"), "{error}");
}

#[test]
fn names_that_aws_would_refuse_later_are_refused_at_once() {
    for name in ["ab", "-trail", "trail-", "a..b", "a-_b", "10.0.0.1", "a trail", &"a".repeat(129)]
    {
        refused(&format!("{FIVE_LINES}[trail]\nname = \"{name}\"\n"), "`trail.name`: ");
    }
    for name in ["abc", "my-trail.2_x"] {
        read(&format!("{FIVE_LINES}[trail]\nname = \"{name}\"\n"));
    }
    for class in ["", "a;b", &"a".repeat(257)] {
        refused(&format!("{FIVE_LINES}data_class = \"{class}\"\n"), "`bucket[0].data_class`: ");
    }
    read(&format!("{FIVE_LINES}data_class = \"strictly confidential\"\n"));
}
