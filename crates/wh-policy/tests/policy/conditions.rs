//! Condition operators, missing keys, sets, and variables.

use serde_json::{Value, json};

use crate::Expected::{Allow, Explicit, Implicit};
use crate::{BUCKET, check, policy};

/// Checks one condition twice: it holds exactly when an Allow with it allows, and a Deny denies.
#[track_caller]
fn holds(condition: Value, context: Value, expected: bool) {
    applies(condition, context, (expected, expected));
}

/// As `holds`, where Allow and Deny differ.
#[track_caller]
fn applies(condition: Value, context: Value, (allows, denies): (bool, bool)) {
    let allow = policy(json!({"Condition": condition}));
    let over = json!({"identity_policies": [allow], "context": context});
    check(over, if allows { Allow } else { Implicit });
    let deny = policy(json!({"Effect": "Deny", "Condition": condition}));
    let over = json!({"identity_policies": [policy(json!({})), deny], "context": context});
    check(over, if denies { Explicit } else { Allow });
}

#[test]
fn a_negated_operator_is_true_of_a_key_that_is_missing() {
    for (operator, value, missing) in [
        ("StringEquals", "a", false),
        ("StringNotEquals", "a", true),
        ("StringEqualsIfExists", "a", true),
        ("StringNotEqualsIfExists", "a", true),
        ("StringLike", "*", false),
        ("StringNotLike", "*", true),
        ("NumericEquals", "1", false),
        ("NumericNotEquals", "1", true),
        ("DateLessThan", "2026-01-01", false),
        ("DateNotEquals", "2026-01-01", true),
        ("Bool", "false", false),
        ("BoolIfExists", "false", true),
        ("IpAddress", "0.0.0.0/0", false),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("ArnLike", "*", false),
        ("ArnNotLike", "*", true),
        ("BinaryEquals", "YQ==", false),
        ("ForAllValues:StringEquals", "a", true),
        ("ForAnyValue:StringEquals", "a", false),
        ("ForAnyValue:StringNotEquals", "a", false),
        ("ForAnyValue:StringEqualsIfExists", "a", true),
        ("Null", "true", true),
        ("Null", "false", false),
    ] {
        holds(json!({operator: {"x:key": value}}), json!({}), missing);
    }
}

#[test]
fn operators_compare_what_their_names_say() {
    for (operator, want, have, expected) in [
        ("StringEquals", "a*", "a*", true),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "A", "a", false),
        ("StringEquals", "", "", true),
        ("stringequals", "a", "a", true),
        ("StringEqualsIgnoreCase", "STRASSE", "strasse", true),
        ("StringNotEqualsIgnoreCase", "A", "a", false),
        ("StringEqualsIgnoreCase", "k", "\u{212a}", true),
        ("StringEqualsIgnoreCase", "ÄÖ", "äö", true),
        ("StringEqualsIgnoreCase", "ä", "a", false),
        ("StringLike", "home/*", "home/", true),
        ("StringLike", "home/?", "home/", false),
        ("StringLike", "arn:aws:*:role", "arn:aws:iam::1:role", true),
        ("NumericLessThan", "100", "9", true),
        ("NumericEquals", "10", "10.0", true),
        ("NumericGreaterThanEquals", "1.2", "1.20", true),
        ("NumericEquals", "1", "one", false),
        ("NumericNotEquals", "1", "one", true),
        ("DateGreaterThan", "2026-06-30", "1782777601", true),
        ("DateEquals", "2026-06-30T02:00:00+02:00", "2026-06-30T00:00:00Z", true),
        ("Bool", "True", "true", true),
        ("Bool", "true", "yes", false),
        ("BinaryEquals", "YWI=", "YWI=", true),
        ("BinaryEquals", "YWI=", "ywi=", false),
        ("IpAddress", "203.0.113.9/24", "203.0.113.200", true),
        ("IpAddress", "0.0.0.0/0", "::1", false),
        ("NotIpAddress", "10.0.0.0/8", "10.1.1.1", false),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bkt/x:y", true),
        ("ArnLike", "arn:aws:sns:*:t:x", "arn:aws:sns:us-east-1:1:t:x", false),
        ("ArnLike", "arn:aws:sns:*:*:t", "arn:aws:sns:us-east-1:1:t", true),
        ("ArnLike", "arn:aws:sns:*:*:t", "not an ARN", false),
        ("ArnNotLike", "arn:aws:sns:*:*:t", "not an ARN", true),
        ("Null", "false", "", true),
    ] {
        holds(json!({operator: {"x:key": want}}), json!({"x:key": have}), expected);
    }
}

