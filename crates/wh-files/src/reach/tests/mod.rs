//! Random estates: what is said of everybody agrees with asking the evaluator for each of them, by each of
//! their grants, for each action and each key of a small world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use wh_ledger::{
    GrantRow, GrantSubject, MembershipRow, PasswordPhc, PersonGroupRow, PersonRow, PersonStatus,
    RowId,
};
use wh_names::{AccountId, Action, Arn, BucketName, KeyPrefix, Partition, RoleName, Uid};
use wh_policy::extent::{Aim, Extent, Span};
use wh_policy::s3::session_policy;
use wh_policy::{
    Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject, evaluate,
};

use super::{
    ActionReach, Census, Laws, REACH_ACTIONS, ReachPlace, WhoQuestion, what_is_reached, who_reaches,
};
use crate::{Encryption, RoleView};

mod links;
mod requests;

const ACCOUNT: &str = "111122223333";
/// Persons whose uids begin alike, and one whose does not.
const UIDS: [&str; 5] = [
    "01abcdefghjkmnpqrstvwxyz00",
    "01abcdefghjkmnpqrstvwxyz01",
    "01abczzzzzzzzzzzzzzzzzzzzz",
    "01zzzzzzzzzzzzzzzzzzzzzzzz",
    "7zzzzzzzzzzzzzzzzzzzzzzzzz",
];
const BUCKETS: [&str; 2] = ["one", "two"];
const PREFIXES: [&str; 7] = [
    "",
    "home/${uid}/",
    "home/",
    "team/",
    "team/a/",
    "team/b/",
    "home/01abcdefghjkmnpqrstvwxyz00/",
];
const RESOURCES: [&str; 18] = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::one",
    "arn:aws:s3:::one/*",
    "arn:aws:s3:::one*",
    "arn:aws:s3:::one/team/*",
    "arn:aws:s3:::one/team/a/*",
    "arn:aws:s3:::one/team/a/x",
    "arn:aws:s3:::one/home/${aws:PrincipalTag/uid}/*",
    "arn:aws:s3:::one/home/01abc*",
    "arn:aws:s3:::one/home/01abcdefghjkmnpqrstvwxyz00/*",
    "arn:aws:s3:::two/*",
    "arn:aws:s3:::two",
    "arn:aws:s3:::one/*/x",
    "arn:aws:s3:::one/home/${aws:SourceIdentity}*",
    // What tells persons apart comes oftener.
    "arn:aws:s3:::one/home/${aws:PrincipalTag/uid}/*",
    "arn:aws:s3:::one/home/01abc*",
    "arn:aws:s3:::one/home/01abcdefghjkmnpqrstvwxyz0*",
];
const ACTIONS: [&str; 10] = [
    "s3:*",
    "s3:*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:List*",
    "s3:*Object",
    "s3:*BucketPolicy",
];
const CONDITIONS: [&str; 12] = [
    "",
    "",
    "",
    r#""StringLike": {"s3:prefix": ["team/*", "home/${aws:PrincipalTag/uid}/*"]}"#,
    r#""StringNotEquals": {"s3:prefix": "team/a/"}"#,
    r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
    r#""NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
    r#""StringLike": {"aws:PrincipalTag/uid": "01*"}"#,
    r#""StringNotEquals": {"aws:SourceIdentity": "01zzzzzzzzzzzzzzzzzzzzzzzz"}"#,
    r#""Bool": {"aws:SecureTransport": "false"}"#,
    r#""DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}"#,
    r#""StringEquals": {"s3:ExistingObjectTag/owner": "${aws:PrincipalTag/uid}"}"#,
];
const PRINCIPALS: [&str; 3] =
    [r#""*""#, r#"{"AWS": "arn:aws:iam::111122223333:role/R0"}"#, r#"{"AWS": "111122223333"}"#];

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("a small number")
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn policy(&mut self, kind: PolicyKind, (most, denials): (usize, usize)) -> NamedPolicy {
        let statements: Vec<String> = (0..=self.below(most)).map(|_| {
            let effect = if self.below(100) < denials { "Deny" } else { "Allow" };
            let (action, resource) = (self.pick(&ACTIONS), self.pick(&RESOURCES));
            let condition = match self.pick(&CONDITIONS) {
                "" => String::new(),
                text => format!(r#", "Condition": {{{text}}}"#),
            };
            let principal = match kind {
                PolicyKind::Resource => format!(r#""Principal": {}, "#, self.pick(&PRINCIPALS)),
                PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Trust => String::new(),
            };
            format!(
                r#"{{{principal}"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}"{condition}}}"#
            )
        }).collect();
        let text =
            format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        let document = PolicyDocument::read_stored(&text, kind);
        NamedPolicy { name: format!("{kind:?}"), document: Arc::new(document) }
    }
}

struct Estate {
    drop_role: RoleName,
    roles: BTreeMap<RoleName, Arc<RoleView>>,
    buckets: BTreeMap<BucketName, NamedPolicy>,
    partition: Partition,
    account: AccountId,
    census: Census,
}

fn at() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("a time")
}

fn uid(text: &str) -> Uid {
    Uid::parse(text).expect("a uid")
}

fn row_id(number: usize) -> RowId {
    RowId::parse(&format!("01arz3ndektsv4rrffq{number:07}")).expect("an id")
}

fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).expect("a bucket")
}

