//! `fuzz changes`: change sets against enumeration, on random estates.
//!
//! An estate has a bucket, a few roles and a few persons with grants. A role or a grant is changed at
//! random. The change set says which actions each person gains and loses; then every request of a universe
//! is put to the engine for each person, by each of their ways, before and after. Both must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use wh_names::{
    AccountId, Action, Arn, BucketName, KeyPrefix, Partition, RoleName, RoleSessionName,
};
use wh_policy::analysis::Access;
use wh_policy::changes::{Beyond, Way, beyond, tells_apart};
use wh_policy::s3::session_policy;
use wh_policy::{
    Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject, evaluate,
};

use crate::dice::Dice;

const ACCOUNT: &str = "111122223333";
const BUCKET: &str = "files";
const UIDS: [&str; 3] =
    ["01aaaaaaaaaaaaaaaaaaaaaaaa", "01bbbbbbbbbbbbbbbbbbbbbbbb", "01aaaaaaaaaaaaaaaaaaaaaaab"];
const ROLES: [&str; 3] = ["Reads", "Works", "Drops"];
const PREFIXES: [&str; 4] = ["", "shared/", "home/${uid}/", "team/"];
const ACTIONS: [&str; 12] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectTagging",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:GetBucketLocation",
    "s3:AbortMultipartUpload",
];
const PATTERNS: [&str; 8] = [
    "s3:*",
    "s3:Get*",
    "s3:*Object",
    "s3:PutObject",
    "s3:GetObject",
    "s3:List*",
    "s3:DeleteObject*",
    "s3:PutBucketPolicy",
];
const RESOURCES: [&str; 10] = [
    "*",
    "arn:aws:s3:::files",
    "arn:aws:s3:::files/*",
    "arn:aws:s3:::files/shared/*",
    "arn:aws:s3:::files/home/*",
    "arn:aws:s3:::files/home/${aws:PrincipalTag/uid}/*",
    "arn:aws:s3:::files/shared/a",
    "arn:aws:s3:::files/*.pdf",
    "arn:aws:s3:::files/home/01a*",
    "arn:aws:s3:::files/t?am/*",
];
/// How many of them, from the first, look into nobody's uid.
const RESOURCES_BLIND: usize = 7;
const KEYS: [&str; 24] = [
    "shared/a",
    "shared/ab",
    "shared/b.pdf",
    "shared/",
    "shared/deep/er/a",
    "team/x",
    "team/x.pdf",
    "team/",
    "tram/x",
    "x",
    "x.pdf",
    "home/01aaaaaaaaaaaaaaaaaaaaaaaa/n",
    "home/01aaaaaaaaaaaaaaaaaaaaaaaa/n.pdf",
    "home/01aaaaaaaaaaaaaaaaaaaaaaaa/",
    "home/01bbbbbbbbbbbbbbbbbbbbbbbb/n",
    "home/01bbbbbbbbbbbbbbbbbbbbbbbb/n.pdf",
    "home/01aaaaaaaaaaaaaaaaaaaaaaab/n",
    "home/01aaaaaaaaaaaaaaaaaaaaaaab/",
    "home/01a",
    "home/",
    "homes/n",
    "01aaaaaaaaaaaaaaaaaaaaaaaa/n",
    "other/y",
    "other/y.pdf",
];

/// What came of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Estates and changes of them.
    pub changes: u64,
    /// Decisions that were held against what a change set says.
    pub comparisons: u64,
    /// Differences that change sets show.
    pub differences: u64,
    /// Persons of whom something was not known.
    pub unknown: u64,
    /// Changes in which persons with the same grants are taken to be alike.
    pub blind: u64,
    /// Persons in them who have the same grants as one before, and were compared with that one.
    pub alike: u64,
    /// Where both do not agree, in words.
    pub failures: Vec<String>,
}

/// Whom the policies of an estate may tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// They are made of what is the same for all.
    Nobody,
    /// Also of what looks into a uid.
    Persons,
}

struct Estate {
    apart: Apart,
    roles: BTreeMap<&'static str, NamedPolicy>,
    boundary: NamedPolicy,
    bucket: NamedPolicy,
    /// For each person, roles and prefixes.
    grants: Vec<Grants>,
}

/// A way with all that it needs.
struct Held {
    subject: Subject,
    identity: [NamedPolicy; 1],
    session: [NamedPolicy; 1],
    known: Context,
}