#[test]
fn values_are_alternatives_and_keys_are_demands() {
    let any = json!({"StringEquals": {"x:a": ["1", "2"]}});
    holds(any.clone(), json!({"x:a": "2"}), true);
    holds(any, json!({"x:a": "3"}), false);
    let none = json!({"StringNotEquals": {"x:a": ["1", "2"]}});
    holds(none.clone(), json!({"x:a": "2"}), false);
    holds(none, json!({"x:a": "3"}), true);
    let both = json!({"StringEquals": {"x:a": "1", "X:B": 2}, "Bool": {"x:c": true}});
    holds(both.clone(), json!({"X:A": "1", "x:b": 2, "x:c": "TRUE"}), true);
    holds(both, json!({"x:a": "1", "x:b": 2}), false);
    let tag = json!({"StringEquals": {"aws:ResourceTag/TagKey1": "v"}});
    holds(tag, json!({"aws:resourcetag/tagkey1": "v"}), true);
    holds(json!({"StringEquals": {"x:a": []}}), json!({"x:a": "1"}), false);
    holds(json!({"StringNotEquals": {"x:a": []}}), json!({"x:a": "1"}), true);
}

#[test]
fn sets_are_judged_value_by_value() {
    for (operator, have, expected) in [
        ("ForAllValues:StringEquals", json!(["a", "b"]), true),
        ("ForAllValues:StringEquals", json!(["a", "c"]), false),
        ("ForAllValues:StringEquals", json!([]), true),
        ("ForAllValues:StringEquals", json!("a"), true),
        ("ForAllValues:StringNotEquals", json!(["c", "d"]), true),
        ("ForAllValues:StringNotEquals", json!(["a", "c"]), false),
        ("ForAnyValue:StringEquals", json!(["a", "c"]), true),
        ("ForAnyValue:StringEquals", json!(["c"]), false),
        ("ForAnyValue:StringEquals", json!([]), false),
        ("ForAnyValue:StringNotEquals", json!(["a", "c"]), true),
        ("ForAnyValue:StringNotEquals", json!(["a", "b"]), false),
        ("ForAnyValue:StringNotEquals", json!([]), false),
        ("forallvalues:stringlike", json!(["a"]), true),
    ] {
        holds(json!({operator: {"x:set": ["a", "b"]}}), json!({"x:set": have}), expected);
    }
}

#[test]
fn a_set_without_a_set_operator_never_helps_to_allow() {
    let equals = json!({"StringEquals": {"x:set": "a"}});
    applies(equals.clone(), json!({"x:set": ["a", "b"]}), (false, true));
    applies(equals, json!({"x:set": ["b"]}), (false, false));
    applies(json!({"StringNotEquals": {"x:set": "a"}}), json!({"x:set": ["a"]}), (false, false));
}

#[test]
fn a_session_without_a_second_factor_is_not_caught_by_bool_alone() {
    let deny = |operator: &str| {
        let condition = json!({operator: {"aws:MultiFactorAuthPresent": "false"}});
        policy(json!({"Effect": "Deny", "Condition": condition}))
    };
    let allow = policy(json!({}));
    check(json!({"identity_policies": [allow, deny("Bool")]}), Allow);
    check(json!({"identity_policies": [allow, deny("BoolIfExists")]}), Explicit);
}

#[test]
fn what_is_malformed_or_unknown_fails_closed() {
    for condition in [
        json!({"StringMatches": {"x:a": "1"}}),
        json!({"NullIfExists": {"x:a": "false"}}),
        json!({"NumericEquals": {"x:a": ["1", "one"]}}),
        json!({"IpAddress": {"x:a": "10.0.0.0/99"}}),
        json!({"Bool": {"x:a": "${aws:SecureTransport}"}}),
        json!({"StringLike": {"x:a": "${unclosed"}}),
    ] {
        applies(condition, json!({"x:a": "1"}), (false, true));
    }
    let mut future = policy(json!({}));
    future["Version"] = json!("2030-01-01");
    check(json!({"identity_policies": [future]}), Implicit);
    future["Statement"][0]["Effect"] = json!("Deny");
    future["Statement"][0]["Resource"] = json!("arn:aws:s3:::bkt/${aws:username}");
    check(json!({"identity_policies": [policy(json!({})), future]}), Explicit);
}

