//! Advice that must not open a door.

#![expect(clippy::panic, reason = "a helper of a test fails the test, as the test itself would")]

use super::{I, found};

fn deny(resources: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "s3:*", "Resource": {resources}}}}}"#
    )
}

fn allow(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": {actions}, "Resource": "{resource}"}}}}"#
    )
}

#[track_caller]
fn mended(text: &str, code: &str) -> Option<String> {
    let all = found(text, I, code);
    let [one] = all.as_slice() else { panic!("{code}: {all:#?}") };
    one.fix.as_ref().expect("advice").apply(text)
}

#[test]
fn a_resource_is_not_added_for_actions_that_nobody_meant() {
    let bucket = allow(r#"["s3:ListBucket", "s3:Put*"]"#, "arn:aws:s3:::b/*");
    assert_eq!(mended(&bucket, "list-bucket-on-object-arn"), None, "s3:PutBucketPolicy");
    let object = allow(r#"["s3:GetObject", "s3:Put*"]"#, "arn:aws:s3:::b");
    assert_eq!(mended(&object, "object-action-on-bucket-arn"), None, "s3:PutObject");
    let plain = allow(r#"["s3:ListBucket", "s3:PutObject"]"#, "arn:aws:s3:::b/*");
    assert!(mended(&plain, "list-bucket-on-object-arn").is_some());
}

#[test]
fn the_name_of_a_variable_says_nothing_of_its_value() {
    let code = "redundant-resource";
    let apart = deny(r#"["arn:aws:s3:::b/*user*", "arn:aws:s3:::b/${aws:username}/*"]"#);
    assert_eq!(found(&apart, I, code), []);
    let braces = deny(r#"["arn:aws:s3:::b/*}", "arn:aws:s3:::b/${aws:username}"]"#);
    assert_eq!(found(&braces, I, code), []);
    let within = deny(r#"["arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*"]"#);
    assert_eq!(found(&within, I, code).len(), 1);
}

#[test]
fn a_variable_is_mended_and_not_its_neighbour() {
    let text = deny(r#""arn:aws:s3:::b/${aws:usernam}/${aws:username}/*""#);
    let mended = mended(&text, "variable-unknown").expect("a replacement");
    assert!(mended.contains("b/${aws:username}/${aws:username}/*"), "{mended}");
}

#[test]
fn a_document_of_faults_alone_is_looked_at_quickly() {
    let many = vec![r#""x""#; 20_000].join(", ");
    let text = allow(&format!("[{many}]"), "*");
    let all = found(&text, I, "policy-invalid-value");
    assert!((100..=200).contains(&all.len()), "{}", all.len());
}
