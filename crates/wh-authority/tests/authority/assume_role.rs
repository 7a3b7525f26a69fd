//! `AssumeRole`: trust, tags, source identity, durations, chains.

use wh_authority::{AssumeRole, CreatePolicy, IamRequest, Principal};
use wh_names::SourceIdentity;

use crate::kit::{ALL_STS, Kit, UID, arn, ask, create, source, tags, trust};

const PORTAL: &str = r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#;
const ACCOUNT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
const EC2: &str = r#"{"Service":"ec2.amazonaws.com"}"#;

struct Case {
    claim: &'static str,
    principal: &'static str,
    actions: &'static str,
    condition: &'static str,
    ask: Ask,
    expected: &'static str,
}

fn nothing(_: &mut AssumeRole) {}

fn tagged(ask: &mut AssumeRole) {
    ask.tags = tags(&[("x", "y")]);
}

fn as_a_person_and_more(ask: &mut AssumeRole) {
    as_a_person(ask);
    ask.tags.extend(tags(&[("admin", "yes")]));
}

fn as_a_person(ask: &mut AssumeRole) {
    ask.tags = tags(&[("uid", UID)]);
    ask.source_identity = source(UID);
}

const PERSONS: &str = r#""StringLike":{"sts:RoleSessionName":"u-*","aws:RequestTag/uid":"?*",
    "sts:SourceIdentity":"?*"},"ForAllValues:StringEquals":{"aws:TagKeys":["uid"]}"#;

type Ask = fn(&mut AssumeRole);

const LEFT: &str = r#""StringEquals":{"sts:ExternalId":"left"}"#;

