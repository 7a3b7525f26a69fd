//! Random policies, and every key of a small world: what is said of a kind holds for each of its keys.

use std::sync::Arc;

use proptest::prelude::*;
use wh_names::{AccountId, Action, Arn};

use super::{Aim, Asking, Extent, Reach, Span, Survey};
use crate::{
    Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject, evaluate,
};

const UID: &str = "01abcdefghjkmnpqrstvwxyz00";
const ACCOUNT: &str = "111122223333";
const PATTERNS: [&str; 14] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/a/*",
    "arn:aws:s3:::b/a/b/*",
    "arn:aws:s3:::b/a/x",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/a/${aws:PrincipalTag/uid}/*",
    "arn:*:s3:::b/a/b*",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::b/a/*/x",
    "arn:aws:s3:::b/a/??",
    "arn:aws:s3:::b/${s3:x}/*",
];
const CONDITIONS: [&str; 9] = [
    "",
    "",
    r#""StringLike": {"s3:prefix": ["a/*", "a/"]}"#,
    r#""StringNotLike": {"s3:prefix": "a/b/*"}"#,
    r#""StringEquals": {"s3:prefix": "a/${aws:PrincipalTag/uid}/"}"#,
    r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
    r#""NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
    r#""Bool": {"aws:SecureTransport": "false"}"#,
    r#""StringEquals": {"aws:PrincipalTag/uid": "01abcdefghjkmnpqrstvwxyz00"}"#,
];
const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:*", "s3:ListBucket", "s3:Put*"];
const SPANS: [&str; 6] = ["", "a/", "a/b/", "a/01abcdefghjkmnpqrstvwxyz00/", "c/", "a/b"];

