//! What a principal can do, under policies of all types; who of several can; and what is left open.

use serde_json::{Value, json};
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any, more_permissive, who_can};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::{ACCOUNT, account, allow, arn, deny, named, session, told, user};
use crate::{ROLE, SESSION, USER};

/// Policies by type; each a list of statements.
fn policies(over: &Value) -> [Option<NamedPolicy>; 6] {
    let kinds = [
        ("identity", PolicyKind::Identity),
        ("resource", PolicyKind::Resource),
        ("boundary", PolicyKind::Boundary),
        ("session", PolicyKind::Session),
        ("scp", PolicyKind::Identity),
        ("rcp", PolicyKind::Resource),
    ];
    kinds.map(|(name, kind)| over.get(name).map(|statements| named(statements, kind)))
}

/// What a subject can do with resources of an account.
fn can(subject: &Subject, owner: &str, over: Value) -> String {
    let [identity, resource, boundary, session, scp, rcp] = policies(&over);
    let slice = |policy: Option<NamedPolicy>| policy.map(|policy| vec![policy]);
    let (identity, session) = (slice(identity).unwrap_or_default(), slice(session));
    let (scps, rcps) = (slice(scp).map(|level| vec![level]), slice(rcp).map(|level| vec![level]));
    let set = PolicySet {
        identity: &identity,
        resource: resource.as_ref(),
        boundary: boundary.as_ref(),
        session: session.as_deref(),
        scps: scps.as_deref(),
        rcps: rcps.as_deref(),
    };
    let (owner, known) = (account(owner), Context::new());
    let access =
        Access { policies: set, subject, resource_account: &owner, known: &known, absent: &[] };
    // Everybody may ask who they are; that is of no interest here.
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": ["sts:GetCallerIdentity", "sts:GetSessionToken"], "Resource": "*"}]});
    let others = PolicyDocument::parse(&text.to_string(), PolicyKind::Identity).expect("a set");
    told(&allows_any(&access, &Requests::of(&others), Budget::default()))
}

const GET: &str = "s3:GetObject arn:aws:s3:::a";
const OTHER: &str = "444455556666";

fn to(principal: &str) -> Value {
    json!([allow(json!({"Principal": {"AWS": principal}}))])
}

#[test]
fn without_a_policy_nothing_is_allowed() {
    for subject in [session(), user(), Subject::Anonymous, Subject::Role { arn: arn(ROLE) }] {
        assert_eq!(can(&subject, ACCOUNT, json!({})), "no");
    }
    let access = |known: &Context| {
        let (subject, owner) = (session(), account(ACCOUNT));
        let access = Access {
            policies: PolicySet::default(),
            subject: &subject,
            resource_account: &owner,
            known,
            absent: &[],
        };
        told(&allows_any(&access, &Requests::all(), Budget::default()))
    };
    assert_eq!(access(&Context::new()), "sts:GetCallerIdentity arn:aws:sts:::a");
}

#[test]
fn every_type_of_policy_has_its_say() {
    let all = || json!([allow(json!({}))]);
    let one = |text: &str| json!([allow(json!({"Resource": format!("arn:aws:s3:::{text}")}))]);
    let user = user();
    assert_eq!(can(&user, ACCOUNT, json!({"identity": all()})), GET);
    assert_eq!(
        can(&user, ACCOUNT, json!({"identity": all(), "boundary": one("b*")})),
        "s3:GetObject arn:aws:s3:::b"
    );
    assert_eq!(can(&user, ACCOUNT, json!({"identity": one("c*"), "boundary": one("b*")})), "no");
    assert_eq!(
        can(
            &user,
            ACCOUNT,
            json!({"identity": one("?*"), "boundary": one("?b*"), "session": one("??c*"), "scp": one("*d")})
        ),
        "s3:GetObject arn:aws:s3:::abcd",
    );
    assert_eq!(
        can(&user, ACCOUNT, json!({"identity": all(), "scp": one("b")})),
        "s3:GetObject arn:aws:s3:::b"
    );
    let rcp = json!([deny(json!({"Principal": "*", "Resource": "arn:aws:s3:::*"}))]);
    assert_eq!(can(&user, ACCOUNT, json!({"identity": one("*"), "rcp": rcp})), "no");
    assert_eq!(can(&user, ACCOUNT, json!({"identity": all(), "session": []})), "no");
}