fn person(text: &str, status: PersonStatus) -> PersonRow {
    PersonRow {
        uid: uid(text),
        name: format!("Person {text}"),
        name_key: format!("person {text}"),
        name_look: format!("person {text}"),
        email: None,
        email_key: None,
        email_checked_at: None,
        password_phc: PasswordPhc::none(),
        status,
        created_at: at(),
        approved_at: Some(at()),
    }
}

fn grant(
    number: usize,
    subject: GrantSubject,
    (role, place, prefix): (&str, &str, &str),
) -> GrantRow {
    GrantRow {
        id: row_id(number),
        subject,
        role: RoleName::parse(role).expect("a role"),
        bucket: bucket(place),
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
        title: "Title".to_owned(),
        created_at: at(),
        created_by: None,
        ends_at: None,
    }
}

fn group(number: usize) -> PersonGroupRow {
    let name = format!("group {number}");
    PersonGroupRow {
        id: row_id(100 + number),
        name_key: name.clone(),
        name_look: name.clone(),
        name,
        created_at: at(),
        created_by: None,
    }
}

fn member(number: usize, text: &str) -> MembershipRow {
    MembershipRow {
        group: row_id(100 + number),
        uid: uid(text),
        added_at: at(),
        added_by: None,
        issuer: None,
    }
}

fn role(name: &str, permissions: Vec<NamedPolicy>, boundary: Option<NamedPolicy>) -> RoleView {
    let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/{name}")).expect("an ARN");
    RoleView { arn, permissions, boundary }
}

impl Estate {
    fn random(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let roles = ["R0", "R1", "R2"].map(|name| {
            let permissions = vec![dice.policy(PolicyKind::Identity, (4, 20))];
            let boundary = (dice.below(3) == 0).then(|| dice.policy(PolicyKind::Boundary, (3, 10)));
            (RoleName::parse(name).expect("a role"), Arc::new(role(name, permissions, boundary)))
        });
        let buckets = BUCKETS.map(|name| {
            // Most buckets only deny.
            let denials = if dice.below(3) == 0 { 50 } else { 100 };
            (bucket(name), dice.policy(PolicyKind::Resource, (2, denials)))
        });
        let persons = UIDS.iter().map(|text| {
            let status =
                if dice.below(6) == 0 { PersonStatus::Disabled } else { PersonStatus::Active };
            person(text, status)
        });
        let persons = persons.collect();
        let mut memberships = Vec::new();
        for text in UIDS {
            memberships.extend((0..2).filter(|_| dice.below(3) == 0).map(|n| member(n, text)));
        }
        let grants = (0..5).map(|number| {
            let subject = match dice.below(3) {
                0 => GrantSubject::Person(uid(dice.pick(&UIDS))),
                1 => GrantSubject::Group(row_id(100 + dice.below(2))),
                _ => GrantSubject::Everyone,
            };
            let place = if dice.below(5) == 0 { "two" } else { "one" };
            let what = (dice.pick(&["R0", "R1", "R2"]), place, dice.pick(&PREFIXES));
            let mut grant = grant(number, subject, what);
            if dice.below(8) == 0 {
                grant.ends_at = Some("2026-05-01T00:00:00Z".parse().expect("a time"));
            }
            grant
        });
        let grants = grants.collect();
        let census = Census {
            persons,
            groups: vec![group(0), group(1)],
            memberships,
            grants,
            machines: Vec::new(),
            links: Vec::new(),
            requests: Vec::new(),
            at: at(),
        };
        Self {
            drop_role: RoleName::parse("R2").expect("a role"),
            roles: roles.into(),
            buckets: buckets.into(),
            partition: Partition::parse("aws").expect("a partition"),
            account: AccountId::parse(ACCOUNT).expect("an account"),
            census,
        }
    }

