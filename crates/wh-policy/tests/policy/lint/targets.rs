//! Actions, and the resources that they act on.

use super::{I, Pair, R, T, pair};

pub(super) fn pairs() -> Vec<Pair> {
    [actions(), mismatches(), patterns()].into_iter().flatten().collect()
}

fn allow(actions: &str, resources: &str) -> String {
    format!(r#""Effect": "Allow", "Action": {actions}, "Resource": {resources}"#)
}

fn on(code: &'static str, bad: (&str, &str), path: &'static str, good: (&str, &str)) -> Pair {
    pair(code, I, &allow(bad.0, bad.1), path, &allow(good.0, good.1))
}

fn actions() -> Vec<Pair> {
    vec![
        on(
            "action-unknown",
            (r#"["s3:GetObject", §"s3:PutObjct"]"#, r#""*""#),
            "Statement[0].Action[1]",
            (r#"["S3:getobject", "s3:PUTOBJECT"]"#, r#""*""#),
        ),
        on(
            "action-unknown",
            (r#"§"s3:Everything""#, r#""*""#),
            "Statement[0].Action",
            (r#""ec2:Everything""#, r#""*""#),
        ),
        on(
            "call-not-action",
            (r#"§"s3:HeadObject""#, r#""arn:aws:s3:::b/*""#),
            "Statement[0].Action",
            (r#""s3:GetObject""#, r#""arn:aws:s3:::b/*""#),
        ),
        on(
            "call-not-action",
            (r#"§"s3:CopyObject""#, r#""*""#),
            "Statement[0].Action",
            (r#""s3:GetBucketCors""#, r#""*""#),
        ),
        on(
            "action-pattern-matches-nothing",
            (r#"["s3:Get*", §"s3:Gte*"]"#, r#""*""#),
            "Statement[0].Action[1]",
            (r#"["s3:Get*", "ec2:Gte*"]"#, r#""*""#),
        ),
        on(
            "service-unknown",
            (r#"[§"ec2:RunInstances", "ec2:StopInstances"]"#, r#""*""#),
            "Statement[0].Action[0]",
            (r#"["s3:GetObject", "*"]"#, r#""*""#),
        ),
        pair(
            "action-of-other-service",
            R,
            r#""Effect": "Allow", "Principal": {"AWS": "111122223333"},
               "Action": ["s3:GetObject", §"sts:AssumeRole"], "Resource": "arn:aws:s3:::b/*""#,
            "Statement[0].Action[1]",
            r#""Effect": "Allow", "Principal": {"AWS": "111122223333"},
               "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*""#,
        ),
        pair(
            "action-of-other-service",
            T,
            r#""Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": §"iam:PassRole""#,
            "Statement[0].Action",
            r#""Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:TagSession""#,
        ),
    ]
}

fn mismatches() -> Vec<Pair> {
    vec![
        on(
            "list-bucket-on-object-arn",
            (r#"§"s3:ListBucket""#, r#""arn:aws:s3:::b/*""#),
            "Statement[0].Action",
            (r#""s3:ListBucket""#, r#"["arn:aws:s3:::b/*", "arn:aws:s3:::b"]"#),
        ),
        on(
            "list-bucket-on-object-arn",
            (r#"["s3:GetObject", §"s3:ListBucket"]"#, r#""arn:aws:s3:::b/*""#),
            "Statement[0].Action[1]",
            (r#"["s3:GetObject", "s3:ListBucket"]"#, r#""arn:aws:s3:::b*""#),
        ),
        on(
            "list-bucket-on-object-arn",
            (r#"["s3:GetObject", §"s3:ListBucket"]"#, r#"["arn:aws:s3:::b/*"]"#),
            "Statement[0].Action[1]",
            (r#"["s3:GetObject", "s3:*"]"#, r#"["arn:aws:s3:::b/*"]"#),
        ),
        on(
            "object-action-on-bucket-arn",
            (r#"["s3:ListBucket", §"s3:GetObject"]"#, r#""arn:aws:s3:::b""#),
            "Statement[0].Action[1]",
            (r#"["s3:ListBucket", "s3:GetObject"]"#, r#"["arn:aws:s3:::b", "arn:aws:s3:::b/k"]"#),
        ),
        on(
            "object-action-on-bucket-arn",
            (r#"§"s3:GetObject*""#, r#""arn:aws:s3:::b""#),
            "Statement[0].Action",
            (r#""s3:Get*""#, r#""arn:aws:s3:::b""#),
        ),
        on(
            "action-resource-mismatch",
            (r#"§"s3:ListAllMyBuckets""#, r#""arn:aws:s3:::b""#),
            "Statement[0].Action",
            (r#""s3:ListAllMyBuckets""#, r#""arn:aws:s3:::*""#),
        ),
        on(
            "action-resource-mismatch",
            (r#"§"iam:GetRole""#, r#""arn:aws:iam::111122223333:user/ada""#),
            "Statement[0].Action",
            (r#""iam:GetRole""#, r#""arn:aws:iam::111122223333:role/a/b""#),
        ),
        on(
            "action-resource-mismatch",
            (r#"§"iam:*""#, r#""arn:aws:sqs:us-east-1:111122223333:q""#),
            "Statement[0].Action",
            (r#""*""#, r#""arn:aws:sqs:us-east-1:111122223333:q""#),
        ),
        pair(
            "action-resource-mismatch",
            I,
            r#""Effect": "Deny", "Action": §"s3:PutObject",
               "Resource": "arn:aws:iam::111122223333:role/x""#,
            "Statement[0].Action",
            r#""Effect": "Deny", "Action": "s3:PutObject",
               "NotResource": "arn:aws:iam::111122223333:role/x""#,
        ),
        on(
            "resource-never-used",
            (r#""s3:PutObject""#, r#"[§"arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#),
            "Statement[0].Resource[0]",
            (r#"["s3:PutObject", "ec2:*"]"#, r#"["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#),
        ),
    ]
}

fn patterns() -> Vec<Pair> {
    let list = r#"{"Effect": "Allow", "Action": "s3:List*", "Resource": "arn:aws:s3:::b"}"#;
    let read = |action: &str| {
        format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": "arn:aws:s3:::b/*"}}"#)
    };
    let of = |one: &str, other: &str| {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{one}, {other}]}}"#)
    };
    let elsewhere = list.replace(":::b", ":::other");
    vec![
        pair(
            "read-without-list",
            I,
            &of(&read(r#"["s3:PutObject", §"s3:GetObject"]"#), &elsewhere),
            "Statement[0].Action[1]",
            &of(&read(r#"["s3:PutObject", "s3:GetObject"]"#), list),
        ),
        pair(
            "read-without-list",
            I,
            &of(&read(r#"§"s3:*""#), &list.replace("Allow", "Deny")),
            "Statement[0].Action",
            &of(&read(r#""s3:PutObject""#), &list.replace("Allow", "Deny")),
        ),
        on(
            "prefix-without-slash",
            (r#""s3:PutObject""#, r#"["arn:aws:s3:::b/home/", §"arn:aws:s3:::b/home/ada*"]"#),
            "Statement[0].Resource[1]",
            (r#""s3:PutObject""#, r#"["arn:aws:s3:::b/home/ada/*", "arn:aws:s3:::b/*"]"#),
        ),
        on(
            "prefix-without-slash",
            (r#""s3:PutObject""#, r#"§"arn:aws:s3:::b/home/${aws:username}*""#),
            "Statement[0].Resource",
            (r#""s3:PutObject""#, r#"["arn:aws:s3:::b/log-*", "arn:aws:s3:::b/*.jpg"]"#),
        ),
        pair(
            "prefix-without-slash",
            I,
            r#""Effect": "Allow", "Action": "s3:PutObject", "Resource": §"arn:aws:s3:::b/ada*""#,
            "Statement[0].Resource",
            r#""Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/ada*""#,
        ),
        on(
            "bucket-pattern-covers-others",
            (r#""s3:*""#, r#"§"arn:aws:s3:::bkt*""#),
            "Statement[0].Resource",
            (r#""s3:*""#, r#"["arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*", "arn:aws:s3:::*"]"#),
        ),
        on(
            "bucket-pattern-covers-others",
            (r#""s3:*""#, r#"§"arn:aws:s3:::bkt-*""#),
            "Statement[0].Resource",
            (r#""s3:*""#, r#""arn:aws:s3:::*/*""#),
        ),
        on(
            "bucket-pattern-covers-others",
            (r#""s3:*""#, r#"§"arn:aws:s3:::bkt*/*""#),
            "Statement[0].Resource",
            (r#""s3:*""#, r#""arn:aws:s3:::bkt-*/*""#),
        ),
    ]
}
