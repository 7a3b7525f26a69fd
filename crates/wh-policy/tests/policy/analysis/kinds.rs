//! Every construct: what one identity policy allows and another does not.

use serde_json::{Value, json};
use wh_policy::Context;
use wh_policy::analysis::Answer;

use super::{allow, check, deny, newly, newly_with, told};

/// Allows reading where the condition holds.
fn when(condition: Value) -> Vec<Value> {
    vec![allow(json!({"Condition": condition}))]
}

fn on(resource: &str) -> Vec<Value> {
    vec![allow(json!({"Resource": resource}))]
}

#[test]
fn the_same_policy_is_no_more_permissive() {
    let policies = [
        on("arn:aws:s3:::bkt/home/${aws:userid}/*"),
        when(json!({"NumericLessThan": {"k": "5"}, "StringLike": {"k": "a*"}})),
        vec![
            allow(json!({"Action": null, "NotAction": "iam:*"})),
            deny(json!({"Resource": "arn:aws:s3:::b*"})),
        ],
    ];
    for policy in policies {
        check(&policy, &policy, "no");
    }
}

#[test]
fn actions_ignore_case_and_are_known_ones_where_there_are_any() {
    let action = |text: &str| vec![allow(json!({"Action": text}))];
    check(&action("s3:getobject"), &action("S3:GETOBJECT"), "no");
    check(&action("s3:Get*"), &action("s3:*"), "no");
    check(&action("s3:*"), &action("s3:Get*"), "s3:PutObject arn:aws:s3:::a");
    check(&action("s3:GetObject?"), &action("s3:*"), "no");
    check(&action("s3:Zap"), &action("s3:Get*"), "s3:zap arn:aws:s3:::a");
    let not = |text: &str| vec![allow(json!({"Action": null, "NotAction": text}))];
    check(&not("s3:*"), &action("s3:*"), "iam:GetRole arn:aws:iam:::a");
    check(&action("s3:*"), &not("s3:*"), "s3:GetObject arn:aws:s3:::a");
    check(&not("*"), &action("x:y"), "no");
    check(&action("*"), &not("nothing:here"), "nothing:here arn:aws:s3:::a");
}

#[test]
fn resources_are_patterns() {
    let s3 = |text: &str| on(&format!("arn:aws:s3:::{text}"));
    check(&s3("bkt/home/*"), &s3("bkt/*"), "no");
    check(&s3("bkt/*"), &s3("bkt/home/*"), "s3:GetObject arn:aws:s3:::bkt/");
    check(&s3("b*t"), &s3("b*"), "no");
    check(&s3("b?t"), &s3("b*t"), "no");
    check(&s3("b*t"), &s3("b?t"), "s3:GetObject arn:aws:s3:::bt");
    check(&s3("*a"), &s3("?*a"), "s3:GetObject arn:aws:s3:::a");
    check(&on("*"), &on("arn:aws:s3:::*"), "s3:GetObject arn:aws-cn:s3:::a");
    check(&on("arn:*:s3:::a"), &on("arn:aws:s3:::a"), "s3:GetObject arn:aws-cn:s3:::a");
    // A star stops at a colon in the first five fields, and crosses it in the sixth.
    check(&on("arn:aws:s3:*:*:a"), &on("arn:aws:s3:::*"), "s3:GetObject arn:aws:s3:a::a");
    check(&on("arn:aws:s3:::a:b"), &on("arn:aws:s3:::a*"), "no");
    let without = vec![allow(json!({"Resource": null, "NotResource": "arn:aws:s3:::a*"}))];
    check(&s3("a"), &without, "s3:GetObject arn:aws:s3:::a");
    check(&s3("b"), &without, "no");
}

#[test]
fn denials_are_taken_away() {
    let less = vec![
        allow(json!({"Resource": "arn:aws:s3:::b*"})),
        deny(json!({"Resource": "arn:aws:s3:::bb*"})),
    ];
    check(&less, &on("arn:aws:s3:::b*"), "no");
    check(&on("arn:aws:s3:::b*"), &less, "s3:GetObject arn:aws:s3:::bb");
}