    fn laws(&self) -> Laws<'_> {
        Laws {
            roles: self.roles.clone(),
            drop_role: &self.drop_role,
            bucket_policies: &self.buckets,
            encryption: Encryption::StoresOwn,
            scanning: false,
            partition: &self.partition,
            account: &self.account,
        }
    }

    /// Whether one request is allowed, by the evaluator alone.
    fn allows(
        &self,
        who: &Asker<'_>,
        (action, aim): (&str, Aim),
        (place, text): (&str, &str),
    ) -> bool {
        let mut context = Context::new();
        if let Some((_, uid)) = who.grant {
            context.set("aws:PrincipalTag/uid", uid.as_str());
            context.set("aws:SourceIdentity", uid.as_str());
        }
        context.set("aws:CurrentTime", at().to_string());
        context.set("aws:EpochTime", at().as_second().to_string());
        context.set("aws:SecureTransport", "true");
        let arn = |text: String| Arn::parse(&text).expect("an ARN");
        let resource = match aim {
            Aim::Objects => arn(format!("arn:aws:s3:::{place}/{text}")),
            Aim::Listing | Aim::Bucket => arn(format!("arn:aws:s3:::{place}")),
        };
        if aim == Aim::Listing {
            context.set("s3:prefix", text);
            context.set("s3:delimiter", "/");
        }
        let session = who.grant.map(|(grant, _)| {
            let document = session_policy(&self.partition, &grant.bucket, &grant.prefix);
            [NamedPolicy { name: "grant".to_owned(), document: Arc::new(document) }]
        });
        let role = who.role.map(|role| &self.roles[role]);
        let subject = match who.role {
            None => Subject::Anonymous,
            Some(name) => Subject::RoleSession {
                role_arn: self.roles[name].arn.clone(),
                session_arn: arn(format!(
                    "arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{}",
                    who.grant.map_or("reach".to_owned(), |(_, uid)| format!("u-{uid}-reach"))
                )),
            },
        };
        let policies = PolicySet {
            identity: role.map_or(&[], |role| &role.permissions),
            resource: self.buckets.get(&bucket(place)),
            boundary: role.and_then(|role| role.boundary.as_ref()),
            session: session.as_ref().map(<[NamedPolicy; 1]>::as_slice),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &subject,
            action: &Action::parse(action).expect("an action"),
            resource: &resource,
            resource_account: &self.account,
            context: &context,
        };
        evaluate(&policies, &request).allowed()
    }

    /// The grants of somebody, found the slow way.
    fn held(&self, person: &PersonRow) -> Vec<GrantRow> {
        let inside = |id: &RowId| {
            self.census.memberships.iter().any(|one| one.group == *id && one.uid == person.uid)
        };
        let counts = self.census.grants.iter().filter(|grant| grant.counts_at(at()));
        let held = counts.filter(|grant| match &grant.subject {
            GrantSubject::Person(uid) => *uid == person.uid,
            GrantSubject::Group(id) => inside(id),
            GrantSubject::Everyone => true,
        });
        held.filter_map(|grant| grant.clone().as_held_by(&person.uid)).collect()
    }
}

#[derive(Clone, Copy)]
struct Asker<'a> {
    role: Option<&'a RoleName>,
    grant: Option<(&'a GrantRow, &'a Uid)>,
}

/// Keys of which some are of every kind that the patterns above tell apart.
fn keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        "q",
        "x",
        "home/q",
        "home/x",
        "home/01abcq",
        "home/01abcdefghjkmnpqrstvwxyz0q",
        "home/01abcdefghjkmnpqrstvwxyz0q/x",
        "home/01abcq/x",
        "home/01q",
        "team/q",
        "team/x",
        "team/a/q",
        "team/a/x",
        "team/b/q",
        "team/b/x",
        "team/c/x",
        "home/q/x",
    ]
    .map(str::to_owned)
    .to_vec();
    for uid in UIDS {
        keys.extend([format!("home/{uid}"), format!("home/{uid}q"), format!("home/{uid}q/x")]);
        keys.extend([format!("home/{uid}/q"), format!("home/{uid}/x"), format!("home/{uid}/q/x")]);
    }
    keys
}