/// Claims about whom a role trusts to do what: principal, actions, what is asked, the answer.
const TRUST: [(&str, &str, &str, Ask, &str); 6] = [
    ("a trusted role may", PORTAL, r#""sts:AssumeRole""#, nothing, "ok"),
    ("the account's trust delegates", ACCOUNT, r#""sts:AssumeRole""#, nothing, "ok"),
    ("a service's trust is no role's", EC2, r#""sts:AssumeRole""#, nothing, "AccessDenied"),
    ("tags need TagSession", PORTAL, r#""sts:AssumeRole""#, tagged, "AccessDenied"),
    (
        "a source identity needs SetSourceIdentity",
        PORTAL,
        r#""sts:AssumeRole","sts:TagSession""#,
        as_a_person,
        "AccessDenied",
    ),
    ("with all three it works", PORTAL, ALL_STS, as_a_person, "ok"),
];

/// Claims about conditions of trust.
const CONDITIONS: [(&str, &str, Ask, &str); 5] = [
    ("a person's session fits", PERSONS, as_a_person, "ok"),
    ("a session of nobody does not", PERSONS, nothing, "AccessDenied"),
    ("nor one with another tag", PERSONS, as_a_person_and_more, "AccessDenied"),
    ("no external id", LEFT, |a| a.external_id = Some("right".to_owned()), "AccessDenied"),
    ("the external id", LEFT, |a| a.external_id = Some("left".to_owned()), "ok"),
];

/// Claims about what may be asked at all, of a role that trusts the caller with everything.
const ASKED: [(&str, Ask, &str); 14] = [
    ("a role that is not there", |a| a.role_arn = arn("Nobody"), "AccessDenied"),
    ("one of another path", |a| a.role_arn = arn("x/Reader"), "AccessDenied"),
    ("a uid that is none", |a| a.tags = tags(&[("UID", "*")]), "ValidationError"),
    ("a key twice", |a| a.tags = tags(&[("a", "1"), ("A", "2")]), "ValidationError"),
    ("a reserved key", |a| a.tags = tags(&[("aws:x", "1")]), "ValidationError"),
    ("a wildcard", |a| a.tags = tags(&[("x", "a*")]), "ValidationError"),
    ("handing on nothing", |a| a.transitive_tag_keys = vec!["x".to_owned()], "ValidationError"),
    ("899 seconds", |a| a.duration_s = Some(899), "ValidationError"),
    ("900 seconds", |a| a.duration_s = Some(900), "ok"),
    ("an hour", |a| a.duration_s = Some(3600), "ok"),
    ("a longer chain", |a| a.duration_s = Some(3601), "ValidationError"),
    ("no policy", |a| a.policy = Some("{}".to_owned()), "MalformedPolicyDocument"),
    ("a long policy", |a| a.policy = Some(" ".repeat(2049)), "PackedPolicyTooLarge"),
    ("a policy not there", |a| a.policy_arns = vec!["arn:x".to_owned()], "ValidationError"),
];

fn cases() -> Vec<Case> {
    let trust = TRUST.into_iter().map(|(claim, principal, actions, ask, expected)| Case {
        claim,
        principal,
        actions,
        condition: "",
        ask,
        expected,
    });
    let conditions = CONDITIONS.into_iter().map(|(claim, condition, ask, expected)| Case {
        claim,
        principal: PORTAL,
        actions: ALL_STS,
        condition,
        ask,
        expected,
    });
    let asked = ASKED.into_iter().map(|(claim, ask, expected)| Case {
        claim,
        principal: PORTAL,
        actions: ALL_STS,
        condition: "",
        ask,
        expected,
    });
    trust.chain(conditions).chain(asked).collect()
}

#[tokio::test]
async fn a_role_is_assumed_only_by_whom_it_trusts_and_only_so() {
    for case in cases() {
        let kit = Kit::build().await;
        let portal = kit.portal().await;
        let trust = trust(case.principal, case.actions, case.condition);
        let mut create = create("Reader", trust);
        create.max_session_s = Some(7200);
        kit.iam(IamRequest::CreateRole(create)).await;
        let mut ask = ask("Reader");
        (case.ask)(&mut ask);
        let answer = kit.assume(&portal, &ask).map_or_else(|e| e.code(), |_| "ok");
        assert_eq!(answer, case.expected, "{}", case.claim);
        for (who, caller) in [
            ("anonymous", Principal::anonymous()),
            ("root", kit.authority.recognise(kit.keys.root_access_key_id(), None).expect("root")),
        ] {
            assert!(kit.assume(&caller, &ask).is_err(), "{who}: {}", case.claim);
        }
    }
}

#[tokio::test]
async fn the_accounts_trust_is_nothing_without_an_identity_policy() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    kit.iam(IamRequest::CreateRole(create("Reader", trust(ACCOUNT, ALL_STS, "")))).await;
    assert!(kit.assume(&portal, &ask("Reader")).is_ok());
    kit.allow("PortalRole", r#"["s3:GetObject"]"#).await;
    let refused = kit.assume(&portal, &ask("Reader")).map_err(|e| e.code());
    assert_eq!(refused.err(), Some("AccessDenied"));
}

#[tokio::test]
async fn a_chain_hands_on_its_source_identity_and_its_transitive_tags() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let any = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
    for name in ["First", "Second"] {
        kit.iam(IamRequest::CreateRole(create(name, trust(any, ALL_STS, "")))).await;
        kit.allow(name, &format!("[{ALL_STS}]")).await;
    }
    let mut first = ask("First");
    first.tags = tags(&[("uid", UID), ("team", "blue")]);
    first.transitive_tag_keys = vec!["UID".to_owned()];
    first.source_identity = source(UID);
    let first = kit.recognise(&kit.assume(&portal, &first).expect("a session").credentials);

    let second = kit.assume(&first, &ask("Second")).expect("a session");
    let second = kit.recognise(&second.credentials);
    let mut context = wh_policy::Context::new();
    kit.authority.standing(&second).expect("a standing").context(&second, &mut context);
    let tag = |key: &str| context.get(&format!("aws:PrincipalTag/{key}")).cloned();
    assert_eq!(tag("uid"), Some(UID.into()));
    assert_eq!(tag("team"), None);
    assert_eq!(second.source_identity().map(SourceIdentity::as_str), Some(UID));

    let mut other = ask("Second");
    other.source_identity = source("mallory");
    assert_eq!(kit.assume(&first, &other).map_err(|e| e.code()).err(), Some("ValidationError"));
    let mut other = ask("Second");
    other.tags = tags(&[("Uid", "01hq3v5x7z9b1d3f5h7k9m1p3s")]);
    assert_eq!(kit.assume(&first, &other).map_err(|e| e.code()).err(), Some("ValidationError"));
}

#[tokio::test]
async fn tags_of_a_session_go_over_those_of_its_role() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let mut create = create("Reader", trust(PORTAL, ALL_STS, ""));
    create.tags = tags(&[("Team", "red"), ("site", "north")]);
    kit.iam(IamRequest::CreateRole(create)).await;
    let mut ask = ask("Reader");
    ask.tags = tags(&[("team", "blue")]);
    let session = kit.recognise(&kit.assume(&portal, &ask).expect("a session").credentials);
    let mut context = wh_policy::Context::new();
    kit.authority.standing(&session).expect("a standing").context(&session, &mut context);
    assert_eq!(context.get("aws:PrincipalTag/Team"), Some(&"blue".into()));
    assert_eq!(context.get("aws:PrincipalTag/site"), Some(&"north".into()));
    assert_eq!(context.get("aws:PrincipalType"), Some(&"AssumedRole".into()));
    assert_eq!(context.get("aws:username"), None);
}

#[tokio::test]
async fn a_session_whose_managed_policy_is_gone_may_nothing() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    kit.iam(IamRequest::CreateRole(create("Reader", trust(PORTAL, ALL_STS, "")))).await;
    kit.allow("Reader", r#"["s3:*"]"#).await;
    let statement = |effect: &str, on: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"s3:*",
            "Resource":"{on}"}}]}}"#
        )
    };
    for (name, document) in
        [("All", statement("Allow", "*")), ("NotThere", statement("Deny", "arn:aws:s3:::b/x/*"))]
    {
        let (name, path, description) = (name.to_owned(), "/".to_owned(), String::new());
        kit.iam(IamRequest::CreatePolicy(CreatePolicy {
            name,
            path,
            document,
            description,
            tags: Vec::new(),
        }))
        .await;
    }
    let arn = |name: &str| format!("arn:aws:iam::111122223333:policy/{name}");
    let mut narrowed = ask("Reader");
    narrowed.policy_arns = vec![arn("All"), arn("NotThere")];
    let session = kit.recognise(&kit.assume(&portal, &narrowed).expect("a session").credentials);
    let policies = || {
        let standing = kit.authority.standing(&session).expect("a standing");
        standing.session.map(|policies| policies.len())
    };
    assert_eq!(policies(), Some(2));
    kit.iam(IamRequest::DeletePolicy { arn: arn("NotThere") }).await;
    assert_eq!(policies(), Some(0), "the denial is gone, and with it what it stood beside");
}