#[test]
fn a_resource_names_whom_it_allows() {
    let (user, session) = (user(), session());
    assert_eq!(can(&user, ACCOUNT, json!({"resource": to(USER)})), GET);
    assert_eq!(can(&user, ACCOUNT, json!({"resource": to(ACCOUNT)})), "no");
    assert_eq!(
        can(&user, ACCOUNT, json!({"resource": to(USER), "boundary": []})),
        GET,
        "a direct grant"
    );
    assert_eq!(can(&session, ACCOUNT, json!({"resource": to(ROLE), "boundary": []})), "no");
    assert_eq!(can(&session, ACCOUNT, json!({"resource": to(SESSION), "boundary": []})), GET);
    assert_eq!(can(&Subject::Anonymous, ACCOUNT, json!({"resource": to("*")})), GET);
    assert_eq!(can(&user, OTHER, json!({"resource": to(USER)})), "no");
    let both = json!({"resource": to(ACCOUNT), "identity": [allow(json!({"Resource": "arn:aws:s3:::b"}))]});
    assert_eq!(can(&user, OTHER, both), "s3:GetObject arn:aws:s3:::b");
    let root = Subject::Root {
        account: account(ACCOUNT),
        partition: wh_names::Partition::parse("aws").expect("a partition"),
    };
    let locked = json!([deny(json!({"Principal": "*", "Action": "*"}))]);
    let repair = can(&root, ACCOUNT, json!({"resource": locked}));
    assert_eq!(repair, "s3:GetBucketPolicy arn:aws:s3:::a");
}

#[test]
fn a_role_is_assumed_by_those_whom_it_trusts() {
    let assume = json!([allow(json!({"Action": "sts:AssumeRole"}))]);
    let trust = |principal: &str| {
        json!([allow(json!({"Action": "sts:AssumeRole", "Principal": {"AWS": principal}}))])
    };
    let user = user();
    assert_eq!(can(&user, ACCOUNT, json!({"identity": assume})), "no");
    assert_eq!(
        can(&user, ACCOUNT, json!({"resource": trust(USER)})),
        "sts:AssumeRole arn:aws:sts:::a"
    );
    assert_eq!(can(&user, ACCOUNT, json!({"resource": trust(ACCOUNT)})), "no");
    assert_eq!(
        can(&user, ACCOUNT, json!({"identity": assume, "resource": trust(ACCOUNT)})),
        "sts:AssumeRole arn:aws:sts:::a"
    );
}

#[test]
fn who_of_several_can() {
    let bucket = named(
        &json!([allow(json!({"Principal": {"AWS": USER}, "Resource": "arn:aws:s3:::bkt/ada/*"})),]),
        PolicyKind::Resource,
    );
    let set = PolicySet { resource: Some(&bucket), ..PolicySet::default() };
    let (user, session, owner, known) = (user(), session(), account(ACCOUNT), Context::new());
    let access = |subject| Access {
        policies: set,
        subject,
        resource_account: &owner,
        known: &known,
        absent: &[],
    };
    let writes = json!({"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bkt/*"}});
    let writes = PolicyDocument::parse(&writes.to_string(), PolicyKind::Identity).expect("a set");
    let all = [("ada", access(&user)), ("reader", access(&session))];
    let told: Vec<(&str, String)> = who_can(&all, &Requests::of(&writes), Budget::default())
        .into_iter()
        .map(|(name, answer)| (name, told(&answer)))
        .collect();
    let expected = [("ada", "s3:GetObject arn:aws:s3:::bkt/ada/"), ("reader", "no")];
    assert_eq!(told, expected.map(|(name, answer)| (name, answer.to_owned())));
}

