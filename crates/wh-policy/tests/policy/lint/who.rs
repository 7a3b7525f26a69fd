//! Principals, roles and everyone.

use super::{I, Pair, R, T, pair};

pub(super) fn pairs() -> Vec<Pair> {
    [allowed(), buckets(), trust()].into_iter().flatten().collect()
}

fn allowed() -> Vec<Pair> {
    vec![
        pair(
            "allow-not-action",
            I,
            r#""Effect": "Allow", §"NotAction": "iam:*", "Resource": "*""#,
            "Statement[0].NotAction",
            r#""Effect": "Deny", "NotAction": "iam:*", "Resource": "*""#,
        ),
        pair(
            "full-access",
            I,
            r#""Effect": "Allow", "Action": [§"*", "s3:GetObject"], "Resource": "*""#,
            "Statement[0].Action[0]",
            r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
        ),
        pair(
            "allow-not-resource",
            I,
            r#""Effect": "Allow", "Action": "s3:*", §"NotResource": "arn:aws:s3:::b/*""#,
            "Statement[0].NotResource",
            r#""Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*""#,
        ),
        pair(
            "pass-role-star",
            I,
            r#""Effect": "Allow", "Action": ["s3:*", §"iam:Pass*"], "Resource": "*""#,
            "Statement[0].Action[1]",
            r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
               "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#,
        ),
        pair(
            "pass-role-star",
            I,
            r#""Effect": "Allow", "Action": §"iam:PassRole", "Resource": "*",
               "Condition": {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}"#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Action": "iam:PassRole",
               "Resource": "arn:aws:iam::111122223333:role/x""#,
        ),
        pair(
            "pass-role-star",
            I,
            r#""Effect": "Allow", "Action": §"iam:*", "Resource": "*""#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Action": "*", "Resource": "*""#,
        ),
        pair(
            "assume-role-star",
            I,
            r#""Effect": "Allow", "Action": §"sts:AssumeRole", "Resource": "*""#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*""#,
        ),
    ]
}

/// A statement of a bucket policy; `rest` follows its action.
fn bucket(effect: &str, principal: &str, rest: &str) -> String {
    format!(
        r#""Effect": "{effect}", {principal}, "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
           {rest}"#
    )
}

fn buckets() -> Vec<Pair> {
    let everyone = r#"§"Principal": {"AWS": ["*"]}"#;
    let quiet = r#""Principal": "*""#;
    let tls = r#""Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#;
    let org = r#""Action": "s3:*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#;
    let anywhere = r#""Action": "s3:*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#;
    let source = r#""Action": "s3:*", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}"#;
    let marked = r#"§"Action": ["s3:Put*", "s3:Get*"]"#;
    let spared = r#""ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}"#;
    vec![
        pair(
            "public-access",
            R,
            &bucket("Allow", everyone, tls),
            "Statement[0].Principal",
            &bucket("Allow", quiet, org),
        ),
        pair(
            "public-access",
            R,
            &bucket("Allow", everyone, anywhere),
            "Statement[0].Principal",
            &bucket("Allow", r#""Principal": {"AWS": "111122223333"}"#, tls),
        ),
        pair(
            "public-access",
            R,
            &bucket("Allow", everyone, &org.replace("Equals", "EqualsIfExists")),
            "Statement[0].Principal",
            &bucket("Deny", quiet, tls),
        ),
        pair(
            "deny-not-principal",
            R,
            &bucket("Deny", r#"§"NotPrincipal": {"AWS": "111122223333"}"#, tls),
            "Statement[0].NotPrincipal",
            &bucket("Deny", r#""Principal": {"AWS": "111122223333"}"#, tls),
        ),
        pair(
            "deny-locks-out",
            R,
            &bucket("Deny", quiet, marked),
            "Statement[0].Action",
            &bucket("Deny", quiet, &format!(r#""Action": "s3:*", "Condition": {{{spared}}}"#)),
        ),
        pair(
            "service-without-source",
            R,
            &bucket("Allow", r#""Principal": {"Service": §"logging.s3.amazonaws.com"}"#, tls),
            "Statement[0].Principal.Service",
            &bucket("Allow", r#""Principal": {"Service": "logging.s3.amazonaws.com"}"#, source),
        ),
        pair(
            "no-secure-transport",
            R,
            &format!("§{}", super::document(&bucket("Allow", quiet, org))),
            "$",
            &bucket("Deny", quiet, &tls.replace("\"true", "\"false")),
        ),
    ]
}

fn trust() -> Vec<Pair> {
    let provider = r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/id.example.org"}"#;
    let web = r#""Action": "sts:AssumeRoleWithWebIdentity""#;
    let subject = r#""Condition": {"StringEquals": {"id.example.org:sub": "repo:a/b"}}"#;
    vec![
        pair(
            "trust-everyone",
            T,
            r#""Effect": "Allow", §"Principal": "*", "Action": "sts:AssumeRole""#,
            "Statement[0].Principal",
            r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
               "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
        ),
        pair(
            "trust-never-assumed",
            T,
            r#"§{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
                "Principal": {"AWS": "111122223333"}, "Action": "sts:TagSession"}}"#,
            "$",
            r#""Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:*""#,
        ),
        pair(
            "trust-principal-mismatch",
            T,
            &format!(r#""Effect": "Allow", "Principal": {provider}, "Action": §"sts:AssumeRole""#),
            "Statement[0].Action",
            &format!(r#""Effect": "Allow", "Principal": {provider}, {web}"#),
        ),
        pair(
            "trust-principal-mismatch",
            T,
            r#""Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
               "Action": ["sts:AssumeRole", §"sts:AssumeRoleWithSAML"]"#,
            "Statement[0].Action[1]",
            r#""Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
               "Action": ["sts:AssumeRole", "sts:TagSession"]"#,
        ),
        pair(
            "web-identity-without-subject",
            T,
            &format!(r#""Effect": "Allow", "Principal": {}, {web}"#, provider.replace(": ", ": §")),
            "Statement[0].Principal.Federated",
            &format!(r#""Effect": "Allow", "Principal": {provider}, {web}, {subject}"#),
        ),
        pair(
            "web-identity-without-subject",
            T,
            &format!(
                r#""Effect": "Allow", "Principal": {}, {web}, {}"#,
                provider.replace(": ", ": §"),
                subject.replace(":sub", ":aud")
            ),
            "Statement[0].Principal.Federated",
            &format!(
                r#""Effect": "Allow", "Principal": {{"Federated": "accounts.google.com"}}, {web},
                   "Condition": {{"StringEquals": {{"accounts.google.com:aud": "x"}}}}"#
            ),
        ),
    ]
}