#[test]
fn a_malformed_action_fails_closed() {
    for (action, allows, denies) in [
        (json!("s3"), false, true),
        (json!("*:*"), false, true),
        (json!("s3:Get Object"), false, true),
        (json!(["s3:Get Object", "s3:GetObject"]), true, true),
        (json!(["s3:Get Object", "s3:PutObject"]), false, true),
        (json!("s3:PutObject"), false, false),
    ] {
        let allow = policy(json!({"Action": action}));
        check(json!({"identity_policies": [allow]}), if allows { Allow } else { Implicit });
        let deny = policy(json!({"Effect": "Deny", "Action": action}));
        let over = json!({"identity_policies": [policy(json!({})), deny]});
        check(over, if denies { Explicit } else { Allow });
    }
    for (action, allows) in [("s3:Put Object", false), ("s3:PutObject", true)] {
        let over = json!({"Action": null, "NotAction": [action, "s3:PutObjectAcl"]});
        let expected = if allows { Allow } else { Implicit };
        check(json!({"identity_policies": [policy(over)]}), expected);
    }
    // What is surely excepted stays so, whatever stands beside it.
    let deny = json!({"Effect": "Deny", "Action": null, "NotAction": ["s3:GetObject", "s3"]});
    check(json!({"identity_policies": [policy(json!({})), policy(deny)]}), Allow);
}

#[track_caller]
fn resource(pattern: &str, key: &str, context: Value, expected: bool) {
    let over = json!({
        "resource": format!("arn:aws:s3:::bkt/{key}"), "context": context,
        "identity_policies": [policy(json!({"Resource": format!("arn:aws:s3:::bkt/{pattern}")}))],
    });
    check(over, if expected { Allow } else { Implicit });
}

#[test]
fn a_variable_is_the_literal_text_of_its_value() {
    let ada = json!({"aws:PrincipalTag/uid": "ada"});
    resource("home/${aws:PrincipalTag/uid}/*", "home/ada/x", ada.clone(), true);
    resource("home/${AWS:principaltag/UID}/*", "home/ada/x", ada.clone(), true);
    resource("home/${aws:PrincipalTag/uid}/*", "home/bob/x", ada, false);
    let star = json!({"aws:PrincipalTag/uid": "*"});
    resource("home/${aws:PrincipalTag/uid}/*", "home/bob/x", star.clone(), false);
    resource("home/${aws:PrincipalTag/uid}/*", "home/*/x", star, true);
    let nested = json!({"aws:PrincipalTag/uid": "${aws:userid}", "aws:userid": "bob"});
    resource("home/${aws:PrincipalTag/uid}", "home/bob", nested.clone(), false);
    resource("home/${aws:PrincipalTag/uid}", "home/${aws:userid}", nested, true);
    for (pattern, key, expected) in [
        ("a${*}b", "a*b", true),
        ("a${*}b", "axb", false),
        ("a${?}b", "a?b", true),
        ("a${?}b", "axb", false),
        ("a${$}{aws:userid}", "a${aws:userid}", true),
        ("home/${aws:PrincipalTag/uid}", "home/", false),
        ("home/${aws:PrincipalTag/uid}", "home/${aws:PrincipalTag/uid}", false),
        ("home/${aws:PrincipalTag/uid, 'guest'}", "home/guest", true),
        ("home/${aws:PrincipalTag/uid, '*'}", "home/ada", false),
        ("home/${aws:PrincipalTag/uid, ''}", "home/", true),
    ] {
        resource(pattern, key, json!({}), expected);
    }
    resource("${aws:PrincipalTag/set}", "a", json!({"aws:PrincipalTag/set": ["a"]}), false);
    resource("${aws:PrincipalTag/e}", "", json!({"aws:PrincipalTag/e": ""}), false);
}

