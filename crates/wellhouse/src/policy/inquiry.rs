//! Questions about all requests. A bucket's policy counts for the bucket alone and a role's trust for
//! the role, so each question is put once for every such place, and once for everywhere else.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use wh_policy::analysis::{Access, Answer, Requests, Witness};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::asked::{self, Keys};
use super::fitting::{self, Kinds};
use super::named::{self, each};
use super::principal::Principal;
use super::world::World;

/// Where requests are judged by the same policies.
#[derive(Debug)]
pub(crate) enum Place {
    /// A bucket and what is in it.
    Bucket(String),
    /// A role, which may be assumed.
    Role(String),
    /// Whatever has no policy of its own.
    Elsewhere,
}

/// The places of these worlds, those first that most questions are about.
pub(crate) fn places(worlds: &[&World]) -> Vec<Place> {
    let buckets: BTreeSet<&String> = worlds.iter().flat_map(|world| world.buckets.keys()).collect();
    let trusted = worlds.iter().flat_map(|world| &world.roles);
    let roles: BTreeSet<&String> =
        trusted.filter(|(_, role)| role.trust.is_some()).map(|(name, _)| name).collect();
    let buckets = buckets.into_iter().map(|bucket| Place::Bucket(bucket.clone()));
    let roles = roles.into_iter().map(|role| Place::Role(role.clone()));
    buckets.chain(roles).chain([Place::Elsewhere]).collect()
}

impl Place {
    /// The policy of the place.
    pub(crate) fn policy<'w>(&self, world: &'w World) -> Option<&'w NamedPolicy> {
        match self {
            Self::Bucket(bucket) => world.buckets.get(bucket),
            Self::Role(role) => world.roles.get(role)?.trust.as_ref(),
            Self::Elsewhere => None,
        }
    }

    /// What is there, in any of the worlds.
    fn arns(&self, worlds: &[&World]) -> BTreeSet<String> {
        let there = |world: &&World| match self {
            Self::Bucket(bucket) => asked::object_arns(&world.partition, bucket).to_vec(),
            Self::Role(role) => {
                world.roles.get(role).map(|role| role.arn.to_string()).into_iter().collect()
            }
            Self::Elsewhere => Vec::new(),
        };
        worlds.iter().flat_map(there).collect()
    }

    /// Denies what is not at this place: what is left of a set of requests is there.
    fn outside(&self, worlds: &[&World]) -> Value {
        let everything = json!({ "Effect": "Deny", "Action": "*" });
        let (element, arns) = match self {
            Self::Bucket(_) | Self::Role(_) => ("NotResource", self.arns(worlds)),
            Self::Elsewhere => {
                let others = places(worlds);
                let arns = others.iter().filter(|place| !matches!(place, Self::Elsewhere));
                ("Resource", arns.flat_map(|place| place.arns(worlds)).collect())
            }
        };
        let mut statement = everything;
        if let Some(members) = statement.as_object_mut() {
            members.insert(element.to_owned(), json!(arns));
        }
        statement
    }
}

/// A set of requests, as the statements of an identity policy describe it.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    document: Value,
}