/// Runs changes until so many comparisons are made.
pub fn run(seed: u64, comparisons: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    let universes: Vec<Universe> = (0..UIDS.len()).map(universe).collect::<Result<_>>()?;
    let mut number = 0;
    while tally.comparisons < comparisons && tally.failures.is_empty() {
        one(&mut Dice::seeded(seed, number), &universes, &mut tally)
            .with_context(|| format!("change {number} of seed {seed}"))?;
        tally.changes += 1;
        number += 1;
    }
    Ok(tally)
}

/// Roles and prefixes.
type Grants = Vec<(&'static str, &'static str)>;

/// Every request that is put, with what is known of a person.
type Universe = Vec<(Action, Arn, Context)>;

/// The actions that somebody gains, and those that they lose.
type Told = [BTreeSet<String>; 2];

fn one(dice: &mut Dice<'_>, universes: &[Universe], tally: &mut Tally) -> Result<()> {
    let apart = if dice.chance(50) { Apart::Nobody } else { Apart::Persons };
    let before = estate(dice, apart);
    let after = changed(dice, &before);
    let mut told: BTreeMap<Grants, (usize, Told)> = BTreeMap::new();
    let blind = !tells_apart(&documents(&before, &after), &PREFIXES);
    tally.blind += u64::from(blind);
    for (person, universe) in universes.iter().enumerate() {
        let (old, new) = (ways(&before, person)?, ways(&after, person)?);
        let actions = hold((person, universe), [(&before, &old), (&after, &new)], tally)?;
        let mut likeness = before.grants.get(person).cloned().unwrap_or_default();
        likeness.extend(after.grants.get(person).cloned().unwrap_or_default());
        let earlier = told.entry(likeness).or_insert_with(|| (person, actions.clone()));
        tally.alike += u64::from(blind && earlier.0 != person);
        if blind && earlier.1 != actions {
            let other = earlier.0;
            tally.failures.push(format!("persons {other} and {person} are not alike: {actions:?}"));
        }
    }
    Ok(())
}

fn documents(before: &Estate, after: &Estate) -> Vec<Arc<PolicyDocument>> {
    let of = |estate: &Estate| {
        let all = estate.roles.values().chain([&estate.boundary, &estate.bucket]);
        all.map(|policy| Arc::clone(&policy.document)).collect::<Vec<_>>()
    };
    [of(before), of(after)].concat()
}

/// Holds what is said of a person against enumeration; the actions gained and lost come back.
fn hold(
    (person, universe): (usize, &Universe),
    [(before, old), (after, new)]: [(&Estate, &[Held]); 2],
    tally: &mut Tally,
) -> Result<Told> {
    let (account, partition) = (AccountId::parse(ACCOUNT)?, Partition::parse("aws")?);
    let bucket = BucketName::parse(BUCKET)?;
    let was: Vec<Way<'_>> = old.iter().map(|one| one.way(before, &bucket, &account)).collect();
    let is: Vec<Way<'_>> = new.iter().map(|one| one.way(after, &bucket, &account)).collect();
    let by: (&Partition, &dyn Fn() -> bool) = (&partition, &|| true);
    let (gained, lost) = (beyond(&is, &was, by), beyond(&was, &is, by));
    tally.unknown += u64::from(!gained.unknown.is_empty() || !lost.unknown.is_empty());
    for (found, ways, others) in [(&gained, &is, &was), (&lost, &was, &is)] {
        for one in &found.differences {
            tally.differences += 1;
            let (action, resource) = (&one.witness.action, &one.witness.resource);
            let (here, there) = (
                allowed(ways, (action, resource, &one.witness.context)),
                allowed(others, (action, resource, &one.witness.context)),
            );
            if !here || there {
                tally.failures.push(format!("the witness shows nothing: {:?}", one.witness));
            }
        }
    }
    for (action, resource, context) in universe {
        let request = (action, resource, context);
        let (now, then) = (allowed(&is, request), allowed(&was, request));
        for (found, differs) in [(&gained, now && !then), (&lost, then && !now)] {
            tally.comparisons += 1;
            if differs && !says(found, action) {
                tally.failures.push(format!(
                    "person {person}: {} on {resource} with {context:?} differs and is not told\n{}",
                    action.as_str(),
                    in_words(before, after, person)
                ));
            }
        }
    }
    Ok([&gained, &lost].map(|found| found.differences.iter().map(|d| d.action.clone()).collect()))
}