fn statement() -> impl Strategy<Value = String> {
    let parts = (0..4_usize, 0..ACTIONS.len(), 0..PATTERNS.len(), 0..CONDITIONS.len());
    parts.prop_map(|(effect, action, pattern, condition)| {
        let effect = if effect == 0 { "Deny" } else { "Allow" };
        let condition = match CONDITIONS[condition] {
            "" => String::new(),
            text => format!(r#", "Condition": {{{text}}}"#),
        };
        let (action, pattern) = (ACTIONS[action], PATTERNS[pattern]);
        format!(
            r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{pattern}"{condition}}}"#
        )
    })
}

fn policy(statements: &[String], kind: PolicyKind) -> NamedPolicy {
    let statements = match kind {
        PolicyKind::Resource => statements
            .iter()
            .map(|one| one.replacen('{', r#"{"Principal": "*", "#, 1))
            .collect::<Vec<_>>()
            .join(","),
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Trust => statements.join(","),
    };
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    NamedPolicy { name: "own".into(), document: Arc::new(PolicyDocument::read_stored(&text, kind)) }
}

/// Every key of up to three segments, some that patterns name, and the person's.
fn keys() -> Vec<String> {
    let parts = ["a", "b", "x", "ab", "c", UID];
    let mut keys: Vec<String> = parts.map(str::to_owned).to_vec();
    for one in parts {
        keys.push(format!("{one}/"));
        for two in parts {
            keys.push(format!("{one}/{two}"));
            keys.push(format!("{one}/{two}/"));
            keys.extend(parts.iter().map(|three| format!("{one}/{two}/{three}")));
        }
    }
    keys
}

struct World {
    identity: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    resource: Option<NamedPolicy>,
    subject: Subject,
    account: AccountId,
    bucket: Arn,
    known: Context,
}

impl World {
    fn new(identity: &[String], boundary: &[String], resource: &[String]) -> Self {
        let arn = |text: &str| Arn::parse(text).expect("an ARN");
        let mut known = Context::new();
        known.set("aws:PrincipalTag/uid", UID);
        known.set("aws:SecureTransport", "true");
        let some = |statements: &[String], kind| {
            (!statements.is_empty()).then(|| policy(statements, kind))
        };
        Self {
            identity: vec![policy(identity, PolicyKind::Identity)],
            boundary: some(boundary, PolicyKind::Boundary),
            resource: some(resource, PolicyKind::Resource),
            subject: Subject::RoleSession {
                role_arn: arn(&format!("arn:aws:iam::{ACCOUNT}:role/R")),
                session_arn: arn(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/s")),
            },
            account: AccountId::parse(ACCOUNT).expect("an account"),
            bucket: arn("arn:aws:s3:::b"),
            known,
        }
    }

    fn policies(&self) -> PolicySet<'_> {
        PolicySet {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            resource: self.resource.as_ref(),
            ..PolicySet::default()
        }
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            policies: self.policies(),
            subject: &self.subject,
            account: &self.account,
            bucket: &self.bucket,
            known: &self.known,
            absent: &["aws:PrincipalTag/*"],
        }
    }

    fn allows(&self, action: &Action, aim: Aim, text: &str, address: Option<&str>) -> bool {
        let mut context = self.known.clone();
        if let Some(address) = address {
            context.set("aws:SourceIp", address);
        }
        let resource = match aim {
            Aim::Objects => Arn::parse(&format!("arn:aws:s3:::b/{text}")).expect("an ARN"),
            Aim::Listing | Aim::Bucket => self.bucket.clone(),
        };
        if aim == Aim::Listing {
            context.set("s3:prefix", text);
            context.set("s3:delimiter", "/");
        }
        let request = Request {
            subject: &self.subject,
            action,
            resource: &resource,
            resource_account: &self.account,
            context: &context,
        };
        evaluate(&self.policies(), &request).allowed()
    }
}

/// The kind that a key is of, among those of a survey.
fn kind_of(survey: &Survey<'_>, aim: Aim, key: &str) -> usize {
    let spots = survey.spots(aim).iter().enumerate();
    let fits = |exact: bool, text: &str| if exact { key == text } else { key.starts_with(text) };
    let all = spots.filter(|(_, spot)| fits(spot.exact, &spot.text));
    all.max_by_key(|(_, spot)| (spot.exact, spot.text.len())).expect("a kind").0
}

fn agrees(world: &World, span: &Span, action: &str, aim: Aim) {
    let action = Action::parse(action).expect("an action");
    let asking = world.asking();
    let survey = Survey::of(asking, span);
    let reach: Reach = survey.reach(&action, aim);
    let under = match span {
        Span::Key(text) | Span::Under(text) => text.as_str(),
    };
    let within = |key: &String| match span {
        Span::Key(text) => key == text,
        Span::Under(text) => key.starts_with(text.as_str()),
    };
    let told = |key: &str| match reach.extent {
        Extent::Everywhere => Some(true),
        Extent::Nowhere | Extent::Conditionally => Some(false),
        Extent::Part if !reach.spots.is_empty() => {
            Some(reach.spots.contains(&kind_of(&survey, aim, key)))
        }
        Extent::Part | Extent::Unknown => None,
    };
    for key in keys().iter().filter(|key| within(key)) {
        let text = match (aim, span) {
            (Aim::Listing, Span::Key(_)) => key.rsplit_once('/').map_or("", |(up, _)| up),
            _ => key.as_str(),
        };
        let text = if matches!((aim, span), (Aim::Listing, Span::Key(_))) && !text.is_empty() {
            format!("{text}/")
        } else {
            text.to_owned()
        };
        let allowed = world.allows(&action, aim, &text, None);
        if let Some(told) = told(key) {
            assert_eq!(allowed, told, "{action:?} on {key} in {under}: {reach:?}");
        }
        if reach.extent == Extent::Nowhere {
            for address in ["10.1.2.3", "192.0.2.1"] {
                assert!(!world.allows(&action, aim, &text, Some(address)), "{key} from {address}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_said_of_a_part_holds_for_every_key_in_it(
        identity in proptest::collection::vec(statement(), 1..6),
        boundary in proptest::collection::vec(statement(), 0..3),
        resource in proptest::collection::vec(statement(), 0..3),
    ) {
        let world = World::new(&identity, &boundary, &resource);
        for text in SPANS {
            let span = if text.is_empty() || text.ends_with('/') {
                Span::Under(text.to_owned())
            } else {
                Span::Key(text.to_owned())
            };
            agrees(&world, &span, "s3:GetObject", Aim::Objects);
            agrees(&world, &span, "s3:PutObject", Aim::Objects);
            agrees(&world, &span, "s3:ListBucket", Aim::Listing);
        }
    }
}

/// How far `s3:GetObject` reaches under `a/`, by policies of one statement.
#[track_caller]
fn check(statement: &str, expected: Extent, wanting: &[&str]) {
    let world = World::new(&[statement.to_owned()], &[], &[]);
    let span = Span::Under("a/".to_owned());
    let action = Action::parse("s3:GetObject").expect("an action");
    let reach = Survey::of(world.asking(), &span).reach(&action, Aim::Objects);
    assert_eq!(
        (reach.extent, reach.wanting.as_slice()),
        (expected, &wanting.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..])
    );
}

#[test]
fn how_far_is_told_as_it_is() {
    let allow = |resource: &str, more: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "s3:Get*", "Resource": "{resource}"{more}}}"#)
    };
    check(&allow("arn:aws:s3:::b/*", ""), Extent::Everywhere, &[]);
    check(&allow("arn:aws:s3:::b/a/b/*", ""), Extent::Part, &[]);
    check(&allow("arn:aws:s3:::b/a/*/x", ""), Extent::Part, &[]);
    check(&allow("arn:aws:s3:::b/a/*?", ""), Extent::Part, &[]);
    check(&allow("arn:aws:s3:::b/c/*", ""), Extent::Nowhere, &[]);
    let office = r#", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    check(&allow("arn:aws:s3:::b/*", office), Extent::Conditionally, &["aws:sourceip"]);
    check(&allow("arn:aws:s3:::b/a/*/x", office), Extent::Conditionally, &["aws:sourceip"]);
    let plain = r#", "Condition": {"Bool": {"aws:SecureTransport": "false"}}"#;
    check(&allow("arn:aws:s3:::b/*", plain), Extent::Nowhere, &[]);
}

#[test]
fn those_who_are_told_apart_by_nothing_are_of_one_class() {
    let class = |uid: &str, pattern: &str| {
        let resource = format!("arn:aws:s3:::b/{pattern}");
        let statement =
            format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": "{resource}"}}"#);
        let mut world = World::new(&[statement], &[], &[]);
        world.known.set("aws:PrincipalTag/uid", uid);
        let span = Span::Under(format!("home/{uid}/"));
        Survey::of(world.asking(), &span).class(&["aws:principaltag/"])
    };
    let other = "01zzzzzzzzzzzzzzzzzzzzzzzz";
    for pattern in ["*", "home/*", "home/${aws:PrincipalTag/uid}/*", "team/*"] {
        assert_eq!(class(UID, pattern), class(other, pattern), "{pattern}");
    }
    for pattern in ["home/01abc*", "home/01zz*", "home/*/x"] {
        assert_ne!(class(UID, pattern), class(other, pattern), "{pattern}");
    }
}