#[test]
fn in_conditions_a_variable_without_a_value_matches_nothing() {
    let equals = json!({"StringEquals": {"x:a": "${aws:PrincipalTag/team}"}});
    let differs = json!({"StringNotEquals": {"x:a": "${aws:PrincipalTag/team}"}});
    holds(equals.clone(), json!({"x:a": ""}), false);
    holds(equals.clone(), json!({"x:a": "${aws:PrincipalTag/team}"}), false);
    holds(differs.clone(), json!({"x:a": "red"}), true);
    holds(equals, json!({"x:a": "red", "aws:PrincipalTag/team": "red"}), true);
    holds(differs, json!({"x:a": "red", "aws:PrincipalTag/team": "red"}), false);
    let like = json!({"StringLike": {"x:a": "${x:b}*"}});
    holds(like.clone(), json!({"x:a": "*z", "x:b": "*"}), true);
    holds(like, json!({"x:a": "z", "x:b": "*"}), false);
    let fold = json!({"StringEqualsIgnoreCase": {"x:a": "${x:b}"}});
    holds(fold, json!({"x:a": "RED", "x:b": "red"}), true);
    let arn = json!({"ArnEquals": {"x:a": "${aws:PrincipalArn}"}});
    holds(arn, json!({"x:a": "arn:aws:iam::111122223333:role/Reader"}), true);
}

#[test]
fn in_conditions_a_variable_may_stand_in_any_field_of_an_arn() {
    let own = json!({"ArnLike": {"x:a": "arn:aws:sns:*:${aws:PrincipalAccount}:t*"}});
    holds(own.clone(), json!({"x:a": "arn:aws:sns:eu-west-1:111122223333:topic"}), true);
    holds(own, json!({"x:a": "arn:aws:sns:eu-west-1:444455556666:topic"}), false);
    let filled = json!({"ArnLike": {"x:a": "arn:aws:iam::${x:b}:user/*"}});
    let shifted = json!({"x:a": "arn:aws:iam::1:role/x:user/y", "x:b": "1:role/x"});
    holds(filled, shifted, false);
    let missing = json!({"ArnNotEquals": {"x:a": "arn:aws:iam::${x:b}:root"}});
    holds(missing, json!({"x:a": "arn:aws:iam::1:root"}), true);
}

#[test]
fn not_resource_with_a_variable_without_a_value_fails_closed() {
    let pattern = "arn:aws:s3:::bkt/${aws:PrincipalTag/uid}/*";
    let allow = policy(json!({"Resource": null, "NotResource": pattern}));
    check(json!({"identity_policies": [allow]}), Implicit);
    let deny = policy(json!({"Effect": "Deny", "Resource": null, "NotResource": pattern}));
    check(json!({"identity_policies": [policy(json!({})), deny]}), Explicit);
}

#[test]
fn under_the_old_version_a_variable_is_plain_text() {
    let mut old = policy(json!({"Resource": "arn:aws:s3:::bkt/${aws:username}"}));
    for version in [json!("2008-10-17"), Value::Null] {
        old["Version"] = version.clone();
        if version.is_null() {
            old.as_object_mut().expect("an object").remove("Version");
        }
        let at = |key: &str| {
            let resource = format!("{BUCKET}/{key}");
            let context = json!({"aws:username": "ada"});
            json!({"identity_policies": [old], "resource": resource, "context": context})
        };
        check(at("ada"), Implicit);
        check(at("${aws:username}"), Allow);
    }
}

#[test]
fn an_absent_prefix_is_not_an_empty_one() {
    let listing = policy(json!({
        "Action": "s3:ListBucket", "Condition": {"StringEquals": {"s3:prefix": ["", "home/"]}},
    }));
    for (context, expected) in [
        (json!({}), Implicit),
        (json!({"s3:prefix": ""}), Allow),
        (json!({"s3:prefix": "home/"}), Allow),
        (json!({"s3:prefix": "home"}), Implicit),
    ] {
        let over = json!({
            "action": "s3:ListBucket", "resource": BUCKET, "identity_policies": [listing],
            "context": context,
        });
        check(over, expected);
    }
}
