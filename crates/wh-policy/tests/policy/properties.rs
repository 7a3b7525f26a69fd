//! What holds of all documents and requests.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use wh_names::{AccountId, Action, Arn};
use wh_policy::{
    Context, Decision, Effect, NamedPolicy, Outcome, PolicyDocument, PolicyError, PolicyFault,
    PolicyKind, PolicySet, Request, Subject, evaluate, summary, testfile,
};

use crate::{ROLE, SESSION, USER};

const ACTIONS: [&str; 6] = ["s3:GetObject", "s3:Get*", "s3:*", "*", "s3:PutObject", "s3:?etObject"];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::bkt/*",
    "arn:aws:s3:::bkt/home/${aws:PrincipalTag/uid}/*",
    "arn:aws:s3:::*/key",
    "arn:aws:s3:::bkt/home/?da/*",
    "arn:aws:s3:::other/*",
];
const CONDITIONS: [(&str, &str, &str); 8] = [
    ("StringEquals", "aws:PrincipalTag/uid", "ada"),
    ("StringNotEquals", "x:a", "1"),
    ("StringLike", "x:a", "${aws:PrincipalTag/uid}*"),
    ("ForAllValues:StringEquals", "x:set", "a"),
    ("ForAnyValue:StringNotEquals", "x:set", "a"),
    ("NumericLessThanIfExists", "x:a", "5"),
    ("Null", "x:a", "true"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
];
const PRINCIPALS: [&str; 5] = ["*", SESSION, ROLE, USER, "111122223333"];

fn conditions() -> impl Strategy<Value = Value> {
    subsequence(CONDITIONS.to_vec(), 0..3).prop_map(|chosen| {
        let mut blocks = Map::new();
        for (operator, key, value) in chosen {
            blocks.insert(operator.to_owned(), json!({key: value}));
        }
        Value::Object(blocks)
    })
}

fn statement(effect: Option<&'static str>, names_principals: bool) -> impl Strategy<Value = Value> {
    let effects = match effect {
        Some(effect) => vec![effect],
        None => vec!["Allow", "Deny"],
    };
    let actions = subsequence(ACTIONS.to_vec(), 1..3);
    let resources = subsequence(RESOURCES.to_vec(), 1..3);
    let principals = subsequence(PRINCIPALS.to_vec(), 1..3);
    let negated = (any::<bool>(), any::<bool>());
    (select(effects), actions, resources, conditions(), principals, negated).prop_map(
        move |(effect, actions, resources, conditions, principals, (not_action, not_resource))| {
            let mut out = json!({"Effect": effect, "Condition": conditions});
            out[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            out[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if names_principals {
                out["Principal"] = json!({"AWS": principals});
            }
            out
        },
    )
}

fn statements(names_principals: bool) -> impl Strategy<Value = Vec<Value>> {
    vec(statement(None, names_principals), 1..5)
}

fn document(statements: &[Value], kind: PolicyKind) -> PolicyDocument {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let read = PolicyDocument::read_stored(&text, kind);
    let too_large = |fault: &PolicyError| matches!(fault.fault(), PolicyFault::TooLarge { .. });
    assert!(read.faults().iter().all(too_large), "a generated policy is valid but for its size");
    read
}

fn named(statements: &[Value], kind: PolicyKind) -> NamedPolicy {
    NamedPolicy { name: "generated".to_owned(), document: Arc::new(document(statements, kind)) }
}

/// The parts of a question that vary.
#[derive(Debug, Clone)]
struct Question {
    subject: Subject,
    action: &'static str,
    resource: &'static str,
    account: &'static str,
    context: Context,
}

fn subject() -> impl Strategy<Value = Subject> {
    let arn = |text: &str| Arn::parse(text).expect("an ARN");
    prop_oneof![
        Just(Subject::Anonymous),
        Just(Subject::User { arn: arn(USER) }),
        Just(Subject::RoleSession { role_arn: arn(ROLE), session_arn: arn(SESSION) }),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    let keys =
        [("aws:PrincipalTag/uid", "ada"), ("x:a", "1"), ("x:a", "*"), ("aws:SourceIp", "10.1.1.1")];
    let resources =
        ["arn:aws:s3:::bkt/key", "arn:aws:s3:::bkt/home/ada/x", "arn:aws:s3:::other/key"];
    let set = proptest::option::of(vec(select(vec!["a", "b"]), 0..3));
    let accounts = ["111122223333", "444455556666"];
    (
        subject(),
        select(vec!["s3:GetObject", "s3:PutObject"]),
        select(resources.to_vec()),
        select(accounts.to_vec()),
        (subsequence(keys.to_vec(), 0..=4), set),
    )
        .prop_map(|(subject, action, resource, account, (keys, set))| {
            let mut context = Context::new();
            for (key, value) in keys {
                context.set(key, value);
            }
            if let Some(set) = set {
                let set: Vec<String> = set.into_iter().map(str::to_owned).collect();
                context.set("x:set", set);
            }
            Question { subject, action, resource, account, context }
        })
}

fn judge(identity: &[NamedPolicy], resource: Option<&NamedPolicy>, question: &Question) -> Outcome {
    decided(identity, resource, question, |decision| decision.outcome())
}

fn decided<T>(
    identity: &[NamedPolicy],
    resource: Option<&NamedPolicy>,
    question: &Question,
    look: impl Fn(Decision<'_>) -> T,
) -> T {
    let policies = PolicySet { identity, resource, ..PolicySet::default() };
    let request = Request {
        subject: &question.subject,
        action: &Action::parse(question.action).expect("an action"),
        resource: &Arn::parse(question.resource).expect("an ARN"),
        resource_account: &AccountId::parse(question.account).expect("an account"),
        context: &question.context,
    };
    look(evaluate(&policies, &request))
}

/// Statements about places that begin alike, as many as make the index look at beginnings.
fn crowd() -> impl Strategy<Value = Vec<Value>> {
    let resources = [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::bkt",
        "arn:aws:s3:::bkt/home/*",
        "arn:aws:s3:::bkt/home/a*",
        "arn:aws:s3:::bkt/home/ada/x",
        "arn:aws:s3:::bkt/home/${aws:PrincipalTag/uid}/*",
        "arn:*:s3:::bkt/home/ada/?",
        "arn:aws:s3:::bkt/k?y",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::zebra/*",
    ];
    let actions = ["s3:GetObject", "s3:Get*", "s3:*Object", "x:Do", "x:*", "s3:PutObject"];
    // Most are about other places, so that what applies is rare and not to be passed over.
    let elsewhere = "[a-z]{1,2}".prop_map(|name| format!("arn:aws:s3:::bkt/home/{name}/*"));
    let here = select(resources.to_vec()).prop_map(str::to_owned);
    let resource = prop_oneof![30 => elsewhere, 1 => here];
    let one = (
        select(vec!["Allow", "Allow", "Deny"]),
        subsequence(actions.to_vec(), 1..3),
        vec(resource, 1..3),
        proptest::bool::weighted(0.005),
    );
    let one = one.prop_map(|(effect, actions, resources, negated)| {
        let mut out = json!({"Effect": effect, "Action": actions});
        out[if negated { "NotResource" } else { "Resource" }] = json!(resources);
        out
    });
    vec(one, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_index_leaves_out_nothing_that_applies(
        own in crowd(), question in question(), action in select(vec!["s3:GetObject", "S3:putobject", "x:Do"]),
    ) {
        let identity = [named(&own, PolicyKind::Identity)];
        let question = Question {
            action, account: "111122223333", subject: Subject::User { arn: Arn::parse(USER).expect("an ARN") }, ..question
        };
        // A trace reads every statement; a decision only those that the index gives it.
        let (outcome, read) = decided(&identity, None, &question, |decision| {
            let trace = decision.trace();
            let applies = |effect| trace.policies.iter().flat_map(|policy| &policy.statements)
                .any(|one| one.obstacle.is_none() && one.statement.effect() == effect);
            let read = match (applies(Effect::Deny), applies(Effect::Allow)) {
                (true, _) => Outcome::ExplicitDeny,
                (false, true) => Outcome::Allow,
                (false, false) => Outcome::ImplicitDeny,
            };
            (decision.outcome(), read)
        });
        assert_eq!(outcome, read);
    }

    #[test]
    fn the_canonical_form_is_one_text_for_all_that_say_the_same(
        own in statements(true), other in statements(true),
    ) {
        let read = |all: &[Value]| document(all, PolicyKind::Resource);
        let (one, two) = (read(&own), read(&other));
        let again = PolicyDocument::read_stored(&one.to_canonical_json(), PolicyKind::Resource);
        assert_eq!(again.to_canonical_json(), one.to_canonical_json());
        assert!(again.says_the_same(&one));
        let mut reversed = own.clone();
        reversed.reverse();
        assert_eq!(read(&reversed).to_canonical_json(), one.to_canonical_json());
        assert_eq!(one.says_the_same(&two), one.to_canonical_json() == two.to_canonical_json());
    }

    #[test]
    fn an_explanation_explains_the_decision(
        own in statements(false), bucket in statements(true), question in question(),
    ) {
        let resource = named(&bucket, PolicyKind::Resource);
        let identity = [named(&own, PolicyKind::Identity)];
        decided(&identity, Some(&resource), &question, |decision| {
            let why = decision.explanation();
            assert_eq!(why.outcome, decision.outcome());
            assert_eq!(why, decision.trace().summary);
            let blamed = why.statement.is_some();
            assert_eq!(blamed, decision.outcome() != Outcome::ImplicitDeny);
        });
    }

    #[test]
    fn a_further_deny_never_opens_a_door(
        own in statements(false), bucket in statements(true), deny in statement(Some("Deny"), false),
        bucket_deny in statement(Some("Deny"), true), question in question(),
    ) {
        let resource = named(&bucket, PolicyKind::Resource);
        let identity = [named(&own, PolicyKind::Identity)];
        let before = judge(&identity, Some(&resource), &question);
        let more = [identity[0].clone(), named(&[deny], PolicyKind::Identity)];
        let mut denying = bucket;
        denying.push(bucket_deny);
        let denying = named(&denying, PolicyKind::Resource);
        for after in [
            judge(&more, Some(&resource), &question),
            judge(&identity, Some(&denying), &question),
        ] {
            assert!(before == Outcome::Allow || after != Outcome::Allow);
            assert!(before != Outcome::ExplicitDeny || after == Outcome::ExplicitDeny);
        }
    }

    #[test]
    fn a_further_allow_never_shuts_a_door(
        own in statements(false), allow in statement(Some("Allow"), false), question in question(),
    ) {
        let identity = [named(&own, PolicyKind::Identity)];
        let more = [identity[0].clone(), named(&[allow], PolicyKind::Identity)];
        let before = judge(&identity, None, &question);
        let after = judge(&more, None, &question);
        assert!(before != Outcome::Allow || after == Outcome::Allow);
    }

    #[test]
    fn order_never_matters(
        own in statements(false), bucket in statements(true), question in question(),
    ) {
        let resource = named(&bucket, PolicyKind::Resource);
        let one_by_one: Vec<NamedPolicy> =
            own.iter().map(|s| named(std::slice::from_ref(s), PolicyKind::Identity)).collect();
        let expected = judge(&one_by_one, Some(&resource), &question);
        let reversed: Vec<NamedPolicy> = one_by_one.iter().rev().cloned().collect();
        let backwards = |list: &[Value]| list.iter().rev().cloned().collect::<Vec<_>>();
        let together = [named(&backwards(&own), PolicyKind::Identity)];
        let turned = named(&backwards(&bucket), PolicyKind::Resource);
        assert_eq!(judge(&reversed, Some(&turned), &question), expected);
        assert_eq!(judge(&together, Some(&resource), &question), expected);
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_document(own in statements(true)) {
        let document = document(&own, PolicyKind::Resource);
        for text in [document.to_json(), document.to_json_pretty()] {
            assert_eq!(PolicyDocument::parse(&text, PolicyKind::Resource).as_ref(), Ok(&document));
        }
        assert_eq!(document.statements().len(), own.len());
        let allows = document.statements().iter().filter(|s| s.effect() == Effect::Allow).count();
        assert_eq!(own.iter().filter(|s| s["Effect"] == "Allow").count(), allows);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}", kind in kind()) {
        exercise(&text, kind);
    }

    #[test]
    fn no_damaged_document_makes_the_reader_panic(
        own in statements(true), at in 0_usize..400, piece in "[{}\\[\\]\",:$*?\\\\u0-9é]{0,4}",
        kind in kind(),
    ) {
        let mut text = document(&own, PolicyKind::Resource).to_json();
        let at = (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.insert_str(at, &piece);
        exercise(&text, kind);
    }
}

fn kind() -> impl Strategy<Value = PolicyKind> {
    select(vec![PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust, PolicyKind::Session])
}

/// Does everything with a text that can be done with one.
fn exercise(text: &str, kind: PolicyKind) {
    let strict = PolicyDocument::parse(text, kind);
    let stored = PolicyDocument::read_stored(text, kind);
    assert_eq!(strict.is_ok(), stored.faults().is_empty());
    assert_eq!(summary::in_words(&stored).len(), stored.statements().len());
    assert!(stored.to_json().len() <= stored.to_json_pretty().len());
    let _results = testfile::run(text);
    let policy = NamedPolicy { name: "stored".to_owned(), document: Arc::new(stored) };
    let question = Question {
        subject: Subject::User { arn: Arn::parse(USER).expect("an ARN") },
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bkt/key",
        account: "111122223333",
        context: Context::new(),
    };
    let outcome = judge(std::slice::from_ref(&policy), None, &question);
    assert!(outcome != Outcome::Allow || !policy.document.statements().is_empty());
}