#[test]
fn texts_are_compared_as_their_operator_does() {
    let k = |operator: &str, value: Value| when(json!({operator: {"k": value}}));
    check(&k("StringEquals", json!("ab")), &k("StringLike", json!("a*")), "no");
    check(
        &k("StringLike", json!("a*")),
        &k("StringEquals", json!("ab")),
        "s3:GetObject arn:aws:s3:::a k=a",
    );
    check(&k("StringEquals", json!("a*")), &k("StringLike", json!("a${*}")), "no");
    check(&k("StringEquals", json!("ab")), &k("StringEqualsIgnoreCase", json!("AB")), "no");
    check(
        &k("StringEqualsIgnoreCase", json!("a")),
        &k("StringEquals", json!(["a", "b"])),
        "s3:GetObject arn:aws:s3:::a k=A",
    );
    check(
        &k("StringNotEquals", json!("a")),
        &k("StringNotEquals", json!(["a", "b"])),
        "s3:GetObject arn:aws:s3:::a k=b",
    );
    check(&k("StringNotLike", json!("*")), &k("Null", json!("true")), "no");
    check(&k("Null", json!("true")), &k("StringNotLike", json!("*")), "no");
    check(&k("Null", json!("false")), &k("StringLike", json!("*")), "no");
    check(&k("Bool", json!("true")), &k("StringEqualsIgnoreCase", json!("true")), "no");
    check(
        &k("StringEqualsIfExists", json!("a")),
        &k("StringEquals", json!("a")),
        "s3:GetObject arn:aws:s3:::a",
    );
    check(
        &k("StringEquals", json!("")),
        &k("StringLike", json!("?*")),
        "s3:GetObject arn:aws:s3:::a k=",
    );
    check(
        &k("ArnLike", json!("arn:aws:iam::*:role/x")),
        &k("StringLike", json!("arn:aws:iam::*")),
        "no",
    );
    check(
        &k("StringLike", json!("arn:aws:s3:::*")),
        &k("ArnLike", json!("arn:*:s3:::?*")),
        "s3:GetObject arn:aws:s3:::a k=arn:aws:s3:::",
    );
}

#[test]
fn numbers_dates_addresses_and_bytes_are_intervals() {
    let k = |operator: &str, value: Value| when(json!({operator: {"k": value}}));
    check(&k("NumericLessThan", json!("5")), &k("NumericLessThanEquals", json!("5.0")), "no");
    check(
        &k("NumericLessThanEquals", json!("5")),
        &k("NumericLessThan", json!("5")),
        "s3:GetObject arn:aws:s3:::a k=5",
    );
    let between = when(json!({"NumericGreaterThan": {"k": "1"}, "NumericLessThan": {"k": "2"}}));
    check(&between, &k("NumericEquals", json!("1.5")), "s3:GetObject arn:aws:s3:::a k=1.1");
    check(&between, &k("NumericNotEquals", json!(["1", "2"])), "no");
    let empty = when(json!({"NumericGreaterThan": {"k": "1"}, "NumericLessThan": {"k": "1"}}));
    check(&empty, &k("NumericEquals", json!("7")), "no");
    check(
        &k("DateLessThan", json!("2026")),
        &k("DateLessThan", json!("2026-01-01T00:00:00Z")),
        "no",
    );
    check(
        &k("DateLessThanEquals", json!("2026-01-01")),
        &k("DateLessThan", json!("1767225600")),
        "s3:GetObject arn:aws:s3:::a k=2026-01-01T00:00:00Z",
    );
    check(&k("IpAddress", json!("10.1.0.0/16")), &k("IpAddress", json!("10.0.0.0/8")), "no");
    check(
        &k("IpAddress", json!("10.0.0.0/7")),
        &k("IpAddress", json!("10.0.0.0/8")),
        "s3:GetObject arn:aws:s3:::a k=11.0.0.0",
    );
    let all = k("IpAddress", json!(["0.0.0.0/1", "128.0.0.0/1"]));
    check(&k("IpAddress", json!("0.0.0.0/0")), &all, "no");
    check(
        &k("IpAddress", json!("::/0")),
        &k("IpAddress", json!("0.0.0.0/0")),
        "s3:GetObject arn:aws:s3:::a k=::",
    );
    // Below the addresses of IPv4 that are written as IPv6, nothing is left; behind them there is.
    let below: Vec<String> = std::iter::once("::/81".to_owned())
        .chain((82_u32..=96).map(|n| format!("::{:x}:0:0/{n}", 0x1_0000 - (1 << (97 - n)))))
        .collect();
    let behind = when(json!({"IpAddress": {"k": "::/0"}, "NotIpAddress": {"k": below}}));
    check(&behind, &on("arn:aws:s3:::b"), "s3:GetObject arn:aws:s3:::a k=::1:0:0:0");
    // An IPv4 address written as IPv6 is one of IPv4.
    check(
        &k("IpAddress", json!("::ffff:10.0.0.0/104")),
        &k("IpAddress", json!("10.0.0.0/8")),
        "no",
    );
    check(&k("BinaryEquals", json!("AAA=")), &k("BinaryEquals", json!(["AAA=", "AQ=="])), "no");
    check(
        &k("BinaryEquals", json!("AAA=")),
        &k("BinaryEquals", json!("AQ==")),
        "s3:GetObject arn:aws:s3:::a k=AAA=",
    );
}

