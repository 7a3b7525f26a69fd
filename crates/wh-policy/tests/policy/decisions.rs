//! How policies of several types come together.

use serde_json::{Value, json};

use crate::Expected::{Allow, Explicit, Implicit};
use crate::{BUCKET, OBJECT, ROLE, SESSION, USER, case, check, policy, result, trust};

fn bucket_policy(principal: Value) -> Value {
    policy(json!({"Principal": principal}))
}

fn elsewhere() -> Value {
    policy(json!({"Action": "s3:ListBucket"}))
}

#[test]
fn nothing_is_allowed_unless_a_statement_allows_it() {
    check(json!({}), Implicit);
    check(json!({"identity_policies": [policy(json!({}))]}), Allow);
    let deny = policy(json!({"Effect": "Deny"}));
    check(json!({"identity_policies": [policy(json!({})), deny]}), Explicit);
}

#[test]
fn a_bucket_policy_that_names_the_session_stands_on_its_own() {
    for (principal, beyond_limits) in [
        (json!({"AWS": SESSION}), Allow),
        (json!("*"), Allow),
        (json!({"AWS": "*"}), Allow),
        (json!({"AWS": ROLE}), Implicit),
        (json!({"AWS": "111122223333"}), Implicit),
    ] {
        let resource = bucket_policy(principal);
        for limit in [
            json!({"resource_policy": resource, "boundary": elsewhere()}),
            json!({"resource_policy": resource, "session_policies": [elsewhere()]}),
            json!({"resource_policy": resource, "session_policies": []}),
        ] {
            check(limit, beyond_limits);
        }
    }
    check(json!({"resource_policy": bucket_policy(json!({"AWS": ROLE}))}), Allow);
    let user = bucket_policy(json!({"AWS": USER}));
    check(json!({"principal": USER, "resource_policy": user, "boundary": elsewhere()}), Allow);
    let other = bucket_policy(json!({"AWS": format!("{SESSION}2")}));
    check(json!({"resource_policy": other}), Implicit);
}

#[test]
fn an_account_principal_only_delegates() {
    for account in ["111122223333", "arn:aws:iam::111122223333:root"] {
        let resource = bucket_policy(json!({"AWS": account}));
        check(json!({"resource_policy": resource}), Implicit);
        let identity = [policy(json!({}))];
        check(json!({"resource_policy": resource, "identity_policies": identity}), Allow);
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let (yes, far) = (policy(json!({})), "444455556666");
    for principal in [json!("*"), json!({"AWS": SESSION}), json!({"AWS": ROLE})] {
        let resource = bucket_policy(principal);
        let over = json!({"resource_account": far, "resource_policy": resource});
        check(over.clone(), Implicit);
        let mut both = over.clone();
        both["identity_policies"] = json!([yes]);
        check(both.clone(), Allow);
        both["boundary"] = elsewhere();
        check(both.clone(), Implicit);
        both["boundary"] = Value::Null;
        both["session_policies"] = json!([elsewhere()]);
        check(both, Implicit);
    }
    check(json!({"resource_account": far, "identity_policies": [yes]}), Implicit);
}

#[test]
fn boundary_and_session_policies_only_narrow() {
    let yes = policy(json!({}));
    let identity = json!([yes]);
    check(json!({"identity_policies": identity, "boundary": yes}), Allow);
    check(json!({"identity_policies": [], "boundary": yes}), Implicit);
    check(json!({"identity_policies": identity, "boundary": elsewhere()}), Implicit);
    check(json!({"identity_policies": identity, "session_policies": [elsewhere(), yes]}), Allow);
    check(json!({"identity_policies": identity, "session_policies": [elsewhere()]}), Implicit);
    check(json!({"identity_policies": identity, "session_policies": []}), Implicit);
}

#[test]
fn every_level_of_the_organisation_must_allow() {
    let yes = policy(json!({}));
    let identity = json!([yes]);
    check(json!({"identity_policies": identity, "scps": [yes, yes]}), Allow);
    check(json!({"identity_policies": identity, "scps": [yes, elsewhere()]}), Implicit);
    check(json!({"identity_policies": identity, "scps": [[yes, elsewhere()], [yes]]}), Allow);
    check(json!({"identity_policies": identity, "scps": [[yes], []]}), Implicit);
    let open = bucket_policy(json!("*"));
    check(json!({"resource_policy": open, "scps": [elsewhere()]}), Implicit);
    let deny = policy(json!({"Effect": "Deny", "Principal": "*"}));
    check(json!({"identity_policies": identity, "rcps": [deny]}), Explicit);
    let unrelated = policy(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}));
    check(json!({"identity_policies": identity, "rcps": [[unrelated]]}), Allow);
}

