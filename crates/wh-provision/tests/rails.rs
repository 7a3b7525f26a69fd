//! What an estate says of its own policies: written out, proved, expected.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use wh_policy::rails::Breach;
use wh_provision::{Description, Estate, EstateError};

const SIMPLE: &str = r#"installation = "main"
account = "111122223333"
region = "eu-central-1"
[[bucket]]
name = "example-files"
"#;

fn estate(more: &str) -> Estate {
    let described = Description::read(&format!("{SIMPLE}{more}")).expect("a description");
    Estate::of(described).expect("an estate")
}

/// Which rails are broken by whom.
fn broken(estate: &Estate) -> Vec<(String, String)> {
    estate.broken_rails().into_iter().map(|one| (one.rail, one.who)).collect()
}

#[test]
fn the_standard_estate_keeps_to_its_rails_on_aws_and_here() {
    let rails: Vec<String> = estate("").rails().into_iter().map(|rail| rail.name).collect();
    let expected = [
        "nothing-is-public",
        "regular-users-write-only-at-home",
        "only-administrators-delete-versions",
        "only-administrators-change-buckets",
        "machines-only-upload",
        "machines-write-only-where-they-are-to",
    ];
    assert_eq!(rails, expected);
    for more in ["", "scan = \"only-clean\"\n"] {
        let text = format!("{more}{SIMPLE}");
        for text in [text.clone(), text.replace("region", "target = \"embedded\"\nregion")] {
            let described = Description::read(&text).expect("a description");
            let estate = Estate::of(described).expect("an estate");
            assert_eq!(broken(&estate), [], "{text}");
        }
    }
}

const WIDE: &str = r#"
[[policy]]
role = "RegularUserRole"
document = '''
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Team", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::example-files/shared/*"}]}
'''
"#;