#[test]
fn lists_are_what_their_values_have_to_be() {
    let set = |operator: &str, value: Value| when(json!({operator: {"x:s": value}}));
    check(
        &set("ForAllValues:StringEquals", json!("a")),
        &set("ForAllValues:StringEquals", json!(["a", "b"])),
        "no",
    );
    check(
        &set("ForAllValues:StringEquals", json!(["a", "b"])),
        &set("ForAllValues:StringEquals", json!("a")),
        "s3:GetObject arn:aws:s3:::a x:s=b",
    );
    check(
        &set("ForAllValues:StringEquals", json!("a")),
        &set("ForAnyValue:StringEquals", json!("a")),
        "s3:GetObject arn:aws:s3:::a",
    );
    let both = when(
        json!({"ForAnyValue:StringEquals": {"x:s": "a"}, "ForAnyValue:StringLike": {"x:s": "b"}}),
    );
    check(
        &both,
        &set("ForAnyValue:StringEquals", json!("c")),
        "s3:GetObject arn:aws:s3:::a x:s=[a b]",
    );
    check(&both, &set("ForAnyValue:StringEquals", json!("b")), "no");
    // Without a set operator, a list helps to deny and never to allow.
    let mut single = both[0].clone();
    single["Condition"]["StringLike"] = json!({"x:s": "*"});
    check(&[single], &set("ForAnyValue:StringEquals", json!("c")), "no");
    let mut denied = both.clone();
    denied.push(deny(json!({"Condition": {"StringEquals": {"x:s": "a"}}})));
    check(&denied, &set("ForAnyValue:StringEquals", json!("c")), "no");
    // And an empty list counts as a missing value.
    let present = json!({"Null": {"x:s": "false"}, "ForAllValues:StringEquals": {"x:s": "zz"}});
    let other = json!({"StringNotEquals": {"x:s": "zz"}});
    let denied = [allow(json!({"Condition": present})), deny(json!({"Condition": other}))];
    check(&denied, &on("arn:aws:s3:::nothing"), "s3:GetObject arn:aws:s3:::a x:s=zz");
    // A key that the tables call multivalued is always a list.
    let tags = |operator: &str| when(json!({operator: {"aws:TagKeys": "a"}}));
    let joined = when(json!({
        "ForAnyValue:StringEquals": {"aws:TagKeys": "ab"},
        "ForAnyValue:StringLike": {"aws:TagKeys": "a*"},
    }));
    check(&joined, &on("arn:aws:s3:::b"), "s3:GetObject arn:aws:s3:::a aws:tagkeys=[ab]");
    check(
        &tags("ForAnyValue:StringEquals"),
        &tags("ForAllValues:StringEquals"),
        "s3:GetObject arn:aws:s3:::a aws:tagkeys=[ a]",
    );
    check(&tags("StringEquals"), &tags("ForAnyValue:StringEquals"), "no");
}

#[test]
fn the_one_value_of_a_key_is_one_value() {
    let k = |operator: &str, value: Value| when(json!({operator: {"aws:SourceIp": value}}));
    check(
        &k("ForAnyValue:IpAddress", json!("10.0.0.0/8")),
        &k("IpAddress", json!("10.0.0.0/8")),
        "no",
    );
    let plain = k("IpAddress", json!("10.0.0.0/8"));
    let all = k("ForAllValues:IpAddress", json!("10.0.0.0/8"));
    check(&all, &plain, "s3:GetObject arn:aws:s3:::a");
    let outside = k("ForAnyValue:NotIpAddress", json!("10.0.0.0/8"));
    check(&outside, &plain, "s3:GetObject arn:aws:s3:::a aws:sourceip=::");
    let two = when(json!({"StringEquals": {"k": "a"}, "StringLike": {"k": "b*"}}));
    check(&two, &when(json!({"StringEquals": {"l": "a"}})), "no");
}