/// Beginnings that listings may ask for.
fn beginnings() -> Vec<String> {
    let mut all: Vec<String> = [
        "", "q", "home/", "home/q", "team/", "team/q", "team/a/", "team/a/q", "team/b/", "team/b/q",
    ]
    .map(str::to_owned)
    .to_vec();
    for uid in UIDS {
        all.extend([format!("home/{uid}/"), format!("home/{uid}/q"), format!("home/{uid}q")]);
    }
    all
}

fn texts(aim: Aim, span: &Span) -> Vec<String> {
    match (aim, span) {
        (Aim::Objects, Span::Key(key)) => vec![key.clone()],
        (Aim::Objects, Span::Under(under)) => {
            keys().into_iter().filter(|key| key.starts_with(under.as_str())).collect()
        }
        (Aim::Listing, Span::Key(key)) => {
            vec![key.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"))]
        }
        (Aim::Listing, Span::Under(under)) => {
            beginnings().into_iter().filter(|text| text.starts_with(under.as_str())).collect()
        }
        (Aim::Bucket, Span::Under(under)) if under.is_empty() => vec![String::new()],
        (Aim::Bucket, _) => Vec::new(),
    }
}

/// Compares how far something is said to reach with what is allowed text by text; how often.
#[track_caller]
fn compare(extent: Extent, allowed: &[bool], about: &str) -> usize {
    let (some, all) = (allowed.iter().any(|it| *it), allowed.iter().all(|it| *it));
    match extent {
        Extent::Everywhere => assert!(all, "everywhere? {about}: {allowed:?}"),
        Extent::Part => assert!(some, "in parts? {about}: {allowed:?}"),
        Extent::Nowhere | Extent::Conditionally | Extent::Unknown => {
            assert!(!some, "{extent:?}? {about}: {allowed:?}");
        }
    }
    allowed.len()
}

fn extent_of(reaches: &[ActionReach], action: &str) -> Extent {
    reaches.iter().find(|one| one.action == action).map_or(Extent::Nowhere, |one| one.extent)
}

fn compare_who(estate: &Estate, place: &ReachPlace) -> usize {
    let question = WhoQuestion {
        place: place.clone(),
        named: String::new(),
        from: 0,
        persons_max: usize::MAX,
    };
    let who = who_reaches(&estate.laws(), &estate.census, &question);
    let name = place.bucket.as_str();
    let mut compared = 0;
    for (action, aim) in REACH_ACTIONS {
        let texts = texts(aim, &place.span);
        let about = |who: &str| format!("{who}, {action} at {name}/{}", place.text());
        let mut count = 0;
        for person in &estate.census.persons {
            let held = estate.held(person);
            let by = |text: &String, grant: &GrantRow| {
                let asker = Asker { role: Some(&grant.role), grant: Some((grant, &person.uid)) };
                estate.allows(&asker, (action, aim), (name, text))
            };
            let active = person.status == PersonStatus::Active;
            let allowed: Vec<bool> = texts
                .iter()
                .map(|text| active && held.iter().any(|grant| by(text, grant)))
                .collect();
            let told = who.persons.iter().find(|one| one.uid == person.uid);
            let told = told.and_then(|one| one.actions.iter().find(|(name, _)| *name == action));
            let told = told.map_or(Extent::Nowhere, |(_, extent)| *extent);
            compared += held.len().max(1) * compare(told, &allowed, &about(person.uid.as_str()));
            count += usize::from(told.any());
        }
        let total = who.totals.iter().find(|(name, _)| *name == action).map(|(_, total)| *total);
        assert_eq!(total, Some(count), "{}", about("how many"));
        let roles = estate.roles.keys().map(Some).chain([None]);
        for role in roles {
            let asker = Asker { role, grant: None };
            let allowed: Vec<bool> = texts
                .iter()
                .map(|text| estate.allows(&asker, (action, aim), (name, text)))
                .collect();
            let told = match role {
                None => extent_of(&who.strangers, action),
                Some(role) => who
                    .roles
                    .iter()
                    .find(|one| one.role == *role)
                    .map_or(Extent::Nowhere, |one| extent_of(&one.reaches, action)),
            };
            compared +=
                compare(told, &allowed, &about(role.map_or("a stranger", RoleName::as_str)));
        }
    }
    compared
}

/// Whether what is told of a person's places says that a text is reached.
fn is_told(reaches: &[ActionReach], action: &str, text: &str, within: bool) -> bool {
    reaches.iter().filter(|one| one.action == action && one.extent.any()).any(|reach| {
        if reach.parts.is_empty() {
            return within;
        }
        let sorted = |parts: &[super::ReachPart]| {
            let holding = parts.iter().filter(|part| part.holds(text));
            holding.map(|part| (part.text.len(), part.exact)).max()
        };
        sorted(&reach.parts) > sorted(&reach.except)
    })
}

fn compare_what(estate: &Estate, person: &PersonRow) -> usize {
    let what = what_is_reached(&estate.laws(), &estate.census, &person.uid).expect("somebody");
    let held = estate.held(person);
    let mut compared = 0;
    for (place, (action, aim)) in
        BUCKETS.iter().flat_map(|place| REACH_ACTIONS.iter().map(move |it| (*place, *it)))
    {
        let all = Span::Under(String::new());
        for text in texts(aim, &all) {
            let by = |grant: &GrantRow| {
                let asker = Asker { role: Some(&grant.role), grant: Some((grant, &person.uid)) };
                estate.allows(&asker, (action, aim), (place, &text))
            };
            let stranger = Asker { role: None, grant: None };
            let allowed =
                held.iter().any(by) || estate.allows(&stranger, (action, aim), (place, &text));
            let here = what.places.iter().filter(|one| one.bucket.as_str() == place);
            let told = here
                .flat_map(|one| one.ways.iter().map(move |way| (one, way)))
                .any(|(one, way)| is_told(&way.reaches, action, &text, one.part.holds(&text)));
            // What is proved of all keys at once names no parts.
            let ways = what.places.iter().flat_map(|one| &one.ways);
            let mut reaches = ways.flat_map(|way| &way.reaches);
            let proved = reaches.any(|it| it.extent == Extent::Part && it.parts.is_empty());
            if !proved {
                assert_eq!(told, allowed, "{}: {action} of {place}/{text}", person.uid);
            }
            compared += held.len() + 1;
        }
    }
    compared
}

/// The places that are asked about.
fn places() -> Vec<ReachPlace> {
    let home = format!("home/{}/", UIDS[0]);
    let texts = ["", "home/", "team/", "team/a/", "team/a/x", "team/q", "x", "home/01abcq", &home];
    let own = format!("{home}q");
    let texts = texts.into_iter().chain([own.as_str()]);
    let of_one = texts.map(|text| ReachPlace::parse(bucket("one"), text).expect("a place"));
    let of_two = ReachPlace::parse(bucket("two"), "").expect("a place");
    of_one.chain([of_two]).collect()
}

/// How many estates: the slice of every test run, or what `cargo xtask fuzz who` asks for.
#[expect(clippy::disallowed_methods, reason = "a test is not configured otherwise")]
fn estates() -> u64 {
    std::env::var("WELLHOUSE_ESTATES").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

#[test]
fn what_is_said_of_everybody_agrees_with_asking_for_each() {
    let mut compared = 0;
    for seed in 0..estates() {
        let estate = Estate::random(seed);
        for place in places() {
            compared += compare_who(&estate, &place);
        }
        for person in &estate.census.persons {
            compared += compare_what(&estate, person);
        }
    }
    eprintln!("{compared} comparisons over {} estates, none differing", estates());
    assert!(compared > 100_000, "{compared}");
}

/// A house of so many: homes, teams of ten, and grants of every sort.
fn large(persons: usize, grants: usize) -> Estate {
    let mut estate = Estate::random(0);
    let text = |number: usize| format!("01arz3ndektsv4rrffq{number:07}");
    let policy = |text: &str| NamedPolicy {
        name: "own".to_owned(),
        document: Arc::new(PolicyDocument::read_stored(text, PolicyKind::Identity)),
    };
    let allow = |actions: &str| {
        policy(&format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions},
                "Resource": ["arn:aws:s3:::one", "arn:aws:s3:::one/*"]}}]}}"#
        ))
    };
    let roles =
        [("R0", r#""s3:*""#), ("R1", r#"["s3:Get*", "s3:List*"]"#), ("R2", r#""s3:PutObject""#)];
    estate.roles = roles
        .map(|(name, actions)| {
            (
                RoleName::parse(name).expect("a role"),
                Arc::new(role(name, vec![allow(actions)], None)),
            )
        })
        .into();
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::one/*",
        "Condition": {"NumericGreaterThan": {"s3:signatureAge": "900000"}}}]}"#;
    let document = Arc::new(PolicyDocument::read_stored(deny, PolicyKind::Resource));
    estate.buckets =
        [(bucket("one"), NamedPolicy { name: "bucket policy".to_owned(), document })].into();
    let census = &mut estate.census;
    census.persons = (0..persons).map(|n| person(&text(n), PersonStatus::Active)).collect();
    census.groups = (0..100).map(group).collect();
    census.memberships =
        (0..persons).flat_map(|n| [member(n % 100, &text(n)), member(n % 7, &text(n))]).collect();
    census.grants = (0..grants)
        .map(|number| {
            let prefix = format!("team/{number}/");
            let role = ["R0", "R1", "R2"][number % 3];
            let (subject, prefix) = match number % 10 {
                _ if number == 0 => (GrantSubject::Everyone, "home/${uid}/"),
                _ if number == 1 => (GrantSubject::Everyone, "shared/"),
                0..=5 => (GrantSubject::Person(uid(&text(number * 7 % persons))), prefix.as_str()),
                _ => (GrantSubject::Group(row_id(100 + number % 100)), prefix.as_str()),
            };
            grant(number, subject, (role, "one", prefix))
        })
        .collect();
    estate
}

#[test]
fn what_everybody_was_given_by_name_is_told_as_one() {
    let mut estate = large(10_000, 0);
    let census = &mut estate.census;
    let uids: Vec<Uid> = census.persons.iter().map(|row| row.uid.clone()).collect();
    for (number, uid) in uids.into_iter().enumerate() {
        let (own, home) = (GrantSubject::Person(uid.clone()), format!("home/{uid}/"));
        census.grants.push(grant(2 * number, own.clone(), ("R1", "one", "shared/")));
        census.grants.push(grant(2 * number + 1, own, ("R0", "one", &home)));
    }
    for (text, prefixes) in [("", vec!["shared/", "home/${uid}/"]), ("shared/a", vec!["shared/"])] {
        let place = ReachPlace::parse(bucket("one"), text).expect("a place");
        let question = WhoQuestion { place, named: String::new(), from: 0, persons_max: 100 };
        let began = Instant::now();
        let who = who_reaches(&estate.laws(), &estate.census, &question);
        eprintln!(
            "`{text}`: {} grants of 20,000 as {}, {:?}",
            who.persons_total,
            who.grants.len(),
            began.elapsed()
        );
        let told: Vec<&str> = who.grants.iter().map(|one| one.grant.prefix.as_str()).collect();
        assert_eq!((told, who.persons_total), (prefixes, 10_000));
        assert!(who.grants.iter().all(|one| (one.grants, one.persons) == (10_000, 10_000)));
        let first = who.persons.first().expect("a person");
        assert!(first.by.iter().all(|id| who.grants.iter().any(|one| one.grant.id == *id)));
    }
}

#[test]
fn ten_thousand_persons_with_a_thousand_grants_are_a_few_classes() {
    let estate = large(10_000, 1_000);
    for text in ["", "home/", "shared/", "shared/a.txt", "team/17/a.txt", "team/"] {
        let place = ReachPlace::parse(bucket("one"), text).expect("a place");
        let question = WhoQuestion { place, named: String::new(), from: 0, persons_max: 100 };
        let began = Instant::now();
        let who = who_reaches(&estate.laws(), &estate.census, &question);
        let took = began.elapsed();
        eprintln!(
            "`{text}`: {} of 10,000 persons by {} of 1,000 grants, {} classes, {took:?}",
            who.persons_total,
            who.grants.len(),
            who.classes
        );
        assert!(who.classes <= 12, "{} classes", who.classes);
    }
    let home = ReachPlace::parse(bucket("one"), "home/").expect("a place");
    let question = WhoQuestion { place: home, named: String::new(), from: 0, persons_max: 1 };
    let who = who_reaches(&estate.laws(), &estate.census, &question);
    assert_eq!((who.persons_total, who.persons.len(), who.grants.len()), (10_000, 1, 1));
    assert_eq!(who.grants[0].persons, 10_000);
}