impl Set {
    /// Every request.
    pub(crate) fn everything() -> Self {
        Self::of_statement(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
    }

    fn of_statement(statement: Value) -> Self {
        Self { document: json!({ "Version": "2012-10-17", "Statement": [statement] }) }
    }

    /// These actions on these resources, both patterns.
    pub(crate) fn of(world: &World, actions: &[String], resources: &[String]) -> Result<Self> {
        let first = actions.first().map(String::as_str).unwrap_or_default();
        let mut arns: Vec<String> = Vec::new();
        for written in resources {
            match asked::resources(world, first, written) {
                // What is not there is asked about as it is written; no role has such an ARN.
                none if none.is_empty() => arns.push(asked::resource(world, first, written)),
                found => arns.extend(found),
            }
        }
        let set = Self::of_statement(json!({
            "Effect": "Allow", "Action": actions, "Resource": arns,
        }));
        PolicyDocument::parse(&set.document.to_string(), PolicyKind::Identity)
            .map_err(|error| anyhow::anyhow!("{}", error.fault()))
            .context("--action or --resource")?;
        Ok(set)
    }

    /// What a document describes: the `Allow` statements match, and the `Deny` statements do not.
    pub(crate) fn described(text: &str) -> Result<Self> {
        PolicyDocument::parse(text, PolicyKind::Identity)?;
        let mut document: Value = serde_json::from_str(text)?;
        if let Some(statement) = document.get_mut("Statement").filter(|one| !one.is_array()) {
            *statement = json!([statement.take()]);
        }
        Ok(Self { document })
    }

    /// The actions and resources of its `Allow` statements.
    pub(crate) fn named(&self) -> [Vec<String>; 2] {
        let statements = self.document.get("Statement").map(each).unwrap_or_default();
        let allows = |one: &&&Value| one.get("Effect").and_then(Value::as_str) == Some("Allow");
        let allowing: Vec<&Value> = statements.iter().filter(allows).copied().collect();
        ["Action", "Resource"].map(|element| {
            let values = allowing.iter().flat_map(|one| match one.get(element) {
                Some(values) => each(values).into_iter().filter_map(Value::as_str).collect(),
                // What is said by exception is taken to be anything.
                None => vec!["*"],
            });
            values.map(str::to_owned).collect()
        })
    }

    /// The set as it is written.
    pub(crate) fn document(&self) -> PolicyDocument {
        PolicyDocument::read_stored(&self.document.to_string(), PolicyKind::Identity)
    }

    /// What is left of the set without what these statements match.
    fn but_not(&self, denials: Vec<Value>) -> Self {
        let mut set = self.clone();
        if let Some(Value::Array(statements)) = set.document.get_mut("Statement") {
            statements.extend(denials);
        }
        set
    }

    /// The requests whose resource is of a type that the action acts on.
    pub(crate) fn fitting(&self) -> Self {
        self.but_not(fitting::misfits(&self.kinds()))
    }

    fn kinds(&self) -> Kinds {
        let [actions, _] = self.named();
        Kinds::among(&actions)
    }

    /// Those of the requests that fit whose action and resource people know.
    pub(crate) fn telling(&self, world: &World) -> Self {
        let kinds = self.kinds();
        self.but_not(fitting::misfits(&kinds)).but_not(fitting::obscure(world, &kinds))
    }

    /// The requests with other actions.
    pub(crate) fn without(&self, actions: &[String]) -> Self {
        match actions {
            [] => self.clone(),
            actions => self.but_not(vec![json!({
                "Effect": "Deny", "Action": actions, "Resource": "*",
            })]),
        }
    }

    /// The requests that a principal can make at all: STS and IAM take none that is not signed, and
    /// one whom a provider vouches for can only assume a role with that.
    pub(crate) fn by(&self, principal: &Principal<'_>) -> Self {
        let denial = match principal.subject {
            Subject::Anonymous => json!({ "Action": ["sts:*", "iam:*"] }),
            Subject::Federated { .. } => json!({ "NotAction": fitting::FEDERATED }),
            Subject::Root { .. }
            | Subject::User { .. }
            | Subject::RoleSession { .. }
            | Subject::Role { .. }
            | Subject::Service { .. }
            | Subject::FederatedUser { .. } => return self.clone(),
        };
        let mut denial = denial;
        if let Some(members) = denial.as_object_mut() {
            members.insert("Effect".to_owned(), json!("Deny"));
            members.insert("Resource".to_owned(), json!("*"));
        }
        self.but_not(vec![denial])
    }

    /// The part of the set that is at a place.
    pub(crate) fn at(&self, place: &Place, worlds: &[&World]) -> PolicyDocument {
        let outside = place.outside(worlds);
        let mut document = self.document.clone();
        let nothing_is_outside = outside.get("Resource") == Some(&json!([]));
        if let Some(Value::Array(statements)) = document.get_mut("Statement")
            && !nothing_is_outside
        {
            statements.push(outside);
        }
        // Read as it is: with many places it may be larger than any policy that is stored.
        PolicyDocument::read_stored(&document.to_string(), PolicyKind::Identity)
    }
}

/// What is known of every request.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Known {
    #[command(flatten)]
    keys: Keys,
    /// A condition key that no request has, such as `aws:PrincipalTag/team`; `aws:PrincipalTag/*`
    /// is all of them
    #[arg(long, value_name = "KEY")]
    absent: Vec<String>,
}

impl Known {
    pub(crate) fn read(&self) -> Result<(Context, Vec<&str>)> {
        let absent = self.absent.iter().map(String::as_str).collect::<Vec<_>>();
        for key in absent.iter().filter(|key| !key.ends_with('*')) {
            asked::known("--absent", key)?;
        }
        let context = self.keys.read()?;
        asked::free_of_the_principal(&context)?;
        for (key, _) in context.iter() {
            let rules_out = |absent: &&&str| {
                let absent = absent.to_lowercase();
                absent.strip_suffix('*').map_or(absent == key, |start| key.starts_with(start))
            };
            if let Some(absent) = absent.iter().find(rules_out) {
                anyhow::bail!(
                    "`{key}` is given with --context and ruled out with --absent {absent}"
                );
            }
        }
        Ok((context, absent))
    }

