//! Values of conditions, by the kind of key that holds them.

use super::Pool;

/// Values of requests, by pool. What comes last is malformed.
pub(crate) fn values(pool: Pool) -> &'static [&'static str] {
    match pool {
        Pool::Text | Pool::Set => &TEXT,
        Pool::Number => &NUMBER,
        Pool::Date => &DATE,
        Pool::Bool => &BOOL,
        Pool::Address => &ADDRESS,
        Pool::Arn => &ARN,
        Pool::Binary => &BINARY,
    }
}

/// Values that only policies hold, by pool. What comes last is malformed.
pub(crate) fn patterns(pool: Pool) -> &'static [&'static str] {
    match pool {
        Pool::Text | Pool::Set => &WRITTEN_TEXT,
        Pool::Number => &WRITTEN_NUMBER,
        Pool::Date => &WRITTEN_DATE,
        Pool::Bool => &WRITTEN_BOOL,
        Pool::Address => &WRITTEN_ADDRESS,
        Pool::Arn => &WRITTEN_ARN,
        Pool::Binary => &WRITTEN_BINARY,
    }
}

const TEXT: [&str; 23] = [
    "a",
    "A",
    "ab",
    "a/b",
    "alice",
    "Alice",
    "home/",
    "home/alice/",
    "*",
    "a*b",
    "?",
    "",
    "\u{e9}",
    "\u{c9}",
    "${aws:username}",
    "111122223333",
    "User",
    "AssumedRole",
    "data",
    "a\u{1F980}b",
    "Stra\u{df}e",
    "STRASSE",
    "10",
];

const NUMBER: [&str; 18] = [
    "9",
    "10",
    "10.0",
    "100",
    "0",
    "-0",
    "-1",
    "-10",
    "0.1",
    "0.10",
    "1.2",
    "1.3",
    "00010",
    "99999999999999999999",
    "99999999999999999998.5",
    "abc",
    "",
    "10 ",
];

const DATE: [&str; 20] = [
    "2026-06-30T00:00:00Z",
    "2026-06-30T00:00Z",
    "2026-06-30",
    "2026-06",
    "2026",
    "2026-06-30T02:00:00+02:00",
    "2026-06-29T23:00:00-01:00",
    "2026-06-30T00:00:00.5Z",
    "2026-06-30T00:00:00.000Z",
    "1782777600",
    "1782777601",
    "2026-07-01",
    "2024-02-29",
    "0",
    "1970-01-01",
    "1969-12-31T23:59:59Z",
    "2026-02-29",
    "2026-13-01",
    "soon",
    "",
];

const BOOL: [&str; 6] = ["true", "false", "True", "FALSE", "yes", ""];

const ADDRESS: [&str; 17] = [
    "10.0.0.1",
    "10.0.0.2",
    "10.1.2.3",
    "11.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    "2001:db9::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:2",
    "::10.0.0.1",
    "10.0.0.0/8",
    "here",
    "",
];

const ARN: [&str; 12] = [
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:iam::111122223333:role/app/writer",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:s3:::data",
    "arn:aws:s3:::data/a:b",
    "arn:aws:sns:eu-west-1:111122223333:a:b",
    "arn:aws-cn:iam::111122223333:root",
    "arn:aws:s3:::",
    "arn:aws:s3::data",
    "alice",
    "",
];

const BINARY: [&str; 7] = ["aGVsbG8=", "SGVsbG8=", "AGVSBG8=", "aGVsbA==", "", "aGVsbG8", "!!"];

const WRITTEN_TEXT: [&str; 19] = [
    "a*",
    "a?b",
    "*l*e",
    "?",
    "*",
    "home/*",
    "home/${aws:username}/",
    "${aws:username}",
    "${AWS:UserName, 'alice'}",
    "${aws:PrincipalTag/Team}",
    "${aws:principaltag/TEAM}*",
    "${s3:prefix, ''}",
    "a${*}b",
    "${?}",
    "${$}{aws:username}",
    "${aws:TagKeys, 'a'}",
    "${aws:username, '*'}",
    "a**?b*",
    "${aws:PrincipalAccount}",
];

const WRITTEN_NUMBER: [&str; 8] = ["10", "1.20", "+10", "-1.0", "100", "ten", "1,5", "0x10"];

const WRITTEN_DATE: [&str; 8] = [
    "2026-06-30T00:00:00Z",
    "2026-06-30",
    "2026",
    "1782777600",
    "2026-06-30T01:00:00+01:00",
    "-1",
    "2026-06-30T25:00:00Z",
    "30.06.2026",
];

const WRITTEN_BOOL: [&str; 4] = ["true", "false", "TRUE", "no"];

const WRITTEN_ADDRESS: [&str; 15] = [
    "10.0.0.0/8",
    "10.0.0.1/8",
    "10.0.0.1/32",
    "10.0.0.0/31",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1/128",
    "::ffff:10.0.0.0/104",
    "::ffff:10.0.0.1",
    "::ffff:0:0/96",
    "::/64",
    "10.0.0.0/33",
    "10.0.0",
    "10.0.0.1/",
];

const WRITTEN_ARN: [&str; 17] = [
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:user/alice",
    "arn:*:*:*:*:*",
    "arn:aws:iam::111122223333:*",
    "arn:aws:*::*:role/*",
    "arn:aws:s3:::*",
    "${aws:PrincipalArn}",
    "arn:aws:iam::${aws:PrincipalAccount}:user/alice",
    "arn:aws:${s3:prefix, 'iam'}::*:*",
    "arn:aws:iam::111122223333:${s3:prefix}",
    "arn:aws:s3:::${s3:prefix}",
    "arn:aws:iam::111122223333:user/${aws:username}",
    "arn:aws:sns:*:1111*:a*",
    "arn:aws:s3:::d?ta",
    "arn:*:user/alice",
    "arn:aws",
    "alice*",
];

const WRITTEN_BINARY: [&str; 3] = ["aGVsbG8=", "aGVs bG8=", "a"];
