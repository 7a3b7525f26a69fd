//! Versions, and what adds nothing.

use super::{I, M, Pair, R, pair};

pub(super) fn pairs() -> Vec<Pair> {
    let of = |one: &str, other: &str| {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{{{one}}}, {other}]}}"#)
    };
    let put = r#""Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*""#;
    let wide = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;
    let tls = r#", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#;
    let marked = format!("§{{{put}}}");
    let strict = format!("{{{put}{tls}}}");
    vec![
        pair(
            "version-missing",
            I,
            r#"§{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#,
            "$",
            r#"{"Version": "2008-10-17", "Statement": []}"#,
        ),
        pair("version-missing", R, "§{}", "$", r#"{"Version": "2012-10-17"}"#),
        pair(
            "redundant-action",
            I,
            r#""Effect": "Allow", "Action": ["s3:Get*", §"s3:getobject", "s3:Put*"], "Resource": "*""#,
            "Statement[0].Action[1]",
            r#""Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectAcl"], "Resource": "*""#,
        ),
        pair(
            "redundant-action",
            I,
            r#""Effect": "Deny", "NotAction": ["s3:GetObject", §"S3:GetObject"], "Resource": "*""#,
            "Statement[0].NotAction[1]",
            r#""Effect": "Deny", "NotAction": ["s3:GetObject", "s3:PutObject"], "Resource": "*""#,
        ),
        pair(
            "redundant-resource",
            I,
            r#""Effect": "Allow", "Action": "s3:*",
               "Resource": [§"arn:aws:s3:::b/a/*", "arn:aws:s3:::b/*"]"#,
            "Statement[0].Resource[0]",
            r#""Effect": "Allow", "Action": "s3:*",
               "Resource": ["arn:aws:s3:::b/A/*", "arn:aws:s3:::b/a/*", "arn:aws:s3:::b"]"#,
        ),
        pair(
            "duplicate-statement",
            I,
            &of(&format!(r#""Sid": "One", {put}"#), &marked),
            "Statement[1]",
            &of(put, &marked.replace(['§'], "").replace("b/*", "c/*")),
        ),
        pair(
            "redundant-statement",
            M,
            &of(wide, &format!("§{strict}")),
            "Statement[1]",
            &of(&format!("{wide}{tls}"), &format!("{{{put}}}")),
        ),
        pair(
            "redundant-statement",
            I,
            &of(
                r#""Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*""#,
                r#"§{"Effect": "Deny", "NotAction": ["s3:Get*", "s3:List*"], "Resource": "*"}"#,
            ),
            "Statement[1]",
            &of(
                r#""Effect": "Deny", "NotAction": ["s3:Get*", "s3:Put*"], "Resource": "*""#,
                r#"{"Effect": "Deny", "NotAction": ["s3:Get*", "s3:List*"], "Resource": "*"}"#,
            ),
        ),
        pair(
            "unreachable-allow",
            I,
            &of(&wide.replace("Allow", "Deny"), &format!("§{strict}")),
            "Statement[1]",
            &of(&format!("{}{tls}", wide.replace("Allow", "Deny")), &format!("{{{put}}}")),
        ),
    ]
}

#[test]
fn a_condition_that_cannot_be_read_covers_nothing() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringIs": {"a:b": "c"}}},
      {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}]}"#;
    assert_eq!(super::found(text, I, "unreachable-allow"), []);
}
