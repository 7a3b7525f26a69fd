//! What IAM refuses.

use super::{I, M, Pair, R, S, pair};

pub(super) fn pairs() -> Vec<Pair> {
    let long = |count: usize, mark: &str| {
        let sid = "x".repeat(count);
        format!(
            "{mark}{{\"Version\": \"2012-10-17\", \"Statement\": {{\"Sid\": \"{sid}\", \
             \"Effect\": \"Allow\", \"Action\": \"s3:ListAllMyBuckets\", \"Resource\": \"*\"}}}}"
        )
    };
    vec![
        pair("policy-syntax", I, r#"{"Version": §,"#, "$", "{}"),
        pair("policy-syntax", I, "{}\n§x", "$", "{}\n"),
        pair(
            "policy-duplicate-key",
            I,
            r#""Effect": "Allow", "Action": "s3:*", §"Action": "s3:*", "Resource": "*""#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Action": ["s3:*", "s3:*"], "Resource": "*""#,
        ),
        pair(
            "policy-duplicate-key",
            I,
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition":
               {"Bool": {"aws:SecureTransport": true, §"aws:securetransport": true}}"#,
            "Statement[0].Condition.Bool.aws:securetransport",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition":
               {"Bool": {"aws:SecureTransport": true}, "Null": {"aws:securetransport": false}}"#,
        ),
        pair(
            "policy-unknown-element",
            I,
            r#""Effect": "Allow", §"action": "s3:*", "Resource": "*""#,
            "Statement[0].action",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#,
        ),
        pair(
            "policy-missing-element",
            I,
            r#"{"Statement": [§{"Effect": "Allow", "Resource": "*"}]}"#,
            "Statement[0]",
            r#"{"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}"#,
        ),
        pair(
            "policy-missing-element",
            I,
            r#""Effect": "Allow", "Action": §[], "Resource": "*""#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Action": [7], "Resource": "*""#,
        ),
        pair(
            "policy-forbidden-element",
            I,
            r#""Effect": "Allow", "Principal": §"*", "Action": "s3:*", "Resource": "*""#,
            "Statement[0].Principal",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#,
        ),
        pair(
            "policy-wrong-type",
            I,
            r#""Effect": "Allow", "Action": ["s3:GetObject", §1], "Resource": "*""#,
            "Statement[0].Action[1]",
            r#""Effect": "Allow", "Action": "*", "Resource": "*",
               "Condition": {"NumericEquals": {"s3:max-keys": [1, 2]}}"#,
        ),
        pair(
            "policy-invalid-value",
            I,
            r#""Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", §"b/*"]"#,
            "Statement[0].Resource[1]",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "*"]"#,
        ),
        pair(
            "policy-invalid-value",
            M,
            r#"{"Version": §"2008-10-17", "Statement": []}"#,
            "Version",
            r#"{"Version": "2012-10-17", "Statement": []}"#,
        ),
        pair(
            "policy-unknown-operator",
            I,
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*",
               "Condition": {§"ForAnyValue:StringEqualIfExists": {"aws:TagKeys": "a"}}"#,
            "Statement[0].Condition.ForAnyValue:StringEqualIfExists",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*",
               "Condition": {"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}"#,
        ),
        pair(
            "null-if-exists",
            I,
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*",
               "Condition": {§"NullIfExists": {"aws:TokenIssueTime": "true"}}"#,
            "Statement[0].Condition.NullIfExists",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*",
               "Condition": {"Null": {"aws:TokenIssueTime": "true"}}"#,
        ),
        pair(
            "allow-not-principal",
            R,
            r#""Effect": "Allow", "NotPrincipal": §{"AWS": "111122223333"}, "Action": "s3:*",
               "Resource": "arn:aws:s3:::b""#,
            "Statement[0].NotPrincipal",
            r#""Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*",
               "Resource": "arn:aws:s3:::b""#,
        ),
        pair("policy-too-large", M, &long(6_100, "§"), "$", &long(5_900, "")),
        pair("policy-too-large", S, &long(2_000, "§"), "$", &long(1_800, "")),
        pair("policy-too-large", R, &long(20_400, "§"), "$", &long(20_200, "")),
        pair("policy-too-large", I, &long(10_200, "§"), "$", &long(10_000, "")),
        pair("policy-nearly-too-large", I, &long(2_000, "§"), "$", &long(1_600, "")),
        pair("policy-nearly-too-large", M, &long(5_800, "§"), "$", &long(5_000, "")),
    ]
}

#[test]
fn white_space_counts_where_aws_counts_it() {
    let text = |space: usize| {
        format!(
            "{{\"Version\": \"2012-10-17\",{} \"Statement\": {{\"Effect\": \"Allow\", \
             \"Action\": \"s3:ListAllMyBuckets\", \"Resource\": \"*\"}}}}",
            " ".repeat(space)
        )
    };
    for (kind, counted) in [(I, false), (M, false), (super::T, false), (S, true), (R, true)] {
        let found = super::found(&text(21_000), kind, "policy-too-large");
        assert_eq!(!found.is_empty(), counted, "{kind:?}");
    }
    let inside = text(0).replace("\"*\"", &format!("\"arn:aws:s3:::b/{}\"", " ".repeat(6_100)));
    assert_eq!(super::found(&inside, M, "policy-too-large").len(), 1);
}