fn in_words(before: &Estate, after: &Estate, person: usize) -> String {
    let of = |estate: &Estate| {
        let roles =
            estate.roles.iter().map(|(name, one)| format!("{name} {}", one.document.to_json()));
        let roles: Vec<String> = roles.collect();
        format!(
            "{}\nbucket {}\n{:?}",
            roles.join("\n"),
            estate.bucket.document.to_json(),
            estate.grants.get(person)
        )
    };
    format!("before\n{}\nafter\n{}", of(before), of(after))
}

/// Whether an action is told of, or said to be not known.
fn says(found: &Beyond, action: &Action) -> bool {
    let told = |one: &wh_policy::changes::Difference| one.action == action.as_str();
    found.differences.iter().any(told)
        || found.unknown.iter().any(|one| one.starts_with(action.as_str()))
}

fn allowed(ways: &[Way<'_>], (action, resource, context): (&Action, &Arn, &Context)) -> bool {
    ways.iter().any(|way| {
        let Access { policies, subject, resource_account, .. } = way.access;
        let request = Request { subject, action, resource, resource_account, context };
        evaluate(&policies, &request).allowed()
    })
}

fn universe(person: usize) -> Result<Universe> {
    let mut all = Vec::new();
    for name in ACTIONS {
        let action = Action::parse(name)?;
        let of_bucket = name.contains("Bucket");
        for key in KEYS {
            let resource = if of_bucket { BUCKET.to_owned() } else { format!("{BUCKET}/{key}") };
            let resource = Arn::parse(&format!("arn:aws:s3:::{resource}"))?;
            let asked = HOWS.map(|how| {
                (action.clone(), resource.clone(), context(person, how, of_bucket.then_some(key)))
            });
            all.extend(asked);
        }
    }
    Ok(all)
}

/// Over TLS or not, and from where.
const HOWS: [(&str, &str); 3] =
    [("true", "10.1.2.3"), ("false", "10.1.2.3"), ("true", "192.0.2.7")];

fn context(person: usize, (tls, address): (&str, &str), prefix: Option<&str>) -> Context {
    let mut context = known(person);
    context.set("aws:SecureTransport", tls);
    context.set("aws:SourceIp", address);
    if let Some(prefix) = prefix {
        context.set("s3:prefix", prefix);
    }
    context
}

fn known(person: usize) -> Context {
    let mut known = Context::new();
    let uid = UIDS.get(person).copied().unwrap_or_default();
    known.set("aws:PrincipalTag/uid", uid);
    known.set("aws:SourceIdentity", uid);
    known
}

impl Held {
    fn way<'a>(
        &'a self,
        estate: &'a Estate,
        bucket: &'a BucketName,
        account: &'a AccountId,
    ) -> Way<'a> {
        let policies = PolicySet {
            identity: &self.identity,
            resource: Some(&estate.bucket),
            boundary: Some(&estate.boundary),
            session: Some(&self.session),
            ..PolicySet::default()
        };
        let (subject, known) = (&self.subject, &self.known);
        Way {
            bucket,
            access: Access { policies, subject, resource_account: account, known, absent: &[] },
        }
    }
}

fn ways(estate: &Estate, person: usize) -> Result<Vec<Held>> {
    let (account, partition) = (AccountId::parse(ACCOUNT)?, Partition::parse("aws")?);
    let uid = UIDS.get(person).copied().unwrap_or_default();
    let grants = estate.grants.get(person).map(Vec::as_slice).unwrap_or_default();
    let held =
        grants.iter().filter_map(|(role, prefix)| Some((*role, estate.roles.get(role)?, *prefix)));
    held.map(|(role, policy, prefix)| {
        let prefix = KeyPrefix::parse(&prefix.replace("${uid}", uid))?;
        let document = session_policy(&partition, &BucketName::parse(BUCKET)?, &prefix);
        let (name, session) =
            (RoleName::parse(role)?, RoleSessionName::parse(&format!("u-{uid}-any"))?);
        Ok(Held {
            subject: Subject::RoleSession {
                role_arn: Arn::role(&partition, &account, "/", &name),
                session_arn: Arn::assumed_role(&partition, &account, &name, &session),
            },
            identity: [policy.clone()],
            session: [NamedPolicy { name: "grant".to_owned(), document: Arc::new(document) }],
            known: known(person),
        })
    })
    .collect()
}