#[test]
fn keys_are_fixed_present_or_absent() {
    let tagged = [named(
        &json!([allow(json!({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}})),]),
        PolicyKind::Identity,
    )];
    let (subject, owner) = (session(), account(ACCOUNT));
    let set = PolicySet { identity: &tagged, ..PolicySet::default() };
    let ask = |known: &Context, absent: &[&str]| {
        let access =
            Access { policies: set, subject: &subject, resource_account: &owner, known, absent };
        let none = PolicySet { identity: &[], ..set };
        let nothing = Access { policies: none, ..access };
        told(&more_permissive(&access, &nothing, &Requests::all(), Budget::default()))
    };
    let (mut team, mut other) = (Context::new(), Context::new());
    team.set("aws:PrincipalTag/Team", "a");
    other.set("aws:PrincipalTag/team", "b");
    let granted = "s3:GetObject arn:aws:s3:::a aws:principaltag/team=a";
    assert_eq!(ask(&Context::new(), &[]), granted);
    assert_eq!(ask(&team, &["aws:PrincipalTag/*"]), granted);
    assert_eq!(ask(&other, &[]), "no");
    assert_eq!(ask(&Context::new(), &["aws:PrincipalTag/*"]), "no");
    assert_eq!(ask(&Context::new(), &["aws:principaltag/TEAM"]), "no");
}

#[test]
fn two_principals_are_asked_about_the_same_requests() {
    let policy = [named(
        &json!([
            allow(json!({"Resource": "arn:aws:s3:::${aws:username}/*"})),
            allow(
                json!({"Resource": "arn:aws:s3:::bkt", "Condition": {"StringEquals": {"k": "a"}}})
            ),
        ]),
        PolicyKind::Identity,
    )];
    let set = PolicySet { identity: &policy, ..PolicySet::default() };
    let bob = Subject::User { arn: arn("arn:aws:iam::111122223333:user/bob") };
    let (ada, reader, owner) = (user(), session(), account(ACCOUNT));
    let (mut a, none) = (Context::new(), Context::new());
    a.set("k", "a");
    let access = |subject, known| Access {
        policies: set,
        subject,
        resource_account: &owner,
        known,
        absent: &[],
    };
    let ask = |new: Access<'_>, old: Access<'_>| {
        told(&more_permissive(&new, &old, &Requests::all(), Budget::default()))
    };
    assert_eq!(ask(access(&ada, &none), access(&bob, &none)), "s3:GetObject arn:aws:s3:::ada/");
    assert_eq!(ask(access(&ada, &none), access(&ada, &a)), "no", "the key is fixed for both");
    // A user may ask for a session of its own, whatever the policies say.
    assert_eq!(
        ask(access(&ada, &none), access(&reader, &none)),
        "sts:GetSessionToken arn:aws:sts:::a"
    );
    assert_eq!(ask(access(&reader, &none), access(&ada, &none)), "no");
}

#[test]
fn what_cannot_be_told_is_unknown() {
    let all = [named(&json!([allow(json!({}))]), PolicyKind::Identity)];
    let set = PolicySet { identity: &all, ..PolicySet::default() };
    let (subject, owner, known) = (session(), account(ACCOUNT), Context::new());
    let access = Access {
        policies: set,
        subject: &subject,
        resource_account: &owner,
        known: &known,
        absent: &[],
    };
    for text in ["not JSON", r#"{"Statement":{"Effect":"Allow","Action":"s3","Resource":"*"}}"#] {
        let malformed = PolicyDocument::read_stored(text, PolicyKind::Identity);
        let answer = allows_any(&access, &Requests::of(&malformed), Budget::default());
        assert!(
            matches!(&answer, Answer::Unknown(because) if because.starts_with("because ")),
            "{answer:?}"
        );
    }
    // A set of requests may be larger than a policy.
    let many: Vec<Value> = (0..400)
        .map(|at| allow(json!({"Resource": format!("arn:aws:s3:::bucket-{at}/*")})))
        .collect();
    let large = named(&json!(many), PolicyKind::Identity).document;
    assert!(!large.faults().is_empty(), "larger than IAM takes");
    let answer = allows_any(&access, &Requests::of(&large), Budget::default());
    assert!(matches!(answer, Answer::Yes(_)), "{answer:?}");
    for budget in
        [Budget { states: 0, ..Budget::default() }, Budget { steps: 0, ..Budget::default() }]
    {
        let answer = allows_any(&access, &Requests::all(), budget);
        assert!(
            matches!(&answer, Answer::Unknown(because) if because.contains("budget")),
            "{answer:?}"
        );
    }
}
