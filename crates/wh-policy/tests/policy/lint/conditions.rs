//! Keys, operators, values and variables.

use super::{I, Pair, R, S, pair};

pub(super) fn pairs() -> Vec<Pair> {
    [keys(), quantifiers(), missing(), values(), variables()].into_iter().flatten().collect()
}

/// A statement on every resource.
fn with(effect: &str, action: &str, condition: &str) -> String {
    format!(
        r#""Effect": "{effect}", "Action": {action}, "Resource": "*",
    "Condition": {{{condition}}}"#
    )
}

fn allow(condition: &str) -> String {
    with("Allow", r#""s3:*""#, condition)
}

fn deny(condition: &str) -> String {
    with("Deny", r#""s3:*""#, condition)
}

fn keys() -> Vec<Pair> {
    let prefix = r#""StringLike": {"s3:prefix": "a/*"}"#;
    let external = r#""StringEquals": {"sts:ExternalId": "x"}"#;
    vec![
        pair(
            "condition-key-unknown",
            I,
            &allow(r#""Bool": {§"aws:SecureTransprot": "true"}"#),
            "Statement[0].Condition.Bool.aws:SecureTransprot",
            &allow(r#""Bool": {"AWS:securetransport": "true"}, "StringEquals": {"ec2:Any": "x"}"#),
        ),
        pair(
            "tag-key-missing",
            I,
            &allow(r#""StringEquals": {§"aws:ResourceTag": "x"}"#),
            "Statement[0].Condition.StringEquals.aws:ResourceTag",
            &allow(r#""StringEquals": {"aws:ResourceTag/team": "x"}"#),
        ),
        pair(
            "condition-key-never-present",
            I,
            &with("Allow", r#"["s3:GetObject", "s3:PutObject"]"#, &prefix.replace(": {", ": {§")),
            "Statement[0].Condition.StringLike.s3:prefix",
            &with("Allow", r#"["s3:GetObject", "s3:ListBucket"]"#, prefix),
        ),
        pair(
            "condition-key-not-for-action",
            I,
            &with("Allow", r#"[§"s3:GetObject", "s3:ListBucket"]"#, prefix),
            "Statement[0].Action[0]",
            &with("Allow", r#"["s3:Get*", "s3:ListBucket", "s3:ListBucketVersions"]"#, prefix),
        ),
        pair(
            "condition-key-not-for-action",
            I,
            &with("Allow", r#"["sts:AssumeRole", §"sts:GetFederationToken"]"#, external),
            "Statement[0].Action[1]",
            &with("Allow", r#"["sts:AssumeRole", "sts:TagSession"]"#, external),
        ),
        pair(
            "operator-type-mismatch",
            I,
            &allow(r#""StringEquals": {§"aws:SourceIp": "203.0.113.0/24"}"#),
            "Statement[0].Condition.StringEquals.aws:SourceIp",
            &allow(
                r#""NumericLessThan": {"aws:EpochTime": 9}, "StringLike": {"aws:SourceArn": "x"}"#,
            ),
        ),
        pair(
            "operator-type-mismatch",
            I,
            &allow(r#""NumericLessThan": {§"aws:CurrentTime": "9"}"#),
            "Statement[0].Condition.NumericLessThan.aws:CurrentTime",
            &allow(r#""DateLessThan": {"aws:CurrentTime": "2026-01-01"}"#),
        ),
    ]
}

fn quantifiers() -> Vec<Pair> {
    let tagged = r#""StringLike": {"aws:RequestTag/team": "?*"}"#;
    let keys = r#""ForAllValues:StringEquals": {§"aws:TagKeys": ["team"]}"#;
    vec![
        pair(
            "missing-qualifier",
            I,
            &allow(r#""StringEquals": {§"aws:TagKeys": ["a", "b"]}"#),
            "Statement[0].Condition.StringEquals.aws:TagKeys",
            &allow(
                r#""ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}"#,
            ),
        ),
        pair(
            "for-all-values-on-single-value",
            I,
            &allow(r#""ForAllValues:StringEquals": {§"aws:PrincipalAccount": ["1"]}"#),
            "Statement[0].Condition.ForAllValues:StringEquals.aws:PrincipalAccount",
            &allow(r#""ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": ["1"]}"#),
        ),
        pair(
            "for-any-value-on-single-value",
            I,
            &allow(r#""ForAnyValue:StringEquals": {§"aws:PrincipalAccount": ["1"]}"#),
            "Statement[0].Condition.ForAnyValue:StringEquals.aws:PrincipalAccount",
            &allow(r#""ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": ["1"]}"#),
        ),
        pair(
            "for-all-values-passes-missing-key",
            I,
            &with("Allow", r#""iam:TagRole""#, keys),
            "Statement[0].Condition.ForAllValues:StringEquals.aws:TagKeys",
            &with("Allow", r#""iam:TagRole""#, &format!("{}, {tagged}", keys.replace('§', ""))),
        ),
        pair(
            "for-all-values-passes-missing-key",
            I,
            &with(
                "Allow",
                r#""iam:TagRole""#,
                &format!(r#"{keys}, "Null": {{"aws:TagKeys": "true"}}"#),
            ),
            "Statement[0].Condition.ForAllValues:StringEquals.aws:TagKeys",
            &with("Deny", r#""iam:TagRole""#, &keys.replace('§', "")),
        ),
        pair(
            "for-any-value-negated",
            I,
            &allow(r#""ForAnyValue:StringNotEquals": {§"aws:TagKeys": ["a"]}"#),
            "Statement[0].Condition.ForAnyValue:StringNotEquals.aws:TagKeys",
            &deny(r#""ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}"#),
        ),
    ]
}

fn missing() -> Vec<Pair> {
    let tag = r#""StringNotEquals": {"aws:PrincipalTag/team": "x"}"#;
    let there = r#""Null": {"aws:PrincipalTag/team": "false"}"#;
    let tls =
        |value: &str, mark: &str| format!(r#""Bool": {{{mark}"aws:SecureTransport": "{value}"}}"#);
    let bucket = |text: String| format!(r#"{text}, "Principal": {{"AWS": "111122223333"}}"#);
    vec![
        pair(
            "allow-if-exists",
            I,
            &allow(r#""StringEqualsIfExists": {§"aws:SourceVpce": "vpce-1"}"#),
            "Statement[0].Condition.StringEqualsIfExists.aws:SourceVpce",
            &deny(r#""StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}"#),
        ),
        pair(
            "allow-negated-missing-key",
            I,
            &allow(&tag.replace(": {", ": {§")),
            "Statement[0].Condition.StringNotEquals.aws:PrincipalTag/team",
            &allow(&format!(r#"{tag}, {there}, "StringNotLike": {{"s3:x-amz-acl": "public*"}}"#)),
        ),
        pair(
            "allow-negated-missing-key",
            I,
            &allow(r#""StringNotLike": {§"s3:ExistingObjectTag/a": "x"}"#),
            "Statement[0].Condition.StringNotLike.s3:ExistingObjectTag/a",
            &allow(r#""StringNotEquals": {"aws:TagKeys": "x", "aws:userid": "y"}"#),
        ),
        pair(
            "deny-without-if-exists",
            I,
            &deny(r#""Bool": {§"aws:MultiFactorAuthPresent": "false"}"#),
            "Statement[0].Condition.Bool.aws:MultiFactorAuthPresent",
            &deny(r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}"#),
        ),
        pair(
            "secure-transport-reversed",
            R,
            &bucket(deny(&tls("true", "§"))),
            "Statement[0].Condition.Bool.aws:SecureTransport",
            &bucket(deny(&tls("false", ""))),
        ),
        pair(
            "secure-transport-reversed",
            R,
            &bucket(allow(&tls("false", "§"))),
            "Statement[0].Condition.Bool.aws:SecureTransport",
            &bucket(allow(&tls("true", ""))),
        ),
        pair(
            "condition-true-and-false",
            I,
            &allow(r#""Null": {§"aws:TokenIssueTime": ["true", "false"]}"#),
            "Statement[0].Condition.Null.aws:TokenIssueTime",
            &allow(r#""Null": {"aws:TokenIssueTime": ["true", "true"]}"#),
        ),
        pair(
            "principal-arn-of-session",
            I,
            &deny(r#""ArnNotLike": {"aws:PrincipalArn": §"arn:aws:sts::1:assumed-role/a/b"}"#),
            "Statement[0].Condition.ArnNotLike.aws:PrincipalArn",
            &deny(r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/a"}"#),
        ),
        pair(
            "operator-case",
            I,
            &allow(r#"§"stringlike": {"aws:PrincipalArn": "arn:*"}"#),
            "Statement[0].Condition.stringlike",
            &allow(r#""StringLike": {"aws:PrincipalArn": "arn:*"}"#),
        ),
    ]
}

fn values() -> Vec<Pair> {
    let list = r#""s3:ListBucket""#;
    vec![
        pair(
            "empty-condition",
            I,
            &allow(r#""StringEquals": {§"aws:username": []}"#),
            "Statement[0].Condition.StringEquals.aws:username",
            &allow(r#""StringEquals": {"aws:username": [""]}"#),
        ),
        pair(
            "empty-condition",
            I,
            &allow(r#"§"StringEquals": {}"#),
            "Statement[0].Condition.StringEquals",
            r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#,
        ),
        pair(
            "redundant-condition-value",
            I,
            &allow(r#""StringEquals": {"aws:username": ["ada", "bob", §"ada"]}"#),
            "Statement[0].Condition.StringEquals.aws:username[2]",
            &allow(r#""StringEquals": {"aws:username": ["ada", "bob", "Ada"]}"#),
        ),
        pair(
            "wildcard-without-like",
            I,
            &allow(r#""StringNotEquals": {"aws:userid": §"AIDA*"}"#),
            "Statement[0].Condition.StringNotEquals.aws:userid",
            &allow(r#""StringEquals": {"aws:userid": "${*}", "s3:if-none-match": "*"}"#),
        ),
        pair(
            "private-source-ip",
            I,
            &allow(r#""IpAddress": {"aws:SourceIp": ["203.0.113.0/24", §"10.0.0.0/8"]}"#),
            "Statement[0].Condition.IpAddress.aws:SourceIp[1]",
            &allow(
                r#""IpAddress": {"aws:SourceIp": "203.0.113.0/24", "aws:VpcSourceIp": "10.0.0.0/8"}"#,
            ),
        ),
        pair(
            "prefix-condition-without-slash",
            I,
            &with("Allow", list, r#""StringEquals": {"s3:prefix": ["", §"home"]}"#),
            "Statement[0].Condition.StringEquals.s3:prefix[1]",
            &with("Allow", list, r#""StringEquals": {"s3:prefix": ["", "home/"]}"#),
        ),
        pair(
            "prefix-condition-without-slash",
            I,
            &with("Allow", list, r#""StringLike": {"s3:prefix": §"home/${aws:username}*"}"#),
            "Statement[0].Condition.StringLike.s3:prefix",
            &with("Allow", list, r#""StringLike": {"s3:prefix": "home/${aws:username}/*"}"#),
        ),
    ]
}

fn variables() -> Vec<Pair> {
    let old = |version: &str, mark: &str| {
        format!(
            r#"{{{version}"Statement": {{"Effect": "Allow", "Action": "s3:PutObject",
                "Resource": {mark}"arn:aws:s3:::b/${{aws:username}}/*"}}}}"#
        )
    };
    let on = |variable: &str| {
        format!(r#""Effect": "Allow", "Action": "s3:PutObject", "Resource": {variable}"#)
    };
    let path = "Statement[0].Resource";
    vec![
        pair(
            "variable-in-old-version",
            I,
            &old("", "§"),
            "Statement.Resource",
            &old(r#""Version": "2012-10-17", "#, ""),
        ),
        pair(
            "variable-in-old-version",
            I,
            &old(r#""Version": "2008-10-17", "#, "§"),
            "Statement.Resource",
            &old("", "").replace("aws:username", "HOME"),
        ),
        pair(
            "variable-unknown",
            I,
            &on(r#"§"arn:aws:s3:::b/${aws:usrname, 'x'}/*""#),
            path,
            &on(r#""arn:aws:s3:::b/${AWS:Username, 'x'}${*}/${id.example.org:sub}/*""#),
        ),
        pair(
            "variable-never-present",
            S,
            &on(r#"§"arn:aws:s3:::b/${aws:username}/*""#),
            path,
            &on(r#""arn:aws:s3:::b/${aws:userid}/*""#),
        ),
        pair(
            "variable-multivalued",
            I,
            &on(r#"§"arn:aws:s3:::b/${aws:TagKeys}/*""#),
            path,
            &on(r#""arn:aws:s3:::b/${aws:PrincipalTag/team}/*""#),
        ),
    ]
}