    /// What was taken for granted, for reading.
    pub(crate) fn in_words(&self) -> Result<Vec<String>> {
        let (context, absent) = self.read()?;
        let mut lines = asked::in_words(&context);
        lines.extend(absent.iter().map(|key| format!("{key} is absent")));
        let keys = match lines.as_slice() {
            [] => "any condition key may have any value or be absent, persons' tags too".to_owned(),
            fixed => format!("{}; any other key may have any value or be absent", fixed.join("; ")),
        };
        let sessions = "a session for a grant may do less: its session policy is not looked at";
        Ok(vec![keys, sessions.to_owned()])
    }
}

/// What one principal may do at a place of a world.
pub(crate) fn access<'a>(
    world: &'a World,
    principal: &'a Principal<'a>,
    place: &Place,
    (known, absent): (&'a Context, &'a [&'a str]),
) -> Access<'a> {
    let policies = PolicySet {
        identity: principal.identity(),
        resource: place.policy(world),
        boundary: principal.role.and_then(|role| role.boundary.as_ref()),
        session: None,
        scps: None,
        rcps: None,
    };
    let (subject, resource_account): (&Subject, _) = (&principal.subject, &world.account);
    Access { policies, subject, resource_account, known, absent }
}

/// Puts a question for the part of a set at each place: a witness anywhere is a yes, and only a no
/// everywhere is a no.
pub(crate) fn everywhere(
    worlds: &[&World],
    set: &Set,
    mut ask: impl FnMut(&Place, &Requests<'_>) -> Option<Answer>,
) -> Answer {
    let mut sum = Answer::No;
    for place in places(worlds) {
        let part = set.at(&place, worlds);
        match ask(&place, &Requests::of(&part)) {
            None | Some(Answer::No) => {}
            Some(yes @ Answer::Yes(_)) => return yes,
            Some(unknown @ Answer::Unknown(_)) => sum = unknown,
        }
    }
    sum
}

/// How many actions are shown where more than one would do.
const EXAMPLES_MAX: usize = 5;

/// An answer, and further requests that show the same with other actions.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) answer: Answer,
    pub(crate) more: Vec<Witness>,
}

impl Shown {
    /// All requests that show it.
    pub(crate) fn witnesses(&self) -> impl Iterator<Item = &Witness> {
        let first = match &self.answer {
            Answer::Yes(witness) => Some(&**witness),
            Answer::No | Answer::Unknown(_) => None,
        };
        first.into_iter().chain(&self.more)
    }
}

/// Asks about a set, first about what people know: that shows more than a shorter request that
/// nobody makes.
pub(crate) fn shown(world: &World, set: &Set, mut ask: impl FnMut(&Set) -> Answer) -> Shown {
    let telling = set.telling(world);
    let mut answer = ask(&telling);
    if !matches!(answer, Answer::Yes(_)) {
        for wider in [set.fitting(), set.clone()] {
            answer = ask(&wider);
            if matches!(answer, Answer::Yes(_)) {
                break;
            }
        }
        return Shown { answer, more: Vec::new() };
    }
    let mut shown = Shown { answer, more: Vec::new() };
    while shown.more.len() + 1 < EXAMPLES_MAX {
        let seen: Vec<String> =
            shown.witnesses().map(|witness| witness.action.as_str().to_owned()).collect();
        let Answer::Yes(witness) = ask(&telling.without(&seen)) else { break };
        shown.more.push(*witness);
    }
    shown
}

/// Whoever may ask in a world: its roles, whom its trust and bucket policies name, and nobody.
pub(crate) fn principals(world: &World) -> Vec<Principal<'_>> {
    let roles = world.roles.iter().map(|(name, role)| Principal::of_role(name, role));
    let named = named::everybody(&[world]);
    let named = named.iter().filter_map(|who| who.principal(world));
    roles.chain(named).chain([Principal::anonymous()]).collect()
}

/// What the principals are taken to be allowed by policies that are not in the world.
pub(crate) fn taken<'p>(principals: impl Iterator<Item = &'p Principal<'p>>) -> Vec<String> {
    principals.filter_map(|principal| principal.assumed.clone()).collect()
}