#[test]
fn permissions_that_are_written_out_are_the_roles_and_are_held_to_the_rails() {
    let wide = estate(WIDE);
    let role = wide.roles().iter().find(|role| role.name.as_str() == "RegularUserRole");
    let role = role.expect("the role");
    assert!(role.permissions[0].document.to_json().contains(r#""Sid":"Team""#));
    let regular = || "RegularUserRole".to_owned();
    let expected = [
        ("regular-users-write-only-at-home".to_owned(), regular()),
        ("only-administrators-delete-versions".to_owned(), regular()),
    ];
    assert_eq!(broken(&wide), expected);
    let first = wide.broken_rails().swap_remove(0);
    let Breach::By(witness) = first.how else { panic!("{first:?}") };
    assert_eq!(witness.resource.as_str(), "arn:aws:s3:::example-files/shared/");
    let without = estate("").with_policies(&BTreeMap::from([(regular(), "{}".to_owned())]));
    assert!(matches!(without, Err(EstateError::Policy { .. })));
}

#[test]
fn home_may_be_written_and_nothing_beside_it() {
    let at = |place: &str| estate(&WIDE.replace("/shared/", place));
    let versions =
        [("only-administrators-delete-versions".to_owned(), "RegularUserRole".to_owned())];
    assert_eq!(broken(&at("/home/${aws:PrincipalTag/uid}/")), versions);
    assert_eq!(broken(&at("/home/")), versions);
    assert_eq!(broken(&at("/home")).len(), 2, "`homes/` begins with `home`, too");
}

/// The rails that this statement more breaks, in the permissions of a role.
#[track_caller]
fn breaks(role: &str, (action, on): (&str, &str), expected: &[&str]) {
    let resource = format!("arn:aws:s3:::{on}");
    let text = format!(
        "[[policy]]\nrole = \"{role}\"\ndocument = '{{\"Version\": \"2012-10-17\", \"Statement\": \
         [{{\"Sid\": \"More\", \"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"{resource}\"}}]}}'\n"
    );
    let found = broken(&estate(&text));
    let found: Vec<&str> = found.iter().map(|(rail, _)| rail.as_str()).collect();
    assert_eq!(found, expected, "{role} {action} {on}");
}

#[test]
fn what_machines_do_and_what_changes_buckets_is_held_to_the_rails() {
    const BUCKETS: &str = "only-administrators-change-buckets";
    const ONLY: &str = "machines-only-upload";
    const WHERE: &str = "machines-write-only-where-they-are-to";
    let machine = |action: &'static str, on: &'static str, expected: &[&str]| {
        breaks("EC2UploadRole", (action, on), expected);
    };
    machine("s3:GetObject", "example-files/*", &[ONLY]);
    machine("s3:ListBucket", "example-files", &[ONLY]);
    machine("s3:PutObject", "example-files/shared/*", &[WHERE]);
    machine("s3:PutObject", "example-files/instances/*", &[]);
    machine("s3:DeleteObject", "example-files/instances/*", &[ONLY]);
    machine("s3:PutLifecycleConfiguration", "example-files", &[BUCKETS, WHERE]);
    machine("s3:PutBucketVersioning", "example-files", &[BUCKETS, WHERE]);
    machine("s3:PutBucketPolicy", "example-files", &[BUCKETS, ONLY, WHERE]);
    for action in [
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketVersioning",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutReplicationConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketNotification",
    ] {
        breaks("S3AccessRole", (action, "example-files"), &[BUCKETS]);
        breaks("AdminRole", (action, "example-files"), &[]);
    }
    breaks("S3AccessRole", ("s3:PutBucketAcl", "example-files"), &[BUCKETS]);
    // What anybody may do with their objects.
    for action in ["s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutObjectRetention"] {
        breaks("S3AccessRole", (action, "example-files/*"), &[]);
    }
}

const OWN: &str = r#"
[[rail]]
name = "instances-read-nothing"
who = ["EC2UploadRole"]
never = ["read"]
on = ["*"]

[[expect]]
name = "plans are read"
role = "RegularUserRole"
action = "s3:GetObject"
on = "example-files/plans/a"
decision = "allow"
context = { "aws:SecureTransport" = "true", "s3:TlsVersion" = "1.3" }

[[expect]]
name = "strangers read nothing"
action = "s3:GetObject"
on = "example-files/shared/a"
decision = "deny"
"#;

#[test]
fn what_is_written_reads_back_as_the_same() {
    let text = format!("standard_rails = false\n{SIMPLE}{WIDE}{OWN}");
    let described = Description::read(&text).expect("a description");
    let again = Description::read(&described.to_toml()).expect("what we write");
    assert_eq!(described, again);
    let own = Estate::of(described).expect("an estate");
    assert_eq!(own.rails().len(), 1, "the standard ones were put away");
    assert_eq!(broken(&own), []);
    let missed: Vec<String> = own.missed_expectations().into_iter().map(|one| one.name).collect();
    assert_eq!(missed, ["plans are read"], "the role's permissions are others");
    assert!(estate(OWN).missed_expectations().is_empty());
}

#[track_caller]
fn refused(more: &str, expected: &str) {
    let text = format!("{SIMPLE}{more}");
    let found = match Description::read(&text) {
        Err(error) => error.to_string(),
        Ok(described) => Estate::of(described).expect_err("it cannot be").to_string(),
    };
    assert!(found.contains(expected), "{found}");
}

#[test]
fn what_cannot_be_asked_about_is_refused() {
    refused(
        "[[policy]]\nrole = \"PortalRole\"\ndocument = \"{}\"\n",
        "`PortalRole` are not written out",
    );
    refused("[[policy]]\nrole = \"AdminRole\"\ndocument = \"{}\"\n", "policy[0].document");
    refused(&format!("{WIDE}{WIDE}"), "written out twice");
    let rail = |more: &str| format!("[[rail]]\nname = \"a\"\n{more}");
    refused(&rail("never = [\"write\"]\nwho = [\"Nobody\"]\n"), "`Nobody` is no role");
    refused(&rail("never = [\"scribble\"]\n"), "`scribble` is no action");
    refused(&rail("never = []\n"), "forbids nothing");
    refused(
        &(rail("never = [\"read\"]\n") + &rail("never = [\"read\"]\n")),
        "two rails called `a`",
    );
}

/// What the store refused had been saved: it is measured as it will be sent, where a control character takes six.
#[test]
fn permissions_are_measured_as_they_will_be_sent_and_read_as_they_were_written() {
    let with = |value: &str| {
        let document = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::example-files",
            "Condition": {{"StringEquals": {{"s3:prefix": "{value}"}}}}}}]}}"#
        );
        let described = Description::read(SIMPLE).expect("a description");
        let estate = Estate::of(described).expect("an estate");
        estate.with_policies(&BTreeMap::from([("RegularUserRole".to_owned(), document)]))
    };
    let long = with(&r"\b".repeat(1_710));
    assert!(matches!(long, Err(EstateError::PolicyTooLong { .. })), "{long:?}");
    with(r"\u6587").expect("what IAM takes where it is spelt out");
}