#[test]
fn strangers_need_the_resource_to_name_them() {
    let anonymous = json!({"type": "Anonymous"});
    let open = bucket_policy(json!("*"));
    check(json!({"principal": anonymous, "resource_policy": open}), Allow);
    check(json!({"principal": anonymous}), Implicit);
    let account = bucket_policy(json!({"AWS": "111122223333"}));
    check(json!({"principal": anonymous, "resource_policy": account}), Implicit);
    let service = json!({"Service": "logging.s3.amazonaws.com"});
    let named = bucket_policy(service.clone());
    check(json!({"principal": service, "resource_policy": named}), Allow);
    check(
        json!({"principal": {"Service": "ec2.amazonaws.com"}, "resource_policy": named}),
        Implicit,
    );
}

fn assume(over: Value) -> Value {
    let mut all =
        json!({"action": "sts:AssumeRole", "resource": "arn:aws:iam::111122223333:role/Other"});
    for (key, value) in over.as_object().expect("an object") {
        all[key] = value.clone();
    }
    all
}

#[test]
fn a_role_is_never_assumed_without_its_trust_policy() {
    let may = policy(json!({"Action": "sts:AssumeRole"}));
    check(assume(json!({"identity_policies": [may]})), Implicit);
    let named = trust(json!({"Principal": {"AWS": ROLE}}));
    check(assume(json!({"resource_policy": named})), Allow);
    check(assume(json!({"resource_policy": named, "boundary": elsewhere()})), Implicit);
    let account = trust(json!({"Principal": {"AWS": "111122223333"}}));
    check(assume(json!({"resource_policy": account})), Implicit);
    check(assume(json!({"resource_policy": account, "identity_policies": [may]})), Allow);
    let other = trust(json!({"Principal": {"AWS": format!("{ROLE}2")}}));
    check(assume(json!({"resource_policy": other, "identity_policies": [may]})), Implicit);
    let service = json!({"Service": "ec2.amazonaws.com"});
    let instance = trust(json!({"Principal": service}));
    check(assume(json!({"principal": service, "resource_policy": instance})), Allow);
    check(assume(json!({"resource_policy": instance, "identity_policies": [may]})), Implicit);
}

#[test]
fn tags_and_source_identity_are_trusted_separately() {
    let named = trust(json!({"Principal": {"AWS": ROLE}}));
    let both = trust(json!({
        "Principal": {"AWS": ROLE},
        "Action": ["sts:TagSession", "sts:SetSourceIdentity"],
    }));
    for action in ["sts:TagSession", "sts:SetSourceIdentity"] {
        let all = policy(json!({"Action": "sts:*"}));
        let without =
            json!({"action": action, "resource_policy": named, "identity_policies": [all]});
        check(assume(without), Implicit);
        check(assume(json!({"action": action, "resource_policy": both})), Allow);
    }
}