fn estate(dice: &mut Dice<'_>, apart: Apart) -> Estate {
    // Half of the time all have the same: whether policies tell them apart is asked of such persons.
    let same = dice.chance(50);
    let mut grants: Vec<Grants> = Vec::new();
    for _ in UIDS {
        let count = 1 + dice.below(3);
        let own = (0..count).map(|_| (dice.pick(&ROLES), dice.pick(&PREFIXES))).collect();
        grants.push(grants.first().filter(|_| same).cloned().unwrap_or(own));
    }
    let roles = ROLES.map(|name| (name, role(dice, apart)));
    let boundary = if dice.chance(70) {
        json!("s3:*")
    } else {
        json!(["s3:Get*", "s3:List*", "s3:PutObject"])
    };
    let boundary = json!([{"Effect": "Allow", "Action": boundary, "Resource": "*"}]);
    Estate {
        apart,
        roles: roles.into_iter().collect(),
        boundary: policy(&boundary, PolicyKind::Boundary),
        bucket: policy(&json!([bucket_statement(dice, apart)]), PolicyKind::Resource),
        grants,
    }
}

/// One role, one grant or the bucket is otherwise.
fn changed(dice: &mut Dice<'_>, before: &Estate) -> Estate {
    let apart = before.apart;
    let mut after = Estate {
        apart,
        roles: before.roles.clone(),
        boundary: before.boundary.clone(),
        bucket: before.bucket.clone(),
        grants: before.grants.clone(),
    };
    match dice.below(6) {
        0 => after.bucket = policy(&json!([bucket_statement(dice, apart)]), PolicyKind::Resource),
        1 => {
            let given = (dice.pick(&ROLES), dice.pick(&PREFIXES));
            after.grants.iter_mut().for_each(|grants| grants.push(given));
        }
        2 => after.grants.iter_mut().for_each(|grants| {
            let _last = grants.pop();
        }),
        _ => drop(after.roles.insert(dice.pick(&ROLES), role(dice, apart))),
    }
    after
}

fn role(dice: &mut Dice<'_>, apart: Apart) -> NamedPolicy {
    let count = 1 + dice.below(3);
    let statements: Vec<Value> = (0..count).map(|_| statement(dice, apart)).collect();
    policy(&json!(statements), PolicyKind::Identity)
}

fn statement(dice: &mut Dice<'_>, apart: Apart) -> Value {
    let effect = if dice.chance(20) { "Deny" } else { "Allow" };
    let (action, resource) = (
        if dice.chance(15) { "NotAction" } else { "Action" },
        if dice.chance(10) { "NotResource" } else { "Resource" },
    );
    let actions = [dice.pick(&PATTERNS), dice.pick(&PATTERNS)];
    let among = match apart {
        Apart::Nobody => RESOURCES_BLIND,
        Apart::Persons => RESOURCES.len(),
    };
    let among = RESOURCES.get(..among).unwrap_or_default();
    let resources = [dice.pick(among), dice.pick(among)];
    let mut one = json!({"Effect": effect, action: actions, resource: resources});
    if let (Some(condition), Some(members)) = (condition(dice, apart), one.as_object_mut()) {
        members.insert("Condition".to_owned(), condition);
    }
    one
}

fn condition(dice: &mut Dice<'_>, apart: Apart) -> Option<Value> {
    Some(match dice.below(9) {
        2..=4 if apart == Apart::Nobody => {
            json!({"StringLike": {"s3:prefix": ["shared/*", "team/*"]}})
        }
        0 => json!({"Bool": {"aws:SecureTransport": "true"}}),
        1 => json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        2 => json!({"StringLike": {"s3:prefix": ["shared/*", "home/01a*"]}}),
        3 => json!({"StringEquals": {"aws:PrincipalTag/uid": UIDS.first()}}),
        4 => json!({"StringNotLikeIfExists": {"s3:prefix": "${aws:SourceIdentity}/*"}}),
        _ => return None,
    })
}

fn bucket_statement(dice: &mut Dice<'_>, apart: Apart) -> Value {
    let all = ["arn:aws:s3:::files", "arn:aws:s3:::files/*"];
    match dice.below(4) {
        0 => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": all,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        1 if apart == Apart::Persons => {
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": all,
            "Condition": {"StringEquals": {"aws:SourceIdentity": UIDS.last()}}})
        }
        2 => json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::files/shared/*"}),
        _ => {
            json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/Reads")},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::files/team/*"})
        }
    }
}

fn policy(statements: &Value, kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = PolicyDocument::read_stored(&text, kind).into();
    NamedPolicy { name: "own".to_owned(), document }
}