#[test]
fn a_key_compared_in_two_ways_is_answered_as_far_as_that_is_certain() {
    let mixed =
        |text: &str| when(json!({"NumericLessThan": {"k": "5"}, "StringLike": {"k": text}}));
    let never = when(json!({"StringEquals": {"l": "a"}}));
    check(
        &when(json!({"NumericLessThan": {"k": "5"}, "StringEquals": {"k": ["4", "x"]}})),
        &never,
        "s3:GetObject arn:aws:s3:::a k=4",
    );
    check(
        &when(json!({"NumericLessThan": {"k": "5"}, "StringEquals": {"k": ["6", "x"]}})),
        &never,
        "no",
    );
    check(
        &when(json!({"NumericLessThan": {"k": "5"}, "StringNotEquals": {"k": ["0", "4"]}})),
        &never,
        "s3:GetObject arn:aws:s3:::a k=-1",
    );
    let answer = newly(&mixed("4.0625*"), &never);
    assert!(matches!(answer, Answer::Unknown(_) | Answer::Yes(_)), "{answer:?}");
    assert!(matches!(newly(&mixed("x*"), &never), Answer::Unknown(_)));
}

#[test]
fn variables_are_replaced_by_what_is_known() {
    let mut known = Context::new();
    known.set("aws:PrincipalTag/uid", "ada");
    known.set("aws:PrincipalTag/star", "*");
    let own = on("arn:aws:s3:::bkt/${aws:PrincipalTag/uid}/*");
    let told = |new: &[Value], old: &[Value]| told(&newly_with(new, old, &known));
    assert_eq!(told(&own, &on("arn:aws:s3:::bkt/ada/*")), "no");
    assert_eq!(told(&on("arn:aws:s3:::bkt/ada/*"), &own), "no");
    let star = on("arn:aws:s3:::bkt/${aws:PrincipalTag/star}");
    assert_eq!(told(&star, &on("arn:aws:s3:::bkt/${*}")), "no");
    assert_eq!(
        told(&star, &own),
        "s3:GetObject arn:aws:s3:::bkt/* aws:principaltag/star=* aws:principaltag/uid=ada"
    );
    assert_eq!(told(&on("arn:aws:s3:::${aws:username}"), &own), "no", "a session has no user name");
    let role = when(json!({"ArnEquals": {"aws:PrincipalArn": crate::ROLE}}));
    assert_eq!(told(&on("*"), &role), "no");
    let other = when(json!({"ArnNotEquals": {"aws:PrincipalArn": crate::ROLE}}));
    assert_eq!(told(&other, &own), "no");
}

#[test]
fn a_variable_without_a_value_stands_in_the_way() {
    let except = |effect: &str| {
        let resources = ["arn:aws:s3:::${aws:username}", "arn:aws:s3:::b"];
        json!({"Effect": effect, "Action": "s3:*", "NotResource": resources})
    };
    check(&[except("Allow")], &on("arn:aws:s3:::nothing"), "no");
    let denied = [allow(json!({})), except("Deny")];
    check(&denied, &on("arn:aws:s3:::nothing"), "s3:GetObject arn:aws:s3:::b");
}