#[test]
fn a_provider_is_compared_whole() {
    let google = trust(json!({
        "Principal": {"Federated": "accounts.google.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }));
    for (provider, expected) in
        [("accounts.google.com", Allow), ("accounts.google.com.evil.com", Implicit)]
    {
        let over = json!({
            "action": "sts:AssumeRoleWithWebIdentity", "resource_policy": google,
            "principal": {"Federated": provider},
        });
        check(assume(over), expected);
    }
}

#[test]
fn root_is_allowed_in_its_own_account_unless_denied() {
    let root = "arn:aws:iam::111122223333:root";
    check(json!({"principal": root}), Allow);
    check(json!({"principal": root, "resource_account": "444455556666"}), Implicit);
    let shut = policy(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}));
    check(json!({"principal": root, "resource_policy": shut}), Explicit);
    let repair = json!({
        "principal": root, "resource_policy": shut, "action": "s3:PutBucketPolicy", "resource": BUCKET,
    });
    check(repair.clone(), Allow);
    let mut scp = repair;
    scp["scps"] = json!([[policy(json!({"Action": "s3:GetObject"}))]]);
    check(scp, Implicit);
}

#[test]
fn everybody_who_signs_may_ask_who_they_are() {
    let deny = policy(json!({"Effect": "Deny", "Action": "*"}));
    let over = json!({
        "action": "sts:GetCallerIdentity", "resource": "*", "identity_policies": [deny],
    });
    check(over.clone(), Allow);
    let mut anonymous = over;
    anonymous["principal"] = json!({"type": "Anonymous"});
    anonymous["identity_policies"] = json!([]);
    check(anonymous, Implicit);
}

#[test]
fn not_principal_spares_only_who_is_listed_by_every_name() {
    let yes = json!([policy(json!({}))]);
    let spared = |names: &[&str]| policy(json!({"Effect": "Deny", "NotPrincipal": {"AWS": names}}));
    let account = "arn:aws:iam::111122223333:root";
    let all = spared(&[SESSION, ROLE, account]);
    check(json!({"identity_policies": yes, "resource_policy": all}), Allow);
    for names in [&[SESSION, ROLE][..], &[SESSION, account], &[ROLE, account], &[account]] {
        check(json!({"identity_policies": yes, "resource_policy": spared(names)}), Explicit);
    }
    let bound = json!({
        "identity_policies": yes, "resource_policy": all, "boundary": policy(json!({})),
    });
    check(bound, Explicit);
}

#[test]
fn a_federated_user_without_a_session_policy_has_only_what_resources_grant() {
    let federated = "arn:aws:sts::111122223333:federated-user/ada";
    let yes = policy(json!({}));
    let over = json!({"principal": federated, "identity_policies": [yes]});
    check(over.clone(), Implicit);
    let mut with_session = over;
    with_session["session_policies"] = json!([yes]);
    check(with_session, Allow);
    let named = bucket_policy(json!({"AWS": federated}));
    check(json!({"principal": federated, "resource_policy": named}), Allow);
}

#[test]
fn a_role_with_a_path_is_that_role_only() {
    let trusted =
        trust(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:role/wellhouse/one/Portal"}}));
    let session = "arn:aws:sts::111122223333:assumed-role/Portal/i-1";
    for (path, expected) in [("wellhouse/one/", Allow), ("wellhouse/two/", Implicit)] {
        let context =
            json!({"aws:PrincipalArn": format!("arn:aws:iam::111122223333:role/{path}Portal")});
        let over = json!({"principal": session, "resource_policy": trusted, "context": context});
        check(assume(over), expected);
    }
}

#[test]
fn a_role_of_another_partition_is_another_role() {
    for (partition, expected) in [("aws", Allow), ("aws-cn", Implicit)] {
        let named = format!("arn:{partition}:iam::111122223333:role/Reader");
        check(
            assume(json!({"resource_policy": trust(json!({"Principal": {"AWS": named}}))})),
            expected,
        );
    }
}

#[test]
fn actions_and_resources_are_what_they_say() {
    for (action, pattern, expected) in [
        ("s3:GetObject", "s3:getobject", Allow),
        ("s3:GetObject", "S3:Get*", Allow),
        ("s3:GetObject", "s3:GetObjec?", Allow),
        ("s3:GetObject", "*", Allow),
        ("s3:GetObjectVersion", "s3:GetObject", Implicit),
        ("s3:GetObjectAcl", "s3:*Object", Implicit),
    ] {
        let identity = policy(json!({"Action": pattern}));
        check(json!({"action": action, "identity_policies": [identity]}), expected);
    }
    for (resource, pattern, expected) in [
        (BUCKET, "arn:aws:s3:::bkt/*", Implicit),
        (BUCKET, "arn:aws:s3:::bkt", Allow),
        (OBJECT, "arn:aws:s3:::bkt", Implicit),
        (OBJECT, "arn:aws:s3:::*", Allow),
        (OBJECT, "arn:aws:s3:::BKT/*", Implicit),
        ("arn:aws:s3:::bkt/a/../b", "arn:aws:s3:::bkt/b", Implicit),
        ("arn:aws:s3:::bkt//test/object.jpg", "arn:aws:s3:::bkt/*/test/*", Allow),
        ("arn:aws:s3:::bkt/1///test///object.jpg", "arn:aws:s3:::bkt/*/test/*", Allow),
        ("arn:aws:s3:::bkt/1-test/object.jpg", "arn:aws:s3:::bkt/*/test/*", Implicit),
        ("arn:aws:s3:::bkt/a:b", "arn:aws:s3:::bkt/*b", Allow),
        ("arn:aws:s3:::bkt/ü", "arn:aws:s3:::bkt/?", Allow),
        ("arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:*:q", Implicit),
        ("arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:*:*:q", Allow),
    ] {
        let identity = policy(json!({"Resource": pattern}));
        check(json!({"resource": resource, "identity_policies": [identity]}), expected);
    }
    let but = |not: &str| policy(json!({"Action": null, "NotAction": not}));
    check(json!({"identity_policies": [but("s3:Put*")]}), Allow);
    check(json!({"identity_policies": [but("s3:get*")]}), Implicit);
    let but = |not: &str| policy(json!({"Resource": null, "NotResource": not}));
    check(json!({"identity_policies": [but("arn:aws:s3:::other/*")]}), Allow);
    check(json!({"identity_policies": [but("arn:aws:s3:::bkt/*")]}), Implicit);
}

#[test]
fn the_first_to_blame_is_the_one_that_aws_would_name() {
    let deny = |sid: &str, principal: bool| {
        let statement = json!({"Sid": sid, "Effect": "Deny"});
        let mut document = policy(statement);
        if principal {
            document["Statement"][0]["Principal"] = json!("*");
        }
        document
    };
    let mut over = json!({
        "scps": [[deny("scp", false)]], "rcps": [[deny("rcp", true)]],
        "resource_policy": deny("resource", true), "identity_policies": [deny("identity", false)],
        "boundary": deny("boundary", false), "session_policies": [deny("session", false)],
    });
    for (field, sid, words) in [
        ("scps", "scp", "in a service control policy"),
        ("rcps", "rcp", "in a resource control policy"),
        ("resource_policy", "resource", "in a resource-based policy"),
        ("identity_policies", "identity", "in an identity-based policy"),
        ("boundary", "boundary", "in a permissions boundary"),
        ("session_policies", "session", "in a session policy"),
    ] {
        let got = result(&case(&over)).explanation;
        assert!(got.contains(&format!("with an explicit deny {words}")), "{got}");
        assert!(got.contains(&format!("statement `{sid}`")), "{got}");
        over[field] = if field == "identity_policies" { json!([]) } else { Value::Null };
    }
    let got = result(&case(&over)).explanation;
    let words = format!(
        "User: {SESSION} is not authorized to perform: s3:GetObject on resource: {OBJECT} because no \
         identity-based policy allows the s3:GetObject action"
    );
    assert_eq!(got, words);
}

#[test]
fn the_nearest_miss_says_what_stood_in_the_way() {
    let near = |document: Value, over: Value| {
        let mut whole = case(&json!({"identity_policies": [document]}));
        for (key, value) in over.as_object().expect("an object") {
            whole[key] = value.clone();
        }
        result(&whole).explanation
    };
    let got =
        near(policy(json!({"Sid": "Mine", "Resource": "arn:aws:s3:::bkt/mine/*"})), json!({}));
    assert!(got.ends_with(
        "; statement `Mine` of `identity_policies[0]` allows the action, but on only `arn:aws:s3:::bkt/mine/*`"
    ), "{got}");
    let condition = json!({"StringLike": {"s3:prefix": "home/ada/*"}});
    let listing = policy(json!({"Action": "s3:ListBucket", "Condition": condition}));
    let over = json!({"action": "s3:ListBucket", "resource": BUCKET, "context": {"s3:prefix": "home/bob/"}});
    let got = near(listing, over);
    assert!(got.contains(
        "statement `#1` of `identity_policies[0]` would allow it, but `StringLike` on `s3:prefix` asks for \
         `home/ada/*`, and the request has `home/bob/`"
    ), "{got}");
}

#[test]
fn a_stored_denial_that_cannot_be_read_denies() {
    let own = json!([policy(json!({}))]);
    let denial = |over: Value| {
        let mut statement = json!({"Effect": "Deny", "Principal": "*"});
        for (key, value) in over.as_object().expect("an object") {
            statement[key] = value.clone();
        }
        json!({"identity_policies": own, "resource_policy": policy(statement)})
    };
    for over in [
        json!({"Principal": "bob"}),
        json!({"Principal": {}}),
        json!({"Principal": {"AWS": []}}),
        json!({"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}}),
        json!({"Action": []}),
        json!({"Resource": []}),
        json!({"Resource": null}),
    ] {
        check(denial(over), Explicit);
    }
    check(denial(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"}})), Allow);
    let of_role = |effect: &str| {
        let statement =
            json!({"Effect": effect, "Principal": "*", "Resource": "arn:aws:iam::1:role/x"});
        json!({
            "action": "sts:AssumeRole", "resource": "arn:aws:iam::111122223333:role/Other",
            "resource_policy": trust(statement),
        })
    };
    check(of_role("Allow"), Implicit);
    check(of_role("Deny"), Explicit);
}