#[test]
fn a_variable_that_is_not_known_is_unknown_only_where_it_matters() {
    let home = |user: &str| on(&format!("arn:aws:s3:::bkt/home/{user}/*"));
    let own = home("${aws:userid}");
    check(&own, &own, "no");
    check(&own, &on("arn:aws:s3:::bkt/home/?*/*"), "no");
    let unknown = "unknown because the value of `${aws:userid}` is not known";
    check(&own, &home("x"), unknown);
    check(&home("x"), &own, "s3:GetObject arn:aws:s3:::bkt/home/x/");
    let owner = |operator: &str| when(json!({operator: {"k": "${aws:userid}"}}));
    check(&owner("StringEquals"), &owner("StringEquals"), "no");
    check(&owner("StringLike"), &owner("StringEquals"), "no");
    check(
        &owner("StringEqualsIgnoreCase"),
        &owner("StringEquals"),
        "~ s3:GetObject arn:aws:s3:::a aws:userid=x k=X",
    );
    check(&owner("StringEquals"), &when(json!({"StringLike": {"k": "?*"}})), "no");
    check(&owner("StringNotEquals"), &owner("StringEquals"), "s3:GetObject arn:aws:s3:::a");
    check(&own, &on("*"), "no");
    let answer = newly(&own, &home("ada"));
    assert_eq!(told(&answer), "~ s3:GetObject arn:aws:s3:::bkt/home/x/ aws:userid=x");
    check(&on("arn:aws:s3:::other/a"), &own, "s3:GetObject arn:aws:s3:::other/a");
}

#[test]
fn a_variable_may_stand_in_any_field_of_a_value() {
    let of =
        |account: &str| when(json!({"ArnLike": {"k": format!("arn:aws:iam::{account}:role/*")}}));
    let own = of("${aws:PrincipalAccount}");
    check(&own, &of("111122223333"), "no");
    check(&of("111122223333"), &own, "no");
    check(
        &own,
        &of("444455556666"),
        "s3:GetObject arn:aws:s3:::a k=arn:aws:iam::111122223333:role/",
    );
    check(
        &of("${x:account}"),
        &of("111122223333"),
        "~ s3:GetObject arn:aws:s3:::a k=arn:aws:iam::x:role/ x:account=x",
    );
    let role = |name: &str| {
        when(json!({"ArnLike": {"k": format!("arn:aws:iam::${{x:account}}:role/{name}")}}))
    };
    check(&role("a"), &role("a"), "no");
    check(
        &role("a"),
        &role("b"),
        "~ s3:GetObject arn:aws:s3:::a k=arn:aws:iam::x:role/a x:account=x",
    );
    let unknown = "unknown because the value of `${x:account}` is not known";
    check(&of("${x:account}"), &of("*"), unknown);
}

#[test]
fn what_is_malformed_opens_nothing() {
    let except = |effect: &str, resource: &str| json!({"Effect": effect, "Action": "s3:*", "NotResource": [resource, "arn:aws:s3:::b"]});
    check(&[except("Allow", "no ARN")], &on("arn:aws:s3:::nothing"), "no");
    let denied = vec![allow(json!({})), except("Deny", "no ARN")];
    check(&denied, &on("arn:aws:s3:::nothing"), "s3:GetObject arn:aws:s3:::b");
    let bad = vec![allow(json!({"Condition": {"NumericEquals": {"k": "x"}}}))];
    check(&bad, &on("arn:aws:s3:::nothing"), "no");
    let denied = vec![allow(json!({})), deny(json!({"Condition": {"NoSuchOperator": {"k": "x"}}}))];
    check(&denied, &on("arn:aws:s3:::nothing"), "no");
}

#[test]
fn what_is_not_known_of_one_list_is_not_taken_for_what_is_known_of_another() {
    let keys = |operator: &str, values: Value| json!({"Condition": {operator: {"s3:RequestObjectTagKeys": values}}});
    let (x, y) = ("${aws:PrincipalTag/x}", "${aws:PrincipalTag/y}");
    for operator in ["ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"] {
        let (wide, narrow) = if operator.starts_with("ForAll") {
            (json!([x, y]), json!([x]))
        } else {
            (json!([x]), json!([x, y]))
        };
        let new = [allow(keys(operator, wide)), deny(keys(operator, narrow))];
        let answer = newly(&new, &on("arn:aws:s3:::nothing"));
        assert_ne!(told(&answer), "no", "{operator}");
    }
}

#[test]
fn what_is_excepted_in_one_account_is_not_what_is_excepted_in_another() {
    let but = |account: &str| {
        let role = format!("arn:aws:iam::{account}:role/${{aws:PrincipalTag/x}}");
        vec![json!({"Effect": "Allow", "Action": "iam:GetRole", "NotResource": role})]
    };
    assert_ne!(told(&newly(&but("111111111111"), &but("222222222222"))), "no");
    assert_eq!(told(&newly(&but("111111111111"), &but("111111111111"))), "no");
}
